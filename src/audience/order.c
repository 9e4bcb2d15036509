/* Codes are cut so that few rows share one: the code at which a page begins is found by counting,
 * and only the rows of the page's codes are compared. Where one value is so common that it has a
 * code for itself, all its rows are ties, and the same is done once more by id. */
#include <math.h>
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
static void foresee(const struct ordering *o, const uint32_t *rows, size_t n, size_t at)
{
    enum { STEP = 12 };
    if (at + 2 * STEP < n) {
        const struct block *b = row_block(o->a, rows[at + 2 * STEP]);
        column_foresee(b, o->column, ROW_AT(rows[at + 2 * STEP]));
        if (column_is_text(o->column))
            __builtin_prefetch(&b->domain[ROW_AT(rows[at + 2 * STEP])]);
    }
    if (column_is_text(o->column) && at + STEP < n) {
        const struct block *b = row_block(o->a, rows[at + STEP]);
        __builtin_prefetch(b->heap.p + b->record[ROW_AT(rows[at + STEP])]);
    }
}

/* What the rows, all with these codes, are put in order by. */
static struct key *keys_of(const struct ordering *o, const uint32_t *rows, size_t n, int low,
                           int high)
{
    struct key *keys = arena_room(o->arena, n + 1, sizeof(*keys));
    const size_t skip = column_skip(o->a, o->column, low, high);
    for (size_t i = 0; i < n; i++) {
        foresee(o, rows, n, i);
        keys[i] = key_of(o, rows[i], skip);
    }
    return keys;
}

/* Of the rows with such codes, those with codes low..high; returns how many. */
static size_t rows_between(const uint32_t *rows, const uint8_t *codes, int64_t n, int low, int high,
                           uint32_t *ret)
{
    const uint8_t span = (uint8_t)(high - low);
    size_t got = 0;
    for (int64_t i = 0; i < n; i++) {
        ret[got] = rows[i];
        got += (uint8_t)(codes[i] - low) <= span;
    }
    return got;
}

