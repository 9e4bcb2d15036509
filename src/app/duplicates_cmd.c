/* habitue duplicates list | merge NUMBER NUMBER | merge-all | unmerge NUMBER | undo RUN: cards that
 * may be one person. */
#include <stdio.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../crm/customer/customer_view.h"
#include "../crm/merge/merge_features.h"
#include "cli_work.h"

enum { CHUNK = 500 };

struct duplicates_call {
    struct cli *c;
    struct merchant m;
    int64_t min;
    bool dry_run;
    struct merge_run_pair *pairs; /* the likely ones, the older card first */
    const char **reasons;
    size_t n, cap;
    struct merge_request what;
    int64_t id;
    struct merge_run run;
    struct problem problem;
};
static const struct audit_actor by = {.name = "command line"};

/* ---- the pairs ---- */

static void take(struct duplicates_call *d, const struct duplicate_pair *pair)
{
    if (d->n == d->cap) {
        size_t cap = d->cap;
        d->reasons = arena_grow(d->c->arena, d->reasons, d->n, &cap, sizeof *d->reasons);
        d->pairs = arena_grow(d->c->arena, d->pairs, d->n, &d->cap, sizeof *d->pairs);
    }
    d->reasons[d->n] = arena_cstr(d->c->arena, pair->reasons);
    d->pairs[d->n++] = (struct merge_run_pair){pair->a_id, pair->b_id, pair->percent};
}

static enum err read_pairs(struct db_tx *tx, void *arg)
{
    struct duplicates_call *d = arg;
    struct duplicate_pair *chunk = arena_array(d->c->arena, struct duplicate_pair, CHUNK);
    struct duplicate_place at = DUPLICATE_FIRST;
    size_t n = CHUNK;
    enum err e = OK;
    bool likely = true;
    d->n = 0;
    while (e == OK && n == CHUNK && likely && d->n < MERGE_RUN_PAIRS_MAX) {
        e = duplicate_list(tx, d->m.id, false, 0, &at, CHUNK, d->c->arena, chunk, &n);
        for (size_t i = 0; e == OK && i < n && (likely = chunk[i].percent >= d->min) &&
                           d->n < MERGE_RUN_PAIRS_MAX;
             i++)
            take(d, &chunk[i]);
        if (n)
            at = (struct duplicate_place){chunk[n - 1].percent, chunk[n - 1].a_id,
                                          chunk[n - 1].b_id};
    }
    return e;
}

/* Whoever changed since is looked at first. */
static enum err find_pairs(struct duplicates_call *d)
{
    bool more = true;
    enum err e = OK;
    while (e == OK && more)
        e = duplicate_follow(&d->c->app, d->m.id, 100, &more);
    return e == OK ? db_read(d->c->app.db, read_pairs, d) : e;
}

static void who_json(struct json *j, const char *key, const struct audience_hit *hit)
{
    json_key(j, key);
    json_open(j);
    json_kv_id(j, "id", hit->id);
    json_kv_int(j, "number", hit->number);
    customer_name_json(j, hit);
    json_close(j);
}

static void print_pair(struct duplicates_call *d, struct json *j, size_t i,
                       const struct audience_hit hits[2])
{
    struct arena *a = d->c->arena;
    if (d->c->json) {
        json_open(j);
        json_kv_int(j, "percent", d->pairs[i].percent);
        who_json(j, "a", &hits[0]);
        who_json(j, "b", &hits[1]);
        json_key(j, "reasons");
        json_raw(j, str_c(d->reasons[i]));
        json_close(j);
        return;
    }
    printf("%lld", (long long)d->pairs[i].percent);
    for (int k = 0; k < 2; k++) {
        struct str name = merge_full_name(a, hits[k].first_name, hits[k].last_name);
        printf("\t%lld\t%.*s", (long long)hits[k].number, (int)name.n, name.p);
    }
    putchar('\n');
}

/* Their numbers tell which card is older; who is gone meanwhile is left out. */
static enum err look(struct duplicates_call *d, struct audience_use *use, bool print)
{
    static const struct audience_viewer everybody;
    struct buf out cleanup(buf_free);
    struct json j;
    size_t kept = 0;
    enum err e = audiences_use(d->c->app.audiences, d->m.id, use);
    buf_init(&out, 256 * 1024 * 1024);
    json_init(&j, &out);
    json_list(&j);
    for (size_t i = 0; e == OK && i < d->n; i++) {
        struct audience_hit hits[2];
        struct merge_run_pair *pair = &d->pairs[i];
        if (audience_get(use->audience, &everybody, pair->survivor_id, d->c->arena, &hits[0]) ||
            audience_get(use->audience, &everybody, pair->loser_id, d->c->arena, &hits[1]))
            continue;
        if (hits[0].number > hits[1].number)
            *pair = (struct merge_run_pair){pair->loser_id, pair->survivor_id, pair->percent};
        if (print)
            print_pair(d, &j, i, hits);
        d->pairs[kept++] = *pair;
    }
    d->n = kept;
    json_end(&j);
    if (e == OK && print && d->c->json)
        printf("%s\n", buf_cstr(&out));
    return e;
}

static int run_list(struct duplicates_call *d)
{
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = find_pairs(d);
    if (e == OK)
        e = look(d, &use, true);
    return e == OK ? CLI_OK : cli_fail(d->c, e, NULL);
}

/* ---- one merge ---- */

