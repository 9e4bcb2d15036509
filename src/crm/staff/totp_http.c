/* Setting the second step up and taking it away. */
#include <sodium.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "../qr/qr.h"
#include "session.h"
#include "totp_sql.h"

struct totp_call {
    struct request *r;
    struct session_view view;
    char secret[TOTP_SECRET_BYTES];
    char codes[RECOVERY_CODES][RECOVERY_CODE_TEXT];
    bool right;
};

/* ---- POST /session/totp: a secret to take in ---- */

static enum err store_pending(struct db_tx *tx, void *arg)
{
    struct totp_call *c = arg;
    const struct caller *who = &c->r->caller;
    int64_t changed;
    enum err e = session_read(tx, c->r, &c->view);
    if (e == OK)
        e = db_exec(tx, &totp_pending, &changed, db_b((struct str){c->secret, sizeof c->secret}),
                    db_i(now_us()), db_i(who->merchant_id), db_i(who->staff_id));
    return e == OK && changed == 0 ? request_fail(c->r, ERR_CONFLICT, "totp_on", NULL, NULL) : e;
}

static enum err start_route(struct request *r)
{
    const struct app *app = r->app;
    struct totp_call c = {.r = r};
    randombytes_buf(c.secret, sizeof c.secret);
    enum err e = db_write(app->db, store_pending, &c);
    if (e != OK)
        return e;
    struct str secret = {c.secret, sizeof c.secret};
    const char *uri = totp_uri(r->arena, c.view.merchant.name, c.view.staff.email, secret);
    json_open(&r->json);
    json_kv_cstr(&r->json, "secret", totp_base32(r->arena, secret));
    json_kv_cstr(&r->json, "uri", uri);
    json_key(&r->json, "picture");
    e = qr_json(&r->json, uri);
    json_close(&r->json);
    return e;
}

/* ---- PUT /session/totp: the first code turns it on ---- */

struct code_args {
    struct str password, code;
};
static const struct spec code_spec[] = {
    {"code", SPEC_TEXT, offsetof(struct code_args, code), .required = true, .max = TOTP_CODE_MAX},
    {0},
};
static const struct spec off_spec[] = {
    {"password", SPEC_TEXT, offsetof(struct code_args, password), .required = true, .max = 200},
    {"code", SPEC_TEXT, offsetof(struct code_args, code), .required = true, .max = TOTP_CODE_MAX},
    {0},
};

static enum err read_pending(struct db_tx *tx, struct totp_call *c, int64_t *ret_step)
{
    struct request *r = c->r;
    const struct code_args *args = r->args;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e =
        db_query(tx, &totp_secret, &rows, db_i(r->caller.merchant_id), db_i(r->caller.staff_id));
    if (e != OK)
        return e;
    if (!db_next(rows) || db_is_null(rows, 0)) {
        e = db_error(rows);
        return e != OK ? e : request_fail(r, ERR_CONFLICT, "totp_off", NULL, NULL);
    }
    if (!db_is_null(rows, 1))
        return request_fail(r, ERR_CONFLICT, "totp_on", NULL, NULL);
    *ret_step = totp_match(db_blob(rows, 0), str_trim(args->code), now_us(), 0);
    return *ret_step >= 0 ? OK : request_fail(r, ERR_INVALID, "session_code_wrong", "code", NULL);
}

static enum err turn_on(struct db_tx *tx, void *arg)
{
    struct totp_call *c = arg;
    const struct caller *who = &c->r->caller;
    struct audit_actor by = audit_by_request(c->r);
    int64_t step = 0;
    enum err e = read_pending(tx, c, &step);
    if (e == OK)
        e = db_exec(tx, &totp_on, NULL, db_i(now_us()), db_i(step), db_i(who->merchant_id),
                    db_i(who->staff_id));
    if (e == OK)
        e = totp_new_codes(tx, who->merchant_id, who->staff_id, c->codes);
    if (e != OK)
        return e;
    return audit_write(tx, who->merchant_id, &by, "totp.on", "staff", who->staff_id, NULL);
}

static enum err answer_codes(struct totp_call *c)
{
    struct json *j = &c->r->json;
    json_open(j);
    json_key(j, "codes");
    json_list(j);
    for (int i = 0; i < RECOVERY_CODES; i++)
        json_text(j, str_c(c->codes[i]));
    json_end(j);
    json_close(j);
    return OK;
}

