/* Segments' texts as queries: are they good, and how many customers match; for
 * segment*.c and the command line. */
#pragma once
#include "../customer/audiences.h"
#include "segment.h"

struct segment_count {
    bool good;         /* else `problem` tells why its text is no longer a query */
    int64_t customers; /* that match, of those whom the viewer sees */
    int64_t within;    /* … and match `within`, too */
    struct problem problem;
};
/* `within` NULL: not asked for. */
enum err must_use segment_count(const struct audience_reader *reader,
                                const struct audience_viewer *viewer, struct arena *a,
                                struct str text, const struct query *within,
                                struct segment_count *ret);

/* Is the text a good query for this reader, who is to own it, and do the segments that use it stay
 * within the language's bounds? ERR_INVALID as query_parse(), segment_breaks. */
enum err must_use segment_check(const struct audience_reader *reader, const struct segment *s,
                                struct arena *a, struct problem *p);
