/* Earning rules: a table computed by hand, what holds of every plan, the plan as it is kept, and a
 * dry run over sales whose points are known; the latter two on both engines. */
#include "crm_fixture.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/crm/earning/earning.h"
#include "src/crm/points/points.h"
#include "src/crm/transaction/transaction.h"

enum { MONDAY = 20458, SUNDAY = 20464, EVER = 0 }; /* 5 and 11 January 2026 */

#define ALWAYS .from_day = EVER, .to_day = DAY_NONE, .weekdays = EARNING_EVERY_DAY, .active = true
#define AMOUNT(n, per) .kind = EARNING_AMOUNT, .points = (n), .per_minor = (per)
#define VISIT(n) .kind = EARNING_VISIT, .points = (n)
#define TIMES(n) .kind = EARNING_MULTIPLIER, .percent = (n)

/* ---- by hand ---- */

static void test_a_table_computed_by_hand(void **state)
{
    static const struct {
        const char *what;
        struct earning_rule rules[4];
        struct earning_purchase p;
        int64_t points, of[4];
    } cases[] = {
        {"1 for each 10.00: the rest is lost",
         {{AMOUNT(1, 1000), ALWAYS, .steps = true}},
         {.amount_minor = 4599, .day = MONDAY},
         4,
         {4}},
        {"in proportion: 4.599 rounded down",
         {{AMOUNT(1, 1000), ALWAYS}},
         {.amount_minor = 4599, .day = MONDAY},
         4,
         {4}},
        {"steps of 5 points: 4 times 5",
         {{AMOUNT(5, 1000), ALWAYS, .steps = true}},
         {.amount_minor = 4599, .day = MONDAY},
         20,
         {20}},
        {"5 in proportion: 22.995",
         {{AMOUNT(5, 1000), ALWAYS}},
         {.amount_minor = 4599, .day = MONDAY},
         22,
         {22}},
        {"less than a step",
         {{AMOUNT(5, 1000), ALWAYS, .steps = true}},
         {.amount_minor = 999, .day = MONDAY},
         0,
         {0}},
        {"nothing for nothing",
         {{AMOUNT(5, 1000), ALWAYS}, {VISIT(3), ALWAYS}},
         {.amount_minor = 0, .day = MONDAY},
         0,
         {0}},
        {"nothing for what comes back",
         {{AMOUNT(5, 1000), ALWAYS}, {VISIT(3), ALWAYS}},
         {.amount_minor = -2500, .day = MONDAY},
         0,
         {0}},
        {"amount and visit add up",
         {{AMOUNT(1, 100), ALWAYS}, {VISIT(10), ALWAYS}},
         {.amount_minor = 1250, .day = MONDAY},
         22,
         {12, 10}},
        {"the visit counts once a day",
         {{AMOUNT(1, 100), ALWAYS}, {VISIT(10), ALWAYS}},
         {.amount_minor = 1250, .day = MONDAY, .taken = 2},
         12,
         {12, 0}},
        {"two amounts add up, each rounded",
         {{AMOUNT(1, 300), ALWAYS}, {AMOUNT(1, 700), ALWAYS}},
         {.amount_minor = 1000, .day = MONDAY},
         4,
         {3, 1}},
        {"a multiplier adds to the sum: 12 + 50 % = 18",
         {{AMOUNT(1, 100), ALWAYS}, {TIMES(150), ALWAYS}},
         {.amount_minor = 1250, .day = MONDAY},
         18,
         {12, 6}},
        {"what it adds is rounded down: 13 + 6.5",
         {{AMOUNT(1, 100), ALWAYS}, {TIMES(150), ALWAYS}},
         {.amount_minor = 1300, .day = MONDAY},
         19,
         {13, 6}},
        {"the highest alone, wherever it stands",
         {{TIMES(200), ALWAYS},
          {AMOUNT(1, 100), ALWAYS},
          {TIMES(300), ALWAYS},
          {TIMES(150), ALWAYS}},
         {.amount_minor = 1000, .day = MONDAY},
         30,
         {0, 10, 20, 0}},
        {"a multiplier of nothing",
         {{TIMES(200), ALWAYS}},
         {.amount_minor = 1000, .day = MONDAY},
         0,
         {0}},
        {"on Sundays alone: not today",
         {{AMOUNT(1, 100), ALWAYS},
          {TIMES(200), .to_day = DAY_NONE, .weekdays = 64, .active = true}},
         {.amount_minor = 1000, .day = MONDAY},
         10,
         {10, 0}},
        {"on Sundays alone: today",
         {{AMOUNT(1, 100), ALWAYS},
          {TIMES(200), .to_day = DAY_NONE, .weekdays = 64, .active = true}},
         {.amount_minor = 1000, .day = SUNDAY},
         20,
         {10, 10}},
        {"its last day is in it",
         {{VISIT(7), .from_day = MONDAY, .to_day = MONDAY, .weekdays = 127, .active = true}},
         {.amount_minor = 1, .day = MONDAY},
         7,
         {7}},
        {"the day before its first",
         {{VISIT(7), .from_day = MONDAY + 1, .to_day = DAY_NONE, .weekdays = 127, .active = true}},
         {.amount_minor = 1, .day = MONDAY},
         0,
         {0}},
        {"the day after its last",
         {{VISIT(7), .from_day = EVER, .to_day = MONDAY - 1, .weekdays = 127, .active = true}},
         {.amount_minor = 1, .day = MONDAY},
         0,
         {0}},
        {"another store",
         {{VISIT(7), ALWAYS, .store_id = 4}},
         {.amount_minor = 1, .day = MONDAY, .store_id = 5},
         0,
         {0}},
        {"its store",
         {{VISIT(7), ALWAYS, .store_id = 4}},
         {.amount_minor = 1, .day = MONDAY, .store_id = 4},
         7,
         {7}},
        {"of no tier",
         {{VISIT(7), ALWAYS, .tier_id = 4}},
         {.amount_minor = 1, .day = MONDAY},
         0,
         {0}},
        {"of its tier",
         {{VISIT(7), ALWAYS, .tier_id = 4}},
         {.amount_minor = 1, .day = MONDAY, .tier_id = 4},
         7,
         {7}},
        {"less than the smallest amount",
         {{AMOUNT(1, 100), ALWAYS, .minimum_minor = 2000}},
         {.amount_minor = 1999, .day = MONDAY},
         0,
         {0}},
        {"the smallest amount, and all of it counts",
         {{AMOUNT(1, 100), ALWAYS, .minimum_minor = 2000}},
         {.amount_minor = 2000, .day = MONDAY},
         20,
         {20}},
        {"switched off",
         {{VISIT(7), .to_day = DAY_NONE, .weekdays = 127}},
         {.amount_minor = 100, .day = MONDAY},
         0,
         {0}},
        {"never more than the ledger takes",
         {{AMOUNT(100000, 1), ALWAYS}, {VISIT(5), ALWAYS}, {TIMES(1000), ALWAYS}},
         {.amount_minor = 999999999999, .day = MONDAY},
         EARNING_POINTS_MAX,
         {EARNING_POINTS_MAX, 0, 0}},
    };
    (void)state;
    assert_int_equal(day_weekday(MONDAY), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct earning_plan plan = {0};
        struct earning_result got;
        for (; plan.n < 4 && cases[i].rules[plan.n].weekdays; plan.n++)
            plan.rules[plan.n] = cases[i].rules[plan.n];
        earning_evaluate(&plan, &cases[i].p, &got);
        if (got.points != cases[i].points || memcmp(got.of, cases[i].of, sizeof cases[i].of) != 0)
            fail_msg("%s: %lld (%lld %lld %lld %lld)", cases[i].what, (long long)got.points,
                     (long long)got.of[0], (long long)got.of[1], (long long)got.of[2],
                     (long long)got.of[3]);
    }
    assert_int_equal(earning_cost_minor(1234, 100, 500), 6170);
    assert_int_equal(earning_cost_minor(1, 2, 1), 1); /* half up */
    assert_int_equal(earning_cost_minor(1, 3, 1), 0);
}

