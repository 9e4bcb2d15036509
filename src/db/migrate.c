#include "../base/day.h"
#include "engine.h"
#include <stdio.h>

static const struct db_statement latest = {
    "migration_latest", "SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM migration", "", "i"};
static const struct db_statement has = {
    "migration_has", "SELECT COUNT(*) FROM migration WHERE number = $1", "i", "i"};
static const struct db_statement insert = {
    "migration_insert", "INSERT INTO migration (number, name, applied_us) VALUES ($1, $2, $3)",
    "iti", ""};

struct step {
    const struct db_migration *migration;
    const char *sql;
    bool newest;    /* of all */
    bool applied;   /* out: it was missing */
    int64_t number; /* out: the latest in the base */
};

enum err migration_table(struct db_tx *tx)
{
    return db_free_text(tx,
                        "CREATE TABLE IF NOT EXISTS migration (number BIGINT PRIMARY KEY, "
                        "name TEXT NOT NULL, applied_us BIGINT NOT NULL)",
                        "", NULL);
}

static enum err make_table(struct db_tx *tx, void *arg)
{
    (void)arg;
    return migration_table(tx);
}

static enum err read_latest(struct db_tx *tx, void *arg)
{
    struct step *step = arg;
    return db_query_int(tx, &latest, &step->number);
}

/* Without statistics SQLite takes the first column of an index for nearly unique. Ours is the
 * merchant, of whom a base has one or few: it then reads all rows of a merchant where it should
 * look up the keys of an IN list or begin a join at the customer. So it is told how our keys are:
 * every row has the same merchant, the columns behind it tell rows apart. ANALYZE by itself would
 * measure an empty base. Told with the newest migration: a base is used only when it has that. */
static const char planner_facts[] =
    "ANALYZE sqlite_schema;"
    "DELETE FROM sqlite_stat1;"
    "INSERT INTO sqlite_stat1 (tbl, idx, stat)"
    " SELECT t.name,"
    " CASE WHEN l.origin = 'pk' AND t.sql LIKE '%WITHOUT ROWID%' THEN t.name ELSE l.name END,"
    " '1000000 1000000' || replace(hex(zeroblob(COUNT(*) - 2)), '00', ' 10') ||"
    " CASE l.\"unique\" WHEN 1 THEN ' 1' ELSE ' 10' END"
    " FROM sqlite_schema t, pragma_index_list(t.name) l, pragma_index_info(l.name) c"
    " WHERE t.type = 'table' GROUP BY t.name, l.name"
    " HAVING COUNT(*) >= 2 AND MAX(CASE WHEN c.seqno = 0 THEN c.name END) = 'merchant_id';"
    "ANALYZE sqlite_schema;";

static enum err apply(struct db_tx *tx, void *arg)
{
    struct step *step = arg;
    int64_t there;
    step->applied = false;
    /* Asked again inside: another process may have been quicker. */
    enum err err = db_query_int(tx, &has, &there, db_i(step->migration->number));
    if (err || there)
        return err;
    err = db_free_text(tx, step->sql, "", NULL);
    if (!err && step->newest && db_engine(db_of(tx)) == DB_SQLITE)
        err = db_free_text(tx, planner_facts, "", NULL);
    if (err)
        return err;
    step->applied = true;
    return db_exec(tx, &insert, NULL, db_i(step->migration->number), db_tc(step->migration->name),
                   db_i(now_us()));
}

/* The text for this engine: "); --@without-rowid" becomes ") WITHOUT ROWID;" on SQLite. */
static const char *sql_for(enum db_engine engine, struct str sql, struct arena *a)
{
    static const char mark[] = "; --@without-rowid", instead[] = " WITHOUT ROWID;";
    const char *text = arena_cstr(a, sql);
    if (engine != DB_SQLITE)
        return text;
    struct buf out;
    buf_init(&out, sql.n + 1); /* the replacement is shorter */
    for (const char *found; (found = strstr(text, mark)); text = found + sizeof(mark) - 1) {
        buf_add(&out, text, (size_t)(found - text));
        buf_adds(&out, instead);
    }
    buf_adds(&out, text);
    const char *changed = arena_cstr(a, buf_str(&out));
    buf_free(&out);
    return changed;
}

