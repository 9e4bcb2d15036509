/* The second step of signing in: codes by the clock (RFC 6238: HMAC-SHA-1, six digits, 30 seconds,
 * one step of drift to either side) and ten recovery codes that work once each.
 *
 * The secret stands in the base as it is, since the program must compute with it: a key kept beside
 * the base would protect nothing, so backups are as secret as the base. Recovery codes have 80 bits
 * and are stored as their SHA-256. Threads: none of its own. */
#pragma once
#include "staff.h"

extern const struct db_statement *const totp_statements[];
extern const struct http_route totp_routes[];

#define TOTP_SECRET_BYTES 20 /* RFC 4226, section 4: 160 bits recommended */
#define TOTP_DIGITS 6
#define TOTP_STEP_US (30LL * 1000000)
#define TOTP_CODE_MAX 40 /* characters of what a person may type */
#define RECOVERY_CODES 10
#define RECOVERY_CODE_BYTES 10
#define RECOVERY_CODE_TEXT 20 /* "abcd-efgh-ijkl-mnop" and its NUL */

/* RFC 4226: the code of that counter. digits: 6 to 8. */
uint32_t totp_hotp(struct str key, uint64_t counter, int digits);
/* The step within one of `now_us` and later than `after` whose code this is, or -1: also when it is
 * no code at all. */
int64_t totp_match(struct str key, struct str code, int64_t now_us, int64_t after);
/* RFC 4648, without padding, in the arena. */
const char *totp_base32(struct arena *a, struct str bytes);
/* otpauth://totp/… as the apps read it. */
const char *totp_uri(struct arena *a, const char *shop, const char *email, struct str secret);

/* Takes a code by the clock or a recovery code, once: *ret_right false when it is wrong, was used,
 * or the person has no second step. Writes that it was used. */
enum err must_use totp_use(struct db_tx *tx, int64_t merchant_id, int64_t staff_id, struct str code,
                           bool *ret_right);
/* How many recovery codes are left. */
enum err must_use totp_codes_left(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                                  int64_t *ret);
/* Takes it away, recovery codes included, and says so in the audit log as `action`. ERR_CONFLICT
 * totp_off: there is none. */
enum err must_use totp_clear(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                             const struct audit_actor *by, const char *action, struct problem *p);
/* Counts an attempt at a person's codes before it is made: the seconds to wait, or 0. */
int totp_guard_enter(const struct app *app, const char *address, int64_t merchant_id,
                     int64_t staff_id);
void totp_guard_passed(const struct app *app, const char *address, int64_t merchant_id,
                       int64_t staff_id);
