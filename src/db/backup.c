#include "../base/day.h"
#include "backup_internal.h"
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOOK_ROWS = 10000 };

struct writing {
    const struct db_migration *migrations;
    size_t n;
    FILE *file;
    const char *version;
    const struct backup_watch *watch;
    struct arena *arena;
    struct backup_report report;
    bool cannot_write;
};

static bool goes_on(const struct backup_watch *watch, const char *table, int64_t rows)
{
    return !watch || watch->look(watch->arg, table, rows);
}

static void write_header(struct writing *b, struct backup_writer *w,
                         const struct backup_table *tables, size_t n)
{
    backup_write_number(w, b->report.migration);
    backup_write_number(w, b->report.created_us);
    backup_write_text(w, str_c(b->version));
    backup_write_number(w, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        backup_write_text(w, str_c(tables[i].name));
        backup_write_text(w, str_c(tables[i].types));
        for (int c = 0; c < tables[i].ncolumns; c++)
            backup_write_text(w, str_c(tables[i].columns[c]));
    }
}

static void write_value(struct backup_writer *w, const struct db_value *v)
{
    backup_write(w, &v->type, 1);
    if (v->type == 'i')
        backup_write_number(w, v->i);
    else if (v->type == 'r')
        backup_write(w, &v->r, sizeof v->r);
    else if (v->type != 'n')
        backup_write_text(w, v->s);
}

static const char *select_all(struct arena *a, const struct backup_table *t)
{
    struct buf sql;
    buf_init(&sql, 65536);
    for (int c = 0; c < t->ncolumns; c++)
        buf_printf(&sql, "%s%s", c ? ", " : "SELECT ", t->columns[c]);
    buf_printf(&sql, " FROM %s", t->name);
    const char *text = arena_cstr(a, buf_str(&sql));
    buf_free(&sql);
    return text;
}

/* A 1 before each row, a 0 and their number after the last. */
static enum err write_table(struct db_tx *tx, struct writing *b, struct backup_writer *w,
                            const struct backup_table *t)
{
    static const unsigned char row = 1, end = 0;
    const struct db_statement st = {"backup_table", select_all(b->arena, t), "", t->types};
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t n = 0;
    enum err err = rows_scan(tx, &st, &rows);
    while (!err && !w->failed && db_next(rows)) {
        backup_write(w, &row, 1);
        for (int c = 0; c < t->ncolumns; c++)
            write_value(w, &rows->values[c]);
        if (++n % LOOK_ROWS == 0 && !goes_on(b->watch, t->name, b->report.rows + n))
            return ERR_CANCELED;
    }
    if (err || w->failed)
        return err ? err : ERR_IO;
    backup_write(w, &end, 1);
    backup_write_number(w, n);
    b->report.rows += n;
    err = db_error(rows);
    return !err && !goes_on(b->watch, t->name, b->report.rows) ? ERR_CANCELED : err;
}

static enum err write_all(struct db_tx *tx, struct writing *b, struct backup_writer *w)
{
    struct backup_table *tables;
    size_t n;
    enum err err = backup_tables(tx, b->migrations, b->n, b->arena, &tables, &n);
    if (err)
        return err;
    b->report.tables = (int)n;
    write_header(b, w, tables, n);
    for (size_t i = 0; i < n && !err; i++)
        err = write_table(tx, b, w, &tables[i]);
    if (!err && !backup_write_end(w))
        err = ERR_IO;
    b->report.bytes = w->bytes;
    b->cannot_write = w->failed;
    return err;
}

static enum err write_snapshot(struct db_tx *tx, void *arg)
{
    struct writing *b = arg;
    struct backup_writer w;
    b->report.rows = 0;
    if (fseeko(b->file, 0, SEEK_SET) != 0 || ftruncate(fileno(b->file), 0) != 0)
        return ERR_IO;
    backup_write_begin(&w, b->file);
    enum err err = write_all(tx, b, &w);
    backup_writer_free(&w);
    return err;
}

/* The name of a file is on disk when its folder is. */
static bool sync_folder(const char *path, struct arena *a)
{
    int fd = open(dirname(arena_cstr(a, str_c(path))), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return done;
}

static enum err cannot_write(const char *path, struct arena *a, struct problem *p)
{
    return problem_set(p, a, ERR_IO, "backup_cannot_write", NULL, "file", path, NULL);
}

static enum err write_file(struct db *db, struct writing *b, const char *path, struct problem *p)
{
    char *beside = arena_printf(b->arena, "%s.XXXXXX", path);
    int fd = mkstemp(beside); /* 0600 */
    if (fd < 0 || !(b->file = fdopen(fd, "w+b"))) {
        if (fd >= 0) {
            close(fd);
            unlink(beside);
        }
        return cannot_write(path, b->arena, p);
    }
    enum err err = db_read(db, write_snapshot, b);
    bool stored = !err && fsync(fileno(b->file)) == 0;
    stored = fclose(b->file) == 0 && stored;
    if (stored && rename(beside, path) == 0 && sync_folder(path, b->arena))
        return OK;
    unlink(beside);
    return err && !b->cannot_write ? err : cannot_write(path, b->arena, p);
}

enum err db_backup(struct db *db, const struct db_migration *m, size_t n, const char *path,
                   const char *version, const struct backup_watch *watch, struct arena *a,
                   struct backup_report *ret, struct problem *p)
{
    struct writing b = {.migrations = m, .n = n, .version = version, .watch = watch, .arena = a};
    int missing;
    enum err err = db_migrations_missing(db, m, n, a, &missing, p);
    if (err)
        return err;
    if (missing > 0)
        return problem_set(p, a, ERR_CONFLICT, "backup_old_base", NULL, NULL);
    b.report = (struct backup_report){
        .migration = m[n - 1].number, .created_us = now_us(), .version = version};
    err = write_file(db, &b, path, p);
    if (!err)
        *ret = b.report;
    return err;
}
