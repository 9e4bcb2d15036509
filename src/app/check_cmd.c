/* habitue check: is the base as it should be? Only reads, unless it is told to seal the points
 * anew. */
#include <stdio.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../crm/consent/consent.h"
#include "../crm/customer/audience_check.h"
#include "../crm/customer/facts.h"
#include "../crm/points/points.h"
#include "../crm/tier/tier.h"
#include "cli.h"

struct checking {
    struct cli *c;
    struct merchant *all;
    size_t n;
    int64_t merchant_id, customers, broken, different;
    const char *why;
    struct facts_report facts;
    struct audience_report audience;
    struct consent_report consents;
    struct points_report points;
    struct tier_report tiers;
    bool seal; /* --seal-points */
    struct points_seal sealed;
};

/* What the engine itself finds: PostgreSQL keeps its foreign keys and checks its pages by itself.
 */
static enum err read_engine(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    struct db_rows *rows cleanup(db_done) = NULL, *keys cleanup(db_done) = NULL;
    k->broken = 0;
    if (db_engine(db_of(tx)) != DB_SQLITE)
        return OK;
    enum err e = db_free_text(tx, "PRAGMA integrity_check(10)", "t", &rows);
    if (e != OK)
        return e;
    while (db_next(rows)) {
        if (str_eq(db_text(rows, 0), STR("ok")))
            continue;
        k->broken++;
        k->why = arena_cstr(k->c->arena, db_text(rows, 0));
    }
    db_done(&rows);
    e = db_free_text(tx, "PRAGMA foreign_key_check", "titi", &keys);
    if (e != OK)
        return e;
    while (db_next(keys)) {
        k->broken++;
        k->why = arena_printf(k->c->arena, "foreign key: %.*s %lld", (int)db_text(keys, 0).n,
                              db_text(keys, 0).p, (long long)db_int(keys, 1));
    }
    return db_error(keys);
}

static enum err read_merchants(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    return merchant_list(tx, k->c->arena, &k->all, &k->n);
}

static enum err read_facts(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    return facts_check(tx, k->merchant_id, &k->facts);
}

static enum err read_consents(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    return consent_check(tx, k->merchant_id, &k->consents);
}

static enum err read_points(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    return points_check(tx, k->merchant_id, &k->points);
}

static enum err read_tiers(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    return tier_check(tx, k->merchant_id, &k->tiers);
}

static int complain(struct checking *k, const char *key, const char *what, int64_t count)
{
    struct cli *c = k->c;
    fprintf(stderr, "habitue check: %s\n",
            cli_text(c, key, "what", what, "count",
                     arena_printf(c->arena, "%lld", (long long)count), NULL));
    return CLI_NO;
}

static int64_t differences(const struct checking *k)
{
    return k->facts.missing + k->facts.wrong + k->audience.differing + k->audience.missing +
           k->audience.surplus + k->consents.differing + k->points.differing + k->tiers.differing;
}

/* Customer by customer, as far as they are named. */
static void name_customer(struct checking *k, const struct merchant *m, const char *key, int64_t id,
                          const char *field)
{
    struct cli *c = k->c;
    fprintf(stderr, "  %s\n",
            cli_text(c, key, "merchant", m->slug, "id",
                     arena_printf(c->arena, "%lld", (long long)id), "field", field, NULL));
}

static int complain_facts(struct checking *k, const struct merchant *m)
{
    const struct facts_report *f = &k->facts;
    if (f->missing > 0)
        complain(k, "cli.check_missing", m->slug, f->missing);
    if (f->wrong > 0)
        complain(k, "cli.check_wrong", m->slug, f->wrong);
    for (int i = 0; i < f->nsome; i++)
        name_customer(k, m, "cli.check_fact", f->some[i].customer_id, f->some[i].field);
    return f->missing + f->wrong > 0 ? CLI_NO : CLI_OK;
}

static int complain_audience(struct checking *k, const struct merchant *m)
{
    const struct audience_report *a = &k->audience;
    int64_t n = a->differing + a->missing + a->surplus;
    if (n == 0)
        return CLI_OK;
    complain(k, "cli.check_audience", m->slug, n);
    for (int i = 0; i < a->nsome; i++)
        name_customer(k, m, "cli.check_value", a->some[i].customer_id, a->some[i].field);
    return CLI_NO;
}

