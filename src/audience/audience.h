/* One merchant's customers in memory: filter, count, facets, sort, search.
 * It knows neither SQL nor HTTP: src/crm/customer feeds it and asks it.
 * Threads: any; many readers or one writer at a time inside. A put costs microseconds.
 * Ownership: everything given in is copied; everything in an answer lives in the arena given. */
#pragma once
#include "../base/day.h"
#include "../base/text.h"
#include "typology.h"

struct audience;

enum { CHANNEL_SMS, CHANNEL_EMAIL, CHANNEL_PUSH, CHANNELS };
/* Suppressed: nothing is sent there, whatever was agreed (a bounce, a complaint, a STOP). */
enum consent_state { CONSENT_NEVER_ASKED, CONSENT_GRANTED, CONSENT_REFUSED, CONSENT_SUPPRESSED };
enum gender { GENDER_UNKNOWN, GENDER_FEMALE, GENDER_MALE, GENDER_OTHER };
/* How often a customer did it, or had it done; the first ones are sums of activity. */
enum tally {
    TALLY_SHARES,
    TALLY_COMMENTS,
    TALLY_PUSHES,
    ACTIVITY_TALLIES,
    TALLY_STAMPS = ACTIVITY_TALLIES,
    TALLY_REFERRALS,
    TALLIES
};
enum device { DEVICE_UNKNOWN, DEVICE_IOS, DEVICE_ANDROID, DEVICE_WEB, DEVICE_OTHER };
/* Kinds of words: small numbered dictionaries of the merchant. STORE ids are the store's 64-bit id.
 */
enum word_kind {
    WORD_STORE,
    WORD_SOURCE,
    WORD_TAG,
    WORD_CATEGORY,
    WORD_SIZE,
    WORD_GROUP,
    WORD_TIER,        /* at most AUDIENCE_TIERS_MAX; see audience_set_ladder() */
    WORD_CERTIFICATE, /* kinds of certificates */
    WORD_KINDS
};

#define AUDIENCE_TIERS_MAX 63

struct audience_row {
    int64_t id, number;
    struct str external_id, first_name, last_name, nickname;
    struct str phone, email;      /* the main ones */
    struct str contact_text;      /* further phones and e-mails, for search only */
    struct str city;              /* as typed; folded for the filter */
    char language[4], country[4]; /* "" = unknown */
    uint8_t gender, device, consent[CHANNELS];
    bool anonymous, blocked, has_photo, has_address;
    int32_t birth_year, birth_month, birth_day; /* 0 = unknown */
    int32_t registered_day; /* given, else the first activity; DAY_NONE = unknown */
    int32_t last_visit_day, last_purchase_day, first_purchase_day; /* DAY_NONE = never */
    int64_t visits, operations, purchase_days;
    int64_t tallies[TALLIES]; /* 0 or more */
    int64_t points;           /* the balance, 0 or more */
    int64_t spent_minor;
    const int64_t *visit_days; /* ascending, each once, all of them */
    size_t nvisit_days;
    int64_t home_store, source, tier; /* 0 = none */
    const int64_t *words[WORD_KINDS]; /* STORE: home and bought at; CERTIFICATE: those that can be
                                       * redeemed; SOURCE and TIER unused */
    size_t nwords[WORD_KINDS];
};

struct audience_options {
    const char *language; /* collation of names */
    int32_t today;
    size_t expected_rows; /* a hint */
};
enum err must_use audience_new(const struct audience_options *o, struct audience **ret);
void audience_free(struct audience **a);

/* Loading: put unordered rows between begin and end; nobody reads meanwhile. Then put/remove
 * singly. */
void audience_load_begin(struct audience *a);
void audience_load_end(struct audience *a);
/* ERR_TOO_LARGE: more than about 60 kB of texts and visit days, the 65,535th source or store, the
 * 1,023rd language, the 64th tier. */
enum err must_use audience_put(struct audience *a, const struct audience_row *row);
/* One after the other; the first error ends it. */
enum err must_use audience_put_many(struct audience *a, const struct audience_row *rows, size_t n);
void audience_remove(struct audience *a, int64_t customer_id);
/* Names or renames; an empty name: nobody finds it by that any more. */
void audience_set_word(struct audience *a, enum word_kind kind, int64_t id, struct str name);
/* The tiers from the lowest to the highest: their order when sorted by. Those not named come first.
 */
