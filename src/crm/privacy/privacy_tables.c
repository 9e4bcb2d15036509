/* Every table that holds something about a customer. A new one gets a row here: what is told of it,
 * and what becomes of it when the customer is erased. */
#include "../../base/check.h"
#include "privacy_sql.h"

#define READ(name, sql, types)                                                                     \
    static const struct db_statement read_##name = {"privacy_read_" #name, sql, "ii", types}
#define ERASE(name, sql)                                                                           \
    static const struct db_statement erase_##name = {"privacy_erase_" #name, sql, "ii", ""}
#define OF_CUSTOMER " WHERE merchant_id = $1 AND customer_id = $2"

READ(
    customer,
    "SELECT c.number, c.external_id, c.first_name, c.last_name, c.nickname, c.gender, c.birth_year,"
    " c.birth_month, c.birth_day, c.language, c.country, c.city, c.address, c.postcode, s.name,"
    " w.name, c.device, c.facebook, c.twitter, c.google, c.instagram, c.website, c.address_kind,"
    " c.anonymous, c.blocked, c.blocked_reason,"
    " c.registered_day, c.created_us, c.updated_us FROM customer c"
    " LEFT JOIN store s ON s.merchant_id = c.merchant_id AND s.id = c.store_id"
    " LEFT JOIN word w ON w.merchant_id = c.merchant_id AND w.kind = 'source' AND w.id = "
    "c.source_id"
    " WHERE c.merchant_id = $1 AND c.id = $2",
    "itttttiii"
    "tttttttttttttt"
    "iitiii");
ERASE(
    customer,
    "UPDATE customer SET external_id = NULL, first_name = NULL, last_name = NULL, nickname = NULL,"
    " gender = NULL, birth_year = NULL, birth_month = NULL, birth_day = NULL, language = NULL,"
    " country = NULL, city = NULL, address = NULL, postcode = NULL, store_id = NULL,"
    " source_id = NULL, device = NULL, photo_id = NULL, anonymous = 0, blocked = 0,"
    " blocked_reason = NULL, blocked_us = NULL, blocked_by = NULL, registered_day = NULL,"
    " sms_consent = 0, email_consent = 0, push_consent = 0, sms_suppressed = 0,"
    " email_suppressed = 0, push_suppressed = 0, facebook = NULL, twitter = NULL, google = NULL,"
    " instagram = NULL, website = NULL, address_kind = NULL"
    " WHERE merchant_id = $1 AND id = $2");

READ(contact, "SELECT kind, value, label FROM contact" OF_CUSTOMER " ORDER BY kind, position",
     "ttt");
ERASE(contact, "DELETE FROM contact" OF_CUSTOMER);

READ(address,
     "SELECT kind, street, postcode, city, country FROM customer_address" OF_CUSTOMER
     " ORDER BY position",
     "ttttt");
ERASE(address, "DELETE FROM customer_address" OF_CUSTOMER);

READ(date, "SELECT name, month, day, year FROM customer_date" OF_CUSTOMER " ORDER BY position",
     "tiii");
ERASE(date, "DELETE FROM customer_date" OF_CUSTOMER);

READ(note,
     "SELECT n.created_us, s.name, n.text FROM note n JOIN staff s ON s.merchant_id = n.merchant_id"
     " AND s.id = n.staff_id WHERE n.merchant_id = $1 AND n.customer_id = $2 ORDER BY n.id",
     "itt");
ERASE(note, "DELETE FROM note" OF_CUSTOMER);

READ(task,
     "SELECT t.created_us, s.name, t.text, t.due_day, t.done_us FROM task t JOIN staff s"
     " ON s.merchant_id = t.merchant_id AND s.id = t.staff_id WHERE t.merchant_id = $1"
     " AND t.customer_id = $2 ORDER BY t.id",
     "ittii");
ERASE(task, "DELETE FROM task" OF_CUSTOMER);

READ(photo, "SELECT created_us, large FROM photo" OF_CUSTOMER " ORDER BY id", "ib");
ERASE(photo, "DELETE FROM photo" OF_CUSTOMER);

READ(tag,
     "SELECT w.name FROM customer_tag t JOIN word w ON w.merchant_id = t.merchant_id"
     " AND w.kind = 'tag' AND w.id = t.tag_id WHERE t.merchant_id = $1 AND t.customer_id = $2"
     " ORDER BY w.name_key",
     "t");
ERASE(tag, "DELETE FROM customer_tag" OF_CUSTOMER);

