/* Of a wide mask each value's bitset is counted against it; of a narrow one the few rows are read.
 */
#include <stdlib.h>
#include "../base/check.h"
#include "facets.h"
#include "ranges.h"

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
                 const struct audience_ask *ask)
{
    *f = (struct facet_counts){.a = a, .viewer = &ask->viewer, .arena = arena};
    for (int i = 0; i < FIELDS; i++) {
        if (!(ask->facets >> i & 1) || fields[i].facet == FACET_NONE)
            continue;
        struct facet_count *c = &f->count[f->n++];
        c->field = (enum field_id)i;
        if (fields[i].facet == FACET_RANGES) {
            c->ranges = ranges_open(a, arena, c->field, ask->currency_decimals);
            continue;
        }
        c->n = value_count(a, c->field);
        c->counts = arena_array(arena, int64_t, (size_t)c->n + 1);
    }
}

static bool is_flag(enum field_id f)
{
    return f == FIELD_GENDER || f == FIELD_DEVICE || f == FIELD_CONSENT || f == FIELD_BLOCKED ||
           f == FIELD_ANONYMOUS || f == FIELD_HAS || f == FIELD_INITIAL;
}

/* Reading a row costs about as much as counting a 24th of a bitset. */
enum { ROWS_A_BITSET = 24 };

int64_t facets_rows_max(const struct facet_counts *f, uint64_t which)
{
    int64_t flags = 0, most = 0;
    for (int i = 0; i < f->n; i++) {
        const struct facet_count *c = &f->count[i];
        if (!(which >> c->field & 1))
            continue;
        if (c->ranges)
            return FEW_PLACES; /* a pass over all codes costs more than those of so few */
        if (is_flag(c->field))
            flags += c->n;
        else if (fields[c->field].kind == KIND_WORD && c->n > most)
            most = c->n;
    }
    return (flags > most ? flags : most) * ROWS_A_BITSET;
}

struct selection select_rows(const struct audience *a, uint32_t block, const uint64_t *mask,
                             uint16_t *room, int64_t most)
{
    size_t words = block_words(&a->blocks[block]);
    struct selection s = {block, mask, (int64_t)a->simd->count(mask, words), NULL};
    if (s.n <= most && s.n <= FEW_PLACES) {
        if (s.n)
            a->simd->places(mask, words, room);
        s.places = room;
    }
    return s;
}

static int64_t count_bit(const struct audience *a, const struct block *b, int bit,
                         const uint64_t *mask)
{
    return (int64_t)a->simd->count_and(block_bits(b, bit), mask, block_words(b));
}

/* `n` bitsets in a row. */
static void add_bits(int64_t *counts, int n, const struct audience *a, const struct block *b,
                     int first, const uint64_t *mask)
{
    a->simd->count_each(block_bits(b, first), BLOCK_WORDS, n, mask, block_words(b), counts);
}

/* On each channel everybody has granted, refused, is suppressed, or was never asked. */
static void add_consents(struct facet_count *c, const struct audience *a, const struct selection *s)
{
    enum { ASKED = 2 * CHANNELS, NEVER = CHANNELS };
    const struct block *b = &a->blocks[s->block];
    int64_t found[ASKED + NEVER + CHANNELS] = {0};
    add_bits(found, ASKED, a, b, BIT_CONSENT, s->mask);
    add_bits(found + ASKED + NEVER, CHANNELS, a, b, BIT_CONSENT + ASKED + NEVER, s->mask);
    for (int i = 0; i < CHANNELS; i++)
        found[ASKED + i] = s->n - found[i] - found[CHANNELS + i] - found[ASKED + NEVER + i];
    for (size_t i = 0; i < ARRAY_LEN(found); i++)
        c->counts[i] += found[i];
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
    struct str part = heap_part(&b->heap, b->record[at], PART_LISTS + list);
    const uint8_t *p = (const uint8_t *)part.p, *end = p + part.n;
    while (p < end)
        c->counts[varint_next(&p, end)]++;
}

/* The four slots of a row are counted whether they are there or not: place 0 is for those that are
 * not. */
