/* Memory that lives as long as a request, a job or a batch, and is freed at once.
 * Ownership: the creator destroys. Threads: one arena, one thread. Out of memory aborts (check()).
 * With -Ddebug_arena=true every allocation is a malloc of its own, so AddressSanitizer sees it. */
#pragma once
#include <stddef.h>
#include "str.h"

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena **a);                         /* for cleanup(); NULL is fine */
void arena_reset(struct arena *a);                         /* forgets everything, keeps one block */
void *arena_alloc(struct arena *a, size_t bytes);          /* zeroed, aligned to 16 */
void *arena_room(struct arena *a, size_t n, size_t bytes); /* not zeroed; checked product */
#define arena_make(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))
void *arena_alloc_array(struct arena *a, size_t n, size_t bytes); /* checked product */
/* For a list that is full: twice its places (8 at first), what it holds copied; *cap becomes
 * theirs. */
void *arena_grow(struct arena *a, const void *list, size_t n, size_t *cap, size_t bytes);
char *arena_cstr(struct arena *a, struct str s);     /* NUL-terminated copy */
struct str arena_str(struct arena *a, struct str s); /* copy */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_bytes(const struct arena *a);
