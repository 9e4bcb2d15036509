#include "spec.h"

#include <inttypes.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../base/text.h"
#include "route.h"

struct filling {
    struct arena *arena;
    void *args;
    struct spec_errors *errors;
};

static void *place(const struct filling *f, const struct spec *s)
{
    return (char *)f->args + s->offset;
}

static struct problem *wrong(struct filling *f)
{
    return f->errors->n < SPEC_ERRORS_MAX ? &f->errors->list[f->errors->n++] : NULL;
}

static void fault(struct filling *f, const char *field, const char *code)
{
    (void)problem_set(wrong(f), f->arena, ERR_INVALID, code, field, NULL);
}

static void fault_limit(struct filling *f, const char *field, const char *code, int64_t limit)
{
    (void)problem_set(wrong(f), f->arena, ERR_INVALID, code, field, "limit",
                      arena_printf(f->arena, "%" PRId64, limit), NULL);
}

static void fault_type(struct filling *f, const struct spec *s)
{
    static const char *const codes[] = {
        [SPEC_TEXT] = "field_not_text",    [SPEC_INT] = "field_not_integer",
        [SPEC_BOOL] = "field_not_boolean", [SPEC_ID] = "field_not_id",
        [SPEC_DAY] = "field_not_day",      [SPEC_CHOICE] = "field_not_text",
        [SPEC_IDS] = "field_not_ids",      [SPEC_JSON] = "field_not_text",
    };
    fault(f, s->name, codes[s->type]);
}

void spec_defaults(const struct spec *specs, void *args)
{
    for (const struct spec *s = specs; s && s->name; s++) {
        void *at = (char *)args + s->offset;
        if (s->type == SPEC_CHOICE)
            *(int *)at = -1;
        else if (s->type == SPEC_DAY)
            *(int32_t *)at = DAY_NONE;
        else if (s->type == SPEC_TEXT)
            *(struct str *)at = STR("");
    }
}

static void set_text(struct filling *f, const struct spec *s, struct str raw)
{
    struct str clean;
    if (text_clean(f->arena, raw, &clean) != OK) {
        fault(f, s->name, "field_not_utf8");
        return;
    }
    int64_t length = (int64_t)text_length(clean);
    int64_t max = s->max > 0 ? s->max : SPEC_TEXT_DEFAULT_MAX;
    int64_t min = s->min > 0 ? s->min : s->required;
    if (length == 0 && min > 0)
        fault(f, s->name, "field_required");
    else if (length < min)
        fault_limit(f, s->name, "field_too_short", min);
    else if (length > max)
        fault_limit(f, s->name, "field_too_long", max);
    else
        *(struct str *)place(f, s) = clean;
}

static void set_int(struct filling *f, const struct spec *s, int64_t v)
{
    bool bounded = s->min != 0 || s->max != 0;
    if (bounded && v < s->min)
        fault_limit(f, s->name, "field_too_small", s->min);
    else if (bounded && v > s->max)
        fault_limit(f, s->name, "field_too_large", s->max);
    else
        *(int64_t *)place(f, s) = v;
}

static bool id_from_text(struct str t, int64_t *ret)
{
    int64_t id;
    if (!str_int64(t, &id) || id <= 0)
        return false;
    *ret = id;
    return true;
}

static void set_choice(struct filling *f, const struct spec *s, struct str t)
{
    for (int i = 0; s->choices[i]; i++) {
        if (str_eq(t, str_c(s->choices[i]))) {
            *(int *)place(f, s) = i;
            return;
        }
    }
    struct buf all;
    buf_init(&all, 4096);
    for (int i = 0; s->choices[i]; i++) {
        buf_adds(&all, i ? ", " : "");
        buf_adds(&all, s->choices[i]);
    }
    (void)problem_set(wrong(f), f->arena, ERR_INVALID, "field_choice", s->name, "choices",
                      arena_cstr(f->arena, buf_str(&all)), NULL);
    buf_free(&all);
}

