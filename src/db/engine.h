/* Inside src/db: what each engine offers db.c. Nobody else includes this. */
#pragma once
#include "../base/check.h"
#include "db.h"

enum {
    WAITING_MAX = 1024,   /* writes that may wait; the next is ERR_BUSY */
    SLOW_WRITE_MS = 1000, /* a write that ran longer is logged with where it was opened */
    READ_CONNECTIONS = 4,
};

struct engine {
    enum db_engine kind;
    const size_t *rows_size; /* of the engine's own struct that begins with struct db_rows */
    void (*close)(struct db *db);
    enum err (*read)(struct db *db, db_fn fn, void *arg, bool wait);
    enum err (*write)(struct db *db, db_fn fn, void *arg, const char *file, int line);
    struct db_load (*load)(struct db *db);
    enum err (*copy)(struct db *db, const char *path); /* NULL: cannot */
    enum err (*exec)(struct db_tx *tx, const struct db_statement *st, int64_t *ret_changed,
                     const struct db_value *values);
    enum err (*exec_many)(struct db_tx *tx, const struct db_statement *st,
                          const struct db_value *values, size_t n, size_t rows);
    /* `r` has tx, columns and room for the values. `cached`: prepared once per connection. */
    enum err (*query)(struct db_rows *r, const struct db_statement *st,
                      const struct db_value *values, bool cached, bool scan);
    bool (*next)(struct db_rows *r); /* fills r->values, or sets r->err at an error */
    void (*done)(struct db_rows *r);
    enum err (*script)(struct db_tx *tx, const char *sql); /* several statements, no values */
    enum err (*verify)(struct db *db, const struct db_statement *st, struct arena *a,
                       const char **ret_why);
    /* Held by one process at a time around migrations. */
    enum err (*lock)(struct db *db, void **ret_lock);
    void (*unlock)(void *lock);
};

struct db {
    const struct engine *engine;
};

struct db_after {
    struct db_after *next;
    void (*fn)(void *arg);
    void *arg;
};

struct db_tx {
    struct db *db;
    struct arena *arena;
    struct db_rows *open, *spare;
    struct db_after *after, **after_end;
    enum err failed; /* the first error of a statement: nothing more runs in this transaction */
    bool writable;
};

struct db_rows {
    struct db_tx *tx;
    struct db_rows *next, **before; /* in tx->open; `next` also in tx->spare */
    const char *columns;
    int ncolumns, capacity;
    struct db_value *values;
    bool valid; /* a row is here */
    enum err err;
};

void tx_begin(struct db_tx *tx, struct db *db, struct arena *a, bool writable);
/* Runs `fn` and says how the transaction must end; closes rows it left open. */
enum err tx_run(struct db_tx *tx, db_fn fn, void *arg);
void tx_after(struct db_tx *tx); /* after the commit */
/* Frees what the transaction holds; the arena stays the caller's. */
void tx_end(struct db_tx *tx);
/* All rows of a statement that lives no longer than they do, streamed. */
enum err rows_scan(struct db_tx *tx, const struct db_statement *st, struct db_rows **ret);
/* migrate.c, for restore.c: the table of migrations, and one migration unless it is there already;
 * `newest`: none comes after it. */
enum err migration_table(struct db_tx *tx);
enum err migration_apply(struct db_tx *tx, const struct db_migration *m, bool newest,
                         struct arena *a);
void log_slow_write(const char *file, int line, int64_t us);
enum err cannot_open(struct problem *p, struct arena *a, const char *database, const char *cause);

/* Prepared statements of one connection, by the address of their struct. */
struct cache_entry {
    const struct db_statement *st;
    const char *sql; /* guards against a struct that lived elsewhere before (tests) */
    void *prepared;
    bool busy;
};
struct cache {
    struct cache_entry *entries;
    size_t n, capacity;
};
/* The statement's entry, made if new. Valid until the next call. */
struct cache_entry *cache_find(struct cache *c, const struct db_statement *st);
void cache_free(struct cache *c, void (*free_prepared)(void *));

enum err sqlite_open(const char *path, const struct db_options *o, struct arena *a, struct db **ret,
                     struct problem *p);
enum err postgres_open(const char *url, const struct db_options *o, struct arena *a,
                       struct db **ret, struct problem *p);
