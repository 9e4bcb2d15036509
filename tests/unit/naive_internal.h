/* Inside the naive evaluator: its rows and words, kept by naive_rows.c and asked by
 * naive_audience.c. */
#pragma once
#include "../../src/base/check.h"
#include "../../src/audience/hash.h"
#include "naive_audience.h"

struct simple_row {
    struct audience_row r;
    struct str name;                 /* folded first, last and nickname, joined by blanks */
    struct str email, contact;       /* lower-cased */
    struct str external;             /* folded */
    struct str digits;               /* the first 15 of the phone */
    int64_t city, language, country; /* words, 0 = unknown */
    char initial;
    char *memory;
};
enum { SIMPLE_CITY = WORD_KINDS, SIMPLE_LANGUAGE, SIMPLE_COUNTRY, SIMPLE_KINDS };
struct simple_word {
    int64_t id;
    char *name, *folded;
};
struct naive {
    struct simple_row *rows;
    size_t n, cap;
    struct map places; /* id → place in rows */
    struct simple_word *words[SIMPLE_KINDS];
    size_t nwords[SIMPLE_KINDS];
    struct {
        int64_t staff, customer;
    } * favourites;
    size_t nfavourites;
    int64_t ladder[AUDIENCE_TIERS_MAX];
    size_t nladder;
    int32_t today;
    struct collation *collation;
    struct query_words query_words;
    struct typology_set types;
    const struct query_segments *segments; /* for the own queries */
    struct arena *types_arena, *own_arena;
    const struct query_node *own[OWN_TYPES_MAX]; /* parsed for today; NULL: it does not parse */
};
enum truth { FALSE, UNKNOWN, TRUE };
#define NO_VALUE INT64_MIN

int naive_kind_of(enum field_id f);
struct simple_word *naive_word_by_id(struct naive *a, int kind, int64_t id);
struct simple_row *naive_row_by_id(struct naive *a, int64_t id);
bool naive_is_favourite(struct naive *a, int64_t staff, int64_t customer, size_t *ret_at);
void naive_parse_own(struct naive *a);
int naive_row_type(struct naive *a, const struct simple_row *r, int32_t today);
bool naive_row_active(const struct naive *a, const struct simple_row *r, int32_t today);
int32_t naive_row_age(const struct simple_row *r, int32_t today);
int64_t naive_row_average(const struct simple_row *r);
int64_t naive_row_interval(const struct simple_row *r);
int64_t naive_row_per_month(const struct simple_row *r, int32_t today);
int64_t naive_row_number(const struct simple_row *r, enum field_id f, int32_t today);
bool naive_row_has_value(struct naive *a, const struct simple_row *r, enum field_id f,
                         const struct audience_viewer *viewer, int64_t v, bool *ret_known);
bool naive_row_any(struct naive *a, const struct simple_row *r, enum field_id f,
                   const struct audience_viewer *viewer);
int32_t naive_days_to_birthday(const struct simple_row *r, int32_t today);
bool naive_row_text(const struct simple_row *r, struct str word, struct str key, struct str lower);
bool naive_own_fits(struct naive *a, const struct simple_row *r, int place);
