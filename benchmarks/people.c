#include "people.h"
#include "src/base/check.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t next(uint64_t *s)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    uint64_t x = *s ^ *s >> 33;
    return (uint32_t)((x * 0xff51afd7ed558ccdull) >> 32);
}

static uint32_t below(uint64_t *s, uint32_t n)
{
    return (uint32_t)((uint64_t)next(s) * n >> 32);
}

static double unit(uint64_t *s)
{
    return (next(s) + 0.5) / 4294967296.0;
}

static const char *const syllables[] = {
    "mar", "ti",  "ne",   "lo",  "ro",  "si",  "an",  "be",  "du",  "val", "ca",  "ri",
    "no",  "le",  "ber",  "ger", "son", "del", "mo",  "ra",  "fer", "nan", "dez", "gar",
    "ci",  "a",   "smi",  "th",  "col", "man", "ser", "gio", "va",  "ni",  "pe",  "tro",
    "ku",  "zne", "tsov", "po",  "lan", "ski", "hof", "wei", "ber", "fon", "tan", "el"};
enum {
    SYLLABLES = sizeof(syllables) / sizeof(syllables[0]),
    LAST_NAMES = 18000,
    FIRST_NAMES = 900
};

/* Word number i of a vocabulary: two to four syllables, or "martin" and its like among the first.
 */
static void make_word(uint32_t i, uint64_t salt, char *out, size_t size)
{
    uint64_t s = (i + 1) * salt;
    uint32_t n = 2 + below(&s, 3);
    size_t at = 0;
    for (uint32_t k = 0; k < n; k++)
        at += (size_t)snprintf(out + at, size - at, "%s", syllables[below(&s, SYLLABLES)]);
    out[0] = (char)(out[0] - 32);
}

/* The first words of a vocabulary are common, as with real names. */
static uint32_t common_first(uint64_t *s, uint32_t n)
{
    return (uint32_t)(pow(unit(s), 3.0) * n);
}

