#include "earning_body.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/text.h"

struct reading {
    struct request *r;
    const json_t *rule;
    size_t i;
};

static const char *place_of(const struct reading *x, const char *key)
{
    return arena_printf(x->r->arena, "rules.%zu.%s", x->i, key);
}

static enum err wrong(const struct reading *x, const char *key, const char *code)
{
    return request_fail(x->r, ERR_INVALID, code, place_of(x, key), NULL);
}

/* Absent, null: `ret` stays. */
static bool is_given(const json_t *v)
{
    return v && !json_is_null(v);
}

static enum err read_number(const struct reading *x, const char *key, int64_t least, int64_t most,
                            int64_t *ret)
{
    const json_t *v = json_object_get(x->rule, key);
    if (json_is_null(v))
        v = NULL;
    if (v && !json_is_integer(v))
        return wrong(x, key, "field_not_integer");
    if (!v && least > 0)
        return wrong(x, key, "field_required");
    int64_t n = v ? json_integer_value(v) : 0;
    bool small = n < least;
    if (small || n > most)
        return request_fail(
            x->r, ERR_INVALID, small ? "field_too_small" : "field_too_large", place_of(x, key),
            "limit", arena_printf(x->r->arena, "%lld", (long long)(small ? least : most)), NULL);
    *ret = n;
    return OK;
}

static enum err read_text(const struct reading *x, const char *key, struct str *ret)
{
    const json_t *v = json_object_get(x->rule, key);
    *ret = STR("");
    if (!is_given(v))
        return OK;
    if (!json_is_string(v))
        return wrong(x, key, "field_not_text");
    struct str raw = {json_string_value(v), json_string_length(v)};
    return text_clean(x->r->arena, raw, ret) == OK ? OK : wrong(x, key, "field_not_utf8");
}

static enum err read_name(const struct reading *x, struct str *ret)
{
    enum err e = read_text(x, "name", ret);
    *ret = str_trim(*ret);
    if (e == OK && ret->n == 0)
        return wrong(x, "name", "field_required");
    if (e == OK && text_length(*ret) > EARNING_NAME_MAX)
        return request_fail(x->r, ERR_INVALID, "field_too_long", place_of(x, "name"), "limit",
                            arena_printf(x->r->arena, "%d", EARNING_NAME_MAX), NULL);
    return e;
}

static enum err read_id(const struct reading *x, const char *key, int64_t *ret)
{
    struct str text;
    enum err e = read_text(x, key, &text);
    if (e == OK && text.n && (!str_int64(text, ret) || *ret <= 0))
        return wrong(x, key, "field_not_id");
    return e;
}

static enum err read_day(const struct reading *x, const char *key, int32_t *ret)
{
    struct str text;
    enum err e = read_text(x, key, &text);
    return e == OK && text.n && !day_parse(text, ret) ? wrong(x, key, "field_not_day") : e;
}

static enum err read_flag(const struct reading *x, const char *key, bool *ret)
{
    const json_t *v = json_object_get(x->rule, key);
    if (v && !json_is_boolean(v))
        return wrong(x, key, "field_not_boolean");
    if (v)
        *ret = json_is_true(v);
    return OK;
}

static enum err read_kind(const struct reading *x, enum earning_kind *ret)
{
    struct str name;
    enum err e = read_text(x, "kind", &name);
    for (int i = 0; e == OK && earning_kind_names[i]; i++)
        if (str_eq(name, str_c(earning_kind_names[i]))) {
            *ret = (enum earning_kind)i;
            return OK;
        }
    return e == OK ? wrong(x, "kind", "earning_kind") : e;
}

/* 1 is Monday, as ISO 8601 counts. */
static enum err read_weekdays(const struct reading *x, int *ret)
{
    const json_t *list = json_object_get(x->rule, "weekdays");
    if (!is_given(list))
        return OK;
    *ret = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t day = json_integer_value(json_array_get(list, i));
        if (day < 1 || day > 7)
            return wrong(x, "weekdays", "earning_weekdays");
        *ret |= 1 << (day - 1);
    }
    return *ret ? OK : wrong(x, "weekdays", "earning_weekdays");
}

static enum err only_known(const struct reading *x)
{
    static const char *const keys[] = {
        "id",       "name",          "kind",     "points",  "per_minor", "rounding", "percent",
        "weekdays", "minimum_minor", "store_id", "tier_id", "from",      "to",       "active"};
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)x->rule, name, value)
    {
        size_t k = 0;
        while (k < ARRAY_LEN(keys) && strcmp(keys[k], name) != 0)
            k++;
        if (k == ARRAY_LEN(keys)) /* a mistyped one would be lost in silence */
            return request_fail(x->r, ERR_INVALID, "field_unknown",
                                arena_printf(x->r->arena, "rules.%zu", x->i), NULL);
    }
    return OK;
}

