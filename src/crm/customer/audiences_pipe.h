/* Loading with several threads: one begins rows with what it reads, another may complete them with
 * what it reads, a third puts them into the audience. Bounded: a few batches go round between them.
 * Threads: each function says whose it is. Nobody else may use the audience meanwhile. */
#pragma once
#include "../../audience/audience.h"

struct row_pipe;
/* Rows on their way, in the order in which they were begun. */
struct row_batch {
    struct arena *arena; /* texts and lists; they live until the rows are put */
    struct audience_row *rows;
    size_t n;
};

/* ---- of the thread that begins rows ---- */

/* ERR_BUSY: no thread to be had. */
enum err must_use row_pipe_start(struct audience *audience, struct row_pipe **ret);
/* Before the first row: a thread runs `fn`, which takes batch after batch and completes them.
 * False: it ended without asking for one, so that rows have to be complete when they are put. */
typedef enum err (*row_helper)(struct row_pipe *p, void *arg);
bool row_pipe_help(struct row_pipe *p, row_helper fn, void *arg);
/* Where the next row's texts and lists belong. */
struct arena *row_pipe_arena(struct row_pipe *p);
/* Where the next row itself belongs: to be filled as a whole. */
struct audience_row *row_pipe_row(struct row_pipe *p);
/* Takes that row; false: there was an error, which row_pipe_end() tells. */
bool row_pipe_put(struct row_pipe *p);
/* Waits until everything is put. */
enum err must_use row_pipe_end(struct row_pipe **p);

/* ---- of the helper's thread ---- */

/* The next rows to complete, the ones before being so; NULL: there are no more. */
struct row_batch *row_pipe_take(struct row_pipe *p);
