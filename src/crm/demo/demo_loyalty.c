#include "demo_loyalty.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../birthday/birthday.h"
#include "../points/points.h"
#include "../referral/referral.h"
#include "../stamp/stamp.h"
#include "../watch/watch.h"

enum {
    LOYAL_MAX = 20000, /* further customers of a large demo have none of it */
    YEAR_DAYS = 360,   /* what is older would have expired */
    ONE_CERTIFICATE = 40,
    ONE_STAMPED = 50,
    ONE_REFERRED = 24, /* of those who came lately */
    ONE_OPENING = 150,
    ONE_TREATED = 400, /* credits by the staff */
    NEW_DAYS = 30,
    HELD_ABOVE = 1000, /* points */
    WATCHED_TIMES = 5, /* more often within an hour than the till watch lets pass */
};
static const int64_t watched[] = {234, 617}; /* whose cards are credited again and again */
static const struct {
    int64_t index, points;
    const char *reason;
} held[] = {{158, 1200, "Colis perdu, geste exceptionnel"},
            {421, 1500, "Reprise de l’ancienne carte"}};
enum { CARD_STAMPS = 10, PORTION = 4 };

enum { VOUCHER, CARE, BIRTHDAY, KINDS };
static const struct certificate_type types[KINDS] = {
    [VOUCHER] = {.name = STR("Bon d’achat 20 €"),
                 .description = STR("En une ou plusieurs fois, dans toutes nos boutiques."),
                 .kind = CERTIFICATE_VALUE,
                 .gift = STR(""),
                 .value_minor = 2000,
                 .partial = true,
                 .valid_days = 180,
                 .valid_until = DAY_NONE},
    [CARE] = {.name = STR("Soin du cuir offert"),
              .description = STR("Pour un sac ou une paire de chaussures."),
              .kind = CERTIFICATE_GIFT,
              .gift = STR("Un soin complet du cuir"),
              .valid_days = 120,
              .valid_until = DAY_NONE},
    [BIRTHDAY] = {.name = STR("Bon d’anniversaire 10 €"),
                  .description = STR("Notre cadeau, à utiliser en une fois dans le mois."),
                  .kind = CERTIFICATE_VALUE,
                  .gift = STR(""),
                  .value_minor = 1000,
                  .valid_days = 30,
                  .valid_until = DAY_NONE},
};
static const char program_name[] = "Carte retouches";

/* What the chain gives, by the order above. */
struct giving {
    struct db_tx *tx;
    const struct demo_chain *chain;
    int64_t types[KINDS], program_id;
};

/* ---- the rules ---- */

static enum err make_types(struct db_tx *tx, int64_t merchant_id,
                           const struct certificate_actor *who, int64_t ret[static KINDS],
                           struct problem *p)
{
    enum err e = OK;
    for (int i = 0; e == OK && i < KINDS; i++) {
        struct certificate_type type = types[i];
        e = certificate_type_save(tx, merchant_id, NULL, &type, who, p);
        ret[i] = type.id;
    }
    return e;
}

static enum err greet(struct db_tx *tx, int64_t merchant_id, int32_t today,
                      const struct audit_actor *by, struct problem *p)
{
    static const struct {
        const char *language, *text;
    } messages[BIRTHDAY_LANGUAGES] = {
        {"en", "Happy birthday, {first_name}! {points} points are waiting for you."},
        {"fr", "Joyeux anniversaire, {first_name} ! {points} points vous attendent."},
        {"it", "Buon compleanno, {first_name}! {points} punti ti aspettano."},
        {"es", "¡Feliz cumpleaños, {first_name}! {points} puntos te esperan."},
        {"ru", "С днём рождения, {first_name}! Вам начислено баллов: {points}."},
    };
    struct birthday_rules before, after;
    enum err e = birthday_rules_read(tx, merchant_id, db_arena(tx), &before);
    after = before;
    after.automatic = true;
    after.points = 50;
    for (int i = 0; i < BIRTHDAY_LANGUAGES; i++)
        after.messages[birthday_language(messages[i].language)] = str_c(messages[i].text);
    return e == OK
               ? birthday_rules_write(tx, merchant_id, &before, &after, today, by, db_arena(tx), p)
               : e;
}

