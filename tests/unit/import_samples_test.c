/* Telephone numbers, e-mail addresses, nasty strings and vCards line by line through the import. */
#include "import_fixture.h"
#include "src/base/text.h"
#include "src/crm/import/reader.h"
#include "src/crm/import/vcard.h"
#include <jansson.h>

static void add_cell(struct buf *b, struct str s)
{
    buf_addc(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_addc(b, '"');
        buf_addc(b, s.p[i]);
    }
    buf_addc(b, '"');
}

static int64_t count(struct fixture *f, const char *sql)
{
    int64_t n = -1;
    struct str text = str_c(sql_text(f, 1, sql));
    assert_true(str_int64(str_trim(text), &n));
    return n;
}

/* Each valid example of every country in its international writing is one customer; cut by two
 * digits and with a code that no country has, none is. */
static void phones(struct fixture *f)
{
    struct str text = test_file(f->arena, "tests/data/phones/example_numbers.csv");
    struct buf good, bad;
    int n = 0;
    buf_init(&good, 1 << 20);
    buf_init(&bad, 1 << 20);
    buf_adds(&good, "id,phone\n");
    buf_adds(&bad, "id,phone\n");
    const char *p = strchr(text.p, '\n') + 1;
    for (const char *end; (end = strchr(p, '\n')); p = end + 1) {
        const char *plus = memchr(p, '+', (size_t)(end - p));
        assert_non_null(plus);
        int digits = (int)strcspn(plus, "\r\n");
        char e164[20];
        bool real = phone_parse((struct str){plus, (size_t)digits}, "FR", e164) == PHONE_OK;
        n += real;
        buf_printf(real ? &good : &bad, "%d,%.*s\n", n, digits, plus);
        buf_printf(&bad, "b%d,+999%.*s\n", n, digits - 1, plus + 1);
    }
    struct imported *i = import_text(f, IMPORT_CUSTOMERS, buf_cstr(&good));
    assert_int_equal(i->import.report.rows, n);
    assert_int_equal(i->import.report.added, n);
    assert_true(n > 1100);
    assert_int_equal(count(f, "SELECT CAST(COUNT(*) AS TEXT) FROM contact"), n);
    i = import_text(f, IMPORT_CUSTOMERS, buf_cstr(&bad));
    assert_int_equal(i->import.report.invalid, i->import.report.rows);
    assert_int_equal(
        count(f, "SELECT CAST(COUNT(*) AS TEXT) FROM import_rejection WHERE field = 'phone'"),
        i->import.report.rows);
    buf_free(&good);
    buf_free(&bad);
}

/* Every address is taken exactly when email_valid() says so, and comes out as it went in. */
static void emails(struct fixture *f)
{
    struct str text = test_file(f->arena, "tests/data/emails/hapi_isemail_tests.json");
    struct buf csv;
    size_t i = 0, valid = 0, rows = 0;
    buf_init(&csv, 1 << 20);
    buf_adds(&csv, "id,email\n");
    /* Pair by pair: some hold half a surrogate pair, which no JSON reader takes. */
    for (const char *p = text.p, *end; (p = strstr(p, "[\"")); p = end, i++) {
        end = strchr(p, ']');
        while (end && end[-1] != '"')
            end = strchr(end + 1, ']');
        assert_non_null(end);
        json_t *pair = json_loadb(p, (size_t)(end + 1 - p), JSON_ALLOW_NUL, NULL),
               *v = json_array_get(pair, 0);
        struct str address = {json_string_value(v), json_string_length(v)};
        bool plain = address.n > 0 && !strpbrk(address.p, ",;|\r\n\t \x0b\x0c") &&
                     strlen(address.p) == address.n && address.p[0] != '\'';
        address = arena_str(f->arena, plain ? address : STR(""));
        json_decref(pair);
        if (!plain)
            continue; /* a list, or blanks that a cell does not keep */
        buf_printf(&csv, "%zu,", i);
        add_cell(&csv, address);
        buf_addc(&csv, '\n');
        rows++;
        valid += email_valid(address);
    }
    struct imported *im = import_text(f, IMPORT_CUSTOMERS, buf_cstr(&csv));
    assert_int_equal(im->import.report.rows, rows);
    assert_int_equal(
        im->import.report.added + im->import.report.skipped + im->import.report.updated, valid);
    assert_int_equal(im->import.report.invalid, rows - valid);
    assert_true(rows > 100 && valid > 10);
    buf_free(&csv);
}