/* ---- what holds of every plan ---- */

static int64_t below(uint64_t *random, int64_t n)
{
    return (int64_t)(test_random(random) % (uint64_t)n);
}

static struct earning_rule any_rule(uint64_t *random)
{
    struct earning_rule r = {.kind = (enum earning_kind)below(random, 3),
                             .points = 1 + below(random, 20),
                             .per_minor = 1 + below(random, 2000),
                             .percent = 101 + below(random, 300),
                             .minimum_minor = below(random, 2) * below(random, 3000),
                             .store_id = below(random, 3),
                             .tier_id = below(random, 3),
                             .from_day = (int32_t)(MONDAY + below(random, 5) - 3),
                             .to_day = DAY_NONE,
                             .weekdays = (int)(1 + below(random, 127)),
                             .steps = below(random, 2),
                             .active = below(random, 5) > 0};
    if (below(random, 2))
        r.to_day = (int32_t)(r.from_day + below(random, 6));
    return r;
}

static int64_t earned(const struct earning_plan *plan, const struct earning_purchase *p)
{
    struct earning_result got;
    int64_t sum = 0;
    earning_evaluate(plan, p, &got);
    for (size_t i = 0; i < plan->n; i++) {
        assert_true(got.of[i] >= 0);
        sum += got.of[i];
    }
    assert_int_equal(sum, got.points);
    return got.points;
}

