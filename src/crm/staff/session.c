#include "session.h"

#include "../../base/check.h"
#include "../../base/day.h"
#include "session_sql.h"
#include "token.h"
#include "totp.h"

#define AGENT_MAX 200

static struct str hash_str(const unsigned char *hash)
{
    return (struct str){(const char *)hash, TOKEN_HASH_BYTES};
}

/* ---- who is asking ---- */

/* The value of our cookie in "a=b; habitue=…; c=d" (RFC 6265), or empty. */
static struct str cookie_value(const char *cookies)
{
    struct str name = STR(SESSION_COOKIE "=");
    while (cookies && *cookies) {
        cookies += strspn(cookies, " ;");
        size_t n = strcspn(cookies, ";");
        struct str pair = {cookies, n};
        if (str_starts(pair, name))
            return str_trim((struct str){pair.p + name.n, n - name.n});
        cookies += n;
    }
    return STR("");
}

struct finding {
    struct request *r;
    struct token token;
    int64_t now_us, seen_us;
};

static enum err read_caller(const struct db_rows *row, struct finding *f)
{
    struct request *r = f->r;
    f->seen_us = db_int(row, 2);
    if (f->now_us >= db_int(row, 3) || f->now_us - f->seen_us > SESSION_IDLE_US)
        return OK;
    r->caller = (struct caller){
        .merchant_id = f->token.merchant_id,
        .staff_id = db_int(row, 0),
        .csrf = arena_cstr(r->arena, db_text(row, 1)),
        .confirmed_us = db_int(row, 4),
        .name = arena_cstr(r->arena, db_text(row, 5)),
        .role = role_by_name(db_text(row, 6)),
        .language = arena_cstr(r->arena, db_text(row, 7)),
        .session_hash = arena_str(r->arena, hash_str(f->token.hash)),
    };
    enum role from = role_by_name(db_text(row, 10));
    if (from != ROLE_NONE && r->caller.role >= from && db_is_null(row, 9))
        r->caller.barred = "totp_needed";
    r->caller.sees_chain = r->caller.role == ROLE_OWNER || db_int(row, 8) != 0;
    r->by_cookie = true;
    return OK;
}

static enum err read_caller_stores(struct db_tx *tx, struct request *r)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    size_t n = 0, cap = 8;
    int64_t *stores = arena_array(r->arena, int64_t, cap);
    enum err e =
        db_query(tx, &session_stores, &rows, db_i(r->caller.merchant_id), db_i(r->caller.staff_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (n == cap) {
            int64_t *more = arena_array(r->arena, int64_t, 2 * cap);
            memcpy(more, stores, cap * sizeof *stores);
            stores = more;
            cap *= 2;
        }
        stores[n++] = db_int(rows, 0);
    }
    r->caller.stores = stores;
    r->caller.nstores = n;
    return db_error(rows);
}

static enum err find_caller(struct db_tx *tx, void *arg)
{
    struct finding *f = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    f->r->caller = (struct caller){0};
    enum err e = db_query(tx, &session_who, &rows, db_i(f->token.merchant_id),
                          db_b(hash_str(f->token.hash)));
    if (e != OK)
        return e;
    e = db_next(rows) ? read_caller(rows, f) : db_error(rows);
    db_done(&rows);
    return e == OK && f->r->caller.staff_id != 0 ? read_caller_stores(tx, f->r) : e;
}

static enum err touch(struct db_tx *tx, void *arg)
{
    const struct finding *f = arg;
    return db_exec(tx, &session_seen, NULL, db_i(f->now_us), db_i(f->token.merchant_id),
                   db_b(hash_str(f->token.hash)));
}

enum err session_authenticate(void *app_, struct request *r)
{
    struct app *app = app_;
    struct finding f = {.r = r, .now_us = now_us()};
    struct str value = cookie_value(request_header(r, "Cookie"));
    if (value.n == 0 || !token_read(value, &f.token))
        return OK;
    enum err e = db_read(app->db, find_caller, &f);
    if (e != OK || r->caller.staff_id == 0)
        return e;
    /* a session that cannot be touched just now is none the worse */
    if (f.now_us - f.seen_us > SESSION_TOUCH_US)
        (void)!db_write(app->db, touch, &f);
    return OK;
}

/* ---- opening and reading ---- */

static const char *cookie(struct request *r, const char *token, int64_t life_us)
{
    const struct app *app = r->app;
    return arena_printf(
        r->arena, SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", token,
        (long long)(life_us / 1000000), app->secure_cookies ? "; Secure" : "");
}

