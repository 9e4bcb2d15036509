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
