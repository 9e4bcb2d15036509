/* Routes of a customer's consents: the history with its proof, an act, taking a slip back. */
#include <sodium.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "../merchant/merchant.h"
#include "consent_http.h"
#include "consent_sql.h"

static const char *const states[] = {"granted", "refused", "suppressed", "released", NULL};
static const char *const channels[] = {"sms", "email", "push", NULL};

struct act_args {
    int channel, state, how, reason; /* -1 = absent */
    int32_t given_on;                /* DAY_NONE = absent: now */
    int64_t text_id;
    struct str note, after_id;
};
#define AT(field) offsetof(struct act_args, field)
static const struct spec act_spec[] = {
    {"channel", SPEC_CHOICE, AT(channel), .required = true, .choices = channels},
    {"state", SPEC_CHOICE, AT(state), .required = true, .choices = states},
    {"how", SPEC_CHOICE, AT(how), .required = true, .choices = consent_hows,
     .doc = "how the customer said it"},
    {"given_on", SPEC_DAY, AT(given_on), .doc = "when the customer said it; now when absent"},
    {"text_id", SPEC_ID, AT(text_id), .doc = "the consent text that was shown"},
    {"reason", SPEC_CHOICE, AT(reason), .choices = consent_reasons,
     .doc = "of a suppression; needed for one"},
    {"note", SPEC_TEXT, AT(note), .max = CONSENT_NOTE_MAX, .doc = "needed to release"},
    {"after_id", SPEC_TEXT, AT(after_id), .max = 20,
     .doc = "the channel's latest act that the caller knows, or none; 412 when there is another"},
    {0},
};

/* ---- the history ---- */

struct act {
    int64_t id, at_us, recorded_us, staff_id, undoes_id, import_id, text_id, version;
    const char *channel, *state, *how, *staff, *reason, *address, *language; /* or NULL */
    struct str note, text_version, text;
};
struct paper { /* a picture of what was signed */
    struct paper *next;
    int64_t id, act_id, created_us;
    const char *sha256, *staff;
};
struct history {
    struct request *r;
    struct audience_hit hit;
    struct merchant merchant;
    struct act acts[CONSENT_ACTS_MAX + CHANNELS]; /* in the order in which they were recorded */
    size_t n;
    struct paper *papers; /* in the order in which they came */
};

static const char *text_or_null(struct arena *a, const struct db_rows *r, int col)
{
    return db_is_null(r, col) ? NULL : arena_cstr(a, db_text(r, col));
}

static void take_act(struct arena *a, const struct db_rows *r, struct act *ret)
{
    *ret = (struct act){.id = db_int(r, 0),
                        .channel = arena_cstr(a, db_text(r, 1)),
                        .state = arena_cstr(a, db_text(r, 2)),
                        .at_us = db_int(r, 3),
                        .recorded_us = db_int(r, 4),
                        .how = arena_cstr(a, db_text(r, 5)),
                        .staff_id = db_int(r, 6),
                        .staff = text_or_null(a, r, 7),
                        .reason = text_or_null(a, r, 8),
                        .note = db_text_in(r, 9, a),
                        .address = text_or_null(a, r, 10),
                        .undoes_id = db_int(r, 11),
                        .import_id = db_int(r, 12),
                        .text_version = db_text_in(r, 13, a),
                        .text_id = db_int(r, 14),
                        .language = text_or_null(a, r, 15),
                        .version = db_int(r, 16),
                        .text = db_text_in(r, 17, a)};
}

static enum err read_papers(struct db_tx *tx, struct history *h)
{
    struct arena *a = h->r->arena;
    struct paper **last = &h->papers;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &consent_evidence_all, &rows, db_i(h->r->caller.merchant_id),
                          db_i(h->r->ids[0]));
    *last = NULL;
    while (e == OK && db_next(rows)) {
        struct str hash = db_blob(rows, 2);
        char *hex = arena_alloc(a, 2 * hash.n + 1);
        *last = arena_make(a, struct paper);
        **last = (struct paper){
            .id = db_int(rows, 0),
            .act_id = db_int(rows, 1),
            .sha256 = sodium_bin2hex(hex, 2 * hash.n + 1, (const unsigned char *)hash.p, hash.n),
            .created_us = db_int(rows, 3),
            .staff = text_or_null(a, rows, 4)};
        last = &(*last)->next;
    }
    return e == OK ? db_error(rows) : e;
}

