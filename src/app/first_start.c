#include "first_start.h"

#include "../base/check.h"
#include "../base/day.h"
#include "../crm/staff/staff.h"

static const struct audit_actor command_line = {.name = "command line"};

enum err merchant_with_owner(struct db_tx *tx, struct arena *a, const struct merchant *m,
                             struct str email, char ret_token[static 80], int64_t *ret_id,
                             struct problem *p)
{
    struct merchant made = *m;
    int64_t owner_id, expires_us;
    if (!made.slug)
        made.slug = merchant_slug(a, made.name);
    const struct staff_new owner = {
        .email = email, .name = STR(""), .role = ROLE_OWNER, .language = made.language};
    enum err e = merchant_create(tx, &made, ret_id, p);
    if (e == OK)
        e = audit_write(tx, *ret_id, &command_line, "merchant.create", "merchant", *ret_id, NULL);
    if (e == OK)
        e = staff_create(tx, *ret_id, &owner, &command_line, &owner_id, p);
    if (e == OK)
        e = invitation_make(tx, *ret_id, owner_id, &command_line, ret_token, &expires_us);
    return e;
}

struct first {
    struct cli *c;
    const struct merchant *wanted;
    struct problem problem;
    char token[INVITATION_TOKEN_MAX];
    bool invites;
};

/* The owner nobody has become yet, when there is no other. */
static enum err invite_again(struct db_tx *tx, struct first *f, int64_t merchant_id)
{
    struct staff *all;
    size_t n;
    int64_t waiting = 0, expires_us;
    enum err e = staff_list(tx, merchant_id, f->c->arena, &all, &n);
    if (e != OK)
        return e;
    for (size_t i = 0; i < n; i++) {
        if (all[i].role != ROLE_OWNER)
            continue;
        if (all[i].active)
            return OK;
        waiting = all[i].id;
    }
    if (waiting == 0)
        return OK;
    f->invites = true;
    return invitation_make(tx, merchant_id, waiting, &command_line, f->token, &expires_us);
}

static enum err make_first(struct db_tx *tx, void *arg)
{
    struct first *f = arg;
    struct merchant there;
    int64_t id;
    f->invites = false;
    f->problem = (struct problem){.from = -1};
    enum err e = merchant_find(tx, NULL, f->c->arena, &there, &f->problem);
    if (e == OK)
        return invite_again(tx, f, there.id);
    if (e == ERR_INVALID)
        return OK; /* several: `habitue merchant` and `habitue staff` handle them */
    if (e != ERR_NOT_FOUND)
        return e;
    f->invites = true;
    return merchant_with_owner(tx, f->c->arena, f->wanted, STR(""), f->token, &id, &f->problem);
}

int first_start(struct cli *c, const struct merchant *m, const char *origin, const char **ret_link)
{
    struct first f = {.c = c, .wanted = m};
    enum err e = db_write(c->app.db, make_first, &f);
    if (e != OK)
        return cli_fail(c, e, &f.problem);
    *ret_link = f.invites ? invitation_url(c->arena, origin, f.token) : NULL;
    return CLI_OK;
}
