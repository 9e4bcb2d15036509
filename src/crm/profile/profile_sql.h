#pragma once
#include "profile.h"

extern const struct db_statement profile_row, profile_contacts, profile_addresses, profile_dates,
    profile_update, profile_contacts_delete, profile_contact_add, profile_addresses_delete,
    profile_address_add, profile_dates_delete, profile_date_add, profile_remove, profile_back,
    profile_deleted_row, profile_external_other, profile_same, profile_tags_of, profile_tag_add,
    profile_tag_remove, profile_touch, profile_tag_find;
