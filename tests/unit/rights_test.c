/* The whole matrix of roles and rights; throttle, passwords, tokens. */
#include "src/base/check.h"
#include "src/crm/staff/guard.h"
#include "src/crm/staff/token.h"
#include "test.h"

static void every_right_of_every_role(void **state)
{
    (void)state;
    static const struct {
        enum permission permission;
        bool none, associate, manager, owner;
    } matrix[] = {
        {PERM_PUBLIC, true, true, true, true},
        {PERM_SIGNED_IN, false, true, true, true},
        {PERM_CUSTOMERS_READ, false, true, true, true},
        {PERM_CUSTOMERS_WRITE, false, true, true, true},
        {PERM_IMPORT, false, false, true, true},
        {PERM_EXPORT, false, false, true, true},
        {PERM_STAFF_READ, false, false, true, true},
        {PERM_STAFF_MANAGE, false, false, true, true},
        {PERM_STORES_MANAGE, false, false, false, true},
        {PERM_SETTINGS, false, false, false, true},
        {PERM_AUDIT_READ, false, false, false, true},
        {PERM_PRIVACY, false, false, true, true},
        {PERM_SEGMENTS_SHARE, false, false, true, true},
        {PERM_CUSTOMERS_DELETE, false, false, true, true},
        {PERM_CUSTOMERS_MERGE, false, false, true, true},
        {PERM_POINTS, false, true, true, true},
        {PERM_LOYALTY, false, false, true, true},
    };
    assert_int_equal(ARRAY_LEN(matrix), PERMISSIONS);
    for (size_t i = 0; i < ARRAY_LEN(matrix); i++) {
        enum permission p = matrix[i].permission;
        assert_int_equal(p, i);
        assert_int_equal(rights_allowed(ROLE_NONE, p), matrix[i].none);
        assert_int_equal(rights_allowed(ROLE_ASSOCIATE, p), matrix[i].associate);
        assert_int_equal(rights_allowed(ROLE_MANAGER, p), matrix[i].manager);
        assert_int_equal(rights_allowed(ROLE_OWNER, p), matrix[i].owner);
    }
}

static void whose_customers_are_seen(void **state)
{
    (void)state;
    const int64_t stores[] = {7, 9};
    struct caller c = {.staff_id = 3, .stores = stores, .nstores = 2};
    struct audience_viewer v = rights_viewer(&c);
    assert_ptr_equal(v.stores, stores);
    assert_int_equal(v.nstores, 2);
    assert_int_equal(v.staff_id, 3);
    c.sees_chain = true;
    assert_null(rights_viewer(&c).stores);
    /* without a store and without the chain: nobody, not everybody */
    c = (struct caller){.staff_id = 3};
    v = rights_viewer(&c);
    assert_non_null(v.stores);
    assert_int_equal(v.nstores, 0);
}

static void roles_by_name(void **state)
{
    (void)state;
    for (enum role r = ROLE_ASSOCIATE; r <= ROLE_OWNER; r++)
        assert_int_equal(role_by_name(str_c(role_name(r))), r);
    assert_int_equal(role_by_name(STR("king")), ROLE_NONE);
    assert_int_equal(role_by_name(STR("")), ROLE_NONE);
}

static void guesses_wait_longer_and_longer(void **state)
{
    struct guard *g cleanup(guard_free) = NULL;
    int64_t now = 1700000000LL * 1000000;
    (void)state;
    assert_int_equal(guard_new(&g), OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(guard_enter(g, "1.2.3.4", STR("a@b.example"), now), 0);
    for (int wait = 1; wait < 512; wait *= 2) {
        assert_int_equal(guard_enter(g, "1.2.3.4", STR("a@b.example"), now), wait);
        now += (int64_t)wait * 1000000;
        assert_int_equal(guard_enter(g, "1.2.3.4", STR("a@b.example"), now), 0);
    }
    /* never more than a quarter of an hour, and others are not held up */
    for (int i = 0; i < 10; i++) {
        now += 900LL * 1000000;
        assert_int_equal(guard_enter(g, "1.2.3.4", STR("a@b.example"), now), 0);
    }
    int wait = guard_enter(g, "1.2.3.4", STR("a@b.example"), now);
    assert_true(wait > 0 && wait <= 900);
    assert_int_equal(guard_enter(g, "5.6.7.8", STR("a@b.example"), now), 0);
    /* after that long silence all is forgotten */
    assert_int_equal(guard_enter(g, "1.2.3.4", STR("a@b.example"), now + 901LL * 1000000), 0);
}

static void the_right_password_forgets(void **state)
{
    struct guard *g cleanup(guard_free) = NULL;
    (void)state;
    assert_int_equal(guard_new(&g), OK);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(guard_enter(g, "1.2.3.4", STR("a@b.example"), 1000000), 0);
        guard_passed(g, "1.2.3.4", STR("a@b.example"));
    }
}

