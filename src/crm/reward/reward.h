/* What full stamp cards and referrals give: points, a certificate, or a gift handed over at the
 * counter. One way to check such a promise, to keep it, and to take it back. Rests on no table of
 * its own: who promises stores the reward beside the promise. Threads: none of its own. */
#pragma once
#include "../certificate/certificate.h"

extern const struct db_statement *const reward_statements[];

#define REWARD_POINTS_MAX 1000000
#define REWARD_GIFT_MAX 120

enum reward_kind { REWARD_NONE, REWARD_POINTS, REWARD_CERTIFICATE, REWARD_GIFT };
extern const char *const reward_kinds[]; /* ends with NULL */

struct reward {
    enum reward_kind kind;
    int64_t points, type_id;
    struct str gift;
    struct str type; /* the certificate's name; told by reward_name() */
};
enum reward_kind reward_kind_of(struct str name); /* REWARD_NONE: no such */
/* Leaves what its kind does not need empty, and looks whether the rest can be given. ERR_INVALID
 * reward_points_needed, reward_gift_needed, certificate_type_unknown, at `field`. */
enum err must_use reward_check(struct db_tx *tx, int64_t merchant_id, struct reward *r,
                               const char *field, struct problem *p);
/* Sets `type`, also of a type that was deleted. */
enum err must_use reward_name(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                              struct reward *r);

/* For the audit log: another reward than before, in its names. */
enum err must_use reward_tell(struct db_tx *tx, int64_t merchant_id, struct audit_detail *d,
                              const char *field, const struct reward *from,
                              const struct reward *to);

/* Why it is given: kind "stamp" or "referral", and a text that is this one promise and no other. */
struct reward_cause {
    const char *kind, *idempotency;
    struct str reason;
};
struct reward_given {
    int64_t points_id, certificate_id; /* 0: none */
};
/* Gives it to a living customer, once. Certificates come beyond limit and stock: it was promised.
 * The caller notes the change. ERR_CONFLICT certificate_type_over, points_too_many. */
enum err must_use reward_give(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              const struct reward *r, const struct reward_cause *why,
                              const struct certificate_actor *who, struct reward_given *ret,
                              struct problem *p);
/* ERR_CONFLICT reward_used: redeemed, or spent. A gift is not asked back. */
enum err must_use reward_take_back(struct db_tx *tx, int64_t merchant_id,
                                   const struct reward_given *given, const struct reward_cause *why,
                                   const struct certificate_actor *who, struct problem *p);

/* The same as JSON and as fields of a body. */
void reward_json(struct json *j, const struct reward *r);
