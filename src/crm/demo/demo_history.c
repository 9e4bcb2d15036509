#include "demo_history.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/json.h"
#include <math.h>

enum { LINES_MAX = 6, INVOICES_PER_PERSON = 2000, RECENT_DAYS = 110 };

/* The person's history while it is written. */
struct telling {
    struct demo_history *out;
    const struct demo_data *data;
    const struct demo_chain *chain;
    struct demo_person *p;
    int64_t invoice;
};

/* Nothing happens after now. */
static int64_t instant(const struct telling *t, int32_t day, int32_t second)
{
    int64_t us = zone_instant(t->chain->zone, day, second);
    return us < t->chain->latest_us ? us : t->chain->latest_us;
}

static void *grown(struct arena *a, void *old, size_t n, size_t *cap, size_t bytes)
{
    if (n < *cap)
        return old;
    size_t more = *cap ? *cap * 2 : 1024;
    void *v = arena_alloc_array(a, more, bytes);
    if (n)
        memcpy(v, old, n * bytes);
    *cap = more;
    return v;
}

static struct transaction_head *add_head(struct telling *t)
{
    struct demo_history *h = t->out;
    h->heads = grown(h->arena, h->heads, h->nheads, &h->heads_cap, sizeof *h->heads);
    return &h->heads[h->nheads++];
}

static struct activity_event *add_event(struct telling *t, const char *kind, int32_t day,
                                        int32_t second)
{
    struct demo_history *h = t->out;
    h->events = grown(h->arena, h->events, h->nevents, &h->events_cap, sizeof *h->events);
    struct activity_event *e = &h->events[h->nevents++];
    *e = (struct activity_event){.customer_id = t->p->id,
                                 .kind = kind,
                                 .at_us = instant(t, day, second),
                                 .day = day,
                                 .amount_minor = INT64_MIN};
    return e;
}

/* ---- when the shop is full ---- */

/* How likely a customer is to come on that day, in percent: Saturdays and December are best. */
static int rush(int32_t day)
{
    static const int weekdays[7] = {45, 62, 70, 72, 84, 100, 22};
    static const int months[12] = {82, 66, 74, 80, 86, 84, 74, 52, 84, 84, 90, 100};
    struct civil c = day_to_civil(day);
    int sundays_open = c.month == 12 && day_weekday(day) == 6 ? 50 : 0;
    return (weekdays[day_weekday(day)] + sundays_open) * months[c.month - 1] / 100;
}

static int32_t open_day(struct demo_random *r, int32_t day)
{
    for (int tries = 0; tries < 8 && !demo_chance(r, rush(day)); tries++)
        day++;
    return day;
}

static int32_t opening_second(struct demo_random *r)
{
    return (int32_t)(36000 + demo_below(r, 17000) + demo_below(r, 17000)); /* 10:00 to 19:26 */
}

/* ---- a basket ---- */

static size_t choose_category(struct telling *t, int month)
{
    int64_t sums[DEMO_CATEGORIES_MAX], sum = 0;

    for (size_t i = 0; i < t->data->ncategories; i++) {
        int64_t weight = t->data->categories[i].months[month];
        if (i == t->p->likes[0] || i == t->p->likes[1])
            weight *= 5;
        if (i == 0 && t->p->man) /* dresses, as a present */
            weight /= 6;
        sums[i] = sum += weight;
    }
    return demo_pick(&t->p->random, sums, t->data->ncategories);
}