static enum err read_history(struct db_tx *tx, void *arg)
{
    struct history *h = arg;
    struct arena *a = h->r->arena;
    cleanup(db_done) struct db_rows *rows = NULL;
    h->n = 0;
    enum err e = merchant_get(tx, h->r->caller.merchant_id, a, &h->merchant);
    if (e == OK)
        e = db_query(tx, &consent_history, &rows, db_i(h->r->caller.merchant_id),
                     db_i(h->r->ids[0]), db_i((int64_t)ARRAY_LEN(h->acts)));
    if (e != OK)
        return e;
    while (db_next(rows))
        take_act(a, rows, &h->acts[h->n++]);
    e = db_error(rows);
    return e == OK ? read_papers(tx, h) : e;
}

static void text_json(struct json *j, const struct act *act)
{
    json_key(j, "text");
    if (act->text_id == 0) {
        json_nil(j);
        return;
    }
    json_open(j);
    json_kv_id(j, "id", act->text_id);
    json_kv_cstr(j, "language", act->language);
    json_kv_int(j, "version", act->version);
    json_kv_text(j, "body", act->text);
    json_close(j);
}

/* Absent when there is none: the fingerprint of a proof printed earlier stays what it was. */
static void papers_json(struct json *j, const struct act *act, const struct paper *first)
{
    bool any = false;
    for (const struct paper *paper = first; paper; paper = paper->next) {
        if (paper->act_id != act->id)
            continue;
        if (!any) {
            json_key(j, "evidence");
            json_list(j);
        }
        any = true;
        json_open(j);
        json_kv_id(j, "id", paper->id);
        json_kv_cstr(j, "sha256", paper->sha256);
        json_kv_instant(j, "at", paper->created_us);
        json_kv_cstr(j, "staff", paper->staff);
        json_close(j);
    }
    if (any)
        json_end(j);
}

static void act_json(struct json *j, const struct act *act, const struct paper *papers)
{
    json_open(j);
    json_kv_id(j, "id", act->id);
    json_kv_cstr(j, "channel", act->channel);
    json_kv_cstr(j, "state", act->state);
    json_kv_instant(j, "at", act->at_us);
    json_kv_instant(j, "recorded_at", act->recorded_us);
    json_kv_cstr(j, "how", act->how);
    json_kv_id(j, "staff_id", act->staff_id);
    json_kv_cstr(j, "staff", act->staff);
    json_kv_cstr(j, "address", act->address);
    json_kv_cstr(j, "reason", act->reason);
    customer_text_json(j, "note", act->note);
    json_kv_id(j, "undoes_id", act->undoes_id);
    json_kv_id(j, "import_id", act->import_id);
    customer_text_json(j, "text_version", act->text_version);
    text_json(j, act);
    papers_json(j, act, papers);
    json_close(j);
}

/* SHA-256 (FIPS 180-4) over the acts as JSON, oldest first: one that was changed afterwards shows.
 */
static const char *fingerprint(struct request *r, struct str acts)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *text = arena_alloc(r->arena, 2 * sizeof hash + 1);
    crypto_hash_sha256(hash, (const unsigned char *)acts.p, acts.n);
    return sodium_bin2hex(text, 2 * sizeof hash + 1, hash, sizeof hash);
}

/* May the act be taken back now? The rules again are consent_undo()'s. */
static bool may_undo(const struct history *h, size_t at, int64_t now)
{
    const struct act *act = &h->acts[at];
    for (size_t i = at + 1; i < h->n; i++)
        if (strcmp(h->acts[i].channel, act->channel) == 0)
            return false;
    return act->staff_id && now - act->recorded_us <= CONSENT_UNDO_HOURS * 3600LL * 1000000;
}

