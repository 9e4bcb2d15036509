/* A base of its own for tests of src/crm, on SQLite and, when HABITUE_TEST_PG is set, on
 * PostgreSQL. */
#pragma once
#include "src/crm/change/change.h"
#include "src/crm/customer/audiences.h"
#include "src/crm/customer/customer.h"
#include "src/crm/customer/facts.h"
#include "src/crm/merchant/merchant.h"
#include "src/crm/store/store.h"
#include "src/crm/word/word.h"
#include "src/db/migrations.h"
#include "test.h"
#include <unistd.h>

struct fixture {
    struct arena *arena;
    struct app app;
    int64_t merchant_id;
    const char *url, *folder, *schema;
    uint64_t random;
};

static inline enum err fixture_sql(struct db_tx *tx, void *arg)
{
    return db_free_text(tx, arg, "", NULL);
}

static inline enum err fixture_merchant(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    struct merchant m = {.slug = "shop",
                         .name = "Shop",
                         .currency = "EUR",
                         .time_zone = "Europe/Paris",
                         .country = "FR",
                         .language = "en"};
    return merchant_create(tx, &m, &f->merchant_id, NULL);
}

static inline struct db *fixture_open(struct fixture *f)
{
    struct db *db;
    struct problem p = {0};
    assert_int_equal(db_open(f->url, &(struct db_options){.create = true}, f->arena, &db, &p), OK);
    return db;
}

static inline void fixture_start(struct fixture *f, const char *postgres)
{
    struct problem p = {0};
    int applied;

    *f = (struct fixture){.arena = arena_new(), .random = 1};
    if (postgres) {
        static int count;
        f->schema = arena_printf(f->arena, "t%d_%d", (int)getpid(), count++);
        f->url = postgres;
        struct db *db = fixture_open(f);
        assert_int_equal(
            db_write(db, fixture_sql, arena_printf(f->arena, "CREATE SCHEMA %s", f->schema)), OK);
        db_close(&db);
        f->url = arena_printf(f->arena, "%s&options=-csearch_path%%3D%s", postgres, f->schema);
    } else {
        char *folder = arena_printf(f->arena, "/tmp/habitue-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
        f->folder = folder;
        f->url = arena_printf(f->arena, "%s/test.db", folder);
    }
    f->app = (struct app){.db = fixture_open(f), .fixed_today = DAY_NONE};
    assert_int_equal(db_migrate(f->app.db, migrations, migrations_count, f->arena, &applied, &p),
                     OK);
    assert_int_equal(db_write(f->app.db, fixture_merchant, f), OK);
}

static inline void fixture_end(struct fixture *f)
{
    if (f->schema)
        assert_int_equal(db_write(f->app.db, fixture_sql,
                                  arena_printf(f->arena, "DROP SCHEMA %s CASCADE", f->schema)),
                         OK);
    db_close(&f->app.db);
    if (f->folder) {
        static const char *const ends[] = {"", "-wal", "-shm", "-lock", ".lock"};
        for (size_t i = 0; i < ARRAY_LEN(ends); i++)
            unlink(arena_printf(f->arena, "%s%s", f->url, ends[i]));
        rmdir(f->folder);
    }
    arena_free(&f->arena);
}

static inline void on_each_engine(void (*test)(struct fixture *))
{
    struct fixture f;
    const char *postgres = getenv("HABITUE_TEST_PG");

    fixture_start(&f, NULL);
    test(&f);
    fixture_end(&f);
    if (!postgres || !*postgres)
        return;
    fixture_start(&f, postgres);
    test(&f);
    fixture_end(&f);
}

static inline int64_t fixture_random(struct fixture *f, int64_t n)
{
    return (int64_t)(test_random(&f->random) % (uint64_t)n);
}
