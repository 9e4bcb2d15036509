#include "backup_internal.h"
#include <stdlib.h>

enum { BATCH_ROWS = 500, BATCH_BYTES = 1 << 20, LOOK_ROWS = 10000 };

struct restoring {
    const struct db_migration *migrations;
    size_t n;
    FILE *file;
    bool force;
    const struct backup_watch *watch;
    struct arena *arena; /* of the caller */
    struct arena *batch; /* the texts of the rows that wait */
    struct backup_report report;
    struct problem *problem;
};

static enum err bad(struct restoring *b)
{
    return problem_set(b->problem, b->arena, ERR_INVALID, "backup_bad", NULL, NULL);
}

/* ---- the header ---- */

static void read_table(struct backup_reader *r, struct arena *a, struct backup_table *t)
{
    *t = (struct backup_table){.name = arena_cstr(a, backup_read_text(r))};
    struct str types = backup_read_text(r);
    if (types.n == 0 || types.n > BACKUP_COLUMNS_MAX) {
        r->bad = true;
        return;
    }
    t->ncolumns = (int)types.n;
    memcpy(t->types, types.p, types.n);
    for (int c = 0; c < t->ncolumns; c++)
        t->columns[c] = arena_cstr(a, backup_read_text(r));
}

static enum err read_header(struct restoring *b, struct backup_reader *r, struct backup_table **ret,
                            size_t *ret_n)
{
    int newest = b->migrations[b->n - 1].number;
    int64_t migration = backup_read_number(r);
    b->report.created_us = backup_read_number(r);
    b->report.version = arena_cstr(b->arena, backup_read_text(r));
    int64_t n = backup_read_number(r);
    if (r->bad || migration < 1 || migration > INT32_MAX || n < 0 || n > BACKUP_TABLES_MAX)
        return bad(b);
    if (migration > newest)
        return problem_set(b->problem, b->arena, ERR_CONFLICT, "backup_newer", NULL, "version",
                           b->report.version, NULL);
    b->report.migration = (int)migration;
    b->report.tables = (int)n;
    struct backup_table *tables = arena_array(b->arena, struct backup_table, (size_t)n + 1);
    for (int64_t i = 0; i < n && !r->bad; i++)
        read_table(r, b->arena, &tables[i]);
    *ret = tables;
    *ret_n = (size_t)n;
    return r->bad ? bad(b) : OK;
}

/* ---- the place ---- */

static enum err drop_all(struct db_tx *tx, struct restoring *b)
{
    struct backup_table *there;
    size_t n;
    enum err err = backup_tables(tx, b->migrations, b->n, b->arena, &there, &n);
    for (size_t i = 0; i < n && !err && !b->force; i++) {
        struct db_rows *rows cleanup(db_done) = NULL;
        err = db_free_text(tx,
                           arena_printf(b->arena,
                                        "SELECT COUNT(*) FROM (SELECT 1 FROM %s LIMIT 1) AS first",
                                        there[i].name),
                           "i", &rows);
        if (!err && db_next(rows) && db_int(rows, 0) > 0)
            return problem_set(b->problem, b->arena, ERR_CONFLICT, "backup_not_empty", NULL, NULL);
        err = err ? err : db_error(rows);
    }
    /* the last made first: nothing cites what is dropped */
    for (size_t i = n; i > 0 && !err; i--)
        err =
            db_free_text(tx, arena_printf(b->arena, "DROP TABLE %s", there[i - 1].name), "", NULL);
    return err ? err : db_free_text(tx, "DROP TABLE IF EXISTS migration", "", NULL);
}

static enum err make_tables(struct db_tx *tx, struct restoring *b)
{
    enum err err = migration_table(tx);
    for (size_t i = 0; i < b->n && !err; i++) {
        if (b->migrations[i].number <= b->report.migration)
            err = migration_apply(tx, &b->migrations[i], i + 1 == b->n, b->arena);
    }
    return err;
}

/* The file names nothing that the migrations did not make: what it says becomes SQL. */
static bool fits(const struct backup_table *t, const struct backup_table *made, size_t n)
{
    const struct backup_table *same = NULL;
    for (size_t i = 0; i < n; i++)
        same = strcmp(made[i].name, t->name) == 0 ? &made[i] : same;
    for (int c = 0; same && c < t->ncolumns; c++) {
        bool found = false;
        for (int k = 0; k < same->ncolumns; k++)
            found = found ||
                    (strcmp(same->columns[k], t->columns[c]) == 0 && same->types[k] == t->types[c]);
        if (!found)
            return false;
    }
    return same != NULL;
}

/* ---- rows ---- */

