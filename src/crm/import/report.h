/* What an import did, counted. Stored as JSON with the import, so that it goes on after a crash.
 * Threads: plain data. */
#pragma once
#include "../../base/day.h"
#include "../../base/json.h"
#include "../../base/arena.h"
#include "field.h"

#define REASONS_MAX 64

struct import_reason {
    const char *code, *field; /* field NULL: the row as a whole */
    int64_t count;
};
struct import_report {
    int64_t rows, added, updated, skipped, invalid;
    int64_t customers_added, customers_updated;
    int64_t invoices, cancellations, returns, without_customer;
    int64_t opened_customers, opened_points; /* opening balances */
    int64_t total_minor;                     /* of the lines booked */
    __int128 value_nano;                     /* the same, exactly: 10^-9 of the major unit */
    int32_t first_day, last_day;             /* of the lines booked; DAY_NONE */
    struct import_reason reasons[REASONS_MAX];
    int nreasons;
};
void report_init(struct import_report *r);
/* Counts a reason. `code` and `field` must outlive the report. */
void report_reason(struct import_report *r, const char *code, const char *field);
/* For storing; and for people, with the reasons in their language (component schema ImportReport).
 */
void report_store(struct json *j, const struct import_report *r);
void report_json(struct json *j, const struct import_report *r, enum import_kind kind,
                 struct arena *a, const char *language);
/* Texts of the reasons live in `a`. ERR_INTERNAL: not what report_store() wrote. */
enum err must_use report_load(struct str json, struct arena *a, struct import_report *ret);
/* A reason's text without a row's details. */
const char *reason_text(struct arena *a, const char *language, const char *code);
#define DECIMAL_TEXT_MAX 48
/* 10^-9 units as a decimal without needless zeros: "9747747.934", "-0.5", "12". */
void nano_format(__int128 nano, char out[static DECIMAL_TEXT_MAX]);
