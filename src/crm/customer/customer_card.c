/* GET /customers/{id}: everything the card's first page shows, in small reads. */
#include "../../base/check.h"
#include "../../base/varint.h"
#include "customer_view.h"
#include <stdlib.h>

enum { TOP_SHARES = 3, MONTHS_SHOWN = 12, ADDRESSES_MAX = 5, DATES_MAX = 20 };

/* A category or size and what was bought of it. */
struct share {
    int64_t id, count, amount_minor;
};
struct shares {
    struct share *v;
    size_t n, cap;
};
struct numbers {
    int64_t *v;
    size_t n;
};
struct card {
    int64_t merchant_id, customer_id;
    struct arena *arena;
    struct str external_id, first_name, last_name, address, postcode, facebook, twitter, google,
        instagram, website;
    int64_t created_us, updated_us, version;
    struct numbers visit_days, tags, stores, groups;
    struct card_contact {
        struct str value, label;
        bool email;
    } contacts[2 * CUSTOMER_CONTACTS_MAX];
    int ncontacts;
    struct card_address {
        struct str kind, street, postcode, city, country;
    } addresses[ADDRESSES_MAX]; /* the main one first */
    int naddresses;
    struct card_date {
        struct str name;
        int64_t month, day, year; /* year 0 = not known */
    } dates[DATES_MAX];
    int ndates;
    struct {
        uint8_t state;
        int64_t at_us;
        const char *how, *suppressed; /* NULL: nothing recorded; not suppressed */
        int64_t suppressed_us, latest_id;
    } consents[CHANNELS];
    int64_t shares, stamps, comments, pushes, bookings_minor, last_use_us;
    struct shares categories, sizes;
    int64_t baskets, baskets_minor;
    struct str blocked_reason, blocked_by;
    int64_t blocked_us; /* 0: not known when */
};

/* ---- reading ---- */

static enum err unpack(struct arena *a, const struct db_rows *r, int col, struct numbers *ret)
{
    return db_is_null(r, col) ? OK : varint_unpack(a, db_blob(r, col), &ret->v, &ret->n);
}

static enum err take_customer(struct card *c, const struct db_rows *r)
{
    struct str *const texts[] = {&c->external_id, &c->first_name, &c->last_name, &c->address,
                                 &c->postcode,    &c->facebook,   &c->twitter,   &c->google};
    for (int i = 0; i < (int)ARRAY_LEN(texts); i++)
        *texts[i] = db_text_in(r, i, c->arena);
    c->created_us = db_int(r, 8);
    c->updated_us = db_int(r, 9);
    c->version = db_int(r, 10);
    c->blocked_reason = db_text_in(r, 14, c->arena);
    c->blocked_us = db_int(r, 15);
    c->blocked_by = db_text_in(r, 16, c->arena);
    c->instagram = db_text_in(r, 17, c->arena);
    c->website = db_text_in(r, 18, c->arena);
    c->addresses[0] =
        (struct card_address){db_text_in(r, 19, c->arena), c->address, c->postcode,
                              db_text_in(r, 20, c->arena), db_text_in(r, 21, c->arena)};
    c->naddresses =
        c->address.n + c->postcode.n + c->addresses[0].city.n + c->addresses[0].country.n > 0;
    enum err err = unpack(c->arena, r, 11, &c->visit_days);
    if (err == OK)
        err = unpack(c->arena, r, 12, &c->tags);
    return err == OK ? unpack(c->arena, r, 13, &c->stores) : err;
}

static enum err take_contact(struct card *c, const struct db_rows *r)
{
    if (c->ncontacts < (int)ARRAY_LEN(c->contacts))
        c->contacts[c->ncontacts++] = (struct card_contact){.value = db_text_in(r, 1, c->arena),
                                                            .label = db_text_in(r, 2, c->arena),
                                                            .email = db_int(r, 0) != 0};
    return OK;
}

static enum err take_address(struct card *c, const struct db_rows *r)
{
    struct arena *a = c->arena;
    if (c->naddresses < ADDRESSES_MAX)
        c->addresses[c->naddresses++] =
            (struct card_address){db_text_in(r, 0, a), db_text_in(r, 1, a), db_text_in(r, 2, a),
                                  db_text_in(r, 3, a), db_text_in(r, 4, a)};
    return OK;
}

static enum err take_date(struct card *c, const struct db_rows *r)
{
    if (c->ndates < DATES_MAX)
        c->dates[c->ndates++] = (struct card_date){db_text_in(r, 0, c->arena), db_int(r, 1),
                                                   db_int(r, 2), db_int(r, 3)};
    return OK;
}

static enum err take_consent(struct card *c, const struct db_rows *r)
{
    int channel = name_index(channel_names, CHANNELS, db_text(r, 0));
    struct str state = db_text(r, 1);

