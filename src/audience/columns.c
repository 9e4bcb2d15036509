/* Exact values, and codes among cuts. */
#include <endian.h>
#include <stdlib.h>
#include "../base/check.h"
#include "internal.h"

enum dictionary field_dictionary(enum field_id f)
{
    switch (f) {
    case FIELD_STORE:
        return DICT_STORE;
    case FIELD_SOURCE:
        return DICT_SOURCE;
    case FIELD_TAG:
        return DICT_TAG;
    case FIELD_CATEGORY:
        return DICT_CATEGORY;
    case FIELD_SIZE:
        return DICT_SIZE;
    case FIELD_GROUP:
        return DICT_GROUP;
    case FIELD_TIER:
        return DICT_TIER;
    case FIELD_CERTIFICATE:
        return DICT_CERTIFICATE;
    case FIELD_CITY:
        return DICT_CITY;
    case FIELD_LANGUAGE:
        return DICT_LANGUAGE;
    case FIELD_COUNTRY:
        return DICT_COUNTRY;
    default:
        return DICTS;
    }
}

const enum dictionary list_dictionary[LISTS] = {DICT_TAG,  DICT_STORE, DICT_CATEGORY,
                                                DICT_SIZE, DICT_GROUP, DICT_CERTIFICATE};

enum column field_column(enum field_id f)
{
    static const uint8_t columns[FIELDS] = {
        [FIELD_TEXT] = COL_ID + 1,
        [FIELD_NAME] = COL_NAME + 1,
        [FIELD_NUMBER] = COL_NUMBER + 1,
        [FIELD_AGE] = COL_BIRTH + 1,
        [FIELD_BIRTHDAY] = COL_BIRTHDAY + 1,
        [FIELD_REGISTERED] = COL_REGISTERED + 1,
        [FIELD_LAST_VISIT] = COL_LAST_VISIT + 1,
        [FIELD_LAST_PURCHASE] = COL_LAST_PURCHASE + 1,
        [FIELD_VISITS] = COL_VISITS + 1,
        [FIELD_VISITS_PER_MONTH] = COL_PER_MONTH + 1,
        [FIELD_OPERATIONS] = COL_OPERATIONS + 1,
        [FIELD_SHARES] = COL_TALLY + TALLY_SHARES + 1,
        [FIELD_COMMENTS] = COL_TALLY + TALLY_COMMENTS + 1,
        [FIELD_PUSHES] = COL_TALLY + TALLY_PUSHES + 1,
        [FIELD_POINTS] = COL_POINTS + 1,
        [FIELD_STAMPS] = COL_TALLY + TALLY_STAMPS + 1,
        [FIELD_REFERRALS] = COL_TALLY + TALLY_REFERRALS + 1,
        [FIELD_SPENT] = COL_SPENT + 1,
        [FIELD_AVERAGE] = COL_AVERAGE + 1,
        [FIELD_INTERVAL] = COL_INTERVAL + 1,
        [FIELD_SOURCE] = COL_SOURCE + 1,
        [FIELD_STORE] = COL_STORE + 1,
        [FIELD_CITY] = COL_CITY + 1,
        [FIELD_PHONE] = COL_PHONE + 1,
        [FIELD_EMAIL] = COL_EMAIL + 1,
    };
    return f < FIELDS && columns[f] ? (enum column)(columns[f] - 1) : COLUMNS;
}

const int32_t narrow_base[NARROWS] = {[NARROW_REGISTERED] = NARROW_DAY_BASE,
                                      [NARROW_LAST_VISIT] = NARROW_DAY_BASE,
                                      [NARROW_LAST_PURCHASE] = NARROW_DAY_BASE,
                                      [NARROW_BIRTH] = NARROW_DAY_BASE,
                                      [NARROW_NTH_VISIT] = NARROW_DAY_BASE};

static uint64_t escape_key(int array, uint32_t row)
{
    return (uint64_t)array << 32 | row;
}