static bool ids_room(struct filling *f, const struct spec *s, size_t n)
{
    size_t max = s->max > 0 ? (size_t)s->max : SPEC_IDS_DEFAULT_MAX;
    if (n > max) {
        fault_limit(f, s->name, "field_too_many", (int64_t)max);
        return false;
    }
    if ((int64_t)n < s->min) {
        fault_limit(f, s->name, "field_too_few", s->min);
        return false;
    }
    struct spec_ids *ids = place(f, s);
    ids->ids = arena_array(f->arena, int64_t, n ? n : 1);
    ids->n = n;
    return true;
}

static void set_ids_from_text(struct filling *f, const struct spec *s, struct str t)
{
    size_t n = t.n > 0;
    for (size_t i = 0; i < t.n; i++)
        n += t.p[i] == ',';
    if (!ids_room(f, s, n))
        return;
    struct spec_ids *ids = place(f, s);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        size_t from = at;
        while (at < t.n && t.p[at] != ',')
            at++;
        if (!id_from_text((struct str){t.p + from, at - from}, &ids->ids[i])) {
            fault_type(f, s);
            return;
        }
        at++;
    }
}

static void set_ids_from_json(struct filling *f, const struct spec *s, const json_t *v)
{
    size_t n = json_array_size(v);
    if (!ids_room(f, s, n))
        return;
    struct spec_ids *ids = place(f, s);
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(v, i);
        struct str t = {json_string_value(e), json_string_length(e)};
        if (!json_is_string(e) || !id_from_text(t, &ids->ids[i])) {
            fault_type(f, s);
            return;
        }
    }
}

/* The types whose JSON form is a string and whose query form is the same text. */
static void set_from_text(struct filling *f, const struct spec *s, struct str t)
{
    switch (s->type) {
    case SPEC_TEXT:
        set_text(f, s, t);
        break;
    case SPEC_ID:
        if (!id_from_text(t, place(f, s)))
            fault_type(f, s);
        break;
    case SPEC_DAY:
        if (!day_parse(t, place(f, s)))
            fault_type(f, s);
        break;
    case SPEC_CHOICE:
        set_choice(f, s, t);
        break;
    default:
        check(!"a type with a text form");
    }
}

static void set_from_query(struct filling *f, const struct spec *s, struct str t)
{
    int64_t v;
    switch (s->type) {
    case SPEC_INT:
        if (str_int64(t, &v))
            set_int(f, s, v);
        else
            fault_type(f, s);
        break;
    case SPEC_BOOL:
        if (!str_eq(t, STR("true")) && !str_eq(t, STR("false")))
            fault_type(f, s);
        else
            *(bool *)place(f, s) = str_eq(t, STR("true"));
        break;
    case SPEC_IDS:
        set_ids_from_text(f, s, t);
        break;
    case SPEC_JSON:
        check(!"JSON in a query string");
        break;
    default:
        set_from_text(f, s, t);
    }
}

static void set_from_json(struct filling *f, const struct spec *s, json_t *v)
{
    if (s->type == SPEC_JSON) {
        *(json_t **)place(f, s) = v;
    } else if (json_is_null(v)) {
        /* takes an optional value away: the default stays, `present` tells */
        if (s->required)
            fault(f, s->name, "field_required");
        else if (s->type == SPEC_BOOL || s->type == SPEC_INT)
            fault_type(f, s);
    } else if (s->type == SPEC_INT && json_is_integer(v)) {
        set_int(f, s, json_integer_value(v));
    } else if (s->type == SPEC_BOOL && json_is_boolean(v)) {
        *(bool *)place(f, s) = json_is_true(v);
    } else if (s->type == SPEC_IDS && json_is_array(v)) {
        set_ids_from_json(f, s, v);
    } else if (s->type != SPEC_INT && s->type != SPEC_BOOL && s->type != SPEC_IDS &&
               json_is_string(v)) {
        set_from_text(f, s, (struct str){json_string_value(v), json_string_length(v)});
    } else {
        fault_type(f, s);
    }
}