enum err migration_apply(struct db_tx *tx, const struct db_migration *m, bool newest,
                         struct arena *a)
{
    struct step step = {
        .migration = m, .sql = sql_for(db_engine(db_of(tx)), m->sql, a), .newest = newest};
    return apply(tx, &step);
}

static enum err failed(enum err err, const struct db_migration *m, struct arena *a,
                       struct problem *p)
{
    char number[12];
    snprintf(number, sizeof(number), "%d", m ? m->number : 0);
    return problem_set(p, a, err, "db_migration_failed", NULL, "number", number, "name",
                       m ? m->name : "", NULL);
}

static enum err check_not_newer(int64_t number, const struct db_migration *m, size_t n,
                                struct arena *a, struct problem *p)
{
    char base[24], program[24];
    int newest = n ? m[n - 1].number : 0;
    if (number <= newest)
        return OK;
    snprintf(base, sizeof(base), "%lld", (long long)number);
    snprintf(program, sizeof(program), "%d", newest);
    return problem_set(p, a, ERR_CONFLICT, "db_from_the_future", NULL, "base",
                       arena_cstr(a, str_c(base)), "program", arena_cstr(a, str_c(program)), NULL);
}

struct looking {
    const struct db_migration *migrations;
    size_t n;
    int missing;    /* out */
    int64_t number; /* out: the latest in the base */
};

static enum err find_table(struct db_tx *tx, bool *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    const char *sql = db_engine(db_of(tx)) == DB_SQLITE
                          ? "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'migration'"
                          : "SELECT COUNT(*) FROM pg_tables WHERE tablename = 'migration'"
                            " AND schemaname = current_schema()";
    enum err err = db_free_text(tx, sql, "i", &rows);
    if (err)
        return err;
    *ret = db_next(rows) && db_int(rows, 0) > 0;
    return db_error(rows);
}

static enum err look(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    bool migrated;
    int64_t there;
    l->number = 0;
    l->missing = (int)l->n;
    enum err err = find_table(tx, &migrated);
    if (err || !migrated)
        return err;
    err = db_query_int(tx, &latest, &l->number);
    for (size_t i = 0; i < l->n && !err; i++) {
        err = db_query_int(tx, &has, &there, db_i(l->migrations[i].number));
        l->missing -= there > 0;
    }
    return err;
}

enum err db_migrations_missing(struct db *db, const struct db_migration *m, size_t n,
                               struct arena *a, int *ret_missing, struct problem *p)
{
    struct looking l = {.migrations = m, .n = n};
    enum err err = db_read(db, look, &l);
    if (err)
        return failed(err, NULL, a, p);
    *ret_missing = l.missing;
    return check_not_newer(l.number, m, n, a, p);
}

static enum err migrate(struct db *db, const struct db_migration *m, size_t n, struct arena *a,
                        int *ret_applied, struct problem *p)
{
    struct step step = {0};
    enum err err = db_write(db, make_table, NULL);
    if (!err)
        err = db_read(db, read_latest, &step);
    if (err)
        return failed(err, NULL, a, p);
    err = check_not_newer(step.number, m, n, a, p);
    if (err)
        return err;
    int applied = 0;
    for (size_t i = 0; i < n; i++) {
        check(i == 0 || m[i].number > m[i - 1].number);
        step.migration = &m[i];
        step.newest = i + 1 == n;
        step.sql = sql_for(db_engine(db), m[i].sql, a);
        err = db_write(db, apply, &step);
        if (err)
            return failed(err, &m[i], a, p);
        applied += step.applied;
    }
    *ret_applied = applied;
    return OK;
}

enum err db_migrate(struct db *db, const struct db_migration *m, size_t n, struct arena *a,
                    int *ret_applied, struct problem *p)
{
    void *lock;
    int missing;
    enum err err = db_migrations_missing(db, m, n, a, &missing, p);
    if (!err && missing == 0) /* nobody waits for a writer to learn that nothing is to do */
        *ret_applied = 0;
    if (err || missing == 0)
        return err;
    err = db->engine->lock(db, &lock);
    if (err)
        return failed(err, NULL, a, p);
    err = migrate(db, m, n, a, ret_applied, p);
    db->engine->unlock(lock);
    return err;
}
