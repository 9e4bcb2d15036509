/* A range ends where values of the column do: at an edge, below which rows are counted. Codes are
 * cut at most edges of numbers (columns.c), so that counting codes is enough; of a code that an
 * edge parts, as of days, the rows are looked at. */
#include "ranges.h"
#include "../base/check.h"
#include "plan.h"
#include "query_parser.h"

enum { RANGES_MAX = 48, EDGES_MAX = 2 * RANGES_MAX, LIMITS_A_PASS = 4 };

struct range {
    int64_t low, high; /* of the column's values; INT64_MIN, INT64_MAX: open */
};
/* How it stands in a query, and what that means. */
struct range_value {
    struct str key;
    struct query_value as;
    enum query_match match;
    struct range of[2];
    int n;
};
/* Rows with a known value below it: those of the codes before its own, and of that those found. */
struct edge {
    int64_t at;
    int64_t found;
    uint8_t code;
    bool parts;    /* its code has values on both sides */
    uint16_t last; /* the last raw value below it, where the column has those */
};
struct range_counts {
    const struct audience *a;
    struct arena *arena;
    enum field_id field;
    enum column column;
    bool raw; /* the column has raw values */
    enum narrow narrow;
    struct range_value values[RANGES_MAX];
    int nvalues;
    struct edge edges[EDGES_MAX]; /* ascending, each once */
    int nedges;
    int64_t rows;
    int64_t by_code[4][CODES + 1]; /* rows that were read one by one, in turn: the same code again
                                      would wait for the one before */
    uint8_t limits[EDGES_MAX + 4]; /* codes up to which the others were counted, ascending; CODES
                                    * last, and as often as fills a pass */
    uint64_t upto[EDGES_MAX + 4];
    int nlimits;
    int8_t first[CODES + 1]; /* the first edge that parts this code, or -1 */
    uint16_t *places;
};

/* ---- which ranges ---- */

static struct range_value *add_value(struct range_counts *r, enum query_match match,
                                     const char *key, int64_t low, int64_t high)
{
    check(r->nvalues < RANGES_MAX);
    struct range_value *v = &r->values[r->nvalues++];
    *v = (struct range_value){.key = str_c(key),
                              .as = {.low = low, .high = high},
                              .match = match,
                              .of = {{low, high}},
                              .n = 1};
    return v;
}

/* As the query language reads it: 12.50 of 1250 with two decimals, 12 of 1200. */
static const char *number_text(const struct range_counts *r, int64_t v, int decimals)
{
    int64_t unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    return v % unit ? arena_printf(r->arena, "%lld.%0*lld", (long long)(v / unit), decimals,
                                   (long long)(v % unit))
                    : arena_printf(r->arena, "%lld", (long long)(v / unit));
}

static void add_between(struct range_counts *r, int64_t low, int64_t high, int decimals)
{
    const char *from = number_text(r, low, decimals), *to = number_text(r, high, decimals);
    if (low <= high)
        add_value(r, MATCH_RANGE, low == high ? from : arena_printf(r->arena, "%s..%s", from, to),
                  low, high);
}

static void add_numbers(struct range_counts *r, int decimals)
{
    int64_t unit = 1, from = 1;
    bool amount = fields[r->field].kind == KIND_MONEY;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    add_value(r, MATCH_RANGE, amount ? "<=0" : "0", amount ? INT64_MIN : 0, 0);
    if (fields[r->field].kind == KIND_TENTHS) {
        add_between(r, from, unit / 2 - 1, decimals);
        from = unit / 2;
    }
    for (int i = 0; range_step(i) <= RANGE_TOP; i++) {
        add_between(r, from, range_step(i) * unit - 1, decimals);
        from = range_step(i) * unit;
    }
    add_value(r, MATCH_RANGE, arena_printf(r->arena, ">=%s", number_text(r, from, decimals)), from,
              INT64_MAX);
}

static void add_days(struct range_counts *r)
{
    static const char *const keys[] = {"<7d",       "<30d",  "<90d", "this_month",
                                       "this_year", ">=90d", ">=1y"};
    const size_t n = r->field == FIELD_REGISTERED ? ARRAY_LEN(keys) - 2 : ARRAY_LEN(keys);
    for (size_t i = 0; i < n; i++) {
        int64_t low, high;
        check(query_days(r->a->now.today, str_c(keys[i]), &low, &high));
        add_value(r, MATCH_RANGE, keys[i], low, high);
    }
}

static void add_upcoming(struct range_counts *r, const char *key, int64_t days)
{
    struct birthdays ranges[2];
    struct range_value *v = add_value(r, MATCH_UPCOMING, key, days, 0);
    v->n = birthday_ranges(r->a->now.today, days, ranges);
    for (int i = 0; i < v->n; i++)
        v->of[i] = (struct range){ranges[i].low > 0 ? ranges[i].low : INT64_MIN, ranges[i].high};
}