int64_t narrow_get(const struct audience *a, uint32_t row, enum narrow n)
{
    uint16_t raw = row_block(a, row)->narrow[n][ROW_AT(row)];
    int64_t value = VALUE_NONE;
    if (raw == UINT16_MAX)
        check(map_get(&a->escapes, escape_key((int)n, row), &value));
    else if (raw)
        value = (int64_t)raw - 1 + narrow_base[n];
    return value;
}

/* narrow_set() where the value was in `escapes` or is to be. */
void narrow_escape(struct audience *a, uint32_t row, enum narrow n, int64_t value)
{
    uint16_t *raw = &row_block(a, row)->narrow[n][ROW_AT(row)];
    if (*raw == UINT16_MAX)
        map_remove(&a->escapes, escape_key((int)n, row));
    int64_t base = narrow_base[n];
    if (value == VALUE_NONE) {
        *raw = 0;
    } else if (value >= base && value < base + UINT16_MAX - 1) {
        *raw = (uint16_t)(value - base + 1);
    } else {
        *raw = UINT16_MAX;
        map_set(&a->escapes, escape_key((int)n, row), value);
    }
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* The narrow array of a column, plus one. */
static const uint8_t narrows[COLUMNS] = {[COL_REGISTERED] = NARROW_REGISTERED + 1,
                                         [COL_LAST_VISIT] = NARROW_LAST_VISIT + 1,
                                         [COL_LAST_PURCHASE] = NARROW_LAST_PURCHASE + 1,
                                         [COL_BIRTH] = NARROW_BIRTH + 1,
                                         [COL_VISITS] = NARROW_VISITS + 1,
                                         [COL_OPERATIONS] = NARROW_OPERATIONS + 1,
                                         [COL_INTERVAL] = NARROW_INTERVAL + 1,
                                         [COL_PER_MONTH] = NARROW_PER_MONTH + 1,
                                         [COL_POINTS] = NARROW_POINTS + 1};

bool narrow_range(enum column c, int64_t low, int64_t high, struct narrow_range *ret)
{
    if (!narrows[c])
        return false;
    ret->narrow = (enum narrow)(narrows[c] - 1);
    int64_t base = narrow_base[ret->narrow], top = base + UINT16_MAX - 2;
    if (low > top || high < base) { /* none */
        ret->low = 1;
        ret->high = 0;
        return true;
    }
    ret->low = (uint16_t)(clamp(low, base, top) - base + 1);
    ret->high = (uint16_t)(clamp(high, base, top) - base + 1);
    return true;
}

uint16_t narrow_day(int32_t day)
{
    int64_t raw = (int64_t)day - NARROW_DAY_BASE + 1;
    return raw < 0 ? 0 : raw > UINT16_MAX ? UINT16_MAX : (uint16_t)raw;
}

static int64_t wide_base(enum wide w)
{
    return w == WIDE_SPENT ? WIDE_SPENT_BASE : 0;
}

int64_t wide_get(const struct audience *a, uint32_t row, enum wide w)
{
    uint32_t raw = row_block(a, row)->wide[w][ROW_AT(row)];
    int64_t value = VALUE_NONE;
    if (raw == UINT32_MAX)
        check(map_get(&a->escapes, escape_key(NARROWS + (int)w, row), &value));
    else if (raw)
        value = (int64_t)raw - 1 + wide_base(w);
    return value;
}

void wide_set(struct audience *a, uint32_t row, enum wide w, int64_t value)
{
    uint32_t *raw = &row_block(a, row)->wide[w][ROW_AT(row)];
    if (*raw == UINT32_MAX)
        map_remove(&a->escapes, escape_key(NARROWS + (int)w, row));
    int64_t base = wide_base(w);
    if (value == VALUE_NONE) {
        *raw = 0;
    } else if (value >= base && value < base + UINT32_MAX - 1) {
        *raw = (uint32_t)(value - base + 1);
    } else {
        *raw = UINT32_MAX;
        map_set(&a->escapes, escape_key(NARROWS + (int)w, row), value);
    }
}

/* Rounded half up, also below zero. */
int64_t average_of(int64_t spent_minor, int64_t operations)
{
    int64_t whole = spent_minor / operations, rest = spent_minor % operations;
    if (rest < 0) {
        whole--;
        rest += operations;
    }
    return whole + (rest >= operations - rest);
}

static int64_t name_value(const struct audience *a, const struct block *b, uint32_t at)
{
    uint32_t first = b->first[at], last = b->last[at], main = last;
    if (main == NAME_NONE)
        main = first;
    if (main == NAME_NONE)
        main = nick_of(heap_part(&b->heap, b->record[at], PART_NICK));
    if (main == NAME_NONE)
        return VALUE_NONE;
    uint64_t rest = last != NAME_NONE ? names_rank(&a->names, first) : RANK_NONE;
    /* minus 2^63: the numbers of 64 bits that compare as the pair of ranks does */
    return (int64_t)((((uint64_t)names_rank(&a->names, main) << 32) | rest) ^ 1ull << 63);
}

/* The e-mail, lower-cased; `at` bytes of it. */
static size_t email_bytes(const struct audience *a, const struct block *b, uint32_t at, char *out,
                          size_t max)
{
    if (b->domain[at] == SLOT_NONE)
        return 0;
    struct str local = heap_part(&b->heap, b->record[at], PART_LOCAL);
    struct str domain = a->words[DICT_DOMAIN].word[b->domain[at]].name;
    size_t n = local.n < max ? local.n : max;
    if (n)
        memcpy(out, local.p, n);
    if (n < max && domain.n)
        out[n++] = '@';
    size_t m = domain.n < max - n ? domain.n : max - n;
    if (m)
        memcpy(out + n, domain.p, m);
    return n + m;
}

enum { ADDRESS_ROOM = 1024 }; /* addresses have at most 254 bytes */

int64_t column_text_value(const struct audience *a, enum column c, uint32_t row, size_t skip,
                          uint64_t *ret_more)
{
    char text[ADDRESS_ROOM + 16];
    uint64_t word[2];
    (void)c; /* e-mails are the only ones */
    size_t n = email_bytes(a, row_block(a, row), ROW_AT(row), text, skip + 16);
    *ret_more = 0;
    if (n == 0)
        return VALUE_NONE;
    memset(text + n, 0, skip + 16 - n);
    memcpy(word, text + skip, 16);
    uint64_t first = be64toh(word[0]), second = be64toh(word[1]);
    *ret_more = first << 63 | second >> 1; /* the lowest bit is left to column_compare_rest() */
    return (int64_t)(first >> 1);
}

static int64_t phone_value(const struct block *b, uint32_t at)
{
    uint64_t packed = b->phone[at];
    if (!packed && b->small[at].flags >> FLAG_HAS & 1)
        packed = phone_pack_digits(heap_part(&b->heap, b->record[at], PART_PHONE));
    return packed ? (int64_t)packed : VALUE_NONE;
}

static int64_t word_value(const struct audience *a, enum dictionary d, uint32_t slot_plus_one)
{
    uint32_t rank = slot_plus_one ? words_rank(&a->words[d], slot_plus_one - 1) : RANK_NONE;
    return rank == RANK_NONE ? VALUE_NONE : (int64_t)rank;
}

static int64_t tally_value(const struct block *b, uint32_t at, enum tally t)
{
    int64_t tallies[TALLIES];
    tallies_of(heap_part(&b->heap, b->record[at], PART_TALLIES), tallies);
    return tallies[t];
}

int64_t column_value(const struct audience *a, enum column c, uint32_t row)
{
    const struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    switch (c) {
    case COL_ID:
        return b->id[at];
    case COL_NUMBER:
        return wide_get(a, row, WIDE_NUMBER);
    case COL_NAME:
        return name_value(a, b, at);
    case COL_PHONE:
        return phone_value(b, at);
    case COL_EMAIL:
        return column_text_value(a, c, row, 0, &(uint64_t){0});
    case COL_REGISTERED:
        return narrow_get(a, row, NARROW_REGISTERED);
    case COL_LAST_VISIT:
        return narrow_get(a, row, NARROW_LAST_VISIT);
    case COL_LAST_PURCHASE:
        return narrow_get(a, row, NARROW_LAST_PURCHASE);
    case COL_BIRTH:
        return narrow_get(a, row, NARROW_BIRTH);
    case COL_BIRTHDAY:
        return birthday_of(a, row);
    case COL_VISITS:
        return narrow_get(a, row, NARROW_VISITS);
    case COL_OPERATIONS:
        return narrow_get(a, row, NARROW_OPERATIONS);
    case COL_SPENT:
        return wide_get(a, row, WIDE_SPENT);
    case COL_AVERAGE: {
        int64_t n = narrow_get(a, row, NARROW_OPERATIONS);
        return n > 0 ? average_of(wide_get(a, row, WIDE_SPENT), n) : VALUE_NONE;
    }
    case COL_INTERVAL:
        return narrow_get(a, row, NARROW_INTERVAL);
    case COL_PER_MONTH:
        return narrow_get(a, row, NARROW_PER_MONTH);
    case COL_POINTS:
        return narrow_get(a, row, NARROW_POINTS);
    case COL_CITY:
        return word_value(a, DICT_CITY, b->small[at].city);
    case COL_STORE:
        return word_value(a, DICT_STORE, b->small[at].home);
    case COL_SOURCE:
        return word_value(a, DICT_SOURCE, b->small[at].source);
    default:
        return tally_value(b, at, (enum tally)(c - COL_TALLY));
    }
}

void column_foresee(const struct block *b, enum column c, uint32_t at)
{
    static const uint8_t narrow[COLUMNS] = {[COL_REGISTERED] = NARROW_REGISTERED + 1,
                                            [COL_LAST_VISIT] = NARROW_LAST_VISIT + 1,
                                            [COL_LAST_PURCHASE] = NARROW_LAST_PURCHASE + 1,
                                            [COL_BIRTH] = NARROW_BIRTH + 1,
                                            [COL_BIRTHDAY] = NARROW_BIRTH + 1,
                                            [COL_VISITS] = NARROW_VISITS + 1,
                                            [COL_OPERATIONS] = NARROW_OPERATIONS + 1,
                                            [COL_AVERAGE] = NARROW_OPERATIONS + 1,
                                            [COL_INTERVAL] = NARROW_INTERVAL + 1,
                                            [COL_PER_MONTH] = NARROW_PER_MONTH + 1,
                                            [COL_POINTS] = NARROW_POINTS + 1};
    if (narrow[c])
        __builtin_prefetch(&b->narrow[narrow[c] - 1][at]);
    if (c == COL_SPENT || c == COL_AVERAGE)
        __builtin_prefetch(&b->wide[WIDE_SPENT][at]);
    else if (c == COL_NUMBER)
        __builtin_prefetch(&b->wide[WIDE_NUMBER][at]);
    else if (c == COL_NAME)
        __builtin_prefetch(&b->last[at]), __builtin_prefetch(&b->first[at]);
    else if (c == COL_PHONE)
        __builtin_prefetch(&b->phone[at]);
    else if (c == COL_CITY || c == COL_STORE || c == COL_SOURCE)
        __builtin_prefetch(&b->small[at]);
    else if (c == COL_EMAIL || c >= COL_TALLY)
        __builtin_prefetch(&b->record[at]);
}

bool column_is_text(enum column c)
{
    return c == COL_EMAIL;
}

static int compare_text(const char *x, size_t n, const char *y, size_t m)
{
    int order = memcmp(x, y, n < m ? n : m);
    return order ? order : (n > m) - (n < m);
}

int column_compare_rest(const struct audience *a, enum column c, uint32_t x, uint32_t y)
{
    char one[ADDRESS_ROOM], two[ADDRESS_ROOM];
    if (!column_is_text(c))
        return 0;
    size_t n = email_bytes(a, row_block(a, x), ROW_AT(x), one, sizeof(one));
    size_t m = email_bytes(a, row_block(a, y), ROW_AT(y), two, sizeof(two));
    return compare_text(one, n, two, m);
}

size_t column_skip(const struct audience *a, enum column c, int low, int high)
{
    size_t n = 0;
    if (!column_is_text(c) || low < 1 || high >= a->cuts[c].n)
        return 0;
    const struct text_cut *x = &a->email_cuts[low], *y = &a->email_cuts[high + 1];
    while (n < x->n && n < y->n && x->p[n] == y->p[n])
        n++;
    return n;
}

/* The last code whose lower end is not above the value. */
int cuts_code(const struct cuts *c, int64_t value)
{
    int low = 1, n = c->n;
    while (n > 1) {
        int half = n / 2;
        low = c->lower[low + half] <= value ? low + half : low;
        n -= half;
    }
    return low;
}

static int text_code(const struct audience *a, enum column c, uint32_t row)
{
    char text[ADDRESS_ROOM];
    size_t n = email_bytes(a, row_block(a, row), ROW_AT(row), text, sizeof(text));
    int low = 1, left = a->cuts[c].n;
    while (n && left > 1) {
        int half = left / 2;
        const struct text_cut *cut = &a->email_cuts[low + half];
        low = compare_text(cut->p, cut->n, text, n) <= 0 ? low + half : low;
        left -= half;
    }
    return n ? low : 0;
}

static int code_of(const struct audience *a, enum column c, uint32_t row)
{
    if (column_is_text(c))
        return text_code(a, c, row);
    int64_t v = column_value(a, c, row);
    return v == VALUE_NONE ? 0 : cuts_code(&a->cuts[c], v);
}

static void set_code(struct audience *a, enum column c, uint32_t row, int now)
{
    struct cuts *cuts = &a->cuts[c];
    uint8_t *code = &row_block(a, row)->codes[c][ROW_AT(row)];
    if (now == *code)
        return;
    cuts->count[*code]--;
    cuts->count[now]++;
    *code = (uint8_t)now;
    if (now && cuts->count[now] > cuts->common && (column_is_text(c) || !cuts_pure(cuts, now)))
        a->recut |= 1ull << c;
}

void column_update(struct audience *a, enum column c, uint32_t row)
{
    set_code(a, c, row, code_of(a, c, row));
}

static int compare_values(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static bool is_day(enum column c)
{
    return c == COL_REGISTERED || c == COL_LAST_VISIT || c == COL_LAST_PURCHASE;
}

enum { CUTS_MAX = 254, DAYS_AHEAD = 24, STEPS_MAX = 40, SAMPLE = 1 << 14 };

static void cut(struct cuts *c, int64_t at)
{
    if (c->n < CODES && c->lower[c->n] != at)
        c->lower[++c->n] = at;
}

/* Cuts of about `part` values each; a value that is common by itself is cut out alone. */
static bool try_cuts(struct cuts *c, const int64_t *v, size_t n, size_t part, int max)
{
    size_t open = 0;
    c->n = 1;
    c->lower[1] = INT64_MIN;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && v[end] == v[i]; end++)
            continue;
        if (c->n + 2 > max)
            return false;
        if (end - i >= part) {
            cut(c, v[i]);
            if (v[i] < INT64_MAX)
                cut(c, v[i] + 1);
            open = 0;
        } else {
            if (open >= part) {
                cut(c, v[i]);
                open = 0;
            }
            open += end - i;
        }
    }
    return true;
}

