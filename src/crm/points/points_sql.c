/* Every statement of the ledger. */
#include "points_sql.h"

const struct db_statement points_customer = {
    "points_customer",
    "SELECT COUNT(*) FROM customer WHERE merchant_id = $1 AND id = $2 AND deleted_us IS NULL", "ii",
    "i"};

const struct db_statement points_accounts = {
    "points_accounts",
    "SELECT id, balance, entries, hash FROM points_account WHERE merchant_id = $1"
    " AND customer_id = $2 ORDER BY id",
    "ii", "iiib"};

const struct db_statement points_account_open = {
    "points_account_open",
    "INSERT INTO points_account (merchant_id, id, customer_id, balance, entries, hash)"
    " VALUES ($1, $2, $2, 0, 0, $3) ON CONFLICT (merchant_id, id) DO NOTHING",
    "iib", ""};

/* Nobody else wrote to it meanwhile. */
const struct db_statement points_account_move = {
    "points_account_move",
    "UPDATE points_account SET balance = $1, entries = $2, hash = $3 WHERE merchant_id = $4"
    " AND id = $5 AND entries = $2 - 1",
    "iibii", ""};

/* ---- entries ---- */

/* Nothing inserted: somebody was there first. (PostgreSQL then runs the transaction again.) */
const struct db_statement points_entry_add = {
    "points_entry_add",
    "INSERT INTO points_entry (merchant_id, id, posting_id, account_id, place, customer_id, amount,"
    " balance, total, kind, reason, message, salt, text_hash, store_id, staff_id, transaction_id,"
    " cites_id, day, at_us, expires_day, usable_day, idempotency, hash) VALUES ($1, $2, $3, $4, $5,"
    " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) "
    "ON CONFLICT DO NOTHING",
    "iiiiiiiiitttbbiiiiiiiitb", ""};

/* `reversed`: a reversal cites the first entry of a posting, or the first that a customer has of
 * it. */
#define ENTRY                                                                                      \
    "SELECT e.id, e.posting_id, e.account_id, e.place, e.customer_id, e.amount, e.balance,"        \
    " e.total, e.kind, e.reason, e.message, e.store_id, e.staff_id, e.transaction_id, e.cites_id," \
    " e.day, e.at_us, e.expires_day, e.usable_day, s.name, (SELECT COUNT(*) FROM points_entry r"   \
    " WHERE r.merchant_id = e.merchant_id AND r.kind = 'reversal'"                                 \
    " AND (r.cites_id = e.id OR r.cites_id = e.posting_id)) FROM points_entry e"                   \
    " LEFT JOIN staff s ON s.merchant_id = e.merchant_id AND s.id = e.staff_id"                    \
    " WHERE e.merchant_id = $1"
#define ENTRY_TYPES "iiiiiiiitttiiiiiiiiti"

const struct db_statement points_entry_by_key = {
    "points_entry_by_key", ENTRY " AND e.idempotency = $2", "it", ENTRY_TYPES};
const struct db_statement points_entry_by_id = {"points_entry_by_id", ENTRY " AND e.id = $2", "ii",
                                                ENTRY_TYPES};

/* The parts of a posting in the accounts that a customer has now. */
const struct db_statement points_entry_parts = {
    "points_entry_parts", ENTRY " AND e.posting_id = $2 AND e.customer_id = $3 ORDER BY e.id",
    "iii", ENTRY_TYPES};

const struct db_statement points_posting_sum = {
    "points_posting_sum",
    "SELECT CAST(SUM(amount) AS BIGINT) FROM points_entry WHERE merchant_id = $1"
    " AND posting_id = $2",
    "ii", "i"};

const struct db_statement points_entry_reversed = {
    "points_entry_reversed",
    "SELECT COUNT(*) FROM points_entry WHERE merchant_id = $1 AND cites_id = $2"
    " AND kind = 'reversal'",
    "ii", "i"};

const struct db_statement points_entries = {
    "points_entries", ENTRY " AND e.customer_id = $2 AND e.id < $3 ORDER BY e.id DESC LIMIT $4",
    "iiii", ENTRY_TYPES};
const struct db_statement points_entries_came = {
    "points_entries_came",
    ENTRY " AND e.customer_id = $2 AND e.id < $3 AND e.amount > 0 ORDER BY e.id DESC LIMIT $4",
    "iiii", ENTRY_TYPES};
const struct db_statement points_entries_went = {
    "points_entries_went",
    ENTRY " AND e.customer_id = $2 AND e.id < $3 AND e.amount < 0 ORDER BY e.id DESC LIMIT $4",
    "iiii", ENTRY_TYPES};
const struct db_statement points_latest_entries = {
    "points_latest_entries", ENTRY " ORDER BY e.id DESC LIMIT $2", "ii", ENTRY_TYPES};
