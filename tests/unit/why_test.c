/* Why and on which day, departures, and rules tried out: against the naive evaluator, moved day by
 * day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../src/audience/why.h"
#include "../../src/base/check.h"
#include "audience_world.h"
#include "naive_audience.h"

enum { PEOPLE = 60 };

struct both {
    struct world world;
    struct audience *engine;
    struct naive *naive;
    struct arena *arena;
};

static struct both both_new(uint64_t seed, int32_t today, bool rules)
{
    struct both b = {.world = {seed * 0x9e3779b97f4a7c15ull + 7, today, arena_new()},
                     .arena = arena_new()};
    struct audience_options o = {"fr", today, PEOPLE};
    assert_int_equal(audience_new(&o, &b.engine), OK);
    assert_int_equal(naive_new(&o, &b.naive), OK);
    for (int i = 0; i < 9; i++)
        world_random(&b.world, 2);
    for (int kind = 0; kind < WORD_KINDS; kind++)
        for (int i = 0; i < (kind == WORD_STORE ? WORLD_STORES : WORLD_WORDS); i++) {
            int64_t id = kind == WORD_STORE ? WORLD_STORE_ID(i) : i + 1;
            audience_set_word(b.engine, (enum word_kind)kind, id,
                              world_word((enum word_kind)kind, i));
            naive_set_word(b.naive, (enum word_kind)kind, id, world_word((enum word_kind)kind, i));
        }
    if (rules) {
        struct typology_set s = world_rules(&b.world, b.arena);
        audience_set_typologies(b.engine, &s, world_segments());
        naive_set_typologies(b.naive, &s, world_segments());
    }
    for (int64_t id = 1; id <= PEOPLE; id++) {
        struct audience_row r = world_row(&b.world, id);
        assert_int_equal(audience_put(b.engine, &r), OK);
        assert_int_equal(naive_put(b.naive, &r), OK);
    }
    return b;
}

static void both_free(struct both *b)
{
    audience_free(&b->engine);
    naive_free(&b->naive);
    arena_free(&b->arena);
    arena_free(&b->world.arena);
}

static int32_t start_of(int seed)
{
    static const struct civil starts[] = {
        {2026, 5, 20}, {2024, 2, 27}, {2025, 12, 30}, {2026, 8, 31}};
    return day_from_civil(starts[seed % 4]);
}

static const struct query *parse(struct both *b, const struct query_words *words, int32_t today,
                                 struct str text)
{
    const struct query *q = NULL;
    const struct query_context c = {today, 2, words, world_segments()};
    return query_parse(b->arena, text, &c, &q, NULL) == OK ? q : NULL;
}

/* Who matches on that day, as a set of ids. */
static bool naive_matches(struct both *b, struct str text, int32_t day, bool ret[PEOPLE + 1])
{
    struct audience_answer answer;
    naive_set_today(b->naive, day);
    struct audience_ask ask = {.query = parse(b, naive_words(b->naive), day, text),
                               .ids_only = true};
    memset(ret, 0, PEOPLE + 1);
    if (!ask.query)
        return false;
    assert_int_equal(naive_ask(b->naive, &ask, b->arena, &answer), OK);
    for (int64_t i = 0; i < answer.matching; i++)
        ret[answer.ids[i]] = true;
    return true;
}

enum { LOOKED_AT = 400 }; /* days: all that the brute force has time for */

static void turn_of_query(struct both *b, struct str text)
{
    static const struct audience_viewer viewer = {0};
    const int32_t today = b->world.today;
    bool now[PEOPLE + 1], then[PEOPLE + 1];
    int32_t turns[PEOPLE + 1];
    const struct query *q = parse(b, audience_words(b->engine), today, text);
    if (!q || !naive_matches(b, text, today, now))
        return;
    for (int id = 1; id <= PEOPLE; id++)
        turns[id] = DAY_NONE;
    for (int32_t d = 1; d <= LOOKED_AT; d++) {
        if (!naive_matches(b, text, today + d, then))
            return; /* a range that is upside down by then */
        for (int id = 1; id <= PEOPLE; id++)
            if (turns[id] == DAY_NONE && now[id] != then[id])
                turns[id] = today + d;
    }
    for (int id = 1; id <= PEOPLE; id++) {
        struct why why;
        assert_int_equal(audience_why(b->engine, &viewer, id, q, b->arena, &why), OK);
        int32_t expected = turns[id], got = why.turns > today + LOOKED_AT ? DAY_NONE : why.turns;
        if (why.matches != now[id] || got != expected)
            fail_msg("[%.*s] customer %d: matches %d, turns %d; not %d, %d", (int)text.n, text.p,
                     id, why.matches, got == DAY_NONE ? 0 : got - today, now[id],
                     expected == DAY_NONE ? 0 : expected - today);
    }
}

