#include "sql_engines.h"
#include "people.h"
#include "src/base/check.h"
#include <dlfcn.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What is used of DuckDB's C interface (duckdb.h), which comes as a library without its header. */
struct duck_result {
    uint64_t deprecated[3];
    void *deprecated_columns;
    char *deprecated_error;
    void *internal;
};
struct duck {
    int (*open)(const char *path, void **ret);
    int (*connect)(void *database, void **ret);
    int (*query)(void *connection, const char *sql, struct duck_result *ret);
    const char *(*error)(struct duck_result *r);
    int64_t (*int64)(struct duck_result *r, uint64_t column, uint64_t row);
    uint64_t (*rows)(struct duck_result *r);
    void (*destroy)(struct duck_result *r);
    void (*disconnect)(void **connection);
    void (*close)(void **database);
    void *database, *connection;
};

struct sql_engine {
    sqlite3 *lite;
    PGconn *pg;
    struct duck duck;
    FILE *lines; /* what DuckDB is to copy */
    char path[256];
};

#define TABLES(key, both)                                                                          \
    "CREATE TABLE customer (id BIGINT" key                                                         \
    ", first TEXT, last TEXT, name_key TEXT, email TEXT, phone TEXT,"                              \
    " city TEXT, gender SMALLINT, birth INTEGER, type SMALLINT, sms SMALLINT, email_consent "      \
    "SMALLINT, push SMALLINT,"                                                                     \
    " store SMALLINT, registered INTEGER, last_visit INTEGER, visits INTEGER, spent BIGINT);"      \
    "CREATE TABLE customer_tag (customer BIGINT, tag SMALLINT" both ");"
static const char tables[] = TABLES(" PRIMARY KEY", ", PRIMARY KEY (customer, tag)");
static const char tables_plain[] = TABLES("", ""); /* DuckDB scans; a key would only cost it time */
static const char indexes[] =
    "CREATE INDEX c_last_visit ON customer (last_visit); CREATE INDEX c_birth ON customer (birth);"
    "CREATE INDEX c_spent ON customer (spent); CREATE INDEX c_visits ON customer (visits);"
    "CREATE INDEX c_registered ON customer (registered); CREATE INDEX c_name ON customer (last, "
    "first, id);"
    "CREATE INDEX c_email ON customer (email); CREATE INDEX c_phone ON customer (phone);"
    "CREATE INDEX c_city ON customer (city); CREATE INDEX c_type ON customer (type);"
    "CREATE INDEX c_store ON customer (store); CREATE INDEX c_gender ON customer (gender);"
    "CREATE INDEX t_tag ON customer_tag (tag, customer);";
static const char trigrams[] =
    "CREATE EXTENSION IF NOT EXISTS pg_trgm;"
    "CREATE INDEX c_name_trgm ON customer USING gin (name_key gin_trgm_ops);"
    "CREATE INDEX c_email_trgm ON customer USING gin (email gin_trgm_ops);"
    "CREATE INDEX c_phone_trgm ON customer USING gin (phone gin_trgm_ops);";

static void stop(const struct sql_engine *e, const char *sql)
{
    const char *why = e->lite ? sqlite3_errmsg(e->lite) : e->pg ? PQerrorMessage(e->pg) : "failed";
    fprintf(stderr, "%s: %s: %.200s\n", sql_name(e), why, sql);
    exit(1);
}

static int64_t run_duck(struct sql_engine *e, const char *sql)
{
    struct duck_result r;
    if (e->duck.query(e->duck.connection, sql, &r) != 0) {
        const char *why = e->duck.error(&r);
        stop(e, why ? why : sql);
    }
    int64_t first = e->duck.rows(&r) ? e->duck.int64(&r, 0, 0) : 0;
    e->duck.destroy(&r);
    return first;
}

