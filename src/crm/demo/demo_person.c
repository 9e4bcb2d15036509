#include "demo_person.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/text.h"

/* Now and then somebody of whom nothing was heard for more than three years: for retention. */
enum { SILENT_EVERY = 97, SILENT_DAYS = 1140 };

const char *const demo_source_names[DEMO_SOURCES] = {
    "QR code", "Website", "In store", "Word of mouth", "Instagram", "Wi-Fi", "Event", "Press"};
const char *const demo_tag_names[DEMO_TAGS] = {
    "Newsletter", "Wi-Fi", "Gift buyer", "Tailoring", "Private sale", "Student",
    "Tourist",    "Bride", "Neighbour",  "Stylist",   "Press",        "Complaint"};
const char *const demo_cloth_sizes[DEMO_CLOTH_SIZES] = {"XS", "S", "M", "L", "XL", "XXL"};
const char *const demo_shoe_sizes[DEMO_SHOE_SIZES] = {"36", "37", "38", "39", "40",
                                                      "41", "42", "43", "44", "45"};

static size_t pick_of(struct demo_random *r, const int *weights, size_t n)
{
    int64_t sum = 0;
    size_t i = 0;

    for (size_t k = 0; k < n; k++)
        sum += weights[k];
    for (int64_t at = demo_below(r, sum); at >= weights[i]; i++)
        at -= weights[i];
    return i;
}

/* ---- who, where, since when ---- */

static void choose_home(const struct demo_data *d, struct demo_person *p)
{
    struct demo_random *r = &p->random;
    bool riviera;

    p->place = demo_pick(r, d->place_sums, d->nplaces);
    p->country = d->places[p->place].country;
    riviera = str_eq(d->places[p->place].city, STR("Nice"));
    if (demo_chance(r, riviera ? 45 : 2))
        p->country = DEMO_RU;
    else if (demo_chance(r, 6))
        p->country = (enum demo_country)demo_below(r, DEMO_RU);
}

static void choose_time(const struct demo_chain *chain, struct demo_person *p)
{
    struct demo_random *r = &p->random;
    int64_t longest = chain->history_days, ago;

    switch (p->persona) {
    case DEMO_NEWCOMER:
        ago = demo_below(r, 85);
        break;
    case DEMO_VIP:
        ago = demo_between(r, 120, longest * 2 / 3);
        break;
    case DEMO_LAPSED:
        ago = demo_between(r, 200, longest);
        break;
    default: /* the chain grows: more of them came lately */
        ago = (int64_t)(demo_unit(r) * (0.35 + 0.65 * demo_unit(r)) * (double)longest);
        break;
    }
    p->registered = chain->today - (int32_t)ago;
    p->last = chain->today;
    if (p->persona == DEMO_LAPSED)
        p->last -= (int32_t)demo_between(r, 95, ago - 30);
    if (p->index % SILENT_EVERY == 7 && p->persona < DEMO_REGULAR && !chain->thin)
        p->registered = p->last = chain->today - SILENT_DAYS - (int32_t)(p->index % 200);
}

static void choose_tastes(const struct demo_data *d, struct demo_person *p)
{
    static const int women[DEMO_CLOTH_SIZES] = {12, 28, 30, 18, 9, 3};
    static const int men[DEMO_CLOTH_SIZES] = {2, 12, 30, 32, 17, 7};
    struct demo_random *r = &p->random;

    p->cloth = (int)pick_of(r, p->man ? men : women, DEMO_CLOTH_SIZES);
    p->shoes = (int)(p->man ? demo_between(r, 4, 9) : demo_between(r, 0, 5));
    for (int i = 0; i < 2; i++)
        p->likes[i] = (size_t)demo_between(r, p->man, (int64_t)d->ncategories - 1);
}

/* ---- names and contacts ---- */

static void say_name(const struct demo_data *d, struct demo_person *p, int generation,
                     struct customer_change *c, struct arena *a)
{
    struct demo_random *r = &p->random;
    const struct demo_names *first = &d->first[p->country][p->man], *last = &d->last[p->country];

    c->first_name = first->names[demo_pick(r, first->sums[generation], first->n)];
    size_t i = demo_pick(r, last->sums[0], last->n);
    c->last_name = !p->man && last->feminine[i].n ? last->feminine[i] : last->names[i];
    if (p->country == DEMO_ES) {
        struct str second = last->names[demo_pick(r, last->sums[0], last->n)];
        c->last_name = str_c(arena_printf(a, "%.*s %.*s", (int)c->last_name.n, c->last_name.p,
                                          (int)second.n, second.p));
    }
    const struct demo_phrases *nicknames = &d->phrases[DEMO_NICKNAME][p->country];
    if (demo_chance(r, 4))
        c->nickname = nicknames->texts[demo_below(r, (int64_t)nicknames->n)];
}

