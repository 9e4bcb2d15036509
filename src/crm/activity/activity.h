/* What happened with a customer besides buying: visits, bookings, shares, messages… append-only
 * (FEATURES B7). One timeline with the transactions, newest first. */
#pragma once
#include "../app.h"

extern const struct db_statement *const activity_statements[];
extern const struct http_route activity_routes[];

/* Kinds. `visit` and `booking` (one that was kept; its amount counts as spent) make visit days;
 * booking_missed and booking_canceled do not. */
struct activity_event {
    int64_t customer_id;
    const char *kind; /* visit booking booking_missed booking_canceled follow share comment app_open
                         push stamp referral import note task edit … : a-z and _, at most 32 */
    int64_t store_id; /* 0 = none */
    int64_t at_us;
    int32_t day;             /* in the merchant's zone; not before 1970 */
    int64_t staff_id;        /* 0 = none */
    int64_t amount_minor;    /* INT64_MIN = none */
    int64_t subject_id;      /* of a note or task: its id, whose text is told; 0 = none */
    const char *detail;      /* JSON object, or NULL */
    const char *idempotency; /* or NULL; a second one with the same key: ERR_CONFLICT */
};
/* Adds them and keeps the customers' facts; the caller notes the change (change_note). */
enum err must_use activity_add(struct db_tx *tx, int64_t merchant_id, const char *origin,
                               int64_t recorded_us, const struct activity_event *events, size_t n);