READ(group,
     "SELECT g.name, m.added_us FROM group_member m JOIN customer_group g"
     " ON g.merchant_id = m.merchant_id AND g.id = m.group_id WHERE m.merchant_id = $1"
     " AND m.customer_id = $2 ORDER BY m.added_us",
     "ti");
ERASE(group, "DELETE FROM group_member" OF_CUSTOMER);

READ(favourite,
     "SELECT s.name FROM staff_favourite f JOIN staff s ON s.merchant_id = f.merchant_id"
     " AND s.id = f.staff_id WHERE f.merchant_id = $1 AND f.customer_id = $2 ORDER BY s.id",
     "t");
ERASE(favourite, "DELETE FROM staff_favourite" OF_CUSTOMER);

READ(
    consent,
    "SELECT c.channel, c.state, c.at_us, c.recorded_us, c.how, c.reason, c.note, c.address, s.name,"
    " t.language, t.version, t.body FROM consent c LEFT JOIN staff s"
    " ON s.merchant_id = c.merchant_id AND s.id = c.staff_id LEFT JOIN consent_text t"
    " ON t.merchant_id = c.merchant_id AND t.id = c.text_id WHERE c.merchant_id = $1"
    " AND c.customer_id = $2 ORDER BY c.id",
    "ttii"
    "tttttti"
    "t");
ERASE(consent, "DELETE FROM consent" OF_CUSTOMER);

READ(evidence, "SELECT act_id, created_us, image FROM consent_evidence" OF_CUSTOMER " ORDER BY id",
     "iib");
ERASE(evidence, "DELETE FROM consent_evidence" OF_CUSTOMER);

READ(transactions,
     "SELECT t.kind, t.at_us, s.name, t.invoice, l.product_code, l.product, k.name, z.name,"
     " l.quantity_milli, l.amount_minor FROM transactions t JOIN transaction_line l"
     " ON l.merchant_id = t.merchant_id AND l.transaction_id = t.id"
     " LEFT JOIN store s ON s.merchant_id = t.merchant_id AND s.id = t.store_id"
     " LEFT JOIN word k ON k.merchant_id = l.merchant_id AND k.kind = 'category' AND k.id = "
     "l.category_id"
     " LEFT JOIN word z ON z.merchant_id = l.merchant_id AND z.kind = 'size' AND z.id = l.size_id"
     " WHERE t.merchant_id = $1 AND t.customer_id = $2 ORDER BY t.day, t.id, l.line",
     "tittttttii");
/* The invoice and what it came to are the shop's accounts. */
ERASE(transactions,
      "UPDATE transactions SET customer_id = NULL WHERE merchant_id = $1 AND customer_id = $2");

READ(activity,
     "SELECT a.kind, a.at_us, s.name, w.name, a.amount_minor, a.detail, a.origin FROM activity a"
     " LEFT JOIN store s ON s.merchant_id = a.merchant_id AND s.id = a.store_id"
     " LEFT JOIN staff w ON w.merchant_id = a.merchant_id AND w.id = a.staff_id"
     " WHERE a.merchant_id = $1 AND a.customer_id = $2 ORDER BY a.day, a.id",
     "tittitt");
/* What a booking came to, on which day and where belongs to the accounts; who it was for and by
 * whom, at which hour and by which way does not. Noon: of an instant only the day is left. */
ERASE(activity,
      "DELETE FROM activity" OF_CUSTOMER " AND (kind <> 'booking' OR amount_minor IS NULL)");
ERASE(bookings, "UPDATE activity SET detail = NULL, staff_id = NULL, idempotency = NULL,"
                " subject_id = NULL, origin = 'erased', at_us = day * 86400000000 + 43200000000,"
                " recorded_us = day * 86400000000 + 43200000000" OF_CUSTOMER);

READ(points,
     "SELECT e.at_us, e.kind, e.amount, e.total, e.reason, e.message, s.name, w.name, e.expires_day"
     " FROM points_entry e"
     " LEFT JOIN store s ON s.merchant_id = e.merchant_id AND s.id = e.store_id"
     " LEFT JOIN staff w ON w.merchant_id = e.merchant_id AND w.id = e.staff_id"
     " WHERE e.merchant_id = $1 AND e.customer_id = $2 ORDER BY e.id",
     "itiittt"
     "ti");
/* How many points there were stays, as an account does: the chain of hashes and what the merchant
 * owed on any day rest on it. What was written goes, and with the salt the hash of it says nothing.
 */