/* The rows with these codes, `n` or fewer. */
static size_t collect(const struct ordering *o, int low, int high, int64_t n, struct key **ret)
{
    const struct audience *a = o->a;
    uint32_t *rows = arena_room(o->arena, (size_t)n + 1, sizeof(*rows));
    size_t got = 0;
    if (o->rows)
        got = rows_between(o->rows, o->codes, o->n, low, high, rows);
    uint16_t *places =
        o->rows ? NULL : arena_room(o->arena, BLOCK_ROWS + PLACES_MORE, sizeof(uint16_t));
    for (uint32_t i = 0; !o->rows && i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        size_t found =
            a->simd->collect_codes(b->codes[o->column], o->mask + (size_t)i * BLOCK_WORDS,
                                   block_words(b), (uint8_t)low, (uint8_t)high, places);
        for (size_t k = 0; k < found; k++)
            rows[got++] = i * BLOCK_ROWS + places[k];
    }
    *ret = keys_of(o, rows, got, low, high);
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

/* Have all rows with these codes the same value, or none? */
static bool is_tied(const struct ordering *o, int low, int high)
{
    return low == 0 ||
           (low == high && cuts_pure(&o->a->cuts[o->column], low) && !column_is_text(o->column));
}

/* A sample of the mask's rows: how many have each code. */
struct sample {
    uint32_t counts[CODES + 1];
    int64_t n;
};

/* Every so-many-th word of the mask, so that every part of every block is asked. */
static void take_sample(const struct ordering *o, struct sample *ret)
{
    enum { SHARE = 64, LEAST = 1024, MOST = 16384 };
    const struct audience *a = o->a;
    int64_t want = o->n / SHARE;
    want = want < LEAST ? LEAST : want > MOST ? MOST : want;
    const size_t step = (size_t)(o->n / want) | 1, words = (size_t)a->nblocks * BLOCK_WORDS;
    memset(ret, 0, sizeof(*ret));
    for (size_t w = 0; w < words; w += step) {
        const struct block *b = &a->blocks[w / BLOCK_WORDS];
        size_t at = w % BLOCK_WORDS;
        if (at >= block_words(b))
            continue;
        const uint8_t *codes = b->codes[o->column] + 64 * at;
        for (uint64_t m = o->mask[w]; m; m &= m - 1, ret->n++)
            ret->counts[codes[__builtin_ctzll(m)]]++;
    }
}

/* Of `n` in a sample: how far the rank of a row may be from where it is expected. */
static double margin(double rank, double n)
{
    double p = rank < n ? rank / n : 1;
    return 3 * sqrt(n * p * (1 - p)) + 2;
}

/* The codes that hold the rows from…to - 1 of the order, as far as the sample can tell: thrice its
 * standard deviation further at both ends. *ret_n: how many rows they probably have. */
static struct run probable_run(const struct ordering *o, const struct sample *s, int64_t from,
                               int64_t to, int64_t *ret_n)
{
    const double n = (double)s->n, share = n > 0 ? n / (double)o->n : 1;
    const double first = (double)from * share, end = (double)to * share;
    const double low = first - margin(first, n), high = end + margin(end, n);
    const int codes = o->a->cuts[o->column].n, step = o->descending ? -1 : 1;
    int code = o->descending ? codes : 1, last = o->descending ? 1 : codes;
    double upto = s->counts[code];
    for (; code != last && upto <= low; upto += s->counts[code])
        code += step;
    const int begin = code;
    double rows = s->counts[code];
    for (; code != last && upto < high; rows += s->counts[code], upto += s->counts[code])
        code += step;
    *ret_n = (int64_t)(rows / share);
    return o->descending ? (struct run){.low = code, .high = begin}
                         : (struct run){.low = begin, .high = code};
}

/* One pass over the codes of all rows of the mask: how many are known, before and within the run,
 * and, if they are few, which are within. */
struct pass {
    struct run run;
    int64_t known;
    uint32_t *rows; /* within the run, `room` or fewer of them; NULL: too many */
    uint8_t *codes;
    int64_t room;
};

static void pass_collecting(const struct ordering *o, struct pass *p)
{
    const struct audience *a = o->a;
    uint64_t n[3] = {0};
    uint16_t *places = arena_room(o->arena, BLOCK_ROWS + PLACES_MORE, sizeof(uint16_t));
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        const uint8_t *codes = b->codes[o->column];
        uint64_t before = n[SPLIT_WITHIN];
        a->simd->split_codes(codes, o->mask + (size_t)i * BLOCK_WORDS, block_words(b),
                             (uint8_t)p->run.low, (uint8_t)p->run.high, places, n);
        if ((int64_t)n[SPLIT_WITHIN] > p->room)
            p->rows = NULL;
        for (uint64_t k = before; p->rows && k < n[SPLIT_WITHIN]; k++) {
            uint16_t at = places[k - before];
            p->rows[k] = i * BLOCK_ROWS + at;
            p->codes[k] = codes[at];
        }
    }
    p->known = o->n - (int64_t)n[SPLIT_UNKNOWN];
    p->run.before = (int64_t)n[SPLIT_BELOW];
    p->run.n = (int64_t)n[SPLIT_WITHIN];
}

/* The rows from…to - 1 of the order in ascending terms; at least one. */
static void ascending(const struct ordering *o, const struct pass *p, int64_t from, int64_t to,
                      int64_t *ret_first, int64_t *ret_last)
{
    *ret_first = o->descending ? p->known - to : from;
    *ret_last = (o->descending ? p->known - from : to) - 1;
}

/* Too many to be collected are of a few common values: then one more count tells them apart. */
static void pass_counting(const struct ordering *o, struct pass *p, int64_t from, int64_t to)
{
    struct run *r = &p->run;
    const int mid = r->low + (r->high > r->low ? (r->high - r->low - 1) / 2 : 0);
    const uint8_t limits[4] = {(uint8_t)(r->low - 1), (uint8_t)mid, (uint8_t)r->high, CODES};
    uint64_t upto[4];
    int64_t first, last;
    count_codes(o, limits, upto);
    p->known = (int64_t)upto[3];
    ascending(o, p, from, to, &first, &last);
    const int64_t middle = (int64_t)upto[1];
    *r = first >= middle && mid < r->high
             ? (struct run){mid + 1, r->high, middle, (int64_t)upto[2] - middle}
         : last < middle
             ? (struct run){r->low, mid, (int64_t)upto[0], middle - (int64_t)upto[0]}
             : (struct run){r->low, r->high, (int64_t)upto[0], (int64_t)(upto[2] - upto[0])};
}

