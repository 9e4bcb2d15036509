/* Terms: is the field known, is each value one of its values. */
#include "../base/check.h"
#include "../base/text.h"
#include "query_parser.h"
#include "typology.h"

void query_fail_value(struct query_parser *p, const struct query_token *t, const char *code,
                      enum field_id field, struct str near, const char *expected)
{
    query_fail(p, t->from, t->to, code, "found", arena_cstr(p->arena, t->text), "field",
               fields[field].name, "near", arena_cstr(p->arena, near), "expected", expected);
}

static bool find_field(struct query_parser *p, const struct query_token *t, enum field_id *ret)
{
    struct str name = {t->text.p, t->text.n - 1}; /* without the colon */
    enum field_id f = field_by_name(name);
    if (f != FIELDS && fields[f].kind != KIND_NONE && f != FIELD_TEXT) {
        *ret = f;
        return true;
    }
    struct query_near near;
    query_near_start(&near, p->arena, name);
    for (int i = 0; i < FIELDS; i++)
        if (fields[i].kind != KIND_NONE && i != FIELD_TEXT)
            query_near_try(&near, str_c(fields[i].name));
    query_fail(p, t->from, t->to - 1, "query_unknown_field", "found", arena_cstr(p->arena, name),
               "near", arena_cstr(p->arena, near.best));
    return false;
}

static bool check_choice(struct query_parser *p, enum field_id field, const struct query_token *t,
                         struct query_value *v)
{
    const char *const *choices = fields[field].choices;
    for (int i = 0; choices[i]; i++) {
        if (str_ieq_ascii(t->text, str_c(choices[i]))) {
            v->number = i;
            return true;
        }
    }
    if (field == FIELD_INITIAL && text_length(t->text) == 1) {
        char letter = text_initial(t->text);
        v->number = letter == '#' ? 26 : letter - 'A';
        return true;
    }
    const struct query_words *words =
        field == FIELD_TYPE ? p->context->words : NULL; /* the owner's own */
    if (words && (v->number = words->find(words->ctx, field, text_fold(p->arena, t->text))))
        return true;
    if (field == FIELD_TYPE && p->context->lenient) {
        v->number = TYPES_ALL;
        return true;
    }
    struct query_near near;
    struct buf expected;
    query_near_start(&near, p->arena, t->text);
    if (words)
        words->each(words->ctx, field, query_near_try, &near);
    buf_init(&expected, 1024);
    for (int i = 0; choices[i]; i++) {
        query_near_try(&near, str_c(choices[i]));
        buf_printf(&expected, "%s%s", i ? ", " : "", choices[i]);
    }
    query_fail_value(p, t, "query_unknown_value", field, near.best,
                     arena_cstr(p->arena, buf_str(&expected)));
    buf_free(&expected);
    return false;
}

static bool check_word(struct query_parser *p, enum field_id field, const struct query_token *t,
                       struct query_value *v)
{
    const struct query_words *words = p->context->words;
    v->key = text_fold(p->arena, t->text);
    v->number = words ? words->find(words->ctx, field, v->key) : 0;
    if (v->number || p->context->lenient)
        return true;
    struct query_near near;
    query_near_start(&near, p->arena, t->text);
    if (words)
        words->each(words->ctx, field, query_near_try, &near);
    query_fail_value(p, t, "query_unknown_value", field, near.best, "");
    return false;
}

static bool after_prefix(struct str s, struct str prefix, struct str *ret_rest)
{
    if (s.n < prefix.n || !str_ieq_ascii((struct str){s.p, prefix.n}, prefix))
        return false;
    *ret_rest = (struct str){s.p + prefix.n, s.n - prefix.n};
    return true;
}

#define UPCOMING_MAX 366

/* next_7d, next_2w, next_1m as a count of days from today. */
static bool upcoming_days(int32_t today, struct str s, int64_t *ret)
{
    int64_t n;
    if (s.n < 2 || !str_int64((struct str){s.p, s.n - 1}, &n) || n < 0 || n > UPCOMING_MAX)
        return false;
    char unit = s.p[s.n - 1];
    if (unit == 'w')
        n *= 7;
    else if (unit == 'm')
        n = n <= 12 ? day_add_months(today, (int)n) - today : UPCOMING_MAX + 1;
    else if (unit != 'd')
        return false;
    *ret = n;
    return n <= UPCOMING_MAX;
}

/* A word about birthdays on that day; false: it is none. */
static bool birthday_word(int32_t today, struct str s, struct query_value *v, enum query_match *ret)
{
    struct str rest;
    *ret = MATCH_UPCOMING;
    if (str_ieq_ascii(s, STR("today"))) {
        v->low = 0;
        return true;
    }
    if (str_ieq_ascii(s, STR("this_month")) || str_ieq_ascii(s, STR("next_month"))) {
        *ret = MATCH_MONTHS;
        int64_t m = day_to_civil(today).month;
        v->number = s.p[0] == 't' || s.p[0] == 'T' ? m : m % 12 + 1;
        return true;
    }
    return after_prefix(s, STR("next_"), &rest) && upcoming_days(today, rest, &v->low);
}

