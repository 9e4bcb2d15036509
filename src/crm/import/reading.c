#include "reading.h"
#include "../../base/check.h"

static const char *const encodings[ENCODINGS] = {"utf-8", "utf-16le", "utf-16be", "windows-1252"};
static const char *const date_orders[DATE_ORDERS] = {"ymd", "dmy", "mdy"};

const char *encoding_name(enum encoding e)
{
    return encodings[e];
}

const char *date_order_name(enum date_order o)
{
    return date_orders[o];
}

void reading_init(struct reading *r)
{
    *r = (struct reading){.delimiter = ',', .decimal = '.', .header = true};
    for (int f = 0; f < FIELDS_MAX; f++)
        r->column_of[f] = -1;
}

static void public_part(struct json *j, const struct reading *r)
{
    json_kv_cstr(j, "format", r->format == FORMAT_VCARD ? "vcard" : "table");
    json_key(j, "delimiter");
    json_text(j, (struct str){&r->delimiter, 1});
    json_kv_cstr(j, "encoding", encodings[r->encoding]);
    json_key(j, "decimal");
    json_text(j, (struct str){&r->decimal, 1});
    json_kv_cstr(j, "date_order", date_orders[r->date_order]);
    json_kv_bool(j, "header", r->header);
}

void reading_json(struct json *j, const struct reading *r)
{
    json_open(j);
    public_part(j, r);
    json_close(j);
}

void reading_store(struct json *j, const struct reading *r, enum import_kind kind)
{
    json_open(j);
    public_part(j, r);
    json_kv_bool(j, "mac_lines", r->mac_lines);
    json_kv_int(j, "bom_bytes", r->bom_bytes);
    json_kv_int(j, "chosen", r->chosen);
    json_kv_int(j, "width", r->columns);
    json_key(j, "columns");
    json_open(j);
    for (int f = 0; f < FIELDS_MAX; f++)
        if (r->column_of[f] >= 0 && import_field_of_kind((enum import_field)f, kind))
            json_kv_int(j, import_field_name((enum import_field)f), r->column_of[f]);
    json_close(j);
    json_close(j);
}

static int index_of(const char *const *names, int n, const char *s)
{
    for (int i = 0; s && i < n; i++)
        if (strcmp(names[i], s) == 0)
            return i;
    return -1;
}

static bool load(json_t *root, enum import_kind kind, struct reading *r)
{
    const char *format, *delimiter, *encoding, *decimal, *order;
    int header, mac;
    json_t *columns, *value;
    if (json_unpack(root, "{s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:i,s:i,s:i,s:o}", "format", &format,
                    "delimiter", &delimiter, "encoding", &encoding, "decimal", &decimal,
                    "date_order", &order, "header", &header, "mac_lines", &mac, "bom_bytes",
                    &r->bom_bytes, "chosen", &r->chosen, "width", &r->columns, "columns",
                    &columns) != 0)
        return false;
    int e = index_of(encodings, ENCODINGS, encoding), o = index_of(date_orders, DATE_ORDERS, order);
    if (e < 0 || o < 0 || !delimiter[0] || !decimal[0] || r->columns < 0 ||
        r->columns > COLUMNS_MAX)
        return false;
    r->format = strcmp(format, "vcard") == 0 ? FORMAT_VCARD : FORMAT_TABLE;
    r->encoding = (enum encoding)e;
    r->date_order = (enum date_order)o;
    r->delimiter = delimiter[0];
    r->decimal = decimal[0];
    r->header = header;
    r->mac_lines = mac;
    const char *name;
    json_object_foreach(columns, name, value)
    {
        enum import_field f;
        if (!import_field_by_name(str_c(name), kind, &f) || !json_is_integer(value) ||
            json_integer_value(value) < 0 || json_integer_value(value) >= r->columns)
            return false;
        r->column_of[f] = (int16_t)json_integer_value(value);
    }
    return true;
}

enum err reading_load(json_t *stored, enum import_kind kind, struct reading *ret)
{
    reading_init(ret);
    return stored && load(stored, kind, ret) ? OK : ERR_INTERNAL;
}