static void test_never_negative_monotone_and_not_worth_splitting(void **state)
{
    uint64_t random = 5;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct earning_plan plan = {.n = (size_t)below(&random, 8)};
        bool only_amounts = true;
        for (size_t i = 0; i < plan.n; i++) {
            plan.rules[i] = any_rule(&random);
            only_amounts &= plan.rules[i].kind == EARNING_AMOUNT;
        }
        struct earning_purchase p = {.amount_minor = below(&random, 20000) - 1000,
                                     .store_id = below(&random, 3),
                                     .tier_id = below(&random, 3),
                                     .day = (int32_t)(MONDAY + below(&random, 9)),
                                     .taken = (uint32_t)below(&random, 256)};
        int64_t whole = earned(&plan, &p);
        assert_true(p.amount_minor > 0 || whole == 0);

        struct earning_purchase other = p;
        other.amount_minor += below(&random, 5000); /* a greater one never earns less */
        assert_true(earned(&plan, &other) >= whole);
        other = p;
        other.taken = 0; /* what was earned by already never brings more */
        assert_true(earned(&plan, &other) >= whole);

        struct earning_plan fewer = plan; /* a rule more never takes away */
        fewer.n -= fewer.n > 0;
        assert_true(earned(&fewer, &p) <= whole);

        if (only_amounts && p.amount_minor > 1) { /* two receipts never earn more than one */
            struct earning_purchase first = p, second = p;
            first.amount_minor = 1 + below(&random, p.amount_minor - 1);
            second.amount_minor = p.amount_minor - first.amount_minor;
            assert_true(earned(&plan, &first) + earned(&plan, &second) <= whole);
        }
    }
}

static void test_rules_without_multipliers_are_additive(void **state)
{
    uint64_t random = 6;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct earning_plan plan = {.n = 1 + (size_t)below(&random, 6)};
        struct earning_purchase p = {.amount_minor = below(&random, 20000),
                                     .store_id = below(&random, 3),
                                     .day = (int32_t)(MONDAY + below(&random, 9))};
        int64_t each = 0;
        for (size_t i = 0; i < plan.n; i++) {
            struct earning_plan alone = {.n = 1};
            do
                plan.rules[i] = any_rule(&random);
            while (plan.rules[i].kind == EARNING_MULTIPLIER);
            alone.rules[0] = plan.rules[i];
            each += earned(&alone, &p);
        }
        assert_int_equal(earned(&plan, &p), each);
    }
}

/* ---- kept ---- */

struct keeping {
    struct fixture *f;
    struct earning_plan plan;
    int64_t version;
    struct problem problem;
};

