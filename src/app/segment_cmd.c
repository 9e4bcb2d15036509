/* habitue segment list | show | add | remove: the shared segments, as the program sees them. */
#include <stdio.h>
#include "../base/check.h"
#include "../crm/segment/segment_count.h"
#include "../crm/staff/staff.h"
#include "cli.h"

struct segment_call {
    struct cli *c;
    struct merchant m;
    const char *name, *query, *owner, *description;
    struct audience_use use;
    struct audience_reader reader;
    struct segment_actor who;
    struct segment *all, one;
    size_t n;
    struct problem problem;
};

static enum err read_all(struct db_tx *tx, void *arg)
{
    struct segment_call *s = arg;
    return segment_list(tx, s->m.id, s->c->arena, &s->all, &s->n);
}

/* The shared one of that name. */
static enum err find(struct db_tx *tx, struct segment_call *s)
{
    struct str key = query_segment_key(s->c->arena, str_c(s->name));
    enum err e = read_all(tx, s);
    if (e != OK)
        return e;
    for (size_t i = 0; i < s->n; i++) {
        s->one = s->all[i];
        if (!s->one.deleted && segment_seen(&s->one, &s->who) &&
            str_eq(query_segment_key(s->c->arena, s->one.name), key))
            return OK;
    }
    return problem_set(&s->problem, s->c->arena, ERR_NOT_FOUND, "segment_nobody", NULL, "name",
                       s->name, NULL);
}

/* ---- list, show ---- */

static enum err print_one(struct segment_call *s, const struct segment *one, struct json *j)
{
    struct segment_count count;
    const struct audience_viewer everybody = {0};
    enum err e = segment_count(&s->reader, &everybody, s->c->arena, one->text, NULL, &count);
    if (e != OK)
        return e;
    if (!s->c->json) {
        const char *number =
            count.good ? arena_printf(s->c->arena, "%lld", (long long)count.customers) : "?";
        printf("%.*s\t%s\t%.*s\n", (int)one->name.n, one->name.p, number, (int)one->text.n,
               one->text.p);
        return OK;
    }
    json_open(j);
    json_kv_id(j, "id", one->id);
    json_kv_text(j, "name", one->name);
    json_kv_text(j, "description", one->description);
    json_kv_text(j, "query", one->text);
    json_kv_text(j, "owner", one->owner_name);
    json_key(j, "customers");
    if (count.good)
        json_int(j, count.customers);
    else
        json_nil(j);
    json_close(j);
    return OK;
}

static enum err find_one(struct db_tx *tx, void *arg)
{
    return find(tx, arg);
}

/* One of that name, or all. */
static int run_reading(struct segment_call *s)
{
    struct buf out;
    struct json j;
    enum err e = db_read(s->c->app.db, s->name ? find_one : read_all, s);
    buf_init(&out, 64 * 1024 * 1024);
    json_init(&j, &out);
    if (!s->name)
        json_list(&j);
    if (e == OK && s->name)
        e = print_one(s, &s->one, &j);
    for (size_t i = 0; e == OK && !s->name && i < s->n; i++)
        if (!s->all[i].deleted && segment_seen(&s->all[i], &s->who))
            e = print_one(s, &s->all[i], &j);
    if (!s->name)
        json_end(&j);
    if (e == OK && s->c->json)
        printf("%s\n", buf_cstr(&out));
    buf_free(&out);
    return e == OK ? CLI_OK : cli_fail(s->c, e, &s->problem);
}

/* ---- add, remove ---- */

/* --owner, else the first owner of the shop. */
static enum err find_owner(struct db_tx *tx, struct segment_call *s, int64_t *ret)
{
    struct staff *all, person;
    size_t n;
    enum err e;
    if (s->owner) {
        e = staff_by_email(tx, s->m.id, str_c(s->owner), s->c->arena, &person);
        *ret = e == OK ? person.id : 0;
        return e == ERR_NOT_FOUND ? problem_set(&s->problem, s->c->arena, e, "staff_nobody", NULL,
                                                "email", s->owner, NULL)
                                  : e;
    }
    e = staff_list(tx, s->m.id, s->c->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        if (all[i].role == ROLE_OWNER) {
            *ret = all[i].id;
            return OK;
        }
    }
    return e == OK ? ERR_NOT_FOUND : e;
}

