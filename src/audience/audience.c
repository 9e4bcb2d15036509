/* Making, feeding and moving an audience: the lock, and what is to be said under it. */
#include <stdlib.h>
#include "../base/check.h"
#include "internal.h"

static int64_t find_own_type(const struct audience *a, struct str folded)
{
    struct arena *tmp = arena_new();
    int64_t found = 0;
    for (int i = 0; i < a->types.nown && !found; i++)
        if (str_eq(text_fold(tmp, a->types.own[i].name), folded))
            found = TYPES + i;
    arena_free(&tmp);
    return found;
}

static int64_t find_word_locked(void *ctx, enum field_id field, struct str folded)
{
    const struct audience *a = ctx;
    enum dictionary d = field_dictionary(field);
    if (field == FIELD_TYPE)
        return find_own_type(a, folded);
    uint32_t slot = d == DICTS ? SLOT_NONE : words_find(&a->words[d], folded);
    return slot == SLOT_NONE ? 0 : a->words[d].word[slot].id;
}

static void each_word_locked(void *ctx, enum field_id field, void (*fn)(void *arg, struct str name),
                             void *arg)
{
    const struct audience *a = ctx;
    enum dictionary d = field_dictionary(field);
    for (int i = 0; field == FIELD_TYPE && i < a->types.nown; i++)
        fn(arg, a->types.own[i].name);
    for (uint32_t i = 0; d != DICTS && i < a->words[d].n; i++)
        if (a->words[d].word[i].name.n)
            fn(arg, a->words[d].word[i].name);
}

static int64_t find_word(void *ctx, enum field_id field, struct str folded)
{
    struct audience *a = ctx;
    pthread_rwlock_rdlock(&a->lock);
    int64_t id = find_word_locked(a, field, folded);
    pthread_rwlock_unlock(&a->lock);
    return id;
}

static void each_word(void *ctx, enum field_id field, void (*fn)(void *arg, struct str name),
                      void *arg)
{
    struct audience *a = ctx;
    pthread_rwlock_rdlock(&a->lock);
    each_word_locked(a, field, fn, arg);
    pthread_rwlock_unlock(&a->lock);
}

struct query_words audience_words_locked(struct audience *a)
{
    return (struct query_words){a, find_word_locked, each_word_locked};
}

enum err audience_new(const struct audience_options *o, struct audience **ret)
{
    struct audience *a = calloc(1, sizeof(*a));
    check(a);
    enum err e = collation_open(o->language, &a->collation);
    if (e != OK) {
        free(a);
        return e;
    }
    /* Readers must not keep a waiting writer out. */
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&a->lock, &attr);
    pthread_mutex_init(&a->totals.lock, NULL);
    pthread_rwlockattr_destroy(&attr);
    a->simd = simd_best();
    a->query_words = (struct query_words){a, find_word, each_word};
    a->types = typology_defaults;
    a->types_arena = arena_new();
    a->expected = o->expected_rows;
    a->ids_ascend = true;
    a->last_id = INT64_MIN;
    a->per_month_today = DAY_NONE;
    a->arena = arena_new();
    for (int d = 0; d < DICTS; d++) {
        bool sorted = d == DICT_STORE || d == DICT_SOURCE || d == DICT_CITY || d == DICT_LANGUAGE ||
                      d == DICT_COUNTRY;
        words_init(&a->words[d], sorted ? a->collation : NULL);
    }
    names_init(&a->names, a->collation);
    tokens_init(&a->tokens);
    tokens_init(&a->phones);
    buf_init(&a->folded, 1 << 20);
    for (int c = 0; c < COLUMNS; c++) {
        a->cuts[c].n = 1;
        a->cuts[c].lower[1] = INT64_MIN;
        a->cuts[c].common = 2048;
    }
    for (uint8_t slot = 0; slot < AUDIENCE_TIERS_MAX; slot++)
        a->ladder[slot] = slot;
    columns_fix_tallies(a);
    a->now.today = a->birth_cut_today = o->today;
    calendar_move(a, o->today);
    *ret = a;
    return OK;
}

static void bulk_free(struct bulk *b)
{
    for (int d = 0; d < DICTS; d++)
        pairs_free(&b->words[d]);
    pairs_free(&b->tokens);
    pairs_free(&b->phones);
}

