/* Routes of the birthday calendar: a month, a day. */
#include "../../base/check.h"
#include "../batch.h"
#include "../customer/customer_view.h"
#include "../staff/staff.h"
#include "birthday_sql.h"

struct month_args {
    struct str month;
    int kind; /* -1 both */
};
struct day_args {
    int32_t day;
    int kind;
    int64_t limit, offset;
    bool has_limit;
};
static const char *const kinds[] = {"birthday", "date", NULL};
enum { KIND_BOTH = -1, KIND_OF_BIRTH, KIND_OF_DATE };
static const struct spec month_spec[] = {
    {"month", SPEC_TEXT, offsetof(struct month_args, month), .min = 1, .max = 7,
     .doc = "2026-05; the present one by default"},
    {"kind", SPEC_CHOICE, offsetof(struct month_args, kind), .choices = kinds,
     .doc = "only these; both by default"},
    {0},
};
static const struct spec day_spec[] = {
    {"day", SPEC_DAY, offsetof(struct day_args, day), .required = true},
    {"kind", SPEC_CHOICE, offsetof(struct day_args, kind), .choices = kinds,
     .doc = "only these; both by default"},
    {"limit", SPEC_INT, offsetof(struct day_args, limit), .max = AUDIENCE_PAGE_MAX,
     .present_offset = offsetof(struct day_args, has_limit) + 1,
     .doc = "of `items`; 50 by default"},
    {"offset", SPEC_INT, offsetof(struct day_args, offset), .max = 1000000000},
    {0},
};
enum { LIMIT_DEFAULT = 50 };

struct calendar_call {
    struct request *r;
    struct audience_use use;
    struct audience_viewer viewer;
    struct birthday_rules rules;
    bool born, dated; /* which kinds are asked for */
    int32_t day;      /* asked for; of a month its first */
    int64_t date_counts[31];
    struct important_date *dates;
    size_t ndates;
};

static void call_end(struct calendar_call *c)
{
    audiences_done(&c->use);
}

static enum err read_rules(struct db_tx *tx, void *arg)
{
    struct calendar_call *c = arg;
    return birthday_rules_read(tx, c->r->caller.merchant_id, c->r->arena, &c->rules);
}

static enum err begin(struct request *r, int kind, struct calendar_call *c)
{
    const struct app *app = r->app;
    *c = (struct calendar_call){.r = r,
                                .viewer = rights_viewer(&r->caller),
                                .born = kind != KIND_OF_DATE,
                                .dated = kind != KIND_OF_BIRTH};
    enum err e = audiences_use(app->audiences, r->caller.merchant_id, &c->use);
    return e == OK ? db_read(app->db, read_rules, c) : e;
}

static bool year_known(int32_t day)
{
    int32_t year = day_to_civil(day).year;
    return year >= BIRTHDAY_YEAR_FIRST && year <= BIRTHDAY_YEAR_LAST;
}

/* ---- a month ---- */

static enum err read_month(struct calendar_call *c, struct str text)
{
    struct request *r = c->r;
    struct civil today = day_to_civil(c->use.today);
    today.day = 1;
    c->day = day_from_civil(today);
    if (text.n == 0)
        return OK;
    const char *first = arena_printf(r->arena, "%.*s-01", (int)text.n, text.p);
    if (day_parse(str_c(first), &c->day) && year_known(c->day))
        return OK;
    return request_fail(r, ERR_INVALID, "birthday_month_bad", "month", NULL);
}

static enum err count_dates(struct db_tx *tx, void *arg)
{
    struct calendar_call *c = arg;
    return birthday_date_counts(tx, c->r->caller.merchant_id, c->use.audience, &c->viewer, c->day,
                                c->rules.march, c->date_counts);
}

/* Each day of the month as the sum of the days of the year that are kept on it. */
static void count_births(struct calendar_call *c, int32_t days, struct birthday_count *ret)
{
    struct birthday_span first = birthday_span(c->day, c->rules.march),
                         last = birthday_span(c->day + days - 1, c->rules.march);
    struct birthday_ask ask = {&c->viewer, first.low, last.high};
    struct birthday_count *counts =
        arena_array(c->r->arena, struct birthday_count, (size_t)(last.high - first.low) + 1);
    audience_birthday_counts(c->use.audience, &ask, counts);
    for (int32_t i = 0; i < days; i++) {
        struct birthday_span span = birthday_span(c->day + i, c->rules.march);
        for (int32_t at = span.low; at <= span.high; at++) {
            ret[i].customers += counts[at - first.low].customers;
            ret[i].blocked += counts[at - first.low].blocked;
            ret[i].consenting += counts[at - first.low].consenting;
        }
    }
}

