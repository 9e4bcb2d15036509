/* Between row.c and row_value.c only. */
#pragma once
#include "row.h"
#include "value.h"
#include "../word/word.h"

#define WORD_MAX_CHARACTERS WORD_NAME_MAX
#define PRICE_MICRO_MAX 1000000000000000LL
#define SALE_DAY_EARLIEST 0
#define DAY_EARLIEST (-25567) /* 1900-01-01 */

struct cells {
    struct row_context *context;
    const struct record *record;
    struct arena *arena;
    struct row *row;
    size_t contacts_cap;
    struct str *labels[2];  /* [0] of phones, [1] of e-mails, in the order of their cells */
    int nlabels[2], nth[2]; /* nth: how many of them were read, good or not */
};
struct str cell_of(const struct cells *c, enum import_field f);
struct str text_cell(struct cells *c, enum import_field f, size_t max);
/* Says that the cell is wrong, with what stands in it. */
void cell_fault(struct cells *c, const char *code, enum import_field f, struct str cell);
/* The labels, before the contacts are read. */
void label_cells(struct cells *c);
/* Further addresses, important dates, tags, groups, block, the customer's number. */
void list_cells(struct cells *c);
const char *shown_value(struct arena *a, struct str s); /* for messages: cut */
/* "Anna Rossi", "ROSSI Anna", "Rossi, Anna", "Иванов Иван Иванович". A single word is a first name.
 */
void name_split(struct str full, struct str *ret_first, struct str *ret_last);
/* "EUR", "eur", "€" for EUR. */
bool currency_matches(struct str cell, const char *currency);
