/* The file of a customer and erasure cover every table that the schema has; what an import brings
 * back stays refused; no import ever loosens. */
#include "import_fixture.h"
#include "src/crm/consent/consent.h"
#include "src/crm/privacy/privacy.h"
#include <dirent.h>
#include <stdio.h>

/* ---- the schema ---- */

/* One table that has a customer, by the name of a column or by a reference. */
static const char tables_with_customers[] =
    "SELECT DISTINCT m.name FROM sqlite_master m WHERE m.type = 'table' AND (EXISTS"
    " (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name LIKE '%customer_id%') OR EXISTS"
    " (SELECT 1 FROM pragma_foreign_key_list(m.name) k WHERE k.\"table\" = 'customer'))"
    " ORDER BY m.name";

static bool covered(const char *table, bool ret_told[static 1], bool ret_decided[static 1])
{
    bool found = false;
    *ret_told = *ret_decided = false;
    for (const struct privacy_table *t = privacy_tables; t->table; t++) {
        if (strcmp(t->table, table) != 0)
            continue;
        found = true;
        *ret_told = *ret_told || t->read;
        *ret_decided = *ret_decided || t->erase || t->fate != PRIVACY_GONE;
    }
    return found;
}

static void every_table_is_covered(struct fixture *f)
{
    if (db_engine(f->app.db) != DB_SQLITE)
        return; /* the schema is one text for both */
    char *list = arena_cstr(f->arena, str_c(sql_text(f, 1, tables_with_customers)));
    int n = 0;
    for (char *name = list; *name; n++) {
        char *end = strchr(name, '\n');
        bool told, decided;
        *end = 0;
        if (!covered(name, &told, &decided))
            fail_msg("%s holds something about customers: give it a row in "
                     "src/crm/privacy/privacy_tables.c",
                     name);
        if (!decided)
            fail_msg("%s: what becomes of it when a customer is erased?", name);
        name = end + 1;
    }
    assert_true(n >= 8);
    for (const struct privacy_table *t = privacy_tables; t->table; t++)
        if (t->read) {
            size_t columns = 1;
            for (const char *p = t->columns; *p; p++)
                columns += *p == ' ';
            if (columns != strlen(t->read->columns))
                fail_msg("%s: %zu names for %zu columns", t->table, columns,
                         strlen(t->read->columns));
        }
}

/* ---- the words of the file ---- */

static void load_words(struct arena *a, const char *language)
{
    const char *folder = arena_printf(a, "web/locales/%s", language);
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        size_t room = 1 << 20, n = strlen(entry->d_name);
        char *text = arena_alloc(a, room);
        if (n < 5 || strcmp(entry->d_name + n - 5, ".json") != 0)
            continue;
        FILE *f = fopen(arena_printf(a, "%s/%s", folder, entry->d_name), "rb");
        assert_non_null(f);
        n = fread(text, 1, room, f);
        fclose(f);
        assert_int_equal(message_load(language, (struct str){text, n}), OK);
    }
    closedir(d);
}

static void assert_word(struct arena *a, const char *prefix, struct str name)
{
    const char *key = arena_printf(a, "%s%.*s", prefix, (int)name.n, name.p);
    if (strcmp(message_text("en", key), key) == 0)
        fail_msg("%s: give it words in web/locales/<language>/", key);
}

static void test_words(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    load_words(a, "en");
    for (const struct privacy_table *t = privacy_tables; t->table; t++) {
        if (!t->read)
            continue;
        assert_word(a, "privacy.table_", str_c(t->table));
        for (const char *p = t->columns; *p;) {
            size_t n = strcspn(p, " ");
            assert_word(a, "privacy.column_", (struct str){p, strcspn(p, " :")});
            p += n + (p[n] == ' ');
        }
    }
    arena_free(&a);
}

/* ---- erasing ---- */

struct erasing {
    struct fixture *f;
    int64_t id;
    enum err err;
};

