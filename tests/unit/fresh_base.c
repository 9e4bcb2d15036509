#include "fresh_base.h"
#include "src/db/migrations.h"
#include "test.h"
#include <libpq-fe.h>
#include <string.h>
#include <unistd.h>

static void migrate(struct arena *a, const char *url)
{
    struct db *db;
    struct problem p = {0};
    int applied;
    assert_int_equal(db_open(url, &(struct db_options){.create = true}, a, &db, &p), OK);
    assert_int_equal(db_migrate(db, migrations, migrations_count, a, &applied, &p), OK);
    db_close(&db);
}

/* ---- PostgreSQL ---- */

/* NULL when it was done, else the five letters of why not. */
static const char *run(struct arena *a, PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *ret =
        PQresultStatus(r) == PGRES_COMMAND_OK ? NULL : arena_cstr(a, str_c(state ? state : "?"));
    PQclear(r);
    return ret;
}

static void must_run(struct arena *a, PGconn *c, const char *sql)
{
    const char *why = run(a, c, sql);
    if (why)
        fail_msg("%s: %s", sql, PQerrorMessage(c));
}

static PGconn *server(const char *postgres)
{
    PGconn *c = PQconnectdb(postgres);
    if (PQstatus(c) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(c));
    return c;
}

/* The same server, another database: what the address has between the host and the parameters. */
static const char *url_of(struct arena *a, const char *postgres, const char *database)
{
    const char *host = strstr(postgres, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    if (!path)
        fail_msg("HABITUE_TEST_PG is no postgresql://HOST/DATABASE");
    return arena_printf(a, "%.*s/%s%s", (int)(path - postgres), postgres, database,
                        path + strcspn(path, "?"));
}

/* Named by its migrations, so that a server which outlives a change of them serves no old one. */
static const char *template_name(struct arena *a)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < migrations_count; i++)
        for (size_t k = 0; k < migrations[i].sql.n; k++)
            hash = (hash ^ (uint8_t)migrations[i].sql.p[k]) * 0x100000001b3u;
    return arena_printf(a, "template_%016llx", (unsigned long long)hash);
}

/* Several programs may do it at once: the first to be ready gives it its name. */
static void make_template(struct arena *a, PGconn *c, const char *postgres, const char *name)
{
    const char *own = arena_printf(a, "making_%d", (int)getpid());
    must_run(a, c, arena_printf(a, "CREATE DATABASE %s", own));
    migrate(a, url_of(a, postgres, own));
    if (run(a, c, arena_printf(a, "ALTER DATABASE %s RENAME TO %s", own, name)))
        must_run(a, c, arena_printf(a, "DROP DATABASE %s WITH (FORCE)", own));
}

static void copy_database(struct arena *a, const char *postgres, const char *database)
{
    static const char no_such_database[] = "3D000";
    const char *name = template_name(a);
    /* files copied: a log of all their pages is written to no end */
    const char *copy =
        arena_printf(a, "CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", database, name);
    PGconn *c = server(postgres);
    const char *why = run(a, c, copy);
    if (why && strcmp(why, no_such_database) == 0) {
        make_template(a, c, postgres, name);
        why = run(a, c, copy);
    }
    if (why)
        fail_msg("%s: %s", copy, PQerrorMessage(c));
    PQfinish(c);
}

/* ---- SQLite ---- */

static void copy_file(struct arena *a, const char *path)
{
    static struct str migrated;
    if (!migrated.n) {
        migrate(a, path);
        struct str file = test_file(a, path);
        char *kept = malloc(file.n);
        assert_non_null(kept);
        memcpy(kept, file.p, file.n);
        migrated = (struct str){kept, file.n};
        return;
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(migrated.p, 1, migrated.n, f), migrated.n);
    assert_int_equal(fclose(f), 0);
}

/* ---- either ---- */

struct fresh_base fresh_base_new(struct arena *a, const char *postgres)
{
    static int count;
    if (postgres) {
        const char *database = arena_printf(a, "t%d_%d", (int)getpid(), count++);
        copy_database(a, postgres, database);
        return (struct fresh_base){.url = url_of(a, postgres, database), .database = database};
    }
    const char *tmp = getenv("TMPDIR");
    char *folder = arena_printf(a, "%s/habitue-test-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    const char *path = arena_printf(a, "%s/test.db", folder);
    copy_file(a, path);
    return (struct fresh_base){.url = path, .folder = folder};
}

void fresh_base_drop(const struct fresh_base *b, struct arena *a, const char *postgres)
{
    if (b->database) {
        PGconn *c = server(postgres);
        must_run(a, c, arena_printf(a, "DROP DATABASE %s WITH (FORCE)", b->database));
        PQfinish(c);
        return;
    }
    static const char *const ends[] = {"", "-wal", "-shm", "-lock", ".lock"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        unlink(arena_printf(a, "%s%s", b->url, ends[i]));
    rmdir(b->folder);
}
