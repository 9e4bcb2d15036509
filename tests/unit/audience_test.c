/* The engine against the naive evaluator: random customers, random changes, random days, random
 * questions; and the cases that chance seldom makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../src/audience/snapshot.h"
#include "../../src/base/check.h"
#include "audience_world.h"
#include "naive_audience.h"

struct both {
    struct world world;
    struct audience *engine;
    struct naive *naive;
    struct arena *arena;
};

/* Some of the tiers, in any order. */
static void set_ladder(struct both *b)
{
    int64_t ids[WORLD_WORDS];
    size_t n = 1 + world_random(&b->world, WORLD_WORDS),
           from = world_random(&b->world, WORLD_WORDS);
    for (size_t i = 0; i < n; i++)
        ids[i] = 1 + (int64_t)((from + i * 2) % WORLD_WORDS);
    audience_set_ladder(b->engine, ids, n);
    naive_set_ladder(b->naive, ids, n);
}

static struct both both_new(uint64_t seed, int32_t today)
{
    struct both b = {.world = {seed * 0x9e3779b97f4a7c15ull + 1, today, arena_new()},
                     .arena = arena_new()};
    struct audience_options o = {"fr", today, 100};
    assert_int_equal(audience_new(&o, &b.engine), OK);
    assert_int_equal(naive_new(&o, &b.naive), OK);
    for (int kind = 0; kind < WORD_KINDS; kind++) {
        for (int i = 0; i < (kind == WORD_STORE ? WORLD_STORES : WORLD_WORDS); i++) {
            int64_t id = kind == WORD_STORE ? WORLD_STORE_ID(i) : i + 1;
            audience_set_word(b.engine, (enum word_kind)kind, id,
                              world_word((enum word_kind)kind, i));
            naive_set_word(b.naive, (enum word_kind)kind, id, world_word((enum word_kind)kind, i));
        }
    }
    set_ladder(&b);
    for (int i = 0; i < 7; i++) /* so that every question finds its words */
        world_random(&b.world, 2);
    return b;
}

static void both_free(struct both *b)
{
    audience_free(&b->engine);
    naive_free(&b->naive);
    arena_free(&b->arena);
    arena_free(&b->world.arena);
}

static void put(struct both *b, int64_t id)
{
    struct audience_row r = world_row(&b->world, id);
    assert_int_equal(audience_put(b->engine, &r), OK);
    assert_int_equal(naive_put(b->naive, &r), OK);
}

static void change(struct both *b, int64_t ids)
{
    int64_t id = 1 + world_random(&b->world, (uint32_t)ids);
    switch (world_random(&b->world, 10)) {
    case 0:
    case 1:
        audience_remove(b->engine, id);
        naive_remove(b->naive, id);
        return;
    case 2: {
        int64_t staff = 1 + world_random(&b->world, WORLD_STAFF);
        bool on = world_random(&b->world, 3) > 0;
        if (world_random(&b->world, 20) == 0)
            set_ladder(b);
        audience_set_favourite(b->engine, staff, id, on);
        naive_set_favourite(b->naive, staff, id, on);
        return;
    }
    default:
        put(b, id);
    }
}

static void fail_on(const char *what, const char *text, const struct audience_ask *ask, int64_t got,
                    int64_t want)
{
    fail_msg("%s: %lld, not %lld: [%s] sort %s%s offset %d", what, (long long)got, (long long)want,
             text, ask->descending ? "-" : "", fields[ask->sort].name, (int)ask->offset);
}

static bool same_hit(const struct audience_hit *x, const struct audience_hit *y)
{
    return x->id == y->id && x->number == y->number && str_eq(x->first_name, y->first_name) &&
           str_eq(x->last_name, y->last_name) && str_eq(x->nickname, y->nickname) &&
           str_eq(x->phone, y->phone) && str_eq(x->email, y->email) && str_eq(x->city, y->city) &&
           strncmp(x->language, y->language, 4) == 0 && strncmp(x->country, y->country, 4) == 0 &&
           x->gender == y->gender && x->device == y->device &&
           memcmp(x->consent, y->consent, sizeof(x->consent)) == 0 && x->typology == y->typology &&
           x->anonymous == y->anonymous && x->blocked == y->blocked &&
           x->has_photo == y->has_photo && x->favourite == y->favourite && x->active == y->active &&
           x->has_profile == y->has_profile && x->birth_year == y->birth_year &&
           x->birth_month == y->birth_month && x->birth_day == y->birth_day && x->age == y->age &&
           x->registered_day == y->registered_day && x->last_visit_day == y->last_visit_day &&
           x->last_purchase_day == y->last_purchase_day && x->visits == y->visits &&
           x->operations == y->operations && x->spent_minor == y->spent_minor &&
           x->average_minor == y->average_minor && x->interval_tenths == y->interval_tenths &&
           x->visits_per_month_tenths == y->visits_per_month_tenths &&
           x->home_store == y->home_store && x->source == y->source && x->tier == y->tier &&
           x->points == y->points && memcmp(x->tallies, y->tallies, sizeof(x->tallies)) == 0 &&
           str_eq(x->own_type, y->own_type);
}

