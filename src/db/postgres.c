#include "postgres.h"
#include "../base/log.h"
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

/* Types by their fixed numbers in pg_type.dat. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NAME = 19,
    OID_VARCHAR = 1043
};
enum { PARAMS_MAX = 128, CHUNK_ROWS = 2000, PIPELINE_ROWS = 500, COPY_ROWS = 8 };

struct pg_prepared {
    char name[16];
};

struct pg_rows {
    struct db_rows rows;
    const char *name; /* of the statement, for the log */
    PGresult *result;
    int row, nrows;
    unsigned cursor; /* 0: everything is in `result` */
};
const size_t pg_rows_size = sizeof(struct pg_rows);

static struct pg_connection *connection(struct db_tx *tx)
{
    return ((struct pg_tx *)tx)->c;
}

struct pg_connection *pg_connection_new(void)
{
    struct pg_connection *c = calloc(1, sizeof(*c));
    check(c);
    c->arena = arena_new();
    return c;
}

static void quiet(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result; /* notices ("table exists already, skipping") are no news */
}

bool pg_run(struct pg_connection *c, const char *sql)
{
    PGresult *result = PQexec(c->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

bool pg_connect(struct pg_connection *c, const char *url, struct arena *a, const char **ret_why)
{
    /* Scans read to the end, so cursors are planned for all their rows. A session that hangs in a
     * transaction, or waits for a lock, gives up rather than stop everybody. */
    static const char set_up[] =
        "SET cursor_tuple_fraction = 1; SET idle_in_transaction_session_timeout = '5min';"
        "SET lock_timeout = '30s'; SET client_min_messages = warning";
    /* What the address says comes last and wins. */
    static const char *const keys[] = {"connect_timeout",
                                       "client_encoding",
                                       "application_name",
                                       "keepalives_idle",
                                       "tcp_user_timeout",
                                       "dbname",
                                       NULL};
    const char *const values[] = {"10", "UTF8", "habitue", "30", "30000", url, NULL};
    cache_free(&c->cache, free);
    if (c->pg)
        PQfinish(c->pg);
    c->pg = PQconnectdbParams(keys, values, 1);
    check(c->pg);
    PQsetNoticeReceiver(c->pg, quiet, NULL);
    if (PQstatus(c->pg) == CONNECTION_OK && pg_run(c, set_up))
        return true;
    if (a)
        *ret_why = arena_cstr(a, str_c(PQerrorMessage(c->pg)));
    return false;
}

void pg_connection_free(struct pg_connection *c)
{
    if (!c)
        return;
    cache_free(&c->cache, free);
    PQfinish(c->pg);
    arena_free(&c->arena);
    free(c);
}

enum err pg_failed(struct pg_tx *t, PGresult *result, const char *statement)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    enum err err = ERR_INTERNAL;
    if (!state || PQstatus(t->c->pg) == CONNECTION_BAD) {
        t->again = true; /* the connection was cut: another may work */
        err = ERR_IO;
    } else if (strcmp(state, "23505") == 0 || strcmp(state, "23503") == 0) {
        err = ERR_CONFLICT;
    } else if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0 ||
               strcmp(state, "55P03") == 0) {
        t->again = true;
        err = ERR_BUSY;
    } else if (str_starts(str_c(state), STR("53")) || str_starts(str_c(state), STR("57")) ||
               str_starts(str_c(state), STR("58"))) {
        err = ERR_IO; /* disk full, shut down, file errors */
    }
    if (err == ERR_INTERNAL || err == ERR_IO)
        log_event(LOG_ERROR, "db_failed", "statement", statement, "cause",
                  state ? PQresultErrorMessage(result) : PQerrorMessage(t->c->pg), "state",
                  state ? state : "", NULL);
    PQclear(result);
    return err;
}

static Oid oid(char type)
{
    return type == 'i' ? OID_INT8 : type == 'r' ? OID_FLOAT8 : type == 't' ? OID_TEXT : OID_BYTEA;
}