static void make_email(struct person *p, uint64_t *s)
{
    static const char *const providers[] = {"gmail.com",   "orange.fr", "libero.it",
                                            "hotmail.com", "yandex.ru", "free.fr"};
    char domain[32];
    size_t n = 0;
    if (below(s, 100) < 88)
        snprintf(domain, sizeof(domain), "%s", providers[common_first(s, 6)]);
    else
        snprintf(domain, sizeof(domain), "firm%u.example", below(s, 3000));
    n = (size_t)snprintf(p->email, sizeof(p->email), "%s.%s", p->first, p->last);
    if (below(s, 100) < 40)
        n += (size_t)snprintf(p->email + n, sizeof(p->email) - n, "%u", below(s, 100));
    snprintf(p->email + n, sizeof(p->email) - n, "@%s", domain);
    for (char *c = p->email; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
}

static int compare(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

/* Come at a rate of their own from registration until they stop, if they do. */
static void make_visits(struct person *p, uint64_t *s)
{
    int32_t life = PEOPLE_TODAY - p->registered, kept = 0;
    if (below(s, 100) < 35)
        life = (int32_t)(life * unit(s));
    double a_month = -log(unit(s)) * (below(s, 100) < 6 ? 4.5 : 0.35);
    int n = (int)(a_month * life / 30.4);
    n = n > PEOPLE_VISITS_MAX ? PEOPLE_VISITS_MAX : n;
    for (int i = 0; i < n; i++)
        p->visit_days[i] = p->registered + (int32_t)below(s, (uint32_t)life + 1);
    qsort(p->visit_days, (size_t)n, sizeof(*p->visit_days), compare);
    for (int i = 0; i < n; i++)
        if (kept == 0 || p->visit_days[kept - 1] != p->visit_days[i])
            p->visit_days[kept++] = p->visit_days[i];
    p->visits = kept;
    p->last_visit = kept ? (int32_t)p->visit_days[kept - 1] : DAY_NONE;
    p->operations = kept;
    for (int i = 0; i < kept; i++)
        p->spent_minor += 500 + (int64_t)below(s, 12000);
}

/* Three of five are members: points for what they spent less what they used, a tier by it. */
static void make_loyalty(struct person *p, uint64_t *s)
{
    static const int64_t tiers_minor[PEOPLE_TIERS] = {0, 20000, 60000, 150000};
    if (below(s, 100) >= 60)
        return;
    p->points = p->spent_minor / 100 * below(s, 100) / 100;
    for (int t = 0; t < PEOPLE_TIERS && p->spent_minor >= tiers_minor[t]; t++)
        p->tier = t + 1;
    p->tallies[TALLY_STAMPS] = below(s, 100) < 60 ? 0 : below(s, 30);
    p->tallies[TALLY_REFERRALS] = below(s, 100) < 90 ? 0 : 1 + below(s, 4);
}

void person_make(int64_t id, struct person *p)
{
    uint64_t s = (uint64_t)id * 0x9e3779b97f4a7c15ull;
    next(&s);
    *p = (struct person){.id = id};
    make_word(common_first(&s, FIRST_NAMES), 77777777777ull, p->first, sizeof(p->first));
    make_word(common_first(&s, LAST_NAMES), 99999999977ull, p->last, sizeof(p->last));
    if (below(&s, 100) < 80)
        make_email(p, &s);
    if (below(&s, 100) < 90)
        snprintf(p->phone, sizeof(p->phone), "+336%08u", below(&s, 100000000));
    make_word(common_first(&s, 400), 5555555555557ull, p->city, sizeof(p->city));
    p->gender = below(&s, 100) < 8 ? 0 : 1 + (int)below(&s, 2);
    for (int c = 0; c < 3; c++)
        p->consent[c] = below(&s, 100) < 30   ? CONSENT_NEVER_ASKED
                        : below(&s, 100) < 60 ? CONSENT_GRANTED
                                              : CONSENT_REFUSED;
    p->birth =
        below(&s, 100) < 15 ? DAY_NONE : PEOPLE_TODAY - 16 * 365 - (int32_t)below(&s, 70 * 365);
    p->registered = PEOPLE_TODAY - (int32_t)below(&s, 3 * 365);
    p->store = 1 + (int)common_first(&s, PEOPLE_STORES);
    uint32_t tags = below(&s, 5);
    for (uint32_t k = 0; k < tags; k++) {
        int tag = 1 + (int)common_first(&s, PEOPLE_TAGS);
        bool has = false;
        for (int i = 0; i < p->ntags; i++)
            has = has || p->tags[i] == tag;
        if (!has)
            p->tags[p->ntags++] = tag;
    }
    make_visits(p, &s);
    if (below(&s, 100) < 40) { /* has the app */
        p->tallies[TALLY_SHARES] = below(&s, 100) < 70 ? 0 : below(&s, 5);
        p->tallies[TALLY_COMMENTS] = below(&s, 100) < 80 ? 0 : below(&s, 4);
        p->tallies[TALLY_PUSHES] = below(&s, 60);
    }
    make_loyalty(p, &s);
}

struct audience_row person_row(const struct person *p, int64_t tags[4], int64_t *store)
{
    struct audience_row r = {.id = p->id,
                             .number = p->id,
                             .first_name = str_c(p->first),
                             .last_name = str_c(p->last),
                             .phone = str_c(p->phone),
                             .email = str_c(p->email),
                             .city = str_c(p->city),
                             .gender = (uint8_t)p->gender,
                             .registered_day = p->registered,
                             .last_visit_day = p->last_visit,
                             .last_purchase_day = p->last_visit,
                             .first_purchase_day = p->visits ? (int32_t)p->visit_days[0] : DAY_NONE,
                             .visits = p->visits,
                             .purchase_days = p->visits,
                             .operations = p->operations,
                             .spent_minor = p->spent_minor,
                             .visit_days = p->visit_days,
                             .nvisit_days = (size_t)p->visits,
                             .home_store = p->store};
    memcpy(r.tallies, p->tallies, sizeof(r.tallies));
    r.points = p->points;
    r.tier = p->tier;
    for (int c = 0; c < 3; c++)
        r.consent[c] = (uint8_t)p->consent[c];
    if (p->birth != DAY_NONE) {
        struct civil c = day_to_civil(p->birth);
        r.birth_year = c.year;
        r.birth_month = c.month;
        r.birth_day = c.day;
    }
    for (int i = 0; i < p->ntags; i++)
        tags[i] = p->tags[i];
    *store = p->store;
    r.words[WORD_TAG] = tags;
    r.nwords[WORD_TAG] = (size_t)p->ntags;
    r.words[WORD_STORE] = store;
    r.nwords[WORD_STORE] = 1;
    return r;
}

const char *people_word(const char *kind, int i, char out[24])
{
    snprintf(out, 24, "%s %d", kind, i);
    return out;
}
