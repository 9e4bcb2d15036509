/* Every statement that changes typologies; they are read by customer/audience_rules.c. */
#include "typology_sql.h"

const struct db_statement typology_clear = {"typology_clear",
                                            "DELETE FROM typology WHERE merchant_id = $1", "i", ""};

const struct db_statement typology_add = {
    "typology_add",
    "INSERT INTO typology (merchant_id, place, kind, name, query) VALUES ($1, $2, $3, $4, $5)",
    "iittt", ""};

const struct db_statement typology_numbers_add = {
    "typology_numbers_add",
    "INSERT INTO typology_rules (merchant_id, vip_months, vip_visits, new_months, new_visits_max,"
    " occasional_months, occasional_max, at_risk_days, active_months, updated_us, version)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
    "iiiiiiiiii", ""};

const struct db_statement typology_numbers_change = {
    "typology_numbers_change",
    "UPDATE typology_rules SET vip_months = $1, vip_visits = $2, new_months = $3,"
    " new_visits_max = $4, occasional_months = $5, occasional_max = $6, at_risk_days = $7,"
    " active_months = $8, updated_us = $9, version = version + 1"
    " WHERE merchant_id = $10 AND version = $11",
    "iiiiiiiiiii", ""};

const struct db_statement *const typology_statements[] = {
    &typology_clear, &typology_add, &typology_numbers_add, &typology_numbers_change, NULL};
