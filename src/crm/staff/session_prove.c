#include "../../base/check.h"
#include "../../base/day.h"
#include "guard.h"
#include "session.h"
#include "totp.h"

struct proving {
    struct request *r;
    struct staff staff;
    struct str code;
    const char *action; /* of the audit entry of a refusal */
    bool right;
};

enum err session_throttled(struct request *r, int seconds)
{
    r->status = 429;
    return request_fail(r, ERR_BUSY, "session_throttled", NULL, "seconds",
                        arena_printf(r->arena, "%d", seconds), NULL);
}

static enum err read_self(struct db_tx *tx, void *arg)
{
    struct proving *p = arg;
    const struct caller *c = &p->r->caller;
    return staff_get(tx, c->merchant_id, c->staff_id, p->r->arena, &p->staff);
}

static enum err note_wrong(struct db_tx *tx, void *arg)
{
    const struct proving *p = arg;
    struct audit_actor by = audit_by_request(p->r);
    return audit_write(tx, p->r->caller.merchant_id, &by, p->action, "session", 0, NULL);
}

static enum err use_code(struct db_tx *tx, void *arg)
{
    struct proving *p = arg;
    const struct caller *c = &p->r->caller;
    return totp_use(tx, c->merchant_id, c->staff_id, p->code, &p->right);
}

static enum err prove_password(struct proving *p, struct str password)
{
    struct request *r = p->r;
    const struct app *app = r->app;
    struct str email_key = email_match_key(r->arena, str_c(p->staff.email));
    int seconds = guard_enter(app->guard, r->address, email_key, now_us());
    if (seconds > 0)
        return session_throttled(r, seconds);
    enum err e = guard_verify(app->guard, p->staff.password_hash, password, &p->right);
    if (e != OK)
        return e;
    if (p->right) {
        guard_passed(app->guard, r->address, email_key);
        return OK;
    }
    p->action = "session.fail";
    e = db_write(app->db, note_wrong, p);
    /* not 401: the session itself is good */
    return e == OK ? request_fail(r, ERR_INVALID, "session_password_wrong", "password", NULL) : e;
}

static enum err prove_code(struct proving *p)
{
    struct request *r = p->r;
    const struct app *app = r->app;
    const struct caller *c = &r->caller;
    if (p->code.n == 0)
        return request_fail(r, ERR_INVALID, "session_code_needed", "code", NULL);
    int seconds = totp_guard_enter(app, r->address, c->merchant_id, c->staff_id);
    if (seconds > 0)
        return session_throttled(r, seconds);
    enum err e = db_write(app->db, use_code, p);
    if (e != OK)
        return e;
    if (p->right) {
        totp_guard_passed(app, r->address, c->merchant_id, c->staff_id);
        return OK;
    }
    p->action = "session.fail_code";
    e = db_write(app->db, note_wrong, p);
    return e == OK ? request_fail(r, ERR_INVALID, "session_code_wrong", "code", NULL) : e;
}

enum err session_prove(struct request *r, struct str password, struct str code)
{
    const struct app *app = r->app;
    struct proving p = {.r = r, .code = code};
    enum err e = db_read(app->db, read_self, &p);
    if (e == OK)
        e = prove_password(&p, password);
    return e == OK && p.staff.second_step ? prove_code(&p) : e;
}
