/* Cells to values: numbers, dates, times, birthdays, names, words in five languages; good and bad.
 */
#include "src/audience/audience.h"
#include "src/crm/import/row_value.h"
#include "src/crm/import/value.h"
#include "src/crm/import/vocabulary.h"
#include "test.h"

static void decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char decimal;
        enum value_verdict verdict;
        int64_t micro;
    } cases[] = {
        {"2.55", '.', VALUE_OK, 2550000},
        {"2,55", ',', VALUE_OK, 2550000},
        {"1,234.50", '.', VALUE_OK, 1234500000},
        {"1.234,50", ',', VALUE_OK, 1234500000},
        {"1 234,50", ',', VALUE_OK, 1234500000},
        {"1\xC2\xA0"
         "234,50\xC2\xA0€",
         ',', VALUE_OK, 1234500000},
        {"1\xE2\x80\xAF"
         "234,50",
         ',', VALUE_OK, 1234500000},
        {"1'234.50", '.', VALUE_OK, 1234500000},
        {"1’234.50 CHF", '.', VALUE_OK, 1234500000},
        {"200.000.000", ',', VALUE_OK, 200000000000000},
        {"1.234", ',', VALUE_OK, 1234000000},
        {"1.234", '.', VALUE_OK, 1234000},
        {"€ 12", '.', VALUE_OK, 12000000},
        {"$-12.50", '.', VALUE_OK, -12500000},
        {"-12.50", '.', VALUE_OK, -12500000},
        {"\xE2\x88\x92"
         "12.50",
         '.', VALUE_OK, -12500000},
        {"12.50-", '.', VALUE_OK, -12500000},
        {"(12.50)", '.', VALUE_OK, -12500000},
        {"+3", '.', VALUE_OK, 3000000},
        {".5", '.', VALUE_OK, 500000},
        {"5.", '.', VALUE_OK, 5000000},
        {"0.0000005", '.', VALUE_OK, 1},
        {"0.00000049", '.', VALUE_OK, 0},
        {"1250 руб.", '.', VALUE_OK, 1250000000},
        {"12.50 CA$", '.', VALUE_OK, 12500000},
        {"US$12.50", '.', VALUE_OK, 12500000},
        {"'15", '.', VALUE_OK, 15000000},
        {"", '.', VALUE_NONE, 0},
        {"-", '.', VALUE_NONE, 0},
        {"N/A", '.', VALUE_NONE, 0},
        {"abc", '.', VALUE_WRONG, 0},
        {"1,5", '.', VALUE_WRONG, 0},
        {"1,23,456", '.', VALUE_WRONG, 0},
        {"12.3.4", '.', VALUE_WRONG, 0},
        {"1E+5", '.', VALUE_WRONG, 0},
        {"--5", '.', VALUE_WRONG, 0},
        {"((5))", '.', VALUE_WRONG, 0},
        {"5%", '.', VALUE_WRONG, 0},
        {"0x10", '.', VALUE_WRONG, 0},
        {"NaN5", '.', VALUE_WRONG, 0},
        {"€", '.', VALUE_WRONG, 0},
        {"99999999999999", '.', VALUE_IMPOSSIBLE, 0},
        {"1000000000000000000000000000000000000000", '.', VALUE_WRONG, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t v = 0;
        enum value_verdict verdict = value_decimal(str_c(cases[i].text), cases[i].decimal, 6, &v);
        if (verdict != cases[i].verdict || v != cases[i].micro)
            fail_msg("%s: %d %lld", cases[i].text, verdict, (long long)v);
    }
}

static void decimal_hints(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char hint;
    } cases[] = {{"1,5", ','},     {"1.5", '.'},      {"1.234", 0},       {"1,234", 0},
                 {"1.234,5", ','}, {"1,234.5", '.'},  {"1.234.567", ','}, {"0.125", '.'},
                 {"12", 0},        {"1234.567", '.'}, {"€ 3,20", ','},    {"x", 0}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (value_decimal_hint(str_c(cases[i].text)) != cases[i].hint)
            fail_msg("%s", cases[i].text);
}

