#pragma once
#include "../batch.h"
#include "referral.h"
extern const struct db_statement referral_rules_one, referral_rules_put, referral_code_one,
    referral_code_add, referral_code_owner, referral_person, referral_contact, referral_of,
    referral_add, referral_drop, referral_settle, referral_given, referral_page, referral_best,
    referral_due, referral_ripe, referral_job_waiting;
