/* What an export writes, an import sets: a customer with everything that a column can show goes
 * from one base into another in each language, and every column is compared. A column that is
 * exported and not imported fails here, and so does one that this test has nothing to put into. */
#include "src/crm/export/export.h"
#include "src/base/day.h"
#include "src/base/message.h"
#include "src/base/text.h"
#include "src/crm/block/block.h"
#include "src/crm/group/group.h"
#include "src/crm/profile/profile.h"
#include "import_fixture.h"
#include <sys/stat.h>

enum { PEOPLE = 3 }; /* with everything, with next to nothing, with half of a birthday */
static const char *const languages[] = {"en", "fr", "it", "es", "ru"};

struct made {
    struct fixture *f;
    int64_t ids[PEOPLE];
};

static struct profile_contact phone(struct arena *a, const char *written, int label)
{
    char e164[20], key[20];
    assert_int_equal(phone_parse(str_c(written), "FR", e164), PHONE_OK);
    phone_match_key(e164, key);
    return (struct profile_contact){arena_str(a, str_c(e164)), arena_str(a, str_c(key)), label};
}

static struct profile_contact email(struct arena *a, const char *written, int label)
{
    return (struct profile_contact){str_c(written), email_match_key(a, str_c(written)), label};
}

/* As many of everything as there may be, with the signs that lists are written with. */
static struct profile everything(struct arena *a)
{
    struct profile p = {.gender = GENDER_FEMALE,
                        .birth_year = 1988,
                        .birth_month = 2,
                        .birth_day = 29,
                        .naddresses = PROFILE_ADDRESSES_MAX,
                        .ndates = PROFILE_DATES_MAX};
    static const char *const texts[PROFILE_TEXTS] = {
        "Anna",  "Rossi",    "la rouge", "ga", "anna.rossi",
        "@anna", "annagram", "anna+",    NULL, "Fair; the \\ big, one"};
    for (int i = 0; i < PROFILE_TEXTS; i++)
        p.texts[i] = str_c(texts[i] ? texts[i] : "");
    p.texts[PROFILE_WEBSITE] =
        str_c(arena_printf(a, "https://anna.example/%0*d", CUSTOMER_WEBSITE_MAX - 21, 7));
    for (int i = 0; i < CUSTOMER_CONTACTS_MAX; i++) {
        p.contacts[0][i] = phone(a, arena_printf(a, "+3361234500%d", i), i % 5 - 1);
        p.contacts[1][i] = email(a, arena_printf(a, "anna%d@example.com", i), 3 - i % 5);
    }
    p.ncontacts[0] = p.ncontacts[1] = CUSTOMER_CONTACTS_MAX;
    for (int i = 0; i < PROFILE_ADDRESSES_MAX; i++)
        p.addresses[i] = (struct profile_address){
            i % 4 - (i > 0), str_c(arena_printf(a, "%d, rue ; du | Pont \\", i)), STR("69001"),
            str_c(arena_printf(a, "Lyon %d", i)), STR("FR")};
    for (int i = 0; i < PROFILE_DATES_MAX; i++)
        p.dates[i] = (struct profile_date){str_c(arena_printf(a, "Day; %d | \\", i)),
                                           i % 2 ? 0 : 2000 + i, 1 + i % 12, 1 + i};
    return p;
}