static void run_script(struct sql_engine *e, const char *sql)
{
    if (e->duck.connection) {
        run_duck(e, sql);
        return;
    }
    if (e->lite) {
        if (sqlite3_exec(e->lite, sql, NULL, NULL, NULL) != SQLITE_OK)
            stop(e, sql);
        return;
    }
    PGresult *r = PQexec(e->pg, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        stop(e, sql);
    PQclear(r);
}

static struct sql_engine *engine_new(const char *ending)
{
    struct sql_engine *e = calloc(1, sizeof(*e));
    const char *folder = getenv("TMPDIR");
    check(e);
    snprintf(e->path, sizeof(e->path), "%s/audience_bench.%d.%s", folder ? folder : "/tmp",
             (int)getpid(), ending);
    unlink(e->path);
    return e;
}

struct sql_engine *sql_open_sqlite(void)
{
    struct sql_engine *e = engine_new("db");
    if (sqlite3_open(e->path, &e->lite) != SQLITE_OK)
        stop(e, e->path);
    run_script(e,
               "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = 4000000000;"
               "PRAGMA cache_size = -1000000; PRAGMA case_sensitive_like = ON");
    return e;
}

struct sql_engine *sql_open_postgresql(const char *url)
{
    if (!url || !*url)
        return NULL;
    struct sql_engine *e = engine_new("pg");
    e->pg = PQconnectdb(url);
    if (PQstatus(e->pg) != CONNECTION_OK)
        stop(e, "connect");
    run_script(e, "SET client_min_messages = warning; SET work_mem = '256MB'; SET "
                  "maintenance_work_mem = '1GB';"
                  "SET jit = off; SET random_page_cost = 1.1; CREATE SCHEMA audience_bench;"
                  "SET search_path = audience_bench, public");
    return e;
}

struct sql_engine *sql_open_duckdb(const char *library)
{
    void *l = library && *library ? dlopen(library, RTLD_NOW) : NULL;
    if (!l) {
        if (library && *library)
            fprintf(stderr, "DuckDB: %s\n", dlerror());
        return NULL;
    }
    struct sql_engine *e = engine_new("tsv");
    const struct {
        const char *name;
        void *function; /* where its address goes */
    } names[] = {{"duckdb_open", &e->duck.open},
                 {"duckdb_connect", &e->duck.connect},
                 {"duckdb_query", &e->duck.query},
                 {"duckdb_result_error", &e->duck.error},
                 {"duckdb_value_int64", &e->duck.int64},
                 {"duckdb_row_count", &e->duck.rows},
                 {"duckdb_destroy_result", &e->duck.destroy},
                 {"duckdb_disconnect", &e->duck.disconnect},
                 {"duckdb_close", &e->duck.close}};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        void *f = dlsym(l, names[i].name);
        if (!f)
            stop(e, names[i].name);
        memcpy(names[i].function, &f, sizeof(f));
    }
    if (e->duck.open(NULL, &e->duck.database) != 0 ||
        e->duck.connect(e->duck.database, &e->duck.connection) != 0)
        stop(e, "open");
    run_duck(e, "SET threads = 2");
    return e;
}

void sql_close(struct sql_engine **ep)
{
    struct sql_engine *e = *ep;
    if (!e)
        return;
    unlink(e->path);
    if (e->lite) {
        sqlite3_close(e->lite);
    } else if (e->duck.connection) {
        e->duck.disconnect(&e->duck.connection);
        e->duck.close(&e->duck.database);
    } else {
        run_script(e, "DROP SCHEMA audience_bench CASCADE");
        PQfinish(e->pg);
    }
    free(e);
    *ep = NULL;
}

const char *sql_name(const struct sql_engine *e)
{
    return e->lite ? "SQLite" : e->pg ? "PostgreSQL" : "DuckDB";
}

static void add_text(struct buf *b, const char *s)
{
    buf_adds(b, *s ? s : "\\N");
    buf_addc(b, '\t');
}

static void add_day(struct buf *b, int32_t day)
{
    if (day == DAY_NONE)
        buf_adds(b, "\\N");
    else
        buf_int(b, day);
    buf_addc(b, '\t');
}

/* A line of COPY's text format, tab-separated; SQLite reads the same. */
static void add_customer(struct buf *b, const struct person *p, int type)
{
    struct buf folded;
    char name[64];
    buf_init(&folded, 256);
    snprintf(name, sizeof(name), "%s %s", p->first, p->last);
    text_fold_into(&folded, str_c(name));
    buf_printf(b, "%" PRId64 "\t", p->id);
    add_text(b, p->first);
    add_text(b, p->last);
    add_text(b, buf_cstr(&folded));
    add_text(b, p->email);
    add_text(b, p->phone);
    add_text(b, p->city);
    buf_printf(b, "%d\t", p->gender);
    add_day(b, p->birth);
    buf_printf(b, "%d\t%d\t%d\t%d\t%d\t", type, p->consent[0], p->consent[1], p->consent[2],
               p->store);
    add_day(b, p->registered);
    add_day(b, p->last_visit);
    buf_printf(b, "%d\t%" PRId64 "\n", p->visits, p->spent_minor);
    buf_free(&folded);
}

static void lite_line(struct sql_engine *e, sqlite3_stmt *st, char *line)
{
    int col = 1;
    for (char *field = line, *end; *field; field = end + 1, col++) {
        end = field + strcspn(field, "\t\n");
        bool null = end - field == 2 && field[0] == '\\';
        if (null)
            sqlite3_bind_null(st, col);
        else
            sqlite3_bind_text(st, col, field, (int)(end - field),
                              SQLITE_STATIC); /* affinity makes numbers */
    }
    if (sqlite3_step(st) != SQLITE_DONE)
        stop(e, "insert");
    sqlite3_reset(st);
}

static void send_lines(struct sql_engine *e, sqlite3_stmt *st, struct buf *b)
{
    if (e->lite)
        lite_line(e, st, b->p);
    else if (e->lines)
        check(fwrite(b->p, 1, b->n, e->lines) == b->n);
    else if (PQputCopyData(e->pg, b->p, (int)b->n) != 1)
        stop(e, "copy");
    b->n = 0;
}

