/* Where somebody is signed in: one's own sessions and those of the staff one may act on. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "session.h"
#include "session_sql.h"
#include "token.h"

/* What names a session outside: eight bytes of its token's hash, which give nothing away. */
static int64_t public_id(struct str hash)
{
    uint64_t id = 0;
    for (int i = 0; i < 8; i++)
        id = id << 8 | (unsigned char)hash.p[i];
    id &= INT64_MAX;
    return id ? (int64_t)id : 1;
}

struct sessions_call {
    struct request *r;
    struct staff staff;   /* whose; filled for others */
    int64_t staff_id, id; /* id: the one to end, 0 = all but one's own */
};

/* Others are told from oneself by the {id} in the path. */
static enum err find_whose(struct db_tx *tx, struct sessions_call *c, bool others)
{
    struct request *r = c->r;
    c->staff_id = others ? r->ids[0] : r->caller.staff_id;
    c->id = r->ids[others ? 1 : 0];
    if (!others)
        return OK;
    enum err e = staff_get(tx, r->caller.merchant_id, c->staff_id, r->arena, &c->staff);
    return e == OK ? staff_check_reach(r, c->staff.role, c->staff.stores, c->staff.nstores) : e;
}

static enum err write_list(struct db_tx *tx, struct sessions_call *c)
{
    struct request *r = c->r;
    struct json *j = &r->json;
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t now = now_us();
    enum err e = db_query(tx, &session_alive, &rows, db_i(r->caller.merchant_id), db_i(c->staff_id),
                          db_i(now), db_i(now - SESSION_IDLE_US));
    if (e != OK)
        return e;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    while (db_next(rows)) {
        json_open(j);
        json_kv_id(j, "id", public_id(db_blob(rows, 0)));
        json_kv_bool(j, "current", str_eq(db_blob(rows, 0), r->caller.session_hash));
        json_kv_text(j, "address", db_text(rows, 3));
        json_kv_text(j, "agent", db_text(rows, 4));
        json_kv_instant(j, "created_at", db_int(rows, 1));
        json_kv_instant(j, "seen_at", db_int(rows, 2));
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return db_error(rows);
}

static enum err list_own(struct db_tx *tx, void *arg)
{
    enum err e = find_whose(tx, arg, false);
    return e == OK ? write_list(tx, arg) : e;
}

static enum err list_theirs(struct db_tx *tx, void *arg)
{
    enum err e = find_whose(tx, arg, true);
    return e == OK ? write_list(tx, arg) : e;
}

/* The hash behind a public id, in the arena. */
static enum err find_hash(struct db_tx *tx, struct sessions_call *c, struct str *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t now = now_us();
    enum err e = db_query(tx, &session_alive, &rows, db_i(c->r->caller.merchant_id),
                          db_i(c->staff_id), db_i(now), db_i(now - SESSION_IDLE_US));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (public_id(db_blob(rows, 0)) == c->id) {
            *ret = arena_str(c->r->arena, db_blob(rows, 0));
            return OK;
        }
    }
    e = db_error(rows);
    return e == OK ? ERR_NOT_FOUND : e;
}

static enum err end_one(struct db_tx *tx, struct sessions_call *c)
{
    const struct caller *who = &c->r->caller;
    struct audit_actor by = audit_by_request(c->r);
    struct str hash;
    enum err e = find_hash(tx, c, &hash);
    if (e == OK)
        e = db_exec(tx, &session_end, NULL, db_i(now_us()), db_i(who->merchant_id), db_b(hash));
    if (e != OK)
        return e;
    return audit_write(tx, who->merchant_id, &by, "session.end", "staff", c->staff_id, NULL);
}

static enum err end_all(struct db_tx *tx, struct sessions_call *c)
{
    const struct caller *who = &c->r->caller;
    struct audit_actor by = audit_by_request(c->r);
    enum err e = staff_end_sessions(tx, who->merchant_id, c->staff_id, who->session_hash);
    if (e != OK)
        return e;
    return audit_write(tx, who->merchant_id, &by, "session.end_all", "staff", c->staff_id, NULL);
}

static enum err end_own(struct db_tx *tx, void *arg)
{
    enum err e = find_whose(tx, arg, false);
    return e == OK ? end_one(tx, arg) : e;
}

static enum err end_all_own(struct db_tx *tx, void *arg)
{
    enum err e = find_whose(tx, arg, false);
    return e == OK ? end_all(tx, arg) : e;
}

static enum err end_theirs(struct db_tx *tx, void *arg)
{
    enum err e = find_whose(tx, arg, true);
    return e == OK ? end_one(tx, arg) : e;
}

static enum err end_all_theirs(struct db_tx *tx, void *arg)
{
    enum err e = find_whose(tx, arg, true);
    return e == OK ? end_all(tx, arg) : e;
}

#define READ_ROUTE(name, fn)                                                                       \
    static enum err name(struct request *r)                                                        \
    {                                                                                              \
        return db_read(((const struct app *)r->app)->db, fn, &(struct sessions_call){.r = r});     \
    }
#define WRITE_ROUTE(name, fn)                                                                      \
    static enum err name(struct request *r)                                                        \
    {                                                                                              \
        return db_write(((const struct app *)r->app)->db, fn, &(struct sessions_call){.r = r});    \
    }
READ_ROUTE(list_own_route, list_own)
READ_ROUTE(list_theirs_route, list_theirs)
WRITE_ROUTE(end_own_route, end_own)
WRITE_ROUTE(end_all_own_route, end_all_own)
WRITE_ROUTE(end_theirs_route, end_theirs)
WRITE_ROUTE(end_all_theirs_route, end_all_theirs)

const struct http_route sessions_routes[] = {
    {"GET", "/api/v1/sessions", PERM_SIGNED_IN, list_own_route, .while_barred = true,
     .summary = "Where one is signed in oneself", .answer = "SessionList"},
    {"DELETE", "/api/v1/sessions", PERM_SIGNED_IN, end_all_own_route, .while_barred = true,
     .summary = "Ends all of one's sessions but this one"},
    {"DELETE", "/api/v1/sessions/{id}", PERM_SIGNED_IN, end_own_route, .while_barred = true,
     .summary = "Ends one of one's sessions"},
    {"GET", "/api/v1/staff/{id}/sessions", PERM_STAFF_MANAGE, list_theirs_route,
     .summary = "Where a staff member is signed in", .answer = "SessionList"},
    {"DELETE", "/api/v1/staff/{id}/sessions", PERM_STAFF_MANAGE, end_all_theirs_route,
     .summary = "Signs a staff member out everywhere"},
    {"DELETE", "/api/v1/staff/{id}/sessions/{id}", PERM_STAFF_MANAGE, end_theirs_route,
     .summary = "Ends one session of a staff member"},
    {0},
};