static void fill_line(struct telling *t, int32_t day, struct transaction_line *line)
{
    struct demo_random *r = &t->p->random;
    struct civil c = day_to_civil(day);
    size_t category = choose_category(t, c.month - 1);
    const struct demo_data *d = t->data;
    size_t first = d->first_product[category];
    const struct demo_product *product =
        &d->products[first +
                     (size_t)demo_below(r, (int64_t)(d->first_product[category + 1] - first))];
    bool sales = (c.month == 1 || c.month == 7) && demo_chance(r, 55);
    int64_t price =
        sales ? product->price_minor * demo_between(r, 6, 8) / 10 : product->price_minor;

    *line = (struct transaction_line){
        .product_code = product->code,
        .product = product->name,
        .url = str_c(arena_printf(t->out->arena, "https://example.com/p/%.*s", (int)product->code.n,
                                  product->code.p)),
        .category_id = t->chain->categories[category],
        .quantity_milli = demo_chance(r, 6) ? 2000 : 1000,
        .price_micro = price * 10000,
    };
    /* most buy their own size, some for others */
    int other = demo_chance(r, 14) ? (int)demo_between(r, -1, 1) : 0;
    if (str_eq(d->categories[category].sizes, STR("cloth"))) {
        int size = t->p->cloth + other;
        line->size_id = t->chain->cloth[size < 0                   ? 0
                                        : size >= DEMO_CLOTH_SIZES ? DEMO_CLOTH_SIZES - 1
                                                                   : size];
    } else if (str_eq(d->categories[category].sizes, STR("shoes"))) {
        int size = t->p->shoes + other;
        line->size_id = t->chain->shoes[size < 0                  ? 0
                                        : size >= DEMO_SHOE_SIZES ? DEMO_SHOE_SIZES - 1
                                                                  : size];
    }
    check(transaction_amount(line->quantity_milli, line->price_micro, 2, &line->amount_minor));
}

static void say_head(struct telling *t, struct transaction_head *head, const char *prefix,
                     int64_t invoice, int64_t store_id, int32_t day, int32_t second)
{
    *head = (struct transaction_head){
        .customer_id = t->p->id,
        .store_id = store_id,
        .invoice = str_c(arena_printf(t->out->arena, "%s%lld", prefix, (long long)invoice)),
        .at_us = instant(t, day, second),
        .day = day,
    };
    transaction_identity_of_invoice(store_id, day, head->invoice, head->identity);
}

/* The same lines coming back: one of them as a return, all of them as a cancellation. */
static void take_back(struct telling *t, const struct transaction_head *bought, int64_t invoice,
                      int32_t day, int32_t second, bool cancellation)
{
    size_t n = cancellation ? bought->nlines : 1;
    struct transaction_line *lines = arena_array(t->out->arena, struct transaction_line, n);

    memcpy(lines, bought->lines, n * sizeof *lines);
    for (size_t i = 0; i < n; i++) {
        lines[i].quantity_milli = -lines[i].quantity_milli;
        lines[i].amount_minor = -lines[i].amount_minor;
    }
    struct transaction_head *head = add_head(t);
    say_head(t, head, cancellation ? "C" : "R", invoice, bought->store_id, day, second);
    head->lines = lines;
    head->nlines = n;
}

static void buy(struct telling *t, int32_t day, int32_t second)
{
    struct demo_random *r = &t->p->random;
    struct transaction_line *lines = arena_array(t->out->arena, struct transaction_line, LINES_MAX);
    size_t n = 0, store = t->p->place;
    int64_t invoice = 100000 + t->p->index * INVOICES_PER_PERSON + t->invoice++;

    if (demo_chance(r, 7))
        store = demo_pick(r, t->data->place_sums, t->data->nplaces);
    do
        fill_line(t, day, &lines[n++]);
    while (n < LINES_MAX && demo_chance(r, 42));
    struct transaction_head head;
    say_head(t, &head, "", invoice, t->chain->stores[store], day, second);
    head.lines = lines;
    head.nlines = n;
    *add_head(t) = head;
    if (demo_chance(r, 1)) {
        take_back(t, &head, invoice, day, second + 240, true);
    } else if (demo_chance(r, 5)) {
        int32_t later = open_day(r, day + (int32_t)demo_between(r, 2, 24));
        if (later <= t->chain->today)
            take_back(t, &head, invoice, later, opening_second(r), false);
    }
}

static void book(struct telling *t, int32_t day, int32_t second)
{
    struct demo_random *r = &t->p->random;
    const char *kind = demo_chance(r, 80)   ? "booking"
                       : demo_chance(r, 60) ? "booking_canceled"
                                            : "booking_missed";
    struct activity_event *e = add_event(t, kind, day, second);
    e->store_id = t->chain->stores[t->p->place];
    e->staff_id = t->chain->nstaff ? t->chain->staff[demo_below(r, (int64_t)t->chain->nstaff)] : 0;
    e->amount_minor = demo_chance(r, 40) ? 0 : 1500 * demo_between(r, 2, 6);
    e->detail = "{\"service\":\"styling\"}";
}