/* What the card's editing does not set. */
static enum err add_the_rest(struct db_tx *tx, struct made *m, const struct profile_actor *who)
{
    static const struct str tags[] = {{"vip", 3}, {"red, white; rosé | \\", 21}};
    const struct profile_tags tagging = {.add = tags, .nadd = ARRAY_LEN(tags)};
    const struct group_actor by = {true, m->f->arena, who->by};
    struct customer_change c = customer_change_empty(m->ids[0]);
    const struct customer_consent acts[] = {{CHANNEL_SMS, CONSENT_GRANTED, 1, {0}, 0, NULL},
                                            {CHANNEL_EMAIL, CONSENT_REFUSED, 1, {0}, 0, NULL},
                                            {CHANNEL_PUSH, CONSENT_GRANTED, 1, {0}, 0, NULL}};
    const struct customer_origin origin = {.how = "staff", .now_us = 1, .may_loosen = true};
    struct problem p = {0};
    struct group_pair in[2] = {{m->ids[0], 0, false}, {m->ids[0], 0, false}};
    bool is_new;
    c.external_id = STR("A-17");
    c.device = DEVICE_IOS;
    c.registered_day = 19000;
    c.consents = acts;
    c.nconsents = ARRAY_LEN(acts);
    enum err e = store_by_name(tx, m->f->merchant_id, STR("Lyon, centre"), &c.store_id, &is_new);
    if (e == OK)
        e = customer_apply(tx, m->f->merchant_id, &origin, &c, 1);
    if (e == OK)
        e = profile_tag(tx, m->f->merchant_id, m->ids[0], &tagging, who, &p);
    if (e == OK)
        e = group_by_name(tx, m->f->merchant_id, STR("Friends; of, the \\ house"), &by,
                          &in[0].group_id, &p);
    if (e == OK)
        e = group_by_name(tx, m->f->merchant_id, STR("Tasting"), &by, &in[1].group_id, &p);
    if (e == OK)
        e = group_join(tx, m->f->merchant_id, in, 2, m->f->arena);
    return e == OK ? block_set(tx, m->f->merchant_id, m->ids[0], STR("Paid \"nothing\", ever"),
                               &who->by, m->f->arena)
                   : e;
}

static enum err make_people(struct db_tx *tx, void *arg)
{
    struct made *m = arg;
    struct arena *a = m->f->arena;
    const struct profile_actor who = {{.name = "Test"}, 20000, a};
    struct profile people[PEOPLE] = {everything(a), {.ncontacts = {1}}, {.birth_year = 1985}};
    people[1].contacts[0][0] = phone(a, "0612999999", -1);
    people[2].texts[PROFILE_LAST_NAME] = STR("Moreau");
    people[2].contacts[1][0] = email(a, "moreau@example.com", 2);
    people[2].ncontacts[1] = 1;
    for (int i = 0; i < PEOPLE; i++) {
        enum err e = profile_create(tx, m->f->merchant_id, &people[i], &who);
        if (e != OK)
            return e;
        m->ids[i] = people[i].id;
    }
    return add_the_rest(tx, m, &who);
}

/* ---- files ---- */

static struct str file_text(struct arena *a, int fd)
{
    struct stat s;
    assert_int_equal(fstat(fd, &s), 0);
    char *text = arena_alloc(a, (size_t)s.st_size + 1);
    assert_int_equal(pread(fd, text, (size_t)s.st_size, 0), s.st_size);
    close(fd);
    return (struct str){text, (size_t)s.st_size};
}

static void load_texts(struct arena *a)
{
    for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
        FILE *file = fopen(arena_printf(a, "web/locales/%s/import.json", languages[i]), "r");
        assert_non_null(file);
        assert_int_equal(message_load(languages[i], file_text(a, dup(fileno(file)))), OK);
        fclose(file);
    }
}

/* Everything that does not follow from sales. */
static struct str export_all(struct fixture *f, const char *language, struct export_ask *ret)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct problem p = {0};
    int64_t rows;
    int fd;
    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    const char *ids = sql_text(f, 1,
                               arena_printf(f->arena,
                                            "SELECT CAST(id AS TEXT) FROM customer"
                                            " WHERE merchant_id = %lld ORDER BY id",
                                            (long long)f->merchant_id));
    int64_t list[PEOPLE];
    *ret = (struct export_ask){.merchant_id = f->merchant_id,
                               .ids = list,
                               .language = language,
                               .use = &use,
                               .as_of = DAY_NONE};
    for (; *ids; ids = strchr(ids, '\n') + 1)
        assert_true(ret->n < PEOPLE &&
                    str_int64((struct str){ids, strcspn(ids, "\n")}, &list[ret->n++]));
    for (int i = 0; export_column_at(i); i++)
        if (!export_column_dated(export_column_at(i)))
            ret->columns[ret->ncolumns++] = export_column_at(i);
    assert_int_equal(export_run(&f->app, ret, &fd, &rows, f->arena, &p), OK);
    assert_int_equal(rows, PEOPLE);
    return file_text(f->arena, fd);
}

