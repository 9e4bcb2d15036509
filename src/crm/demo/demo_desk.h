/* What the demo's staff wrote down: notes on some of the customers, tasks on a few. */
#pragma once
#include "demo_person.h"
/* Of the customers number `from`…`to`-1 of the chain, with these ids; drawn from the seed alone. */
enum err must_use demo_desk(struct db_tx *tx, const struct demo_data *d,
                            const struct demo_chain *chain, int64_t from, const int64_t *ids,
                            size_t n);
