/* Words that cells hold for a gender, a yes, a country, a language, a device, a kind of contact, in
 * English, French, Italian, Spanish and Russian; compared folded. Names of countries and languages
 * come from ICU. Threads: one at a time (it folds into a buffer of its own). Ownership:
 * vocabulary_free(). */
#pragma once
#include "../../base/str.h"

struct vocabulary;
struct vocabulary *vocabulary_new(void);
void vocabulary_free(struct vocabulary **v);
/* False: no such word. */
bool vocabulary_gender(struct vocabulary *v, struct str s, uint8_t *ret); /* GENDER_* */
bool vocabulary_yes(struct vocabulary *v, struct str s, bool *ret);
bool vocabulary_country(struct vocabulary *v, struct str s, char ret[static 4]);
bool vocabulary_language(struct vocabulary *v, struct str s, char ret[static 4]);
bool vocabulary_label(struct vocabulary *v, struct str s, int *ret);      /* into customer_labels */
bool vocabulary_device(struct vocabulary *v, struct str s, uint8_t *ret); /* DEVICE_* */
