#include "test_db.h"
#include "src/base/log.h"
#include <pthread.h>

static const struct db_statement insert = {
    "test_insert", "INSERT INTO thing (id, n, r, s, b) VALUES ($1, $2, $3, $4, $5)", "iirtb", ""};
static const struct db_statement get = {"test_get", "SELECT n, r, s, b FROM thing WHERE id = $1",
                                        "i", "irtb"};
static const struct db_statement ids = {
    "test_ids", "SELECT id FROM thing WHERE id >= $1 ORDER BY id", "i", "i"};
static const struct db_statement count = {"test_count", "SELECT COUNT(*) FROM thing", "", "i"};
static const struct db_statement add = {"test_add", "UPDATE thing SET n = n + $1 WHERE id = $2",
                                        "ii", ""};
static const struct db_statement add_returning = {
    "test_add_returning", "UPDATE thing SET n = n + $1 WHERE id = $2 RETURNING n, s", "ii", "it"};
static const struct db_statement child = {
    "test_child", "INSERT INTO child (id, thing) VALUES ($1, $2)", "ii", ""};
static const struct db_statement wrong = {"test_wrong", "SELECT nothing FROM nowhere", "", "i"};

static void make_tables(struct test_db *t)
{
    static char sql[] = "CREATE TABLE thing (id BIGINT PRIMARY KEY, n BIGINT, r DOUBLE PRECISION, "
                        "s TEXT, b BYTEA); CREATE TABLE child (id BIGINT PRIMARY KEY, "
                        "thing BIGINT NOT NULL REFERENCES thing (id));";
    assert_int_equal(db_write(t->db, test_db_text, sql), OK);
}

struct call {
    int64_t id, n, out;
    struct db *db;
    enum err give;
    int runs;
};

static enum err insert_one(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    c->runs++;
    enum err err =
        db_exec(tx, &insert, NULL, db_i(c->id), db_i(c->n), db_null(), db_null(), db_null());
    return err ? err : c->give;
}

static enum err count_all(struct db_tx *tx, void *arg)
{
    return db_query_int(tx, &count, &((struct call *)arg)->out);
}

static int64_t how_many(struct db *db)
{
    struct call c = {0};
    assert_int_equal(db_read(db, count_all, &c), OK);
    return c.out;
}

/* --- load --- */

static enum err look_at_load(struct db_tx *tx, void *arg)
{
    *(struct db_load *)arg = db_load(db_of(tx));
    return OK;
}

static void load_is_told(void **state)
{
    struct test_db *t = *state;
    struct db_load l = db_load(t->db);
    assert_true(l.reads.connections > 0 && l.writes.connections > 0);
    assert_int_equal(l.reads.in_use + l.reads.waiting + l.writes.in_use + l.writes.waiting, 0);
    assert_int_equal(db_read(t->db, look_at_load, &l), OK);
    assert_int_equal(l.reads.in_use, 1);
    assert_int_equal(l.writes.in_use, 0);
    assert_int_equal(db_write(t->db, look_at_load, &l), OK);
    assert_int_equal(l.writes.in_use, 1);
    assert_int_equal(l.writes.waiting, 0);
}

/* --- values --- */

static enum err write_values(struct db_tx *tx, void *arg)
{
    (void)arg;
    static const char blob[] = "\0\xFF\x80 bytes";
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1LL << 40};
    static const double reals[] = {0, -0.5, 1e300, -1e-300, 3.141592653589793, 123456789.125};
    for (int i = 0; i < 6; i++) {
        enum err err = db_exec(tx, &insert, NULL, db_i(i), db_i(numbers[i]), db_r(reals[i]),
                               db_tc(i % 2 ? "Été 😀 'quoted' \"$1\"" : ""),
                               db_b((struct str){blob, i % 2 ? sizeof(blob) - 1 : 0}));
        if (err)
            return err;
    }
    return db_exec(tx, &insert, NULL, db_i(6), db_null(), db_null(), db_tc(NULL), db_null());
}

