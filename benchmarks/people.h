/* The customers of a made-up chain, the same for every engine that is measured: 40 stores, 60 tags
 * (0 to 4 each), birth dates (15 % unknown), consents, visits over three years, points, tiers,
 * names of about 19,000 different words, e-mails, phones. Deterministic. */
#pragma once
#include "src/audience/audience.h"

enum { PEOPLE_STORES = 40, PEOPLE_TAGS = 60, PEOPLE_TIERS = 4, PEOPLE_VISITS_MAX = 400 };
#define PEOPLE_TODAY 20593 /* 2026-05-20 */

struct person {
    int64_t id;
    char first[24], last[32], email[64], phone[20], city[24];
    int gender, consent[3], store, tags[4], ntags;
    int32_t birth, registered, last_visit; /* DAY_NONE: unknown */
    int64_t visit_days[PEOPLE_VISITS_MAX];
    int visits;
    int64_t operations, spent_minor, tallies[TALLIES], points, tier; /* tier 0: none */
};
/* Customer `id`, 1 and up. */
void person_make(int64_t id, struct person *p);
/* The same for audience_put(); points into `p` and `tags`, `store`. */
struct audience_row person_row(const struct person *p, int64_t tags[4], int64_t *store);
const char *people_word(const char *kind, int i, char out[24]); /* "store 7" */
