#include <stdio.h>
#include <stdlib.h>
#include "../../src/base/check.h"
#include "audience_world.h"

uint32_t world_random(struct world *w, uint32_t below)
{
    w->state ^= w->state << 13; /* Marsaglia's xorshift64 */
    w->state ^= w->state >> 7;
    w->state ^= w->state << 17;
    return (uint32_t)((w->state >> 16) % below);
}

static bool chance(struct world *w, uint32_t percent)
{
    return world_random(w, 100) < percent;
}

#define PICK(w, list) (list)[world_random((w), ARRAY_LEN(list))]

static const char *const first_names[] = {
    "Anna",   "Ana",  "Иван",  "Maria", "Marie",  "José",   "Jean-Pierre", "Zoë",  "O",
    "Élodie", "anna", "Chloe", "Ann",   "Łukasz", "Straße", "Giovanni",    "王芳", "Mar"};
static const char *const last_names[] = {
    "Rossi",  "Martin", "Martínez", "García López", "O'Brien",  "de la Cruz",
    "Иванов", "Smith",  "Smyth",    "Bernard",      "Ó Briain", "Zola",
    "rossi",  "Dupont", "Durand",   "Müller",       "Mueller",  "4x4"};
static const char *const domains[] = {"gmail.com", "example.fr", "Mail.RU", "shop.example.org",
                                      "x.it"};
static const char *const cities[] = {"Paris", "PARIS",  "Lyon", "Saint-Étienne",
                                     "Roma",  "Москва", "York"};
static const char *const languages[] = {"en", "fr", "it", "es", "ru", ""};
static const char *const countries[] = {"FR", "IT", "ES", "GB", ""};
static const char *const words[] = {"wifi", "QR code", "fair", "friend", "none",
                                    "web",  "Été",     "a-b",  "x"};
static const char *const own_types[] = {"Big spender", "Ami", "Étoile", "a-b"};
static const char *const stores[] = {"Paris Bastille", "Lyon", "Milano", "Ávila", "York 2", "any"};

struct str world_word(enum word_kind kind, int i)
{
    return str_c(kind == WORD_STORE ? stores[i] : words[i]);
}

static struct str print(struct world *w, const char *a, const char *b, const char *c)
{
    return str_c(arena_printf(w->arena, "%s%s%s", a, b, c));
}

static struct str random_phone(struct world *w)
{
    struct buf b;
    buf_init(&b, 64);
    buf_adds(&b, chance(w, 50) ? "+336" : "+3902");
    for (uint32_t n = 5 + world_random(w, 4); n > 0; n--)
        buf_addc(&b, (char)('0' + world_random(w, 4)));
    struct str s = arena_str(w->arena, buf_str(&b));
    buf_free(&b);
    return chance(w, 3) ? print(w, "00 ", arena_cstr(w->arena, s), " ext") : s;
}

static struct str random_email(struct world *w)
{
    static const char *const ascii[] = {"anna", "mar", "j.p", "IVAN", "zoe-x", "a", "info", "élo"};
    struct str local =
        print(w, PICK(w, ascii), chance(w, 50) ? "." : "", chance(w, 70) ? PICK(w, ascii) : "7");
    return print(w, arena_cstr(w->arena, local), chance(w, 99) ? "@" : "", PICK(w, domains));
}

static const int64_t *random_words(struct world *w, enum word_kind kind, size_t *ret_n)
{
    int64_t *ids = arena_array(w->arena, int64_t, WORLD_WORDS);
    size_t n = 0;
    int max = kind == WORD_STORE ? WORLD_STORES : WORLD_WORDS;
    uint32_t percent = chance(w, 10) ? 80 : 20;
    for (int i = 0; i < max; i++)
        if (chance(w, percent))
            ids[n++] = kind == WORD_STORE ? WORLD_STORE_ID(i) : i + 1;
    *ret_n = n;
    return ids;
}

/* Days around the edges of every rule. */
static int32_t random_day(struct world *w)
{
    int32_t day;
    switch (world_random(w, 6)) {
    case 0:
        day = day_add_months(w->today, -(int)world_random(w, 14));
        break;
    case 1:
        day = w->today - 90;
        break;
    case 2:
        day = w->today - (int32_t)world_random(w, 1500);
        break;
    default:
        day = w->today - (int32_t)world_random(w, 110);
        break;
    }
    day += (int32_t)world_random(w, 3) - 1;
    return chance(w, 3) ? (int32_t)world_random(w, 60000) - 25000 : day > w->today ? w->today : day;
}

