/* The audience from inside. A customer is a row; rows stand in blocks of 65,536, each with
 *   - bits: a plain bitset per value of the small fixed fields (gender, type, consent…), and per
 *     dictionary word a posting (posting.h);
 *   - exact values in narrow typed arrays (16 or 32 bits; what does not fit is in `escapes`);
 *   - a code of one byte a row for each number, day and sortable text: the place of its value among
 * at most 254 cuts, so that a range is one pass over bytes, and only rows at the two edge codes are
 *     looked at exactly; the same codes find the page of any order without keeping that order;
 *   - a heap of small records with what is seldom read (visit days, local part of the e-mail…).
 * Invariants: a row that is not live has no bit, no posting, no record, and code 0 everywhere. */
#pragma once
#include <pthread.h>
#include "audience.h"
#include "bulk.h"
#include "calendar.h"
#include "heap.h"
#include "names.h"
#include "tokens.h"
#include "words.h"

enum dictionary {
    DICT_STORE = WORD_STORE,
    DICT_SOURCE = WORD_SOURCE,
    DICT_TAG = WORD_TAG,
    DICT_CATEGORY = WORD_CATEGORY,
    DICT_SIZE = WORD_SIZE,
    DICT_GROUP = WORD_GROUP,
    DICT_TIER = WORD_TIER,
    DICT_CERTIFICATE = WORD_CERTIFICATE,
    DICT_CITY,
    DICT_LANGUAGE,
    DICT_COUNTRY,
    DICT_DOMAIN, /* of the main e-mail, lower-cased; not a field */
    DICTS
};
/* The dictionary of a word field, or DICTS. */
enum dictionary field_dictionary(enum field_id f);

/* Fields of which a customer has several values. */
enum list {
    LIST_TAG,
    LIST_STORE,
    LIST_CATEGORY,
    LIST_SIZE,
    LISTS_SMALL, /* those before it have a place in struct small, the others stand in the record
                    alone */
    LIST_GROUP = LISTS_SMALL,
    LIST_CERTIFICATE,
    LISTS
};
extern const enum dictionary list_dictionary[LISTS];

enum { AGE_BANDS = 7 }; /* see calendar_bands */
/* One bitset each. A choice field's bits stand in the order of its choices. */
enum bit {
    BIT_GENDER = 0,
    BIT_DEVICE = BIT_GENDER + 3,
    BIT_CONSENT = BIT_DEVICE + 4,
    BIT_HAS = BIT_CONSENT + 12,
    BIT_INITIAL = BIT_HAS + 7,
    BIT_BLOCKED = BIT_INITIAL + 27,
    BIT_ANONYMOUS,
    BIT_KNOWN, /* + enum dictionary: has a word of it; DICT_DOMAIN not used */
    BITS_OF_SMALL =
        BIT_KNOWN + DICT_DOMAIN, /* these follow from struct small, those from the calendar: */
    BIT_TYPE = BITS_OF_SMALL,
    BIT_ACTIVE = BIT_TYPE + TYPES_ALL,
    BIT_AGE, /* one for each age band */
    BITS = BIT_AGE + AGE_BANDS,
};

/* What facets and lists need of a row, together in half a cache line. Slots are stored plus one. */
struct small {
    uint32_t flags;              /* FLAG_… */
    uint32_t lists[LISTS_SMALL]; /* up to four slots as bytes, or LIST_LONG: then in the record */
    uint32_t city;
    uint16_t source, home;
    uint16_t language : 10, tier : 6;
    uint16_t country;
};
#define LIST_LONG UINT32_MAX
enum {
    FLAG_GENDER = 0,  /* 2 bits: enum gender */
    FLAG_DEVICE = 2,  /* 3: enum device */
    FLAG_CONSENT = 5, /* 2 a channel: enum consent_state */
    FLAG_BLOCKED = 11,
    FLAG_ANONYMOUS = 12,
    FLAG_HAS = 13, /* 7, as the choices of FIELD_HAS */
    FLAG_BIRTHDAY = FLAG_HAS + 3,
    FLAG_INITIAL = 20, /* 5: 0…26 */
    FLAG_LIVE = 25,
    FLAG_WATCHED = 26, /* stands in audience.watched */
    FLAG_LISTED = 27,  /* one for each list from LISTS_SMALL on: has some of it */
};