/* A row of values as libpq wants it, all in binary. */
struct bound {
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX], formats[PARAMS_MAX];
    uint64_t numbers[PARAMS_MAX];
};

/* False: a value is longer than the protocol can carry. */
static bool bind(struct bound *b, const char *params, const struct db_value *values)
{
    for (int i = 0; params[i]; i++) {
        const struct db_value *v = &values[i];
        b->formats[i] = 1;
        switch (v->type) {
        case 'i':
        case 'r': /* both are eight bytes of the same union */
            memcpy(&b->numbers[i], &v->i, 8);
            b->numbers[i] = htobe64(b->numbers[i]);
            b->values[i] = (const char *)&b->numbers[i];
            b->lengths[i] = 8;
            break;
        case 't':
        case 'b':
            if (v->s.n > INT32_MAX / 2)
                return false;
            b->values[i] = v->s.p ? v->s.p : "";
            b->lengths[i] = (int)v->s.n;
            break;
        default:
            b->values[i] = NULL;
            b->lengths[i] = 0;
        }
    }
    return true;
}

static PGresult *prepare_as(struct pg_connection *c, const char *name,
                            const struct db_statement *st)
{
    Oid types[PARAMS_MAX];
    int n = (int)strlen(st->params);
    check(n <= PARAMS_MAX);
    for (int i = 0; i < n; i++)
        types[i] = oid(st->params[i]);
    return PQprepare(c->pg, name, st->sql, n, types);
}

static enum err prepare(struct pg_tx *t, const struct db_statement *st, const char **ret_name)
{
    struct pg_connection *c = t->c;
    struct cache_entry *e = cache_find(&c->cache, st);
    struct pg_prepared *prepared = e->prepared;
    if (!prepared || e->sql != st->sql) {
        char name[16];
        snprintf(name, sizeof(name), "s%u", ++c->next_name);
        PGresult *result = prepare_as(c, name, st);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            return pg_failed(t, result, st->name);
        PQclear(result);
        if (!prepared)
            prepared = e->prepared = malloc(sizeof(*prepared));
        check(prepared);
        memcpy(prepared->name, name, sizeof(name));
        e->sql = st->sql;
    }
    *ret_name = prepared->name;
    return OK;
}

enum err pg_exec(struct db_tx *tx, const struct db_statement *st, int64_t *ret_changed,
                 const struct db_value *values)
{
    struct pg_tx *t = (struct pg_tx *)tx;
    const char *name;
    struct bound b;
    enum err err = prepare(t, st, &name);
    if (err)
        return err;
    if (!bind(&b, st->params, values))
        return ERR_TOO_LARGE;
    PGresult *result =
        PQexecPrepared(t->c->pg, name, (int)strlen(st->params), b.values, b.lengths, b.formats, 1);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return pg_failed(t, result, st->name);
    str_int64(str_c(PQcmdTuples(result)), ret_changed);
    PQclear(result);
    return OK;
}

/* Reads all answers up to the end of the pipeline; the first error counts. */
static enum err drain(struct pg_tx *t, const struct db_statement *st, enum err err)
{
    PGconn *pg = t->c->pg;
    for (bool synced = false; !synced;) {
        PGresult *result = PQgetResult(pg);
        if (!result) { /* the end of one statement's answer, or of the connection */
            if (PQstatus(pg) == CONNECTION_BAD)
                return err ? err : pg_failed(t, NULL, st->name);
            continue;
        }
        ExecStatusType status = PQresultStatus(result);
        synced = status == PGRES_PIPELINE_SYNC;
        if (status == PGRES_FATAL_ERROR && !err)
            err = pg_failed(t, result, st->name);
        else
            PQclear(result);
    }
    return err;
}

