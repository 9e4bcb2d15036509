#include <stdlib.h>
#include "../base/check.h"
#include "names.h"

#define POOL_MAX (UINT32_MAX - 1)
#define SQUEEZE_MIN 65536 /* dead bytes worth a rebuild */

static struct str text_of(const void *ctx, uint32_t name)
{
    const struct names *n = ctx;
    const struct name *x = &n->name[name];
    return (struct str){n->texts.p + x->text_at, x->text_n};
}

static uint64_t hash_of(const void *ctx, uint32_t name)
{
    struct str s = text_of(ctx, name);
    return hash_bytes(s.p, s.n);
}

static bool equal(const void *ctx, uint32_t name, const void *key)
{
    return str_eq(text_of(ctx, name), *(const struct str *)key);
}

void names_init(struct names *n, struct collation *collation)
{
    *n = (struct names){.ranking = {.collation = collation, .text = text_of, .ctx = n}};
    buf_init(&n->texts, POOL_MAX);
    buf_init(&n->folded, POOL_MAX);
    buf_init(&n->scratch, 1 << 20);
}

void names_free(struct names *n)
{
    for (uint32_t i = 0; i < n->n; i++)
        if (n->name[i].cap)
            free(n->name[i].rows);
    free(n->name);
    free(n->free_names);
    free(n->places);
    buf_free(&n->texts);
    buf_free(&n->folded);
    buf_free(&n->scratch);
    item_set_free(&n->by_text);
    ranking_free(&n->ranking);
}

static void place_folded(struct names *n, uint32_t name, struct str folded)
{
    if (n->nplaces == n->places_cap) {
        n->places_cap = n->places_cap ? n->places_cap * 2 : 64;
        n->places = realloc(n->places, n->places_cap * sizeof(*n->places));
        check(n->places);
    }
    n->name[name].folded_at = (uint32_t)n->folded.n;
    n->name[name].folded_n = (uint32_t)folded.n;
    n->places[n->nplaces++] = (struct name_place){(uint32_t)n->folded.n, name};
    buf_add(&n->folded, folded.p, folded.n);
    buf_addc(&n->folded, '\n');
}

static void place_text(struct names *n, uint32_t name, struct str text)
{
    n->name[name].text_at = (uint32_t)n->texts.n;
    n->name[name].text_n = (uint32_t)text.n;
    buf_add(&n->texts, text.p, text.n);
}

static uint32_t new_number(struct names *n)
{
    if (n->nfree)
        return n->free_names[--n->nfree];
    if (n->n == n->cap) {
        n->cap = n->cap ? n->cap * 2 : 64;
        n->name = realloc(n->name, n->cap * sizeof(*n->name));
        check(n->name);
    }
    return n->n++;
}

uint32_t names_get(struct names *n, struct str text, bool *ret_moved)
{
    *ret_moved = false;
    if (text.n == 0)
        return NAME_NONE;
    uint32_t name = item_find(&n->by_text, hash_bytes(text.p, text.n), equal, n, &text);
    if (name != ITEM_NONE)
        return name;
    name = new_number(n);
    n->name[name] = (struct name){0};
    place_text(n, name, text);
    text_fold_into(&n->scratch, text);
    place_folded(n, name, buf_str(&n->scratch));
    check(!n->texts.failed && !n->folded.failed);
    item_add(&n->by_text, name, hash_of, n);
    *ret_moved = !n->loading && ranking_add(&n->ranking, name);
    return name;
}

void names_add_row(struct names *n, uint32_t name, uint32_t row)
{
    struct name *x = &n->name[name];
    if (x->n == 0) {
        x->one = row;
        x->n = 1;
        return;
    }
    if (x->cap == 0 || x->n == x->cap) {
        uint32_t cap = x->cap ? x->cap + x->cap / 2 + 2 : 4, one = x->one;
        uint32_t *rows = realloc(x->cap ? x->rows : NULL, cap * sizeof(*rows));
        check(rows);
        if (x->cap == 0)
            rows[0] = one;
        x->rows = rows;
        x->cap = cap;
    }
    x->rows[x->n++] = row;
}