const struct db_statement points_entries_kind = {
    "points_entries_kind",
    ENTRY " AND e.customer_id = $2 AND e.id < $3 AND e.kind = $4 ORDER BY e.id DESC LIMIT $5",
    "iiiti", ENTRY_TYPES};

/* ---- lots ---- */

const struct db_statement points_lot_add = {
    "points_lot_add",
    "INSERT INTO points_lot (merchant_id, id, account_id, customer_id, amount, remaining, expired,"
    " taken_back, expires_day, usable_day) VALUES ($1, $2, $3, $4, $5, $5, 0, 0, $6, $7)",
    "iiiiiii", ""};

const struct db_statement points_lots_left = {
    "points_lots_left",
    "SELECT id, account_id, remaining, usable_day FROM points_lot WHERE merchant_id = $1"
    " AND customer_id = $2 AND remaining > 0 ORDER BY expires_day, id",
    "ii", "iiii"};

const struct db_statement points_lots_due = {
    "points_lots_due",
    "SELECT id, account_id, remaining, expires_day FROM points_lot WHERE merchant_id = $1"
    " AND customer_id = $2 AND remaining > 0 AND expires_day < $3 ORDER BY expires_day, id",
    "iii", "iiii"};

const struct db_statement points_lot_one = {
    "points_lot_one",
    "SELECT id, account_id, amount, remaining, expired, taken_back FROM points_lot"
    " WHERE merchant_id = $1 AND id = $2",
    "ii", "iiiiii"};

const struct db_statement points_lots_of_purchase = {
    "points_lots_of_purchase",
    "SELECT l.id, l.account_id, l.amount, l.remaining, l.expired, l.taken_back, l.customer_id"
    " FROM points_entry e JOIN points_lot l ON l.merchant_id = e.merchant_id AND l.id = e.id"
    " WHERE e.merchant_id = $1 AND e.transaction_id = $2 AND e.kind IN ('purchase', 'visit')"
    " ORDER BY l.id",
    "ii", "iiiiiii"};

const struct db_statement points_lot_draw = {
    "points_lot_draw",
    "UPDATE points_lot SET remaining = remaining - $1, expired = expired + $2"
    " WHERE merchant_id = $3 AND id = $4 AND remaining >= $1 AND remaining - $1 <= amount",
    "iiii", ""};

const struct db_statement points_lot_take_back = {
    "points_lot_take_back",
    "UPDATE points_lot SET taken_back = taken_back + $1 WHERE merchant_id = $2 AND id = $3", "iii",
    ""};

const struct db_statement points_draw_add = {
    "points_draw_add",
    "INSERT INTO points_draw (merchant_id, entry_id, lot_id, amount) VALUES ($1, $2, $3, $4)",
    "iiii", ""};

const struct db_statement points_draws_of = {
    "points_draws_of",
    "SELECT d.lot_id, l.account_id, d.amount FROM points_draw d JOIN points_lot l"
    " ON l.merchant_id = d.merchant_id AND l.id = d.lot_id WHERE d.merchant_id = $1"
    " AND d.entry_id = $2 ORDER BY d.lot_id",
    "ii", "iii"};

/* ---- returns ---- */

const struct db_statement points_returned = {
    "points_returned",
    "SELECT CAST(COALESCE(SUM(returned_minor), 0) AS BIGINT),"
    " CAST(COALESCE(SUM(CASE WHEN return_id = $1 THEN returned_minor ELSE 0 END), 0) AS BIGINT)"
    " FROM points_return WHERE merchant_id = $2 AND lot_id = $3",
    "iii", "ii"};

const struct db_statement points_return_put = {
    "points_return_put",
    "INSERT INTO points_return (merchant_id, lot_id, return_id, returned_minor)"
    " VALUES ($1, $2, $3, $4) ON CONFLICT (merchant_id, lot_id, return_id)"
    " DO UPDATE SET returned_minor = excluded.returned_minor",
    "iiii", ""};

/* ---- reading ---- */

const struct db_statement points_left = {
    "points_left",
    "SELECT CAST(COALESCE(SUM(remaining), 0) AS BIGINT),"
    " CAST(COALESCE(SUM(CASE WHEN usable_day <= $1 THEN remaining ELSE 0 END), 0) AS BIGINT),"
    " MIN(CASE WHEN usable_day > $1 THEN usable_day END), MIN(expires_day)"
    " FROM points_lot WHERE merchant_id = $2 AND customer_id = $3 AND remaining > 0"
    " AND expires_day >= $1",
    "iii", "iiii"};

const struct db_statement points_left_until = {
    "points_left_until",
    "SELECT CAST(COALESCE(SUM(remaining), 0) AS BIGINT) FROM points_lot WHERE merchant_id = $1"
    " AND customer_id = $2 AND remaining > 0 AND expires_day = $3",
    "iii", "i"};

