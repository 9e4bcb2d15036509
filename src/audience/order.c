/* Codes are cut so that few rows share one: the code at which a page begins is found by counting,
 * and only the rows of the page's codes are compared. Where one value is so common that it has a
 * code for itself, all its rows are ties, and the same is done once more by id. */
#include <stdlib.h>
#include "../base/check.h"
#include "order.h"

enum { FEW = 4096 }; /* rows that are simply sorted */

struct ordering {
    const struct audience *a;
    struct arena *arena;
    const uint64_t *mask;
    enum column column;
    bool descending;
    int64_t n;            /* rows of the mask */
    const uint32_t *rows; /* the same, if they are known; with their codes */
    uint8_t *codes;
    uint32_t counts[CODES + 1]; /* rows per code, if the rows are known or are everybody */
    bool counted;
};
struct key {
    int64_t value;
    uint64_t more; /* of texts: what follows in it */
    uint32_t row;
};

/* By value in the direction asked, unknown last, then by id. */
static bool before(const struct ordering *o, const struct key *x, const struct key *y)
{
    if (x->value != y->value) {
        if (x->value == VALUE_NONE || y->value == VALUE_NONE)
            return y->value == VALUE_NONE;
        return (x->value < y->value) != o->descending;
    }
    if (x->more != y->more)
        return (x->more < y->more) != o->descending;
    int rest = x->value == VALUE_NONE ? 0 : column_compare_rest(o->a, o->column, x->row, y->row);
    if (rest)
        return (rest < 0) != o->descending;
    return o->a->ids_ascend ? x->row < y->row
                            : row_block(o->a, x->row)->id[ROW_AT(x->row)] <
                                  row_block(o->a, y->row)->id[ROW_AT(y->row)];
}

static int compare_keys(const void *x, const void *y, void *o)
{
    return before(o, x, y) ? -1 : before(o, y, x);
}

static void swap(struct key *x, struct key *y)
{
    struct key k = *x;
    *x = *y;
    *y = k;
}

/* Puts what belongs at `at` there, smaller ones before it. Source: Hoare's Find (Algorithm 65). */
static void select_at(const struct ordering *o, struct key *k, size_t n, size_t at)
{
    size_t low = 0, high = n - 1;
    while (n > 0 && low < high) {
        size_t i = low, j = high;
        struct key pivot = k[low + (high - low) / 2];
        while (i <= j) {
            while (before(o, &k[i], &pivot))
                i++;
            while (before(o, &pivot, &k[j]))
                j--;
            if (i <= j) {
                swap(&k[i], &k[j]);
                i++;
                if (j == 0)
                    break;
                j--;
            }
        }
        if (at <= j)
            high = j;
        else if (at >= i)
            low = i;
        else
            return;
    }
}

static size_t slice(const struct ordering *o, struct key *k, size_t n, size_t from, size_t to,
                    uint32_t *ret)
{
    if (to > n)
        to = n;
    if (from >= to)
        return 0;
    if (from > 0)
        select_at(o, k, n, from);
    if (to < n)
        select_at(o, k + from, n - from, to - from);
    struct ordering order = *o;
    qsort_r(k + from, to - from, sizeof(*k), compare_keys, &order);
    for (size_t i = from; i < to; i++)
        ret[i - from] = k[i].row;
    return to - from;
}

static struct key key_of(const struct ordering *o, uint32_t row, size_t skip)
{
    struct key k = {.row = row};
    if (column_is_text(o->column))
        k.value = column_text_value(o->a, o->column, row, skip, &k.more);
    else
        k.value = column_value(o->a, o->column, row);
    return k;
}

/* Values lie anywhere. Texts stand in records: where they are is asked for two steps, and they one
 * step, before they are read. */
static void foresee(const struct ordering *o, const struct block *b, const uint16_t *places,
                    size_t n, size_t at)
{
    enum { STEP = 12 };
    if (at + 2 * STEP < n) {
        column_foresee(b, o->column, places[at + 2 * STEP]);
        if (column_is_text(o->column))
            __builtin_prefetch(&b->domain[places[at + 2 * STEP]]);
    }
    if (column_is_text(o->column) && at + STEP < n)
        __builtin_prefetch(b->heap.p + b->record[places[at + STEP]]);
}

