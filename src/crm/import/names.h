/* Ids of stores, sources, tags, categories, sizes and groups by name, asked once and remembered
 * over the batches of an import. What a transaction made is forgotten when it is rolled back.
 * Threads: one at a time. Ownership: import_names_free(). */
#pragma once
#include "../../audience/audience.h"
#include "../audit/audit.h"

struct import_names;
/* `by`: who makes the groups; its texts must live as long. */
struct import_names *import_names_new(const struct audit_actor *by);
void import_names_free(struct import_names **n);
/* First in each transaction: forgets what an earlier, failed one made. */
void import_names_begin(struct import_names *n);
/* After the commit. */
void import_names_commit(struct import_names *n);
/* kind WORD_STORE: a store, WORD_GROUP: a group, both made if new; else a word. Empty names have
 * the id 0. ERR_TOO_LARGE: there are as many stores or groups as there may be. */
enum err must_use import_names_id(struct import_names *n, struct db_tx *tx, int64_t merchant_id,
                                  enum word_kind kind, struct str name, int64_t *ret_id);
/* The stores (WORD_STORE) or words that this transaction made, up to 1,000: for change_note. One is
 * enough for the audiences, which read them all anew. Groups are noted when they are made. */
const int64_t *import_names_made(const struct import_names *n, bool stores, size_t *ret_n);