static void queries_turn_on_the_day_told(void **state)
{
    (void)state;
    static const char *const timely[] = {"last_visit:<90d",
                                         "registered:this_month or age:30..40",
                                         "-type:at_risk",
                                         "birthday:next_2w -active:yes",
                                         "visits_per_month:>=0.5 last_visit:>=2m",
                                         "birthday:this_month,today",
                                         "type:new,occasional",
                                         "segment:\"Good ladies\""};
    int worlds = getenv("HABITUE_TEST_QUICK") ? 2 : 5;
    for (int seed = 1; seed <= worlds; seed++) {
        struct both b = both_new((uint64_t)seed, start_of(seed), seed % 2);
        for (size_t i = 0; i < ARRAY_LEN(timely); i++)
            turn_of_query(&b, str_c(timely[i]));
        for (int i = 0; i < 8; i++) {
            struct buf text;
            buf_init(&text, 1 << 16);
            world_query(&b.world, &text);
            turn_of_query(&b, arena_str(b.world.arena, buf_str(&text)));
            buf_free(&text);
        }
        both_free(&b);
    }
}

static void naive_types(struct both *b, int32_t day, uint8_t ret[PEOPLE + 1])
{
    struct audience_ask ask = {.limit = PEOPLE};
    struct audience_answer answer;
    naive_set_today(b->naive, day);
    assert_int_equal(naive_ask(b->naive, &ask, b->arena, &answer), OK);
    for (int i = 0; i < answer.nhits; i++)
        ret[answer.hits[i].id] = answer.hits[i].typology;
}

static void compare_types(const struct why *why, int id, uint8_t now, const int32_t *becomes)
{
    for (int i = 0; i < why->ntypes; i++) {
        const struct why_type *t = &why->types[i];
        int32_t got = t->becomes > why->today + LOOKED_AT ? DAY_NONE : t->becomes;
        if (t->is != (t->type == now) || got != becomes[t->type])
            fail_msg("customer %d, type %d: is %d, becomes %d; not %d", id, t->type, t->is, got,
                     becomes[t->type]);
    }
}

static void types_turn_on_the_day_told(void **state)
{
    (void)state;
    static const struct audience_viewer viewer = {0};
    int worlds = getenv("HABITUE_TEST_QUICK") ? 2 : 6;
    for (int seed = 1; seed <= worlds; seed++) {
        struct both b = both_new((uint64_t)seed, start_of(seed), seed % 3);
        uint8_t now[PEOPLE + 1], then[PEOPLE + 1];
        int32_t becomes[PEOPLE + 1][TYPES_ALL];
        for (int id = 1; id <= PEOPLE; id++)
            for (int t = 0; t < TYPES_ALL; t++)
                becomes[id][t] = DAY_NONE;
        naive_types(&b, b.world.today, now);
        for (int32_t day = b.world.today + 1; day <= b.world.today + LOOKED_AT; day++) {
            naive_types(&b, day, then);
            for (int id = 1; id <= PEOPLE; id++) {
                int32_t *of = becomes[id];
                if (then[id] != now[id] && of[now[id]] == DAY_NONE)
                    of[now[id]] = day;
                if (then[id] != now[id] && of[then[id]] == DAY_NONE)
                    of[then[id]] = day;
            }
        }
        for (int id = 1; id <= PEOPLE; id++) {
            struct why why;
            assert_int_equal(audience_why_types(b.engine, &viewer, id, b.arena, &why), OK);
            compare_types(&why, id, now[id], becomes[id]);
        }
        both_free(&b);
    }
}