static enum err erase(struct db_tx *tx, void *arg)
{
    struct erasing *w = arg;
    const struct privacy_erasure x = {.customer_id = w->id,
                                      .reason = "request",
                                      .now_us = 1800000000000000,
                                      .by = {0, "test", NULL}};
    w->err = privacy_erase(tx, w->f->merchant_id, &x);
    return w->err;
}

static int64_t id_of(struct fixture *f, const char *external_id)
{
    int64_t id = 0;
    const char *text = sql_text(f, 1,
                                arena_printf(f->arena,
                                             "SELECT CAST(id AS TEXT) FROM customer WHERE "
                                             "external_id = '%s'",
                                             external_id));
    assert_true(str_int64((struct str){text, strcspn(text, "\n")}, &id));
    return id;
}

static const char whole[] =
    "external_id,first_name,last_name,nickname,gender,birthday,phone,email,address,postcode,city,"
    "country,"
    "language,store,source,tags,registered,consent_sms,consent_email,device,facebook,twitter,"
    "google\n"
    "C1,Anna,Rossi,la rouge,female,1988-02-29,0612345678,Anna.Rossi@example.com,1 rue "
    "Haute,75001,Paris,FR,fr,"
    "Paris Nord,vitrine,vip,2024-01-03,yes,yes,ios,anna.r,annar,anna.g\n";

/* Every column of an erased customer is empty, but for those that say that there was one. */
static void assert_shell(struct fixture *f, int64_t id)
{
    if (db_engine(f->app.db) != DB_SQLITE)
        return;
    char *names = arena_cstr(
        f->arena,
        str_c(sql_text(
            f, 1,
            "SELECT name FROM pragma_table_info('customer') WHERE name NOT IN ('merchant_id', "
            "'id', 'number', 'created_us', 'updated_us', 'version', 'deleted_us')")));
    for (char *name = names; *name;) {
        char *end = strchr(name, '\n');
        *end = 0;
        const char *value = sql_text(
            f, 1,
            arena_printf(f->arena,
                         "SELECT CAST(COALESCE(%s, 0) AS TEXT) FROM customer WHERE id = %lld", name,
                         (long long)id));
        if (strcmp(value, "0\n") != 0)
            fail_msg("customer.%s keeps %s: let privacy_tables.c empty it", name, value);
        name = end + 1;
    }
}

static void nothing_is_left(struct fixture *f)
{
    struct erasing w = {.f = f};
    assert_string_equal(told(f, import_text(f, IMPORT_CUSTOMERS, whole)), "1 added=1");
    assert_string_equal(
        told(f, import_text(f, IMPORT_TRANSACTIONS,
                            "external_id,invoice,date,amount,store\nC1,F1,2026-01-02,12.50,"
                            "Paris Nord\n")),
        "1 added=1");
    import_text(f, IMPORT_CUSTOMERS,
                "external_id,phone,email\nC9,nonsense,Anna.Rossi@example.com\n");
    w.id = id_of(f, "C1");
    assert_int_equal(db_write(f->app.db, erase, &w), OK);
    assert_shell(f, w.id);
    assert_string_equal(
        sql_text(f, 1,
                 "SELECT CAST(COUNT(*) AS TEXT) FROM contact UNION ALL SELECT CAST(COUNT(*) AS "
                 "TEXT) FROM consent UNION ALL SELECT CAST(COUNT(*) AS TEXT) FROM customer_tag"),
        "0\n0\n0\n");
    /* the accounts stay right */
    assert_string_equal(
        sql_text(f, 3,
                 "SELECT invoice, CAST(total_minor AS TEXT), COALESCE(CAST(customer_id AS TEXT), "
                 "'nobody') FROM transactions"),
        "F1|1250|nobody\n");
    assert_string_equal(sql_text(f, 1, "SELECT record FROM import_rejection"), "\n");
    assert_int_equal(db_write(f->app.db, erase, &w), ERR_NOT_FOUND);
    assert_string_equal(
        sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE detail LIKE '%Rossi%'"),
        "0\n");
}

