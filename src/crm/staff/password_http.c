/* One's own password: a new one ends every other session. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "guard.h"
#include "session.h"
#include "totp.h"

#define AT(field) offsetof(struct session_password_args, field)
const struct spec session_password_spec[] = {
    {"password", SPEC_TEXT, AT(password), .required = true, .max = PASSWORD_MAX,
     .doc = "the one until now"},
    {"code", SPEC_TEXT, AT(code), .max = TOTP_CODE_MAX, .doc = "where there is a second step"},
    {"new_password", SPEC_TEXT, AT(new_password), .required = true, .max = 10000},
    {0},
};
#undef AT

struct changing {
    struct request *r;
    struct session_view view;
    char hash[PASSWORD_HASH_MAX];
};

static enum err read_view(struct db_tx *tx, void *arg)
{
    struct changing *c = arg;
    return session_read(tx, c->r, &c->view);
}

static enum err change(struct db_tx *tx, void *arg)
{
    struct changing *c = arg;
    const struct caller *who = &c->r->caller;
    struct audit_actor by = audit_by_request(c->r);
    enum err e =
        staff_set_password(tx, who->merchant_id, who->staff_id, c->hash, who->session_hash);
    if (e == OK)
        e = audit_write(tx, who->merchant_id, &by, "staff.password", "staff", who->staff_id, NULL);
    return e == OK ? session_read(tx, c->r, &c->view) : e;
}

enum err session_password_route(struct request *r)
{
    const struct app *app = r->app;
    const struct session_password_args *args = r->args;
    struct changing c = {.r = r};
    enum err e = db_read(app->db, read_view, &c);
    if (e != OK)
        return e;
    const struct str personal[] = {
        str_c(c.view.staff.email), str_c(c.view.staff.name), str_c(c.view.merchant.name), {"", 0}};
    /* before the code is used up */
    e = password_check(r->arena, args->new_password, personal, &r->problem);
    if (e != OK) {
        r->problem.field = "new_password";
        return e;
    }
    e = session_prove(r, args->password, args->code);
    if (e == OK)
        e = guard_hash(app->guard, args->new_password, c.hash);
    if (e == OK)
        e = db_write(app->db, change, &c);
    if (e == OK)
        session_json(&r->json, app, &c.view);
    return e;
}
