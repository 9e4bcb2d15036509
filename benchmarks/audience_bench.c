/* The audience beside SQLite, PostgreSQL and DuckDB: the same customers, the same questions, one
 * run.
 *
 * audience_bench [CUSTOMERS [alone [PART]]]
 *     PART: counts facets ranges pages search request file writes
 *     HABITUE_TEST_PG  a PostgreSQL database     BENCH_DUCKDB  the library libduckdb.so
 *     Without them, or alone, these are not asked.
 *
 * SQLite and PostgreSQL have general indexes: each column that is filtered or sorted by, tags both
 * ways, and trigrams in PostgreSQL. DuckDB is in memory and has two threads. A question is parsed,
 * planned and run each time. Medians, milliseconds, warm; one thread for the audience and SQLite.
 * Every count is compared; the ratio is to the best of the others. */
#include "people.h"
#include "sql_engines.h"
#include "src/audience/snapshot.h"
#include "src/base/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 2000, ENGINES = 3 };

struct bench {
    struct audience *audience;
    struct arena *arena;
    struct sql_engine *engines[ENGINES]; /* SQLite, PostgreSQL, DuckDB; NULL: not asked */
    int64_t customers;
};

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof(*v), compare);
    return v[n / 2];
}

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double now_ms(void)
{
    return (double)monotonic_us() / 1000;
}

/* A question in both languages. */
struct question {
    const char *text;
    struct audience_ask ask; /* without the query */
    const char *sql[8];      /* what SQL needs for the same answer; the first is the count */
};

static int64_t ask_audience(struct bench *b, const struct question *q)
{
    struct audience_ask ask = q->ask;
    struct audience_answer answer;
    struct problem p = {0};
    struct query_context c = {PEOPLE_TODAY, 2, audience_words(b->audience)};
    if (query_parse(b->arena, str_c(q->text), &c, &ask.query, &p) != OK ||
        audience_ask(b->audience, &ask, b->arena, &answer) != OK) {
        fprintf(stderr, "%s: %s\n", q->text, p.code ? p.code : "refused");
        exit(1);
    }
    return answer.matching;
}

static double measure_audience(struct bench *b, const struct question *q, int64_t *ret_matching)
{
    static double times[RUNS_MAX];
    int n = 0;
    for (double start = now_ms(); n < 5 || (n < RUNS_MAX && now_ms() - start < 150); n++) {
        int64_t t = monotonic_ns();
        *ret_matching = ask_audience(b, q);
        times[n] = (double)(monotonic_ns() - t) / 1e6;
        arena_reset(b->arena);
    }
    return median(times, n);
}

static double measure_sql(struct sql_engine *e, const struct question *q, int64_t *ret_matching)
{
    double times[5];
    int n = 0;
    for (double start = now_ms(); n < 5 && (n < 1 || now_ms() - start < 2500); n++) {
        double t = now_ms();
        for (int i = 0; q->sql[i]; i++) {
            int64_t first = sql_run(e, q->sql[i]);
            if (i == 0)
                *ret_matching = first;
        }
        times[n] = now_ms() - t;
    }
    return median(times, n);
}

struct line {
    const char *name;
    double own[64], sql[ENGINES][64];
    int n;
};

static void measure(struct bench *b, struct line *l, const struct question *q)
{
    int64_t own = 0, other = 0;
    l->own[l->n] = measure_audience(b, q, &own);
    for (int e = 0; e < ENGINES; e++) {
        if (!b->engines[e])
            continue;
        l->sql[e][l->n] = measure_sql(b->engines[e], q, &other);
        if (own != other) {
            fprintf(stderr, "%s: %lld, but %s says %lld: %s\n", q->text, (long long)own,
                    sql_name(b->engines[e]), (long long)other, q->sql[0]);
            exit(1);
        }
    }
    l->n++;
}

static void print_line(const struct bench *b, struct line *l)
{
    double own = median(l->own, l->n), best = 0;
    printf("%-44s %9.3f", l->name, own);
    for (int e = 0; e < ENGINES; e++) {
        double ms = b->engines[e] ? median(l->sql[e], l->n) : 0;
        best = ms > 0 && (best == 0 || ms < best) ? ms : best;
        if (ms > 0)
            printf(" %10.2f", ms);
        else
            printf(" %10s", "");
    }
    if (best > 0)
        printf(" %8.0f", best / own);
    printf("\n");
    fflush(stdout);
}

/* Prints the one question of `one`, and adds it to a line of several. */
static void add_line(const struct bench *b, struct line *one, struct line *all)
{
    print_line(b, one);
    all->own[all->n] = one->own[0];
    for (int e = 0; e < ENGINES; e++)
        all->sql[e][all->n] = one->sql[e][0];
    all->n++;
}

