/* Parts of texts (words of names and of e-mails, digits of phones) and the rows that have each.
 * Threads: the audience's lock. */
#pragma once
#include "lexicon.h"
#include "rowset.h"

struct tokens {
    struct lexicon lexicon;
    struct rowset *rows; /* by number */
    uint32_t rows_cap;
};
void tokens_init(struct tokens *t);
void tokens_free(struct tokens *t);
uint32_t tokens_number(struct tokens *t,
                       struct str text); /* made if new: then give it a row at once */
void tokens_add(struct tokens *t, uint32_t token, uint32_t row);
void tokens_remove(struct tokens *t, uint32_t token,
                   uint32_t row); /* the last row forgets the token */
size_t tokens_bytes(const struct tokens *t);