/* Ages are asked for by whole years: the day that parts two of them gets a code of few days, in
 * which it stays for a month. */
static void find_birth_cuts(struct audience *a)
{
    enum { AGES = 110 };
    struct cuts *c = &a->cuts[COL_BIRTH];
    c->n = 1;
    c->lower[1] = INT64_MIN;
    for (int age = AGES; age > 0; age--) {
        int32_t born = birth_at_least(a->now.today, age);
        cut(c, (int64_t)born + 1);
        cut(c, (int64_t)born + 1 + BIRTH_CUT_DAYS);
    }
    a->birth_cut_today = a->now.today;
}

static bool is_number(enum column c)
{
    return c == COL_VISITS || c == COL_OPERATIONS || c == COL_SPENT || c == COL_AVERAGE ||
           c == COL_INTERVAL || c == COL_PER_MONTH || c == COL_POINTS;
}

static void cut_between(struct cuts *c, int64_t at)
{
    int code = cuts_code(c, at);
    if (c->lower[code] == at)
        return;
    memmove(&c->lower[code + 2], &c->lower[code + 1], (size_t)(c->n - code) * sizeof(c->lower[0]));
    c->lower[code + 1] = at;
    c->n++;
}

/* Where ranges of the field end, from below its values to above them, so that counting codes counts
 * them. */