/* The rows. Ages are birth days in SQL. */
static int32_t born(int age)
{
    struct civil c = day_to_civil(PEOPLE_TODAY);
    c.year -= age;
    return day_from_civil(c);
}

static void counts(struct bench *b)
{
    struct line l = {.name = "count of a random four-term filter"};
    char text[256], sql[512];
    uint64_t s = 5;
    for (int i = 0; i < 15; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        int low = 18 + (int)(s >> 33) % 30, high = low + 5 + (int)(s >> 40) % 30,
            days = 20 + (int)(s >> 45) % 300;
        bool female = s >> 50 & 1, sms = s >> 51 & 1;
        snprintf(text, sizeof(text), "gender:%s age:%d..%d consent:%s last_visit:<%dd",
                 female ? "female" : "male", low, high, sms ? "sms" : "email", days);
        snprintf(sql, sizeof(sql),
                 "SELECT count(*) FROM customer WHERE gender = %d AND birth <= %d AND birth > %d "
                 "AND %s = 1 AND "
                 "last_visit > %d",
                 female ? 1 : 2, born(low), born(high + 1), sms ? "sms" : "email_consent",
                 PEOPLE_TODAY - days);
        measure(b, &l, &(struct question){text, {.only_count = true}, {sql}});
    }
    print_line(b, &l);
}

#define Q1 "gender = 1 AND birth <= 11462 AND birth > 5618 AND sms = 1 AND last_visit > 20503"
#define Q1_TEXT "gender:female age:25..40 consent:sms last_visit:<90d"
#define PICK(cols, where) "SELECT " cols ", count(*) FROM customer WHERE " where " GROUP BY 1"
#define BANDS                                                                                      \
    "CASE WHEN birth > 14019 THEN 0 WHEN birth > 11462 THEN 1 WHEN birth > 7809 THEN 2 WHEN "      \
    "birth > 4157 "                                                                                \
    "THEN 3 WHEN birth > 504 THEN 4 WHEN birth > -3148 THEN 5 ELSE 6 END"
#define CONSENTS                                                                                   \
    "SELECT sum(CASE WHEN sms = 1 THEN 1 END), sum(CASE WHEN sms = 2 THEN 1 END), sum(CASE WHEN "  \
    "sms = 0 THEN 1 "                                                                              \
    "END), sum(CASE WHEN email_consent = 1 THEN 1 END), sum(CASE WHEN email_consent = 2 THEN 1 "   \
    "END), sum(CASE WHEN "                                                                         \
    "email_consent = 0 THEN 1 END), sum(CASE WHEN push = 1 THEN 1 END), sum(CASE WHEN push = 2 "   \
    "THEN 1 END), "                                                                                \
    "sum(CASE WHEN push = 0 THEN 1 END) FROM customer WHERE "
#define TAGS(where)                                                                                \
    "SELECT t.tag, count(*) FROM customer c JOIN customer_tag t ON t.customer = c.id WHERE " where \
    " GROUP BY 1"
#define FACETS                                                                                     \
    (1ull << FIELD_GENDER | 1ull << FIELD_AGE | 1ull << FIELD_TYPE | 1ull << FIELD_CONSENT |       \
     1ull << FIELD_TAG | 1ull << FIELD_STORE)

static void facets(struct bench *b)
{
    const struct question narrow = {
        Q1_TEXT,
        {.facets = FACETS, .only_count = true},
        {"SELECT count(*) FROM customer WHERE " Q1,
         PICK("gender", "birth <= 11462 AND birth > 5618 AND sms = 1 AND last_visit > 20503"),
         PICK(BANDS, "gender = 1 AND sms = 1 AND last_visit > 20503"), PICK("type", Q1),
         PICK("store", Q1),
         CONSENTS "gender = 1 AND birth <= 11462 AND birth > 5618 AND last_visit > 20503",
         TAGS(Q1)}};
#define WIDE "sms = 1 AND last_visit > 20228"
    const struct question wide = {"consent:sms last_visit:<365d",
                                  {.facets = FACETS, .only_count = true},
                                  {"SELECT count(*) FROM customer WHERE " WIDE,
                                   PICK("gender", WIDE), PICK(BANDS, WIDE), PICK("type", WIDE),
                                   PICK("store", WIDE), CONSENTS "last_visit > 20228", TAGS(WIDE)}};
    struct line l = {.name = "all facets, narrow filter"}, m = {.name = "all facets, wide filter"};
    measure(b, &l, &narrow);
    print_line(b, &l);
    measure(b, &m, &wide);
    print_line(b, &m);
}

