/* Tiers: the rule against its own definition, day by day; what moves customers, on both engines. */
#include "crm_fixture.h"
#include "src/base/day.h"
#include "src/crm/activity/activity.h"
#include "src/crm/merge/merge.h"
#include "src/crm/tier/tier.h"

enum { STAFF = 5, ANNA = 1000, BRUNO = 1001, CARLA = 1002, TODAY = 20000 /* 4 October 2024 */ };
static const struct audit_actor boss = {STAFF, "Boss", NULL};

/* ---- the rule, as its header says it ---- */

static int64_t plain_sum(const struct tier_history *h, int32_t after, int32_t to)
{
    int64_t sum = 0;
    for (size_t i = 0; i < h->n; i++)
        if (h->v[i].day > after && h->v[i].day <= to)
            sum += h->v[i].total - (i ? h->v[i - 1].total : 0);
    return sum;
}

static int64_t plain_window(const struct tier_rules *r, const struct tier_history *h, int32_t day)
{
    if (r->period == TIER_EVER)
        return plain_sum(h, INT32_MIN, day);
    if (r->period == TIER_MONTHS)
        return plain_sum(h, day_add_months(day, -r->months), day);
    int32_t year = day_to_civil(day).year;
    return plain_sum(h, day_from_civil((struct civil){year, 1, 1}) - 1, day);
}

static int64_t plain_year(const struct tier_history *h, int32_t year)
{
    return plain_sum(h, day_from_civil((struct civil){year, 1, 1}) - 1,
                     day_from_civil((struct civil){year, 12, 31}));
}

static int plain_level(const struct tier_rules *r, const struct tier_history *h, int32_t day)
{
    int32_t year = day_to_civil(day).year;
    int64_t most = plain_window(r, h, day);
    if (r->period == TIER_YEAR) {
        int64_t last = plain_year(h, year - 1), former = plain_year(h, year - 2);
        most = last > most ? last : most;
        if (day < day_from_civil((struct civil){year, 1, 1}) + r->grace_days && former > most)
            most = former;
    } else {
        for (int32_t d = day - r->grace_days; d < day; d++)
            most = plain_window(r, h, d) > most ? plain_window(r, h, d) : most;
    }
    int level = -1;
    for (int i = 0; i < r->n; i++)
        if (r->thresholds[i] && most >= r->thresholds[i])
            level = i;
    return level;
}

static struct tier_history random_history(struct arena *a, uint64_t *random)
{
    struct tier_history h = {0};
    int32_t day = TODAY - 900;
    for (uint64_t n = test_random(random) % 12; n > 0; n--) {
        day += (int32_t)(test_random(random) % 120);
        tier_history_add(a, &h, day, (int64_t)(test_random(random) % 130) - 30);
    }
    return h;
}

static void test_rule_is_its_definition(void **state)
{
    struct arena *a = arena_new();
    uint64_t random = 42;
    (void)state;
    for (int round = 0; round < 150; round++) {
        struct tier_rules r = {.measure = TIER_SPEND,
                               .period = (enum tier_period)(round % TIER_PERIODS),
                               .months = 1 + (int32_t)(test_random(&random) % 14),
                               .grace_days = (int32_t)(test_random(&random) % 3) * 17,
                               .thresholds = {40, 0, 90, 160},
                               .n = 4};
        struct tier_history h = random_history(a, &random);
        int32_t turn = DAY_NONE, first = TODAY - 400;
        int then, level = tier_reached(&r, &h, first);
        int32_t told = tier_turn(&r, &h, first, a, &then);
        for (int32_t day = first; day < TODAY + 1500; day++) {
            int now = plain_level(&r, &h, day);
            assert_int_equal(tier_reached(&r, &h, day), now);
            if (turn == DAY_NONE && now != level) {
                turn = day;
                assert_int_equal(then, now);
            }
        }
        assert_int_equal(told, turn);
        arena_reset(a);
    }
    arena_free(&a);
}

