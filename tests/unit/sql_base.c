#include "sql_base_internal.h"
#include "src/crm/group/group.h"
#include <inttypes.h>

uint32_t sql_base_pick(struct base *b, uint32_t n)
{
    return world_random(&b->world, n);
}

#define pick sql_base_pick
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

void sql_base_int(struct base *b, bool known, int64_t v)
{
    if (known)
        buf_printf(&b->sql, ", %" PRId64, v);
    else
        buf_adds(&b->sql, ", NULL");
}

int32_t sql_base_day(struct base *b)
{
    static const int32_t edges[] = {0,  28, 29, 30, 31, 59,  60,  61,
                                    88, 89, 90, 91, 92, 364, 365, 366};
    return SQL_BASE_TODAY - (pick(b, 3)   ? (int32_t)pick(b, 100)
                             : pick(b, 2) ? PICK(b, edges)
                                          : (int32_t)pick(b, 800));
}

static enum err make_words(struct db_tx *tx, void *arg)
{
    struct base *b = arg;
    static const enum word_kind kinds[] = {WORD_SOURCE, WORD_TAG, WORD_CATEGORY, WORD_SIZE};
    bool is_new;
    enum err e = OK;
    for (int i = 0; i < WORLD_STORES && e == OK; i++)
        e = store_by_name(tx, b->merchant_id, world_word(WORD_STORE, i), &b->stores[i], &is_new);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (int i = 0; i < WORLD_WORDS && e == OK; i++)
            e = word_id(tx, b->merchant_id, kinds[k], world_word(kinds[k], i),
                        &b->words[kinds[k]][i], &is_new);
    const struct group_actor who = {
        .may_manage = true, .arena = b->world.arena, .by = {.name = "test"}};
    for (int i = 0; i < WORLD_WORDS && e == OK; i++) {
        struct group g = {.name = world_word(WORD_GROUP, i), .description = STR("")};
        e = group_save(tx, b->merchant_id, NULL, &g, &who, NULL);
        b->words[WORD_GROUP][i] = g.id;
    }
    return e;
}

static void add_member(struct base *b, int64_t id, int64_t group)
{
    buf_printf(&b->sql,
               "INSERT INTO group_member (merchant_id, customer_id, group_id, added_us) VALUES "
               "(%" PRId64 ", %" PRId64 ", %" PRId64 ", 1);",
               b->merchant_id, id, group);
}

