/* Bulk actions: what each does and takes back, and kill -9 at random moments: the base in the end
 * equals that of an action nobody disturbed. On both engines. */
#include "import_fixture.h"
#include "src/base/id.h"
#include "src/crm/bulk/bulk.h"
#include "src/crm/group/group.h"
#include "src/crm/job/job.h"
#include "src/crm/points/points.h"
#include "src/crm/watch/watch.h"
#include "src/crm/tier/tier.h"
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum {
    STAFF = 5,
    OTHER = 6,
    KILLS = 6,
    KILLS_MAX = 300,
    ROUNDS_MAX = 20, /* a process may get all its time at once, and be done before it is killed */
    MANY = 6000,
    FEW = 1200,
    SOME = 240,
    TWO_CHUNKS = 1500
};
static const struct job_kind kinds[] = {{BULK_JOB, bulk_job}};

/* ---- a base ---- */

static enum err add_people(struct db_tx *tx, void *arg)
{
    const struct fixture *f = ((void **)arg)[0];
    int n = *(int *)((void **)arg)[1];
    static const struct db_statement staff = {
        "test_bulk_staff",
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us, "
        "updated_us) VALUES ($1, $2, $3, $3, $3, 'manager', 'en', 1, 1)",
        "iit", ""};
    struct customer_change *all = arena_array(f->arena, struct customer_change, (size_t)n);
    const struct customer_origin how = {.how = "import", .now_us = 1};
    for (int i = 0; i < n; i++) {
        all[i] = customer_change_empty(1000 + i);
        all[i].create = true;
        all[i].first_name = str_c(arena_printf(f->arena, "Name %d", i));
    }
    enum err e = db_exec(tx, &staff, NULL, db_i(f->merchant_id), db_i(STAFF), db_tc("anna"));
    if (e == OK)
        e = db_exec(tx, &staff, NULL, db_i(f->merchant_id), db_i(OTHER), db_tc("bruno"));
    return e == OK ? customer_apply(tx, f->merchant_id, &how, all, (size_t)n) : e;
}

static void people(struct fixture *f, int n)
{
    void *arg[] = {f, &n};
    assert_int_equal(db_write(f->app.db, add_people, arg), OK);
}

/* ---- acts ---- */

struct act {
    struct fixture *f;
    const char *action;
    int64_t target_id, id;
    const char *target;
    int from, n;
    struct problem problem;
};

static const struct audit_actor anna = {STAFF, "Anna", NULL};

static enum err start(struct db_tx *tx, void *arg)
{
    struct act *a = arg;
    int64_t *ids = arena_array(a->f->arena, int64_t, (size_t)a->n);
    struct bulk b = {.action = bulk_action_by_name(str_c(a->action)),
                     .target_id = a->target_id,
                     .target = str_c(a->target),
                     .reason = STR("because"),
                     .until_day = DAY_NONE,
                     .staff_id = STAFF,
                     .selected = a->n};
    for (int i = 0; i < a->n; i++)
        ids[i] = 1000 + a->from + i;
    enum err e = bulk_start(tx, a->f->merchant_id, &b, ids, &anna, a->f->arena);
    a->id = b.id;
    return e;
}

static enum err take_back(struct db_tx *tx, void *arg)
{
    struct act *a = arg;
    int64_t undone = a->id;
    return bulk_undo(tx, a->f->merchant_id, undone, &anna, a->f->arena, &a->id, &a->problem);
}

struct looking {
    struct fixture *f;
    int64_t id;
    struct bulk bulk;
    struct job_view job;
};

static enum err look(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    enum err e = bulk_get(tx, l->f->merchant_id, l->id, l->f->arena, &l->bulk);
    return e == OK ? job_get(tx, l->f->merchant_id, l->bulk.job_id, l->f->arena, &l->job) : e;
}

static struct looking seen(struct fixture *f, int64_t id)
{
    struct looking l = {.f = f, .id = id};
    assert_int_equal(db_read(f->app.db, look, &l), OK);
    return l;
}

static void work_until_done(struct fixture *f, int64_t id)
{
    struct work *w;
    assert_int_equal(work_start_timed(f->app.db, kinds, 1, 1, &f->app, 100, 5, &w), OK);
    for (struct looking l = seen(f, id); !job_ended(&l.job); l = seen(f, id))
        work_wait_change(w, f->merchant_id, l.job.id, l.job.state, l.job.done, 1000);
    work_stop(&w);
}

