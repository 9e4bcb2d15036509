#include "demo_tiers.h"
#include "../tier/tier.h"

struct making {
    int64_t merchant_id;
    int32_t today;
};

static enum err make_ladder(struct db_tx *tx, void *arg)
{
    const struct making *m = arg;
    const struct audit_actor by = {.name = "demo"};
    struct tier_ladder now,
        ladder = {
            .rules = {.measure = TIER_SPEND,
                      .period = TIER_MONTHS,
                      .months = 12,
                      .grace_days = 30,
                      .n = 4},
            .tiers = {
                {.name = STR("Argent"),
                 .threshold = 40000,
                 .colour = 1,
                 .benefits = STR("Retouches offertes.")},
                {.name = STR("Or"),
                 .threshold = 120000,
                 .colour = 2,
                 .benefits = STR("Retouches offertes, ventes privées la veille, 5 % le jour de"
                                 " l’anniversaire.")},
                {.name = STR("Platine"),
                 .threshold = 300000,
                 .colour = 3,
                 .benefits = STR("Tout cela, un conseiller attitré et la livraison offerte.")},
                {.name = STR("Amis de la maison"),
                 .colour = 4,
                 .benefits = STR("Sur invitation : 10 % toute l’année.")}}};
    enum err e = tier_ladder_read(tx, m->merchant_id, db_arena(tx), &now);
    if (e != OK || now.version > 0)
        return e;
    e = tier_ladder_check(&ladder, db_arena(tx), NULL);
    return e == OK
               ? tier_ladder_save(tx, m->merchant_id, 0, m->today, &ladder, &by, db_arena(tx), NULL)
               : e;
}

enum err demo_tiers(struct app *app, int64_t merchant_id, int32_t today)
{
    struct making m = {merchant_id, today};
    enum err e = db_write(app->db, make_ladder, &m);
    return e == OK ? tier_settle_due(app->db, merchant_id, today) : e;
}
