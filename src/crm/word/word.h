/* Sources, tags, categories, sizes: words that customers share, matched by their folded name. */
#pragma once
#include "../app.h"
extern const struct db_statement *const word_statements[];
extern const struct http_route word_routes[];
#define WORD_NAME_MAX 100 /* characters */
/* The word's id, made if new (then also noted in the change feed by the caller's change_note of
 * entity "word"; *ret_new tells). kind: WORD_SOURCE, WORD_TAG, WORD_CATEGORY, WORD_SIZE. */
enum err must_use word_id(struct db_tx *tx, int64_t merchant_id, enum word_kind kind,
                          struct str name, int64_t *ret_id, bool *ret_new);
const char *word_kind_name(enum word_kind kind);