static void add_customer(struct base *b, int64_t id, int number)
{
    static const char *const firsts[] = {"Anna", "Ana", "Maria",       "Ivan", "Zoe",
                                         "",     "",    "Jean Pierre", "O"};
    static const char *const lasts[] = {"Rossi",      "Martin", "Martinez", "Garcia Lopez",
                                        "De La Cruz", "",       "Smith",    "4x4"};
    static const char *const cities[] = {
        "Paris", "PARIS", "Lyon", "Saint-Etienne", "Roma", "Moskva", "York", "", ""};
    static const char *const languages[] = {"en", "fr", "it", "es", "ru", ""};
    static const char *const countries[] = {"FR", "IT", "ES", "GB", ""};
    static const char *const genders[] = {"female", "male", "other", ""};
    static const char *const devices[] = {"ios", "android", "web", "other", ""};
    char external[16];
    struct civil born = day_to_civil(SQL_BASE_TODAY - (int32_t)pick(b, 33000));
    if (pick(b, 20) == 0)
        born = (struct civil){1996, 2, 29};
    bool dated = pick(b, 10) > 0;
    snprintf(external, sizeof(external), pick(b, 3) ? "" : "K%d",
             number * 37 + (int)pick(b, 37)); /* each once */
    buf_printf(
        &b->sql,
        "INSERT INTO customer (merchant_id, id, number, first_name, last_name, nickname, "
        "external_id, "
        "gender, device, city, language, country, birth_year, birth_month, birth_day, store_id, "
        "source_id, photo_id, address, anonymous, blocked, registered_day, sms_consent, "
        "email_consent, "
        "push_consent, created_us, updated_us, deleted_us) VALUES (%" PRId64 ", %" PRId64 ", %d",
        b->merchant_id, id, number);
    add_text(b, PICK(b, firsts));
    add_text(b, PICK(b, lasts));
    add_text(b, pick(b, 5) ? "" : PICK(b, firsts));
    add_text(b, external);
    add_text(b, PICK(b, genders));
    add_text(b, PICK(b, devices));
    add_text(b, PICK(b, cities));
    add_text(b, PICK(b, languages));
    add_text(b, PICK(b, countries));
    sql_base_int(b, dated && pick(b, 8), born.year);
    sql_base_int(b, dated, born.month);
    sql_base_int(b, dated, born.day);
    sql_base_int(b, pick(b, 3), PICK(b, b->stores));
    sql_base_int(b, pick(b, 3), PICK(b, b->words[WORD_SOURCE]));
    sql_base_int(b, pick(b, 4) == 0, 1);
    add_text(b, pick(b, 4) ? "" : "1 Main Street");
    sql_base_int(b, true, pick(b, 8) == 0);
    sql_base_int(b, true, pick(b, 8) == 0);
    sql_base_int(b, pick(b, 2), sql_base_day(b));
    for (int c = 0; c < CHANNELS; c++)
        sql_base_int(b, true, pick(b, 3));
    sql_base_int(b, true, 1);
    sql_base_int(b, true, 1);
    sql_base_int(b, pick(b, 40) == 0, 1);
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
                snprintf(value, sizeof(value), "%s%s@%s", PICK(b, locals),
                         pick(b, 2) ? "" : PICK(b, locals), PICK(b, domains));
            else
                snprintf(value, sizeof(value), "+336%04u%u", pick(b, 10000), pick(b, 1000));
            buf_printf(&b->sql,
                       "INSERT INTO contact (merchant_id, customer_id, kind, position, value, "
                       "match_key) VALUES "
                       "(%" PRId64 ", %" PRId64 ", '%s', %u",
                       b->merchant_id, id, kind ? "email" : "phone", i + 1);
            add_text(b, value);
            add_text(b, value);
            buf_adds(&b->sql, ");");
        }
    }
    for (int i = 0; i < WORLD_WORDS; i++)
        if (pick(b, 5) == 0)
            buf_printf(
                &b->sql,
                "INSERT INTO customer_tag (merchant_id, customer_id, tag_id) VALUES (%" PRId64
                ", %" PRId64 ", %" PRId64 ");",
                b->merchant_id, id, b->words[WORD_TAG][i]);
    for (int i = 0; i < WORLD_WORDS; i++)
        if (pick(b, 8) == 0)
            add_member(b, id, b->words[WORD_GROUP][i]);
}

/* Acts of one channel on random days; the profile repeats the latest. */
static void add_consents(struct base *b, int64_t id)
{
    static const char *const channels[] = {"sms", "email", "push"};
    for (int c = 0; c < CHANNELS; c++) {
        int latest = 0, suppressed = 0;
        uint32_t acts = pick(b, 2) ? 0 : 1 + pick(b, 3);
        int32_t day = SQL_BASE_TODAY - 200;
        for (uint32_t i = 0; i < acts; i++) {
            static const char *const states[] = {"never_asked", "granted", "refused", "suppressed",
                                                 "released"};
            uint32_t state = pick(b, 6) ? 1 + pick(b, 2) : pick(b, 5);
            day += (int32_t)pick(b, 60);
            if (day > b->until)
                continue;
            if (state < 3)
                latest = (int)state;
            else
                suppressed = state == 3;
            buf_printf(&b->sql,
                       "INSERT INTO consent (merchant_id, customer_id, id, channel, state, at_us, "
                       "recorded_us, "
                       "how) VALUES (%" PRId64 ", %" PRId64 ", %" PRId64 ", '%s', '%s', %" PRId64
                       ", 0, 'till');",
                       b->merchant_id, id, b->next_id++, channels[c], states[state],
                       (int64_t)(day * US_PER_DAY + US_PER_DAY / 2 +
                                 i)); /* two of a day follow each other */
        }
        if (acts)
            buf_printf(&b->sql,
                       "UPDATE customer SET %s_consent = %d, %s_suppressed = %d WHERE merchant_id "
                       "= %" PRId64 " AND id = %" PRId64 ";",
                       channels[c], latest, channels[c], suppressed, b->merchant_id, id);
    }
}

