/* Till watch: rules with the owner's numbers, alerts to decide, and credits
 * that a second person must agree to.
 *
 * The ledger is followed: what came since is looked at by whoever asks first, and by the clock. An
 * alert gathers the entries of one customer and one member of the staff; it is decided as fine, or
 * its entries are taken back. Nobody decides on their own acts.
 *
 * A credit above the limit by anybody but an owner is held by watch_guard(), wherever it comes
 * from: it becomes a request, books nothing, and is booked when another person approves it, under
 * the idempotency it came with, so that neither a retry nor a changed limit can double it. Threads:
 * none of its own. */
#pragma once
#include "../points/points.h"

extern const struct db_statement *const watch_statements[];
extern const struct http_route watch_routes[];

#define WATCH_AGAIN_MAX 1000 /* acts */
#define WATCH_HOURS_MAX 720
#define WATCH_DAYS_MAX 90
#define WATCH_NOTE_MAX 500     /* characters */
#define WATCH_TOLD_MAX 200     /* alerts or requests in one list */
#define WATCH_ENTRIES_TOLD 100 /* of an alert, the latest */
#define WATCH_WAITING_MAX 500  /* requests that wait */

struct watch_rules {
    int64_t again_count, again_hours; /* again_count 0: not watched */
    bool own;
    int64_t limit_points; /* 0: no second person is needed */
    int64_t request_days;
    int64_t version; /* 0: the program's own */
};
enum err must_use watch_rules_read(struct db_tx *tx, int64_t merchant_id, struct watch_rules *ret);
/* Sets the version. ERR_STALE stale. Audited. Texts of problems are in `a`. */
enum err must_use watch_rules_write(struct db_tx *tx, int64_t merchant_id,
                                    const struct watch_rules *before, struct watch_rules *after,
                                    const struct audit_actor *by, struct arena *a,
                                    struct problem *p);

/* Looks through what the ledger has got since. May be called by several at a time. */
enum err must_use watch_follow(struct db *db, int64_t merchant_id);
/* The same of all merchants; for work_tick(). */
void watch_look(void *app);

/* For points_guards[]. ERR_CONFLICT watch_too_many; points_repeated (another credit waits under
 * this idempotency). */
enum err must_use watch_guard(struct db_tx *tx, int64_t merchant_id, const struct points_new *what,
                              struct arena *a, int64_t *ret_held, struct problem *p);
/* Would a credit of that size by that person be held? */
enum err must_use watch_holds(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                              int64_t amount, bool *ret);
/* How many more may wait on that day. */
enum err must_use watch_room(struct db_tx *tx, int64_t merchant_id, int32_t today, int64_t *ret);

enum watch_state { WATCH_OPEN, WATCH_FINE, WATCH_TAKEN_BACK };
extern const char *const watch_states[]; /* open fine taken_back; ends with NULL */
struct watch_alert {
    int64_t id, customer_id, staff_id, opened_us, decided_us, version;
    const char *kind; /* again own */
    enum watch_state state;
    struct str note, staff, decider;
};
/* The latest first. Texts live in `a`. */
enum err must_use watch_alerts(struct db_tx *tx, int64_t merchant_id, bool open, struct arena *a,
                               struct watch_alert *ret, size_t *ret_n);
enum err must_use watch_alert_entries(struct db_tx *tx, int64_t merchant_id, int64_t alert_id,
                                      struct arena *a, struct points_entry *ret, size_t *ret_n);
/* ERR_NOT_FOUND; ERR_CONFLICT watch_decided; ERR_DENIED watch_yourself. *ret_back: how many entries
 * were taken back, *ret_left: how many could not be (spent, expired, or taken back already). */
struct watch_decision {
    int64_t id;
    bool take_back;
    struct str note;
    int32_t today;
    const struct audit_actor *by;
};
enum err must_use watch_decide(struct db_tx *tx, int64_t merchant_id,
                               const struct watch_decision *d, struct arena *a,
                               int64_t *ret_customer, int64_t *ret_back, int64_t *ret_left,
                               struct problem *p);

enum watch_request_state { WATCH_WAITING, WATCH_APPROVED, WATCH_REFUSED, WATCH_WITHDRAWN };
extern const char
    *const watch_request_states[];            /* waiting approved refused withdrawn expired; NULL */
enum { WATCH_EXPIRED = WATCH_WITHDRAWN + 1 }; /* of one that waits too long: told, not written */
struct watch_request {
    int64_t id, customer_id, amount, staff_id, store_id, made_us, decided_us, entry_id;
    enum points_kind kind;
    int32_t until_day;
    int state;
    struct str reason, message, note, staff, decider;
    const char *idempotency; /* NULL: none */
};
enum err must_use watch_requests(struct db_tx *tx, int64_t merchant_id, bool waiting, int32_t today,
                                 struct arena *a, struct watch_request *ret, size_t *ret_n);
/* Approves (books the credit), refuses or withdraws. ERR_NOT_FOUND; ERR_CONFLICT watch_decided,
 * watch_expired; ERR_DENIED watch_yourself (approving or refusing one's own), watch_not_yours
 * (withdrawing another's). *ret: as it is then. */
enum err must_use watch_answer(struct db_tx *tx, int64_t merchant_id, int64_t id,
                               enum watch_request_state state, struct str note, int32_t today,
                               const struct audit_actor *by, struct arena *a,
                               struct watch_request *ret, struct problem *p);
/* What is held under that idempotency waits no longer. *ret_entry: the entry that it was booked as
 * before, 0: none. ERR_NOT_FOUND: nothing waits and nothing was booked: it was refused, withdrawn,
 * or never held. */
enum err must_use watch_withdraw(struct db_tx *tx, int64_t merchant_id, const char *idempotency,
                                 int64_t staff_id, int64_t *ret_entry);
