/* Why a customer is, or is not, what a query or a typology asks for; and on which coming day that
 * will turn, if nothing else happens. Exact: each day of WHY_DAYS is tried. Threads: as audience.h.
 */
#pragma once
#include "audience.h"

#define WHY_DAYS 1827 /* five years are looked ahead */
#define WHY_TERMS_MAX 200

enum why_verdict { WHY_NO, WHY_UNKNOWN, WHY_YES };
/* What the customer has in the field; one of them, by the field's kind. */
struct why_value {
    bool known;
    int64_t number;          /* numbers, tenths, minor units, days; birthdays as month * 32 + day */
    const struct str *words; /* choices and the merchant's words, that the customer has */
    int nwords;
};
struct why_node {
    const struct query_node *node;
    enum why_verdict
        verdict; /* of a part: matches or not; unknown when it might match if more were known */
    struct why_value value; /* of a term */
    int32_t turns;          /* the first day on which it matches where it does not, or the reverse;
                             * DAY_NONE: on none of the next WHY_DAYS */
    struct why_node **children;
    int nchildren;
};
struct why_type {
    int type; /* enum typology, or TYPES + place of the own one */
    struct str own_name, own_query;
    bool is, fits;   /* it is the customer's; its rule is met, the types before it apart */
    int32_t turns;   /* the rule is met, or no longer, from this day on */
    int32_t becomes; /* the customer is of it from this day on; of the present one: is no longer */
    struct why_node *tree; /* of an own one whose query is good; else NULL */
    const struct typology_rules *rules;
    int32_t months[RULE_MONTHS_MAX]; /* VIP: visits in each month back from today */
    int32_t recent;                  /* OCCASIONAL: visits within its months */
    int64_t visits;                  /* NEW */
    int32_t registered_day, last_visit_day;
};
struct why {
    int32_t today;
    struct why_node *root; /* of a query */
    bool matches;
    int32_t turns;
    struct why_type *types; /* in the order in which they are tested, regular last */
    int ntypes;
};
/* Does the query match the customer; false also when the viewer may not see them. */
bool audience_matches(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                      const struct query *q, struct arena *arena);
/* ERR_NOT_FOUND also when the viewer may not see the customer; ERR_TOO_LARGE: more than
 * WHY_TERMS_MAX terms. */
enum err must_use audience_why(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                               const struct query *q, struct arena *arena, struct why *ret);
enum err must_use audience_why_types(struct audience *a, const struct audience_viewer *viewer,
                                     int64_t id, struct arena *arena, struct why *ret);
