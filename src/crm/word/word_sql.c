/* Every statement of the words. */
#include "word_sql.h"

const struct db_statement word_find = {
    "word_find", "SELECT id FROM word WHERE merchant_id = $1 AND kind = $2 AND name_key = $3",
    "itt", "i"};

const struct db_statement word_next = {"word_next",
                                       "SELECT CAST(COALESCE(MAX(id), 0) + 1 AS BIGINT) FROM word "
                                       "WHERE merchant_id = $1 AND kind = $2",
                                       "it", "i"};

const struct db_statement word_add = {
    "word_add",
    "INSERT INTO word (merchant_id, kind, id, name, name_key) VALUES ($1, $2, $3, $4, $5)", "ititt",
    ""};

const struct db_statement word_starting = {
    "word_starting",
    "SELECT name FROM word WHERE merchant_id = $1 AND kind = $2 AND name_key LIKE $3"
    " ORDER BY name_key LIMIT 20",
    "itt", "t"};

const struct db_statement *const word_statements[] = {&word_find, &word_next, &word_add,
                                                      &word_starting, NULL};
