/* The list of features: one line each. Adding a feature adds its line here. */
#include "app.h"
#include "activity/activity.h"
#include "audit/audit.h"
#include "backup/backup.h"
#include "birthday/greeting.h"
#include "block/block.h"
#include "bulk/bulk.h"
#include "certificate/certificate.h"
#include "change/change.h"
#include "consent/consent.h"
#include "customer/as_of.h"
#include "customer/audience_check.h"
#include "customer/audiences.h"
#include "customer/audiences_snapshot.h"
#include "customer/customer.h"
#include "customer/facts.h"
#include "erased/erased.h"
#include "points/points.h"
#include "privacy/privacy.h"
#include "customer/audience_rules.h"
#include "demo/demo.h"
#include "departure/departure.h"
#include "earning/earning.h"
#include "export/export.h"
#include "fidelity/fidelity.h"
#include "group/group.h"
#include "idempotency/idempotency.h"
#include "import/import.h"
#include "job/daily.h"
#include "job/job.h"
#include "merchant/merchant.h"
#include "merge/merge_features.h"
#include "movement/movement.h"
#include "note/note.h"
#include "photo/photo.h"
#include "profile/profile.h"
#include "referral/referral.h"
#include "reward/reward.h"
#include "segment/segment.h"
#include "selection/selection.h"
#include "staff/staff.h"
#include "staff/totp.h"
#include "stamp/stamp.h"
#include "store/store.h"
#include "task/task.h"
#include "tier/tier.h"
#include "transaction/transaction.h"
#include "typology/typology.h"
#include "watch/watch.h"
#include "word/word.h"

const struct feature features[] = {
    {"activity", activity_routes, activity_statements},
    {"audit", audit_routes, audit_statements},
    {"backup", backup_routes, backup_statements},
    {"birthday", birthday_routes, birthday_statements},
    {"greeting", greeting_routes, NULL},
    {"block", block_routes, block_statements},
    {"bulk", bulk_routes, bulk_statements},
    {"certificate", certificate_routes, certificate_statements},
    {"certificate_type", certificate_type_routes, NULL},
    {"change", NULL, change_statements},
    {"consent", consent_routes, consent_statements},
    {"consent_text", consent_text_routes, NULL},
    {"consent_evidence", evidence_routes, NULL},
    {"customer", customer_routes, customer_statements},
    {"audiences", NULL, audiences_statements},
    {"audience_snapshots", NULL, audience_snapshot_statements},
    {"as_of", NULL, as_of_statements},
    {"audience_check", NULL, audience_check_statements},
    {"audience_rules", NULL, audience_rules_statements},
    {"facts", NULL, facts_statements},
    {"erased", NULL, erased_statements},
    {"points", points_routes, points_statements},
    {"points_policy", points_policy_routes, NULL},
    {"privacy", privacy_routes, privacy_statements},
    {"retention", retention_routes, NULL},
    {"departure", departure_routes, departure_statements},
    {"demo", NULL, demo_statements},
    {"earning", earning_routes, earning_statements},
    {"export", export_routes, export_statements},
    {"fidelity", fidelity_routes, fidelity_statements},
    {"group", group_routes, group_statements},
    {"idempotency", NULL, idempotency_statements},
    {"import", import_routes, import_statements},
    {"job", job_routes, job_statements},
    {"daily", NULL, daily_statements},
    {"merchant", merchant_routes, merchant_statements},
    {"duplicate", duplicate_routes, duplicate_statements},
    {"duplicate_key", NULL, duplicate_key_statements},
    {"merge", merge_routes, merge_statements},
    {"merge_run", merge_run_routes, merge_run_statements},
    {"merge_tables", NULL, merge_table_statements},
    {"merge_profile", NULL, merge_profile_statements},
    {"movement", movement_routes, NULL},
    {"note", note_routes, note_statements},
    {"photo", photo_routes, photo_statements},
    {"profile", profile_routes, profile_statements},
    {"referral", referral_routes, referral_statements},
    {"reward", NULL, reward_statements},
    {"segment", segment_routes, segment_statements},
    {"selection", selection_routes, NULL},
    {"staff", staff_routes, staff_statements},
    {"session", session_routes, session_statements},
    {"sessions", sessions_routes, NULL},
    {"totp", totp_routes, totp_statements},
    {"stamp", stamp_routes, stamp_statements},
    {"stamp_program", stamp_program_routes, NULL},
    {"store", store_routes, store_statements},
    {"task", task_routes, task_statements},
    {"tier", tier_routes, tier_statements},
    {"tier_customer", tier_customer_routes, NULL},
    {"transaction", transaction_routes, transaction_statements},
    {"typology", typology_routes, typology_statements},
    {"watch", watch_routes, watch_statements},
    {"word", word_routes, word_statements},
    {0},
};

/* Jobs that every merchant has once a day, after its own midnight (job/daily.h). */
const char *const daily_jobs[] = {SEGMENT_JOB, IDEMPOTENCY_JOB, POINTS_JOB,
                                  TIER_JOB,    REFERRAL_JOB,    NULL};
/* … and those of some, at an hour of theirs. */
const struct daily_timed daily_timed[] = {{BIRTHDAY_JOB, &birthday_due}, {0}};

/* What follows from customers' facts, in the transaction that changes them (customer/facts.h). */
const facts_follower facts_followers[] = {tier_follow, referral_follow, NULL};

/* Who may refuse points that are to be posted (points/points.h). */
const points_guard points_guards[] = {watch_guard, NULL};