static enum err read_values(struct db_tx *tx, void *arg)
{
    (void)arg;
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1LL << 40};
    static const double reals[] = {0, -0.5, 1e300, -1e-300, 3.141592653589793, 123456789.125};
    struct db_rows *r = NULL;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(db_query(tx, &get, &r, db_i(i)), OK);
        assert_true(db_next(r));
        assert_int_equal(db_int(r, 0), numbers[i]);
        assert_true(db_real(r, 1) == reals[i]);
        assert_str(db_text(r, 2), i % 2 ? "Été 😀 'quoted' \"$1\"" : "");
        assert_false(db_is_null(r, 2)); /* empty is not NULL */
        assert_false(db_is_null(r, 3));
        assert_int_equal(db_blob(r, 3).n, i % 2 ? 9 : 0);
        if (i % 2)
            assert_memory_equal(db_blob(r, 3).p, "\0\xFF\x80 bytes", 9);
        assert_false(db_next(r));
        assert_int_equal(db_error(r), OK);
        assert_false(db_next(r));
        db_done(&r);
        assert_null(r);
    }
    assert_int_equal(db_query(tx, &get, &r, db_i(6)), OK);
    assert_true(db_next(r));
    for (int i = 0; i < 4; i++)
        assert_true(db_is_null(r, i));
    assert_int_equal(db_int(r, 0), 0);
    assert_int_equal(db_int_or(r, 0, -7), -7);
    assert_true(db_real(r, 1) == 0);
    assert_int_equal(db_text(r, 2).n, 0);
    struct str copy = db_text_in(r, 2, db_arena(tx));
    assert_string_equal(copy.p, "");
    db_done(&r);
    int64_t none = 5;
    assert_int_equal(db_query_int(tx, &get, &none, db_i(99)), ERR_NOT_FOUND);
    assert_int_equal(none, 5);
    return OK;
}

static void values_round_trip(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    assert_int_equal(db_write(t->db, write_values, NULL), OK);
    assert_int_equal(db_read(t->db, read_values, NULL), OK);
}

/* --- transactions --- */

static void a_failure_undoes_everything(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    static const enum err codes[] = {ERR_INVALID, ERR_DENIED, ERR_CANCELED, ERR_NOT_FOUND};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct call c = {.id = 1, .give = codes[i]};
        assert_int_equal(db_write(t->db, insert_one, &c), codes[i]);
        assert_int_equal(c.runs, 1);
        assert_int_equal(how_many(t->db), 0);
    }
}

static enum err conflict_swallowed(struct db_tx *tx, void *arg)
{
    int64_t out;
    (void)arg;
    enum err err = db_exec(tx, &insert, NULL, db_i(2), db_i(0), db_null(), db_null(), db_null());
    assert_int_equal(err, OK);
    err = db_exec(tx, &insert, NULL, db_i(1), db_i(0), db_null(), db_null(), db_null());
    assert_int_equal(err, ERR_CONFLICT);
    assert_int_equal(db_query_int(tx, &count, &out), ERR_CONFLICT); /* nothing runs any more */
    return OK;
}

static enum err no_such_thing(struct db_tx *tx, void *arg)
{
    (void)arg;
    return db_exec(tx, &child, NULL, db_i(1), db_i(99));
}

static void conflicts(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    struct call c = {.id = 1};
    assert_int_equal(db_write(t->db, insert_one, &c), OK);
    assert_int_equal(db_write(t->db, insert_one, &c), ERR_CONFLICT);
    assert_int_equal(db_write(t->db, conflict_swallowed, NULL), ERR_CONFLICT);
    assert_int_equal(db_write(t->db, no_such_thing, NULL), ERR_CONFLICT);
    assert_int_equal(how_many(t->db), 1);
}

static enum err read_then_write(struct db_tx *tx, void *arg)
{
    return insert_one(tx, arg);
}

static enum err bad_statement(struct db_tx *tx, void *arg)
{
    struct db_rows *r = NULL;
    (void)arg;
    return db_query(tx, &wrong, &r);
}

static void bugs_are_internal(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    struct call c = {.id = 1};
    log_set_level(LOG_ERROR + 1); /* they are logged, rightly */
    assert_int_equal(db_read(t->db, read_then_write, &c), ERR_INTERNAL);
    assert_int_equal(db_read(t->db, bad_statement, NULL), ERR_INTERNAL);
    assert_int_equal(db_write(t->db, bad_statement, NULL), ERR_INTERNAL);
    log_set_level(LOG_INFO);
    assert_int_equal(how_many(t->db), 0);
}

