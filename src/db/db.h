/* One interface over SQLite (a file path) and PostgreSQL (postgresql://…).
 *
 * Every statement is a static `struct db_statement`: one text for both engines, `$1…$n` in order of
 * first appearance, always bound, prepared once per connection. Only BIGINT, DOUBLE PRECISION, TEXT
 * and BYTEA columns exist. Dialect rule: what SQLite and PostgreSQL both take (CAST(SUM(x) AS
 * BIGINT), ON CONFLICT … DO UPDATE, RETURNING, no functions on time). Register each in the
 * feature's table
 * (`<feature>_statements[]`), so that the tests prepare all of them on both engines.
 *
 * Writes: db_write() runs the function inside a transaction and returns only when it is durable
 * (SQLite: WAL, synchronous=FULL, one writer at a time that commits waiting writes together, each
 * in a savepoint of its own; PostgreSQL: a pooled connection, serializable, and where writes
 * collide, on 40001/40P01, repeated together with others that wait, as on SQLite). So the function
 * may run more than once: it must reset its outputs when it starts, and must not do anything
 * outside the transaction. It may run on another caller's thread, and others wait for it: it must
 * be short, never wait, and call neither db_write() nor anything that does. When a statement fails,
 * the transaction has failed: whatever the function does then, its later statements return the same
 * error and nothing is committed. What is expected to collide says ON CONFLICT. Do not change rows
 * that an open db_query() of the same transaction is still reading. Threads: struct db any thread;
 * struct db_tx only inside the function it was given to. */
#pragma once
#include "../base/arena.h"

enum db_engine { DB_SQLITE, DB_POSTGRESQL };

/* types: 'i' BIGINT, 'r' DOUBLE PRECISION, 't' TEXT, 'b' BYTEA; one letter a parameter or column */
struct db_statement {
    const char *name; /* unique: "<feature>_<what>" */
    const char *sql;
    const char *params;
    const char *columns; /* "" when it returns no rows */
};

struct db_value {
    char type; /* i r t b, or 'n' for NULL */
    union {
        int64_t i;
        double r;
        struct str s;
    };
};
static inline struct db_value db_i(int64_t v)
{
    return (struct db_value){.type = 'i', .i = v};
}
static inline struct db_value db_r(double v)
{
    return (struct db_value){.type = 'r', .r = v};
}
static inline struct db_value db_t(struct str s)
{
    return (struct db_value){.type = 't', .s = s};
}
static inline struct db_value db_tc(const char *s) /* NULL pointer = NULL */
{
    return s ? db_t(str_c(s)) : (struct db_value){.type = 'n'};
}
static inline struct db_value db_b(struct str s)
{
    return (struct db_value){.type = 'b', .s = s};
}
static inline struct db_value db_null(void)
{
    return (struct db_value){.type = 'n'};
}
static inline struct db_value db_i_or_null(int64_t v, int64_t none)
{
    return v == none ? db_null() : db_i(v);
}

struct db;
struct db_tx;

struct db_options {
    int read_connections; /* 0 = 4 */
    bool create;          /* make the SQLite file if missing */
};
/* Errors: ERR_IO with code db_cannot_open. Does not migrate. */
enum err must_use db_open(const char *url, const struct db_options *o, struct arena *a,
                          struct db **ret, struct problem *p);
void db_close(struct db **db); /* waits for running transactions */
enum db_engine db_engine(const struct db *db);
/* How busy it is at this moment, for /metrics. SQLite has one connection that writes. */
struct db_load {
    struct db_lane {
        int connections, in_use, waiting; /* waiting: transactions that have none yet */
    } reads, writes;
};
struct db_load db_load(struct db *db);

typedef enum err (*db_fn)(struct db_tx *tx, void *arg);
/* A consistent snapshot; writes refused. */
enum err must_use db_read(struct db *db, db_fn fn, void *arg);
/* The same for who holds a transaction and reads by one more thread: ERR_BUSY at once when every
 * connection is in use, since those who hold them may wait for one more too. */
enum err must_use db_read_beside(struct db *db, db_fn fn, void *arg);
/* Durable when it returns OK; nothing happened when it returns anything else. ERR_BUSY: the bounded
 * queue of waiting writes is full. */
#define db_write(db, fn, arg) db_write_from((db), (fn), (arg), __FILE__, __LINE__)
enum err must_use db_write_from(struct db *db, db_fn fn, void *arg, const char *file, int line);
/* Calls `fn(arg)` after the commit, in commit order on SQLite, before db_write() returns. */
void db_after_commit(struct db_tx *tx, void (*fn)(void *arg), void *arg);
struct arena *db_arena(struct db_tx *tx); /* freed when the transaction ends */
struct db *db_of(struct db_tx *tx);

