#include "../../base/check.h"
#include "../../base/day.h"
#include "../customer/audiences_snapshot.h"
#include "../customer/customer.h"
#include "../customer/facts.h"
#include "../erased/erased.h"
#include "../int_list.h"
#include "../merchant/merchant.h"
#include "../points/points.h"
#include "privacy_sql.h"

enum { VALUES_MAX = 4 * CUSTOMER_CONTACTS_MAX + 4, VALUE_MIN = 4 };

/* What the texts of others (audit details, rejected rows) may hold of the customer. */
struct person {
    int64_t number;
    struct erased_contact contacts[2 * CUSTOMER_CONTACTS_MAX];
    size_t ncontacts;
    struct str values[VALUES_MAX];
    size_t nvalues;
};

/* Shorter ones would strike what has nothing to do with the customer. */
static void add_value(struct person *p, struct str value)
{
    if (value.n >= VALUE_MIN && p->nvalues < VALUES_MAX)
        p->values[p->nvalues++] = value;
}

static enum err read_person(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                            struct person *p)
{
    struct arena *a = db_arena(tx);
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &privacy_person, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    p->number = db_int(rows, 0);
    add_value(p, db_text_in(rows, 1, a));
    if (!db_is_null(rows, 2) && !db_is_null(rows, 3)) {
        const char *first = arena_cstr(a, db_text(rows, 2)),
                   *last = arena_cstr(a, db_text(rows, 3));
        add_value(p, str_c(arena_printf(a, "%s %s", first, last)));
        add_value(p, str_c(arena_printf(a, "%s %s", last, first)));
    }
    return db_error(rows);
}

/* A phone as people write it at home: "+33 6 12…" stands as 0612… in files, too. */
static void add_phone(struct arena *a, struct person *p, struct str e164, const char *country)
{
    char national[64];
    add_value(p, e164);
    size_t n = phone_format(arena_cstr(a, e164), country, national, sizeof national);
    add_value(p, arena_str(a, (struct str){national, n}));
    if (e164.n > 9) /* the subscriber's part, the same in every writing without blanks */
        add_value(p, (struct str){e164.p + e164.n - 9, 9});
}

static enum err read_contacts(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              struct person *p)
{
    struct arena *a = db_arena(tx);
    struct merchant m;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = merchant_get(tx, merchant_id, a, &m);
    if (e == OK)
        e = db_query(tx, &privacy_contacts, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        bool email = db_int(rows, 0) != 0;
        struct str value = db_text_in(rows, 1, a);
        if (p->ncontacts < ARRAY_LEN(p->contacts))
            p->contacts[p->ncontacts++] = (struct erased_contact){email, db_text_in(rows, 2, a)};
        if (email)
            add_value(p, value);
        else
            add_phone(a, p, value, m.country);
    }
    return db_error(rows);
}

/* %value% for LIKE, with '!' as the escape; both engines compare ASCII letters of either case or of
 * the same case: an address is found as it was typed. */
static struct str pattern_of(struct arena *a, struct str value)
{
    struct buf text;
    buf_init(&text, 2 * value.n + 3);
    buf_addc(&text, '%');
    for (size_t i = 0; i < value.n; i++) {
        if (strchr("%_!", value.p[i]))
            buf_addc(&text, '!');
        buf_addc(&text, value.p[i]);
    }
    buf_addc(&text, '%');
    struct str pattern = arena_str(a, buf_str(&text));
    buf_free(&text);
    return pattern;
}

static enum err redact_others(struct db_tx *tx, int64_t merchant_id, const struct person *p)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < p->nvalues; i++) {
        struct str pattern = pattern_of(db_arena(tx), p->values[i]);
        e = db_exec(tx, &privacy_audit_redact_value, NULL, db_i(merchant_id), db_t(pattern));
        if (e == OK)
            e = db_exec(tx, &privacy_rejection_redact, NULL, db_i(merchant_id), db_t(pattern));
    }
    return e;
}

static enum err erase_tables(struct db_tx *tx, int64_t merchant_id, int64_t customer_id)
{
    enum err e = OK;
    for (const struct privacy_table *t = privacy_tables; e == OK && t->table; t++)
        if (t->erase)
            e = db_exec(tx, t->erase, NULL, db_i(merchant_id), db_i(customer_id));
    return e;
}

static enum err erase_one(struct db_tx *tx, int64_t merchant_id, const struct privacy_erasure *x)
{
    cleanup(audit_detail_free) struct audit_detail d = {0};
    struct person *p = arena_make(db_arena(tx), struct person);
    enum err e = read_person(tx, merchant_id, x->customer_id, p);
    if (e == OK)
        e = read_contacts(tx, merchant_id, x->customer_id, p);
    if (e == OK)
        e = erased_add(tx, merchant_id, p->contacts, p->ncontacts);
    if (e == OK)
        e = points_close(tx, merchant_id, x->customer_id, x->today, db_arena(tx));
    if (e == OK)
        e = erase_tables(tx, merchant_id, x->customer_id);
    if (e == OK)
        e = redact_others(tx, merchant_id, p);
    if (e == OK)
        e = audience_snapshot_void(tx, merchant_id);
    if (e == OK)
        e = facts_refresh(tx, merchant_id, &x->customer_id, 1);
    if (e == OK)
        e = db_exec(tx, &privacy_shell, NULL, db_i(x->now_us), db_i(merchant_id),
                    db_i(x->customer_id));
    if (e == OK)
        e = db_exec(tx, &privacy_erasure_add, NULL, db_i(merchant_id), db_i(x->customer_id),
                    db_i(p->number), db_tc(x->reason), db_i(x->now_us),
                    db_i_or_null(x->by.staff_id, 0), db_tc(x->by.name));
    if (e != OK)
        return e;
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "number",
                       str_c(arena_printf(db_arena(tx), "%lld", (long long)p->number)));
    audit_detail_value(&d, "reason", str_c(x->reason));
    return audit_write(tx, merchant_id, &x->by, "customer.erase", "customer", x->customer_id,
                       audit_detail_end(&d));
}

enum err privacy_cards(struct db_tx *tx, int64_t merchant_id, int64_t customer_id, struct arena *a,
                       struct privacy_cards *ret)
{
    struct int_list list = {0}; /* pairs */
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &privacy_merged, &rows, db_i(merchant_id), db_i(customer_id));
    int_list_add(a, &list, customer_id);
    int_list_add(a, &list, 0);
    while (e == OK && db_next(rows)) {
        int_list_add(a, &list, db_int(rows, 0));
        int_list_add(a, &list, db_int(rows, 1));
    }
    if (e == OK)
        e = db_error(rows);
    *ret = (struct privacy_cards){arena_array(a, struct privacy_card, list.n / 2), list.n / 2};
    for (size_t i = 0; i < ret->n; i++)
        ret->of[i] = (struct privacy_card){list.v[2 * i], list.v[2 * i + 1]};
    return e;
}

/* Whoever was merged into the customer is the same person; the customer's own card goes last. */
enum err privacy_erase(struct db_tx *tx, int64_t merchant_id, const struct privacy_erasure *x)
{
    struct privacy_cards cards;
    enum err e = privacy_cards(tx, merchant_id, x->customer_id, db_arena(tx), &cards);
    for (size_t i = cards.n; e == OK && i-- > 0;) {
        struct privacy_erasure same = *x;
        same.customer_id = cards.of[i].id;
        e = erase_one(tx, merchant_id, &same);
    }
    return e;
}
