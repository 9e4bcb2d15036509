/* Inside src/db: the SQLite engine. sqlite.c has connections, statements and reads; sqlite_write.c
 * the writes. */
#pragma once
#include "group.h"
#include <sqlite3.h>

struct sqlite_connection {
    sqlite3 *db;
    struct cache cache;
    struct arena *arena;            /* of the running read */
    struct sqlite_connection *next; /* in the pool */
};

struct sqlite_tx {
    struct db_tx tx;
    struct sqlite_connection *c;
};

struct sqlite_rows {
    struct db_rows rows;
    sqlite3_stmt *stmt;
    const struct db_statement *st; /* NULL: prepared for this once, finalized at the end */
    ptrdiff_t spacing;             /* of a scan's values; 0: ask for each */
    bool first;                    /* the first row was stepped to and not yet shown */
    bool ended;
};

struct writer;
struct sqlite {
    struct db db;
    struct writer *writer;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t returned;
    struct sqlite_connection *idle;
    int readers, readers_out, readers_waiting;
    bool closing;
};

extern const struct engine sqlite_engine;
/* Opens and sets up one connection; *ret_why is the engine's text on failure. */
enum err sqlite_connect(const char *path, bool create, bool read_only, struct arena *a,
                        struct sqlite_connection **ret, const char **ret_why);
void sqlite_disconnect(struct sqlite_connection *c);
/* Runs a fixed text without rows; the SQLite result code. */
int sqlite_run(struct sqlite_connection *c, const char *sql);
/* Maps and logs. */
enum err sqlite_failed(struct sqlite_connection *c, int rc, const char *statement);

enum err writer_start(struct db *db, struct sqlite_connection *c, struct writer **ret);
void writer_stop(struct writer *w); /* finishes what waits */
struct db_lane writer_load(struct writer *w);
enum err writer_write(struct db *db, db_fn fn, void *arg, const char *file, int line);