static void add_birthdays(struct range_counts *r)
{
    const int32_t today = r->a->now.today;
    add_upcoming(r, "today", 0);
    add_upcoming(r, "next_7d", 7);
    add_upcoming(r, "next_1m", day_add_months(today, 1) - today);
    for (int month = 1; month <= 12; month++) {
        struct range_value *v =
            add_value(r, MATCH_MONTHS, arena_printf(r->arena, "month=%d", month),
                      BIRTHDAY_MONTH * month, BIRTHDAY_MONTH * (month + 1) - 1);
        v->as = (struct query_value){.number = month};
    }
}

/* ---- where they end ---- */

static void add_edge(struct range_counts *r, int64_t at)
{
    int i = r->nedges;
    while (i > 0 && r->edges[i - 1].at > at)
        i--;
    if (i > 0 && r->edges[i - 1].at == at)
        return;
    memmove(&r->edges[i + 1], &r->edges[i], (size_t)(r->nedges++ - i) * sizeof(r->edges[0]));
    r->edges[i] = (struct edge){.at = at};
}

static void place_edges(struct range_counts *r)
{
    const struct cuts *cuts = &r->a->cuts[r->column];
    memset(r->first, -1, sizeof(r->first));
    for (int i = 0; i < r->nedges; i++) {
        struct edge *e = &r->edges[i];
        e->code = (uint8_t)cuts_code(cuts, e->at);
        e->parts = e->at > cuts->lower[e->code];
        struct narrow_range upto;
        if (narrow_range(r->column, INT64_MIN, e->at - 1, &upto)) {
            r->raw = true;
            r->narrow = upto.narrow;
            e->last = upto.low <= upto.high ? upto.high : 0;
        }
        if (e->parts && r->first[e->code] < 0)
            r->first[e->code] = (int8_t)i;
        if (r->nlimits == 0 || r->limits[r->nlimits - 1] != e->code - 1)
            r->limits[r->nlimits++] = (uint8_t)(e->code - 1);
    }
    do
        r->limits[r->nlimits++] = CODES;
    while (r->nlimits % LIMITS_A_PASS);
}

struct range_counts *ranges_open(const struct audience *a, struct arena *arena, enum field_id field,
                                 int currency_decimals)
{
    struct range_counts *r = arena_make(arena, struct range_counts);
    *r = (struct range_counts){
        .a = a, .arena = arena, .field = field, .column = field_column(field)};
    if (fields[field].kind == KIND_DAY)
        add_days(r);
    else if (fields[field].kind == KIND_BIRTHDAY)
        add_birthdays(r);
    else
        add_numbers(r, fields[field].kind == KIND_MONEY    ? currency_decimals
                       : fields[field].kind == KIND_TENTHS ? 1
                                                           : 0);
    for (int i = 0; i < r->nvalues; i++) {
        for (int k = 0; k < r->values[i].n; k++) {
            const struct range *of = &r->values[i].of[k];
            if (of->low > INT64_MIN)
                add_edge(r, of->low);
            if (of->high < INT64_MAX)
                add_edge(r, of->high + 1);
        }
    }
    place_edges(r);
    return r;
}

/* ---- counting ---- */

/* Rows of one code, which an edge parts: each is found at the first edge that it is below (and is
 * below those after it: see below()). */
static void look(struct range_counts *r, uint32_t block, const uint16_t *places, size_t n,
                 uint8_t code)
{
    enum { AHEAD = 16 };
    const struct block *b = &r->a->blocks[block];
    const uint16_t *raw = r->raw ? b->narrow[r->narrow] : NULL;
    struct edge *first = &r->edges[r->first[code]], *end = first;
    while (end < r->edges + r->nedges && end->code == code)
        end++;
    for (size_t i = 0; i < n; i++) {
        struct edge *e = first;
        if (raw && raw[places[i]] != UINT16_MAX) {
            if (i + AHEAD < n)
                __builtin_prefetch(&raw[places[i + AHEAD]]);
            while (e < end && raw[places[i]] > e->last)
                e++;
        } else {
            if (i + AHEAD < n)
                column_foresee(b, r->column, places[i + AHEAD]);
            int64_t v = column_value(r->a, r->column, block << BLOCK_BITS | places[i]);
            while (e < end && v >= e->at)
                e++;
        }
        if (e < end)
            e->found++;
    }
}

static uint16_t *places_room(struct range_counts *r)
{
    if (!r->places)
        r->places = arena_room(r->arena, BLOCK_ROWS + PLACES_MORE, sizeof(*r->places));
    return r->places;
}