static void test_year_holds_to_the_end_of_the_next(void **state)
{
    struct arena *a = arena_new();
    struct tier_history h = {0};
    struct tier_rules r = {.measure = TIER_VISITS, .thresholds = {2}, .n = 1};
    int then;
    (void)state;
    tier_history_add(a, &h, day_from_civil((struct civil){2023, 3, 1}), 1);
    tier_history_add(a, &h, day_from_civil((struct civil){2023, 12, 31}), 1);
    assert_int_equal(tier_turn(&r, &h, day_from_civil((struct civil){2024, 2, 1}), a, &then),
                     day_from_civil((struct civil){2025, 1, 1}));
    assert_int_equal(then, -1);
    r.grace_days = 31;
    assert_int_equal(tier_turn(&r, &h, day_from_civil((struct civil){2024, 2, 1}), a, &then),
                     day_from_civil((struct civil){2025, 2, 1}));
    arena_free(&a);
}

/* ---- customers ---- */

struct world {
    struct fixture *f;
    struct tier_ladder ladder;
    int64_t version, all;
    struct problem problem;
    int32_t day;
    int64_t customer_id, amount;
    struct tier_act act;
    struct tier_state state;
    struct tier_history history;
    struct tier_entry entries[TIER_ENTRIES_TOLD];
    size_t n;
    int many;
};

static enum err add_people(struct db_tx *tx, void *arg)
{
    const struct world *w = arg;
    static const struct db_statement staff = {
        "test_tier_staff",
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us, "
        "updated_us) VALUES ($1, $2, 'b', 'b', 'Boss', 'owner', 'en', 1, 1)",
        "ii", ""};
    struct customer_change *all =
        arena_array(db_arena(tx), struct customer_change, (size_t)w->many);
    const struct customer_origin how = {.how = "import", .now_us = 1};
    for (int i = 0; i < w->many; i++) {
        all[i] = customer_change_empty(ANNA + i);
        all[i].create = true;
        all[i].first_name = STR("Name");
    }
    enum err e = db_exec(tx, &staff, NULL, db_i(w->f->merchant_id), db_i(STAFF));
    return e == OK ? customer_apply(tx, w->f->merchant_id, &how, all, (size_t)w->many) : e;
}

static enum err save(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct tier_ladder after = w->ladder;
    enum err e = tier_ladder_check(&after, w->f->arena, &w->problem);
    if (e == OK)
        e = tier_ladder_save(tx, w->f->merchant_id, w->version, w->day, &after, &boss, w->f->arena,
                             &w->problem);
    return e == OK ? tier_ladder_read(tx, w->f->merchant_id, w->f->arena, &w->ladder) : e;
}

static enum err spend(struct db_tx *tx, void *arg)
{
    const struct world *w = arg;
    const struct activity_event event = {.customer_id = w->customer_id,
                                         .kind = "booking",
                                         .at_us = w->day * US_PER_DAY,
                                         .day = w->day,
                                         .amount_minor = w->amount};
    return activity_add(tx, w->f->merchant_id, "till", 1, &event, 1);
}

static enum err act(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    enum err e = tier_act_check(&w->ladder, w->day, &w->act, w->f->arena, &w->problem);
    return e == OK ? tier_act(tx, w->f->merchant_id, &w->ladder, w->day, STAFF, &w->act, 1) : e;
}

static enum err look(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    enum err e = tier_ladder_read(tx, w->f->merchant_id, w->f->arena, &w->ladder);
    if (e == OK)
        e = tier_states(tx, w->f->merchant_id, &w->ladder, w->day, &w->customer_id, 1, w->f->arena,
                        &w->state, &w->history);
    return e == OK ? tier_entries(tx, w->f->merchant_id, w->customer_id, w->f->arena, w->entries,
                                  &w->n, &w->all)
                   : e;
}

static enum err kept(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    static const struct db_statement row = {
        "test_tier_row",
        "SELECT tier_id, next_day FROM customer_tier WHERE merchant_id = $1 AND customer_id = $2",
        "ii", "ii"};
    cleanup(db_done) struct db_rows *rows = NULL;
    w->state = (struct tier_state){.next_day = DAY_NONE};
    enum err e = db_query(tx, &row, &rows, db_i(w->f->merchant_id), db_i(w->customer_id));
    if (e == OK && db_next(rows))
        w->state = (struct tier_state){.tier_id = db_int(rows, 0),
                                       .next_day = (int32_t)db_int_or(rows, 1, DAY_NONE)};
    return e;
}

