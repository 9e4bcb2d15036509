#include <stdlib.h>
#include "naive_internal.h"

/* Questions */
struct asking {
    struct naive *a;
    const struct audience_viewer *viewer;
    struct arena *arena;
    enum field_id left_out; /* FIELDS: nothing */
};

static enum truth term_truth(struct asking *q, const struct simple_row *r,
                             const struct query_node *n)
{
    struct naive *a = q->a;
    if (n->field == FIELD_TEXT) {
        for (int i = 0; i < n->nvalues; i++)
            if (naive_row_text(r, n->values[i].text, n->values[i].key,
                               email_match_key(q->arena, n->values[i].text)))
                return TRUE;
        return FALSE;
    }
    bool any = naive_row_any(a, r, n->field, q->viewer), known;
    if (n->match == MATCH_ANY || n->match == MATCH_NONE)
        return any == (n->match == MATCH_ANY) ? TRUE : FALSE;
    if (n->match == MATCH_VALUES) {
        for (int i = 0; i < n->nvalues; i++) {
            bool has = naive_row_has_value(a, r, n->field, q->viewer, n->values[i].number, &known);
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
        int64_t number = n->match == MATCH_RANGE ? naive_row_number(r, n->field, a->today) : 0;
        if (n->match == MATCH_RANGE    ? number >= v->low && number <= v->high
            : n->match == MATCH_MONTHS ? r->r.birth_month == v->number
                                       : naive_days_to_birthday(r, a->today) <= v->low)
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

bool naive_own_fits(struct naive *a, const struct simple_row *r, int place)
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

static bool matches_others(struct asking *q, const struct simple_row *r,
                           const struct query_node *root, enum field_id f)
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
        return r->r.last_name.n    ? r->r.last_name
               : r->r.first_name.n ? r->r.first_name
                                   : r->r.nickname;
    case FIELD_STORE:
        w = naive_word_by_id(a, WORD_STORE, r->r.home_store);
        break;
    case FIELD_SOURCE:
        w = naive_word_by_id(a, WORD_SOURCE, r->r.source);
        break;
    case FIELD_CITY:
        w = naive_word_by_id(a, SIMPLE_CITY, r->city);
        break;
    case FIELD_PHONE:
        return r->digits;
    case FIELD_EMAIL:
        return r->email;
    case FIELD_LANGUAGE:
        w = naive_word_by_id(a, SIMPLE_LANGUAGE, r->language);
        break;
    case FIELD_COUNTRY:
        w = naive_word_by_id(a, SIMPLE_COUNTRY, r->country);
        break;
    default:
        break;
    }
    return w ? str_c(w->name) : STR("");
}

/* Granted, refused, never asked, suppressed; by SMS, then e-mail, then push. */
static int64_t consent_place(const struct simple_row *r)
{
    static const int64_t places[] = {[CONSENT_GRANTED] = 0,
                                     [CONSENT_REFUSED] = 1,
                                     [CONSENT_NEVER_ASKED] = 2,
                                     [CONSENT_SUPPRESSED] = 3};
    int64_t place = 0;
    for (int i = 0; i < CHANNELS; i++)
        place = place * 4 + places[r->r.consent[i]];
    return place;
}

static int64_t naive_level(const struct naive *a, int64_t tier)
{
    for (size_t i = 0; i < a->nladder; i++)
        if (a->ladder[i] == tier)
            return (int64_t)i;
    return tier ? tier - 1000 : NO_VALUE; /* not named: before the others */
}

static int64_t sort_number(struct naive *a, const struct simple_row *r, enum field_id f)
{
    if (f == FIELD_TYPE)
        return (int64_t)naive_row_type(a, r, a->today);
    if (f == FIELD_BIRTHDAY)
        return r->r.birth_month && r->r.birth_day ? r->r.birth_month * 32 + r->r.birth_day
                                                  : NO_VALUE;
    if (f == FIELD_TIER)
        return naive_level(a, r->r.tier);
    if (f == FIELD_GENDER)
        return r->r.gender ? r->r.gender : NO_VALUE;
    if (f == FIELD_DEVICE)
        return r->r.device ? r->r.device : NO_VALUE;
    if (f == FIELD_CONSENT)
        return consent_place(r);
    if (f == FIELD_BLOCKED || f == FIELD_ANONYMOUS || f == FIELD_ACTIVE) /* yes, then no */
        return f == FIELD_BLOCKED     ? !r->r.blocked
               : f == FIELD_ANONYMOUS ? !r->r.anonymous
                                      : !naive_row_active(a, r, a->today);
    if (f == FIELD_AGE) {
        struct civil c = {r->r.birth_year, r->r.birth_month, r->r.birth_day};
        return c.year && c.month && c.day ? -(int64_t)day_from_civil(c) : NO_VALUE;
    }
    return naive_row_number(r, f, a->today);
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
        c = o->field == FIELD_PHONE || o->field == FIELD_EMAIL
                ? compare_bytes(s, t)
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
} age_bands[] = {{"<18", 0, 17},     {"18..24", 18, 24}, {"25..34", 25, 34},     {"35..44", 35, 44},
                 {"45..54", 45, 54}, {"55..64", 55, 64}, {">=65", 65, INT64_MAX}};

static void count_chosen(const struct query_node *root, enum field_id f,
                         struct audience_facet_value *v, int64_t id, int64_t low, int64_t high)
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

static void facet(struct asking *q, const struct query_node *root, enum field_id f,
                  struct audience_facet *ret)
{
    struct naive *a = q->a;
    int kind = naive_kind_of(f), n = kind >= 0 ? (int)a->nwords[kind] : 0;
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
            int64_t age = f == FIELD_AGE ? naive_row_number(r, f, a->today) : 0;
            bool has = f == FIELD_AGE ? age != NO_VALUE && age >= low && age <= high
                                      : naive_row_has_value(a, r, f, q->viewer, id, &known);
            v->count += has && visible(r, q->viewer) && matches_others(q, r, root, f);
        }
    }
    for (size_t k = 0; k < a->n; k++)
        ret->unknown += visible(&a->rows[k], q->viewer) &&
                        !naive_row_any(a, &a->rows[k], f, q->viewer) &&
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