static void cut_steps(struct cuts *c, int64_t most)
{
    cut_between(c, 0);
    for (int i = 0; i < STEPS_MAX - 1 && (i == 0 || range_step(i - 1) <= most); i++)
        cut_between(c, range_step(i));
}

static void find_cuts(struct cuts *c, enum column column, int64_t *v, size_t n)
{
    qsort(v, n, sizeof(*v), compare_values);
    int max = CUTS_MAX - (is_day(column) ? DAYS_AHEAD : is_number(column) ? STEPS_MAX : 0);
    for (size_t part = n / (size_t)max + 1; !try_cuts(c, v, n, part, max);)
        part += part / 8 + 1;
    if (is_number(column) && n > 0)
        cut_steps(c, v[n - 1]);
    /* The days to come get a code each, so that the present day's customers do not crowd one. */
    for (int d = 0; is_day(column) && n > 0 && d < DAYS_AHEAD; d++)
        cut(c, v[n - 1] + 1 + d);
}

static int compare_cuts(const void *x, const void *y)
{
    const struct text_cut *a = x, *b = y;
    return compare_text(a->p, a->n, b->p, b->n);
}

/* Cuts of about as many rows each; texts that begin alike for longer than a cut is share a code.
 * Of the cuts before, and behind a text, nothing stays: what somebody had erased. */
