/* Every statement of birthdays. */
#include "../batch.h"
#include "birthday_sql.h"

const struct db_statement birthday_rules_get = {
    "birthday_rules_get",
    "SELECT leap, automatic, points, messages, hour, days_ahead, done_until, version"
    " FROM birthday_rules WHERE merchant_id = $1",
    "i", "tiitiiii"};

/* From the index alone. */
const struct db_statement birthday_date_days = {
    "birthday_date_days",
    "SELECT day, customer_id FROM customer_date WHERE merchant_id = $1 AND month = $2"
    " AND day BETWEEN $3 AND $4",
    "iiii", "ii"};

const struct db_statement birthday_dates_of = {
    "birthday_dates_of",
    "SELECT customer_id, month, day, year, name FROM customer_date WHERE merchant_id = $1"
    " AND month = $2 AND day = $3 ORDER BY customer_id, position",
    "iii", "iiiit"};

const struct db_statement greeting_of = {
    "greeting_of",
    "SELECT g.customer_id, g.occasion, g.points, g.message, g.consents, g.at_us, s.name"
    " FROM greeting g LEFT JOIN staff s ON s.merchant_id = g.merchant_id AND s.id = g.staff_id"
    " WHERE g.merchant_id = $1 AND g.customer_id IN " BATCH_IN,
    BATCH_TYPES_I, "iiitiit"};

const struct db_statement *const birthday_statements[] = {
    &birthday_rules_get, &birthday_date_days, &birthday_dates_of, &greeting_of, NULL,
};
