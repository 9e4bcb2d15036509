/* Facts of src/crm/customer/, kept by every way of changing what they rest on, against a plain
 * recomputation from the definition (DESIGN 5) made here. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/base/varint.h"
#include "src/crm/activity/activity.h"
#include "src/crm/transaction/transaction.h"

enum { CUSTOMERS = 150, STORES = 3, WORDS = 5, ROUNDS = 12, EVENTS_MAX = 20000, DAYS = 90 };

/* What happened, as the test knows it. */
struct happened {
    int customer, store; /* store -1 = none */
    int32_t day;
    int64_t amount;
    char what; /* p purchase, r return, c cancellation, v visit, b booking, m missed booking, s
                  share */
    bool canceled;
    int category, size; /* 0 = none */
    int invoice;
};
struct world {
    struct fixture *f;
    int64_t customers[CUSTOMERS], stores[STORES], categories[WORDS], sizes[WORDS], tags[WORDS];
    int home[CUSTOMERS];
    bool tagged[CUSTOMERS][WORDS];
    struct happened events[EVENTS_MAX];
    int n, invoice;
    /* of the write under way, which may run more than once */
    struct happened *batch;
    int nbatch;
};

static enum err make_world(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct customer_change changes[CUSTOMERS];
    struct customer_origin origin = {.how = "till", .now_us = 1};
    int64_t m = w->f->merchant_id;
    bool is_new;

    for (int i = 0; i < STORES; i++) {
        enum err err = store_by_name(tx, m, str_c((const char *[]){"Lyon", "Nice", "Paris"}[i]),
                                     &w->stores[i], &is_new);
        if (err != OK)
            return err;
    }
    static const char *const names[] = {"one", "two", "three", "four", "five"};
    for (int i = 0; i < WORDS; i++) {
        enum err err = word_id(tx, m, WORD_CATEGORY, str_c(names[i]), &w->categories[i], &is_new);
        if (err == OK)
            err = word_id(tx, m, WORD_SIZE, str_c(names[i]), &w->sizes[i], &is_new);
        if (err == OK)
            err = word_id(tx, m, WORD_TAG, str_c(names[i]), &w->tags[i], &is_new);
        if (err != OK)
            return err;
    }
    for (int i = 0; i < CUSTOMERS; i++) {
        w->home[i] = i % (STORES + 1) - 1;
        changes[i] = customer_change_empty(w->customers[i]);
        changes[i].create = true;
        changes[i].store_id = w->home[i] < 0 ? 0 : w->stores[w->home[i]];
    }
    return customer_apply(tx, m, &origin, changes, CUSTOMERS);
}

static void remember(struct world *w, struct happened h)
{
    assert_true(w->n < EVENTS_MAX);
    w->events[w->n++] = h;
}

/* ---- one round of changes ---- */

static enum err sell(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct arena *a = db_arena(tx);
    struct transaction_head *heads = arena_array(a, struct transaction_head, (size_t)w->nbatch);

    for (int i = 0; i < w->nbatch; i++) {
        const struct happened *h = &w->batch[i];
        struct transaction_line *line = arena_make(a, struct transaction_line);
        *line = (struct transaction_line){
            .quantity_milli = h->what == 'p' ? 1000 : -1000,
            .amount_minor = h->amount,
            .category_id = h->category ? w->categories[h->category - 1] : 0,
            .size_id = h->size ? w->sizes[h->size - 1] : 0,
        };
        heads[i] = (struct transaction_head){
            .customer_id = w->customers[h->customer],
            .store_id = h->store < 0 ? 0 : w->stores[h->store],
            .invoice = str_c(arena_printf(a, "%s%d",
                                          h->what == 'c'   ? "C"
                                          : h->what == 'r' ? "R"
                                                           : "",
                                          h->invoice)),
            .at_us = h->day * US_PER_DAY,
            .day = h->day,
            .lines = line,
            .nlines = 1,
        };
        transaction_identity_of_invoice(heads[i].store_id, h->day, heads[i].invoice,
                                        heads[i].identity);
    }
    return transactions_add(tx, w->f->merchant_id, 0, 1, heads, (size_t)w->nbatch);
}

static struct happened random_event(struct world *w, const char *kinds)
{
    struct fixture *f = w->f;
    return (struct happened){
        .customer = (int)(fixture_random(f, CUSTOMERS) * fixture_random(f, 100) / 100),
        .store = (int)fixture_random(f, STORES + 1) - 1,
        .day = 20000 + (int32_t)fixture_random(f, DAYS),
        .amount = fixture_random(f, 10000),
        .what = kinds[fixture_random(f, (int64_t)strlen(kinds))],
        .category = (int)fixture_random(f, WORDS + 1),
        .size = (int)fixture_random(f, WORDS + 1),
    };
}

