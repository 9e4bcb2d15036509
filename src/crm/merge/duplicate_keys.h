/* The keys by which likely pairs are found, and the customers who have one in common. For
 * duplicate*.c only. Threads: one; inside one transaction. */
#pragma once
#include "../int_list.h"
#include "duplicate_score.h"

enum duplicate_kind {
    KEY_PRINT,   /* of everything compared: whether anything changed at all */
    KEY_MAILBOX, /* where it differs from the address */
    KEY_NAME,
    KEY_NAME_PLACE,
    KEY_BIRTH_LAST, /* birthday and the last name's initial */
    KEY_BIRTH_FIRST,
    KEY_HOME, /* street and postcode */
    KEY_KINDS
};
struct duplicate_key {
    int64_t kind, key;
};
#define DUPLICATE_KEYS_MAX (KEY_KINDS + 2 * CUSTOMER_CONTACTS_MAX)
/* Ascending, each once. */
size_t duplicate_keys_of(const struct duplicate_person *p,
                         struct duplicate_key ret[static DUPLICATE_KEYS_MAX]);

/* Reads the living among these, up to BATCH_KEYS ids; `ret` has room for `n`, by id. */
enum err must_use duplicate_people(struct db_tx *tx, int64_t merchant_id, const int64_t *ids,
                                   size_t n, struct arena *a, struct duplicate_person *ret,
                                   size_t *ret_n);
/* Keeps what is stored of the customer's keys; *ret_changed: anything was different. */
enum err must_use duplicate_keys_keep(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                      const struct duplicate_key *keys, size_t n,
                                      bool *ret_changed);
/* Everybody who shares a key that is not too common, each once, without the customer.
 * *ret_namesakes: how many have the same name, as far as they are counted. */
enum err must_use duplicate_sharing(struct db_tx *tx, int64_t merchant_id,
                                    const struct duplicate_person *p,
                                    const struct duplicate_key *keys, size_t n, struct arena *a,
                                    struct int_list *ret, int64_t *ret_namesakes);
extern const struct db_statement *const duplicate_key_statements[];
