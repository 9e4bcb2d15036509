/* Segments (FEATURES A6): queries saved under a name, alive: what they match is counted when it is
 * asked for. Used by name wherever a query is written, also in other segments.
 *
 * A private segment is its owner's alone, nobody else's, whatever the role; a shared one is changed
 * by those with PERM_SEGMENTS_SHARE, and uses shared ones only, so that it means the same to all.
 * No segment leads to itself. Names are one merchant's, blind to case, and written into the texts
 * of the segments that use them; renaming rewrites those in the same transaction. A deleted segment
 * can be restored for SEGMENT_RESTORE_DAYS. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"
#include "../../work/work.h"

extern const struct db_statement *const segment_statements[];
extern const struct http_route segment_routes[];

#define SEGMENTS_MAX 200    /* living ones of a merchant */
#define SEGMENT_NAME_MAX 80 /* characters */
#define SEGMENT_DESCRIPTION_MAX 500
#define SEGMENT_RESTORE_DAYS 30
#define SEGMENT_HISTORY_DAYS 90
#define SEGMENT_HISTORY_KEPT 400 /* days */

struct segment {
    int64_t id, owner_id, version, created_us, updated_us;
    bool shared, deleted;
    bool owner_gone; /* no longer of the staff: a private one of theirs is nobody's */
    struct str name, description, text, owner_name;
};
/* Who acts: what they see and may change hangs on it. */
struct segment_actor {
    int64_t staff_id; /* 0 = the program: sees and changes what is shared */
    bool may_share;
    int32_t today;
    struct arena *arena; /* for what problems tell; outlives the transaction */
    struct audit_actor by;
};
bool segment_seen(const struct segment *s, const struct segment_actor *who);
bool segment_may_change(const struct segment *s, const struct segment_actor *who);

/* Living ones by name, then the deleted ones. Texts live in `a`. */
enum err must_use segment_list(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                               struct segment **ret, size_t *ret_n);
/* ERR_NOT_FOUND: none, deleted, or not theirs to see. */
enum err must_use segment_get(struct db_tx *tx, int64_t merchant_id, int64_t id,
                              const struct segment_actor *who, struct arena *a,
                              struct segment *ret);

/* The rules of the names alone; that the text is a good query is checked before, where the
 * merchant's words are known: segment_check(). `after` is what is to stand; its id and version are
 * set. `before` NULL: a new one. ERR_DENIED segment_shared_rights, segment_owner_only; ERR_CONFLICT
 * segment_name_taken, segment_too_many, segment_used, segment_used_privately, segment_user_full,
 * segment_for_typology;
 * ERR_INVALID query_unknown_value, query_segment_cycle, segment_uses_private. */
enum err must_use segment_save(struct db_tx *tx, int64_t merchant_id, const struct segment *before,
                               struct segment *after, const struct segment_actor *who,
                               struct problem *p);
/* ERR_NOT_FOUND, ERR_DENIED segment_shared_rights, ERR_CONFLICT segment_used,
 * segment_used_privately. */
enum err must_use segment_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                 const struct segment_actor *who, struct problem *p);
/* ERR_NOT_FOUND: not deleted, or too long ago. ERR_CONFLICT segment_name_taken, segment_too_many,
 * segment_needs. */
enum err must_use segment_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                  const struct segment_actor *who, struct problem *p);

/* A group has another name: whatever segment or typology names it says the new one, those of others
 * and deleted ones too. In the transaction that renames it. ERR_CONFLICT segment_user_full. */
enum err must_use segment_rename_group(struct db_tx *tx, int64_t merchant_id, struct str before,
                                       struct str after, const struct segment_actor *who,
                                       struct problem *p);

/* Counts every living segment that has no size of this day yet, and keeps the sizes. Not inside a
 * transaction. */
enum err must_use segment_measure(struct app *app, int64_t merchant_id);
#define SEGMENT_PAST_MAX                                                                           \
    200000 /* customers; in larger bases the past is not counted afterwards                        \
            */
/* Once a day and merchant, and when a segment was made: measures, then counts on the base as it
 * stood (as_of.h) what the segments of today would have had on each Monday of SEGMENT_HISTORY_DAYS.
 */
#define SEGMENT_JOB "segment_sizes"
enum err segment_job(const struct job *job, struct arena *a, void *app, struct problem *p);
