#include <stdlib.h>
#include "naive_internal.h"

static void *more(void *p, size_t n, size_t size)
{
    void *q = realloc(p, n * size);
    check(q);
    return q;
}

/* Words */
int naive_kind_of(enum field_id f)
{
    switch (f) {
    case FIELD_STORE:
        return WORD_STORE;
    case FIELD_SOURCE:
        return WORD_SOURCE;
    case FIELD_TAG:
        return WORD_TAG;
    case FIELD_CATEGORY:
        return WORD_CATEGORY;
    case FIELD_SIZE:
        return WORD_SIZE;
    case FIELD_GROUP:
        return WORD_GROUP;
    case FIELD_TIER:
        return WORD_TIER;
    case FIELD_CERTIFICATE:
        return WORD_CERTIFICATE;
    case FIELD_CITY:
        return SIMPLE_CITY;
    case FIELD_LANGUAGE:
        return SIMPLE_LANGUAGE;
    case FIELD_COUNTRY:
        return SIMPLE_COUNTRY;
    default:
        return -1;
    }
}

struct simple_word *naive_word_by_id(struct naive *a, int kind, int64_t id)
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
    struct simple_word *w = naive_word_by_id(a, kind, id);
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
    int kind = naive_kind_of(field);
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
    int kind = naive_kind_of(field);
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
            int kind = naive_kind_of(field);
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
    s.initial = text_initial(r->last_name.n    ? r->last_name
                             : r->first_name.n ? r->first_name
                                               : r->nickname);
    s.city = open_word(a, FIELD_CITY, r->city);
    s.language = open_word(a, FIELD_LANGUAGE, str_c(r->language));
    s.country = open_word(a, FIELD_COUNTRY, str_c(r->country));
    struct str *texts[] = {&r->external_id, &r->first_name, &r->last_name,    &r->nickname,
                           &r->phone,       &r->email,      &r->contact_text, &r->city,
                           &s.name,         &s.email,       &s.contact,       &s.external,
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

struct simple_row *naive_row_by_id(struct naive *a, int64_t id)
{
    int64_t at;
    return map_get(&a->places, (uint64_t)id, &at) ? &a->rows[at] : NULL;
}

enum err naive_put(struct naive *a, const struct audience_row *row)
{
    struct simple_row s = row_copy(a, row), *old = naive_row_by_id(a, row->id);
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
    struct simple_row *r = naive_row_by_id(a, customer_id);
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

bool naive_is_favourite(struct naive *a, int64_t staff, int64_t customer, size_t *ret_at)
{
    for (size_t i = 0; i < a->nfavourites; i++) {
        if (a->favourites[i].staff == staff && a->favourites[i].customer == customer) {
            *ret_at = i;
            return true;
        }
    }
    return false;
}

void naive_set_ladder(struct naive *a, const int64_t *ids, size_t n)
{
    memcpy(a->ladder, ids, n * sizeof(*ids));
    a->nladder = n;
}

void naive_set_favourite(struct naive *a, int64_t staff_id, int64_t customer_id, bool on)
{
    size_t at;
    bool is = naive_is_favourite(a, staff_id, customer_id, &at);
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

void naive_set_typologies(struct naive *a, const struct typology_set *s,
                          const struct query_segments *segments)
{
    a->segments = segments;
    struct arena *arena = arena_new();
    a->types = typology_copy(arena, s);
    arena_free(&a->types_arena);
    a->types_arena = arena;
}

/* Own queries are parsed anew before each question: words and the day may be others. */
void naive_parse_own(struct naive *a)
{
    struct query_context c = {a->today, a->types.currency_decimals, &a->query_words, a->segments,
                              .lenient = true};
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

static bool row_fits(struct naive *a, const struct simple_row *r, int type, int32_t today)
{
    const struct typology_rules *n = &a->types.numbers;
    bool vip = true;
    int recent = visits_in(r, day_add_months(today, -n->occasional_months), today);
    int32_t last = r->r.last_visit_day != DAY_NONE ? r->r.last_visit_day : r->r.registered_day;
    switch (type) {
    case TYPE_VIP:
        for (int m = 0; m < n->vip_months; m++)
            vip = vip && visits_in(r, day_add_months(today, -m - 1), day_add_months(today, -m)) >=
                             n->vip_visits;
        return vip;
    case TYPE_NEW:
        return r->r.registered_day != DAY_NONE &&
               r->r.registered_day > day_add_months(today, -n->new_months) &&
               r->r.visits <= n->new_visits_max;
    case TYPE_OCCASIONAL:
        return recent >= 1 && recent <= n->occasional_max;
    case TYPE_AT_RISK:
        return last != DAY_NONE && last <= today - n->at_risk_days;
    default:
        return naive_own_fits(a, r, type - TYPES);
    }
}

int naive_row_type(struct naive *a, const struct simple_row *r, int32_t today)
{
    for (int i = 0; i < a->types.norder; i++)
        if (row_fits(a, r, a->types.order[i], today))
            return a->types.order[i];
    return TYPE_REGULAR;
}

bool naive_row_active(const struct naive *a, const struct simple_row *r, int32_t today)
{
    int32_t last = r->r.last_visit_day != DAY_NONE ? r->r.last_visit_day : r->r.registered_day;
    return last != DAY_NONE && last > day_add_months(today, -a->types.numbers.active_months);
}

int32_t naive_row_age(const struct simple_row *r, int32_t today)
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

int64_t naive_row_average(const struct simple_row *r)
{
    return r->r.operations > 0 ? half_up(r->r.spent_minor, r->r.operations) : INT64_MIN;
}

int64_t naive_row_interval(const struct simple_row *r)
{
    if (r->r.purchase_days < 2 || r->r.last_purchase_day == DAY_NONE ||
        r->r.first_purchase_day == DAY_NONE)
        return -1;
    return half_up(10 * ((int64_t)r->r.last_purchase_day - r->r.first_purchase_day),
                   r->r.purchase_days - 1);
}

int64_t naive_row_per_month(const struct simple_row *r, int32_t today)
{
    int months = 12;
    for (int m = 12; m >= 1; m--)
        if (r->r.registered_day != DAY_NONE && r->r.registered_day > day_add_months(today, -m))
            months = m;
    return half_up(10 * visits_in(r, day_add_months(today, -12), today), months);
}

/* Values of a row */

int64_t naive_row_number(const struct simple_row *r, enum field_id f, int32_t today)
{
    int64_t v;
    switch (f) {
    case FIELD_NUMBER:
        return r->r.number;
    case FIELD_AGE:
        v = naive_row_age(r, today);
        return v < 0 ? NO_VALUE : v;
    case FIELD_REGISTERED:
        v = r->r.registered_day;
        return v == DAY_NONE ? NO_VALUE : v;
    case FIELD_LAST_VISIT:
        v = r->r.last_visit_day;
        return v == DAY_NONE ? NO_VALUE : v;
    case FIELD_LAST_PURCHASE:
        v = r->r.last_purchase_day;
        return v == DAY_NONE ? NO_VALUE : v;
    case FIELD_VISITS:
        return r->r.visits;
    case FIELD_VISITS_PER_MONTH:
        return naive_row_per_month(r, today);
    case FIELD_OPERATIONS:
        return r->r.operations;
    case FIELD_SHARES:
        return r->r.tallies[TALLY_SHARES];
    case FIELD_COMMENTS:
        return r->r.tallies[TALLY_COMMENTS];
    case FIELD_PUSHES:
        return r->r.tallies[TALLY_PUSHES];
    case FIELD_POINTS:
        return r->r.points;
    case FIELD_STAMPS:
        return r->r.tallies[TALLY_STAMPS];
    case FIELD_REFERRALS:
        return r->r.tallies[TALLY_REFERRALS];
    case FIELD_SPENT:
        return r->r.spent_minor;
    case FIELD_AVERAGE:
        return naive_row_average(r);
    case FIELD_INTERVAL:
        v = naive_row_interval(r);
        return v < 0 ? NO_VALUE : v;
    default:
        return NO_VALUE;
    }
}

static bool row_has(const struct simple_row *r, int what)
{
    switch (what) {
    case 0:
        return r->r.phone.n > 0;
    case 1:
        return r->r.email.n > 0;
    case 2:
        return r->r.has_photo;
    case 3:
        return r->r.birth_month && r->r.birth_day;
    case 4:
        return r->r.has_address;
    case 5:
        return r->r.last_purchase_day != DAY_NONE;
    default:
        return r->r.first_name.n || r->r.last_name.n || r->r.nickname.n;
    }
}

/* Does the row have value v (a choice or a word) of the field; *ret_known: is the field known. */
bool naive_row_has_value(struct naive *a, const struct simple_row *r, enum field_id f,
                         const struct audience_viewer *viewer, int64_t v, bool *ret_known)
{
    size_t at;
    bool yes = v == 0;
    *ret_known = true;
    int64_t one = 0; /* single values: 1 + choice, or the word */
    switch (f) {
    case FIELD_GENDER:
        one = r->r.gender;
        break;
    case FIELD_DEVICE:
        one = r->r.device;
        break;
    case FIELD_TYPE:
        return (int64_t)naive_row_type(a, r, a->today) == v;
    case FIELD_INITIAL:
        return (r->initial == '#' ? 26 : r->initial - 'A') == v;
    case FIELD_FAVOURITE:
        return (viewer->staff_id && naive_is_favourite(a, viewer->staff_id, r->r.id, &at)) == yes;
    case FIELD_BLOCKED:
        return r->r.blocked == yes;
    case FIELD_ACTIVE:
        return naive_row_active(a, r, a->today) == yes;
    case FIELD_ANONYMOUS:
        return r->r.anonymous == yes;
    case FIELD_HAS:
        return row_has(r, (int)v);
    case FIELD_CONSENT: {
        static const uint8_t states[] = {CONSENT_GRANTED, CONSENT_REFUSED, CONSENT_NEVER_ASKED,
                                         CONSENT_SUPPRESSED};
        return r->r.consent[v % 3] == states[v / 3];
    }
    case FIELD_TIER:
        return r->r.tier == v && v;
    case FIELD_SOURCE:
        *ret_known = r->r.source != 0;
        return r->r.source == v && v;
    case FIELD_CITY:
        *ret_known = r->city != 0;
        return r->city == v;
    case FIELD_LANGUAGE:
        *ret_known = r->language != 0;
        return r->language == v;
    case FIELD_COUNTRY:
        *ret_known = r->country != 0;
        return r->country == v;
    case FIELD_STORE:
    case FIELD_TAG:
    case FIELD_CATEGORY:
    case FIELD_SIZE:
    case FIELD_GROUP:
    case FIELD_CERTIFICATE: {
        int k = naive_kind_of(f);
        for (size_t i = 0; i < r->r.nwords[k]; i++)
            if (r->r.words[k][i] == v)
                return true;
        return false;
    }
    default:
        return false;
    }
    *ret_known = one != 0;
    return one == v + 1;
}

bool naive_row_any(struct naive *a, const struct simple_row *r, enum field_id f,
                   const struct audience_viewer *viewer)
{
    bool known, any = false;
    switch (f) {
    case FIELD_STORE:
    case FIELD_TAG:
    case FIELD_CATEGORY:
    case FIELD_SIZE:
    case FIELD_GROUP:
    case FIELD_CERTIFICATE:
        return r->r.nwords[naive_kind_of(f)] > 0;
    case FIELD_TIER:
        return r->r.tier != 0;
    case FIELD_BIRTHDAY:
        return r->r.birth_month && r->r.birth_day;
    case FIELD_CONSENT:
        return r->r.consent[0] == CONSENT_GRANTED || r->r.consent[1] == CONSENT_GRANTED ||
               r->r.consent[2] == CONSENT_GRANTED;
    case FIELD_HAS:
        for (int i = 0; i < 7; i++)
            any = any || row_has(r, i);
        return any;
    default:
        if (fields[f].kind != KIND_CHOICE && fields[f].kind != KIND_WORD)
            return naive_row_number(r, f, a->today) != NO_VALUE;
        naive_row_has_value(a, r, f, viewer, 0, &known);
        return known;
    }
}

/* Days from today until the next birthday greeting. */
int32_t naive_days_to_birthday(const struct simple_row *r, int32_t today)
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

bool naive_row_text(const struct simple_row *r, struct str word, struct str key, struct str lower)
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
