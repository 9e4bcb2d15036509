/* The personal data of a customer as staff edit them (FEATURES B4): what customer.h only adds to is
 * here set, cleared, ordered. Making a customer by hand, deleting one and bringing one back.
 *
 * A profile is read whole, changed, and saved whole; who saves says which version was read
 * (ERR_STALE when it moved on). Lists are in order: the first phone, e-mail and address are the
 * main ones, which the list, the audience and imports see. An anonymous customer who gives a name,
 * a phone or an e-mail is registered by it and keeps number and history. A deleted customer holds
 * no unique value, is not found, and can be brought back. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"
#include "../customer/customer.h"

extern const struct db_statement *const profile_statements[];
extern const struct http_route profile_routes[];

#define PROFILE_ADDRESSES_MAX (1 + CUSTOMER_PLACES_MAX)
#define PROFILE_DATES_MAX CUSTOMER_DATES_MAX
#define PROFILE_DATE_NAME_MAX 60

enum profile_text {
    PROFILE_FIRST_NAME,
    PROFILE_LAST_NAME,
    PROFILE_NICKNAME,
    PROFILE_LANGUAGE, /* ISO 639-1 */
    PROFILE_FACEBOOK,
    PROFILE_TWITTER,
    PROFILE_INSTAGRAM,
    PROFILE_GOOGLE,
    PROFILE_WEBSITE, /* http:// or https:// */
    PROFILE_SOURCE,  /* a word of kind source, by name */
    PROFILE_TEXTS
};
extern const char *const profile_text_names[PROFILE_TEXTS]; /* "first_name" */

struct profile_contact {
    struct str value, match_key;
    int label; /* index into customer_labels, -1 = none */
};
struct profile_address {
    int kind; /* index into customer_place_kinds, -1 = not said */
    struct str street, postcode, city, country;
};
struct profile_date {
    struct str name;
    int32_t year, month, day; /* year 0 = not known */
};
struct profile {
    int64_t id, number, version, store_id, photo_id;
    struct str store_name;
    bool anonymous;
    struct str texts[PROFILE_TEXTS]; /* empty = unknown */
    uint8_t gender;                  /* GENDER_*, 0 = unknown */
    int32_t birth_year, birth_month, birth_day;
    struct profile_contact contacts[2][CUSTOMER_CONTACTS_MAX]; /* [0] phones, [1] e-mails */
    size_t ncontacts[2];
    struct profile_address addresses[PROFILE_ADDRESSES_MAX];
    size_t naddresses;
    struct profile_date dates[PROFILE_DATES_MAX];
    size_t ndates;
};
/* Who acts, and where problems' texts may live (longer than the transaction). */
struct profile_actor {
    struct audit_actor by;
    int32_t today;
    struct arena *arena;
};

/* ERR_NOT_FOUND: none, or deleted. Texts live in `a`. */
enum err must_use profile_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                              struct profile *ret);
/* Writes what differs, with audit and timeline; nothing when nothing does. `after`: its version and
 * source are brought up to date. ERR_STALE stale: `before` is not what is stored any more. */
enum err must_use profile_save(struct db_tx *tx, int64_t merchant_id, const struct profile *before,
                               struct profile *after, const struct profile_actor *who,
                               struct problem *p);
/* A new customer; sets id and number. */
enum err must_use profile_create(struct db_tx *tx, int64_t merchant_id, struct profile *p,
                                 const struct profile_actor *who);
/* "Anna Rossi", the nickname, or "" */
struct str profile_name(struct arena *a, const struct profile *p);

/* ERR_NOT_FOUND. */
enum err must_use profile_delete(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                 const struct profile_actor *who);
struct profile_deleted {
    int64_t number, deleted_us;
    struct str name;
    struct str stores; /* packed ids: home store and those bought at; varint.h */
};
/* ERR_NOT_FOUND: not deleted. */
enum err must_use profile_deleted_get(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                      struct arena *a, struct profile_deleted *ret);
/* ERR_NOT_FOUND; ERR_CONFLICT profile_external_taken: another one has the external number now. */
enum err must_use profile_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                  const struct profile_actor *who, struct problem *p);

/* Adds and takes off tags by name; a new name makes a new tag. Names: checked by the caller.
 * ERR_CONFLICT profile_tags_full. */
struct profile_tags {
    const struct str *add, *remove;
    size_t nadd, nremove;
};
enum err must_use profile_tag(struct db_tx *tx, int64_t merchant_id, int64_t id,
                              const struct profile_tags *tags, const struct profile_actor *who,
                              struct problem *p);
