/* What the law gives to customers (GDPR, articles 15 and 17): the file of everything that is held
 * on one of them, and erasure.
 *
 * privacy_tables[] names every table that holds something about a customer, what stands there, and
 * what an erasure does to it; tests/unit/privacy_test.c compares it with the schema, so that no
 * feature can forget its own. An erased customer's row stays as a shell with its number: invoices
 * and amounts stay in the accounts, without the person. Invoices no longer say whose they were;
 * what a booking came to stays on the shell, with its day and store, and without hour, origin or
 * words. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"
#include "../../work/work.h"

extern const struct db_statement *const privacy_statements[];
extern const struct http_route privacy_routes[], retention_routes[];

enum privacy_fate {
    PRIVACY_GONE,     /* the rows are deleted */
    PRIVACY_EMPTIED,  /* they stay without anything personal */
    PRIVACY_DETACHED, /* they stay, and no longer say whose they are */
    PRIVACY_KEPT      /* they stay: they say that and why something was erased */
};
struct privacy_table {
    const char *table;
    enum privacy_fate fate;
    /* Takes merchant and customer. `columns`: a name for each column, "visits registered_day:day
     * created:instant"; kinds: day, instant; without one as it stands. NULL: nothing of it is told,
     * since another table's rows tell it. */
    const struct db_statement *read;
    const char *columns;
    const struct db_statement *erase; /* takes merchant and customer; NULL: nothing to do */
};
/* In the order in which they are erased; ends with {0}. */
extern const struct privacy_table privacy_tables[];

#define PRIVACY_COLUMNS_MAX 48
#define PRIVACY_TABLES_MAX 64

/* The cards of the customer: its own first, then those that were merged into it. */
struct privacy_card {
    int64_t id, number; /* the customer's own number is not read: 0 */
};
struct privacy_cards {
    struct privacy_card *of;
    size_t n;
};
enum err must_use privacy_cards(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                struct arena *a, struct privacy_cards *ret);
/* How many rows of each table, in the order of privacy_tables[], of all the cards; added to
 * `counts`. */
enum err must_use privacy_count(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                int64_t counts[static PRIVACY_TABLES_MAX]);
/* The key "tables": what becomes of those that have rows. */
void privacy_counts_json(struct json *j, const int64_t counts[static PRIVACY_TABLES_MAX]);

struct privacy_erasure {
    int64_t customer_id;
    const char *reason; /* request retention */
    int64_t now_us;
    int32_t today;
    struct audit_actor by;
};
/* Erases, and remembers phones and e-mails by their HMACs (../erased). Cannot be undone. Takes
 * personal values out of audit details and rejected rows, too. The caller notes the change
 * (change_note "customer"). ERR_NOT_FOUND: no such customer, or erased before. */
enum err must_use privacy_erase(struct db_tx *tx, int64_t merchant_id,
                                const struct privacy_erasure *e);

/* Erases the customers of an erasure_batch (retention.c): a few in each transaction. */
#define ERASURE_JOB "erasure"
enum err erasure_job(const struct job *job, struct arena *a, void *app, struct problem *p);
