/* What only SQLite has: the queue of the writer thread, other processes, a full disk. */
#include "test_db.h"
#include "src/base/day.h"
#include "src/base/log.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const struct db_statement insert = {"s_insert", "INSERT INTO thing (id, b) VALUES ($1, $2)",
                                           "ib", ""};
static const struct db_statement count = {"s_count", "SELECT COUNT(*) FROM thing", "", "i"};

static int open_with_table(void **state)
{
    static char sql[] = "CREATE TABLE thing (id BIGINT PRIMARY KEY, b BYTEA)";
    if (test_db_open(state))
        return 1;
    return db_write(((struct test_db *)*state)->db, test_db_text, sql);
}

static enum err count_all(struct db_tx *tx, void *arg)
{
    return db_query_int(tx, &count, arg);
}

static int64_t how_many(struct db *db)
{
    int64_t n = -1;
    assert_int_equal(db_read(db, count_all, &n), OK);
    return n;
}

struct write {
    struct db *db;
    int64_t id;
    struct str blob;
    enum err result;
};

static enum err insert_one(struct db_tx *tx, void *arg)
{
    struct write *w = arg;
    return db_exec(tx, &insert, NULL, db_i(w->id), w->blob.n ? db_b(w->blob) : db_null());
}

static void *insert_thread(void *arg)
{
    struct write *w = arg;
    w->result = db_write(w->db, insert_one, w);
    return NULL;
}

/* --- a bounded queue, one commit for all that waits --- */

static sem_t entered, leave;

static enum err stand_in_the_way(struct db_tx *tx, void *arg)
{
    (void)tx;
    (void)arg;
    sem_post(&entered);
    sem_wait(&leave);
    return OK;
}

static void *blocker(void *arg)
{
    struct write *w = arg;
    w->result = db_write(w->db, stand_in_the_way, NULL);
    return NULL;
}

enum { CROWD = 1100 };

static void the_queue_is_bounded(void **state)
{
    struct test_db *t = *state;
    pthread_t first, *threads = arena_array(t->arena, pthread_t, CROWD);
    struct write *writes = arena_array(t->arena, struct write, CROWD);
    struct write block = {.db = t->db};
    pthread_attr_t small;
    sem_init(&entered, 0, 0);
    sem_init(&leave, 0, 0);
    pthread_create(&first, NULL, blocker, &block);
    sem_wait(&entered);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    for (int i = 0; i < CROWD; i++) {
        /* every tenth breaks a key; the others of its batch must not notice */
        writes[i] = (struct write){.db = t->db, .id = i % 10 == 9 ? -1 : i, .result = OK};
        assert_int_equal(pthread_create(&threads[i], &small, insert_thread, &writes[i]), 0);
    }
    usleep(300000); /* all of them stand in the queue or were sent away */
    sem_post(&leave);
    int busy = 0, conflicts = 0, ok = 0;
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        busy += writes[i].result == ERR_BUSY;
        conflicts += writes[i].result == ERR_CONFLICT;
        ok += writes[i].result == OK;
    }
    pthread_join(first, NULL);
    assert_int_equal(block.result, OK);
    assert_int_equal(busy + conflicts + ok, CROWD);
    assert_int_equal(busy, CROWD - 1024);
    assert_true(conflicts >= 1024 / 10 - 20);
    assert_int_equal(how_many(t->db), ok);
    pthread_attr_destroy(&small);
    sem_destroy(&entered);
    sem_destroy(&leave);
}

/* --- another process writes too --- */

static void another_process_writes(void **state)
{
    struct test_db *t = *state;
    int ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    db_close(&t->db);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *other;
        bool ok = sqlite3_open(t->url, &other) == SQLITE_OK &&
                  sqlite3_exec(other, "BEGIN IMMEDIATE; INSERT INTO thing (id) VALUES (1)", NULL,
                               NULL, NULL) == SQLITE_OK;
        if (!ok || write(ready[1], "x", 1) != 1)
            _exit(1);
        usleep(400000);
        ok = sqlite3_exec(other, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_close(other);
        _exit(!ok);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    t->db = test_db_connect(t);
    struct write w = {.id = 2};
    int64_t before = monotonic_us();
    assert_int_equal(how_many(t->db), 0);                  /* reading does not wait */
    assert_int_equal(db_write(t->db, insert_one, &w), OK); /* writing does */
    assert_true(monotonic_us() - before > 100000);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(how_many(t->db), 2);
    close(ready[0]);
    close(ready[1]);
}

/* --- a full disk --- */

static void a_full_disk(void **state)
{
    struct test_db *t = *state;
    static char blob[200000];
    struct write w = {.id = 1, .blob = {blob, sizeof(blob)}};
    struct rlimit before, little = {1 << 20, 1 << 20};
    assert_int_equal(db_write(t->db, insert_one, &w), OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    little.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &little); /* no file grows beyond 1 MiB: like a disk without room */
    log_set_level(LOG_ERROR + 1);
    int64_t acknowledged = 1;
    enum err err = OK;
    for (int i = 2; i < 100 && !err; i++) {
        w.id = i;
        err = db_write(t->db, insert_one, &w);
        acknowledged += !err;
    }
    assert_int_equal(err, ERR_IO);
    assert_int_equal(how_many(t->db), acknowledged);
    setrlimit(RLIMIT_FSIZE, &before);
    log_set_level(LOG_INFO);
    w.id = 1000; /* there is room again */
    assert_int_equal(db_write(t->db, insert_one, &w), OK);
    assert_int_equal(how_many(t->db), acknowledged + 1);
    db_close(&t->db);
    t->db = test_db_connect(t);
    assert_int_equal(how_many(t->db), acknowledged + 1);
}

/* --- settings --- */

static enum err read_settings(struct db_tx *tx, void *arg)
{
    int64_t *values = arg;
    static const char *const names[] = {"synchronous", "foreign_keys", "query_only"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct db_rows *r cleanup(db_done) = NULL;
        enum err err = db_free_text(tx, arena_printf(db_arena(tx), "PRAGMA %s", names[i]), "i", &r);
        if (err || !db_next(r))
            return ERR_INTERNAL;
        values[i] = db_int(r, 0);
    }
    return OK;
}

static void settings(void **state)
{
    struct test_db *t = *state;
    int64_t values[3];
    assert_int_equal(db_write(t->db, read_settings, values), OK);
    assert_true(values[0] == 2 && values[1] == 1 && values[2] == 0);
    assert_int_equal(db_read(t->db, read_settings, values), OK);
    assert_true(values[1] == 1 && values[2] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_queue_is_bounded, open_with_table, test_db_close),
        cmocka_unit_test_setup_teardown(another_process_writes, open_with_table, test_db_close),
        cmocka_unit_test_setup_teardown(a_full_disk, open_with_table, test_db_close),
        cmocka_unit_test_setup_teardown(settings, open_with_table, test_db_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
