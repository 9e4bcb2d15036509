/* Of a wide mask each value's bitset is counted against it; of a narrow one the few rows are read. */
#include <stdlib.h>
#include "../base/check.h"
#include "facets.h"

static uint32_t value_count(const struct audience *a, enum field_id f)
{
    uint32_t n = 0;
    if (f == FIELD_AGE)
        return AGE_BANDS;
    if (fields[f].kind == KIND_WORD)
        return a->words[field_dictionary(f)].n;
    while (fields[f].choices[n])
        n++;
    return f == FIELD_TYPE ? n + (uint32_t)a->types.nown : n;
}

void facets_open(struct facet_counts *f, const struct audience *a, struct arena *arena,
                 const struct audience_viewer *viewer, uint64_t wanted)
{
    *f = (struct facet_counts){.a = a, .viewer = viewer};
    for (int i = 0; i < FIELDS; i++) {
        if (!(wanted >> i & 1) || !fields[i].facet)
            continue;
        struct facet_count *c = &f->count[f->n++];
        c->field = (enum field_id)i;
        c->n = value_count(a, c->field);
        c->counts = arena_array(arena, int64_t, (size_t)c->n + 1);
    }
}

struct selection select_rows(const struct audience *a, uint32_t block, const uint64_t *mask, uint16_t *room)
{
    size_t words = block_words(&a->blocks[block]);
    struct selection s = {block, mask, (int64_t)a->simd->count(mask, words), NULL};
    if (room && s.n <= FEW_PLACES) {
        a->simd->places(mask, words, room);
        s.places = room;
    }
    return s;
}

static int64_t count_bit(const struct audience *a, const struct block *b, int bit, const uint64_t *mask)
{
    return (int64_t)a->simd->count_and(block_bits(b, bit), mask, block_words(b));
}

static void add_bits(struct facet_count *c, const struct audience *a, const struct block *b, int first,
                     const uint64_t *mask)
{
    for (uint32_t i = 0; i < c->n; i++)
        c->counts[i] += count_bit(a, b, first + (int)i, mask);
}

/* On each channel everybody has granted, refused, or was never asked. */
static void add_consents(struct facet_count *c, const struct audience *a, const struct selection *s)
{
    const struct block *b = &a->blocks[s->block];
    for (int i = 0; i < CHANNELS; i++) {
        int64_t granted = count_bit(a, b, BIT_CONSENT + i, s->mask);
        int64_t refused = count_bit(a, b, BIT_CONSENT + CHANNELS + i, s->mask);
        c->counts[i] += granted;
        c->counts[CHANNELS + i] += refused;
        c->counts[2 * CHANNELS + i] += s->n - granted - refused;
    }
}

static void add_yes_no(struct facet_count *c, int64_t yes, int64_t all)
{
    c->counts[0] += yes;
    c->counts[1] += all - yes;
}

static int list_of(enum field_id f)
{
    for (int l = 0; l < LISTS; l++)
        if (list_dictionary[l] == field_dictionary(f))
            return l;
    return LISTS;
}

static void gather_long(struct facet_count *c, const struct block *b, uint32_t at, int list)
{
    struct record r;
    heap_get(&b->heap, b->record[at], &r);
    const uint8_t *p = (const uint8_t *)r.part[PART_LISTS + list].p;
    const uint8_t *end = p + r.part[PART_LISTS + list].n;
    while (p < end)
        c->counts[varint_next(&p, end)]++;
}

/* Rows ahead of the one being read that are fetched already. */
enum { AHEAD = 16 };

/* The four slots of a row are counted whether they are there or not: place 0 is for those that are not. */
static void gather_list(struct facet_count *c, const struct block *b, const struct selection *s, int list)
{
    uint32_t slots[4][256] = {{0}};
    for (int64_t i = 0; i < s->n; i++) {
        __builtin_prefetch(&b->small[s->places[i + AHEAD < s->n ? i + AHEAD : i]]);
        uint32_t packed = b->small[s->places[i]].lists[list];
        if (packed == LIST_LONG) {
            gather_long(c, b, s->places[i], list);
            continue;
        }
        slots[0][packed & 255]++;
        slots[1][packed >> 8 & 255]++;
        slots[2][packed >> 16 & 255]++;
        slots[3][packed >> 24]++;
    }
    for (uint32_t k = 0; k < c->n && k < 255; k++)
        c->counts[k] += slots[0][k + 1] + slots[1][k + 1] + slots[2][k + 1] + slots[3][k + 1];
}