/* The next cell of a CSV file of Habitué's own. */
static struct str next_cell(struct arena *a, struct str *rest)
{
    char *out = arena_alloc(a, rest->n + 1);
    size_t n = 0, i = 0;
    bool quoted = false;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        if (c == '"') {
            if (quoted && i + 1 < rest->n && rest->p[i + 1] == '"')
                out[n++] = rest->p[i++];
            else
                quoted = !quoted;
        } else if (!quoted && (c == ',' || c == ';' || c == '\n')) {
            break;
        } else if (c != '\r') {
            out[n++] = c;
        }
    }
    *rest = (struct str){rest->p + i + (i < rest->n), rest->n - i - (i < rest->n)};
    return (struct str){out, n};
}

static void compare(struct fixture *f, const struct export_ask *ask, struct str before,
                    struct str after)
{
    for (int i = 0; i < ask->ncolumns; i++) /* the headings */
        assert_true(str_eq(next_cell(f->arena, &before), next_cell(f->arena, &after)));
    for (int row = 0; row < PEOPLE; row++)
        for (int i = 0; i < ask->ncolumns; i++) {
            struct str was = next_cell(f->arena, &before), is = next_cell(f->arena, &after);
            const char *name = export_column_name(ask->columns[i]);
            if ((row == 0 && was.n == 0) || !str_eq(was, is))
                fail_msg("%s of customer %d in %s: \"%.*s\" became \"%.*s\"", name, row + 1,
                         ask->language, (int)was.n, was.p, (int)is.n, is.p);
        }
}

struct another {
    struct fixture *f;
    const char *language;
};

static enum err add_merchant(struct db_tx *tx, void *arg)
{
    struct another *n = arg;
    const struct merchant m = {.slug = n->language,
                               .name = "Other",
                               .currency = "EUR",
                               .time_zone = "Europe/Paris",
                               .country = "FR",
                               .language = "en"};
    return merchant_create(tx, &m, &n->f->merchant_id, NULL);
}

static void import_there(struct fixture *from, struct fixture *to, const char *language)
{
    struct export_ask ask, there;
    struct another another = {to, language};
    struct str file = export_all(from, language, &ask);
    assert_int_equal(db_write(to->app.db, add_merchant, &another), OK);
    struct imported *i = import_bytes_of(to, IMPORT_CUSTOMERS, file, NULL, false);
    assert_string_equal(told(to, i), "3 added=3");
    for (int c = 0; c < ask.ncolumns; c++) {
        enum import_field field;
        const char *name = export_column_name(ask.columns[c]);
        assert_true(import_field_by_name(str_c(name), IMPORT_CUSTOMERS, &field));
        if (i->import.reading.column_of[field] != c)
            fail_msg("the heading of %s in %s is not recognised", name, language);
    }
    compare(to, &ask, file, export_all(to, language, &there));
    /* and once more: nothing changes */
    file = str_c(arena_printf(to->arena, "%.*s\r\n", (int)file.n, file.p));
    i = import_bytes_of(to, IMPORT_CUSTOMERS, file, NULL, false);
    assert_int_equal(i->import.report.updated + i->import.report.added, 0);
}

static void everything_comes_back(struct fixture *f)
{
    struct made m = {.f = f};
    struct fixture other;
    fixture_start(&other, f->postgres);
    load_texts(f->arena);
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
    assert_int_equal(audiences_new(&other.app, &other.app.audiences), OK);
    assert_int_equal(db_write(f->app.db, make_people, &m), OK);
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        import_there(f, &other, languages[i]);
    audiences_free(&other.app.audiences);
    audiences_free(&f->app.audiences);
    fixture_end(&other);
}

static void everything_comes_back_on_both(void **state)
{
    (void)state;
    on_each_engine(everything_comes_back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything_comes_back_on_both)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
