#include "demo_consent.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../consent/consent.h"

enum { SUPPRESSED_EVERY = 61, SUPPRESSED_MAX = 20000 /* of the first customers only */ };

static int index_of(const char *const *names, int n, struct str name)
{
    int i = 0;
    while (!str_eq(name, str_c(names[i])))
        check(++i < n);
    return i;
}

enum err demo_consent_texts(struct db_tx *tx, const struct demo_data *d, struct demo_chain *chain)
{
    static const char *const channels[CHANNELS] = {"sms", "email", "push"};
    enum err err = OK;

    for (size_t i = 0; err == OK && i < d->nconsents; i++) {
        const struct demo_consent *text = &d->consents[i];
        int channel = index_of(channels, CHANNELS, text->channel);
        int country = index_of(demo_languages, DEMO_COUNTRIES, text->language);
        int64_t *ids = chain->texts[channel][country];
        check(text->version >= 1 && text->version <= DEMO_TEXT_VERSIONS);
        err = consent_text_put(tx, chain->merchant_id, channels[channel], demo_languages[country],
                               text->body, now_us(), &ids[text->version - 1]);
        if (text->version == 1) /* until a newer one comes */
            for (int v = 1; v < DEMO_TEXT_VERSIONS; v++)
                ids[v] = ids[0];
    }
    return err;
}

static int64_t latest_act(const struct customer_change *c)
{
    int64_t latest = 0;
    for (size_t i = 0; i < c->nconsents; i++)
        if (c->consents[i].at_us > latest)
            latest = c->consents[i].at_us;
    return latest;
}

enum err demo_consent_suppress(struct db_tx *tx, const struct demo_chain *chain, int64_t from,
                               const struct customer_change *people, size_t n)
{
    enum err err = OK;

    for (size_t i = 0; err == OK && i < n && from + (int64_t)i < SUPPRESSED_MAX; i++) {
        int64_t index = from + (int64_t)i, at = latest_act(&people[i]) + 3 * US_PER_DAY;
        if (index % SUPPRESSED_EVERY != 5 || people[i].nconsents == 0 ||
            at > (int64_t)chain->today * US_PER_DAY)
            continue;
        bool stop = index % 2 == 0;
        err = consent_suppress(tx, chain->merchant_id, people[i].id,
                               stop ? CHANNEL_SMS : CHANNEL_EMAIL, stop ? "stop" : "bounce", at,
                               now_us());
    }
    return err;
}