void session_forget_cookie(struct request *r)
{
    r->set_cookie = cookie(r, "", 0);
}

/* The browser's name, cut short at a character's end. */
static struct str agent_of(struct request *r)
{
    struct str clean, agent = str_c(request_header(r, "User-Agent"));
    if (text_clean(r->arena, agent, &clean) != OK)
        return STR("");
    if (clean.n > AGENT_MAX) {
        clean.n = AGENT_MAX;
        while (clean.n > 0 && !utf8_valid(clean))
            clean.n--;
    }
    return clean;
}

enum err session_open(struct db_tx *tx, struct request *r, int64_t merchant_id, int64_t staff_id,
                      struct session_view *ret)
{
    unsigned char hash[TOKEN_HASH_BYTES];
    char token[INVITATION_TOKEN_MAX];
    int64_t now = now_us();
    enum err e = staff_get(tx, merchant_id, staff_id, r->arena, &ret->staff);
    if (e == OK)
        e = merchant_get(tx, merchant_id, r->arena, &ret->merchant);
    if (e != OK)
        return e;
    token_make(merchant_id, token, hash);
    ret->csrf = token_random(r->arena, 24);
    ret->confirmed_us = now;
    e = totp_codes_left(tx, merchant_id, staff_id, &ret->codes_left);
    if (e != OK)
        return e;
    e = db_exec(tx, &session_add, NULL, db_i(merchant_id), db_b(hash_str(hash)), db_i(staff_id),
                db_tc(ret->csrf), db_i(now), db_i(now + SESSION_LIFE_US), db_tc(r->address),
                db_t(agent_of(r)));
    if (e == OK)
        e = db_exec(tx, &session_oldest, NULL, db_i(merchant_id), db_i(staff_id),
                    db_i(SESSIONS_PER_STAFF));
    struct audit_actor by = {staff_id, ret->staff.name, r->address};
    if (e == OK)
        e = audit_write(tx, merchant_id, &by, "session.open", "session", 0, NULL);
    r->set_cookie = cookie(r, token, SESSION_LIFE_US);
    return e;
}

enum err session_read(struct db_tx *tx, const struct request *r, struct session_view *ret)
{
    const struct caller *c = &r->caller;
    enum err e = staff_get(tx, c->merchant_id, c->staff_id, r->arena, &ret->staff);
    if (e == OK)
        e = merchant_get(tx, c->merchant_id, r->arena, &ret->merchant);
    if (e == OK)
        e = totp_codes_left(tx, c->merchant_id, c->staff_id, &ret->codes_left);
    ret->csrf = c->csrf;
    ret->confirmed_us = c->confirmed_us;
    return e;
}

/* ---- as JSON ---- */

void staff_stores_json(struct json *j, const struct staff *s)
{
    json_key(j, "stores");
    json_list(j);
    for (size_t i = 0; i < s->nstores; i++) {
        json_open(j);
        json_kv_id(j, "id", s->stores[i]);
        json_kv_cstr(j, "name", s->store_names[i]);
        json_close(j);
    }
    json_end(j);
}

void session_json(struct json *j, const struct app *app, const struct session_view *s)
{
    json_open(j);
    json_key(j, "staff");
    json_open(j);
    json_kv_id(j, "id", s->staff.id);
    json_kv_cstr(j, "name", s->staff.name);
    json_kv_cstr(j, "email", s->staff.email);
    json_kv_cstr(j, "role", role_name(s->staff.role));
    json_kv_cstr(j, "language", s->staff.language);
    staff_stores_json(j, &s->staff);
    json_kv_bool(j, "sees_chain", s->staff.role == ROLE_OWNER || s->merchant.associates_see_chain);
    json_key(j, "permissions");
    json_list(j);
    for (enum permission p = PERM_SIGNED_IN; p < PERMISSIONS; p++) {
        if (rights_allowed(s->staff.role, p))
            json_text(j, str_c(permission_name(p)));
    }
    json_end(j);
    json_close(j);
    json_key(j, "merchant");
    merchant_json(j, app, &s->merchant, false);
    json_key(j, "second_step");
    json_open(j);
    enum role from = role_by_name(str_c(s->merchant.second_step_from));
    json_kv_bool(j, "on", s->staff.second_step);
    json_kv_bool(j, "required", from != ROLE_NONE && s->staff.role >= from);
    json_kv_int(j, "codes_left", s->codes_left);
    json_close(j);
    json_kv_cstr(j, "csrf", s->csrf);
    json_kv_instant(j, "confirmed_at", s->confirmed_us);
    json_close(j);
}
