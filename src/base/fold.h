/* How text_fold (text.h) does it: by a table where one code point says it all, else by ICU.
 * For fold*.c and the test that both ways agree; everybody else uses text.h. Any thread. */
#pragma once
#include "str.h"

/* Longer text is folded up to here: a search form of a megabyte serves nobody. */
enum { FOLD_BYTES_MAX = 1 << 20 };

/* What a code point becomes whatever its neighbours are; blanks are not yet joined. */
struct folded {
    uint8_t n;
    char p[7];
};

/* Blocks of the table, one after the other: Latin-1 and Latin Extended-A, Cyrillic, what
 * typographers write between them (General Punctuation), and the № of every Russian heading. */
enum {
    FOLD_LATIN = 0x80,
    FOLD_LATIN_END = 0x180,
    FOLD_CYRILLIC = 0x400,
    FOLD_CYRILLIC_END = 0x500,
    FOLD_MARKS = 0x2000,
    FOLD_MARKS_END = 0x2070,
    FOLD_NUMERO = 0x2116,
    FOLD_NUMERO_END = 0x2117,
    FOLD_CYRILLIC_AT = FOLD_LATIN_END - FOLD_LATIN,
    FOLD_MARKS_AT = FOLD_CYRILLIC_AT + FOLD_CYRILLIC_END - FOLD_CYRILLIC,
    FOLD_NUMERO_AT = FOLD_MARKS_AT + FOLD_MARKS_END - FOLD_MARKS,
    FOLD_TABLE_SIZE = FOLD_NUMERO_AT + FOLD_NUMERO_END - FOLD_NUMERO,
};

/* Made while building (fold_table.c) with the ICU that the program is linked with: the version is
 * part of its symbols' names, so no other one can come later. */
extern const struct folded fold_table[FOLD_TABLE_SIZE];

/* Where a code point stands in the table; negative: nowhere. */
static inline int fold_at(int32_t c)
{
    if (c < FOLD_LATIN_END)
        return c - FOLD_LATIN;
    if (c >= FOLD_CYRILLIC && c < FOLD_CYRILLIC_END)
        return c - FOLD_CYRILLIC + FOLD_CYRILLIC_AT;
    if (c >= FOLD_MARKS && c < FOLD_MARKS_END)
        return c - FOLD_MARKS + FOLD_MARKS_AT;
    return c == FOLD_NUMERO ? FOLD_NUMERO_AT : -1;
}

/* Appends a byte of a folded text, joining blanks. */
static inline void fold_emit(struct buf *out, char c)
{
    if (c != ' ')
        buf_addc(out, c);
    else if (out->n && out->p[out->n - 1] != ' ')
        buf_addc(out, ' ');
}

static inline void fold_end(struct buf *out)
{
    if (out->n && out->p[out->n - 1] == ' ')
        out->n--;
}

/* Any text by the whole rule, into a buffer that is cleared first. */
void fold_by_icu(struct buf *out, struct str s);
