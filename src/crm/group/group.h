/* Groups (FEATURES A7): customers picked by hand under a name, one by one or by a bulk action.
 *
 * Everybody of the staff makes groups and fills them with customers they see; who made one, and
 * those who may share segments, rename and delete it. Names are one merchant's, blind to case,
 * marks and script, and what group:name finds. A deleted group keeps its members and can be brought
 * back. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const group_statements[];
extern const struct http_route group_routes[];

#define GROUPS_MAX 200    /* living ones of a merchant: as many as a facet shows */
#define GROUP_NAME_MAX 80 /* characters */
#define GROUP_DESCRIPTION_MAX 500
#define GROUP_RESTORE_DAYS 30

struct group {
    int64_t id, staff_id, version, created_us, updated_us; /* staff_id 0: made by the program */
    bool deleted;
    struct str name, description, staff_name;
};
struct group_actor {
    bool may_manage;     /* groups of others too */
    struct arena *arena; /* for what problems tell; outlives the transaction */
    struct audit_actor by;
};
bool group_may_change(const struct group *g, const struct group_actor *who);

/* Living ones by name, then those that can be brought back, the latest first. Texts live in `a`. */
enum err must_use group_list(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                             struct group **ret, size_t *ret_n);
/* ERR_NOT_FOUND: none, or deleted. */
enum err must_use group_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                            struct group *ret);
/* `before` NULL: a new one; sets id and version. Renamed, it is renamed in every segment and
 * typology too. ERR_DENIED group_rights; ERR_CONFLICT
 * group_name_taken, group_too_many, segment_user_full; ERR_INVALID group_name_letters. */
enum err must_use group_save(struct db_tx *tx, int64_t merchant_id, const struct group *before,
                             struct group *after, const struct group_actor *who, struct problem *p);
/* The living group of that name, made where there is none. Errors as group_save(). */
enum err must_use group_by_name(struct db_tx *tx, int64_t merchant_id, struct str name,
                                const struct group_actor *who, int64_t *ret_id, struct problem *p);
/* ERR_NOT_FOUND, ERR_DENIED group_rights. */
enum err must_use group_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                               const struct group_actor *who, struct problem *p);
/* ERR_NOT_FOUND: not deleted, or too long ago; the others as group_save(). */
enum err must_use group_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                const struct group_actor *who, struct problem *p);
/* Puts a living customer in or takes it out; what is so already is no error and writes nothing.
 * Whether the actor sees the customer is the caller's to know. ERR_NOT_FOUND: no such group. */
enum err must_use group_set_member(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                   int64_t customer_id, bool on, const struct group_actor *who);

/* Many at once, living customers and living groups: who is in already stays. Nothing is written to
 * the audit log and no change is noted: that is the caller's. */
struct group_pair {
    int64_t customer_id, group_id;
    bool there; /* out: was in before */
};
enum err must_use group_join(struct db_tx *tx, int64_t merchant_id, struct group_pair *pairs,
                             size_t n, struct arena *a);
