#include <stdlib.h>
#include "../../src/base/check.h"
#include "../../src/audience/hash.h"
#include "naive_audience.h"

struct simple_row {
    struct audience_row r;
    struct str name;       /* folded first, last and nickname, joined by blanks */
    struct str email, contact; /* lower-cased */
    struct str external;   /* folded */
    struct str digits;     /* the first 15 of the phone */
    int64_t city, language, country; /* words, 0 = unknown */
    char initial;
    char *memory;
};
enum { SIMPLE_CITY = WORD_KINDS, SIMPLE_LANGUAGE, SIMPLE_COUNTRY, SIMPLE_KINDS };
struct simple_word {
    int64_t id;
    char *name, *folded;
};
struct naive {
    struct simple_row *rows;
    size_t n, cap;
    struct map places; /* id → place in rows */
    struct simple_word *words[SIMPLE_KINDS];
    size_t nwords[SIMPLE_KINDS];
    struct {
        int64_t staff, customer;
    } *favourites;
    size_t nfavourites;
    int32_t today;
    struct collation *collation;
    struct query_words query_words;
    struct typology_set types;
    const struct query_segments *segments; /* for the own queries */
    struct arena *types_arena, *own_arena;
    const struct query_node *own[OWN_TYPES_MAX]; /* parsed for today; NULL: it does not parse */
};
enum truth { FALSE, UNKNOWN, TRUE };

static void *more(void *p, size_t n, size_t size)
{
    void *q = realloc(p, n * size);
    check(q);
    return q;
}

/* Words */
static int kind_of(enum field_id f)
{
    switch (f) {
    case FIELD_STORE: return WORD_STORE;
    case FIELD_SOURCE: return WORD_SOURCE;
    case FIELD_TAG: return WORD_TAG;
    case FIELD_CATEGORY: return WORD_CATEGORY;
    case FIELD_SIZE: return WORD_SIZE;
    case FIELD_CITY: return SIMPLE_CITY;
    case FIELD_LANGUAGE: return SIMPLE_LANGUAGE;
    case FIELD_COUNTRY: return SIMPLE_COUNTRY;
    default: return -1;
    }
}

static struct simple_word *word_by_id(struct naive *a, int kind, int64_t id)
{
    for (size_t i = 0; i < a->nwords[kind]; i++)
        if (a->words[kind][i].id == id)
            return &a->words[kind][i];
    return NULL;
}

static struct simple_word *word_add(struct naive *a, int kind, int64_t id, struct str name)
{
    struct arena *tmp = arena_new();
    struct str folded = text_fold(tmp, name);
    struct simple_word *w = word_by_id(a, kind, id);
    if (!w) {
        a->words[kind] = more(a->words[kind], a->nwords[kind] + 1, sizeof(*w));
        w = &a->words[kind][a->nwords[kind]++];
        *w = (struct simple_word){.id = id};
    }
    free(w->name);
    free(w->folded);
    w->name = strndup(name.p, name.n);
    w->folded = strndup(folded.p, folded.n);
    arena_free(&tmp);
    return w;
}

static int64_t words_find(void *ctx, enum field_id field, struct str folded)
{
    struct naive *a = ctx;
    int kind = kind_of(field);
    int64_t id = 0;
    struct arena *tmp = arena_new();
    for (int i = 0; field == FIELD_TYPE && i < a->types.nown; i++)
        if (str_eq(text_fold(tmp, a->types.own[i].name), folded))
            id = TYPES + i;
    arena_free(&tmp);
    for (size_t i = 0; kind >= 0 && i < a->nwords[kind]; i++)
        if (str_eq(str_c(a->words[kind][i].folded), folded))
            id = a->words[kind][i].id;
    return id;
}

static void words_each(void *ctx, enum field_id field, void (*fn)(void *, struct str), void *arg)
{
    struct naive *a = ctx;
    int kind = kind_of(field);
    for (int i = 0; field == FIELD_TYPE && i < a->types.nown; i++)
        fn(arg, a->types.own[i].name);
    for (size_t i = 0; kind >= 0 && i < a->nwords[kind]; i++)
        fn(arg, str_c(a->words[kind][i].name));
}

static int64_t open_word(struct naive *a, enum field_id field, struct str name)
{
    struct arena *tmp = arena_new();
    struct str folded = text_fold(tmp, name);
    int64_t id = 0;
    if (folded.n) {
        id = words_find(a, field, folded);
        if (!id) {
            int kind = kind_of(field);
            id = word_add(a, kind, (int64_t)a->nwords[kind] + 1, name)->id;
        }
    }
    arena_free(&tmp);
    return id;
}

/* Making and feeding */
enum err naive_new(const struct audience_options *o, struct naive **ret)
{
    struct naive *a = calloc(1, sizeof(*a));
    check(a);
    enum err e = collation_open(o->language, &a->collation);
    if (e != OK) {
        free(a);
        return e;
    }
    a->today = o->today;
    a->types = typology_defaults;
    a->types_arena = arena_new();
    a->own_arena = arena_new();
    a->query_words = (struct query_words){a, words_find, words_each};
    *ret = a;
    return OK;
}

