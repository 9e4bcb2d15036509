/* Statements of the queue of likely pairs; those of its keys stand in duplicate_keys.c. */
#include "duplicate_sql.h"
#include "../batch.h"
#include "duplicate.h"

const struct db_statement duplicate_open_of = {
    "duplicate_open_of",
    "SELECT a_id, b_id FROM duplicate_pair WHERE merchant_id = $1 AND a_id IN " BATCH_IN
    " AND decided_us IS NULL"
    " UNION ALL SELECT a_id, b_id FROM duplicate_pair WHERE merchant_id = $1 AND b_id IN " BATCH_IN
    " AND decided_us IS NULL",
    BATCH_TYPES_I, "ii"};

const struct db_statement duplicate_drop = {
    "duplicate_drop",
    "DELETE FROM duplicate_pair WHERE merchant_id = $1 AND a_id = $2 AND b_id = $3"
    " AND decided_us IS NULL",
    "iii", ""};

/* What was said, and when it was found first, stays. */
const struct db_statement duplicate_put = {
    "duplicate_put",
    "INSERT INTO duplicate_pair (merchant_id, a_id, b_id, score, reasons, found_us)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (merchant_id, a_id, b_id)"
    " DO UPDATE SET score = excluded.score, reasons = excluded.reasons",
    "iiiiti", ""};

const struct db_statement duplicate_progress_put = {
    "duplicate_progress_put",
    "INSERT INTO duplicate_progress (merchant_id, seq, scan_after) VALUES ($1, $2, $3)"
    " ON CONFLICT (merchant_id) DO UPDATE SET seq = excluded.seq, scan_after = excluded.scan_after",
    "iii", ""};

const struct db_statement duplicate_ids_after = {
    "duplicate_ids_after",
    "SELECT id FROM customer WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3", "iii", "i"};

const struct db_statement duplicate_feed_oldest = {
    "duplicate_feed_oldest",
    "SELECT CAST(COALESCE(MIN(seq), 0) AS BIGINT) FROM change WHERE merchant_id = $1", "i", "i"};

const struct db_statement duplicate_feed = {
    "duplicate_feed",
    "SELECT seq, entity, entity_id FROM change WHERE merchant_id = $1 AND seq > $2 ORDER BY seq"
    " LIMIT $3",
    "iii", "iti"};

const struct db_statement duplicate_state = {
    "duplicate_state",
    "SELECT m.change_seq, p.seq, p.scan_after FROM merchant m LEFT JOIN duplicate_progress p"
    " ON p.merchant_id = m.id WHERE m.id = $1",
    "i", "iii"};

#define BEHIND                                                                                     \
    " FROM merchant m LEFT JOIN duplicate_progress p ON p.merchant_id = m.id"                      \
    " WHERE (p.seq IS NULL OR p.seq < m.change_seq OR p.scan_after IS NOT NULL)"

const struct db_statement duplicate_behind = {"duplicate_behind",
                                              "SELECT COUNT(*)" BEHIND " AND m.id = $1", "i", "i"};

#define IMPORTING(m)                                                                               \
    "(SELECT 1 FROM job j WHERE j.merchant_id = " m " AND j.kind = 'import'"                       \
    " AND j.finished_us IS NULL)"

/* While an import writes, it is left alone. */
const struct db_statement duplicate_all_behind = {
    "duplicate_all_behind",
    "SELECT m.id" BEHIND " AND NOT EXISTS " IMPORTING("m.id") " ORDER BY m.id", "", "i"};

const struct db_statement duplicate_importing = {
    "duplicate_importing",
    "SELECT COUNT(*) FROM merchant WHERE id = $1 AND EXISTS " IMPORTING("$1"), "i", "i"};

const struct db_statement duplicate_job_open = {
    "duplicate_job_open",
    "SELECT COUNT(*) FROM job WHERE merchant_id = $1 AND kind = '" DUPLICATE_JOB "'"
    " AND finished_us IS NULL",
    "i", "i"};

const struct db_statement duplicate_job_now = {
    "duplicate_job_now",
    "SELECT id, done, total FROM job WHERE merchant_id = $1 AND kind = '" DUPLICATE_JOB "'"
    " AND finished_us IS NULL ORDER BY id DESC LIMIT 1",
    "i", "iii"};

const struct db_statement duplicate_rest = {
    "duplicate_rest",
    "SELECT COUNT(*) FROM customer c WHERE c.merchant_id = $1 AND c.id >"
    " COALESCE((SELECT p.scan_after FROM duplicate_progress p WHERE p.merchant_id = $1), 0)",
    "i", "i"};

#define PAIR                                                                                       \
    "SELECT a_id, b_id, score, reasons, found_us, decided_us, decided_by FROM duplicate_pair"
#define PAIR_TYPES "iiitiit"
#define AFTER                                                                                      \
    " AND (score < $2 OR (score = $2 AND (a_id > $3 OR (a_id = $3 AND b_id > $4))))"               \
    " ORDER BY score DESC, a_id, b_id LIMIT $5"

const struct db_statement duplicate_page = {
    "duplicate_page", PAIR " WHERE merchant_id = $1 AND decided_us IS NULL" AFTER, "iiiii",
    PAIR_TYPES};
const struct db_statement duplicate_page_decided = {
    "duplicate_page_decided", PAIR " WHERE merchant_id = $1 AND decided_us IS NOT NULL" AFTER,
    "iiiii", PAIR_TYPES};
const struct db_statement duplicate_page_of = {
    "duplicate_page_of",
    PAIR " WHERE merchant_id = $1 AND decided_us IS NULL AND (a_id = $2 OR b_id = $2)"
         " ORDER BY score DESC, a_id, b_id LIMIT $3",
    "iii", PAIR_TYPES};

const struct db_statement duplicate_count = {
    "duplicate_count",
    "SELECT COUNT(*) FROM duplicate_pair WHERE merchant_id = $1 AND decided_us IS NULL"
    " AND score >= $2",
    "ii", "i"};

const struct db_statement duplicate_say = {
    "duplicate_say",
    "UPDATE duplicate_pair SET decided_us = $1, decided_by = $2"
    " WHERE merchant_id = $3 AND a_id = $4 AND b_id = $5",
    "itiii", ""};

const struct db_statement *const duplicate_statements[] = {
    &duplicate_open_of,   &duplicate_drop,       &duplicate_put,       &duplicate_progress_put,
    &duplicate_ids_after, &duplicate_feed,       &duplicate_state,     &duplicate_feed_oldest,
    &duplicate_behind,    &duplicate_all_behind, &duplicate_importing, &duplicate_job_open,
    &duplicate_job_now,   &duplicate_rest,       &duplicate_page,      &duplicate_page_decided,
    &duplicate_page_of,   &duplicate_count,      &duplicate_say,       NULL,
};
