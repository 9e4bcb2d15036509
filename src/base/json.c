#include "json.h"
#include "check.h"
#include "day.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/utf8.h>

void json_init(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out, .first = {true}};
}

/* The comma before a value, and that a value may stand here. */
static void value(struct json *j)
{
    if (j->kind[j->depth] == '{') {
        check(j->keyed);
        j->keyed = false;
        return;
    }
    check(j->depth > 0 || j->first[0]); /* one value at the top */
    if (!j->first[j->depth])
        buf_addc(j->out, ',');
    j->first[j->depth] = false;
}

static void enter(struct json *j, char kind)
{
    value(j);
    check(j->depth + 1u < ARRAY_LEN(j->first));
    j->depth++;
    j->first[j->depth] = true;
    j->kind[j->depth] = kind;
    buf_addc(j->out, kind);
}

static void leave(struct json *j, char kind, char end)
{
    check(j->depth > 0 && j->kind[j->depth] == kind && !j->keyed);
    j->depth--;
    buf_addc(j->out, end);
}

void json_open(struct json *j)
{
    enter(j, '{');
}

void json_close(struct json *j)
{
    leave(j, '{', '}');
}

void json_list(struct json *j)
{
    enter(j, '[');
}

void json_end(struct json *j)
{
    leave(j, '[', ']');
}

void json_key(struct json *j, const char *key)
{
    check(j->kind[j->depth] == '{' && !j->keyed);
    if (!j->first[j->depth])
        buf_addc(j->out, ',');
    j->first[j->depth] = false;
    j->keyed = true;
    buf_addc(j->out, '"');
    buf_adds(j->out, key);
    buf_add(j->out, "\":", 2);
}

static void escape(struct buf *out, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        buf_add(out, "\\\"", 2);
        break;
    case '\\':
        buf_add(out, "\\\\", 2);
        break;
    case '\n':
        buf_add(out, "\\n", 2);
        break;
    case '\t':
        buf_add(out, "\\t", 2);
        break;
    case '\r':
        buf_add(out, "\\r", 2);
        break;
    default: {
        const char six[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
        buf_add(out, six, 6);
    }
    }
}

void json_text(struct json *j, struct str s)
{
    value(j);
    struct buf *out = j->out;
    buf_addc(out, '"');
    const uint8_t *p = (const uint8_t *)s.p;
    size_t from = 0, i = 0;
    while (i < s.n) {
        uint8_t c = p[i];
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            i++;
            continue;
        }
        size_t at = i;
        if (c >= 0x80) {
            UChar32 point;
            U8_NEXT(p, i, s.n, point);
            if (point >= 0)
                continue;
            buf_add(out, s.p + from, at - from);
            buf_add(out, "\xEF\xBF\xBD", 3);
        } else {
            i++;
            buf_add(out, s.p + from, at - from);
            escape(out, c);
        }
        from = i;
    }
    buf_add(out, s.p + from, s.n - from);
    buf_addc(out, '"');
}

void json_int(struct json *j, int64_t v)
{
    value(j);
    buf_int(j->out, v);
}

void json_number(struct json *j, double v)
{
    if (!isfinite(v)) {
        json_nil(j);
        return;
    }
    value(j);
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    buf_adds(j->out, text);
}

void json_bool(struct json *j, bool v)
{
    value(j);
    buf_adds(j->out, v ? "true" : "false");
}

void json_nil(struct json *j)
{
    value(j);
    buf_add(j->out, "null", 4);
}

void json_id(struct json *j, int64_t id)
{
    value(j);
    buf_addc(j->out, '"');
    buf_int(j->out, id);
    buf_addc(j->out, '"');
}

/* A text of ours that needs no escaping. */
static void plain(struct json *j, const char *text, size_t n)
{
    value(j);
    buf_addc(j->out, '"');
    buf_add(j->out, text, n);
    buf_addc(j->out, '"');
}

void json_day(struct json *j, int32_t day)
{
    if (day == DAY_NONE) {
        json_nil(j);
        return;
    }
    char text[DAY_TEXT_MAX];
    plain(j, text, day_format(day, text));
}

void json_instant(struct json *j, int64_t us)
{
    if (us == 0) {
        json_nil(j);
        return;
    }
    char text[INSTANT_TEXT_MAX];
    plain(j, text, instant_format(us, text));
}

void json_raw(struct json *j, struct str s)
{
    value(j);
    buf_add(j->out, s.p, s.n);
}

void json_kv_text(struct json *j, const char *key, struct str s)
{
    json_key(j, key);
    json_text(j, s);
}

void json_kv_cstr(struct json *j, const char *key, const char *s)
{
    json_key(j, key);
    if (s)
        json_text(j, str_c(s));
    else
        json_nil(j);
}

void json_kv_int(struct json *j, const char *key, int64_t v)
{
    json_key(j, key);
    json_int(j, v);
}

void json_kv_bool(struct json *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}

void json_kv_id(struct json *j, const char *key, int64_t id)
{
    json_key(j, key);
    if (id)
        json_id(j, id);
    else
        json_nil(j);
}

void json_kv_day(struct json *j, const char *key, int32_t day)
{
    json_key(j, key);
    json_day(j, day);
}

void json_kv_instant(struct json *j, const char *key, int64_t us)
{
    json_key(j, key);
    json_instant(j, us);
}