void audience_free(struct audience **ap)
{
    struct audience *a = ap ? *ap : NULL;
    if (!a)
        return;
    for (uint32_t i = 0; i < a->nblocks; i++)
        block_close(&a->blocks[i]);
    for (int d = 0; d < DICTS; d++)
        words_free(&a->words[d]);
    for (size_t i = 0; i < a->nstaff; i++)
        posting_free(&a->staff[i].rows);
    names_free(&a->names);
    tokens_free(&a->tokens);
    tokens_free(&a->phones);
    item_set_free(&a->by_external);
    calendar_free(a);
    bulk_free(&a->bulk);
    free(a->blocks);
    free(a->free_rows);
    free(a->favourites);
    free(a->staff);
    item_set_free(&a->by_id);
    map_free(&a->escapes);
    map_free(&a->favoured);
    buf_free(&a->folded);
    arena_free(&a->arena);
    arena_free(&a->types_arena);
    collation_close(&a->collation);
    pthread_rwlock_destroy(&a->lock);
    pthread_mutex_destroy(&a->totals.lock);
    free(a);
    *ap = NULL;
}

void audience_load_begin(struct audience *a)
{
    audience_write_lock(a);
    a->loading = a->names.loading = true;
    a->bulk.last_id = a->count ? INT64_MAX : INT64_MIN;
    a->bulk.unlisted = a->nrows;
    lexicon_remember(&a->names.lexicon, true);
    lexicon_remember(&a->tokens.lexicon, true);
    for (int d = 0; d < DICTS; d++)
        a->words[d].loading = true;
    pthread_rwlock_unlock(&a->lock);
}

void audience_load_end(struct audience *a)
{
    audience_write_lock(a);
    rows_settle_words(a);
    bulk_free(&a->bulk);
    lexicon_remember(&a->names.lexicon, false);
    lexicon_remember(&a->tokens.lexicon, false);
    a->loading = false;
    rows_loaded(a);
    pthread_rwlock_unlock(&a->lock);
}

/* Rows to come were written by other threads: they are called for while others are put, then what
 * they point at, then the places of their names. */
static void expect_row(const struct audience_row *row)
{
    enum { LINE = 64 };
    for (size_t at = 0; at < sizeof(*row); at += LINE)
        __builtin_prefetch((const char *)row + at);
}

static void expect_texts(const struct audience_row *row)
{
    __builtin_prefetch(row->first_name.p);
    __builtin_prefetch(row->last_name.p);
    __builtin_prefetch(row->email.p);
    __builtin_prefetch(row->visit_days);
    for (int kind = 0; kind < WORD_KINDS; kind++)
        __builtin_prefetch(row->words[kind]);
}

static void expect_names(const struct audience *a, const struct audience_row *row)
{
    lexicon_foresee(&a->names.lexicon, row->first_name);
    lexicon_foresee(&a->names.lexicon, row->last_name);
}

enum err audience_put_many(struct audience *a, const struct audience_row *rows, size_t n)
{
    enum err e = OK;
    audience_write_lock(a);
    for (size_t i = 0; i < n && e == OK; i++) {
        if (i + 6 < n)
            expect_row(&rows[i + 6]);
        if (i + 4 < n)
            expect_texts(&rows[i + 4]);
        if (i + 2 < n)
            expect_names(a, &rows[i + 2]);
        e = row_put(a, &rows[i]);
    }
    pthread_rwlock_unlock(&a->lock);
    return e;
}

enum err audience_put(struct audience *a, const struct audience_row *row)
{
    return audience_put_many(a, row, 1);
}

void audience_remove(struct audience *a, int64_t customer_id)
{
    audience_write_lock(a);
    if (a->loading)
        rows_settle_bulk(a);
    uint32_t row = row_of(a, customer_id);
    if (row != ROW_NONE)
        row_remove(a, row);
    pthread_rwlock_unlock(&a->lock);
}

void audience_set_word(struct audience *a, enum word_kind kind, int64_t id, struct str name)
{
    bool moved;
    audience_write_lock(a);
    words_set(&a->words[kind], id, name, &moved);
    if (moved && !a->loading) {
        a->recut |= kind == WORD_STORE    ? 1ull << COL_STORE
                    : kind == WORD_SOURCE ? 1ull << COL_SOURCE
                                          : 0;
        columns_settle(a);
    }
    pthread_rwlock_unlock(&a->lock);
}

void audience_set_ladder(struct audience *a, const int64_t *ids, size_t n)
{
    uint32_t named[AUDIENCE_TIERS_MAX], nnamed = 0, at = 0;
    uint64_t is_named = 0;
    audience_write_lock(a);
    for (size_t i = 0; i < n; i++) {
        uint32_t slot = words_slot(&a->words[DICT_TIER], ids[i]);
        if (slot >= AUDIENCE_TIERS_MAX || is_named >> slot & 1)
            continue;
        named[nnamed++] = slot;
        is_named |= 1ull << slot;
    }
    for (uint32_t slot = 0; slot < a->words[DICT_TIER].n && slot < AUDIENCE_TIERS_MAX; slot++)
        if (!(is_named >> slot & 1))
            a->ladder[at++] = (uint8_t)slot;
    for (uint32_t i = 0; i < nnamed; i++)
        a->ladder[at++] = (uint8_t)named[i];
    pthread_rwlock_unlock(&a->lock);
}