static void gather_list(struct facet_count *c, const struct block *b, const uint16_t *places,
                        size_t n, int list)
{
    struct slot_counts *t = c->slots;
    for (size_t i = 0; i < n; i++) {
        uint32_t packed = small_list(&b->small[places[i]], list);
        if (packed == LIST_LONG) {
            gather_long(c, b, places[i], list);
            continue;
        }
        t->at[0][packed & 255]++;
        t->at[1][packed >> 8 & 255]++;
        t->at[2][packed >> 16 & 255]++;
        t->at[3][packed >> 24]++;
    }
}

static void take_lists(struct facet_count *c)
{
    const struct slot_counts *t = c->slots;
    for (uint32_t k = 0; k < c->n && k < 255; k++)
        c->counts[k] +=
            (int64_t)t->at[0][k + 1] + t->at[1][k + 1] + t->at[2][k + 1] + t->at[3][k + 1];
    c->slots = NULL;
}

static void gather_slots(struct facet_count *c, const struct block *b, const uint16_t *places,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct small *row = &b->small[places[i]];
        uint32_t slot = c->field == FIELD_CITY       ? row->city
                        : c->field == FIELD_SOURCE   ? row->source
                        : c->field == FIELD_TIER     ? row->tier
                        : c->field == FIELD_LANGUAGE ? row->language
                                                     : row->country;
        c->counts[slot ? slot - 1 : c->n]++; /* one more place for none */
    }
}

static void add_words(struct facet_count *c, const struct audience *a, const struct selection *s)
{
    const struct block *b = &a->blocks[s->block];
    enum dictionary d = field_dictionary(c->field);
    const struct words *words = &a->words[d];
    c->unknown += s->n - count_bit(a, b, BIT_KNOWN + (int)d, s->mask);
    if (c->by_rows)
        return;
    for (uint32_t slot = 0; slot < words->n; slot++) {
        const struct container *k = posting_block(&words->word[slot].rows, s->block);
        if (k)
            c->counts[slot] += (int64_t)container_count_and(k, s->mask, block_words(b), a->simd);
    }
}

static void add_favourites(struct facet_count *c, const struct facet_counts *f,
                           const struct selection *s)
{
    int64_t yes = 0;
    for (size_t i = 0; f->viewer->staff_id && i < f->a->nstaff; i++) {
        if (f->a->staff[i].staff != f->viewer->staff_id)
            continue;
        const struct container *k = posting_block(&f->a->staff[i].rows, s->block);
        if (k)
            yes = (int64_t)container_count_and(k, s->mask, block_words(&f->a->blocks[s->block]),
                                               f->a->simd);
    }
    add_yes_no(c, yes, s->n);
}

/* The first bit of a field's values. */
static int field_bits(enum field_id f)
{
    static const uint8_t first[FIELDS] = {
        [FIELD_AGE] = BIT_AGE,         [FIELD_BLOCKED] = BIT_BLOCKED,
        [FIELD_ACTIVE] = BIT_ACTIVE,   [FIELD_GENDER] = BIT_GENDER,
        [FIELD_DEVICE] = BIT_DEVICE,   [FIELD_ANONYMOUS] = BIT_ANONYMOUS,
        [FIELD_CONSENT] = BIT_CONSENT, [FIELD_TYPE] = BIT_TYPE,
        [FIELD_HAS] = BIT_HAS,         [FIELD_INITIAL] = BIT_INITIAL};
    return first[f];
}

static bool is_yes_no(enum field_id f)
{
    return f == FIELD_BLOCKED || f == FIELD_ACTIVE || f == FIELD_ANONYMOUS;
}

static void add_one(struct facet_count *c, const struct facet_counts *f, const struct selection *s)
{
    const struct audience *a = f->a;
    const struct block *b = &a->blocks[s->block];
    if (c->field == FIELD_FAVOURITE)
        add_favourites(c, f, s);
    else if (c->field == FIELD_CONSENT)
        add_consents(c, a, s);
    else if (fields[c->field].kind == KIND_WORD)
        add_words(c, a, s);
    else if (is_yes_no(c->field))
        add_yes_no(c, count_bit(a, b, field_bits(c->field), s->mask), s->n);
    else
        add_bits(c->counts, (int)c->n, a, b, field_bits(c->field), s->mask);
}