static void do_write(struct world *w, db_fn fn)
{
    assert_int_equal(db_write(w->f->app.db, fn, w), OK);
}

/* The name of the tier that is kept, which is also what follows from everything on that day. */
static const char *tier_of(struct world *w, int64_t customer_id, int32_t day)
{
    w->customer_id = customer_id;
    w->day = day;
    assert_int_equal(tier_settle_due(w->f->app.db, w->f->merchant_id, day), OK);
    assert_int_equal(db_read(w->f->app.db, kept, w), OK);
    const struct tier_state row = w->state;
    assert_int_equal(db_read(w->f->app.db, look, w), OK);
    assert_int_equal(row.tier_id, w->state.tier_id);
    assert_int_equal(row.next_day, w->state.next_day);
    int place = tier_place(&w->ladder, row.tier_id);
    return place < 0 ? "none" : arena_cstr(w->f->arena, w->ladder.tiers[place].name);
}

static void spends(struct world *w, int64_t customer_id, int32_t day, int64_t amount)
{
    w->customer_id = customer_id;
    w->day = day;
    w->amount = amount;
    do_write(w, spend);
}

static void begin_world(struct world *w, struct fixture *f, int many)
{
    *w = (struct world){.f = f, .day = TODAY, .many = many};
    w->ladder = (struct tier_ladder){
        .rules = {.measure = TIER_SPEND, .period = TIER_MONTHS, .months = 12, .n = 3},
        .tiers = {{.name = STR("Silver"), .threshold = 10000, .colour = 1, .benefits = STR("")},
                  {.name = STR("Gold"), .threshold = 50000, .colour = 2, .benefits = STR("Tea")},
                  {.name = STR("Friends"), .threshold = 0, .colour = 4, .benefits = STR("")}}};
    do_write(w, add_people);
    do_write(w, save);
    assert_int_equal(w->ladder.version, 1);
}

static void test_up_and_down(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    begin_world(w, f, 3);
    assert_string_equal(tier_of(w, ANNA, TODAY), "none");
    spends(w, ANNA, TODAY, 12000);
    assert_int_equal(db_read(f->app.db, kept, w), OK);
    assert_int_equal(w->state.tier_id, w->ladder.tiers[0].id); /* without any job */
    spends(w, ANNA, TODAY + 30, 40000);
    assert_string_equal(tier_of(w, ANNA, TODAY + 30), "Gold");
    int32_t first_leaves = w->state.next_day;
    assert_int_equal(day_add_months(first_leaves, -12) >= TODAY, true);
    assert_string_equal(tier_of(w, ANNA, first_leaves - 1), "Gold");
    assert_string_equal(tier_of(w, ANNA, first_leaves), "Silver");
    assert_string_equal(tier_of(w, ANNA, w->state.next_day), "none");
    assert_int_equal(w->n, 4);
    assert_string_equal(w->entries[0].cause, "rule");
    assert_str(w->entries[0].from, "Silver");
    assert_int_equal(w->entries[0].to_id, 0);
}

static void give(struct world *w, int64_t customer_id, int place, int32_t until, bool release)
{
    w->act = (struct tier_act){.customer_id = customer_id,
                               .tier_id = place < 0 ? 0 : w->ladder.tiers[place].id,
                               .until_day = until,
                               .release = release,
                               .reason = STR("a friend")};
    do_write(w, act);
}

