/* habitue export emails | customers: a file of customers, on standard output. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../crm/audit/audit.h"
#include "../crm/customer/as_of.h"
#include "../crm/export/export.h"
#include "cli.h"

struct export_call {
    struct cli *c;
    struct merchant m;
    const char *query, *format, *columns, *delimiter, *language, *as_of;
    bool everybody, no_bom;
    struct as_of_use use;
    struct export_ask ask;
    int64_t rows;
};

static int read_columns(struct export_call *x)
{
    const char *list = x->ask.emails ? "email" : x->columns;
    for (int i = 0; !list && export_column_at(i); i++)
        x->ask.columns[x->ask.ncolumns++] = export_column_at(i);
    while (list && *list) {
        size_t n = strcspn(list, ",");
        const struct export_column *c = export_column_by_name((struct str){list, n});
        if (!c || x->ask.ncolumns == EXPORT_COLUMNS_MAX)
            return cli_wrong_usage(x->c, "cli.bad_value", list);
        x->ask.columns[x->ask.ncolumns++] = c;
        list += n + (list[n] == ',');
    }
    return CLI_OK;
}

static int read_shape(struct export_call *x)
{
    bool emails = strcmp(x->c->argv[0], "emails") == 0;
    if (!emails && strcmp(x->c->argv[0], "customers") != 0)
        return cli_wrong_usage(x->c, "cli.bad_word", x->c->argv[0]);
    if (strcmp(x->format, "csv") != 0 && strcmp(x->format, "xlsx") != 0)
        return cli_wrong_usage(x->c, "cli.bad_value", x->format);
    if (x->delimiter && strlen(x->delimiter) != 1 && strcmp(x->delimiter, "tab") != 0)
        return cli_wrong_usage(x->c, "cli.bad_value", x->delimiter);
    int32_t as_of = DAY_NONE;
    if (x->as_of && !day_parse(str_c(x->as_of), &as_of))
        return cli_wrong_usage(x->c, "cli.bad_value", "as-of");
    x->ask = (struct export_ask){.emails = emails,
                                 .as_of = as_of,
                                 .consent_only = !x->everybody,
                                 .format = x->format[0] == 'x' ? EXPORT_XLSX : EXPORT_CSV,
                                 .delimiter = !x->delimiter     ? 0
                                              : x->delimiter[1] ? '\t'
                                                                : x->delimiter[0],
                                 .bom = !x->no_bom};
    return read_columns(x);
}

static enum err tell_audit(struct db_tx *tx, void *arg)
{
    const struct export_call *x = arg;
    const struct audit_actor by = {.name = "command line"};
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct buf names;
    buf_init(&names, 4096);
    for (int i = 0; i < x->ask.ncolumns; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", export_column_name(x->ask.columns[i]));
    audit_detail_begin(&d, x->c->arena);
    audit_detail_value(&d, "query", str_c(x->query));
    audit_detail_value(&d, "columns", arena_str(x->c->arena, buf_str(&names)));
    audit_detail_value(&d, "format", str_c(x->format));
    audit_detail_value(&d, "customers",
                       str_c(arena_printf(x->c->arena, "%lld", (long long)x->rows)));
    buf_free(&names);
    return audit_write(tx, x->m.id, &by, x->ask.emails ? "export.emails" : "export.customers",
                       "export", 0, audit_detail_end(&d));
}

/* The file to standard output. */
static bool copy(int fd)
{
    char piece[65536];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || fwrite(piece, 1, (size_t)n, stdout) != (size_t)n)
            return false;
    }
    return fflush(stdout) == 0;
}

static int run(struct export_call *x)
{
    struct problem p = {.from = -1};
    struct audience_reader reader;
    struct audience_ask ask = {.ids_only = true};
    struct audience_answer answer;
    int fd;
    audience_reader(&x->use.then, 0, &reader);
    enum err e = query_parse(x->c->arena, str_c(x->query), &reader.context, &ask.query, &p);
    if (e == ERR_INVALID) {
        cli_fail(x->c, e, &p);
        return CLI_USAGE;
    }
    if (e == OK)
        e = audience_ask(x->use.then.audience, &ask, x->c->arena, &answer);
    if (e != OK)
        return cli_fail(x->c, e, &p);
    x->ask.merchant_id = x->m.id;
    x->ask.ids = answer.ids;
    x->ask.n = (size_t)answer.matching;
    x->ask.language = x->language ? x->language : x->m.language;
    x->ask.use = &x->use.then;
    e = export_run(&x->c->app, &x->ask, &fd, &x->rows, x->c->arena, &p);
    if (e != OK)
        return cli_fail(x->c, e, &p);
    e = db_write(x->c->app.db, tell_audit, x);
    bool copied = e == OK && copy(fd);
    close(fd);
    return copied ? CLI_OK : cli_fail(x->c, e != OK ? e : ERR_IO, NULL);
}

int cmd_export(struct cli *c, int argc, char **argv)
{
    struct export_call x = {.c = c, .query = "", .format = "csv"};
    const struct cli_option options[] = {
        {"query", CLI_TEXT, &x.query, 0, 0},
        {"format", CLI_TEXT, &x.format, 0, 0},
        {"columns", CLI_TEXT, &x.columns, 0, 0},
        {"delimiter", CLI_TEXT, &x.delimiter, 0, 0},
        {"language", CLI_TEXT, &x.language, 0, 0},
        {"as-of", CLI_TEXT, &x.as_of, 0, 0},
        {"no-bom", CLI_FLAG, &x.no_bom, 0, 0},
        {"without-consent", CLI_FLAG, &x.everybody, 0, 0},
        {0},
    };
    int status = cli_options(c, argc, argv, options, 1, 1);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = read_shape(&x);
    if (status == CLI_OK)
        status = cli_open(c, false);
    if (status == CLI_OK)
        status = cli_merchant(c, &x.m);
    if (status == CLI_OK) {
        struct problem p = {.from = -1};
        enum err e = as_of_use(c->app.as_of, x.m.id, x.ask.as_of, c->arena, &x.use, &p);
        status = e == OK ? run(&x) : cli_fail(c, e, &p);
        as_of_done(&x.use);
    }
    cli_close(c);
    return status;
}
