/* One customer of the demo, drawn from the seed and his index alone: the same whoever asks, in any
 * order. */
#pragma once
#include "../customer/customer.h"
#include "demo_data.h"

enum demo_persona {
    DEMO_FOLLOWER, /* anonymous: follows, never buys */
    DEMO_VISITOR,  /* came, did not buy */
    DEMO_ONE_OFF,
    DEMO_LAPSED,
    DEMO_OCCASIONAL,
    DEMO_REGULAR,
    DEMO_VIP,
    DEMO_NEWCOMER,
    DEMO_PERSONAS
};
enum { DEMO_TEXT_VERSIONS = 2 };
enum { DEMO_SOURCES = 8, DEMO_TAGS = 12, DEMO_CLOTH_SIZES = 6, DEMO_SHOE_SIZES = 10 };
extern const char *const demo_source_names[DEMO_SOURCES],
    *const demo_tag_names[DEMO_TAGS], *const demo_cloth_sizes[DEMO_CLOTH_SIZES],
                                          *const demo_shoe_sizes[DEMO_SHOE_SIZES];

/* What the base gave to the chain: ids by the order of the lists. */
struct demo_chain {
    int64_t merchant_id;
    int64_t stores[DEMO_PLACES_MAX], sources[DEMO_SOURCES], tags[DEMO_TAGS];
    int64_t categories[DEMO_CATEGORIES_MAX], cloth[DEMO_CLOTH_SIZES], shoes[DEMO_SHOE_SIZES];
    int64_t texts[CHANNELS][DEMO_COUNTRIES][DEMO_TEXT_VERSIONS]; /* of consent, by language */
    int64_t staff[4];
    size_t nstaff;
    uint64_t seed;
    int32_t today, history_days;
    bool thin; /* less of what is long ago */
    struct zone *zone;
    int64_t latest_us; /* now, when `today` is today */
};

struct demo_person {
    struct demo_random random; /* goes on with his history */
    int64_t index, id;
    enum demo_persona persona;
    enum demo_country country;
    size_t place;
    bool man, app;            /* app: has the card app */
    int32_t registered, last; /* days; nothing happens after `last` */
    int cloth, shoes;         /* sizes, as indexes */
    size_t likes[2];          /* categories bought most */
};
/* `change` says the person to customer_apply(); texts live in the arena. */
void demo_person(struct arena *a, const struct demo_data *d, const struct demo_chain *chain,
                 int64_t index, struct demo_person *ret, struct customer_change *change);
