/* What loyalty brings beside earning and tiers: kinds of certificates, a stamp card, referrals,
 * greetings, points given and spent at the counter; and customers who have had some of it. All of
 * it through the features' own functions, drawn from the seed. */
#pragma once
#include "demo_person.h"

struct demo_loyal {
    struct demo_person person;
    int32_t bought; /* the day of the first purchase; DAY_NONE: never */
};
/* Once, with the chain. */
enum err must_use demo_loyalty_begin(struct db_tx *tx, int64_t merchant_id, int32_t today,
                                     struct problem *p);
/* Of a batch, after its history was added; the caller notes the change of the customers. */
enum err must_use demo_loyalty(struct db_tx *tx, const struct demo_chain *chain,
                               const struct demo_loyal *people, size_t n);
