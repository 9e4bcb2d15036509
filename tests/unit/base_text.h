/* A whole base as text, a line a row, ordered: two states can be compared, and the first difference
 * told. */
#pragma once
#include "crm_fixture.h"

/* Every column of every table, table by table. */
struct schema {
    struct fixture *f;
    struct {
        const char *table, *column, *type;
    } columns[2000];
    size_t n;
};

static inline enum err read_schema(struct db_tx *tx, void *arg)
{
    struct schema *s = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    const char *sql =
        s->f->postgres
            ? "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT),"
              " CAST(upper(data_type) AS TEXT) FROM information_schema.columns"
              " WHERE table_schema = 'public' ORDER BY 1, ordinal_position"
            : "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c"
              " WHERE m.type = 'table' ORDER BY 1, c.cid";
    s->n = 0;
    enum err e = db_free_text(tx, sql, "ttt", &rows);
    if (e != OK)
        return e;
    while (db_next(rows)) {
        assert_true(s->n < ARRAY_LEN(s->columns));
        s->columns[s->n].table = arena_cstr(s->f->arena, db_text(rows, 0));
        s->columns[s->n].column = arena_cstr(s->f->arena, db_text(rows, 1));
        s->columns[s->n++].type = arena_cstr(s->f->arena, db_text(rows, 2));
    }
    return db_error(rows);
}

struct dumping {
    const struct schema *schema;
    bool (*wants)(const char *table, const char *column);
    const char *(*rows)(const char *table);
    const char *ret;
};

static inline void dump_row(struct buf *out, const struct db_rows *r, const char *types)
{
    for (int i = 0; types[i]; i++) {
        buf_addc(out, '|');
        if (db_is_null(r, i))
            buf_adds(out, "null");
        else if (types[i] == 'i')
            buf_int(out, db_int(r, i));
        else if (types[i] == 't')
            buf_add(out, db_text(r, i).p, db_text(r, i).n);
        else
            for (size_t k = 0; k < db_blob(r, i).n; k++)
                buf_printf(out, "%02x", (unsigned char)db_blob(r, i).p[k]);
    }
    buf_addc(out, '\n');
}

static inline enum err dump_table(struct db_tx *tx, struct dumping *d, size_t from, size_t to,
                                  struct buf *out)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct buf sql cleanup(buf_free), types cleanup(buf_free);
    buf_init(&sql, 10000);
    buf_init(&types, 100);
    for (size_t i = from; i < to; i++) {
        const char *type = d->schema->columns[i].type;
        if (!d->wants(d->schema->columns[i].table, d->schema->columns[i].column))
            continue;
        buf_printf(&sql, "%s%s", sql.n ? ", " : "", d->schema->columns[i].column);
        buf_addc(&types, strcmp(type, "TEXT") == 0 ? 't' : strcmp(type, "BYTEA") == 0 ? 'b' : 'i');
    }
    if (sql.n == 0)
        return OK;
    const char *table = d->schema->columns[from].table;
    const char *where = d->rows(table);
    const char *all = arena_printf(d->schema->f->arena, "SELECT %s FROM %s WHERE %s ORDER BY %s",
                                   buf_cstr(&sql), table, where ? where : "1 = 1", buf_cstr(&sql));
    enum err e = db_free_text(tx, all, buf_cstr(&types), &rows);
    while (e == OK && db_next(rows)) {
        buf_adds(out, d->schema->columns[from].table);
        dump_row(out, rows, buf_cstr(&types));
    }
    return e == OK ? db_error(rows) : e;
}

static inline enum err do_dump(struct db_tx *tx, void *arg)
{
    struct dumping *d = arg;
    struct buf out cleanup(buf_free);
    enum err e = OK;
    buf_init(&out, 10000000);
    for (size_t from = 0, to; e == OK && from < d->schema->n; from = to) {
        for (to = from; to < d->schema->n &&
                        strcmp(d->schema->columns[to].table, d->schema->columns[from].table) == 0;
             to++)
            ;
        e = dump_table(tx, d, from, to, &out);
    }
    d->ret = arena_cstr(d->schema->f->arena, buf_str(&out));
    return e;
}

static inline struct schema *schema_of(struct fixture *f)
{
    struct schema *s = arena_make(f->arena, struct schema);
    s->f = f;
    assert_int_equal(db_read(f->app.db, read_schema, s), OK);
    return s;
}

/* `wants`: is the column in it? `rows`: an SQL condition for the rows of a table; NULL: all. */
static inline const char *base_text(const struct schema *s,
                                    bool (*wants)(const char *table, const char *column),
                                    const char *(*rows)(const char *table))
{
    struct dumping d = {s, wants, rows, NULL};
    assert_int_equal(db_read(s->f->app.db, do_dump, &d), OK);
    return d.ret;
}

static inline void assert_same_text(const char *a, const char *b)
{
    size_t i = 0, line = 0;
    for (; a[i] && a[i] == b[i]; i++)
        if (a[i] == '\n')
            line = i + 1;
    if (a[i] != b[i])
        fail_msg("was: %.300s\nis: %.300s", a + line, b + line);
}