    if (db_int(r, 5) > c->consents[channel].latest_id)
        c->consents[channel].latest_id = db_int(r, 5);
    if (str_eq(state, STR("released")))
        return OK;
    if (str_eq(state, STR("suppressed"))) {
        c->consents[channel].suppressed =
            db_is_null(r, 4) ? "other" : arena_cstr(c->arena, db_text(r, 4));
        c->consents[channel].suppressed_us = db_int(r, 2);
        return OK;
    }
    c->consents[channel].state = (uint8_t)name_index(consent_names, CONSENT_NAMES, state);
    c->consents[channel].at_us = db_int(r, 2);
    c->consents[channel].how = arena_cstr(c->arena, db_text(r, 3));
    return OK;
}

static enum err take_activity(struct card *c, const struct db_rows *r)
{
    struct str kind = db_text(r, 0);
    int64_t count = db_int(r, 1);

    if (str_eq(kind, STR("share")))
        c->shares = count;
    else if (str_eq(kind, STR("stamp")))
        c->stamps = count;
    else if (str_eq(kind, STR("comment")))
        c->comments = count;
    else if (str_eq(kind, STR("push")))
        c->pushes = count;
    else if (str_eq(kind, STR("booking")))
        c->bookings_minor = db_int(r, 2);
    else if (str_eq(kind, STR("app_open")))
        c->last_use_us = db_int(r, 3);
    return OK;
}

static void add_share(struct arena *a, struct shares *list, int64_t id, int64_t count,
                      int64_t amount)
{
    size_t i = 0;

    if (id == 0)
        return;
    while (i < list->n && list->v[i].id != id)
        i++;
    if (i == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        struct share *grown = arena_array(a, struct share, cap);
        if (list->n)
            memcpy(grown, list->v, list->n * sizeof *grown);
        list->v = grown;
        list->cap = cap;
    }
    if (i == list->n)
        list->v[list->n++] = (struct share){.id = id};
    list->v[i].count += count;
    list->v[i].amount_minor += amount;
}

static enum err take_bought(struct card *c, const struct db_rows *r)
{
    add_share(c->arena, &c->categories, db_int(r, 0), db_int(r, 2), db_int(r, 3));
    add_share(c->arena, &c->sizes, db_int(r, 1), db_int(r, 2), db_int(r, 3));
    return OK;
}

static enum err take_baskets(struct card *c, const struct db_rows *r)
{
    c->baskets = db_int(r, 0);
    c->baskets_minor = db_int(r, 1);
    return OK;
}

static enum err read_card(struct db_tx *tx, void *arg)
{
    static const struct {
        const struct db_statement *st;
        enum err (*take)(struct card *, const struct db_rows *);
    } sources[] = {
        {&customer_card, take_customer},          {&customer_card_contacts, take_contact},
        {&customer_card_addresses, take_address}, {&customer_card_dates, take_date},
        {&customer_card_consents, take_consent},  {&customer_card_activity, take_activity},
        {&customer_card_bought, take_bought},     {&customer_card_baskets, take_baskets}};
    struct card *c = arg;

    *c = (struct card){
        .merchant_id = c->merchant_id, .customer_id = c->customer_id, .arena = c->arena};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err err =
            db_query(tx, sources[i].st, &rows, db_i(c->merchant_id), db_i(c->customer_id));
        while (err == OK && db_next(rows))
            err = sources[i].take(c, rows);
        if (err == OK)
            err = db_error(rows);
        if (err != OK)
            return err;
    }
    return c->version > 0 ? OK : ERR_NOT_FOUND;
}

/* ---- telling ---- */

static void names_json(struct json *j, const struct audience_use *use, const char *key,
                       enum word_kind kind, const struct numbers *ids)
{
    json_key(j, key);
    json_list(j);
    for (size_t i = 0; i < ids->n; i++) {
        json_open(j);
        json_kv_id(j, "id", ids->v[i]);
        json_kv_text(j, "name", audience_use_name(use, kind, ids->v[i]));
        json_close(j);
    }
    json_end(j);
}

static void contacts_json(struct json *j, const struct audience_use *use, const struct card *c,
                          bool emails)
{
    json_key(j, emails ? "emails" : "phones");
    json_list(j);
    for (int i = 0; i < c->ncontacts; i++) {
        char shown[64];
        struct str value = c->contacts[i].value, display = value;
        if (c->contacts[i].email != emails)
            continue;
        if (!emails)
            display.n =
                phone_format(arena_cstr(c->arena, value), use->country, shown, sizeof shown);
        if (!emails && display.n > 0)
            display.p = shown;
        else
            display = value;
        json_open(j);
        json_kv_text(j, "value", value);
        json_kv_text(j, "display", display);
        customer_text_json(j, "label", c->contacts[i].label);
        json_close(j);
    }
    json_end(j);
}

