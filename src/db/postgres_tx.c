/* Pools and transactions. A write is serializable; PostgreSQL says when two do not go together
 * (40001, 40P01), and then the function simply runs again.
 *
 * Writes of one merchant often meet in one row (its change feed), and would mostly undo one
 * another. So when two collide, the writes of this process share transactions for a while
 * (group.h): `lane` is held shared by a write that has its own, exclusively by a group. The while
 * is the longer, the sooner they collide after it. */
#include "../base/day.h"
#include "../base/log.h"
#include "postgres.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    WRITE_CONNECTIONS = 8,
    TRY_FOR_US = 20 * 1000000, /* then ERR_BUSY */
    BACKOFF_FIRST_US = 500,
    BACKOFF_MAX_US = 50000,
    CUT_TRIES = 5, /* connections that break before anything was committed */
    TOGETHER_FIRST_US = 100000,
    TOGETHER_MAX_US = 3200000,
    TOGETHER_AGAIN_US =
        1000000, /* who collides sooner after a while together is longer together next time */
    ANALYZE_FIRST = 2000, /* rows */
    ANALYZE_FACTOR = 5,
    ANALYZE_LAST = 2000000, /* from then on autovacuum knows enough */
};
/* Any number that no other program uses for pg_advisory_lock(). */
static const char lock_sql[] = "SELECT pg_advisory_lock(5206163281470251)";

static void pool_init(struct pg_pool *pool)
{
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->returned, NULL);
}

/* ERR_BUSY: too many wait already, or none is idle and it was not to wait. */
static enum err borrow(struct pg_pool *pool, bool wait, struct pg_connection **ret)
{
    enum err err = OK;
    pthread_mutex_lock(&pool->mutex);
    check(!pool->closing);
    if (!pool->idle && (!wait || pool->waiting >= WAITING_MAX)) {
        err = ERR_BUSY;
    } else {
        pool->waiting++;
        while (!pool->idle)
            pthread_cond_wait(&pool->returned, &pool->mutex);
        pool->waiting--;
        *ret = pool->idle;
        pool->idle = pool->idle->next;
        pool->out++;
    }
    pthread_mutex_unlock(&pool->mutex);
    return err;
}

static void give_back(struct pg_pool *pool, struct pg_connection *c)
{
    pthread_mutex_lock(&pool->mutex);
    c->next = pool->idle;
    pool->idle = c;
    pool->out--;
    if (pool->closing)
        pthread_cond_broadcast(&pool->returned);
    else
        pthread_cond_signal(&pool->returned);
    pthread_mutex_unlock(&pool->mutex);
}

static struct db_lane pool_load(struct pg_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    struct db_lane lane = {pool->total, pool->out, pool->waiting};
    pthread_mutex_unlock(&pool->mutex);
    return lane;
}

static struct db_load load(struct db *db)
{
    struct postgres *pg = (struct postgres *)db;
    struct db_lane writes = pool_load(&pg->writers);
    writes.waiting += group_load(pg->group).waiting;
    return (struct db_load){pool_load(&pg->readers), writes};
}

