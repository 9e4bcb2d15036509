/* Routes of greetings: giving them, the rules of automatic ones, who comes in the next week, the
 * log. */
#include "../../base/check.h"
#include "../../base/id.h"
#include "../cursor.h"
#include "../customer/customer_view.h"
#include "../idempotency/idempotency.h"
#include "../job/daily.h"
#include "../merchant/merchant.h"
#include "../staff/staff.h"
#include "birthday_sql.h"

enum { GREETED_DAYS = 31, COMING_DAYS = 7, COMING_LISTED = 20, LOG_PAGE = 50 };

struct greeting_call {
    struct request *r;
    struct audience_use use;
    struct audience_viewer viewer;
    struct birthday_rules rules, after;
    struct merchant merchant;
    int32_t today;
    struct audit_actor by;
};

static void call_end(struct greeting_call *c)
{
    audiences_done(&c->use);
}

static enum err read_rules(struct db_tx *tx, void *arg)
{
    struct greeting_call *c = arg;
    struct request *r = c->r;
    enum err e = birthday_rules_read(tx, r->caller.merchant_id, r->arena, &c->rules);
    return e == OK ? merchant_get(tx, r->caller.merchant_id, r->arena, &c->merchant) : e;
}

static enum err begin(struct request *r, struct greeting_call *c)
{
    const struct app *app = r->app;
    *c = (struct greeting_call){
        .r = r, .viewer = rights_viewer(&r->caller), .by = audit_by_request(r)};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &c->use);
    c->today = c->use.today;
    return e == OK ? db_read(app->db, read_rules, c) : e;
}

/* ---- giving ---- */

struct give_args {
    int32_t day;
    int kind; /* -1 both */
    int64_t points, after;
    struct str message;
    struct spec_ids ids;
    bool all, has_ids;
};
#define AT(field) offsetof(struct give_args, field)
static const char *const kinds[] = {"birthday", "date", NULL};
static const struct spec give_spec[] = {
    {"day", SPEC_DAY, AT(day), .required = true,
     .doc = "which is greeted: at most a month from today"},
    {"kind", SPEC_CHOICE, AT(kind), .choices = kinds, .doc = "only those; both by default"},
    {"points", SPEC_INT, AT(points), .max = BIRTHDAY_POINTS_MAX, .doc = "for each"},
    {"message", SPEC_TEXT, AT(message), .max = BIRTHDAY_MESSAGE_MAX,
     .doc = "for those who agreed to be written to; {first_name} and {points} are filled in"},
    {"customer_ids", SPEC_IDS, AT(ids), .min = 1, .max = GREETING_MOST,
     .present_offset = AT(has_ids) + 1},
    {"all", SPEC_BOOL, AT(all), .doc = "everybody of that day, 500 a request: see `next`"},
    {"after", SPEC_ID, AT(after), .doc = "with all: `next` of the request before"},
    {0},
};
struct giving_call {
    struct greeting_call c;
    struct greeting_how how;
    struct greeting_one list[GREETING_MOST];
    size_t n;
    int64_t next; /* 0: that was everybody */
    int64_t *born;
    size_t nborn;
    struct important_date *dates;
    size_t ndates;
    int64_t elsewhere; /* asked for, but it is not their day */
    struct greeting_outcome outcome;
};

static enum err read_dates(struct db_tx *tx, void *arg)
{
    struct giving_call *g = arg;
    const struct greeting_call *c = &g->c;
    return birthday_dates(tx, c->r->caller.merchant_id, c->use.audience, &c->viewer, g->how.day,
                          c->rules.march, c->r->arena, &g->dates, &g->ndates);
}

static enum err whose_day(struct giving_call *g)
{
    const struct give_args *args = g->c.r->args;
    const struct app *app = g->c.r->app;
    struct birthday_span span = birthday_span(g->how.day, g->c.rules.march);
    const struct birthday_ask ask = {&g->c.viewer, span.low, span.high};
    if (args->kind != 1)
        audience_birthday_ids(g->c.use.audience, &ask, g->c.r->arena, &g->born, &g->nborn);
    return args->kind != 0 ? db_read(app->db, read_dates, g) : OK;
}