/* "changed already gone full since", and "; short" where there are such */
static const char *counts(struct fixture *f, int64_t id)
{
    struct looking l = seen(f, id);
    const int64_t *n = l.bulk.counts.of;
    assert_string_equal(l.job.state, "done");
    if (n[BULK_SHORT])
        return arena_printf(f->arena, "%d %d %d %d %d; %d", (int)n[0], (int)n[1], (int)n[2],
                            (int)n[3], (int)n[4], (int)n[BULK_SHORT]);
    return arena_printf(f->arena, "%d %d %d %d %d", (int)n[0], (int)n[1], (int)n[2], (int)n[3],
                        (int)n[4]);
}

static const char *done(struct act *a)
{
    assert_int_equal(db_write(a->f->app.db, start, a), OK);
    work_until_done(a->f, a->id);
    return counts(a->f, a->id);
}

static const char *undone(struct act *a)
{
    assert_int_equal(db_write(a->f->app.db, take_back, a), OK);
    work_until_done(a->f, a->id);
    return counts(a->f, a->id);
}

static enum err write_sql(struct db_tx *tx, void *arg)
{
    return db_free_text(tx, arg, "", NULL);
}

static void sql(struct fixture *f, const char *text)
{
    assert_int_equal(db_write(f->app.db, write_sql, (void *)(uintptr_t)text), OK);
}

static enum err check_facts(struct db_tx *tx, void *arg)
{
    struct facts_report r;
    const struct fixture *f = arg;
    enum err e = facts_check(tx, f->merchant_id, &r);
    assert_true(e != OK || r.wrong + r.missing == 0);
    struct points_report points;
    struct tier_report tiers;
    if (e == OK)
        e = points_check(tx, f->merchant_id, &points);
    if (e == OK)
        e = tier_check(tx, f->merchant_id, &tiers);
    assert_true(e != OK || points.differing + tiers.differing == 0);
    return e;
}

/* ---- what each action does and takes back ---- */

static const char *const state_sql =
    "SELECT CAST(c.id AS TEXT), CAST(c.blocked AS TEXT), COALESCE(c.blocked_reason, ''),"
    " CAST(COALESCE(c.blocked_us, 0) AS TEXT), CAST(COALESCE(c.blocked_by, 0) AS TEXT),"
    " CAST(COALESCE(c.source_id, 0) AS TEXT), CAST(COALESCE(c.store_id, 0) AS TEXT),"
    " CAST((SELECT COUNT(*) FROM customer_tag t WHERE t.merchant_id = c.merchant_id AND "
    "t.customer_id = c.id) AS TEXT),"
    " CAST((SELECT COALESCE(MAX(t.bulk_id), 0) FROM customer_tag t WHERE t.merchant_id = "
    "c.merchant_id AND t.customer_id = c.id) AS "
    "TEXT),"
    " CAST((SELECT COUNT(*) FROM group_member t WHERE t.merchant_id = c.merchant_id AND "
    "t.customer_id = c.id) AS TEXT),"
    " CAST((SELECT COUNT(*) FROM staff_favourite t WHERE t.merchant_id = c.merchant_id AND "
    "t.customer_id = c.id AND t.staff_id = 5)"
    " AS TEXT) FROM customer c ORDER BY c.id";

static const char *state(struct fixture *f)
{
    return sql_text(f, 11, state_sql);
}

struct words {
    struct fixture *f;
    int64_t tag, source, group, store;
};

static enum err make_words(struct db_tx *tx, void *arg)
{
    struct words *w = arg;
    int64_t m = w->f->merchant_id;
    bool is_new;
    const struct group_actor who = {.may_manage = true, .arena = w->f->arena, .by = anna};
    struct group g = {.name = STR("Guests"), .description = STR("")};
    enum err e = word_id(tx, m, WORD_TAG, STR("VIP list"), &w->tag, &is_new);
    if (e == OK)
        e = word_id(tx, m, WORD_SOURCE, STR("Fair"), &w->source, &is_new);
    if (e == OK)
        e = store_by_name(tx, m, STR("Lyon"), &w->store, &is_new);
    if (e == OK)
        e = group_save(tx, m, NULL, &g, &who, NULL);
    w->group = g.id;
    return e;
}