/* Exact values of 16 and 32 bits: 0 = none, the highest = in `escapes`, else value - base + 1. */
enum narrow {
    NARROW_REGISTERED,
    NARROW_LAST_VISIT,
    NARROW_LAST_PURCHASE,
    NARROW_BIRTH,
    NARROW_NTH_VISIT, /* the (occasional_max + 1)-th latest visit day */
    NARROW_VISITS,
    NARROW_OPERATIONS,
    NARROW_INTERVAL,
    NARROW_PER_MONTH, /* see audience.per_month_today */
    NARROW_POINTS,
    NARROWS
};
enum wide { WIDE_NUMBER, WIDE_SPENT, WIDES };
#define NARROW_DAY_BASE (-14610) /* 1930-01-01; with 16 bits until 2109 */
#define WIDE_SPENT_BASE (-(1LL << 31))

/* Whatever can be compared or sorted. */
enum column {
    COL_ID,
    COL_NUMBER,
    COL_NAME,
    COL_PHONE,
    COL_EMAIL,
    COL_REGISTERED,
    COL_LAST_VISIT,
    COL_LAST_PURCHASE,
    COL_BIRTH,
    COL_BIRTHDAY,
    COL_VISITS,
    COL_OPERATIONS,
    COL_SPENT,
    COL_AVERAGE,
    COL_INTERVAL,
    COL_PER_MONTH,
    COL_POINTS,
    COL_TALLY, /* + enum tally: exact values are in the record; see columns_fix_tallies() */
    COL_TALLY_END = COL_TALLY + TALLIES - 1,
    COL_CITY,
    COL_STORE,
    COL_SOURCE,
    COLUMNS
};
enum column field_column(enum field_id f); /* COLUMNS if none */

#define VALUE_NONE INT64_MIN
enum { BIRTHDAY_MONTH = 32 }; /* of a birthday as a number: this * month + day */
enum { CODES = 255 };         /* 1…254 are used, 0 = unknown */
/* Code c stands for the values lower[c] <= v < lower[c + 1]. */
struct cuts {
    int n;
    int64_t lower[CODES + 1];
    uint32_t count[CODES + 1]; /* rows with this code */
    uint32_t common; /* a code of several values that more rows have is a reason to cut anew */
};

/* 1, 2, 5, 10, 20, 50… of the i-th place: where ranges of numbers end (ranges.h), and codes. */
static inline int64_t range_step(int i)
{
    static const int64_t first[] = {1, 2, 5};
    int64_t v = first[i % 3];
    for (; i >= 3; i -= 3)
        v *= 10;
    return v;
}
#define RANGE_TOP 1000000000 /* the last of them, in whole units */

/* Cuts of a text column: code c stands for the texts from cut c on. */
enum { TEXT_CUT_MAX = 39 };
struct text_cut {
    uint8_t n;
    char p[TEXT_CUT_MAX];
};

/* Bit slices for search: which rows have a sign in their names or e-mails. */
enum {
    SLICE_OTHER = 41, /* after 26 letters, 10 digits and . - _ + @ */
    SLICE_ODD,        /* a local part with an @ of its own */
    SLICES
};

struct block {
    uint32_t n; /* rows in use, dead ones included */
    void *memory;
    uint64_t *live;
    uint64_t *bits;   /* BITS × BLOCK_WORDS */
    uint64_t *slices; /* SLICES × BLOCK_WORDS */
    int64_t *id;
    uint64_t *phone; /* 15 nibbles: digit + 1, the first highest; 0 = none */
    uint32_t *first, *last, *domain, *record;
    uint32_t *wide[WIDES];
    uint16_t *narrow[NARROWS];
    uint8_t *codes[COLUMNS];
    struct small *small;
    struct heap heap;
};
static inline uint64_t *block_bits(const struct block *b, int bit)
{
    return b->bits + (size_t)bit * BLOCK_WORDS;
}
static inline uint64_t *block_slice(const struct block *b, int slice)
{
    return b->slices + (size_t)slice * BLOCK_WORDS;
}
static inline size_t block_words(const struct block *b)
{
    return (b->n + 63) / 64;
}