/* The occasion of a customer; false: the day is not theirs. A birthday goes first, so that nobody
 * is greeted twice at once. */
static bool occasion(const struct giving_call *g, int64_t id, struct greeting_one *ret)
{
    *ret = (struct greeting_one){id, 0};
    if (g->nborn && bsearch(&id, g->born, g->nborn, sizeof(*g->born), id_compare))
        return true;
    for (size_t i = 0; i < g->ndates; i++)
        if (g->dates[i].customer_id == id) {
            ret->year_day = YEAR_DAY(g->dates[i].month, g->dates[i].day);
            return true;
        }
    return false;
}

static void choose_those(struct giving_call *g, const struct spec_ids *ids)
{
    for (size_t i = 0; i < ids->n; i++) {
        if (occasion(g, ids->ids[i], &g->list[g->n]))
            g->n++;
        else
            g->elsewhere++;
    }
}

/* The next GREETING_MOST by id. */
static void choose_all(struct giving_call *g, int64_t after)
{
    struct arena *a = g->c.r->arena;
    int64_t *ids = arena_array(a, int64_t, g->nborn + g->ndates + 1);
    size_t n = g->nborn;
    if (n)
        memcpy(ids, g->born, n * sizeof(*ids));
    for (size_t i = 0; i < g->ndates; i++)
        ids[n++] = g->dates[i].customer_id;
    qsort(ids, n, sizeof(*ids), id_compare);
    for (size_t i = 0; i < n; i++) {
        if (ids[i] <= after || (i > 0 && ids[i] == ids[i - 1]))
            continue;
        if (g->n == GREETING_MOST) {
            g->next = g->list[g->n - 1].customer_id;
            return;
        }
        check(occasion(g, ids[i], &g->list[g->n]));
        g->n++;
    }
}

static enum err check_giving(struct giving_call *g)
{
    struct request *r = g->c.r;
    const struct give_args *args = r->args;
    if (args->points == 0 && args->message.n == 0)
        return request_fail(r, ERR_INVALID, "birthday_nothing", "points", NULL);
    if (args->all == args->has_ids)
        return request_fail(r, ERR_INVALID, "birthday_whom", "customer_ids", NULL);
    if (args->day < g->c.today - GREETED_DAYS || args->day > g->c.today + GREETED_DAYS)
        return request_fail(r, ERR_INVALID, "birthday_day_far", "day", "days", "31", NULL);
    return greeting_check(args->message, "message", r->arena, &r->problem);
}

static enum err write_greetings(struct db_tx *tx, void *arg)
{
    struct giving_call *g = arg;
    struct request *r = g->c.r;
    return greeting_give(tx, r->caller.merchant_id, &g->how, g->list, g->n, r->arena, &g->outcome,
                         &r->problem);
}

static enum err given_json(struct request *r, void *arg)
{
    const struct giving_call *g = arg;
    struct json *j = &r->json;
    json_open(j);
    json_kv_int(j, "greeted", g->outcome.greeted);
    json_kv_int(j, "points", g->outcome.points);
    json_kv_int(j, "with_message", g->outcome.told);
    json_kv_int(j, "without_consent", g->outcome.silent + g->outcome.nothing);
    json_kv_int(j, "waiting", g->outcome.waiting);
    json_kv_int(j, "already", g->outcome.already);
    json_kv_int(j, "blocked", g->outcome.blocked);
    json_kv_int(j, "absent", g->outcome.absent + g->elsewhere);
    json_kv_id(j, "next", g->next);
    json_kv_id(j, "id", g->outcome.greeted ? g->outcome.act_id : 0);
    json_close(j);
    return OK;
}

