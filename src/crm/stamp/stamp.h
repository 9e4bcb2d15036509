/* Stamp cards (FEATURES D5): a programme says how many stamps fill a card and what a full one
 * gives.
 *
 * Stamps fill the customer's card; what is too much for it begins the next one. A full card gives
 * its reward in the same transaction, once. A card keeps the size it was begun with. Stamps can be
 * taken back with a reason: a card that is not full any more takes its reward back too, which only
 * goes while it is unused. After a merge a customer may have several open cards: the fullest goes
 * on. Threads: none of its own. */
#pragma once
#include "../reward/reward.h"

extern const struct db_statement *const stamp_statements[];
extern const struct http_route stamp_routes[], stamp_program_routes[];

#define STAMP_PROGRAMS_MAX 50 /* living ones of a merchant */
#define STAMP_NAME_MAX 80     /* characters */
#define STAMP_TEXT_MAX 500
#define STAMP_REASON_MAX 200
#define STAMPS_OF_CARD_MAX 100
#define STAMPS_AT_ONCE_MAX 100
#define STAMP_RESTORE_DAYS 30
#define STAMP_CARDS_TOLD 200 /* of a customer: the latest */

struct stamp_program {
    int64_t id, version, created_us, updated_us;
    struct str name, description;
    int64_t stamps, per_day; /* per_day 0: any number */
    struct reward reward;
    bool deleted;
    int64_t open, completed; /* cards; told by stamp_programs_count() alone */
};
/* Living ones by name, then those that can be brought back. Texts live in `a`. */
enum err must_use stamp_programs(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                                 struct stamp_program **ret, size_t *ret_n);
/* Counts their cards: reads every card of the merchant. */
enum err must_use stamp_programs_count(struct db_tx *tx, int64_t merchant_id,
                                       struct stamp_program *all, size_t n);
/* A living one, without what is counted and named for lists. ERR_NOT_FOUND */
enum err must_use stamp_program_get(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                    struct arena *a, struct stamp_program *ret);
/* `before` NULL: a new one; sets id and version. ERR_CONFLICT stamp_program_taken,
 * stamp_program_too_many; ERR_INVALID stamp_program_letters, reward_needed, those of
 * reward_check(). ERR_STALE. */
enum err must_use stamp_program_save(struct db_tx *tx, int64_t merchant_id,
                                     const struct stamp_program *before,
                                     struct stamp_program *after,
                                     const struct certificate_actor *who, struct problem *p);
/* Cards stay as they are, and fill no further while it is deleted. ERR_NOT_FOUND: it is so already;
 * of bringing back as stamp_program_save(). */
enum err must_use stamp_program_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                       bool deleted, const struct certificate_actor *who,
                                       struct problem *p);

struct stamp_card {
    int64_t id, program_id, size, stamps, begun_us, completed_us, certificate_id, points_id,
        rounds;           /* completed_us 0: open */
    struct reward reward; /* what it gave */
};
/* The customer's cards, open ones first, the fullest of them before the others. */
enum err must_use stamp_cards(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              struct arena *a, struct stamp_card **ret, size_t *ret_n);
struct stamp_entry {
    int64_t id, program_id, amount, at_us;
    struct str store, staff_name, reason;
};
/* The latest first, `limit` at most. */
enum err must_use stamp_entries(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                int64_t limit, struct arena *a, struct stamp_entry *ret,
                                size_t *ret_n);

/* Gives 1…STAMPS_AT_ONCE_MAX stamps to a living customer. *ret_completed: how many cards they
 * filled. ERR_INVALID stamp_program_unknown; ERR_CONFLICT stamp_per_day (args limit, left),
 * those of reward_give(). */
enum err must_use stamp_apply(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              int64_t program_id, int64_t n, const struct certificate_actor *who,
                              int64_t *ret_completed, struct problem *p);
/* ERR_INVALID stamp_program_unknown; ERR_CONFLICT stamp_not_so_many, reward_used. */
enum err must_use stamp_take_back(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                  int64_t program_id, int64_t n, struct str reason,
                                  const struct certificate_actor *who, struct problem *p);