#define SPENT                                                                                      \
    "CASE WHEN spent <= 0 THEN 0 WHEN spent < 100 THEN 1 WHEN spent < 200 THEN 2 WHEN spent < "    \
    "500 THEN 3 WHEN spent < 1000 THEN 4 WHEN spent < 2000 THEN 5 WHEN spent < 5000 THEN 6 WHEN "  \
    "spent < 10000 THEN 7 WHEN spent < 20000 THEN 8 WHEN spent < 50000 THEN 9 WHEN spent < "       \
    "100000 THEN 10 WHEN spent < 200000 THEN 11 WHEN spent < 500000 THEN 12 WHEN spent < 1000000 " \
    "THEN 13 ELSE 14 END"
/* On PEOPLE_TODAY: less than 7, 30, 90 days ago, this month, this year, 90 days ago or longer, a
 * year or longer, never. */
#define LATELY(where)                                                                              \
    "SELECT sum(CASE WHEN last_visit > 20586 THEN 1 END), sum(CASE WHEN last_visit > 20563 THEN "  \
    "1 END), sum(CASE WHEN last_visit > 20503 THEN 1 END), sum(CASE WHEN last_visit >= 20574 "     \
    "THEN 1 END), sum(CASE WHEN last_visit >= 20454 THEN 1 END), sum(CASE WHEN last_visit <= "     \
    "20503 THEN 1 END), sum(CASE WHEN last_visit <= 20228 THEN 1 END), sum(CASE WHEN last_visit "  \
    "IS NULL THEN 1 END) FROM customer WHERE " where

static void ranges(struct bench *b)
{
    static const struct question questions[] = {
        {Q1_TEXT,
         {0},
         {"SELECT count(*) FROM customer WHERE " Q1, PICK(SPENT, Q1),
          LATELY("gender = 1 AND birth <= 11462 AND birth > 5618 AND sms = 1")}},
        {"consent:sms last_visit:<365d",
         {0},
         {"SELECT count(*) FROM customer WHERE " WIDE, PICK(SPENT, WIDE), LATELY("sms = 1")}},
        {"", {0}, {"SELECT count(*) FROM customer", PICK(SPENT, "1 = 1"), LATELY("1 = 1")}}};
    static const char *const names[] = {"ranges of last visit and spent, narrow filter",
                                        "the same of a wide filter", "the same of everybody"};
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        struct line l = {.name = names[i]};
        struct question q = questions[i];
        q.ask = (struct audience_ask){.facets = 1ull << FIELD_LAST_VISIT | 1ull << FIELD_SPENT,
                                      .currency_decimals = 2,
                                      .only_count = true};
        measure(b, &l, &q);
        print_line(b, &l);
    }
}

static void pages(struct bench *b)
{
    static const struct {
        enum field_id field;
        const char *order;
    } sorts[] = {{FIELD_LAST_VISIT, "last_visit IS NULL, last_visit DESC"},
                 {FIELD_SPENT, "spent DESC"},
                 {FIELD_VISITS, "visits DESC"},
                 {FIELD_REGISTERED, "registered DESC"},
                 {FIELD_NAME, "last DESC, first DESC"},
                 {FIELD_EMAIL, "email IS NULL, email DESC"},
                 {FIELD_PHONE, "phone IS NULL, phone DESC"},
                 {FIELD_CITY, "city DESC"},
                 {FIELD_TYPE, "type DESC"},
                 {FIELD_NUMBER, "id DESC"}};
    static const struct {
        const char *name, *text, *where;
        int64_t offset;
    } cases[] = {{"first 50 of all", "", "1 = 1", 0},
                 {"first 50 of a filter", Q1_TEXT, Q1, 0},
                 {"50 of all at 100,000", "", "1 = 1", 100000},
                 {"50 of a wide filter at 100,000", "consent:sms last_visit:<365d", WIDE, 100000}};
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        struct line all = {.name = cases[c].name};
        for (size_t i = 0; i < ARRAY_LEN(sorts); i++) {
            char sql[512], count[512], name[80];
            snprintf(count, sizeof(count), "SELECT count(*) FROM customer WHERE %s",
                     cases[c].where);
            snprintf(sql, sizeof(sql),
                     "SELECT * FROM customer WHERE %s ORDER BY %s, id LIMIT 50 OFFSET %lld",
                     cases[c].where, sorts[i].order, (long long)cases[c].offset);
            struct question q = {cases[c].text,
                                 {.sort = sorts[i].field,
                                  .descending = true,
                                  .limit = 50,
                                  .offset = cases[c].offset,
                                  .only_count = true},
                                 {count, sql}};
            struct line one = {.name = name};
            snprintf(name, sizeof(name), "  %s, by %s", cases[c].name, fields[sorts[i].field].name);
            measure(b, &one, &q);
            add_line(b, &one, &all);
        }
        print_line(b, &all);
    }
}

