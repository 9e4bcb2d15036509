/* Finds out how a file is to be read: delimiter, header, which column is what, decimal sign, order
 * of dates. Looks at the beginning, the middle and the end of the file, not at all of it. Threads:
 * any. Ownership: everything in the arena. */
#pragma once
#include "../../base/arena.h"
#include "reading.h"
#include "source.h"

#define SAMPLES_SHOWN 5

/* What a person said; it goes before what is detected. */
struct reading_wish {
    char delimiter;     /* 0 = nothing said */
    int encoding;       /* -1 */
    char decimal;       /* 0 */
    int date_order;     /* -1 */
    int header;         /* -1, 0, 1 */
    bool whole_mapping; /* `columns` is all of it: what is not in it is not read */
    struct column_wish {
        enum import_field field;
        int column; /* 0-based; -1: by heading; -2: the field is not in the file */
        struct str heading;
    } columns[FIELDS_MAX];
    int ncolumns;
};
void reading_wish_init(struct reading_wish *w);

struct column {
    struct str heading; /* "" without header */
    struct str samples[SAMPLES_SHOWN];
    int nsamples;
};
struct detection {
    struct reading reading;
    struct column *columns; /* reading.columns of them */
};
struct detect_for {
    enum import_kind kind;
    const char *country; /* the merchant's: phones, and dates that can be read two ways */
    int last_year;       /* for years of two digits */
};
/* `scanned`: encoding, mark, line ends and format from scan_finish(). ERR_INVALID: import_no_rows,
 * import_no_such_column {field, column}, import_too_wide. ERR_IO. */
enum err must_use detect(const struct source *source, const struct reading *scanned,
                         const struct detect_for *what, const struct reading_wish *wish,
                         struct arena *a, struct detection *ret, struct problem *p);
/* Required fields that no column gives: names, up to `max`; returns how many. */
int detect_missing(const struct reading *r, enum import_kind kind, const char **names, int max);
