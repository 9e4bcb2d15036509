#include "engine.h"
#include "../base/log.h"
#include <stdio.h>
#include <stdlib.h>

enum err db_open(const char *url, const struct db_options *o, struct arena *a, struct db **ret,
                 struct problem *p)
{
    struct db_options options = o ? *o : (struct db_options){0};
    if (options.read_connections <= 0)
        options.read_connections = READ_CONNECTIONS;
    struct str s = str_c(url);
    if (str_starts(s, STR("postgresql://")) || str_starts(s, STR("postgres://")))
        return postgres_open(url, &options, a, ret, p);
    return sqlite_open(url, &options, a, ret, p);
}

void db_close(struct db **db)
{
    if (!db || !*db)
        return;
    (*db)->engine->close(*db);
    *db = NULL;
}

enum db_engine db_engine(const struct db *db)
{
    return db->engine->kind;
}

enum err db_copy(struct db *db, const char *path)
{
    return db->engine->copy ? db->engine->copy(db, path) : ERR_IO;
}

struct db_load db_load(struct db *db)
{
    return db->engine->load(db);
}

enum err cannot_open(struct problem *p, struct arena *a, const char *database, const char *cause)
{
    problem_set(p, a, ERR_IO, "db_cannot_open", NULL, "database", database, NULL);
    if (p)
        p->cause = arena_cstr(a, str_c(cause));
    return ERR_IO;
}

enum err db_read(struct db *db, db_fn fn, void *arg)
{
    return db->engine->read(db, fn, arg, true);
}

enum err db_read_beside(struct db *db, db_fn fn, void *arg)
{
    return db->engine->read(db, fn, arg, false);
}

enum err db_write_from(struct db *db, db_fn fn, void *arg, const char *file, int line)
{
    return db->engine->write(db, fn, arg, file, line);
}

void db_after_commit(struct db_tx *tx, void (*fn)(void *arg), void *arg)
{
    check(tx->writable);
    struct db_after *after = arena_make(tx->arena, struct db_after);
    *after = (struct db_after){.fn = fn, .arg = arg};
    *tx->after_end = after;
    tx->after_end = &after->next;
}

struct arena *db_arena(struct db_tx *tx)
{
    return tx->arena;
}

struct db *db_of(struct db_tx *tx)
{
    return tx->db;
}

void tx_begin(struct db_tx *tx, struct db *db, struct arena *a, bool writable)
{
    *tx = (struct db_tx){.db = db, .arena = a, .writable = writable};
    tx->after_end = &tx->after;
}

enum err tx_run(struct db_tx *tx, db_fn fn, void *arg)
{
    enum err err = fn(tx, arg);
    while (tx->open) {
        struct db_rows *r = tx->open;
        db_done(&r);
    }
    return err ? err : tx->failed;
}

void tx_after(struct db_tx *tx)
{
    for (struct db_after *after = tx->after; after; after = after->next)
        after->fn(after->arg);
}

void tx_end(struct db_tx *tx)
{
    while (tx->spare) {
        struct db_rows *r = tx->spare;
        tx->spare = r->next;
        free(r->values);
        free(r);
    }
}

void log_slow_write(const char *file, int line, int64_t us)
{
    if (us < SLOW_WRITE_MS * 1000LL)
        return;
    char at[256], ms[24];
    snprintf(at, sizeof(at), "%s:%d", file, line);
    snprintf(ms, sizeof(ms), "%lld", (long long)(us / 1000));
    log_event(LOG_WARN, "slow_write", "at", at, "ms", ms, NULL);
}

/* Values that do not fit their statement are a bug of the caller. */
static void check_values(const struct db_statement *st, const struct db_value *values, size_t n)
{
    check(strlen(st->params) == n);
    for (size_t i = 0; i < n; i++)
        check(values[i].type == st->params[i] || values[i].type == 'n');
}

static enum err note(struct db_tx *tx, enum err err)
{
    if (err && !tx->failed)
        tx->failed = err;
    return err;
}

enum err db_exec_values(struct db_tx *tx, const struct db_statement *st, int64_t *ret_changed,
                        const struct db_value *values, size_t n)
{
    check_values(st, values, n);
    check(!*st->columns);
    if (tx->failed)
        return tx->failed;
    int64_t changed = 0;
    enum err err = note(tx, tx->db->engine->exec(tx, st, &changed, values));
    if (!err && ret_changed)
        *ret_changed = changed;
    return err;
}

enum err db_exec_many(struct db_tx *tx, const struct db_statement *st,
                      const struct db_value *values, size_t n, size_t rows)
{
    check(!*st->columns);
    for (size_t i = 0; i < rows; i++)
        check_values(st, values + i * n, n);
    if (tx->failed || rows == 0)
        return tx->failed;
    return note(tx, tx->db->engine->exec_many(tx, st, values, n, rows));
}