/* Valid mobile numbers; the last seven digits are a different mix for each index below 10^7. */
static struct customer_contact phone(struct arena *a, struct demo_person *p, int nth)
{
    static const char *const prefixes[DEMO_COUNTRIES][3] = {{"+3361", "+3362", "+3366"},
                                                            {"+39333", "+39347", "+39328"},
                                                            {"+3461", "+3465", "+3469"},
                                                            {"+44740", "+44753", "+44758"},
                                                            {"+7916", "+7921", "+7903"}};
    int64_t digits = (p->index * 7368787 + 1234567 + nth * 31) % 10000000;
    const char *prefix = prefixes[p->country][demo_below(&p->random, 3)];
    char key[20];
    const char *e164 = arena_printf(a, "%s%07lld", prefix, (long long)digits);
    phone_match_key(e164, key);
    return (struct customer_contact){false, str_c(e164), arena_str(a, str_c(key))};
}

/* The folded name as the left part of an address: letters, digits and dots alone. */
static void add_folded(struct arena *a, struct buf *out, struct str name)
{
    struct str folded = text_fold(a, name);
    for (size_t i = 0; i < folded.n; i++)
        if ((folded.p[i] >= 'a' && folded.p[i] <= 'z') ||
            (folded.p[i] >= '0' && folded.p[i] <= '9'))
            buf_addc(out, folded.p[i]);
}

static struct customer_contact email(struct arena *a, struct demo_person *p,
                                     const struct customer_change *c)
{
    static const char *const domains[DEMO_COUNTRIES][3] = {
        {"courriel.example", "boite.example", "poste.example"},
        {"posta.example", "libera.example", "casella.example"},
        {"correo.example", "buzon.example", "cartas.example"},
        {"mail.example", "post.example", "letters.example"},
        {"pochta.example", "yashchik.example", "pismo.example"}};
    struct demo_random *r = &p->random;
    struct buf text;

    buf_init(&text, 254);
    add_folded(a, &text, c->first_name);
    buf_addc(&text, demo_chance(r, 70) ? '.' : '_');
    const char *blank = memchr(c->last_name.p, ' ', c->last_name.n);
    add_folded(
        a, &text,
        (struct str){c->last_name.p, blank ? (size_t)(blank - c->last_name.p) : c->last_name.n});
    if (demo_chance(r, 85))
        buf_int(&text, c->birth_year && demo_chance(r, 40) ? c->birth_year : p->index % 9973);
    buf_addc(&text, '@');
    buf_adds(&text, domains[p->country][demo_below(r, 3)]);
    struct str address = arena_str(a, buf_str(&text));
    buf_free(&text);
    return (struct customer_contact){true, address, email_match_key(a, address)};
}

static void say_contacts(struct arena *a, struct demo_person *p, struct customer_change *c)
{
    struct demo_random *r = &p->random;
    struct customer_contact *list = arena_array(a, struct customer_contact, 4);
    size_t n = 0;

    if (demo_chance(r, 84))
        list[n++] = phone(a, p, 0);
    if (n == 0 || demo_chance(r, 76))
        list[n++] = email(a, p, c);
    if (demo_chance(r, 5))
        list[n++] = phone(a, p, 1);
    c->contacts = list;
    c->ncontacts = n;
}

/* ---- the rest ---- */

static int say_birth(const struct demo_chain *chain, struct demo_person *p,
                     struct customer_change *c)
{
    struct demo_random *r = &p->random;
    /* between 18 and 86, most of them around forty */
    int64_t age = 18 + demo_below(r, 30) + demo_below(r, 22) + (demo_chance(r, 12) ? 16 : 0);
    int32_t born = chain->today - (int32_t)(age * 36525 / 100) - (int32_t)demo_below(r, 365);
    struct civil day = day_to_civil(born);

    if (!demo_chance(r, 15)) {
        c->birth_year = demo_chance(r, 6) ? 0 : day.year;
        c->birth_month = day.month;
        c->birth_day = day.day;
    }
    return day.year < 1960 ? 0 : day.year < 1980 ? 1 : day.year < 1995 ? 2 : 3;
}

static void say_address(struct arena *a, const struct demo_data *d, struct demo_person *p,
                        struct customer_change *c)
{
    struct demo_random *r = &p->random;
    const struct demo_place *place = &d->places[p->place];
    const struct demo_phrases *streets = &d->phrases[DEMO_STREET][place->country];