static enum err put(struct db_tx *tx, void *arg)
{
    struct keeping *k = arg;
    const struct audit_actor by = {0, "test", NULL};
    struct earning_plan after = k->plan;
    enum err e =
        earning_plan_save(tx, k->f->merchant_id, k->version, &after, &by, k->f->arena, &k->problem);
    k->plan = after;
    return e;
}

static enum err get(struct db_tx *tx, void *arg)
{
    struct keeping *k = arg;
    return earning_plan_read(tx, k->f->merchant_id, k->f->arena, &k->plan);
}

static void check_keeping(struct fixture *f)
{
    struct keeping k = {.f = f};
    assert_int_equal(db_read(f->app.db, get, &k), OK);
    assert_int_equal(k.plan.version, 0);
    assert_int_equal(k.plan.n, 0);
    k.plan = (struct earning_plan){
        .n = 2,
        .rules = {{.name = STR("Base"), AMOUNT(1, 1000), ALWAYS, .steps = true},
                  {.name = STR("Sundays"),
                   TIMES(200),
                   .from_day = MONDAY,
                   .to_day = MONDAY + 30,
                   .weekdays = 64,
                   .minimum_minor = 500}}};
    const struct earning_plan wanted = k.plan;
    assert_int_equal(db_write(f->app.db, put, &k), OK);
    assert_int_equal(db_read(f->app.db, get, &k), OK);
    assert_int_equal(k.plan.version, 1);
    assert_int_equal(k.plan.n, 2);
    int64_t first = k.plan.rules[0].id;
    assert_true(first > 0 && k.plan.rules[1].id > 0);
    for (size_t i = 0; i < 2; i++) {
        struct earning_rule is = k.plan.rules[i], was = wanted.rules[i];
        assert_str(is.name, was.name.p);
        assert_int_equal(is.kind, was.kind);
        assert_int_equal(is.points, was.points);
        assert_int_equal(is.per_minor, was.per_minor);
        assert_int_equal(is.percent, was.percent);
        assert_int_equal(is.minimum_minor, was.minimum_minor);
        assert_int_equal(is.from_day, was.from_day);
        assert_int_equal(is.to_day, was.to_day);
        assert_int_equal(is.weekdays, was.weekdays);
        assert_int_equal(is.steps, was.steps);
        assert_int_equal(is.active, was.active);
    }
    assert_int_equal(db_write(f->app.db, put, &k), ERR_STALE); /* of version 0 */
    k.version = 1;
    assert_int_equal(db_write(f->app.db, put, &k), OK); /* the same: nothing changes */
    assert_int_equal(db_read(f->app.db, get, &k), OK);
    assert_int_equal(k.plan.version, 1);
    k.plan.rules[1] = k.plan.rules[0]; /* a rule keeps its id wherever it stands */
    k.plan.rules[0] = (struct earning_rule){.name = STR("Visit"), VISIT(5), ALWAYS, .id = 12345};
    assert_int_equal(db_write(f->app.db, put, &k), OK);
    assert_int_equal(db_read(f->app.db, get, &k), OK);
    assert_int_equal(k.plan.version, 2);
    assert_int_equal(k.plan.rules[1].id, first);
    assert_int_not_equal(k.plan.rules[0].id, 12345);
    k.version = 2;
    k.plan.rules[0].store_id = 99;
    assert_int_equal(db_write(f->app.db, put, &k), ERR_INVALID);
    assert_string_equal(k.problem.code, "earning_store");
    assert_string_equal(k.problem.field, "rules.0.store_id");
    k.plan.rules[0].store_id = 0;
    k.plan.rules[0].tier_id = 99;
    assert_int_equal(db_write(f->app.db, put, &k), ERR_INVALID);
    assert_string_equal(k.problem.code, "earning_tier");
}

static void test_the_plan_is_kept_as_a_whole(void **state)
{
    (void)state;
    on_each_engine(check_keeping);
}

/* ---- a dry run ---- */

struct selling {
    struct fixture *f;
    int64_t customers[3];
    struct earning_trial trial;
};

