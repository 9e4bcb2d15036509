/* The hot paths of the audience, for callgrind: each is run once to warm up, then once to be
 * counted. Run by hot_paths.py, which compares the instructions with limits.txt. By itself it only
 * checks that nothing is refused. */
#include "benchmarks/people.h"
#include "src/base/check.h"
#include <valgrind/callgrind.h>

enum { CUSTOMERS = 70000, PUTS = 100 };

struct paths {
    struct audience *audience;
    struct arena *arena;
};

static struct audience_row row_of_person(int64_t id, bool bought)
{
    static struct person p;
    static int64_t tags[4], store;
    person_make(id, &p);
    if (bought && p.visits < PEOPLE_VISITS_MAX && p.last_visit != PEOPLE_TODAY) {
        p.visit_days[p.visits++] = p.last_visit = PEOPLE_TODAY;
        p.operations++;
        p.spent_minor += 4200;
    }
    return person_row(&p, tags, &store);
}

static void load(struct paths *h)
{
    struct audience_options o = {"fr", PEOPLE_TODAY, CUSTOMERS};
    char name[24];
    check(audience_new(&o, &h->audience) == OK);
    for (int i = 1; i <= PEOPLE_STORES; i++)
        audience_set_word(h->audience, WORD_STORE, i, str_c(people_word("store", i, name)));
    for (int i = 1; i <= PEOPLE_TAGS; i++)
        audience_set_word(h->audience, WORD_TAG, i, str_c(people_word("tag", i, name)));
    for (int i = 1; i <= PEOPLE_TIERS; i++)
        audience_set_word(h->audience, WORD_TIER, i, str_c(people_word("tier", i, name)));
    audience_set_ladder(h->audience, (const int64_t[]){1, 2, 3, 4}, PEOPLE_TIERS);
    audience_load_begin(h->audience);
    for (int64_t id = 1; id <= CUSTOMERS; id++) {
        struct audience_row r = row_of_person(id, false);
        CALLGRIND_TOGGLE_COLLECT;
        check(audience_put(h->audience, &r) == OK);
        CALLGRIND_TOGGLE_COLLECT;
    }
    CALLGRIND_TOGGLE_COLLECT;
    audience_load_end(h->audience);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT("load");
}

static void ask(struct paths *h, const char *text, struct audience_ask q, enum facet_kind facets)
{
    struct audience_answer answer;
    struct problem p = {0};
    struct query_context c = {
        .today = PEOPLE_TODAY, .currency_decimals = 2, .words = audience_words(h->audience)};
    check(query_parse(h->arena, str_c(text), &c, &q.query, &p) == OK);
    q.facets = facets ? fields_with(facets) : 0;
    q.currency_decimals = 2;
    check(audience_ask(h->audience, &q, h->arena, &answer) == OK);
    check(answer.matching > 0);
    arena_reset(h->arena);
}

static const char narrow[] = "gender:female age:25..40 consent:sms last_visit:<90d";
static const char wide[] = "consent:sms last_visit:<365d";
static const struct {
    const char *name, *text;
    struct audience_ask ask;
    enum facet_kind facets; /* all of that kind */
} asks[] = {
    {"count", narrow, {.only_count = true}},
    {"facets_narrow", narrow, {.only_count = true}, FACET_VALUES},
    {"facets_wide", wide, {.only_count = true}, FACET_VALUES},
    {"facets_all", "", {0}, FACET_VALUES},
    {"ranges_narrow", narrow, {.only_count = true}, FACET_RANGES},
    {"ranges_wide", wide, {.only_count = true}, FACET_RANGES},
    {"ranges_all", "", {0}, FACET_RANGES},
    {"page_first",
     narrow,
     {.sort = FIELD_LAST_VISIT, .descending = true, .limit = 50, .only_count = true}},
    {"page_by_name", "", {.sort = FIELD_NAME, .limit = 50, .only_count = true}},
    {"page_by_email",
     "",
     {.sort = FIELD_EMAIL, .descending = true, .limit = 50, .only_count = true}},
    {"page_deep", wide, {.sort = FIELD_SPENT, .limit = 50, .offset = 10000, .only_count = true}},
    {"search_name", "mart", {.sort = FIELD_NAME, .limit = 50, .only_count = true}},
    {"search_email", "@orange", {.sort = FIELD_NAME, .limit = 50, .only_count = true}},
    {"search_phone", "4567", {.sort = FIELD_NAME, .limit = 50, .only_count = true}},
};

static void put_some(struct paths *h, int64_t from)
{
    for (int64_t i = 0; i < PUTS; i++) {
        struct audience_row r = row_of_person(1 + (from + i * 631) % CUSTOMERS, true);
        CALLGRIND_TOGGLE_COLLECT;
        check(audience_put(h->audience, &r) == OK);
        CALLGRIND_TOGGLE_COLLECT;
    }
}

static void move_day(struct paths *h, int32_t days)
{
    CALLGRIND_TOGGLE_COLLECT;
    audience_set_today(h->audience, PEOPLE_TODAY + days);
    CALLGRIND_TOGGLE_COLLECT;
}

int main(void)
{
    struct paths h = {.arena = arena_new()};
    load(&h);
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        ask(&h, asks[i].text, asks[i].ask, asks[i].facets);
        CALLGRIND_TOGGLE_COLLECT;
        ask(&h, asks[i].text, asks[i].ask, asks[i].facets);
        CALLGRIND_TOGGLE_COLLECT;
        CALLGRIND_DUMP_STATS_AT(asks[i].name);
    }
    put_some(&h, 7);
    CALLGRIND_ZERO_STATS;
    put_some(&h, 40000);
    CALLGRIND_DUMP_STATS_AT("change_100");
    move_day(&h, 1);
    CALLGRIND_ZERO_STATS;
    move_day(&h, 2);
    CALLGRIND_DUMP_STATS_AT("day");
    audience_free(&h.audience);
    arena_free(&h.arena);
    return 0;
}
