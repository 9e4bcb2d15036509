/* The demo's words (data/demo/), as tables to draw from, and the numbers to draw with.
 * Threads: a table is never changed once read; a stream of numbers belongs to one. */
#pragma once
#include "../../base/arena.h"

/* A reproducible stream: splitmix64 (Steele, Lea, Flood, OOPSLA 2014). */
struct demo_random {
    uint64_t state;
};
uint64_t demo_next(struct demo_random *r);
int64_t demo_below(struct demo_random *r, int64_t n);              /* 0…n-1 */
int64_t demo_between(struct demo_random *r, int64_t a, int64_t b); /* a…b */
bool demo_chance(struct demo_random *r, int percent);
double demo_unit(struct demo_random *r); /* [0, 1) */

enum demo_country { DEMO_FR, DEMO_IT, DEMO_ES, DEMO_GB, DEMO_RU, DEMO_COUNTRIES };
extern const char *const demo_country_codes[DEMO_COUNTRIES];
extern const char *const demo_languages[DEMO_COUNTRIES];
enum { DEMO_GENERATIONS = 4, DEMO_SEXES = 2 }; /* women, men */

/* Rows with weights: sums[i] is the sum of the weights up to and with row i. */
struct demo_names {
    struct str *names, *feminine; /* feminine: of surnames, empty = the same */
    int64_t *sums[DEMO_GENERATIONS];
    size_t n;
};
size_t demo_pick(struct demo_random *r, const int64_t *sums, size_t n);

struct demo_phrases {
    struct str *texts;
    size_t n;
};
struct demo_category {
    struct str name, sizes; /* sizes: cloth shoes none */
    int64_t months[12];
};
struct demo_product {
    struct str code, name;
    int64_t category, price_minor;
};
struct demo_place {
    enum demo_country country;
    struct str store, city, postcode;
    struct str towns[12];
    int64_t ntowns;
};
/* Of the first login with this role. */
struct demo_segment {
    struct str role, name, description, query;
    bool shared;
};
/* What customers are shown; the versions of one in their order. */
struct demo_consent {
    struct str channel, language, body;
    int version;
};
enum demo_phrase {
    DEMO_STREET,
    DEMO_COMMENT,
    DEMO_NICKNAME,
    DEMO_NOTE,
    DEMO_TASK,
    DEMO_DATE,
    DEMO_PHRASES
};
enum {
    DEMO_CATEGORIES_MAX = 16,
    DEMO_PLACES_MAX = 16,
    DEMO_PRODUCTS_MAX = 200,
    DEMO_SEGMENTS_MAX = 16,
    DEMO_CONSENTS_MAX = 24
};
struct demo_data {
    struct demo_names first[DEMO_COUNTRIES][DEMO_SEXES], last[DEMO_COUNTRIES];
    struct demo_phrases phrases[DEMO_PHRASES][DEMO_COUNTRIES];
    struct demo_category categories[DEMO_CATEGORIES_MAX];
    struct demo_product products[DEMO_PRODUCTS_MAX]; /* by category */
    size_t first_product[DEMO_CATEGORIES_MAX + 1];
    struct demo_place places[DEMO_PLACES_MAX];
    int64_t place_sums[DEMO_PLACES_MAX];
    struct demo_segment segments[DEMO_SEGMENTS_MAX]; /* what one uses stands before it */
    struct demo_consent consents[DEMO_CONSENTS_MAX];
    size_t ncategories, nproducts, nplaces, nsegments, nconsents;
};
/* Reads the embedded files: they are ours, so anything wrong in them is a bug. */
const struct demo_data *demo_data_read(struct arena *a);
