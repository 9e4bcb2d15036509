#include "test.h"

static void comparing(void **state)
{
    (void)state;
    assert_true(str_eq(STR("a"), STR("a")));
    assert_true(str_eq((struct str){NULL, 0}, STR("")));
    assert_false(str_eq(STR("a"), STR("A")));
    assert_true(str_ieq_ascii(STR("Content-TYPE"), STR("content-type")));
    assert_false(str_ieq_ascii(STR("é"), STR("É"))); /* ASCII only */
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_true(str_starts(STR("abc"), STR("")));
    assert_false(str_starts(STR("a"), STR("ab")));
}

static void trimming(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"  a b \t\r\n", "a b"},
        {"", ""},
        {"   ", ""},
        {"\xC2\xA0"
         "a"
         "\xE2\x80\x83",
         "a"}, /* no-break and em space */
        {"\xEF\xBB\xBF"
         "Name",
         "Name"}, /* byte-order mark */
        {"\xE3\x80\x80"
         "\xE6\x97\xA5"
         "\xE3\x80\x80",
         "\xE6\x97\xA5"}, /* ideographic space */
        {"é", "é"},
        {" \xFF ", "\xFF"}, /* no UTF-8: left alone */
        {"\xA0", "\xA0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_str(str_trim(str_c(cases[i][0])), cases[i][1]);
}

static void integers(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(str_int64(STR("9223372036854775807"), &v));
    assert_int_equal(v, INT64_MAX);
    assert_true(str_int64(STR("-9223372036854775808"), &v));
    assert_int_equal(v, INT64_MIN);
    assert_true(str_int64(STR("-0"), &v));
    assert_int_equal(v, 0);
    v = 7;
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "١"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_int64(str_c(bad[i]), &v));
    assert_int_equal(v, 7);
}

static void buffers(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_string_equal(buf_cstr(&b), "");
    buf_adds(&b, "x=");
    buf_int(&b, INT64_MIN);
    buf_addc(&b, ';');
    buf_int(&b, 0);
    buf_printf(&b, " %05d", 42);
    assert_string_equal(buf_cstr(&b), "x=-9223372036854775808;0 00042");
    char *room = buf_reserve(&b, 3);
    memcpy(room, "end", 3);
    b.n += 3;
    assert_str(buf_str(&b), "x=-9223372036854775808;0 00042end");
    buf_free(&b);
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void buffers_have_a_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    for (int i = 0; i < 10; i++)
        buf_addc(&b, 'a');
    assert_false(b.failed);
    buf_addc(&b, 'a');
    assert_true(b.failed);
    assert_int_equal(b.n, 10);
    buf_adds(&b, "");
    buf_printf(&b, "%d", 1);
    assert_null(buf_reserve(&b, 1));
    assert_int_equal(b.n, 10);
    buf_free(&b);
    buf_init(&b, 10);
    buf_add(&b, "12345678901", 11);
    assert_true(b.failed);
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparing),
        cmocka_unit_test(trimming),
        cmocka_unit_test(integers),
        cmocka_unit_test(buffers),
        cmocka_unit_test(buffers_have_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