/* As names: in goes what text_clean() leaves of it, out comes the same, on both engines. */
static void nasty_strings(struct fixture *f)
{
    struct str text = test_file(f->arena, "tests/data/nasty-strings/blns.json");
    json_t *list = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL), *v;
    struct buf csv, expected;
    size_t i;
    buf_init(&csv, 1 << 20);
    buf_init(&expected, 1 << 20);
    buf_adds(&csv, "id,first_name,city,tags\n");
    assert_non_null(list);
    json_array_foreach(list, i, v)
    {
        struct str s = {json_string_value(v), json_string_length(v)}, clean;
        assert_int_equal(text_clean(f->arena, s, &clean), OK);
        if (clean.n == 0 || text_length(clean) > 100 || clean.p[0] == '\'' || clean.n != s.n ||
            memcmp(clean.p, s.p, s.n) != 0)
            clean = STR("x"); /* what is cut, cleaned or too long is in the rules' tests */
        buf_printf(&csv, "%zu,", i);
        add_cell(&csv, clean);
        buf_adds(&csv, ",x,\n");
        buf_printf(&expected, "%zu|%.*s\n", i, (int)clean.n, clean.p);
    }
    struct imported *im = import_text(f, IMPORT_CUSTOMERS, buf_cstr(&csv));
    assert_int_equal(im->import.report.rows, json_array_size(list));
    assert_int_equal(im->import.report.added, json_array_size(list));
    const char *stored =
        sql_text(f, 2, "SELECT external_id, first_name FROM customer ORDER BY number");
    assert_string_equal(stored, buf_cstr(&expected));
    buf_free(&csv);
    buf_free(&expected);
    json_decref(list);
}

/* The file with its lines as they are, comments too: a table with one column per line that nothing
 * maps. */
static void nasty_file(struct fixture *f)
{
    struct imported *i = import_bytes_of(
        f, IMPORT_CUSTOMERS, test_file(f->arena, "tests/data/nasty-strings/blns.txt"), NULL, false);
    assert_int_equal(i->err, ERR_INVALID);
    assert_int_equal(count(f, "SELECT CAST(COUNT(*) AS TEXT) FROM customer"), 0);
}

/* What is read of each vCard file: first|last|nickname|phones; and how many rows a shop in the
 * United States would take. */