static enum err merge(struct db_tx *tx, void *arg)
{
    struct duplicates_call *d = arg;
    return merge_customers(tx, d->m.id, &d->what, &by, d->c->arena, NULL, &d->id, &d->problem);
}

static int run_merge(struct duplicates_call *d)
{
    int64_t ids[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        int64_t number;
        bool merged;
        if (!str_int64(str_c(d->c->argv[1 + i]), &number))
            return cli_wrong_usage(d->c, "cli.bad_value", d->c->argv[1 + i]);
        enum err e = customer_of(&d->c->app, d->m.id, number, &ids[i], &merged);
        if (e != OK)
            return cli_fail(d->c, e, NULL);
    }
    d->what = (struct merge_request){.survivor_id = ids[0],
                                     .loser_id = ids[1],
                                     .survivor_version = -1,
                                     .loser_version = -1,
                                     .now_us = now_us(),
                                     .today = merchant_today(&d->c->app, &d->m)};
    enum err e = db_write(d->c->app.db, merge, d);
    if (e != OK)
        return cli_fail(d->c, e, &d->problem);
    printf("%lld\n", (long long)d->id);
    return CLI_OK;
}

static enum err unmerge(struct db_tx *tx, void *arg)
{
    struct duplicates_call *d = arg;
    return merge_undo(tx, d->m.id, d->id, &by, now_us(), d->c->arena, &d->problem);
}

static int run_unmerge(struct duplicates_call *d)
{
    if (!str_int64(str_c(d->c->argv[1]), &d->id))
        return cli_wrong_usage(d->c, "cli.bad_value", d->c->argv[1]);
    enum err e = db_write(d->c->app.db, unmerge, d);
    return e == OK ? CLI_OK : cli_fail(d->c, e, &d->problem);
}

/* ---- many ---- */

static enum err read_run(struct db_tx *tx, void *arg)
{
    struct duplicates_call *d = arg;
    return merge_run_get(tx, d->m.id, d->id, d->c->arena, &d->run);
}

static int work_off(struct duplicates_call *d)
{
    enum err e = db_read(d->c->app.db, read_run, d);
    bool back = d->run.undo_job_id != 0;
    int status = e == OK ? cli_work(d->c, d->m.id, back ? d->run.undo_job_id : d->run.job_id)
                         : cli_fail(d->c, e, NULL);
    if (status == CLI_OK && (e = db_read(d->c->app.db, read_run, d)) != OK)
        status = cli_fail(d->c, e, NULL);
    if (status != CLI_OK)
        return status;
    const int64_t *counts = back ? d->run.counts.back : d->run.counts.of;
    printf("id\t%lld\n", (long long)d->id);
    for (int i = 0; i < MERGE_RUN_OUTCOMES; i++)
        if (counts[i])
            printf("%s\t%lld\n", merge_run_outcome_names[i], (long long)counts[i]);
    return CLI_OK;
}

static enum err start(struct db_tx *tx, void *arg)
{
    struct duplicates_call *d = arg;
    d->run = (struct merge_run){.percent = d->min, .pairs = (int64_t)d->n};
    enum err e = merge_run_start(tx, d->m.id, &d->run, d->pairs, &by, d->c->arena);
    d->id = d->run.id;
    return e;
}

static int run_merge_all(struct duplicates_call *d)
{
    struct audience_use use = {0};
    enum err e = find_pairs(d);
    if (e == OK)
        e = look(d, &use, d->dry_run);
    audiences_done(&use);
    if (e == OK && (d->dry_run || d->n == 0))
        return CLI_OK;
    if (e == OK)
        e = db_write(d->c->app.db, start, d);
    return e == OK ? work_off(d) : cli_fail(d->c, e, NULL);
}

static enum err undo(struct db_tx *tx, void *arg)
{
    struct duplicates_call *d = arg;
    return merge_run_undo(tx, d->m.id, d->id, &by, d->c->arena, &d->problem);
}

static int run_undo(struct duplicates_call *d)
{
    if (!str_int64(str_c(d->c->argv[1]), &d->id))
        return cli_wrong_usage(d->c, "cli.bad_value", d->c->argv[1]);
    enum err e = db_write(d->c->app.db, undo, d);
    return e == OK ? work_off(d) : cli_fail(d->c, e, &d->problem);
}

static const struct {
    const char *word;
    int words;
    int (*run)(struct duplicates_call *d);
} actions[] = {{"list", 1, run_list},
               {"merge", 3, run_merge},
               {"unmerge", 2, run_unmerge},
               {"merge-all", 1, run_merge_all},
               {"undo", 2, run_undo}};

int cmd_duplicates(struct cli *c, int argc, char **argv)
{
    struct duplicates_call d = {.c = c, .min = 0, .problem = {.from = -1}};
    const struct cli_option options[] = {
        {"min", CLI_INT, &d.min, DUPLICATE_PERCENT_MIN, 99},
        {"dry-run", CLI_FLAG, &d.dry_run, 0, 0},
        {0},
    };
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
    if (actions[i].run == run_merge_all && d.min < MERGE_RUN_PERCENT_MIN)
        return cli_wrong_usage(c, d.min ? "cli.bad_value" : "cli.missing", "--min");
    status = cli_open(c, false);
    if (status == CLI_OK)
        status = cli_merchant(c, &d.m);
    if (status == CLI_OK)
        status = actions[i].run(&d);
    cli_close(c);
    return status;
}
