/* The rejected rows as a file for a spreadsheet. */
#include <jansson.h>
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/message.h"
#include "../csv.h"
#include "import_sql.h"
#include "reader.h"
#include "upload.h"

struct rejected {
    struct app *app;
    struct import_asked asked; /* the import */
    const char *language;
    int64_t line; /* rows behind it come next */
    bool begun;
    struct arena *rows_arena;
    struct buf *out;
    int rows;
};

/* What a spreadsheet takes for a formula gets an apostrophe; one that stands there already was the
 * file's own. A number with a sign is no formula. */
static void add_cell(struct buf *out, struct str s, bool first)
{
    int64_t number;
    csv_text(out, s, ',', first, s.n > 0 && strchr("=+-@\t\r", s.p[0]) && !str_int64(s, &number));
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
    json_object_foreach(args, name, value)
    {
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
    size_t out_was = x->out->n;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &import_rejections, &rows, db_i(x->asked.merchant_id),
                          db_i(x->asked.id), db_i(line));
    x->rows = 0;
    while (e == OK && db_next(rows)) {
        line = db_int(rows, 0);
        buf_int(x->out, line);
        add_cell(x->out, str_c(reason_of_row(x->rows_arena, x->language, rows)), false);
        add_cell(x->out, db_text(rows, 2), false);
        add_record(x->out, &x->asked.import, db_text(rows, 4));
        buf_adds(x->out, "\r\n");
        x->rows++;
    }
    if (e == OK)
        e = db_error(rows);
    if (e == OK)
        x->line = line;
    else
        x->out->n = out_was;
    return e;
}

/* With the file's own headings; numbers where it has none. */
static void headings(struct rejected *x)
{
    static const char *const keys[] = {"report.rejected.line", "report.rejected.reason",
                                       "report.rejected.field"};
    buf_adds(x->out, "\xEF\xBB\xBF");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        add_cell(x->out, str_c(message_text(x->language, keys[i])), i == 0);
    const struct import *im = &x->asked.import;
    for (int i = 0; i < im->reading.columns && im->reading.format == FORMAT_TABLE; i++) {
        struct str own = im->columns[i].heading;
        add_cell(x->out, own.n > 0 ? own : str_c(arena_printf(x->rows_arena, "%d", i + 1)), false);
    }
    buf_adds(x->out, "\r\n");
}

enum err rejected_open(struct app *app, int64_t merchant_id, int64_t import_id,
                       const char *language, struct rejected **ret)
{
    struct rejected *x = calloc(1, sizeof *x);
    check(x);
    x->app = app;
    x->asked = (struct import_asked){merchant_id, import_id, arena_new(), {0}};
    x->language = language;
    x->rows_arena = arena_new();
    enum err e = db_read(app->db, import_ask, &x->asked);
    if (e)
        rejected_close(&x);
    else
        *ret = x;
    return e;
}

void rejected_close(struct rejected **x)
{
    if (!*x)
        return;
    arena_free(&(*x)->asked.arena);
    arena_free(&(*x)->rows_arena);
    free(*x);
    *x = NULL;
}

bool rejected_next(struct rejected *x, struct buf *out)
{
    x->out = out;
    if (!x->begun)
        headings(x);
    x->begun = true;
    arena_reset(x->rows_arena);
    return db_read(x->app->db, more_rows, x) == OK && x->rows > 0 && !out->failed;
}