const struct db_statement points_sum_on = {
    "points_sum_on",
    "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM points_entry WHERE merchant_id = $1"
    " AND customer_id = $2 AND day <= $3",
    "iii", "i"};

const struct db_statement points_sum_earned = {
    "points_sum_earned",
    "SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT)" POINTS_EARNED_FROM
    " WHERE e.merchant_id = $1 AND e.customer_id = $2 AND " POINTS_EARNED_DAY
    " >= $3 AND " POINTS_EARNED_DAY " <= $4" POINTS_EARNED,
    "iiii", "i"};

/* ---- the policy ---- */

const struct db_statement points_policy_get = {
    "points_policy_get",
    "SELECT expiry, expiry_count, locked_days, worth_points, worth_minor, updated_us, version"
    " FROM points_policy WHERE merchant_id = $1",
    "i", "tiiiiii"};

const struct db_statement points_policy_put = {
    "points_policy_put",
    "INSERT INTO points_policy (merchant_id, expiry, expiry_count, locked_days, worth_points,"
    " worth_minor, updated_us, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (merchant_id) DO UPDATE SET expiry = excluded.expiry,"
    " expiry_count = excluded.expiry_count, locked_days = excluded.locked_days,"
    " worth_points = excluded.worth_points, worth_minor = excluded.worth_minor,"
    " updated_us = excluded.updated_us, version = excluded.version",
    "itiiiiii", ""};

/* ---- what the merchant owes ---- */

const struct db_statement points_owed = {
    "points_owed",
    "SELECT day, kind, CAST(SUM(amount) AS BIGINT) FROM points_entry WHERE merchant_id = $1"
    " AND day <= $2 GROUP BY day, kind ORDER BY day, kind",
    "ii", "iti"};

const struct db_statement points_expiring = {
    "points_expiring",
    "SELECT expires_day, CAST(SUM(remaining) AS BIGINT) FROM points_lot WHERE merchant_id = $1"
    " AND remaining > 0 AND expires_day >= $2 AND expires_day <= $3 GROUP BY expires_day"
    " ORDER BY expires_day",
    "iii", "ii"};

const struct db_statement points_holders = {
    "points_holders",
    "SELECT COUNT(DISTINCT customer_id) FROM points_account WHERE merchant_id = $1 AND balance > 0",
    "i", "i"};

/* ---- the nightly work ---- */

const struct db_statement points_due = {
    "points_due",
    "SELECT DISTINCT customer_id FROM points_lot WHERE merchant_id = $1 AND remaining > 0"
    " AND expires_day < $2 AND customer_id > $3 ORDER BY customer_id LIMIT $4",
    "iiii", "i"};

const struct db_statement points_check_entries = {
    "points_check_entries",
    "SELECT e.id, e.posting_id, e.account_id, e.place, e.customer_id, e.amount, e.balance, e.total,"
    " e.kind, e.reason, e.message, e.store_id, e.staff_id, e.transaction_id, e.cites_id, e.day,"
    " e.at_us, e.expires_day, e.usable_day, e.idempotency, e.salt, e.text_hash, e.hash,"
    " CAST(COALESCE((SELECT SUM(d.amount) FROM points_draw d WHERE d.merchant_id = e.merchant_id"
    " AND d.entry_id = e.id), 0) AS BIGINT) FROM points_entry e WHERE e.merchant_id = $1"
    " ORDER BY e.account_id, e.place",
    "i", "iiiiiiiitttiiiiiiiitbbbi"};

const struct db_statement points_check_accounts = {
    "points_check_accounts",
    "SELECT a.id, a.customer_id, a.balance, a.entries, a.hash,"
    " CAST(COALESCE((SELECT SUM(l.remaining) FROM points_lot l WHERE l.merchant_id = a.merchant_id"
    " AND l.account_id = a.id), 0) AS BIGINT) FROM points_account a WHERE a.merchant_id = $1"
    " ORDER BY a.id",
    "i", "iiiibi"};

/* Lots that do not follow from their entries and the draws from them. */
const struct db_statement points_check_lots = {
    "points_check_lots",
    "SELECT l.customer_id FROM points_lot l JOIN points_entry e ON e.merchant_id = l.merchant_id"
    " AND e.id = l.id WHERE l.merchant_id = $1 AND (l.amount <> e.amount"
    " OR l.account_id <> e.account_id OR l.customer_id <> e.customer_id OR e.expires_day IS NULL"
    " OR l.expires_day <> e.expires_day OR l.usable_day <> e.usable_day OR l.remaining < 0"
    " OR l.expired < 0 OR l.taken_back < 0"
    " OR l.remaining + COALESCE((SELECT SUM(d.amount) FROM points_draw d"
    " WHERE d.merchant_id = l.merchant_id AND d.lot_id = l.id), 0) <> l.amount)",
    "i", "i"};

