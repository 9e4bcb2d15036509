#include "cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ucurr.h>
#include <unicode/ustring.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../crm/customer/as_of.h"
#include "../crm/customer/audiences_snapshot.h"
#include "../crm/demo/demo.h"
#include "../crm/staff/guard.h"
#include "../db/migrations.h"

#define OPTIONS_MAX 40
#define FIRST_CODE 1000 /* getopt's return value of our first option: beyond every character */

/* ---- saying things ---- */

const char *cli_text(struct cli *c, const char *key, ...)
{
    struct problem p = {.from = -1};
    va_list ap;
    const char *name;
    va_start(ap, key);
    while (p.nargs < PROBLEM_ARGS_MAX && (name = va_arg(ap, const char *))) {
        p.args[p.nargs].name = name;
        p.args[p.nargs++].value = va_arg(ap, const char *);
    }
    va_end(ap);
    return message_fill(c->arena, c->language, key, &p);
}

int cli_fail(struct cli *c, enum err e, const struct problem *p)
{
    struct problem plain = {.err = e, .from = -1};
    const struct problem *told = p && p->code ? p : &plain;
    fprintf(stderr, "habitue %s: %s\n", c->command, message_problem(c->arena, c->language, told));
    if (told->cause)
        fprintf(stderr, "habitue %s: %s\n", c->command, told->cause);
    return CLI_NO;
}

int cli_wrong_usage(struct cli *c, const char *key, const char *what)
{
    fprintf(stderr, "habitue %s: %s\n%s\n", c->command, cli_text(c, key, "what", what, NULL),
            cli_text(c, "cli.see_help", "command", c->command, NULL));
    return CLI_USAGE;
}

/* ---- options ---- */

static int store_value(struct cli *c, const struct cli_option *o, const char *value)
{
    struct cli_list *list = o->at;
    int64_t v;
    switch (o->type) {
    case CLI_TEXT:
        if (!utf8_valid(str_c(value)))
            return cli_wrong_usage(c, "cli.bad_value", o->name);
        *(const char **)o->at = value;
        return CLI_OK;
    case CLI_FLAG:
        *(bool *)o->at = true;
        return CLI_OK;
    case CLI_INT:
        if (!str_int64(str_c(value), &v) || v < o->min || v > o->max)
            return cli_wrong_usage(c, "cli.bad_value", o->name);
        *(int64_t *)o->at = v;
        return CLI_OK;
    case CLI_LIST:
        if (list->n == CLI_LIST_MAX || !utf8_valid(str_c(value)))
            return cli_wrong_usage(c, "cli.bad_value", o->name);
        list->items[list->n++] = value;
        return CLI_OK;
    }
    return CLI_USAGE;
}

static int set_today(struct cli *c, const char *today)
{
    c->app.fixed_today = DAY_NONE;
    if (!today)
        today = getenv("HABITUE_TODAY");
    if (today && *today && !day_parse(str_c(today), &c->app.fixed_today))
        return cli_wrong_usage(c, "cli.bad_value", "today");
    return CLI_OK;
}

/* From how many customers on audiences are kept between two runs. */
static int set_snapshot_from(struct cli *c)
{
    const char *least = getenv("HABITUE_CACHE_FROM");
    c->app.snapshot_from = SNAPSHOT_FROM;
    if (least && *least &&
        (!str_int64(str_c(least), &c->app.snapshot_from) || c->app.snapshot_from < 0))
        return cli_wrong_usage(c, "cli.bad_value", "HABITUE_CACHE_FROM");
    return CLI_OK;
}

static int read_options(struct cli *c, int argc, char **argv, const struct cli_option *const *all)
{
    struct option getopts[OPTIONS_MAX + 1] = {0};
    for (int i = 0; all[i]; i++)
        getopts[i] = (struct option){all[i]->name,
                                     all[i]->type == CLI_FLAG ? no_argument : required_argument,
                                     NULL, FIRST_CODE + i};
    opterr = 0;
    optind = 1;
    for (;;) {
        int code = getopt_long(argc, argv, "h", getopts, NULL);
        if (code == -1)
            break;
        if (code == 'h') {
            c->asks_help = true;
        } else if (code < FIRST_CODE) {
            return cli_wrong_usage(c, "cli.bad_option", argv[optind - 1]);
        } else {
            int status = store_value(c, all[code - FIRST_CODE], optarg);
            if (status != CLI_OK)
                return status;
        }
    }
    c->argc = argc - optind;
    c->argv = argv + optind;
    return CLI_OK;
}

