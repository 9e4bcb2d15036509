/* Statements of merging many pairs at once. */
#include "merge_run_sql.h"
#include "merge_run.h"

const struct db_statement merge_run_add = {
    "merge_run_add",
    "INSERT INTO merge_run (merchant_id, id, percent, pairs, staff_id, actor, job_id, made_us)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiiiitii", ""};

const struct db_statement merge_run_pair_add = {
    "merge_run_pair_add",
    "INSERT INTO merge_run_pair (merchant_id, run_id, place, survivor_id, loser_id, percent)"
    " VALUES ($1, $2, $3, $4, $5, $6)",
    "iiiiii", ""};

#define RUN                                                                                        \
    "SELECT id, percent, pairs, staff_id, actor, job_id, undo_job_id, undone_by, made_us"          \
    " FROM merge_run WHERE merchant_id = $1"
#define RUN_TYPES "iiiitiiti"

const struct db_statement merge_run_one = {"merge_run_one", RUN " AND id = $2", "ii", RUN_TYPES};
const struct db_statement merge_run_page = {
    "merge_run_page", RUN " AND id < $2 AND ($3 = 0 OR staff_id = $3) ORDER BY id DESC LIMIT $4",
    "iiii", RUN_TYPES};

const struct db_statement merge_run_counts_of = {
    "merge_run_counts_of",
    "SELECT outcome, back, COUNT(*) FROM merge_run_pair WHERE merchant_id = $1 AND run_id = $2"
    " GROUP BY outcome, back",
    "ii", "iii"};

const struct db_statement merge_run_next = {
    "merge_run_next",
    "SELECT place, survivor_id, loser_id, percent FROM merge_run_pair WHERE merchant_id = $1"
    " AND run_id = $2 AND place >= $3 AND outcome IS NULL ORDER BY place LIMIT 1",
    "iii", "iiii"};

const struct db_statement merge_run_next_back = {
    "merge_run_next_back",
    "SELECT place, merge_id FROM merge_run_pair WHERE merchant_id = $1 AND run_id = $2"
    " AND place <= $3 AND merge_id IS NOT NULL AND back IS NULL ORDER BY place DESC LIMIT 1",
    "iii", "ii"};

const struct db_statement merge_run_set = {
    "merge_run_set",
    "UPDATE merge_run_pair SET outcome = $1, merge_id = $2, reason = $3 WHERE merchant_id = $4"
    " AND run_id = $5 AND place = $6",
    "iitiii", ""};

const struct db_statement merge_run_set_back = {
    "merge_run_set_back",
    "UPDATE merge_run_pair SET back = $1, reason = $2 WHERE merchant_id = $3 AND run_id = $4"
    " AND place = $5",
    "itiii", ""};

const struct db_statement merge_run_set_undo = {
    "merge_run_set_undo",
    "UPDATE merge_run SET undo_job_id = $1, undone_by = $2 WHERE merchant_id = $3 AND id = $4",
    "itii", ""};

const struct db_statement merge_run_page_pairs = {
    "merge_run_page_pairs",
    "SELECT p.place, p.percent, p.outcome, p.back, p.reason, p.merge_id, p.survivor_id, s.number,"
    " s.first_name, s.last_name, p.loser_id, l.number, l.first_name, l.last_name"
    " FROM merge_run_pair p"
    " JOIN customer s ON s.merchant_id = p.merchant_id AND s.id = p.survivor_id"
    " JOIN customer l ON l.merchant_id = p.merchant_id AND l.id = p.loser_id"
    " WHERE p.merchant_id = $1 AND p.run_id = $2 AND p.place >= $3 AND ($4 < 0 OR p.outcome = $4)"
    " ORDER BY p.place LIMIT $5",
    "iiiii", "iiiitiiittiitt"};

const struct db_statement merge_run_pair_now = {
    "merge_run_pair_now",
    "SELECT score FROM duplicate_pair WHERE merchant_id = $1 AND a_id = $2 AND b_id = $3"
    " AND decided_us IS NULL",
    "iii", "i"};

const struct db_statement merge_run_customers = {
    "merge_run_customers",
    "SELECT deleted_us, merged_into FROM customer WHERE merchant_id = $1 AND id IN ($2, $3)"
    " ORDER BY id",
    "iii", "ii"};

const struct db_statement *const merge_run_statements[] = {
    &merge_run_add,        &merge_run_pair_add,
    &merge_run_one,        &merge_run_page,
    &merge_run_counts_of,  &merge_run_next,
    &merge_run_next_back,  &merge_run_set,
    &merge_run_set_back,   &merge_run_set_undo,
    &merge_run_page_pairs, &merge_run_pair_now,
    &merge_run_customers,  NULL};