static void sales_round(struct world *w)
{
    struct happened batch[400];

    w->batch = batch;
    w->nbatch = 100 + (int)fixture_random(w->f, 300);
    for (int i = 0; i < w->nbatch; i++) {
        batch[i] = random_event(w, "ppppr");
        batch[i].invoice = w->invoice++;
        if (batch[i].what == 'r')
            batch[i].amount = -batch[i].amount;
    }
    assert_int_equal(db_write(w->f->app.db, sell, w), OK);
    for (int i = 0; i < w->nbatch; i++)
        remember(w, batch[i]);
}

/* Some purchases are taken back, each once, on their day or later. */
static void cancel_round(struct world *w)
{
    struct happened batch[40];

    w->batch = batch;
    w->nbatch = 0;
    for (int tries = 0; tries < 40; tries++) {
        struct happened *h = &w->events[fixture_random(w->f, w->n)];
        if (h->what != 'p' || h->canceled)
            continue;
        h->canceled = true;
        struct happened *c = &batch[w->nbatch++];
        *c = *h;
        c->what = 'c';
        c->canceled = false;
        c->amount = -h->amount;
        c->day = h->day + (int32_t)fixture_random(w->f, 20000 + DAYS - h->day);
    }
    assert_int_equal(db_write(w->f->app.db, sell, w), OK);
    for (int i = 0; i < w->nbatch; i++)
        remember(w, batch[i]);
}

static enum err act(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    struct arena *a = db_arena(tx);
    struct activity_event *events = arena_array(a, struct activity_event, (size_t)w->nbatch);

    for (int i = 0; i < w->nbatch; i++) {
        const struct happened *h = &w->batch[i];
        const char *kind = h->what == 'v'   ? "visit"
                           : h->what == 'b' ? "booking"
                           : h->what == 'm' ? "booking_missed"
                           : h->what == 'n' ? "push"
                           : h->what == 'k' ? "comment"
                                            : "share";
        events[i] = (struct activity_event){.customer_id = w->customers[h->customer],
                                            .kind = kind,
                                            .at_us = h->day * US_PER_DAY,
                                            .day = h->day,
                                            .amount_minor = h->what == 'b' ? h->amount : INT64_MIN};
    }
    return activity_add(tx, w->f->merchant_id, "till", 1, events, (size_t)w->nbatch);
}

static void activity_round(struct world *w)
{
    struct happened batch[60];

    w->batch = batch;
    w->nbatch = 60;
    for (int i = 0; i < w->nbatch; i++)
        batch[i] = random_event(w, "vvbmsnk");
    assert_int_equal(db_write(w->f->app.db, act, w), OK);
    for (int i = 0; i < w->nbatch; i++)
        remember(w, batch[i]);
}

struct profile_round {
    struct world *w;
    int customer[20], store[20], tag[20];
};

static enum err change_profiles(struct db_tx *tx, void *arg)
{
    struct profile_round *r = arg;
    struct customer_change changes[20];
    struct customer_origin origin = {.how = "staff", .now_us = 2};

    for (int i = 0; i < 20; i++) {
        changes[i] = customer_change_empty(r->w->customers[r->customer[i]]);
        changes[i].store_id = r->store[i] < 0 ? 0 : r->w->stores[r->store[i]];
        changes[i].tags = &r->w->tags[r->tag[i]];
        changes[i].ntags = 1;
    }
    return customer_apply(tx, r->w->f->merchant_id, &origin, changes, 20);
}

static void profile_round(struct world *w)
{
    struct profile_round r = {.w = w};

    for (int i = 0; i < 20; i++) {
        r.customer[i] = (int)fixture_random(w->f, CUSTOMERS);
        r.store[i] = (int)fixture_random(w->f, STORES + 1) - 1;
        r.tag[i] = (int)fixture_random(w->f, WORDS);
    }
    assert_int_equal(db_write(w->f->app.db, change_profiles, &r), OK);
    for (int i = 0; i < 20; i++) {
        if (r.store[i] >= 0)
            w->home[r.customer[i]] = r.store[i];
        w->tagged[r.customer[i]][r.tag[i]] = true;
    }
}

/* ---- the plain recomputation ---- */

struct expected {
    int32_t first, last_visit, last_purchase, first_purchase;
    int64_t visits, operations, spent, purchase_days, tallies[ACTIVITY_TALLIES];
    bool visited[DAYS], bought[DAYS], stores[STORES], categories[WORDS], sizes[WORDS];
};

