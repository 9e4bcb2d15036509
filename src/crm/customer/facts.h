/* Facts per customer (DESIGN 5): one row each, recomputed from what they rest on in the transaction
 * that changes it. */
#pragma once
#include "../app.h"
extern const struct db_statement *const facts_statements[];
/* What staff and rules do is on the timeline (activity), but is no act of the customer's: facts
 * rest on none of these kinds. In SQL: kind NOT IN FACTS_STAFF_KINDS. */
#define FACTS_STAFF_KINDS                                                                          \
    "('note', 'task', 'edit', 'points', 'tier', 'certificate', 'greeting', 'card', 'referral')"

/* Recomputes the facts of these customers (any number; duplicates are fine) from transactions,
 * activity, contacts, tags. The caller notes the change (change_note). */
enum err must_use facts_refresh(struct db_tx *tx, int64_t merchant_id, const int64_t *customer_ids,
                                size_t n);
/* The same where nothing but tags has changed: much less is read. */
enum err must_use facts_refresh_tags(struct db_tx *tx, int64_t merchant_id,
                                     const int64_t *customer_ids, size_t n);

/* What a transaction, further lines of one, or an activity adds to a customer's facts. Any of them
 * makes the first day earlier. */
struct facts_event {
    int64_t customer_id;
    int32_t day;
    int64_t amount_minor; /* spent */
    bool visit;           /* makes the day a visit day */
    bool purchase;        /* … and a purchase day */
    bool operation;       /* counts as one */
    int tally;            /* the enum tally it counts for, plus one; 0: for none */
    bool bought;          /* its store, categories and sizes count */
    bool recompute;       /* a cancellation or what it cites: only facts_refresh() knows */
    int64_t store_id;     /* 0 = none */
    const int64_t *categories, *sizes; /* any order, duplicates are fine */
    size_t ncategories, nsizes;
};
/* Adds to stored facts without reading the customers' whole history again, so that a long import
 * stays linear; where the stored row does not tell enough it recomputes. Call it when what it tells
 * of is already written. The result is the same as that of facts_refresh(). */
enum err must_use facts_add(struct db_tx *tx, int64_t merchant_id, const struct facts_event *events,
                            size_t n);

/* What follows from facts, in the transaction that has changed them: called with the customers
 * whose facts are written, any order, each once. The list stands in src/crm/features.c and ends
 * with NULL.
 */
typedef enum err (*facts_follower)(struct db_tx *tx, int64_t merchant_id, const int64_t *ids,
                                   size_t n);
extern const facts_follower facts_followers[];
/* Calls them: for what else such things rest on (points). */
enum err must_use facts_followed(struct db_tx *tx, int64_t merchant_id, const int64_t *ids,
                                 size_t n);

/* What the profile gives to the facts; the rest of the row is left alone, or empty when new. */
struct facts_profile {
    int64_t customer_id;
    int64_t home_store;  /* counts for new rows only; 0 = none */
    const int64_t *tags; /* ascending */
    size_t ntags;
    struct str phone, email, contact_text;
};
/* `fresh`: customers made in this transaction, without any history. */
enum err must_use facts_profile_write(struct db_tx *tx, int64_t merchant_id, bool fresh,
                                      const struct facts_profile *profiles, size_t n);

#define FACTS_REPORT_MAX 20
struct facts_report {
    int64_t customers, missing, wrong; /* wrong: the row says something else than its sources */
    struct {
        int64_t customer_id;
        const char *field; /* the column, or "row" when there is none */
    } some[FACTS_REPORT_MAX];
    int nsome;
};
/* Compares every stored row with what facts_refresh() would write; writes nothing. */
enum err must_use facts_check(struct db_tx *tx, int64_t merchant_id, struct facts_report *ret);