static const struct {
    const char *file, *cards, *report;
} cards[] = {
    {"gmail-list.vcf", "Arnold|Smith||\nChris|Beatle||\nDoug|White||\n", "3 added=3"},
    {"gmail-single.vcf", "Greg|Dartmouth|Gman|555 555 1111, 555 555 2222\n",
     "1 invalid=1 phone/phone_invalid:1"},
    {"gmail-single2.vcf", "VCard|Test|TheNickname|5555551111, 5555551112, 5555551113, 5555551114\n",
     "1 invalid=1 phone/phone_invalid:1"},
    {"issue114.vcf", "Dummy|Dummy||+49 1234 56789, +49 9876 54321\n",
     "1 invalid=1 phone/phone_invalid:1"},
    {"outlook-2003.vcf", "John|Doe|Joey|BusinessPhone, HomePhone, MobilePhone\n",
     "1 invalid=1 phone/phone_not_a_number:1"},
    {"fullcontact.vcf",
     "FirstName|LastName|NickName|555-555-1111, 555-555-1112, 555-555-1113, 555-555-1114\n",
     "1 invalid=1 phone/phone_invalid:1"},
    {"thunderbird-MoreFunctionsForAddressBook-extension.vcf",
     "John|Doe|Johnny|555-555-1111, 555-555-2222, 555-555-5555\n",
     "1 invalid=1 phone/phone_invalid:1"},
    {"John_Doe_EVOLUTION.vcf", "John|Doe|Johny|905-666-1234, 905-555-1234\n", "1 added=1"},
    {"John_Doe_GMAIL.vcf", "John|Doe||905-555-1234, 905-666-1234\n", "1 added=1"},
    {"John_Doe_IPHONE.vcf",
     "John|Doe|Johny|905-555-1234, 905-666-1234, 905-777-1234, 905-222-1234\n", "1 added=1"},
    {"John_Doe_MAC_ADDRESS_BOOK.vcf",
     "John|Doe|Johny|905-777-1234, 905-666-1234, 905-555-1234, 905-222-1234\n", "1 added=1"},
    {"John_Doe_MS_OUTLOOK.vcf", "John|Doe|Johny|(905) 555-1234, (905) 666-1234\n", "1 added=1"},
    {"John_Doe_LOTUS_NOTES.vcf", "John|Doe|Johny,JayJay|+1 (212) 204-34456\n",
     "1 invalid=1 phone/phone_too_long:1"},
    {"John_Doe_BLACK_BERRY.vcf", "john|Doe||+96123456789\n", "1 invalid=1 phone/phone_invalid:1"},
    {"John_Doe_ANDROID.vcf",
     "|||\n|||\n|Ñ Ñ Ñ Ñ||123456789\n|Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ||123456, 234567, 3456789, 45678901\nÑ "
     "Ñ Ñ|Ñ Ñ||123456\n|ÑÑÑÑ||55556666\n",
     "6 added=2 invalid=4 phone/phone_too_short:4"},
};

static const char *read_cards(struct fixture *f, const struct imported *im)
{
    struct reader *r;
    struct record rec;
    struct buf b;
    buf_init(&b, 1 << 16);
    assert_int_equal(reader_open(&im->source, &im->import.reading, 0, 1, &r), OK);
    while (reader_next(r, &rec) == OK) {
        assert_int_equal(rec.fault, RECORD_GOOD);
        static const int shown[] = {VCARD_FIRST_NAME, VCARD_LAST_NAME, VCARD_NICKNAME, VCARD_PHONE,
                                    VCARD_PHONE + 1,  VCARD_PHONE + 2, VCARD_PHONE + 3};
        for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
            struct str s = rec.fields[shown[i]];
            if (i > 3 && s.n == 0)
                break;
            buf_adds(&b, i == 0 ? "" : i < 4 ? "|" : ", ");
            buf_add(&b, s.p, s.n);
        }
        buf_addc(&b, '\n');
    }
    reader_close(&r);
    const char *text = arena_cstr(f->arena, buf_str(&b));
    buf_free(&b);
    return text;
}

static void vcards(struct fixture *f)
{
    assert_int_equal(db_write(f->app.db, fixture_sql,
                              arena_printf(f->arena, "UPDATE merchant SET country = 'US'")),
                     OK);
    for (size_t i = 0; i < ARRAY_LEN(cards); i++) {
        const char *path = arena_printf(f->arena, "tests/data/vcards/%s", cards[i].file);
        struct imported *im =
            import_bytes_of(f, IMPORT_CUSTOMERS, test_file(f->arena, path), NULL, true);
        assert_string_equal(read_cards(f, im), cards[i].cards);
        assert_string_equal(told(f, im), cards[i].report);
    }
}

#define ON_BOTH(test)                                                                              \
    static void test##_on_both(void **state)                                                       \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
ON_BOTH(phones)
ON_BOTH(emails)
ON_BOTH(nasty_strings)
ON_BOTH(nasty_file)
ON_BOTH(vcards)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phones_on_both),        cmocka_unit_test(emails_on_both),
        cmocka_unit_test(nasty_strings_on_both), cmocka_unit_test(nasty_file_on_both),
        cmocka_unit_test(vcards_on_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