static void each_action(struct fixture *f)
{
    struct words w = {.f = f};
    people(f, FEW);
    assert_int_equal(db_write(f->app.db, make_words, &w), OK);
    const struct {
        const char *add, *remove, *target;
        int64_t target_id;
    } pairs[] = {{"tag_add", "tag_remove", "VIP list", w.tag},
                 {"group_add", "group_remove", "Guests", w.group},
                 {"favourite_add", "favourite_remove", "", STAFF},
                 {"block", "unblock", "No: \"never\" again", 0},
                 {"source_set", NULL, "Fair", w.source},
                 {"store_set", NULL, "Lyon", w.store}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const char *bare = state(f);
        struct act half = {f, pairs[i].add, pairs[i].target_id, 0, pairs[i].target, 0, 300, {0}};
        struct act all = {f, pairs[i].add, pairs[i].target_id, 0, pairs[i].target, 0, FEW, {0}};
        assert_string_equal(done(&half), "300 0 0 0 0");
        const char *halved = state(f);
        assert_string_not_equal(halved, bare);
        assert_string_equal(done(&all), "900 300 0 0 0");
        assert_int_equal(db_read(f->app.db, check_facts, f), OK);
        if (pairs[i].remove) {
            const char *full = state(f);
            struct act less = {f, pairs[i].remove, pairs[i].target_id, 0, "", 100, 1200 - 100, {0}};
            if (less.target_id)
                less.target = pairs[i].target;
            assert_string_equal(done(&less), "1100 0 0 0 0");
            assert_string_equal(undone(&less), "1100 0 0 0 0");
            assert_string_equal(state(f), full); /* who gave it, and why, too */
        }
        assert_string_equal(undone(&all), "900 300 0 0 0");
        assert_string_equal(state(f), halved);
        assert_string_equal(undone(&half), "300 0 0 0 0");
        assert_string_equal(state(f), bare);
        assert_int_equal(db_read(f->app.db, check_facts, f), OK);
    }
}

/* What others changed since is left alone and told. */
static void others_changes(struct fixture *f)
{
    struct words w = {.f = f};
    people(f, FEW);
    assert_int_equal(db_write(f->app.db, make_words, &w), OK);
    struct act tag = {f, "tag_add", w.tag, 0, "VIP list", 0, FEW, {0}};
    struct act block = {f, "block", 0, 0, "x", 0, FEW, {0}};
    struct act source = {f, "source_set", w.source, 0, "Fair", 0, FEW, {0}};
    sql(f, "UPDATE customer SET deleted_us = 1 WHERE id = 1001");
    assert_string_equal(done(&tag), "1199 0 1 0 0");
    assert_string_equal(done(&block), "1199 0 1 0 0");
    assert_string_equal(done(&source), "1199 0 1 0 0");
    /* taken off and given again by hand; blocked anew for another reason; won elsewhere; gone */
    sql(f, "UPDATE customer_tag SET bulk_id = NULL WHERE customer_id = 1005;"
           "DELETE FROM customer_tag WHERE customer_id = 1006;"
           "UPDATE customer SET blocked_reason = 'y', blocked_us = 7 WHERE id = 1007;"
           "UPDATE customer SET source_id = 99 WHERE id IN (1008, 1009);"
           "UPDATE customer SET deleted_us = 1 WHERE id = 1010;");
    assert_string_equal(undone(&tag), "1196 1 1 0 2");
    assert_string_equal(undone(&block), "1197 1 1 0 1");
    assert_string_equal(undone(&source), "1196 1 1 0 2");
    assert_string_equal(sql_text(f, 1, "SELECT blocked_reason FROM customer WHERE id = 1007"),
                        "y\n");
    assert_string_equal(
        sql_text(f, 1, "SELECT CAST(customer_id AS TEXT) FROM customer_tag ORDER BY 1"),
        "1005\n1010\n");
    /* an undo is not undone, and not twice */
    assert_int_equal(db_write(f->app.db, take_back, &tag), ERR_CONFLICT);
    assert_string_equal(tag.problem.code, "bulk_is_undo");
}

/* ---- points and tiers ---- */

static const char *const balances_sql =
    "SELECT CAST(balance AS TEXT), CAST(COUNT(*) AS TEXT) FROM points_account GROUP BY balance"
    " ORDER BY points_account.balance";

