/* habitue import: customers or sales from a file. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "../base/check.h"
#include "../crm/import/import.h"
#include "cli.h"

struct import_options {
    struct cli_list maps;
    const char *report, *delimiter, *encoding, *decimal, *dates;
    bool dry_run, header, no_header;
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* --map field=heading, --map field=#3 or field=3 (the third column), --map field= (not read) */
static int read_map(struct cli *c, const char *map, enum import_kind kind, struct reading_wish *w)
{
    const char *equals = strchr(map, '=');
    enum import_field f;
    int64_t number;
    if (!equals || w->ncolumns == FIELDS_MAX ||
        !import_field_by_name((struct str){map, (size_t)(equals - map)}, kind, &f))
        return cli_wrong_usage(c, "cli.bad_map", map);
    struct str column = str_c(equals + 1);
    struct column_wish *to = &w->columns[w->ncolumns++];
    *to = (struct column_wish){.field = f, .column = column.n == 0 ? -2 : -1, .heading = column};
    if (column.n > 1 && column.p[0] == '#')
        column = (struct str){column.p + 1, column.n - 1};
    if (str_int64(column, &number) && number >= 1 && number <= COLUMNS_MAX)
        to->column = (int)number - 1;
    return CLI_OK;
}

static int choice(const char *value, const char *const *names)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(value, names[i]) == 0)
            return i;
    return -1;
}

static int read_wishes(struct cli *c, const struct import_options *o, enum import_kind kind,
                       struct reading_wish *w)
{
    static const char *const delimiters[] = {",", ";", "tab", "|", "blank", NULL};
    static const char *const encodings[] = {"utf-8", "utf-16le", "utf-16be", "windows-1252", NULL};
    static const char *const orders[] = {"ymd", "dmy", "mdy", NULL};
    static const char *const decimals[] = {".", ",", NULL};
    int i = -1, status = CLI_OK;
    reading_wish_init(w);
    if (o->delimiter && (i = choice(o->delimiter, delimiters)) < 0)
        return cli_wrong_usage(c, "cli.bad_value", "delimiter");
    if (o->delimiter)
        w->delimiter = ",;\t| "[i];
    if (o->encoding && (w->encoding = choice(o->encoding, encodings)) < 0)
        return cli_wrong_usage(c, "cli.bad_value", "encoding");
    if (o->dates && (w->date_order = choice(o->dates, orders)) < 0)
        return cli_wrong_usage(c, "cli.bad_value", "date-order");
    if (o->decimal && choice(o->decimal, decimals) < 0)
        return cli_wrong_usage(c, "cli.bad_value", "decimal");
    if (o->decimal)
        w->decimal = o->decimal[0];
    if (o->header || o->no_header)
        w->header = o->header;
    for (int k = 0; k < o->maps.n && status == CLI_OK; k++)
        status = read_map(c, o->maps.items[k], kind, w);
    return status;
}

struct telling {
    struct cli *c;
    int percent;
};

static bool tell(void *arg, const struct import_progress *p)
{
    struct telling *t = arg;
    int percent = p->total_bytes > 0 ? (int)(100 * p->bytes / p->total_bytes) : 100;
    if (percent != t->percent && isatty(STDERR_FILENO))
        fprintf(stderr, "\r%s",
                cli_text(t->c, "cli.import.progress", "percent",
                         arena_printf(t->c->arena, "%d", percent), "rows",
                         arena_printf(t->c->arena, "%lld", (long long)p->report->rows), NULL));
    t->percent = percent;
    return !stopped;
}

/* Which column was taken for what: on standard error, so that a wrong guess is seen. */
static void tell_reading(struct cli *c, const struct import *im)
{
    struct buf line;
    buf_init(&line, 64 << 10);
    for (int f = 0; f < FIELDS_MAX; f++) {
        int column = im->reading.column_of[f];
        if (column < 0)
            continue;
        struct str heading = im->columns[column].heading;
        buf_printf(&line, "%s%s=", line.n ? ", " : "", import_field_name((enum import_field)f));
        if (heading.n > 0)
            buf_add(&line, heading.p, heading.n);
        else
            buf_int(&line, column + 1);
    }
    fprintf(stderr, "%s\n", cli_text(c, "cli.import.columns", "columns", buf_cstr(&line), NULL));
    buf_free(&line);
}