static void pool_close(struct pg_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->closing = true;
    while (pool->out)
        pthread_cond_wait(&pool->returned, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    while (pool->idle) {
        struct pg_connection *c = pool->idle;
        pool->idle = c->next;
        pg_connection_free(c);
    }
    pthread_cond_destroy(&pool->returned);
    pthread_mutex_destroy(&pool->mutex);
}

/* Begins, on a connection that works. *ret_xid: PostgreSQL's name for the transaction, by which a
 * commit whose answer was lost can be asked for. */
static bool begin(struct postgres *pg, struct pg_connection *c, bool writable, char ret_xid[24])
{
    /* Reads need no serializable: a snapshot (repeatable read) is what db_read() promises. */
    const char *sql = writable ? "BEGIN ISOLATION LEVEL SERIALIZABLE;"
                                 "SELECT CAST(pg_current_xact_id() AS text)"
                               : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    for (int tries = 0; tries < 2; tries++) {
        /* The second time it was cut since it was last used. */
        if ((tries || PQstatus(c->pg) != CONNECTION_OK) && !pg_connect(c, pg->url, NULL, NULL))
            continue;
        PGresult *result = PQexec(c->pg, sql);
        ExecStatusType status = PQresultStatus(result);
        bool begun = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
        if (begun && writable)
            snprintf(ret_xid, 24, "%s", PQgetvalue(result, 0, 0));
        PQclear(result);
        if (begun)
            return true;
    }
    return false;
}

/* The connection broke while COMMIT was under way: what came of it? */
static enum err ask_outcome(struct postgres *pg, struct pg_connection *c, const char *xid)
{
    const char *values[] = {xid};
    for (int tries = 0; tries < 40; tries++, usleep(250000)) {
        if (PQstatus(c->pg) != CONNECTION_OK && !pg_connect(c, pg->url, NULL, NULL))
            continue;
        PGresult *result = PQexecParams(c->pg, "SELECT pg_xact_status(CAST($1 AS xid8))", 1, NULL,
                                        values, NULL, NULL, 0);
        bool known = PQresultStatus(result) == PGRES_TUPLES_OK && !PQgetisnull(result, 0, 0);
        char status[16] = "";
        if (known)
            snprintf(status, sizeof(status), "%s", PQgetvalue(result, 0, 0));
        PQclear(result);
        if (strcmp(status, "committed") == 0)
            return OK;
        if (strcmp(status, "aborted") == 0)
            return ERR_BUSY; /* nothing happened: to be repeated */
    }
    log_event(LOG_ERROR, "db_commit_unknown", "transaction", xid, NULL);
    return ERR_IO;
}

static enum err commit(struct postgres *pg, struct pg_tx *t, const char *xid)
{
    PGresult *result = PQexec(t->c->pg, "COMMIT");
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        /* A transaction that failed without our noticing is rolled back by COMMIT, and says so. */
        bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
        PQclear(result);
        return committed ? OK : ERR_INTERNAL;
    }
    if (PQstatus(t->c->pg) == CONNECTION_OK)
        return pg_failed(t, result, "commit");
    PQclear(result);
    enum err err = ask_outcome(pg, t->c, xid);
    t->again = err == ERR_BUSY;
    return err;
}

static bool begin_write(struct postgres *pg, struct pg_connection *c, char ret_xid[24])
{
    if (begin(pg, c, true, ret_xid))
        return true;
    log_event(LOG_ERROR, "db_failed", "statement", "begin", "cause", PQerrorMessage(c->pg), NULL);
    return false;
}

/* Commits, or rolls back what has failed. t->again: it is worth another try. */
static enum err end_write(struct postgres *pg, struct pg_tx *t, const char *xid, enum err err)
{
    if (!err)
        err = commit(pg, t, xid);
    else if (PQstatus(t->c->pg) == CONNECTION_OK)
        pg_run(t->c, "ROLLBACK");
    if (!err)
        atomic_fetch_add(&pg->rows_written, (int64_t)t->rows);
    return err;
}

/* A write with a transaction of its own. *ret_again: worth another try. */
static enum err write_once(struct postgres *pg, struct pg_connection *c, db_fn fn, void *arg,
                           bool *ret_again)
{
    struct pg_tx t = {.c = c};
    char xid[24];
    if (!begin_write(pg, c, xid))
        return ERR_IO;
    tx_begin(&t.tx, &pg->db, c->arena, true);
    enum err err = end_write(pg, &t, xid, tx_run(&t.tx, fn, arg));
    if (!err)
        tx_after(&t.tx);
    tx_end(&t.tx);
    arena_reset(c->arena);
    *ret_again = err && t.again;
    return err;
}

static void back_off(int tries)
{
    unsigned us = tries < 8 ? (unsigned)BACKOFF_FIRST_US << tries : BACKOFF_MAX_US;
    if (us > BACKOFF_MAX_US)
        us = BACKOFF_MAX_US;
    usleep(us / 2 + randombytes_uniform(us));
}

/* A base that was empty a moment ago is planned for as if it were: PostgreSQL takes the merchant
 * for a selective key and reads all of its rows, until autovacuum comes by, a minute later. An
 * import or the demo would crawl until then, so we ask for the statistics ourselves, ever less
 * often. */
static void learn(struct postgres *pg, struct pg_connection *c)
{
    int64_t at = atomic_load(&pg->analyze_at);
    if (at > ANALYZE_LAST || atomic_load(&pg->rows_written) < at ||
        !atomic_compare_exchange_strong(&pg->analyze_at, &at, at * ANALYZE_FACTOR))
        return;
    pg_run(c, "ANALYZE"); /* when it fails, autovacuum does it later */
}

