/* Statements and names that the customer's own sources share. */
#pragma once
#include "../batch.h"
#include "customer.h"

/* customer_apply_sql.c */
extern const struct db_statement customer_by_external, customer_by_phone, customer_by_email,
    customer_rows, customer_contacts, customer_tags, customer_numbers, customer_insert,
    customer_update, customer_contacts_delete, customer_contact_insert, customer_tag_insert,
    customer_consent_insert;
enum { CUSTOMER_WRITE_COLUMNS = 29 }; /* that insert and update have in common, from $1 on */

/* customer_card_sql.c */
extern const struct db_statement customer_card, customer_card_contacts, customer_card_consents,
    customer_card_activity, customer_card_bought, customer_card_baskets, customer_favourite_add,
    customer_favourite_remove, customer_photo_ids, customer_card_addresses, customer_card_dates,
    customer_merged_into, customer_of_number;

enum { CONSENT_NAMES = 4 };
/* As stored and as told; index: the enums of audience.h. [0] of genders and devices is NULL. */
extern const char *const gender_names[4],
    *const device_names[5], *const consent_names[CONSENT_NAMES], *const channel_names[CHANNELS],
                                                                     *const typology_names[TYPES];
/* The index of a name, 0 when there is none. */
int name_index(const char *const *names, int n, struct str name);
