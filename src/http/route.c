#include "route.h"

#include <stdlib.h>
#include "../base/check.h"
#include "../base/text.h"

static int cut(struct str path, struct str *segments)
{
    int n = 0;
    size_t at = 0;
    while (at < path.n) {
        if (path.p[at] != '/' || n == ROUTE_SEGMENTS_MAX)
            return -1;
        size_t from = ++at;
        while (at < path.n && path.p[at] != '/')
            at++;
        segments[n++] = (struct str){path.p + from, at - from};
    }
    return n;
}

void route_table_init(struct route_table *t, const struct http_route *const *tables)
{
    *t = (struct route_table){0};
    for (const struct http_route *const *table = tables; *table; table++) {
        for (const struct http_route *r = *table; r->method; r++)
            t->n++;
    }
    t->entries = calloc(t->n + 1, sizeof *t->entries);
    check(t->entries != NULL);
    struct route_entry *e = t->entries;
    for (const struct http_route *const *table = tables; *table; table++) {
        for (const struct http_route *r = *table; r->method; r++, e++) {
            e->route = r;
            e->nsegments = cut(str_c(r->pattern), e->segments);
            check(e->nsegments > 0);
        }
    }
}

void route_table_free(struct route_table *t)
{
    free(t->entries);
    *t = (struct route_table){0};
}

/* An id as we write it: no sign, no leading zeros, positive, 64 bits. */
static bool id_parse(struct str s, int64_t *ret)
{
    return s.n > 0 && s.p[0] >= '1' && s.p[0] <= '9' && str_int64(s, ret);
}

static bool entry_matches(const struct route_entry *e, const struct str *segments, int n,
                          int64_t ids[static 4])
{
    if (e->nsegments != n)
        return false;
    int nids = 0;
    for (int i = 0; i < n; i++) {
        if (str_eq(e->segments[i], STR("{id}"))) {
            if (nids == 4 || !id_parse(segments[i], &ids[nids++]))
                return false;
        } else if (!str_eq(e->segments[i], segments[i])) {
            return false;
        }
    }
    return true;
}

static void allow(char out[static 64], const char *method)
{
    size_t n = strlen(out), m = strlen(method);
    if (strstr(out, method) || n + m + 3 > 64)
        return;
    if (n > 0) {
        memcpy(out + n, ", ", 2);
        n += 2;
    }
    memcpy(out + n, method, m + 1);
}

enum route_verdict route_find(const struct route_table *t, const char *method, struct str path,
                              size_t *ret_index, int64_t ret_ids[static 4],
                              char ret_allow[static 64])
{
    struct str segments[ROUTE_SEGMENTS_MAX];
    int n = cut(path, segments);
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    enum route_verdict verdict = ROUTE_NO_PATH;
    ret_allow[0] = 0;
    for (size_t i = 0; n > 0 && i < t->n; i++) {
        int64_t ids[4] = {0};
        if (!entry_matches(&t->entries[i], segments, n, ids))
            continue;
        const char *has = t->entries[i].route->method;
        if (strcmp(has, wanted) == 0) {
            memcpy(ret_ids, ids, sizeof ids);
            *ret_index = i;
            return ROUTE_FOUND;
        }
        verdict = ROUTE_NO_METHOD;
        allow(ret_allow, has);
        if (strcmp(has, "GET") == 0)
            allow(ret_allow, "HEAD");
    }
    return verdict;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool route_decode(struct arena *a, struct str s, bool form, struct str *ret)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '%') {
            if (i + 2 >= s.n || hex(s.p[i + 1]) < 0 || hex(s.p[i + 2]) < 0)
                return false;
            c = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        if (c == 0)
            return false;
        out[n++] = c;
    }
    *ret = (struct str){out, n};
    return utf8_valid(*ret);
}
