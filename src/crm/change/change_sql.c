/* Every statement of the change feed. */
#include "change_sql.h"

const struct db_statement change_take = {
    "change_take",
    "UPDATE merchant SET change_seq = change_seq + $1 WHERE id = $2 RETURNING change_seq", "ii",
    "i"};

const struct db_statement change_add = {
    "change_add",
    "INSERT INTO change (merchant_id, seq, entity, entity_id) VALUES ($1, $2, $3, $4)", "iiti", ""};

const struct db_statement change_prune = {
    "change_prune", "DELETE FROM change WHERE merchant_id = $1 AND seq <= $2", "ii", ""};

const struct db_statement *const change_statements[] = {&change_take, &change_add, &change_prune,
                                                        NULL};
