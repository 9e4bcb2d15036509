/* The file of everything held on one customer: for programs as JSON, for people as a page that stands
 * by itself. */
#include <sodium.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "privacy_sql.h"


/* One column's name and kind, "registered:day". */
struct column {
    struct str name, kind;
};

static int columns_of(const char *text, struct column ret[static PRIVACY_COLUMNS_MAX])
{
    int n = 0;
    for (const char *p = text; *p; n++) {
        size_t length = strcspn(p, " ");
        const char *colon = memchr(p, ':', length);
        check(n < PRIVACY_COLUMNS_MAX);
        size_t name = colon ? (size_t)(colon - p) : length;
        ret[n] = (struct column){{p, name},
                                 colon ? (struct str){colon + 1, length - name - 1} : STR("")};
        p += length + (p[length] == ' ');
    }
    return n;
}

static bool is_kind(const struct column *c, const char *kind)
{
    return str_eq(c->kind, str_c(kind));
}

/* Bytes as Base64 (RFC 4648). */
static const char *encoded(struct arena *a, struct str bytes)
{
    size_t room = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(a, room);
    return sodium_bin2base64(text, room, (const unsigned char *)bytes.p, bytes.n,
                             sodium_base64_VARIANT_ORIGINAL);
}

static void value_json(struct json *j, struct arena *a, const struct db_rows *r, int col, char type,
                       const struct column *c)
{
    json_key(j, arena_cstr(a, c->name));
    if (db_is_null(r, col))
        json_nil(j);
    else if (type == 't')
        json_text(j, db_text(r, col));
    else if (type == 'b')
        json_text(j, str_c(encoded(a, db_blob(r, col))));
    else if (is_kind(c, "day"))
        json_day(j, (int32_t)db_int(r, col));
    else if (is_kind(c, "instant"))
        json_instant(j, db_int(r, col));
    else
        json_int(j, db_int(r, col));
}

static enum err table_json(struct db_tx *tx, const struct privacy_file *f,
                           const struct privacy_table *t, struct json *j)
{
    struct column columns[PRIVACY_COLUMNS_MAX];
    int n = columns_of(t->columns, columns);
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, t->read, &rows, db_i(f->merchant_id), db_i(f->customer_id));
    check((size_t)n == strlen(t->read->columns));
    if (e != OK)
        return e;
    json_open(j);
    json_kv_cstr(j, "table", t->table);
    json_key(j, "rows");
    json_list(j);
    while (db_next(rows)) {
        json_open(j);
        for (int i = 0; i < n; i++)
            value_json(j, f->arena, rows, i, t->read->columns[i], &columns[i]);
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return db_error(rows);
}

enum err privacy_file_json(struct db_tx *tx, const struct privacy_file *f, struct json *j)
{
    enum err e = OK;
    json_open(j);
    json_kv_cstr(j, "merchant", f->merchant_name);
    json_kv_id(j, "customer_id", f->customer_id);
    json_kv_instant(j, "made_at", f->now_us);
    json_key(j, "tables");
    json_list(j);
    for (const struct privacy_table *t = privacy_tables; e == OK && t->table; t++)
        if (t->read)
            e = table_json(tx, f, t, j);
    json_end(j);
    json_close(j);
    return e;
}

/* ---- the page ---- */

static void add_escaped(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<':
            buf_adds(out, "&lt;");
            break;
        case '>':
            buf_adds(out, "&gt;");
            break;
        case '&':
            buf_adds(out, "&amp;");
            break;
        case '"':
            buf_adds(out, "&quot;");
            break;
        default:
            buf_addc(out, s.p[i]);
        }
    }
}

/* The words of a key, or the name itself with blanks where there are none. */
static void add_words(struct buf *out, const struct privacy_file *f, const char *prefix,
                      struct str name)
{
    const char *key = arena_printf(f->arena, "%s%.*s", prefix, (int)name.n, name.p);
    const char *text = message_text(f->language, key);
    if (strcmp(text, key) != 0) {
        add_escaped(out, str_c(text));
        return;
    }
    for (size_t i = 0; i < name.n; i++)
        buf_addc(out, name.p[i] == '_' ? ' ' : name.p[i]);
}

