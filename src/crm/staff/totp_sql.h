#pragma once
#include "totp.h"
extern const struct db_statement totp_secret, totp_pending, totp_on, totp_step_used, totp_gone,
    recovery_add, recovery_used, recovery_left, recovery_clear;
/* Replaces the recovery codes of a person by new ones, returned as people write them down. */
enum err must_use totp_new_codes(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                                 char ret[RECOVERY_CODES][RECOVERY_CODE_TEXT]);
