/* Typologies by rule (FEATURES C2): the owner changes the numbers and the order, adds types of
 * their own by a query, and sees before saving who would move. Kept per merchant as a whole, with
 * one version; audiences follow by the change feed. What rules are: src/audience/typology.h. */
#pragma once
#include "../audit/audit.h"
#include "../customer/audience_rules.h"

extern const struct db_statement *const typology_statements[];
extern const struct http_route typology_routes[];

/* Keeps `after` (which has passed typology_check()) in place of what stands there, whose version
 * must be `version`: ERR_STALE stale. What is the same already changes nothing. */
enum err must_use typology_save(struct db_tx *tx, int64_t merchant_id, int64_t version,
                                const struct typology_set *after, const struct audit_actor *by,
                                struct arena *a, struct problem *p);
