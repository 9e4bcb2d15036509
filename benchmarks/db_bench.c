/* Durable events: one transaction each (one row updated, one inserted), through db_write(), against
 * what SQLite itself does in commits of one and of 50. The cases take turns, so that a noisy
 * machine treats them alike; medians of events a second.
 *
 * db_bench [POSTGRESQL-URL]    fills a file in $TMPDIR, or a schema of that server */
#include "src/base/check.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/db/db.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CUSTOMERS = 100000, THREADS_MAX = 64, ROUNDS = 7 };
static const double seconds = 0.7; /* of a case in a round */
static const int threads[] = {1, 4, 16, 64};
enum { CASES = 6 }; /* these four, then SQLite itself by 1 and by 50 */

static const struct db_statement update = {
    "bench_update", "UPDATE customer SET visits = visits + 1 WHERE m = 1 AND id = $1", "i", ""};
static const struct db_statement insert = {
    "bench_insert", "INSERT INTO event (m, id, customer, at_us, detail) VALUES (1, $1, $2, $3, $4)",
    "iiit", ""};
static const char tables[] =
    "CREATE TABLE customer (m BIGINT, id BIGINT, visits BIGINT, PRIMARY KEY (m, id)) %s;"
    "CREATE TABLE event (m BIGINT, id BIGINT, customer BIGINT, at_us BIGINT, detail TEXT,"
    " PRIMARY KEY (m, id)) %s;";
static const struct db_statement fill = {
    "bench_fill", "INSERT INTO customer (m, id, visits) VALUES (1, $1, 0)", "i", ""};

static int64_t random_customer(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(*state >> 33) % CUSTOMERS;
}

struct event {
    int64_t id, customer;
};

static enum err write_event(struct db_tx *tx, void *arg)
{
    const struct event *e = arg;
    enum err err = db_exec(tx, &update, NULL, db_i(e->customer));
    if (err)
        return err;
    return db_exec(tx, &insert, NULL, db_i(e->id), db_i(e->customer), db_i(now_us()),
                   db_tc("{\"kind\":\"visit\"}"));
}

struct load {
    struct db *db;
    int64_t until;
    atomic_long *events;
    uint64_t seed;
};

static void *write_events(void *arg)
{
    struct load *load = arg;
    while (monotonic_us() < load->until) {
        struct event e = {id_new(), random_customer(&load->seed)};
        enum err err = db_write(load->db, write_event, &e);
        if (err) {
            fprintf(stderr, "db_write: %s\n", err_name(err));
            exit(1);
        }
        atomic_fetch_add(load->events, 1);
    }
    return NULL;
}

static double through_db_write(struct db *db, int n)
{
    pthread_t ids[THREADS_MAX];
    struct load loads[THREADS_MAX];
    atomic_long events = 0;
    int64_t began = monotonic_us();
    for (int i = 0; i < n; i++) {
        loads[i] = (struct load){db, began + (int64_t)(seconds * 1e6), &events, (uint64_t)i};
        check(pthread_create(&ids[i], NULL, write_events, &loads[i]) == 0);
    }
    for (int i = 0; i < n; i++)
        pthread_join(ids[i], NULL);
    return (double)atomic_load(&events) * 1e6 / (double)(monotonic_us() - began);
}

static enum err make(struct db_tx *tx, void *arg)
{
    (void)arg;
    const char *end = db_engine(db_of(tx)) == DB_SQLITE ? "WITHOUT ROWID" : "";
    struct buf sql;
    buf_init(&sql, 4096);
    for (const char *p = tables; *p; p++) {
        if (p[0] == '%' && p[1] == 's') {
            buf_adds(&sql, end);
            p++;
        } else {
            buf_addc(&sql, *p);
        }
    }
    enum err err = db_free_text(tx, buf_cstr(&sql), "", NULL);
    buf_free(&sql);
    struct db_value *values = arena_array(db_arena(tx), struct db_value, CUSTOMERS);
    for (int i = 0; i < CUSTOMERS; i++)
        values[i] = db_i(i);
    return err ? err : db_exec_many(tx, &fill, values, 1, CUSTOMERS);
}