static void gather_slots(struct facet_count *c, const struct block *b, const struct selection *s)
{
    for (int64_t i = 0; i < s->n; i++) {
        __builtin_prefetch(&b->small[s->places[i + AHEAD < s->n ? i + AHEAD : i]]);
        const struct small *row = &b->small[s->places[i]];
        uint32_t slot = c->field == FIELD_CITY       ? row->city
                        : c->field == FIELD_SOURCE   ? row->source
                        : c->field == FIELD_LANGUAGE ? row->language
                                                     : row->country;
        c->counts[slot ? slot - 1 : c->n]++; /* one more place for none */
    }
}

/* Reading a row costs about as much as counting a 24th of a bitset. */
enum { ROWS_A_BITSET = 24 };

static void add_words(struct facet_count *c, const struct audience *a, const struct selection *s)
{
    const struct block *b = &a->blocks[s->block];
    enum dictionary d = field_dictionary(c->field);
    const struct words *words = &a->words[d];
    int list = list_of(c->field);
    c->unknown += s->n - count_bit(a, b, BIT_KNOWN + (int)d, s->mask);
    if (s->places && s->n < (int64_t)words->n * ROWS_A_BITSET) {
        if (list < LISTS)
            gather_list(c, b, s, list);
        else
            gather_slots(c, b, s);
        return;
    }
    for (uint32_t slot = 0; slot < words->n; slot++) {
        const struct container *k = posting_block(&words->word[slot].rows, s->block);
        if (k)
            c->counts[slot] += (int64_t)container_count_and(k, s->mask, block_words(b), a->simd->count_and);
    }
}

static void add_favourites(struct facet_count *c, const struct facet_counts *f, const struct selection *s)
{
    int64_t yes = 0;
    for (size_t i = 0; f->viewer->staff_id && i < f->a->nstaff; i++) {
        if (f->a->staff[i].staff != f->viewer->staff_id)
            continue;
        const struct container *k = posting_block(&f->a->staff[i].rows, s->block);
        if (k)
            yes = (int64_t)container_count_and(k, s->mask, block_words(&f->a->blocks[s->block]), f->a->simd->count_and);
    }
    add_yes_no(c, yes, s->n);
}

static void add_one(struct facet_count *c, const struct facet_counts *f, const struct selection *s)
{
    const struct audience *a = f->a;
    const struct block *b = &a->blocks[s->block];
    const uint64_t *mask = s->mask;
    switch (c->field) {
    case FIELD_AGE:
        add_bits(c, a, b, BIT_AGE, mask);
        return;
    case FIELD_FAVOURITE:
        add_favourites(c, f, s);
        return;
    case FIELD_BLOCKED:
        add_yes_no(c, count_bit(a, b, BIT_BLOCKED, mask), s->n);
        return;
    case FIELD_ACTIVE:
        add_yes_no(c, count_bit(a, b, BIT_ACTIVE, mask), s->n);
        return;
    case FIELD_ANONYMOUS:
        add_yes_no(c, count_bit(a, b, BIT_ANONYMOUS, mask), s->n);
        return;
    case FIELD_GENDER:
        add_bits(c, a, b, BIT_GENDER, mask);
        return;
    case FIELD_DEVICE:
        add_bits(c, a, b, BIT_DEVICE, mask);
        return;
    case FIELD_CONSENT:
        add_consents(c, a, s);
        return;
    case FIELD_TYPE:
        add_bits(c, a, b, BIT_TYPE, mask);
        return;
    case FIELD_HAS:
        add_bits(c, a, b, BIT_HAS, mask);
        return;
    case FIELD_INITIAL:
        add_bits(c, a, b, BIT_INITIAL, mask);
        return;
    default:
        add_words(c, a, s);
        return;
    }
}

/* Rows without any of the values of a choice. */
static int64_t none_of(const struct facet_count *c, const struct audience *a, const struct selection *s)
{
    const struct block *b = &a->blocks[s->block];
    int first = c->field == FIELD_HAS ? BIT_HAS : BIT_CONSENT;
    int n = c->field == FIELD_HAS ? (int)c->n : CHANNELS; /* granted on no channel */
    uint64_t some[BLOCK_WORDS];
    size_t words = block_words(b);
    memcpy(some, block_bits(b, first), words * sizeof(*some));
    for (int i = 1; i < n; i++)
        a->simd->add(some, block_bits(b, first + i), 0, words);
    return s->n - (int64_t)a->simd->count_and(some, s->mask, words);
}

static bool has_one_value(enum field_id f)
{
    return f == FIELD_GENDER || f == FIELD_DEVICE || f == FIELD_AGE;
}