static void come(struct telling *t, int32_t day)
{
    struct demo_random *r = &t->p->random;
    int32_t second = opening_second(r);
    int64_t what = demo_below(r, 100);

    if (t->p->persona == DEMO_VISITOR || (what >= 76 && what < 94)) {
        struct activity_event *e = add_event(t, "visit", day, second);
        e->store_id = t->chain->stores[t->p->place];
    } else if (what < 76) {
        buy(t, day, second);
    } else {
        book(t, day, second);
    }
}

/* ---- the years ---- */

/* Visits a month, least and most; the even ones come at nearly equal intervals. */
static const struct rhythm {
    double least, most;
    bool even;
} rhythms[DEMO_PERSONAS] = {
    [DEMO_VISITOR] = {0.05, 0.3, false},   [DEMO_LAPSED] = {0.3, 1.3, false},
    [DEMO_OCCASIONAL] = {0.3, 0.8, false}, [DEMO_REGULAR] = {1.2, 2.1, true},
    [DEMO_VIP] = {4.8, 6.5, true},
};

static void live(struct telling *t)
{
    struct demo_random *r = &t->p->random;
    const struct rhythm *rhythm = &rhythms[t->p->persona];
    double rate = rhythm->least + (rhythm->most - rhythm->least) * demo_unit(r);
    double day = t->p->registered;

    if (t->p->persona == DEMO_FOLLOWER)
        return;
    for (int32_t at = open_day(r, t->p->registered); at <= t->p->last;) {
        /* large demos keep the last months whole and thin out what lies before them */
        if (!t->chain->thin || at > t->chain->today - RECENT_DAYS || demo_chance(r, 20))
            come(t, at);
        if (rate == 0 || t->invoice >= INVOICES_PER_PERSON)
            return;
        double mean = 30.4 / rate;
        day += rhythm->even ? mean * (0.5 + demo_unit(r)) : -mean * log(1 - demo_unit(r));
        int32_t next = open_day(r, (int32_t)day);
        at = next > at ? next : at + 1;
        if (day < at)
            day = at;
    }
}

static const char *comment_detail(struct telling *t)
{
    const struct demo_phrases *comments = &t->data->phrases[DEMO_COMMENT][t->p->country];
    struct buf text;
    struct json j;

    buf_init(&text, 1000);
    json_init(&j, &text);
    json_open(&j);
    json_kv_text(&j, "text", comments->texts[demo_below(&t->p->random, (int64_t)comments->n)]);
    json_close(&j);
    const char *detail = arena_cstr(t->out->arena, buf_str(&text));
    buf_free(&text);
    return detail;
}

/* With the card app in the pocket: pushes, uses, stamps, shares, comments. */
static void use_app(struct telling *t)
{
    static const char *const kinds[] = {"push",     "app_open", "push", "stamp",
                                        "app_open", "share",    "push", "comment"};
    static const char *const networks[] = {
        "{\"network\":\"instagram\"}", "{\"network\":\"facebook\"}", "{\"network\":\"whatsapp\"}"};
    struct demo_random *r = &t->p->random;
    int64_t days = t->p->last - t->p->registered;

    if (!t->p->app)
        return;
    if (t->p->persona == DEMO_FOLLOWER)
        add_event(t, "follow", t->p->registered, opening_second(r))->store_id =
            t->chain->stores[t->p->place];
    for (int64_t n = demo_between(r, 0, 3 + days / 90); n > 0; n--) {
        const char *kind = kinds[demo_below(r, (int64_t)ARRAY_LEN(kinds))];
        int32_t day = t->p->registered + (int32_t)demo_below(r, days + 1);
        bool share = strcmp(kind, "share") == 0, comment = strcmp(kind, "comment") == 0;
        if (t->p->persona == DEMO_FOLLOWER && (comment || strcmp(kind, "stamp") == 0))
            continue;
        struct activity_event *e = add_event(t, kind, day, opening_second(r));
        e->detail = share ? networks[demo_below(r, 3)] : comment ? comment_detail(t) : NULL;
    }
}

void demo_history(struct demo_history *h, const struct demo_data *d, const struct demo_chain *chain,
                  struct demo_person *p)
{
    struct telling t = {h, d, chain, p, 0};
    live(&t);
    use_app(&t);
}