/* Sets v and says how it is to be matched. `month` remembers a month= earlier in the list. */
static bool check_birthday(struct query_parser *p, const struct query_token *t, bool *month,
                           struct query_value *v, enum query_match *ret)
{
    struct str rest = t->text;
    if (after_prefix(t->text, STR("month="), &rest))
        *month = true;
    if (*month && str_int64(rest, &v->number) && v->number >= 1 && v->number <= 12) {
        *ret = MATCH_MONTHS;
        return true;
    }
    if (birthday_word(p->context->today, t->text, v, ret))
        return true;
    struct query_near near;
    static const char *const forms[] = {"today", "this_month", "next_month", "next_7d", "month=5"};
    query_near_start(&near, p->arena, t->text);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        query_near_try(&near, str_c(forms[i]));
    query_fail_value(p, t, "query_unknown_value", FIELD_BIRTHDAY, near.best,
                     "today, this_month, next_month, next_7d, month=5,6");
    return false;
}

struct query_value query_value_on(const struct query_node *n, int i, int32_t today)
{
    struct query_value v = n->values[i];
    enum query_match match;
    if (n->match == MATCH_RANGE && fields[n->field].kind == KIND_DAY)
        (void)query_days(today, v.text, &v.low, &v.high);
    else if (n->match == MATCH_MONTHS || n->match == MATCH_UPCOMING)
        (void)birthday_word(today, v.text, &v, &match);
    return v;
}

static bool check_value(struct query_parser *p, enum field_id field, const struct query_token *t,
                        bool *month, struct query_value *v, enum query_match *ret)
{
    v->text = t->text;
    *ret = MATCH_VALUES;
    if (field != FIELD_TEXT && !t->quoted &&
        (str_ieq_ascii(t->text, STR("any")) || str_ieq_ascii(t->text, STR("none")))) {
        *ret = t->text.n == 3 ? MATCH_ANY : MATCH_NONE;
        return true;
    }
    switch (fields[field].kind) {
    case KIND_TEXT:
        v->key = text_fold(p->arena, t->text);
        return true;
    case KIND_CHOICE:
        return check_choice(p, field, t, v);
    case KIND_WORD:
        return check_word(p, field, t, v);
    case KIND_BIRTHDAY:
        return check_birthday(p, t, month, v, ret);
    case KIND_INTEGER:
    case KIND_TENTHS:
    case KIND_MONEY:
        *ret = MATCH_RANGE;
        return query_number_range(p, field, t, &v->low, &v->high);
    case KIND_DAY:
        *ret = MATCH_RANGE;
        return query_day_range(p, field, t, &v->low, &v->high);
    case KIND_SEGMENT: /* query_segment_term() */
    case KIND_NONE:
        break;
    }
    check(!"find_field() lets no other kind pass");
    return false;
}

/* Values that are matched alike share a term; others are joined to it by or. */
static void add_value(struct query_parser *p, struct query_node **terms, int nvalues,
                      const struct query_node *like, enum query_match match,
                      const struct query_value *v)
{
    struct query_node *t = terms[match];
    if (!t) {
        t = terms[match] = arena_make(p->arena, struct query_node);
        *t = *like;
        t->match = match;
        t->values = arena_array(p->arena, struct query_value, (size_t)nvalues);
    }
    if (match == MATCH_MONTHS)
        t->months |= 1 << (v->number - 1);
    if (match != MATCH_ANY && match != MATCH_NONE)
        t->values[t->nvalues++] = *v;
}

bool query_count_term(struct query_parser *p, int32_t from, int32_t to)
{
    if (++p->nterms <= QUERY_TERMS_MAX)
        return true;
    query_fail(p, from, to, "query_too_many_terms", "expected",
               arena_printf(p->arena, "%d", QUERY_TERMS_MAX));
    return false;
}

struct query_node *query_term(struct query_parser *p, const struct query_token *field,
                              const struct query_raw_values *values)
{
    struct query_node like = {.kind = NODE_TERM, .field = FIELD_TEXT};
    like.from = field ? field->from : values->first->token.from;
    like.to = values->last->token.to;
    if (field && !find_field(p, field, &like.field))
        return NULL;
    if (!query_count_term(p, like.from, like.to))
        return NULL;
    if (fields[like.field].kind == KIND_SEGMENT)
        return query_segment_term(p, &like, values);
    struct query_node *terms[MATCH_UPCOMING + 1] = {0};
    bool month = false;
    for (struct query_raw_value *raw = values->first; raw; raw = raw->next) {
        struct query_value v = {0};
        enum query_match match;
        if (!check_value(p, like.field, &raw->token, &month, &v, &match))
            return NULL;
        add_value(p, terms, values->n, &like, match, &v);
    }
    struct query_node *joined = NULL;
    for (int m = 0; m <= MATCH_UPCOMING; m++) {
        if (!terms[m])
            continue;
        if (!joined)
            joined = terms[m];
        else
            joined = joined->kind == NODE_OR ? query_append(p, joined, terms[m])
                                             : query_pair(p, NODE_OR, joined, terms[m]);
    }
    return joined;
}