ERASE(points, "UPDATE points_entry SET reason = '', message = '', salt = NULL" OF_CUSTOMER);
READ(tier_entry,
     "SELECT e.at_us, f.name, t.name, e.cause, e.until_day, e.reason, s.name FROM tier_entry e"
     " LEFT JOIN tier f ON f.merchant_id = e.merchant_id AND f.id = e.from_id"
     " LEFT JOIN tier t ON t.merchant_id = e.merchant_id AND t.id = e.to_id"
     " LEFT JOIN staff s ON s.merchant_id = e.merchant_id AND s.id = e.staff_id"
     " WHERE e.merchant_id = $1 AND e.customer_id = $2 ORDER BY e.id",
     "itttitt");
ERASE(tier_entry, "DELETE FROM tier_entry" OF_CUSTOMER);
ERASE(customer_tier, "DELETE FROM customer_tier" OF_CUSTOMER);

READ(fidelity_card,
     "SELECT serial, issued_us, lost_us, reason FROM fidelity_card" OF_CUSTOMER " ORDER BY serial",
     "iiit");
ERASE(fidelity_card, "DELETE FROM fidelity_card" OF_CUSTOMER);
READ(certificate,
     "SELECT t.name, c.code, c.value_minor, c.left_minor, c.gift, c.issued_us, c.valid_until, "
     "c.reason,"
     " c.message FROM certificate c JOIN certificate_type t ON t.merchant_id = c.merchant_id"
     " AND t.id = c.type_id WHERE c.merchant_id = $1 AND c.customer_id = $2 ORDER BY c.id",
     "ttiitiit"
     "t");
/* The paper in their hand stays good, and the shop's accounts whole. */
ERASE(certificate,
      "UPDATE certificate SET customer_id = NULL, reason = '', message = ''" OF_CUSTOMER);

READ(stamp_card,
     "SELECT p.name, c.stamps, c.size, c.begun_us, c.completed_us FROM stamp_card c"
     " JOIN stamp_program p ON p.merchant_id = c.merchant_id AND p.id = c.program_id"
     " WHERE c.merchant_id = $1 AND c.customer_id = $2 ORDER BY c.id",
     "tiiii");
ERASE(stamp_card, "DELETE FROM stamp_card" OF_CUSTOMER);
READ(stamp_entry, "SELECT amount, at_us, reason FROM stamp_entry" OF_CUSTOMER " ORDER BY id",
     "iit");
ERASE(stamp_entry, "DELETE FROM stamp_entry" OF_CUSTOMER);

READ(referral_code, "SELECT code, created_us FROM referral_code" OF_CUSTOMER, "ti");
ERASE(referral_code, "DELETE FROM referral_code" OF_CUSTOMER);
/* Both sides, as the numbers of the cards. */
READ(referral,
     "SELECT b.number, o.number, r.how, r.at_us, r.settled_us FROM referral r"
     " LEFT JOIN customer b ON b.merchant_id = r.merchant_id AND b.id = r.customer_id"
     " LEFT JOIN customer o ON o.merchant_id = r.merchant_id AND o.id = r.brought_id"
     " WHERE r.merchant_id = $1 AND (r.customer_id = $2 OR r.brought_id = $2) ORDER BY r.id",
     "iitii");
ERASE(referral, "UPDATE referral SET customer_id = NULL" OF_CUSTOMER);
ERASE(brought, "UPDATE referral SET brought_id = NULL WHERE merchant_id = $1 AND brought_id = $2");

READ(facts,
     "SELECT visits, operations, spent_minor, purchase_days, last_visit_day, last_purchase_day,"
     " first_purchase_day FROM customer_facts" OF_CUSTOMER,
     "iiiiiii");

READ(merge,
     "SELECT s.number, l.number, m.made_us, m.actor, m.undone_us FROM customer_merge m"
     " JOIN customer s ON s.merchant_id = m.merchant_id AND s.id = m.survivor_id"
     " JOIN customer l ON l.merchant_id = m.merchant_id AND l.id = m.loser_id"
     " WHERE m.merchant_id = $1 AND (m.survivor_id = $2 OR m.loser_id = $2) ORDER BY m.id",
     "iiiti");
ERASE(merge, "UPDATE customer_merge SET before = '{}', after = '{}' WHERE merchant_id = $1"
             " AND (survivor_id = $2 OR loser_id = $2)");
ERASE(merge_run, "DELETE FROM merge_run_pair WHERE merchant_id = $1 AND (survivor_id = $2 OR"
                 " loser_id = $2)");
ERASE(duplicate_key, "DELETE FROM duplicate_key" OF_CUSTOMER);
ERASE(duplicate_pair,
      "DELETE FROM duplicate_pair WHERE merchant_id = $1 AND (a_id = $2 OR b_id = $2)");

READ(keep, "SELECT until_day, reason, at_us FROM retention_keep" OF_CUSTOMER, "iti");
ERASE(keep, "DELETE FROM retention_keep" OF_CUSTOMER);