static enum err sell(struct db_tx *tx, void *arg)
{
    static const struct {
        int customer;
        int32_t day;
        const char *invoice;
        int64_t minor, quantity;
    } sales[] = {
        {0, MONDAY, "1", 2550, 1},     {0, MONDAY, "2", 1000, 1},    {0, MONDAY + 1, "3", 999, 1},
        {1, SUNDAY, "4", 10000, 1},    {1, SUNDAY, "C4", 10000, -1}, {1, SUNDAY, "5", 3000, 1},
        {1, MONDAY - 1, "6", 5000, 1}, {2, MONDAY, "7", 100, 1},     {2, MONDAY, "8", 700, -1},
        {-1, MONDAY, "9", 8000, 1},
    };
    struct selling *s = arg;
    struct transaction_head heads[ARRAY_LEN(sales)] = {0};
    struct transaction_line lines[ARRAY_LEN(sales)] = {0};
    struct customer_change changes[3];
    struct customer_origin origin = {.how = "staff", .now_us = now_us()};
    for (int i = 0; i < 3; i++) {
        s->customers[i] = id_new();
        changes[i] = customer_change_empty(s->customers[i]);
        changes[i].create = true;
    }
    enum err e = customer_apply(tx, s->f->merchant_id, &origin, changes, 3);
    for (size_t i = 0; i < ARRAY_LEN(sales); i++) {
        lines[i] = (struct transaction_line){.product = STR("x"),
                                             .quantity_milli = 1000 * sales[i].quantity,
                                             .amount_minor = sales[i].quantity * sales[i].minor};
        heads[i] = (struct transaction_head){
            .customer_id = sales[i].customer < 0 ? 0 : s->customers[sales[i].customer],
            .invoice = str_c(sales[i].invoice),
            .day = sales[i].day,
            .at_us = (sales[i].day * 86400LL + (int64_t)i) * 1000000,
            .lines = &lines[i],
            .nlines = 1};
        transaction_identity_of_invoice(0, sales[i].day, heads[i].invoice, heads[i].identity);
    }
    return e == OK ? transactions_add(tx, s->f->merchant_id, 0, now_us(), heads, ARRAY_LEN(heads))
                   : e;
}

static enum err try_it(struct db_tx *tx, void *arg)
{
    struct selling *s = arg;
    const struct earning_plan now = {.n = 1, .rules = {{AMOUNT(1, 1000), ALWAYS, .steps = true}}};
    const struct earning_plan proposed = {
        .n = 3, /* none had begun by then */
        .rules = {{AMOUNT(1, 100), .from_day = SUNDAY + 50, .to_day = DAY_NONE, .weekdays = 127,
                   .active = true},
                  {VISIT(5), .from_day = SUNDAY + 50, .to_day = DAY_NONE, .weekdays = 127,
                   .minimum_minor = 1000, .active = true},
                  {TIMES(200), .from_day = SUNDAY + 50, .to_day = DAY_NONE, .weekdays = 64,
                   .active = true}}};
    const struct earning_plan *const plans[2] = {&now, &proposed};
    return earning_try(tx, s->f->merchant_id, MONDAY, SUNDAY, plans, s->f->arena, &s->trial);
}

static void assert_sum(const struct earning_sum *s, int64_t points, int64_t customers,
                       int64_t purchases)
{
    assert_int_equal(s->points, points);
    assert_int_equal(s->customers, customers);
    assert_int_equal(s->purchases, purchases);
}

static void check_dry_run(struct fixture *f)
{
    struct selling s = {.f = f};
    assert_int_equal(db_write(f->app.db, sell, &s), OK);
    assert_int_equal(db_read(f->app.db, try_it, &s), OK);
    const struct earning_trial *t = &s.trial;
    /* without the day before, the canceled one, what came back, and what was nobody's */
    assert_int_equal(t->customers, 3);
    assert_int_equal(t->purchases, 5);
    assert_int_equal(t->sales_minor, 2550 + 1000 + 999 + 3000 + 100);
    assert_sum(&t->plans[0].all, 2 + 1 + 3, 2, 3);
    assert_sum(&t->plans[0].of[0], 6, 2, 3);
    assert_sum(&t->plans[1].of[0], 25 + 10 + 9 + 30 + 1, 3, 5);
    assert_sum(&t->plans[1].of[1], 5 + 5, 2, 2); /* once on Monday, once on Sunday */
    assert_sum(&t->plans[1].of[2], 35, 1, 1);    /* Sunday's 30 + 5 again */
    assert_sum(&t->plans[1].all, 75 + 10 + 35, 3, 5);
}