static void searches(struct bench *b)
{
    static const char *const words[] = {"m",       "ma",     "mar",    "mart",    "marti",
                                        "martine", "rossi",  "garcia", "ana",     "bel",
                                        "ma.ro",   "firm29", "gmail",  "@orange", "libero.it",
                                        "0612",    "336123", "4567",   "12345",   "98765432"};
    struct line all = {.name = "search as you type: count and 50"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        char count[512], page[512], name[80], where[384];
        const char *w = words[i], *digits = w;
        bool phone = w[0] >= '0' && w[0] <= '9';
        while (*digits == '0')
            digits++;
        int n =
            snprintf(where, sizeof(where), "name_key LIKE '%%%s%%' OR email LIKE '%%%s%%'", w, w);
        if (phone)
            snprintf(where + n, sizeof(where) - (size_t)n, " OR phone LIKE '%%%s%%' OR id = %s",
                     digits, w);
        snprintf(count, sizeof(count), "SELECT count(*) FROM customer WHERE %s", where);
        snprintf(page, sizeof(page),
                 "SELECT * FROM customer WHERE %s ORDER BY last, first, id LIMIT 50", where);
        struct question q = {
            w, {.sort = FIELD_NAME, .limit = 50, .only_count = true}, {count, page}};
        struct line one = {.name = name};
        snprintf(name, sizeof(name), "  search: %s", w);
        measure(b, &one, &q);
        add_line(b, &one, &all);
    }
    print_line(b, &all);
}

