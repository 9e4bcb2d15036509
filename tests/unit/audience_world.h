/* Random customers and random questions, from a seed, for the tests of the audience. */
#pragma once
#include "../../src/audience/audience.h"

struct world {
    uint64_t state;
    int32_t today;
    struct arena *arena; /* of the row last made */
};
uint32_t world_random(struct world *w, uint32_t below);
/* A customer with this id, all kinds of values and gaps; lives until the next one. */
struct audience_row world_row(struct world *w, int64_t id);
/* A question in the query language, of words that exist. */
void world_query(struct world *w, struct buf *out);
enum { WORLD_STORES = 6, WORLD_WORDS = 9, WORLD_STAFF = 3 };
#define WORLD_STORE_ID(i) (1000000007LL * ((i) + 1))
/* Saved queries that the questions use: some on one field, one within another. */
const struct query_segments *world_segments(void);
/* Rules with any numbers, in any order, and up to four own typologies; in the arena. */
struct typology_set world_rules(struct world *w, struct arena *arena);
/* The name of a word: WORD_STORE ids are WORLD_STORE_ID(i), the others i + 1. */
struct str world_word(enum word_kind kind, int i);