static void add_head(struct base *b, int64_t id, int64_t customer, const char *kind, int32_t day,
                     int64_t total, int64_t cites, int64_t canceled_by)
{
    size_t before = b->sql.n;
    buf_printf(&b->sql,
               "INSERT INTO transactions (merchant_id, id, customer_id, store_id, kind, identity, "
               "cites_id, "
               "canceled_by, at_us, day, total_minor, line_count, recorded_us) VALUES (%" PRId64
               ", %" PRId64 ", %" PRId64,
               b->merchant_id, id, customer);
    sql_base_int(b, pick(b, 4), PICK(b, b->stores));
    add_text(b, kind);
    add_text(b, arena_printf(b->f->arena, "%016" PRId64, id));
    sql_base_int(b, cites, cites);
    sql_base_int(b, canceled_by, canceled_by);
    buf_printf(&b->sql, ", 0, %d, %" PRId64 ", 1, 0);", day, total);
    buf_printf(
        &b->sql,
        "INSERT INTO transaction_line (merchant_id, transaction_id, line, category_id, size_id, "
        "quantity_milli, price_micro, amount_minor) VALUES (%" PRId64 ", %" PRId64 ", 1",
        b->merchant_id, id);
    sql_base_int(b, pick(b, 2), PICK(b, b->words[WORD_CATEGORY]));
    sql_base_int(b, pick(b, 2), PICK(b, b->words[WORD_SIZE]));
    buf_printf(&b->sql, ", %d, 0, %" PRId64 ");", total < 0 ? -1000 : 1000, total);
    if (day > b->until)
        b->sql.n = before;
}

static void add_history(struct base *b, int64_t id)
{
    uint32_t sales = pick(b, 4) ? pick(b, 4) : pick(b, 30),
             events = pick(b, 4) ? pick(b, 3) : pick(b, 20);
    for (uint32_t i = 0; i < sales; i++) {
        int64_t sale = b->next_id++, total = 100 + pick(b, 3000);
        int32_t day = sql_base_day(b), back = day + (int32_t)pick(b, 20);
        bool canceled = pick(b, 8) == 0;
        add_head(b, sale, id, "purchase", day, total, 0,
                 canceled && back <= b->until ? b->next_id : 0);
        if (canceled)
            add_head(b, b->next_id++, id, "cancellation", back, -total, day <= b->until ? sale : 0,
                     0);
        if (pick(b, 8) == 0)
            add_head(b, b->next_id++, id, "return", sql_base_day(b), -(int64_t)pick(b, 4000), 0, 0);
    }
    static const char *const kinds[] = {"visit",   "visit", "booking", "share",
                                        "comment", "push",  "push"};
    for (uint32_t i = 0; i < events; i++) {
        size_t before = b->sql.n;
        int32_t day = sql_base_day(b);
        buf_printf(&b->sql,
                   "INSERT INTO activity (merchant_id, id, customer_id, kind, at_us, day, "
                   "recorded_us, origin, "
                   "amount_minor) VALUES (%" PRId64 ", %" PRId64 ", %" PRId64,
                   b->merchant_id, b->next_id++, id);
        add_text(b, PICK(b, kinds));
        buf_printf(&b->sql, ", 0, %d, 0, 'till'", day);
        sql_base_int(b, pick(b, 2), 500 + pick(b, 1000));
        buf_adds(&b->sql, ");");
        if (day > b->until)
            b->sql.n = before;
    }
    if (pick(b, 5) == 0)
        buf_printf(
            &b->sql,
            "INSERT INTO staff_favourite (merchant_id, staff_id, customer_id) VALUES (%" PRId64
            ", %" PRId64 ", %" PRId64 ");",
            b->merchant_id, b->staff, id);
}

static enum err write_statements(struct db_tx *tx, const char *at)
{
    enum err e = OK;
    for (const char *end; e == OK && *at && (end = strchr(at, ';')); at = end + 1)
        e = db_free_text(tx, arena_printf(db_arena(tx), "%.*s", (int)(end - at), at), "", NULL);
    return e;
}

static enum err write_base(struct db_tx *tx, void *arg)
{
    struct base *b = arg;
    enum err e = write_statements(tx, b->sql.p);
    return e == OK ? facts_refresh(tx, b->merchant_id, b->ids, SQL_BASE_CUSTOMERS) : e;
}

