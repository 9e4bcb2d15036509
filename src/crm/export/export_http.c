/* Route of the exports. */
#include "../../base/check.h"
#include "../audit/audit.h"
#include "../customer/as_of.h"
#include "../customer/customer_view.h"
#include "../file_answer.h"
#include "../selection/selection.h"
#include "../staff/staff.h"
#include "export_internal.h"
#include <unistd.h>

struct export_args {
    struct selection_args selection;
    int what, format, delimiter, language;
    struct str columns;
    bool consent_only, has_consent_only, bom, has_bom;
};
#define AT(field) offsetof(struct export_args, field)
static const char *const whats[] = {"customers", "emails", NULL};
static const char *const delimiters[] = {",", ";", "\t", NULL};
static const struct spec export_spec[] = {
    {"what", SPEC_CHOICE, AT(what), .required = true, .choices = whats,
     .doc = "emails: the main addresses alone, of those who have one and are not blocked"},
    SELECTION_SPECS(struct export_args, selection),
    {"columns", SPEC_TEXT, AT(columns), .max = 2000,
     .doc = "of customers: names with commas between them; all by default"},
    {"format", SPEC_CHOICE, AT(format), .choices = export_format_names, .doc = "csv by default"},
    {"delimiter", SPEC_CHOICE, AT(delimiter), .choices = delimiters,
     .doc = "of csv; by the language by default"},
    {"bom", SPEC_BOOL, AT(bom), .present_offset = AT(has_bom) + 1,
     .doc = "of csv: a byte order mark first, for Excel; true by default"},
    {"language", SPEC_CHOICE, AT(language), .choices = language_names, .doc = "of the headings"},
    {"consent_only", SPEC_BOOL, AT(consent_only), .present_offset = AT(has_consent_only) + 1,
     .doc = "of emails: those who agreed to e-mail; true by default"},
    {0},
};

static enum err read_columns(struct request *r, struct str list, struct export_ask *k)
{
    for (int i = 0; list.n == 0 && export_column_at(i); i++)
        k->columns[k->ncolumns++] = export_column_at(i);
    while (list.n > 0) {
        const char *comma = memchr(list.p, ',', list.n);
        struct str name = {list.p, comma ? (size_t)(comma - list.p) : list.n};
        const struct export_column *c = export_column_by_name(name);
        for (int i = 0; i < k->ncolumns; i++)
            if (k->columns[i] == c)
                c = NULL; /* twice */
        if (!c)
            return request_fail(r, ERR_INVALID, "export_column_unknown", "columns", "found",
                                arena_cstr(r->arena, name), NULL);
        k->columns[k->ncolumns++] = c;
        size_t used = name.n + (comma != NULL);
        list = (struct str){list.p + used, list.n - used};
    }
    return OK;
}

struct telling {
    struct request *r;
    const struct export_ask *ask;
    int64_t rows;
};

/* Before a byte leaves. */
static enum err tell_audit(struct db_tx *tx, void *arg)
{
    const struct telling *t = arg;
    const struct export_args *args = t->r->args;
    struct audit_actor by = audit_by_request(t->r);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct buf names;
    buf_init(&names, 4096);
    for (int i = 0; i < t->ask->ncolumns; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", export_column_name(t->ask->columns[i]));
    audit_detail_begin(&d, t->r->arena);
    if (args->selection.has_q)
        audit_detail_value(&d, "query", args->selection.q);
    if (t->ask->as_of != DAY_NONE) {
        char day[DAY_TEXT_MAX];
        audit_detail_value(
            &d, "as_of", arena_str(t->r->arena, (struct str){day, day_format(t->ask->as_of, day)}));
    }
    audit_detail_value(&d, "columns", arena_str(t->r->arena, buf_str(&names)));
    audit_detail_value(&d, "format", str_c(export_format_names[t->ask->format]));
    audit_detail_value(&d, "customers",
                       str_c(arena_printf(t->r->arena, "%lld", (long long)t->rows)));
    buf_free(&names);
    return audit_write(tx, t->r->caller.merchant_id, &by,
                       t->ask->emails ? "export.emails" : "export.customers", "export", 0,
                       audit_detail_end(&d));
}

static void answer(struct request *r, const struct export_ask *k, int fd)
{
    bool xlsx = k->format == EXPORT_XLSX;
    file_answer(r, fd,
                xlsx ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                     : "text/csv; charset=utf-8; header=present",
                arena_printf(r->arena, "%s.%s", k->emails ? "emails" : "customers",
                             export_format_names[k->format]));
}

static enum err export_route(struct request *r)
{
    struct app *app = r->app;
    const struct export_args *args = r->args;
    cleanup(as_of_done) struct as_of_use then = {0};
    struct selection chosen;
    struct export_ask k = {.merchant_id = r->caller.merchant_id,
                           .emails = args->what == 1,
                           .consent_only = !args->has_consent_only || args->consent_only,
                           .format = args->format == 1 ? EXPORT_XLSX : EXPORT_CSV,
                           .language =
                               args->language >= 0 ? language_names[args->language] : r->language,
                           .delimiter = args->delimiter >= 0 ? delimiters[args->delimiter][0] : 0,
                           .bom = !args->has_bom || args->bom,
                           .as_of = args->selection.as_of};
    struct telling t = {r, &k, 0};
    int fd;
    enum err e = read_columns(r, k.emails ? STR("email") : args->columns, &k);
    if (e == OK)
        e = selection_resolve(r, &args->selection, &chosen);
    if (e == OK)
        e = as_of_use(app->as_of, r->caller.merchant_id, k.as_of, r->arena, &then, &r->problem);
    if (e != OK)
        return e;
    k.use = &then.then;
    k.ids = chosen.ids;
    k.n = chosen.n;
    e = export_run(app, &k, &fd, &t.rows, r->arena, &r->problem);
    if (e != OK)
        return e;
    e = db_write(app->db, tell_audit, &t);
    if (e == OK)
        answer(r, &k, fd);
    else
        close(fd);
    return e;
}

/* ---- the columns there are ---- */

static enum err columns_route(struct request *r)
{
    struct json *j = &r->json;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (int i = 0; export_column_at(i); i++) {
        json_open(j);
        json_kv_cstr(j, "name", export_column_name(export_column_at(i)));
        json_kv_cstr(j, "heading", export_column_heading(export_column_at(i), r->language));
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return OK;
}

const struct http_route export_routes[] = {
    {"GET", "/api/v1/exports/columns", PERM_EXPORT, columns_route,
     .summary = "The columns that an export can have", .answer = "ExportColumns"},
    {"POST", "/api/v1/exports", PERM_EXPORT, export_route, .body = export_spec,
     .args_size = sizeof(struct export_args), .body_max = SELECTION_BODY_MAX,
     .confirm_password = true, .summary = "Chosen customers as a file",
     .answer = "application/octet-stream"},
    {0},
};