enum { CITY_SLOTS = 1024, WORD_SLOTS = 512, CODE_SLOTS = 8 };
/* A word lately put, which keeps its slot for ever. */
struct word_slot {
    int64_t id;
    uint32_t dictionary, slot_plus_one;
};

struct favourite {
    int64_t staff, customer;
};
struct staff_favourites {
    int64_t staff;
    struct posting rows;
};

/* What rows put since audience_load_begin() still have to be told to the dictionaries. Rows are new
 * and in a row as long as their ids ascend. */
struct bulk {
    int64_t last_id;    /* higher ids have no row; INT64_MAX: nothing is known */
    uint32_t block;     /* that of the rows gathered */
    uint32_t unlisted;  /* rows from here on are not in by_id and by_external yet */
    uint32_t externals; /* of them, how many belong there */
    struct pairs words[DICTS], tokens, phones;
    uint32_t bits_word; /* which 64 rows of the block the following are of */
    bool bits_wait;
    uint64_t bits[2][64], slices[64]; /* a row's as one word each: see bits_turn() */
};

/* Counts over everybody, made by the first reader who wants them after a change. */
struct totals {
    pthread_mutex_t lock; /* under the audience's; the rest is read and written under it */
    bool valid;
    int64_t bits[BITS];
    int64_t without_consent, without_any; /* on no channel; nothing of FIELD_HAS */
    uint64_t spent;                       /* sum of the raw 32-bit values */
};

/* A row whose type needs its visit days (calendar.c). The latest of them are kept beside it, so
 * that a change of day reads one array. */
enum { WATCHED_DAYS = 128 };
struct watched {
    uint32_t row;
    uint16_t latest;  /* narrow_day() */
    bool exact;       /* what stands here does not do */
    uint64_t days[2]; /* bit i: came i days before the latest visit */
};

struct audience {
    pthread_rwlock_t lock;
    struct totals totals;
    const struct simd *simd;
    struct collation *collation;
    struct query_words query_words;
    struct typology_set types; /* texts in types_arena */
    struct arena *types_arena;
    const struct query_node
        *own[OWN_TYPES_MAX]; /* their queries; NULL: no longer one, matches nobody */
    struct moment now;
    bool loading;
    bool own_wait;    /* own typologies wait until every column is there to be asked */
    struct bulk bulk; /* while loading */
    size_t expected;  /* rows, a hint */
    struct block *blocks;
    uint32_t nblocks, nrows; /* nrows: dead ones included */
    bool ids_ascend;         /* with the rows; not any more when a place is taken again */
    int64_t last_id;         /* of the last row, if they do */
    int64_t count;
    uint32_t *free_rows;
    uint32_t nfree, free_cap;
    struct item_set by_id;
    struct map escapes; /* (enum narrow, or NARROWS + enum wide) << 32 | row */
    struct words words[DICTS];
    struct names names;
    struct tokens tokens; /* of names and local parts of e-mails */
    struct tokens phones; /* digits of further phones, and of main ones that are not packed */
    struct item_set by_external;
    struct cuts cuts[COLUMNS];
    struct text_cut email_cuts[CODES + 1];
    uint64_t recut;          /* columns with a code that has become too common */
    int32_t per_month_today; /* the day NARROW_PER_MONTH and its codes are of; DAY_NONE: none yet */
    int32_t birth_cut_today; /* the day for which COL_BIRTH was cut */
    int32_t band_born[AGE_BANDS]; /* the latest birth day of each age band */
    struct watched *watched;
    uint32_t nwatched, watched_cap;
    uint8_t ladder[AUDIENCE_TIERS_MAX]; /* slots of DICT_TIER from the lowest to the highest */
    struct item_set watched_at;         /* places in `watched` by their rows */
    struct favourite *favourites;
    size_t nfavourites, favourites_cap;
    struct map
        favoured; /* customers in favourites, whether they have a row yet or not: how often */
    struct staff_favourites *staff;
    size_t nstaff;
    uint32_t city_slots[CITY_SLOTS];         /* slots plus one of cities as lately typed, by hash */
    struct word_slot word_slots[WORD_SLOTS]; /* by id */
    uint32_t code_slots[2][CODE_SLOTS]; /* languages, countries: the codes of the first slots */
    struct buf folded;
    struct arena *arena; /* the writer's, reset after each put */
};