static int compare_ints(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void add_visits(struct world *w, struct audience_row *r)
{
    uint32_t n = chance(w, 20) ? 0 : chance(w, 20) ? 9 + world_random(w, 40) : world_random(w, 5);
    int64_t *days = arena_array(w->arena, int64_t, n + 1);
    size_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        days[i] = n > 8 && chance(w, 95) ? w->today - (int32_t)world_random(w, 100) : random_day(w);
    qsort(days, n, sizeof(*days), compare_ints);
    for (uint32_t i = 0; i < n; i++)
        if (kept == 0 || days[kept - 1] != days[i])
            days[kept++] = days[i];
    r->visit_days = days;
    r->nvisit_days = kept;
    r->visits = (int64_t)kept;
    r->last_visit_day = kept ? (int32_t)days[kept - 1] : DAY_NONE;
    r->purchase_days = kept ? world_random(w, (uint32_t)kept + 1) : 0;
    r->last_purchase_day = r->purchase_days ? r->last_visit_day : DAY_NONE;
    r->first_purchase_day =
        r->purchase_days ? (int32_t)days[kept - (size_t)r->purchase_days] : DAY_NONE;
    r->operations = r->purchase_days + world_random(w, 2);
    r->spent_minor = (int64_t)world_random(w, 5000) - 100;
    for (int t = 0; t < TALLIES; t++)
        r->tallies[t] = chance(w, 70) ? 0 : world_random(w, chance(w, 10) ? 100000 : 6);
    if (chance(w, 2)) {
        r->spent_minor *= 10000000;
        r->operations += 100000;
    }
}

struct audience_row world_row(struct world *w, int64_t id)
{
    arena_reset(w->arena);
    struct audience_row r = {.id = id, .number = id % 1000003, .registered_day = DAY_NONE};
    r.first_name = str_c(chance(w, 80) ? PICK(w, first_names) : "");
    r.last_name = str_c(chance(w, 80) ? PICK(w, last_names) : "");
    r.nickname = str_c(chance(w, 20) ? PICK(w, first_names) : "");
    if (chance(w, 15))
        r.last_name = print(w, PICK(w, last_names), " ", PICK(w, first_names));
    r.external_id = chance(w, 30)
                        ? print(w, "K-", arena_printf(w->arena, "%d", (int)world_random(w, 50)), "")
                        : STR("");
    r.phone = chance(w, 70) ? random_phone(w) : STR("");
    r.email = chance(w, 70) ? random_email(w) : STR("");
    if (chance(w, 20))
        r.contact_text = print(w, arena_cstr(w->arena, random_phone(w)), " ",
                               arena_cstr(w->arena, random_email(w)));
    r.city = str_c(chance(w, 80) ? PICK(w, cities) : "");
    snprintf(r.language, sizeof(r.language), "%s", PICK(w, languages));
    snprintf(r.country, sizeof(r.country), "%s", PICK(w, countries));
    r.gender = (uint8_t)world_random(w, 4);
    r.device = (uint8_t)world_random(w, 5);
    for (int c = 0; c < CHANNELS; c++)
        r.consent[c] = (uint8_t)world_random(w, 4);
    r.anonymous = chance(w, 10);
    r.blocked = chance(w, 10);
    r.has_photo = chance(w, 30);
    r.has_address = chance(w, 30);
    if (chance(w, 85)) {
        struct civil c = day_to_civil(chance(w, 5) ? day_from_civil((struct civil){1996, 2, 29})
                                                   : w->today - (int32_t)world_random(w, 365 * 95));
        r.birth_year = chance(w, 85) ? c.year : 0;
        r.birth_month = chance(w, 95) ? c.month : 0;
        r.birth_day = chance(w, 95) ? c.day : 0;
    }
    add_visits(w, &r);
    if (chance(w, 90))
        r.registered_day = random_day(w);
    for (int k = 0; k < WORD_KINDS; k++)
        if (k != WORD_SOURCE && k != WORD_TIER)
            r.words[k] = random_words(w, (enum word_kind)k, &r.nwords[k]);
    r.home_store = r.nwords[WORD_STORE] ? r.words[WORD_STORE][0] : 0;
    r.tier = chance(w, 70) ? 1 + world_random(w, WORLD_WORDS) : 0;
    r.points = chance(w, 40)  ? 0
               : chance(w, 5) ? world_random(w, 1000000000)
                              : world_random(w, 3000);
    r.source = chance(w, 70) ? 1 + world_random(w, WORLD_WORDS) : 0;
    return r;
}

/* Questions */
static void add_quoted(struct world *w, struct buf *b, const char *word)
{
    struct str s = query_quoted(w->arena, str_c(word));
    buf_add(b, s.p, s.n);
}

static void add_word(struct world *w, struct buf *b, enum field_id f)
{
    static const char *const city[] = {"paris", "LYON", "saint_etienne", "roma", "moskva", "york"};
    static const char *const language[] = {"en", "FR", "it", "es", "ru"};
    static const char *const country[] = {"fr", "IT", "es", "gb"};
    if (f == FIELD_CITY)
        buf_adds(b, PICK(w, city));
    else if (f == FIELD_LANGUAGE)
        buf_adds(b, PICK(w, language));
    else if (f == FIELD_COUNTRY)
        buf_adds(b, PICK(w, country));
    else
        add_quoted(w, b, f == FIELD_STORE ? PICK(w, stores) : PICK(w, words));
}

static const struct {
    const char *name, *key, *text;
} segments[] = {
    {"Ladies", "ladies", "gender:female"},
    {"Good ones", "good ones", "visits:>=3 -blocked:yes or type:vip"},
    {"Good ladies", "good ladies", "segment:ladies,\"good ones\" spent:>10"},
    {"Strangers", "strangers", "-segment:\"Good ladies\" -has:phone,email"},
};

static bool find_segment(void *ctx, struct str key, struct query_segment *ret)
{
    (void)ctx;
    for (size_t i = 0; i < ARRAY_LEN(segments); i++) {
        if (str_eq(key, str_c(segments[i].key))) {
            *ret = (struct query_segment){(int64_t)i + 1, str_c(segments[i].name),
                                          str_c(segments[i].text)};
            return true;
        }
    }
    return false;
}

static void each_segment(void *ctx, void (*fn)(void *, struct str), void *arg)
{
    (void)ctx;
    for (size_t i = 0; i < ARRAY_LEN(segments); i++)
        fn(arg, str_c(segments[i].name));
}

const struct query_segments *world_segments(void)
{
    static const struct query_segments all = {NULL, find_segment, each_segment};
    return &all;
}

static void add_text(struct world *w, struct buf *b)
{
    static const char *const texts[] = {
        "anna",       "an",         "a",           "mar",       "mart", "rossi", "garcia",
        "lopez anna", "anna rossi", "ivan",        "o",         "7",    "4x4",   "gmail",
        "@gmail",     "a@gmail",    "anna@",       "MAIL.RU",   "ex",   ".fr",   "336",
        "0612",       "+39 02",     "12 30",       "k-7",       "K 12", "1",     "é",
        "élo",        "zoe-x",      "zz",          "!",         "06",   "333",   "strasse",
        "wang",       "a ",         "jean pierre", "la cruz m", "."};
    add_quoted(w, b, PICK(w, texts));
}

static void add_number(struct world *w, struct buf *b, enum field_id f)
{
    bool money = fields[f].kind == KIND_MONEY, tenths = fields[f].kind == KIND_TENTHS;
    uint32_t most = f == FIELD_AGE      ? 90
                    : f == FIELD_NUMBER ? 400
                    : f == FIELD_POINTS ? 2000
                    : money             ? 50
                                        : 12;
    uint32_t low = world_random(w, most), high = low + world_random(w, most);
    const char *part = money ? ".25" : tenths ? ".5" : "";
    switch (world_random(w, 7)) {
    case 0:
        buf_printf(b, "%u", low);
        break;
    case 1:
        buf_printf(b, "%u%s..%u", low, part, high + 1);
        break;
    case 2:
        buf_printf(b, "<%u%s", low, part);
        break;
    case 3:
        buf_printf(b, ">=%u", low);
        break;
    case 4:
        buf_printf(b, "<=%u", low);
        break;
    case 5:
        buf_printf(b, ">%u%s", low, part);
        break;
    default:
        buf_printf(b, "%u..", low);
        break;
    }
}

static void add_day(struct world *w, struct buf *b)
{
    static const char *const forms[] = {"today",      "yesterday",  "this_week",   "last_week",
                                        "this_month", "last_month", "this_year",   "last_year",
                                        "<90d",       ">=90d",      ">3m",         "<=3m",
                                        "1y",         "=90d",       "10d..90d",    "2w..",
                                        "..1m",       "2m..today",  "<1900-05-06", ">=1930-01-01"};
    char day[DAY_TEXT_MAX];
    if (world_random(w, 2)) {
        buf_adds(b, PICK(w, forms));
        return;
    }
    day_format(random_day(w), day);
    size_t n = world_random(w, 3) == 0 ? 7 : world_random(w, 3) == 0 ? 4 : 10;
    static const char *const signs[] = {"", "<", "<=", ">", ">="};
    const char *sign = PICK(w, signs);
    if (day[0] == '-')
        buf_adds(b, "today");
    else
        buf_printf(b, "%s%.*s", sign, (int)n, day);
}

static void add_value(struct world *w, struct buf *b, enum field_id f)
{
    static const char *const birthdays[] = {"today",      "next_7d",   "next_3w",  "next_6m",
                                            "next_12m",   "month=2",   "month=12", "this_month",
                                            "next_month", "next_366d", "next_300d"};
    if (f == FIELD_TEXT) {
        add_text(w, b);
    } else if (f == FIELD_BIRTHDAY) {
        buf_adds(b, PICK(w, birthdays));
    } else if (fields[f].kind == KIND_CHOICE) {
        uint32_t n = 0;
        while (fields[f].choices[n])
            n++;
        if (f == FIELD_TYPE && chance(w, 30))
            buf_printf(b, "\"%s\"", PICK(w, own_types));
        else
            buf_adds(b, fields[f].choices[world_random(w, n)]);
    } else if (fields[f].kind == KIND_SEGMENT) {
        struct str name = query_quoted(w->arena, str_c(PICK(w, segments).name));
        buf_add(b, name.p, name.n);
    } else if (fields[f].kind == KIND_WORD) {
        add_word(w, b, f);
    } else if (fields[f].kind == KIND_DAY) {
        add_day(w, b);
    } else {
        add_number(w, b, f);
    }
}

static void add_term(struct world *w, struct buf *b)
{
    enum field_id f;
    do
        f = (enum field_id)world_random(w, FIELDS);
    while (fields[f].kind == KIND_NONE);
    if (f != FIELD_TEXT)
        buf_printf(b, "%s:", fields[f].name);
    for (uint32_t n = chance(w, 25) ? 1 + world_random(w, 3) : 1; n > 0; n--) {
        if (f != FIELD_TEXT && f != FIELD_SEGMENT && chance(w, 8))
            buf_adds(b, chance(w, 50) ? "any" : "none");
        else
            add_value(w, b, f);
        if (n > 1)
            buf_addc(b, ',');
    }
}

static void add_group(struct world *w, struct buf *b, int depth)
{
    for (uint32_t n = 1 + world_random(w, 4); n > 0; n--) {
        if (chance(w, 20))
            buf_adds(b, chance(w, 50) ? "-" : "not ");
        if (depth < 3 && chance(w, 15)) {
            buf_addc(b, '(');
            add_group(w, b, depth + 1);
            buf_addc(b, ')');
        } else {
            add_term(w, b);
        }
        if (n > 1)
            buf_adds(b, chance(w, 15) ? " or " : " ");
    }
}

void world_query(struct world *w, struct buf *out)
{
    if (!chance(w, 5))
        add_group(w, out, 0);
}

static int32_t number_between(struct world *w, int32_t low, int32_t high)
{
    return low + (int32_t)world_random(w, (uint32_t)(high - low) + 1);
}

/* A query that typologies may have; parsed strictly it may name what nobody has at the moment. */
static struct str own_query(struct world *w, struct arena *arena)
{
    struct buf text;
    struct str s;
    const struct query *q;
    const struct query_context c = {w->today, 2, NULL, world_segments(), .lenient = true};
    buf_init(&text, 1 << 16);
    do {
        text.n = 0;
        world_query(w, &text);
        s = arena_str(arena, buf_str(&text));
    } while (s.n > OWN_TYPE_QUERY_MAX || (query_parse(arena, s, &c, &q, NULL) == OK &&
                                          !typology_may_use(q->root) && !chance(w, 5)));
    buf_free(&text);
    return s;
}

struct typology_set world_rules(struct world *w, struct arena *arena)
{
    struct typology_set s = {.currency_decimals = 2, .nown = (int)world_random(w, 5)};
    s.numbers = (struct typology_rules){number_between(w, 1, chance(w, 20) ? 24 : 4),
                                        number_between(w, 1, 4),
                                        number_between(w, 1, 6),
                                        number_between(w, 0, 3),
                                        number_between(w, 1, 12),
                                        number_between(w, 1, 6),
                                        number_between(w, 1, 200),
                                        number_between(w, 1, 24)};
    static const uint8_t four[] = {TYPE_VIP, TYPE_NEW, TYPE_OCCASIONAL, TYPE_AT_RISK};
    for (int i = 0; i < 4 + s.nown; i++) { /* put in at a random place */
        int at = (int)world_random(w, (uint32_t)s.norder + 1);
        memmove(s.order + at + 1, s.order + at, (size_t)(s.norder++ - at));
        s.order[at] = i < 4 ? four[i] : (uint8_t)(TYPES + i - 4);
    }
    for (int i = 0; i < s.nown; i++)
        s.own[i] = (struct own_type){str_c(own_types[i]), own_query(w, arena)};
    return s;
}
