/* habitue group list | add NAME | rename NAME NEW | remove NAME: customers picked by hand; who is
 * in them is changed by habitue bulk. */
#include <stdio.h>
#include "../base/check.h"
#include "../base/text.h"
#include "../crm/customer/audiences.h"
#include "../crm/group/group.h"
#include "cli_work.h"

struct group_call {
    struct cli *c;
    struct merchant m;
    const char *description;
    struct group *all;
    size_t n;
    struct group_actor who;
    struct problem problem;
};

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct group_call *g = arg;
    return group_list(tx, g->m.id, g->c->arena, &g->all, &g->n);
}

static enum err find(struct db_tx *tx, struct group_call *g, struct group *ret)
{
    struct str name = str_c(g->c->argv[1]), key = text_fold(g->c->arena, name);
    enum err e = read_all(tx, g);
    for (size_t i = 0; e == OK && i < g->n; i++)
        if (!g->all[i].deleted && str_eq(text_fold(g->c->arena, g->all[i].name), key)) {
            *ret = g->all[i];
            return OK;
        }
    return e == OK ? problem_set(&g->problem, g->c->arena, ERR_NOT_FOUND, "bulk_target_unknown",
                                 NULL, "target", g->c->argv[1], NULL)
                   : e;
}

static enum err add(struct db_tx *tx, void *arg)
{
    struct group_call *g = arg;
    struct group one = {.name = str_c(g->c->argv[1]), .description = str_c(g->description)};
    return group_save(tx, g->m.id, NULL, &one, &g->who, &g->problem);
}

static enum err rename_one(struct db_tx *tx, void *arg)
{
    struct group_call *g = arg;
    struct group before, after;
    enum err e = find(tx, g, &before);
    if (e != OK)
        return e;
    after = before;
    after.name = str_c(g->c->argv[2]);
    return group_save(tx, g->m.id, &before, &after, &g->who, &g->problem);
}

static enum err take_out(struct db_tx *tx, void *arg)
{
    struct group_call *g = arg;
    struct group one;
    enum err e = find(tx, g, &one);
    return e == OK ? group_delete(tx, g->m.id, one.id, &g->who, &g->problem) : e;
}

static int print_all(struct group_call *g)
{
    enum err e = db_read(g->c->app.db, read_all, g);
    struct audience_use use = {0};
    struct buf out cleanup(buf_free);
    struct json j;
    int status = CLI_OK;
    buf_init(&out, 1024 * 1024);
    json_init(&j, &out);
    json_list(&j);
    if (e == OK)
        e = audiences_use(g->c->app.audiences, g->m.id, &use);
    for (size_t i = 0; e == OK && status == CLI_OK && i < g->n; i++) {
        const struct group *one = &g->all[i];
        const int64_t *ids;
        size_t n = 0;
        if (one->deleted)
            continue;
        const char *query = arena_printf(
            g->c->arena, "group:%s", arena_cstr(g->c->arena, query_quoted(g->c->arena, one->name)));
        status = cli_matching(g->c, &use, query, &ids, &n);
        if (!g->c->json) {
            printf("%.*s\t%zu\n", (int)one->name.n, one->name.p, n);
            continue;
        }
        json_open(&j);
        json_kv_id(&j, "id", one->id);
        json_kv_text(&j, "name", one->name);
        json_kv_text(&j, "description", one->description);
        json_kv_int(&j, "customers", (int64_t)n);
        json_close(&j);
    }
    audiences_done(&use);
    json_end(&j);
    if (e == OK && g->c->json)
        printf("%s\n", buf_cstr(&out));
    return e == OK ? status : cli_fail(g->c, e, NULL);
}

static const struct {
    const char *word;
    int words;
    db_fn write; /* NULL: the list */
} actions[] = {
    {"list", 1, NULL}, {"add", 2, add}, {"rename", 3, rename_one}, {"remove", 2, take_out}};

int cmd_group(struct cli *c, int argc, char **argv)
{
    struct group_call g = {.c = c, .description = "", .problem = {.from = -1}};
    const struct cli_option options[] = {{"description", CLI_TEXT, &g.description, 0, 0}, {0}};
    size_t i = 0;
    int status = cli_options(c, argc, argv, options, 1, 3);
    if (status != CLI_OK || c->asks_help)
        return status;
    while (i < ARRAY_LEN(actions) && strcmp(actions[i].word, c->argv[0]) != 0)
        i++;
    if (i == ARRAY_LEN(actions))
        return cli_wrong_usage(c, "cli.bad_word", c->argv[0]);
    if (c->argc != actions[i].words)
        return cli_wrong_usage(c, c->argc < actions[i].words ? "cli.too_few" : "cli.too_many",
                               c->argv[c->argc - 1]);
    g.who =
        (struct group_actor){.may_manage = true, .arena = c->arena, .by = {.name = "command line"}};
    status = cli_open(c, false);
    if (status == CLI_OK)
        status = cli_merchant(c, &g.m);
    if (status == CLI_OK && !actions[i].write) {
        status = print_all(&g);
    } else if (status == CLI_OK) {
        enum err e = db_write(c->app.db, actions[i].write, &g);
        status = e == OK ? CLI_OK : cli_fail(c, e, &g.problem);
    }
    cli_close(c);
    return status;
}
