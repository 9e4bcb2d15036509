#include "report.h"
#include <jansson.h>
#include "../../base/check.h"
#include "../../base/message.h"

void report_init(struct import_report *r)
{
    *r = (struct import_report){.first_day = DAY_NONE, .last_day = DAY_NONE};
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

void report_reason(struct import_report *r, const char *code, const char *field)
{
    for (int i = 0; i < r->nreasons; i++) {
        if (same_text(r->reasons[i].code, code) && same_text(r->reasons[i].field, field)) {
            r->reasons[i].count++;
            return;
        }
    }
    if (r->nreasons < REASONS_MAX)
        r->reasons[r->nreasons++] = (struct import_reason){code, field, 1};
}

void nano_format(__int128 nano, char out[static DECIMAL_TEXT_MAX])
{
    unsigned __int128 v = nano < 0 ? -(unsigned __int128)nano : (unsigned __int128)nano;
    char digits[DECIMAL_TEXT_MAX];
    size_t n = 0, at = 0;
    int places = 9;
    while (places > 0 && v % 10 == 0) {
        v /= 10;
        places--;
    }
    int count = 0;
    do {
        if (places > 0 && count == places)
            digits[n++] = '.';
        digits[n++] = (char)('0' + (int)(v % 10));
        v /= 10;
        count++;
    } while (v > 0 || count <= places);
    if (nano < 0)
        out[at++] = '-';
    while (n > 0)
        out[at++] = digits[--n];
    out[at] = 0;
}

/* The counts under their public names, for storing, loading and showing. */
static const struct {
    const char *name;
    size_t offset;
    int kinds; /* 1 both, 2 customers, 4 transactions: who is shown it */
} counts[] = {
    {"rows", offsetof(struct import_report, rows), 1},
    {"added", offsetof(struct import_report, added), 1},
    {"updated", offsetof(struct import_report, updated), 1},
    {"skipped", offsetof(struct import_report, skipped), 1},
    {"invalid", offsetof(struct import_report, invalid), 1},
    {"customers_added", offsetof(struct import_report, customers_added), 1},
    {"customers_updated", offsetof(struct import_report, customers_updated), 1},
    {"invoices", offsetof(struct import_report, invoices), 4},
    {"cancellations", offsetof(struct import_report, cancellations), 4},
    {"returns", offsetof(struct import_report, returns), 4},
    {"without_customer", offsetof(struct import_report, without_customer), 4},
    {"opened_customers", offsetof(struct import_report, opened_customers), 2},
    {"opened_points", offsetof(struct import_report, opened_points), 2},
    {"total_minor", offsetof(struct import_report, total_minor), 4},
};

static int64_t *count_at(const struct import_report *r, size_t i)
{
    return (int64_t *)((uintptr_t)r + counts[i].offset);
}

static void write_days(struct json *j, const struct import_report *r)
{
    char value[DECIMAL_TEXT_MAX];
    nano_format(r->value_nano, value);
    json_kv_cstr(j, "value", value);
    json_kv_day(j, "first_day", r->first_day);
    json_kv_day(j, "last_day", r->last_day);
}

void report_store(struct json *j, const struct import_report *r)
{
    json_open(j);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        json_kv_int(j, counts[i].name, *count_at(r, i));
    write_days(j, r);
    json_key(j, "reasons");
    json_list(j);
    for (int i = 0; i < r->nreasons; i++) {
        json_open(j);
        json_kv_cstr(j, "code", r->reasons[i].code);
        json_kv_cstr(j, "field", r->reasons[i].field);
        json_kv_int(j, "count", r->reasons[i].count);
        json_close(j);
    }
    json_end(j);
    json_close(j);
}

const char *reason_text(struct arena *a, const char *language, const char *code)
{
    const char *key = arena_printf(a, "report.reason.%s", code);
    const char *text = message_text(language, key);
    if (strcmp(text, key) != 0)
        return text;
    struct problem p = {.err = ERR_INVALID, .code = code};
    return message_problem(a, language, &p);
}

void report_json(struct json *j, const struct import_report *r, enum import_kind kind,
                 struct arena *a, const char *language)
{
    json_open(j);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        if (counts[i].kinds == 1 || counts[i].kinds == (kind == IMPORT_CUSTOMERS ? 2 : 4))
            json_kv_int(j, counts[i].name, *count_at(r, i));
    if (kind == IMPORT_TRANSACTIONS)
        write_days(j, r);
    json_key(j, "reasons");
    json_list(j);
    for (int i = 0; i < r->nreasons; i++) {
        json_open(j);
        json_kv_cstr(j, "code", r->reasons[i].code);
        json_kv_cstr(j, "field", r->reasons[i].field);
        json_kv_int(j, "count", r->reasons[i].count);
        json_kv_cstr(j, "detail", reason_text(a, language, r->reasons[i].code));
        json_close(j);
    }
    json_end(j);
    json_close(j);
}

static bool nano_parse(const char *s, __int128 *ret)
{
    bool negative = *s == '-', point = false;
    int places = 0;
    __int128 v = 0;
    for (s += negative; *s; s++) {
        if (*s == '.' && !point) {
            point = true;
            continue;
        }
        if (*s < '0' || *s > '9' || places == 9)
            return false;
        places += point;
        v = v * 10 + (*s - '0');
    }
    for (; places < 9; places++)
        v *= 10;
    *ret = negative ? -v : v;
    return true;
}

static bool load_reasons(json_t *list, struct arena *a, struct import_report *r)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *code = json_string_value(json_object_get(item, "code"));
        const char *field = json_string_value(json_object_get(item, "field")); /* may be null */
        json_int_t count = json_integer_value(json_object_get(item, "count"));
        if (r->nreasons == REASONS_MAX || !code || count < 1)
            return false;
        r->reasons[r->nreasons++] = (struct import_reason){
            arena_cstr(a, str_c(code)), field ? arena_cstr(a, str_c(field)) : NULL, count};
    }
    return true;
}

static bool load_day(json_t *root, const char *key, int32_t *ret)
{
    json_t *v = json_object_get(root, key);
    *ret = DAY_NONE;
    return json_is_null(v) || (json_is_string(v) && day_parse(str_c(json_string_value(v)), ret));
}

static bool load(json_t *root, struct arena *a, struct import_report *r)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        json_t *v = json_object_get(root, counts[i].name);
        if (!json_is_integer(v))
            return false;
        *count_at(r, i) = json_integer_value(v);
    }
    const char *value = json_string_value(json_object_get(root, "value"));
    return value && nano_parse(value, &r->value_nano) &&
           load_day(root, "first_day", &r->first_day) && load_day(root, "last_day", &r->last_day) &&
           load_reasons(json_object_get(root, "reasons"), a, r);
}

enum err report_load(struct str json, struct arena *a, struct import_report *ret)
{
    report_init(ret);
    json_t *root = json_loadb(json.p, json.n, 0, NULL);
    bool good = root && load(root, a, ret);
    json_decref(root);
    return good ? OK : ERR_INTERNAL;
}
