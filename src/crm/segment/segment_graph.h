/* Which segment uses which, told by the names in their texts; for segment*.c only. */
#pragma once
#include "segment.h"

/* All segments of a merchant. `self`: one as it is to become; it stands for the one of its id. */
struct segment_graph {
    struct arena *arena;
    const struct segment *all;
    size_t n;
    const struct segment *self;
};
/* Every name in self's text is a segment that it may use, and none of them leads back to it. */
enum err must_use segment_graph_check(const struct segment_graph *g, struct problem *p);
/* Do the segments in the text lead to `self`? */
bool segment_graph_reaches(const struct segment_graph *g, struct str text);
/* Does the text, or a segment in it, ask for what no typology may ask for (typology_may_use())? */
bool segment_graph_asks_type(const struct segment_graph *g, struct str text);
/* Does the text name the segment of that key? */
bool segment_names(struct arena *a, struct str text, struct str key);
/* The text with another name in the place of `key` among the field's values. */
struct str segment_renamed(struct arena *a, struct str text, enum field_id field, struct str key,
                           struct str name);