static void standing_json(struct json *j, const struct history *h, int channel)
{
    const struct act *said = NULL, *barred = NULL, *latest = NULL;
    size_t at = 0;

    for (size_t i = 0; i < h->n; i++) {
        const struct act *act = &h->acts[i];
        if (strcmp(act->channel, channel_names[channel]) != 0)
            continue;
        latest = act;
        at = i;
        if (strcmp(act->state, "suppressed") == 0 || strcmp(act->state, "released") == 0)
            barred = strcmp(act->state, "suppressed") == 0 ? act : NULL;
        else
            said = act;
    }
    json_open(j);
    json_kv_cstr(j, "channel", channel_names[channel]);
    json_kv_cstr(j, "state", said ? said->state : consent_names[CONSENT_NEVER_ASKED]);
    json_kv_instant(j, "at", said ? said->at_us : 0);
    json_kv_cstr(j, "how", said ? said->how : NULL);
    json_kv_cstr(j, "suppressed", barred ? barred->reason ? barred->reason : "other" : NULL);
    json_kv_instant(j, "suppressed_at", barred ? barred->at_us : 0);
    json_kv_id(j, "latest_id", latest ? latest->id : 0);
    json_kv_id(j, "undo_id", latest && may_undo(h, at, now_us()) ? latest->id : 0);
    json_close(j);
}

static void customer_json(struct json *j, const struct history *h)
{
    struct arena *a = h->r->arena;
    const char *first = arena_cstr(a, h->hit.first_name), *last = arena_cstr(a, h->hit.last_name);
    json_key(j, "customer");
    json_open(j);
    json_kv_id(j, "id", h->hit.id);
    json_kv_int(j, "number", h->hit.number);
    json_kv_text(j, "name", str_trim(str_c(arena_printf(a, "%s %s", first, last))));
    customer_text_json(j, "phone", arena_str(a, h->hit.phone));
    customer_text_json(j, "email", arena_str(a, h->hit.email));
    json_close(j);
}

static void history_json(struct history *h)
{
    struct json *j = &h->r->json, of_acts;
    struct buf acts;

    buf_init(&acts, 16 << 20);
    json_init(&of_acts, &acts);
    json_list(&of_acts);
    for (size_t i = 0; i < h->n; i++)
        act_json(&of_acts, &h->acts[i], h->papers);
    json_end(&of_acts);
    json_open(j);
    customer_json(j, h);
    json_kv_cstr(j, "merchant", h->merchant.name);
    json_kv_cstr(j, "time_zone", h->merchant.time_zone);
    json_key(j, "channels");
    json_list(j);
    for (int i = 0; i < CHANNELS; i++)
        standing_json(j, h, i);
    json_end(j);
    json_key(j, "acts");
    json_raw(j, buf_str(&acts));
    json_kv_cstr(j, "sha256", fingerprint(h->r, buf_str(&acts)));
    json_kv_instant(j, "made_at", now_us());
    json_close(j);
    buf_free(&acts);
}

static enum err answer_history(struct history *h)
{
    const struct app *app = h->r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = customer_seen(h->r, &use, &h->hit);
    if (e == OK)
        e = db_read(app->db, read_history, h);
    if (e == OK)
        history_json(h);
    return e;
}

enum err consent_history_answer(struct request *r)
{
    struct history *h = arena_make(r->arena, struct history);
    h->r = r;
    return answer_history(h);
}

/* ---- acts ---- */

struct acting {
    struct request *r;
    struct consent_record act;
    int64_t undoes;
};

static enum err write_record(struct db_tx *tx, void *arg)
{
    struct acting *w = arg;
    enum err e = consent_record(tx, w->r->caller.merchant_id, &w->act, &w->r->problem);
    return e == ERR_NOT_FOUND ? request_fail(w->r, e, "not_found", NULL, NULL) : e;
}

