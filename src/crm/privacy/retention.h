/* Retention: who has not been in contact for longer than the merchant keeps people (three years, as
 * the CNIL advises, unless the settings say otherwise), and what is decided on them.
 *
 * The last contact is the latest visit, purchase, booking, message, use of the app or act of
 * consent (but for those that an import brought); who never had one counts from registration.
 * Somebody may be kept all the same, for a reason, until a day. Who was deleted comes up after
 * RETENTION_DELETED_DAYS, since deleting takes a card away, not the person. Threads: none of its
 * own. */
#pragma once
#include "privacy.h"

#define RETENTION_MONTHS 36
#define RETENTION_MONTHS_MAX 240
#define RETENTION_REASON_MAX 300 /* characters */
#define RETENTION_AT_ONCE 1000   /* customers in one decision */
#define RETENTION_KEEP_YEARS 10
#define RETENTION_DELETED_DAYS 30 /* a deletion may be a slip for so long */

struct retention {
    int64_t months, version; /* version 0: the program's own */
};
enum err must_use retention_read(struct db_tx *tx, int64_t merchant_id, struct retention *ret);

/* The rule on a day, as the statements of retention take it. */
struct retention_rule {
    int64_t merchant_id;
    int32_t since; /* who was in contact on this day or later is not silent */
    int64_t since_us;
    int64_t deleted_us; /* who was deleted before comes up, too */
    int32_t today;
};
/* ERR_INVALID: no such zone. */
enum err must_use retention_rule(int64_t merchant_id, const char *time_zone, int32_t today,
                                 int64_t months, struct retention_rule *ret);
/* Is the customer silent or deleted long enough, and not kept? */
enum err must_use retention_is_silent(struct db_tx *tx, const struct retention_rule *rule,
                                      int64_t customer_id, bool *ret);
/* Decides to erase them: the batch and its job. Ids of nobody are skipped by the job. */
enum err must_use retention_erase(struct db_tx *tx, const struct retention_rule *rule,
                                  int64_t months, const int64_t *ids, size_t n,
                                  const struct audit_actor *by, int64_t *ret_job);
