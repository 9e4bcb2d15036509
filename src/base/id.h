/* 64-bit ids that grow with time: 42 bits of milliseconds since 2020-01-01, 22 bits that start at
 * random and count. Positive, unique within a process; across processes by the random start. */
#pragma once
#include <stdint.h>
int64_t id_new(void);
/* No id made at that instant or later is less, none made a millisecond before it or earlier is
 * more. */
int64_t id_at(int64_t us);
int id_compare(const void *x, const void *y); /* of int64_t, for qsort() and bsearch() */