static void add_instant(struct buf *out, int64_t us)
{
    char text[INSTANT_TEXT_MAX];
    size_t n = instant_format(us, text);
    buf_add(out, text, n);
}

static void add_value(struct buf *out, const struct db_rows *r, int col, char type,
                      const struct column *c)
{
    char day[DAY_TEXT_MAX];
    if (type == 't')
        add_escaped(out, db_text(r, col));
    else if (type == 'b')
        buf_printf(out, "%zu B", db_blob(r, col).n);
    else if (is_kind(c, "day"))
        buf_add(out, day, day_format((int32_t)db_int(r, col), day));
    else if (is_kind(c, "instant"))
        add_instant(out, db_int(r, col));
    else
        buf_int(out, db_int(r, col));
}

/* A row a line of "name: value", what is not known left out. */
static void add_row(struct buf *out, const struct privacy_file *f, const struct privacy_table *t,
                    const struct column *columns, int n, const struct db_rows *r)
{
    buf_adds(out, "<dl>");
    for (int i = 0; i < n; i++) {
        if (db_is_null(r, i))
            continue;
        buf_adds(out, "<div><dt>");
        add_words(out, f, "privacy.column_", columns[i].name);
        buf_adds(out, "</dt><dd>");
        add_value(out, r, i, t->read->columns[i], &columns[i]);
        buf_adds(out, "</dd></div>");
    }
    buf_adds(out, "</dl>\n");
}

static enum err add_table(struct db_tx *tx, const struct privacy_file *f,
                          const struct privacy_table *t, struct buf *out)
{
    struct column columns[PRIVACY_COLUMNS_MAX];
    int n = columns_of(t->columns, columns);
    cleanup(db_done) struct db_rows *rows = NULL;
    bool any = false;
    enum err e = db_query(tx, t->read, &rows, db_i(f->merchant_id), db_i(f->customer_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (!any) {
            buf_adds(out, "<h2>");
            add_words(out, f, "privacy.table_", str_c(t->table));
            buf_adds(out, "</h2>\n");
        }
        any = true;
        add_row(out, f, t, columns, n, rows);
    }
    return db_error(rows);
}

static void add_head(const struct privacy_file *f, struct buf *out)
{
    buf_printf(out,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
               f->language);
    add_escaped(out, str_c(message_text(f->language, "privacy.file_title")));
    buf_adds(out, "</title>\n<style>body{font:15px/1.5 system-ui,sans-serif;max-width:860px;margin:2em "
                  "auto;padding:0 1em;color:#222}h2{margin:2em 0 .5em;font-size:1.1em}dl{margin:0;"
                  "padding:.5em 0;border-top:1px solid #ddd}dl div{display:flex;gap:1em}dt{flex:0 0 "
                  "12em;color:#666}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}"
                  "</style>\n<h1>");
    add_escaped(out, str_c(message_text(f->language, "privacy.file_title")));
    buf_adds(out, "</h1>\n<p>");
    add_escaped(out, str_c(f->merchant_name));
    buf_adds(out, " · ");
    add_instant(out, f->now_us);
    buf_adds(out, "</p>\n");
}

enum err privacy_file_html(struct db_tx *tx, const struct privacy_file *f, struct buf *out)
{
    enum err e = OK;
    add_head(f, out);
    for (const struct privacy_table *t = privacy_tables; e == OK && t->table; t++)
        if (t->read)
            e = add_table(tx, f, t, out);
    buf_adds(out, "</html>\n");
    return e;
}

enum err privacy_count(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                        int64_t counts[static PRIVACY_TABLES_MAX])
{
    for (size_t i = 0; privacy_tables[i].table; i++) {
        cleanup(db_done) struct db_rows *rows = NULL;
        if (!privacy_tables[i].read)
            continue;
        enum err e = db_query(tx, privacy_tables[i].read, &rows, db_i(merchant_id),
                              db_i(customer_id));
        while (e == OK && db_next(rows))
            counts[i]++;
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}
