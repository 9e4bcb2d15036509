/* Signing in and out, invitations, one's own profile. */
#include <unistd.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "guard.h"
#include "session.h"
#include "session_sql.h"
#include "totp.h"

#define CANDIDATES_MAX 4 /* accounts of one e-mail that a sign-in without a merchant tries */
/* A refused sign-in takes this long, whether the account exists or not. */
#define REFUSAL_US 400000

/* ---- POST /session ---- */

struct login_args {
    struct str email, password, merchant, code;
};
#define AT(field) offsetof(struct login_args, field)
static const struct spec login_spec[] = {
    {"email", SPEC_TEXT, AT(email), .required = true, .max = STAFF_EMAIL_MAX},
    {"password", SPEC_TEXT, AT(password), .required = true, .max = PASSWORD_MAX},
    {"merchant", SPEC_TEXT, AT(merchant), .max = 64, .doc = "the slug, when an e-mail has several"},
    {"code", SPEC_TEXT, AT(code), .max = TOTP_CODE_MAX,
     .doc = "by the clock or a recovery code, where the person has a second step"},
    {0},
};
#undef AT

struct candidate {
    int64_t merchant_id, staff_id;
    const char *hash;
    bool second_step;
};
struct login {
    struct request *r;
    struct str email_key;
    struct candidate all[CANDIDATES_MAX], chosen;
    size_t n;
    struct session_view view;
};

static enum err find_candidates(struct db_tx *tx, void *arg)
{
    struct login *l = arg;
    const struct login_args *args = l->r->args;
    struct db_rows *rows cleanup(db_done) = NULL;
    l->n = 0;
    enum err e = db_query(tx, &session_login, &rows, db_t(l->email_key), db_t(args->merchant),
                          db_i(CANDIDATES_MAX));
    if (e != OK)
        return e;
    while (l->n < CANDIDATES_MAX && db_next(rows))
        l->all[l->n++] =
            (struct candidate){db_int(rows, 0), db_int(rows, 1),
                               arena_cstr(l->r->arena, db_text(rows, 2)), !db_is_null(rows, 3)};
    return l->n < CANDIDATES_MAX ? db_error(rows) : OK;
}

static enum err open_login(struct db_tx *tx, void *arg)
{
    struct login *l = arg;
    const struct login_args *args = l->r->args;
    const struct candidate *who = &l->chosen;
    bool right = !who->second_step;
    enum err e = OK;
    if (who->second_step)
        e = totp_use(tx, who->merchant_id, who->staff_id, args->code, &right);
    if (e == OK && !right)
        return ERR_DENIED;
    if (e == OK)
        e = session_open(tx, l->r, who->merchant_id, who->staff_id, &l->view);
    /* the password or the second step was changed or the person removed while it was being checked
     */
    bool changed = e == OK && (!l->view.staff.password_hash ||
                               strcmp(l->view.staff.password_hash, who->hash) != 0 ||
                               (l->view.staff.second_step && !who->second_step));
    return changed ? ERR_NOT_FOUND : e;
}

static enum err note_refusal(struct db_tx *tx, void *arg)
{
    const struct login *l = arg;
    enum err e = OK;
    for (size_t i = 0; i < l->n && e == OK; i++) {
        struct audit_actor by = {l->all[i].staff_id, arena_cstr(l->r->arena, l->email_key),
                                 l->r->address};
        e = audit_write(tx, l->all[i].merchant_id, &by, "session.fail", "session", 0, NULL);
    }
    return e;
}

static enum err refuse_login(struct login *l, int64_t began_us)
{
    const struct app *app = l->r->app;
    l->r->set_cookie = NULL;
    enum err e = l->n > 0 ? db_write(app->db, note_refusal, l) : OK;
    if (e != OK)
        return e;
    int64_t left = began_us + REFUSAL_US - monotonic_us();
    if (left > 0)
        usleep((useconds_t)left);
    return request_fail(l->r, ERR_UNAUTHENTICATED, "session_wrong", NULL, NULL);
}

static enum err note_wrong_code(struct db_tx *tx, void *arg)
{
    const struct login *l = arg;
    struct audit_actor by = {l->chosen.staff_id, arena_cstr(l->r->arena, l->email_key),
                             l->r->address};
    return audit_write(tx, l->chosen.merchant_id, &by, "session.fail_code", "session", 0, NULL);
}