static void begin_rows(struct sql_engine *e, const char *table, int columns, sqlite3_stmt **ret)
{
    char sql[256];
    if (e->duck.connection) {
        e->lines = fopen(e->path, "w");
        check(e->lines);
        return;
    }
    if (!e->lite) {
        snprintf(sql, sizeof(sql), "COPY %s FROM STDIN", table);
        PGresult *r = PQexec(e->pg, sql);
        if (PQresultStatus(r) != PGRES_COPY_IN)
            stop(e, sql);
        PQclear(r);
        return;
    }
    int n = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?", table);
    for (int i = 1; i < columns; i++)
        n += snprintf(sql + n, sizeof(sql) - (size_t)n, ",?");
    snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
    run_script(e, "BEGIN");
    if (sqlite3_prepare_v2(e->lite, sql, -1, ret, NULL) != SQLITE_OK)
        stop(e, sql);
}

static void end_rows(struct sql_engine *e, sqlite3_stmt *st, const char *table)
{
    if (e->lines) {
        char sql[512];
        check(fclose(e->lines) == 0);
        e->lines = NULL;
        snprintf(sql, sizeof(sql),
                 "COPY %s FROM '%s' (DELIMITER '\t', NULL '\\N', HEADER false, QUOTE '')", table,
                 e->path);
        run_duck(e, sql);
        return;
    }
    if (e->lite) {
        sqlite3_finalize(st);
        run_script(e, "COMMIT");
        return;
    }
    if (PQputCopyEnd(e->pg, NULL) != 1)
        stop(e, "copy");
    for (PGresult *r; (r = PQgetResult(e->pg)); PQclear(r))
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            stop(e, "copy");
}

static double send_customers(struct sql_engine *e, int64_t customers, struct audience *a)
{
    static struct person p;
    struct buf b;
    struct arena *arena = arena_new();
    sqlite3_stmt *st = NULL;
    const struct audience_viewer all = {0};
    struct audience_hit hit;
    buf_init(&b, 1 << 20);
    begin_rows(e, "customer", 18, &st);
    for (int64_t id = 1; id <= customers; id++) {
        person_make(id, &p);
        check(audience_get(a, &all, id, arena, &hit) == OK);
        add_customer(&b, &p, hit.typology);
        buf_cstr(&b);
        send_lines(e, st, &b);
        arena_reset(arena);
    }
    int64_t from = monotonic_us();
    end_rows(e, st, "customer");
    buf_free(&b);
    arena_free(&arena);
    return (double)(monotonic_us() - from) / 1000;
}

static double send_tags(struct sql_engine *e, int64_t customers)
{
    static struct person p;
    struct buf b;
    sqlite3_stmt *st = NULL;
    buf_init(&b, 1 << 20);
    begin_rows(e, "customer_tag", 2, &st);
    for (int64_t id = 1; id <= customers; id++) {
        person_make(id, &p);
        for (int i = 0; i < p.ntags; i++) {
            buf_printf(&b, "%" PRId64 "\t%d\n", id, p.tags[i]);
            buf_cstr(&b);
            send_lines(e, st, &b);
        }
    }
    int64_t from = monotonic_us();
    end_rows(e, st, "customer_tag");
    buf_free(&b);
    return (double)(monotonic_us() - from) / 1000;
}

double sql_load(struct sql_engine *e, int64_t customers, struct audience *a)
{
    run_script(e, e->duck.connection ? tables_plain : tables);
    double ms = send_customers(e, customers, a) + send_tags(e, customers);
    if (e->duck.connection)
        return ms;
    run_script(e, indexes);
    if (e->pg)
        run_script(e, trigrams);
    run_script(e, e->pg ? "VACUUM ANALYZE" : "ANALYZE");
    return ms;
}

int64_t sql_run(struct sql_engine *e, const char *sql)
{
    int64_t first = 0;
    if (e->duck.connection)
        return run_duck(e, sql);
    if (e->pg) {
        PGresult *r = PQexec(e->pg, sql);
        if (PQresultStatus(r) != PGRES_TUPLES_OK)
            stop(e, sql);
        if (PQntuples(r))
            (void)str_int64(str_c(PQgetvalue(r, 0, 0)), &first);
        PQclear(r);
        return first;
    }
    sqlite3_stmt *st;
    bool begun = false;
    if (sqlite3_prepare_v2(e->lite, sql, -1, &st, NULL) != SQLITE_OK)
        stop(e, sql);
    while (sqlite3_step(st) == SQLITE_ROW) {
        if (!begun)
            first = sqlite3_column_int64(st, 0);
        begun = true;
        for (int i = 0; i < sqlite3_column_count(st); i++) /* as whoever writes an answer would */
            (void)sqlite3_column_text(st, i);
    }
    sqlite3_finalize(st);
    return first;
}
