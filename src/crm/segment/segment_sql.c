/* Every statement of the segments. */
#include "segment_sql.h"

const struct db_statement segment_all = {
    "segment_all",
    "SELECT s.id, s.name, s.description, s.query, s.shared, s.owner_id, s.created_us, s.updated_us,"
    " s.version, s.deleted_us, o.name, o.removed_us FROM segment s JOIN staff o"
    " ON o.merchant_id = s.merchant_id AND o.id = s.owner_id WHERE s.merchant_id = $1"
    " ORDER BY CASE WHEN s.deleted_us IS NULL THEN 0 ELSE 1 END, s.name_key, s.id",
    "i", "itttiiiiiiti"};

const struct db_statement segment_add = {
    "segment_add",
    "INSERT INTO segment (merchant_id, id, name, name_key, description, query, shared, owner_id,"
    " created_us, updated_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
    "iittttiii", ""};

const struct db_statement segment_change = {
    "segment_change",
    "UPDATE segment SET name = $1, name_key = $2, description = $3, query = $4, shared = $5,"
    " updated_us = $6, version = version + 1 WHERE merchant_id = $7 AND id = $8",
    "ttttiiii", ""};

/* Of a segment that uses another one, which is renamed. */
const struct db_statement segment_text = {
    "segment_text",
    "UPDATE segment SET query = $1, updated_us = $2, version = version + 1"
    " WHERE merchant_id = $3 AND id = $4",
    "tiii", ""};

/* The merchant's own typologies, which use segments too. */
const struct db_statement segment_typologies = {"segment_typologies",
                                                "SELECT place, name, query FROM typology WHERE "
                                                "merchant_id = $1 AND kind = 'own' ORDER BY place",
                                                "i", "itt"};

const struct db_statement segment_typology_text = {
    "segment_typology_text", "UPDATE typology SET query = $1 WHERE merchant_id = $2 AND place = $3",
    "tii", ""};

const struct db_statement segment_typology_version = {
    "segment_typology_version",
    "UPDATE typology_rules SET version = version + 1, updated_us = $1 WHERE merchant_id = $2", "ii",
    ""};

const struct db_statement segment_remove = {
    "segment_remove",
    "UPDATE segment SET deleted_us = $1, version = version + 1"
    " WHERE merchant_id = $2 AND id = $3 AND deleted_us IS NULL",
    "iii", ""};

const struct db_statement segment_back = {"segment_back",
                                          "UPDATE segment SET deleted_us = NULL, version = version "
                                          "+ 1 WHERE merchant_id = $1 AND id = $2",
                                          "ii", ""};

const struct db_statement segment_purge_sizes = {
    "segment_purge_sizes",
    "DELETE FROM segment_size WHERE merchant_id = $1 AND segment_id IN"
    " (SELECT id FROM segment WHERE merchant_id = $1 AND deleted_us < $2)",
    "ii", ""};

const struct db_statement segment_purge = {
    "segment_purge", "DELETE FROM segment WHERE merchant_id = $1 AND deleted_us < $2", "ii", ""};

const struct db_statement segment_unmeasured = {
    "segment_unmeasured",
    "SELECT s.id, s.owner_id, s.query FROM segment s LEFT JOIN segment_size z"
    " ON z.merchant_id = s.merchant_id AND z.segment_id = s.id AND z.day = $1"
    " WHERE s.merchant_id = $2 AND s.deleted_us IS NULL AND z.segment_id IS NULL ORDER BY s.id",
    "ii", "iit"};

const struct db_statement segment_size_add = {
    "segment_size_add",
    "INSERT INTO segment_size (merchant_id, segment_id, day, customers) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (merchant_id, segment_id, day) DO NOTHING",
    "iiii", ""};

const struct db_statement segment_size_forget = {
    "segment_size_forget",
    "DELETE FROM segment_size WHERE merchant_id = $1 AND segment_id = $2 AND day >= $3", "iii", ""};

const struct db_statement segment_size_prune = {
    "segment_size_prune", "DELETE FROM segment_size WHERE merchant_id = $1 AND day < $2", "ii", ""};

const struct db_statement segment_size_since = {
    "segment_size_since",
    "SELECT segment_id, day, customers FROM segment_size WHERE merchant_id = $1 AND day > $2"
    " AND day <= $3 ORDER BY segment_id, day",
    "iii", "iii"};

const struct db_statement *const segment_statements[] = {
    &segment_all,
    &segment_add,
    &segment_change,
    &segment_text,
    &segment_remove,
    &segment_back,
    &segment_purge_sizes,
    &segment_purge,
    &segment_unmeasured,
    &segment_size_add,
    &segment_size_forget,
    &segment_size_prune,
    &segment_size_since,
    &segment_typologies,
    &segment_typology_text,
    &segment_typology_version,
    NULL,
};