/* The password was right: a code where there is a second step, then the session. */
static enum err second_step(struct login *l, int64_t began_us)
{
    struct request *r = l->r;
    const struct app *app = r->app;
    const struct login_args *args = r->args;
    const struct candidate *who = &l->chosen;
    if (who->second_step && args->code.n == 0)
        return request_fail(r, ERR_UNAUTHENTICATED, "session_code_needed", "code", NULL);
    int seconds =
        who->second_step ? totp_guard_enter(app, r->address, who->merchant_id, who->staff_id) : 0;
    if (seconds > 0)
        return session_throttled(r, seconds);
    enum err e = db_write(app->db, open_login, l);
    if (e == ERR_NOT_FOUND)
        return refuse_login(l, began_us);
    if (e == ERR_DENIED) {
        e = db_write(app->db, note_wrong_code, l);
        return e == OK ? request_fail(r, ERR_UNAUTHENTICATED, "session_code_wrong", "code", NULL)
                       : e;
    }
    if (e == OK && who->second_step)
        totp_guard_passed(app, r->address, who->merchant_id, who->staff_id);
    return e;
}

/* How many of the accounts have this password; the last of them is chosen. */
static enum err verify_candidates(struct login *l, int *ret_right)
{
    const struct app *app = l->r->app;
    const struct login_args *args = l->r->args;
    bool right = false;
    *ret_right = 0;
    if (l->n == 0)
        return guard_verify(app->guard, NULL, args->password, &right);
    for (size_t i = 0; i < l->n; i++) {
        enum err e = guard_verify(app->guard, l->all[i].hash, args->password, &right);
        if (e != OK)
            return e;
        if (right) {
            l->chosen = l->all[i];
            ++*ret_right;
        }
    }
    return OK;
}

static enum err login_route(struct request *r)
{
    const struct app *app = r->app;
    const struct login_args *args = r->args;
    struct login l = {.r = r, .email_key = email_match_key(r->arena, args->email)};
    int64_t began_us = monotonic_us();
    int right, seconds = guard_enter(app->guard, r->address, l.email_key, now_us());
    if (seconds > 0)
        return session_throttled(r, seconds);
    enum err e = db_read(app->db, find_candidates, &l);
    if (e == OK)
        e = verify_candidates(&l, &right);
    if (e != OK)
        return e;
    if (right == 0)
        return refuse_login(&l, began_us);
    guard_passed(app->guard, r->address, l.email_key);
    if (right > 1)
        return request_fail(r, ERR_CONFLICT, "session_which_merchant", "merchant", NULL);
    e = second_step(&l, began_us);
    if (e == OK)
        session_json(&r->json, app, &l.view);
    return e;
}

/* ---- GET, DELETE /session; POST /session/confirm; PATCH /session/staff ---- */

struct own {
    struct request *r;
    struct session_view view;
};

static enum err read_own(struct db_tx *tx, void *arg)
{
    struct own *o = arg;
    return session_read(tx, o->r, &o->view);
}

static enum err get_route(struct request *r)
{
    const struct app *app = r->app;
    struct own o = {.r = r};
    enum err e = db_read(app->db, read_own, &o);
    if (e == OK)
        session_json(&r->json, app, &o.view);
    return e;
}

static enum err end_own(struct db_tx *tx, void *arg)
{
    const struct own *o = arg;
    const struct caller *c = &o->r->caller;
    struct audit_actor by = audit_by_request(o->r);
    enum err e = db_exec(tx, &session_end, NULL, db_i(now_us()), db_i(c->merchant_id),
                         db_b(c->session_hash));
    return e == OK ? audit_write(tx, c->merchant_id, &by, "session.close", "session", 0, NULL) : e;
}

static enum err logout_route(struct request *r)
{
    const struct app *app = r->app;
    struct own o = {.r = r};
    session_forget_cookie(r);
    return db_write(app->db, end_own, &o);
}

struct confirm_args {
    struct str password, code;
};
static const struct spec confirm_spec[] = {
    {"password", SPEC_TEXT, offsetof(struct confirm_args, password), .required = true,
     .max = PASSWORD_MAX},
    {"code", SPEC_TEXT, offsetof(struct confirm_args, code), .max = TOTP_CODE_MAX,
     .doc = "where there is a second step"},
    {0},
};

static enum err confirm_own(struct db_tx *tx, void *arg)
{
    const struct own *o = arg;
    const struct caller *c = &o->r->caller;
    struct audit_actor by = audit_by_request(o->r);
    enum err e = db_exec(tx, &session_confirmed, NULL, db_i(now_us()), db_i(c->merchant_id),
                         db_b(c->session_hash));
    return e == OK ? audit_write(tx, c->merchant_id, &by, "session.confirm", "session", 0, NULL)
                   : e;
}