/* Two writes collided: from now on they go together, for a while. */
static void go_together(struct postgres *pg)
{
    int64_t now_us = monotonic_us(), until_us = atomic_load(&pg->together_until_us);
    if (now_us < until_us) /* one that began before */
        return;
    int64_t last_us = atomic_load(&pg->together_us), us = last_us * 2;
    if (now_us - until_us > TOGETHER_AGAIN_US || last_us == 0)
        us = TOGETHER_FIRST_US;
    atomic_store(&pg->together_us, us < TOGETHER_MAX_US ? us : TOGETHER_MAX_US);
    atomic_store(&pg->together_until_us, now_us + atomic_load(&pg->together_us));
}

static enum err frame(struct pg_tx *t, const char *sql)
{
    PGresult *result = PQexec(t->c->pg, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return pg_failed(t, result, "savepoint");
    PQclear(result);
    return OK;
}

/* The group's writes, each in a savepoint, in the transaction of `t`. */
static enum err run_writes(struct postgres *pg, struct pg_tx *t, struct group *g)
{
    const char *next = "SAVEPOINT one";
    for (size_t i = 0; group_at(g, i); i++) {
        struct pg_tx *own = &pg->group_txs[i];
        *own = (struct pg_tx){.c = t->c};
        enum err err = next ? frame(t, next) : OK;
        if (err)
            return err;
        err = group_run(g, i, &own->tx);
        t->again = own->again;
        t->rows += own->rows;
        if (t->again)
            return err;
        next = err ? NULL : "RELEASE SAVEPOINT one; SAVEPOINT one";
        if (err && (err = frame(t, "ROLLBACK TO SAVEPOINT one")))
            return err;
    }
    return OK;
}

static enum err group_once(struct postgres *pg, struct pg_connection *c, struct group *g,
                           bool *ret_again)
{
    struct pg_tx t = {.c = c};
    char xid[24];
    if (!begin_write(pg, c, xid)) {
        group_take_all(g);
        return ERR_IO;
    }
    enum err err = end_write(pg, &t, xid, run_writes(pg, &t, g));
    *ret_again = err && t.again;
    return err;
}

static enum err run_group(struct group *g, void *engine)
{
    struct postgres *pg = engine;
    struct pg_connection *c;
    enum err err = borrow(&pg->writers, true, &c);
    if (err)
        return err;
    int64_t began_us = monotonic_us();
    int tries = 0, cuts = 0;
    for (bool again = true; again; tries++) {
        if (tries) { /* alone in this process, and still: another process is at it */
            group_again(g);
            back_off(tries);
        }
        again = false;
        pthread_rwlock_wrlock(&pg->lane);
        err = group_once(pg, c, g, &again);
        pthread_rwlock_unlock(&pg->lane);
        if (err == ERR_IO && ++cuts >= CUT_TRIES)
            again = false;
        if (monotonic_us() - began_us > TRY_FOR_US)
            again = false;
    }
    if (!err)
        learn(pg, c);
    give_back(&pg->writers, c);
    return err;
}

/* By itself; together with others when it collides, or while they do. */
static enum err write_either_way(struct postgres *pg, db_fn fn, void *arg, const char *file,
                                 int line)
{
    struct pg_connection *c;
    if (monotonic_us() < atomic_load(&pg->together_until_us))
        return group_write(pg->group, fn, arg, file, line);
    enum err err = borrow(&pg->writers, true, &c);
    if (err)
        return err;
    bool again = false;
    int64_t began_us = monotonic_us();
    pthread_rwlock_rdlock(&pg->lane);
    err = write_once(pg, c, fn, arg, &again);
    pthread_rwlock_unlock(&pg->lane);
    if (!err)
        learn(pg, c);
    give_back(&pg->writers, c);
    log_slow_write(file, line, monotonic_us() - began_us);
    if (!again)
        return err;
    if (err == ERR_BUSY)
        go_together(pg);
    return group_write(pg->group, fn, arg, file, line);
}

static enum err write_tx(struct db *db, db_fn fn, void *arg, const char *file, int line)
{
    struct postgres *pg = (struct postgres *)db;
    atomic_fetch_add(&pg->writing, 1);
    enum err err = write_either_way(pg, fn, arg, file, line);
    atomic_fetch_sub(&pg->writing, 1);
    return err;
}

static enum err read_tx(struct db *db, db_fn fn, void *arg, bool wait)
{
    struct postgres *pg = (struct postgres *)db;
    struct pg_connection *c;
    enum err err = borrow(&pg->readers, wait, &c);
    if (err)
        return err;
    struct pg_tx t = {.c = c};
    char unused[24];
    if (begin(pg, c, false, unused)) {
        tx_begin(&t.tx, db, c->arena, false);
        err = tx_run(&t.tx, fn, arg);
        tx_end(&t.tx);
        if (PQstatus(c->pg) == CONNECTION_OK)
            pg_run(c, "ROLLBACK");
        arena_reset(c->arena);
    } else {
        log_event(LOG_ERROR, "db_failed", "statement", "begin", "cause", PQerrorMessage(c->pg),
                  NULL);
        err = ERR_IO;
    }
    give_back(&pg->readers, c);
    return err;
}

static enum err verify(struct db *db, const struct db_statement *st, struct arena *a,
                       const char **ret_why)
{
    struct postgres *pg = (struct postgres *)db;
    struct pg_connection *c;
    enum err err = borrow(&pg->readers, true, &c);
    if (err)
        return err;
    const char *why = "no connection";
    if (PQstatus(c->pg) == CONNECTION_OK || pg_connect(c, pg->url, a, &why))
        why = pg_verify(c, st, a);
    give_back(&pg->readers, c);
    if (why)
        *ret_why = why;
    return why ? ERR_INVALID : OK;
}

/* A session of its own holds the lock: it goes with the connection, whatever happens to us. */
static enum err lock(struct db *db, void **ret_lock)
{
    struct pg_connection *c = pg_connection_new();
    if (pg_connect(c, ((struct postgres *)db)->url, NULL, NULL) &&
        pg_run(c, "SET lock_timeout = 0") && pg_run(c, lock_sql)) {
        *ret_lock = c;
        return OK;
    }
    log_event(LOG_ERROR, "db_failed", "statement", "lock", "cause", PQerrorMessage(c->pg), NULL);
    pg_connection_free(c);
    return ERR_IO;
}

static void unlock(void *held)
{
    pg_connection_free(held);
}

static void close_db(struct db *db)
{
    struct postgres *pg = (struct postgres *)db;
    while (atomic_load(&pg->writing)) /* one that collided is for a moment neither here nor there */
        usleep(1000);
    group_free(&pg->group);
    pool_close(&pg->readers);
    pool_close(&pg->writers);
    pthread_rwlock_destroy(&pg->lane);
    free(pg->url);
    free(pg);
}

const struct engine postgres_engine = {
    .kind = DB_POSTGRESQL,
    .rows_size = &pg_rows_size,
    .close = close_db,
    .read = read_tx,
    .write = write_tx,
    .load = load,
    .exec = pg_exec,
    .exec_many = pg_exec_many,
    .query = pg_query,
    .next = pg_next,
    .done = pg_done,
    .script = pg_script,
    .verify = verify,
    .lock = lock,
    .unlock = unlock,
};

/* The address without its password, for messages. */
static const char *shown(const char *url, struct arena *a)
{
    const char *host = strstr(url, "://");
    const char *at = host ? strchr(host + 3, '@') : NULL;
    const char *query = strchr(url, '?');
    int to = (int)(query ? (size_t)(query - url) : strlen(url));
    if (!at || (query && at > query))
        return arena_printf(a, "%.*s", to, url);
    return arena_printf(a, "postgresql://%.*s", (int)(url + to - at - 1), at + 1);
}

/* Who waits to be alone goes before those who come later: else nobody ever would be. */
static void lane_init(pthread_rwlock_t *lane)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lane, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

static void fill(struct pg_pool *pool, int n)
{
    for (int i = 0; i < n; i++) { /* connected when first used */
        struct pg_connection *c = pg_connection_new();
        c->next = pool->idle;
        pool->idle = c;
    }
    pool->total = n;
}

enum err postgres_open(const char *url, const struct db_options *o, struct arena *a,
                       struct db **ret, struct problem *p)
{
    const char *why = "";
    struct postgres *pg = calloc(1, sizeof(*pg));
    check(pg);
    pg->db.engine = &postgres_engine;
    pg->analyze_at = ANALYZE_FIRST;
    pg->url = strdup(url);
    check(pg->url);
    pool_init(&pg->readers);
    pool_init(&pg->writers);
    lane_init(&pg->lane);
    pg->group = group_new(&pg->db, run_group, pg);
    fill(&pg->readers, o->read_connections);
    fill(&pg->writers, WRITE_CONNECTIONS);
    if (!pg_connect(pg->readers.idle, url, a, &why)) {
        close_db(&pg->db);
        return cannot_open(p, a, shown(url, a), why);
    }
    *ret = &pg->db;
    return OK;
}
