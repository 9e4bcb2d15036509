/* A fresh, empty base for each test: an SQLite file in a temporary folder, or, when HABITUE_TEST_PG
 * has the address of a PostgreSQL, a schema of its own there. Every test runs on each:
 *
 *     static void a_test(void **state) { struct test_db *t = *state; … t->db … }
 *     int main(void) { static const struct test_case cases[] = {{"a_test", a_test}}; return
 * TEST_DB_RUN(cases); }
 */
#pragma once
#include "test.h"
#include "src/base/id.h"
#include "src/db/migrations.h"
#include <unistd.h>

struct test_db {
    struct arena *arena;
    struct db *db;
    const char *url;    /* a second process may open it too */
    const char *folder; /* SQLite */
    const char *schema; /* PostgreSQL */
};

struct test_case {
    const char *name;
    void (*test)(void **state);
};

static enum err test_db_text(struct db_tx *tx, void *sql)
{
    return db_free_text(tx, sql, "", NULL);
}

static struct db *test_db_connect(struct test_db *t)
{
    struct db *db = NULL;
    struct problem p = {0};
    struct db_options o = {.create = true};
    if (db_open(t->url, &o, t->arena, &db, &p))
        fail_msg("%s: %s", t->url, p.cause ? p.cause : p.code);
    return db;
}

static void test_db_admin(struct test_db *t, const char *sql)
{
    struct test_db admin = {.arena = t->arena, .url = getenv("HABITUE_TEST_PG")};
    admin.db = test_db_connect(&admin);
    char *text = arena_cstr(t->arena, str_c(sql));
    assert_int_equal(db_write(admin.db, test_db_text, text), OK);
    db_close(&admin.db);
}

static int test_db_open(void **state)
{
    bool postgres = *state != NULL;
    struct arena *a = arena_new();
    struct test_db *t = arena_make(a, struct test_db);
    t->arena = a;
    if (postgres) {
        const char *url = getenv("HABITUE_TEST_PG");
        t->schema = arena_printf(a, "t%lld", (long long)id_new());
        t->url = arena_printf(a, "%s%coptions=-csearch_path%%3D%s", url,
                              strchr(url, '?') ? '&' : '?', t->schema);
        test_db_admin(t, arena_printf(a, "CREATE SCHEMA %s", t->schema));
    } else {
        const char *tmp = getenv("TMPDIR");
        char *folder = arena_printf(a, "%s/habitue-test.XXXXXX", tmp ? tmp : "/tmp");
        assert_non_null(mkdtemp(folder));
        t->folder = folder;
        t->url = arena_printf(a, "%s/test.db", folder);
    }
    t->db = test_db_connect(t);
    *state = t;
    return 0;
}

static int test_db_close(void **state)
{
    struct test_db *t = *state;
    db_close(&t->db);
    if (t->schema) {
        test_db_admin(t, arena_printf(t->arena, "DROP SCHEMA %s CASCADE", t->schema));
    } else {
        static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
        for (size_t i = 0; i < ARRAY_LEN(ends); i++)
            unlink(arena_printf(t->arena, "%s%s", t->url, ends[i]));
        rmdir(t->folder);
    }
    struct arena *a = t->arena;
    arena_free(&a);
    return 0;
}

/* With the tables of sql/. */
__attribute__((unused)) static int test_db_open_migrated(void **state)
{
    int applied;
    struct problem p = {0};
    if (test_db_open(state))
        return 1;
    struct test_db *t = *state;
    if (db_migrate(t->db, migrations, migrations_count, t->arena, &applied, &p))
        fail_msg("%s", p.code);
    return 0;
}

__attribute__((unused)) static int test_db_run(const struct test_case *cases, size_t n,
                                               CMFixtureFunction open)
{
    struct arena *a = arena_new();
    static char postgres[] = "PostgreSQL";
    int engines = getenv("HABITUE_TEST_PG") ? 2 : 1;
    struct CMUnitTest *tests = arena_array(a, struct CMUnitTest, n * (size_t)engines);
    size_t count = 0;
    for (int engine = 0; engine < engines; engine++)
        for (size_t i = 0; i < n; i++)
            tests[count++] = (struct CMUnitTest){
                .name = arena_printf(a, "%s (%s)", cases[i].name, engine ? postgres : "SQLite"),
                .test_func = cases[i].test,
                .setup_func = open,
                .teardown_func = test_db_close,
                .initial_state = engine ? postgres : NULL,
            };
    int failed = _cmocka_run_group_tests("db", tests, count, NULL, NULL);
    arena_free(&a);
    return failed;
}
#define TEST_DB_RUN(cases) test_db_run((cases), ARRAY_LEN(cases), test_db_open)
#define TEST_DB_RUN_MIGRATED(cases) test_db_run((cases), ARRAY_LEN(cases), test_db_open_migrated)
