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

static void lay_out(struct block *b, struct carving *c)
{
    b->live = carve(c, BLOCK_WORDS * sizeof(uint64_t));
    b->bits = carve(c, BITS * BLOCK_WORDS * sizeof(uint64_t));
    b->slices = carve(c, SLICES * BLOCK_WORDS * sizeof(uint64_t));
    b->id = carve(c, BLOCK_ROWS * sizeof(*b->id));
    b->phone = carve(c, BLOCK_ROWS * sizeof(*b->phone));
    b->first = carve(c, BLOCK_ROWS * sizeof(*b->first));
    b->last = carve(c, BLOCK_ROWS * sizeof(*b->last));
    b->domain = carve(c, BLOCK_ROWS * sizeof(*b->domain));
    b->record = carve(c, BLOCK_ROWS * sizeof(*b->record));
    for (int i = 0; i < WIDES; i++)
        b->wide[i] = carve(c, BLOCK_ROWS * sizeof(**b->wide));
    for (int i = 0; i < NARROWS; i++)
        b->narrow[i] = carve(c, BLOCK_ROWS * sizeof(**b->narrow));
    for (int i = 0; i < COLUMNS; i++)
        b->codes[i] = carve(c, BLOCK_ROWS);
    b->small = carve(c, BLOCK_ROWS * sizeof(*b->small));
}

/* Rows are read all over the block; with pages of 4 kB that is mostly waiting for addresses. A
 * small shop, which touches little of its block, does without. */
static void use_huge_pages(char *p, size_t bytes)
{
    enum { HUGE_PAGE = 2 << 20 };
    char *from = (char *)(((uintptr_t)p + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    char *to = (char *)((uintptr_t)(p + bytes) & ~(uintptr_t)(HUGE_PAGE - 1));
    if (from < to)
        (void)madvise(from, (size_t)(to - from),
                      MADV_HUGEPAGE); /* a wish: an error changes nothing */
}

void block_open(struct audience *a)
{
    a->blocks = realloc(a->blocks, (a->nblocks + 1) * sizeof(*a->blocks));
    check(a->blocks);
    struct block *b = &a->blocks[a->nblocks++];
    *b = (struct block){0};
    struct carving c = {0};
    lay_out(b, &c);
    b->memory = calloc(1, c.at + 64);
    check(b->memory);
    if (a->expected >= BLOCK_ROWS || a->nblocks > 1)
        use_huge_pages(b->memory, c.at);
    c = (struct carving){(char *)(((uintptr_t)b->memory + 63) & ~(uintptr_t)63), 0};
    lay_out(b, &c);
}

void block_close(struct block *b)
{
    free(b->memory);
    heap_free(&b->heap);
}

size_t block_bytes(const struct block *b)
{
    struct carving c = {0};
    struct block measured;
    lay_out(&measured, &c);
    return c.at / BLOCK_ROWS * b->n + b->heap.cap;
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
