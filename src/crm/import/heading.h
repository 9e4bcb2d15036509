/* Which field a column is, by its heading: the words of many tills and shops in English, French,
 * Italian, Spanish and Russian. Threads: any. */
#pragma once
#include "../../base/arena.h"
#include "field.h"

enum { HEADING_EXACT = 100, HEADING_DOUBTFUL = 90 };
/* How well a heading names a field: 0 not at all, HEADING_EXACT, HEADING_DOUBTFUL when the very
 * word may mean something else too ("client": a number or a name), less when its words are only
 * among it. `folded`: text_fold() of the heading. */
struct headings;
struct headings *headings_new(struct arena *a); /* the table folded; lives in the arena */
int heading_score(const struct headings *h, enum import_kind kind, enum import_field f,
                  struct str folded);
