#include "test_db.h"
#include "src/base/log.h"
#include <sys/wait.h>

static const struct db_migration first = {1,
                                          "first",
                                          {"CREATE TABLE a (m BIGINT NOT NULL, id BIGINT NOT NULL, "
                                           "PRIMARY KEY (m, id)\n); --@without-rowid\n"
                                           "CREATE INDEX a_id ON a (id); -- an ordinary comment\n",
                                           0}};
static const struct db_migration second = {2, "second", {"ALTER TABLE a ADD COLUMN s TEXT;", 0}};
static const struct db_migration broken = {
    2,
    "broken",
    {"CREATE TABLE b (id BIGINT PRIMARY KEY); INSERT INTO a (m, id) VALUES (1, 1); SELEC;", 0}};

static enum err migrate(struct test_db *t, const struct db_migration *m, size_t n, int *ret,
                        struct problem *p)
{
    struct db_migration list[4];
    for (size_t i = 0; i < n; i++) {
        list[i] = m[i];
        list[i].sql.n = strlen(list[i].sql.p);
    }
    return db_migrate(t->db, list, n, t->arena, ret, p);
}

static bool works(struct test_db *t, const char *name, const char *sql)
{
    const struct db_statement st = {name, sql, "", "i"};
    const char *why;
    return db_verify(t->db, &st, t->arena, &why) == OK;
}

static void fresh_and_repeated(void **state)
{
    struct test_db *t = *state;
    struct problem p = {0};
    int applied = -1;
    assert_int_equal(migrate(t, &first, 1, &applied, &p), OK);
    assert_int_equal(applied, 1);
    assert_int_equal(migrate(t, &first, 1, &applied, &p), OK);
    assert_int_equal(applied, 0);
    struct db_migration both[] = {first, second};
    assert_int_equal(migrate(t, both, 2, &applied, &p), OK);
    assert_int_equal(applied, 1);
    assert_true(works(t, "s", "SELECT COUNT(*) FROM a WHERE s = 'x'"));
}

static void without_rowid(void **state)
{
    struct test_db *t = *state;
    struct problem p = {0};
    int applied;
    assert_int_equal(migrate(t, &first, 1, &applied, &p), OK);
    if (db_engine(t->db) == DB_SQLITE)
        assert_false(works(t, "rowid", "SELECT rowid FROM a"));
    assert_true(works(t, "index", "SELECT id FROM a"));
}

static void from_the_future(void **state)
{
    struct test_db *t = *state;
    struct problem p = {0};
    int applied = -1;
    struct db_migration both[] = {first, second};
    assert_int_equal(migrate(t, both, 2, &applied, &p), OK);
    assert_int_equal(migrate(t, both, 1, &applied, &p), ERR_CONFLICT);
    assert_string_equal(p.code, "db_from_the_future");
    assert_string_equal(p.args[0].value, "2");
    assert_string_equal(p.args[1].value, "1");
}

static void a_broken_one_rolls_back(void **state)
{
    struct test_db *t = *state;
    struct problem p = {0};
    int applied = -1;
    struct db_migration list[] = {first, broken};
    log_set_level(LOG_ERROR + 1);
    assert_int_not_equal(migrate(t, list, 2, &applied, &p), OK);
    log_set_level(LOG_INFO);
    assert_string_equal(p.code, "db_migration_failed");
    assert_string_equal(p.args[0].value, "2");
    assert_int_equal(applied, -1);
    /* the first is kept, nothing of the second */
    assert_true(works(t, "a", "SELECT id FROM a"));
    assert_false(works(t, "b", "SELECT id FROM b"));
    list[1] = second;
    assert_int_equal(migrate(t, list, 2, &applied, &p), OK);
    assert_int_equal(applied, 1);
}

static void ours(void **state)
{
    struct test_db *t = *state;
    struct problem p = {0};
    int applied = -1, missing = -1;
    assert_int_equal(
        db_migrations_missing(t->db, migrations, migrations_count, t->arena, &missing, &p), OK);
    assert_int_equal(missing, migrations_count);
    assert_int_equal(db_migrate(t->db, migrations, migrations_count, t->arena, &applied, &p), OK);
    assert_int_equal(applied, migrations_count);
    assert_int_equal(
        db_migrations_missing(t->db, migrations, migrations_count, t->arena, &missing, &p), OK);
    assert_int_equal(missing, 0);
    assert_int_equal(db_migrate(t->db, migrations, migrations_count, t->arena, &applied, &p), OK);
    assert_int_equal(applied, 0);
    if (db_engine(t->db) == DB_SQLITE)
        assert_false(works(t, "rowid", "SELECT rowid FROM customer"));
}

static void two_programs_at_once(void **state)
{
    struct test_db *t = *state;
    struct problem p = {0};
    pid_t children[3];
    int applied = -1;
    db_close(&t->db); /* before the fork: connections do not survive it */
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            t->db = test_db_connect(t);
            enum err err = db_migrate(t->db, migrations, migrations_count, t->arena, &applied, &p);
            db_close(&t->db);
            _exit(err != OK);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        int status;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    t->db = test_db_connect(t);
    assert_int_equal(db_migrate(t->db, migrations, migrations_count, t->arena, &applied, &p), OK);
    assert_int_equal(applied, 0);
}

int main(void)
{
    static const struct test_case cases[] = {
        {"fresh_and_repeated", fresh_and_repeated},
        {"without_rowid", without_rowid},
        {"from_the_future", from_the_future},
        {"a_broken_one_rolls_back", a_broken_one_rolls_back},
        {"ours", ours},
        {"two_programs_at_once", two_programs_at_once},
    };
    return TEST_DB_RUN(cases);
}