static enum err watch(struct db_tx *tx, int64_t merchant_id, const struct audit_actor *by,
                      struct problem *p)
{
    struct watch_rules before, after;
    enum err e = watch_rules_read(tx, merchant_id, &before);
    after = before;
    after.limit_points = HELD_ABOVE;
    return e == OK ? watch_rules_write(tx, merchant_id, &before, &after, by, db_arena(tx), p) : e;
}

enum err demo_loyalty_begin(struct db_tx *tx, int64_t merchant_id, int32_t today, struct problem *p)
{
    const struct certificate_actor who = {
        .by = {.name = "demo"}, .today = today, .arena = db_arena(tx)};
    int64_t ids[KINDS];
    enum err e = make_types(tx, merchant_id, &who, ids, p);
    struct stamp_program program = {
        .name = str_c(program_name),
        .description = STR("Un timbre par retouche ; la carte pleine offre un soin du cuir."),
        .stamps = CARD_STAMPS,
        .reward = {.kind = REWARD_CERTIFICATE, .type_id = ids[CARE]}};
    struct referral_rules rules = {.active = true,
                                   .demand = REFERRAL_FIRST_PURCHASE,
                                   .new_days = NEW_DAYS,
                                   .per_month = 5,
                                   .bringer = {.kind = REWARD_POINTS, .points = 200},
                                   .brought = {.kind = REWARD_POINTS, .points = 100}};
    if (e == OK)
        e = stamp_program_save(tx, merchant_id, NULL, &program, &who, p);
    if (e == OK)
        e = referral_rules_save(tx, merchant_id, 0, &rules, &who, p);
    if (e == OK)
        e = watch(tx, merchant_id, &who.by, p);
    return e == OK ? greet(tx, merchant_id, today, &who.by, p) : e;
}

