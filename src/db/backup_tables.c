#include <stdlib.h>
#include "backup_internal.h"

/* The name after each "CREATE TABLE " of the migrations. */
static size_t own_names(const struct db_migration *m, size_t n, struct arena *a,
                        const char *names[static BACKUP_TABLES_MAX])
{
    static const char mark[] = "CREATE TABLE ";
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = arena_cstr(a, m[i].sql);
        while ((text = strstr(text, mark))) {
            text += sizeof mark - 1;
            size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789");
            check(length > 0 && found < BACKUP_TABLES_MAX);
            names[found++] = arena_cstr(a, (struct str){text, length});
        }
    }
    return found;
}

static char letter_of(struct str type)
{
    static const struct {
        const char *name;
        char letter;
    } types[] = {{"bigint", 'i'}, {"double precision", 'r'}, {"text", 't'}, {"bytea", 'b'}};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (str_ieq_ascii(type, str_c(types[i].name)))
            return types[i].letter;
    }
    return 0;
}

/* No columns: there is no such table. */
static enum err read_columns(struct db_tx *tx, const char *name, struct arena *a,
                             struct backup_table *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    const char *sql =
        db_engine(db_of(tx)) == DB_SQLITE
            ? arena_printf(a, "SELECT name, type FROM pragma_table_info('%s') ORDER BY cid", name)
            : arena_printf(a,
                           "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
                           " WHERE attrelid = to_regclass(current_schema() || '.%s')"
                           " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                           name);
    *ret = (struct backup_table){.name = name};
    enum err err = db_free_text(tx, sql, "tt", &rows);
    if (err)
        return err;
    while (db_next(rows)) {
        check(ret->ncolumns < BACKUP_COLUMNS_MAX);
        char letter = letter_of(db_text(rows, 1));
        check(letter); /* the statements' test allows these four types alone */
        ret->types[ret->ncolumns] = letter;
        ret->columns[ret->ncolumns++] = arena_cstr(a, db_text(rows, 0));
    }
    return db_error(rows);
}

enum err backup_tables(struct db_tx *tx, const struct db_migration *m, size_t n, struct arena *a,
                       struct backup_table **ret, size_t *ret_n)
{
    const char *names[BACKUP_TABLES_MAX];
    size_t count = own_names(m, n, a, names), there = 0;
    struct backup_table *tables = arena_array(a, struct backup_table, count + 1);
    for (size_t i = 0; i < count; i++) {
        enum err err = read_columns(tx, names[i], a, &tables[there]);
        if (err)
            return err;
        there += tables[there].ncolumns > 0;
    }
    *ret = tables;
    *ret_n = there;
    return OK;
}