/* Expected: "2010-12-01" or "2010-12-01 08:26:00"; ! = impossible, ? = no date, "" = nothing. */
static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum date_order order;
        const char *expected;
    } cases[] = {
        {"2010-12-01", DATE_DMY, "2010-12-01"},
        {"2010-12-01 08:26:00", DATE_DMY, "2010-12-01 08:26:00"},
        {"2010-12-01T08:26", DATE_YMD, "2010-12-01 08:26:00"},
        {"2010/12/01", DATE_MDY, "2010-12-01"},
        {"01/12/2010", DATE_DMY, "2010-12-01"},
        {"12/1/2010 8:26", DATE_MDY, "2010-12-01 08:26:00"},
        {"12/1/10 8:26 PM", DATE_MDY, "2010-12-01 20:26:00"},
        {"12/1/2010 12:05 a.m.", DATE_MDY, "2010-12-01 00:05:00"},
        {"1.12.2010", DATE_DMY, "2010-12-01"},
        {"01-12-10", DATE_DMY, "2010-12-01"},
        {"10-12-01", DATE_YMD, "2010-12-01"},
        {"01/12/98", DATE_DMY, "1998-12-01"},
        {"19970101", DATE_DMY, "1997-01-01"},
        {"20101201082600", DATE_DMY, "2010-12-01 08:26:00"},
        {"40513", DATE_DMY, "2010-12-01"},
        {"40513.5", DATE_DMY, "2010-12-01 12:00:00"},
        {"1 Dec 2010", DATE_DMY, "2010-12-01"},
        {"Dec 1, 2010", DATE_DMY, "2010-12-01"},
        {"December 1st, 2010", DATE_DMY, "2010-12-01"},
        {"01-Dec-10", DATE_DMY, "2010-12-01"},
        {"Wed, 01 Dec 2010 08:26:00", DATE_DMY, "2010-12-01 08:26:00"},
        {"1er décembre 2010", DATE_DMY, "2010-12-01"},
        {"14 août 2010 à 8h26", DATE_DMY, "2010-08-14 08:26:00"},
        {"mercredi 1 décembre 2010", DATE_DMY, "2010-12-01"},
        {"3 FÉVRIER 2010", DATE_DMY, "2010-02-03"},
        {"5 juillet 2010", DATE_DMY, "2010-07-05"},
        {"5 juin 2010", DATE_DMY, "2010-06-05"},
        {"1 gennaio 2010", DATE_DMY, "2010-01-01"},
        {"7 lug 2010", DATE_DMY, "2010-07-07"},
        {"30 settembre 2010", DATE_DMY, "2010-09-30"},
        {"1 de diciembre de 2010", DATE_DMY, "2010-12-01"},
        {"1 ene. 2010", DATE_DMY, "2010-01-01"},
        {"1 декабря 2010 г.", DATE_DMY, "2010-12-01"},
        {"15 мая 2010", DATE_DMY, "2010-05-15"},
        {"3 АВГУСТА 2010", DATE_DMY, "2010-08-03"},
        {"2012-02-29", DATE_DMY, "2012-02-29"},
        {"2011-02-29", DATE_DMY, "!"},
        {"31/02/2014", DATE_DMY, "!"},
        {"13/25/2010", DATE_DMY, "!"},
        {"12/25/2010", DATE_DMY, "!"},
        {"2010-13-01", DATE_YMD, "!"},
        {"2010-00-10", DATE_YMD, "!"},
        {"20101301", DATE_YMD, "!"},
        {"2010-12-01 25:00", DATE_YMD, "!"},
        {"2010-12-01 08:61", DATE_YMD, "!"},
        {"30 février 2010", DATE_DMY, "!"},
        {"", DATE_DMY, ""},
        {"0000-00-00", DATE_DMY, ""},
        {"-", DATE_DMY, ""},
        {"yesterday", DATE_DMY, "?"},
        {"2010", DATE_DMY, "?"},
        {"12:30", DATE_DMY, "?"},
        {"2010-12", DATE_DMY, "?"},
        {"1/2/3/4", DATE_DMY, "?"},
        {"2010-12-01 lunch", DATE_DMY, "?"},
        {"2010-12-01; DROP TABLE", DATE_DMY, "?"},
        {"1234567890", DATE_DMY, "?"},
        {"99999999999999999999", DATE_DMY, "?"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct when w;
        char out[64], day[DAY_TEXT_MAX];
        enum value_verdict v = value_when(str_c(cases[i].text), cases[i].order, 2026, &w);
        if (v == VALUE_OK) {
            day_format(w.day, day);
            if (w.second >= 0)
                snprintf(out, sizeof out, "%s %02d:%02d:%02d", day, w.second / 3600,
                         w.second / 60 % 60, w.second % 60);
            else
                snprintf(out, sizeof out, "%s", day);
        } else {
            snprintf(out, sizeof out, "%s",
                     v == VALUE_NONE         ? ""
                     : v == VALUE_IMPOSSIBLE ? "!"
                                             : "?");
        }
        if (strcmp(out, cases[i].expected) != 0)
            fail_msg("%s: %s", cases[i].text, out);
    }
}