static void test_a_dry_run_on_sales_whose_points_are_known(void **state)
{
    (void)state;
    on_each_engine(check_dry_run);
}

/* ---- recorded ---- */

struct recorded {
    struct fixture *f;
    int64_t customer;
    bool extend;
    struct transaction_head head;
    struct transaction_line lines[2];
    struct points_balance balance;
};

static enum err make_customer(struct db_tx *tx, void *arg)
{
    struct recorded *r = arg;
    struct customer_origin origin = {.how = "staff", .now_us = now_us()};
    struct customer_change change = customer_change_empty(r->customer = id_new());
    const struct audit_actor by = {0, "test", NULL};
    struct earning_plan plan = {
        .n = 3,
        .rules = {{.name = STR("Base"),
                   AMOUNT(1, 100),
                   .from_day = MONDAY,
                   .to_day = DAY_NONE,
                   .weekdays = 127,
                   .active = true},
                  {.name = STR("Visit"), VISIT(5), ALWAYS, .minimum_minor = 1000},
                  {.name = STR("Sundays"),
                   TIMES(200),
                   .to_day = DAY_NONE,
                   .weekdays = 64,
                   .active = true}}};
    change.create = true;
    enum err e = customer_apply(tx, r->f->merchant_id, &origin, &change, 1);
    return e == OK ? earning_plan_save(tx, r->f->merchant_id, 0, &plan, &by, r->f->arena, NULL) : e;
}

static enum err record(struct db_tx *tx, void *arg)
{
    struct recorded *r = arg;
    struct transaction_head h = r->head; /* set anew when the transaction is repeated */
    h.extend = r->extend;
    enum err e = transactions_add(tx, r->f->merchant_id, 0, now_us(), &h, 1);
    if (e == OK)
        e = earning_record(tx, r->f->merchant_id, SUNDAY, &h, 1, "import", r->f->arena);
    return e == OK ? points_balance(tx, r->f->merchant_id, r->customer, SUNDAY, &r->balance) : e;
}

/* The balance after a sale of that customer (or of nobody) was recorded. */
static int64_t after(struct recorded *r, bool known, int32_t day, const char *invoice,
                     int64_t minor)
{
    r->lines[0] = (struct transaction_line){
        .product = STR("x"), .quantity_milli = minor < 0 ? -1000 : 1000, .amount_minor = minor};
    r->head = (struct transaction_head){.customer_id = known ? r->customer : 0,
                                        .invoice = str_c(invoice),
                                        .day = day,
                                        .at_us = day * US_PER_DAY,
                                        .lines = r->lines,
                                        .nlines = 1};
    transaction_identity_of_invoice(0, day, r->head.invoice, r->head.identity);
    assert_int_equal(db_write(r->f->app.db, record, r), OK);
    return r->balance.total;
}

