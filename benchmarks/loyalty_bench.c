/* Durable credits of points: what POST /customers/{id}/points does below HTTP (entry, lot, account,
 * timeline, audit log, change feed, the kept answer's place excepted), a transaction each, by 1, 16
 * and 64 clients; beside what the engine itself does when each commit is one insert of one row. The
 * cases take turns, so that a noisy machine treats them alike; rates are medians, latencies are of
 * all rounds.
 *
 * loyalty_bench    SQLite in $TMPDIR, then PostgreSQL where HABITUE_TEST_PG says */
#include "src/base/check.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include "src/crm/change/change.h"
#include "src/crm/merchant/merchant.h"
#include "src/crm/points/points.h"
#include "src/db/migrations.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CUSTOMERS = 20000, CLIENTS_MAX = 64, ROUNDS = 5, TODAY = 20000 };
static const double seconds = 1; /* of a case in a round */
static const int clients[] = {1, 16, 64};
enum { CASES = 3 };
static const struct audit_actor anna = {0, "Anna", NULL};
static const char tables[] = "CREATE TABLE bench_row (m BIGINT, id BIGINT, customer BIGINT,"
                             " amount BIGINT, PRIMARY KEY (m, id))";
static const char insert[] =
    "INSERT INTO bench_row (m, id, customer, amount) VALUES (1, $1, $2, 5)";

/* ---- measuring ---- */

struct client {
    /* done until `until`, each by `one` */
    bool (*one)(struct client *c);
    int64_t until;
    uint64_t seed;
    int32_t *took_us;
    size_t n, cap;
    struct db *db;
    int64_t merchant_id;
    const int64_t *customers;
    struct arena *arena;
    PGconn *pg;
    sqlite3 *sqlite;
    sqlite3_stmt *statement;
};

static int64_t random_of(struct client *c, int64_t n)
{
    c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)(c->seed >> 33) % n;
}

static void *run_client(void *arg)
{
    struct client *c = arg;
    for (int64_t began = monotonic_us(); began < c->until; began = monotonic_us()) {
        check(c->one(c));
        if (c->n == c->cap) {
            c->cap = c->cap ? c->cap * 2 : 4096;
            c->took_us = realloc(c->took_us, c->cap * sizeof *c->took_us);
            check(c->took_us);
        }
        c->took_us[c->n++] = (int32_t)(monotonic_us() - began);
    }
    return NULL;
}

struct figures {
    double rates[ROUNDS];
    int32_t *took_us;
    size_t n;
};

static void run_clients(struct client *all, int n, struct figures *f, int round)
{
    pthread_t ids[CLIENTS_MAX];
    size_t done = 0;
    int64_t began = monotonic_us();
    for (int i = 0; i < n; i++) {
        all[i].until = began + (int64_t)(seconds * 1e6);
        all[i].seed = (uint64_t)(round * 1000 + i);
        all[i].n = 0;
        check(pthread_create(&ids[i], NULL, run_client, &all[i]) == 0);
    }
    for (int i = 0; i < n; i++)
        pthread_join(ids[i], NULL);
    double took = (double)(monotonic_us() - began) / 1e6;
    for (int i = 0; i < n; i++)
        done += all[i].n;
    f->took_us = realloc(f->took_us, (f->n + done + 1) * sizeof *f->took_us);
    check(f->took_us);
    for (int i = 0; i < n; i++) {
        memcpy(f->took_us + f->n, all[i].took_us, all[i].n * sizeof *f->took_us);
        f->n += all[i].n;
    }
    f->rates[round] = (double)done / took;
}