void audience_set_ladder(struct audience *a, const int64_t *ids, size_t n);
void audience_set_favourite(struct audience *a, int64_t staff_id, int64_t customer_id, bool on);
/* Moves the calendar: recomputes what depends on the day. */
void audience_set_today(struct audience *a, int32_t today);
int32_t audience_today(const struct audience *a);
int64_t audience_count(const struct audience *a);
size_t audience_bytes(const struct audience *a);

struct audience_viewer {
    int64_t staff_id;      /* for favourite:yes; 0 = nobody */
    const int64_t *stores; /* sees only customers of these; NULL = all */
    size_t nstores;
};

#define AUDIENCE_PAGE_MAX 500
#define AUDIENCE_FACET_VALUES_MAX 200 /* of words, the commonest; chosen ones are always there */
struct audience_ask {
    const struct query *query; /* NULL = everybody */
    struct audience_viewer viewer;
    enum field_id sort; /* any sortable field; FIELD_TEXT (0): by id */
    bool descending;    /* unknowns are last in both directions; ties by id */
    int64_t offset;
    int limit;             /* 0 = no rows, at most AUDIENCE_PAGE_MAX */
    uint64_t facets;       /* bit per field_id */
    int currency_decimals; /* for ranges of amounts */
    bool ids_only;         /* all matching ids in *ids instead of rows (order as asked) */
    bool only_count;       /* leaves `unknown` and `spent_minor` 0: half the work */
};
struct audience_facet_value {
    struct str key;   /* as written in a query: female, vip, 25..34, lyon */
    struct str label; /* a word's name, or empty: the interface translates the key */
    int64_t count;    /* under all other filters (terms on the same field are left out) */
    bool chosen;
};
struct audience_facet {
    enum field_id field;
    struct audience_facet_value *values; /* words by count, descending; others in their order */
    int n;
    int64_t unknown; /* how many have none */
};
struct audience_hit {
    int64_t id, number;
    struct str first_name, last_name, nickname, phone, email, city;
    char language[4], country[4];
    uint8_t gender, device, consent[CHANNELS], typology;
    bool anonymous, blocked, has_photo, favourite, active, has_profile;
    int32_t birth_year, birth_month, birth_day, age; /* age -1 = unknown */
    int32_t registered_day, last_visit_day, last_purchase_day;
    int64_t visits, operations, spent_minor;
    int64_t tallies[TALLIES], points;
    int64_t average_minor;                            /* INT64_MIN = unknown */
    int32_t interval_tenths, visits_per_month_tenths; /* -1 = unknown */
    int64_t home_store, source, tier;
    struct str own_type; /* the name of the merchant's own typology, where it is one */
    int64_t photo_id;    /* left 0: not kept here (customer_photos() finds it) */
};
struct audience_answer {
    int64_t matching, total; /* total: everybody the viewer may see */
    int64_t unknown; /* not matched, but might be if the fields compared were known: false in
                      * two-valued, unknown in three-valued logic */
    struct audience_hit *hits;
    int nhits;
    int64_t *ids; /* ids_only */
    struct audience_facet *facets;
    int nfacets;
    int64_t spent_minor; /* sum over the matching */
};
/* ERR_INVALID: a field that cannot be sorted by, a limit or an offset that cannot be. */
enum err must_use audience_ask(struct audience *a, const struct audience_ask *ask,
                               struct arena *arena, struct audience_answer *ret);
/* ERR_NOT_FOUND also when the viewer may not see the customer. */
enum err must_use audience_get(struct audience *a, const struct audience_viewer *viewer, int64_t id,
                               struct arena *arena, struct audience_hit *ret);
/* The words by which a customer is found: ids, ascending; SOURCE and TIER have none. ERR_NOT_FOUND
 * as above. */
enum err must_use audience_words_of(struct audience *a, int64_t id, enum word_kind kind,
                                    struct arena *arena, const int64_t **ret, size_t *ret_n);
/* Resolves words in query texts ("lyon") and gives near words for errors. */
const struct query_words *audience_words(struct audience *a);