static struct db_rows *rows_take(struct db_tx *tx, const char *columns)
{
    struct db_rows *r = tx->spare;
    if (r)
        tx->spare = r->next;
    else
        r = calloc(1, tx->db->engine->rows_size[0]);
    check(r);
    struct db_value *values = r->values;
    int capacity = r->capacity;
    memset(r, 0, tx->db->engine->rows_size[0]);
    r->tx = tx;
    r->columns = columns;
    r->ncolumns = (int)strlen(columns);
    if (r->ncolumns > capacity) {
        capacity = r->ncolumns < 16 ? 16 : r->ncolumns;
        values = realloc(values, (size_t)capacity * sizeof(*values));
        check(values);
    }
    r->values = values;
    r->capacity = capacity;
    r->next = tx->open;
    r->before = &tx->open;
    if (r->next)
        r->next->before = &r->next;
    tx->open = r;
    return r;
}

void db_done(struct db_rows **rows)
{
    if (!rows || !*rows)
        return;
    struct db_rows *r = *rows;
    struct db_tx *tx = r->tx;
    *rows = NULL;
    tx->db->engine->done(r);
    *r->before = r->next;
    if (r->next)
        r->next->before = r->before;
    r->next = tx->spare;
    tx->spare = r;
}

static enum err query(struct db_tx *tx, const struct db_statement *st, struct db_rows **ret,
                      const struct db_value *values, bool cached, bool scan)
{
    if (tx->failed)
        return tx->failed;
    struct db_rows *r = rows_take(tx, st->columns);
    enum err err = note(tx, tx->db->engine->query(r, st, values, cached, scan));
    if (err)
        db_done(&r);
    else
        *ret = r;
    return err;
}

enum err db_query_values(struct db_tx *tx, const struct db_statement *st, struct db_rows **ret,
                         const struct db_value *values, size_t n)
{
    check_values(st, values, n);
    return query(tx, st, ret, values, true, false);
}

enum err db_scan_values(struct db_tx *tx, const struct db_statement *st, struct db_rows **ret,
                        const struct db_value *values, size_t n)
{
    check_values(st, values, n);
    return query(tx, st, ret, values, true, true);
}

enum err rows_scan(struct db_tx *tx, const struct db_statement *st, struct db_rows **ret)
{
    return query(tx, st, ret, NULL, false, true);
}

enum err db_free_text(struct db_tx *tx, const char *sql, const char *columns, struct db_rows **ret)
{
    if (tx->failed)
        return tx->failed;
    if (!*columns)
        return note(tx, tx->db->engine->script(tx, sql));
    struct db_statement st = {.name = "free_text", .sql = sql, .params = "", .columns = columns};
    return query(tx, &st, ret, NULL, false, false);
}

bool db_next(struct db_rows *r)
{
    if (!r || r->err)
        return false;
    r->valid = r->tx->db->engine->next(r);
    if (!r->valid)
        note(r->tx, r->err);
    return r->valid;
}

enum err db_error(struct db_rows *r)
{
    return r ? r->err : OK;
}

static const struct db_value *at(const struct db_rows *r, int col, char type)
{
    check(r->valid && col >= 0 && col < r->ncolumns && r->columns[col] == type);
    return &r->values[col];
}

bool db_is_null(const struct db_rows *r, int col)
{
    check(r->valid && col >= 0 && col < r->ncolumns);
    return r->values[col].type == 'n';
}

int64_t db_int_or(const struct db_rows *r, int col, int64_t none)
{
    const struct db_value *v = at(r, col, 'i');
    return v->type == 'n' ? none : v->i;
}

int64_t db_int(const struct db_rows *r, int col)
{
    return db_int_or(r, col, 0);
}

double db_real(const struct db_rows *r, int col)
{
    const struct db_value *v = at(r, col, 'r');
    return v->type == 'n' ? 0 : v->r;
}

static struct str bytes(const struct db_rows *r, int col, char type)
{
    const struct db_value *v = at(r, col, type);
    return v->type == 'n' ? (struct str){"", 0} : v->s;
}

struct str db_text(const struct db_rows *r, int col)
{
    return bytes(r, col, 't');
}

struct str db_blob(const struct db_rows *r, int col)
{
    return bytes(r, col, 'b');
}

const struct db_value *db_values(const struct db_rows *r)
{
    check(r->valid);
    return r->values;
}

struct str db_text_in(const struct db_rows *r, int col, struct arena *a)
{
    return arena_str(a, bytes(r, col, 't'));
}

enum err db_query_int_values(struct db_tx *tx, const struct db_statement *st, int64_t *ret,
                             const struct db_value *values, size_t n)
{
    struct db_rows *r cleanup(db_done) = NULL;
    enum err err = db_query_values(tx, st, &r, values, n);
    if (err)
        return err;
    if (db_next(r)) {
        *ret = db_int(r, 0);
        return OK;
    }
    return db_error(r) ? db_error(r) : ERR_NOT_FOUND;
}

enum err db_verify(struct db *db, const struct db_statement *st, struct arena *a,
                   const char **ret_why)
{
    return db->engine->verify(db, st, a, ret_why);
}