static inline void audience_write_lock(struct audience *a)
{
    pthread_rwlock_wrlock(&a->lock);
    a->totals.valid = false;
}

/* rows.c */
static inline struct block *row_block(const struct audience *a, uint32_t row)
{
    return &a->blocks[row >> BLOCK_BITS];
}
#define ROW_AT(row) ((row) & (BLOCK_ROWS - 1))
#define ROW_NONE UINT32_MAX
uint32_t row_of(const struct audience *a, int64_t id); /* ROW_NONE */
static inline struct str row_part(const struct audience *a, uint32_t row, enum part part)
{
    const struct block *b = row_block(a, row);
    return heap_part(&b->heap, b->record[ROW_AT(row)], part);
}
static inline struct small *row_small(const struct audience *a, uint32_t row)
{
    return &row_block(a, row)->small[ROW_AT(row)];
}
static inline bool row_bit(const struct audience *a, uint32_t row, int bit)
{
    return block_bits(row_block(a, row), bit)[ROW_AT(row) / 64] >> (row % 64) & 1;
}
static inline void row_set_bit(struct audience *a, uint32_t row, int bit, bool on)
{
    uint64_t *word = &block_bits(row_block(a, row), bit)[ROW_AT(row) / 64],
             one = 1ull << (row % 64);
    *word = on ? *word | one : *word & ~one;
}
/* As it stands in small.lists, or would if it had a place there. */
static inline uint32_t small_list(const struct small *s, int list)
{
    if (list < LISTS_SMALL)
        return s->lists[list];
    return s->flags >> (FLAG_LISTED + list - LISTS_SMALL) & 1 ? LIST_LONG : 0;
}
/* The slots of a list, in `small` or in the record; at most `max` are written, all are counted. */
uint32_t row_list(const struct audience *a, uint32_t row, enum list list, uint32_t *ret,
                  uint32_t max);
struct small_bits {
    uint64_t set[2]; /* by enum bit */
};
_Static_assert(BITS_OF_SMALL > 64 && BITS_OF_SMALL <= 128, "two words");
uint32_t nick_of(struct str part); /* PART_NICK as a number in names, or NAME_NONE */
int64_t birthday_of(const struct audience *a, uint32_t row);   /* or VALUE_NONE */
void tallies_of(struct str part, int64_t ret[static TALLIES]); /* of PART_TALLIES */
struct small_bits small_bits_of(const struct small *s);
enum err must_use row_put(struct audience *a, const struct audience_row *r);
void row_remove(struct audience *a, uint32_t row);
/* What a load has put off: all of it, or by parts that know nothing of each other. */
void rows_settle_bulk(struct audience *a);
void rows_settle_words(struct audience *a);
void rows_settle_ids(struct audience *a);
void rows_settle_externals(struct audience *a);

/* loaded.c */
void rows_loaded(struct audience *a);

/* blocks.c */
void block_open(struct audience *a); /* one more */
void block_close(struct block *b);
size_t block_size(void); /* of its memory */
size_t block_bytes(const struct block *b);
uint32_t block_new_row(struct audience *a, int64_t id);