static void month_json(struct calendar_call *c, int32_t days, const struct birthday_count *births)
{
    struct json *j = &c->r->json;
    struct civil month = day_to_civil(c->day);
    int64_t born = 0, dated = 0;
    json_open(j);
    json_kv_day(j, "today", c->use.today);
    json_kv_cstr(j, "month",
                 arena_printf(c->r->arena, "%04d-%02d", (int)month.year, (int)month.month));
    json_kv_cstr(j, "leap", c->rules.march ? "march" : "february");
    json_key(j, "days");
    json_list(j);
    for (int32_t i = 0; i < days; i++) {
        json_open(j);
        json_kv_day(j, "day", c->day + i);
        json_kv_int(j, "birthdays", births[i].customers);
        json_kv_int(j, "dates", c->date_counts[i]);
        json_close(j);
        born += births[i].customers;
        dated += c->date_counts[i];
    }
    json_end(j);
    json_kv_int(j, "birthdays", born);
    json_kv_int(j, "dates", dated);
    json_close(j);
}

static enum err month_route(struct request *r)
{
    const struct app *app = r->app;
    const struct month_args *args = r->args;
    cleanup(call_end) struct calendar_call c = {0};
    struct birthday_count births[31] = {0};
    enum err e = begin(r, args->kind, &c);
    if (e == OK)
        e = read_month(&c, args->month);
    if (e == OK && c.dated)
        e = db_read(app->db, count_dates, &c);
    if (e != OK)
        return e;
    int32_t days = day_add_months(c.day, 1) - c.day;
    if (c.born)
        count_births(&c, days, births);
    month_json(&c, days, births);
    return OK;
}

/* ---- a day ---- */

static enum err find_dates(struct db_tx *tx, void *arg)
{
    struct calendar_call *c = arg;
    return birthday_dates(tx, c->r->caller.merchant_id, c->use.audience, &c->viewer, c->day,
                          c->rules.march, c->r->arena, &c->dates, &c->ndates);
}

struct day_item {
    struct audience_hit hit;
    const struct important_date *date; /* NULL: a birthday */
    struct greeting_told {
        bool there;
        int64_t points, at_us;
        struct str message, staff;
    } greeting;
};
struct day_list {
    struct calendar_call *c;
    struct day_item *items;
    size_t n;
};

static int64_t occasion_of(const struct day_list *list, const struct day_item *item)
{
    int64_t year = day_to_civil(list->c->day).year;
    return greeting_occasion(year, item->date ? YEAR_DAY(item->date->month, item->date->day) : 0);
}

static void take_greeting(struct day_list *list, const struct db_rows *rows)
{
    struct arena *a = list->c->r->arena;
    for (size_t i = 0; i < list->n; i++) {
        struct day_item *item = &list->items[i];
        if (item->hit.id != db_int(rows, 0) || occasion_of(list, item) != db_int(rows, 1))
            continue;
        item->greeting = (struct greeting_told){.there = true,
                                                .points = db_int(rows, 2),
                                                .message = db_text_in(rows, 3, a),
                                                .at_us = db_int(rows, 5),
                                                .staff = db_text_in(rows, 6, a)};
    }
}

static enum err read_greetings(struct db_tx *tx, void *arg)
{
    struct day_list *list = arg;
    int64_t ids[BATCH_KEYS];
    enum err e = OK;
    for (size_t from = 0; e == OK && from < list->n; from += BATCH_KEYS) {
        cleanup(db_done) struct db_rows *rows = NULL;
        size_t n = batch_size(list->n, from);
        for (size_t i = 0; i < n; i++)
            ids[i] = list->items[from + i].hit.id;
        e = batch_query_ids(tx, &greeting_of, &rows, list->c->r->caller.merchant_id, ids, n);
        while (e == OK && db_next(rows))
            take_greeting(list, rows);
        if (e == OK)
            e = db_error(rows);
    }
    return e;
}

