#include <sodium.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "privacy_file.h"
#include "privacy_sql.h"

/* One pass over the cards. */
struct pass {
    struct db_tx *tx;
    const struct privacy_file *file;
    int pictures; /* so far: every pass comes to the same names */
};

/* One column's name and kind, "registered:day". */
struct column {
    const char *name;
    struct str kind;
};

static int columns_of(struct arena *a, const char *text,
                      struct column ret[static PRIVACY_COLUMNS_MAX])
{
    int n = 0;
    for (const char *p = text; *p; n++) {
        size_t length = strcspn(p, " ");
        const char *colon = memchr(p, ':', length);
        check(n < PRIVACY_COLUMNS_MAX);
        size_t name = colon ? (size_t)(colon - p) : length;
        ret[n] = (struct column){arena_cstr(a, (struct str){p, name}),
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

static const char *picture_name(struct pass *p, const char *table)
{
    return arena_printf(p->file->arena, "pictures/%s-%d.jpg", table, ++p->pictures);
}

static enum err piece(const struct pass *p, struct buf *text)
{
    return p->file->piece ? p->file->piece(p->file->to, text) : OK;
}

static void value_json(struct pass *p, struct json *j, const struct privacy_table *t,
                       const struct db_rows *r, int col, const struct column *c)
{
    char type = t->read->columns[col];
    json_key(j, c->name);
    if (db_is_null(r, col))
        json_nil(j);
    else if (type == 't')
        json_text(j, db_text(r, col));
    else if (type == 'b')
        json_text(j, str_c(p->file->pictures_apart ? picture_name(p, t->table)
                                                   : encoded(p->file->arena, db_blob(r, col))));
    else if (is_kind(c, "day"))
        json_day(j, (int32_t)db_int(r, col));
    else if (is_kind(c, "instant"))
        json_instant(j, db_int(r, col));
    else
        json_int(j, db_int(r, col));
}

static void begin_table_json(struct json *j, const struct privacy_table *t)
{
    json_open(j);
    json_kv_cstr(j, "table", t->table);
    json_key(j, "rows");
    json_list(j);
}

/* `even_empty`: a table without rows is told, too. */
static enum err table_json(struct pass *p, int64_t card_id, const struct privacy_table *t,
                           bool even_empty, struct json *j)
{
    struct column columns[PRIVACY_COLUMNS_MAX];
    int n = columns_of(p->file->arena, t->columns, columns);
    bool begun = even_empty;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(p->tx, t->read, &rows, db_i(p->file->merchant_id), db_i(card_id));
    check((size_t)n == strlen(t->read->columns));
    if (e == OK && begun)
        begin_table_json(j, t);
    while (e == OK && db_next(rows)) {
        if (!begun)
            begin_table_json(j, t);
        begun = true;
        json_open(j);
        for (int i = 0; i < n; i++)
            value_json(p, j, t, rows, i, &columns[i]);
        json_close(j);
        e = piece(p, j->out);
    }
    if (e == OK && begun) {
        json_end(j);
        json_close(j);
    }
    return e == OK ? db_error(rows) : e;
}

static enum err tables_json(struct pass *p, int64_t card_id, bool even_empty, struct json *j)
{
    enum err e = OK;
    json_key(j, "tables");
    json_list(j);
    for (const struct privacy_table *t = privacy_tables; e == OK && t->table; t++)
        if (t->read)
            e = table_json(p, card_id, t, even_empty, j);
    if (e == OK)
        json_end(j);
    return e;
}

enum err privacy_file_json(struct db_tx *tx, const struct privacy_file *f, struct json *j)
{
    struct pass p = {.tx = tx, .file = f};
    struct privacy_cards cards;
    enum err e = privacy_cards(tx, f->merchant_id, f->customer_id, f->arena, &cards);
    json_open(j);
    json_kv_cstr(j, "merchant", f->merchant_name);
    json_kv_id(j, "customer_id", f->customer_id);
    json_kv_instant(j, "made_at", f->now_us);
    if (e == OK)
        e = tables_json(&p, f->customer_id, true, j);
    if (e != OK)
        return e;
    json_key(j, "merged");
    json_list(j);
    for (size_t i = 1; e == OK && i < cards.n; i++) {
        json_open(j);
        json_kv_id(j, "customer_id", cards.of[i].id);
        json_kv_int(j, "number", cards.of[i].number);
        e = tables_json(&p, cards.of[i].id, false, j);
        if (e == OK)
            json_close(j);
    }
    if (e != OK)
        return e;
    json_end(j);
    json_close(j);
    return OK;
}

/* ---- the pictures ---- */

static enum err table_pictures(struct pass *p, int64_t card_id, const struct privacy_table *t,
                               enum err (*take)(void *to, const char *name, struct str), void *to)
{
    int n = (int)strlen(t->read->columns);
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(p->tx, t->read, &rows, db_i(p->file->merchant_id), db_i(card_id));
    while (e == OK && db_next(rows))
        for (int i = 0; e == OK && i < n; i++)
            if (t->read->columns[i] == 'b' && !db_is_null(rows, i))
                e = take(to, picture_name(p, t->table), db_blob(rows, i));
    return e == OK ? db_error(rows) : e;
}

enum err privacy_file_pictures(struct db_tx *tx, const struct privacy_file *f,
                               enum err (*take)(void *to, const char *name, struct str), void *to)
{
    struct pass p = {.tx = tx, .file = f};
    struct privacy_cards cards;
    enum err e = privacy_cards(tx, f->merchant_id, f->customer_id, f->arena, &cards);
    for (size_t i = 0; e == OK && i < cards.n; i++)
        for (const struct privacy_table *t = privacy_tables; e == OK && t->table; t++)
            if (t->read && strchr(t->read->columns, 'b'))
                e = table_pictures(&p, cards.of[i].id, t, take, to);
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
                      const char *name)
{
    const char *key = arena_printf(f->arena, "%s%s", prefix, name);
    const char *text = message_text(f->language, key);
    if (strcmp(text, key) != 0) {
        add_escaped(out, str_c(text));
        return;
    }
    for (; *name; name++)
        buf_addc(out, *name == '_' ? ' ' : *name);
}

static void add_instant(struct buf *out, int64_t us)
{
    char text[INSTANT_TEXT_MAX];
    size_t n = instant_format(us, text);
    buf_add(out, text, n);
}

static void add_picture(struct pass *p, struct buf *out, const char *table, struct str bytes)
{
    if (p->file->pictures_apart)
        buf_printf(out, "<img src=\"%s\" alt=\"\">", picture_name(p, table));
    else
        buf_printf(out, "<img src=\"data:image/jpeg;base64,%s\" alt=\"\">",
                   encoded(p->file->arena, bytes));
}

static void add_value(struct pass *p, struct buf *out, const struct privacy_table *t,
                      const struct db_rows *r, int col, const struct column *c)
{
    char day[DAY_TEXT_MAX], type = t->read->columns[col];
    if (type == 't')
        add_escaped(out, db_text(r, col));
    else if (type == 'b')
        add_picture(p, out, t->table, db_blob(r, col));
    else if (is_kind(c, "day"))
        buf_add(out, day, day_format((int32_t)db_int(r, col), day));
    else if (is_kind(c, "instant"))
        add_instant(out, db_int(r, col));
    else
        buf_int(out, db_int(r, col));
}

/* A row a line of "name: value", what is not known left out. */
static void add_row(struct pass *p, struct buf *out, const struct privacy_table *t,
                    const struct column *columns, int n, const struct db_rows *r)
{
    buf_adds(out, "<dl>");
    for (int i = 0; i < n; i++) {
        if (db_is_null(r, i))
            continue;
        buf_adds(out, "<div><dt>");
        add_words(out, p->file, "privacy.column_", columns[i].name);
        buf_adds(out, "</dt><dd>");
        add_value(p, out, t, r, i, &columns[i]);
        buf_adds(out, "</dd></div>");
    }
    buf_adds(out, "</dl>\n");
}

static enum err add_table(struct pass *p, int64_t card_id, const struct privacy_table *t,
                          struct buf *out)
{
    struct column columns[PRIVACY_COLUMNS_MAX];
    int n = columns_of(p->file->arena, t->columns, columns);
    cleanup(db_done) struct db_rows *rows = NULL;
    bool any = false;
    enum err e = db_query(p->tx, t->read, &rows, db_i(p->file->merchant_id), db_i(card_id));
    while (e == OK && db_next(rows)) {
        if (!any) {
            buf_adds(out, "<h3>");
            add_words(out, p->file, "privacy.table_", t->table);
            buf_adds(out, "</h3>\n");
        }
        any = true;
        add_row(p, out, t, columns, n, rows);
        e = piece(p, out);
    }
    return e == OK ? db_error(rows) : e;
}

static void add_head(const struct privacy_file *f, struct buf *out)
{
    buf_printf(out,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
               f->language);
    add_escaped(out, str_c(message_text(f->language, "privacy.file_title")));
    buf_adds(
        out,
        "</title>\n<style>body{font:15px/1.5 system-ui,sans-serif;max-width:860px;margin:2em "
        "auto;padding:0 1em;color:#222}h2{margin:3em 0 0}h3{margin:2em 0 "
        ".5em;font-size:1.1em}dl{margin:0;"
        "padding:.5em 0;border-top:1px solid #ddd}dl div{display:flex;gap:1em}dt{flex:0 0 "
        "12em;color:#666}dd{margin:0;overflow-wrap:anywhere;white-space:pre-wrap}img{max-width:"
        "100%;max-height:30em}"
        "</style>\n<h1>");
    add_escaped(out, str_c(message_text(f->language, "privacy.file_title")));
    buf_adds(out, "</h1>\n<p>");
    add_escaped(out, str_c(f->merchant_name));
    buf_adds(out, " · ");
    add_instant(out, f->now_us);
    buf_adds(out, "</p>\n");
}

/* What still stands on a card that was merged into this one. */
static void add_card_title(const struct privacy_file *f, const struct privacy_card *card,
                           struct buf *out)
{
    const struct problem args = {
        .args = {{"number", arena_printf(f->arena, "%lld", (long long)card->number)}}, .nargs = 1};
    buf_adds(out, "<h2>");
    add_escaped(out, str_c(message_fill(f->arena, f->language, "privacy.file_merged", &args)));
    buf_adds(out, "</h2>\n");
}

enum err privacy_file_html(struct db_tx *tx, const struct privacy_file *f, struct buf *out)
{
    struct pass p = {.tx = tx, .file = f};
    struct privacy_cards cards;
    enum err e = privacy_cards(tx, f->merchant_id, f->customer_id, f->arena, &cards);
    add_head(f, out);
    for (size_t i = 0; e == OK && i < cards.n; i++) {
        if (i > 0)
            add_card_title(f, &cards.of[i], out);
        for (const struct privacy_table *t = privacy_tables; e == OK && t->table; t++)
            if (t->read)
                e = add_table(&p, cards.of[i].id, t, out);
    }
    buf_adds(out, "</html>\n");
    return e;
}

static enum err count_card(struct db_tx *tx, int64_t merchant_id, int64_t card_id,
                           int64_t counts[static PRIVACY_TABLES_MAX])
{
    for (size_t i = 0; privacy_tables[i].table; i++) {
        cleanup(db_done) struct db_rows *rows = NULL;
        if (!privacy_tables[i].read)
            continue;
        enum err e = db_query(tx, privacy_tables[i].read, &rows, db_i(merchant_id), db_i(card_id));
        while (e == OK && db_next(rows))
            counts[i]++;
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}

enum err privacy_count(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                       int64_t counts[static PRIVACY_TABLES_MAX])
{
    struct privacy_cards cards;
    enum err e = privacy_cards(tx, merchant_id, customer_id, db_arena(tx), &cards);
    for (size_t i = 0; e == OK && i < cards.n; i++)
        e = count_card(tx, merchant_id, cards.of[i].id, counts);
    return e;
}