static enum err confirm_route(struct request *r)
{
    const struct app *app = r->app;
    const struct confirm_args *args = r->args;
    enum err e = session_prove(r, args->password, args->code);
    return e == OK ? db_write(app->db, confirm_own, &(struct own){.r = r}) : e;
}

struct profile_args {
    struct str name;
    int language;
};
static const struct spec profile_spec[] = {
    {"name", SPEC_TEXT, offsetof(struct profile_args, name), .min = 1, .max = STAFF_NAME_MAX},
    {"language", SPEC_CHOICE, offsetof(struct profile_args, language), .choices = language_names},
    {0},
};

static enum err change_own(struct db_tx *tx, void *arg)
{
    struct own *o = arg;
    struct request *r = o->r;
    const struct profile_args *args = r->args;
    struct audit_actor by = audit_by_request(r);
    struct staff s;
    enum err e = staff_get(tx, r->caller.merchant_id, r->caller.staff_id, r->arena, &s);
    if (e != OK)
        return e;
    struct staff before = s;
    if (args->name.n > 0)
        s.name = arena_cstr(r->arena, args->name);
    if (args->language >= 0)
        s.language = language_names[args->language];
    e = staff_update(tx, r->caller.merchant_id, &before, &s, &by, &r->problem);
    return e == OK ? session_read(tx, r, &o->view) : e;
}

static enum err profile_route(struct request *r)
{
    const struct app *app = r->app;
    struct own o = {.r = r};
    enum err e = db_write(app->db, change_own, &o);
    if (e == OK)
        session_json(&r->json, app, &o.view);
    return e;
}

/* ---- GET /setup; GET, POST /invitation ---- */

struct token_args {
    struct str token;
};
static const struct spec token_spec[] = {
    {"token", SPEC_TEXT, offsetof(struct token_args, token), .max = INVITATION_TOKEN_MAX},
    {0},
};
static const struct spec token_required_spec[] = {
    {"token", SPEC_TEXT, offsetof(struct token_args, token), .required = true,
     .max = INVITATION_TOKEN_MAX},
    {0},
};

struct invited {
    struct request *r;
    struct str token;
    int64_t merchant_id;
    struct staff staff;
    struct merchant merchant;
    char hash[PASSWORD_HASH_MAX];
    struct session_view view;
};

static enum err find_invited(struct db_tx *tx, void *arg)
{
    struct invited *v = arg;
    enum err e = invitation_find(tx, v->token, v->r->arena, &v->merchant_id, &v->staff);
    return e == OK ? merchant_get(tx, v->merchant_id, v->r->arena, &v->merchant) : e;
}

