/* Exports (FEATURES A11): chosen customers as a file for a spreadsheet, CSV (RFC 4180) or XLSX.
 *
 * Written in one read of the base, so it is the customers of one moment, row by row into an
 * unlinked temporary file: memory does not grow with their number, and nobody gets half a file.
 * What can be imported has headings that the import recognises and is written as it reads it back.
 * Texts that a spreadsheet would take for formulas are shielded in CSV (csv.h) and are strings in
 * XLSX. Threads: any; a few at a time of one process (ERR_BUSY export_busy). */
#pragma once
#include "../customer/audiences.h"

extern const struct db_statement *const export_statements[];
extern const struct http_route export_routes[];

enum export_format { EXPORT_CSV, EXPORT_XLSX };
extern const char *const export_format_names[]; /* csv xlsx, NULL */
#define EXPORT_COLUMNS_MAX 64
#define EXPORT_XLSX_ROWS 1048575 /* besides the headings */

struct export_column;
/* Public names: "first_name", "phone2", "spent"…; NULL: no such column. */
const struct export_column *export_column_by_name(struct str name);
const struct export_column *export_column_at(int i); /* NULL behind the last one */
const char *export_column_name(const struct export_column *c);
const char *export_column_heading(const struct export_column *c, const char *language);
bool export_column_dated(const struct export_column *c); /* of the day of `as_of` */

struct export_ask {
    int64_t merchant_id;
    const int64_t *ids; /* ascending */
    size_t n;
    const struct export_column *columns[EXPORT_COLUMNS_MAX];
    int ncolumns;
    bool emails;       /* the main e-mail alone, of those who have one and are not blocked */
    bool consent_only; /* with emails: of those who agreed to e-mail and are not suppressed */
    enum export_format format;
    const char *language; /* of the headings */
    char delimiter;       /* 0: by the language */
    bool bom;
    const struct audience_use *use; /* for typologies; stays the caller's */
    /* DAY_NONE: now. Else `use` is of the end of that day, and so are typology, visits, operations,
     * spend, average, last visit and last purchase, whose headings then name the day; who the
     * customers are and how they are reached is of today. */
    int32_t as_of;
};
char export_delimiter(const char *language); /* , for English, else ; */
/* *ret_fd: the file from its beginning, the caller's to close; *ret_rows: customers in it.
 * ERR_INVALID export_too_many {limit}; ERR_BUSY export_busy; ERR_IO. Not in a transaction. */
enum err must_use export_run(struct app *app, const struct export_ask *ask, int *ret_fd,
                             int64_t *ret_rows, struct arena *a, struct problem *p);