enum { HAS_CHOICES = 7 };

/* Rows without any of the values of a choice. */
static int64_t none_of(const struct facet_count *c, const struct audience *a,
                       const struct selection *s)
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

static void gather_flags(struct flag_counts *t, const struct block *b, const uint16_t *places,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t flags = b->small[places[i]].flags;
        t->person[flags >> FLAG_GENDER & 31]++;
        t->consent[flags >> FLAG_CONSENT & 63]++;
        t->marks[flags >> FLAG_BLOCKED & 511]++;
        t->initial[flags >> FLAG_INITIAL & 31]++;
    }
}

/* Marks the facets that are counted by reading rows, if there are any: those of flags all together,
 * or none of them, so that they share their counts. */
static bool choose_by_rows(struct facet_counts *f, const struct selection *s, uint64_t which,
                           struct flag_counts **ret_flags)
{
    struct flag_counts *shared = NULL;
    int64_t values = 0;
    bool some = false;
    for (int i = 0; i < f->n; i++)
        if (which >> f->count[i].field & 1 && is_flag(f->count[i].field))
            values += f->count[i].n;
    for (int i = 0; i < f->n; i++) {
        struct facet_count *c = &f->count[i];
        bool flag = is_flag(c->field), asked = which >> c->field & 1;
        int64_t most = (flag ? values : c->n) * ROWS_A_BITSET;
        c->by_rows =
            asked && s->places && s->n < most && (flag || fields[c->field].kind == KIND_WORD);
        some |= c->by_rows;
        if (c->by_rows && flag) {
            if (!c->flags)
                c->flags = shared ? shared : arena_make(f->arena, struct flag_counts);
            shared = c->flags;
        } else if (c->by_rows && list_of(c->field) < LISTS && !c->slots) {
            c->slots = arena_make(f->arena, struct slot_counts);
        }
    }
    *ret_flags = shared;
    return some;
}

/* Rows lie anywhere: a handful is fetched at once, then read for one facet after the other. */
static void gather(struct facet_counts *f, const struct selection *s, uint64_t which)
{
    enum { HANDFUL = 128 };
    const struct block *b = &f->a->blocks[s->block];
    struct flag_counts *flags;
    if (!choose_by_rows(f, s, which, &flags))
        return;
    for (int64_t from = 0; from < s->n; from += HANDFUL) {
        const uint16_t *places = s->places + from;
        size_t n = (size_t)(s->n - from < HANDFUL ? s->n - from : HANDFUL);
        for (size_t i = 0; i < n; i++)
            __builtin_prefetch(&b->small[places[i]]);
        if (flags)
            gather_flags(flags, b, places, n);
        for (int i = 0; i < f->n; i++) {
            struct facet_count *c = &f->count[i];
            if (!c->by_rows || is_flag(c->field))
                continue;
            int list = list_of(c->field);
            if (list < LISTS)
                gather_list(c, b, places, n, list);
            else
                gather_slots(c, b, places, n);
        }
    }
}

static void take_choice(struct facet_count *c, const uint32_t *table, size_t n, int shift,
                        uint32_t mask)
{
    for (uint32_t key = 0; key < n; key++) {
        uint32_t value = key >> shift & mask; /* 0: unknown */
        if (value && value <= c->n)
            c->counts[value - 1] += table[key];
    }
}

static void take_consents(struct facet_count *c, const uint32_t table[1 << 6])
{
    static const uint8_t place[4] = {[CONSENT_GRANTED] = 0,
                                     [CONSENT_REFUSED] = 1,
                                     [CONSENT_NEVER_ASKED] = 2,
                                     [CONSENT_SUPPRESSED] = 3};
    for (uint32_t key = 0; key < 1 << 6; key++) {
        bool some = false;
        for (int i = 0; i < CHANNELS; i++) {
            uint32_t state = key >> (2 * i) & 3;
            c->counts[place[state] * CHANNELS + i] += table[key];
            some = some || state == CONSENT_GRANTED;
        }
        c->unknown += some ? 0 : table[key];
    }
}

