/* Notes on customers (FEATURES B9). Who wrote one changes its text; pinning is anybody's; deleting
 * is its author's, or a manager's, and can be taken back. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const note_statements[];
extern const struct http_route note_routes[];

#define NOTES_MAX 500      /* living ones of a customer */
#define NOTE_TEXT_MAX 4000 /* characters */

struct note {
    int64_t id, customer_id, staff_id, created_us, updated_us, version;
    struct str text, author;
    bool pinned, deleted;
};
/* Who acts, on which day, and where problems' texts may live. */
struct note_actor {
    struct audit_actor by;
    bool manages; /* may delete what others wrote */
    int32_t today;
    struct arena *arena;
};
/* Living ones, pinned first, then newest first. Texts live in `a`. */
enum err must_use note_list(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct arena *a, struct note **ret, size_t *ret_n);
/* ERR_NOT_FOUND; deleted ones too. */
enum err must_use note_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, int64_t id,
                           struct arena *a, struct note *ret);
/* Sets id, version and, unless it has one, the time; on the timeline. ERR_CONFLICT note_too_many.
 */
enum err must_use note_add(struct db_tx *tx, int64_t merchant_id, struct note *n,
                           const struct note_actor *who, struct problem *p);
/* ERR_DENIED note_not_yours; ERR_STALE stale. */
enum err must_use note_save(struct db_tx *tx, int64_t merchant_id, const struct note *before,
                            struct note *after, const struct note_actor *who, struct problem *p);
/* ERR_DENIED note_not_yours, ERR_NOT_FOUND: it is so already. */
enum err must_use note_delete(struct db_tx *tx, int64_t merchant_id, const struct note *n,
                              bool deleted, const struct note_actor *who, struct problem *p);