static void look_for(struct range_counts *r, uint32_t block, const uint64_t *mask)
{
    const struct block *b = &r->a->blocks[block];
    for (int code = 1; code <= CODES; code++) {
        if (r->first[code] < 0 || r->a->cuts[r->column].count[code] == 0)
            continue;
        size_t n = r->a->simd->collect_codes(b->codes[r->column], mask, block_words(b),
                                             (uint8_t)code, (uint8_t)code, places_room(r));
        look(r, block, r->places, n, (uint8_t)code);
    }
}

/* Rows lie as in the block, so that their codes are near one another. */
static void read_rows(struct range_counts *r, uint32_t block, const uint16_t *places, size_t n)
{
    const uint8_t *codes = r->a->blocks[block].codes[r->column];
    for (size_t i = 0; i < n; i++) {
        uint8_t code = codes[places[i]];
        r->by_code[i & 3][code]++;
        if (r->first[code] >= 0)
            look(r, block, &places[i], 1, code);
    }
}

void ranges_add(struct range_counts *r, const struct selection *s)
{
    enum { FEW = BLOCK_ROWS / 8 }; /* more cost as much as all passes over the codes */
    const struct block *b = &r->a->blocks[s->block];
    r->rows += s->n;
    if (s->places) {
        read_rows(r, s->block, s->places, (size_t)s->n);
    } else if (s->n <= FEW) {
        size_t n = r->a->simd->places(s->mask, block_words(b), places_room(r));
        read_rows(r, s->block, r->places, n);
    } else {
        for (int i = 0; i < r->nlimits; i += LIMITS_A_PASS)
            r->a->simd->count_codes(b->codes[r->column], s->mask, block_words(b), &r->limits[i],
                                    &r->upto[i]);
        look_for(r, s->block, s->mask);
    }
}

void ranges_add_all(struct range_counts *r)
{
    const struct audience *a = r->a;
    r->rows += a->count;
    for (int code = 1; code <= CODES; code++)
        r->by_code[0][code] += a->cuts[r->column].count[code];
    for (uint32_t i = 0; i < a->nblocks; i++)
        look_for(r, i, a->blocks[i].live);
}

/* ---- the answer ---- */

static int64_t read_of(const struct range_counts *r, int code)
{
    return r->by_code[0][code] + r->by_code[1][code] + r->by_code[2][code] + r->by_code[3][code];
}

static int64_t known(const struct range_counts *r)
{
    int64_t n = (int64_t)r->upto[r->nlimits - 1];
    for (int code = 1; code <= CODES; code++)
        n += read_of(r, code);
    return n;
}

/* Known rows below an edge. */
static int64_t below(const struct range_counts *r, int64_t at)
{
    int i = 0, limit = 0;
    while (r->edges[i].at != at)
        i++;
    const uint8_t code = r->edges[i].code;
    while (r->limits[limit] != code - 1)
        limit++;
    int64_t n = (int64_t)r->upto[limit];
    for (int c = 1; c < code; c++)
        n += read_of(r, c);
    for (; i >= 0 && r->edges[i].code == code; i--)
        n += r->edges[i].found;
    return n;
}

static int64_t count_of(const struct range_counts *r, const struct range_value *v)
{
    int64_t n = 0;
    for (int i = 0; i < v->n; i++)
        n += (v->of[i].high == INT64_MAX ? known(r) : below(r, v->of[i].high + 1)) -
             (v->of[i].low == INT64_MIN ? 0 : below(r, v->of[i].low));
    return n;
}

static bool is_chosen(const struct query_node *n, const struct range_counts *r,
                      const struct range_value *v)
{
    bool chosen = false;
    for (int i = 0; n->kind == NODE_AND && i < n->nchildren; i++)
        chosen = chosen || is_chosen(n->children[i], r, v);
    if (n->kind != NODE_TERM || n->field != r->field || n->match != v->match)
        return chosen;
    for (int i = 0; i < n->nvalues; i++) {
        const struct query_value *q = &n->values[i];
        chosen =
            chosen || (v->match == MATCH_MONTHS     ? q->number == v->as.number
                       : v->match == MATCH_UPCOMING ? q->low == v->as.low
                                                    : q->low == v->as.low && q->high == v->as.high);
    }
    return chosen;
}

void ranges_close(struct range_counts *r, const struct query_node *root, struct audience_facet *ret)
{
    const enum field_kind kind = fields[r->field].kind;
    *ret = (struct audience_facet){.field = r->field, .unknown = r->rows - known(r)};
    ret->values = arena_array(r->arena, struct audience_facet_value, (size_t)r->nvalues);
    for (int i = 0; i < r->nvalues; i++) {
        const struct range_value *v = &r->values[i];
        const int64_t n = count_of(r, v);
        const bool chosen = root && is_chosen(root, r, v);
        if (n > 0 || chosen || kind == KIND_DAY || kind == KIND_BIRTHDAY)
            ret->values[ret->n++] =
                (struct audience_facet_value){.key = v->key, .count = n, .chosen = chosen};
    }
}
