/* The differential test: random bases, random questions; the audience (loaded from the facts) and SQL
 * (over the events themselves) must name the same customers, on both engines. */
#include "audience_world.h"
#include "crm_fixture.h"
#include "query_sql.h"
#include "src/base/id.h"
#include <inttypes.h>

enum { CUSTOMERS = 400, QUESTIONS = 250, TODAY = 20593 }; /* 2026-05-20; AUDIENCE_TEST_QUESTIONS: more */

struct base {
    struct fixture *f;
    struct world world;
    struct buf sql; /* statements, one after the other */
    int64_t stores[WORLD_STORES], words[WORD_KINDS][WORLD_WORDS], ids[CUSTOMERS], staff;
    int64_t next_id;
};

static uint32_t pick(struct base *b, uint32_t n)
{
    return world_random(&b->world, n);
}

#define PICK(b, list) (list)[pick((b), ARRAY_LEN(list))]

/* 'text' or NULL */
static void add_text(struct base *b, const char *s)
{
    if (!s || !*s) {
        buf_adds(&b->sql, ", NULL");
        return;
    }
    buf_adds(&b->sql, ", '");
    for (; *s; s++) {
        buf_addc(&b->sql, *s);
        if (*s == '\'')
            buf_addc(&b->sql, '\'');
    }
    buf_addc(&b->sql, '\'');
}

static void add_int(struct base *b, bool known, int64_t v)
{
    if (known)
        buf_printf(&b->sql, ", %" PRId64, v);
    else
        buf_adds(&b->sql, ", NULL");
}

static int32_t random_day(struct base *b)
{
    static const int32_t edges[] = {0, 28, 29, 30, 31, 59, 60, 61, 88, 89, 90, 91, 92, 364, 365, 366};
    return TODAY - (pick(b, 3) ? (int32_t)pick(b, 100) : pick(b, 2) ? PICK(b, edges) : (int32_t)pick(b, 800));
}

static enum err make_words(struct db_tx *tx, void *arg)
{
    struct base *b = arg;
    static const enum word_kind kinds[] = {WORD_SOURCE, WORD_TAG, WORD_CATEGORY, WORD_SIZE};
    bool is_new;
    enum err e = OK;
    for (int i = 0; i < WORLD_STORES && e == OK; i++)
        e = store_by_name(tx, b->f->merchant_id, world_word(WORD_STORE, i), &b->stores[i], &is_new);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (int i = 0; i < WORLD_WORDS && e == OK; i++)
            e = word_id(tx, b->f->merchant_id, kinds[k], world_word(kinds[k], i), &b->words[kinds[k]][i], &is_new);
    return e;
}

static void add_customer(struct base *b, int64_t id, int number)
{
    static const char *const firsts[] = {"Anna", "Ana", "Maria", "Ivan", "Zoe", "", "", "Jean Pierre", "O"};
    static const char *const lasts[] = {"Rossi", "Martin", "Martinez", "Garcia Lopez", "De La Cruz", "", "Smith", "4x4"};
    static const char *const cities[] = {"Paris", "PARIS", "Lyon", "Saint-Etienne", "Roma", "Moskva", "York", "", ""};
    static const char *const languages[] = {"en", "fr", "it", "es", "ru", ""};
    static const char *const countries[] = {"FR", "IT", "ES", "GB", ""};
    static const char *const genders[] = {"female", "male", "other", ""};
    static const char *const devices[] = {"ios", "android", "web", "other", ""};
    char external[16];
    struct civil born = day_to_civil(TODAY - (int32_t)pick(b, 33000));
    if (pick(b, 20) == 0)
        born = (struct civil){1996, 2, 29};
    bool dated = pick(b, 10) > 0;
    snprintf(external, sizeof(external), pick(b, 3) ? "" : "K%d", (int)pick(b, 100000));
    buf_printf(&b->sql, "INSERT INTO customer (merchant_id, id, number, first_name, last_name, nickname, external_id, "
                        "gender, device, city, language, country, birth_year, birth_month, birth_day, store_id, "
                        "source_id, photo_id, address, anonymous, blocked, registered_day, sms_consent, email_consent, "
                        "push_consent, created_us, updated_us, deleted_us) VALUES (%" PRId64 ", %" PRId64 ", %d",
               b->f->merchant_id, id, number);
    add_text(b, PICK(b, firsts));
    add_text(b, PICK(b, lasts));
    add_text(b, pick(b, 5) ? "" : PICK(b, firsts));
    add_text(b, external);
    add_text(b, PICK(b, genders));
    add_text(b, PICK(b, devices));
    add_text(b, PICK(b, cities));
    add_text(b, PICK(b, languages));
    add_text(b, PICK(b, countries));
    add_int(b, dated && pick(b, 8), born.year);
    add_int(b, dated, born.month);
    add_int(b, dated, born.day);
    add_int(b, pick(b, 3), PICK(b, b->stores));
    add_int(b, pick(b, 3), PICK(b, b->words[WORD_SOURCE]));
    add_int(b, pick(b, 4) == 0, 1);
    add_text(b, pick(b, 4) ? "" : "1 Main Street");
    add_int(b, true, pick(b, 8) == 0);
    add_int(b, true, pick(b, 8) == 0);
    add_int(b, pick(b, 2), random_day(b));
    for (int c = 0; c < CHANNELS; c++)
        add_int(b, true, pick(b, 3));
    add_int(b, true, 1);
    add_int(b, true, 1);
    add_int(b, pick(b, 40) == 0, 1);
    buf_adds(&b->sql, ");");
}

