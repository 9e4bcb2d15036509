/* Typologies by rule (FEATURES C1, C2): the numbers of the four that count visits, the owner's own,
 * each a query, and the order in which all are tested. Who fits none is regular.
 * Numbers are of days and calendar months counted back from today. Every number stands here once.
 */
#pragma once
#include "query.h"

/* Types that every merchant has. The owner's own follow: TYPES + place in typology_set.own. */
enum typology { TYPE_NEW, TYPE_OCCASIONAL, TYPE_REGULAR, TYPE_VIP, TYPE_AT_RISK, TYPES };
enum { OWN_TYPES_MAX = 8, TYPES_ALL = TYPES + OWN_TYPES_MAX };

#define RULE_MONTHS_MAX 24 /* no rule looks back further */
/* name, least, most */
#define TYPOLOGY_NUMBER_LIST(X)                                                                    \
    X(vip_months, 1, RULE_MONTHS_MAX)        /* VIP: in each of these months … */                \
    X(vip_visits, 1, 28)                     /* … at least these visits */                       \
    X(new_months, 1, RULE_MONTHS_MAX)        /* New: registered within these months … */         \
    X(new_visits_max, 0, 1000)               /* … and came at most this often */                 \
    X(occasional_months, 1, RULE_MONTHS_MAX) /* Occasional: within these months … */             \
    X(occasional_max, 1, 700)                /* … came once to this often */                     \
    X(at_risk_days, 1, 3650)             /* At risk: last visit (or registration) this long ago */ \
    X(active_months, 1, RULE_MONTHS_MAX) /* active: came (or registered) within these months */
#define TYPOLOGY_MEMBER(name, least, most) int32_t name;
struct typology_rules {
    TYPOLOGY_NUMBER_LIST(TYPOLOGY_MEMBER)
};
struct typology_number { /* what each number may be */
    const char *name;
    size_t offset; /* of an int32_t in struct typology_rules */
    int32_t least, most;
};
enum { TYPOLOGY_NUMBERS = sizeof(struct typology_rules) / sizeof(int32_t) };
extern const struct typology_number typology_numbers[TYPOLOGY_NUMBERS];

#define OWN_TYPE_NAME_MAX 40    /* characters */
#define OWN_TYPE_QUERY_MAX 2000 /* bytes */
struct own_type {
    struct str name, query;
};
struct typology_set {
    struct typology_rules numbers;
    /* Types in the order in which they are tested: the four and each own one, once. */
    uint8_t order[TYPES_ALL];
    int norder;
    struct own_type own[OWN_TYPES_MAX];
    int nown;
    int currency_decimals; /* of money in the own queries */
};
extern const struct typology_set typology_defaults;

/* Are numbers, order and own typologies as they must be? ERR_INVALID typology_number (args least,
 * most), typology_order, typology_own_many, typology_name (empty, too long, or it reads as a word
 * of the query language), typology_name_twice, typology_query_empty, typology_query_field (it uses
 * type or favourite) or what query_parse() says of it; field "own.<place>.query" and the like,
 * from/to are the place in the query. */
enum err must_use typology_check(const struct typology_set *s, const struct query_context *c,
                                 struct arena *a, struct problem *p);
/* Does the order name each of the four and each own one, once? */
bool typology_order_is_whole(const struct typology_set *s);
bool typology_same(const struct typology_set *x, const struct typology_set *y);
/* A copy whose texts live in the arena. */
struct typology_set typology_copy(struct arena *a, const struct typology_set *s);
/* Does the query depend on what typologies must not depend on? */
bool typology_may_use(const struct query_node *n);

struct audience;
struct audience_viewer;
struct audience_hit;
/* Recomputes everything under the rules; the same as before cost nothing, unless own queries stand
 * in them: their words and segments are looked up again. A query that no longer parses matches
 * nobody. */
void audience_set_typologies(struct audience *a, const struct typology_set *s,
                             const struct query_segments *segments);
/* The rules in force, in the arena. */
struct typology_set audience_typologies(struct audience *a, struct arena *arena);

/* What would change under other rules. Asked block by block: whoever writes waits for one block
 * only. */
struct typology_preview {
    int64_t before[TYPES_ALL], after[TYPES_ALL]; /* by the old rules' types, by the new ones' */
    int64_t moves[TYPES_ALL][TYPES_ALL];         /* [from][to], the unmoved included */
    struct audience_hit *hits;                   /* some of those who would move from…to */
    int nhits;
};
#define TYPOLOGY_MOVERS_MAX 50
struct typology_movers {
    int from, to; /* types; -1: any */
    int limit;    /* at most TYPOLOGY_MOVERS_MAX */
};
/* `s` has passed typology_check(). */
void audience_preview_typologies(struct audience *a, const struct typology_set *s,
                                 const struct query_segments *segments,
                                 const struct typology_movers *of, struct arena *arena,
                                 struct typology_preview *ret);

/* Who turns at risk on the days from…to, if nobody comes: type at risk on that day and not on the
 * day before. A customer may turn more than once, where an own typology follows the calendar. */
#define DEPARTURE_DAYS_MAX 400 /* after today, and in one question */
struct departures_ask {
    const struct audience_viewer *viewer;
    int32_t from, to; /* today < from <= to */
    int64_t offset;   /* of the list, which is of the days from…to, by day, then by id */
    int limit;        /* 0: only counts */
};
struct departure {
    int32_t day;
    int64_t id;
};
struct departures {
    int64_t *counts; /* by day - from */
    int64_t total;
    struct departure *list;
    int n;
};
/* ERR_INVALID: days that cannot be. */
enum err must_use audience_departures(struct audience *a, const struct departures_ask *ask,
                                      struct arena *arena, struct departures *ret);
