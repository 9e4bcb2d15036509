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
};
struct str cell_of(const struct cells *c, enum import_field f);
struct str text_cell(struct cells *c, enum import_field f, size_t max);
/* Says that the cell is wrong, with what stands in it. */
void cell_fault(struct cells *c, const char *code, enum import_field f, struct str cell);
/* Further addresses, important dates, the customer's number. */
void list_cells(struct cells *c);
const char *shown_value(struct arena *a, struct str s); /* for messages: cut */
/* "Anna Rossi", "ROSSI Anna", "Rossi, Anna", "Иванов Иван Иванович". A single word is a first name.
 */
void name_split(struct str full, struct str *ret_first, struct str *ret_last);
/* "EUR", "eur", "€" for EUR. */
bool currency_matches(struct str cell, const char *currency);