READ(greeting,
     "SELECT g.day, g.points, g.message, s.name, g.at_us FROM greeting g LEFT JOIN staff s"
     " ON s.merchant_id = g.merchant_id AND s.id = g.staff_id WHERE g.merchant_id = $1"
     " AND g.customer_id = $2 ORDER BY g.occasion",
     "iitti");
ERASE(greeting, "DELETE FROM greeting" OF_CUSTOMER);

READ(watch_request,
     "SELECT w.amount, w.reason, w.message, s.name, w.made_us, w.state, w.note FROM watch_request w"
     " JOIN staff s ON s.merchant_id = w.merchant_id AND s.id = w.staff_id WHERE w.merchant_id = $1"
     " AND w.customer_id = $2 ORDER BY w.id",
     "ittt"
     "itt");
ERASE(watch_request, "DELETE FROM watch_request" OF_CUSTOMER);

READ(watch_alert,
     "SELECT a.kind, s.name, a.state, a.opened_us FROM watch_alert a JOIN staff s"
     " ON s.merchant_id = a.merchant_id AND s.id = a.staff_id WHERE a.merchant_id = $1"
     " AND a.customer_id = $2 ORDER BY a.id",
     "ttti");
/* What was decided about the staff stays; words about the customer do not. */
ERASE(watch_alert, "UPDATE watch_alert SET note = ''" OF_CUSTOMER);

READ(erasure, "SELECT number, reason, at_us FROM erasure" OF_CUSTOMER, "iti");

READ(audit,
     "SELECT at_us, actor, action, detail FROM audit WHERE merchant_id = $1 AND entity = 'customer'"
     " AND entity_id = $2 ORDER BY id",
     "ittt");

#define PERSON                                                                                     \
    "number external_id first_name last_name nickname gender birth_year birth_month birth_day"     \
    " language country city address postcode store source device facebook twitter google "         \
    "instagram website address_kind"                                                               \
    " anonymous blocked blocked_reason registered:day created:instant updated:instant"

const struct privacy_table privacy_tables[] = {
    {"customer", PRIVACY_EMPTIED, &read_customer, PERSON, &erase_customer},
    {"contact", PRIVACY_GONE, &read_contact, "kind value label", &erase_contact},
    {"customer_address", PRIVACY_GONE, &read_address, "kind street postcode city country",
     &erase_address},
    {"customer_date", PRIVACY_GONE, &read_date, "name month day year", &erase_date},
    {"note", PRIVACY_GONE, &read_note, "created:instant staff text", &erase_note},
    {"task", PRIVACY_GONE, &read_task, "created:instant staff text due:day done:instant",
     &erase_task},
    {"photo", PRIVACY_GONE, &read_photo, "created:instant photo", &erase_photo},
    {"customer_tag", PRIVACY_GONE, &read_tag, "name", &erase_tag},
    {"group_member", PRIVACY_GONE, &read_group, "name added:instant", &erase_group},
    {"staff_favourite", PRIVACY_GONE, &read_favourite, "staff", &erase_favourite},
    {"consent", PRIVACY_GONE, &read_consent,
     "channel state at:instant recorded:instant how reason note from_address staff language version"
     " text",
     &erase_consent},
    {"consent_evidence", PRIVACY_GONE, &read_evidence, "act created:instant picture",
     &erase_evidence},
    {"transactions", PRIVACY_DETACHED, &read_transactions,
     "kind at:instant store invoice product_code product category size quantity_milli amount_minor",
     &erase_transactions},
    {"activity", PRIVACY_GONE, &read_activity,
     "kind at:instant store staff amount_minor detail origin", &erase_activity},
    {"activity", PRIVACY_EMPTIED, NULL, NULL, &erase_bookings},
    {"points_entry", PRIVACY_EMPTIED, &read_points,
     "at:instant kind amount balance reason message store staff expires:day", &erase_points},
    {"points_account", PRIVACY_EMPTIED, NULL, NULL, NULL /* privacy_erase.c closes it */},
    {"points_lot", PRIVACY_EMPTIED, NULL, NULL, NULL},
    {"tier_entry", PRIVACY_GONE, &read_tier_entry,
     "at:instant from to cause until:day reason staff", &erase_tier_entry},
    {"customer_tier", PRIVACY_GONE, NULL, NULL, &erase_customer_tier},
    {"fidelity_card", PRIVACY_GONE, &read_fidelity_card,
     "serial issued:instant lost:instant reason", &erase_fidelity_card},
    {"certificate", PRIVACY_DETACHED, &read_certificate,
     "type code value_minor left_minor gift issued:instant valid_until:day reason message",
     &erase_certificate},
    {"stamp_card", PRIVACY_GONE, &read_stamp_card,
     "name stamps size begun:instant completed:instant", &erase_stamp_card},
    {"stamp_entry", PRIVACY_GONE, &read_stamp_entry, "amount at:instant reason",
     &erase_stamp_entry},
    {"referral_code", PRIVACY_GONE, &read_referral_code, "code created:instant",
     &erase_referral_code},
    {"referral", PRIVACY_DETACHED, &read_referral,
     "brought_by_number number how at:instant settled:instant", &erase_referral},
    {"referral", PRIVACY_DETACHED, NULL, NULL, &erase_brought},
    {"customer_facts", PRIVACY_EMPTIED, &read_facts,
     "visits operations spent_minor purchase_days last_visit:day last_purchase:day"
     " first_purchase:day",
     NULL /* counted anew from what is left */},
    {"customer_merge", PRIVACY_EMPTIED, &read_merge,
     "into_number number made:instant staff undone:instant", &erase_merge},
    {"merge_run_pair", PRIVACY_GONE, NULL, NULL, &erase_merge_run},
    {"duplicate_key", PRIVACY_GONE, NULL, NULL, &erase_duplicate_key},
    {"duplicate_pair", PRIVACY_GONE, NULL, NULL, &erase_duplicate_pair},
    {"retention_keep", PRIVACY_GONE, &read_keep, "until:day reason at:instant", &erase_keep},
    {"greeting", PRIVACY_GONE, &read_greeting, "for:day points message staff at:instant",
     &erase_greeting},
    {"watch_request", PRIVACY_GONE, &read_watch_request,
     "points reason message staff made:instant state note", &erase_watch_request},
    {"watch_alert", PRIVACY_EMPTIED, &read_watch_alert, "kind staff state opened:instant",
     &erase_watch_alert},
    {"erasure", PRIVACY_KEPT, &read_erasure, "number reason at:instant", NULL},
    {"erasure_item", PRIVACY_KEPT, NULL, NULL, NULL},
    {"audit", PRIVACY_EMPTIED, &read_audit, "at:instant actor action detail",
     &privacy_audit_redact},
    {0},
};

