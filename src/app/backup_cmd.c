/* habitue backup FILE, habitue restore FILE */
#include <stdio.h>
#include <unistd.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../base/log.h"
#include "../crm/backup/backup.h"
#include "../db/migrations.h"
#include "cli.h"

#define SAY_EVERY_US 1000000

struct saying {
    struct cli *c;
    int64_t said_us;
};

/* How far it is, on a terminal alone: standard error in a job's mail stays empty when all is well.
 */
static bool say(void *arg, const char *table, int64_t rows)
{
    struct saying *s = arg;
    int64_t now = monotonic_us();
    if (isatty(STDERR_FILENO) && now - s->said_us > SAY_EVERY_US) {
        s->said_us = now;
        fprintf(stderr, "\r\033[K%s",
                cli_text(s->c, "cli.backup_progress", "table", table, "rows",
                         arena_printf(s->c->arena, "%lld", (long long)rows), NULL));
    }
    return true;
}

static void say_end(const struct saying *s)
{
    if (s->said_us > 0)
        fprintf(stderr, "\r\033[K");
}

static void print_report(struct cli *c, const char *path, const struct backup_report *r)
{
    struct buf out;
    struct json j;
    if (!c->json)
        return;
    buf_init(&out, 65536);
    json_init(&j, &out);
    json_open(&j);
    json_kv_cstr(&j, "file", path);
    json_kv_instant(&j, "created_at", r->created_us);
    json_kv_cstr(&j, "version", r->version);
    json_kv_int(&j, "migration", r->migration);
    json_kv_int(&j, "tables", r->tables);
    json_kv_int(&j, "rows", r->rows);
    json_kv_int(&j, "bytes", r->bytes);
    json_close(&j);
    printf("%s\n", buf_cstr(&out));
    buf_free(&out);
}

int cmd_backup(struct cli *c, int argc, char **argv)
{
    struct saying s = {c, 0};
    const struct backup_watch watch = {say, &s};
    struct backup_report report = {0};
    struct problem p = {.from = -1};
    int status = cli_options(c, argc, argv, NULL, 1, 1);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = cli_open_as_is(c);
    if (status == CLI_OK) {
        enum err e = backup_make(&c->app, c->argv[0], NULL, &watch, c->arena, &report, &p);
        say_end(&s);
        status = e == OK ? CLI_OK : cli_fail(c, e, &p);
    }
    if (status == CLI_OK)
        print_report(c, c->argv[0], &report);
    cli_close(c);
    return status;
}

static int restore(struct cli *c, bool force)
{
    struct saying s = {c, 0};
    const struct backup_watch watch = {say, &s};
    struct backup_report report = {0};
    struct problem p = {.from = -1};
    enum err e = db_restore(c->app.db, migrations, migrations_count, c->argv[0], force, &watch,
                            c->arena, &report, &p);
    if (e == OK)
        e = db_write(c->app.db, backup_restored, &report);
    say_end(&s);
    if (e != OK)
        return cli_fail(c, e, &p);
    print_report(c, c->argv[0], &report);
    return CLI_OK;
}

int cmd_restore(struct cli *c, int argc, char **argv)
{
    bool force = false;
    const struct cli_option options[] = {{"force", CLI_FLAG, &force, 0, 0}, {0}};
    int status = cli_options(c, argc, argv, options, 1, 1);
    if (status != CLI_OK || c->asks_help)
        return status;
    log_set_level(LOG_ERROR); /* one long write is what was asked for */
    status = cli_open(c, true);
    if (status == CLI_OK)
        status = restore(c, force);
    cli_close(c);
    return status;
}