/* What came and has no lot. */
const struct db_statement points_check_lost = {
    "points_check_lost",
    "SELECT e.customer_id FROM points_entry e WHERE e.merchant_id = $1"
    " AND e.expires_day IS NOT NULL AND NOT EXISTS (SELECT 1 FROM points_lot l"
    " WHERE l.merchant_id = e.merchant_id AND l.id = e.id)",
    "i", "i"};

/* ---- the seal ---- */

const struct db_statement points_sealed_all = {
    "points_sealed_all",
    "SELECT account_id, seal, entries, balance, hash, before_entries, before_balance, before_hash"
    " FROM points_sealed WHERE merchant_id = $1 ORDER BY account_id",
    "i", "iiiibiib"};

/* A chain may only grow. What stood under an earlier seal is kept beside it until that one is put
 * on. */
const struct db_statement points_sealed_put = {
    "points_sealed_put",
    "INSERT INTO points_sealed (merchant_id, account_id, seal, entries, balance, hash)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (merchant_id, account_id) DO UPDATE SET"
    " before_entries = CASE WHEN points_sealed.seal < excluded.seal"
    " THEN points_sealed.entries ELSE points_sealed.before_entries END,"
    " before_balance = CASE WHEN points_sealed.seal < excluded.seal"
    " THEN points_sealed.balance ELSE points_sealed.before_balance END,"
    " before_hash = CASE WHEN points_sealed.seal < excluded.seal"
    " THEN points_sealed.hash ELSE points_sealed.before_hash END,"
    " seal = excluded.seal, entries = excluded.entries, balance = excluded.balance,"
    " hash = excluded.hash WHERE points_sealed.entries < excluded.entries",
    "iiiiib", ""};

const struct db_statement points_sealed_drop = {
    "points_sealed_drop", "DELETE FROM points_sealed WHERE merchant_id = $1", "i", ""};

const struct db_statement points_seals_drop = {
    "points_seals_drop", "DELETE FROM points_seal WHERE merchant_id = $1", "i", ""};

/* Accounts that have grown, in the order of their ids: those that end as they say, and still have
 * what was sealed of them. The others stay as they were sealed, so that they go on being told. */
const struct db_statement points_grown = {
    "points_grown",
    "SELECT a.id, a.entries, a.balance, a.hash FROM points_account a JOIN points_entry e"
    " ON e.merchant_id = a.merchant_id AND e.account_id = a.id AND e.place = a.entries"
    " AND e.hash = a.hash LEFT JOIN points_sealed s ON s.merchant_id = a.merchant_id"
    " AND s.account_id = a.id LEFT JOIN points_entry o ON o.merchant_id = s.merchant_id"
    " AND o.account_id = s.account_id AND o.place = s.entries WHERE a.merchant_id = $1"
    " AND a.id > $2 AND (s.account_id IS NULL OR a.entries > s.entries AND o.hash = s.hash)"
    " ORDER BY a.id LIMIT $3",
    "iii", "iiib"};

const struct db_statement points_seals = {
    "points_seals",
    "SELECT place, at_us, accounts, entries, points, digest, hash FROM points_seal"
    " WHERE merchant_id = $1 ORDER BY place",
    "i", "iiiiibb"};

const struct db_statement points_seal_put = {
    "points_seal_put",
    "INSERT INTO points_seal (merchant_id, place, at_us, accounts, entries, points, digest, hash)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiiiiibb", ""};

const struct db_statement *const points_statements[] = {
    &points_customer,       &points_accounts,       &points_account_open, &points_account_move,
    &points_entry_add,      &points_entry_by_key,   &points_entry_by_id,  &points_entry_parts,
    &points_entry_reversed, &points_posting_sum,    &points_entries,      &points_latest_entries,
    &points_entries_kind,   &points_lot_add,        &points_entries_came, &points_entries_went,
    &points_lots_left,      &points_lots_due,       &points_lot_one,      &points_lots_of_purchase,
    &points_lot_draw,       &points_lot_take_back,  &points_draw_add,     &points_draws_of,
    &points_returned,       &points_return_put,     &points_left,         &points_left_until,
    &points_sum_on,         &points_sum_earned,     &points_policy_get,   &points_policy_put,
    &points_owed,           &points_expiring,       &points_holders,      &points_due,
    &points_check_entries,  &points_check_accounts, &points_check_lots,   &points_check_lost,
    &points_sealed_all,     &points_sealed_put,     &points_sealed_drop,  &points_grown,
    &points_seals,          &points_seal_put,       &points_seals_drop,   NULL,
};
