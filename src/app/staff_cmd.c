/* habitue staff list | add | invite | reset | reset-totp | remove */
#include <stdio.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../crm/staff/session.h"
#include "../crm/staff/totp.h"
#include "../crm/store/store.h"
#include "cli.h"

static const struct audit_actor command_line = {.name = "command line"};

struct staff_call {
    struct cli *c;
    struct merchant m;
    const char *email, *name, *role, *language, *url;
    struct cli_list stores;
    enum role role_id;
    struct staff *all;
    size_t n;
    char token[INVITATION_TOKEN_MAX];
    int64_t expires_us;
    struct problem problem;
};

/* ---- list ---- */

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct staff_call *s = arg;
    return staff_list(tx, s->m.id, s->c->arena, &s->all, &s->n);
}

static int run_list(struct staff_call *s)
{
    struct buf out;
    struct json j;
    enum err e = db_read(s->c->app.db, read_all, s);
    if (e != OK)
        return cli_fail(s->c, e, NULL);
    buf_init(&out, 64 * 1024 * 1024);
    json_init(&j, &out);
    json_list(&j);
    for (size_t i = 0; i < s->n; i++) {
        const struct staff *one = &s->all[i];
        if (s->c->json)
            staff_json(&j, one);
        else
            printf("%s\t%s\t%s\t%s\n", one->email, one->name, role_name(one->role),
                   one->active ? "active" : "invited");
    }
    json_end(&j);
    if (s->c->json)
        printf("%s\n", buf_cstr(&out));
    buf_free(&out);
    return CLI_OK;
}

/* ---- changes ---- */

static int print_link(struct staff_call *s)
{
    printf("%s\n", invitation_url(s->c->arena, s->url, s->token));
    return CLI_OK;
}

static enum err find_stores(struct db_tx *tx, struct staff_call *s, int64_t *ret_ids)
{
    struct store *all;
    size_t n;
    enum err e = store_list(tx, s->m.id, s->c->arena, &all, &n);
    for (int i = 0; i < s->stores.n && e == OK; i++) {
        struct str key = store_key(s->c->arena, str_c(s->stores.items[i]));
        e = ERR_NOT_FOUND;
        for (size_t k = 0; k < n && e != OK; k++) {
            if (str_eq(store_key(s->c->arena, str_c(all[k].name)), key)) {
                ret_ids[i] = all[k].id;
                e = OK;
            }
        }
        if (e != OK)
            return problem_set(&s->problem, s->c->arena, ERR_INVALID, "staff_store_unknown",
                               "store", NULL);
    }
    return e;
}

static enum err add(struct db_tx *tx, void *arg)
{
    struct staff_call *s = arg;
    int64_t id, stores[CLI_LIST_MAX];
    enum err e = find_stores(tx, s, stores);
    if (e != OK)
        return e;
    const struct staff_new person = {.email = str_c(s->email),
                                     .name = str_c(s->name ? s->name : ""),
                                     .role = s->role_id,
                                     .language = s->language ? s->language : s->m.language,
                                     .stores = stores,
                                     .nstores = (size_t)s->stores.n};
    e = staff_create(tx, s->m.id, &person, &command_line, &id, &s->problem);
    return e == OK ? invitation_make(tx, s->m.id, id, &command_line, s->token, &s->expires_us) : e;
}

static enum err find_person(struct db_tx *tx, struct staff_call *s, struct staff *ret)
{
    enum err e = staff_by_email(tx, s->m.id, str_c(s->email), s->c->arena, ret);
    return e == ERR_NOT_FOUND ? problem_set(&s->problem, s->c->arena, e, "staff_nobody", NULL,
                                            "email", s->email, NULL)
                              : e;
}

static enum err invite(struct db_tx *tx, void *arg)
{
    struct staff_call *s = arg;
    struct staff person;
    enum err e = find_person(tx, s, &person);
    return e == OK
               ? invitation_make(tx, s->m.id, person.id, &command_line, s->token, &s->expires_us)
               : e;
}

