/* Which route a path means, and the pieces of a request target. */
#pragma once
#include "http.h"

#define ROUTE_SEGMENTS_MAX 12

/* The tables flattened at start, with each pattern cut into segments. Read-only afterwards. */
struct route_entry {
    const struct http_route *route;
    struct str segments[ROUTE_SEGMENTS_MAX];
    int nsegments;
};
struct route_table {
    struct route_entry *entries;
    size_t n;
};
void route_table_init(struct route_table *t, const struct http_route *const *tables);
void route_table_free(struct route_table *t);

enum route_verdict { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
/* HEAD is answered by GET. `ret_allow`: the methods that exist, "GET, HEAD, POST", with NO_METHOD.
 */
enum route_verdict route_find(const struct route_table *t, const char *method, struct str path,
                              size_t *ret_index, int64_t ret_ids[static 4],
                              char ret_allow[static 64]);

/* Percent-decoding (RFC 3986) into `a`; '+' becomes a blank when `form`. False: a broken escape, a
 * NUL, or no UTF-8. */
bool route_decode(struct arena *a, struct str s, bool form, struct str *ret);