/* Runs a statement without rows. ret_changed may be NULL.
 * ERR_CONFLICT: a unique or foreign key says no. */
#define db_exec(tx, st, ret_changed, ...)                                                          \
    db_exec_values((tx), (st), (ret_changed), (struct db_value[]){__VA_ARGS__},                    \
                   sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value))
enum err must_use db_exec_values(struct db_tx *tx, const struct db_statement *st,
                                 int64_t *ret_changed, const struct db_value *values, size_t n);
/* Many rows of one statement, `n` values each: one round trip on PostgreSQL (pipeline). The
 * statement must not return rows. */
enum err must_use db_exec_many(struct db_tx *tx, const struct db_statement *st,
                               const struct db_value *values, size_t n, size_t rows);

/* Rows one by one. Texts and blobs live until the next db_next() or db_done(). */
struct db_rows;
#define db_query(tx, st, ret_rows, ...)                                                            \
    db_query_values((tx), (st), (ret_rows), (struct db_value[]){__VA_ARGS__},                      \
                    sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value))
enum err must_use db_query_values(struct db_tx *tx, const struct db_statement *st,
                                  struct db_rows **ret, const struct db_value *values, size_t n);
/* As db_query, but PostgreSQL streams in chunks: for scans of millions. */
enum err must_use db_scan_values(struct db_tx *tx, const struct db_statement *st,
                                 struct db_rows **ret, const struct db_value *values, size_t n);
bool db_next(struct db_rows *r); /* false: the end or an error; then ask db_error() */
enum err must_use db_error(struct db_rows *r);
void db_done(struct db_rows **r); /* for cleanup(); NULL is fine */
bool db_is_null(const struct db_rows *r, int col);
int64_t db_int(const struct db_rows *r, int col); /* NULL = 0 */
int64_t db_int_or(const struct db_rows *r, int col, int64_t none);
double db_real(const struct db_rows *r, int col);
struct str db_text(const struct db_rows *r, int col); /* NULL = empty */
struct str db_blob(const struct db_rows *r, int col);
struct str db_text_in(const struct db_rows *r, int col, struct arena *a); /* a copy */
/* The row's values by column, for scans of millions: what is NULL has the type 'n', the others
 * those that the statement declares. They live as long as the row. */
const struct db_value *db_values(const struct db_rows *r);
static inline int64_t db_value_int(const struct db_value *v, int64_t none) /* NULL = none */
{
    return v->type == 'n' ? none : v->i;
}
static inline struct str db_value_text(const struct db_value *v) /* NULL = empty */
{
    return v->type == 'n' ? (struct str){"", 0} : v->s;
}
/* One integer of the first row; ERR_NOT_FOUND when there is none. */
#define db_query_int(tx, st, ret, ...)                                                             \
    db_query_int_values((tx), (st), (ret), (struct db_value[]){__VA_ARGS__},                       \
                        sizeof((struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value))
enum err must_use db_query_int_values(struct db_tx *tx, const struct db_statement *st, int64_t *ret,
                                      const struct db_value *values, size_t n);

/* Migrations: sql/NNNN_name.sql, embedded, each in one transaction; `--@without-rowid` at the end
 * of a CREATE TABLE's closing line becomes WITHOUT ROWID on SQLite. */
struct db_migration {
    int number;
    const char *name;
    struct str sql;
};
/* Applies what is missing; ERR_CONFLICT code db_from_the_future if the base is newer than the
 * program. */
enum err must_use db_migrate(struct db *db, const struct db_migration *m, size_t n, struct arena *a,
                             int *ret_applied, struct problem *p);
/* How many are missing, without applying any; the same ERR_CONFLICT. */
enum err must_use db_migrations_missing(struct db *db, const struct db_migration *m, size_t n,
                                        struct arena *a, int *ret_missing, struct problem *p);
/* SQLite: a copy of the base as it stands, in an empty file; neither readers nor writers wait.
 * ERR_IO also for PostgreSQL, whose writers do not wait for each other. */
enum err must_use db_copy(struct db *db, const char *path);
/* Prepares a statement on a read connection without running it and checks its declared parameter
 * and column types against the engine's; for the tests. On failure *ret_why is the engine's text.
 */
enum err must_use db_verify(struct db *db, const struct db_statement *st, struct arena *a,
                            const char **ret_why);
/* Free text, for tests, benchmarks and the differential evaluator only: never in src/crm. With
 * columns
 * "" it may be several statements, and *ret is left alone (ret may be NULL). */
enum err must_use db_free_text(struct db_tx *tx, const char *sql, const char *columns,
                               struct db_rows **ret);