static void take_has(struct facet_count *c, const uint32_t table[1 << 9])
{
    for (uint32_t key = 0; key < 1 << 9; key++) {
        uint32_t has = key >> (FLAG_HAS - FLAG_BLOCKED);
        for (uint32_t i = 0; i < c->n; i++)
            c->counts[i] += has >> i & 1 ? table[key] : 0;
        c->unknown += has ? 0 : table[key];
    }
}

static void take_mark(struct facet_count *c, const uint32_t table[1 << 9], int bit)
{
    for (uint32_t key = 0; key < 1 << 9; key++)
        c->counts[key >> bit & 1 ? 0 : 1] += table[key];
}

static void take_flags(struct facet_count *c)
{
    const struct flag_counts *t = c->flags;
    if (c->field == FIELD_GENDER) {
        take_choice(c, t->person, ARRAY_LEN(t->person), 0, 3);
    } else if (c->field == FIELD_DEVICE) {
        take_choice(c, t->person, ARRAY_LEN(t->person), FLAG_DEVICE - FLAG_GENDER, 7);
    } else if (c->field == FIELD_CONSENT) {
        take_consents(c, t->consent);
    } else if (c->field == FIELD_HAS) {
        take_has(c, t->marks);
    } else if (c->field == FIELD_INITIAL) {
        for (uint32_t i = 0; i < c->n; i++)
            c->counts[i] += t->initial[i];
    } else {
        take_mark(c, t->marks, c->field == FIELD_BLOCKED ? 0 : FLAG_ANONYMOUS - FLAG_BLOCKED);
    }
    c->flags = NULL;
}

void facets_add(struct facet_counts *f, const struct selection *s, uint64_t which)
{
    if (s->n == 0)
        return;
    gather(f, s, which);
    for (int i = 0; i < f->n; i++) {
        struct facet_count *c = &f->count[i];
        if (!(which >> c->field & 1))
            continue;
        if (c->ranges) {
            ranges_add(c->ranges, s);
            continue;
        }
        if (has_one_value(c->field))
            c->unknown += s->n; /* less those of each value: see facets_close() */
        if (c->by_rows && is_flag(c->field))
            continue;
        add_one(c, f, s);
        if (c->field == FIELD_HAS || c->field == FIELD_CONSENT)
            c->unknown += none_of(c, f->a, s);
    }
}

/* Rows that have none of the bits. */
static int64_t count_without(const struct audience *a, const struct block *b, int first, int n)
{
    uint64_t without[BLOCK_WORDS];
    size_t words = block_words(b);
    memcpy(without, b->live, words * sizeof(*without));
    for (int i = 0; i < n; i++)
        a->simd->keep(without, block_bits(b, first + i), ~0ull, words);
    return (int64_t)a->simd->count(without, words);
}

static void count_totals(const struct audience *a, struct totals *t)
{
    memset(t->bits, 0, sizeof(t->bits));
    t->without_consent = t->without_any = 0;
    t->spent = 0;
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        for (int bit = 0; bit < BITS; bit++)
            t->bits[bit] += (int64_t)a->simd->count(block_bits(b, bit), block_words(b));
        t->without_consent += count_without(a, b, BIT_CONSENT, CHANNELS);
        t->without_any += count_without(a, b, BIT_HAS, HAS_CHOICES);
        t->spent += a->simd->sum32(b->wide[WIDE_SPENT], b->live, block_words(b));
    }
}

/* A reader changes nothing that another could see half done: the totals have a lock of their own.
 */
static struct totals *totals_of(const struct audience *a)
{
    struct totals *t = (struct totals *)(uintptr_t)&a->totals;
    pthread_mutex_lock(&t->lock);
    if (!t->valid)
        count_totals(a, t);
    t->valid = true;
    pthread_mutex_unlock(&t->lock);
    return t; /* stays so as long as the reader holds the audience's lock */
}

uint64_t facets_spent_of_all(const struct audience *a)
{
    return totals_of(a)->spent;
}

static void take_bits(struct facet_count *c, const struct totals *t, int first)
{
    for (uint32_t i = 0; i < c->n; i++)
        c->counts[i] = t->bits[first + (int)i];
}

