/* Further addresses and important dates that changes bring; for customer_apply.c only. */
#pragma once
#include "customer.h"

struct customer_lists;
/* Reads what those customers have of whom the changes bring any. Lives in `a`. */
enum err must_use customer_lists_load(struct db_tx *tx, int64_t merchant_id,
                                      const struct customer_change *changes, size_t n,
                                      struct arena *a, struct customer_lists **ret);
/* Whether the change brings one that is not there yet. */
bool customer_lists_apply(struct customer_lists *lists, const struct customer_change *said);
enum err must_use customer_lists_write(struct customer_lists *lists);
extern const struct db_statement customer_places_read, customer_dates_read, customer_place_insert,
    customer_date_insert, customer_by_number;
