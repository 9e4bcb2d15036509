#include "audit.h"

#define DETAIL_MAX 65536

void audit_detail_begin(struct audit_detail *d, struct arena *a)
{
    *d = (struct audit_detail){.arena = a};
    buf_init(&d->text, DETAIL_MAX);
    json_init(&d->json, &d->text);
    json_open(&d->json);
}

void audit_detail_change(struct audit_detail *d, const char *field, struct str from, struct str to)
{
    json_key(&d->json, field);
    json_open(&d->json);
    json_kv_text(&d->json, "from", from);
    json_kv_text(&d->json, "to", to);
    json_close(&d->json);
    d->changes++;
}

void audit_detail_flag(struct audit_detail *d, const char *field, bool from, bool to)
{
    json_key(&d->json, field);
    json_open(&d->json);
    json_kv_bool(&d->json, "from", from);
    json_kv_bool(&d->json, "to", to);
    json_close(&d->json);
    d->changes++;
}

void audit_detail_number(struct audit_detail *d, const char *field, int64_t from, int64_t to)
{
    if (from == to)
        return;
    json_key(&d->json, field);
    json_open(&d->json);
    json_kv_int(&d->json, "from", from);
    json_kv_int(&d->json, "to", to);
    json_close(&d->json);
    d->changes++;
}

void audit_detail_values(struct audit_detail *d, const char *field,
                         void (*write)(struct json *j, const void *value), const void *from,
                         const void *to)
{
    json_key(&d->json, field);
    json_open(&d->json);
    json_key(&d->json, "from");
    write(&d->json, from);
    json_key(&d->json, "to");
    write(&d->json, to);
    json_close(&d->json);
    d->changes++;
}

void audit_detail_value(struct audit_detail *d, const char *field, struct str value)
{
    json_kv_text(&d->json, field, value);
    d->changes++;
}

const char *audit_detail_end(struct audit_detail *d)
{
    json_close(&d->json);
    return d->text.failed ? "{}" : arena_cstr(d->arena, buf_str(&d->text));
}

void audit_detail_free(struct audit_detail *d)
{
    buf_free(&d->text);
}
