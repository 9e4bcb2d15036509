#include <stdlib.h>
#include <string.h>
#include "../base/check.h"
#include "tokens.h"

void tokens_init(struct tokens *t)
{
    *t = (struct tokens){0};
    lexicon_init(&t->lexicon);
}

void tokens_free(struct tokens *t)
{
    for (uint32_t i = 0; i < t->lexicon.n; i++)
        rowset_free(&t->rows[i]);
    free(t->rows);
    lexicon_free(&t->lexicon);
}

uint32_t tokens_number(struct tokens *t, struct str text)
{
    bool made;
    uint32_t token = lexicon_get(&t->lexicon, text, &made);
    if (t->rows_cap < t->lexicon.cap) {
        t->rows = realloc(t->rows, t->lexicon.cap * sizeof(*t->rows));
        check(t->rows);
        memset(t->rows + t->rows_cap, 0, (t->lexicon.cap - t->rows_cap) * sizeof(*t->rows));
        t->rows_cap = t->lexicon.cap;
    }
    return token;
}

void tokens_add(struct tokens *t, uint32_t token, uint32_t row)
{
    rowset_add(&t->rows[token], row);
}

void tokens_remove(struct tokens *t, uint32_t token, uint32_t row)
{
    rowset_remove(&t->rows[token], row);
    if (t->rows[token].n)
        return;
    rowset_free(&t->rows[token]);
    lexicon_forget(&t->lexicon, token);
}

size_t tokens_bytes(const struct tokens *t)
{
    size_t n = lexicon_bytes(&t->lexicon) + t->rows_cap * sizeof(*t->rows);
    for (uint32_t i = 0; i < t->lexicon.n; i++)
        n += rowset_bytes(&t->rows[i]);
    return n;
}