static void test_by_hand(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    begin_world(w, f, 3);
    spends(w, ANNA, TODAY, 12000);
    give(w, ANNA, 2, TODAY + 10, false);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Friends");
    assert_true(w->state.by_hand);
    assert_int_equal(w->state.next_day, TODAY + 11);
    spends(w, ANNA, TODAY + 2, 90000); /* the rule waits */
    assert_string_equal(tier_of(w, ANNA, TODAY + 10), "Friends");
    assert_string_equal(tier_of(w, ANNA, TODAY + 11), "Gold");
    assert_false(w->state.by_hand);
    give(w, ANNA, -1, DAY_NONE, false);
    assert_string_equal(tier_of(w, ANNA, TODAY + 400), "none");
    assert_true(w->state.by_hand);
    give(w, ANNA, 0, DAY_NONE, true);
    assert_string_equal(tier_of(w, ANNA, TODAY + 400), "none");
    assert_false(w->state.by_hand);
    w->act = (struct tier_act){.customer_id = ANNA, .tier_id = 77, .until_day = DAY_NONE};
    assert_int_equal(db_write(f->app.db, act, w), ERR_INVALID);
    assert_string_equal(w->problem.code, "tier_unknown");
    w->act = (struct tier_act){.customer_id = ANNA, .until_day = w->day - 1};
    assert_int_equal(db_write(f->app.db, act, w), ERR_INVALID);
    assert_string_equal(w->problem.code, "tier_until_past");
}

struct losing {
    struct world *w;
    struct tier_loss list[10];
    size_t n;
    int32_t from, to, after;
    int64_t after_customer;
};

static enum err read_losses(struct db_tx *tx, void *arg)
{
    struct losing *l = arg;
    return tier_losses(tx, l->w->f->merchant_id, l->from, l->to, l->after, l->after_customer,
                       l->list, ARRAY_LEN(l->list), &l->n);
}

static void test_losses(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    begin_world(w, f, 3);
    spends(w, ANNA, TODAY, 60000);
    spends(w, ANNA, TODAY + 100, 20000);
    spends(w, BRUNO, TODAY, 20000);
    give(w, CARLA, 1, TODAY + 5, false);
    struct losing l = {.w = w, .from = TODAY, .to = TODAY + 800, .after = DAY_NONE};
    assert_int_equal(db_read(f->app.db, read_losses, &l), OK);
    assert_int_equal(l.n, 3);
    assert_int_equal(l.list[0].customer_id, CARLA);
    assert_int_equal(l.list[0].day, TODAY + 6);
    assert_int_equal(l.list[1].customer_id, ANNA);
    assert_int_equal(l.list[1].to_id, w->ladder.tiers[0].id);
    assert_int_equal(l.list[2].customer_id, BRUNO);
    assert_int_equal(l.list[2].to_id, 0);
    l.after = l.list[1].day;
    l.after_customer = ANNA;
    assert_int_equal(db_read(f->app.db, read_losses, &l), OK);
    assert_int_equal(l.n, 1);
}

static enum err check_all(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct tier_report report;
    enum err e = tier_check(tx, w->f->merchant_id, &report);
    w->n = (size_t)report.differing;
    return e;
}

static enum err spoil(struct db_tx *tx, void *arg)
{
    const struct world *w = arg;
    static const struct db_statement st = {
        "test_tier_spoil",
        "UPDATE customer_tier SET tier_id = NULL WHERE merchant_id = $1 AND customer_id = $2", "ii",
        ""};
    return db_exec(tx, &st, NULL, db_i(w->f->merchant_id), db_i(ANNA));
}

static void test_check(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    begin_world(w, f, 70);
    spends(w, ANNA, TODAY, 60000);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Gold");
    assert_int_equal(db_read(f->app.db, check_all, w), OK);
    assert_int_equal(w->n, 0);
    do_write(w, spoil);
    assert_int_equal(db_read(f->app.db, check_all, w), OK);
    assert_int_equal(w->n, 1);
}