/* The rows with these codes, `n` or fewer. */
static size_t collect(const struct ordering *o, int low, int high, int64_t n, struct key **ret)
{
    const struct audience *a = o->a;
    struct key *keys = *ret = arena_room(o->arena, (size_t)n + 1, sizeof(struct key));
    size_t got = 0, skip = column_skip(a, o->column, low, high);
    if (o->rows) {
        for (int64_t i = 0; i < o->n; i++)
            if (o->codes[i] >= low && o->codes[i] <= high)
                keys[got++] = key_of(o, o->rows[i], skip);
        return got;
    }
    uint16_t *places = arena_room(o->arena, BLOCK_ROWS, sizeof(uint16_t));
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        size_t found =
            a->simd->collect_codes(b->codes[o->column], o->mask + (size_t)i * BLOCK_WORDS,
                                   block_words(b), (uint8_t)low, (uint8_t)high, places);
        for (size_t k = 0; k < found; k++) {
            foresee(o, b, places, found, k);
            keys[got++] = key_of(o, i * BLOCK_ROWS + places[k], skip);
        }
    }
    return got;
}

static void read_codes(const struct audience *a, enum column column, const uint32_t *rows,
                       int64_t n, uint8_t *restrict ret, uint32_t *restrict counts)
{
    const struct block *blocks = a->blocks;
    for (int64_t i = 0; i < n; i++) {
        ret[i] = blocks[rows[i] >> BLOCK_BITS].codes[column][ROW_AT(rows[i])];
        counts[ret[i]]++;
    }
}

/* They have code 0. */
static uint32_t dead_rows(const struct audience *a)
{
    return a->nrows - (uint32_t)a->count;
}

/* Of everybody it is known how many have each code; of rows that are known it is counted at once.
 */
static void prepare(struct ordering *o)
{
    const struct audience *a = o->a;
    if (o->n == a->count && !o->rows) {
        memcpy(o->counts, a->cuts[o->column].count, sizeof(o->counts));
        o->counts[0] -= dead_rows(a);
        o->counted = true;
        return;
    }
    if (!o->rows)
        return;
    o->codes = arena_room(o->arena, (size_t)o->n + 1, 1);
    read_codes(a, o->column, o->rows, o->n, o->codes, o->counts);
    o->counted = true;
}

/* ret[i]: rows with codes 1..limits[i]. */
static void count_codes(const struct ordering *o, const uint8_t limits[4], uint64_t ret[4])
{
    const struct audience *a = o->a;
    memset(ret, 0, 4 * sizeof(*ret));
    for (int k = 0; o->counted && k < 4; k++)
        for (int c = 1; c <= limits[k]; c++)
            ret[k] += o->counts[c];
    for (uint32_t i = 0; !o->counted && i < a->nblocks; i++)
        a->simd->count_codes(a->blocks[i].codes[o->column], o->mask + (size_t)i * BLOCK_WORDS,
                             block_words(&a->blocks[i]), limits, ret);
}

static int64_t count_known(const struct ordering *o)
{
    const uint8_t limits[4] = {CODES};
    uint64_t n[4];
    count_codes(o, limits, n);
    return (int64_t)n[0];
}

/* A run of codes, ascending, and how many rows of the mask stand before and in it. */
struct run {
    int low, high;
    int64_t before, n;
};

/* Where within the run the row at `rank` probably is, if the mask is spread as all rows are. */
static int guess(const struct ordering *o, const struct run *r, int64_t rank)
{
    const uint32_t *count = o->a->cuts[o->column].count;
    double all = 0, upto = 0;
    for (int c = r->low; c <= r->high; c++)
        all += count[c];
    double want = ((double)(rank - r->before) + 0.5) / (double)r->n * all;
    int c = r->low;
    for (; c < r->high - 1; c++) {
        upto += count[c];
        if (upto > want)
            break;
    }
    return c;
}

static uint8_t within_run(const struct run *r, int code)
{
    return (uint8_t)(code < r->low ? r->low : code >= r->high ? r->high - 1 : code);
}

/* Narrows the run to the one code that holds the row at `rank`, counted from the lowest value: by
 * four counts at a time, around the guess first, then evenly, however the mask is spread. */
