/* Consent with proof (FEATURES B12, DESIGN 5): what a customer agreed to on each channel, who wrote
 * it down, when, from where, how it was said, and on which version of the merchant's text.
 *
 * Acts are only ever added. The latest that grants or refuses is the channel's state, repeated in
 * `customer`; apart from it a channel may be suppressed (a bounce, a complaint, a STOP): then
 * nothing is sent there, whatever was agreed, until an act releases it. A slip is taken back by an
 * act that brings back what was there before. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const consent_statements[];
extern const struct http_route consent_routes[], consent_text_routes[], evidence_routes[];

#define CONSENT_ACTS_MAX 1000 /* of a customer */
#define CONSENT_NOTE_MAX 500  /* characters */
#define CONSENT_TEXT_MAX 4000
#define CONSENT_TEXTS_MAX 500 /* versions a channel and language */
#define CONSENT_UNDO_HOURS 24
#define CONSENT_EVIDENCE_MAX 4      /* pictures of an act */
#define CONSENT_EVIDENCE_ALL_MAX 40 /* of a customer */

enum consent_act {
    CONSENT_ACT_NEVER_ASKED, /* of an undo alone */
    CONSENT_ACT_GRANTED,
    CONSENT_ACT_REFUSED,
    CONSENT_ACT_SUPPRESSED,
    CONSENT_ACT_RELEASED,
    CONSENT_ACTS
};
extern const char *const consent_act_names[CONSENT_ACTS + 1];
/* How it was said; ends with NULL. "import", "staff" and "demo" stand in older acts, too. */
extern const char *const consent_hows[];
extern const char *const consent_reasons[]; /* of a suppression; ends with NULL */

struct consent_record {
    int64_t customer_id;
    int channel; /* CHANNEL_* */
    enum consent_act act;
    int64_t at_us; /* when the customer said it; not later than now */
    int32_t day;   /* the same in the merchant's zone */
    int64_t now_us;
    const char *how;    /* of consent_hows[] */
    const char *reason; /* of consent_reasons[], or NULL */
    struct str note;
    int64_t text_id;  /* 0 = none */
    int64_t after_id; /* the channel's latest act that the caller knows; -1 = does not say */
    struct audit_actor by;
};
/* Adds an act and sets the customer's state; writes activity, audit and the change. ERR_NOT_FOUND:
 * no such living customer. ERR_STALE stale: another act came first. ERR_CONFLICT consent_same (it
 * is so already), consent_too_many. ERR_INVALID consent_before_last (at_us lies before what was
 * said last), consent_text_unknown. */
enum err must_use consent_record(struct db_tx *tx, int64_t merchant_id,
                                 const struct consent_record *act, struct problem *p);
/* Takes the act back, by an act. ERR_NOT_FOUND; ERR_CONFLICT consent_undo_not_last,
 * consent_undo_late (CONSENT_UNDO_HOURS), consent_undo_others (not recorded by the staff). */
enum err must_use consent_undo(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                               int64_t act_id, int32_t day, int64_t now_us,
                               const struct audit_actor *by, struct problem *p);

/* What a mail server or a carrier told: nothing is to be sent there any more. Unless it is so
 * already; the caller notes the change (change_note "customer"). */
enum err must_use consent_suppress(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                   int channel, const char *reason, int64_t at_us, int64_t now_us);
/* The id of the text; made as the next version when there is none of these words. */
enum err must_use consent_text_put(struct db_tx *tx, int64_t merchant_id, const char *channel,
                                   const char *language, struct str body, int64_t now_us,
                                   int64_t *ret_id);

/* For `habitue check`: customers whose columns differ from their latest acts. */
struct consent_report {
    int64_t differing, customer_id; /* customer_id: one of them */
};
enum err must_use consent_check(struct db_tx *tx, int64_t merchant_id, struct consent_report *ret);

/* A picture of the signed paper, with the act it proves: a JPEG of image_page() (photo/image.h). It
 * can be added to what people recorded at any time, and taken away again (the wrong paper): then
 * the audit log alone tells of it. ERR_NOT_FOUND: no such act. ERR_CONFLICT consent_evidence_nobody
 * (the program recorded the act), consent_evidence_many (CONSENT_EVIDENCE_MAX),
 * consent_evidence_full (CONSENT_EVIDENCE_ALL_MAX), consent_evidence_same (the picture is there).
 */
enum err must_use consent_evidence_add(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                       int64_t act_id, struct str jpeg, int64_t now_us,
                                       const struct audit_actor *by, struct problem *p);
/* ERR_NOT_FOUND: there is none. */
enum err must_use consent_evidence_remove(struct db_tx *tx, int64_t merchant_id,
                                          int64_t customer_id, int64_t id,
                                          const struct audit_actor *by);
/* ERR_NOT_FOUND. The bytes live in `a`. */
enum err must_use consent_evidence_get(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                       int64_t id, struct arena *a, struct str *ret);