/* Another ladder: everybody is looked at; who came by an import too. */
static void test_many(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    enum { MANY = 700 };
    begin_world(w, f, MANY);
    for (int i = 0; i < MANY; i += 70)
        spends(w, ANNA + i, TODAY, 11000);
    assert_string_equal(tier_of(w, ANNA + 70, TODAY), "Silver");
    w->ladder.tiers[0].threshold = 20000;
    w->version = 1;
    do_write(w, save);
    assert_true(w->ladder.sweeping);
    assert_string_equal(tier_of(w, ANNA + 630, TODAY), "none");
    assert_false(w->ladder.sweeping);
    assert_int_equal(db_write(f->app.db, save, w), ERR_STALE);
    w->version = 2;
    w->ladder.tiers[1].name = STR("SILVER");
    assert_int_equal(db_write(f->app.db, save, w), ERR_INVALID);
    assert_string_equal(w->problem.code, "tier_name_twice");
    w->ladder.tiers[1].name = STR("Gold");
    w->ladder.tiers[1].threshold = 20000;
    assert_int_equal(db_write(f->app.db, save, w), ERR_INVALID);
    assert_string_equal(w->problem.code, "tier_threshold_order");
}

static enum err import_many(struct db_tx *tx, void *arg)
{
    const struct world *w = arg;
    struct activity_event *events = arena_array(db_arena(tx), struct activity_event, 200);
    for (int i = 0; i < 200; i++)
        events[i] = (struct activity_event){.customer_id = ANNA + i,
                                            .kind = "booking",
                                            .at_us = w->day * US_PER_DAY,
                                            .day = w->day,
                                            .amount_minor = 15000};
    return activity_add(tx, w->f->merchant_id, "import", 1, events, 200);
}

static void test_import(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    begin_world(w, f, 200);
    assert_string_equal(tier_of(w, ANNA, TODAY), "none");
    do_write(w, import_many);
    assert_string_equal(tier_of(w, ANNA + 199, TODAY), "Silver");
    assert_string_equal(tier_of(w, ANNA, TODAY), "Silver");
}

struct merging {
    struct world *w;
    int64_t merge_id;
    bool undo;
};

static enum err merge_two(struct db_tx *tx, void *arg)
{
    struct merging *m = arg;
    const struct fixture *f = m->w->f;
    const struct merge_request what = {.survivor_id = ANNA,
                                       .loser_id = BRUNO,
                                       .survivor_version = -1,
                                       .loser_version = -1,
                                       .today = TODAY,
                                       .now_us = now_us()};
    if (m->undo)
        return merge_undo(tx, f->merchant_id, m->merge_id, &boss, now_us(), f->arena, NULL);
    return merge_customers(tx, f->merchant_id, &what, &boss, f->arena, NULL, &m->merge_id, NULL);
}

/* What both brought counts together; given by hand stays given; both have their own back. */
static void test_merge(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    struct merging m = {.w = w};
    begin_world(w, f, 3);
    spends(w, ANNA, TODAY, 30000);
    spends(w, BRUNO, TODAY, 30000);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Silver");
    assert_int_equal(db_write(f->app.db, merge_two, &m), OK);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Gold");
    m.undo = true;
    assert_int_equal(db_write(f->app.db, merge_two, &m), OK);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Silver");
    assert_string_equal(tier_of(w, BRUNO, TODAY), "Silver");
    m.undo = false;
    give(w, BRUNO, 2, DAY_NONE, false);
    assert_int_equal(db_write(f->app.db, merge_two, &m), OK);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Friends");
    m.undo = true;
    assert_int_equal(db_write(f->app.db, merge_two, &m), OK);
    assert_string_equal(tier_of(w, ANNA, TODAY), "Silver");
    assert_string_equal(tier_of(w, BRUNO, TODAY), "Friends");
}

#define ENGINES(name)                                                                              \
    static void each_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test_##name);                                                               \
    }
ENGINES(up_and_down)
ENGINES(by_hand)
ENGINES(losses)
ENGINES(many)
ENGINES(check)
ENGINES(import)
ENGINES(merge)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule_is_its_definition),
        cmocka_unit_test(test_year_holds_to_the_end_of_the_next),
        cmocka_unit_test(each_up_and_down),
        cmocka_unit_test(each_by_hand),
        cmocka_unit_test(each_losses),
        cmocka_unit_test(each_many),
        cmocka_unit_test(each_check),
        cmocka_unit_test(each_import),
        cmocka_unit_test(each_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
