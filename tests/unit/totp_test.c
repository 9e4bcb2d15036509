/* The second step against the vectors of RFC 4226 (appendix D), RFC 6238 (appendix B) and RFC 4648.
 */
#include "src/base/check.h"
#include "src/crm/staff/totp.h"
#include "test.h"

static const struct str key = {"12345678901234567890", 20};

static void codes_by_a_counter(void **state)
{
    (void)state;
    static const uint32_t codes[] = {755224, 287082, 359152, 969429, 338314,
                                     254676, 287922, 162583, 399871, 520489};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        assert_int_equal(totp_hotp(key, i, 6), codes[i]);
}

static void codes_by_the_clock(void **state)
{
    (void)state;
    static const struct {
        int64_t at_s;
        uint32_t code;
    } vectors[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                   {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        assert_int_equal(totp_hotp(key, (uint64_t)(vectors[i].at_s * 1000000 / TOTP_STEP_US), 8),
                         vectors[i].code);
}

static struct str code_of(int64_t step)
{
    static char text[16];
    snprintf(text, sizeof text, "%06u", (unsigned)totp_hotp(key, (uint64_t)step, 6));
    return str_c(text);
}

static void one_step_of_drift_and_never_again(void **state)
{
    (void)state;
    int64_t step = 41152263, now = step * TOTP_STEP_US + 17;
    for (int64_t off = -3; off <= 3; off++) {
        bool near = off >= -1 && off <= 1;
        assert_int_equal(totp_match(key, code_of(step + off), now, 0), near ? step + off : -1);
    }
    assert_int_equal(totp_match(key, code_of(step), now, step), -1);
    assert_int_equal(totp_match(key, code_of(step - 1), now, step), -1);
    assert_int_equal(totp_match(key, code_of(step + 1), now, step), step + 1);
    assert_int_equal(totp_match(key, STR(""), now, 0), -1);
    assert_int_equal(totp_match(key, STR("12345"), now, 0), -1);
    assert_int_equal(totp_match(key, STR("abcdef"), now, 0), -1);
}

static void base32(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "MY"},
                                           {"fo", "MZXQ"},
                                           {"foo", "MZXW6"},
                                           {"foob", "MZXW6YQ"},
                                           {"fooba", "MZXW6YTB"},
                                           {"foobar", "MZXW6YTBOI"}};
    struct arena *a cleanup(arena_free) = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        assert_string_equal(totp_base32(a, str_c(pairs[i][0])), pairs[i][1]);
}

static void the_address_for_the_app(void **state)
{
    (void)state;
    struct arena *a cleanup(arena_free) = arena_new();
    assert_string_equal(totp_uri(a, "Chez Zoé & fils", "a+b@x.fr", STR("foobar")),
                        "otpauth://totp/Chez%20Zo%C3%A9%20%26%20fils:a%2Bb%40x.fr"
                        "?secret=MZXW6YTBOI&issuer=Chez%20Zo%C3%A9%20%26%20fils");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_by_a_counter),
        cmocka_unit_test(codes_by_the_clock),
        cmocka_unit_test(one_step_of_drift_and_never_again),
        cmocka_unit_test(base32),
        cmocka_unit_test(the_address_for_the_app),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