static void whole_request(struct bench *b)
{
    static const struct {
        const char *name, *text, *where;
    } cases[] = {{"whole request: facets, sums, 50 rows", Q1_TEXT, Q1},
                 {"the same of a wide filter", "consent:sms last_visit:<365d", WIDE},
                 {"the same of everybody", "", "1 = 1"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct line l = {.name = cases[i].name};
        char count[256];
        snprintf(count, sizeof(count), "SELECT count(*) FROM customer WHERE %s", cases[i].where);
        measure(b, &l,
                &(struct question){cases[i].text,
                                   {.facets = fields_with(FACET_VALUES) | 1ull << FIELD_LAST_VISIT |
                                              1ull << FIELD_SPENT,
                                    .currency_decimals = 2,
                                    .limit = 50,
                                    .sort = FIELD_LAST_VISIT,
                                    .descending = true},
                                   {count}});
        printf("%-44s %9.3f\n", l.name, l.own[0]);
    }
}

/* Writing */
static void load(struct bench *b)
{
    struct audience_options o = {"fr", PEOPLE_TODAY, (size_t)b->customers};
    char name[24];
    check(audience_new(&o, &b->audience) == OK);
    for (int i = 1; i <= PEOPLE_STORES; i++)
        audience_set_word(b->audience, WORD_STORE, i, str_c(people_word("store", i, name)));
    for (int i = 1; i <= PEOPLE_TAGS; i++)
        audience_set_word(b->audience, WORD_TAG, i, str_c(people_word("tag", i, name)));
    for (int i = 1; i <= PEOPLE_TIERS; i++)
        audience_set_word(b->audience, WORD_TIER, i, str_c(people_word("tier", i, name)));
    audience_set_ladder(b->audience, (const int64_t[]){1, 2, 3, 4}, PEOPLE_TIERS);
    audience_load_begin(b->audience);
    struct person p;
    int64_t tags[4], store, spent = 0;
    for (int64_t id = 1; id <= b->customers; id++) {
        person_make(id, &p);
        struct audience_row r = person_row(&p, tags, &store);
        int64_t t = monotonic_ns();
        check(audience_put(b->audience, &r) == OK);
        spent += monotonic_ns() - t;
    }
    int64_t t = monotonic_ns();
    audience_load_end(b->audience);
    double end = (double)(monotonic_ns() - t) / 1e6;
    printf("%-44s %9.0f  (rows %.0f, then %.0f)\n", "load from memory", (double)spent / 1e6 + end,
           (double)spent / 1e6, end);
    printf("%-44s %9.1f\n", "memory, bytes a customer",
           (double)audience_bytes(b->audience) / (double)b->customers);
    fflush(stdout);
}

/* The next program: what load() took, from a file in the page cache. */
static void begin_again(struct bench *b)
{
    enum { TIMES = 5 };
    double saved[TIMES], restored[TIMES];
    struct stat st;
    FILE *file = tmpfile();
    check(file);
    for (int i = 0; i < TIMES; i++) {
        struct snapshot *s;
        struct audience *again;
        check(ftruncate(fileno(file), 0) == 0 && lseek(fileno(file), 0, SEEK_SET) == 0);
        int64_t t = monotonic_ns();
        check(audience_save(b->audience, STR("bench"), fileno(file)) == OK);
        saved[i] = (double)(monotonic_ns() - t) / 1e6;
        t = monotonic_ns();
        check(snapshot_open(fileno(file), &s) == OK && snapshot_restore(s, "fr", &again) == OK);
        snapshot_close(&s);
        restored[i] = (double)(monotonic_ns() - t) / 1e6;
        check(audience_count(again) == audience_count(b->audience));
        audience_free(&again);
    }
    check(fstat(fileno(file), &st) == 0);
    printf("%-44s %9.0f  (writing it %.0f, %.0f MB)\n", "load from a file", median(restored, TIMES),
           median(saved, TIMES), (double)st.st_size / 1e6);
    fclose(file);
}

static void puts_and_days(struct bench *b)
{
    enum { PUTS = 20000 };
    static double times[PUTS];
    static struct person p;
    int64_t tags[4], store;
    for (int i = 0; i < PUTS; i++) {
        person_make(1 + (int64_t)i * 7919 % b->customers, &p);
        if (p.visits < PEOPLE_VISITS_MAX &&
            p.last_visit != PEOPLE_TODAY) { /* bought something today */
            p.visit_days[p.visits++] = PEOPLE_TODAY;
            p.last_visit = PEOPLE_TODAY;
            p.operations++;
            p.spent_minor += 4200;
        }
        struct audience_row r = person_row(&p, tags, &store);
        int64_t t = monotonic_ns();
        check(audience_put(b->audience, &r) == OK);
        times[i] = (double)(monotonic_ns() - t) / 1e3;
    }
    qsort(times, PUTS, sizeof(*times), compare);
    printf("%-44s %9.2f  (99 %% %.1f, worst %.0f)\n", "one customer changed, microseconds",
           times[PUTS / 2], times[PUTS * 99 / 100], times[PUTS - 1]);
    double moves[60];
    for (int i = 0; i < 60; i++) {
        int64_t t = monotonic_ns();
        audience_set_today(b->audience, PEOPLE_TODAY + 1 + i);
        moves[i] = (double)(monotonic_ns() - t) / 1e6;
    }
    printf("%-44s %9.3f\n", "change of day", median(moves, 60));
}

int main(int argc, char **argv)
{
    struct bench b = {.arena = arena_new(), .customers = 1000000};
    if (argc > 1 && (!str_int64(str_c(argv[1]), &b.customers) || b.customers < 1)) {
        fprintf(stderr, "usage: audience_bench [CUSTOMERS [alone [PART]]]\n");
        return 2;
    }
    printf("%lld customers; milliseconds, medians; one thread\n", (long long)b.customers);
    printf("%-44s %9s %10s %10s %10s %8s\n", "", "audience", "SQLite", "PostgreSQL", "DuckDB",
           "ratio");
    load(&b);
    double load_ms[ENGINES] = {0};
    if (argc < 3) {
        b.engines[0] = sql_open_sqlite();
        b.engines[1] = sql_open_postgresql(getenv("HABITUE_TEST_PG"));
        b.engines[2] = sql_open_duckdb(getenv("BENCH_DUCKDB"));
        for (int e = 0; e < ENGINES; e++)
            if (b.engines[e])
                load_ms[e] = sql_load(b.engines[e], b.customers, b.audience);
        if (b.engines[2])
            printf("%-44s %9s %10s %10s %10.0f\n", "load: DuckDB's COPY of the same as text", "",
                   "", "", load_ms[2]);
    }
    static const struct {
        const char *name;
        void (*run)(struct bench *b);
    } parts[] = {{"counts", counts},    {"facets", facets},       {"ranges", ranges},
                 {"pages", pages},      {"search", searches},     {"request", whole_request},
                 {"file", begin_again}, {"writes", puts_and_days}};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (argc < 4 || strcmp(argv[3], parts[i].name) == 0)
            parts[i].run(&b);
    for (int e = 0; e < ENGINES; e++)
        sql_close(&b.engines[e]);
    audience_free(&b.audience);
    arena_free(&b.arena);
    return 0;
}