static void find_code(const struct ordering *o, struct run *r, int64_t rank)
{
    enum { GUESSES = 2 };
    for (int i = 0; r->low < r->high; i++) {
        int span = r->high - r->low, at = guess(o, r, rank);
        uint8_t limits[4] = {within_run(r, at - 1 - span / 16), within_run(r, at - 1),
                             within_run(r, at), within_run(r, at + 1 + span / 16)};
        for (int k = 0; i >= GUESSES && k < 4; k++)
            limits[k] = within_run(r, r->low + span * (k + 1) / 5);
        uint64_t upto[4];
        count_codes(o, limits, upto);
        for (int k = 0; k < 4; k++) {
            int64_t n = (int64_t)upto[k];
            if (rank < n && limits[k] < r->high) {
                r->n -= r->before + r->n - n;
                r->high = limits[k];
            } else if (rank >= n && limits[k] >= r->low) {
                r->n -= n - r->before;
                r->before = n;
                r->low = limits[k] + 1;
            }
        }
    }
}

static size_t page_by_id(const struct ordering *o, const struct run *r, size_t from, size_t to,
                         uint32_t *ret);

/* A walk over rows that ends with the page: `seen` have been met so far, `got` of them taken. */
struct walk {
    size_t from, to, seen, got;
    uint32_t *ret;
};

static void walk_word(struct walk *w, uint32_t first, uint64_t mask)
{
    size_t n = (size_t)__builtin_popcountll(mask);
    if (w->seen + n <= w->from) {
        w->seen += n;
        return;
    }
    for (; mask && w->seen < w->to; mask &= mask - 1)
        if (w->seen++ >= w->from)
            w->ret[w->got++] = first + (uint32_t)__builtin_ctzll(mask);
}

/* Where ids ascend with the rows: those of the run at from…to - 1 in the order of their rows. */
static size_t page_by_row(const struct ordering *o, const struct run *r, size_t from, size_t to,
                          uint32_t *ret)
{
    const struct audience *a = o->a;
    struct walk w = {.from = from, .to = to, .ret = ret};
    for (int64_t i = 0; o->rows && i < o->n && w.seen < to; i++)
        if (o->codes[i] >= r->low && o->codes[i] <= r->high && w.seen++ >= from)
            ret[w.got++] = o->rows[i];
    for (uint32_t i = 0; !o->rows && i < a->nblocks && w.seen < to; i++) {
        const uint64_t *mask = o->mask + (size_t)i * BLOCK_WORDS;
        uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS];
        size_t words = block_words(&a->blocks[i]);
        a->simd->codes(a->blocks[i].codes[o->column], words,
                       (struct simd_codes){(uint8_t)r->low, (uint8_t)r->high, 1, 0}, in, edge);
        for (size_t k = 0; k < words && w.seen < to; k++)
            walk_word(&w, i * BLOCK_ROWS + (uint32_t)k * 64, in[k] & mask[k]);
    }
    return w.got;
}

/* All rows, where ids ascend with them, by id. */
static size_t page_of_ids(const struct ordering *o, int64_t offset, size_t limit, uint32_t *ret)
{
    const int64_t end = o->n - offset < (int64_t)limit ? o->n : offset + (int64_t)limit;
    struct walk w = {.from = (size_t)(o->descending ? o->n - end : offset),
                     .to = (size_t)(o->descending ? o->n - offset : end),
                     .ret = ret};
    for (uint32_t i = 0; i < o->a->nblocks; i++)
        for (size_t k = 0; k < block_words(&o->a->blocks[i]) && w.seen < w.to; k++)
            walk_word(&w, i * BLOCK_ROWS + (uint32_t)k * 64, o->mask[(size_t)i * BLOCK_WORDS + k]);
    for (size_t i = 0; o->descending && i < w.got / 2; i++) {
        uint32_t row = ret[i];
        ret[i] = ret[w.got - 1 - i];
        ret[w.got - 1 - i] = row;
    }
    return w.got;
}

/* Rows from…to - 1 of the run, in the order asked. */
static size_t page_of_run(const struct ordering *o, const struct run *r, size_t from, size_t to,
                          uint32_t *ret)
{
    if (from >= to || r->low > r->high)
        return 0;
    bool ties = r->low == 0 || (r->low == r->high && cuts_pure(&o->a->cuts[o->column], r->low) &&
                                !column_is_text(o->column));
    if (ties && o->a->ids_ascend)
        return page_by_row(o, r, from, to, ret);
    if (ties && r->n > FEW && o->column != COL_ID)
        return page_by_id(o, r, from, to, ret);
    struct key *keys;
    size_t n = collect(o, r->low, r->high, r->n, &keys);
    return slice(o, keys, n, from, to, ret);
}

