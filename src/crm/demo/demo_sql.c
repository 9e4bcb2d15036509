/* Every statement of the demo. */
#include "demo_sql.h"

/* The first thing that happened to a merchant: who made it. */
const struct db_statement demo_first_act = {
    "demo_first_act", "SELECT action, detail FROM audit WHERE merchant_id = $1 ORDER BY id LIMIT 1",
    "i", "tt"};

const struct db_statement demo_next_number = {
    "demo_next_number", "SELECT next_number FROM merchant WHERE id = $1", "i", "i"};

const struct db_statement demo_date = {
    "demo_date",
    "INSERT INTO customer_date (merchant_id, customer_id, position, name, month, day, year)"
    " VALUES ($1, $2, 1, $3, $4, $5, $6)",
    "iitiii", ""};

const struct db_statement *const demo_statements[] = {&demo_first_act, &demo_next_number,
                                                      &demo_date, NULL};