static void compare_facets(const char *text, const struct audience_ask *ask,
                           const struct audience_answer *x, const struct audience_answer *y)
{
    assert_int_equal(x->nfacets, y->nfacets);
    for (int i = 0; i < x->nfacets; i++) {
        const struct audience_facet *f = &x->facets[i], *g = &y->facets[i];
        const char *name = fields[f->field].name;
        if (f->unknown != g->unknown)
            fail_on(name, text, ask, f->unknown, g->unknown);
        if (f->n != g->n)
            fail_on(name, text, ask, f->n, g->n);
        for (int k = 0; k < f->n; k++) {
            const struct audience_facet_value *v = &f->values[k], *u = &g->values[k];
            if (v->count != u->count || !str_eq(v->key, u->key) || !str_eq(v->label, u->label) ||
                v->chosen != u->chosen)
                fail_msg("[%s] facet %s: %.*s %lld %d, not %.*s %lld %d", text, name, (int)v->key.n,
                         v->key.p, (long long)v->count, v->chosen, (int)u->key.n, u->key.p,
                         (long long)u->count, u->chosen);
        }
    }
}

static void compare_answers(const char *text, const struct audience_ask *ask,
                            const struct audience_answer *x, const struct audience_answer *y)
{
    if (x->total != y->total)
        fail_on("total", text, ask, x->total, y->total);
    if (x->matching != y->matching)
        fail_on("matching", text, ask, x->matching, y->matching);
    if (x->unknown != y->unknown)
        fail_on("unknown", text, ask, x->unknown, y->unknown);
    if (x->spent_minor != y->spent_minor)
        fail_on("spent", text, ask, x->spent_minor, y->spent_minor);
    if (x->nhits != y->nhits)
        fail_on("hits", text, ask, x->nhits, y->nhits);
    for (int i = 0; i < x->nhits; i++) {
        if (x->hits[i].id != y->hits[i].id)
            fail_on("hit's id", text, ask, x->hits[i].id, y->hits[i].id);
        if (!same_hit(&x->hits[i], &y->hits[i]))
            fail_on("hit", text, ask, x->hits[i].id, y->hits[i].id);
    }
    for (int64_t i = 0; ask->ids_only && i < x->matching; i++)
        if (x->ids[i] != y->ids[i])
            fail_on("id", text, ask, x->ids[i], y->ids[i]);
    compare_facets(text, ask, x, y);
}

static const struct query *parse(struct both *b, const struct query_words *words, const char *text)
{
    const struct query *q = NULL;
    struct problem p = {0};
    struct query_context c = {b->world.today, 2, words, .segments = world_segments()};
    if (query_parse(b->arena, str_c(text), &c, &q, &p) == OK)
        return q;
    /* a city, country or language that nobody has at the moment */
    if (strcmp(p.code, "query_unknown_value") != 0)
        fail_msg("[%s]: %s at %d", text, p.code, p.from);
    return NULL;
}

static void ask_both(struct both *b, const char *text, struct audience_ask ask)
{
    struct audience_ask naive_ask_ = ask;
    ask.query = parse(b, audience_words(b->engine), text);
    naive_ask_.query = parse(b, naive_words(b->naive), text);
    assert_true((ask.query == NULL) == (naive_ask_.query == NULL));
    struct audience_answer x, y;
    assert_int_equal(audience_ask(b->engine, &ask, b->arena, &x), OK);
    assert_int_equal(naive_ask(b->naive, &naive_ask_, b->arena, &y), OK);
    compare_answers(text, &ask, &x, &y);
}

static enum field_id random_sort(struct world *w)
{
    enum field_id f;
    do
        f = (enum field_id)world_random(w, FIELDS);
    while (f != FIELD_TEXT && !fields[f].sortable);
    return f;
}

static void ask_random(struct both *b, bool facets, int64_t ids)
{
    struct world *w = &b->world;
    static const int64_t stores[] = {WORLD_STORE_ID(1), WORLD_STORE_ID(3), 42};
    struct audience_ask ask = {.sort = random_sort(w), .descending = world_random(w, 2)};
    ask.viewer.staff_id = world_random(w, WORLD_STAFF + 2);
    if (world_random(w, 4) == 0) {
        ask.viewer.stores = stores;
        ask.viewer.nstores = world_random(w, 4);
    }
    ask.limit = (int)world_random(w, 60);
    ask.offset = world_random(w, 3) ? 0 : world_random(w, (uint32_t)ids + 10);
    ask.ids_only = world_random(w, 4) == 0;
    ask.facets = facets ? ~0ull : 0;
    ask.currency_decimals = 2;
    struct buf text;
    buf_init(&text, 1 << 16);
    world_query(w, &text);
    ask_both(b, buf_cstr(&text), ask);
    buf_free(&text);
    arena_reset(b->arena);
}

