/* The rejected rows as a file for a spreadsheet. */
#include <jansson.h>
#include "../../base/check.h"
#include "../../base/message.h"
#include "import_sql.h"
#include "reader.h"
#include "upload.h"

struct rejected {
    int64_t merchant_id, import_id, line; /* those behind it */
    const char *language;
    const struct import *import;
    struct arena *arena;
    struct buf out;
    int rows;
};

/* Quoted when it must be; what a spreadsheet takes for a formula gets an apostrophe (OWASP, "CSV
 * Injection"). A number with a sign is no formula. */
static void add_cell(struct buf *out, struct str s, bool first)
{
    int64_t number;
    bool formula = s.n > 0 && strchr("=+-@\t\r", s.p[0]) && !str_int64(s, &number);
    bool quoted = formula;
    for (size_t i = 0; i < s.n && !quoted; i++)
        quoted = strchr(",;\"\n\r\t", s.p[i]) != NULL;
    if (!first)
        buf_addc(out, ',');
    if (quoted)
        buf_addc(out, '"');
    if (formula)
        buf_addc(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_addc(out, '"');
        buf_addc(out, s.p[i]);
    }
    if (quoted)
        buf_addc(out, '"');
}

/* The stored record cut into its cells again; one cell when it cannot be. */
static void add_record(struct buf *out, const struct import *im, struct str raw)
{
    struct reading reading = im->reading;
    struct source source;
    struct reader *reader = NULL;
    struct record rec;
    reading.encoding = ENCODING_UTF8; /* as it is stored */
    reading.bom_bytes = 0;
    reading.format = FORMAT_TABLE;
    source_memory(&source, &raw);
    enum err e = im->reading.format == FORMAT_VCARD ? ERR_INVALID
                                                    : reader_open(&source, &reading, 0, 1, &reader);
    if (e == OK)
        e = reader_next(reader, &rec);
    if (e == OK && rec.fault == RECORD_GOOD && rec.end == (int64_t)raw.n)
        for (int i = 0; i < rec.nfields; i++)
            add_cell(out, rec.fields[i], false);
    else
        add_cell(out, raw, false);
    reader_close(&reader);
}

static const char *reason_of_row(struct arena *a, const char *language, const struct db_rows *r)
{
    struct problem p = {.err = ERR_INVALID, .code = arena_cstr(a, db_text(r, 1))};
    p.field = db_is_null(r, 2) ? NULL : arena_cstr(a, db_text(r, 2));
    json_t *args = json_loadb(db_text(r, 3).p, db_text(r, 3).n, 0, NULL), *value;
    const char *name;
    json_object_foreach(args, name, value) {
        if (p.nargs < PROBLEM_ARGS_MAX && json_is_string(value)) {
            p.args[p.nargs].name = arena_cstr(a, str_c(name));
            p.args[p.nargs++].value = arena_cstr(a, str_c(json_string_value(value)));
        }
    }
    json_decref(args);
    return message_problem(a, language, &p);
}

static enum err more_rows(struct db_tx *tx, void *arg)
{
    struct rejected *x = arg;
    int64_t line = x->line;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &import_rejections, &rows, db_i(x->merchant_id), db_i(x->import_id),
                          db_i(line));
    x->rows = 0;
    while (e == OK && db_next(rows)) {
        line = db_int(rows, 0);
        buf_int(&x->out, line);
        add_cell(&x->out, str_c(reason_of_row(x->arena, x->language, rows)), false);
        add_cell(&x->out, db_text(rows, 2), false);
        add_record(&x->out, x->import, db_text(rows, 4));
        buf_adds(&x->out, "\r\n");
        x->rows++;
    }
    if (e == OK && (e = db_error(rows)) == OK)
        x->line = line;
    return e;
}

static void headings(struct rejected *x, const struct str *own, int n)
{
    static const char *const keys[] = {"import_rejected.line", "import_rejected.reason",
                                       "import_rejected.field"};
    buf_adds(&x->out, "\xEF\xBB\xBF");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        add_cell(&x->out, str_c(message_text(x->language, keys[i])), i == 0);
    for (int i = 0; i < n; i++)
        add_cell(&x->out, own[i], false);
    buf_adds(&x->out, "\r\n");
}

/* The file's own headings; numbers where it has none. */
static int own_headings(struct arena *a, const struct import *im, struct str *ret)
{
    int n = im->reading.format == FORMAT_VCARD ? 0 : im->reading.columns;
    for (int i = 0; i < n; i++) {
        ret[i] = str_c(arena_printf(a, "%d", i + 1));
        if (im->columns[i].heading.n > 0)
            ret[i] = im->columns[i].heading;
    }
    return n;
}

enum err import_rejected_csv(struct app *app, int64_t merchant_id, int64_t import_id,
                             const char *language, bool (*write)(void *arg, struct str piece), void *arg)
{
    struct arena *a = arena_new(), *rows = arena_new();
    struct import_asked asked = {merchant_id, import_id, a, {0}};
    enum err e = db_read(app->db, import_ask, &asked);
    struct rejected x = {merchant_id, import_id, 0, language, &asked.import, rows, {0}, 0};
    buf_init(&x.out, 64 << 20);
    if (e == OK) {
        struct str *own = arena_array(a, struct str, COLUMNS_MAX);
        headings(&x, own, own_headings(a, &asked.import, own));
    }
    do {
        if (e == OK)
            e = db_read(app->db, more_rows, &x);
        if (e == OK && x.out.n > 0 && !write(arg, buf_str(&x.out)))
            e = ERR_CANCELED;
        x.out.n = 0;
        arena_reset(rows);
    } while (e == OK && x.rows > 0);
    buf_free(&x.out);
    arena_free(&a);
    arena_free(&rows);
    return e;
}
