/* What the files of the tiers share. */
#pragma once
#include "tier.h"

/* The place of a name in a list that ends with NULL; 0 when it is none of them. */
int tier_name_index(const char *const *names, struct str name);
/* A job, unless one waits already. */
enum err must_use tier_job_wanted(struct db_tx *tx, int64_t merchant_id, int64_t staff_id);
/* What each of these has brought by day, by the measure: tier_measure.c. At most BATCH_KEYS ids,
 * ascending. */
enum err must_use tier_histories(struct db_tx *tx, int64_t merchant_id, const struct tier_rules *r,
                                 const int64_t *ids, size_t n, struct arena *a,
                                 struct tier_history *ret);