enum { RANGES_MAX = 64 };

static int add_number_keys(struct asking *q, enum field_id f, const char **ret)
{
    const char *end = fields[f].kind == KIND_MONEY    ? ".99"
                      : fields[f].kind == KIND_TENTHS ? ".9"
                                                      : "";
    int n = 0;
    ret[n++] = *end == 0 || end[2] == 0 ? "0" : "<=0";
    if (fields[f].kind == KIND_TENTHS) {
        ret[n++] = "0.1..0.4";
        ret[n++] = "0.5..0.9";
    } else if (*end) {
        ret[n++] = "0.01..0.99";
    }
    for (int zeros = 0; zeros < 9; zeros++) {
        static const char *const froms[] = {"1", "2", "5"}, *const tos[] = {"1", "4", "9"};
        for (int i = 0; i < 3; i++)
            ret[n++] = zeros == 0 && i == 0 && *end == 0
                           ? "1"
                           : arena_printf(q->arena, "%s%.*s..%s%.*s%s", froms[i], zeros,
                                          "000000000", tos[i], zeros, "999999999", end);
    }
    ret[n++] = ">=1000000000";
    return n;
}

static int range_keys(struct asking *q, enum field_id f, const char **ret)
{
    static const char *const days[] = {"<7d",       "<30d",  "<90d", "this_month",
                                       "this_year", ">=90d", ">=1y"};
    static const char *const birthdays[] = {
        "today",   "next_7d", "next_1m", "month=1", "month=2",  "month=3",  "month=4", "month=5",
        "month=6", "month=7", "month=8", "month=9", "month=10", "month=11", "month=12"};
    const bool birthday = fields[f].kind == KIND_BIRTHDAY;
    if (!birthday && fields[f].kind != KIND_DAY)
        return add_number_keys(q, f, ret);
    int n = birthday ? (int)ARRAY_LEN(birthdays) : f == FIELD_REGISTERED ? 5 : 7;
    memcpy(ret, birthday ? birthdays : days, (size_t)n * sizeof(*ret));
    return n;
}

static bool stands_in(const struct query_node *root, const struct query_node *term)
{
    const struct query_value *v = &term->values[0];
    bool stands = false;
    for (int i = 0; root->kind == NODE_AND && i < root->nchildren; i++)
        stands = stands || stands_in(root->children[i], term);
    if (root->kind != NODE_TERM || root->field != term->field || root->match != term->match)
        return stands;
    for (int i = 0; i < root->nvalues; i++)
        stands = stands || (root->values[i].number == v->number && root->values[i].low == v->low &&
                            (root->match != MATCH_RANGE || root->values[i].high == v->high));
    return stands;
}

