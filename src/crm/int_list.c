#include "int_list.h"
#include <stdlib.h>

void int_list_add(struct arena *a, struct int_list *l, int64_t v)
{
    if (l->n > 0 && l->v[l->n - 1] == v)
        return;
    if (l->n == l->cap)
        l->v = arena_grow(a, l->v, l->n, &l->cap, sizeof *l->v);
    l->v[l->n++] = v;
}

static int compare_ints(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

void int_list_sort(struct int_list *l)
{
    bool sorted = true;
    for (size_t i = 1; i < l->n && sorted; i++)
        sorted = l->v[i - 1] < l->v[i];
    if (sorted)
        return;
    qsort(l->v, l->n, sizeof *l->v, compare_ints);
    size_t n = 1;
    for (size_t i = 1; i < l->n; i++)
        if (l->v[i] != l->v[n - 1])
            l->v[n++] = l->v[i];
    l->n = n;
}

bool int_list_has(const struct int_list *sorted, int64_t v)
{
    if (sorted->n == 0 || sorted->v[sorted->n - 1] < v)
        return false;
    return bsearch(&v, sorted->v, sorted->n, sizeof v, compare_ints) != NULL;
}
