/* One batch of an import: rows read and checked outside the transaction, applied inside it.
 * Threads: filled by one, then applied by one. */
#pragma once
#include "import.h"
#include "names.h"
#include "occurrence.h"
#include "row.h"

struct batch_row {
    struct row row;
    struct str raw;    /* as it stood, for the file of rejected rows */
    struct str *cells; /* kept for a preview, else NULL */
    int ncells;
    int own_problems;         /* of the row itself; more may come from the database */
    uint32_t occurrence;      /* of lines without invoice */
    enum row_verdict verdict; /* set by the transaction */
};
struct batch {
    struct arena *arena;
    struct batch_row **rows;     /* room for `cap` */
    size_t n, cap, want;         /* want: rows, a few more to the end of an invoice */
    int64_t from, to, next_line; /* bytes of the source; the line behind it */
    bool last;                   /* the file ends here */
};
/* What a transaction needs to know of the import. */
struct applying {
    struct db_tx *tx;
    int64_t merchant_id, import_id, staff_id, now_us;
    int32_t today; /* in the merchant's zone */
    enum import_kind kind;
    const struct audit_actor *by;
    struct import_names *names;
    struct import_report *report; /* counted on */
    struct arena *arena;          /* for this transaction */
    struct arena *batch_arena;    /* the batch's: for what its rows say */
};
/* Sets the verdicts and counts them; writes customers, transactions, facts and the change feed. */
enum err must_use batch_apply_customers(struct applying *a, struct batch *b);
enum err must_use batch_apply_sales(struct applying *a, struct batch *b);

/* For both: marks a row. */
void row_reject(struct batch_row *r, const char *code, const char *field, const char *name,
                const char *value);
void row_reject_conflict(struct applying *a, struct batch_row *r, int64_t one, int64_t other);
struct customer_contact;
struct customer_contact *contacts_for_change(struct arena *arena, const struct row_customer *c);
/* The good rows, in order. */
struct row **batch_good_rows(struct applying *a, struct batch *b, size_t *ret_n);
enum err must_use batch_note_changes(struct applying *a, const int64_t *customers, size_t n);