/* Each range means what it means when somebody asks for it. */
static void range_facet(struct asking *q, const struct query_node *root, enum field_id f,
                        struct audience_facet *ret)
{
    struct naive *a = q->a;
    const struct query_context c = {a->today, 2, &a->query_words};
    const char *keys[RANGES_MAX];
    const struct query *terms[RANGES_MAX];
    int n = range_keys(q, f, keys);
    int64_t counts[RANGES_MAX] = {0};
    *ret = (struct audience_facet){.field = f};
    ret->values = arena_array(q->arena, struct audience_facet_value, (size_t)n);
    for (int i = 0; i < n; i++)
        check(query_parse(q->arena, str_c(arena_printf(q->arena, "%s:%s", fields[f].name, keys[i])),
                          &c, &terms[i], NULL) == OK);
    for (size_t k = 0; k < a->n; k++) {
        const struct simple_row *r = &a->rows[k];
        if (!visible(r, q->viewer) || !matches_others(q, r, root, f))
            continue;
        ret->unknown += !naive_row_any(a, r, f, q->viewer);
        for (int i = 0; i < n; i++)
            counts[i] += matches(q, r, terms[i]->root);
    }
    for (int i = 0; i < n; i++) {
        bool chosen = stands_in(root, terms[i]->root);
        if (counts[i] || chosen || fields[f].kind == KIND_DAY || f == FIELD_BIRTHDAY)
            ret->values[ret->n++] = (struct audience_facet_value){
                .key = str_c(keys[i]), .count = counts[i], .chosen = chosen};
    }
}

static void hit(struct asking *q, const struct simple_row *s, struct audience_hit *h)
{
    const struct audience_row *r = &s->r;
    struct arena *m = q->arena;
    size_t at;
    int32_t today = q->a->today;
    *h = (struct audience_hit){.id = r->id,
                               .number = r->number,
                               .first_name = arena_str(m, r->first_name),
                               .last_name = arena_str(m, r->last_name),
                               .nickname = arena_str(m, r->nickname),
                               .phone = arena_str(m, r->phone),
                               .email = arena_str(m, r->email),
                               .city = arena_str(m, r->city),
                               .gender = r->gender,
                               .device = r->device,
                               .typology = (uint8_t)naive_row_type(q->a, s, today),
                               .anonymous = r->anonymous,
                               .blocked = r->blocked,
                               .has_photo = r->has_photo,
                               .favourite =
                                   q->viewer->staff_id &&
                                   naive_is_favourite(q->a, q->viewer->staff_id, r->id, &at),
                               .active = naive_row_active(q->a, s, today),
                               .has_profile = r->operations > 0 || r->last_purchase_day != DAY_NONE,
                               .birth_year = r->birth_year,
                               .birth_month = r->birth_month,
                               .birth_day = r->birth_day,
                               .age = naive_row_age(s, today),
                               .registered_day = r->registered_day,
                               .last_visit_day = r->last_visit_day,
                               .last_purchase_day = r->last_purchase_day,
                               .visits = r->visits,
                               .operations = r->operations,
                               .spent_minor = r->spent_minor,
                               .average_minor = naive_row_average(s),
                               .interval_tenths = (int32_t)naive_row_interval(s),
                               .visits_per_month_tenths = (int32_t)naive_row_per_month(s, today),
                               .home_store = r->home_store,
                               .source = r->source,
                               .tier = r->tier,
                               .points = r->points};
    if (h->typology >= TYPES)
        h->own_type = arena_str(m, q->a->types.own[h->typology - TYPES].name);
    memcpy(h->tallies, r->tallies, sizeof(h->tallies));
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
    naive_parse_own(a);
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
            (fields[f].facet == FACET_RANGES ? range_facet : facet)(&q, root, (enum field_id)f,
                                                                    &ret->facets[ret->nfacets++]);
    return OK;
}

enum err naive_get(struct naive *a, const struct audience_viewer *viewer, int64_t id,
                   struct arena *arena, struct audience_hit *ret)
{
    enum err e = ERR_NOT_FOUND;
    struct simple_row *r = naive_row_by_id(a, id);
    if (r && visible(r, viewer)) {
        naive_parse_own(a);
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