static void departures_are_those_of_each_day(void **state)
{
    (void)state;
    static const int64_t stores[] = {WORLD_STORE_ID(1), WORLD_STORE_ID(3)};
    enum { DAYS = 120 };
    int worlds = getenv("HABITUE_TEST_QUICK") ? 6 : 30;
    for (int seed = 1; seed <= worlds; seed++) {
        struct both b = both_new((uint64_t)seed, start_of(seed), seed % 3);
        struct audience_viewer viewer = {.stores = seed % 2 ? stores : NULL,
                                         .nstores = seed % 2 ? 2 : 0};
        const struct departures_ask ask = {&viewer, b.world.today + 1, b.world.today + DAYS, 0,
                                           500};
        struct departures got;
        uint8_t before[PEOPLE + 1], now[PEOPLE + 1];
        int64_t total = 0;
        assert_int_equal(audience_departures(b.engine, &ask, b.arena, &got), OK);
        naive_types(&b, b.world.today, before);
        for (int32_t day = ask.from; day <= ask.to; day++) {
            int64_t n = 0;
            naive_types(&b, day, now);
            for (int id = 1; id <= PEOPLE; id++) {
                struct audience_hit hit;
                bool turned = now[id] == TYPE_AT_RISK && before[id] != TYPE_AT_RISK;
                if (!turned || naive_get(b.naive, &viewer, id, b.arena, &hit) != OK)
                    continue;
                assert_true(total < got.n);
                assert_int_equal(got.list[total].day, day);
                assert_int_equal(got.list[total].id, id);
                total++;
                n++;
            }
            if (got.counts[day - ask.from] != n)
                fail_msg("seed %d, day %d: %d, not %d", seed, day - b.world.today,
                         (int)got.counts[day - ask.from], (int)n);
            memcpy(before, now, sizeof(now));
        }
        assert_int_equal(got.total, total);
        both_free(&b);
    }
}

static void a_page_of_departures_is_a_part_of_the_list(void **state)
{
    (void)state;
    static const struct audience_viewer viewer = {0};
    struct both b = both_new(5, start_of(1), false);
    struct departures_ask ask = {&viewer, b.world.today + 1, b.world.today + 200, 0, 500};
    struct departures all, page;
    assert_int_equal(audience_departures(b.engine, &ask, b.arena, &all), OK);
    assert_true(all.n > 10);
    ask.offset = 3;
    ask.limit = 5;
    assert_int_equal(audience_departures(b.engine, &ask, b.arena, &page), OK);
    assert_int_equal(page.n, 5);
    assert_int_equal(page.total, all.total);
    for (int i = 0; i < page.n; i++)
        assert_int_equal(page.list[i].id, all.list[i + 3].id);
    ask.from = b.world.today;
    assert_int_equal(audience_departures(b.engine, &ask, b.arena, &page), ERR_INVALID);
    ask.from = b.world.today + 5;
    ask.to = b.world.today + 4;
    assert_int_equal(audience_departures(b.engine, &ask, b.arena, &page), ERR_INVALID);
    ask.to = b.world.today + DEPARTURE_DAYS_MAX + 1;
    assert_int_equal(audience_departures(b.engine, &ask, b.arena, &page), ERR_INVALID);
    both_free(&b);
}

static void a_preview_is_what_comes_of_it(void **state)
{
    (void)state;
    int worlds = getenv("HABITUE_TEST_QUICK") ? 10 : 60;
    for (int seed = 1; seed <= worlds; seed++) {
        struct both b = both_new((uint64_t)seed, start_of(seed), seed % 2);
        struct typology_set s = world_rules(&b.world, b.arena);
        uint8_t before[PEOPLE + 1], after[PEOPLE + 1];
        int64_t moves[TYPES_ALL][TYPES_ALL] = {{0}};
        struct typology_preview p;
        struct typology_movers of = {-1, TYPE_AT_RISK, TYPOLOGY_MOVERS_MAX};
        audience_preview_typologies(b.engine, &s, world_segments(), &of, b.arena, &p);
        naive_types(&b, b.world.today, before);
        naive_set_typologies(b.naive, &s, world_segments());
        naive_types(&b, b.world.today, after);
        int risky = 0;
        for (int id = 1; id <= PEOPLE; id++) {
            moves[before[id]][after[id]]++;
            risky += after[id] == TYPE_AT_RISK;
        }
        assert_memory_equal(moves, p.moves, sizeof(moves));
        assert_int_equal(p.nhits, risky < TYPOLOGY_MOVERS_MAX ? risky : TYPOLOGY_MOVERS_MAX);
        audience_set_typologies(b.engine, &s, world_segments());
        struct audience_ask ask = {.facets = 1ull << FIELD_TYPE};
        struct audience_answer answer;
        assert_int_equal(audience_ask(b.engine, &ask, b.arena, &answer), OK);
        for (int i = 0; i < answer.facets[0].n; i++)
            assert_int_equal(answer.facets[0].values[i].count, p.after[i]);
        both_free(&b);
    }
}