static void change_rules(struct both *b)
{
    struct typology_set s =
        world_random(&b->world, 4) ? world_rules(&b->world, b->arena) : typology_defaults;
    audience_set_typologies(b->engine, &s, world_segments());
    naive_set_typologies(b->naive, &s, world_segments());
}

static void move_day(struct both *b)
{
    static const int32_t steps[] = {1, 1, 1, 2, 5, 31, 200, -1, -40};
    b->world.today += steps[world_random(&b->world, ARRAY_LEN(steps))];
    audience_set_today(b->engine, b->world.today);
    naive_set_today(b->naive, b->world.today);
}

/* The program ends, and begins again. */
static void come_back(struct both *b)
{
    struct snapshot *s = NULL;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(audience_save(b->engine, STR("note"), fileno(file)), OK);
    audience_free(&b->engine);
    assert_int_equal(snapshot_open(fileno(file), &s), OK);
    assert_int_equal(snapshot_restore(s, "fr", &b->engine), OK);
    snapshot_close(&s);
    fclose(file);
    struct typology_set rules = audience_typologies(b->engine, b->arena);
    audience_set_typologies(b->engine, &rules, world_segments());
    naive_set_typologies(b->naive, &rules, world_segments());
}

static void random_worlds(void **state)
{
    (void)state;
    const char *given = getenv("HABITUE_TEST_SECONDS");
    int64_t worlds = getenv("HABITUE_TEST_QUICK") ? 15 : 60, seconds = 0, from = monotonic_us();
    if (given)
        (void)str_int64(str_c(given), &seconds);
    for (int64_t seed = 1; seed <= worlds || monotonic_us() - from < seconds * 1000000; seed++) {
        print_message("# world %d\n", (int)seed);
        static const struct civil starts[] = {
            {2026, 5, 20}, {2024, 2, 28}, {2023, 2, 27}, {2025, 12, 30}};
        struct both b = both_new((uint64_t)seed, day_from_civil(starts[seed % 4]));
        int64_t ids = 1 + (int64_t)world_random(&b.world, 300);
        bool loaded = seed % 2;
        if (loaded)
            audience_load_begin(b.engine);
        for (int64_t i = 0; loaded && i < ids; i++)
            put(&b, seed % 4 == 1 && i < ids - 3
                        ? 1 + i * 2
                        : 1 + world_random(&b.world, (uint32_t)ids)); /* in turn, or not */
        if (loaded)
            audience_load_end(b.engine);
        for (int round = 0; round < 60; round++) {
            for (uint32_t n = world_random(&b.world, 20); n > 0; n--)
                change(&b, ids);
            if (world_random(&b.world, 4) == 0)
                move_day(&b);
            if (seed % 3 == 0 && world_random(&b.world, 6) == 0)
                change_rules(&b);
            if (world_random(&b.world, 15) == 0)
                come_back(&b);
            ask_random(&b, round % 4 == 0, ids);
        }
        both_free(&b);
    }
}

/* More than one block, codes that several values share, codes cut anew. */
static void large_world(void **state)
{
    (void)state;
    enum { ROWS = 70000 };
    if (getenv("HABITUE_TEST_QUICK"))
        skip();
    struct both b = both_new(4711, day_from_civil((struct civil){2026, 3, 31}));
    audience_load_begin(b.engine);
    for (int64_t i = 0; i < ROWS; i++)
        put(&b, 1 + (i < ROWS - 100 ? i : i * 7919 % ROWS));
    audience_load_end(b.engine);
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 300; i++)
            change(&b, ROWS + 1000);
        if (round % 3 == 2)
            move_day(&b);
        if (round % 4 == 1)
            come_back(&b);
        ask_random(&b, false, ROWS);
    }
    static const enum field_id sorts[] = {FIELD_VISITS, FIELD_NAME,  FIELD_TYPE,
                                          FIELD_STORE,  FIELD_EMAIL, FIELD_AGE};
    for (size_t i = 0; i < ARRAY_LEN(sorts); i++) {
        struct audience_ask ask = {.sort = sorts[i],
                                   .limit = 500,
                                   .offset = 20000 + 7000 * (int64_t)i,
                                   .descending = i % 2};
        ask_both(&b, "", ask);
        arena_reset(b.arena);
    }
    both_free(&b);
}

static void growing_world(void **state)
{
    (void)state;
    struct both b = both_new(99, day_from_civil((struct civil){2026, 8, 1}));
    for (int64_t i = 1; i <= 12000; i++)
        put(&b, i);
    for (int round = 0; round < 30; round++)
        ask_random(&b, round == 0, 12000);
    for (int64_t i = 1; i <= 12000; i++) {
        audience_remove(b.engine, i);
        naive_remove(b.naive, i);
    }
    assert_int_equal(audience_count(b.engine), 0);
    ask_random(&b, true, 10);
    put(&b, 77);
    ask_random(&b, true, 10);
    both_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(growing_world),
        cmocka_unit_test(large_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