static enum err add(struct db_tx *tx, void *arg)
{
    struct segment_call *s = arg;
    struct segment after = {.name = str_c(s->name),
                            .description = str_c(s->description),
                            .text = str_c(s->query),
                            .shared = true};
    enum err e = find_owner(tx, s, &after.owner_id);
    return e == OK ? segment_save(tx, s->m.id, NULL, &after, &s->who, &s->problem) : e;
}

static enum err take_out(struct db_tx *tx, void *arg)
{
    struct segment_call *s = arg;
    enum err e = find(tx, s);
    return e == OK ? segment_delete(tx, s->m.id, s->one.id, &s->who, &s->problem) : e;
}

/* Names and texts as the browser's way in takes them: clean UTF-8, not too long. */
static int check_texts(struct segment_call *s)
{
    struct {
        const char **at;
        size_t most; /* characters */
    } texts[] = {{&s->name, SEGMENT_NAME_MAX},
                 {&s->description, SEGMENT_DESCRIPTION_MAX},
                 {&s->query, QUERY_TEXT_MAX}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct str clean;
        if (text_clean(s->c->arena, str_c(*texts[i].at), &clean) != OK ||
            text_length(clean) > texts[i].most || (clean.n == 0 && texts[i].at != &s->description))
            return cli_wrong_usage(s->c, "cli.bad_value", *texts[i].at);
        *texts[i].at = arena_cstr(s->c->arena, clean);
    }
    return CLI_OK;
}

static int run_add(struct segment_call *s)
{
    int status = check_texts(s);
    if (status != CLI_OK)
        return status;
    const struct segment draft = {.name = str_c(s->name), .text = str_c(s->query), .shared = true};
    enum err e = segment_check(&s->reader, &draft, s->c->arena, &s->problem);
    if (e == OK)
        e = db_write(s->c->app.db, add, s);
    return e == OK ? CLI_OK : cli_fail(s->c, e, &s->problem);
}

static int run_remove(struct segment_call *s)
{
    enum err e = db_write(s->c->app.db, take_out, s);
    return e == OK ? CLI_OK : cli_fail(s->c, e, &s->problem);
}

static const struct action {
    const char *word;
    int words; /* with itself */
    int (*run)(struct segment_call *s);
} actions[] = {
    {"list", 1, run_reading},
    {"show", 2, run_reading},
    {"add", 3, run_add},
    {"remove", 2, run_remove},
    {0},
};

static int run(struct segment_call *s, const struct action *a)
{
    int status = cli_merchant(s->c, &s->m);
    if (status != CLI_OK)
        return status;
    enum err e = audiences_use(s->c->app.audiences, s->m.id, &s->use);
    if (e != OK)
        return cli_fail(s->c, e, NULL);
    audience_reader(&s->use, 0, &s->reader);
    s->who = (struct segment_actor){.may_share = true,
                                    .today = s->use.today,
                                    .arena = s->c->arena,
                                    .by = {.name = "command line"}};
    status = a->run(s);
    audiences_done(&s->use);
    return status;
}

int cmd_segment(struct cli *c, int argc, char **argv)
{
    struct segment_call s = {.c = c, .description = "", .problem = {.from = -1}};
    const struct cli_option options[] = {
        {"owner", CLI_TEXT, &s.owner, 0, 0},
        {"description", CLI_TEXT, &s.description, 0, 0},
        {0},
    };
    const struct action *a = actions;
    int status = cli_options(c, argc, argv, options, 1, 3);
    if (status != CLI_OK || c->asks_help)
        return status;
    while (a->word && strcmp(a->word, c->argv[0]) != 0)
        a++;
    if (!a->word)
        return cli_wrong_usage(c, "cli.bad_word", c->argv[0]);
    if (c->argc != a->words)
        return cli_wrong_usage(c, c->argc < a->words ? "cli.too_few" : "cli.too_many",
                               c->argv[c->argc - 1]);
    s.name = c->argc > 1 ? c->argv[1] : NULL;
    s.query = c->argc > 2 ? c->argv[2] : NULL;
    status = cli_open(c, false);
    if (status == CLI_OK)
        status = run(&s, a);
    cli_close(c);
    return status;
}