static void add_contacts(struct base *b, int64_t id)
{
    static const char *const locals[] = {"anna", "MAR", "j.p", "ivan-x", "zoe7", "a.rossi", "info"};
    static const char *const domains[] = {"gmail.com", "example.fr", "Mail.RU", "shop.example.org"};
    for (int kind = 0; kind < 2; kind++) {
        for (uint32_t n = pick(b, 3), i = 0; i < n; i++) {
            char value[64];
            if (kind)
                snprintf(value, sizeof(value), "%s%s@%s", PICK(b, locals), pick(b, 2) ? "" : PICK(b, locals), PICK(b, domains));
            else
                snprintf(value, sizeof(value), "+336%04u%u", pick(b, 10000), pick(b, 1000));
            buf_printf(&b->sql, "INSERT INTO contact (merchant_id, customer_id, kind, position, value, match_key) VALUES "
                                "(%" PRId64 ", %" PRId64 ", '%s', %u",
                       b->f->merchant_id, id, kind ? "email" : "phone", i + 1);
            add_text(b, value);
            add_text(b, value);
            buf_adds(&b->sql, ");");
        }
    }
    for (int i = 0; i < WORLD_WORDS; i++)
        if (pick(b, 5) == 0)
            buf_printf(&b->sql, "INSERT INTO customer_tag VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ");",
                       b->f->merchant_id, id, b->words[WORD_TAG][i]);
}

static void add_head(struct base *b, int64_t id, int64_t customer, const char *kind, int32_t day, int64_t total,
                     int64_t cites, int64_t canceled_by)
{
    buf_printf(&b->sql, "INSERT INTO transactions (merchant_id, id, customer_id, store_id, kind, identity, cites_id, "
                        "canceled_by, at_us, day, total_minor, line_count, recorded_us) VALUES (%" PRId64 ", %" PRId64
                        ", %" PRId64, b->f->merchant_id, id, customer);
    add_int(b, pick(b, 4), PICK(b, b->stores));
    add_text(b, kind);
    add_text(b, arena_printf(b->f->arena, "%016" PRId64, id));
    add_int(b, cites, cites);
    add_int(b, canceled_by, canceled_by);
    buf_printf(&b->sql, ", 0, %d, %" PRId64 ", 1, 0);", day, total);
    buf_printf(&b->sql, "INSERT INTO transaction_line (merchant_id, transaction_id, line, category_id, size_id, "
                        "quantity_milli, price_micro, amount_minor) VALUES (%" PRId64 ", %" PRId64 ", 1",
               b->f->merchant_id, id);
    add_int(b, pick(b, 2), PICK(b, b->words[WORD_CATEGORY]));
    add_int(b, pick(b, 2), PICK(b, b->words[WORD_SIZE]));
    buf_printf(&b->sql, ", %d, 0, %" PRId64 ");", total < 0 ? -1000 : 1000, total);
}