void sql_base_make(struct base *b)
{
    assert_int_equal(db_write(b->f->app.db, make_words, b), OK);
    buf_init(&b->sql, 1 << 26);
    b->staff = 77;
    b->next_id = 1000000;
    buf_printf(
        &b->sql,
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us, "
        "updated_us) VALUES (%" PRId64 ", 77, 'a@b.fr', 'a@b.fr', 'Anna', 'owner', 'en', 1, 1);",
        b->merchant_id);
    sql_base_make_loyalty(b);
    for (int i = 0; i < SQL_BASE_CUSTOMERS; i++) {
        b->ids[i] = 100 + (i * 7919) % SQL_BASE_CUSTOMERS;
        add_customer(b, b->ids[i], i + 1);
        add_contacts(b, b->ids[i]);
        add_consents(b, b->ids[i]);
        add_history(b, b->ids[i]);
        sql_base_loyalty(b, b->ids[i]);
    }
    buf_cstr(&b->sql);
    assert_int_equal(db_write(b->f->app.db, write_base, b), OK);
    buf_free(&b->sql);
}

static enum err write_change(struct db_tx *tx, void *arg)
{
    struct base *b = arg;
    enum err e = write_statements(tx, b->sql.p);
    if (e == OK)
        e = facts_refresh(tx, b->merchant_id, b->changed, b->nchanged);
    return e == OK ? change_note(tx, b->merchant_id, "customer", b->changed, b->nchanged) : e;
}

static void change_profile(struct base *b, int64_t id)
{
    static const char *const sets[] = {"gender = 'other'",
                                       "gender = NULL",
                                       "blocked = 1 - blocked",
                                       "city = 'Roma'",
                                       "deleted_us = 5",
                                       "deleted_us = NULL",
                                       "registered_day = NULL",
                                       "last_name = 'Zola'",
                                       "birth_year = 1990, birth_month = 2, birth_day = 28",
                                       "sms_consent = 2",
                                       "anonymous = 0",
                                       "language = 'ru', country = 'ES'",
                                       "device = NULL"};
    buf_printf(&b->sql,
               "UPDATE customer SET %s WHERE merchant_id = %" PRId64 " AND id = %" PRId64 ";",
               PICK(b, sets), b->merchant_id, id);
}

static void change_tags(struct base *b, int64_t id)
{
    buf_printf(&b->sql,
               "DELETE FROM customer_tag WHERE merchant_id = %" PRId64 " AND customer_id = %" PRId64
               ";",
               b->merchant_id, id);
    if (pick(b, 2))
        buf_printf(&b->sql,
                   "INSERT INTO customer_tag (merchant_id, customer_id, tag_id) VALUES (%" PRId64
                   ", %" PRId64 ", %" PRId64 ");",
                   b->merchant_id, id, PICK(b, b->words[WORD_TAG]));
}

static void change_groups(struct base *b, int64_t id)
{
    buf_printf(&b->sql,
               "DELETE FROM group_member WHERE merchant_id = %" PRId64 " AND customer_id = %" PRId64
               ";",
               b->merchant_id, id);
    if (pick(b, 2))
        add_member(b, id, PICK(b, b->words[WORD_GROUP]));
}

static int compare_ids(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

void sql_base_change(struct base *b)
{
    buf_init(&b->sql, 1 << 26);
    b->nchanged = 0;
    for (size_t n = 1 + pick(b, ARRAY_LEN(b->changed)), i = 0; i < n; i++) {
        int64_t id = PICK(b, b->ids);
        bool again = false;
        for (size_t k = 0; k < b->nchanged; k++)
            again = again || b->changed[k] == id;
        if (again)
            continue;
        b->changed[b->nchanged++] = id;
        switch (pick(b, 4)) {
        case 0:
            change_profile(b, id);
            break;
        case 1:
            change_tags(b, id);
            break;
        case 2:
            change_groups(b, id);
            break;
        default:
            add_head(b, b->next_id++, id, "purchase", sql_base_day(b), 100 + pick(b, 3000), 0, 0);
            break;
        }
    }
    buf_cstr(&b->sql);
    qsort(b->changed, b->nchanged, sizeof(*b->changed), compare_ids);
    assert_int_equal(db_write(b->f->app.db, write_change, b), OK);
    buf_free(&b->sql);
}