static int complain_consents(struct checking *k, const struct merchant *m)
{
    const struct consent_report *r = &k->consents;
    if (r->differing == 0)
        return CLI_OK;
    complain(k, "cli.check_consents", m->slug, r->differing);
    name_customer(k, m, "cli.check_value", r->customer_id, "consent");
    return CLI_NO;
}

static int complain_points(struct checking *k, const struct merchant *m)
{
    const struct points_report *r = &k->points;
    if (r->differing == 0)
        return CLI_OK;
    complain(k, "cli.check_points", m->slug, r->differing);
    for (int i = 0; i < r->nsome; i++)
        name_customer(k, m, "cli.check_points_one", r->some[i].customer_id, r->some[i].what);
    return CLI_NO;
}

static enum err note_sealed(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    const struct audit_actor by = {0, "habitue check", NULL};
    return audit_write(tx, k->merchant_id, &by, "points.seal", "merchant", k->merchant_id,
                       arena_printf(k->c->arena, "{\"seal\":\"%lld %s\"}",
                                    (long long)k->sealed.place, k->sealed.hash));
}

/* Somebody has looked at what was told, and what stands now is what counts. */
static int seal_merchant(struct checking *k, const struct merchant *m)
{
    struct cli *c = k->c;
    enum err e = points_seal(c->app.db, m->id, true, &k->sealed);
    if (e == OK)
        e = db_write(c->app.db, note_sealed, k);
    if (e != OK)
        return cli_fail(c, e, NULL);
    if (!c->json)
        printf("%s\n",
               cli_text(c, "cli.check_sealed", "what", m->slug, "hash", k->sealed.hash, NULL));
    return CLI_OK;
}

static int complain_tiers(struct checking *k, const struct merchant *m)
{
    const struct tier_report *r = &k->tiers;
    if (r->differing == 0)
        return CLI_OK;
    complain(k, "cli.check_tiers", m->slug, r->differing);
    name_customer(k, m, "cli.check_value", r->customer_id, "tier");
    return CLI_NO;
}

/* The facts against their sources, then the audience against the database. */
static int check_merchant(struct checking *k, const struct merchant *m)
{
    struct app *app = &k->c->app;
    k->merchant_id = m->id;
    enum err e = db_read(app->db, read_facts, k);
    if (e == OK)
        e = db_read(app->db, read_consents, k);
    if (e == OK)
        e = db_read(app->db, read_points, k);
    if (e == OK)
        e = db_read(app->db, read_tiers, k);
    if (e == OK)
        e = audience_check(app, m->id, &k->audience);
    if (e != OK)
        return cli_fail(k->c, e, NULL);
    int status = complain_facts(k, m);
    if (complain_consents(k, m) != CLI_OK)
        status = CLI_NO;
    if (complain_points(k, m) != CLI_OK)
        status = CLI_NO;
    if (complain_tiers(k, m) != CLI_OK)
        status = CLI_NO;
    if (complain_audience(k, m) != CLI_OK)
        status = CLI_NO;
    k->customers += k->facts.customers;
    k->different += differences(k);
    if (k->seal && seal_merchant(k, m) != CLI_OK)
        status = CLI_NO;
    return status;
}

static int run(struct checking *k)
{
    struct cli *c = k->c;
    enum err e = db_read(c->app.db, read_engine, k);
    if (e == OK)
        e = db_read(c->app.db, read_merchants, k);
    if (e != OK)
        return cli_fail(c, e, NULL);
    int status = k->broken ? complain(k, "cli.check_engine", k->why, k->broken) : CLI_OK;
    for (size_t i = 0; i < k->n; i++) {
        if (check_merchant(k, &k->all[i]) != CLI_OK)
            status = CLI_NO;
    }
    if (c->json)
        printf("{\"well\":%s,\"merchants\":%zu,\"customers\":%lld,\"differences\":%lld}\n",
               status == CLI_OK ? "true" : "false", k->n, (long long)k->customers,
               (long long)k->different);
    return status;
}

int cmd_check(struct cli *c, int argc, char **argv)
{
    struct checking k = {.c = c};
    const struct cli_option options[] = {{"seal-points", CLI_FLAG, &k.seal, 0, 0}, {0}};
    int status = cli_options(c, argc, argv, options, 0, 0);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = cli_open_as_is(c);
    if (status == CLI_OK)
        status = run(&k);
    cli_close(c);
    return status;
}