_Static_assert(ARRAY_LEN(privacy_tables) <= PRIVACY_TABLES_MAX, "previews count each");

/* As a list of statements, for the tests that prepare every one. */
const struct db_statement *const privacy_statements[] = {
    &read_customer,
    &erase_customer,
    &read_contact,
    &erase_contact,
    &read_address,
    &erase_address,
    &read_date,
    &erase_date,
    &read_note,
    &erase_note,
    &read_task,
    &erase_task,
    &read_photo,
    &erase_photo,
    &read_tag,
    &erase_tag,
    &read_group,
    &erase_group,
    &read_favourite,
    &erase_favourite,
    &read_consent,
    &erase_consent,
    &read_evidence,
    &erase_evidence,
    &read_transactions,
    &erase_transactions,
    &read_activity,
    &erase_activity,
    &erase_bookings,
    &read_points,
    &erase_points,
    &read_tier_entry,
    &erase_tier_entry,
    &erase_customer_tier,
    &read_fidelity_card,
    &erase_fidelity_card,
    &read_certificate,
    &erase_certificate,
    &read_stamp_card,
    &erase_stamp_card,
    &read_stamp_entry,
    &erase_stamp_entry,
    &read_referral_code,
    &erase_referral_code,
    &read_referral,
    &erase_referral,
    &erase_brought,
    &read_facts,
    &read_keep,
    &erase_keep,
    &read_greeting,
    &erase_greeting,
    &read_watch_request,
    &erase_watch_request,
    &read_watch_alert,
    &erase_watch_alert,
    &read_erasure,
    &read_audit,
    &privacy_person,
    &privacy_merged,
    &read_merge,
    &erase_merge,
    &erase_merge_run,
    &erase_duplicate_key,
    &erase_duplicate_pair,
    &privacy_contacts,
    &privacy_shell,
    &privacy_erasure_add,
    &privacy_erasures,
    &privacy_audit_redact,
    &privacy_audit_redact_value,
    &privacy_rejection_redact,
    &retention_get,
    &retention_first,
    &retention_put,
    &retention_candidates,
    &retention_count,
    &retention_is,
    &retention_keep_put,
    &retention_keep_remove,
    &retention_kept,
    &retention_batch_add,
    &retention_batch_one,
    &retention_item_add,
    &retention_items,
    &retention_item_set,
    &retention_item_counts,
    NULL,
};