static const char bookings[] =
    "SELECT kind, CAST(amount_minor AS TEXT), CAST(day AS TEXT), CAST(at_us - day * 86400000000 AS "
    "TEXT),"
    " CAST(recorded_us - at_us AS TEXT), origin, COALESCE(detail, ''), COALESCE(idempotency, ''),"
    " COALESCE(CAST(store_id AS TEXT), '') FROM activity ORDER BY day";

/* The accounts keep what a booking came to, its day and store; nothing says who came, when and how.
 */
static void bookings_lose_the_person(struct fixture *f)
{
    struct erasing w = {.f = f};
    import_text(f, IMPORT_CUSTOMERS, whole);
    w.id = id_of(f, "C1");
    const char *insert = arena_printf(
        f->arena,
        "INSERT INTO activity (merchant_id, id, customer_id, kind, store_id, at_us, day, "
        "recorded_us, origin,"
        " amount_minor, detail, idempotency) VALUES (%lld, 1, %lld, 'booking', 7, "
        "1700000000000000, 19675,"
        " 1700000001000000, 'web', 4200, '{\"table\":\"Rossi\"}', 'web:1'), (%lld, 2, %lld, "
        "'booking', 7,"
        " 1700100000000000, 19676, 1700100000000000, 'web', NULL, NULL, 'web:2')",
        (long long)f->merchant_id, (long long)w.id, (long long)f->merchant_id, (long long)w.id);
    assert_int_equal(db_write(f->app.db, fixture_sql, (void *)(uintptr_t)insert), OK);
    assert_int_equal(db_write(f->app.db, erase, &w), OK);
    assert_string_equal(sql_text(f, 9, bookings), "booking|4200|19675|43200000000|0|erased|||7\n");
    assert_shell(f, w.id);
    const char *facts =
        sql_text(f, 2,
                 "SELECT CAST(spent_minor AS TEXT), COALESCE(phone, '') || COALESCE(email, '')"
                 " FROM customer_facts");
    assert_string_equal(facts, "4200|\n");
}

