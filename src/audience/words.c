#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "../base/check.h"
#include "words.h"

static struct str word_text(const void *ctx, uint32_t slot)
{
    return ((const struct words *)ctx)->word[slot].name;
}

static uint64_t word_hash(const void *ctx, uint32_t slot)
{
    const struct word *w = &((const struct words *)ctx)->word[slot];
    return hash_bytes(w->folded.p, w->folded.n);
}

static bool word_equal(const void *ctx, uint32_t slot, const void *key)
{
    return str_eq(((const struct words *)ctx)->word[slot].folded, *(const struct str *)key);
}

static struct str own(struct str s)
{
    char *p = malloc(s.n + 1);
    check(p);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

static void disown(struct str s)
{
    free((void *)(uintptr_t)s.p);
}

void words_init(struct words *w, struct collation *collation)
{
    *w = (struct words){.ranking = {.collation = collation, .text = word_text, .ctx = w}};
}

void words_free(struct words *w)
{
    for (uint32_t i = 0; i < w->n; i++) {
        disown(w->word[i].name);
        disown(w->word[i].folded);
        posting_free(&w->word[i].rows);
    }
    free(w->word);
    map_free(&w->by_id);
    item_set_free(&w->by_folded);
    ranking_free(&w->ranking);
}

uint32_t words_slot(const struct words *w, int64_t id)
{
    int64_t slot;
    return map_get(&w->by_id, (uint64_t)id, &slot) ? (uint32_t)slot : SLOT_NONE;
}

uint32_t words_find(const struct words *w, struct str folded)
{
    return item_find(&w->by_folded, hash_bytes(folded.p, folded.n), word_equal, w, &folded);
}

static bool rank_word(struct words *w, uint32_t slot)
{
    return w->ranking.collation && !w->loading && w->word[slot].name.n &&
           ranking_add(&w->ranking, slot);
}

static uint32_t add(struct words *w, int64_t id, struct str name, struct str folded, bool *moved)
{
    if (w->n == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 16;
        w->word = realloc(w->word, w->cap * sizeof(*w->word));
        check(w->word);
    }
    uint32_t slot = w->n++;
    w->word[slot] = (struct word){.id = id, .name = own(name), .folded = own(folded)};
    map_set(&w->by_id, (uint64_t)id, slot);
    item_add(&w->by_folded, slot, word_hash, w);
    *moved = rank_word(w, slot);
    return slot;
}

uint32_t words_set(struct words *w, int64_t id, struct str name, bool *ret_moved)
{
    struct buf folded;
    buf_init(&folded, 1 << 20);
    text_fold_into(&folded, name);
    uint32_t slot = words_slot(w, id);
    *ret_moved = false;
    if (slot == SLOT_NONE) {
        slot = add(w, id, name, buf_str(&folded), ret_moved);
    } else if (!str_eq(w->word[slot].name, name)) {
        struct word *word = &w->word[slot];
        item_remove(&w->by_folded, slot, word_hash, w);
        if (w->ranking.collation)
            ranking_remove(&w->ranking, slot);
        disown(word->name);
        disown(word->folded);
        word->name = own(name);
        word->folded = own(buf_str(&folded));
        item_add(&w->by_folded, slot, word_hash, w);
        rank_word(w, slot);
        *ret_moved = true;
    }
    buf_free(&folded);
    return slot;
}

uint32_t words_open(struct words *w, struct str name, struct str folded, bool *ret_moved)
{
    *ret_moved = false;
    uint32_t slot = words_find(w, folded);
    return slot != SLOT_NONE ? slot : add(w, (int64_t)w->n + 1, name, folded, ret_moved);
}

void words_change(struct words *w, uint32_t row, const uint32_t *old, uint32_t nold,
                  const uint32_t *now, uint32_t nnow)
{
    uint32_t i = 0, k = 0;
    while (i < nold || k < nnow) {
        if (k == nnow || (i < nold && old[i] < now[k])) {
            posting_remove(&w->word[old[i++]].rows, row);
        } else if (i == nold || now[k] < old[i]) {
            posting_add(&w->word[now[k++]].rows, row);
        } else {
            i++;
            k++;
        }
    }
}

void words_loaded(struct words *w)
{
    w->loading = false;
    if (w->ranking.collation)
        ranking_build(&w->ranking, w->n);
}

size_t words_bytes(const struct words *w)
{
    size_t n = w->cap * sizeof(*w->word) + w->by_id.cap * 16 + w->by_folded.cap * 5 +
               (w->ranking.cap + w->ranking.items) * sizeof(uint32_t);
    for (uint32_t i = 0; i < w->n; i++)
        n += w->word[i].name.n + w->word[i].folded.n + 2 + posting_bytes(&w->word[i].rows);
    return n;
}
