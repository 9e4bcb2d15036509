/* Where the bytes of an import come from: a file, rows of import_chunk, memory. Read by offset, so
 * that an interrupted import goes on in the middle and detection can look at several places.
 * Threads: one at a time. Ownership: the maker of the source frees it. */
#pragma once
#include "../../base/str.h"

struct source {
    /* Reads up to `size` bytes at `offset`; fewer only at the end. ERR_IO. */
    enum err (*read)(void *state, int64_t offset, char *p, size_t size, size_t *ret_n);
    void *state;
    int64_t bytes; /* the whole length */
};

/* Bytes in memory, which must outlive the source; `state` is kept by the caller. */
void source_memory(struct source *s, struct str *bytes);
/* An open file; the descriptor stays the caller's. ERR_IO. */
enum err must_use source_file(struct source *s, int *fd);