/* Who has too few is left out; what was spent since cannot be taken back. */
static void points_for_many(struct fixture *f)
{
    people(f, SOME);
    struct act all = {f, "points_credit", 10, 0, "party", 0, SOME, {0}};
    struct act more = {f, "points_credit", 5, 0, "party", 0, 100, {0}};
    struct act take = {f, "points_debit", 12, 0, "lottery", 0, SOME, {0}};
    sql(f, "UPDATE customer SET deleted_us = 1 WHERE id = 1001");
    assert_string_equal(done(&all), "239 0 1 0 0");
    assert_string_equal(done(&more), "99 0 1 0 0");
    assert_string_equal(sql_text(f, 2, balances_sql), "10|140\n15|99\n");
    assert_string_equal(done(&take), "99 0 1 0 0; 140");
    assert_string_equal(sql_text(f, 2, balances_sql), "3|99\n10|140\n");
    assert_int_equal(db_read(f->app.db, check_facts, f), OK);
    assert_string_equal(undone(&all), "140 1 0 0 99"); /* 3 are left of 15: ten cannot be taken */
    assert_string_equal(undone(&take), "99 141 0 0 0");
    assert_string_equal(sql_text(f, 2, balances_sql), "0|140\n15|99\n");
    assert_string_equal(undone(&more), "99 1 0 0 0");
    assert_string_equal(sql_text(f, 2, balances_sql), "0|140\n10|99\n");
    assert_int_equal(db_read(f->app.db, check_facts, f), OK);
    assert_int_equal(db_write(f->app.db, take_back, &more), ERR_CONFLICT);
}

static enum err set_limit(struct db_tx *tx, void *arg)
{
    const struct fixture *f = arg;
    struct watch_rules before, after;
    struct problem p;
    enum err e = watch_rules_read(tx, f->merchant_id, &before);
    after = before;
    after.limit_points = 100;
    after.request_days = 7;
    return e == OK ? watch_rules_write(tx, f->merchant_id, &before, &after, &anna, f->arena, &p)
                   : e;
}

/* The first two of those that wait: one is agreed to by Bruno, one refused. */
static enum err answer_two(struct db_tx *tx, void *arg)
{
    const struct fixture *f = arg;
    const struct audit_actor bruno = {OTHER, "Bruno", NULL};
    struct watch_request *all = arena_array(f->arena, struct watch_request, WATCH_TOLD_MAX), then;
    struct problem p;
    size_t n;
    enum err e = watch_requests(tx, f->merchant_id, true, 20000, f->arena, all, &n);
    for (size_t i = 0; e == OK && i < 2; i++)
        e = watch_answer(tx, f->merchant_id, all[i].id, i ? WATCH_REFUSED : WATCH_APPROVED,
                         STR("seen"), 20000, &bruno, f->arena, &then, &p);
    return e;
}

/* Taking back what waits for a second person withdraws it; what was agreed to meanwhile is
 * reversed. */
static void points_that_wait(struct fixture *f)
{
    people(f, 10);
    struct act act = {f, "points_credit", 500, 0, "party", 0, 10, {0}};
    f->app.fixed_today = 20000;
    assert_int_equal(db_write(f->app.db, set_limit, f), OK);
    assert_string_equal(done(&act), "0 0 0 0 0");
    assert_int_equal(seen(f, act.id).bulk.counts.of[BULK_WAITS], 10);
    assert_int_equal(db_write(f->app.db, answer_two, f), OK);
    assert_string_equal(sql_text(f, 2, balances_sql), "500|1\n");
    assert_string_equal(undone(&act), "9 0 0 0 1"); /* nothing is left of the one refused */
    assert_string_equal(sql_text(f, 2, balances_sql), "0|1\n");
    assert_string_equal(sql_text(f, 2,
                                 "SELECT state, CAST(COUNT(*) AS TEXT) FROM watch_request"
                                 " GROUP BY state ORDER BY state"),
                        "approved|1\nrefused|1\nwithdrawn|8\n");
    assert_int_equal(db_read(f->app.db, check_facts, f), OK);
}

struct laddering {
    struct fixture *f;
    struct tier_ladder ladder;
};

