/* The texts that customers are shown: versions of the merchant's, per channel and language. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../customer/customer_sql.h"
#include "../staff/staff.h"
#include "consent_sql.h"

static const char *const channels[] = {"sms", "email", "push", NULL};

struct text_args {
    int channel, language;
    int64_t after_version;
    struct str body;
};
#define AT(field) offsetof(struct text_args, field)
static const struct spec text_spec[] = {
    {"channel", SPEC_CHOICE, AT(channel), .required = true, .choices = channels},
    {"language", SPEC_CHOICE, AT(language), .required = true, .choices = language_names},
    {"body", SPEC_TEXT, AT(body), .required = true, .max = CONSENT_TEXT_MAX},
    {"after_version", SPEC_INT, AT(after_version), .required = true, .min = 0,
     .max = CONSENT_TEXTS_MAX,
     .doc = "the version that was edited, 0 for the first; 412 when there is a newer one"},
    {0},
};

static enum err read_texts(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    struct json *j = &r->json;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &consent_text_all, &rows, db_i(r->caller.merchant_id));
    if (e != OK)
        return e;
    json_open(j);
    json_key(j, "items");
    json_list(j);
    while (db_next(rows)) {
        json_open(j);
        json_kv_id(j, "id", db_int(rows, 0));
        json_kv_text(j, "channel", db_text(rows, 1));
        json_kv_text(j, "language", db_text(rows, 2));
        json_kv_int(j, "version", db_int(rows, 3));
        json_kv_text(j, "body", db_text(rows, 4));
        json_kv_instant(j, "created_at", db_int(rows, 5));
        json_key(j, "staff");
        if (db_is_null(rows, 6))
            json_nil(j);
        else
            json_text(j, db_text(rows, 6));
        json_close(j);
    }
    json_end(j);
    json_close(j);
    return db_error(rows);
}

enum err consent_text_put(struct db_tx *tx, int64_t merchant_id, const char *channel,
                          const char *language, struct str body, int64_t now_us, int64_t *ret_id)
{
    int64_t version;
    enum err e = db_query_int(tx, &consent_text_find, ret_id, db_i(merchant_id), db_tc(channel),
                              db_tc(language), db_t(body));
    if (e != ERR_NOT_FOUND)
        return e;
    e = db_query_int(tx, &consent_text_latest, &version, db_i(merchant_id), db_tc(channel),
                     db_tc(language));
    if (e != OK && e != ERR_NOT_FOUND)
        return e;
    *ret_id = id_new();
    return db_exec(tx, &consent_text_add, NULL, db_i(merchant_id), db_i(*ret_id), db_tc(channel),
                   db_tc(language), db_i(e == OK ? version + 1 : 1), db_t(body), db_i(now_us),
                   db_null());
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    return db_read(app->db, read_texts, r);
}

static enum err read_latest(struct db_tx *tx, struct request *r, int64_t *ret_version,
                            bool *ret_same)
{
    const struct text_args *args = r->args;
    cleanup(db_done) struct db_rows *rows = NULL;
    *ret_version = 0;
    *ret_same = false;
    enum err e =
        db_query(tx, &consent_text_latest, &rows, db_i(r->caller.merchant_id),
                 db_tc(channel_names[args->channel]), db_tc(language_names[args->language]));
    if (e == OK && db_next(rows)) {
        *ret_version = db_int(rows, 0);
        *ret_same = str_eq(db_text(rows, 1), args->body);
    }
    return e != OK ? e : db_error(rows);
}

static enum err write_text(struct db_tx *tx, void *arg)
{
    struct request *r = arg;
    const struct text_args *args = r->args;
    cleanup(audit_detail_free) struct audit_detail d = {0};
    struct audit_actor by = audit_by_request(r);
    int64_t version, id = id_new();
    bool same;
    enum err e = read_latest(tx, r, &version, &same);
    if (e != OK)
        return e;
    if (version != args->after_version)
        return request_fail(r, ERR_STALE, "stale", NULL, NULL);
    if (same)
        return request_fail(r, ERR_CONFLICT, "consent_text_same", "body", NULL);
    if (version >= CONSENT_TEXTS_MAX)
        return request_fail(r, ERR_CONFLICT, "consent_text_many", NULL, NULL);
    e = db_exec(tx, &consent_text_add, NULL, db_i(r->caller.merchant_id), db_i(id),
                db_tc(channel_names[args->channel]), db_tc(language_names[args->language]),
                db_i(version + 1), db_t(args->body), db_i(now_us()),
                db_i_or_null(r->caller.staff_id, 0));
    if (e != OK)
        return e;
    audit_detail_begin(&d, r->arena);
    audit_detail_value(&d, "channel", str_c(channel_names[args->channel]));
    audit_detail_value(&d, "language", str_c(language_names[args->language]));
    audit_detail_value(&d, "version",
                       str_c(arena_printf(r->arena, "%lld", (long long)version + 1)));
    return audit_write(tx, r->caller.merchant_id, &by, "consent_text.create", "consent_text", id,
                       audit_detail_end(&d));
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    enum err e = db_write(app->db, write_text, r);
    return e == OK ? list_route(r) : e;
}

const struct http_route consent_text_routes[] = {
    {"GET", "/api/v1/consent-texts", PERM_CUSTOMERS_READ, list_route,
     .summary = "Every version of the texts that customers are shown", .answer = "ConsentTexts"},
    {"POST", "/api/v1/consent-texts", PERM_SETTINGS, create_route, .body = text_spec,
     .args_size = sizeof(struct text_args), .summary = "Makes a new version of a consent text",
     .answer = "ConsentTexts", .status = 201},
    {0},
};