/* By their names: a demo that is taken up again finds them too. */
static enum err read_giving(struct giving *g)
{
    struct arena *a = db_arena(g->tx);
    int64_t merchant_id = g->chain->merchant_id;
    struct certificate_type *all;
    struct stamp_program *programs;
    size_t n;
    enum err e = certificate_types(g->tx, merchant_id, g->chain->today, a, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        for (int t = 0; t < KINDS; t++)
            if (str_eq(all[i].name, types[t].name))
                g->types[t] = all[i].id;
    if (e == OK)
        e = stamp_programs(g->tx, merchant_id, a, &programs, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        if (str_eq(programs[i].name, str_c(program_name)))
            g->program_id = programs[i].id;
    return e;
}

/* ---- who, and when ---- */

static struct certificate_actor at_counter(const struct giving *g, struct demo_random *r,
                                           const struct demo_person *p, int32_t day)
{
    const struct demo_chain *c = g->chain;
    int64_t staff = c->staff[demo_below(r, (int64_t)c->nstaff)];
    return (struct certificate_actor){
        .by = {staff, "demo", NULL},
        .today = day,
        .store_id = c->stores[p->place],
        .at_us = zone_instant(c->zone, day, (int32_t)demo_between(r, 10 * 3600, 19 * 3600)),
        .arena = db_arena(g->tx)};
}

/* A day on which the customer may have come, not long ago; DAY_NONE: there is none. */
static int32_t some_day(const struct giving *g, struct demo_random *r, const struct demo_person *p)
{
    int32_t from = g->chain->today - YEAR_DAYS, to = g->chain->today - 1;
    from = p->registered > from ? p->registered : from;
    to = p->last < to ? p->last : to;
    return from <= to ? (int32_t)demo_between(r, from, to) : DAY_NONE;
}

/* ---- certificates ---- */

static enum err use_certificate(const struct giving *g, struct demo_random *r,
                                const struct demo_person *p, const struct certificate_type *type,
                                int64_t id, int32_t day)
{
    struct certificate c;
    day += (int32_t)demo_between(r, 0, certificate_last_day(type, day) - day);
    int64_t lot = demo_below(r, 100);
    if (day >= g->chain->today || lot >= 60)
        return OK;
    const struct certificate_actor who = at_counter(g, r, p, day);
    if (lot < 6)
        return certificate_void(g->tx, g->chain->merchant_id, id, STR("Émis deux fois par erreur"),
                                &who, &c, NULL);
    int64_t part = type->partial && lot < 20 ? demo_between(r, 5, 15) * 100 : 0;
    return certificate_redeem(g->tx, g->chain->merchant_id, id, part, STR(""), &who, &c, NULL);
}

static enum err give_certificate(const struct giving *g, struct demo_random *r,
                                 const struct demo_person *p)
{
    int t = (int)demo_below(r, KINDS);
    int32_t day = some_day(g, r, p);
    static const char *const reasons[KINDS] = {"Geste commercial", "Remerciement", "Anniversaire"};
    const struct certificate_issue how = {
        .origin = "staff", .reason = str_c(reasons[t]), .message = STR("")};
    int64_t id;
    if (day == DAY_NONE)
        return OK;
    const struct certificate_actor who = at_counter(g, r, p, day);
    enum err e =
        certificate_issue(g->tx, g->chain->merchant_id, g->types[t], p->id, &how, &who, &id, NULL);
    return e == OK ? use_certificate(g, r, p, &types[t], id, day) : e;
}

/* ---- stamps ---- */

static enum err give_stamps(const struct giving *g, struct demo_random *r,
                            const struct demo_person *p)
{
    int64_t left = demo_between(r, 1, demo_chance(r, 50) ? CARD_STAMPS + 4 : CARD_STAMPS - 1);
    int32_t day = some_day(g, r, p);
    enum err e = OK;
    while (e == OK && left > 0 && day != DAY_NONE && day < g->chain->today) {
        const struct certificate_actor who = at_counter(g, r, p, day);
        int64_t some = demo_between(r, 1, PORTION), completed;
        some = some < left ? some : left;
        e = stamp_apply(g->tx, g->chain->merchant_id, p->id, g->program_id, some, &who, &completed,
                        NULL);
        left -= some;
        day += (int32_t)demo_between(r, 1, 21);
    }
    return e;
}

/* ---- referrals ---- */

/* Somebody of this batch who was there and had bought before. */
static const struct demo_person *find_bringer(struct demo_random *r,
                                              const struct demo_loyal *people, size_t n,
                                              const struct demo_loyal *brought)
{
    size_t at = (size_t)demo_below(r, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        const struct demo_loyal *one = &people[(at + i) % n];
        if (one != brought && one->bought != DAY_NONE && one->person.persona >= DEMO_OCCASIONAL &&
            one->bought < brought->person.registered &&
            one->person.country == brought->person.country)
            return &one->person;
    }
    return NULL;
}

static enum err refer(const struct giving *g, struct demo_random *r,
                      const struct demo_loyal *people, size_t n, const struct demo_loyal *brought)
{
    const struct demo_person *p = &brought->person, *bringer = find_bringer(r, people, n, brought);
    struct problem refused = {.from = -1};
    int32_t day = brought->bought;
    int64_t id;
    if (day == DAY_NONE || day < p->registered)
        day = p->registered;
    if (!bringer || day >= p->registered + NEW_DAYS || day >= g->chain->today)
        return OK;
    const struct certificate_actor who = at_counter(g, r, p, day);
    enum err e = referral_enter(g->tx, g->chain->merchant_id, bringer->id, p->id, "till", &who, &id,
                                &refused);
    return e == ERR_CONFLICT && refused.code ? OK : e; /* of one phone, say: nothing was written */
}

/* ---- points ---- */

static enum err post(const struct giving *g, const struct points_new *what)
{
    struct points_entry made;
    return points_post(g->tx, g->chain->merchant_id, what, db_arena(g->tx), &made, NULL);
}

/* Brought along from the shop's former cards: they run out in the coming weeks. */
static enum err bring_along(const struct giving *g, struct demo_random *r,
                            const struct demo_person *p)
{
    int32_t day = some_day(g, r, p);
    const struct audit_actor by = {.name = "demo"};
    if (day == DAY_NONE)
        return OK;
    const struct points_new what = {.customer_id = p->id,
                                    .amount = demo_between(r, 8, 90) * 10,
                                    .kind = POINTS_OPENING,
                                    .reason = STR("Solde de l’ancienne carte"),
                                    .at_us = zone_instant(g->chain->zone, day, 9 * 3600),
                                    .day = day,
                                    .today = day,
                                    .dates_given = true,
                                    .usable_day = day,
                                    .expires_day =
                                        g->chain->today + (int32_t)demo_between(r, 2, 75),
                                    .by = &by,
                                    .origin = "import"};
    return post(g, &what);
}

static enum err at_till(const struct giving *g, const struct demo_person *p,
                        const struct certificate_actor *who, int64_t amount, struct str reason)
{
    const struct points_new what = {.customer_id = p->id,
                                    .amount = amount,
                                    .kind = amount > 0 ? POINTS_CREDIT : POINTS_DEBIT,
                                    .reason = reason,
                                    .store_id = who->store_id,
                                    .at_us = who->at_us,
                                    .day = who->today,
                                    .today = who->today,
                                    .up_to = amount < 0,
                                    .by = &who->by,
                                    .origin = "staff"};
    return post(g, &what);
}

static enum err treat(const struct giving *g, struct demo_random *r, const struct demo_person *p)
{
    static const char *const reasons[] = {"Retard de livraison", "Geste commercial",
                                          "Article défectueux échangé"};
    int32_t day = some_day(g, r, p), later = day + (int32_t)demo_between(r, 2, 60);
    if (day == DAY_NONE)
        return OK;
    struct certificate_actor who = at_counter(g, r, p, day);
    enum err e = at_till(g, p, &who, demo_between(r, 5, 30) * 10,
                         str_c(reasons[demo_below(r, ARRAY_LEN(reasons))]));
    if (e != OK || later >= g->chain->today || demo_chance(r, 50))
        return e;
    who = at_counter(g, r, p, later);
    return at_till(g, p, &who, -demo_between(r, 3, 20) * 10, STR("Remise en caisse"));
}

static enum err credit_again(const struct giving *g, struct demo_random *r,
                             const struct demo_person *p)
{
    struct certificate_actor who = at_counter(g, r, p, g->chain->today - 1);
    enum err e = OK;
    for (int i = 0; e == OK && i < WATCHED_TIMES; i++) {
        e = at_till(g, p, &who, 40, STR("Geste commercial"));
        who.at_us += demo_between(r, 4, 12) * 60 * 1000000;
    }
    return e;
}

/* Above the limit: it waits for a second person, unless everybody is an owner. */
static enum err ask_second(const struct giving *g, struct demo_random *r,
                           const struct demo_person *p, size_t i)
{
    const struct demo_chain *c = g->chain;
    struct certificate_actor who = at_counter(g, r, p, c->today);
    bool holds = false;
    enum err e = OK;
    for (size_t k = 0; e == OK && !holds && k < c->nstaff; k++) {
        who.by.staff_id = c->staff[k];
        e = watch_holds(g->tx, c->merchant_id, c->staff[k], held[i].points, &holds);
    }
    return e == OK && holds ? at_till(g, p, &who, held[i].points, str_c(held[i].reason)) : e;
}

/* ---- of a batch ---- */

static bool is_watched(int64_t index)
{
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        if (watched[i] == index)
            return true;
    return false;
}

static enum err give_points(const struct giving *g, struct demo_random *r,
                            const struct demo_person *p)
{
    if (is_watched(p->index))
        return credit_again(g, r, p);
    for (size_t i = 0; i < ARRAY_LEN(held); i++)
        if (held[i].index == p->index)
            return ask_second(g, r, p, i);
    if (demo_below(r, ONE_OPENING) == 0)
        return bring_along(g, r, p);
    return demo_below(r, ONE_TREATED) == 0 ? treat(g, r, p) : OK;
}

static enum err give(const struct giving *g, const struct demo_loyal *people, size_t n,
                     const struct demo_loyal *one)
{
    const struct demo_person *p = &one->person;
    struct demo_random r = {g->chain->seed ^ (0x6c6f79616cull + (uint64_t)p->index)};
    bool lately = p->registered > g->chain->today - YEAR_DAYS;
    enum err e = give_points(g, &r, p);
    if (p->persona < DEMO_ONE_OFF) /* followers and visitors */
        return e;
    if (e == OK && demo_below(&r, ONE_CERTIFICATE) == 0)
        e = give_certificate(g, &r, p);
    if (e == OK && demo_below(&r, ONE_STAMPED) == 0)
        e = give_stamps(g, &r, p);
    return e == OK && lately && demo_below(&r, ONE_REFERRED) == 0 ? refer(g, &r, people, n, one)
                                                                  : e;
}

enum err demo_loyalty(struct db_tx *tx, const struct demo_chain *chain,
                      const struct demo_loyal *people, size_t n)
{
    struct giving g = {.tx = tx, .chain = chain};
    enum err e = n && people[0].person.index < LOYAL_MAX && chain->nstaff ? read_giving(&g) : OK;
    for (size_t i = 0; e == OK && i < n && people[i].person.index < LOYAL_MAX && g.program_id; i++)
        e = give(&g, people, n, &people[i]);
    return e;
}