static void find_text_cuts(struct audience *a, enum column c, const uint32_t *rows, size_t n)
{
    struct text_cut *sample = calloc(n + 1, sizeof(*sample));
    struct cuts *cuts = &a->cuts[c];
    check(sample);
    for (size_t i = 0; i < n; i++)
        sample[i].n = (uint8_t)email_bytes(a, row_block(a, rows[i]), ROW_AT(rows[i]), sample[i].p,
                                           TEXT_CUT_MAX);
    qsort(sample, n, sizeof(*sample), compare_cuts);
    cuts->n = 1;
    memset(a->email_cuts, 0, sizeof(a->email_cuts));
    for (size_t i = 1; i < CUTS_MAX; i++) {
        const struct text_cut *next = n ? &sample[n * i / CUTS_MAX] : &a->email_cuts[1];
        if (compare_cuts(next, &a->email_cuts[cuts->n]) > 0)
            a->email_cuts[++cuts->n] = *next;
    }
    free(sample);
}

static void find_value_cuts(struct audience *a, enum column c, const uint32_t *rows, size_t n)
{
    int64_t *sample = malloc((n + 1) * sizeof(*sample));
    check(sample);
    for (size_t i = 0; i < n; i++)
        sample[i] = column_value(a, c, rows[i]);
    find_cuts(&a->cuts[c], c, sample, n);
    free(sample);
}