static void expect(const struct world *w, int customer, struct expected *x)
{
    *x = (struct expected){DAY_NONE, DAY_NONE, DAY_NONE, DAY_NONE, .visits = 0};
    if (w->home[customer] >= 0)
        x->stores[w->home[customer]] = true;
    for (int i = 0; i < w->n; i++) {
        const struct happened *h = &w->events[i];
        if (h->customer != customer)
            continue;
        if (x->first == DAY_NONE || h->day < x->first)
            x->first = h->day;
        bool purchase = h->what == 'p' && !h->canceled;
        if (strchr("prcb", h->what))
            x->spent += h->amount;
        x->operations += purchase || h->what == 'b';
        x->tallies[TALLY_SHARES] += h->what == 's';
        x->tallies[TALLY_COMMENTS] += h->what == 'k';
        x->tallies[TALLY_PUSHES] += h->what == 'n';
        if (purchase || h->what == 'b' || h->what == 'v')
            x->visited[h->day - 20000] = true;
        if (!purchase)
            continue;
        x->bought[h->day - 20000] = true;
        if (h->store >= 0)
            x->stores[h->store] = true;
        if (h->category)
            x->categories[h->category - 1] = true;
        if (h->size)
            x->sizes[h->size - 1] = true;
    }
    for (int d = 0; d < DAYS; d++) {
        if (x->visited[d]) {
            x->visits++;
            x->last_visit = 20000 + d;
        }
        if (x->bought[d]) {
            x->purchase_days++;
            x->last_purchase = 20000 + d;
            if (x->first_purchase == DAY_NONE)
                x->first_purchase = 20000 + d;
        }
    }
}

static void same_ids(struct arena *a, struct str blob, const int64_t *ids, const bool *wanted,
                     size_t n)
{
    int64_t *got = NULL;
    size_t ngot = 0, nwanted = 0;

    if (blob.n)
        assert_int_equal(varint_unpack(a, blob, &got, &ngot), OK);
    for (size_t i = 0; i < n; i++) {
        bool there = false;
        for (size_t k = 0; k < ngot; k++)
            there |= got[k] == ids[i];
        assert_int_equal(there, wanted[i]);
        nwanted += wanted[i];
    }
    assert_int_equal(ngot, nwanted);
}

static enum err compare(struct db_tx *tx, void *arg)
{
    static const struct db_statement row = {
        "test_facts",
        "SELECT first_day, last_visit_day, last_purchase_day, "
        "first_purchase_day, visits, operations,"
        " spent_minor, purchase_days, visit_days, tags, "
        "stores, categories, sizes, shares, comments, pushes FROM "
        "customer_facts"
        " WHERE merchant_id = $1 AND customer_id = $2",
        "ii", "iiiiiiiibbbbbiii"};
    struct world *w = arg;
    struct arena *a = db_arena(tx);
    int64_t days[DAYS];

    for (int d = 0; d < DAYS; d++)
        days[d] = 20000 + d;
    for (int c = 0; c < CUSTOMERS; c++) {
        cleanup(db_done) struct db_rows *r = NULL;
        struct expected x;
        expect(w, c, &x);
        assert_int_equal(db_query(tx, &row, &r, db_i(w->f->merchant_id), db_i(w->customers[c])),
                         OK);
        assert_true(db_next(r));
        assert_int_equal(db_int_or(r, 0, DAY_NONE), x.first);
        assert_int_equal(db_int_or(r, 1, DAY_NONE), x.last_visit);
        assert_int_equal(db_int_or(r, 2, DAY_NONE), x.last_purchase);
        assert_int_equal(db_int_or(r, 3, DAY_NONE), x.first_purchase);
        assert_int_equal(db_int(r, 4), x.visits);
        assert_int_equal(db_int(r, 5), x.operations);
        assert_int_equal(db_int(r, 6), x.spent);
        assert_int_equal(db_int(r, 7), x.purchase_days);
        same_ids(a, db_blob(r, 8), days, x.visited, DAYS);
        same_ids(a, db_blob(r, 9), w->tags, w->tagged[c], WORDS);
        same_ids(a, db_blob(r, 10), w->stores, x.stores, STORES);
        same_ids(a, db_blob(r, 11), w->categories, x.categories, WORDS);
        same_ids(a, db_blob(r, 12), w->sizes, x.sizes, WORDS);
        for (int t = 0; t < ACTIVITY_TALLIES; t++)
            assert_int_equal(db_int(r, 13 + t), x.tallies[t]);
    }
    struct facts_report report;
    assert_int_equal(facts_check(tx, w->f->merchant_id, &report), OK);
    assert_int_equal(report.customers, CUSTOMERS);
    assert_int_equal(report.wrong + report.missing, 0);
    return OK;
}

static void random_history(struct fixture *f)
{
    struct world *w = calloc(1, sizeof *w);

    w->f = f;
    w->invoice = 1;
    for (int i = 0; i < CUSTOMERS; i++)
        w->customers[i] = id_new();
    assert_int_equal(db_write(f->app.db, make_world, w), OK);
    for (int i = 0; i < ROUNDS; i++) {
        sales_round(w);
        activity_round(w);
        cancel_round(w);
        profile_round(w);
        if (i % 4 == 3)
            assert_int_equal(db_read(f->app.db, compare, w), OK);
    }
    free(w);
}

static void test_random_history(void **state)
{
    (void)state;
    on_each_engine(random_history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