static enum err make_ladder(struct db_tx *tx, void *arg)
{
    struct laddering *l = arg;
    struct problem p;
    l->ladder = (struct tier_ladder){
        .rules = {.measure = TIER_POINTS, .period = TIER_EVER, .n = 2},
        .tiers = {{.threshold = 10, .name = STR("Silver"), .benefits = STR("")},
                  {.threshold = 50, .name = STR("Gold"), .benefits = STR("")}}};
    enum err e = tier_ladder_check(&l->ladder, l->f->arena, &p);
    if (e == OK)
        e = tier_ladder_save(tx, l->f->merchant_id, 0, 20000, &l->ladder, &anna, l->f->arena, &p);
    return e == OK ? tier_ladder_read(tx, l->f->merchant_id, l->f->arena, &l->ladder) : e;
}

static const char *const tiers_sql =
    "SELECT COALESCE(t.name, ''), CAST(c.by_hand AS TEXT), CAST(COUNT(*) AS TEXT)"
    " FROM customer_tier c LEFT JOIN tier t ON t.merchant_id = c.merchant_id AND t.id = c.tier_id"
    " GROUP BY t.name, c.by_hand ORDER BY 1, 2";

/* Points raise tiers, a tier by hand stands above them, and each is taken back by itself. */
static void tiers_for_many(struct fixture *f)
{
    struct laddering l = {.f = f};
    f->app.fixed_today = 20000;
    people(f, SOME);
    assert_int_equal(db_write(f->app.db, make_ladder, &l), OK);
    assert_int_equal(tier_settle_due(f->app.db, f->merchant_id, 20000), OK);
    struct act credit = {f, "points_credit", 20, 0, "party", 0, 100, {0}};
    struct act gold = {f, "tier_set", l.ladder.tiers[1].id, 0, "Gold", 80, 60, {0}};
    assert_string_equal(done(&credit), "100 0 0 0 0");
    const char *credited = sql_text(f, 3, tiers_sql);
    assert_non_null(strstr(credited, "Silver|0|100\n"));
    assert_string_equal(done(&gold), "60 0 0 0 0");
    const char *given = sql_text(f, 3, tiers_sql);
    assert_non_null(strstr(given, "Gold|1|60\n"));
    assert_non_null(strstr(given, "Silver|0|80\n"));
    assert_string_equal(undone(&credit), "100 0 0 0 0");
    assert_non_null(strstr(sql_text(f, 3, tiers_sql), "Gold|1|60\n"));
    assert_null(strstr(sql_text(f, 3, tiers_sql), "Silver"));
    assert_int_equal(db_read(f->app.db, check_facts, f), OK);
    assert_string_equal(undone(&gold), "60 0 0 0 0");
    assert_null(strstr(sql_text(f, 3, tiers_sql), "Gold"));
    assert_int_equal(db_read(f->app.db, check_facts, f), OK);
}

/* ---- kill -9 ---- */

