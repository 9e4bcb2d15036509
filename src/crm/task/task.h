/* Tasks on customers (FEATURES B9): a text, perhaps a day, perhaps a member of the staff who is to
 * do it. Whoever sees the customer may change them; deleting can be taken back. Those of deleted
 * customers are not told. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const task_statements[];
extern const struct http_route task_routes[];

#define TASKS_OPEN_MAX 200 /* of a customer */
#define TASKS_TOLD_MAX 500 /* in one list */
#define TASK_TEXT_MAX 500  /* characters */

struct task {
    int64_t id, customer_id, assignee_id, staff_id, done_us, done_by, created_us, updated_us,
        version;     /* assignee 0 = anybody; done_us 0 = open */
    int32_t due_day; /* DAY_NONE: no particular day */
    struct str text, author, assignee, doer;
    bool deleted;
};
struct task_actor {
    struct audit_actor by;
    int32_t today;
    struct arena *arena;
};
struct task_filter {
    int64_t customer_id, assignee_id; /* 0 = of all */
    bool done;                        /* the latest first; else open ones by day */
};
/* Living ones, TASKS_TOLD_MAX at most. Texts live in `a`. */
enum err must_use task_list(struct db_tx *tx, int64_t merchant_id, const struct task_filter *f,
                            struct arena *a, struct task **ret, size_t *ret_n);
/* ERR_NOT_FOUND: none of this customer; deleted ones too. */
enum err must_use task_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                           struct arena *a, struct task *ret);
/* How many open ones an assignee has, and how many of them are due by that day. */
enum err must_use task_count(struct db_tx *tx, int64_t merchant_id, int64_t assignee_id,
                             int32_t day, int64_t *ret_open, int64_t *ret_due);
/* Sets id, version and times; on the timeline. ERR_CONFLICT task_too_many. The assignee is there
 * and sees the customer: the caller looked. */
enum err must_use task_add(struct db_tx *tx, int64_t merchant_id, struct task *t,
                           const struct task_actor *who, struct problem *p);
/* ERR_STALE stale, ERR_CONFLICT task_too_many (opened again). */
enum err must_use task_save(struct db_tx *tx, int64_t merchant_id, const struct task *before,
                            struct task *after, const struct task_actor *who, struct problem *p);
/* ERR_NOT_FOUND: it is so already. */
enum err must_use task_delete(struct db_tx *tx, int64_t merchant_id, const struct task *t,
                              bool deleted, const struct task_actor *who, struct problem *p);
