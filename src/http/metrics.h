/* Counters for /metrics (Prometheus text format 0.0.4). Threads: any, by atomics. */
#pragma once
#include <stdatomic.h>
#include "../base/str.h"
#include "route.h"

#define METRICS_BUCKETS 8 /* 1 5 10 50 100 500 1000 5000 ms; above: only in the count */
struct metrics_route {
    _Atomic int64_t by_status[6]; /* 1xx…5xx at 1…5 */
    _Atomic int64_t buckets[METRICS_BUCKETS];
    _Atomic int64_t sum_us;
};
struct metrics {
    struct metrics_route *routes; /* one a route, then one for files, one for everything else */
    size_t n;
};
void metrics_init(struct metrics *m, size_t routes);
void metrics_free(struct metrics *m);
void metrics_count(struct metrics *m, size_t route, int status, int64_t us);
void metrics_write(const struct metrics *m, const struct route_table *t, struct buf *out);
static inline size_t metrics_files(const struct metrics *m)
{
    return m->n - 2;
}
static inline size_t metrics_others(const struct metrics *m)
{
    return m->n - 1;
}