static int by_rate(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_time(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static double tell(const char *what, int n, struct figures *f, double engine)
{
    qsort(f->rates, ROUNDS, sizeof *f->rates, by_rate);
    qsort(f->took_us, f->n, sizeof *f->took_us, by_time);
    double rate = f->rates[ROUNDS / 2];
    printf("%-34s %3d  %8.0f /s   p50 %7.2f ms   p99 %7.2f ms", what, n, rate,
           f->took_us[f->n / 2] / 1e3, f->took_us[f->n - f->n / 100 - 1] / 1e3);
    if (engine > 0)
        printf("   %.2f of the engine's own", rate / engine);
    printf("\n");
    free(f->took_us);
    return rate;
}

/* ---- ours ---- */

static enum err credit(struct db_tx *tx, void *arg)
{
    struct client *c = arg;
    struct points_entry made;
    const struct points_new what = {.customer_id = c->customers[random_of(c, CUSTOMERS)],
                                    .amount = 1 + random_of(c, 50),
                                    .kind = POINTS_CREDIT,
                                    .reason = STR("Welcome back"),
                                    .day = TODAY,
                                    .today = TODAY,
                                    .idempotency =
                                        arena_printf(c->arena, "api:%lld", (long long)id_new()),
                                    .by = &anna,
                                    .origin = "staff"};
    enum err e = points_post(tx, c->merchant_id, &what, c->arena, &made, NULL);
    return e == OK ? change_note(tx, c->merchant_id, "customer", &what.customer_id, 1) : e;
}

static bool one_credit(struct client *c)
{
    bool good = db_write(c->db, credit, c) == OK;
    arena_reset(c->arena);
    return good;
}

struct base {
    struct arena *arena;
    struct db *db;
    int64_t merchant_id, customers[CUSTOMERS];
};

static enum err fill(struct db_tx *tx, void *arg)
{
    static const struct db_statement add = {
        "bench_customer",
        "INSERT INTO customer (merchant_id, id, number, created_us, updated_us)"
        " VALUES ($1, $2, $3, 1, 1)",
        "iii", ""};
    struct base *b = arg;
    struct merchant m = {.slug = "shop",
                         .name = "Shop",
                         .currency = "EUR",
                         .language = "en",
                         .time_zone = "Europe/Paris",
                         .country = "FR"};
    enum err e = merchant_create(tx, &m, &b->merchant_id, NULL);
    struct db_value *values = arena_array(db_arena(tx), struct db_value, CUSTOMERS * 3);
    for (int i = 0; i < CUSTOMERS; i++) {
        b->customers[i] = id_new();
        values[3 * i] = db_i(b->merchant_id);
        values[3 * i + 1] = db_i(b->customers[i]);
        values[3 * i + 2] = db_i(i + 1);
    }
    if (e == OK)
        e = db_exec_many(tx, &add, values, 3, CUSTOMERS);
    return e == OK ? db_free_text(tx, tables, "", NULL) : e;
}

static void open_base(struct base *b, const char *url)
{
    struct problem p = {0};
    int applied;
    if (db_open(url, &(struct db_options){.create = true}, b->arena, &b->db, &p) ||
        db_migrate(b->db, migrations, migrations_count, b->arena, &applied, &p)) {
        fprintf(stderr, "%s: %s\n", p.code, p.cause ? p.cause : "");
        exit(1);
    }
    check(db_write(b->db, fill, b) == OK);
}

static void our_clients(const struct base *b, struct client *all)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        all[i] = (struct client){.one = one_credit,
                                 .db = b->db,
                                 .merchant_id = b->merchant_id,
                                 .customers = b->customers,
                                 .arena = arena_new()};
}

static void free_clients(struct client *all)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        free(all[i].took_us);
        if (all[i].arena)
            arena_free(&all[i].arena);
        if (all[i].pg)
            PQfinish(all[i].pg);
    }
}

/* ---- SQLite ---- */

static bool one_sqlite_row(struct client *c)
{
    sqlite3_bind_int64(c->statement, 1, id_new());
    sqlite3_bind_int64(c->statement, 2, random_of(c, CUSTOMERS));
    return sqlite3_step(c->statement) == SQLITE_DONE && sqlite3_reset(c->statement) == SQLITE_OK;
}