static void instants(void **state)
{
    (void)state;
    static const struct {
        const char *text, *instant;
    } cases[] = {{"2010-12-01T08:26:00Z", "2010-12-01T08:26:00Z"},
                 {"2010-12-01T08:26:00+01:00", "2010-12-01T07:26:00Z"},
                 {"2010-12-01 08:26:00.123 -0330", "2010-12-01T11:56:00Z"},
                 {"2010-12-01 08:26 UTC", "2010-12-01T08:26:00Z"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct when w;
        int64_t us;
        assert_int_equal(value_when(str_c(cases[i].text), DATE_DMY, 2026, &w), VALUE_OK);
        assert_true(w.instant);
        assert_true(instant_parse(str_c(cases[i].instant), &us));
        assert_int_equal(w.us, us);
    }
}

static void times_and_birthdays(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int second; /* -1: none */
    } times[] = {
        {"8:26", 30360},   {"08:26:30", 30390}, {"8.26 PM", 73560}, {"8h26", 30360}, {"8h", 28800},
        {"082600", 30360}, {"24:00", 86399},    {"25:00", -1},      {"noon", -1},    {"8", -1}};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        int32_t second = -1;
        enum value_verdict v = value_time(str_c(times[i].text), &second);
        if ((v == VALUE_OK ? second : -1) != times[i].second)
            fail_msg("%s", times[i].text);
    }
    static const struct {
        const char *text;
        int year, month, day; /* month 0: refused */
    } birthdays[] = {
        {"1987-03-12", 1987, 3, 12}, {"12/03/1987", 1987, 3, 12}, {"12.03.87", 1987, 3, 12},
        {"--03-12", 0, 3, 12},       {"03-12", 0, 12, 3},         {"12/03", 0, 3, 12},
        {"12 mars", 0, 3, 12},       {"12 марта", 0, 3, 12},      {"29/02", 0, 2, 29},
        {"30/02", 0, 0, 0},          {"32/01", 0, 0, 0},          {"March", 0, 0, 0},
        {"19870312", 1987, 3, 12}};
    for (size_t i = 0; i < ARRAY_LEN(birthdays); i++) {
        struct birthday b = {0};
        enum value_verdict v = value_birthday(str_c(birthdays[i].text), DATE_DMY, 2026, &b);
        if (v != VALUE_OK)
            b = (struct birthday){0};
        if (b.year != birthdays[i].year || b.month != birthdays[i].month ||
            b.day != birthdays[i].day)
            fail_msg("%s: %d-%d-%d", birthdays[i].text, b.year, b.month, b.day);
    }
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *full, *first, *last;
    } cases[] = {{"Anna Rossi", "Anna", "Rossi"},
                 {"ROSSI Anna", "Anna", "ROSSI"},
                 {"Rossi, Anna", "Anna", "Rossi"},
                 {"Jean Pierre Dupont", "Jean Pierre", "Dupont"},
                 {"DE LA TOUR Jean", "Jean", "DE LA TOUR"},
                 {"ANNA ROSSI", "ANNA", "ROSSI"},
                 {"Madonna", "Madonna", ""},
                 {"Иванов Иван Иванович", "Иван Иванович", "Иванов"},
                 {"Петрова Анна Сергеевна", "Анна Сергеевна", "Петрова"},
                 {"Иван Иванов", "Иван", "Иванов"},
                 {"", "", ""}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str first, last;
        name_split(str_c(cases[i].full), &first, &last);
        if (!str_eq(first, str_c(cases[i].first)) || !str_eq(last, str_c(cases[i].last)))
            fail_msg("%s: %.*s|%.*s", cases[i].full, (int)first.n, first.p, (int)last.n, last.p);
    }
}