/* Cutting anew must be worth it: a code must have grown to a fiftieth of all rows, and to twice
 * what this cutting could not part. */
static void set_common(struct audience *a, enum column c)
{
    enum { COMMON_MIN = 2048, COMMON_PART = 50 };
    struct cuts *cuts = &a->cuts[c];
    uint32_t most = (uint32_t)(a->count / COMMON_PART);
    most = most > COMMON_MIN ? most : COMMON_MIN;
    for (int code = 1; code <= cuts->n; code++)
        if ((column_is_text(c) || !cuts_pure(cuts, code)) && most < 2 * cuts->count[code])
            most = 2 * cuts->count[code];
    cuts->common = most;
}

enum { TALLY_EXACT = 190, TALLY_WIDER = 8, TALLY_ZERO = 2 };

/* Small ones a code each, as most are; then ever wider ones. */
void columns_fix_tallies(struct audience *a)
{
    for (int t = 0; t < TALLIES; t++) {
        struct cuts *c = &a->cuts[COL_TALLY + t];
        int64_t value = 0;
        for (c->n = 1; c->n < CUTS_MAX; value += value < TALLY_EXACT ? 1 : value / TALLY_WIDER)
            cut(c, value);
    }
}

void columns_put_tallies(struct audience *a, uint32_t row, const int64_t tallies[static TALLIES])
{
    for (int t = 0; t < TALLIES; t++) {
        enum column c = (enum column)(COL_TALLY + t);
        int code = tallies[t] >= 0 && tallies[t] <= TALLY_EXACT
                       ? TALLY_ZERO + (int)tallies[t]
                       : cuts_code(&a->cuts[c], tallies[t]);
        if (a->loading)
            row_block(a, row)->codes[c][ROW_AT(row)] = (uint8_t)code; /* counted at the end */
        else
            set_code(a, c, row, code);
    }
}