static enum err send_pipeline(struct pg_tx *t, const struct db_statement *st, const char *name,
                              const struct db_value *values, size_t n, size_t rows)
{
    PGconn *pg = t->c->pg;
    enum err err = OK;
    if (!PQenterPipelineMode(pg))
        return pg_failed(t, NULL, st->name);
    for (size_t i = 0; i < rows && !err; i++) {
        struct bound b;
        if (!bind(&b, st->params, values + i * n))
            err = ERR_TOO_LARGE;
        else if (!PQsendQueryPrepared(pg, name, (int)n, b.values, b.lengths, b.formats, 1))
            err = pg_failed(t, NULL, st->name);
    }
    if (PQpipelineSync(pg))
        err = drain(t, st, err);
    else if (!err)
        err = pg_failed(t, NULL, st->name);
    PQexitPipelineMode(pg);
    return err;
}

enum err pg_exec_many(struct db_tx *tx, const struct db_statement *st,
                      const struct db_value *values, size_t n, size_t rows)
{
    struct pg_tx *t = (struct pg_tx *)tx;
    const char *name;
    enum err err;
    t->rows += rows;
    if (rows >= COPY_ROWS && pg_copy(t, st, values, n, rows, &err))
        return err;
    err = prepare(t, st, &name);
    for (size_t from = 0; from < rows && !err; from += PIPELINE_ROWS) {
        size_t some = rows - from < PIPELINE_ROWS ? rows - from : PIPELINE_ROWS;
        err = send_pipeline(t, st, name, values + from * n, n, some);
    }
    return err;
}

enum err pg_script(struct db_tx *tx, const char *sql)
{
    struct pg_tx *t = (struct pg_tx *)tx;
    PGresult *result = PQexec(t->c->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        return pg_failed(t, result, "script");
    PQclear(result);
    return OK;
}

static bool type_fits(Oid type, char declared)
{
    switch (declared) {
    case 'i': /* literals and truth values are narrower than any column */
        return type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL;
    case 'r':
        return type == OID_FLOAT8 || type == OID_FLOAT4;
    case 't':
        return type == OID_TEXT || type == OID_VARCHAR || type == OID_NAME;
    default:
        return type == OID_BYTEA;
    }
}

static const char *columns_mismatch(const PGresult *result, const char *columns, struct arena *a)
{
    int n = (int)strlen(columns);
    if (PQnfields(result) != n)
        return arena_printf(a, "%d columns, not %d", PQnfields(result), n);
    for (int i = 0; i < n; i++)
        if (!type_fits(PQftype(result, i), columns[i]))
            return arena_printf(a, "column %d (%s) is of type %u, not %c", i, PQfname(result, i),
                                PQftype(result, i), columns[i]);
    return NULL;
}

/* Takes over the result: rows of the declared types, or an error. */
static enum err show(struct pg_rows *r, PGresult *result)
{
    struct db_tx *tx = r->rows.tx;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return pg_failed((struct pg_tx *)tx, result, r->name);
    const char *why = columns_mismatch(result, r->rows.columns, tx->arena);
    if (why) {
        log_event(LOG_ERROR, "db_failed", "statement", r->name, "cause", why, NULL);
        PQclear(result);
        return ERR_INTERNAL;
    }
    PQclear(r->result);
    r->result = result;
    r->row = 0;
    r->nrows = PQntuples(result);
    return OK;
}

static enum err fetch(struct pg_rows *r)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "FETCH %d FROM c%u", CHUNK_ROWS, r->cursor);
    return show(r, PQexecParams(connection(r->rows.tx)->pg, sql, 0, NULL, NULL, NULL, NULL, 1));
}

