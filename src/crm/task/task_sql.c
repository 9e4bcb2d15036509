/* Every statement of the tasks. */
#include "task_sql.h"

#define TASK                                                                                       \
    "SELECT t.id, t.customer_id, t.assignee_id, t.staff_id, t.done_us, t.done_by, t.created_us,"   \
    " t.updated_us, t.version, t.due_day, t.text, s.name, a.name, d.name, t.deleted_us"            \
    " FROM task t"                                                                                 \
    " JOIN customer c ON c.merchant_id = t.merchant_id AND c.id = t.customer_id"                   \
    " AND c.deleted_us IS NULL"                                                                    \
    " JOIN staff s ON s.merchant_id = t.merchant_id AND s.id = t.staff_id"                         \
    " LEFT JOIN staff a ON a.merchant_id = t.merchant_id AND a.id = t.assignee_id"                 \
    " LEFT JOIN staff d ON d.merchant_id = t.merchant_id AND d.id = t.done_by"                     \
    " WHERE t.merchant_id = $1"
#define TYPES "iiiiiiiiiitttti"
#define OF                                                                                         \
    " AND ($2 = 0 OR t.customer_id = $2) AND ($3 = 0 OR t.assignee_id = $3)"                       \
    " AND t.deleted_us IS NULL"

const struct db_statement task_open = {
    "task_open",
    TASK OF " AND t.done_us IS NULL"
            " ORDER BY CASE WHEN t.due_day IS NULL THEN 1 ELSE 0 END, t.due_day, t.id LIMIT 500",
    "iii", TYPES};

const struct db_statement task_done = {
    "task_done", TASK OF " AND t.done_us IS NOT NULL ORDER BY t.done_us DESC, t.id DESC LIMIT 500",
    "iii", TYPES};

const struct db_statement task_one = {"task_one", TASK " AND t.customer_id = $2 AND t.id = $3",
                                      "iii", TYPES};

const struct db_statement task_counts = {
    "task_counts",
    "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN t.due_day <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT)"
    " FROM task t JOIN customer c ON c.merchant_id = t.merchant_id AND c.id = t.customer_id"
    " AND c.deleted_us IS NULL"
    " WHERE t.merchant_id = $2 AND t.assignee_id = $3 AND t.done_us IS NULL"
    " AND t.deleted_us IS NULL",
    "iii", "ii"};

const struct db_statement task_of_customer = {
    "task_of_customer",
    "SELECT COUNT(*) FROM task WHERE merchant_id = $1 AND customer_id = $2 AND done_us IS NULL"
    " AND deleted_us IS NULL",
    "ii", "i"};

const struct db_statement task_insert = {
    "task_insert",
    "INSERT INTO task (merchant_id, id, customer_id, text, due_day, assignee_id, staff_id,"
    " created_us, updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    "iiitiiii", ""};

const struct db_statement task_change = {
    "task_change",
    "UPDATE task SET text = $1, due_day = $2, assignee_id = $3, done_us = $4, done_by = $5,"
    " updated_us = $6, version = version + 1 WHERE merchant_id = $7 AND id = $8",
    "tiiiiiii", ""};

const struct db_statement task_remove = {
    "task_remove",
    "UPDATE task SET deleted_us = $1, version = version + 1 WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement *const task_statements[] = {
    &task_open,   &task_done,   &task_one,    &task_counts, &task_of_customer,
    &task_insert, &task_change, &task_remove, NULL,
};