/* The same by SQLite's own interface, one thread, statements prepared once. */
static double raw_sqlite(const char *path, int per_commit)
{
    sqlite3 *db;
    sqlite3_stmt *up, *in, *begin, *commit;
    check(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 1000);
    check(sqlite3_exec(
              db,
              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536",
              NULL, NULL, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(db, update.sql, -1, &up, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(db, insert.sql, -1, &in, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL) == SQLITE_OK);
    uint64_t seed = 99;
    long events = 0;
    int64_t began = monotonic_us(), until = began + (int64_t)(seconds * 1e6);
    while (monotonic_us() < until) {
        check(sqlite3_step(begin) == SQLITE_DONE && sqlite3_reset(begin) == SQLITE_OK);
        for (int i = 0; i < per_commit; i++, events++) {
            int64_t customer = random_customer(&seed);
            sqlite3_bind_int64(up, 1, customer);
            check(sqlite3_step(up) == SQLITE_DONE && sqlite3_reset(up) == SQLITE_OK);
            sqlite3_bind_int64(in, 1, id_new());
            sqlite3_bind_int64(in, 2, customer);
            sqlite3_bind_int64(in, 3, now_us());
            sqlite3_bind_text(in, 4, "{\"kind\":\"visit\"}", -1, SQLITE_STATIC);
            check(sqlite3_step(in) == SQLITE_DONE && sqlite3_reset(in) == SQLITE_OK);
        }
        check(sqlite3_step(commit) == SQLITE_DONE && sqlite3_reset(commit) == SQLITE_OK);
    }
    double rate = (double)events * 1e6 / (double)(monotonic_us() - began);
    sqlite3_finalize(up);
    sqlite3_finalize(in);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(db);
    return rate;
}

static struct db *open_fresh(const char *url, struct arena *a)
{
    struct db *db;
    struct problem p = {0};
    struct db_options o = {.create = true};
    if (db_open(url, &o, a, &db, &p)) {
        fprintf(stderr, "%s: %s\n", p.code, p.cause ? p.cause : "");
        exit(1);
    }
    check(db_write(db, make, NULL) == OK);
    return db;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* rates[i]: the median of case i; path NULL: without SQLite's own. */
static void measure(struct db *db, const char *path, double rates[CASES])
{
    double all[CASES][ROUNDS] = {{0}};
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            all[i][round] = through_db_write(db, threads[i]);
        if (path) {
            all[4][round] = raw_sqlite(path, 1);
            all[5][round] = raw_sqlite(path, 50);
        }
    }
    for (int i = 0; i < CASES; i++) {
        qsort(all[i], ROUNDS, sizeof(double), ascending);
        rates[i] = all[i][ROUNDS / 2];
    }
}

static void on_postgresql(const char *url, struct arena *a)
{
    double rates[CASES];
    struct db *db = open_fresh(url, a);
    measure(db, NULL, rates);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        printf("PostgreSQL, db_write, %2d threads  %8.0f\n", threads[i], rates[i]);
    db_close(&db);
}

static void on_sqlite(struct arena *a)
{
    double rates[CASES];
    const char *tmp = getenv("TMPDIR");
    char *folder = arena_printf(a, "%s/db-bench.XXXXXX", tmp ? tmp : "/tmp");
    check(mkdtemp(folder));
    const char *path = arena_printf(a, "%s/bench.db", folder);
    struct db *db = open_fresh(path, a);
    measure(db, path, rates);
    db_close(&db);
    printf("SQLite itself, commits of  1     %8.0f\n", rates[4]);
    printf("SQLite itself, commits of 50     %8.0f\n", rates[5]);
    for (int i = 0; i < 4; i++)
        printf("SQLite, db_write, %2d threads     %8.0f   %.2f of commits of %s\n", threads[i],
               rates[i], rates[i] / rates[i ? 5 : 4], i ? "50" : "1");
    unlink(path);
    unlink(arena_printf(a, "%s-wal", path));
    unlink(arena_printf(a, "%s-shm", path));
    rmdir(folder);
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new();
    if (argc > 1)
        on_postgresql(argv[1], a);
    else
        on_sqlite(a);
    arena_free(&a);
    return 0;
}
