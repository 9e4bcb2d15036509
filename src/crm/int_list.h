/* A growing list of integers in an arena: ids, days. Threads: one. */
#pragma once
#include "../base/arena.h"

struct int_list {
    int64_t *v;
    size_t n, cap;
};
void int_list_add(struct arena *a, struct int_list *l, int64_t v);
void int_list_sort(struct int_list *l); /* ascending, each once */
bool int_list_has(const struct int_list *sorted, int64_t v);

/* Where an id stands among `n` ids, or among rows of `bytes` that begin with theirs, which ascend;
 * n: nowhere. */
static inline size_t id_place(const void *rows, size_t n, size_t bytes, int64_t id)
{
    size_t low = 0, high = n;
    int64_t there = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        memcpy(&there, (const char *)rows + middle * bytes, sizeof there);
        if (there < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < n)
        memcpy(&there, (const char *)rows + low * bytes, sizeof there);
    return low < n && there == id ? low : n;
}
