/* Importing texts and files in tests of src/crm/import. */
#pragma once
#include "crm_fixture.h"
#include "src/crm/import/import.h"
#include "src/crm/import/upload.h"

struct imported {
    struct import import;
    struct problem p;
    enum err err;
    bool again;
    struct str bytes;
    struct source source;
};

/* `maps`: "field=heading" or "field=3", separated by blanks, or NULL. */
static inline struct reading_wish wish_of(const char *maps, enum import_kind kind)
{
    struct reading_wish w;
    reading_wish_init(&w);
    for (const char *p = maps; p && *p;) {
        size_t n = strcspn(p, " ");
        const char *equals = memchr(p, '=', n);
        enum import_field field;
        int64_t column = 0;
        assert_non_null(equals);
        assert_true(import_field_by_name((struct str){p, (size_t)(equals - p)}, kind, &field));
        struct str text = {equals + 1, n - (size_t)(equals + 1 - p)};
        bool number = str_int64(text, &column);
        w.columns[w.ncolumns++] = (struct column_wish){field, number ? (int)column - 1 : -1, text};
        p += n + (p[n] == ' ');
    }
    return w;
}

static inline struct imported *import_bytes_of(struct fixture *f, enum import_kind kind,
                                               struct str bytes, const char *maps, bool dry)
{
    struct imported *i = arena_make(f->arena, struct imported);
    struct reading_wish wish = wish_of(maps, kind);
    struct import_opening o = {.kind = kind, .file_name = "test.csv", .wish = &wish, .dry = dry};
    i->bytes = bytes;
    source_memory(&i->source, &i->bytes);
    i->err = import_open(&f->app, f->merchant_id, &i->source, &o, f->arena, &i->import, &i->again,
                         &i->p);
    if (i->err)
        return i;
    struct import_run how = {.app = &f->app, .merchant_id = f->merchant_id, .source = &i->source};
    if (dry) {
        struct import_preview preview;
        i->err = import_dry_run(&how, &i->import, 0, 50, f->arena, &preview, &i->p);
        i->import.report = preview.report;
    } else {
        i->err = import_run(&how, &i->import, f->arena, &i->p);
    }
    return i;
}

static inline struct imported *import_text(struct fixture *f, enum import_kind kind,
                                           const char *text)
{
    return import_bytes_of(f, kind, str_c(text), NULL, false);
}

/* "3 rows: 2 added, 1 invalid" … only what is not zero; then the reasons. */
static inline const char *told(struct fixture *f, const struct imported *i)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    const struct import_report *r = &i->import.report;
    if (i->err) {
        buf_printf(&b, "%s", i->p.code ? i->p.code : err_name(i->err));
    } else {
        const struct {
            const char *name;
            int64_t n;
        } counts[] = {{"added", r->added},
                      {"updated", r->updated},
                      {"skipped", r->skipped},
                      {"invalid", r->invalid}};
        buf_printf(&b, "%lld", (long long)r->rows);
        for (size_t k = 0; k < ARRAY_LEN(counts); k++)
            if (counts[k].n > 0)
                buf_printf(&b, " %s=%lld", counts[k].name, (long long)counts[k].n);
        for (int k = 0; k < r->nreasons; k++)
            buf_printf(&b, " %s%s%s:%lld", r->reasons[k].field ? r->reasons[k].field : "",
                       r->reasons[k].field ? "/" : "", r->reasons[k].code + strlen("import_"),
                       (long long)r->reasons[k].count);
    }
    const char *s = arena_cstr(f->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

struct asked_sql {
    struct fixture *f;
    const char *sql, *answer;
    int columns;
};

static inline enum err ask_sql(struct db_tx *tx, void *arg)
{
    struct asked_sql *q = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    struct buf b;
    buf_init(&b, 64 << 20);
    char types[40] = "tttttttttttttttttttttttttttttttttttttt";
    types[q->columns] = 0;
    enum err e = db_free_text(tx, q->sql, types, &rows);
    while (e == OK && db_next(rows)) {
        for (int c = 0; c < q->columns; c++) {
            struct str t = db_text(rows, c);
            if (c > 0)
                buf_addc(&b, '|');
            buf_add(&b, t.p, t.n);
        }
        buf_addc(&b, '\n');
    }
    if (e == OK)
        e = db_error(rows);
    q->answer = arena_cstr(q->f->arena, buf_str(&b));
    buf_free(&b);
    return e;
}

/* The answer to an SQL text whose columns are all texts, "a|b\n" a row. */
static inline const char *sql_text(struct fixture *f, int columns, const char *sql)
{
    struct asked_sql q = {f, sql, NULL, columns};
    assert_int_equal(db_read(f->app.db, ask_sql, &q), OK);
    return q.answer;
}
