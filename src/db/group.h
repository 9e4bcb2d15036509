/* Inside src/db: group commit. One thread at a time, the leader, runs the writes that wait, each in
 * a savepoint of its own, and makes them durable with one commit. While it waits for the disk, the
 * next ones gather. The engine begins, sets the savepoints and commits; here is who waits and who
 * leads.
 *
 * The leader is one of the callers: whoever finds nobody leading leads. So a lone write costs no
 * change of threads, which on a busy machine takes longer than the commit. A leader goes on with
 * what has gathered, for a while; then the first who waits leads. */
#pragma once
#include "engine.h"
#include <pthread.h>
#include <semaphore.h>

enum { GROUP_MAX = 256 }; /* writes that share a commit */

/* One db_write(), on its caller's stack. */
struct group_write {
    db_fn fn;
    void *arg;
    const char *file;
    int line;
    enum err result;
    struct db_tx *tx; /* NULL: it never began */
    /* of group.c: */
    struct group_write *next;
    pthread_t thread;
    bool lead;   /* woken to lead; else its write is done */
    sem_t woken; /* no lock is needed to wake, so that the woken do not queue for one */
};

struct group;
/* Runs what group_at() gives, from 0 on, in one transaction; returns how its begin and commit went.
 * When that is not OK, nothing of the batch happened. */
typedef enum err (*group_run_fn)(struct group *g, void *engine);
struct group *group_new(struct db *db, group_run_fn run, void *engine);
/* Waits for the leader; then nobody may write any more. NULL is fine. */
void group_free(struct group **g);
/* As db_write(). */
enum err group_write(struct group *g, db_fn fn, void *arg, const char *file, int line);
struct db_lane group_load(struct group *g);

/* The following are for the engine's run function. */

/* The batch's write number i (up to one more than there are), or NULL: no more wait, or the batch
 * is full, or so old that the first need not wait for others. */
struct group_write *group_at(struct group *g, size_t i);
/* Begins `tx` for the batch's write number i and runs its function; so does one->result. */
enum err group_run(struct group *g, size_t i, struct db_tx *tx);
/* Nothing can begin: those who wait join the batch and fail with it, for each would wait as long.
 */
void group_take_all(struct group *g);
/* The transaction is to be tried again: forgets how the batch went. */
void group_again(struct group *g);
