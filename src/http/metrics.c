#include "metrics.h"

#include <inttypes.h>
#include <stdlib.h>
#include "../base/check.h"

static const int64_t bucket_us[METRICS_BUCKETS] = {1000,   5000,   10000,   50000,
                                                   100000, 500000, 1000000, 5000000};

void metrics_init(struct metrics *m, size_t routes)
{
    m->n = routes + 2;
    m->routes = calloc(m->n, sizeof *m->routes);
    check(m->routes != NULL);
}

void metrics_free(struct metrics *m)
{
    free(m->routes);
    m->routes = NULL;
}

void metrics_count(struct metrics *m, size_t route, int status, int64_t us)
{
    struct metrics_route *r = &m->routes[route];
    int class = status >= 100 && status < 600 ? status / 100 : 0;
    atomic_fetch_add_explicit(&r->by_status[class], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&r->sum_us, us, memory_order_relaxed);
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        if (us <= bucket_us[i]) {
            atomic_fetch_add_explicit(&r->buckets[i], 1, memory_order_relaxed);
            break;
        }
    }
}

static void labels(const struct metrics *m, const struct route_table *t, size_t i,
                   char out[static 200])
{
    if (i == metrics_files(m))
        snprintf(out, 200, "method=\"GET\",route=\"files\"");
    else if (i == metrics_others(m))
        snprintf(out, 200, "method=\"\",route=\"none\"");
    else
        snprintf(out, 200, "method=\"%s\",route=\"%s\"", t->entries[i].route->method,
                 t->entries[i].route->pattern);
}

void metrics_write(const struct metrics *m, const struct route_table *t, struct buf *out)
{
    char label[200];
    buf_adds(out, "# HELP habitue_http_requests_total Requests answered.\n"
                  "# TYPE habitue_http_requests_total counter\n");
    for (size_t i = 0; i < m->n; i++) {
        labels(m, t, i, label);
        for (int class = 1; class < 6; class ++) {
            int64_t n = atomic_load(&m->routes[i].by_status[class]);
            if (n > 0)
                buf_printf(out, "habitue_http_requests_total{%s,status=\"%dxx\"} %" PRId64 "\n",
                           label, class, n);
        }
    }
    buf_adds(out, "# HELP habitue_http_request_seconds From the first byte to the answer.\n"
                  "# TYPE habitue_http_request_seconds histogram\n");
    for (size_t i = 0; i < m->n; i++) {
        labels(m, t, i, label);
        int64_t count = 0, below = 0;
        for (int class = 0; class < 6; class ++)
            count += atomic_load(&m->routes[i].by_status[class]);
        if (count == 0)
            continue;
        for (int b = 0; b < METRICS_BUCKETS; b++) {
            below += atomic_load(&m->routes[i].buckets[b]);
            buf_printf(out, "habitue_http_request_seconds_bucket{%s,le=\"%g\"} %" PRId64 "\n",
                       label, (double)bucket_us[b] / 1e6, below);
        }
        buf_printf(out,
                   "habitue_http_request_seconds_bucket{%s,le=\"+Inf\"} %" PRId64 "\n"
                   "habitue_http_request_seconds_sum{%s} %.6f\n"
                   "habitue_http_request_seconds_count{%s} %" PRId64 "\n",
                   label, count, label, (double)atomic_load(&m->routes[i].sum_us) / 1e6, label,
                   count);
    }
}