static struct db_statement *insert_of(struct arena *a, const struct backup_table *t)
{
    struct db_statement *st = arena_make(a, struct db_statement);
    struct buf sql;
    buf_init(&sql, 65536);
    buf_printf(&sql, "INSERT INTO %s (", t->name);
    for (int c = 0; c < t->ncolumns; c++)
        buf_printf(&sql, "%s%s", c ? ", " : "", t->columns[c]);
    buf_adds(&sql, ") VALUES (");
    for (int c = 1; c <= t->ncolumns; c++)
        buf_printf(&sql, "%s$%d", c > 1 ? ", " : "", c);
    buf_adds(&sql, ")");
    *st = (struct db_statement){"backup_row", arena_cstr(a, buf_str(&sql)), t->types, ""};
    buf_free(&sql);
    return st;
}

static struct db_value read_value(struct backup_reader *r, char wanted, struct arena *a)
{
    char type = (char)backup_read_byte(r);
    if (type == 'n')
        return db_null();
    if (type != wanted)
        r->bad = true;
    switch (r->bad ? 'n' : type) {
    case 'i':
        return db_i(backup_read_number(r));
    case 'r':
        return db_r(backup_read_real(r));
    case 't':
        return db_t(arena_str(a, backup_read_text(r)));
    case 'b':
        return db_b(arena_str(a, backup_read_text(r)));
    default:
        return db_null();
    }
}

static bool goes_on(const struct restoring *b, const char *table, int64_t rows)
{
    return !b->watch || b->watch->look(b->watch->arg, table, rows);
}

static enum err read_rows(struct db_tx *tx, struct restoring *b, struct backup_reader *r,
                          const struct backup_table *t, struct db_value *values)
{
    const struct db_statement *st = insert_of(b->arena, t);
    int64_t n = 0;
    size_t waiting = 0, bytes = 0, columns = (size_t)t->ncolumns;
    enum err err = OK;
    bool more = true;
    while (more && !err) {
        more = backup_read_byte(r) == 1 && !r->bad;
        for (size_t c = 0; more && c < columns; c++) {
            struct db_value *v = &values[waiting * columns + c];
            *v = read_value(r, t->types[c], b->batch);
            bytes += v->type == 't' || v->type == 'b' ? v->s.n : 8;
        }
        if (r->bad)
            return bad(b);
        waiting += more;
        if (waiting == BATCH_ROWS || bytes > BATCH_BYTES || !more) {
            err = db_exec_many(tx, st, values, columns, waiting);
            n += (int64_t)waiting;
            waiting = bytes = 0;
            arena_reset(b->batch);
            if (!err && !goes_on(b, t->name, b->report.rows + n))
                err = ERR_CANCELED;
        }
    }
    b->report.rows += n;
    if (!err && (backup_read_number(r) != n || r->bad))
        return bad(b);
    return err;
}

static enum err read_all(struct db_tx *tx, struct restoring *b, struct backup_reader *r)
{
    struct backup_table *tables = NULL, *made = NULL;
    size_t n = 0, nmade = 0;
    enum err err = read_header(b, r, &tables, &n);
    if (!err)
        err = drop_all(tx, b);
    if (!err)
        err = make_tables(tx, b);
    if (!err)
        err = backup_tables(tx, b->migrations, b->n, b->arena, &made, &nmade);
    struct db_value *values = calloc(BATCH_ROWS * BACKUP_COLUMNS_MAX, sizeof *values);
    check(values);
    for (size_t i = 0; i < n && !err; i++)
        err = fits(&tables[i], made, nmade) ? read_rows(tx, b, r, &tables[i], values) : bad(b);
    free(values);
    return err;
}

static enum err restore(struct db_tx *tx, void *arg)
{
    struct restoring *b = arg;
    struct backup_reader r;
    b->report.rows = 0;
    b->batch = arena_new();
    backup_read_begin(&r, b->file);
    enum err err = read_all(tx, b, &r);
    /* a row that an earlier one forbids: no base ever held it */
    if (err == ERR_CONFLICT && (!b->problem || !b->problem->code))
        err = bad(b);
    backup_reader_free(&r);
    arena_free(&b->batch);
    return err;
}

enum err db_restore(struct db *db, const struct db_migration *m, size_t n, const char *path,
                    bool force, const struct backup_watch *watch, struct arena *a,
                    struct backup_report *ret, struct problem *p)
{
    int applied;
    struct restoring b = {.migrations = m,
                          .n = n,
                          .force = force,
                          .watch = watch,
                          .arena = a,
                          .problem = p,
                          .file = fopen(path, "rbe")};
    if (!b.file)
        return problem_set(p, a, ERR_IO, "backup_cannot_read", NULL, "file", path, NULL);
    enum err err = backup_verify(b.file, &b.report.bytes);
    if (err == ERR_IO)
        err = problem_set(p, a, err, "backup_cannot_read", NULL, "file", path, NULL);
    else if (err)
        err = bad(&b);
    else
        err = db_write(db, restore, &b);
    fclose(b.file);
    if (!err)
        err = db_migrate(db, m, n, a, &applied, p);
    if (!err)
        *ret = b.report;
    return err;
}