static void check_recording(struct fixture *f)
{
    struct recorded r = {.f = f};
    assert_int_equal(db_write(f->app.db, make_customer, &r), OK);
    assert_int_equal(after(&r, true, MONDAY - 1, "1", 900), 0); /* before the rule's first day */
    assert_int_equal(after(&r, true, MONDAY, "2", 1250), 12 + 5);
    assert_int_equal(after(&r, true, MONDAY, "2", 1250), 17);      /* the same again */
    assert_int_equal(after(&r, true, MONDAY, "3", 1000), 17 + 10); /* the visit once a day */
    assert_int_equal(after(&r, false, MONDAY, "4", 5000), 27);     /* nobody's */
    r.extend = true; /* 12.50 grow to 20.00: the difference */
    assert_int_equal(after(&r, true, MONDAY, "2", 750), 27 + 8);
    r.extend = false;
    assert_int_equal(after(&r, true, SUNDAY, "5", 2000), 35 + 20 + 5 + 25);
    assert_int_equal(after(&r, true, SUNDAY, "C5", -2000), 35); /* canceled: all of it goes */
    assert_int_equal(after(&r, true, SUNDAY, "C5", -2000), 35);
    assert_int_equal(after(&r, true, SUNDAY, "C6", -2000), 35);
    assert_int_equal(after(&r, true, SUNDAY, "6", 2000), 35); /* canceled before it came */
    /* the visit of a day that was canceled with its purchase is not earned again */
    assert_int_equal(after(&r, true, SUNDAY, "7", 2000), 35 + 40);
    /* goods of the latest purchase come back: 5.00 of 20.00, then more than is left of it */
    assert_int_equal(after(&r, true, SUNDAY, "R1", -500), 75 - 10);
    assert_int_equal(after(&r, true, SUNDAY, "R1", -500), 65);
    assert_int_equal(after(&r, true, SUNDAY, "R2", -9000), 35);
}

/* Two lines of goods, the second none when its amount is 0. */
static int64_t after_two(struct recorded *r, const char *invoice, int64_t shoes, int64_t bag)
{
    const struct transaction_line lines[] = {
        {.product_code = STR("S1"), .product = STR("shoes"), .amount_minor = shoes},
        {.product = STR("bag"), .amount_minor = bag}};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (lines[i].amount_minor) {
            r->lines[n] = lines[i];
            r->lines[n++].quantity_milli = lines[i].amount_minor < 0 ? -1000 : 1000;
        }
    r->head = (struct transaction_head){.customer_id = r->customer,
                                        .invoice = str_c(invoice),
                                        .day = MONDAY,
                                        .at_us = MONDAY * US_PER_DAY,
                                        .lines = r->lines,
                                        .nlines = n};
    transaction_identity_of_invoice(0, MONDAY, r->head.invoice, r->head.identity);
    assert_int_equal(db_write(r->f->app.db, record, r), OK);
    return r->balance.total;
}

/* A return takes back from each purchase that its lines belong to, by what they cost there. */
static void check_returns_of_several(struct fixture *f)
{
    struct recorded r = {.f = f};
    assert_int_equal(db_write(f->app.db, make_customer, &r), OK);
    assert_int_equal(after_two(&r, "1", 10000, 0), 105); /* and the visit */
    assert_int_equal(after_two(&r, "2", 0, 4000), 145);
    /* 50 of the shoes' 100, half the visit, 10 of the bag's 40 */
    assert_int_equal(after_two(&r, "R1", -5000, -1000), 83);
    assert_int_equal(after_two(&r, "R1", -5000, -1000), 83); /* the same again */
    r.extend = true;                                         /* it grows by a bag */
    assert_int_equal(after_two(&r, "R1", 0, -3000), 53);
    r.extend = false;
    assert_int_equal(after_two(&r, "R2", 0, -4000), 53); /* nothing is left of the bag */
    assert_int_equal(after_two(&r, "R3", -5000, -4000),
                     0); /* the rest of the shoes, with the visit */
}

static void test_a_return_of_several_purchases(void **state)
{
    (void)state;
    on_each_engine(check_returns_of_several);
}

static void test_sales_earn_once_when_they_are_recorded(void **state)
{
    (void)state;
    on_each_engine(check_recording);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_table_computed_by_hand),
        cmocka_unit_test(test_never_negative_monotone_and_not_worth_splitting),
        cmocka_unit_test(test_rules_without_multipliers_are_additive),
        cmocka_unit_test(test_the_plan_is_kept_as_a_whole),
        cmocka_unit_test(test_a_dry_run_on_sales_whose_points_are_known),
        cmocka_unit_test(test_sales_earn_once_when_they_are_recorded),
        cmocka_unit_test(test_a_return_of_several_purchases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