static enum err give_route(struct request *r)
{
    const struct give_args *args = r->args;
    struct giving_call *g = arena_make(r->arena, struct giving_call);
    enum err e = begin(r, &g->c);
    if (e == OK)
        e = check_giving(g);
    if (e == OK) {
        g->how = (struct greeting_how){.day = args->day,
                                       .today = g->c.today,
                                       .points = args->points,
                                       .fallback = birthday_language(g->c.merchant.language),
                                       .by = &g->c.by};
        for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
            g->how.messages[i] = args->message;
        e = whose_day(g);
    }
    audiences_done(&g->c.use); /* nobody waits for a commit with an audience in hand */
    if (e != OK)
        return e;
    if (args->all)
        choose_all(g, args->after);
    else
        choose_those(g, &args->ids);
    return idempotent_write(r, write_greetings, g, given_json);
}

/* ---- taking back ---- */

struct undo_call {
    struct greeting_call c;
    int64_t undone, left;
};

static enum err write_undo(struct db_tx *tx, void *arg)
{
    struct undo_call *u = arg;
    struct request *r = u->c.r;
    bool any = rights_allowed(r->caller.role, PERM_LOYALTY);
    return greeting_undo(tx, r->caller.merchant_id, r->ids[0], any ? 0 : r->caller.staff_id,
                         u->c.today, &u->c.by, r->arena, &u->undone, &u->left, &r->problem);
}

static enum err undone_json(struct request *r, void *arg)
{
    const struct undo_call *u = arg;
    json_open(&r->json);
    json_kv_int(&r->json, "undone", u->undone);
    json_kv_int(&r->json, "left", u->left);
    json_close(&r->json);
    return OK;
}

static enum err undo_route(struct request *r)
{
    struct undo_call u = {0};
    enum err e = begin(r, &u.c);
    audiences_done(&u.c.use); /* nobody waits for a commit with an audience in hand */
    return e == OK ? idempotent_write(r, write_undo, &u, undone_json) : e;
}

/* ---- the rules ---- */

struct rules_args {
    int leap; /* -1 absent */
    bool automatic, has_automatic, has_points, has_hour, has_days_ahead;
    int64_t points, hour, days_ahead;
    struct str messages[BIRTHDAY_LANGUAGES];
    bool has_message[BIRTHDAY_LANGUAGES];
};
#define OF(field) offsetof(struct rules_args, field)
#define MESSAGE(language, i)                                                                       \
    {                                                                                              \
        "message_" language, SPEC_TEXT, OF(messages) + (i) * sizeof(struct str),                   \
            .max = BIRTHDAY_MESSAGE_MAX,                                                           \
            .present_offset = OF(has_message) + (i) * sizeof(bool) + 1,                            \
            .doc = "with {first_name} and {points}; empty: none in that language"                  \
    }
static const char *const leaps[] = {"february", "march", NULL};
static const struct spec rules_spec[] = {
    {"leap", SPEC_CHOICE, OF(leap), .choices = leaps,
     .doc = "where 29 February is kept in other years"},
    {"automatic", SPEC_BOOL, OF(automatic), .present_offset = OF(has_automatic) + 1},
    {"points", SPEC_INT, OF(points), .max = BIRTHDAY_POINTS_MAX,
     .present_offset = OF(has_points) + 1},
    {"hour", SPEC_INT, OF(hour), .max = 23, .present_offset = OF(has_hour) + 1,
     .doc = "of the merchant's day"},
    {"days_ahead", SPEC_INT, OF(days_ahead), .max = BIRTHDAY_AHEAD_MAX,
     .present_offset = OF(has_days_ahead) + 1},
    MESSAGE("en", 0),
    MESSAGE("fr", 1),
    MESSAGE("it", 2),
    MESSAGE("es", 3),
    MESSAGE("ru", 4),
    {0},
};

