/* What the staff added to the demo's customers: groups, favourites, second addresses, portraits.
 * Only to the first ones of a demo of some size; the small ones that tests make stay plain. */
#pragma once
#include "demo_person.h"

#define DEMO_BELONG_MIN 5000 /* customers of such a demo */

/* Before customer_apply(): a second address for some, that of the next one. */
void demo_belong_places(struct arena *a, int64_t from, struct customer_change *changes, size_t n);
/* Behind it. Makes the groups with the first batch. */
enum err must_use demo_belong(struct db_tx *tx, const struct demo_chain *chain, int64_t from,
                              const int64_t *ids, size_t n);
/* A face drawn from the number alone, as a JPEG; nobody's picture. Lives in `a`. */
struct str demo_portrait(struct arena *a, uint64_t number);