/* One line "text  number"; the texts of all languages are of different widths, counted in
 * characters. */
static void print_count(struct cli *c, const char *key, const char *value)
{
    const char *text = cli_text(c, arena_printf(c->arena, "report.count.%s", key), NULL);
    int width = 0;
    for (const char *p = text; *p; p++)
        width += ((unsigned char)*p & 0xC0) != 0x80;
    printf("%s%*s%14s\n", text, width < 26 ? 26 - width : 1, "", value);
}

static void print_counts(struct cli *c, const struct import *im)
{
    const struct import_report *r = &im->report;
    bool sales = im->kind == IMPORT_TRANSACTIONS;
    const struct {
        const char *key;
        int64_t n;
        bool shown;
    } counts[] = {
        {"rows", r->rows, true},          {"added", r->added, true},
        {"updated", r->updated, !sales},  {"skipped", r->skipped, true},
        {"invalid", r->invalid, true},    {"customers_added", r->customers_added, sales},
        {"invoices", r->invoices, sales}, {"cancellations", r->cancellations, sales},
        {"returns", r->returns, sales},   {"without_customer", r->without_customer, sales}};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        if (counts[i].shown)
            print_count(c, counts[i].key, arena_printf(c->arena, "%lld", (long long)counts[i].n));
    if (sales) {
        char value[DECIMAL_TEXT_MAX];
        nano_format(r->value_nano, value);
        print_count(c, "value", value);
    }
}

static void print_report(struct cli *c, const struct import *im)
{
    const struct import_report *r = &im->report;
    if (c->json) {
        struct buf out;
        struct json j;
        buf_init(&out, 1 << 20);
        json_init(&j, &out);
        report_json(&j, r, im->kind, c->arena, c->language);
        printf("%s\n", buf_cstr(&out));
        buf_free(&out);
        return;
    }
    print_counts(c, im);
    for (int i = 0; i < r->nreasons; i++)
        fprintf(stderr, "%10lld  %s%s%s\n", (long long)r->reasons[i].count,
                r->reasons[i].field ? r->reasons[i].field : "", r->reasons[i].field ? ": " : "",
                reason_text(c->arena, c->language, r->reasons[i].code));
}

/* --report FILE: the rejected rows. */
static int write_rejected(struct cli *c, int64_t merchant_id, const struct import *im,
                          const char *path)
{
    struct rejected *rows;
    struct buf piece;
    FILE *f = fopen(path, "wb");
    if (!f) {
        fprintf(stderr, "habitue import: %s\n",
                cli_text(c, "cli.cannot_write", "what", path, NULL));
        return CLI_NO;
    }
    enum err e = rejected_open(&c->app, merchant_id, im->id, c->language, &rows);
    buf_init(&piece, 64 << 20);
    for (bool more = e == OK; more; piece.n = 0) {
        more = rejected_next(rows, &piece);
        if (fwrite(piece.p, 1, piece.n, f) != piece.n)
            e = ERR_IO;
    }
    if (e == OK)
        rejected_close(&rows);
    buf_free(&piece);
    if (fclose(f) != 0)
        e = ERR_IO;
    return e == OK ? CLI_OK : cli_fail(c, e, NULL);
}

/* A base of its own for what is taken back afterwards: on SQLite a dry run would keep every writer
 * waiting for as long as the file is read. It holds customers, so nobody else may read it. */
struct trial {
    char path[4096];
    struct db *db; /* NULL: none */
};

static enum err trial_open(struct cli *c, struct trial *t, struct problem *p)
{
    const char *folder = getenv("TMPDIR");
    int n = snprintf(t->path, sizeof t->path, "%s/habitue-dry-run.XXXXXX",
                     folder && *folder ? folder : "/tmp");
    int fd = n > 0 && (size_t)n < sizeof t->path ? mkstemp(t->path) : -1; /* with mode 0600 */
    if (fd < 0)
        return ERR_IO;
    close(fd);
    enum err e = db_copy(c->app.db, t->path);
    if (e == OK)
        e = db_open(t->path, NULL, c->arena, &t->db, p);
    return e;
}

static void trial_end(struct cli *c, struct trial *t)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    db_close(&t->db);
    for (size_t i = 0; i < ARRAY_LEN(ends) && t->path[0]; i++)
        unlink(arena_printf(c->arena, "%s%s", t->path, ends[i]));
}