int cli_options(struct cli *c, int argc, char **argv, const struct cli_option *options, int least,
                int most)
{
    const char *today = NULL;
    const struct cli_option common[] = {
        {"db", CLI_TEXT, &c->db_url, 0, 0},
        {"today", CLI_TEXT, &today, 0, 0},
        {"merchant", CLI_TEXT, &c->merchant_slug, 0, 0},
        {"json", CLI_FLAG, &c->json, 0, 0},
        {"help", CLI_FLAG, &c->asks_help, 0, 0},
        {0},
    };
    const struct cli_option *all[OPTIONS_MAX + 1] = {0};
    int n = 0;
    for (const struct cli_option *o = options; o && o->name; o++)
        all[n++] = o;
    for (const struct cli_option *o = common; o->name; o++) {
        bool own = false; /* a command's own option of that name comes first */
        for (int i = 0; i < n; i++)
            own = own || strcmp(all[i]->name, o->name) == 0;
        if (!own)
            all[n++] = o;
    }
    check(n <= OPTIONS_MAX);
    int status = read_options(c, argc, argv, all);
    if (status != CLI_OK)
        return status;
    if (c->asks_help) {
        printf("%s\n", cli_text(c, arena_printf(c->arena, "cli.help.%s", c->command), NULL));
        return CLI_OK;
    }
    if (c->argc < least)
        return cli_wrong_usage(c, "cli.too_few", "");
    if (c->argc > most)
        return cli_wrong_usage(c, "cli.too_many", c->argv[most]);
    for (int i = 0; i < c->argc; i++) {
        if (!utf8_valid(str_c(c->argv[i])))
            return cli_wrong_usage(c, "cli.bad_value", "?");
    }
    status = set_today(c, today);
    return status == CLI_OK ? set_snapshot_from(c) : status;
}

/* ---- the base ---- */

/* Whether the demo lives in this base: then its logins may be shown. */
static enum err find_demo(struct db_tx *tx, void *arg)
{
    struct cli *c = arg;
    struct merchant m;
    bool made_by_demo = false;
    c->app.demo_merchant_id = 0;
    c->app.demo_logins = NULL;
    enum err e = merchant_find(tx, DEMO_SLUG, c->arena, &m, NULL);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    e = demo_is(tx, m.id, &made_by_demo);
    if (e == OK && made_by_demo) {
        c->app.demo_merchant_id = m.id;
        c->app.demo_logins = demo_logins;
    }
    return e;
}

static enum err open_base(struct cli *c, bool create, struct problem *p)
{
    struct db_options o = {.create = create};
    if (!c->db_url)
        c->db_url = getenv("HABITUE_DB");
    if (!c->db_url || !*c->db_url)
        c->db_url = "habitue.db";
    return db_open(c->db_url, &o, c->arena, &c->app.db, p);
}

/* Where the audiences stand between two runs: beside a file, or where one is told to keep what can
 * be made again. */
static void place_snapshots(struct cli *c)
{
    const char *folder = getenv("HABITUE_CACHE");
    bool is_file = db_engine(c->app.db) == DB_SQLITE;
    if (!folder && !is_file)
        folder = getenv("CACHE_DIRECTORY"); /* by systemd */
    if (folder && *folder)
        c->app.snapshots = arena_printf(c->arena, "%s/audience-", folder);
    else if (!folder && is_file)
        c->app.snapshots = arena_printf(c->arena, "%s-audience-", c->db_url);
}

/* What stands on an open base that is up to date. */
static enum err open_rest(struct cli *c)
{
    place_snapshots(c);
    enum err e = db_read(c->app.db, find_demo, c);
    if (e == OK)
        e = audiences_new(&c->app, &c->app.audiences);
    if (e == OK)
        e = guard_new(&c->app.guard);
    if (e == OK)
        c->app.as_of = as_of_new(&c->app);
    return e;
}