    memcpy(c->language, demo_languages[p->country], 3);
    if (p->country != DEMO_RU || demo_chance(r, 60))
        memcpy(c->country, demo_country_codes[place->country], 3);
    else
        memcpy(c->country, demo_country_codes[DEMO_RU], 3);
    if (demo_chance(r, 88))
        c->city = place->towns[demo_below(r, place->ntowns)];
    if (!demo_chance(r, 46))
        return;
    struct str street = streets->texts[demo_below(r, (int64_t)streets->n)];
    const char *text = arena_cstr(a, street), *at = strstr(text, "{n}");
    check(at);
    c->address = str_c(arena_printf(a, "%.*s%lld%s", (int)(at - text), text,
                                    (long long)demo_between(r, 1, 140), at + 3));
    c->postcode = place->postcode;
}

static void say_consents(struct arena *a, const struct demo_chain *chain, struct demo_person *p,
                         struct customer_change *c)
{
    struct demo_random *r = &p->random;
    struct customer_consent *acts = arena_array(a, struct customer_consent, 2 * CHANNELS);
    size_t n = 0;

    for (int channel = 0; channel < CHANNELS; channel++) {
        int64_t at = (p->registered * 86400LL + 43200 + demo_below(r, 20000)) * 1000000;
        if (at > chain->latest_us)
            at = chain->latest_us;
        bool asked = demo_chance(r, channel == CHANNEL_PUSH ? (p->app ? 90 : 10) : 74);
        if (!asked || (p->persona == DEMO_FOLLOWER && channel != CHANNEL_PUSH))
            continue;
        int state = demo_chance(r, 74) ? CONSENT_GRANTED : CONSENT_REFUSED;
        const int64_t *texts = chain->texts[channel][p->country];
        acts[n++] = (struct customer_consent){
            .channel = channel, .state = state, .at_us = at, .text_id = texts[0]};
        int64_t later = at + demo_between(r, 20, 700) * US_PER_DAY;
        if (demo_chance(r, 12) && later < (int64_t)chain->today * US_PER_DAY)
            acts[n++] = (struct customer_consent){
                .channel = channel,
                .state = state == CONSENT_GRANTED ? CONSENT_REFUSED : CONSENT_GRANTED,
                .at_us = later,
                .text_id = texts[DEMO_TEXT_VERSIONS - 1]};
    }
    c->consents = acts;
    c->nconsents = n;
}

static void say_tags(struct arena *a, const struct demo_chain *chain, struct demo_person *p,
                     struct customer_change *c)
{
    static const int weights[DEMO_TAGS] = {30, 18, 14, 7, 9, 7, 8, 2, 10, 3, 1, 2};
    struct demo_random *r = &p->random;
    int64_t *tags = arena_array(a, int64_t, 3);

    while (c->ntags < 3 && demo_chance(r, c->ntags ? 35 : 62))
        tags[c->ntags++] = chain->tags[pick_of(r, weights, DEMO_TAGS)];
    c->tags = tags;
}

static void say_social(struct arena *a, struct demo_person *p, struct customer_change *c)
{
    static const int devices[] = {0, 46, 44, 8, 2};
    struct demo_random *r = &p->random;
    struct str *const names[] = {&c->facebook, &c->twitter, &c->google};

    if (p->app)
        c->device = (uint8_t)pick_of(r, devices, ARRAY_LEN(devices));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct buf text;
        if (!demo_chance(r, i == 0 ? 11 : 4))
            continue;
        buf_init(&text, 64);
        add_folded(a, &text, c->first_name);
        buf_int(&text, p->index % 9973);
        *names[i] = arena_str(a, buf_str(&text));
        buf_free(&text);
    }
}

static void draw(struct arena *a, const struct demo_data *d, const struct demo_chain *chain,
                 int64_t index, struct demo_person *ret, struct customer_change *change)
{
    static const int personas[DEMO_PERSONAS] = {3, 5, 17, 21, 27, 20, 3, 4};
    static const int sources[DEMO_SOURCES] = {18, 16, 34, 12, 9, 6, 3, 2};
    struct demo_person p = {
        .index = index,
        .id = id_new(),
        .random = {chain->seed ^ ((uint64_t)index * UINT64_C(0xD1B54A32D192ED03))}};
    struct demo_random *r = &p.random;
    struct customer_change c = customer_change_empty(p.id);

    p.persona = (enum demo_persona)pick_of(r, personas, DEMO_PERSONAS);
    p.man = demo_chance(r, 34);
    p.app = p.persona == DEMO_FOLLOWER || demo_chance(r, p.persona == DEMO_VIP ? 85 : 48);
    choose_home(d, &p);
    choose_time(chain, &p);
    choose_tastes(d, &p);
    c.create = true;
    c.store_id = chain->stores[p.place];
    c.source_id = demo_chance(r, 92) ? chain->sources[pick_of(r, sources, DEMO_SOURCES)] : 0;
    if (p.persona == DEMO_FOLLOWER) {
        c.anonymous = CUSTOMER_YES;
        c.device = demo_chance(r, 50) ? DEVICE_IOS : DEVICE_ANDROID;
    } else {
        int generation = say_birth(chain, &p, &c);
        say_name(d, &p, generation, &c, a);
        say_contacts(a, &p, &c);
        say_address(a, d, &p, &c);
        say_tags(a, chain, &p, &c);
        say_social(a, &p, &c);
        if (demo_chance(r, 93))
            c.gender = demo_chance(r, 1) ? GENDER_OTHER : p.man ? GENDER_MALE : GENDER_FEMALE;
        if (demo_chance(r, 70))
            c.external_id = str_c(arena_printf(a, "ML%06lld", (long long)index + 1));
    }
    c.registered_day = demo_chance(r, 94) ? p.registered : DAY_NONE;
    c.blocked = demo_below(r, 1000) < 7 ? CUSTOMER_YES : CUSTOMER_NO;
    say_consents(a, chain, &p, &c);
    *ret = p;
    *change = c;
}

