/* The query language (DESIGN 3): text → checked syntax tree. Lexer by re2c, grammar by lemon.
 * docs/QUERY_LANGUAGE.md says it in plain words; in short:
 *   alternatives  a or b            binds weaker than side by side
 *   conjunction   a b, a and b      both
 *   not a, -a     everyone whom a does not match, unknowns included
 *   field:v,w     any of the values; field:any, field:none: known, unknown
 *   segment:v,w   any of the saved queries of these names; they stand in the tree instead of the
 * term anna "anna r" a bare word: name, e-mail, phone, number, external id; commas: any of them
 * Keywords and field names are blind to case; quoted, or and not any none are ordinary words.
 * Inside quotes \" and \\ stand for themselves. A word with blanks is quoted or written with
 * underscores. Days that depend on today are resolved when the text is parsed, against
 * query_context.today: texts are what is stored, trees live as long as a request. Ownership: the
 * tree lives in the arena given. Threads: none shared. Limits below. */
#pragma once
#include "../base/day.h"
#include "../base/err.h"

#define QUERY_TEXT_MAX 16384   /* bytes */
#define QUERY_DEPTH_MAX 100    /* nested parentheses and nots */
#define QUERY_TERMS_MAX 1000   /* those of the segments included, and each segment counts as one */
#define QUERY_SEGMENTS_DEEP 20 /* segments within segments */
#define QUERY_EXPANDED_MAX (1 << 18) /* bytes of all segments' texts that a query leads to */

/* Fields. The public names are the lower-case ends. */
enum field_id {
    FIELD_TEXT, /* a bare word */
    FIELD_NAME, /* sort only */
    FIELD_NUMBER,
    FIELD_INITIAL,
    FIELD_GENDER,
    FIELD_AGE,
    FIELD_BIRTHDAY,
    FIELD_TYPE,
    FIELD_CONSENT, /* values sms email push, and each with _refused, _never, _suppressed */
    FIELD_REGISTERED,
    FIELD_LAST_VISIT,
    FIELD_LAST_PURCHASE,
    FIELD_VISITS,
    FIELD_VISITS_PER_MONTH,
    FIELD_OPERATIONS,
    FIELD_SHARES,
    FIELD_COMMENTS,
    FIELD_PUSHES,
    FIELD_POINTS,
    FIELD_STAMPS,
    FIELD_REFERRALS,
    FIELD_SPENT,
    FIELD_AVERAGE,
    FIELD_INTERVAL,
    FIELD_TAG,
    FIELD_SOURCE,
    FIELD_STORE,
    FIELD_FAVOURITE,
    FIELD_BLOCKED,
    FIELD_ACTIVE,
    FIELD_ANONYMOUS,
    FIELD_DEVICE,
    FIELD_LANGUAGE,
    FIELD_COUNTRY,
    FIELD_CITY,
    FIELD_CATEGORY,
    FIELD_SIZE,
    FIELD_GROUP,
    FIELD_TIER,
    FIELD_CERTIFICATE, /* kinds of those that can be redeemed */
    FIELD_HAS,         /* phone email photo birthday address purchase name */
    FIELD_SEGMENT,
    FIELD_PHONE, /* display and sort only */
    FIELD_EMAIL,
    FIELDS
};
enum field_kind {
    KIND_TEXT,
    KIND_CHOICE, /* fixed words */
    KIND_WORD,   /* the merchant's words: tags, stores… and open ones: city, country, language */
    KIND_INTEGER,
    KIND_TENTHS, /* interval, visits_per_month: one decimal */
    KIND_MONEY,  /* minor units inside, major with decimals in the text */
    KIND_DAY,
    KIND_BIRTHDAY,
    KIND_SEGMENT, /* names of saved queries; no term of the tree is on it */
    KIND_NONE,    /* cannot stand in a query */
};
enum facet_kind {
    FACET_NONE,
    FACET_VALUES,
    FACET_RANGES, /* of numbers, amounts and days: ranges.h */
};
struct field {
    const char *name;
    enum field_kind kind;
    const char *const *choices; /* KIND_CHOICE, NULL-terminated */
    bool sortable;
    enum facet_kind facet;
};
extern const struct field fields[FIELDS];
enum field_id field_by_name(struct str name); /* FIELDS if none */
uint64_t fields_with(enum facet_kind kind);   /* a bit per field_id */
/* False of lists, consents and what one has: a customer without any tag is known to have none. */
bool field_can_be_unknown(enum field_id f);

