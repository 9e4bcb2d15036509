/* Which customers are meant (DESIGN 3): those that match a query, less some taken out by hand, or a
 * list of ids; always of those whom the caller sees. For bulk actions and exports: resolved once,
 * when it is confirmed, and from then on a list of ids. Threads: none of its own. */
#pragma once
#include "../app.h"

extern const struct http_route selection_routes[];

#define SELECTION_IDS_MAX 20000 /* ticked one by one, or taken out */
#define SELECTION_BODY_MAX (1024 * 1024)

struct selection_args {
    struct str q;
    struct spec_ids ids, except;
    int scope;     /* -1 absent, 0 all, 1 mine */
    int32_t as_of; /* DAY_NONE: the present */
    bool has_q, has_ids;
};
extern const char *const selection_scopes[];
/* The fields of a selection in a body whose struct has it as `member`. */
#define SELECTION_SPECS(type, member)                                                              \
    {"q",                                                                                          \
     SPEC_TEXT,                                                                                    \
     offsetof(type, member.q),                                                                     \
     .max = 16384,                                                                                 \
     .present_offset = offsetof(type, member.has_q) + 1,                                           \
     .doc = "those that match this query (empty: everybody); or give ids"},                        \
        {"except", SPEC_IDS, offsetof(type, member.except), .max = SELECTION_IDS_MAX,              \
         .doc = "with q: but not these"},                                                          \
        {"ids",                                                                                    \
         SPEC_IDS,                                                                                 \
         offsetof(type, member.ids),                                                               \
         .max = SELECTION_IDS_MAX,                                                                 \
         .present_offset = offsetof(type, member.has_ids) + 1,                                     \
         .doc = "these customers"},                                                                \
        {"scope", SPEC_CHOICE, offsetof(type, member.scope), .choices = selection_scopes,          \
         .doc = "mine: the customers of the caller's stores"},                                     \
    {                                                                                              \
        "as_of", SPEC_DAY, offsetof(type, member.as_of),                                           \
            .doc = "with q: those that matched at the end of an earlier day"                       \
    }

struct selection {
    int64_t *ids; /* ascending, each once; in the arena given */
    size_t n;
    int64_t unseen; /* of the ids given: nobody, or nobody whom the caller sees */
};
/* ERR_INVALID selection_needed (neither or both), those of query_parse() with field q, those of
 * as_of_use(). Not inside a transaction. */
enum err must_use selection_resolve(struct request *r, const struct selection_args *args,
                                    struct selection *ret);
