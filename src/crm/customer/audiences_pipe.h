/* Loading with two threads: one reads rows from the base, the other puts them into the audience.
 * Bounded: a few batches go round between them. Threads: row_pipe_*() by the reading thread alone.
 * Nobody else may use the audience meanwhile. */
#pragma once
#include "../../audience/audience.h"

struct row_pipe;
/* ERR_BUSY: no thread to be had. */
enum err must_use row_pipe_start(struct audience *audience, struct row_pipe **ret);
/* Where the next row's texts and lists belong; they live until it is put. */
struct arena *row_pipe_arena(struct row_pipe *p);
/* Where the next row itself belongs: to be filled as a whole. */
struct audience_row *row_pipe_row(struct row_pipe *p);
/* Takes that row; false: putting failed, row_pipe_end() tells why. */
bool row_pipe_put(struct row_pipe *p);
/* Waits until everything is put. */
enum err must_use row_pipe_end(struct row_pipe **p);