static void rules_json(struct request *r, const struct birthday_rules *rules)
{
    struct json *j = &r->json;
    r->etag = arena_printf(r->arena, "%lld", (long long)rules->version);
    json_open(j);
    json_kv_cstr(j, "leap", leaps[rules->march]);
    json_kv_bool(j, "automatic", rules->automatic);
    json_kv_int(j, "points", rules->points);
    json_kv_int(j, "hour", rules->hour);
    json_kv_int(j, "days_ahead", rules->days_ahead);
    json_key(j, "messages");
    json_open(j);
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        json_kv_text(j, language_names[i], rules->messages[i]);
    json_close(j);
    json_kv_int(j, "version", rules->version);
    json_close(j);
}

static enum err rules_route(struct request *r)
{
    cleanup(call_end) struct greeting_call c = {0};
    enum err e = begin(r, &c);
    if (e == OK)
        rules_json(r, &c.rules);
    return e;
}

static enum err write_rules(struct db_tx *tx, void *arg)
{
    struct greeting_call *c = arg;
    struct request *r = c->r;
    return birthday_rules_write(tx, r->caller.merchant_id, &c->rules, &c->after, c->today, &c->by,
                                r->arena, &r->problem);
}

static enum err patch_rules_route(struct request *r)
{
    const struct app *app = r->app;
    const struct rules_args *args = r->args;
    struct greeting_call c = {0};
    enum err e = begin(r, &c);
    audiences_done(&c.use);
    if (e == OK)
        e = request_check_version(r, c.rules.version);
    if (e != OK)
        return e;
    c.after = c.rules;
    if (args->leap >= 0)
        c.after.march = args->leap == 1;
    if (args->has_automatic)
        c.after.automatic = args->automatic;
    if (args->has_points)
        c.after.points = args->points;
    if (args->has_hour)
        c.after.hour = args->hour;
    if (args->has_days_ahead)
        c.after.days_ahead = args->days_ahead;
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        if (args->has_message[i])
            c.after.messages[i] = args->messages[i];
    e = db_write(app->db, write_rules, &c);
    if (e != OK)
        return e;
    if (c.after.automatic)
        daily_look(r->app); /* who switches it on sees it at work */
    rules_json(r, &c.after);
    return OK;
}

/* ---- the coming week ---- */

struct coming {
    struct greeting_call *c;
    int32_t first;
    int64_t greeted[COMING_DAYS];
};

static enum err read_greeted(struct db_tx *tx, void *arg)
{
    struct coming *w = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    memset(w->greeted, 0, sizeof(w->greeted));
    enum err e = db_query(tx, &greeting_days, &rows, db_i(w->c->r->caller.merchant_id),
                          db_i(w->first), db_i(w->first + COMING_DAYS - 1));
    if (e != OK)
        return e;
    while (db_next(rows))
        w->greeted[db_int(rows, 0) - w->first] = db_int(rows, 1);
    return db_error(rows);
}

static bool agrees(const struct audience_hit *hit)
{
    bool any = false;
    for (int channel = 0; channel < CHANNELS; channel++)
        any |= hit->consent[channel] == CONSENT_GRANTED;
    return any;
}

/* What the customer will get, were it today. */
static void coming_one_json(const struct coming *w, const struct audience_hit *hit)
{
    struct request *r = w->c->r;
    struct json *j = &r->json;
    struct greeting_how how = {.fallback = birthday_language(w->c->merchant.language)};
    memcpy(how.messages, w->c->rules.messages, sizeof(how.messages));
    struct str words = greeting_words(&how, str_c(hit->language));
    bool told = words.n && agrees(hit) && !hit->blocked;
    json_open(j);
    json_key(j, "customer");
    customer_row_json(j, &w->c->use, hit);
    json_kv_int(j, "points", hit->blocked ? 0 : w->c->rules.points);
    json_key(j, "message");
    if (told)
        json_text(j, greeting_fill(r->arena, words,
                                   hit->first_name.n ? hit->first_name : hit->nickname,
                                   w->c->rules.points));
    else
        json_nil(j);
    json_close(j);
}

