/* The merchant's typologies as they are kept. Who changes them: src/crm/typology. */
#pragma once
#include "../app.h"

extern const struct db_statement *const audience_rules_statements[];
struct audience_rules {
    struct typology_set set;
    int64_t version; /* 0: nobody changed them yet */
};
/* Texts live in `a`. What is kept in a way that cannot be (by hand, say) is read as the defaults.
 */
enum err must_use audience_rules_read(struct db_tx *tx, int64_t merchant_id, int currency_decimals,
                                      struct arena *a, struct audience_rules *ret);
