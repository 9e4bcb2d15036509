/* Movements between typologies from the end of one day to the end of another: how many went from
 * which to which, and who. Threads: any; as customer/as_of.h. */
#pragma once
#include "../customer/as_of.h"

extern const struct http_route movement_routes[];

#define MOVEMENT_TYPES_MAX 64
enum { MOVEMENT_NONE = -1 }; /* in place of a typology: no customer yet, or no more */

struct movements {
    /* In the order of the facet; the names of the merchant's own ones, else empty. */
    struct str types[MOVEMENT_TYPES_MAX], names[MOVEMENT_TYPES_MAX];
    int ntypes;
    int64_t *ids;      /* ascending: everybody who is a customer on either day */
    int8_t *from, *to; /* place in `types`, or MOVEMENT_NONE */
    size_t n;
};
/* Of those whom the viewer may see, each day by itself. Everything lives in `a`: 10 bytes a
 * customer. ERR_TOO_LARGE: more than MOVEMENT_TYPES_MAX typologies. */
enum err must_use movements_between(const struct as_of_use *from, const struct as_of_use *to,
                                    const struct audience_viewer *viewer, struct arena *a,
                                    struct movements *ret);
