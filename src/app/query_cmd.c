/* habitue query: the same answers as the page, from the same engine. */
#include <stdio.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../crm/customer/as_of.h"
#include "cli.h"
#include "query_columns.h"

#define OUT_MAX (64 * 1024 * 1024)

struct query_call {
    struct cli *c;
    bool count;
    const char *facets, *format, *fields, *sort, *as_of;
    int32_t day;   /* of --as-of, DAY_NONE */
    int64_t limit; /* -1 = all */
    struct as_of_use past;
    struct audience_use use; /* of `past` */
    struct audience_ask ask;
    const struct query_column *columns[QUERY_COLUMNS_MAX];
    int ncolumns;
    bool json;
};

static int read_sort(struct query_call *q)
{
    const char *name = q->sort;
    q->ask.descending = *name == '-';
    name += q->ask.descending;
    q->ask.sort = field_by_name(str_c(name));
    if (q->ask.sort == FIELDS || !fields[q->ask.sort].sortable)
        return cli_wrong_usage(q->c, "cli.no_sort", q->sort);
    return CLI_OK;
}

static int read_facets(struct query_call *q)
{
    const char *list = q->facets;
    while (list && *list) {
        size_t n = strcspn(list, ",");
        enum field_id f = field_by_name((struct str){list, n});
        if (f == FIELDS || !fields[f].facet)
            return cli_wrong_usage(q->c, "cli.no_facet",
                                   arena_cstr(q->c->arena, (struct str){list, n}));
        q->ask.facets |= 1ULL << f;
        list += n + (list[n] == ',');
    }
    return CLI_OK;
}

static int read_shape(struct query_call *q)
{
    const char *unknown;
    bool csv = strcmp(q->format, "csv") == 0;
    q->json = q->c->json || strcmp(q->format, "json") == 0;
    if (!csv && !q->json)
        return cli_wrong_usage(q->c, "cli.bad_value", "format");
    if (q->count && q->facets)
        return cli_wrong_usage(q->c, "cli.count_or_facets", "");
    q->ncolumns = query_columns_read(q->c->arena, q->fields, q->columns, &unknown);
    if (q->ncolumns < 0)
        return cli_wrong_usage(q->c, "cli.no_column", unknown);
    q->day = DAY_NONE;
    if (q->as_of && !day_parse(str_c(q->as_of), &q->day))
        return cli_wrong_usage(q->c, "cli.bad_value", "as-of");
    int status = read_sort(q);
    return status == CLI_OK ? read_facets(q) : status;
}

/* ---- answers ---- */

static int flush(struct buf *out)
{
    bool well = !out->failed && (out->n == 0 || fwrite(out->p, 1, out->n, stdout) == out->n);
    out->n = 0;
    return well ? CLI_OK : CLI_NO;
}

static void write_facet(struct query_call *q, struct buf *out, struct json *j,
                        const struct audience_facet *f)
{
    const char *name = fields[f->field].name;
    if (q->json) {
        json_key(j, name);
        json_open(j);
    }
    for (int i = 0; i < f->n; i++) {
        const char *key = arena_cstr(q->c->arena, f->values[i].key);
        if (q->json)
            json_kv_int(j, key, f->values[i].count);
        else
            buf_printf(out, "%s\t%s\t%lld\n", name, key, (long long)f->values[i].count);
    }
    if (q->json)
        json_close(j);
}

static int print_facets(struct query_call *q, const struct audience_answer *a)
{
    struct buf out;
    struct json j;
    buf_init(&out, OUT_MAX);
    json_init(&j, &out);
    if (q->json)
        json_open(&j);
    for (int i = 0; i < a->nfacets; i++)
        write_facet(q, &out, &j, &a->facets[i]);
    if (q->json) {
        json_close(&j);
        buf_addc(&out, '\n');
    }
    int status = flush(&out);
    buf_free(&out);
    return status;
}

static int print_count(struct query_call *q, const struct audience_answer *a)
{
    if (q->json)
        printf("{\"matching\":%lld,\"total\":%lld,\"unknown\":%lld}\n", (long long)a->matching,
               (long long)a->total, (long long)a->unknown);
    else
        printf("%lld\n", (long long)a->matching);
    return CLI_OK;
}

static void write_hits(struct query_call *q, struct buf *out, const struct audience_answer *a,
                       bool first)
{
    for (int i = 0; i < a->nhits; i++) {
        if (!q->json) {
            query_csv_row(out, q->columns, q->ncolumns, &q->use, &a->hits[i]);
            continue;
        }
        struct json j;
        buf_adds(out, first && i == 0 ? "[\n" : ",\n");
        json_init(&j, out);
        query_json_row(&j, q->columns, q->ncolumns, &q->use, &a->hits[i]);
    }
}

