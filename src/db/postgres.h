/* Inside src/db: the PostgreSQL engine. postgres.c has connections and statements, postgres_tx.c
 * the pools and transactions. */
#pragma once
#include "group.h"
#include <libpq-fe.h>
#include <stdatomic.h>

struct pg_connection {
    PGconn *pg;
    struct cache cache;         /* prepared: a struct pg_prepared */
    unsigned next_name;         /* of prepared statements and cursors */
    struct arena *arena;        /* of the running transaction */
    struct pg_connection *next; /* in its pool */
};

struct pg_pool {
    pthread_mutex_t mutex;
    pthread_cond_t returned;
    struct pg_connection *idle;
    int out, waiting, total;
    bool closing;
};

struct pg_tx {
    struct db_tx tx;
    struct pg_connection *c;
    bool again;  /* the engine asks to repeat the transaction */
    size_t rows; /* written by db_exec_many() */
};

struct postgres {
    struct db db;
    char *url;
    struct pg_pool readers, writers;
    pthread_rwlock_t lane; /* postgres_tx.c */
    struct group *group;
    struct pg_tx group_txs[GROUP_MAX]; /* the leader's */
    atomic_int writing;                /* writes on their way, which closing waits for */
    _Atomic int64_t together_until_us, together_us; /* postgres_tx.c: go_together() */
    _Atomic int64_t rows_written, analyze_at;       /* postgres_tx.c: learn() */
};

extern const struct engine postgres_engine;
struct pg_connection *pg_connection_new(void);
/* Connects or reconnects; false: *ret_why (in `a`, may be NULL) says why not. */
bool pg_connect(struct pg_connection *c, const char *url, struct arena *a, const char **ret_why);
void pg_connection_free(struct pg_connection *c);
/* Maps a failed result, logs what is neither a conflict nor to be repeated, clears it. */
enum err pg_failed(struct pg_tx *t, PGresult *result, const char *statement);
/* A fixed text; false on any error, which is not logged. */
bool pg_run(struct pg_connection *c, const char *sql);

enum err pg_exec(struct db_tx *tx, const struct db_statement *st, int64_t *ret_changed,
                 const struct db_value *values);
enum err pg_exec_many(struct db_tx *tx, const struct db_statement *st,
                      const struct db_value *values, size_t n, size_t rows);
/* postgres_copy.c. False: the statement is no plain INSERT of its parameters; nothing was done. */
bool pg_copy(struct pg_tx *t, const struct db_statement *st, const struct db_value *values,
             size_t n, size_t rows, enum err *ret_err);
enum err pg_query(struct db_rows *r, const struct db_statement *st, const struct db_value *values,
                  bool cached, bool scan);
bool pg_next(struct db_rows *r);
void pg_done(struct db_rows *r);
enum err pg_script(struct db_tx *tx, const char *sql);
const char *pg_verify(struct pg_connection *c, const struct db_statement *st, struct arena *a);
extern const size_t pg_rows_size; /* of its struct that begins with struct db_rows */
