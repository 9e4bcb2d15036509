#include "import_sql.h"
#include "import.h"
#include "../batch.h"

#define COLUMNS                                                                                    \
    "id, kind, file_name, file_bytes, file_hash, mapping, state, staff_id, byte_offset, line, "    \
    "report, "                                                                                     \
    "created_us, finished_us"
#define COLUMN_TYPES "ittibttiiitii"

const struct db_statement import_insert = {
    "import_insert",
    "INSERT INTO import (merchant_id, id, kind, file_name, file_bytes, file_hash, mapping, state, "
    "staff_id, "
    "report, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    "iittibttiti", ""};
const struct db_statement import_by_id = {
    "import_by_id", "SELECT " COLUMNS " FROM import WHERE merchant_id = $1 AND id = $2", "ii",
    COLUMN_TYPES};
const struct db_statement import_unfinished = {
    "import_unfinished",
    "SELECT id FROM import WHERE merchant_id = $1 AND kind = $2 AND file_hash = $3 AND mapping = "
    "$4 "
    "AND (state = 'running' OR (state IN ('failed', 'canceled') AND byte_offset > 0)) "
    "ORDER BY id DESC LIMIT 1",
    "itbt", "i"};
/* Only from where this process believes it stands: two cannot run one import. */
const struct db_statement import_advance = {
    "import_advance",
    "UPDATE import SET byte_offset = $1, line = $2, report = $3, state = 'running' "
    "WHERE merchant_id = $4 AND id = $5 AND byte_offset = $6 AND state <> 'done'",
    "iitiii", ""};
const struct db_statement import_set_reading = {
    "import_set_reading",
    "UPDATE import SET mapping = $1 WHERE merchant_id = $2 AND id = $3 AND state = 'uploaded'",
    "tii", ""};
const struct db_statement import_set_state = {
    "import_set_state",
    "UPDATE import SET state = $1, finished_us = $2 WHERE merchant_id = $3 AND id = $4", "tiii",
    ""};
const struct db_statement import_list = {
    "import_list",
    "SELECT " COLUMNS " FROM import WHERE merchant_id = $1 AND id < $2 AND state <> 'receiving' "
    "ORDER BY id DESC LIMIT $3",
    "iii", COLUMN_TYPES};
const struct db_statement import_delete = {
    "import_delete", "DELETE FROM import WHERE merchant_id = $1 AND id = $2", "ii", ""};
const struct db_statement import_received = {
    "import_received",
    "UPDATE import SET file_bytes = $1, file_hash = $2, mapping = $3, state = 'uploaded' "
    "WHERE merchant_id = $4 AND id = $5",
    "ibtii", ""};
const struct db_statement import_stale = {
    "import_stale",
    "SELECT id FROM import WHERE merchant_id = $1 AND state = 'receiving' AND created_us < $2",
    "ii", "i"};
const struct db_statement import_chunk_insert = {
    "import_chunk_insert",
    "INSERT INTO import_chunk (merchant_id, import_id, position, bytes) VALUES ($1, $2, $3, $4)",
    "iiib", ""};
const struct db_statement import_chunk_at = {
    "import_chunk_at",
    "SELECT bytes FROM import_chunk WHERE merchant_id = $1 AND import_id = $2 AND position = $3",
    "iii", "b"};
const struct db_statement import_chunks_delete = {
    "import_chunks_delete",
    "DELETE FROM import_chunk WHERE merchant_id = $1 AND import_id = $2 AND position < $3", "iii",
    ""};
const struct db_statement import_bytes = {
    "import_bytes",
    "SELECT CAST(COALESCE(MAX(position), 0) AS BIGINT) FROM import_chunk "
    "WHERE merchant_id = $1 AND import_id = $2",
    "ii", "i"};
const struct db_statement import_rejection_insert = {
    "import_rejection_insert",
    "INSERT INTO import_rejection (merchant_id, import_id, line, code, field, args, record) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiitttt", ""};
const struct db_statement import_rejection_count = {
    "import_rejection_count",
    "SELECT COUNT(*) FROM import_rejection WHERE merchant_id = $1 AND import_id = $2", "ii", "i"};
const struct db_statement import_rejections = {
    "import_rejections",
    "SELECT line, code, field, args, record FROM import_rejection "
    "WHERE merchant_id = $1 AND import_id = $2 AND line > $3 ORDER BY line LIMIT 500",
    "iii", "itttt"};
const struct db_statement import_rejections_delete = {
    "import_rejections_delete",
    "DELETE FROM import_rejection WHERE merchant_id = $1 AND import_id = $2 AND line < $3", "iii",
    ""};
const struct db_statement import_customer_number = {
    "import_customer_number", "SELECT number FROM customer WHERE merchant_id = $1 AND id = $2",
    "ii", "i"};
/* Lines of these invoices that came otherwise than by this import. */
const struct db_statement import_known_lines = {
    "import_known_lines",
    "SELECT t.identity, t.customer_id, l.product_code, l.product, l.quantity_milli, l.amount_minor "
    "FROM transactions t JOIN transaction_line l ON l.merchant_id = t.merchant_id AND "
    "l.transaction_id = t.id "
    "WHERE t.merchant_id = $1 AND t.identity IN " BATCH_IN
    " AND (t.import_id IS NULL OR t.import_id <> $66) "
    "ORDER BY t.id, l.line",
    BATCH_TYPES_B "i", "bittii"};
/* Who has been merged into these customers. */
const struct db_statement import_former_ids = {
    "import_former_ids",
    "SELECT merged_into, id FROM customer WHERE merchant_id = $1 AND merged_into IN " BATCH_IN
    " ORDER BY merged_into, id",
    BATCH_TYPES_I, "ii"};
const struct db_statement import_known_identities = {
    "import_known_identities",
    "SELECT identity FROM transactions WHERE merchant_id = $1 AND identity IN " BATCH_IN,
    BATCH_TYPES_B, "b"};
const struct db_statement import_job_of = {
    "import_job_of",
    "SELECT id FROM job WHERE merchant_id = $1 AND subject_id = $2 AND kind = 'import' "
    "ORDER BY id DESC LIMIT 1",
    "ii", "i"};

const struct db_statement *const import_statements[] = {
    &import_insert,
    &import_by_id,
    &import_unfinished,
    &import_advance,
    &import_set_reading,
    &import_set_state,
    &import_list,
    &import_delete,
    &import_received,
    &import_stale,
    &import_chunk_insert,
    &import_chunk_at,
    &import_chunks_delete,
    &import_bytes,
    &import_rejection_insert,
    &import_rejection_count,
    &import_rejections,
    &import_rejections_delete,
    &import_customer_number,
    &import_job_of,
    &import_known_lines,
    &import_former_ids,
    &import_known_identities,
    NULL,
};
