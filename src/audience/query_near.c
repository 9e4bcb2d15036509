/* Nearest word by the restricted Damerau-Levenshtein distance (insert, delete, change, swap of two
 * neighbours), on folded text. Source: Boytsov, "Indexing methods for approximate dictionary
 * searching", 2011, 2.1. */
#include "../base/text.h"
#include "query_parser.h"

#define NEAR_MAX 64 /* longer words get no suggestion */

static int min_int(int a, int b)
{
    return a < b ? a : b;
}

static int edit_distance(struct str a, struct str b)
{
    int rows[3][NEAR_MAX + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b.n; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = (int)i;
        for (size_t j = 1; j <= b.n; j++) {
            int change = last[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            now[j] = min_int(change, min_int(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = min_int(now[j], before[j - 2] + 1);
        }
        int *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.n];
}

void query_near_start(struct query_near *n, struct arena *a, struct str typed)
{
    *n = (struct query_near){.arena = a, .typed = text_fold(a, typed), .best = STR("")};
    /* About a third of the letters may be wrong, at least one. */
    n->distance = (int)(n->typed.n < 5 ? 1 : (n->typed.n + 1) / 3) + 1;
}

void query_near_try(void *near, struct str name)
{
    struct query_near *n = near;
    struct str folded = text_fold(n->arena, name);
    if (n->typed.n == 0 || n->typed.n > NEAR_MAX || folded.n > NEAR_MAX)
        return;
    int d = edit_distance(n->typed, folded);
    /* A word of which the beginning was typed is near whatever follows. */
    if (n->typed.n >= 2 && str_starts(folded, n->typed))
        d = min_int(d, 1);
    if (d < n->distance) {
        n->distance = d;
        n->best = arena_str(n->arena, name);
    }
}