static void addresses_json(struct json *j, const struct card *c)
{
    json_key(j, "addresses");
    json_list(j);
    for (int i = 0; i < c->naddresses; i++) {
        const struct card_address *d = &c->addresses[i];
        json_open(j);
        customer_text_json(j, "kind", d->kind);
        customer_text_json(j, "street", d->street);
        customer_text_json(j, "postcode", d->postcode);
        customer_text_json(j, "city", d->city);
        customer_text_json(j, "country", d->country);
        json_close(j);
    }
    json_end(j);
}

static void dates_json(struct json *j, const struct card *c)
{
    json_key(j, "dates");
    json_list(j);
    for (int i = 0; i < c->ndates; i++) {
        json_open(j);
        json_kv_text(j, "name", c->dates[i].name);
        json_kv_int(j, "month", c->dates[i].month);
        json_kv_int(j, "day", c->dates[i].day);
        json_key(j, "year");
        if (c->dates[i].year)
            json_int(j, c->dates[i].year);
        else
            json_nil(j);
        json_close(j);
    }
    json_end(j);
}

static void consents_json(struct json *j, const struct card *c)
{
    json_key(j, "consents");
    json_list(j);
    for (int i = 0; i < CHANNELS; i++) {
        json_open(j);
        json_kv_cstr(j, "channel", channel_names[i]);
        json_kv_cstr(j, "state", consent_names[c->consents[i].state]);
        json_kv_instant(j, "at", c->consents[i].at_us);
        json_kv_cstr(j, "how", c->consents[i].how);
        json_kv_cstr(j, "suppressed", c->consents[i].suppressed);
        json_kv_instant(j, "suppressed_at", c->consents[i].suppressed_us);
        json_kv_id(j, "latest_id", c->consents[i].latest_id);
        json_close(j);
    }
    json_end(j);
}

static void social_json(struct json *j, const struct card *c, const struct audience_hit *h)
{
    json_key(j, "social");
    json_open(j);
    customer_text_json(j, "facebook", c->facebook);
    customer_text_json(j, "twitter", c->twitter);
    customer_text_json(j, "google", c->google);
    customer_text_json(j, "instagram", c->instagram);
    customer_text_json(j, "website", c->website);
    json_kv_int(j, "shares", c->shares);
    json_kv_int(j, "stamps", c->stamps);
    json_kv_int(j, "comments", c->comments);
    json_kv_int(j, "pushes", c->pushes);
    json_kv_int(j, "income_minor", h->spent_minor);
    json_kv_instant(j, "last_use", c->last_use_us);
    json_close(j);
}

/* Visit days of the last twelve calendar months, this one included. */
static void months_json(struct json *j, const struct card *c, int32_t today)
{
    struct civil now = day_to_civil(today);
    int32_t last = now.year * 12 + now.month - 1;
    int64_t counts[MONTHS_SHOWN] = {0};

    for (size_t i = c->visit_days.n; i-- > 0;) {
        struct civil day = day_to_civil((int32_t)c->visit_days.v[i]);
        int32_t ago = last - (day.year * 12 + day.month - 1);
        if (ago >= MONTHS_SHOWN)
            break;
        if (ago >= 0)
            counts[ago]++;
    }
    json_key(j, "by_month");
    json_list(j);
    for (int ago = MONTHS_SHOWN - 1; ago >= 0; ago--) {
        char month[DAY_TEXT_MAX];
        int32_t at = last - ago;
        day_format(day_from_civil((struct civil){at / 12, at % 12 + 1, 1}), month);
        json_open(j);
        json_kv_text(j, "month", (struct str){month, strlen(month) - 3});
        json_kv_int(j, "visits", counts[ago]);
        json_close(j);
    }
    json_end(j);
}

static void average_json(struct json *j, const char *key, int64_t average)
{
    json_key(j, key);
    if (average == INT64_MIN)
        json_nil(j);
    else
        json_int(j, average);
}

static void visits_json(struct json *j, const struct card *c, const struct audience_hit *h,
                        int32_t today)
{
    json_key(j, "visits");
    json_open(j);
    json_kv_day(j, "registered", h->registered_day);
    json_kv_day(j, "last", h->last_visit_day);
    json_kv_int(j, "total", h->visits);
    customer_tenths_json(j, "per_month", h->visits_per_month_tenths);
    months_json(j, c, today);
    json_close(j);
}