static enum err coming_day_json(const struct coming *w, int32_t day)
{
    struct greeting_call *c = w->c;
    struct json *j = &c->r->json;
    struct birthday_span span = birthday_span(day, c->rules.march);
    const struct birthday_ask ask = {&c->viewer, span.low, span.high};
    struct birthday_count counts[32] = {0}, sum = {0};
    int64_t *ids;
    size_t n;
    check(span.high - span.low < (int32_t)ARRAY_LEN(counts));
    audience_birthday_counts(c->use.audience, &ask, counts);
    audience_birthday_ids(c->use.audience, &ask, c->r->arena, &ids, &n);
    for (int32_t i = 0; i <= span.high - span.low; i++) {
        sum.customers += counts[i].customers;
        sum.blocked += counts[i].blocked;
        sum.consenting += counts[i].consenting;
    }
    json_open(j);
    json_kv_day(j, "day", day);
    json_kv_day(j, "on", day - (int32_t)c->rules.days_ahead);
    json_kv_int(j, "customers", sum.customers);
    json_kv_int(j, "blocked", sum.blocked);
    json_kv_int(j, "consenting", sum.consenting);
    json_kv_int(j, "greeted", w->greeted[day - w->first]);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0, told = 0; i < n && told < COMING_LISTED; i++) {
        struct audience_hit hit;
        enum err e = audience_get(c->use.audience, &c->viewer, ids[i], c->r->arena, &hit);
        if (e == OK) {
            coming_one_json(w, &hit);
            told++;
        } else if (e != ERR_NOT_FOUND) {
            return e;
        }
    }
    json_end(j);
    json_close(j);
    return OK;
}

static enum err coming_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(call_end) struct greeting_call c = {0};
    struct coming w = {.c = &c};
    enum err e = begin(r, &c);
    w.first = c.today + (int32_t)c.rules.days_ahead;
    if (e == OK)
        e = db_read(app->db, read_greeted, &w);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_kv_day(&r->json, "today", c.today);
    json_kv_bool(&r->json, "automatic", c.rules.automatic);
    json_key(&r->json, "days");
    json_list(&r->json);
    for (int32_t i = 0; e == OK && i < COMING_DAYS; i++)
        e = coming_day_json(&w, w.first + i);
    json_end(&r->json);
    json_close(&r->json);
    return e;
}

/* ---- the log ---- */

struct log_args {
    struct str cursor;
};
static const struct spec log_spec[] = {
    {"cursor", SPEC_TEXT, offsetof(struct log_args, cursor), .max = 200,
     .doc = "`next` of the page before"},
    {0},
};
struct log_call {
    struct greeting_call c;
    int64_t place[2]; /* at_us and customer of the last one seen */
    struct logged {
        int64_t customer_id, occasion, points, consents, at_us;
        int32_t day;
        struct str message, staff;
    } rows[LOG_PAGE + 1];
    size_t n;
};

static enum err read_log(struct db_tx *tx, void *arg)
{
    struct log_call *l = arg;
    struct arena *a = l->c.r->arena;
    cleanup(db_done) struct db_rows *rows = NULL;
    l->n = 0;
    enum err e = db_query(tx, &greeting_log, &rows, db_i(l->c.r->caller.merchant_id),
                          db_i(l->place[0]), db_i(l->place[1]), db_i(LOG_PAGE + 1));
    if (e != OK)
        return e;
    while (l->n <= LOG_PAGE && db_next(rows))
        l->rows[l->n++] = (struct logged){.customer_id = db_int(rows, 0),
                                          .occasion = db_int(rows, 1),
                                          .day = (int32_t)db_int(rows, 2),
                                          .points = db_int(rows, 3),
                                          .message = db_text_in(rows, 4, a),
                                          .consents = db_int(rows, 5),
                                          .at_us = db_int(rows, 6),
                                          .staff = db_text_in(rows, 7, a)};
    return db_error(rows);
}

