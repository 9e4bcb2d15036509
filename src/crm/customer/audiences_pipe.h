/* Loading with two threads: one reads rows from the base, the other unpacks their lists and puts
 * them into the audience. Bounded: a few batches go round between them. Threads: row_pipe_*() by
 * the reading thread alone. Nobody else may use the audience meanwhile. */
#pragma once
#include "../../audience/audience.h"

struct row_pipe;
/* ERR_BUSY: no thread to be had. */
enum err must_use row_pipe_start(struct audience *audience, struct row_pipe **ret);
/* Where the next row's texts and lists belong; they live until it is put. */
struct arena *row_pipe_arena(struct row_pipe *p);
/* Where the next row itself belongs: to be filled as a whole. */
struct audience_row *row_pipe_row(struct row_pipe *p);
/* Lists of that row as base/varint.h packs them, in the arena: those that are not empty are
 * unpacked into it by the thread that puts it, which has less to do. */
enum { PACKED_DAYS, PACKED_TAGS, PACKED_STORES, PACKED_CATEGORIES, PACKED_SIZES, PACKED_LISTS };
struct packed_lists {
    struct str list[PACKED_LISTS];
};
struct packed_lists *row_pipe_packed(struct row_pipe *p);
/* The same for a row by itself. ERR_INVALID: a list is none. */
enum err must_use packed_lists_take(struct arena *a, const struct packed_lists *packed,
                                    struct audience_row *row);
/* Takes that row; false: putting failed, row_pipe_end() tells why. */
bool row_pipe_put(struct row_pipe *p);
/* Waits until everything is put. */
enum err must_use row_pipe_end(struct row_pipe **p);
