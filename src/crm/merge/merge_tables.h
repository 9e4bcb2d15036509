/* The tables whose rows belong to a customer, and what a merge does with them. For merge*.c and the
 * test that compares this list with the schema. */
#pragma once
#include "../../db/db.h"

/* A ledger: rows that are found by an id of their own. They move, and move back. */
struct merge_ledger {
    const char *table;
    const struct db_statement *note; /* NULL: another table's rows tell which they are */
    const struct db_statement *move, *back;
};
/* A set: the survivor gets copies of what it has not, the loser keeps its own. */
struct merge_set {
    const char *table;
    const struct db_statement *note, *copy, *hand_over, *drop;
};
extern const struct merge_ledger merge_ledgers[]; /* ends with {0} */
extern const struct merge_set merge_sets[];       /* ends with {0} */
/* Tables with a customer_id that a merge leaves alone or handles itself, each with its reason. */
struct merge_exempt {
    const char *table, *reason;
};
extern const struct merge_exempt merge_exempt[]; /* ends with {0} */
extern const struct db_statement *const merge_table_statements[];