static void count_codes(struct audience *a, enum column c)
{
    struct cuts *cuts = &a->cuts[c];
    memset(cuts->count, 0, sizeof(cuts->count));
    for (uint32_t row = 0; row < a->nrows; row++)
        cuts->count[row_block(a, row)->codes[c][ROW_AT(row)]]++;
    set_common(a, c);
}

/* Of 16 bits there are so few values that each is looked up once. */
static void code_narrow(struct audience *a, enum column c, enum narrow n)
{
    const struct cuts *cuts = &a->cuts[c];
    uint8_t *codes = malloc(UINT16_MAX + 1);
    check(codes);
    codes[0] = codes[UINT16_MAX] = 0;
    for (int raw = 1, code = 1; raw < UINT16_MAX; raw++) {
        while (code < cuts->n && cuts->lower[code + 1] <= (int64_t)raw - 1 + narrow_base[n])
            code++;
        codes[raw] = (uint8_t)code;
    }
    for (uint32_t k = 0; k < a->nblocks; k++) {
        const struct block *b = &a->blocks[k];
        for (uint32_t i = 0; i < b->n; i++)
            b->codes[c][i] = b->narrow[n][i] == UINT16_MAX
                                 ? (uint8_t)code_of(a, c, k << BLOCK_BITS | i)
                                 : codes[b->narrow[n][i]];
    }
    free(codes);
}

/* Nor are there many words. */
static void code_words(struct audience *a, enum column c, enum dictionary d)
{
    const struct words *w = &a->words[d];
    uint8_t *codes = malloc(w->n + 1);
    check(codes);
    for (uint32_t slot = 0; slot <= w->n; slot++) {
        int64_t v = word_value(a, d, slot);
        codes[slot] = v == VALUE_NONE ? 0 : (uint8_t)cuts_code(&a->cuts[c], v);
    }
    for (uint32_t row = 0; row < a->nrows; row++) {
        const struct small *s = row_small(a, row);
        uint32_t slot = d == DICT_CITY ? s->city : d == DICT_STORE ? s->home : s->source;
        row_block(a, row)->codes[c][ROW_AT(row)] = codes[slot];
    }
    free(codes);
}