/* Page by page, so that a million rows need no memory. */
static int print_rows(struct query_call *q)
{
    struct buf out;
    int status = CLI_OK;
    int64_t left = q->limit < 0 ? INT64_MAX : q->limit;
    buf_init(&out, OUT_MAX);
    if (!q->json)
        query_csv_header(&out, q->columns, q->ncolumns);
    while (left > 0 && status == CLI_OK) {
        struct audience_answer a;
        struct arena *page cleanup(arena_free) = arena_new();
        q->ask.limit = left < AUDIENCE_PAGE_MAX ? (int)left : AUDIENCE_PAGE_MAX;
        enum err e = audience_ask(q->use.audience, &q->ask, page, &a);
        if (e != OK) {
            status = cli_fail(q->c, e, NULL);
            break;
        }
        write_hits(q, &out, &a, q->ask.offset == 0);
        q->ask.offset += a.nhits;
        left -= a.nhits;
        status = flush(&out);
        if (a.nhits < q->ask.limit)
            break;
    }
    if (q->json)
        buf_adds(&out, q->ask.offset == 0 ? "[]\n" : "\n]\n");
    if (status == CLI_OK)
        status = flush(&out);
    buf_free(&out);
    return status;
}

/* The query, under it the place that is wrong, and the nearest right word. */
static void point_at(struct cli *c, const char *text, const struct problem *p)
{
    const char *near = "";
    for (int i = 0; i < p->nargs; i++)
        if (strcmp(p->args[i].name, "near") == 0)
            near = p->args[i].value;
    if (p->from < 0 || p->to <= p->from)
        return;
    fprintf(stderr, "  %s\n  ", text);
    size_t before = text_length((struct str){text, (size_t)p->from});
    size_t wrong = text_length((struct str){text + p->from, (size_t)(p->to - p->from)});
    for (size_t i = 0; i < before; i++)
        fputc(' ', stderr);
    for (size_t i = 0; i < wrong; i++)
        fputc('^', stderr);
    fputc('\n', stderr);
    if (*near)
        fprintf(stderr, "  %s\n", cli_text(c, "cli.did_you_mean", "near", near, NULL));
}

static int ask(struct query_call *q, const char *text)
{
    struct problem p = {.from = -1};
    struct audience_answer a;
    struct audience_reader reader;
    audience_reader(&q->use, 0, &reader);
    enum err e = query_parse(q->c->arena, str_c(text), &reader.context, &q->ask.query, &p);
    if (e != OK) {
        int status = cli_fail(q->c, e, &p);
        point_at(q->c, text, &p);
        return e == ERR_INVALID ? CLI_USAGE : status;
    }
    if (!q->count && !q->facets)
        return print_rows(q);
    q->ask.currency_decimals = q->use.currency_decimals;
    e = audience_ask(q->use.audience, &q->ask, q->c->arena, &a);
    if (e != OK)
        return cli_fail(q->c, e, NULL);
    return q->count ? print_count(q, &a) : print_facets(q, &a);
}

int cmd_query(struct cli *c, int argc, char **argv)
{
    struct query_call q = {
        .c = c, .format = "csv", .fields = QUERY_COLUMNS_DEFAULT, .sort = "name", .limit = -1};
    struct merchant m;
    const struct cli_option options[] = {
        {"count", CLI_FLAG, &q.count, 0, 0},   {"facets", CLI_TEXT, &q.facets, 0, 0},
        {"format", CLI_TEXT, &q.format, 0, 0}, {"fields", CLI_TEXT, &q.fields, 0, 0},
        {"sort", CLI_TEXT, &q.sort, 0, 0},     {"limit", CLI_INT, &q.limit, 0, INT64_MAX},
        {"as-of", CLI_TEXT, &q.as_of, 0, 0},   {0},
    };
    int status = cli_options(c, argc, argv, options, 0, 1);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = read_shape(&q);
    if (status == CLI_OK)
        status = cli_open(c, false);
    if (status == CLI_OK)
        status = cli_merchant(c, &m);
    if (status == CLI_OK) {
        struct problem p = {.from = -1};
        enum err e = as_of_use(c->app.as_of, m.id, q.day, c->arena, &q.past, &p);
        q.use = q.past.then;
        status = e == OK ? ask(&q, c->argc ? c->argv[0] : "") : cli_fail(c, e, &p);
        as_of_done(&q.past);
    }
    cli_close(c);
    return status;
}
