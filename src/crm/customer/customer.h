/* Customers: found by their keys, made, changed; the list and the card (routes).
 *
 * Matching: external id, then phone, then e-mail (DESIGN 5). A change says only what is known: an
 * empty text, 0, DAY_NONE and CUSTOMER_SAYS_NOTHING leave what is stored alone, so blanks never
 * overwrite. Everything here works in batches, with few round trips; all of it runs inside the
 * caller's transaction. Facts are kept by customer_apply() itself; the caller notes the change
 * (change_note "customer") once, last, for everything its transaction touched.
 * Threads: none of its own. Ownership: nothing given in is kept. */
#pragma once
#include "../app.h"

extern const struct db_statement *const customer_statements[];
extern const struct http_route customer_routes[];

/* "Anna Rossi", or the nickname of who has neither; in `a`. */
struct str customer_full_name(struct arena *a, struct str first, struct str last,
                              struct str nickname);

/* Limits in characters; the caller refuses longer ones (the texts are clean: text_clean()). */
#define CUSTOMER_NAME_MAX 100 /* first, last, nickname, city, social names */
#define CUSTOMER_EXTERNAL_MAX 100
#define CUSTOMER_ADDRESS_MAX 300
#define CUSTOMER_POSTCODE_MAX 20
#define CUSTOMER_WEBSITE_MAX 300
#define CUSTOMER_BIRTH_YEAR_EARLIEST 1880
#define CUSTOMER_PLACES_MAX 4 /* besides the main address */
#define CUSTOMER_DATES_MAX 20
#define CUSTOMER_CONTACTS_MAX 10 /* of one kind */
#define CUSTOMER_TAGS_MAX 200

extern const char *const customer_labels[];      /* of contacts: mobile home work other, NULL */
extern const char *const customer_place_kinds[]; /* of addresses: home work other, NULL */

/* A further address; country ISO 3166 alpha-2. */
struct customer_place {
    struct str kind, street, postcode, city; /* kind: home work other; empty = not said */
    char country[4];
};
/* A day that matters to a customer; year 0: not known. */
struct customer_date {
    struct str name;
    int32_t year, month, day;
};

enum customer_key { CUSTOMER_BY_EXTERNAL_ID, CUSTOMER_BY_PHONE, CUSTOMER_BY_EMAIL };
struct customer_match {
    int64_t id;           /* 0 = nobody; of several the one made first */
    bool has_external_id; /* already has a number of its own in the other system */
    bool several;         /* more than one customer has this key */
};
/* Looks many keys up: external ids as they are, phones by phone_match_key(), e-mails by
 * email_match_key(). Deleted customers are never found. `ret` has `n` places. Empty keys find
 * nobody. */
enum err must_use customer_lookup(struct db_tx *tx, int64_t merchant_id, enum customer_key by,
                                  const struct str *keys, size_t n, struct customer_match *ret);

struct customer_contact {
    bool email;           /* else a phone */
    struct str value;     /* E.164, or the address as typed */
    struct str match_key; /* phone_match_key(), email_match_key() */
    struct str label;     /* mobile home work other; empty = none */
};
/* Who has these numbers (Habitué's own; of a merged card the one that it became), `n` places in
 * `ret`; id 0: nobody. Names as they are stored, in `a`. */
struct customer_numbered {
    int64_t id;
    bool has_external_id;
    struct str first_name, last_name;
};
enum err must_use customer_lookup_numbers(struct db_tx *tx, int64_t merchant_id,
                                          const int64_t *numbers, size_t n, struct arena *a,
                                          struct customer_numbered *ret);

struct customer_consent {
    int channel, state;      /* CHANNEL_*, CONSENT_GRANTED or CONSENT_REFUSED */
    int64_t at_us;           /* when it was given */
    struct str text_version; /* as another system names it */
    int64_t text_id;         /* consent_text, 0 = none */
    const char *how;         /* NULL: the origin's */
};
enum { CUSTOMER_SAYS_NOTHING = -1, CUSTOMER_NO = 0, CUSTOMER_YES = 1 };
enum customer_verdict { CUSTOMER_UNCHANGED, CUSTOMER_UPDATED, CUSTOMER_ADDED, CUSTOMER_MISSING };

struct customer_change {
    int64_t id;  /* always set: a found one, or id_new() with `create` */
    bool create; /* true for the first change of a new customer; later ones in the batch cite its id
                  */
    struct str external_id; /* set once: never replaces another one */
    struct str first_name, last_name, nickname;
    struct str city, address, postcode;
    struct str address_kind; /* of the main one: customer_place_kinds */
    struct str facebook, twitter, google, instagram, website;
    char language[4], country[4];               /* ISO 639-1, ISO 3166 alpha-2 */
    uint8_t gender, device;                     /* 0 = says nothing */
    int32_t birth_year, birth_month, birth_day; /* 0 = unknown */
    int32_t registered_day;                     /* DAY_NONE = says nothing */
    int64_t store_id, source_id;
    int8_t anonymous, blocked;
    /* New ones come first in the order given; those already there stay where they are, and take the
     * label if there is one. */
    const struct customer_contact *contacts;
    size_t ncontacts;
    const int64_t *tags; /* words of kind tag; added to those there */
    size_t ntags;
    /* Added behind those there, as far as there is room; the same ones are not said twice. */
    const struct customer_place *places;
    const struct customer_date *dates;
    size_t nplaces, ndates;
    const struct customer_consent *consents; /* in order of time */
    size_t nconsents;
    /* out */
    enum customer_verdict verdict;
    int contacts_dropped; /* beyond CUSTOMER_CONTACTS_MAX */
    int refusals_kept;    /* consents not taken because the customer has refused */
    bool is_blocked;      /* with this change */
};
/* A change that says nothing; then fill in. */
struct customer_change customer_change_empty(int64_t id);

struct customer_origin {
    const char *how;             /* import web card till staff demo */
    int64_t staff_id, import_id; /* 0 = none */
    int64_t now_us;
    /* Only a person's own act turns a refusal into a consent, or grants for somebody who was
     * erased: false for imports. Whom an import brings back after an erasure comes with every
     * channel refused. */
    bool may_loosen;
};
/* Applies the changes in order, any number, several of one customer too. Gives new customers their
 * numbers. Verdicts tell what each change did; CUSTOMER_MISSING: no such living customer, nothing
 * was done. Writes consent acts, contacts, tags and facts. ERR_CONFLICT: an external id is taken.
 */
enum err must_use customer_apply(struct db_tx *tx, int64_t merchant_id,
                                 const struct customer_origin *origin,
                                 struct customer_change *changes, size_t n);