static void add_history(struct base *b, int64_t id)
{
    uint32_t sales = pick(b, 4) ? pick(b, 4) : pick(b, 30), events = pick(b, 4) ? pick(b, 3) : pick(b, 20);
    for (uint32_t i = 0; i < sales; i++) {
        int64_t sale = b->next_id++, total = 100 + pick(b, 3000);
        int32_t day = random_day(b);
        bool canceled = pick(b, 8) == 0;
        add_head(b, sale, id, "purchase", day, total, 0, canceled ? b->next_id : 0);
        if (canceled)
            add_head(b, b->next_id++, id, "cancellation", day, -total, sale, 0);
        if (pick(b, 8) == 0)
            add_head(b, b->next_id++, id, "return", random_day(b), -(int64_t)pick(b, 4000), 0, 0);
    }
    static const char *const kinds[] = {"visit", "visit", "booking", "share", "comment"};
    for (uint32_t i = 0; i < events; i++) {
        buf_printf(&b->sql, "INSERT INTO activity (merchant_id, id, customer_id, kind, at_us, day, recorded_us, origin, "
                            "amount_minor) VALUES (%" PRId64 ", %" PRId64 ", %" PRId64, b->f->merchant_id, b->next_id++, id);
        add_text(b, PICK(b, kinds));
        buf_printf(&b->sql, ", 0, %d, 0, 'till'", random_day(b));
        add_int(b, pick(b, 2), 500 + pick(b, 1000));
        buf_adds(&b->sql, ");");
    }
    if (pick(b, 5) == 0)
        buf_printf(&b->sql, "INSERT INTO staff_favourite VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ");",
                   b->f->merchant_id, b->staff, id);
}

static enum err write_base(struct db_tx *tx, void *arg)
{
    struct base *b = arg;
    const char *at = b->sql.p;
    enum err e = OK;
    for (const char *end; e == OK && *at && (end = strchr(at, ';')); at = end + 1)
        e = db_free_text(tx, arena_printf(db_arena(tx), "%.*s", (int)(end - at), at), "", NULL);
    return e == OK ? facts_refresh(tx, b->f->merchant_id, b->ids, CUSTOMERS) : e;
}

static void make_base(struct base *b)
{
    assert_int_equal(db_write(b->f->app.db, make_words, b), OK);
    buf_init(&b->sql, 1 << 26);
    b->staff = 77;
    b->next_id = 1000000;
    buf_printf(&b->sql, "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us, "
                        "updated_us) VALUES (%" PRId64 ", 77, 'a@b.fr', 'a@b.fr', 'Anna', 'owner', 'en', 1, 1);",
               b->f->merchant_id);
    for (int i = 0; i < CUSTOMERS; i++) {
        b->ids[i] = 100 + (i * 7919) % CUSTOMERS;
        add_customer(b, b->ids[i], i + 1);
        add_contacts(b, b->ids[i]);
        add_history(b, b->ids[i]);
    }
    buf_cstr(&b->sql);
    assert_int_equal(db_write(b->f->app.db, write_base, b), OK);
    buf_free(&b->sql);
}

struct asked {
    const char *sql, *text;
    const struct audience_answer *answer;
};

static enum err compare(struct db_tx *tx, void *arg)
{
    const struct asked *q = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t n = 0, unknown = 0;
    enum err e = db_free_text(tx, q->sql, "iii", &rows);
    if (e != OK)
        fail_msg("[%s]: SQL refused: %s", q->text, q->sql);
    while (db_next(rows)) {
        bool matches = db_int(rows, 1);
        unknown += !matches && db_int(rows, 2);
        if (!matches)
            continue;
        if (n == q->answer->matching || q->answer->ids[n] != db_int(rows, 0))
            fail_msg("[%s]: row %d: SQL has customer %d, the audience %d (%d in all): %s", q->text, (int)n,
                     (int)db_int(rows, 0), n < q->answer->matching ? (int)q->answer->ids[n] : -1,
                     (int)q->answer->matching, q->sql);
        n++;
    }
    if (n != q->answer->matching || unknown != q->answer->unknown)
        fail_msg("[%s]: SQL %d and %d unknown, the audience %d and %d: %s", q->text, (int)n, (int)unknown,
                 (int)q->answer->matching, (int)q->answer->unknown, q->sql);
    return db_error(rows);
}