static void coming_back(struct fixture *f)
{
    struct erasing w = {.f = f};
    import_text(f, IMPORT_CUSTOMERS, whole);
    w.id = id_of(f, "C1");
    assert_int_equal(db_write(f->app.db, erase, &w), OK);
    assert_string_equal(told(f, import_text(f, IMPORT_CUSTOMERS, whole)),
                        "1 added=1 refusal_kept:1");
    assert_string_equal(
        sql_text(f, 3,
                 "SELECT CAST(number AS TEXT), CAST(sms_consent * 100 + email_consent * 10 + "
                 "push_consent AS TEXT), first_name FROM customer WHERE deleted_us IS NULL"),
        "2|222|Anna\n");
    assert_string_equal(sql_text(f, 2, "SELECT state, how FROM consent ORDER BY channel"),
                        "refused|erased\nrefused|erased\nrefused|erased\n");
    /* without the contact first, then with it and a consent: not either */
    assert_string_equal(
        told(f, import_text(f, IMPORT_CUSTOMERS, "external_id,first_name\nD1,Ann\n")), "1 added=1");
    import_text(f, IMPORT_CUSTOMERS, whole); /* the same row: unchanged */
    assert_string_equal(
        sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM customer WHERE sms_consent = 1"), "0\n");
}

/* ---- imports never loosen ---- */

static enum err suppress_some(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    return db_free_text(
        tx,
        arena_printf(f->arena, "UPDATE customer SET sms_suppressed = 1 WHERE number %% %d = 0",
                     2 + (int)fixture_random(f, 3)),
        "", NULL);
}

static const char *refusals(struct fixture *f)
{
    return sql_text(
        f, 2,
        "SELECT external_id, CAST((CASE WHEN sms_consent = 2 THEN 1 ELSE 0 END) + (CASE WHEN "
        "email_consent = 2 THEN 2 ELSE 0 END) + (CASE WHEN push_consent = 2 THEN 4 ELSE 0 END) + "
        "sms_suppressed * 8 + email_suppressed * 16 + push_suppressed * 32 AS TEXT) FROM customer"
        " WHERE external_id IS NOT NULL AND deleted_us IS NULL ORDER BY external_id");
}

/* Each customer's bits of before are still there. */
static void assert_no_loosening(const char *before, const char *after)
{
    for (const char *p = before; *p; p = strchr(p, '\n') + 1) {
        size_t name = strcspn(p, "|");
        const char *line = after;
        while (*line && (strncmp(line, p, name + 1) != 0))
            line = strchr(line, '\n') + 1;
        assert_true(*line);
        long was = strtol(p + name + 1, NULL, 10), is = strtol(line + name + 1, NULL, 10);
        if ((was & is) != was)
            fail_msg("%.*s: %ld became %ld", (int)name, p, was, is);
    }
}

/* A file of customers or of sales that says yes and no at random. */
static struct imported *import_random(struct fixture *f)
{
    static const char *const says[] = {"yes", "no", "", "yes"};
    struct buf b;
    buf_init(&b, 1 << 16);
    bool sales = fixture_random(f, 3) == 0;
    buf_adds(&b, sales ? "external_id,phone,email,invoice,date,amount\n"
                       : "external_id,phone,email,consent_sms,consent_email,consent_push\n");
    for (int i = 0; i < 12; i++) {
        int who = (int)fixture_random(f, 9), key = (int)fixture_random(f, 3);
        char id[16], phone[24], email[40];
        snprintf(id, sizeof id, key == 0 ? "P%d" : "", who);
        snprintf(phone, sizeof phone, key == 1 ? "+3361234560%d" : "", who);
        snprintf(email, sizeof email, key == 2 ? "P%d@Example.com" : "", who);
        buf_printf(&b, "%s,%s,%s,", id, phone, email);
        if (sales)
            buf_printf(&b, "F%d,2026-01-0%d,%d.00\n", (int)fixture_random(f, 50), 1 + who, 5 + who);
        else
            buf_printf(&b, "%s,%s,%s\n", says[fixture_random(f, 4)], says[fixture_random(f, 4)],
                       says[fixture_random(f, 4)]);
    }
    struct imported *i = import_bytes_of(f, sales ? IMPORT_TRANSACTIONS : IMPORT_CUSTOMERS,
                                         arena_str(f->arena, buf_str(&b)), NULL, false);
    buf_free(&b);
    return i;
}

static void imports_never_loosen(struct fixture *f)
{
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_adds(&b, "external_id,phone,email\n");
    for (int i = 0; i < 9; i++)
        buf_printf(&b, "P%d,+3361234560%d,p%d@example.com\n", i, i, i);
    import_bytes_of(f, IMPORT_CUSTOMERS, arena_str(f->arena, buf_str(&b)), NULL, false);
    buf_free(&b);
    for (int round = 0; round < 25; round++) {
        const char *before = refusals(f);
        import_random(f);
        assert_no_loosening(before, refusals(f));
        if (round % 5 == 0)
            assert_int_equal(db_write(f->app.db, suppress_some, f), OK);
    }
}

static void test_covered(void **state)
{
    (void)state;
    on_each_engine(every_table_is_covered);
}
static void test_erasure(void **state)
{
    (void)state;
    on_each_engine(nothing_is_left);
}
static void test_bookings(void **state)
{
    (void)state;
    on_each_engine(bookings_lose_the_person);
}
static void test_coming_back(void **state)
{
    (void)state;
    on_each_engine(coming_back);
}
static void test_imports(void **state)
{
    (void)state;
    on_each_engine(imports_never_loosen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_covered),     cmocka_unit_test(test_words),
        cmocka_unit_test(test_erasure),     cmocka_unit_test(test_bookings),
        cmocka_unit_test(test_coming_back), cmocka_unit_test(test_imports),
    };
    return cmocka_run_group_tests_name("privacy", tests, NULL, NULL);
}
