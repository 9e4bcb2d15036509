#include "names.h"
#include <stdlib.h>
#include "../../base/check.h"
#include "../group/group.h"
#include "../store/store.h"
#include "../word/word.h"

enum { REMEMBERED_MAX = 100000 }; /* beyond, the database is asked again */

struct name {
    struct str text;
    uint8_t kind;
    int64_t id;
};
struct import_names {
    struct arena *arena;
    struct name *entries;
    uint32_t *slots;             /* index + 1 into entries; 0: free */
    size_t n, kept, cap, nslots; /* kept: those of committed transactions */
    int64_t made[2][1000];       /* words, stores */
    size_t nmade[2];
    struct audit_actor by;
};

struct import_names *import_names_new(const struct audit_actor *by)
{
    struct import_names *n = calloc(1, sizeof *n);
    check(n);
    n->arena = arena_new();
    n->by = *by;
    n->cap = 1024;
    n->nslots = 4096;
    n->entries = calloc(n->cap, sizeof *n->entries);
    n->slots = calloc(n->nslots, sizeof *n->slots);
    check(n->entries && n->slots);
    return n;
}

void import_names_free(struct import_names **n)
{
    if (!*n)
        return;
    arena_free(&(*n)->arena);
    free((*n)->entries);
    free((*n)->slots);
    free(*n);
    *n = NULL;
}

static size_t slot_of(const struct import_names *n, enum word_kind kind, struct str text)
{
    uint32_t h = 2166136261u ^ (uint32_t)kind;
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (uint8_t)text.p[i]) * 16777619u;
    size_t at = h & (n->nslots - 1);
    while (n->slots[at] > 0) {
        const struct name *e = &n->entries[n->slots[at] - 1];
        if (e->kind == kind && str_eq(e->text, text))
            break;
        at = (at + 1) & (n->nslots - 1);
    }
    return at;
}

static void reindex(struct import_names *n)
{
    memset(n->slots, 0, n->nslots * sizeof *n->slots);
    for (size_t i = 0; i < n->n; i++)
        n->slots[slot_of(n, (enum word_kind)n->entries[i].kind, n->entries[i].text)] =
            (uint32_t)i + 1;
}

void import_names_begin(struct import_names *n)
{
    n->nmade[0] = n->nmade[1] = 0;
    if (n->n > n->kept) {
        n->n = n->kept;
        reindex(n);
    }
    if (n->n > REMEMBERED_MAX) {
        n->n = n->kept = 0;
        arena_reset(n->arena);
        reindex(n);
    }
}

void import_names_commit(struct import_names *n)
{
    n->kept = n->n;
}

static void remember(struct import_names *n, enum word_kind kind, struct str text, int64_t id)
{
    if (n->n == n->cap) {
        n->cap *= 2;
        n->nslots *= 2;
        n->entries = realloc(n->entries, n->cap * sizeof *n->entries);
        n->slots = realloc(n->slots, n->nslots * sizeof *n->slots);
        check(n->entries && n->slots);
        reindex(n);
    }
    size_t at = slot_of(n, kind, text);
    n->entries[n->n] = (struct name){arena_str(n->arena, text), (uint8_t)kind, id};
    n->slots[at] = (uint32_t)++n->n;
}

static enum err group_id(const struct import_names *n, struct db_tx *tx, int64_t merchant_id,
                         struct str name, int64_t *ret_id)
{
    struct problem p = {0};
    const struct group_actor who = {.arena = db_arena(tx), .by = n->by};
    enum err e = group_by_name(tx, merchant_id, name, &who, ret_id, &p);
    return p.code && strcmp(p.code, "group_too_many") == 0 ? ERR_TOO_LARGE : e;
}

enum err import_names_id(struct import_names *n, struct db_tx *tx, int64_t merchant_id,
                         enum word_kind kind, struct str name, int64_t *ret_id)
{
    if (name.n == 0) {
        *ret_id = 0;
        return OK;
    }
    size_t at = slot_of(n, kind, name);
    if (n->slots[at] > 0) {
        *ret_id = n->entries[n->slots[at] - 1].id;
        return OK;
    }
    bool made = false;
    enum err e = kind == WORD_STORE   ? store_by_name(tx, merchant_id, name, ret_id, &made)
                 : kind == WORD_GROUP ? group_id(n, tx, merchant_id, name, ret_id)
                                      : word_id(tx, merchant_id, kind, name, ret_id, &made);
    if (e)
        return e;
    remember(n, kind, name, *ret_id);
    bool store = kind == WORD_STORE;
    if (made && n->nmade[store] < ARRAY_LEN(n->made[store]))
        n->made[store][n->nmade[store]++] = *ret_id;
    return OK;
}

const int64_t *import_names_made(const struct import_names *n, bool stores, size_t *ret_n)
{
    *ret_n = n->nmade[stores];
    return n->made[stores];
}