/* Rows from…to - 1 of all whose value is known, `n` in number. */
static size_t page_of_known(const struct ordering *o, int64_t n, int64_t from, int64_t to,
                            uint32_t *ret)
{
    if (from >= to)
        return 0;
    const int codes = o->a->cuts[o->column].n;
    struct run all = {1, codes, 0, n}, first = all, last = all;
    if (n <= FEW)
        return page_of_run(o, &all, (size_t)from, (size_t)to, ret);
    /* in ascending terms */
    int64_t begin = o->descending ? n - 1 - from : from, end = o->descending ? n - to : to - 1;
    find_code(o, &first, begin);
    if (end >= first.before && end < first.before + first.n)
        last = first;
    else
        find_code(o, &last, end);
    struct run a = first, c = last;
    int64_t skipped =
        o->descending ? n - a.before - a.n : a.before; /* before the first code, as asked */
    int64_t stop = skipped + a.n < to ? skipped + a.n : to;
    size_t got = page_of_run(o, &a, (size_t)(from - skipped), (size_t)(stop - skipped), ret);
    if (a.low == c.low)
        return got;
    int64_t until = o->descending ? n - c.before - c.n : c.before;
    struct run between = o->descending ? (struct run){c.low + 1, a.low - 1, 0, until - stop}
                                       : (struct run){a.low + 1, c.low - 1, 0, until - stop};
    got += page_of_run(o, &between, 0, (size_t)(until - stop), ret + got);
    return got + page_of_run(o, &c, 0, (size_t)(to - until), ret + got);
}

/* The run's rows are ties: the same question by id, of a mask with these alone. */
static size_t page_by_id(const struct ordering *o, const struct run *r, size_t from, size_t to,
                         uint32_t *ret)
{
    const struct audience *a = o->a;
    uint64_t *mask = arena_room(o->arena, (size_t)a->nblocks * BLOCK_WORDS, sizeof(uint64_t));
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t *m = mask + (size_t)i * BLOCK_WORDS, edge[BLOCK_WORDS];
        const uint64_t *of = o->mask + (size_t)i * BLOCK_WORDS;
        size_t words = block_words(b);
        a->simd->codes(b->codes[o->column], words,
                       (struct simd_codes){(uint8_t)r->low, (uint8_t)r->high, 1, 0}, m, edge);
        a->simd->keep(m, of, 0, words);
    }
    struct ordering by_id = {.a = a, .arena = o->arena, .mask = mask, .column = COL_ID, .n = r->n};
    prepare(&by_id);
    return page_of_known(&by_id, r->n, (int64_t)from, (int64_t)to, ret);
}

static size_t page_of_column(struct ordering *o, int64_t offset, size_t limit, uint32_t *ret)
{
    int64_t n = o->n, end = n - offset < (int64_t)limit ? n : offset + (int64_t)limit;
    if (o->column == COL_ID && o->a->ids_ascend)
        return page_of_ids(o, offset, limit, ret);
    prepare(o);
    if (n <= FEW) {
        struct key *keys;
        size_t found = collect(o, 0, CODES, n, &keys);
        return slice(o, keys, found, (size_t)offset, (size_t)end, ret);
    }
    int64_t known = o->a->cuts[o->column].count[0] == dead_rows(o->a) ? n : count_known(o);
    size_t got = 0;
    if (offset < known)
        got = page_of_known(o, known, offset, end < known ? end : known, ret);
    if (end > known) {
        struct run none = {0, 0, 0, n - known};
        int64_t from = offset > known ? offset - known : 0;
        got += page_of_run(o, &none, (size_t)from, (size_t)(end - known), ret + got);
    }
    return got;
}

size_t order_page(const struct audience *a, struct arena *arena, const struct found *found,
                  enum field_id field, bool descending, int64_t offset, size_t limit, uint32_t *ret)
{
    if (offset >= found->n || limit == 0)
        return 0;
    if (order_is_of_sets(field))
        return order_page_of_sets(a, arena, found, field, descending, offset, limit, ret);
    /* who is younger was born later */
    struct ordering o = {.a = a,
                         .arena = arena,
                         .mask = found->mask,
                         .rows = found->rows,
                         .column = field_column(field),
                         .n = found->n,
                         .descending = descending != (field == FIELD_AGE)};
    return page_of_column(&o, offset, limit, ret);
}