static bool ask(struct base *b, struct audience *audience, const char *text)
{
    struct arena *a = b->f->arena;
    struct audience_ask ask = {.viewer.staff_id = b->staff, .ids_only = true};
    struct audience_answer answer;
    struct problem p = {0};
    struct query_context context = {TODAY, 2, audience_words(audience), .segments = world_segments()};
    if (query_parse(a, str_c(text), &context, &ask.query, &p) != OK)
        return false; /* a word that nobody has */
    assert_int_equal(audience_ask(audience, &ask, a, &answer), OK);
    struct query_sql s = {b->f->merchant_id, b->staff, TODAY};
    struct asked asked = {query_sql(a, &s, ask.query->root), text, &answer};
    assert_int_equal(db_read(b->f->app.db, compare, &asked), OK);
    return true;
}

/* Orders of small fields, as SQL would sort by the value's place; NULL is unknown. */
static const struct {
    enum field_id field;
    const char *sql;
} orders[] = {
    {FIELD_GENDER, "CASE gender WHEN 'female' THEN 0 WHEN 'male' THEN 1 WHEN 'other' THEN 2 END"},
    {FIELD_DEVICE, "CASE device WHEN 'ios' THEN 0 WHEN 'android' THEN 1 WHEN 'web' THEN 2 WHEN 'other' THEN 3 END"},
    {FIELD_CONSENT, "(sms_consent + 2) % 3 * 9 + (email_consent + 2) % 3 * 3 + (push_consent + 2) % 3"},
    {FIELD_LANGUAGE, "language"},
    {FIELD_COUNTRY, "country"},
    {FIELD_BLOCKED, "1 - blocked"},
    {FIELD_ANONYMOUS, "1 - anonymous"},
};

static enum err compare_order(struct db_tx *tx, void *arg)
{
    const struct asked *q = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    int64_t n = 0;
    assert_int_equal(db_free_text(tx, q->sql, "i", &rows), OK);
    for (; db_next(rows); n++)
        if (n == q->answer->matching || q->answer->ids[n] != db_int(rows, 0))
            fail_msg("sorted by %s: row %d: SQL has customer %d: %s", q->text, (int)n, (int)db_int(rows, 0), q->sql);
    assert_int_equal(n, q->answer->matching);
    return db_error(rows);
}

static void ask_in_order(struct base *b, struct audience *audience, size_t i, bool descending)
{
    struct arena *a = b->f->arena;
    const struct audience_ask ask = {.sort = orders[i].field, .descending = descending, .ids_only = true};
    struct audience_answer answer;
    assert_int_equal(audience_ask(audience, &ask, a, &answer), OK);
    const char *sql = arena_printf(a, "SELECT id FROM customer WHERE merchant_id = %" PRId64 " AND deleted_us IS NULL "
                                      "ORDER BY CASE WHEN (%s) IS NULL THEN 1 ELSE 0 END, (%s) %s, id",
                                   b->f->merchant_id, orders[i].sql, orders[i].sql, descending ? "DESC" : "");
    struct asked asked = {sql, fields[ask.sort].name, &answer};
    assert_int_equal(db_read(b->f->app.db, compare_order, &asked), OK);
}

static void agree(struct fixture *f)
{
    static struct base b;
    struct audience *audience;
    const char *more = getenv("AUDIENCE_TEST_QUESTIONS");
    int64_t asked = 0, questions = getenv("HABITUE_TEST_QUICK") ? QUESTIONS / 4 : QUESTIONS;
    if (more)
        (void)str_int64(str_c(more), &questions);
    b = (struct base){.f = f, .world = {f->schema ? 0xfeed : 0xbeef, TODAY, arena_new()}};
    f->app.fixed_today = TODAY;
    make_base(&b);
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    assert_int_equal(audiences_get(f->app.audiences, f->merchant_id, &audience), OK);
    for (int64_t i = 0; i < questions; i++) {
        struct buf text;
        buf_init(&text, 1 << 16);
        world_query(&b.world, &text);
        asked += ask(&b, audience, buf_cstr(&text));
        buf_free(&text);
    }
    assert_true(asked > questions * 3 / 4);
    for (size_t i = 0; i < ARRAY_LEN(orders) * 2; i++)
        ask_in_order(&b, audience, i / 2, i % 2);
    audiences_free(&f->app.audiences);
    arena_free(&b.world.arena);
}

static void audience_and_sql(void **state)
{
    (void)state;
    on_each_engine(agree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(audience_and_sql)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
