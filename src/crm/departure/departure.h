/* The departure calendar: what will be lost on which coming day, if nobody comes. Who turns at risk
 * is answered from the audience; points that expire from the lots of the ledger; tiers about to
 * fall from where customers stand. Nothing is kept. Threads: none of its own. */
#pragma once
#include "../app.h"
extern const struct http_route departure_routes[];
extern const struct db_statement *const departure_statements[];

/* What the viewer sees of one kind of loss on the days from…to. */
struct departure_losses {
    struct audience *audience;
    struct audience_viewer viewer;
    int32_t from, to;
    int64_t skip, limit; /* of the list; limit 0: only counts */
    /* the answer, by day - from; made by the caller */
    int64_t *customers, *points; /* points: of those that expire, what is left of them */
    struct departure_loss {
        int64_t customer_id, points, from_id, to_id; /* tiers; to_id 0: to none */
    } * list;                                        /* room for `limit` */
    size_t n;
};
/* Points whose last day is one of these. */
enum err must_use departure_points(struct db_tx *tx, int64_t merchant_id,
                                   struct departure_losses *d);
/* Tiers that are another, lower one from one of these days on. */
enum err must_use departure_tiers(struct db_tx *tx, int64_t merchant_id,
                                  struct departure_losses *d);
