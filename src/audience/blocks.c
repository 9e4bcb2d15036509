/* The memory of a block: one zeroed piece, of which the system gives only what is touched. */
#include <stdlib.h>
#include <sys/mman.h>
#include "../base/check.h"
#include "internal.h"

/* Carves `bytes` for each of the block's rows, or measures when `memory` is NULL. */
struct carving {
    char *memory;
    size_t at;
};

static void *carve(struct carving *c, size_t bytes)
{
    void *p = c->memory ? c->memory + c->at : NULL;
    c->at += (bytes + 63) & ~(size_t)63;
    return p;
}

/* First what is read row by row, all over the block: it begins where a huge page does. Last what is
 * read from one end to the other. */
static void lay_out(struct block *b, struct carving *c)
{
    b->small = carve(c, BLOCK_ROWS * sizeof(*b->small));
    for (int i = 0; i < NARROWS; i++)
        b->narrow[i] = carve(c, BLOCK_ROWS * sizeof(**b->narrow));
    for (int i = 0; i < WIDES; i++)
        b->wide[i] = carve(c, BLOCK_ROWS * sizeof(**b->wide));
    b->record = carve(c, BLOCK_ROWS * sizeof(*b->record));
    b->first = carve(c, BLOCK_ROWS * sizeof(*b->first));
    b->last = carve(c, BLOCK_ROWS * sizeof(*b->last));
    b->domain = carve(c, BLOCK_ROWS * sizeof(*b->domain));
    b->id = carve(c, BLOCK_ROWS * sizeof(*b->id));
    b->phone = carve(c, BLOCK_ROWS * sizeof(*b->phone));
    for (int i = 0; i < COLUMNS; i++)
        b->codes[i] = carve(c, BLOCK_ROWS);
    b->live = carve(c, BLOCK_WORDS * sizeof(uint64_t));
    b->bits = carve(c, BITS * BLOCK_WORDS * sizeof(uint64_t));
    b->slices = carve(c, SLICES * BLOCK_WORDS * sizeof(uint64_t));
}

enum { HUGE_PAGE = 2 << 20 };

size_t block_size(void)
{
    struct carving c = {0};
    struct block measured;
    lay_out(&measured, &c);
    return c.at;
}

/* Zeroed memory that begins where a huge page could. What stands before and behind goes back. */
static char *map_block(size_t bytes)
{
    char *p =
        mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(p != MAP_FAILED);
    size_t before = -(uintptr_t)p & (HUGE_PAGE - 1);
    if (before)
        check(munmap(p, before) == 0);
    check(munmap(p + before + bytes, HUGE_PAGE - before) == 0);
    return p + before;
}

void block_open(struct audience *a)
{
    a->blocks = realloc(a->blocks, (a->nblocks + 1) * sizeof(*a->blocks));
    check(a->blocks);
    struct block *b = &a->blocks[a->nblocks++];
    *b = (struct block){0};
    const size_t bytes = block_size();
    b->memory = map_block(bytes);
    /* Rows are read all over the block; with pages of 4 kB that is mostly waiting for addresses. A
     * small shop, which touches little of its block, does without. A wish: errors change nothing.
     */
    if (a->expected >= BLOCK_ROWS || a->nblocks > 1)
        (void)madvise(b->memory, bytes & ~(size_t)(HUGE_PAGE - 1), MADV_HUGEPAGE);
    struct carving c = {b->memory, 0};
    lay_out(b, &c);
}

void block_close(struct block *b)
{
    check(munmap(b->memory, block_size()) == 0);
    heap_free(&b->heap);
}

size_t block_bytes(const struct block *b)
{
    return block_size() / BLOCK_ROWS * b->n + b->heap.cap;
}

uint32_t block_new_row(struct audience *a, int64_t id)
{
    a->ids_ascend = a->ids_ascend && a->nfree == 0 && id > a->last_id;
    a->last_id = id;
    if (a->nfree)
        return a->free_rows[--a->nfree];
    check(a->nrows < UINT32_MAX - 1);
    if (a->nblocks == a->nrows >> BLOCK_BITS)
        block_open(a);
    uint32_t row = a->nrows++;
    struct block *b = row_block(a, row);
    b->n++;
    b->first[ROW_AT(row)] = b->last[ROW_AT(row)] = NAME_NONE;
    b->domain[ROW_AT(row)] = SLOT_NONE;
    for (int c = 0; c < COLUMNS && !a->loading; c++) /* else counted at the end */
        a->cuts[c].count[0]++;
    return row;
}