static void an_address_that_tries_everybody_waits(void **state)
{
    struct guard *g cleanup(guard_free) = NULL;
    char email[32];
    int waited = 0;
    (void)state;
    assert_int_equal(guard_new(&g), OK);
    for (int i = 0; i < 100; i++) {
        snprintf(email, sizeof email, "%d@b.example", i);
        waited += guard_enter(g, "1.2.3.4", str_c(email), 1000000) > 0;
    }
    assert_int_equal(waited, 70);
    /* an e-mail tried from everywhere: its owner waits a minute at most */
    for (int i = 0; i < 100; i++) {
        snprintf(email, sizeof email, "10.0.0.%d", i);
        (void)!guard_enter(g, email, STR("z@b.example"), 1000000);
    }
    assert_true(guard_enter(g, "9.9.9.9", STR("z@b.example"), 1000000) <= 60);
}

static void the_table_is_bounded(void **state)
{
    struct guard *g cleanup(guard_free) = NULL;
    char email[32];
    (void)state;
    assert_int_equal(guard_new(&g), OK);
    for (int i = 0; i < 100000; i++) {
        snprintf(email, sizeof email, "%d@b.example", i);
        (void)!guard_enter(g, email, str_c(email), 1000000 + i);
    }
}

static void passwords_are_hashed(void **state)
{
    struct guard *g cleanup(guard_free) = NULL;
    char hash[PASSWORD_HASH_MAX], other[PASSWORD_HASH_MAX];
    bool right;
    (void)state;
    assert_int_equal(guard_new(&g), OK);
    assert_int_equal(guard_hash(g, STR("correct horse"), hash), OK);
    assert_int_equal(guard_hash(g, STR("correct horse"), other), OK);
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_string_not_equal(hash, other);
    assert_int_equal(guard_verify(g, hash, STR("correct horse"), &right), OK);
    assert_true(right);
    assert_int_equal(guard_verify(g, hash, STR("correct horsE"), &right), OK);
    assert_false(right);
    assert_int_equal(guard_verify(g, NULL, STR("correct horse"), &right), OK);
    assert_false(right);
}

static void poor_passwords_are_refused(void **state)
{
    struct arena *a cleanup(arena_free) = arena_new();
    const struct str own[] = {STR("anna.rossi@example.com"), STR("Anna Rossi"), {"", 0}};
    static const struct {
        const char *password, *code;
    } cases[] = {
        {"short", "password_short"},
        {"привет123", "password_short"},
        {"Password123", "password_common"},
        {"aaaaaaaaaaaaaa", "password_common"},
        {"AZERTYUIOP", "password_common"},
        {"anna.rossi@example.com", "password_personal"},
        {"ANNA  ROSSI", "password_personal"},
        {"correct horse", NULL},
        {"пароль и ещё", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct problem p = {0};
        enum err e = password_check(a, str_c(cases[i].password), own, &p);
        assert_int_equal(e, cases[i].code ? ERR_INVALID : OK);
        if (cases[i].code)
            assert_string_equal(p.code, cases[i].code);
    }
    char longest[1001];
    memset(longest, 'x', 1000);
    longest[1000] = 0;
    assert_int_equal(password_check(a, str_c(longest), own, NULL), ERR_INVALID);
}

static void tokens(void **state)
{
    char text[INVITATION_TOKEN_MAX];
    unsigned char hash[TOKEN_HASH_BYTES];
    struct token t;
    (void)state;
    token_make(INT64_MAX, text, hash);
    assert_true(token_read(str_c(text), &t));
    assert_true(t.merchant_id == INT64_MAX);
    assert_memory_equal(t.hash, hash, sizeof hash);
    static const char *const wrong[] = {
        "",
        ".",
        "1",
        "1.",
        "1.short",
        "0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "99999999999999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_false(token_read(str_c(wrong[i]), &t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_right_of_every_role),
        cmocka_unit_test(whose_customers_are_seen),
        cmocka_unit_test(roles_by_name),
        cmocka_unit_test(guesses_wait_longer_and_longer),
        cmocka_unit_test(the_right_password_forgets),
        cmocka_unit_test(an_address_that_tries_everybody_waits),
        cmocka_unit_test(the_table_is_bounded),
        cmocka_unit_test(passwords_are_hashed),
        cmocka_unit_test(poor_passwords_are_refused),
        cmocka_unit_test(tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