enum query_node_kind { NODE_ALL, NODE_AND, NODE_OR, NODE_NOT, NODE_TERM };
enum query_match {
    MATCH_ANY,     /* field:any  */
    MATCH_NONE,    /* field:none */
    MATCH_VALUES,  /* any of the values */
    MATCH_RANGE,   /* low..high, inclusive; INT64_MIN / INT64_MAX open */
    MATCH_MONTHS,  /* birthday:month=5,6  (bit m-1 in months) */
    MATCH_UPCOMING /* birthday:next_7d: from today until values[0].low days after it */
};
struct query_value {
    struct str text;   /* as typed, unquoted */
    struct str key;    /* texts and words: folded (text_fold) */
    int64_t number;    /* choice index, word id, month, or 0 */
    int64_t low, high; /* one of several ranges: age:18..25,60..70 */
};
struct query_node {
    enum query_node_kind kind;
    struct query_node **children; /* AND OR NOT */
    int nchildren;
    enum field_id field; /* TERM */
    enum query_match match;
    struct query_value *values; /* VALUES, RANGE (each a range), MONTHS, UPCOMING */
    int nvalues;
    int32_t months;
    int32_t from, to; /* bytes in the text: for errors, chips and "why" */
};
struct query {
    struct query_node *root;
    struct str text;
};

/* A term on segments is a NODE_OR whose `field` is FIELD_SEGMENT and whose `values` are the
 * segments (text as typed, number the id); its children are what these mean, and everything below
 * it has the term's place in the text. */

/* Saved queries that may be used by name. */
struct query_segment {
    int64_t id; /* 0 = none */
    struct str name, text;
};
struct query_segments {
    void *ctx;
    /* by its key: query_segment_key(); false: there is none, or not for this reader */
    bool (*find)(void *ctx, struct str key, struct query_segment *ret);
    void (*each)(void *ctx, void (*fn)(void *arg, struct str name),
                 void *arg); /* for suggestions */
};
/* What names are matched by: folded, or as they are when nothing is left of them. */
struct str query_segment_key(struct arena *a, struct str name);

/* The merchant's words, as the audience or a test knows them. */
struct query_words {
    void *ctx;
    /* the id of a word by its folded name, or 0 */
    int64_t (*find)(void *ctx, enum field_id field, struct str folded);
    /* calls back with each name, for suggestions */
    void (*each)(void *ctx, enum field_id field, void (*fn)(void *arg, struct str name), void *arg);
};
struct query_context {
    int32_t today;
    int currency_decimals; /* 2 for EUR */
    const struct query_words *words;
    const struct query_segments *segments; /* NULL: there are none */
    struct query_segment
        self;     /* the segment that the text is, or is to become: it cannot use itself */
    bool lenient; /* words that nobody knows are no error, and match nobody: for stored queries */
};
/* The i-th value of a term as if it had been parsed on that day. */
struct query_value query_value_on(const struct query_node *n, int i, int32_t today);
/* ERR_INVALID with code query_syntax, query_unclosed, query_missing_value, query_unknown_field,
 * query_unknown_value, query_bad_range, query_bad_day, query_bad_number, query_too_long,
 * query_too_deep, query_too_many_terms; of segments query_segment_any, query_segment_cycle,
 * query_segments_deep (segment: the path "A → B → A"), query_segment_broken (segment: the path to
 * the one whose text is no longer good, found: what of it, field); from/to are the place in bytes
 * (both the text's end when something is missing there); args: found, near (nearest known word, may
 * be empty), field, expected (examples of what is meant, in the language's own signs). */
enum err must_use query_parse(struct arena *a, struct str text, const struct query_context *c,
                              const struct query **ret, struct problem *p);
/* The segments that a text names, in its order, without looking them up. */
struct query_reference {
    struct str key;
    int32_t from, to; /* of the name in the text, quotes included */
};
int query_references(struct arena *a, struct str text, const struct query_reference **ret);
/* The same of another field whose values are names: groups. */
int query_references_to(struct arena *a, struct str text, enum field_id field,
                        const struct query_reference **ret);
/* Does the text itself, without the segments in it, ask for that field? */
bool query_names_field(struct arena *a, struct str text, enum field_id field);
/* A text that parses to the value again: as it is, or in quotes. */
struct str query_quoted(struct arena *a, struct str word);
