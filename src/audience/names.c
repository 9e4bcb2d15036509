#include <stdlib.h>
#include "../base/check.h"
#include "names.h"

static struct str text_of(const void *ctx, uint32_t name)
{
    return lexicon_text(&((const struct names *)ctx)->lexicon, name);
}

void names_init(struct names *n, struct collation *collation)
{
    *n = (struct names){.ranking = {.collation = collation, .text = text_of, .ctx = n}};
    lexicon_init(&n->lexicon);
}

void names_free(struct names *n)
{
    lexicon_free(&n->lexicon);
    ranking_free(&n->ranking);
    free(n->use);
}

uint32_t names_use(struct names *n, struct str text, bool *ret_moved)
{
    bool made = false;
    *ret_moved = false;
    if (text.n == 0)
        return NAME_NONE;
    uint32_t name = lexicon_get(&n->lexicon, text, &made);
    if (n->use_cap < n->lexicon.cap) {
        n->use = realloc(n->use, n->lexicon.cap * sizeof(*n->use));
        check(n->use);
        n->use_cap = n->lexicon.cap;
    }
    if (made)
        n->use[name] = (struct name_use){.token = NAME_NONE};
    if (made && !n->loading)
        *ret_moved = ranking_add(&n->ranking, name);
    n->use[name].n++;
    return name;
}

void names_release(struct names *n, uint32_t name)
{
    if (name == NAME_NONE || --n->use[name].n > 0)
        return;
    ranking_remove(&n->ranking, name);
    lexicon_forget(&n->lexicon, name);
}

char names_initial(struct names *n, uint32_t name)
{
    if (name == NAME_NONE)
        return '#';
    struct name_use *use = &n->use[name];
    if (!use->initial)
        use->initial = (uint8_t)text_initial(lexicon_text(&n->lexicon, name));
    return (char)use->initial;
}

void names_loaded(struct names *n)
{
    n->loading = false;
    ranking_build(&n->ranking, n->lexicon.n);
}

size_t names_bytes(const struct names *n)
{
    return lexicon_bytes(&n->lexicon) + n->use_cap * sizeof(*n->use) +
           (n->ranking.cap + n->ranking.items) * sizeof(uint32_t);
}