/* Copies what is alive. */
static void squeeze(struct names *n)
{
    struct buf texts = n->texts, folded = n->folded;
    buf_init(&n->texts, POOL_MAX);
    buf_init(&n->folded, POOL_MAX);
    n->nplaces = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        struct name *x = &n->name[i];
        if (x->n == 0)
            continue;
        place_text(n, i, (struct str){texts.p + x->text_at, x->text_n});
        place_folded(n, i, (struct str){folded.p + x->folded_at, x->folded_n});
    }
    n->dead_bytes = 0;
    buf_free(&texts);
    buf_free(&folded);
}

static struct name_place *place_at(const struct names *n, uint32_t at)
{
    uint32_t low = 0, high = n->nplaces;
    while (low + 1 < high) {
        uint32_t mid = (low + high) / 2;
        if (n->places[mid].at <= at)
            low = mid;
        else
            high = mid;
    }
    return &n->places[low];
}

static void forget(struct names *n, uint32_t name)
{
    struct name *x = &n->name[name];
    item_remove(&n->by_text, name, hash_of, n);
    ranking_remove(&n->ranking, name);
    if (x->cap)
        free(x->rows);
    memset(n->folded.p + x->folded_at, '\n', x->folded_n);
    place_at(n, x->folded_at)->name = NAME_NONE;
    n->dead_bytes += x->folded_n + x->text_n + 1;
    *x = (struct name){0};
    if (n->nfree == n->free_cap) {
        n->free_cap = n->free_cap ? n->free_cap * 2 : 64;
        n->free_names = realloc(n->free_names, n->free_cap * sizeof(*n->free_names));
        check(n->free_names);
    }
    n->free_names[n->nfree++] = name;
    if (n->dead_bytes > SQUEEZE_MIN && n->dead_bytes > (n->texts.n + n->folded.n) / 2)
        squeeze(n);
}

void names_remove_row(struct names *n, uint32_t name, uint32_t row)
{
    struct name *x = &n->name[name];
    uint32_t *rows = x->cap ? x->rows : &x->one, i = x->n;
    while (i > 0 && rows[i - 1] != row)
        i--;
    check(i > 0);
    rows[i - 1] = rows[--x->n];
    if (x->n == 0)
        forget(n, name);
}

void names_loaded(struct names *n)
{
    n->loading = false;
    ranking_build(&n->ranking, n->n);
}

struct str names_text(const struct names *n, uint32_t name)
{
    return name == NAME_NONE ? STR("") : text_of(n, name);
}

struct str names_folded(const struct names *n, uint32_t name)
{
    if (name == NAME_NONE)
        return STR("");
    const struct name *x = &n->name[name];
    return (struct str){n->folded.p + x->folded_at, x->folded_n};
}

void names_search(const struct names *n, const struct simd *simd, struct str part,
                  void (*fn)(void *ctx, const struct name *name), void *ctx)
{
    size_t at = 0;
    uint32_t k = 0;
    while ((at = simd->find(n->folded.p, n->folded.n, at, part.p, part.n)) < n->folded.n) {
        while (k + 1 < n->nplaces && n->places[k + 1].at <= at)
            k++;
        fn(ctx, &n->name[n->places[k].name]);
        at = k + 1 < n->nplaces ? n->places[k + 1].at : n->folded.n;
    }
}

size_t names_bytes(const struct names *n)
{
    size_t bytes = n->cap * sizeof(*n->name) + n->texts.cap + n->folded.cap +
                   n->places_cap * sizeof(*n->places) +
                   (n->by_text.cap + n->ranking.cap + n->ranking.items + n->free_cap) * 4;
    for (uint32_t i = 0; i < n->n; i++)
        bytes += n->name[i].cap * sizeof(uint32_t);
    return bytes;
}