void naive_free(struct naive **ap)
{
    struct naive *a = *ap;
    if (!a)
        return;
    for (size_t i = 0; i < a->n; i++)
        free(a->rows[i].memory);
    for (int k = 0; k < SIMPLE_KINDS; k++) {
        for (size_t i = 0; i < a->nwords[k]; i++) {
            free(a->words[k][i].name);
            free(a->words[k][i].folded);
        }
        free(a->words[k]);
    }
    free(a->rows);
    map_free(&a->places);
    free(a->favourites);
    collation_close(&a->collation);
    arena_free(&a->types_arena);
    arena_free(&a->own_arena);
    free(a);
    *ap = NULL;
}

static void copy_str(char **at, struct str *s)
{
    if (s->n)
        memcpy(*at, s->p, s->n);
    s->p = *at;
    *at += s->n;
}

static void copy_ints(char **at, const int64_t **p, size_t n)
{
    if (n)
        memcpy(*at, *p, n * sizeof(int64_t));
    *p = (const int64_t *)(void *)*at;
    *at += n * sizeof(int64_t);
}

static struct simple_row row_copy(struct naive *a, const struct audience_row *row)
{
    struct arena *tmp = arena_new();
    struct simple_row s = {.r = *row};
    struct audience_row *r = &s.r;
    struct str parts[] = {row->first_name, row->last_name, row->nickname};
    struct buf name;
    buf_init(&name, 1 << 20);
    for (int i = 0; i < 3; i++) {
        struct str f = text_fold(tmp, parts[i]);
        if (f.n && name.n)
            buf_addc(&name, ' ');
        buf_add(&name, f.p, f.n);
    }
    s.name = buf_str(&name);
    s.email = email_match_key(tmp, r->email);
    s.contact = email_match_key(tmp, r->contact_text);
    s.external = text_fold(tmp, r->external_id);
    char *digits = arena_alloc(tmp, 16);
    for (size_t i = 0; i < r->phone.n && s.digits.n < 15; i++)
        if (r->phone.p[i] >= '0' && r->phone.p[i] <= '9')
            digits[s.digits.n++] = r->phone.p[i];
    s.digits.p = digits;
    s.initial = text_initial(r->last_name.n ? r->last_name : r->first_name.n ? r->first_name : r->nickname);
    s.city = open_word(a, FIELD_CITY, r->city);
    s.language = open_word(a, FIELD_LANGUAGE, str_c(r->language));
    s.country = open_word(a, FIELD_COUNTRY, str_c(r->country));
    struct str *texts[] = {&r->external_id, &r->first_name, &r->last_name, &r->nickname, &r->phone,
                           &r->email, &r->contact_text, &r->city, &s.name, &s.email, &s.contact, &s.external,
                           &s.digits};
    size_t bytes = r->nvisit_days * 8;
    for (int k = 0; k < WORD_KINDS; k++)
        bytes += r->nwords[k] * 8;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        bytes += texts[i]->n;
    char *at = s.memory = malloc(bytes + 1);
    check(at);
    copy_ints(&at, &r->visit_days, r->nvisit_days);
    for (int k = 0; k < WORD_KINDS; k++)
        copy_ints(&at, &r->words[k], r->nwords[k]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        copy_str(&at, texts[i]);
    buf_free(&name);
    arena_free(&tmp);
    return s;
}

static struct simple_row *row_by_id(struct naive *a, int64_t id)
{
    int64_t at;
    return map_get(&a->places, (uint64_t)id, &at) ? &a->rows[at] : NULL;
}

enum err naive_put(struct naive *a, const struct audience_row *row)
{
    struct simple_row s = row_copy(a, row), *old = row_by_id(a, row->id);
    if (old) {
        free(old->memory);
        *old = s;
    } else {
        if (a->n == a->cap) {
            a->cap = a->cap ? a->cap * 2 : 64;
            a->rows = more(a->rows, a->cap, sizeof(*a->rows));
        }
        map_set(&a->places, (uint64_t)row->id, (int64_t)a->n);
        a->rows[a->n++] = s;
    }
    return OK;
}

void naive_remove(struct naive *a, int64_t customer_id)
{
    struct simple_row *r = row_by_id(a, customer_id);
    if (r) {
        free(r->memory);
        map_remove(&a->places, (uint64_t)customer_id);
        *r = a->rows[--a->n];
        if (r != &a->rows[a->n])
            map_set(&a->places, (uint64_t)r->r.id, r - a->rows);
    }
}

void naive_set_word(struct naive *a, enum word_kind kind, int64_t id, struct str name)
{
    word_add(a, (int)kind, id, name);
}

static bool is_favourite(struct naive *a, int64_t staff, int64_t customer, size_t *ret_at)
{
    for (size_t i = 0; i < a->nfavourites; i++) {
        if (a->favourites[i].staff == staff && a->favourites[i].customer == customer) {
            *ret_at = i;
            return true;
        }
    }
    return false;
}

void naive_set_favourite(struct naive *a, int64_t staff_id, int64_t customer_id, bool on)
{
    size_t at;
    bool is = is_favourite(a, staff_id, customer_id, &at);
    if (on && !is) {
        a->favourites = more(a->favourites, a->nfavourites + 1, sizeof(*a->favourites));
        a->favourites[a->nfavourites].staff = staff_id;
        a->favourites[a->nfavourites++].customer = customer_id;
    } else if (!on && is) {
        a->favourites[at] = a->favourites[--a->nfavourites];
    }
}

void naive_set_today(struct naive *a, int32_t today)
{
    a->today = today;
}

void naive_set_typologies(struct naive *a, const struct typology_set *s, const struct query_segments *segments)
{
    a->segments = segments;
    struct arena *arena = arena_new();
    a->types = typology_copy(arena, s);
    arena_free(&a->types_arena);
    a->types_arena = arena;
}

/* Own queries are parsed anew before each question: words and the day may be others. */
static void parse_own(struct naive *a)
{
    struct query_context c = {a->today, a->types.currency_decimals, &a->query_words, a->segments, .lenient = true};
    arena_reset(a->own_arena);
    for (int i = 0; i < a->types.nown; i++) {
        const struct query *q;
        bool good = query_parse(a->own_arena, a->types.own[i].query, &c, &q, NULL) == OK;
        a->own[i] = good && typology_may_use(q->root) ? q->root : NULL;
    }
}

/* Facts that depend on the day */
static int visits_in(const struct simple_row *r, int32_t after, int32_t until)
{
    int n = 0;
    for (size_t i = 0; i < r->r.nvisit_days; i++)
        n += r->r.visit_days[i] > after && r->r.visit_days[i] <= until;
    return n;
}

static bool own_fits(struct naive *a, const struct simple_row *r, int place);

static bool row_fits(struct naive *a, const struct simple_row *r, int type, int32_t today)
{
    const struct typology_rules *n = &a->types.numbers;
    bool vip = true;
    int recent = visits_in(r, day_add_months(today, -n->occasional_months), today);
    int32_t last = r->r.last_visit_day != DAY_NONE ? r->r.last_visit_day : r->r.registered_day;
    switch (type) {
    case TYPE_VIP:
        for (int m = 0; m < n->vip_months; m++)
            vip = vip && visits_in(r, day_add_months(today, -m - 1), day_add_months(today, -m)) >= n->vip_visits;
        return vip;
    case TYPE_NEW:
        return r->r.registered_day != DAY_NONE && r->r.registered_day > day_add_months(today, -n->new_months) &&
               r->r.visits <= n->new_visits_max;
    case TYPE_OCCASIONAL:
        return recent >= 1 && recent <= n->occasional_max;
    case TYPE_AT_RISK:
        return last != DAY_NONE && last <= today - n->at_risk_days;
    default:
        return own_fits(a, r, type - TYPES);
    }
}

static int row_type(struct naive *a, const struct simple_row *r, int32_t today)
{
    for (int i = 0; i < a->types.norder; i++)
        if (row_fits(a, r, a->types.order[i], today))
            return a->types.order[i];
    return TYPE_REGULAR;
}

static bool row_active(const struct naive *a, const struct simple_row *r, int32_t today)
{
    int32_t last = r->r.last_visit_day != DAY_NONE ? r->r.last_visit_day : r->r.registered_day;
    return last != DAY_NONE && last > day_add_months(today, -a->types.numbers.active_months);
}

static int32_t row_age(const struct simple_row *r, int32_t today)
{
    if (r->r.birth_year == 0 || r->r.birth_month == 0 || r->r.birth_day == 0)
        return -1;
    struct civil t = day_to_civil(today);
    int32_t day = r->r.birth_day;
    if (r->r.birth_month == 2 && day == 29 && !civil_valid((struct civil){t.year, 2, 29}))
        day = 28;
    bool passed = t.month > r->r.birth_month || (t.month == r->r.birth_month && t.day >= day);
    int32_t age = t.year - r->r.birth_year - !passed;
    return age < 0 ? 0 : age;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t half_up(int64_t a, int64_t b)
{
    return floor_div(2 * a + b, 2 * b);
}

static int64_t row_average(const struct simple_row *r)
{
    return r->r.operations > 0 ? half_up(r->r.spent_minor, r->r.operations) : INT64_MIN;
}

static int64_t row_interval(const struct simple_row *r)
{
    if (r->r.purchase_days < 2 || r->r.last_purchase_day == DAY_NONE || r->r.first_purchase_day == DAY_NONE)
        return -1;
    return half_up(10 * ((int64_t)r->r.last_purchase_day - r->r.first_purchase_day), r->r.purchase_days - 1);
}

static int64_t row_per_month(const struct simple_row *r, int32_t today)
{
    int months = 12;
    for (int m = 12; m >= 1; m--)
        if (r->r.registered_day != DAY_NONE && r->r.registered_day > day_add_months(today, -m))
            months = m;
    return half_up(10 * visits_in(r, day_add_months(today, -12), today), months);
}

/* Values of a row */
#define NO_VALUE INT64_MIN

static int64_t row_number(const struct simple_row *r, enum field_id f, int32_t today)
{
    int64_t v;
    switch (f) {
    case FIELD_NUMBER: return r->r.number;
    case FIELD_AGE: v = row_age(r, today); return v < 0 ? NO_VALUE : v;
    case FIELD_REGISTERED: v = r->r.registered_day; return v == DAY_NONE ? NO_VALUE : v;
    case FIELD_LAST_VISIT: v = r->r.last_visit_day; return v == DAY_NONE ? NO_VALUE : v;
    case FIELD_LAST_PURCHASE: v = r->r.last_purchase_day; return v == DAY_NONE ? NO_VALUE : v;
    case FIELD_VISITS: return r->r.visits;
    case FIELD_VISITS_PER_MONTH: return row_per_month(r, today);
    case FIELD_OPERATIONS: return r->r.operations;
    case FIELD_SPENT: return r->r.spent_minor;
    case FIELD_AVERAGE: return row_average(r);
    case FIELD_INTERVAL: v = row_interval(r); return v < 0 ? NO_VALUE : v;
    default: return NO_VALUE;
    }
}

static bool row_has(const struct simple_row *r, int what)
{
    switch (what) {
    case 0: return r->r.phone.n > 0;
    case 1: return r->r.email.n > 0;
    case 2: return r->r.has_photo;
    case 3: return r->r.birth_month && r->r.birth_day;
    case 4: return r->r.has_address;
    case 5: return r->r.last_purchase_day != DAY_NONE;
    default: return r->r.first_name.n || r->r.last_name.n || r->r.nickname.n;
    }
}

/* Does the row have value v (a choice or a word) of the field; *ret_known: is the field known. */
static bool row_has_value(struct naive *a, const struct simple_row *r, enum field_id f,
                          const struct audience_viewer *viewer, int64_t v, bool *ret_known)
{
    size_t at;
    bool yes = v == 0;
    *ret_known = true;
    int64_t one = 0; /* single values: 1 + choice, or the word */
    switch (f) {
    case FIELD_GENDER: one = r->r.gender; break;
    case FIELD_DEVICE: one = r->r.device; break;
    case FIELD_TYPE: return (int64_t)row_type(a, r, a->today) == v;
    case FIELD_INITIAL: return (r->initial == '#' ? 26 : r->initial - 'A') == v;
    case FIELD_FAVOURITE:
        return (viewer->staff_id && is_favourite(a, viewer->staff_id, r->r.id, &at)) == yes;
    case FIELD_BLOCKED: return r->r.blocked == yes;
    case FIELD_ACTIVE: return row_active(a, r, a->today) == yes;
    case FIELD_ANONYMOUS: return r->r.anonymous == yes;
    case FIELD_HAS: return row_has(r, (int)v);
    case FIELD_CONSENT: {
        static const uint8_t states[] = {CONSENT_GRANTED, CONSENT_REFUSED, CONSENT_NEVER_ASKED};
        return r->r.consent[v % 3] == states[v / 3];
    }
    case FIELD_SOURCE: *ret_known = r->r.source != 0; return r->r.source == v && v;
    case FIELD_CITY: *ret_known = r->city != 0; return r->city == v;
    case FIELD_LANGUAGE: *ret_known = r->language != 0; return r->language == v;
    case FIELD_COUNTRY: *ret_known = r->country != 0; return r->country == v;
    case FIELD_STORE: case FIELD_TAG: case FIELD_CATEGORY: case FIELD_SIZE: {
        int k = kind_of(f);
        for (size_t i = 0; i < r->r.nwords[k]; i++)
            if (r->r.words[k][i] == v)
                return true;
        return false;
    }
    default: return false;
    }
    *ret_known = one != 0;
    return one == v + 1;
}

static bool row_any(struct naive *a, const struct simple_row *r, enum field_id f,
                    const struct audience_viewer *viewer)
{
    bool known, any = false;
    switch (f) {
    case FIELD_STORE: case FIELD_TAG: case FIELD_CATEGORY: case FIELD_SIZE:
        return r->r.nwords[kind_of(f)] > 0;
    case FIELD_BIRTHDAY: return r->r.birth_month && r->r.birth_day;
    case FIELD_CONSENT:
        return r->r.consent[0] == CONSENT_GRANTED || r->r.consent[1] == CONSENT_GRANTED ||
               r->r.consent[2] == CONSENT_GRANTED;
    case FIELD_HAS:
        for (int i = 0; i < 7; i++)
            any = any || row_has(r, i);
        return any;
    default:
        if (fields[f].kind != KIND_CHOICE && fields[f].kind != KIND_WORD)
            return row_number(r, f, a->today) != NO_VALUE;
        row_has_value(a, r, f, viewer, 0, &known);
        return known;
    }
}

/* Days from today until the next birthday greeting. */
static int32_t days_to_birthday(const struct simple_row *r, int32_t today)
{
    for (int32_t d = 0;; d++) {
        struct civil c = day_to_civil(today + d);
        bool leap = civil_valid((struct civil){c.year, 2, 29});
        int32_t day = r->r.birth_month == 2 && r->r.birth_day == 29 && !leap ? 28 : r->r.birth_day;
        if (c.month == r->r.birth_month && c.day == day)
            return d;
    }
}

/* Search */
static bool contains(struct str hay, struct str needle)
{
    return needle.n && memmem(hay.p, hay.n, needle.p, needle.n);
}

static bool phone_contains(struct str phone, struct str typed)
{
    char digits[256], want[256];
    size_t n = 0, m = 0;
    for (size_t i = 0; i < typed.n && m < sizeof(want); i++) {
        char c = typed.p[i];
        if (c >= '0' && c <= '9') {
            if (m || c != '0')
                want[m++] = c;
        } else if (!memchr("+-./() ", c, 7)) {
            return false;
        }
    }
    for (size_t i = 0; i < phone.n && n < sizeof(digits); i++)
        if (phone.p[i] >= '0' && phone.p[i] <= '9')
            digits[n++] = phone.p[i];
    return m >= 3 && contains((struct str){digits, n}, (struct str){want, m});
}

static bool row_text(const struct simple_row *r, struct str word, struct str key, struct str lower)
{
    int64_t number;
    if (contains(r->name, key) || contains(r->email, lower) || phone_contains(r->r.phone, word))
        return true;
    if (word.n && word.p[0] != '-' && str_int64(word, &number) && number == r->r.number)
        return true;
    if (key.n && str_eq(key, r->external))
        return true;
    size_t i = 0;
    while (i < r->contact.n) {
        size_t end = i;
        while (end < r->contact.n && r->contact.p[end] != ' ')
            end++;
        struct str piece = {r->contact.p + i, end - i};
        bool email = piece.n && memchr(piece.p, '@', piece.n);
        if (email ? contains(piece, lower) : phone_contains(piece, word))
            return true;
        i = end + 1;
    }
    return false;
}

/* Questions */
struct asking {
    struct naive *a;
    const struct audience_viewer *viewer;
    struct arena *arena;
    enum field_id left_out; /* FIELDS: nothing */
};

static enum truth term_truth(struct asking *q, const struct simple_row *r, const struct query_node *n)
{
    struct naive *a = q->a;
    if (n->field == FIELD_TEXT) {
        for (int i = 0; i < n->nvalues; i++)
            if (row_text(r, n->values[i].text, n->values[i].key,
                         email_match_key(q->arena, n->values[i].text)))
                return TRUE;
        return FALSE;
    }
    bool any = row_any(a, r, n->field, q->viewer), known;
    if (n->match == MATCH_ANY || n->match == MATCH_NONE)
        return any == (n->match == MATCH_ANY) ? TRUE : FALSE;
    if (n->match == MATCH_VALUES) {
        for (int i = 0; i < n->nvalues; i++) {
            bool has = row_has_value(a, r, n->field, q->viewer, n->values[i].number, &known);
            if (!known)
                return UNKNOWN;
            if (has)
                return TRUE;
        }
        return FALSE;
    }
    if (!any)
        return UNKNOWN;
    for (int i = 0; i < n->nvalues; i++) {
        const struct query_value *v = &n->values[i];
        int64_t number = n->match == MATCH_RANGE ? row_number(r, n->field, a->today) : 0;
        if (n->match == MATCH_RANGE ? number >= v->low && number <= v->high
            : n->match == MATCH_MONTHS ? r->r.birth_month == v->number
                                       : days_to_birthday(r, a->today) <= v->low)
            return TRUE;
    }
    return FALSE;
}

static enum truth truth_of(struct asking *q, const struct simple_row *r, const struct query_node *n)
{
    enum truth t;
    switch (n->kind) {
    case NODE_ALL:
        return TRUE;
    case NODE_TERM:
        return term_truth(q, r, n);
    case NODE_NOT:
        return (enum truth)(TRUE - truth_of(q, r, n->children[0]));
    case NODE_AND:
    case NODE_OR:
        t = truth_of(q, r, n->children[0]);
        for (int i = 1; i < n->nchildren; i++) {
            enum truth u = truth_of(q, r, n->children[i]);
            t = (n->kind == NODE_AND) == (u < t) ? u : t;
        }
        return t;
    }
    return FALSE;
}

static bool matches(struct asking *q, const struct simple_row *r, const struct query_node *n)
{
    bool all = true, any = false;
    if (n->kind == NODE_NOT)
        return !matches(q, r, n->children[0]);
    if (n->kind == NODE_TERM || n->kind == NODE_ALL)
        return truth_of(q, r, n) == TRUE;
    for (int i = 0; i < n->nchildren; i++) {
        bool m = matches(q, r, n->children[i]);
        all = all && m;
        any = any || m;
    }
    return n->kind == NODE_AND ? all : any;
}

static bool own_fits(struct naive *a, const struct simple_row *r, int place)
{
    static const struct audience_viewer nobody = {0};
    struct arena *tmp = arena_new();
    struct asking q = {a, &nobody, tmp, FIELDS};
    bool fits = a->own[place] && matches(&q, r, a->own[place]);
    arena_free(&tmp);
    return fits;
}

/* Are all terms below on this one field? */
static bool only_on(const struct query_node *n, enum field_id f)
{
    if (n->kind == NODE_TERM)
        return n->field == f;
    if (n->field == FIELD_SEGMENT) /* its parts' fields have facets under it */
        return false;
    for (int i = 0; i < n->nchildren; i++)
        if (!only_on(n->children[i], f))
            return false;
    return n->kind != NODE_ALL;
}

static bool matches_others(struct asking *q, const struct simple_row *r, const struct query_node *root,
                           enum field_id f)
{
    if (only_on(root, f))
        return true;
    if (root->kind != NODE_AND)
        return matches(q, r, root);
    for (int i = 0; i < root->nchildren; i++)
        if (!only_on(root->children[i], f) && !matches(q, r, root->children[i]))
            return false;
    return true;
}

static bool visible(const struct simple_row *r, const struct audience_viewer *v)
{
    if (!v->stores)
        return true;
    for (size_t i = 0; i < v->nstores; i++)
        for (size_t k = 0; k < r->r.nwords[WORD_STORE]; k++)
            if (r->r.words[WORD_STORE][k] == v->stores[i])
                return true;
    return false;
}

/* Order */
static struct str sort_text(struct naive *a, const struct simple_row *r, enum field_id f, int part)
{
    struct simple_word *w = NULL;
    switch (f) {
    case FIELD_NAME:
        if (part)
            return r->r.last_name.n ? r->r.first_name : STR("");
        return r->r.last_name.n ? r->r.last_name : r->r.first_name.n ? r->r.first_name : r->r.nickname;
    case FIELD_STORE: w = word_by_id(a, WORD_STORE, r->r.home_store); break;
    case FIELD_SOURCE: w = word_by_id(a, WORD_SOURCE, r->r.source); break;
    case FIELD_CITY: w = word_by_id(a, SIMPLE_CITY, r->city); break;
    case FIELD_PHONE: return r->digits;
    case FIELD_EMAIL: return r->email;
    case FIELD_LANGUAGE: w = word_by_id(a, SIMPLE_LANGUAGE, r->language); break;
    case FIELD_COUNTRY: w = word_by_id(a, SIMPLE_COUNTRY, r->country); break;
    default: break;
    }
    return w ? str_c(w->name) : STR("");
}

/* Granted, refused, never asked; by SMS, then e-mail, then push. */
static int64_t consent_place(const struct simple_row *r)
{
    static const int64_t places[] = {[CONSENT_GRANTED] = 0, [CONSENT_REFUSED] = 1, [CONSENT_NEVER_ASKED] = 2};
    int64_t place = 0;
    for (int i = 0; i < CHANNELS; i++)
        place = place * 3 + places[r->r.consent[i]];
    return place;
}

static int64_t sort_number(struct naive *a, const struct simple_row *r, enum field_id f)
{
    if (f == FIELD_TYPE)
        return (int64_t)row_type(a, r, a->today);
    if (f == FIELD_BIRTHDAY)
        return r->r.birth_month && r->r.birth_day ? r->r.birth_month * 32 + r->r.birth_day : NO_VALUE;
    if (f == FIELD_GENDER)
        return r->r.gender ? r->r.gender : NO_VALUE;
    if (f == FIELD_DEVICE)
        return r->r.device ? r->r.device : NO_VALUE;
    if (f == FIELD_CONSENT)
        return consent_place(r);
    if (f == FIELD_BLOCKED || f == FIELD_ANONYMOUS || f == FIELD_ACTIVE) /* yes, then no */
        return f == FIELD_BLOCKED ? !r->r.blocked : f == FIELD_ANONYMOUS ? !r->r.anonymous : !row_active(a, r, a->today);
    if (f == FIELD_AGE) {
        struct civil c = {r->r.birth_year, r->r.birth_month, r->r.birth_day};
        return c.year && c.month && c.day ? -(int64_t)day_from_civil(c) : NO_VALUE;
    }
    return row_number(r, f, a->today);
}

struct order {
    struct naive *a;
    enum field_id field;
    bool descending;
};

static int compare_int(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_bytes(struct str a, struct str b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : compare_int((int64_t)a.n, (int64_t)b.n);
}

static int compare_rows(const void *x, const void *y, void *arg)
{
    const struct simple_row *a = *(const struct simple_row *const *)x;
    const struct simple_row *b = *(const struct simple_row *const *)y;
    struct order *o = arg;
    int c = 0;
    bool text = o->field == FIELD_NAME || o->field == FIELD_STORE || o->field == FIELD_SOURCE ||
                o->field == FIELD_CITY || o->field == FIELD_LANGUAGE || o->field == FIELD_COUNTRY ||
                o->field == FIELD_PHONE || o->field == FIELD_EMAIL;
    for (int part = 0; text && part < 2 && c == 0; part++) {
        struct str s = sort_text(o->a, a, o->field, part), t = sort_text(o->a, b, o->field, part);
        if (part == 0 && (s.n == 0) != (t.n == 0))
            return s.n == 0 ? 1 : -1;
        c = o->field == FIELD_PHONE || o->field == FIELD_EMAIL ? compare_bytes(s, t)
                                                               : collation_compare(o->a->collation, s, t);
        if (o->field != FIELD_NAME)
            break;
    }
    if (!text && o->field != FIELD_TEXT) {
        int64_t s = sort_number(o->a, a, o->field), t = sort_number(o->a, b, o->field);
        if ((s == NO_VALUE) != (t == NO_VALUE))
            return s == NO_VALUE ? 1 : -1;
        c = compare_int(s, t);
    }
    if (o->descending && o->field != FIELD_TEXT)
        c = -c;
    int ids = compare_int(a->r.id, b->r.id);
    return c ? c : o->field == FIELD_TEXT && o->descending ? -ids : ids;
}

/* Facets */
static const struct {
    const char *key;
    int64_t low, high;
} age_bands[] = {{"<18", 0, 17},     {"18..24", 18, 24}, {"25..34", 25, 34}, {"35..44", 35, 44},
                 {"45..54", 45, 54}, {"55..64", 55, 64}, {">=65", 65, INT64_MAX}};

static void count_chosen(const struct query_node *root, enum field_id f, struct audience_facet_value *v,
                         int64_t id, int64_t low, int64_t high)
{
    if (root->kind == NODE_AND) {
        for (int i = 0; i < root->nchildren; i++)
            count_chosen(root->children[i], f, v, id, low, high);
        return;
    }
    if (root->kind != NODE_TERM || root->field != f)
        return;
    for (int i = 0; i < root->nvalues; i++) {
        const struct query_value *q = &root->values[i];
        if (root->match == MATCH_VALUES && q->number == id)
            v->chosen = true;
        if (root->match == MATCH_RANGE && (q->low <= 0 ? 0 : q->low) == low && q->high == high)
            v->chosen = true;
    }
}

static int compare_facet_values(const void *x, const void *y)
{
    const struct audience_facet_value *a = x, *b = y;
    int c = compare_int(b->count, a->count);
    return c ? c : compare_bytes(a->label.n ? a->label : a->key, b->label.n ? b->label : b->key);
}

static void facet(struct asking *q, const struct query_node *root, enum field_id f, struct audience_facet *ret)
{
    struct naive *a = q->a;
    int kind = kind_of(f), n = kind >= 0 ? (int)a->nwords[kind] : 0;
    for (const char *const *c = fields[f].choices; c && *c; c++)
        n++;
    if (f == FIELD_TYPE)
        n += a->types.nown;
    if (f == FIELD_AGE)
        n = (int)ARRAY_LEN(age_bands);
    ret->field = f;
    ret->values = arena_array(q->arena, struct audience_facet_value, (size_t)n);
    for (int i = 0; i < n; i++) {
        struct audience_facet_value *v = &ret->values[i];
        int64_t id = i, low = -1, high = -1;
        if (kind >= 0) {
            struct str name = arena_str(q->arena, str_c(a->words[kind][i].name));
            id = a->words[kind][i].id;
            v->key = query_quoted(q->arena, name);
            v->label = kind == SIMPLE_LANGUAGE || kind == SIMPLE_COUNTRY ? STR("") : name;
        } else if (f == FIELD_AGE) {
            v->key = str_c(age_bands[i].key);
            low = age_bands[i].low;
            high = age_bands[i].high;
        } else if (f == FIELD_TYPE && i >= TYPES) {
            v->label = arena_str(q->arena, a->types.own[i - TYPES].name);
            v->key = query_quoted(q->arena, v->label);
        } else {
            v->key = str_c(fields[f].choices[i]);
        }
        count_chosen(root, f, v, id, low, high);
        for (size_t k = 0; k < a->n; k++) {
            const struct simple_row *r = &a->rows[k];
            bool known;
            int64_t age = f == FIELD_AGE ? row_number(r, f, a->today) : 0;
            bool has = f == FIELD_AGE ? age != NO_VALUE && age >= low && age <= high
                                      : row_has_value(a, r, f, q->viewer, id, &known);
            v->count += has && visible(r, q->viewer) && matches_others(q, r, root, f);
        }
    }
    for (size_t k = 0; k < a->n; k++)
        ret->unknown += visible(&a->rows[k], q->viewer) && !row_any(a, &a->rows[k], f, q->viewer) &&
                        matches_others(q, &a->rows[k], root, f);
    if (kind >= 0) {
        qsort(ret->values, (size_t)n, sizeof(*ret->values), compare_facet_values);
        for (int i = 0; i < n; i++)
            if (ret->values[i].count || ret->values[i].chosen)
                ret->values[ret->n++] = ret->values[i];
    } else {
        ret->n = n;
    }
}

static void hit(struct asking *q, const struct simple_row *s, struct audience_hit *h)
{
    const struct audience_row *r = &s->r;
    struct arena *m = q->arena;
    size_t at;
    int32_t today = q->a->today;
    *h = (struct audience_hit){
        .id = r->id, .number = r->number, .first_name = arena_str(m, r->first_name),
        .last_name = arena_str(m, r->last_name), .nickname = arena_str(m, r->nickname),
        .phone = arena_str(m, r->phone), .email = arena_str(m, r->email), .city = arena_str(m, r->city),
        .gender = r->gender, .device = r->device, .typology = (uint8_t)row_type(q->a, s, today),
        .anonymous = r->anonymous, .blocked = r->blocked, .has_photo = r->has_photo,
        .favourite = q->viewer->staff_id && is_favourite(q->a, q->viewer->staff_id, r->id, &at),
        .active = row_active(q->a, s, today), .has_profile = r->operations > 0 || r->last_purchase_day != DAY_NONE,
        .birth_year = r->birth_year, .birth_month = r->birth_month, .birth_day = r->birth_day,
        .age = row_age(s, today), .registered_day = r->registered_day,
        .last_visit_day = r->last_visit_day, .last_purchase_day = r->last_purchase_day,
        .visits = r->visits, .operations = r->operations, .spent_minor = r->spent_minor,
        .average_minor = row_average(s), .interval_tenths = (int32_t)row_interval(s),
        .visits_per_month_tenths = (int32_t)row_per_month(s, today),
        .home_store = r->home_store, .source = r->source};
    if (h->typology >= TYPES)
        h->own_type = arena_str(m, q->a->types.own[h->typology - TYPES].name);
    memcpy(h->language, r->language, sizeof(h->language));
    memcpy(h->country, r->country, sizeof(h->country));
    memcpy(h->consent, r->consent, sizeof(h->consent));
}

static struct query_node everybody = {.kind = NODE_ALL};

enum err naive_ask(struct naive *a, const struct audience_ask *ask, struct arena *arena,
                      struct audience_answer *ret)
{
    if (ask->offset < 0 || ask->limit < 0 || ask->limit > AUDIENCE_PAGE_MAX ||
        (ask->sort != FIELD_TEXT && (ask->sort >= FIELDS || !fields[ask->sort].sortable)))
        return ERR_INVALID;
    parse_own(a);
    struct asking q = {a, &ask->viewer, arena, FIELDS};
    const struct query_node *root = ask->query ? ask->query->root : &everybody;
    const struct simple_row **found = arena_array(arena, const struct simple_row *, a->n + 1);
    *ret = (struct audience_answer){0};
    for (size_t i = 0; i < a->n; i++) {
        const struct simple_row *r = &a->rows[i];
        if (!visible(r, &ask->viewer))
            continue;
        ret->total++;
        if (matches(&q, r, root)) {
            found[ret->matching++] = r;
            ret->spent_minor += r->r.spent_minor;
        } else {
            ret->unknown += truth_of(&q, r, root) == UNKNOWN;
        }
    }
    struct order order = {a, ask->sort, ask->descending};
    qsort_r(found, (size_t)ret->matching, sizeof(*found), compare_rows, &order);
    if (ask->ids_only) {
        ret->ids = arena_array(arena, int64_t, (size_t)ret->matching + 1);
        for (int64_t i = 0; i < ret->matching; i++)
            ret->ids[i] = found[i]->r.id;
    } else {
        ret->hits = arena_array(arena, struct audience_hit, (size_t)ask->limit + 1);
        for (int64_t i = ask->offset; i < ret->matching && ret->nhits < ask->limit; i++)
            hit(&q, found[i], &ret->hits[ret->nhits++]);
    }
    ret->facets = arena_array(arena, struct audience_facet, FIELDS);
    for (int f = 0; f < FIELDS; f++)
        if ((ask->facets >> f & 1) && fields[f].facet)
            facet(&q, root, (enum field_id)f, &ret->facets[ret->nfacets++]);
    return OK;
}

enum err naive_get(struct naive *a, const struct audience_viewer *viewer, int64_t id,
                      struct arena *arena, struct audience_hit *ret)
{
    enum err e = ERR_NOT_FOUND;
    struct simple_row *r = row_by_id(a, id);
    if (r && visible(r, viewer)) {
        parse_own(a);
        struct asking q = {a, viewer, arena, FIELDS};
        hit(&q, r, ret);
        e = OK;
    }
    return e;
}

const struct query_words *naive_words(struct naive *a)
{
    return &a->query_words;
}