/* ---- what may be saved ---- */

static void refused(struct both *b, const struct typology_set *s, const char *code,
                    const char *field)
{
    struct problem p = {0};
    const struct query_context c = {b->world.today, 2, audience_words(b->engine), world_segments()};
    assert_int_equal(typology_check(s, &c, b->arena, &p), ERR_INVALID);
    assert_string_equal(p.code, code);
    assert_string_equal(p.field, field);
}

static struct typology_set with_own(const char *name, const char *query)
{
    struct typology_set s = typology_defaults;
    s.own[s.nown++] = (struct own_type){str_c(name), str_c(query)};
    s.order[s.norder++] = TYPES;
    return s;
}

static void rules_that_cannot_be(void **state)
{
    (void)state;
    struct both b = both_new(1, start_of(1), false);
    struct problem p = {0};
    const struct query_context c = {b.world.today, 2, audience_words(b.engine), world_segments()};
    struct typology_set s = typology_defaults;
    assert_int_equal(typology_check(&s, &c, b.arena, &p), OK);
    s.numbers.vip_months = 25;
    refused(&b, &s, "typology_number", "vip_months");
    s = typology_defaults;
    s.numbers.at_risk_days = 0;
    refused(&b, &s, "typology_number", "at_risk_days");
    s = typology_defaults;
    s.order[0] = TYPE_NEW;
    refused(&b, &s, "typology_order", "order");
    s.order[0] = TYPE_REGULAR;
    refused(&b, &s, "typology_order", "order");
    s = typology_defaults;
    s.norder = 3;
    refused(&b, &s, "typology_order", "order");
    static const struct {
        const char *name, *query, *code, *field;
    } wrong[] = {
        {"VIP", "visits:>3", "typology_name", "own.0.name"},
        {"At Risk", "visits:>3", "typology_name", "own.0.name"},
        {"", "visits:>3", "typology_name", "own.0.name"},
        {"any", "visits:>3", "typology_name", "own.0.name"},
        {"forty-one letters, which is one too many..", "visits:>3", "typology_name", "own.0.name"},
        {"Good", "", "typology_query_empty", "own.0.query"},
        {"Good", "visits:>3 -type:vip", "typology_query_field", "own.0.query"},
        {"Good", "favourite:yes", "typology_query_field", "own.0.query"},
        {"Good", "segment:\"Good ladies\"", "typology_query_field", "own.0.query"},
        {"Good", "visits:>", "query_bad_number", "own.0.query"},
        {"Good", "tag:nonesuch", "query_unknown_value", "own.0.query"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        s = with_own(wrong[i].name, wrong[i].query);
        refused(&b, &s, wrong[i].code, wrong[i].field);
    }
    s = with_own("Good", "visits:>3");
    s.own[s.nown] = (struct own_type){STR("GOOD"), STR("visits:>4")};
    s.order[s.norder++] = (uint8_t)(TYPES + s.nown++);
    refused(&b, &s, "typology_name_twice", "own.1.name");
    s.own[1].name = STR("Better");
    assert_int_equal(typology_check(&s, &c, b.arena, &p), OK);
    both_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_turn_on_the_day_told),
        cmocka_unit_test(types_turn_on_the_day_told),
        cmocka_unit_test(departures_are_those_of_each_day),
        cmocka_unit_test(a_page_of_departures_is_a_part_of_the_list),
        cmocka_unit_test(a_preview_is_what_comes_of_it),
        cmocka_unit_test(rules_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