static enum err snapshot(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    int64_t before, after;
    assert_int_equal(db_query_int(tx, &count, &before), OK);
    struct call one = {.id = 1000};
    assert_int_equal(db_write(c->db, insert_one, &one), OK);
    assert_int_equal(db_query_int(tx, &count, &after), OK);
    assert_int_equal(before, after);
    return OK;
}

static void reads_are_snapshots(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    struct call c = {.db = t->db};
    assert_int_equal(db_read(t->db, snapshot, &c), OK);
    assert_int_equal(how_many(t->db), 1);
    assert_true(db_engine(t->db) == (t->schema ? DB_POSTGRESQL : DB_SQLITE));
}

/* --- reading by several threads --- */

enum { ALL_READERS = 4 };

/* Takes one connection after the other, and is refused when there is no more. */
static enum err take_all(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    int64_t n;
    enum err err = db_query_int(tx, &count, &n);
    if (err != OK || ++c->runs > ALL_READERS)
        return err;
    c->out = db_load(db_of(tx)).reads.in_use;
    return db_read_beside(db_of(tx), take_all, c);
}

static void reads_beside_do_not_wait(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    struct call c = {0};
    assert_int_equal(db_read(t->db, take_all, &c), ERR_BUSY);
    assert_int_equal(c.runs, ALL_READERS);
    assert_int_equal(c.out, ALL_READERS);
    assert_int_equal(db_read_beside(t->db, count_all, &c), OK);
    assert_int_equal(c.out, 0);
    assert_int_equal(db_load(t->db).reads.in_use, 0);
}

/* --- many rows --- */

enum { MANY = 5003 };

static enum err insert_many(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    struct db_value *values = arena_array(db_arena(tx), struct db_value, MANY * 5);
    for (int i = 0; i < MANY; i++) {
        values[i * 5] = db_i(i == MANY - 1 ? c->id : i);
        values[i * 5 + 1] = db_i(i);
        values[i * 5 + 2] = db_r(i / 2.0);
        values[i * 5 + 3] = db_tc(arena_printf(db_arena(tx), "row %d", i));
        values[i * 5 + 4] = db_null();
    }
    return db_exec_many(tx, &insert, values, 5, MANY);
}

static enum err scan(struct db_tx *tx, void *arg)
{
    (void)arg;
    struct db_rows *outer = NULL, *inner = NULL;
    struct db_value from = db_i(3);
    int64_t expected = 3, n;
    assert_int_equal(db_scan_values(tx, &ids, &outer, &from, 1), OK);
    while (db_next(outer)) {
        assert_int_equal(db_int(outer, 0), expected++);
        if (expected % 500)
            continue;
        /* other statements run in between, the same one too */
        assert_int_equal(db_query_int(tx, &count, &n), OK);
        assert_int_equal(n, MANY);
        assert_int_equal(db_query(tx, &ids, &inner, db_i(MANY - 2)), OK);
        int rows = 0;
        while (db_next(inner))
            rows++;
        assert_int_equal(rows, 2);
        db_done(&inner);
    }
    assert_int_equal(db_error(outer), OK);
    assert_int_equal(expected, MANY);
    db_done(&outer);
    /* left in the middle, and one never done: the transaction closes it */
    assert_int_equal(db_scan_values(tx, &ids, &outer, &from, 1), OK);
    assert_true(db_next(outer));
    db_done(&outer);
    assert_int_equal(db_query(tx, &ids, &outer, db_i(0)), OK);
    assert_true(db_next(outer));
    return OK;
}

static void many_rows(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    struct call c = {.id = 1};
    assert_int_equal(db_write(t->db, insert_many, &c), ERR_CONFLICT); /* the last is twice there */
    assert_int_equal(how_many(t->db), 0);
    c.id = MANY - 1;
    assert_int_equal(db_write(t->db, insert_many, &c), OK);
    assert_int_equal(how_many(t->db), MANY);
    assert_int_equal(db_read(t->db, scan, NULL), OK);
    assert_int_equal(db_write(t->db, scan, NULL), OK);
    assert_int_equal(db_read(t->db, scan, NULL), OK);
}

