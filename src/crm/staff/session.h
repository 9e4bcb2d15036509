/* Sessions: opened by a password or an invitation, found by the cookie. */
#pragma once
#include "../merchant/merchant.h"
#include "staff.h"

#define SESSION_COOKIE "habitue"
#define SESSION_TOUCH_US (60LL * 1000000) /* `seen` is written at most once a minute */

/* What the component schema Session says. */
struct session_view {
    struct staff staff;
    struct merchant merchant;
    const char *csrf;
    int64_t confirmed_us, codes_left; /* recovery codes not used yet */
};
/* Opens a session of that person inside `tx` and fills the request's cookie and `ret`.
 * ERR_NOT_FOUND: removed meanwhile. */
enum err must_use session_open(struct db_tx *tx, struct request *r, int64_t merchant_id,
                               int64_t staff_id, struct session_view *ret);
enum err must_use session_read(struct db_tx *tx, const struct request *r, struct session_view *ret);
/* Tells the browser to drop its cookie. */
void session_forget_cookie(struct request *r);
/* Whether it is still the same person: the password, and a code where there is a second step.
 * Counts the attempts and notes the wrong ones. ERR_INVALID session_password_wrong,
 * session_code_needed, session_code_wrong; ERR_BUSY session_throttled. Never inside a transaction.
 */
enum err must_use session_prove(struct request *r, struct str password, struct str code);
enum err session_throttled(struct request *r, int seconds);
/* PUT /session/password: password_http.c */
struct session_password_args {
    struct str password, code, new_password;
};
extern const struct spec session_password_spec[];
enum err session_password_route(struct request *r);
void session_json(struct json *j, const struct app *app, const struct session_view *s);
void staff_json(struct json *j, const struct staff *s);
void staff_stores_json(struct json *j, const struct staff *s);