static enum err read_rounding(const struct reading *x, bool *ret)
{
    struct str text;
    enum err e = read_text(x, "rounding", &text);
    *ret = !str_eq(text, STR("down"));
    return e == OK && *ret && text.n && !str_eq(text, STR("steps"))
               ? wrong(x, "rounding", "earning_rounding")
               : e;
}

/* What a rule gives: by its kind. */
static enum err read_gift(const struct reading *x, struct earning_rule *ret)
{
    if (ret->kind == EARNING_MULTIPLIER)
        return read_number(x, "percent", EARNING_PERCENT_MIN, EARNING_PERCENT_MAX, &ret->percent);
    enum err e = read_number(x, "points", 1, EARNING_RULE_POINTS_MAX, &ret->points);
    if (e != OK || ret->kind == EARNING_VISIT)
        return e;
    e = read_number(x, "per_minor", 1, EARNING_MONEY_MAX, &ret->per_minor);
    return e == OK ? read_rounding(x, &ret->steps) : e;
}

static enum err read_rule(const struct reading *x, int32_t today, struct earning_rule *ret)
{
    *ret = (struct earning_rule){
        .from_day = today, .to_day = DAY_NONE, .weekdays = EARNING_EVERY_DAY, .active = true};
    enum err e = json_is_object(x->rule)
                     ? only_known(x)
                     : request_fail(x->r, ERR_INVALID, "earning_rules", "rules", NULL);
    if (e == OK)
        e = read_name(x, &ret->name);
    if (e == OK)
        e = read_kind(x, &ret->kind);
    if (e == OK)
        e = read_gift(x, ret);
    if (e == OK)
        e = read_number(x, "minimum_minor", 0, EARNING_MONEY_MAX, &ret->minimum_minor);
    if (e == OK)
        e = read_id(x, "id", &ret->id);
    if (e == OK)
        e = read_id(x, "store_id", &ret->store_id);
    if (e == OK)
        e = read_id(x, "tier_id", &ret->tier_id);
    if (e == OK)
        e = read_day(x, "from", &ret->from_day);
    if (e == OK)
        e = read_day(x, "to", &ret->to_day);
    if (e == OK && ret->to_day != DAY_NONE && ret->to_day < ret->from_day)
        e = wrong(x, "to", "earning_period");
    if (e == OK)
        e = read_weekdays(x, &ret->weekdays);
    return e == OK ? read_flag(x, "active", &ret->active) : e;
}

enum err earning_read_rules(struct request *r, const json_t *rules, int32_t today,
                            struct earning_plan *ret)
{
    ret->n = 0;
    if (!json_is_array(rules))
        return request_fail(r, ERR_INVALID, "earning_rules", "rules", NULL);
    if (json_array_size(rules) > EARNING_RULES_MAX)
        return request_fail(r, ERR_INVALID, "field_too_many", "rules", "limit",
                            arena_printf(r->arena, "%d", EARNING_RULES_MAX), NULL);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const struct reading x = {r, json_array_get(rules, i), i};
        enum err e = read_rule(&x, today, &ret->rules[ret->n++]);
        if (e != OK)
            return e;
        for (size_t k = 0; k < i; k++)
            if (ret->rules[i].id && ret->rules[k].id == ret->rules[i].id)
                return wrong(&x, "id", "earning_twice");
    }
    return OK;
}

/* ---- as it is told ---- */

static void optional(struct json *j, const char *key, bool there, int64_t n)
{
    json_key(j, key);
    if (there)
        json_int(j, n);
    else
        json_nil(j);
}

void earning_rule_json(struct json *j, const struct earning_rule *rule)
{
    json_open(j);
    json_kv_id(j, "id", rule->id);
    json_kv_text(j, "name", rule->name);
    json_kv_cstr(j, "kind", earning_kind_names[rule->kind]);
    optional(j, "points", rule->kind != EARNING_MULTIPLIER, rule->points);
    optional(j, "per_minor", rule->kind == EARNING_AMOUNT, rule->per_minor);
    json_kv_cstr(j, "rounding",
                 rule->kind != EARNING_AMOUNT ? NULL
                 : rule->steps                ? "steps"
                                              : "down");
    optional(j, "percent", rule->kind == EARNING_MULTIPLIER, rule->percent);
    json_kv_int(j, "minimum_minor", rule->minimum_minor);
    json_kv_id(j, "store_id", rule->store_id);
    json_kv_id(j, "tier_id", rule->tier_id);
    json_kv_day(j, "from", rule->from_day);
    json_kv_day(j, "to", rule->to_day);
    json_key(j, "weekdays");
    json_list(j);
    for (int i = 0; i < 7; i++)
        if (rule->weekdays >> i & 1)
            json_int(j, i + 1);
    json_end(j);
    json_kv_bool(j, "active", rule->active);
    json_close(j);
}
