/* Statements of the merges; those of the tables they move stand in merge_tables.c. */
#include "merge_sql.h"

const struct db_statement merge_add = {
    "merge_add",
    "INSERT INTO customer_merge (merchant_id, id, survivor_id, loser_id, before, after, staff_id,"
    " actor, made_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    "iiiittiti", ""};

#define VIEW                                                                                       \
    "SELECT m.id, m.survivor_id, m.loser_id, s.number, l.number, s.first_name, s.last_name,"       \
    " l.first_name, l.last_name, m.made_us, m.undone_us, m.actor, m.undone_by,"                    \
    " (SELECT COUNT(*) FROM merge_row r WHERE r.merchant_id = m.merchant_id AND r.merge_id = m.id" \
    " AND r.relation IN ('transactions', 'activity', 'consent', 'note', 'task'))"                  \
    " FROM customer_merge m"                                                                       \
    " JOIN customer s ON s.merchant_id = m.merchant_id AND s.id = m.survivor_id"                   \
    " JOIN customer l ON l.merchant_id = m.merchant_id AND l.id = m.loser_id"                      \
    " WHERE m.merchant_id = $1"
#define VIEW_TYPES "iiiiittttiitti"

const struct db_statement merge_one = {"merge_one", VIEW " AND m.id = $2", "ii", VIEW_TYPES};
const struct db_statement merge_page = {
    "merge_page", VIEW " AND m.id < $2 ORDER BY m.id DESC LIMIT $3", "iii", VIEW_TYPES};
const struct db_statement merge_page_of = {
    "merge_page_of",
    VIEW " AND (m.survivor_id = $2 OR m.loser_id = $2) AND m.id < $3 ORDER BY m.id DESC LIMIT $4",
    "iiii", VIEW_TYPES};

const struct db_statement merge_in_force_of = {
    "merge_in_force_of",
    "SELECT id, loser_id, before, after FROM customer_merge WHERE merchant_id = $1"
    " AND survivor_id = $2 AND undone_us IS NULL ORDER BY id",
    "ii", "iitt"};

const struct db_statement merge_in_force_count = {
    "merge_in_force_count",
    "SELECT COUNT(*) FROM customer_merge WHERE merchant_id = $1 AND survivor_id = $2"
    " AND undone_us IS NULL",
    "ii", "i"};

const struct db_statement merge_losers_of = {
    "merge_losers_of",
    "SELECT loser_id FROM customer_merge WHERE merchant_id = $1 AND survivor_id = $2"
    " AND undone_us IS NULL ORDER BY id",
    "ii", "i"};

const struct db_statement merge_remember = {
    "merge_remember",
    "UPDATE customer_merge SET before = $1, after = $2 WHERE merchant_id = $3 AND id = $4", "ttii",
    ""};

/* What was remembered is of no use any more. */
const struct db_statement merge_end = {
    "merge_end",
    "UPDATE customer_merge SET undone_us = $1, undone_by = $2, before = '{}', after = '{}'"
    " WHERE merchant_id = $3 AND id = $4",
    "itii", ""};

const struct db_statement merge_row_add = {
    "merge_row_add",
    "INSERT INTO merge_row (merchant_id, merge_id, relation, row_id) VALUES ($1, $2, $3, $4)",
    "iiti", ""};

const struct db_statement merge_rows_end = {
    "merge_rows_end", "DELETE FROM merge_row WHERE merchant_id = $1 AND merge_id = $2", "ii", ""};

const struct db_statement merge_rows_count = {
    "merge_rows_count",
    "SELECT relation, COUNT(*) FROM merge_row WHERE merchant_id = $1 AND merge_id = $2"
    " GROUP BY relation ORDER BY relation",
    "ii", "ti"};

const struct db_statement merge_lose = {
    "merge_lose",
    "UPDATE customer SET deleted_us = $1, merged_into = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4",
    "iiii", ""};

const struct db_statement merge_revive = {
    "merge_revive",
    "UPDATE customer SET deleted_us = NULL, merged_into = NULL, version = version + 1"
    " WHERE merchant_id = $1 AND id = $2",
    "ii", ""};

const struct db_statement merge_point = {
    "merge_point",
    "UPDATE customer SET merged_into = $1 WHERE merchant_id = $2 AND merged_into = $3", "iii", ""};

const struct db_statement merge_point_one = {
    "merge_point_one", "UPDATE customer SET merged_into = $1 WHERE merchant_id = $2 AND id = $3",
    "iii", ""};

const struct db_statement merge_acts_of = {
    "merge_acts_of",
    "SELECT id, channel, state, at_us, how FROM consent WHERE merchant_id = $1 AND customer_id = $2"
    " ORDER BY id",
    "ii", "ittit"};

const struct db_statement merge_act_made = {
    "merge_act_made",
    "INSERT INTO consent (merchant_id, customer_id, id, channel, state, at_us, recorded_us, how,"
    " staff_id) VALUES ($1, $2, $3, $4, $5, $6, $6, 'merge', $7)",
    "iiittii", ""};

const struct db_statement merge_external_of = {"merge_external_of",
                                               "SELECT number FROM customer WHERE merchant_id = $1 "
                                               "AND external_id = $2 AND deleted_us IS NULL",
                                               "it", "i"};

#define MADE(t)                                                                                    \
    "DELETE FROM " t " WHERE merchant_id = $1 AND customer_id = $2 AND id IN"                      \
    " (SELECT row_id FROM merge_row WHERE merchant_id = $1 AND merge_id = $3"                      \
    " AND relation = 'made_" t "')"

const struct db_statement merge_made_consents = {"merge_made_consents", MADE("consent"), "iii", ""};
const struct db_statement merge_made_activity = {"merge_made_activity", MADE("activity"), "iii",
                                                 ""};

const struct db_statement *const merge_statements[] = {
    &merge_add,           &merge_one,
    &merge_page,          &merge_page_of,
    &merge_in_force_of,   &merge_in_force_count,
    &merge_losers_of,     &merge_remember,
    &merge_end,           &merge_row_add,
    &merge_rows_end,      &merge_rows_count,
    &merge_lose,          &merge_revive,
    &merge_point,         &merge_point_one,
    &merge_acts_of,       &merge_act_made,
    &merge_external_of,   &merge_made_consents,
    &merge_made_activity, NULL,
};