static enum err open_cursor(struct pg_rows *r, const struct db_statement *st, const struct bound *b)
{
    struct pg_tx *t = (struct pg_tx *)r->rows.tx;
    int n = (int)strlen(st->params);
    Oid types[PARAMS_MAX];
    for (int i = 0; i < n; i++)
        types[i] = oid(st->params[i]);
    unsigned cursor = ++t->c->next_name;
    const char *sql =
        arena_printf(t->tx.arena, "DECLARE c%u NO SCROLL CURSOR FOR %s", cursor, st->sql);
    PGresult *result = PQexecParams(t->c->pg, sql, n, types, b->values, b->lengths, b->formats, 1);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return pg_failed(t, result, st->name);
    PQclear(result);
    r->cursor = cursor;
    return fetch(r);
}

enum err pg_query(struct db_rows *rows, const struct db_statement *st,
                  const struct db_value *values, bool cached, bool scan)
{
    struct pg_rows *r = (struct pg_rows *)rows;
    struct pg_tx *t = (struct pg_tx *)rows->tx;
    struct bound b;
    r->name = st->name;
    check(strlen(st->params) <= PARAMS_MAX);
    if (!bind(&b, st->params, values))
        return ERR_TOO_LARGE;
    if (scan)
        return open_cursor(r, st, &b);
    int n = (int)strlen(st->params);
    if (!cached)
        return show(r, PQexecParams(t->c->pg, st->sql, n, NULL, b.values, b.lengths, b.formats, 1));
    const char *name;
    enum err err = prepare(t, st, &name);
    if (err)
        return err;
    return show(r, PQexecPrepared(t->c->pg, name, n, b.values, b.lengths, b.formats, 1));
}

/* A column in PostgreSQL's binary form. */
static struct db_value column(const PGresult *result, int row, int col, char type)
{
    if (PQgetisnull(result, row, col))
        return db_null();
    const char *p = PQgetvalue(result, row, col);
    size_t n = (size_t)PQgetlength(result, row, col);
    if (type == 't' || type == 'b')
        return (struct db_value){.type = type, .s = {p, n}};
    uint64_t bits = 0;
    for (size_t i = 0; i < n && i < 8; i++)
        bits = bits << 8 | (uint8_t)p[i];
    struct db_value v = {.type = type};
    if (type == 'r' && n == 4) {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, 4);
        v.r = (double)f;
    } else if (type == 'r') {
        memcpy(&v.r, &bits, 8);
    } else {
        unsigned unused = n < 8 ? 64 - 8 * (unsigned)n : 0; /* widen with the sign */
        v.i = n == 1 ? (int64_t)bits : (int64_t)(bits << unused) >> unused;
    }
    return v;
}

bool pg_next(struct db_rows *rows)
{
    struct pg_rows *r = (struct pg_rows *)rows;
    if (r->row == r->nrows && r->cursor && r->nrows == CHUNK_ROWS)
        rows->err = fetch(r);
    if (rows->err || r->row == r->nrows)
        return false;
    for (int i = 0; i < rows->ncolumns; i++)
        rows->values[i] = column(r->result, r->row, i, rows->columns[i]);
    r->row++;
    return true;
}

void pg_done(struct db_rows *rows)
{
    struct pg_rows *r = (struct pg_rows *)rows;
    PQclear(r->result);
    r->result = NULL;
    if (r->cursor && !rows->tx->failed && !rows->err) {
        char sql[32];
        snprintf(sql, sizeof(sql), "CLOSE c%u", r->cursor);
        pg_run(connection(rows->tx), sql);
    }
}

const char *pg_verify(struct pg_connection *c, const struct db_statement *st, struct arena *a)
{
    const char *why = NULL;
    int n = (int)strlen(st->params);
    PGresult *result = prepare_as(c, "", st);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        why = arena_cstr(a, str_c(PQresultErrorMessage(result)));
    } else {
        PQclear(result);
        result = PQdescribePrepared(c->pg, "");
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            why = arena_cstr(a, str_c(PQresultErrorMessage(result)));
        else if (PQnparams(result) != n)
            why = arena_printf(a, "%d parameters, not %d", PQnparams(result), n);
        else
            why = columns_mismatch(result, st->columns, a);
    }
    PQclear(result);
    return why;
}
