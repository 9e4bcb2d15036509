#include "test.h"
#include "src/base/day.h"
#include "src/base/json.h"
#include "src/base/text.h"
#include <jansson.h>
#include <math.h>

static void a_document(void **state)
{
    (void)state;
    struct buf out;
    struct json j;
    buf_init(&out, 4096);
    json_init(&j, &out);
    json_open(&j);
    json_kv_text(&j, "name", STR("a\"b\\c\n\t\r\x01/é"));
    json_kv_cstr(&j, "none", NULL);
    json_kv_int(&j, "n", INT64_MIN);
    json_kv_bool(&j, "yes", true);
    json_kv_id(&j, "id", 42);
    json_kv_id(&j, "no_id", 0);
    json_kv_day(&j, "day", 0);
    json_kv_day(&j, "no_day", DAY_NONE);
    json_kv_instant(&j, "at", 1500000);
    json_kv_instant(&j, "never", 0);
    json_key(&j, "list");
    json_list(&j);
    json_int(&j, 1);
    json_list(&j);
    json_end(&j);
    json_open(&j);
    json_close(&j);
    json_number(&j, 0.1);
    json_number(&j, NAN);
    json_raw(&j, STR("{\"x\":1}"));
    json_end(&j);
    json_close(&j);
    assert_false(out.failed);
    assert_string_equal(
        buf_cstr(&out),
        "{\"name\":\"a\\\"b\\\\c\\n\\t\\r\\u0001/é\",\"none\":null,\"n\":-9223372036854775808,"
        "\"yes\":true,\"id\":\"42\",\"no_id\":null,\"day\":\"1970-01-01\",\"no_day\":null,"
        "\"at\":\"1970-01-01T00:00:01.500000Z\",\"never\":null,"
        "\"list\":[1,[],{},0.1,null,{\"x\":1}]}");
    buf_free(&out);
}

static void reals_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_random(&seed);
        double v, back;
        memcpy(&v, &bits, 8);
        if (!isfinite(v))
            continue;
        struct buf out;
        struct json j;
        buf_init(&out, 64);
        json_init(&j, &out);
        json_number(&j, v);
        back = strtod(buf_cstr(&out), NULL);
        assert_memory_equal(&v, &back, 8);
        buf_free(&out);
    }
}

/* What jansson reads back of the text written. */
static void round_trip(struct str s, bool valid)
{
    struct buf out;
    struct json j;
    buf_init(&out, s.n * 6 + 16);
    json_init(&j, &out);
    json_text(&j, s);
    assert_false(out.failed);
    json_t *back = json_loadb(out.p, out.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(back);
    if (valid) {
        assert_int_equal(json_string_length(back), s.n);
        assert_memory_equal(json_string_value(back), s.n ? s.p : "", s.n);
    }
    json_decref(back);
    buf_free(&out);
}

static void nasty_strings(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct str file = test_file(a, "tests/data/nasty-strings/blns.json");
    json_t *list = json_loadb(file.p, file.n, JSON_ALLOW_NUL, NULL);
    assert_int_equal(json_array_size(list), 515);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        round_trip((struct str){json_string_value(one), json_string_length(one)}, true);
    }
    json_decref(list);
    arena_free(&a);
}

static void random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        char bytes[24];
        size_t n = test_random(&seed) % sizeof(bytes);
        for (size_t k = 0; k < n; k++) /* mostly lead and trail bytes, where it can go wrong */
            bytes[k] = (char)(test_random(&seed) % 3 ? 0x80 | test_random(&seed)
                                                     : test_random(&seed) % 128);
        struct str s = {bytes, n};
        round_trip(s, utf8_valid(s));
    }
}

static void overflow_is_a_flag(void **state)
{
    (void)state;
    struct buf out;
    struct json j;
    buf_init(&out, 8);
    json_init(&j, &out);
    json_open(&j);
    json_kv_text(&j, "key", STR("longer than eight"));
    json_close(&j);
    assert_true(out.failed);
    assert_true(out.n <= 8);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document),         cmocka_unit_test(reals_round_trip),
        cmocka_unit_test(nasty_strings),      cmocka_unit_test(random_bytes),
        cmocka_unit_test(overflow_is_a_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
