/* One row before a query, on any day: what plan.h says of all rows on the audience's own day. Days
 * and words of the query are looked up anew, so that trees may be kept from another day. Threads:
 * the audience's lock is held. */
#pragma once
#include "plan.h"

enum verdict { VERDICT_NO, VERDICT_UNKNOWN, VERDICT_YES };
struct judge {
    const struct audience *a;
    struct arena *arena; /* scratch */
    const struct audience_viewer *viewer;
    const struct moment *at;
    const struct typology_set *types;
    const struct query_node *const *own; /* the queries of types->own; NULL: matches nobody */
    int *type; /* NULL, or where the type of the one row judged is kept, -1 at first */
};
struct judge judge_now(const struct audience *a, struct arena *arena); /* the viewer is nobody */
enum verdict judge_term(const struct judge *j, uint32_t row, const struct query_node *term);
/* As the list filters: what is not matched, is matched by its negation. */
bool judge_matches(const struct judge *j, uint32_t row, const struct query_node *n);
/* In three values: might it match if more were known. */
enum verdict judge_truth(const struct judge *j, uint32_t row, const struct query_node *n);
/* enum typology, or TYPES + place of the owner's own. */
int judge_type(const struct judge *j, uint32_t row);
bool judge_fits(const struct judge *j, uint32_t row, int type); /* the types before it apart */
int64_t judge_number(const struct judge *j, uint32_t row, enum field_id f); /* VALUE_NONE */
int judge_age(const struct judge *j, uint32_t row);                         /* -1: unknown */

/* Who matches each of the types' own queries, `own` included: a bitset of all rows for each, in the
 * arena. */
void judge_own(const struct judge *j, uint64_t *ret[OWN_TYPES_MAX]);