static void on_sqlite(struct arena *a)
{
    static struct base b;
    static struct client ours[CLIENTS_MAX];
    struct client own = {.one = one_sqlite_row};
    struct figures figures[CASES] = {0}, engine = {0};
    const char *tmp = getenv("TMPDIR");
    char *folder = arena_printf(a, "%s/loyalty-bench.XXXXXX", tmp ? tmp : "/tmp");
    check(mkdtemp(folder));
    const char *path = arena_printf(a, "%s/bench.db", folder);
    b.arena = a;
    open_base(&b, path);
    our_clients(&b, ours);
    check(sqlite3_open(path, &own.sqlite) == SQLITE_OK);
    sqlite3_busy_timeout(own.sqlite, 5000);
    check(sqlite3_exec(own.sqlite, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(own.sqlite, insert, -1, &own.statement, NULL) == SQLITE_OK);
    for (int round = 0; round < ROUNDS; round++) {
        run_clients(&own, 1, &engine, round);
        for (int i = 0; i < CASES; i++)
            run_clients(ours, clients[i], &figures[i], round);
    }
    double rate = tell("SQLite itself, one insert a commit", 1, &engine, 0);
    for (int i = 0; i < CASES; i++)
        tell("SQLite, credits", clients[i], &figures[i], rate);
    sqlite3_finalize(own.statement);
    sqlite3_close(own.sqlite);
    free(own.took_us);
    free_clients(ours);
    db_close(&b.db);
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        unlink(arena_printf(a, "%s%s", path, ends[i]));
    rmdir(folder);
}

/* ---- PostgreSQL ---- */

static bool one_postgres_row(struct client *c)
{
    char id[24], customer[24];
    const char *values[] = {id, customer};
    snprintf(id, sizeof id, "%lld", (long long)id_new());
    snprintf(customer, sizeof customer, "%lld", (long long)random_of(c, CUSTOMERS));
    PGresult *r = PQexecPrepared(c->pg, "bench", 2, values, NULL, NULL, 0);
    bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    return good;
}

static void run_sql(const char *url, const char *sql)
{
    PGconn *pg = PQconnectdb(url);
    PGresult *r = PQexec(pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s", PQerrorMessage(pg));
        exit(1);
    }
    PQclear(r);
    PQfinish(pg);
}

static void engine_clients(const char *url, struct client *all)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        all[i] = (struct client){.one = one_postgres_row, .pg = PQconnectdb(url)};
        PGresult *r = PQprepare(all[i].pg, "bench", insert, 2, NULL);
        check(PQresultStatus(r) == PGRES_COMMAND_OK);
        PQclear(r);
    }
}

static void on_postgresql(const char *server, struct arena *a)
{
    static struct base b;
    static struct client ours[CLIENTS_MAX], own[CLIENTS_MAX];
    struct figures figures[CASES] = {0}, engine[CASES] = {0};
    const char *schema = arena_printf(a, "bench%lld", (long long)id_new());
    const char *url = arena_printf(a, "%s%coptions=-csearch_path%%3D%s", server,
                                   strchr(server, '?') ? '&' : '?', schema);
    run_sql(server, arena_printf(a, "CREATE SCHEMA %s", schema));
    b.arena = a;
    open_base(&b, url);
    our_clients(&b, ours);
    engine_clients(url, own);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < CASES; i++) {
            run_clients(own, clients[i], &engine[i], round);
            run_clients(ours, clients[i], &figures[i], round);
        }
    for (int i = 0; i < CASES; i++) {
        double rate = tell("PostgreSQL itself, one insert", clients[i], &engine[i], 0);
        tell("PostgreSQL, credits", clients[i], &figures[i], rate);
    }
    free_clients(ours);
    free_clients(own);
    db_close(&b.db);
    run_sql(server,
            arena_printf(a, "SET client_min_messages = warning; DROP SCHEMA %s CASCADE", schema));
}

int main(void)
{
    struct arena *a = arena_new();
    const char *server = getenv("HABITUE_TEST_PG");
    on_sqlite(a);
    if (server && *server)
        on_postgresql(server, a);
    arena_free(&a);
    return 0;
}