int cli_open(struct cli *c, bool create)
{
    struct problem p = {.from = -1};
    int applied;
    enum err e = open_base(c, create, &p);
    if (e == OK)
        e = db_migrate(c->app.db, migrations, migrations_count, c->arena, &applied, &p);
    if (e == OK)
        e = open_rest(c);
    c->may_keep = e == OK;
    return e == OK ? CLI_OK : cli_fail(c, e, &p);
}

int cli_open_as_is(struct cli *c)
{
    struct problem p = {.from = -1};
    int missing = 0;
    enum err e = open_base(c, false, &p);
    if (e == OK)
        e = db_migrations_missing(c->app.db, migrations, migrations_count, c->arena, &missing, &p);
    if (e == OK && missing > 0) {
        fprintf(stderr, "habitue %s: %s\n", c->command, cli_text(c, "cli.old_base", NULL));
        return CLI_NO;
    }
    if (e == OK)
        e = open_rest(c);
    return e == OK ? CLI_OK : cli_fail(c, e, &p);
}

void cli_close(struct cli *c)
{
    as_of_free(&c->app.as_of);
    if (c->may_keep)
        audiences_keep(c->app.audiences);
    audiences_free(&c->app.audiences);
    guard_free(&c->app.guard);
    db_close(&c->app.db);
}

struct merchant_search {
    struct cli *c;
    struct merchant *ret;
    struct problem problem;
};

static enum err find_merchant(struct db_tx *tx, void *arg)
{
    struct merchant_search *s = arg;
    return merchant_find(tx, s->c->merchant_slug, s->c->arena, s->ret, &s->problem);
}

int cli_merchant(struct cli *c, struct merchant *ret)
{
    struct merchant_search s = {c, ret, {.from = -1}};
    enum err e = db_read(c->app.db, find_merchant, &s);
    return e == OK ? CLI_OK : cli_fail(c, e, &s.problem);
}

/* ---- the place ---- */

static const char *default_zone(struct arena *a)
{
    UChar zone[128];
    UErrorCode status = U_ZERO_ERROR;
    char text[128];
    int32_t n = ucal_getDefaultTimeZone(zone, 127, &status);
    if (U_FAILURE(status) || n <= 0 || n >= 127)
        return "UTC";
    zone[n] = 0;
    u_strToUTF8(text, sizeof text, NULL, zone, n, &status);
    struct zone *z cleanup(zone_close) = NULL;
    return U_SUCCESS(status) && zone_open(text, &z) == OK ? arena_cstr(a, str_c(text)) : "UTC";
}

static const char *currency_of(struct arena *a, const char *country)
{
    UChar code[8];
    char text[16];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = ucurr_forLocale(arena_printf(a, "_%s", country), code, 8, &status);
    if (U_FAILURE(status) || n != 3)
        return "EUR";
    u_strToUTF8(text, sizeof text, NULL, code, n, &status);
    return U_SUCCESS(status) ? arena_cstr(a, str_c(text)) : "EUR";
}

static const char *locale_name(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return v;
    }
    return "C";
}

void cli_place(struct cli *c, struct merchant *m)
{
    const char *locale = locale_name();
    bool has_country = strlen(locale) >= 5 && locale[2] == '_';
    m->language = c->language;
    m->country = has_country ? arena_cstr(c->arena, (struct str){locale + 3, 2}) : "FR";
    m->currency = currency_of(c->arena, m->country);
    m->time_zone = default_zone(c->arena);
}

const char *cli_read_file(struct cli *c, const char *path, size_t max)
{
    FILE *f = fopen(path, "rb");
    struct buf b;
    if (!f)
        return NULL;
    buf_init(&b, max);
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&b, piece, n);
    bool bad = ferror(f) || b.failed;
    fclose(f);
    const char *text = bad ? NULL : arena_cstr(c->arena, buf_str(&b));
    buf_free(&b);
    return text;
}