/* Guessing here wins nothing, since the secret was just told; it is slowed down all the same. */
static enum err confirm_route(struct request *r)
{
    const struct app *app = r->app;
    const struct caller *who = &r->caller;
    struct totp_call c = {.r = r};
    int seconds = totp_guard_enter(app, r->address, who->merchant_id, who->staff_id);
    if (seconds > 0)
        return session_throttled(r, seconds);
    enum err e = db_write(app->db, turn_on, &c);
    if (e != OK)
        return e;
    totp_guard_passed(app, r->address, who->merchant_id, who->staff_id);
    return answer_codes(&c);
}

/* ---- new recovery codes, and away with it ---- */

static enum err renew(struct db_tx *tx, void *arg)
{
    struct totp_call *c = arg;
    struct request *r = c->r;
    const struct caller *who = &r->caller;
    struct audit_actor by = audit_by_request(r);
    enum err e = session_read(tx, r, &c->view);
    if (e == OK && !c->view.staff.second_step)
        return request_fail(r, ERR_CONFLICT, "totp_off", NULL, NULL);
    if (e == OK)
        e = totp_new_codes(tx, who->merchant_id, who->staff_id, c->codes);
    if (e != OK)
        return e;
    return audit_write(tx, who->merchant_id, &by, "totp.codes", "staff", who->staff_id, NULL);
}

static enum err codes_route(struct request *r)
{
    const struct app *app = r->app;
    struct totp_call c = {.r = r};
    enum err e = db_write(app->db, renew, &c);
    return e == OK ? answer_codes(&c) : e;
}

static enum err check_optional(struct db_tx *tx, void *arg)
{
    struct totp_call *c = arg;
    struct request *r = c->r;
    enum err e = session_read(tx, r, &c->view);
    if (e != OK)
        return e;
    enum role from = role_by_name(str_c(c->view.merchant.second_step_from));
    if (!c->view.staff.second_step)
        return request_fail(r, ERR_CONFLICT, "totp_off", NULL, NULL);
    if (from != ROLE_NONE && r->caller.role >= from)
        return request_fail(r, ERR_CONFLICT, "totp_required", NULL, NULL);
    return OK;
}

static enum err turn_off(struct db_tx *tx, void *arg)
{
    struct totp_call *c = arg;
    const struct caller *who = &c->r->caller;
    struct audit_actor by = audit_by_request(c->r);
    return totp_clear(tx, who->merchant_id, who->staff_id, &by, "totp.off", &c->r->problem);
}

static enum err off_route(struct request *r)
{
    const struct app *app = r->app;
    const struct code_args *args = r->args;
    struct totp_call c = {.r = r};
    enum err e = db_read(app->db, check_optional, &c);
    if (e == OK)
        e = session_prove(r, args->password, args->code);
    return e == OK ? db_write(app->db, turn_off, &c) : e;
}

/* ---- the owner takes it away from somebody who lost the phone ---- */

static enum err reset(struct db_tx *tx, void *arg)
{
    struct totp_call *c = arg;
    struct request *r = c->r;
    struct audit_actor by = audit_by_request(r);
    struct staff s;
    enum err e = staff_get(tx, r->caller.merchant_id, r->ids[0], r->arena, &s);
    if (e == OK && s.id == r->caller.staff_id)
        return request_fail(r, ERR_CONFLICT, "totp_own", NULL, NULL);
    return e == OK ? totp_clear(tx, r->caller.merchant_id, s.id, &by, "totp.reset", &r->problem)
                   : e;
}

static enum err reset_route(struct request *r)
{
    const struct app *app = r->app;
    return db_write(app->db, reset, &(struct totp_call){.r = r});
}

const struct http_route totp_routes[] = {
    {"POST", "/api/v1/session/totp", PERM_SIGNED_IN, start_route, .confirm_password = true,
     .while_barred = true, .summary = "A new secret for one's own second step",
     .answer = "TotpSecret", .status = 201},
    {"PUT", "/api/v1/session/totp", PERM_SIGNED_IN, confirm_route, .body = code_spec,
     .args_size = sizeof(struct code_args), .while_barred = true,
     .summary = "Turns the second step on by a first code", .answer = "RecoveryCodes"},
    {"POST", "/api/v1/session/totp/codes", PERM_SIGNED_IN, codes_route, .confirm_password = true,
     .summary = "New recovery codes in the place of the old", .answer = "RecoveryCodes",
     .status = 201},
    {"POST", "/api/v1/session/totp/off", PERM_SIGNED_IN, off_route, .body = off_spec,
     .args_size = sizeof(struct code_args), .summary = "Turns one's own second step off"},
    {"DELETE", "/api/v1/staff/{id}/totp", PERM_SETTINGS, reset_route, .confirm_password = true,
     .summary = "Takes away the second step of somebody who lost it"},
    {0},
};