static enum err write_undo(struct db_tx *tx, void *arg)
{
    struct acting *w = arg;
    enum err e = consent_undo(tx, w->r->caller.merchant_id, w->r->ids[0], w->r->ids[1], w->act.day,
                              w->act.now_us, &w->act.by, &w->r->problem);
    return e == ERR_NOT_FOUND ? request_fail(w->r, e, "not_found", NULL, NULL) : e;
}

/* The customer must be one whom the caller sees; then the act as far as the clock tells it. */
static enum err act_begin(struct request *r, struct acting *w, int32_t given_on)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct zone *zone;

    *w = (struct acting){
        .r = r, .act = {.customer_id = r->ids[0], .now_us = now_us(), .by = audit_by_request(r)}};
    enum err e = customer_seen(r, &use, &hit);
    if (e != OK)
        return e;
    w->act.day = given_on != DAY_NONE ? given_on : use.today;
    w->act.at_us = w->act.now_us;
    if (given_on == DAY_NONE || given_on == use.today)
        return OK;
    if (given_on > use.today || given_on < 0)
        return request_fail(r, ERR_INVALID, "consent_future", "given_on", NULL);
    e = zone_open(use.time_zone, &zone);
    if (e != OK)
        return e;
    w->act.at_us = zone_instant(zone, given_on, 12 * 3600); /* noon: only the day is known */
    zone_close(&zone);
    if (w->act.at_us > w->act.now_us) /* a fixed today may lie before the clock, never after it */
        w->act.at_us = w->act.now_us;
    return OK;
}

static enum err record_route(struct request *r)
{
    const struct app *app = r->app;
    const struct act_args *args = r->args;
    struct acting w;
    enum err e = act_begin(r, &w, args->given_on);
    if (e != OK)
        return e;
    w.act.channel = args->channel;
    w.act.act = (enum consent_act)(CONSENT_ACT_GRANTED + args->state);
    w.act.how = consent_hows[args->how];
    w.act.note = args->note;
    w.act.text_id = args->text_id;
    w.act.after_id = args->after_id.n ? 0 : -1;
    if (args->after_id.n && !str_eq(args->after_id, STR("none")) &&
        !str_int64(args->after_id, &w.act.after_id))
        return request_fail(r, ERR_INVALID, "field_not_id", "after_id", "field", "after_id", NULL);
    if (w.act.act == CONSENT_ACT_SUPPRESSED && args->reason < 0)
        return request_fail(r, ERR_INVALID, "field_required", "reason", NULL);
    if (w.act.act == CONSENT_ACT_SUPPRESSED)
        w.act.reason = consent_reasons[args->reason];
    if (w.act.act == CONSENT_ACT_RELEASED && args->note.n == 0)
        return request_fail(r, ERR_INVALID, "field_required", "note", NULL);
    e = db_write(app->db, write_record, &w);
    return e == OK ? consent_history_answer(r) : e;
}

static enum err undo_route(struct request *r)
{
    const struct app *app = r->app;
    struct acting w;
    enum err e = act_begin(r, &w, DAY_NONE);
    if (e == OK)
        e = db_write(app->db, write_undo, &w);
    return e == OK ? consent_history_answer(r) : e;
}

const struct http_route consent_routes[] = {
    {"GET", "/api/v1/customers/{id}/consents", PERM_CUSTOMERS_READ, consent_history_answer,
     .summary = "Every act of consent of a customer with its proof", .answer = "ConsentHistory"},
    {"POST", "/api/v1/customers/{id}/consents", PERM_CUSTOMERS_WRITE, record_route,
     .body = act_spec, .args_size = sizeof(struct act_args),
     .summary = "Records that the customer accepts or refuses, or that a channel is suppressed or "
                "released",
     .answer = "ConsentHistory", .status = 201},
    {"POST", "/api/v1/customers/{id}/consents/{id}/undo", PERM_CUSTOMERS_WRITE, undo_route,
     .summary = "Takes the latest act of a channel back, by another act",
     .answer = "ConsentHistory"},
    {0},
};
