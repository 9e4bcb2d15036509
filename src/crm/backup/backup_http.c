/* How the system is: for the owner's page. */
#include "../../base/check.h"
#include "../../db/migrations.h"
#include "backup_sql.h"

#define LISTED 10

static void write_one(struct json *j, const struct db_rows *row)
{
    json_open(j);
    json_kv_id(j, "id", db_int(row, 0));
    json_kv_bool(j, "nightly", !db_is_null(row, 1));
    json_kv_text(j, "state", db_text(row, 2));
    json_kv_text(j, "file", db_text(row, 3));
    json_kv_int(j, "bytes", db_int(row, 4));
    json_kv_int(j, "rows", db_int(row, 5));
    json_key(j, "problem");
    if (db_is_null(row, 6))
        json_nil(j);
    else
        json_text(j, db_text(row, 6));
    json_kv_instant(j, "started_at", db_int(row, 7));
    json_kv_instant(j, "finished_at", db_int(row, 8));
    json_close(j);
}

static enum err write_backups(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    struct json *j = &r->json;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &backup_list, &rows, db_i(LISTED));
    if (e != OK)
        return e;
    json_key(j, "backups");
    json_list(j);
    while (db_next(rows))
        write_one(j, rows);
    json_end(j);
    return db_error(rows);
}

static enum err system_route(struct request *r)
{
    const struct app *app = r->app;
    struct json *j = &r->json;
    json_open(j);
    json_kv_cstr(j, "version", HABITUE_VERSION);
    json_kv_cstr(j, "engine", db_engine(app->db) == DB_SQLITE ? "sqlite" : "postgresql");
    json_kv_int(j, "migration", migrations[migrations_count - 1].number);
    json_kv_bool(j, "nightly", app->backup_dir != NULL);
    json_kv_int(j, "keep", app->backup_keep);
    enum err e = db_read(app->db, write_backups, r);
    json_close(j);
    return e;
}

const struct http_route backup_routes[] = {
    {"GET", "/api/v1/system", PERM_SETTINGS, system_route,
     .summary = "The program, its base and the newest backups", .answer = "System"},
    {0},
};