static enum err try_out(struct cli *c, struct import_run *how, struct import *im, struct problem *p)
{
    struct import_preview preview = {0};
    struct trial t = {0};
    struct app app = c->app;
    enum err e = OK;
    if (db_engine(c->app.db) == DB_SQLITE) {
        e = trial_open(c, &t, p);
        app.db = t.db;
        how->app = &app;
    }
    if (e == OK)
        e = import_dry_run(how, im, 0, 0, c->arena, &preview, p);
    im->report = preview.report;
    trial_end(c, &t);
    return e;
}

static enum err work(struct cli *c, const struct import_options *o, int64_t merchant_id,
                     const struct source *source, const struct import_opening *opening,
                     struct import *im, struct problem *p)
{
    struct telling telling = {c, -1};
    struct import_run how = {.app = &c->app,
                             .merchant_id = merchant_id,
                             .source = source,
                             .bulk = true,
                             .progress = tell,
                             .progress_arg = &telling};
    bool again;
    enum err e = import_open(&c->app, merchant_id, source, opening, c->arena, im, &again, p);
    if (e)
        return e;
    tell_reading(c, im);
    if (again)
        fprintf(stderr, "%s\n",
                cli_text(c, "cli.import.again", "rows",
                         arena_printf(c->arena, "%lld", (long long)im->report.rows), NULL));
    if (o->dry_run)
        return try_out(c, &how, im, p);
    e = import_run(&how, im, c->arena, p);
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return e;
}

static int cannot_read(struct cli *c, const char *path)
{
    fprintf(stderr, "habitue import: %s\n", cli_text(c, "cli.cannot_read", "what", path, NULL));
    return CLI_NO;
}

static int import_file(struct cli *c, const struct import_options *o, enum import_kind kind,
                       const struct reading_wish *wish, const char *path, int fd)
{
    struct problem p = {.from = -1};
    struct merchant m;
    struct source source;
    struct import im;
    const char *slash = strrchr(path, '/');
    int status = cli_merchant(c, &m);
    if (status != CLI_OK)
        return status;
    struct import_opening opening = {
        .kind = kind, .file_name = slash ? slash + 1 : path, .wish = wish, .dry = o->dry_run};
    enum err e = source_file(&source, &fd);
    if (e)
        return cannot_read(c, path);
    e = work(c, o, m.id, &source, &opening, &im, &p);
    if (e)
        return cli_fail(c, e, &p);
    print_report(c, &im);
    if (o->report && !o->dry_run)
        status = write_rejected(c, m.id, &im, o->report);
    return status == CLI_OK && im.report.rows > 0 && im.report.invalid == im.report.rows ? CLI_NO
                                                                                         : status;
}

int cmd_import(struct cli *c, int argc, char **argv)
{
    struct import_options o = {0};
    struct reading_wish wish;
    const struct cli_option options[] = {
        {"map", CLI_LIST, &o.maps, 0, 0},
        {"dry-run", CLI_FLAG, &o.dry_run, 0, 0},
        {"report", CLI_TEXT, &o.report, 0, 0},
        {"delimiter", CLI_TEXT, &o.delimiter, 0, 0},
        {"encoding", CLI_TEXT, &o.encoding, 0, 0},
        {"decimal", CLI_TEXT, &o.decimal, 0, 0},
        {"date-order", CLI_TEXT, &o.dates, 0, 0},
        {"header", CLI_FLAG, &o.header, 0, 0},
        {"no-header", CLI_FLAG, &o.no_header, 0, 0},
        {0},
    };
    int status = cli_options(c, argc, argv, options, 2, 2);
    if (status != CLI_OK || c->asks_help)
        return status;
    enum import_kind kind =
        strcmp(c->argv[0], "customers") == 0 ? IMPORT_CUSTOMERS : IMPORT_TRANSACTIONS;
    if (kind == IMPORT_TRANSACTIONS && strcmp(c->argv[0], "transactions") != 0)
        return cli_wrong_usage(c, "cli.bad_word", c->argv[0]);
    if ((status = read_wishes(c, &o, kind, &wish)) != CLI_OK)
        return status;
    const char *path = c->argv[1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cannot_read(c, path);
    const struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    status = cli_open(c, true);
    if (status == CLI_OK)
        status = import_file(c, &o, kind, &wish, path, fd);
    cli_close(c);
    close(fd);
    return status;
}
