#include "test.h"
#include "src/base/message.h"

static int load(void **state)
{
    (void)state;
    static const char en[] =
        "{\"problem.field_range\":\"{field} must be between {min} and {max}.\","
        "\"problem.odd\":\"{unknown} {min} { {}\",\"only.english\":\"English\","
        "\"field.age\":\"the age\",\"list\":{\"title\":\"Customers\"}}";
    static const char fr[] = "{\"problem.field_range\":\"{field} : entre {min} et {max}.\","
                             "\"list\":{\"title\":\"Clients\"},\"field.age\":\"l’âge\"}";
    return message_load("en", str_c(en)) || message_load("fr", str_c(fr));
}

static void texts(void **state)
{
    (void)state;
    assert_string_equal(message_text("fr", "list.title"), "Clients");
    assert_string_equal(message_text("fr", "only.english"), "English");
    assert_string_equal(message_text("ru", "list.title"), "Customers");
    assert_string_equal(message_text("xx", "list.title"), "Customers");
    assert_string_equal(message_text(NULL, "no.such.key"), "no.such.key");
}

static void problems(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct problem p;
    (void)problem_set(&p, a, ERR_INVALID, "field_range", "age", "min", "1", "max", "150", NULL);
    assert_string_equal(message_problem(a, "fr", &p), "l’âge : entre 1 et 150.");
    assert_string_equal(message_problem(a, "en", &p), "the age must be between 1 and 150.");
    (void)problem_set(&p, a, ERR_INVALID, "field_range", "weight", "min", "1", "max", "{min}",
                      NULL);
    assert_string_equal(message_problem(a, "en", &p), "weight must be between 1 and {min}.");
    (void)problem_set(&p, a, ERR_INVALID, "odd", NULL, "min", "1", NULL);
    assert_string_equal(message_problem(a, "en", &p), "{unknown} 1 { {}");
    (void)problem_set(&p, a, ERR_INVALID, "nobody_wrote_this", NULL, NULL);
    assert_string_equal(message_problem(a, "en", &p), "nobody_wrote_this");
    p = (struct problem){.err = ERR_BUSY};
    assert_string_equal(message_problem(a, "en", &p), "busy");
    arena_free(&a);
}

static void promised(void **state)
{
    (void)state;
    message_promise("es", STR("{\"list\":{\"title\":\"Clientes\"}}"));
    assert_string_equal(message_text("es", "list.title"), "Clientes");
    assert_string_equal(message_text("es", "only.english"), "English");
    assert_string_equal(message_text("es", "list.title"), "Clientes");
}

static void bad_files(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{\"a\":1}",
        "{\"a\":\"x\",\"a\":\"y\"}",
        "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(message_load("en", str_c(bad[i])), ERR_INVALID);
    assert_int_equal(message_load("tlh", STR("{}")), ERR_INVALID);
}

static void languages(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "en"},
        {"fr", "fr"},
        {"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"},
        {"de-DE,de;q=0.9,it;q=0.4,en;q=0.3", "it"},
        {"en;q=0.5, RU", "ru"},
        {"es-419", "es"},
        {"de, nl", "en"},
        {"fr;q=0, it;q=0.001", "it"},
        {"fro, it", "it"}, /* Old French is another language */
        {",,;;q=,fr;q=1.5", "fr"},
        {"it ; q=0.9 , es ; q=0.95", "es"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(message_language(str_c(cases[i][0])), cases[i][1]);
    assert_string_equal(message_language((struct str){NULL, 0}), "en");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),     cmocka_unit_test(problems),  cmocka_unit_test(promised),
        cmocka_unit_test(bad_files), cmocka_unit_test(languages),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