/* A pass over where the rows from…to - 1 of the order probably are. */
static void pass_for(const struct ordering *o, struct pass *p, int64_t from, int64_t to)
{
    enum { SHARE = 16 }; /* more than that are not worth their room */
    struct sample s;
    int64_t n;
    take_sample(o, &s);
    p->run = probable_run(o, &s, from, to, &n);
    if (n > o->n / SHARE + FEW) {
        pass_counting(o, p, from, to);
        return;
    }
    p->room = 2 * n + FEW;
    p->rows = arena_room(o->arena, (size_t)p->room, sizeof(*p->rows));
    p->codes = arena_room(o->arena, (size_t)p->room, sizeof(*p->codes));
    pass_collecting(o, p);
}

/* Are these rows of the order within the run of the pass? */
static bool is_within(const struct ordering *o, const struct pass *p, int64_t from, int64_t to)
{
    int64_t first, last;
    ascending(o, p, from, to, &first, &last);
    return first >= p->run.before && last < p->run.before + p->run.n;
}

/* The rows of the pass with the codes that hold the rows from…to - 1 of the order, which are all
 * within its run. */
static size_t page_of_pass(const struct ordering *o, const struct pass *p, int64_t from, int64_t to,
                           uint32_t *ret)
{
    uint32_t counts[CODES + 1] = {0};
    for (int64_t i = 0; i < p->run.n; i++)
        counts[p->codes[i]]++;
    int64_t upto = o->descending ? p->known - p->run.before - p->run.n : p->run.before;
    const int step = o->descending ? -1 : 1;
    int first = o->descending ? p->run.high : p->run.low;
    for (; upto + counts[first] <= from; first += step)
        upto += counts[first];
    int last = first;
    int64_t n = counts[first];
    for (; upto + n < to; n += counts[last])
        last += step;
    const int low = o->descending ? last : first, high = o->descending ? first : last;
    uint32_t *rows = arena_room(o->arena, (size_t)n + 1, sizeof(*rows));
    size_t got = rows_between(p->rows, p->codes, p->run.n, low, high, rows);
    if (is_tied(o, low, high) && o->a->ids_ascend) {
        memcpy(ret, rows + (from - upto), (size_t)(to - from) * sizeof(*rows));
        return (size_t)(to - from);
    }
    struct key *keys = keys_of(o, rows, got, low, high);
    return slice(o, keys, got, (size_t)(from - upto), (size_t)(to - upto), ret);
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
    bool ties = is_tied(o, r->low, r->high);
    if (ties && o->a->ids_ascend)
        return page_by_row(o, r, from, to, ret);
    if (ties && r->n > FEW && o->column != COL_ID)
        return page_by_id(o, r, from, to, ret);
    struct key *keys;
    size_t n = collect(o, r->low, r->high, r->n, &keys);
    return slice(o, keys, n, from, to, ret);
}

static struct run run_of_all(const struct ordering *o, int64_t known)
{
    return (struct run){1, o->a->cuts[o->column].n, 0, known};
}

/* Rows from…to - 1 of all whose value is known, `n` in number; they are within the run. */
static size_t page_of_known(const struct ordering *o, int64_t n, const struct run *within,
                            int64_t from, int64_t to, uint32_t *ret)
{
    if (from >= to)
        return 0;
    struct run first = *within, last = first;
    if (n <= FEW) {
        const struct run all = run_of_all(o, n);
        return page_of_run(o, &all, (size_t)from, (size_t)to, ret);
    }
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
    const struct run all = run_of_all(&by_id, r->n);
    return page_of_known(&by_id, r->n, &all, (int64_t)from, (int64_t)to, ret);
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
    struct pass pass = {.room = 0};
    if (!o->counted && o->a->cuts[o->column].n > 0) {
        pass_for(o, &pass, offset, end);
        if (pass.rows && is_within(o, &pass, offset, end))
            return page_of_pass(o, &pass, offset, end, ret);
    } else {
        pass.known = o->a->cuts[o->column].count[0] == dead_rows(o->a) ? n : count_known(o);
    }
    const int64_t known = pass.known;
    size_t got = 0;
    if (offset < known) {
        struct run run = run_of_all(o, known);
        if (is_within(o, &pass, offset, end))
            run = pass.run;
        got = page_of_known(o, known, &run, offset, end < known ? end : known, ret);
    }
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
