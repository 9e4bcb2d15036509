/* What a row is found by. A text is cut into tokens: runs of letters, and runs of digits;
 * everything else parts them. Slices are bitsets that tell which rows have a sign anywhere in their
 * names and e-mails. */
#pragma once
#include "internal.h"

enum sign_class { CLASS_OTHER, CLASS_LETTER, CLASS_DIGIT };
extern const uint8_t sign_classes[256], sign_slices[256]; /* by byte; of slices, plus one */
static inline enum sign_class sign_class(char c)
{
    return (enum sign_class)sign_classes[(uint8_t)c];
}
/* The next token of `rest`, which loses it; false: there is none. */
bool next_token(struct str *rest, struct str *ret);
bool next_piece(struct str *rest, struct str *ret); /* the same between blanks */
bool is_email(struct str piece);
static inline int sign_slice(char c) /* SLICE_OTHER for what has none of its own */
{
    int slice = sign_slices[(uint8_t)c];
    return slice ? slice - 1 : SLICE_OTHER;
}
enum { PHONE_ROOM = 256 }; /* digits of what stands for a phone; more are not looked at */
struct str digits_of(struct str s, char out[static PHONE_ROOM]);

/* Texts of a row, whether it has them already or is to have them. */
struct row_texts {
    uint32_t names[3];                          /* first, last, nick */
    struct str local, contact, external, phone; /* as in the record */
    uint32_t domain;
};
struct row_texts row_texts_of(const struct audience *a, uint32_t row, const struct record *r);
struct terms {
    uint32_t *tokens, *phones, *domains; /* ascending, each once */
    uint32_t ntokens, nphones, ndomains;
    uint64_t slices;
};
/* Makes dictionary entries for what is new: they must get rows by terms_change() next. */
void terms_of(struct audience *a, const struct row_texts *t, struct terms *ret);
void terms_change(struct audience *a, uint32_t row, const struct terms *old,
                  const struct terms *now);
void terms_gather(struct audience *a, uint32_t row,
                  const struct terms *now); /* of a new row, while loading: all but slices */
/* Before the record changes, and after. */
void externals_remove(struct audience *a, uint32_t row);
void externals_add(struct audience *a, uint32_t row);
void externals_foresee(const struct audience *a, uint32_t row); /* fetches its place meanwhile */
void externals_reserve(struct audience *a, uint32_t more);
uint32_t externals_next(const struct audience *a, struct str external, size_t *at); /* ROW_NONE */
