/* Codes are cut so that few rows share one: the code at which a page begins is found by counting, and
 * only the rows of the page's codes are compared. Where one value is so common that it has a code for
 * itself, all its rows are ties, and the same is done once more by id. */
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
};
struct key {
    int64_t value;
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
    int rest = x->value == VALUE_NONE ? 0 : column_compare_rest(o->a, o->column, x->row, y->row);
    if (rest)
        return (rest < 0) != o->descending;
    return row_block(o->a, x->row)->id[ROW_AT(x->row)] < row_block(o->a, y->row)->id[ROW_AT(y->row)];
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

static size_t slice(const struct ordering *o, struct key *k, size_t n, size_t from, size_t to, uint32_t *ret)
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

/* The rows with these codes. */
static size_t collect(const struct ordering *o, uint8_t low, uint8_t high, struct key **ret)
{
    size_t n = 0, cap = FEW;
    struct key *keys = arena_array(o->arena, struct key, cap);
    for (uint32_t i = 0; i < o->a->nblocks; i++) {
        const struct block *b = &o->a->blocks[i];
        const uint64_t *mask = o->mask + (size_t)i * BLOCK_WORDS;
        uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS], unknown[BLOCK_WORDS];
        size_t words = block_words(b);
        o->a->simd->codes(b->codes[o->column], words, (struct simd_codes){low, high, 0, 0}, in, edge, unknown);
        for (size_t w = 0; w < words; w++) {
            for (uint64_t m = in[w] & mask[w]; m; m &= m - 1) {
                uint32_t row = i * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(m);
                if (n == cap) {
                    struct key *more = arena_array(o->arena, struct key, cap * 2);
                    memcpy(more, keys, n * sizeof(*keys));
                    keys = more;
                    cap *= 2;
                }
                keys[n++] = (struct key){column_value(o->a, o->column, row), row};
            }
        }
    }
    *ret = keys;
    return n;
}

static int64_t count_codes(const struct ordering *o, int low, int high)
{
    uint64_t n = 0;
    for (uint32_t i = 0; low <= high && i < o->a->nblocks; i++) {
        const struct block *b = &o->a->blocks[i];
        n += o->a->simd->count_codes(b->codes[o->column], o->mask + (size_t)i * BLOCK_WORDS, block_words(b),
                                     (uint8_t)low, (uint8_t)high);
    }
    return (int64_t)n;
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

/* Narrows the run to the one code that holds the row at `rank`, counted from the lowest value. */
static void find_code(const struct ordering *o, struct run *r, int64_t rank)
{
    enum { GUESSES = 5 }; /* then halving, however the mask is spread */
    for (int i = 0; r->low < r->high; i++) {
        int at = i < GUESSES ? guess(o, r, rank) : (r->low + r->high) / 2;
        if (at >= r->high)
            at = r->high - 1;
        int64_t n = count_codes(o, r->low, at);
        if (rank < r->before + n) {
            r->high = at;
            r->n = n;
        } else {
            r->low = at + 1;
            r->before += n;
            r->n -= n;
        }
    }
}

static size_t page_by_id(const struct ordering *o, const struct run *r, size_t from, size_t to, uint32_t *ret);

/* Rows from…to - 1 of the run, in the order asked. */
static size_t page_of_run(const struct ordering *o, const struct run *r, size_t from, size_t to, uint32_t *ret)
{
    if (from >= to || r->low > r->high)
        return 0;
    bool ties = r->low == 0 || (r->low == r->high && cuts_pure(&o->a->cuts[o->column], r->low) &&
                                !column_is_prefix(o->column));
    if (ties && r->n > FEW && o->column != COL_ID)
        return page_by_id(o, r, from, to, ret);
    struct key *keys;
    size_t n = collect(o, (uint8_t)r->low, (uint8_t)r->high, &keys);
    return slice(o, keys, n, from, to, ret);
}

/* Rows from…to - 1 of all whose value is known, `n` in number. */
static size_t page_of_known(const struct ordering *o, int64_t n, int64_t from, int64_t to, uint32_t *ret)
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
    int64_t skipped = o->descending ? n - a.before - a.n : a.before; /* before the first code, as asked */
    int64_t stop = skipped + a.n < to ? skipped + a.n : to;
    size_t got = page_of_run(o, &a, (size_t)(from - skipped), (size_t)(stop - skipped), ret);
    if (a.low == c.low)
        return got;
    struct run between = o->descending ? (struct run){c.low + 1, a.low - 1, 0, 0}
                                       : (struct run){a.low + 1, c.low - 1, 0, 0};
    int64_t until = o->descending ? n - c.before - c.n : c.before;
    got += page_of_run(o, &between, 0, (size_t)(until - stop), ret + got);
    return got + page_of_run(o, &c, 0, (size_t)(to - until), ret + got);
}

