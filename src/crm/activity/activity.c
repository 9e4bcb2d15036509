#include "activity.h"
#include "../../base/check.h"
#include "../../base/id.h"
#include "../customer/facts.h"
#include "activity_sql.h"

static int tally_of(const char *kind) /* plus one; 0: of none */
{
    static const char *const kinds[ACTIVITY_TALLIES] = {"share", "comment", "push"};
    for (int t = 0; t < ACTIVITY_TALLIES; t++)
        if (strcmp(kind, kinds[t]) == 0)
            return t + 1;
    return 0;
}

static struct facts_event fact(const struct activity_event *e)
{
    bool booking = strcmp(e->kind, "booking") == 0;

    return (struct facts_event){.customer_id = e->customer_id,
                                .day = e->day,
                                .visit = booking || strcmp(e->kind, "visit") == 0,
                                .operation = booking,
                                .tally = tally_of(e->kind),
                                .amount_minor =
                                    booking && e->amount_minor != INT64_MIN ? e->amount_minor : 0};
}

/* As FACTS_STAFF_KINDS. */
static bool by_staff(const char *kind)
{
    static const char *const kinds[] = {"note",        "task",     "edit", "points",  "tier",
                                        "certificate", "greeting", "card", "referral"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

enum err activity_add(struct db_tx *tx, int64_t merchant_id, const char *origin,
                      int64_t recorded_us, const struct activity_event *events, size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct facts_event *facts = arena_array(a, struct facts_event, n + 1);
    struct batch_rows inserts;
    size_t nfacts = 0;

    batch_rows_begin(&inserts, tx, a, &activity_insert);
    for (size_t i = 0; i < n; i++) {
        const struct activity_event *e = &events[i];
        check(e->day >= 0);
        if (!by_staff(e->kind))
            facts[nfacts++] = fact(e);
        batch_rows_add(&inserts,
                       (struct db_value[]){
                           db_i(merchant_id), db_i(id_new()), db_i(e->customer_id), db_tc(e->kind),
                           db_i_or_null(e->store_id, 0), db_i(e->at_us), db_i(e->day),
                           db_i(recorded_us), db_tc(origin), db_i_or_null(e->staff_id, 0),
                           db_i_or_null(e->amount_minor, INT64_MIN), db_tc(e->detail),
                           db_tc(e->idempotency), db_i_or_null(e->subject_id, 0)});
    }
    enum err err = batch_rows_end(&inserts);
    return err == OK ? facts_add(tx, merchant_id, facts, nfacts) : err;
}