static void purchases_json(struct json *j, const struct card *c, const struct audience_hit *h)
{
    json_key(j, "purchases");
    json_open(j);
    json_kv_int(j, "total_minor", h->spent_minor);
    json_kv_int(j, "shop_minor", h->spent_minor - c->bookings_minor);
    json_kv_int(j, "bookings_minor", c->bookings_minor);
    json_kv_int(j, "operations", h->operations);
    average_json(j, "average_minor", h->average_minor);
    customer_tenths_json(j, "interval_days", h->interval_tenths);
    json_kv_day(j, "last", h->last_purchase_day);
    json_close(j);
}

static int compare_shares(const void *x, const void *y)
{
    const struct share *a = x, *b = y;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->amount_minor != b->amount_minor)
        return a->amount_minor > b->amount_minor ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static void shares_json(struct json *j, const struct audience_use *use, const char *key,
                        enum word_kind kind, struct shares *list)
{
    if (list->n)
        qsort(list->v, list->n, sizeof *list->v, compare_shares);
    json_key(j, key);
    json_list(j);
    for (size_t i = 0; i < list->n && i < TOP_SHARES; i++) {
        json_open(j);
        json_kv_text(j, "name", audience_use_name(use, kind, list->v[i].id));
        json_kv_int(j, "count", list->v[i].count);
        json_kv_int(j, "amount_minor", list->v[i].amount_minor);
        json_close(j);
    }
    json_end(j);
}

/* Rounded half up, for sums of either sign. */
static int64_t mean(int64_t sum, int64_t n)
{
    int64_t twice = 2 * sum + n;
    int64_t q = twice / (2 * n);
    return twice < 0 && twice % (2 * n) != 0 ? q - 1 : q;
}

static void habits_json(struct json *j, const struct audience_use *use, struct card *c,
                        const struct audience_hit *h)
{
    json_key(j, "habits");
    json_open(j);
    shares_json(j, use, "categories", WORD_CATEGORY, &c->categories);
    shares_json(j, use, "sizes", WORD_SIZE, &c->sizes);
    average_json(j, "average_basket_minor",
                 c->baskets ? mean(c->baskets_minor, c->baskets) : INT64_MIN);
    json_kv_day(j, "last_purchase", h->last_purchase_day);
    json_close(j);
}

static void blocked_json(struct json *j, const struct audience_hit *h, const struct card *c)
{
    json_key(j, "blocked");
    if (!h->blocked) {
        json_nil(j);
        return;
    }
    json_open(j);
    customer_text_json(j, "reason", c->blocked_reason);
    json_kv_instant(j, "at", c->blocked_us);
    customer_text_json(j, "by", c->blocked_by);
    json_close(j);
}

static enum err read_groups(const struct audience_use *use, struct card *c)
{
    const int64_t *ids;
    enum err err =
        audience_words_of(use->audience, c->customer_id, WORD_GROUP, c->arena, &ids, &c->groups.n);
    c->groups.v = (int64_t *)(uintptr_t)ids;
    return err;
}

static void card_json(struct json *j, const struct audience_use *use, const struct audience_hit *h,
                      struct card *c)
{
    json_open(j);
    json_key(j, "row");
    customer_row_json(j, use, h);
    customer_text_json(j, "external_id", c->external_id);
    customer_text_json(j, "first_name", c->first_name);
    customer_text_json(j, "last_name", c->last_name);
    contacts_json(j, use, c, false);
    contacts_json(j, use, c, true);
    customer_text_json(j, "address", c->address);
    customer_text_json(j, "postcode", c->postcode);
    addresses_json(j, c);
    dates_json(j, c);
    names_json(j, use, "stores", WORD_STORE, &c->stores);
    names_json(j, use, "tags", WORD_TAG, &c->tags);
    names_json(j, use, "groups", WORD_GROUP, &c->groups);
    blocked_json(j, h, c);
    consents_json(j, c);
    social_json(j, c, h);
    visits_json(j, c, h, use->today);
    purchases_json(j, c, h);
    habits_json(j, use, c, h);
    json_kv_instant(j, "created_at", c->created_us);
    json_kv_instant(j, "updated_at", c->updated_us);
    json_kv_int(j, "version", c->version);
    json_close(j);
}

enum err customer_card_handler(struct request *r)
{
    struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct card card = {
        .merchant_id = r->caller.merchant_id, .customer_id = r->ids[0], .arena = r->arena};

    enum err err = customer_seen(r, &use, &hit);
    if (err == OK)
        err = db_read(app->db, read_card, &card);
    if (err == OK)
        err = read_groups(&use, &card);
    if (err == ERR_NOT_FOUND && !r->problem.code)
        return request_fail(r, err, "not_found", NULL, NULL);
    if (err == OK)
        err = customer_photos(app, r->caller.merchant_id, &hit, 1);
    if (err == OK)
        card_json(&r->json, &use, &hit, &card);
    return err;
}