/* Somebody else knows the password: it is void at once, and so are the sessions. */
static enum err reset(struct db_tx *tx, void *arg)
{
    struct staff_call *s = arg;
    struct staff person;
    enum err e = find_person(tx, s, &person);
    if (e == OK)
        e = staff_set_password(tx, s->m.id, person.id, NULL, STR(""));
    if (e == OK)
        e = audit_write(tx, s->m.id, &command_line, "staff.reset", "staff", person.id, NULL);
    return e == OK
               ? invitation_make(tx, s->m.id, person.id, &command_line, s->token, &s->expires_us)
               : e;
}

/* Somebody lost the phone: the next sign-in asks for the password alone. */
static enum err reset_totp(struct db_tx *tx, void *arg)
{
    struct staff_call *s = arg;
    struct staff person;
    enum err e = find_person(tx, s, &person);
    return e == OK ? totp_clear(tx, s->m.id, person.id, &command_line, "totp.reset", &s->problem)
                   : e;
}

static enum err take_out(struct db_tx *tx, void *arg)
{
    struct staff_call *s = arg;
    struct staff person;
    enum err e = find_person(tx, s, &person);
    return e == OK ? staff_remove(tx, s->m.id, person.id, &command_line, &s->problem) : e;
}

static const struct action {
    const char *word;
    db_fn write; /* NULL: list */
    bool links, has_email;
} actions[] = {
    {"list", NULL, false, false},
    {"add", add, true, false},
    {"invite", invite, true, true},
    {"reset", reset, true, true},
    {"reset-totp", reset_totp, false, true},
    {"remove", take_out, false, true},
    {0},
};

static int run(struct staff_call *s, const struct action *a)
{
    int status = cli_merchant(s->c, &s->m);
    if (status != CLI_OK)
        return status;
    if (!a->write)
        return run_list(s);
    enum err e = db_write(s->c->app.db, a->write, s);
    if (e != OK)
        return cli_fail(s->c, e, &s->problem);
    return a->links ? print_link(s) : CLI_OK;
}

static bool language_known(const char *language)
{
    for (int i = 0; language_names[i]; i++) {
        if (strcmp(language_names[i], language) == 0)
            return true;
    }
    return false;
}

static int check_words(struct staff_call *s, const struct action *a)
{
    struct cli *c = s->c;
    if (!a->word)
        return cli_wrong_usage(c, "cli.bad_word", c->argv[0]);
    if (a->has_email != (c->argc == 2))
        return cli_wrong_usage(c, a->has_email ? "cli.too_few" : "cli.too_many",
                               c->argv[c->argc - 1]);
    if (a->has_email)
        s->email = c->argv[1];
    if (a->write == add && !s->email)
        return cli_wrong_usage(c, "cli.missing", "--email");
    if (s->language && !language_known(s->language))
        return cli_wrong_usage(c, "cli.bad_value", "language");
    s->role_id = role_by_name(str_c(s->role));
    return s->role_id == ROLE_NONE ? cli_wrong_usage(c, "cli.bad_value", "role") : CLI_OK;
}

int cmd_staff(struct cli *c, int argc, char **argv)
{
    struct staff_call s = {.c = c, .role = "associate", .url = "http://127.0.0.1:8080"};
    const struct cli_option options[] = {
        {"email", CLI_TEXT, &s.email, 0, 0},
        {"name", CLI_TEXT, &s.name, 0, 0},
        {"role", CLI_TEXT, &s.role, 0, 0},
        {"language", CLI_TEXT, &s.language, 0, 0},
        {"store", CLI_LIST, &s.stores, 0, 0},
        {"url", CLI_TEXT, &s.url, 0, 0},
        {0},
    };
    const struct action *a = actions;
    int status = cli_options(c, argc, argv, options, 1, 2);
    if (status != CLI_OK || c->asks_help)
        return status;
    while (a->word && strcmp(a->word, c->argv[0]) != 0)
        a++;
    status = check_words(&s, a);
    if (status == CLI_OK)
        status = cli_open(c, false);
    if (status == CLI_OK)
        status = run(&s, a);
    cli_close(c);
    return status;
}
