/* A process that writes is killed at any moment, again and again: what it had acknowledged is
 * there, and nothing is half done. */
#include "test_db.h"
#include "src/base/day.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { KILLS = 32, WRITERS = 4 };

/* One write: the counter of its writer, and as many rows as it says, in one transaction. */
static const struct db_statement count_up = {"durable_count_up",
                                             "UPDATE counter SET n = $1 WHERE id = $2", "ii", ""};
static const struct db_statement add_row = {"durable_add_row",
                                            "INSERT INTO entry (id, n) VALUES ($1, $2)", "ii", ""};
static const struct db_statement read_counter = {"durable_read_counter",
                                                 "SELECT n FROM counter WHERE id = $1", "i", "i"};
static const struct db_statement read_rows = {"durable_read_rows",
                                              "SELECT COUNT(*) FROM entry WHERE id = $1", "i", "i"};
static const struct db_statement read_last = {
    "durable_read_last", "SELECT CAST(COALESCE(MAX(n), 0) AS BIGINT) FROM entry WHERE id = $1", "i",
    "i"};

struct writer {
    struct db *db;
    int64_t id, n;
    int out; /* where acknowledgements go */
};

static enum err write_step(struct db_tx *tx, void *arg)
{
    struct writer *w = arg;
    enum err err = db_exec(tx, &add_row, NULL, db_i(w->id), db_i(w->n));
    return err ? err : db_exec(tx, &count_up, NULL, db_i(w->n), db_i(w->id));
}

struct ack {
    int64_t id, n;
};

static void *write_on(void *arg)
{
    struct writer *w = arg;
    for (;; w->n++) {
        if (db_write(w->db, write_step, w) != OK)
            _exit(3);
        struct ack ack = {w->id, w->n};
        if (write(w->out, &ack, sizeof(ack)) != sizeof(ack))
            _exit(4);
    }
    return NULL;
}

static void child_main(struct test_db *t, const int64_t *from, int out)
{
    static struct writer writers[WRITERS];
    pthread_t thread;
    t->db = test_db_connect(t);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){t->db, i, from[i] + 1, out};
        if (pthread_create(&thread, NULL, write_on, &writers[i]) != 0)
            _exit(5);
    }
    pause();
}

/* Runs the writer for a while, kills it, and gathers what it acknowledged. */
static void run_and_kill(struct test_db *t, int64_t *acknowledged, uint64_t *seed)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_main(t, acknowledged, ends[1]);
    }
    close(ends[1]);
    struct ack ack;
    /* from its first word on, so that the kill falls into the writing */
    ssize_t n = read(ends[0], &ack, sizeof(ack));
    assert_int_equal(n, sizeof(ack));
    acknowledged[ack.id] = ack.n;
    usleep((useconds_t)(test_random(seed) % 40000));
    kill(child, SIGKILL);
    while (read(ends[0], &ack, sizeof(ack)) == sizeof(ack))
        acknowledged[ack.id] = ack.n;
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(ends[0]);
}

struct found {
    int64_t counter, rows, last;
    int64_t id;
};

static enum err look(struct db_tx *tx, void *arg)
{
    struct found *f = arg;
    enum err err = db_query_int(tx, &read_counter, &f->counter, db_i(f->id));
    if (!err)
        err = db_query_int(tx, &read_rows, &f->rows, db_i(f->id));
    if (!err)
        err = db_query_int(tx, &read_last, &f->last, db_i(f->id));
    return err;
}

static enum err count_sessions(struct db_tx *tx, void *arg)
{
    struct db_rows *r cleanup(db_done) = NULL;
    enum err err =
        db_free_text(tx,
                     "SELECT COUNT(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                     "AND backend_type = 'client backend' AND datname = current_database()",
                     "i", &r);
    if (err || !db_next(r))
        return ERR_INTERNAL;
    *(int64_t *)arg = db_int(r, 0);
    return OK;
}

/* A PostgreSQL session outlives its killed client for a moment, and may still commit. */
static void wait_for_sessions(struct test_db *t)
{
    int64_t n = db_engine(t->db) == DB_POSTGRESQL;
    for (int i = 0; n && i < 15000; i++) {
        assert_int_equal(db_read(t->db, count_sessions, &n), OK);
        usleep(2000);
    }
    assert_int_equal(n, 0);
}

static void killed_again_and_again(void **state)
{
    struct test_db *t = *state;
    static char sql[] =
        "CREATE TABLE counter (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);"
        "CREATE TABLE entry (id BIGINT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (id, n));"
        "INSERT INTO counter (id, n) VALUES (0, 0); INSERT INTO counter (id, n) VALUES (1, 0);"
        "INSERT INTO counter (id, n) VALUES (2, 0); INSERT INTO counter (id, n) VALUES (3, 0);";
    assert_int_equal(db_write(t->db, test_db_text, sql), OK);
    int64_t acknowledged[WRITERS] = {0};
    uint64_t seed = (uint64_t)now_us();
    for (int i = 0; i < KILLS; i++) {
        db_close(&t->db);
        run_and_kill(t, acknowledged, &seed);
        t->db = test_db_connect(t);
        wait_for_sessions(t);
        for (int64_t id = 0; id < WRITERS; id++) {
            struct found f = {.id = id};
            assert_int_equal(db_read(t->db, look, &f), OK);
            assert_true(f.counter >= acknowledged[id]); /* nothing acknowledged is lost */
            assert_true(f.counter <=
                        acknowledged[id] + 1);   /* at most the one under way came to be */
            assert_int_equal(f.rows, f.counter); /* and each whole */
            assert_int_equal(f.last, f.counter);
            acknowledged[id] = f.counter;
        }
    }
}

int main(void)
{
    static const struct test_case cases[] = {{"killed_again_and_again", killed_again_and_again}};
    return TEST_DB_RUN(cases);
}
