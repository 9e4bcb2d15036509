#include "sqlite.h"
#include "../base/log.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUSY_TIMEOUT_MS = 15000 };

enum err sqlite_failed(struct sqlite_connection *c, int rc, const char *statement)
{
    switch (rc & 0xFF) {
    case SQLITE_CONSTRAINT:
        if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
            rc == SQLITE_CONSTRAINT_FOREIGNKEY || rc == SQLITE_CONSTRAINT_ROWID)
            return ERR_CONFLICT;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    }
    /* Logged here: only here is the cause known, and the caller's error has no room for it. */
    log_event(LOG_ERROR, "db_failed", "statement", statement, "cause", sqlite3_errmsg(c->db), NULL);
    switch (rc & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
        return ERR_IO;
    }
    return ERR_INTERNAL;
}

int sqlite_run(struct sqlite_connection *c, const char *sql)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL);
}

/* The base holds people's data: only its owner reads the file. SQLite gives -wal and -shm the same.
 */
static void create_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

static int set_up(struct sqlite_connection *c, bool read_only)
{
    static const char common[] = "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
                                 "PRAGMA foreign_keys = ON;";
    /* foreign_keys and synchronous belong to the connection, journal_mode to the file. A checkpoint
     * every 16 MiB: larger than SQLite's own 4, since each one costs two more fsyncs. */
    static const char writer[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;"
        "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536;";
    static const char reader[] = "PRAGMA query_only = ON; PRAGMA cache_size = -16384;";
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    int rc = sqlite_run(c, common);
    return rc ? rc : sqlite_run(c, read_only ? reader : writer);
}

/* A folder where no shared memory is to be had (a network mount) leaves another journal mode. */
static bool in_wal(struct sqlite_connection *c)
{
    sqlite3_stmt *stmt = NULL;
    bool wal = sqlite3_prepare_v2(c->db, "PRAGMA journal_mode", -1, &stmt, NULL) == SQLITE_OK &&
               sqlite3_step(stmt) == SQLITE_ROW &&
               strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
    sqlite3_finalize(stmt);
    return wal;
}

enum err sqlite_connect(const char *path, bool create, bool read_only, struct arena *a,
                        struct sqlite_connection **ret, const char **ret_why)
{
    struct sqlite_connection *c = calloc(1, sizeof(*c));
    check(c);
    c->arena = arena_new();
    if (create)
        create_private(path);
    int rc = sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = set_up(c, read_only);
    if (rc == SQLITE_OK && in_wal(c)) {
        *ret = c;
        return OK;
    }
    *ret_why = rc == SQLITE_OK ? "write-ahead logging is not possible there"
                               : arena_cstr(a, str_c(sqlite3_errmsg(c->db)));
    sqlite_disconnect(c);
    return ERR_IO;
}

static void finalize(void *stmt)
{
    sqlite3_finalize(stmt);
}

void sqlite_disconnect(struct sqlite_connection *c)
{
    if (!c)
        return;
    cache_free(&c->cache, finalize);
    arena_free(&c->arena);
    sqlite3_close(c->db);
    free(c);
}

/* Takes the statement for use; *ret_cached false: to be finalized after. */
static int prepare(struct sqlite_connection *c, const struct db_statement *st, sqlite3_stmt **ret,
                   bool *ret_cached)
{
    struct cache_entry *e = cache_find(&c->cache, st);
    if (e->prepared && e->sql != st->sql && !e->busy) {
        sqlite3_finalize(e->prepared);
        e->prepared = NULL;
        e->sql = st->sql;
    }
    if (e->prepared && !e->busy) {
        e->busy = true;
        *ret = e->prepared;
        *ret_cached = true;
        return SQLITE_OK;
    }
    /* New, or its rows are being read by an outer loop of the same transaction. */
    *ret_cached = !e->prepared;
    int rc = sqlite3_prepare_v3(c->db, st->sql, -1, *ret_cached ? SQLITE_PREPARE_PERSISTENT : 0,
                                ret, NULL);
    if (rc == SQLITE_OK && *ret_cached) {
        e->prepared = *ret;
        e->busy = true;
    }
    return rc;
}

static void release(struct sqlite_connection *c, const struct db_statement *st, sqlite3_stmt *stmt,
                    bool cached)
{
    if (!cached) {
        sqlite3_finalize(stmt);
        return;
    }
    sqlite3_reset(stmt);
    cache_find(&c->cache, st)->busy = false;
}

/* "$1" stands where it first appears; db_verify() asserts that the order is 1, 2, 3… */
static int bind(sqlite3_stmt *stmt, const char *params, const struct db_value *values)
{
    for (int i = 0; params[i]; i++) {
        const struct db_value *v = &values[i];
        int rc = SQLITE_OK;
        switch (v->type) {
        case 'i':
            rc = sqlite3_bind_int64(stmt, i + 1, v->i);
            break;
        case 'r':
            rc = sqlite3_bind_double(stmt, i + 1, v->r);
            break;
        case 't':
            rc = sqlite3_bind_text64(stmt, i + 1, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case 'b':
            rc = sqlite3_bind_blob64(stmt, i + 1, v->s.n ? v->s.p : "", v->s.n, SQLITE_STATIC);
            break;
        default:
            rc = sqlite3_bind_null(stmt, i + 1);
        }
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static enum err exec_many(struct db_tx *tx, const struct db_statement *st,
                          const struct db_value *values, size_t n, size_t rows)
{
    struct sqlite_connection *c = ((struct sqlite_tx *)tx)->c;
    sqlite3_stmt *stmt = NULL;
    bool cached;
    int rc = prepare(c, st, &stmt, &cached);
    if (rc != SQLITE_OK)
        return sqlite_failed(c, rc, st->name);
    for (size_t i = 0; i < rows && rc == SQLITE_OK; i++) {
        rc = bind(stmt, st->params, values + i * n);
        if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_DONE)
            rc = sqlite3_reset(stmt);
    }
    enum err err = rc == SQLITE_OK ? OK : sqlite_failed(c, rc, st->name);
    release(c, st, stmt, cached);
    return err;
}

static enum err exec(struct db_tx *tx, const struct db_statement *st, int64_t *ret_changed,
                     const struct db_value *values)
{
    struct sqlite_connection *c = ((struct sqlite_tx *)tx)->c;
    enum err err = exec_many(tx, st, values, 0, 1);
    if (!err)
        *ret_changed = sqlite3_changes64(c->db);
    return err;
}

static enum err script(struct db_tx *tx, const char *sql)
{
    struct sqlite_connection *c = ((struct sqlite_tx *)tx)->c;
    int rc = sqlite_run(c, sql);
    return rc == SQLITE_OK ? OK : sqlite_failed(c, rc, "script");
}

/* How far apart the values of a row stand. SQLite has them in one array, so that a row's first
 * value leads to the others, and asking for each anew costs as much as reading it. Nothing promises
 * that array: where the first row's values do not stand evenly, 0, and each is asked for. */
static ptrdiff_t spacing(sqlite3_stmt *stmt, int n)
{
    const char *first = (const char *)sqlite3_column_value(stmt, 0);
    ptrdiff_t apart = n > 1 ? (const char *)sqlite3_column_value(stmt, 1) - first : 0;

    for (int i = 2; i < n; i++)
        if ((const char *)sqlite3_column_value(stmt, i) - first != i * apart)
            return 0;
    return apart;
}

static enum err query(struct db_rows *rows, const struct db_statement *st,
                      const struct db_value *values, bool cached, bool scan)
{
    struct sqlite_rows *r = (struct sqlite_rows *)rows;
    struct sqlite_connection *c = ((struct sqlite_tx *)rows->tx)->c;
    int rc = cached ? prepare(c, st, &r->stmt, &cached)
                    : sqlite3_prepare_v2(c->db, st->sql, -1, &r->stmt, NULL);
    if (rc != SQLITE_OK)
        return sqlite_failed(c, rc, st->name);
    r->st = cached ? st : NULL;
    if (sqlite3_column_count(r->stmt) != rows->ncolumns) {
        log_event(LOG_ERROR, "db_failed", "statement", st->name, "cause", "number of columns",
                  NULL);
        return ERR_INTERNAL;
    }
    rc = bind(r->stmt, st->params, values);
    /* The first step is made here, so that INSERT … RETURNING runs even if nobody reads its rows.
     */
    if (rc == SQLITE_OK)
        rc = sqlite3_step(r->stmt);
    r->first = rc == SQLITE_ROW;
    r->ended = rc == SQLITE_DONE;
    r->spacing = scan && r->first ? spacing(r->stmt, rows->ncolumns) : 0;
    return r->first || r->ended ? OK : sqlite_failed(c, rc, st->name);
}

/* Through sqlite3_value: a scan of a million rows asks tens of millions of times, and this costs
 * half of sqlite3_column_*(). It is allowed because a connection is one thread's at a time
 * (SQLITE_OPEN_NOMUTEX, "Protected And Unprotected sqlite3_value"). Texts are taken as bytes:
 * nobody needs a NUL behind them. NULL reads as 0 and as no bytes, so that its type is asked for
 * only then. */
static void take_value(sqlite3_value *value, char type, struct db_value *ret)
{
    bool told; /* that it is not NULL */

    ret->type = type;
    if (type == 'i') {
        ret->i = sqlite3_value_int64(value);
        told = ret->i != 0;
    } else if (type == 'r') {
        ret->r = sqlite3_value_double(value);
        told = ret->r != 0;
    } else {
        const char *p = sqlite3_value_blob(value);
        told = p != NULL;
        ret->s = (struct str){p ? p : "", p ? (size_t)sqlite3_value_bytes(value) : 0};
    }
    if (!told && sqlite3_value_type(value) == SQLITE_NULL)
        ret->type = 'n';
}

static void take_row(struct sqlite_rows *r)
{
    const char *columns = r->rows.columns;
    struct db_value *values = r->rows.values;
    int n = r->rows.ncolumns;

    if (!r->spacing) {
        for (int i = 0; i < n; i++)
            take_value(sqlite3_column_value(r->stmt, i), columns[i], &values[i]);
        return;
    }
    char *value = (char *)sqlite3_column_value(r->stmt, 0);
    for (int i = 0; i < n; i++)
        take_value((sqlite3_value *)(value + i * r->spacing), columns[i], &values[i]);
}

static bool next(struct db_rows *rows)
{
    struct sqlite_rows *r = (struct sqlite_rows *)rows;
    struct sqlite_connection *c = ((struct sqlite_tx *)rows->tx)->c;
    if (r->ended)
        return false;
    int rc = r->first ? SQLITE_ROW : sqlite3_step(r->stmt);
    r->first = false;
    if (rc != SQLITE_ROW) {
        r->ended = true;
        if (rc != SQLITE_DONE)
            rows->err = sqlite_failed(c, rc, r->st ? r->st->name : "free_text");
        return false;
    }
    take_row(r);
    return true;
}

static void done(struct db_rows *rows)
{
    struct sqlite_rows *r = (struct sqlite_rows *)rows;
    if (r->stmt)
        release(((struct sqlite_tx *)rows->tx)->c, r->st, r->stmt, r->st != NULL);
}

/* NULL: none is idle, and it was not to wait. */
static struct sqlite_connection *borrow(struct sqlite *s, bool wait)
{
    pthread_mutex_lock(&s->mutex);
    check(!s->closing);
    s->readers_waiting++;
    while (wait && !s->idle)
        pthread_cond_wait(&s->returned, &s->mutex);
    s->readers_waiting--;
    struct sqlite_connection *c = s->idle;
    if (c) {
        s->idle = c->next;
        s->readers_out++;
    }
    pthread_mutex_unlock(&s->mutex);
    return c;
}

static void give_back(struct sqlite *s, struct sqlite_connection *c)
{
    pthread_mutex_lock(&s->mutex);
    c->next = s->idle;
    s->idle = c;
    s->readers_out--;
    pthread_cond_signal(&s->returned);
    pthread_mutex_unlock(&s->mutex);
}

static enum err read_tx(struct db *db, db_fn fn, void *arg, bool wait)
{
    struct sqlite *s = (struct sqlite *)db;
    struct sqlite_tx t = {.c = borrow(s, wait)};
    if (!t.c)
        return ERR_BUSY;
    tx_begin(&t.tx, db, t.c->arena, false);
    int rc = sqlite_run(t.c, "BEGIN");
    enum err err = rc == SQLITE_OK ? tx_run(&t.tx, fn, arg) : sqlite_failed(t.c, rc, "begin");
    if (!sqlite3_get_autocommit(t.c->db))
        sqlite_run(t.c, "ROLLBACK");
    tx_end(&t.tx);
    arena_reset(t.c->arena);
    give_back(s, t.c);
    return err;
}

static enum err copy_into(struct sqlite_connection *c, const char *path)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(c->db, "VACUUM INTO ?1", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && sqlite3_step(stmt) != SQLITE_DONE)
        rc = sqlite3_errcode(c->db);
    enum err err = rc == SQLITE_OK ? OK : sqlite_failed(c, rc, "copy");
    sqlite3_finalize(stmt);
    return err;
}

/* By a connection of its own: those that read may not write, not even elsewhere. */
static enum err copy(struct db *db, const char *path)
{
    struct sqlite *s = (struct sqlite *)db;
    struct arena *a cleanup(arena_free) = arena_new();
    struct sqlite_connection *reader = borrow(s, true), *c;
    const char *from = arena_cstr(a, str_c(sqlite3_db_filename(reader->db, "main"))), *why;
    give_back(s, reader);
    if (sqlite_connect(from, false, false, a, &c, &why) != OK)
        return ERR_IO;
    enum err err = copy_into(c, path);
    sqlite_disconnect(c);
    return err;
}

static struct db_load load(struct db *db)
{
    struct sqlite *s = (struct sqlite *)db;
    pthread_mutex_lock(&s->mutex);
    struct db_lane reads = {s->readers, s->readers_out, s->readers_waiting};
    pthread_mutex_unlock(&s->mutex);
    return (struct db_load){reads, writer_load(s->writer)};
}

static bool decltype_fits(const char *declared, char type)
{
    if (!declared) /* an expression has none */
        return true;
    switch (type) {
    case 'i':
        return strcmp(declared, "BIGINT") == 0;
    case 'r':
        return strcmp(declared, "DOUBLE PRECISION") == 0;
    case 't':
        return strcmp(declared, "TEXT") == 0;
    default:
        return strcmp(declared, "BYTEA") == 0;
    }
}

static const char *mismatch(sqlite3_stmt *stmt, const struct db_statement *st, struct arena *a)
{
    int n = (int)strlen(st->params), columns = (int)strlen(st->columns);
    if (sqlite3_bind_parameter_count(stmt) != n)
        return arena_printf(a, "%d parameters, not %d", sqlite3_bind_parameter_count(stmt), n);
    for (int i = 1; i <= n; i++) {
        const char *name = sqlite3_bind_parameter_name(stmt, i);
        if (!name || strcmp(name, arena_printf(a, "$%d", i)) != 0)
            return arena_printf(a, "parameter %d is %s: number them as they appear", i,
                                name ? name : "nameless");
    }
    if (sqlite3_column_count(stmt) != columns)
        return arena_printf(a, "%d columns, not %d", sqlite3_column_count(stmt), columns);
    for (int i = 0; i < columns; i++) {
        const char *declared = sqlite3_column_decltype(stmt, i);
        if (!decltype_fits(declared, st->columns[i]))
            return arena_printf(a, "column %d is %s, not %c", i, declared, st->columns[i]);
    }
    return NULL;
}

static enum err verify(struct db *db, const struct db_statement *st, struct arena *a,
                       const char **ret_why)
{
    struct sqlite *s = (struct sqlite *)db;
    struct sqlite_connection *c = borrow(s, true);
    sqlite3_stmt *stmt = NULL;
    const char *why = NULL;
    if (sqlite3_prepare_v2(c->db, st->sql, -1, &stmt, NULL) != SQLITE_OK)
        why = arena_cstr(a, str_c(sqlite3_errmsg(c->db)));
    else
        why = mismatch(stmt, st, a);
    sqlite3_finalize(stmt);
    give_back(s, c);
    if (why)
        *ret_why = why;
    return why ? ERR_INVALID : OK;
}

/* BEGIN IMMEDIATE and asking again inside are enough. */
static enum err lock(struct db *db, void **ret_lock)
{
    (void)db;
    *ret_lock = NULL;
    return OK;
}

static void unlock(void *held)
{
    (void)held;
}

static void close_db(struct db *db)
{
    struct sqlite *s = (struct sqlite *)db;
    if (s->writer)
        writer_stop(s->writer);
    pthread_mutex_lock(&s->mutex);
    s->closing = true;
    while (s->readers_out)
        pthread_cond_wait(&s->returned, &s->mutex);
    pthread_mutex_unlock(&s->mutex);
    while (s->idle) {
        struct sqlite_connection *c = s->idle;
        s->idle = c->next;
        sqlite_disconnect(c);
    }
    pthread_cond_destroy(&s->returned);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

static const size_t rows_size = sizeof(struct sqlite_rows);

const struct engine sqlite_engine = {
    .kind = DB_SQLITE,
    .rows_size = &rows_size,
    .close = close_db,
    .read = read_tx,
    .write = writer_write,
    .load = load,
    .copy = copy,
    .exec = exec,
    .exec_many = exec_many,
    .query = query,
    .next = next,
    .done = done,
    .script = script,
    .verify = verify,
    .lock = lock,
    .unlock = unlock,
};

enum err sqlite_open(const char *path, const struct db_options *o, struct arena *a, struct db **ret,
                     struct problem *p)
{
    const char *why = "";
    struct sqlite_connection *c;
    if (sqlite_connect(path, o->create, false, a, &c, &why))
        return cannot_open(p, a, path, why);
    struct sqlite *s = calloc(1, sizeof(*s));
    check(s);
    s->db.engine = &sqlite_engine;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->returned, NULL);
    enum err err = writer_start(&s->db, c, &s->writer);
    if (err)
        sqlite_disconnect(c);
    for (int i = 0; i < o->read_connections && !err; i++) {
        err = sqlite_connect(path, false, true, a, &c, &why);
        if (!err) {
            c->next = s->idle;
            s->idle = c;
            s->readers++;
        }
    }
    if (err) {
        close_db(&s->db);
        return cannot_open(p, a, path, why);
    }
    *ret = &s->db;
    return OK;
}