static struct posting *staff_posting(struct audience *a, int64_t staff)
{
    for (size_t i = 0; i < a->nstaff; i++)
        if (a->staff[i].staff == staff)
            return &a->staff[i].rows;
    a->staff = realloc(a->staff, (a->nstaff + 1) * sizeof(*a->staff));
    check(a->staff);
    a->staff[a->nstaff] = (struct staff_favourites){.staff = staff};
    return &a->staff[a->nstaff++].rows;
}

static size_t favourite_at(const struct audience *a, int64_t staff, int64_t customer)
{
    size_t i = 0;
    while (i < a->nfavourites &&
           (a->favourites[i].staff != staff || a->favourites[i].customer != customer))
        i++;
    return i;
}

static void change_favoured(struct audience *a, int64_t customer, int by)
{
    int64_t n = 0;
    (void)map_get(&a->favoured, (uint64_t)customer, &n);
    if (n + by > 0)
        map_set(&a->favoured, (uint64_t)customer, n + by);
    else
        map_remove(&a->favoured, (uint64_t)customer);
}

static void set_favourite(struct audience *a, int64_t staff, int64_t customer, bool on)
{
    int64_t n;
    bool some = map_get(&a->favoured, (uint64_t)customer, &n);
    size_t at = some ? favourite_at(a, staff, customer) : a->nfavourites;
    uint32_t row = row_of(a, customer);
    if (on == (at < a->nfavourites))
        return;
    struct posting *rows = staff_posting(a, staff);
    change_favoured(a, customer, on ? 1 : -1);
    if (!on) {
        a->favourites[at] = a->favourites[--a->nfavourites];
        if (row != ROW_NONE)
            posting_remove(rows, row);
        return;
    }
    if (a->nfavourites == a->favourites_cap) {
        a->favourites_cap = a->favourites_cap ? a->favourites_cap * 2 : 64;
        a->favourites = realloc(a->favourites, a->favourites_cap * sizeof(*a->favourites));
        check(a->favourites);
    }
    a->favourites[a->nfavourites++] = (struct favourite){staff, customer};
    if (row != ROW_NONE)
        posting_add(rows, row);
}

void audience_set_favourite(struct audience *a, int64_t staff_id, int64_t customer_id, bool on)
{
    audience_write_lock(a);
    if (a->loading)
        rows_settle_bulk(a);
    set_favourite(a, staff_id, customer_id, on);
    pthread_rwlock_unlock(&a->lock);
}

void audience_set_today(struct audience *a, int32_t today)
{
    audience_write_lock(a);
    if (today != a->now.today)
        calendar_move(a, today);
    pthread_rwlock_unlock(&a->lock);
}

int32_t audience_today(const struct audience *a)
{
    pthread_rwlock_t *lock = (pthread_rwlock_t *)(uintptr_t)&a->lock;
    pthread_rwlock_rdlock(lock);
    int32_t today = a->now.today;
    pthread_rwlock_unlock(lock);
    return today;
}

int64_t audience_count(const struct audience *a)
{
    pthread_rwlock_t *lock = (pthread_rwlock_t *)(uintptr_t)&a->lock;
    pthread_rwlock_rdlock(lock);
    int64_t n = a->count;
    pthread_rwlock_unlock(lock);
    return n;
}

size_t audience_bytes(const struct audience *a)
{
    pthread_rwlock_t *lock = (pthread_rwlock_t *)(uintptr_t)&a->lock;
    pthread_rwlock_rdlock(lock);
    size_t n = sizeof(*a) + names_bytes(&a->names) + tokens_bytes(&a->tokens) +
               tokens_bytes(&a->phones) + (a->by_id.cap + a->by_external.cap) * 5 +
               (a->escapes.cap + a->favoured.cap) * 16 + calendar_bytes(a) + a->free_cap * 4 +
               a->favourites_cap * sizeof(struct favourite);
    for (uint32_t i = 0; i < a->nblocks; i++)
        n += block_bytes(&a->blocks[i]);
    for (int d = 0; d < DICTS; d++)
        n += words_bytes(&a->words[d]);
    for (size_t i = 0; i < a->nstaff; i++)
        n += posting_bytes(&a->staff[i].rows);
    pthread_rwlock_unlock(lock);
    return n;
}

const struct query_words *audience_words(struct audience *a)
{
    return &a->query_words;
}
