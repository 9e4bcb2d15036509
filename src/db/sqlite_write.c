/* The writes: of SQLite's one writer at a time, which commits them in groups (group.h). */
#include "../base/log.h"
#include "sqlite.h"
#include <stdlib.h>

/* What frames a write, prepared once. */
enum frame { BEGIN, COMMIT, SAVEPOINT, RELEASE, ROLLBACK_TO, FRAMES };
static const char *const frame_sql[FRAMES] = {
    [BEGIN] = "BEGIN IMMEDIATE",       [COMMIT] = "COMMIT",
    [SAVEPOINT] = "SAVEPOINT one",     [RELEASE] = "RELEASE one",
    [ROLLBACK_TO] = "ROLLBACK TO one",
};

struct writer {
    struct sqlite_connection *c;
    struct group *group;
    sqlite3_stmt *frames[FRAMES];
    struct sqlite_tx txs[GROUP_MAX];
};

static int frame(struct writer *w, enum frame which)
{
    sqlite3_step(w->frames[which]);
    return sqlite3_reset(w->frames[which]);
}

/* Runs one write in its savepoint. False: the whole transaction is gone. */
static bool run_one(struct writer *w, struct group *g, struct group_write *one, size_t i)
{
    int rc = frame(w, SAVEPOINT);
    if (rc == SQLITE_OK) {
        w->txs[i].c = w->c;
        enum err err = group_run(g, i, &w->txs[i].tx);
        if (sqlite3_get_autocommit(w->c->db)) /* a full disk and the like roll everything back */
            return false;
        if (err)
            rc = frame(w, ROLLBACK_TO);
        if (rc == SQLITE_OK)
            rc = frame(w, RELEASE);
    }
    if (rc != SQLITE_OK)
        one->result = sqlite_failed(w->c, rc, "savepoint");
    return rc == SQLITE_OK;
}

/* What a failed begin or commit means for writes that had gone well. */
static enum err commit_failed(struct writer *w, int rc)
{
    if ((rc & 0xFF) == SQLITE_BUSY)
        return ERR_BUSY;
    enum err err = rc == SQLITE_ABORT ? ERR_IO : sqlite_failed(w->c, rc, "commit");
    return err == ERR_CONFLICT ? err : ERR_IO;
}

static enum err run_batch(struct group *g, void *engine)
{
    struct writer *w = engine;
    struct group_write *one;
    int rc = frame(w, BEGIN); /* other processes write too: waits for them */
    if (rc != SQLITE_OK)
        group_take_all(g);
    for (size_t i = 0; rc == SQLITE_OK && (one = group_at(g, i)); i++)
        if (!run_one(w, g, one, i))
            rc = SQLITE_ABORT;
    if (rc == SQLITE_OK)
        rc = frame(w, COMMIT);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(w->c->db))
        sqlite_run(w->c, "ROLLBACK");
    return rc == SQLITE_OK ? OK : commit_failed(w, rc);
}

enum err writer_write(struct db *db, db_fn fn, void *arg, const char *file, int line)
{
    return group_write(((struct sqlite *)db)->writer->group, fn, arg, file, line);
}

struct db_lane writer_load(struct writer *w)
{
    return group_load(w->group);
}

static void writer_free(struct writer *w)
{
    group_free(&w->group);
    for (size_t i = 0; i < FRAMES; i++)
        sqlite3_finalize(w->frames[i]);
    free(w);
}

enum err writer_start(struct db *db, struct sqlite_connection *c, struct writer **ret)
{
    struct writer *w = calloc(1, sizeof(*w));
    check(w);
    w->c = c;
    w->group = group_new(db, run_batch, w);
    for (size_t i = 0; i < FRAMES; i++)
        if (sqlite3_prepare_v3(c->db, frame_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &w->frames[i],
                               NULL)) {
            writer_free(w);
            return ERR_IO;
        }
    *ret = w;
    return OK;
}

void writer_stop(struct writer *w)
{
    struct sqlite_connection *c = w->c;
    writer_free(w);
    sqlite_disconnect(c);
}