/* ---- a card too many ---- */

/* How the same person got a second card. */
enum twin {
    TWIN_PHONE,
    TWIN_SWAPPED,
    TWIN_MAIL_TYPO,
    TWIN_NAME_TYPO,
    TWIN_MOVED,
    TWIN_LATIN,
    TWINS
};

/* Letters lost: the third of a name, of an address. */
static struct str without_third(struct arena *a, struct str s)
{
    if (s.n < 6 || (signed char)s.p[2] < 0 || (signed char)s.p[3] < 0)
        return s;
    return str_c(arena_printf(a, "%.2s%.*s", s.p, (int)s.n - 3, s.p + 3));
}

/* As a till without that keyboard writes it. */
static struct str in_latin(struct arena *a, struct str name)
{
    char *text = arena_cstr(a, text_fold(a, name));
    for (char *p = text; *p; p++)
        if ((p == text || p[-1] == ' ') && *p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    return str_c(text);
}

static bool has_kind(const struct customer_change *c, bool email, struct customer_contact *ret)
{
    for (size_t i = 0; i < c->ncontacts; i++)
        if (c->contacts[i].email == email) {
            *ret = c->contacts[i];
            return true;
        }
    return false;
}

/* Turns a card into a second one of `one`: what says who it is, as it was taken down another time.
 */
static void imitate(struct arena *a, const struct customer_change *one, enum twin how,
                    struct customer_change *c)
{
    struct customer_contact *contacts = arena_array(a, struct customer_contact, 2);
    struct customer_contact mail, phone_of;
    size_t n = 0;
    bool mailed = has_kind(one, true, &mail), called = has_kind(one, false, &phone_of);

    c->first_name = how == TWIN_SWAPPED ? one->last_name : one->first_name;
    c->last_name = how == TWIN_SWAPPED ? one->first_name : one->last_name;
    if (how == TWIN_LATIN) {
        c->first_name = in_latin(a, one->first_name);
        c->last_name = in_latin(a, one->last_name);
    } else if (how == TWIN_NAME_TYPO) {
        c->last_name = without_third(a, one->last_name);
    }
    c->gender = one->gender;
    c->nickname = (struct str){"", 0};
    c->birth_year = one->birth_year;
    c->birth_month = one->birth_month;
    c->birth_day = one->birth_day;
    memcpy(c->language, one->language, sizeof c->language);
    memcpy(c->country, one->country, sizeof c->country);
    c->store_id = one->store_id;
    c->city = one->city;
    c->postcode = one->postcode;
    c->address = one->address;
    c->external_id = (struct str){"", 0};
    if (mailed && how == TWIN_MAIL_TYPO) {
        mail.value = without_third(a, mail.value);
        mail.match_key = email_match_key(a, mail.value);
    }
    if (called && how != TWIN_MAIL_TYPO && how != TWIN_MOVED)
        contacts[n++] = phone_of;
    if (mailed && (n == 0 || how == TWIN_LATIN) && how != TWIN_MOVED)
        contacts[n++] = mail;
    c->contacts = contacts;
    c->ncontacts = n;
}

/* One in TWIN_EVERY has a second card right after the first: some sixty in the demo as it comes. */
enum { TWIN_EVERY = 331, TWIN_AT = 58 };

void demo_person(struct arena *a, const struct demo_data *d, const struct demo_chain *chain,
                 int64_t index, struct demo_person *ret, struct customer_change *change)
{
    struct demo_person person;
    struct customer_change one;

    draw(a, d, chain, index, ret, change);
    if (index % TWIN_EVERY != TWIN_AT || ret->persona == DEMO_FOLLOWER)
        return;
    draw(a, d, chain, index - 1, &person, &one);
    if (person.persona != DEMO_FOLLOWER && one.first_name.n && one.last_name.n)
        imitate(a, &one, (enum twin)(index / TWIN_EVERY % TWINS), change);
}
