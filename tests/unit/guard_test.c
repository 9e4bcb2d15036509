/* The door's throttle by a clock of the test's own, and what is no password. */
#include "src/crm/staff/guard.h"
#include "test.h"

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)

static const char here[] = "192.0.2.1", there[] = "192.0.2.2";
static struct guard *guard;
static int64_t now;

static int start(void **state)
{
    (void)state;
    now = 1000 * MINUTE;
    return guard_new(&guard) == OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    guard_free(&guard);
    return 0;
}

static int enter(const char *address, const char *email)
{
    return guard_enter(guard, address, str_c(email), now);
}

static void waits_double_up_to_fifteen_minutes(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(here, "a@x"), 0);
    for (int wait = 1; wait < 900; wait *= 2) {
        assert_int_equal(enter(here, "a@x"), wait);
        now += (wait - 1) * SECOND;
        assert_int_equal(enter(here, "a@x"), 1); /* a refused one does not count, nor wait anew */
        now += SECOND;
        assert_int_equal(enter(here, "a@x"), 0);
    }
    assert_int_equal(enter(here, "a@x"), 900);
    assert_int_equal(enter(there, "a@x"), 0); /* who knows the right address is not locked out */
    assert_int_equal(enter(here, "b@x"), 0);
}

static void attempts_fade(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(here, "a@x"), 0);
    assert_int_equal(enter(here, "a@x"), 1);
    now += 15 * MINUTE + 1;
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(here, "a@x"), 0);
    assert_int_equal(enter(here, "a@x"), 1);
}

static void the_right_password_wipes_the_pair(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(here, "a@x"), 0);
    guard_passed(guard, here, str_c("a@x"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(here, "a@x"), 0);
    assert_int_equal(enter(here, "a@x"), 1);
}

static void one_address_tries_thirty(void **state)
{
    (void)state;
    char email[16];
    for (int i = 0; i < 30; i++) {
        snprintf(email, sizeof email, "p%d@x", i);
        assert_int_equal(enter(here, email), 0);
    }
    assert_int_equal(enter(here, "another@x"), 1);
    assert_int_equal(enter(there, "another@x"), 0);
}

static void one_email_is_tried_fifty_times_and_never_shut_for_long(void **state)
{
    (void)state;
    char address[32];
    for (int i = 0; i < 50; i++) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        assert_int_equal(enter(address, "owner@x"), 0);
    }
    for (int i = 50, wait = 1; i < 70; i++, wait = wait < 32 ? wait * 2 : 60) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        assert_int_equal(enter(address, "owner@x"), wait);
        now += wait * SECOND;
        assert_int_equal(enter(address, "owner@x"), 0);
    }
}

static void passwords_that_anybody_guesses(void **state)
{
    (void)state;
    const struct str own[] = {{"maria.rossi@shop.example", 24}, {"Maison Lumière", 15}, {NULL, 0}};
    static const struct {
        const char *password, *code;
    } cases[] = {
        {"short", "password_short"},
        {"пароль", "password_short"}, /* six characters, though twelve bytes */
        {"aaaaaaaaaaaa", "password_common"},
        {"QwErTyUiOp", "password_common"},
        {"maison lumiere", "password_personal"},
        {"Maria.Rossi@shop.example", "password_personal"},
        {"a good long password", NULL},
        {"десять букв", NULL},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct problem p = {0};
        enum err e = password_check(a, str_c(cases[i].password), own, &p);
        assert_int_equal(e, cases[i].code ? ERR_INVALID : OK);
        if (cases[i].code)
            assert_string_equal(p.code, cases[i].code);
    }
    arena_free(&a);
}

static void passwords_are_hashed_and_told(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];
    const struct str password = str_c("a good long password");
    bool right = false;
    assert_int_equal(guard_hash(guard, password, hash), OK);
    assert_int_equal(guard_hash(guard, password, again), OK);
    assert_string_not_equal(hash, again); /* salted */
    assert_int_equal(guard_verify(guard, hash, password, &right), OK);
    assert_true(right);
    assert_int_equal(guard_verify(guard, hash, str_c("a good long passwore"), &right), OK);
    assert_false(right);
    assert_int_equal(guard_verify(guard, NULL, password, &right), OK); /* nobody's */
    assert_false(right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(waits_double_up_to_fifteen_minutes, start, end),
        cmocka_unit_test_setup_teardown(attempts_fade, start, end),
        cmocka_unit_test_setup_teardown(the_right_password_wipes_the_pair, start, end),
        cmocka_unit_test_setup_teardown(one_address_tries_thirty, start, end),
        cmocka_unit_test_setup_teardown(one_email_is_tried_fifty_times_and_never_shut_for_long,
                                        start, end),
        cmocka_unit_test_setup_teardown(passwords_that_anybody_guesses, start, end),
        cmocka_unit_test_setup_teardown(passwords_are_hashed_and_told, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