static enum err returning(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    struct db_rows *r cleanup(db_done) = NULL;
    int64_t changed = -1;
    enum err err = db_exec(tx, &add, &changed, db_i(1), db_i(5));
    assert_int_equal(changed, 1);
    if (!err)
        err = db_exec(tx, &add, &changed, db_i(1), db_i(-5));
    assert_int_equal(changed, 0);
    if (!err)
        err = db_query(tx, &add_returning, &r, db_i(10), db_i(5)); /* runs even if nobody reads */
    db_done(&r);
    if (!err)
        err = db_query(tx, &add_returning, &r, db_i(10), db_i(5));
    if (err || !db_next(r))
        return ERR_INTERNAL;
    c->out = db_int(r, 0);
    return OK;
}

static void updates_that_return(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    struct call c = {.id = 5, .n = 100};
    assert_int_equal(db_write(t->db, insert_one, &c), OK);
    assert_int_equal(db_write(t->db, returning, &c), OK);
    assert_int_equal(c.out, 121);
}

/* --- after the commit --- */

struct after {
    struct db *db;
    int64_t id;
    int64_t *seen; /* ids in commit order */
    int *n;
    enum err give;
};

static void committed(void *arg)
{
    struct after *after = arg;
    after->seen[(*after->n)++] = after->id;
}

static enum err with_after(struct db_tx *tx, void *arg)
{
    struct after *after = arg;
    struct after *copy = arena_make(db_arena(tx), struct after); /* lives until it was called */
    *copy = *after;
    enum err err =
        db_exec(tx, &insert, NULL, db_i(after->id), db_i(0), db_null(), db_null(), db_null());
    if (err)
        return err;
    db_after_commit(tx, committed, copy);
    return after->give;
}

static void after_commit(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    int64_t seen[4];
    int n = 0;
    for (int64_t id = 1; id <= 4; id++) {
        struct after after = {t->db, id, seen, &n, id == 2 ? ERR_INVALID : OK};
        assert_int_equal(db_write(t->db, with_after, &after), id == 2 ? ERR_INVALID : OK);
    }
    assert_int_equal(n, 3);
    assert_true(seen[0] == 1 && seen[1] == 3 && seen[2] == 4);
}

/* --- many threads --- */

enum { THREADS = 16, WRITES = 40 };

static enum err transfer(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    c->runs++;
    /* every third fails after its statements, and must leave nothing */
    enum err err = db_exec(tx, &add, NULL, db_i(1), db_i(c->id));
    if (!err)
        err = db_exec(tx, &add, NULL, db_i(-1), db_i(1 - c->id));
    if (!err)
        err = db_query_int(tx, &count, &c->out);
    return err ? err : c->give;
}

static void *transfers(void *arg)
{
    struct db *db = arg;
    intptr_t failures = 0;
    for (int i = 0; i < WRITES; i++) {
        struct call c = {.id = i % 2, .give = i % 3 ? OK : ERR_INVALID};
        failures += db_write(db, transfer, &c) != c.give;
    }
    return (void *)failures;
}

static const struct db_statement get_n = {"test_get_n", "SELECT n FROM thing WHERE id = $1", "i",
                                          "i"};

static enum err both(struct db_tx *tx, void *arg)
{
    int64_t *n = arg;
    enum err err = db_query_int(tx, &get_n, &n[0], db_i(0));
    return err ? err : db_query_int(tx, &get_n, &n[1], db_i(1));
}