/* columns.c */
extern const int32_t narrow_base[NARROWS];
int64_t narrow_get(const struct audience *a, uint32_t row, enum narrow n);
void narrow_escape(struct audience *a, uint32_t row, enum narrow n, int64_t value);
static inline void narrow_set(struct audience *a, uint32_t row, enum narrow n,
                              int64_t value) /* VALUE_NONE */
{
    uint16_t *raw = &row_block(a, row)->narrow[n][ROW_AT(row)];
    int64_t base = narrow_base[n];
    if (*raw != UINT16_MAX && value == VALUE_NONE)
        *raw = 0;
    else if (*raw != UINT16_MAX && value >= base && value < base + UINT16_MAX - 1)
        *raw = (uint16_t)(value - base + 1);
    else
        narrow_escape(a, row, n, value);
}
/* A column's 16-bit values, and which raw ones are low..high; false: it is not kept so. Raw
 * UINT16_MAX must be asked for by column_value(). */
struct narrow_range {
    enum narrow narrow;
    uint16_t low, high;
};
bool narrow_range(enum column c, int64_t low, int64_t high, struct narrow_range *ret);
uint16_t narrow_day(int32_t day); /* the raw value of a day, clamped: for comparing */
int64_t wide_get(const struct audience *a, uint32_t row, enum wide w);
void wide_set(struct audience *a, uint32_t row, enum wide w, int64_t value);
int64_t column_value(const struct audience *a, enum column c, uint32_t row); /* VALUE_NONE */
void column_foresee(const struct block *b, enum column c, uint32_t at); /* fetches it meanwhile */
/* E-mails are texts: their values are but sixteen bytes of them, from `skip` on (at most
 * TEXT_CUT_MAX), the latter in *ret_more, and equal values need a further look (0, or as memcmp).
 * Rows with codes low..high agree in column_skip() bytes. */
bool column_is_text(enum column c);
int64_t column_text_value(const struct audience *a, enum column c, uint32_t row, size_t skip,
                          uint64_t *ret_more);
size_t column_skip(const struct audience *a, enum column c, int low, int high);
int column_compare_rest(const struct audience *a, enum column c, uint32_t x, uint32_t y);
int cuts_code(const struct cuts *c, int64_t value);
static inline bool cuts_pure(const struct cuts *c, int code) /* one value alone has it */
{
    return code < c->n && c->lower[code + 1] - 1 == c->lower[code];
}
void column_update(struct audience *a, enum column c, uint32_t row); /* after its value changed */
void column_recut(struct audience *a, enum column c);
void column_cut(struct audience *a, enum column c); /* the same but for what is noted in `recut` */
void columns_settle(struct audience *a);            /* recuts what put asked for */
/* The cuts of tallies are the same for everybody, so that a row's codes are known when it is put.
 */
void columns_fix_tallies(struct audience *a);
void columns_put_tallies(struct audience *a, uint32_t row, const int64_t tallies[static TALLIES]);
int64_t average_of(int64_t spent_minor, int64_t operations);
int32_t birth_at_least(int32_t today, int64_t age); /* the latest birth day of that age */

/* ask.c */
bool row_seen_by(const struct audience *a, const struct audience_viewer *v, uint32_t row);
void row_hit(const struct audience *a, const struct audience_viewer *viewer, uint32_t row,
             struct arena *arena, struct audience_hit *h);
/* audience.c: audience_words() for who holds the lock */
struct query_words audience_words_locked(struct audience *a);

/* search.c */
struct text_query {
    struct str word, key, lower; /* as typed, folded, lower-cased */
};
/* Sets the bits of the rows it finds in `mask` (nblocks × BLOCK_WORDS). */
void search(const struct audience *a, struct arena *arena, const struct text_query *q,
            uint64_t *mask);
bool search_row(const struct audience *a, struct arena *arena, const struct text_query *q,
                uint32_t row);
uint64_t phone_pack(struct str phone);        /* 0: it is not + and up to 15 digits */
uint64_t phone_pack_digits(struct str phone); /* its first 15 digits, whatever stands between */
