/* Reading the audit log, newest first, by filters. Who, what about and the days are looked up by an
 * index; the rest is looked at entry by entry, at most AUDIT_LOOKED_AT of them at a time, so that
 * no question costs more the longer the log is. Threads: none of its own. */
#pragma once
#include "audit_sql.h"

#define AUDIT_LOOKED_AT 5000

struct audit_filter {
    int64_t merchant_id, staff_id, entity_id; /* 0 = any */
    struct str entity, action;                /* "" = any */
    int64_t from_us, to_us;                   /* from_us inclusive, to_us exclusive; 0 = open */
    struct str words;                         /* folded (text_fold); "" = any */
};
/* `row`: the columns of audit_page. */
typedef void (*audit_entry_fn)(void *arg, const struct db_rows *row);
/* Up to `limit` entries older than `before`. *ret_next: what `before` is for what follows, 0 at the
 * end; what follows may hold nothing that matches. */
enum err must_use audit_read(struct db_tx *tx, const struct audit_filter *f, int64_t before,
                             int64_t limit, audit_entry_fn fn, void *arg, int64_t *ret_next);
/* The instants at which the days begin and end in the merchant's zone; DAY_NONE = open. */
enum err must_use audit_days(struct db_tx *tx, struct audit_filter *f, int32_t from, int32_t to);