static void words(void **state)
{
    (void)state;
    struct vocabulary *v = vocabulary_new();
    static const char *const female[] = {"F", "female", "Mme", "Donna", "mujer", "ж", "Женский"};
    static const char *const male[] = {"M", "homme", "uomo", "HOMBRE", "м", "муж."};
    static const char *const yes[] = {"1", "Yes", "OUI", "sì", "Sí", "да", "true", "opt-in", "x"};
    static const char *const no[] = {"0", "no", "Non", "нет", "FALSE", "unsubscribed"};
    static const struct {
        const char *text, *code;
    } countries[] = {{"fr", "FR"},
                     {"FRA", "FR"},
                     {"France", "FR"},
                     {"Royaume-Uni", "GB"},
                     {"United Kingdom", "GB"},
                     {"EIRE", "IE"},
                     {"Германия", "DE"},
                     {"Allemagne", "DE"},
                     {"Stati Uniti", "US"},
                     {"España", "ES"},
                     {"USA", "US"},
                     {"RSA", "ZA"},
                     {"Россия", "RU"},
                     {"Italia", "IT"}};
    static const char *const nowhere[] = {"Unspecified", "European Community", "Atlantis", "",
                                          "FRENCH FRIES"};
    uint8_t g;
    bool b;
    char code[4];
    for (size_t i = 0; i < ARRAY_LEN(female); i++)
        assert_true(vocabulary_gender(v, str_c(female[i]), &g) && g == GENDER_FEMALE);
    for (size_t i = 0; i < ARRAY_LEN(male); i++)
        assert_true(vocabulary_gender(v, str_c(male[i]), &g) && g == GENDER_MALE);
    assert_false(vocabulary_gender(v, STR("perhaps"), &g));
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (!vocabulary_yes(v, str_c(yes[i]), &b) || !b)
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_true(vocabulary_yes(v, str_c(no[i]), &b) && !b);
    assert_false(vocabulary_yes(v, STR("maybe"), &b));
    for (size_t i = 0; i < ARRAY_LEN(countries); i++)
        if (!vocabulary_country(v, str_c(countries[i].text), code) ||
            strcmp(code, countries[i].code) != 0)
            fail_msg("%s", countries[i].text);
    for (size_t i = 0; i < ARRAY_LEN(nowhere); i++)
        assert_false(vocabulary_country(v, str_c(nowhere[i]), code));
    assert_true(vocabulary_language(v, STR("fr-FR"), code) && strcmp(code, "fr") == 0);
    assert_true(vocabulary_language(v, STR("Русский"), code) && strcmp(code, "ru") == 0);
    assert_true(vocabulary_language(v, STR("Spanish"), code) && strcmp(code, "es") == 0);
    assert_false(vocabulary_language(v, STR("Klingonish"), code));
    assert_true(vocabulary_device(v, STR("iPhone"), &g) && g == DEVICE_IOS);
    vocabulary_free(&v);
    assert_true(currency_matches(STR("eur"), "EUR") && currency_matches(STR("€"), "EUR"));
    assert_false(currency_matches(STR("$"), "EUR"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals), cmocka_unit_test(decimal_hints),       cmocka_unit_test(dates),
        cmocka_unit_test(instants), cmocka_unit_test(times_and_birthdays), cmocka_unit_test(names),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