/* Who is gone, or not seen by the caller, is left out. */
static enum err log_json(struct log_call *l)
{
    struct request *r = l->c.r;
    struct json *j = &r->json;
    bool more = l->n > LOG_PAGE;
    struct str scope =
        str_c(arena_printf(r->arena, "greetings %lld", (long long)r->caller.merchant_id));
    json_open(j);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < l->n && i < LOG_PAGE; i++) {
        const struct logged *one = &l->rows[i];
        struct audience_hit hit;
        enum err e =
            audience_get(l->c.use.audience, &l->c.viewer, one->customer_id, r->arena, &hit);
        l->place[0] = one->at_us;
        l->place[1] = one->customer_id;
        if (e == ERR_NOT_FOUND)
            continue;
        if (e != OK)
            return e;
        json_open(j);
        json_kv_cstr(j, "kind", kinds[one->occasion % 512 != 0]);
        json_kv_day(j, "day", one->day);
        json_kv_int(j, "points", one->points);
        customer_text_json(j, "message", one->message);
        json_kv_bool(j, "consenting", one->consents != 0);
        customer_text_json(j, "staff", one->staff);
        json_kv_instant(j, "at", one->at_us);
        json_key(j, "customer");
        customer_row_json(j, &l->c.use, &hit);
        json_close(j);
    }
    json_end(j);
    json_kv_cstr(j, "next", more ? cursor_make(r->arena, scope, l->place, 2) : NULL);
    json_close(j);
    return OK;
}

static void log_end(struct log_call *l)
{
    call_end(&l->c);
}

static enum err log_route(struct request *r)
{
    const struct app *app = r->app;
    const struct log_args *args = r->args;
    cleanup(log_end) struct log_call l = {.place = {INT64_MAX, INT64_MAX}};
    struct str scope =
        str_c(arena_printf(r->arena, "greetings %lld", (long long)r->caller.merchant_id));
    enum err e = begin(r, &l.c);
    if (e == OK && args->cursor.n && !cursor_read(args->cursor, scope, l.place, 2))
        e = request_fail(r, ERR_INVALID, "cursor_bad", "cursor", NULL);
    if (e == OK)
        e = db_read(app->db, read_log, &l);
    return e == OK ? log_json(&l) : e;
}

const struct http_route greeting_routes[] = {
    {"POST", "/api/v1/birthdays/greetings", PERM_POINTS, give_route, .body = give_spec,
     .args_size = sizeof(struct give_args), .confirm_password = true, .idempotent = true,
     .summary =
         "Greets customers on their day, each once a year: points, and a message kept with them",
     .answer = "Greeted"},
    {"POST", "/api/v1/birthdays/greetings/{id}/undo", PERM_POINTS, undo_route,
     .confirm_password = true, .idempotent = true,
     .summary = "Takes greetings by hand back, as far as their points were not spent",
     .answer = "GreetingsUndone"},
    {"GET", "/api/v1/birthdays/greetings", PERM_LOYALTY, log_route, .query = log_spec,
     .args_size = sizeof(struct log_args), .summary = "Who was greeted, newest first",
     .answer = "GreetingList"},
    {"GET", "/api/v1/birthdays/coming", PERM_LOYALTY, coming_route,
     .summary = "Whom the automatic greetings will reach in the coming week, and with what",
     .answer = "GreetingsComing"},
    {"GET", "/api/v1/birthdays/rules", PERM_LOYALTY, rules_route,
     .summary = "How birthdays are greeted", .answer = "BirthdayRules"},
    {"PATCH", "/api/v1/birthdays/rules", PERM_SETTINGS, patch_rules_route, .body = rules_spec,
     .args_size = sizeof(struct rules_args), .needs_version = true, .confirm_password = true,
     .summary = "Changes how birthdays are greeted", .answer = "BirthdayRules"},
    {0},
};