static bool run_and_kill(struct fixture *f, int64_t id, int64_t after_us)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct fixture own = {.arena = arena_new(), .url = f->url, .merchant_id = f->merchant_id};
        struct problem p = {0};
        own.app.fixed_today = DAY_NONE;
        if (db_open(own.url, &(struct db_options){0}, own.arena, &own.app.db, &p))
            _exit(2);
        work_until_done(&own, id);
        db_close(&own.app.db);
        _exit(0);
    }
    if (after_us > 0) {
        struct timespec t = {after_us / 1000000, after_us % 1000000 * 1000};
        nanosleep(&t, NULL);
        kill(pid, SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return false;
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

/* Begins `act` (or its undo) and lets processes die until it is done. */
static int killed(struct fixture *f, struct act *act, db_fn begin, int64_t whole_us,
                  uint64_t *random)
{
    int kills = 0;
    assert_int_equal(db_write(f->app.db, begin, act), OK);
    db_close(&f->app.db); /* a fork must not share it */
    while (kills < KILLS_MAX) {
        if (run_and_kill(f, act->id, test_kill_after(random, whole_us, 4, kills, KILLS)))
            break;
        kills++;
    }
    f->app.db = fixture_open(f);
    if (kills == KILLS_MAX)
        work_until_done(f, act->id);
    return kills;
}

static const char *const tables_sql =
    "SELECT CAST(customer_id AS TEXT), CAST(tag_id AS TEXT) FROM customer_tag ORDER BY customer_id";

static void disturbed(const char *url)
{
    struct fixture calm, wild;
    struct words w;
    uint64_t random = 7;
    fixture_start(&calm, url);
    fixture_start(&wild, url);
    people(&calm, MANY);
    people(&wild, MANY);
    w = (struct words){.f = &calm};
    assert_int_equal(db_write(calm.app.db, make_words, &w), OK);
    struct act quiet = {&calm, "tag_add", w.tag, 0, "VIP list", 0, MANY, {0}};
    int64_t began = monotonic_us();
    const char *expected = done(&quiet);
    int64_t whole_us = monotonic_us() - began;
    w = (struct words){.f = &wild};
    assert_int_equal(db_write(wild.app.db, make_words, &w), OK);
    int kills = 0;
    for (int round = 0; kills < KILLS && round < ROUNDS_MAX; round++) {
        struct act act = {&wild, "tag_add", w.tag, 0, "VIP list", 0, MANY, {0}};
        kills += killed(&wild, &act, start, whole_us, &random);
        assert_string_equal(counts(&wild, act.id), expected);
        assert_string_equal(sql_text(&wild, 2, tables_sql), sql_text(&calm, 2, tables_sql));
        assert_int_equal(db_read(wild.app.db, check_facts, &wild), OK);
        kills += killed(&wild, &act, take_back, whole_us, &random);
        assert_string_equal(counts(&wild, act.id), expected);
        assert_string_equal(sql_text(&wild, 2, tables_sql), "");
        assert_int_equal(db_read(wild.app.db, check_facts, &wild), OK);
    }
    assert_true(kills >= KILLS);
    fixture_end(&calm);
    fixture_end(&wild);
}

/* Killed again and again: everybody has each point once, and gives it back once. */
static void points_disturbed(const char *url)
{
    struct fixture f;
    uint64_t random = 11;
    fixture_start(&f, url);
    people(&f, TWO_CHUNKS);
    struct act quiet = {&f, "points_credit", 1, 0, "party", 0, SOME, {0}};
    int64_t began = monotonic_us();
    assert_string_equal(done(&quiet), "240 0 0 0 0");
    int64_t whole_us = (monotonic_us() - began) * (TWO_CHUNKS / SOME);
    int kills = 0;
    for (int round = 0; kills == 0 && round < ROUNDS_MAX; round++) {
        struct act act = {&f, "points_credit", 10, 0, "party", 0, TWO_CHUNKS, {0}};
        kills += killed(&f, &act, start, whole_us, &random);
        assert_string_equal(counts(&f, act.id), "1500 0 0 0 0");
        assert_string_equal(sql_text(&f, 2, balances_sql), "10|1260\n11|240\n");
        assert_int_equal(db_read(f.app.db, check_facts, &f), OK);
        kills += killed(&f, &act, take_back, whole_us, &random);
        assert_string_equal(counts(&f, act.id), "1500 0 0 0 0");
        assert_string_equal(sql_text(&f, 2, balances_sql), "0|1260\n1|240\n");
        assert_int_equal(db_read(f.app.db, check_facts, &f), OK);
    }
    assert_true(kills > 0);
    fixture_end(&f);
}

static void test_each_action(void **st)
{
    (void)st;
    on_each_engine(each_action);
}

static void test_others_changes(void **st)
{
    (void)st;
    on_each_engine(others_changes);
}

static void test_points(void **st)
{
    (void)st;
    on_each_engine(points_for_many);
}

static void test_points_wait(void **st)
{
    (void)st;
    on_each_engine(points_that_wait);
}

static void test_tiers(void **st)
{
    (void)st;
    on_each_engine(tiers_for_many);
}

static void test_killed(void **st)
{
    (void)st;
    disturbed(NULL);
    if (getenv("HABITUE_TEST_PG"))
        disturbed(getenv("HABITUE_TEST_PG"));
}

static void test_points_killed(void **st)
{
    (void)st;
    points_disturbed(NULL);
    if (getenv("HABITUE_TEST_PG"))
        points_disturbed(getenv("HABITUE_TEST_PG"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_action),  cmocka_unit_test(test_others_changes),
        cmocka_unit_test(test_points),       cmocka_unit_test(test_points_wait),
        cmocka_unit_test(test_tiers),        cmocka_unit_test(test_killed),
        cmocka_unit_test(test_points_killed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