static void words_of_all(struct facet_count *c, const struct audience *a, const struct totals *t)
{
    enum dictionary d = field_dictionary(c->field);
    for (uint32_t slot = 0; slot < c->n; slot++)
        c->counts[slot] = a->words[d].word[slot].rows.total;
    c->unknown = a->count - t->bits[BIT_KNOWN + (int)d];
}

static void favourites_of_all(struct facet_count *c, const struct facet_counts *f)
{
    int64_t yes = 0;
    for (size_t i = 0; f->viewer->staff_id && i < f->a->nstaff; i++)
        if (f->a->staff[i].staff == f->viewer->staff_id)
            yes = f->a->staff[i].rows.total;
    add_yes_no(c, yes, f->a->count);
}

void facets_of_all(struct facet_counts *f)
{
    const struct audience *a = f->a;
    const struct totals *t = f->n ? totals_of(a) : NULL;
    for (int i = 0; i < f->n; i++) {
        struct facet_count *c = &f->count[i];
        if (c->ranges) {
            ranges_add_all(c->ranges);
            continue;
        }
        if (has_one_value(c->field))
            c->unknown = a->count;
        if (c->field == FIELD_CONSENT)
            c->unknown = t->without_consent;
        if (c->field == FIELD_HAS)
            c->unknown = t->without_any;
        if (c->field == FIELD_FAVOURITE)
            favourites_of_all(c, f);
        else if (fields[c->field].kind == KIND_WORD)
            words_of_all(c, a, t);
        else if (is_yes_no(c->field))
            add_yes_no(c, t->bits[field_bits(c->field)], a->count);
        else
            take_bits(c, t, field_bits(c->field));
    }
}

/* Is the value asked for at the top of the query: by its choice or word, or an age band as a range.
 */
static bool is_chosen(const struct query_node *n, enum field_id f, int64_t id, int64_t low,
                      int64_t high)
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

static void close_words(const struct facet_counts *f, const struct facet_count *c,
                        struct arena *arena, const struct query_node *root,
                        struct audience_facet *ret)
{
    const struct words *w = &f->a->words[field_dictionary(c->field)];
    bool coded = c->field == FIELD_LANGUAGE || c->field == FIELD_COUNTRY;
    ret->values = arena_array(arena, struct audience_facet_value, (size_t)c->n + 1);
    for (uint32_t slot = 0; slot < c->n; slot++) {
        bool chosen = root && is_chosen(root, c->field, w->word[slot].id, -1, -1);
        if (c->counts[slot] == 0 && !chosen)
            continue;
        ret->values[ret->n++] = (struct audience_facet_value){
            .label = w->word[slot].name, .count = c->counts[slot], .chosen = chosen};
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

static void close_fixed(const struct audience *a, const struct facet_count *c, struct arena *arena,
                        const struct query_node *root, struct audience_facet *ret)
{
    bool ages = c->field == FIELD_AGE;
    ret->n = (int)c->n;
    ret->values = arena_array(arena, struct audience_facet_value, (size_t)c->n);
    for (int i = 0; i < ret->n; i++) {
        bool own = c->field == FIELD_TYPE && i >= TYPES;
        struct str name = own ? arena_str(arena, a->types.own[i - TYPES].name) : STR("");
        const char *key = ages ? calendar_bands[i].key : own ? "" : fields[c->field].choices[i];
        int64_t low = ages ? calendar_bands[i].low : -1, high = ages ? calendar_bands[i].high : -1;
        ret->values[i] = (struct audience_facet_value){
            .key = own ? query_quoted(arena, name) : str_c(key),
            .label = name,
            .count = c->counts[i],
            .chosen = root && is_chosen(root, c->field, i, low, high)};
    }
}

struct audience_facet *facets_close(struct facet_counts *f, struct arena *arena,
                                    const struct query *q)
{
    struct audience_facet *facets = arena_array(arena, struct audience_facet, (size_t)f->n + 1);
    for (int i = 0; i < f->n; i++) {
        struct facet_count *c = &f->count[i];
        if (c->ranges) {
            ranges_close(c->ranges, q ? q->root : NULL, &facets[i]);
            continue;
        }
        if (c->flags)
            take_flags(c);
        if (c->slots)
            take_lists(c);
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