void facets_add(struct facet_counts *f, const struct selection *s, uint64_t which)
{
    for (int i = 0; s->n && i < f->n; i++) {
        struct facet_count *c = &f->count[i];
        if (!(which >> c->field & 1))
            continue;
        add_one(c, f, s);
        if (c->field == FIELD_HAS || c->field == FIELD_CONSENT)
            c->unknown += none_of(c, f->a, s);
        if (has_one_value(c->field))
            c->unknown += s->n; /* less those of each value: see facets_close() */
    }
}

/* Is the value asked for at the top of the query: by its choice or word, or an age band as a range. */
static bool is_chosen(const struct query_node *n, enum field_id f, int64_t id, int64_t low, int64_t high)
{
    bool chosen = false;
    for (int i = 0; n->kind == NODE_AND && i < n->nchildren; i++)
        chosen = chosen || is_chosen(n->children[i], f, id, low, high);
    if (n->kind != NODE_TERM || n->field != f)
        return chosen;
    for (int i = 0; i < n->nvalues; i++) {
        const struct query_value *v = &n->values[i];
        chosen = chosen || (n->match == MATCH_VALUES && v->number == id) ||
                 (n->match == MATCH_RANGE && (v->low < 0 ? 0 : v->low) == low && v->high == high);
    }
    return chosen;
}

static int compare_str(struct str a, struct str b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int compare_values(const void *x, const void *y)
{
    const struct audience_facet_value *a = x, *b = y;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return compare_str(a->label.n ? a->label : a->key, b->label.n ? b->label : b->key);
}

static void close_words(const struct facet_counts *f, const struct facet_count *c, struct arena *arena,
                        const struct query_node *root, struct audience_facet *ret)
{
    const struct words *w = &f->a->words[field_dictionary(c->field)];
    bool coded = c->field == FIELD_LANGUAGE || c->field == FIELD_COUNTRY;
    ret->values = arena_array(arena, struct audience_facet_value, (size_t)c->n + 1);
    for (uint32_t slot = 0; slot < c->n; slot++) {
        bool chosen = root && is_chosen(root, c->field, w->word[slot].id, -1, -1);
        if (c->counts[slot] == 0 && !chosen)
            continue;
        ret->values[ret->n++] = (struct audience_facet_value){.label = w->word[slot].name,
                                                              .count = c->counts[slot],
                                                              .chosen = chosen};
    }
    qsort(ret->values, (size_t)ret->n, sizeof(*ret->values), compare_values);
    int kept = ret->n < AUDIENCE_FACET_VALUES_MAX ? ret->n : AUDIENCE_FACET_VALUES_MAX;
    for (int i = kept; i < ret->n; i++)
        if (ret->values[i].chosen)
            ret->values[kept++] = ret->values[i];
    ret->n = kept;
    for (int i = 0; i < ret->n; i++) {
        struct str name = arena_str(arena, ret->values[i].label);
        ret->values[i].key = query_quoted(arena, name);
        ret->values[i].label = coded ? STR("") : name;
    }
}

static void close_fixed(const struct audience *a, const struct facet_count *c, struct arena *arena, const struct query_node *root,
                        struct audience_facet *ret)
{
    bool ages = c->field == FIELD_AGE;
    ret->n = (int)c->n;
    ret->values = arena_array(arena, struct audience_facet_value, (size_t)c->n);
    for (int i = 0; i < ret->n; i++) {
        bool own = c->field == FIELD_TYPE && i >= TYPES;
        struct str name = own ? arena_str(arena, a->types.own[i - TYPES].name) : STR("");
        const char *key = ages ? calendar_bands[i].key : own ? "" : fields[c->field].choices[i];
        int64_t low = ages ? calendar_bands[i].low : -1, high = ages ? calendar_bands[i].high : -1;
        ret->values[i] = (struct audience_facet_value){.key = own ? query_quoted(arena, name) : str_c(key),
                                                       .label = name,
                                                       .count = c->counts[i],
                                                       .chosen = root && is_chosen(root, c->field, i, low, high)};
    }
}

struct audience_facet *facets_close(struct facet_counts *f, struct arena *arena, const struct query *q)
{
    struct audience_facet *facets = arena_array(arena, struct audience_facet, (size_t)f->n + 1);
    for (int i = 0; i < f->n; i++) {
        const struct facet_count *c = &f->count[i];
        facets[i] = (struct audience_facet){.field = c->field, .unknown = c->unknown};
        for (uint32_t k = 0; has_one_value(c->field) && k < c->n; k++)
            facets[i].unknown -= c->counts[k];
        if (fields[c->field].kind == KIND_WORD)
            close_words(f, c, arena, q ? q->root : NULL, &facets[i]);
        else
            close_fixed(f->a, c, arena, q ? q->root : NULL, &facets[i]);
    }
    return facets;
}