static enum err setup_route(struct request *r)
{
    const struct app *app = r->app;
    const struct token_args *args = r->args;
    struct invited v = {.r = r, .token = args->token};
    enum err e = args->token.n > 0 ? db_read(app->db, find_invited, &v) : ERR_NOT_FOUND;
    if (e != OK && e != ERR_NOT_FOUND)
        return e;
    struct json *j = &r->json;
    json_open(j);
    json_kv_bool(j, "needed", e == OK);
    json_kv_bool(j, "demo", app->demo_merchant_id != 0);
    json_key(j, "demo_logins");
    json_list(j);
    for (const struct demo_login *d = app->demo_logins; d && d->email; d++) {
        json_open(j);
        json_kv_cstr(j, "email", d->email);
        json_kv_cstr(j, "password", d->password);
        json_kv_cstr(j, "role", d->role);
        json_kv_cstr(j, "name", d->name);
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return OK;
}

static enum err gone(struct request *r, enum err e)
{
    return e == ERR_NOT_FOUND ? request_fail(r, e, "invitation_gone", NULL, NULL) : e;
}

static enum err invitation_route(struct request *r)
{
    const struct app *app = r->app;
    const struct token_args *args = r->args;
    struct invited v = {.r = r, .token = args->token};
    enum err e = db_read(app->db, find_invited, &v);
    if (e != OK)
        return gone(r, e);
    struct json *j = &r->json;
    json_open(j);
    json_kv_cstr(j, "email", v.staff.email);
    json_kv_cstr(j, "name", v.staff.name);
    json_kv_cstr(j, "role", role_name(v.staff.role));
    json_kv_cstr(j, "merchant", v.merchant.name);
    json_kv_instant(j, "expires_at", v.staff.invitation_expires_us);
    json_close(j);
    return OK;
}

struct accept_args {
    struct str token, name, password, email;
    int language;
};
#define AT(field) offsetof(struct accept_args, field)
static const struct spec accept_spec[] = {
    {"token", SPEC_TEXT, AT(token), .required = true, .max = INVITATION_TOKEN_MAX},
    {"name", SPEC_TEXT, AT(name), .required = true, .max = STAFF_NAME_MAX},
    {"password", SPEC_TEXT, AT(password), .required = true, .max = 10000},
    {"language", SPEC_CHOICE, AT(language), .choices = language_names},
    {"email", SPEC_TEXT, AT(email), .max = STAFF_EMAIL_MAX,
     .doc = "needed when the invitation has none: the first owner's"},
    {0},
};
#undef AT

static enum err take_up(struct db_tx *tx, void *arg)
{
    struct invited *v = arg;
    struct request *r = v->r;
    const struct accept_args *args = r->args;
    enum err e = find_invited(tx, v);
    if (e != OK)
        return e;
    struct staff after = v->staff;
    after.name = arena_cstr(r->arena, args->name);
    if (!*after.email)
        after.email = arena_cstr(r->arena, args->email);
    if (args->language >= 0)
        after.language = language_names[args->language];
    struct audit_actor by = {after.id, after.name, r->address};
    e = staff_update(tx, v->merchant_id, &v->staff, &after, &by, &r->problem);
    if (e == OK)
        e = staff_set_password(tx, v->merchant_id, after.id, v->hash, STR(""));
    if (e == OK)
        e = audit_write(tx, v->merchant_id, &by, "staff.accept", "staff", after.id, NULL);
    return e == OK ? session_open(tx, r, v->merchant_id, after.id, &v->view) : e;
}

static enum err accept_route(struct request *r)
{
    const struct app *app = r->app;
    const struct accept_args *args = r->args;
    struct invited v = {.r = r, .token = args->token};
    enum err e = db_read(app->db, find_invited, &v);
    if (e != OK)
        return gone(r, e);
    if (!*v.staff.email && args->email.n == 0)
        return request_fail(r, ERR_INVALID, "field_required", "email", NULL);
    struct str email = *v.staff.email ? str_c(v.staff.email) : args->email;
    const struct str personal[] = {email, args->name, str_c(v.merchant.name), {"", 0}};
    e = password_check(r->arena, args->password, personal, &r->problem);
    if (e == OK)
        e = guard_hash(app->guard, args->password, v.hash);
    if (e == OK)
        e = gone(r, db_write(app->db, take_up, &v));
    if (e == OK)
        session_json(&r->json, app, &v.view);
    else
        r->set_cookie = NULL;
    return e;
}

const struct http_route session_routes[] = {
    {"GET", "/api/v1/setup", PERM_PUBLIC, setup_route, .query = token_spec,
     .args_size = sizeof(struct token_args),
     .summary = "Whether an invitation is live; a demo's logins", .answer = "SetupState"},
    {"GET", "/api/v1/invitation", PERM_PUBLIC, invitation_route, .query = token_required_spec,
     .args_size = sizeof(struct token_args), .summary = "Whom an invitation is for",
     .answer = "Invitation"},
    {"POST", "/api/v1/invitation", PERM_PUBLIC, accept_route, .body = accept_spec,
     .args_size = sizeof(struct accept_args), .summary = "Takes up an invitation and signs in",
     .answer = "Session", .status = 201},
    {"GET", "/api/v1/session", PERM_SIGNED_IN, get_route, .while_barred = true,
     .summary = "Who is signed in", .answer = "Session"},
    {"POST", "/api/v1/session", PERM_PUBLIC, login_route, .body = login_spec,
     .args_size = sizeof(struct login_args), .summary = "Signs in", .answer = "Session",
     .status = 201},
    {"DELETE", "/api/v1/session", PERM_SIGNED_IN, logout_route, .while_barred = true,
     .summary = "Signs out"},
    {"POST", "/api/v1/session/confirm", PERM_SIGNED_IN, confirm_route, .body = confirm_spec,
     .args_size = sizeof(struct confirm_args), .while_barred = true,
     .summary = "Gives the password again"},
    {"PUT", "/api/v1/session/password", PERM_SIGNED_IN, session_password_route,
     .body = session_password_spec, .args_size = sizeof(struct session_password_args),
     .while_barred = true, .summary = "Changes one's own password and ends the other sessions",
     .answer = "Session"},
    {"PATCH", "/api/v1/session/staff", PERM_SIGNED_IN, profile_route, .body = profile_spec,
     .args_size = sizeof(struct profile_args), .while_barred = true,
     .summary = "Changes one's own name and language", .answer = "Session"},
    {0},
};
