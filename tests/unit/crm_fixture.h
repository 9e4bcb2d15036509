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
#include "fresh_base.h"
#include "test.h"
#include <unistd.h>

struct fixture {
    struct arena *arena;
    struct app app;
    int64_t merchant_id;
    struct fresh_base base;
    const char *url, *folder; /* folder: SQLite */
    const char *postgres;     /* its server, NULL: SQLite */
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
    *f = (struct fixture){.arena = arena_new(), .random = 1, .postgres = postgres};
    f->base = fresh_base_new(f->arena, postgres);
    f->url = f->base.url;
    f->folder = f->base.folder;
    f->app = (struct app){.db = fixture_open(f), .fixed_today = DAY_NONE};
    assert_int_equal(db_write(f->app.db, fixture_merchant, f), OK);
}

static inline void fixture_end(struct fixture *f)
{
    db_close(&f->app.db);
    fresh_base_drop(&f->base, f->arena, f->postgres);
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
