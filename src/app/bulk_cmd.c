/* habitue bulk list | undo ID | ACTION [TARGET]: one thing done to all customers that a query
 * matches. */
#include <stdio.h>
#include "../base/check.h"
#include "../base/text.h"
#include "../crm/bulk/bulk.h"
#include "../crm/change/change.h"
#include "../crm/customer/audiences.h"
#include "../crm/group/group.h"
#include "../crm/word/word.h"
#include "../crm/store/store.h"
#include "cli_work.h"

struct bulk_call {
    struct cli *c;
    struct merchant m;
    const char *query;
    bool dry_run;
    struct audience_use use;
    struct bulk bulk;
    const int64_t *ids;
    int64_t id;
    struct problem problem;
    struct audit_actor by;
};

/* ---- whom, and with what ---- */

static enum err find_group(struct db_tx *tx, struct bulk_call *b)
{
    struct group *all;
    size_t n;
    struct str key = text_fold(b->c->arena, b->bulk.target);
    enum err e = group_list(tx, b->m.id, b->c->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        if (!all[i].deleted && str_eq(text_fold(b->c->arena, all[i].name), key)) {
            b->bulk.target_id = all[i].id;
            b->bulk.target = all[i].name;
            return OK;
        }
    return e == OK ? ERR_NOT_FOUND : e;
}

/* Words that are new are made by what gives them; what takes them away needs one that is there. */
static enum err find_word(struct db_tx *tx, struct bulk_call *b, enum word_kind kind)
{
    bool is_new = false;
    enum err e = word_id(tx, b->m.id, kind, b->bulk.target, &b->bulk.target_id, &is_new);
    if (e == OK && is_new && strcmp(bulk_action_name(b->bulk.action), "tag_remove") == 0)
        return ERR_NOT_FOUND;
    return e == OK && is_new ? change_note(tx, b->m.id, "word", &b->bulk.target_id, 1) : e;
}

static enum err find_store(struct db_tx *tx, struct bulk_call *b)
{
    bool is_new = false;
    enum err e = store_by_name(tx, b->m.id, b->bulk.target, &b->bulk.target_id, &is_new);
    return e == OK && is_new ? ERR_NOT_FOUND : e;
}

static enum err find_target(struct db_tx *tx, void *arg)
{
    struct bulk_call *b = arg;
    enum err e = OK;
    switch (bulk_action_needs(b->bulk.action)) {
    case BULK_GROUP:
        e = find_group(tx, b);
        break;
    case BULK_STORE:
        e = find_store(tx, b);
        break;
    case BULK_TAG:
        e = find_word(tx, b, WORD_TAG);
        break;
    case BULK_SOURCE:
        e = find_word(tx, b, WORD_SOURCE);
        break;
    default:
        break;
    }
    return e == ERR_NOT_FOUND
               ? problem_set(&b->problem, b->c->arena, e, "bulk_target_unknown", NULL, "target",
                             arena_cstr(b->c->arena, b->bulk.target), NULL)
               : e;
}

/* ---- telling ---- */

static void print_counts(struct bulk_call *b, const struct bulk_counts *counts, int64_t id)
{
    struct buf out;
    struct json j;
    buf_init(&out, 65536);
    json_init(&j, &out);
    json_open(&j);
    if (id)
        json_kv_id(&j, "id", id);
    for (int i = 0; bulk_outcome_names[i]; i++)
        json_kv_int(&j, bulk_outcome_names[i], counts->of[i]);
    json_close(&j);
    if (b->c->json) {
        printf("%s\n", buf_cstr(&out));
    } else {
        if (id)
            printf("id\t%lld\n", (long long)id);
        for (int i = 0; bulk_outcome_names[i]; i++)
            if (counts->of[i])
                printf("%s\t%lld\n", bulk_outcome_names[i], (long long)counts->of[i]);
    }
    buf_free(&out);
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct bulk_call *b = arg;
    return bulk_get(tx, b->m.id, b->id, b->c->arena, &b->bulk);
}

/* Works the action off, then tells what came of it. */
static int work_off(struct bulk_call *b)
{
    enum err e = db_read(b->c->app.db, read_one, b);
    int status = e == OK ? cli_work(b->c, b->m.id, b->bulk.job_id) : cli_fail(b->c, e, NULL);
    if (status == CLI_OK && (e = db_read(b->c->app.db, read_one, b)) != OK)
        status = cli_fail(b->c, e, NULL);
    if (status == CLI_OK)
        print_counts(b, &b->bulk.counts, b->id);
    return status;
}

/* ---- doing ---- */

/* The target is looked for in the transaction that may make it; a dry run makes nothing. */
static enum err start(struct db_tx *tx, void *arg)
{
    struct bulk_call *b = arg;
    struct bulk one;
    enum err e = find_target(tx, b);
    one = b->bulk;
    if (e == OK)
        e = bulk_start(tx, b->m.id, &one, b->ids, &b->by, b->c->arena);
    b->id = one.id;
    return e;
}

static enum err look_up(struct db_tx *tx, void *arg)
{
    enum err e = find_target(tx, arg);
    return e == OK ? ERR_CANCELED : e;
}

static int run_dry(struct bulk_call *b)
{
    struct bulk_preview preview;
    enum err e = db_write(b->c->app.db, look_up, b);
    if (e == ERR_CANCELED)
        e = bulk_preview(&b->c->app, b->m.id, &b->bulk, b->ids, &preview);
    if (e != OK)
        return cli_fail(b->c, e, &b->problem);
    print_counts(b, &preview.counts, 0);
    return CLI_OK;
}

static int run_action(struct bulk_call *b)
{
    size_t n;
    int status = cli_matching(b->c, &b->use, b->query, &b->ids, &n);
    if (status != CLI_OK)
        return status;
    b->bulk.selected = (int64_t)n;
    if (n == 0) {
        problem_set(&b->problem, b->c->arena, ERR_INVALID, "bulk_nobody", NULL, NULL);
        return cli_fail(b->c, ERR_INVALID, &b->problem);
    }
    if (b->dry_run)
        return run_dry(b);
    enum err e = db_write(b->c->app.db, start, b);
    return e == OK ? work_off(b) : cli_fail(b->c, e, &b->problem);
}

static enum err take_back(struct db_tx *tx, void *arg)
{
    struct bulk_call *b = arg;
    return bulk_undo(tx, b->m.id, b->id, &b->by, b->c->arena, &b->id, &b->problem);
}

static int run_undo(struct bulk_call *b, const char *id)
{
    if (!str_int64(str_c(id), &b->id))
        return cli_wrong_usage(b->c, "cli.bad_value", id);
    enum err e = db_write(b->c->app.db, take_back, b);
    return e == OK ? work_off(b) : cli_fail(b->c, e, &b->problem);
}

enum { LISTED = 50 };
static enum err read_list(struct db_tx *tx, void *arg)
{
    struct bulk_call *b = arg;
    struct bulk *all = arena_array(b->c->arena, struct bulk, LISTED);
    size_t n;
    enum err e = bulk_list(tx, b->m.id, 0, INT64_MAX, LISTED, b->c->arena, all, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        printf("%lld\t%s\t%.*s\t%lld\t%lld\t%.*s\n", (long long)all[i].id,
               bulk_action_name(all[i].action), (int)all[i].target.n, all[i].target.p,
               (long long)all[i].selected, (long long)all[i].counts.of[BULK_CHANGED],
               (int)all[i].query.n, all[i].query.p);
    return e;
}

/* What the words ask for. */
static int read_words(struct bulk_call *b)
{
    struct cli *c = b->c;
    const char *word = c->argv[0];
    bool lists = strcmp(word, "list") == 0, undoes = strcmp(word, "undo") == 0;
    b->bulk = (struct bulk){
        .target = STR(""), .query = str_c(b->query ? b->query : ""), .by_query = true};
    if (!lists && !undoes && !(b->bulk.action = bulk_action_by_name(str_c(word))))
        return cli_wrong_usage(c, "cli.bad_word", word);
    enum bulk_needs needs = b->bulk.action ? bulk_action_needs(b->bulk.action) : BULK_NOTHING;
    /* points need the password of a person, favourites are a person's */
    bool here = !b->bulk.action || (needs >= BULK_TAG && needs <= BULK_REASON) ||
                strcmp(word, "unblock") == 0;
    if (!here)
        return cli_wrong_usage(c, "cli.bad_word", word);
    int words = lists || strcmp(word, "unblock") == 0 ? 1 : 2;
    if (c->argc != words && !(needs == BULK_REASON && c->argc == 1))
        return cli_wrong_usage(c, c->argc < words ? "cli.too_few" : "cli.too_many",
                               c->argv[c->argc - 1]);
    if (b->bulk.action && !b->query)
        return cli_wrong_usage(c, "cli.missing", "--query");
    if (c->argc > 1)
        b->bulk.target = str_c(c->argv[1]);
    return CLI_OK;
}

static int run(struct bulk_call *b)
{
    int status = cli_merchant(b->c, &b->m);
    if (status == CLI_OK)
        status = cli_owner(b->c, b->m.id, &b->bulk.staff_id);
    if (status != CLI_OK)
        return status;
    b->by = (struct audit_actor){.staff_id = b->bulk.staff_id, .name = "command line"};
    enum err e = audiences_use(b->c->app.audiences, b->m.id, &b->use);
    if (e == OK && strcmp(b->c->argv[0], "list") == 0)
        e = db_read(b->c->app.db, read_list, b);
    else if (e == OK)
        status = b->bulk.action ? run_action(b) : run_undo(b, b->c->argv[1]);
    audiences_done(&b->use);
    return e == OK ? status : cli_fail(b->c, e, NULL);
}

int cmd_bulk(struct cli *c, int argc, char **argv)
{
    struct bulk_call b = {.c = c, .problem = {.from = -1}};
    const struct cli_option options[] = {
        {"query", CLI_TEXT, &b.query, 0, 0},
        {"dry-run", CLI_FLAG, &b.dry_run, 0, 0},
        {0},
    };
    int status = cli_options(c, argc, argv, options, 1, 2);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = read_words(&b);
    if (status == CLI_OK)
        status = cli_open(c, false);
    if (status == CLI_OK)
        status = run(&b);
    cli_close(c);
    return status;
}
