/* Ids of stores, sources, tags, categories and sizes by name, asked once and remembered over the batches
 * of an import. What a transaction made is forgotten when it is rolled back.
 * Threads: one at a time. Ownership: names_free(). */
#pragma once
#include "../../audience/audience.h"
#include "../../db/db.h"

struct names;
struct names *names_new(void);
void names_free(struct names **n);
/* First in each transaction: forgets what an earlier, failed one made. */
void names_begin(struct names *n);
/* After the commit. */
void names_commit(struct names *n);
/* kind WORD_STORE: a store, made if new; else a word. Empty names have the id 0. */
enum err must_use names_id(struct names *n, struct db_tx *tx, int64_t merchant_id,
                           enum word_kind kind, struct str name, int64_t *ret_id);
/* The stores (WORD_STORE) or words that this transaction made: for change_note. */
const int64_t *names_made(const struct names *n, bool stores, size_t *ret_n);