/* The run's rows are ties: the same question by id, of a mask with these alone. */
static size_t page_by_id(const struct ordering *o, const struct run *r, size_t from, size_t to, uint32_t *ret)
{
    const struct audience *a = o->a;
    uint64_t *mask = arena_array(o->arena, uint64_t, (size_t)a->nblocks * BLOCK_WORDS);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t *m = mask + (size_t)i * BLOCK_WORDS, edge[BLOCK_WORDS], unknown[BLOCK_WORDS];
        const uint64_t *of = o->mask + (size_t)i * BLOCK_WORDS;
        size_t words = block_words(b);
        a->simd->codes(b->codes[o->column], words,
                       (struct simd_codes){(uint8_t)r->low, (uint8_t)r->high, 0, 0}, m, edge, unknown);
        for (size_t w = 0; w < words; w++)
            m[w] &= of[w];
    }
    const struct ordering by_id = {a, o->arena, mask, COL_ID, false};
    return page_of_known(&by_id, r->n, (int64_t)from, (int64_t)to, ret);
}

static size_t page_of_column(const struct ordering *o, int64_t n, int64_t offset, size_t limit, uint32_t *ret)
{
    int64_t end = n - offset < (int64_t)limit ? n : offset + (int64_t)limit;
    if (n <= FEW) {
        struct key *keys;
        size_t found = collect(o, 0, CODES, &keys);
        return slice(o, keys, found, (size_t)offset, (size_t)end, ret);
    }
    int64_t unknown = count_codes(o, 0, 0), known = n - unknown;
    size_t got = 0;
    if (offset < known)
        got = page_of_known(o, known, offset, end < known ? end : known, ret);
    if (end > known) {
        struct run none = {0, 0, 0, unknown};
        int64_t from = offset > known ? offset - known : 0;
        got += page_of_run(o, &none, (size_t)from, (size_t)(end - known), ret + got);
    }
    return got;
}

/* Types are few and have bitsets: the rows of one after the other, each by id. */
static size_t page_by_type(const struct audience *a, struct arena *arena, const uint64_t *mask, bool descending,
                           int64_t offset, size_t limit, uint32_t *ret)
{
    uint64_t *of_type = arena_array(arena, uint64_t, (size_t)a->nblocks * BLOCK_WORDS);
    const struct ordering by_id = {a, arena, of_type, COL_ID, false};
    size_t got = 0;
    for (int i = 0; i < TYPES && got < limit; i++) {
        int type = descending ? TYPES - 1 - i : i;
        int64_t n = 0;
        for (uint32_t k = 0; k < a->nblocks; k++) {
            const uint64_t *bits = block_bits(&a->blocks[k], BIT_TYPE + type);
            uint64_t *m = of_type + (size_t)k * BLOCK_WORDS;
            for (size_t w = 0; w < block_words(&a->blocks[k]); w++)
                m[w] = bits[w] & mask[(size_t)k * BLOCK_WORDS + w];
            n += (int64_t)a->simd->count(m, block_words(&a->blocks[k]));
        }
        if (offset < n)
            got += page_of_column(&by_id, n, offset, limit - got, ret + got);
        offset = offset > n ? offset - n : 0;
    }
    return got;
}

size_t order_page(const struct audience *a, struct arena *arena, const uint64_t *mask, int64_t n,
                  enum field_id field, bool descending, int64_t offset, size_t limit, uint32_t *ret)
{
    if (offset >= n || limit == 0)
        return 0;
    if (field == FIELD_TYPE)
        return page_by_type(a, arena, mask, descending, offset, limit, ret);
    /* who is younger was born later */
    const struct ordering o = {a, arena, mask, field_column(field), descending != (field == FIELD_AGE)};
    return page_of_column(&o, n, offset, limit, ret);
}