static int find(const struct spec *specs, struct str name)
{
    for (int i = 0; specs && specs[i].name; i++) {
        if (str_eq(name, str_c(specs[i].name)))
            return i;
    }
    return -1;
}

static void mark_present(struct filling *f, const struct spec *s)
{
    if (s->present_offset)
        *((bool *)f->args + s->present_offset - 1) = true;
}

static void require(struct filling *f, const struct spec *specs, uint64_t seen)
{
    for (int i = 0; specs && specs[i].name; i++) {
        check(i < SPEC_FIELDS_MAX);
        if (specs[i].required && !(seen >> i & 1))
            fault(f, specs[i].name, "field_required");
    }
}

/* A name that somebody made up, fit for an answer: short, clean UTF-8. */
static const char *shown(struct arena *a, struct str name)
{
    struct str clean;
    if (name.n > 64 || text_clean(a, name, &clean) != OK)
        return "?";
    return arena_cstr(a, clean);
}

enum err spec_query(struct arena *a, const struct spec *specs, struct str query, void *args,
                    struct spec_errors *errors, struct problem *p)
{
    struct filling f = {a, args, errors};
    uint64_t seen = 0;
    for (size_t at = 0; at < query.n;) {
        size_t from = at;
        while (at < query.n && query.p[at] != '&')
            at++;
        struct str pair = {query.p + from, at - from};
        at++;
        if (pair.n == 0)
            continue;
        const char *eq = memchr(pair.p, '=', pair.n);
        size_t name_n = eq ? (size_t)(eq - pair.p) : pair.n;
        struct str name, value = STR("");
        if (!route_decode(a, (struct str){pair.p, name_n}, true, &name) ||
            (eq && !route_decode(a, (struct str){eq + 1, pair.n - name_n - 1}, true, &value)))
            return problem_set(p, a, ERR_INVALID, "query_bad_encoding", NULL, NULL);
        int i = find(specs, name);
        if (i < 0) {
            fault(&f, shown(a, name), "field_unknown");
        } else if (seen >> i & 1) {
            fault(&f, specs[i].name, "field_twice");
        } else {
            seen |= 1ULL << i;
            mark_present(&f, &specs[i]);
            set_from_query(&f, &specs[i], value);
        }
    }
    require(&f, specs, seen);
    return OK;
}

/* Counted before parsing, because the parser recurses. */
static bool too_deep(struct str body)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < body.n; i++) {
        char c = body.p[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > SPEC_DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

static enum err not_json(struct arena *a, const json_error_t *e, struct problem *p)
{
    const char *code =
        json_error_code(e) == json_error_duplicate_key ? "body_field_twice" : "body_not_json";
    (void)problem_set(p, a, ERR_INVALID, code, NULL, "line", arena_printf(a, "%d", e->line),
                      "column", arena_printf(a, "%d", e->column), NULL);
    return ERR_INVALID;
}

enum err spec_body(struct arena *a, const struct spec *specs, struct str body, void *args,
                   struct spec_errors *errors, json_t **ret_root, struct problem *p)
{
    if (!utf8_valid(body))
        return problem_set(p, a, ERR_INVALID, "body_not_utf8", NULL, NULL);
    if (too_deep(body))
        return problem_set(p, a, ERR_INVALID, "body_too_deep", NULL, "limit",
                           arena_printf(a, "%d", SPEC_DEPTH_MAX), NULL);
    json_error_t e;
    json_t *root = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &e);
    if (!root)
        return not_json(a, &e, p);
    *ret_root = root;
    if (!json_is_object(root))
        return problem_set(p, a, ERR_INVALID, "body_not_object", NULL, NULL);
    struct filling f = {a, args, errors};
    uint64_t seen = 0;
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
    {
        int i = find(specs, str_c(name));
        if (i < 0) {
            fault(&f, shown(a, str_c(name)), "field_unknown");
            continue;
        }
        seen |= 1ULL << i;
        mark_present(&f, &specs[i]);
        set_from_json(&f, &specs[i], value);
    }
    require(&f, specs, seen);
    return OK;
}
