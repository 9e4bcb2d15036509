#include "customer_lists.h"
#include "../../base/check.h"
#include "../../base/text.h"
#include "../batch.h"
#include "../int_list.h"

const struct db_statement customer_places_read = {
    "customer_places_read",
    "SELECT customer_id, position, street, postcode, city, country FROM customer_address"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN " ORDER BY customer_id, position",
    BATCH_TYPES_I, "iitttt"};
const struct db_statement customer_dates_read = {
    "customer_dates_read",
    "SELECT customer_id, position, name, month, day FROM customer_date"
    " WHERE merchant_id = $1 AND customer_id IN " BATCH_IN " ORDER BY customer_id, position",
    BATCH_TYPES_I, "iitii"};
const struct db_statement customer_place_insert = {
    "customer_place_insert",
    "INSERT INTO customer_address (merchant_id, customer_id, position, kind, street, postcode, "
    "city,"
    " country) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    "iiittttt", ""};
const struct db_statement customer_date_insert = {
    "customer_date_insert",
    "INSERT INTO customer_date (merchant_id, customer_id, position, name, month, day, year)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    "iiitiii", ""};

/* What a customer has, as one key each, and what comes to it. */
struct listed {
    int64_t last; /* position */
    size_t n;
    const char *keys[CUSTOMER_DATES_MAX];
};
struct customer_lists {
    struct db_tx *tx;
    int64_t merchant_id;
    struct arena *arena;
    struct int_list ids; /* ascending */
    struct listed *places, *dates;
    struct added { /* written after the customers' rows, which these refer to */
        int64_t customer_id, position;
        const struct customer_place *place;
        const struct customer_date *date; /* one of the two */
    } * added;
    size_t nadded, cap;
};
_Static_assert(CUSTOMER_PLACES_MAX <= CUSTOMER_DATES_MAX, "room for the keys of either");

static struct listed *listed_of(const struct customer_lists *l, struct listed *of, int64_t id)
{
    size_t i = id_place(l->ids.v, l->ids.n, sizeof *l->ids.v, id);
    check(i < l->ids.n);
    return &of[i];
}

static const char *folded(struct arena *a, struct str s)
{
    return arena_cstr(a, text_fold(a, s));
}

static const char *place_key(struct arena *a, struct str street, struct str postcode,
                             struct str city, struct str country)
{
    return arena_printf(a, "%s|%s|%s|%s", folded(a, street), folded(a, postcode), folded(a, city),
                        folded(a, country));
}

static const char *date_key(struct arena *a, struct str name, int64_t month, int64_t day)
{
    return arena_printf(a, "%s|%lld|%lld", folded(a, name), (long long)month, (long long)day);
}

static void keep(struct listed *has, int64_t position, const char *key)
{
    if (has->n < CUSTOMER_DATES_MAX)
        has->keys[has->n++] = key;
    has->last = position;
}

static enum err read_some(struct customer_lists *l, const int64_t *ids, size_t n)
{
    struct db_rows *places cleanup(db_done) = NULL, *dates cleanup(db_done) = NULL;
    struct arena *a = l->arena;
    enum err e = batch_query_ids(l->tx, &customer_places_read, &places, l->merchant_id, ids, n);
    while (e == OK && db_next(places))
        keep(listed_of(l, l->places, db_int(places, 0)), db_int(places, 1),
             place_key(a, db_text(places, 2), db_text(places, 3), db_text(places, 4),
                       db_text(places, 5)));
    if (e == OK)
        e = db_error(places);
    if (e == OK)
        e = batch_query_ids(l->tx, &customer_dates_read, &dates, l->merchant_id, ids, n);
    while (e == OK && db_next(dates))
        keep(listed_of(l, l->dates, db_int(dates, 0)), db_int(dates, 1),
             date_key(a, db_text(dates, 2), db_int(dates, 3), db_int(dates, 4)));
    return e == OK ? db_error(dates) : e;
}

enum err customer_lists_load(struct db_tx *tx, int64_t merchant_id,
                             const struct customer_change *changes, size_t n, struct arena *a,
                             struct customer_lists **ret)
{
    struct customer_lists *l = arena_make(a, struct customer_lists);
    enum err e = OK;
    *l = (struct customer_lists){.tx = tx, .merchant_id = merchant_id, .arena = a};
    for (size_t i = 0; i < n; i++)
        if (changes[i].nplaces + changes[i].ndates > 0)
            int_list_add(a, &l->ids, changes[i].id);
    int_list_sort(&l->ids);
    l->places = arena_array(a, struct listed, l->ids.n + 1);
    l->dates = arena_array(a, struct listed, l->ids.n + 1);
    for (size_t from = 0; e == OK && from < l->ids.n; from += BATCH_KEYS)
        e = read_some(l, l->ids.v + from, batch_size(l->ids.n, from));
    *ret = l;
    return e;
}

/* False: it is there, or there is no room for another one. */
static bool is_new(struct listed *has, size_t most, int64_t first, const char *key)
{
    for (size_t i = 0; i < has->n; i++)
        if (strcmp(has->keys[i], key) == 0)
            return false;
    if (has->n >= most)
        return false;
    keep(has, has->last < first ? first : has->last + 1, key);
    return true;
}

static struct db_value text(struct str s)
{
    return s.n ? db_t(s) : db_null();
}

static void add(struct customer_lists *l, struct added added)
{
    if (l->nadded == l->cap)
        l->added = arena_grow(l->arena, l->added, l->nadded, &l->cap, sizeof *l->added);
    l->added[l->nadded++] = added;
}

bool customer_lists_apply(struct customer_lists *l, const struct customer_change *said)
{
    bool changed = false;
    for (size_t i = 0; i < said->nplaces; i++) {
        const struct customer_place *p = &said->places[i];
        struct listed *has = listed_of(l, l->places, said->id);
        struct str country = str_c(p->country);
        if (!is_new(has, CUSTOMER_PLACES_MAX, 2,
                    place_key(l->arena, p->street, p->postcode, p->city, country)))
            continue;
        changed = true;
        add(l, (struct added){said->id, has->last, p, NULL});
    }
    for (size_t i = 0; i < said->ndates; i++) {
        const struct customer_date *d = &said->dates[i];
        struct listed *has = listed_of(l, l->dates, said->id);
        if (!is_new(has, CUSTOMER_DATES_MAX, 1, date_key(l->arena, d->name, d->month, d->day)))
            continue;
        changed = true;
        add(l, (struct added){said->id, has->last, NULL, d});
    }
    return changed;
}

enum err customer_lists_write(struct customer_lists *l)
{
    struct batch_rows places, dates;
    if (l->nadded == 0)
        return OK;
    batch_rows_begin(&places, l->tx, l->arena, &customer_place_insert);
    batch_rows_begin(&dates, l->tx, l->arena, &customer_date_insert);
    for (size_t i = 0; i < l->nadded; i++) {
        const struct added *a = &l->added[i];
        const struct customer_place *p = a->place;
        const struct customer_date *d = a->date;
        if (p)
            batch_rows_add(&places, (struct db_value[]){db_i(l->merchant_id), db_i(a->customer_id),
                                                        db_i(a->position), text(p->kind),
                                                        text(p->street), text(p->postcode),
                                                        text(p->city), text(str_c(p->country))});
        else
            batch_rows_add(&dates,
                           (struct db_value[]){db_i(l->merchant_id), db_i(a->customer_id),
                                               db_i(a->position), db_t(d->name), db_i(d->month),
                                               db_i(d->day), db_i_or_null(d->year, 0)});
    }
    enum err e = batch_rows_end(&places);
    return e == OK ? batch_rows_end(&dates) : e;
}

/* ---- by number ---- */

const struct db_statement customer_by_number = {
    "customer_by_number",
    "SELECT n.number, c.id, c.external_id, c.first_name, c.last_name FROM customer n JOIN customer "
    "c"
    " ON c.merchant_id = n.merchant_id AND c.id = COALESCE(n.merged_into, n.id)"
    " WHERE n.merchant_id = $1 AND n.number IN " BATCH_IN " AND c.deleted_us IS NULL",
    BATCH_TYPES_I, "iittt"};

enum err customer_lookup_numbers(struct db_tx *tx, int64_t merchant_id, const int64_t *numbers,
                                 size_t n, struct arena *a, struct customer_numbered *ret)
{
    for (size_t from = 0; from < n; from += BATCH_KEYS) {
        struct db_rows *rows cleanup(db_done) = NULL;
        size_t some = batch_size(n, from);
        enum err e =
            batch_query_ids(tx, &customer_by_number, &rows, merchant_id, numbers + from, some);
        while (e == OK && db_next(rows))
            for (size_t i = from; i < from + some; i++)
                if (numbers[i] == db_int(rows, 0))
                    ret[i] =
                        (struct customer_numbered){db_int(rows, 1), !db_is_null(rows, 2),
                                                   db_text_in(rows, 3, a), db_text_in(rows, 4, a)};
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    return OK;
}
