#include "profile_message.h"
#include "../../base/check.h"
#include "../customer/customer_view.h"
#include "../merchant/merchant.h"
#include "../staff/staff.h"

struct reading {
    struct request *r;
    struct merchant merchant;
};

static enum err read_merchant(struct db_tx *tx, void *arg)
{
    struct reading *c = arg;
    return merchant_get(tx, c->r->caller.merchant_id, c->r->arena, &c->merchant);
}

/* The customer's, where we speak it, else the shop's. */
static const char *language_of(const struct audience_hit *h, const struct merchant *m)
{
    for (int i = 0; language_names[i]; i++)
        if (strcmp(language_names[i], h->language) == 0)
            return language_names[i];
    return m->language;
}

enum err profile_message_route(struct request *r)
{
    const struct app *app = r->app;
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_hit hit;
    struct reading c = {.r = r};
    struct json *j = &r->json;
    enum err e = customer_seen(r, &use, &hit);
    if (e == OK)
        e = db_read(app->db, read_merchant, &c);
    if (e != OK)
        return e;
    bool bought = hit.operations > 0;
    const char *language = language_of(&hit, &c.merchant);
    struct str store = audience_use_name(&use, WORD_STORE, hit.home_store);
    const struct problem args = {
        .args = {{"name", arena_cstr(r->arena, hit.first_name)},
                 {"shop", c.merchant.name},
                 {"store", store.n ? arena_cstr(r->arena, store) : c.merchant.name}},
        .nargs = 3};
    const char *greeting = message_fill(
        r->arena, language, hit.first_name.n ? "prompt.hello_name" : "prompt.hello", &args);
    const char *text = message_fill(r->arena, language,
                                    bought ? "prompt.opinion_text" : "prompt.invite_text", &args);
    json_open(j);
    json_kv_cstr(j, "kind", bought ? "opinion" : "invite");
    json_kv_cstr(j, "language", language);
    json_kv_cstr(j, "subject",
                 message_fill(r->arena, language,
                              bought ? "prompt.opinion_subject" : "prompt.invite_subject", &args));
    json_kv_cstr(j, "text", arena_printf(r->arena, "%s\n\n%s", greeting, text));
    json_close(j);
    return OK;
}
