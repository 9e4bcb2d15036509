#pragma once
#include "../batch.h"
#include "consent.h"
extern const struct db_statement consent_add, consent_now, consent_latest, consent_count,
    consent_one, consent_before, consent_history, consent_text_add, consent_text_all,
    consent_text_one, consent_text_latest, consent_text_find, consent_columns, consent_acts,
    consent_evidence_all, consent_evidence_room, consent_evidence_insert, consent_evidence_one,
    consent_evidence_delete;
extern const struct db_statement consent_set[]; /* by channel */
