#include "demo_belong.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../change/change.h"
#include "../customer/customer_sql.h"
#include "../group/group.h"
#include "../group/group_sql.h"
#include "../photo/image.h"
#include "../photo/photo.h"

enum {
    FIRST = 4000, /* further customers of a large demo have none of it */
    PORTRAITS = 2400,
    ONE_IN_GROUP = 43,
    ONE_FAVOURITE = 37,
    ONE_PLACE = 12,
    ONE_PORTRAIT = 60,
};
static const char *const group_names[] = {"Amis de la maison", "Soirée privée", "Testeurs"};

void demo_belong_places(struct arena *a, int64_t from, struct customer_change *changes, size_t n)
{
    for (size_t i = 0; i + 1 < n && from + (int64_t)i < FIRST; i++) {
        const struct customer_change *next = &changes[i + 1];
        if ((from + (int64_t)i) % ONE_PLACE != 5 || next->address.n == 0 ||
            changes[i].address.n == 0)
            continue;
        struct customer_place *place = arena_make(a, struct customer_place);
        *place = (struct customer_place){.kind = i % 2 ? STR("work") : STR("other"),
                                         .street = next->address,
                                         .postcode = next->postcode,
                                         .city = next->city};
        memcpy(place->country, next->country, sizeof place->country);
        changes[i].places = place;
        changes[i].nplaces = 1;
    }
}

static enum err open_groups(struct db_tx *tx, const struct demo_chain *chain,
                            int64_t ret[static ARRAY_LEN(group_names)])
{
    struct arena *a = db_arena(tx);
    const struct group_actor who = {.may_manage = true, .arena = a, .by = {.name = "demo"}};
    struct group *all;
    size_t n;
    enum err e = group_list(tx, chain->merchant_id, a, &all, &n);
    for (size_t g = 0; e == OK && g < ARRAY_LEN(group_names); g++) {
        struct group one = {.name = str_c(group_names[g]), .description = STR("")};
        ret[g] = 0;
        for (size_t i = 0; i < n; i++)
            if (str_eq(all[i].name, one.name))
                ret[g] = all[i].id;
        if (ret[g])
            continue;
        e = group_save(tx, chain->merchant_id, NULL, &one, &who, NULL);
        ret[g] = one.id;
    }
    return e;
}

static enum err give_portrait(struct db_tx *tx, const struct demo_chain *chain, int64_t number,
                              int64_t id)
{
    const struct audit_actor by = {.name = "demo"};
    struct str small, large;
    int64_t photo_id;
    enum err e =
        image_make(db_arena(tx), demo_portrait(db_arena(tx), chain->seed + (uint64_t)number),
                   &small, &large, NULL);
    return e == OK ? photo_set(tx, chain->merchant_id, id, small, large, &by, &photo_id) : e;
}

enum err demo_belong(struct db_tx *tx, const struct demo_chain *chain, int64_t from,
                     const int64_t *ids, size_t n)
{
    int64_t groups[ARRAY_LEN(group_names)], merchant_id = chain->merchant_id;
    enum err e = from < FIRST ? open_groups(tx, chain, groups) : OK;
    bool hearts = false;
    for (size_t i = 0; e == OK && i < n && from + (int64_t)i < FIRST; i++) {
        int64_t number = from + (int64_t)i;
        if (number % ONE_IN_GROUP < (int64_t)ARRAY_LEN(group_names))
            e = db_exec(tx, &group_member_add, NULL, db_i(merchant_id),
                        db_i(groups[number % ONE_IN_GROUP]),
                        db_i(zone_day_start(chain->zone, chain->today - 30)), db_i(ids[i]));
        if (e == OK && number % ONE_FAVOURITE == 3 && chain->nstaff) {
            hearts = true;
            e = db_exec(tx, &customer_favourite_add, NULL, db_i(merchant_id),
                        db_i(chain->staff[number / ONE_FAVOURITE % (int64_t)chain->nstaff]),
                        db_i(ids[i]));
        }
        if (e == OK && number < PORTRAITS && number % ONE_PORTRAIT == 7)
            e = give_portrait(tx, chain, number, ids[i]);
    }
    return e == OK && hearts ? change_note(tx, merchant_id, "favourite", ids, n) : e;
}
