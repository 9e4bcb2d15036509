/* Import of customers and of transactions from files (FEATURES I1): upload or open, detect,
 * correct, dry run, run, resume. Both the routes and the command line use this.
 *
 * Doubles nothing, loses nothing: each batch is one transaction that writes its rows, the facts,
 * the change feed, the rejected rows and how far the import got (byte, line, report). Killed at any
 * moment, it goes on behind the last batch; run again from the start, every row is found to be
 * there already. A phone, a date, a number that is none rejects its row, never the file. Threads:
 * none of its own (batches are prepared on a thread beside the one that commits). */
#pragma once
#include "../app.h"
#include "detect.h"
#include "report.h"
#include "row.h"
#include "source.h"

extern const struct db_statement *const import_statements[];
extern const struct http_route import_routes[];

#define IMPORT_FILE_MAX (2LL << 30)   /* bytes of an upload */
#define IMPORT_REJECTIONS_KEPT 100000 /* rows; further ones are only counted */
#define IMPORT_JOB "import"

/* A row of the table `import`. Texts live in the arena given. */
struct import {
    int64_t id, staff_id, file_bytes, created_us, finished_us;
    enum import_kind kind;
    const char *file_name, *state; /* receiving uploaded running done failed canceled */
    uint8_t file_hash[32];
    struct reading reading;
    const struct column *columns; /* reading.columns of them: headings and samples */
    int64_t byte_offset, line;    /* committed up to here */
    struct import_report report;
};
/* ERR_NOT_FOUND */
enum err must_use import_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                             struct import *ret);

/* Registers a file for import and detects how it is to be read. An import of the same file, kind
 * and reading that began and did not end is taken up again: *ret_again. Problems: those of
 * scan_finish() and detect(). Nothing is stored when it fails. The source is not kept. */
struct import_opening {
    enum import_kind kind;
    const char *file_name;
    int64_t staff_id; /* 0: the command line */
    const struct reading_wish *wish;
    bool dry; /* only detects: nothing is stored, the id stays 0 */
};
enum err must_use import_open(struct app *app, int64_t merchant_id, const struct source *source,
                              const struct import_opening *o, struct arena *a, struct import *ret,
                              bool *ret_again, struct problem *p);

struct import_progress {
    int64_t bytes, total_bytes;
    const struct import_report *report;
};
struct import_run {
    struct app *app;
    int64_t merchant_id;
    const struct source *source;
    const struct job *job; /* NULL: not run by a job */
    bool bulk;             /* larger batches: nobody else is waiting */
    bool (*progress)(void *arg, const struct import_progress *p); /* false stops; may be NULL */
    void *progress_arg;
};
/* Runs an import to its end from where it stands and marks it done. ERR_CANCELED: stopped, can be
 * run again. ERR_CONFLICT import_taken: another process runs it. ERR_INVALID import_missing_field
 * {field}. */
enum err must_use import_run(const struct import_run *how, struct import *import, struct arena *a,
                             struct problem *p);

enum row_verdict { ROW_ADD, ROW_UPDATE, ROW_SKIP, ROW_INVALID };
struct import_preview_row {
    int64_t line;
    enum row_verdict verdict;
    struct str *cells;
    int ncells;
    const struct row_problem *problems;
    int nproblems;
};
struct import_preview {
    struct import_preview_row *rows; /* the first `show` */
    int nrows;
    struct import_report report;
    bool whole; /* the file was read to its end */
};
/* What import_run() would do with the first `max_rows` rows (0: all): does it and takes it back, in
 * one transaction. */
enum err must_use import_dry_run(const struct import_run *how, const struct import *import,
                                 int64_t max_rows, int show, struct arena *a,
                                 struct import_preview *ret, struct problem *p);

/* The rejected rows as CSV for a spreadsheet: line, reason, field, then the row's own columns.
 * UTF-8 with a byte order mark; cells that a spreadsheet would take for formulas begin with an
 * apostrophe. `language` must live as long. */
struct rejected;
enum err must_use rejected_open(struct app *app, int64_t merchant_id, int64_t import_id,
                                const char *language, struct rejected **ret);
void rejected_close(struct rejected **x);
bool rejected_next(struct rejected *x,
                   struct buf *out); /* appends; false: that was the last piece */

/* The job's function: job_kind {IMPORT_JOB, import_job}. */
enum err import_job(const struct job *job, struct arena *a, void *app, struct problem *p);
