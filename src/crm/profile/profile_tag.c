/* Tags on and off: by name, one act commutes with another, so no version is asked for. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../change/change.h"
#include "../customer/facts.h"
#include "../word/word.h"
#include "profile_sql.h"

struct tagging {
    struct db_tx *tx;
    int64_t merchant_id, id;
    const char *added, *removed; /* names, for the log */
};

static const char *and_also(struct tagging *t, const char *list, struct str name)
{
    return arena_printf(db_arena(t->tx), "%s%s%.*s", list, *list ? ", " : "", (int)name.n, name.p);
}

static enum err add_tag(struct tagging *t, struct str name)
{
    int64_t tag, changed;
    bool is_new;
    enum err e = word_id(t->tx, t->merchant_id, WORD_TAG, name, &tag, &is_new);
    if (e == OK && is_new)
        e = change_note(t->tx, t->merchant_id, "word", &tag, 1);
    if (e == OK)
        e = db_exec(t->tx, &profile_tag_add, &changed, db_i(t->merchant_id), db_i(t->id),
                    db_i(tag));
    if (e == OK && changed)
        t->added = and_also(t, t->added, name);
    return e;
}

static enum err remove_tag(struct tagging *t, struct str name)
{
    int64_t tag, changed;
    struct str key = text_fold(db_arena(t->tx), name);
    enum err e = db_query_int(t->tx, &profile_tag_find, &tag, db_i(t->merchant_id),
                              db_t(key.n ? key : name));
    if (e == ERR_NOT_FOUND)
        return OK;
    if (e == OK)
        e = db_exec(t->tx, &profile_tag_remove, &changed, db_i(t->merchant_id), db_i(t->id),
                    db_i(tag));
    if (e == OK && changed)
        t->removed = and_also(t, t->removed, name);
    return e;
}

enum err profile_tag(struct db_tx *tx, int64_t merchant_id, int64_t id,
                     const struct profile_tags *tags, const struct profile_actor *who,
                     struct problem *p)
{
    struct tagging t = {.tx = tx, .merchant_id = merchant_id, .id = id, .added = "", .removed = ""};
    struct audit_detail d cleanup(audit_detail_free) = {0};
    int64_t n;
    struct profile there;
    enum err e = profile_get(tx, merchant_id, id, db_arena(tx), &there);

    for (size_t i = 0; e == OK && i < tags->nremove; i++)
        e = remove_tag(&t, tags->remove[i]);
    for (size_t i = 0; e == OK && i < tags->nadd; i++)
        e = add_tag(&t, tags->add[i]);
    if (e == OK)
        e = db_query_int(tx, &profile_tags_of, &n, db_i(merchant_id), db_i(id));
    if (e == OK && n > CUSTOMER_TAGS_MAX)
        return problem_set(p, who->arena, ERR_CONFLICT, "profile_tags_full", "add", "limit", "200",
                           NULL);
    if (e != OK || (!*t.added && !*t.removed))
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_change(&d, "tags", str_c(t.removed), str_c(t.added));
    e = db_exec(tx, &profile_touch, NULL, db_i(now_us()), db_i(merchant_id), db_i(id));
    if (e == OK)
        e = facts_refresh(tx, merchant_id, &id, 1);
    if (e == OK)
        e = audit_write(tx, merchant_id, &who->by, "customer.tag", "customer", id,
                        audit_detail_end(&d));
    return e == OK ? change_note(tx, merchant_id, "customer", &id, 1) : e;
}