/* Those of the page, first birthdays, then dates. Who is gone meanwhile is left out. */
static enum err gather(struct day_list *list, const int64_t *born, size_t nborn)
{
    const struct calendar_call *c = list->c;
    const struct day_args *args = c->r->args;
    size_t limit = args->has_limit ? (size_t)args->limit : LIMIT_DEFAULT;
    size_t at = (size_t)args->offset, end = nborn + c->ndates;
    list->items = arena_array(c->r->arena, struct day_item, limit + 1);
    for (; at < end && list->n < limit; at++) {
        struct day_item *item = &list->items[list->n];
        item->date = at < nborn ? NULL : &c->dates[at - nborn];
        enum err e =
            audience_get(c->use.audience, &c->viewer,
                         item->date ? item->date->customer_id : born[at], c->r->arena, &item->hit);
        if (e != OK && e != ERR_NOT_FOUND)
            return e;
        list->n += e == OK;
    }
    return OK;
}

static enum err find_photos(struct day_list *list)
{
    struct request *r = list->c->r;
    struct audience_hit *hits = arena_array(r->arena, struct audience_hit, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        hits[i] = list->items[i].hit;
    enum err e = customer_photos(r->app, r->caller.merchant_id, hits, list->n);
    for (size_t i = 0; i < list->n; i++)
        list->items[i].hit = hits[i];
    return e;
}

static void greeting_json(struct json *j, const struct greeting_told *g)
{
    json_key(j, "greeting");
    if (!g->there) {
        json_nil(j);
        return;
    }
    json_open(j);
    json_kv_int(j, "points", g->points);
    customer_text_json(j, "message", g->message);
    customer_text_json(j, "staff", g->staff);
    json_kv_instant(j, "at", g->at_us);
    json_close(j);
}

static void item_json(const struct day_list *list, const struct day_item *item)
{
    struct json *j = &list->c->r->json;
    int32_t since = item->date ? item->date->year : item->hit.birth_year;
    int32_t years = day_to_civil(list->c->day).year - since;
    json_open(j);
    json_kv_cstr(j, "kind", kinds[item->date ? KIND_OF_DATE : KIND_OF_BIRTH]);
    customer_text_json(j, "name", item->date ? item->date->name : STR(""));
    json_key(j, "years");
    if (since > 0 && years >= 0)
        json_int(j, years);
    else
        json_nil(j);
    greeting_json(j, &item->greeting);
    json_key(j, "customer");
    customer_row_json(j, &list->c->use, &item->hit);
    json_close(j);
}

static void day_json(const struct day_list *list, size_t nborn)
{
    struct calendar_call *c = list->c;
    struct json *j = &c->r->json;
    json_open(j);
    json_kv_day(j, "day", c->day);
    json_kv_day(j, "today", c->use.today);
    json_kv_int(j, "birthdays", (int64_t)nborn);
    json_kv_int(j, "dates", (int64_t)c->ndates);
    json_key(j, "items");
    json_list(j);
    for (size_t i = 0; i < list->n; i++)
        item_json(list, &list->items[i]);
    json_end(j);
    json_close(j);
}

static enum err day_route(struct request *r)
{
    const struct app *app = r->app;
    const struct day_args *args = r->args;
    cleanup(call_end) struct calendar_call c = {0};
    struct day_list list = {.c = &c};
    int64_t *born = NULL;
    size_t nborn = 0;
    enum err e = begin(r, args->kind, &c);
    if (e == OK && !year_known(args->day))
        e = request_fail(r, ERR_INVALID, "birthday_month_bad", "day", NULL);
    if (e != OK)
        return e;
    c.day = args->day;
    struct birthday_span span = birthday_span(c.day, c.rules.march);
    struct birthday_ask ask = {&c.viewer, span.low, span.high};
    if (c.born)
        audience_birthday_ids(c.use.audience, &ask, r->arena, &born, &nborn);
    if (c.dated)
        e = db_read(app->db, find_dates, &c);
    if (e == OK)
        e = gather(&list, born, nborn);
    if (e == OK)
        e = find_photos(&list);
    if (e == OK)
        e = db_read(app->db, read_greetings, &list);
    if (e == OK)
        day_json(&list, nborn);
    return e;
}

const struct http_route birthday_routes[] = {
    {"GET", "/api/v1/birthdays", PERM_CUSTOMERS_READ, month_route, .query = month_spec,
     .args_size = sizeof(struct month_args),
     .summary = "How many birthdays and other important dates each day of a month has",
     .answer = "BirthdayMonth"},
    {"GET", "/api/v1/birthdays/day", PERM_CUSTOMERS_READ, day_route, .query = day_spec,
     .args_size = sizeof(struct day_args),
     .summary = "Whose birthday or important date a day is, and who was greeted",
     .answer = "BirthdayDay"},
    {0},
};
