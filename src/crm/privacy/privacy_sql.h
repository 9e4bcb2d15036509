#pragma once
#include "../batch.h"
#include "privacy.h"
/* privacy_sql.c */
extern const struct db_statement privacy_person, privacy_merged, privacy_contacts, privacy_shell,
    privacy_erasure_add, privacy_erasures, privacy_audit_redact, privacy_audit_redact_value,
    privacy_rejection_redact, retention_get, retention_first, retention_put, retention_candidates,
    retention_count, retention_is, retention_keep_put, retention_keep_remove, retention_kept,
    retention_batch_add, retention_batch_one, retention_item_add, retention_items,
    retention_item_set, retention_item_counts;
