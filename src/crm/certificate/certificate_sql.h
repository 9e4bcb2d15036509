#pragma once
#include "../batch.h"
#include "certificate.h"
extern const struct db_statement certificate_type_all, certificate_type_counts,
    certificate_type_one, certificate_type_add, certificate_type_change, certificate_type_remove,
    certificate_type_take, certificate_type_used, certificate_page, certificate_page_customer,
    certificate_one, certificate_code, certificate_add, certificate_set, certificate_change_all,
    certificate_change_add, certificate_count, certificate_living, certificate_promised;
