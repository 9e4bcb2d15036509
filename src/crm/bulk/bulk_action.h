/* What an action does to a chunk of customers: for bulk*.c only. */
#pragma once
#include "../batch.h"
#include "bulk.h"

/* A customer of the chunk as it stands, and what becomes of it. */
struct bulk_item {
    int64_t id;
    bool there, has;   /* has: of what is added or removed */
    int64_t had_bulk;  /* the bulk action that gave it; 0: none */
    int64_t value;     /* store or source, 0: none; how many points can be spent */
    int32_t until_day; /* of a tier given by hand: value, until_day, reason */
    bool waits;        /* a credit that a second person must agree to */
    bool unasked;      /* the same, but too many wait already */
    bool blocked;
    int64_t blocked_us, blocked_by;
    struct str reason;
    size_t held; /* how many tags */
    enum bulk_outcome outcome;
    struct str was; /* how it was, for undo; "" when it did not change */
};
/* One chunk being looked at or done. */
struct bulk_turn {
    struct db_tx *tx;
    int64_t merchant_id;
    struct arena *arena;
    const struct bulk *bulk; /* the action; of an undo the one that it takes back */
    const struct bulk *own;  /* of an undo: the undo itself; else the action */
    int64_t now_us;
    int32_t today;
    struct bulk_counts before; /* of a preview: what would become of earlier chunks */
    void *state;               /* what the way has read for itself */
    struct bulk_item *items;
    size_t n;
};
struct bulk_action {
    const char *name;
    enum bulk_needs needs;
    const struct bulk_way *way;
    const struct db_statement *state, *add, *remove;
    bool on;
    bool facts;         /* customers' facts rest on it */
    const char *entity; /* of the change feed */
};
/* How actions of a sort look, judge and write; `back` undoes. */
struct bulk_way {
    enum err (*read)(struct bulk_turn *t);
    enum bulk_outcome (*judge)(const struct bulk_turn *t, struct bulk_item *i);
    enum err (*write)(struct bulk_turn *t);
    enum bulk_outcome (*judge_back)(const struct bulk_turn *t, struct bulk_item *i);
    enum err (*write_back)(struct bulk_turn *t);
};
extern const struct bulk_action bulk_actions[]; /* ends with {0} */

/* For ways: calls `take` with each row of a statement over all customers of the chunk. */
enum err must_use bulk_each(struct bulk_turn *t, const struct db_statement *st,
                            void (*take)(struct bulk_turn *t, const struct db_rows *r));
struct bulk_item *bulk_item_of(const struct bulk_turn *t, int64_t id);
enum err must_use bulk_read_customers(struct bulk_turn *t);
extern const struct bulk_way bulk_points_way;      /* bulk_points.c */
extern const struct bulk_way bulk_tier_way;        /* bulk_tier.c */
extern const struct bulk_way bulk_certificate_way; /* bulk_certificate.c */

/* As stored in bulk.counts. */
const char *bulk_counts_text(struct arena *a, const struct bulk_counts *c);

/* bulk_sql.c */
extern const struct db_statement bulk_customers, bulk_tags, bulk_members, bulk_favourites,
    bulk_tag_add, bulk_tag_remove, bulk_member_add, bulk_member_remove, bulk_favourite_add,
    bulk_favourite_remove, bulk_set_blocked, bulk_set_store, bulk_set_source, bulk_points_left;
extern const struct db_statement bulk_tier_add, bulk_add, bulk_one, bulk_page, bulk_set_counts,
    bulk_set_undone, bulk_set_job, bulk_chunk_add, bulk_chunk_next, bulk_chunk_was, bulk_chunk_done,
    bulk_chunks_copy, bulk_chunks_from, bulk_target_group, bulk_target_store, bulk_certificates,
    bulk_target_certificate;
