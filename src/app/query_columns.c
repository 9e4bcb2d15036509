#include "query_columns.h"

#include <inttypes.h>
#include "../base/check.h"
#include "../base/day.h"

/* One value, ready to print: text to quote, or a number or word to print as it is. */
struct cell {
    bool known, quoted;
    struct str text;
    char room[1024]; /* two names of 100 characters, a blank */
};

struct query_column {
    const char *name;
    void (*get)(struct cell *c, const struct audience_use *use, const struct audience_hit *hit);
};

static void put_text(struct cell *c, struct str s)
{
    c->known = s.n > 0;
    c->quoted = true;
    c->text = s;
}

static void put_int(struct cell *c, int64_t v)
{
    int n = snprintf(c->room, sizeof c->room, "%" PRId64, v);
    c->known = true;
    c->text = (struct str){c->room, (size_t)n};
}

/* `v` in units of 10^-decimals */
static void put_decimal(struct cell *c, int64_t v, int decimals)
{
    int64_t unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    uint64_t all = v < 0 ? -(uint64_t)v : (uint64_t)v;
    int n = decimals == 0
                ? snprintf(c->room, sizeof c->room, "%" PRId64, v)
                : snprintf(c->room, sizeof c->room, "%s%" PRIu64 ".%0*" PRIu64, v < 0 ? "-" : "",
                           all / (uint64_t)unit, decimals, all % (uint64_t)unit);
    c->known = true;
    c->text = (struct str){c->room, (size_t)n};
}

static void put_day(struct cell *c, int32_t day)
{
    c->known = day != DAY_NONE;
    c->quoted = true;
    if (c->known)
        c->text = (struct str){c->room, day_format(day, c->room)};
}

static void put_bool(struct cell *c, bool v)
{
    c->known = true;
    c->text = v ? STR("true") : STR("false");
}

#define COLUMN(name)                                                                               \
    static void get_##name(struct cell *c, const struct audience_use *use,                         \
                           const struct audience_hit *h)
#define PLAIN(name, put, value)                                                                    \
    COLUMN(name)                                                                                   \
    {                                                                                              \
        (void)use;                                                                                 \
        put(c, value);                                                                             \
    }

PLAIN(id, put_int, h->id)
PLAIN(number, put_int, h->number)
PLAIN(first_name, put_text, h->first_name)
PLAIN(last_name, put_text, h->last_name)
PLAIN(nickname, put_text, h->nickname)
PLAIN(phone, put_text, h->phone)
PLAIN(email, put_text, h->email)
PLAIN(city, put_text, h->city)
PLAIN(country, put_text, str_c(h->country))
PLAIN(language, put_text, str_c(h->language))
PLAIN(registered, put_day, h->registered_day)
PLAIN(last_visit, put_day, h->last_visit_day)
PLAIN(last_purchase, put_day, h->last_purchase_day)
PLAIN(visits, put_int, h->visits)
PLAIN(operations, put_int, h->operations)
PLAIN(shares, put_int, h->tallies[TALLY_SHARES])
PLAIN(comments, put_int, h->tallies[TALLY_COMMENTS])
PLAIN(pushes, put_int, h->tallies[TALLY_PUSHES])
PLAIN(points, put_int, h->points)
PLAIN(stamps, put_int, h->tallies[TALLY_STAMPS])
PLAIN(referrals, put_int, h->tallies[TALLY_REFERRALS])
PLAIN(active, put_bool, h->active)
PLAIN(blocked, put_bool, h->blocked)
PLAIN(anonymous, put_bool, h->anonymous)

COLUMN(name)
{
    (void)use;
    int n =
        snprintf(c->room, sizeof c->room, "%.*s%s%.*s", (int)h->first_name.n, h->first_name.p,
                 h->first_name.n && h->last_name.n ? " " : "", (int)h->last_name.n, h->last_name.p);
    put_text(c, (struct str){c->room, (size_t)n < sizeof c->room ? (size_t)n : sizeof c->room - 1});
}

COLUMN(age)
{
    (void)use;
    if (h->age >= 0)
        put_int(c, h->age);
}

COLUMN(birthday)
{
    (void)use;
    if (h->birth_month == 0)
        return;
    int n = h->birth_year ? snprintf(c->room, sizeof c->room, "%04d-%02d-%02d", (int)h->birth_year,
                                     (int)h->birth_month, (int)h->birth_day)
                          : snprintf(c->room, sizeof c->room, "--%02d-%02d", (int)h->birth_month,
                                     (int)h->birth_day);
    put_text(c, (struct str){c->room, (size_t)n});
}

COLUMN(gender)
{
    static const char *const names[] = {"", "female", "male", "other"};
    (void)use;
    put_text(c, str_c(names[h->gender]));
}

COLUMN(device)
{
    static const char *const names[] = {"", "ios", "android", "web", "other"};
    (void)use;
    put_text(c, str_c(names[h->device]));
}

COLUMN(type)
{
    (void)use;
    put_text(c, h->typology < TYPES ? str_c(fields[FIELD_TYPE].choices[h->typology]) : h->own_type);
}

