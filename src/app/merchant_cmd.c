/* habitue merchant add | list */
#include <stdio.h>
#include "../base/day.h"
#include "../crm/staff/staff.h"
#include "cli.h"
#include "first_start.h"

#define DEFAULT_URL "http://127.0.0.1:8080"

struct merchant_call {
    struct cli *c;
    struct merchant m, *all;
    size_t n;
    const char *email, *url;
    char token[INVITATION_TOKEN_MAX];
    struct problem problem;
};

static enum err add(struct db_tx *tx, void *arg)
{
    struct merchant_call *call = arg;
    int64_t id;
    return merchant_with_owner(tx, call->c->arena, &call->m, str_c(call->email), call->token, &id,
                               &call->problem);
}

static int run_add(struct merchant_call *call)
{
    struct cli *c = call->c;
    if (!call->m.slug)
        call->m.slug = merchant_slug(c->arena, call->m.name);
    enum err e = db_write(c->app.db, add, call);
    if (e != OK)
        return cli_fail(c, e, &call->problem);
    const char *link = invitation_url(c->arena, call->url, call->token);
    if (!c->json) {
        printf("%s\t%s\n", call->m.slug, link);
        return CLI_OK;
    }
    struct buf out;
    struct json j;
    buf_init(&out, 65536);
    json_init(&j, &out);
    json_open(&j);
    json_kv_cstr(&j, "slug", call->m.slug);
    json_kv_cstr(&j, "invitation", link);
    json_close(&j);
    printf("%s\n", buf_cstr(&out));
    buf_free(&out);
    return CLI_OK;
}

static enum err list(struct db_tx *tx, void *arg)
{
    struct merchant_call *call = arg;
    return merchant_list(tx, call->c->arena, &call->all, &call->n);
}

static int run_list(struct merchant_call *call)
{
    struct cli *c = call->c;
    struct buf out;
    struct json j;
    enum err e = db_read(c->app.db, list, call);
    if (e != OK)
        return cli_fail(c, e, NULL);
    buf_init(&out, 16 * 1024 * 1024);
    json_init(&j, &out);
    json_list(&j);
    for (size_t i = 0; i < call->n; i++) {
        const struct merchant *m = &call->all[i];
        if (c->json)
            merchant_json(&j, &c->app, m, true);
        else
            printf("%s\t%s\t%s\t%s\t%s\t%s\n", m->slug, m->name, m->currency, m->time_zone,
                   m->country, m->language);
    }
    json_end(&j);
    if (c->json)
        printf("%s\n", buf_cstr(&out));
    buf_free(&out);
    return CLI_OK;
}

int cmd_merchant(struct cli *c, int argc, char **argv)
{
    struct merchant_call call = {.c = c, .email = "", .url = DEFAULT_URL};
    struct merchant *m = &call.m;
    struct merchant place = {0};
    const struct cli_option options[] = {
        {"name", CLI_TEXT, &m->name, 0, 0},
        {"slug", CLI_TEXT, &m->slug, 0, 0},
        {"currency", CLI_TEXT, &m->currency, 0, 0},
        {"time-zone", CLI_TEXT, &m->time_zone, 0, 0},
        {"country", CLI_TEXT, &m->country, 0, 0},
        {"language", CLI_TEXT, &m->language, 0, 0},
        {"owner-email", CLI_TEXT, &call.email, 0, 0},
        {"url", CLI_TEXT, &call.url, 0, 0},
        {0},
    };
    int status = cli_options(c, argc, argv, options, 1, 1);
    if (status != CLI_OK || c->asks_help)
        return status;
    bool adds = strcmp(c->argv[0], "add") == 0;
    if (!adds && strcmp(c->argv[0], "list") != 0)
        return cli_wrong_usage(c, "cli.bad_word", c->argv[0]);
    if (adds && (!m->name || !*m->name))
        return cli_wrong_usage(c, "cli.missing", "--name");
    cli_place(c, &place);
    m->currency = m->currency ? m->currency : place.currency;
    m->time_zone = m->time_zone ? m->time_zone : place.time_zone;
    m->country = m->country ? m->country : place.country;
    m->language = m->language ? m->language : place.language;
    status = cli_open(c, adds);
    if (status == CLI_OK)
        status = adds ? run_add(&call) : run_list(&call);
    cli_close(c);
    return status;
}