static void writers_together(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    for (int i = 0; i < 2; i++) {
        struct call c = {.id = i};
        assert_int_equal(db_write(t->db, insert_one, &c), OK);
    }
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, transfers, t->db), 0);
    for (int i = 0; i < 30; i++) { /* no reader ever sees half a transfer */
        int64_t n[2];
        assert_int_equal(db_read(t->db, both, n), OK);
        assert_int_equal(n[0] + n[1], 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failures;
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
    int64_t n[2], expected = 0;
    for (int i = 0; i < WRITES; i++)
        if (i % 3)
            expected += i % 2 ? 1 : -1;
    assert_int_equal(db_read(t->db, both, n), OK);
    assert_int_equal(n[1], expected * THREADS);
    assert_int_equal(n[0], -expected * THREADS);
}

/* --- checking statements --- */

static void verifying(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    const char *why = NULL;
    static const struct db_statement *const good[] = {&insert, &get,           &ids,  &count,
                                                      &add,    &add_returning, &child};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (db_verify(t->db, good[i], t->arena, &why))
            fail_msg("%s: %s", good[i]->name, why);
    static const struct db_statement bad[] = {
        {"syntax", "SELEC id FROM thing", "", "i"},
        {"table", "SELECT id FROM nothing", "", "i"},
        {"parameters", "SELECT id FROM thing WHERE id = $1", "", "i"},
        {"columns", "SELECT id, n FROM thing", "", "i"},
        {"type", "SELECT s FROM thing", "", "i"},
        {"blob", "SELECT b FROM thing", "", "t"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        why = NULL;
        assert_int_equal(db_verify(t->db, &bad[i], t->arena, &why), ERR_INVALID);
        assert_non_null(why);
    }
    /* numbered against their order: SQLite would bind them wrongly */
    static const struct db_statement order = {
        "order", "SELECT id FROM thing WHERE id = $2 AND n = $1", "ii", "i"};
    if (db_engine(t->db) == DB_SQLITE)
        assert_int_equal(db_verify(t->db, &order, t->arena, &why), ERR_INVALID);
}

static enum err free_rows(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    struct db_rows *r cleanup(db_done) = NULL;
    enum err err = db_free_text(
        tx, "SELECT COUNT(*), CAST(MAX(id) AS BIGINT) FROM thing WHERE id < 10", "ii", &r);
    if (err || !db_next(r))
        return ERR_INTERNAL;
    c->out = db_int(r, 0) * 100 + db_int(r, 1);
    return db_error(r);
}

static void free_text(void **state)
{
    struct test_db *t = *state;
    make_tables(t);
    static char sql[] = "INSERT INTO thing (id) VALUES (3); INSERT INTO thing (id) VALUES (7)";
    assert_int_equal(db_write(t->db, test_db_text, sql), OK);
    struct call c = {0};
    assert_int_equal(db_read(t->db, free_rows, &c), OK);
    assert_int_equal(c.out, 207);
}

static void cannot_open(void **state)
{
    struct test_db *t = *state;
    struct db *db = NULL;
    struct problem p;
    const char *url = t->schema ? "postgresql://someone:secret@/x?host=/nowhere" : "/nowhere/x.db";
    assert_int_equal(db_open(url, &(struct db_options){.create = true}, t->arena, &db, &p), ERR_IO);
    assert_string_equal(p.code, "db_cannot_open");
    assert_null(db);
    assert_string_equal(p.args[0].value, t->schema ? "postgresql:///x" : "/nowhere/x.db");
    if (t->schema)
        return;
    /* missing, and not to be made; a folder; a file of something else */
    const char *missing = arena_printf(t->arena, "%s/missing.db", t->folder);
    assert_int_equal(db_open(missing, NULL, t->arena, &db, &p), ERR_IO);
    assert_int_equal(access(missing, F_OK), -1);
    assert_int_equal(db_open(t->folder, NULL, t->arena, &db, &p), ERR_IO);
    const char *text = arena_printf(t->arena, "%s/text", t->folder);
    FILE *f = fopen(text, "w");
    for (int i = 0; i < 200; i++)
        fputs("This is no database, only a text.\n", f);
    fclose(f);
    assert_int_equal(db_open(text, NULL, t->arena, &db, &p), ERR_IO);
    unlink(text);
}

int main(void)
{
    static const struct test_case cases[] = {
        {"load_is_told", load_is_told},
        {"values_round_trip", values_round_trip},
        {"a_failure_undoes_everything", a_failure_undoes_everything},
        {"conflicts", conflicts},
        {"bugs_are_internal", bugs_are_internal},
        {"reads_are_snapshots", reads_are_snapshots},
        {"reads_beside_do_not_wait", reads_beside_do_not_wait},
        {"many_rows", many_rows},
        {"updates_that_return", updates_that_return},
        {"after_commit", after_commit},
        {"writers_together", writers_together},
        {"verifying", verifying},
        {"free_text", free_text},
        {"cannot_open", cannot_open},
    };
    return TEST_DB_RUN(cases);
}