static void put_consent(struct cell *c, const struct audience_hit *h, int channel)
{
    static const char *const names[] = {"never_asked", "granted", "refused", "suppressed"};
    put_text(c, str_c(names[h->consent[channel]]));
}

COLUMN(consent_sms)
{
    (void)use;
    put_consent(c, h, CHANNEL_SMS);
}

COLUMN(consent_email)
{
    (void)use;
    put_consent(c, h, CHANNEL_EMAIL);
}

COLUMN(consent_push)
{
    (void)use;
    put_consent(c, h, CHANNEL_PUSH);
}

COLUMN(visits_per_month)
{
    (void)use;
    if (h->visits_per_month_tenths >= 0)
        put_decimal(c, h->visits_per_month_tenths, 1);
}

COLUMN(interval)
{
    (void)use;
    if (h->interval_tenths >= 0)
        put_decimal(c, h->interval_tenths, 1);
}

COLUMN(spent)
{
    put_decimal(c, h->spent_minor, use->currency_decimals);
}

COLUMN(average)
{
    if (h->average_minor != INT64_MIN)
        put_decimal(c, h->average_minor, use->currency_decimals);
}

COLUMN(store)
{
    put_text(c, audience_use_name(use, WORD_STORE, h->home_store));
}

COLUMN(tier)
{
    put_text(c, audience_use_name(use, WORD_TIER, h->tier));
}

COLUMN(source)
{
    put_text(c, audience_use_name(use, WORD_SOURCE, h->source));
}

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, get_##name                                                                          \
    }
static const struct query_column columns_known[] = {
    ROW(number),
    ROW(id),
    ROW(name),
    ROW(first_name),
    ROW(last_name),
    ROW(nickname),
    ROW(phone),
    ROW(email),
    ROW(city),
    ROW(country),
    ROW(language),
    ROW(gender),
    ROW(age),
    ROW(birthday),
    ROW(type),
    ROW(consent_sms),
    ROW(consent_email),
    ROW(consent_push),
    ROW(registered),
    ROW(last_visit),
    ROW(last_purchase),
    ROW(visits),
    ROW(visits_per_month),
    ROW(operations),
    ROW(shares),
    ROW(comments),
    ROW(pushes),
    ROW(points),
    ROW(stamps),
    ROW(referrals),
    ROW(spent),
    ROW(average),
    ROW(interval),
    ROW(store),
    ROW(tier),
    ROW(source),
    ROW(device),
    ROW(active),
    ROW(blocked),
    ROW(anonymous),
};

int query_columns_read(struct arena *a, const char *list, const struct query_column **ret,
                       const char **ret_unknown)
{
    int n = 0;
    if (strcmp(list, "all") == 0) {
        for (size_t i = 0; i < ARRAY_LEN(columns_known); i++)
            ret[n++] = &columns_known[i];
        return n;
    }
    while (*list) {
        size_t length = strcspn(list, ",");
        const struct query_column *found = NULL;
        for (size_t i = 0; i < ARRAY_LEN(columns_known); i++) {
            if (str_eq((struct str){list, length}, str_c(columns_known[i].name)))
                found = &columns_known[i];
        }
        if (!found || n == QUERY_COLUMNS_MAX) {
            *ret_unknown = arena_cstr(a, (struct str){list, length});
            return -1;
        }
        ret[n++] = found;
        list += length + (list[length] == ',');
    }
    return n;
}

/* RFC 4180: quoted when it must be, quotes doubled. */
static void csv_text(struct buf *out, struct str s)
{
    bool plain = !memchr(s.p, '"', s.n) && !memchr(s.p, ',', s.n) && !memchr(s.p, '\n', s.n) &&
                 !memchr(s.p, '\r', s.n);
    if (plain) {
        buf_add(out, s.p, s.n);
        return;
    }
    buf_addc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_addc(out, '"');
        buf_addc(out, s.p[i]);
    }
    buf_addc(out, '"');
}

void query_csv_header(struct buf *out, const struct query_column *const *columns, int n)
{
    for (int i = 0; i < n; i++) {
        buf_adds(out, i ? "," : "");
        buf_adds(out, columns[i]->name);
    }
    buf_adds(out, "\r\n");
}

void query_csv_row(struct buf *out, const struct query_column *const *columns, int n,
                   const struct audience_use *use, const struct audience_hit *hit)
{
    for (int i = 0; i < n; i++) {
        struct cell c = {0};
        columns[i]->get(&c, use, hit);
        buf_adds(out, i ? "," : "");
        if (c.known)
            csv_text(out, c.text);
    }
    buf_adds(out, "\r\n");
}

void query_json_row(struct json *j, const struct query_column *const *columns, int n,
                    const struct audience_use *use, const struct audience_hit *hit)
{
    json_open(j);
    for (int i = 0; i < n; i++) {
        struct cell c = {0};
        columns[i]->get(&c, use, hit);
        json_key(j, columns[i]->name);
        if (!c.known)
            json_nil(j);
        else if (c.quoted || columns[i]->get == get_id)
            json_text(j, c.text); /* ids are strings */
        else
            json_raw(j, c.text);
    }
    json_close(j);
}
