/* Cursors of lists: a place in an order, as an opaque text that only answers the question it was
 * made for. A made-up, changed or foreign one is refused. */
#pragma once
#include "../base/arena.h"

#define CURSOR_VALUES_MAX 4
/* `scope`: everything that must stay the same on the next page (route, ids, filter, order). */
const char *cursor_make(struct arena *a, struct str scope, const int64_t *values, size_t n);
/* False: not a cursor of this scope; then ERR_INVALID cursor_bad is the answer. */
bool cursor_read(struct str text, struct str scope, int64_t *ret_values, size_t n);
