/* Merging two customers into one, and taking that back at any time (FEATURES B14).
 *
 * The loser is soft-deleted and says where it went (customer.merged_into, always the living one).
 * Its ledgers move to the survivor (transactions, activity, consents…), its sets are copied (tags,
 * favourites, phones, e-mails), fields are chosen one by one. What moved or was copied is written
 * down (merge_row, and the survivor's values before and after), so an unmerge restores both as they
 * were; what came after the merge stays with the survivor. Which tables there are stands in
 * merge_tables.c; a test fails when a table with a customer_id is not among them.
 *
 * Everything runs inside the caller's transaction, audit, facts and change feed included.
 * Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const merge_statements[];
extern const struct http_route merge_routes[];

/* Fields that a person chooses between; MERGE_ADDRESS is one thing: street, postcode, city,
 * country. */
enum merge_field {
    MERGE_FIRST_NAME,
    MERGE_LAST_NAME,
    MERGE_NICKNAME,
    MERGE_GENDER,
    MERGE_BIRTHDAY,
    MERGE_LANGUAGE,
    MERGE_ADDRESS,
    MERGE_STORE,
    MERGE_SOURCE,
    MERGE_DEVICE,
    MERGE_PHOTO,
    MERGE_REGISTERED,
    MERGE_EXTERNAL_ID,
    MERGE_FACEBOOK,
    MERGE_TWITTER,
    MERGE_INSTAGRAM,
    MERGE_GOOGLE,
    MERGE_WEBSITE,
    MERGE_PHONE, /* the main one: all are kept */
    MERGE_EMAIL,
    MERGE_FIELDS
};
extern const char *const merge_field_names[MERGE_FIELDS + 1]; /* ends with NULL */
enum merge_choice { MERGE_BY_RULE, MERGE_SURVIVOR, MERGE_LOSER };

#define MERGES_IN_FORCE_MAX 100 /* into one customer */

struct merge_plan; /* merge_plan.h */
struct merge_request {
    int64_t survivor_id, loser_id;
    int64_t survivor_version, loser_version; /* -1: whatever they are */
    enum merge_choice choices[MERGE_FIELDS];
    int64_t now_us;
    int32_t today;
};
/* By rule: the newest non-empty value wins (of the two customers, whose card changed last); the
 * earliest registration; the survivor's own external id; blocked when one of them is, anonymous
 * when both are. Consent, each channel: the latest explicit act; a refusal stands where a consent
 * is not surely later, or came by an import. ERR_NOT_FOUND: one is not there. ERR_STALE stale: one
 * has another version. ERR_INVALID merge_same: the two are one. `ret_plan`, or NULL: what was
 * chosen. ERR_CONFLICT merge_lists_long: together they have more phones,
 * e-mails, addresses or dates than a card holds; merge_too_many: so many were merged into the
 * survivor already. */
enum err must_use merge_customers(struct db_tx *tx, int64_t merchant_id,
                                  const struct merge_request *what, const struct audit_actor *by,
                                  struct arena *a, struct merge_plan *ret_plan,
                                  int64_t *ret_merge_id, struct problem *p);
/* ERR_NOT_FOUND: no such merge. ERR_CONFLICT merge_undone: taken back already; merge_nested: the
 * survivor was merged into another one since, which has to be taken back first (args number,
 * merge_id); merge_survivor_gone: the survivor was deleted; merge_external_taken: another customer
 * has the external id by now (args number). */
enum err must_use merge_undo(struct db_tx *tx, int64_t merchant_id, int64_t merge_id,
                             const struct audit_actor *by, int64_t now_us, struct arena *a,
                             struct problem *p);

struct merge_view {
    int64_t id, survivor_id, loser_id, survivor_number, loser_number;
    struct str survivor_name, loser_name; /* as they are stored now */
    int64_t made_us, undone_us;           /* 0: not undone */
    struct str actor, undone_by;
    int64_t moved; /* rows of ledgers */
};
/* ERR_NOT_FOUND. Texts live in `a`. */
enum err must_use merge_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                            struct merge_view *ret);
/* Newest first, with an id below `before` (INT64_MAX: from the first); customer_id 0: of all, else
 * those in which that customer won or lost. `ret` has room for `limit`. */
enum err must_use merge_list(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                             int64_t before, int64_t limit, struct arena *a, struct merge_view *ret,
                             size_t *ret_n);
/* The name as people read it: first and last. */
struct str merge_full_name(struct arena *a, struct str first, struct str last);