/* The code of the row before is right for most where values ascend with the rows, as ids do. */
static void code_values(struct audience *a, enum column c)
{
    const struct cuts *cuts = &a->cuts[c];
    int last = 1;
    for (uint32_t row = 0; row < a->nrows; row++) {
        int64_t v =
            row_small(a, row)->flags >> FLAG_LIVE & 1 ? column_value(a, c, row) : VALUE_NONE;
        if (v != VALUE_NONE &&
            (v < cuts->lower[last] || (last < cuts->n && v >= cuts->lower[last + 1])))
            last = cuts_code(cuts, v);
        row_block(a, row)->codes[c][ROW_AT(row)] = v == VALUE_NONE ? 0 : (uint8_t)last;
    }
}

static uint64_t text_head(const char *p, size_t n)
{
    uint64_t head = 0;
    memcpy(&head, p, n < sizeof(head) ? n : sizeof(head));
    return be64toh(head);
}

/* By the first eight bytes; whose are those of a cut is looked at as a whole. */
static void code_texts(struct audience *a, enum column c)
{
    struct cuts heads = {.n = a->cuts[c].n};
    for (int code = 1; code <= heads.n; code++) /* as signed numbers they compare like the bytes */
        heads.lower[code] =
            (int64_t)(text_head(a->email_cuts[code].p, a->email_cuts[code].n) ^ 1ull << 63);
    for (uint32_t row = 0; row < a->nrows; row++) {
        const struct block *b = row_block(a, row);
        char text[sizeof(uint64_t)];
        size_t n = email_bytes(a, b, ROW_AT(row), text, sizeof(text));
        int64_t head = (int64_t)(text_head(text, n) ^ 1ull << 63);
        int code = n ? cuts_code(&heads, head) : 0;
        b->codes[c][ROW_AT(row)] =
            (uint8_t)(n && heads.lower[code] == head ? text_code(a, c, row) : code);
    }
}

void column_cut(struct audience *a, enum column c)
{
    if (c >= COL_TALLY && c <= COL_TALLY_END) {
        count_codes(a, c);
        return;
    }
    uint32_t *rows = malloc((SAMPLE + 1) * sizeof(*rows)), step = a->nrows / SAMPLE + 1;
    size_t n = 0;
    check(rows);
    for (uint32_t row = 0; row < a->nrows && n < SAMPLE; row += step)
        if (row_small(a, row)->flags >> FLAG_LIVE & 1 && column_value(a, c, row) != VALUE_NONE)
            rows[n++] = row;
    if (column_is_text(c))
        find_text_cuts(a, c, rows, n);
    else if (c == COL_BIRTH)
        find_birth_cuts(a);
    else
        find_value_cuts(a, c, rows, n);
    free(rows);
    if (column_is_text(c))
        code_texts(a, c);
    else if (narrows[c])
        code_narrow(a, c, (enum narrow)(narrows[c] - 1));
    else if (c >= COL_CITY)
        code_words(a, c, c == COL_CITY ? DICT_CITY : c == COL_STORE ? DICT_STORE : DICT_SOURCE);
    else
        code_values(a, c);
    count_codes(a, c);
}

void column_recut(struct audience *a, enum column c)
{
    column_cut(a, c);
    a->recut &= ~(1ull << c);
}

void columns_settle(struct audience *a)
{
    for (int c = 0; a->recut; c++)
        if (a->recut >> c & 1)
            column_recut(a, (enum column)c);
}

/* Who is that old or older was born on this day or before. 29 February counts as 28 February in
 * other years. */
int32_t birth_at_least(int32_t today, int64_t age)
{
    struct civil t = day_to_civil(today);
    if (age > 3000)
        return INT32_MIN;
    struct civil b = {t.year - (int32_t)age, t.month, t.day};
    bool leap_now = civil_valid((struct civil){t.year, 2, 29});
    bool leap_then = civil_valid((struct civil){b.year, 2, 29});
    if (b.month == 2 && b.day == 28 && !leap_now && leap_then)
        b.day = 29;
    if (b.month == 2 && b.day == 29 && !leap_then)
        b.day = 28;
    return day_from_civil(b);
}
