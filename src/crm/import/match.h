/* Who a row is about: by Habitué's own number where the name agrees and nothing else of the row
 * disagrees (as an export writes it), by external id, then phone, then e-mail (DESIGN 5). Over a
 * batch: asks the database for all keys at once, then remembers what the batch's own rows add, so
 * that two rows about one new customer are one customer.
 *
 * A customer found by phone or e-mail who has another external id is somebody else (couples share
 * phones): the row is about a new customer. Keys that lead to two different customers are a
 * conflict, unless a phone or e-mail is shared by several. Threads: one; inside one transaction. */
#pragma once
#include "../../db/db.h"
#include "row.h"

struct matcher;
/* Looks the keys of all good rows up. `a` and the rows must outlive the matcher. */
enum err must_use matcher_new(struct db_tx *tx, int64_t merchant_id, struct row *const *rows,
                              size_t n, struct arena *a, struct matcher **ret);
struct match {
    int64_t id;    /* 0: the row has no key */
    bool created;  /* `id` is new: this row makes the customer */
    bool conflict; /* then `id` and `other` are the two */
    int64_t other;
};
/* In the order of the file. Unless there is a conflict, the row's keys lead to `id` from now on. */
void matcher_find(struct matcher *m, const struct row_customer *c, struct match *ret);
