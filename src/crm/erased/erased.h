/* What is left of customers who were erased: that they were, under which number; and their phones
 * and e-mails, kept as HMACs (libsodium's crypto_auth: HMAC-SHA-512-256) under a key of the
 * merchant's: enough to see that an import brings somebody back who is not to be contacted, too
 * little to tell who it was. Threads: none of its own. */
#pragma once
#include "../app.h"

extern const struct db_statement *const erased_statements[];

struct erased_contact {
    bool email;           /* else a phone */
    struct str match_key; /* phone_match_key(), email_match_key() */
};
/* Remembers them; known ones stay. */
enum err must_use erased_add(struct db_tx *tx, int64_t merchant_id,
                             const struct erased_contact *contacts, size_t n);
/* Which of them belonged to somebody erased. `ret` has `n` places. One small read for a merchant
 * that never erased anybody. */
enum err must_use erased_find(struct db_tx *tx, int64_t merchant_id,
                              const struct erased_contact *contacts, size_t n, bool *ret);

struct erased_customer {
    int64_t number, at_us;
};
/* ERR_NOT_FOUND: this customer was not erased. */
enum err must_use erased_customer(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                  struct erased_customer *ret);
