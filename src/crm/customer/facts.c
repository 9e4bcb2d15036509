#include "facts.h"
#include "../../base/check.h"
#include "../../base/varint.h"
#include "../batch.h"
#include "../int_list.h"
#include "facts_sum.h"
#include <stdlib.h>

/* Up to BATCH_KEYS customers on their way from the base to their sums. */
struct gathering {
    struct db_tx *tx;
    int64_t merchant_id;
    struct arena *arena;
    const int64_t *ids;
    size_t n, last; /* rows come by customer: the last one found is the next one's first guess */
    struct facts_sum *sums;
};

static struct facts_sum *sum_of(struct gathering *g, int64_t customer_id)
{
    if (g->ids[g->last] != customer_id)
        g->last = id_place(g->ids, g->n, sizeof *g->ids, customer_id);
    check(g->last < g->n);
    return &g->sums[g->last];
}

static void take_home(struct gathering *g, const struct db_rows *r)
{
    struct facts_sum *s = sum_of(g, db_int(r, 0));
    s->there = true;
    if (!db_is_null(r, 1))
        int_list_add(g->arena, &s->stores, db_int(r, 1));
}

static void take_head(struct gathering *g, const struct db_rows *r)
{
    const struct facts_head head = {(int32_t)db_int(r, 1), db_int(r, 2) != 0, db_int(r, 3),
                                    db_int(r, 4)};
    facts_sum_head(g->arena, sum_of(g, db_int(r, 0)), &head);
}

static void take_words(struct gathering *g, const struct db_rows *r)
{
    facts_sum_words(g->arena, sum_of(g, db_int(r, 0)), db_int(r, 1), db_int(r, 2));
}

static void take_events(struct gathering *g, const struct db_rows *r)
{
    const struct facts_day day = {(int32_t)db_int(r, 1),
                                  db_int(r, 2) > 0,
                                  db_int(r, 3),
                                  db_int(r, 4),
                                  {db_int(r, 5), db_int(r, 6), db_int(r, 7)}};
    facts_sum_day(g->arena, sum_of(g, db_int(r, 0)), &day);
}

static void take_contact(struct gathering *g, const struct db_rows *r)
{
    struct facts_sum *s = sum_of(g, db_int(r, 0));
    struct str *main = db_int(r, 1) ? &s->email : &s->phone;
    struct str value = db_text(r, 2);

    if (main->n == 0)
        *main = arena_str(g->arena, value);
    else if (s->contact_text.n == 0)
        s->contact_text = arena_str(g->arena, value);
    else
        s->contact_text = str_c(arena_printf(g->arena, "%.*s %.*s", (int)s->contact_text.n,
                                             s->contact_text.p, (int)value.n, value.p));
}

static void take_tag(struct gathering *g, const struct db_rows *r)
{
    int_list_add(g->arena, &sum_of(g, db_int(r, 0))->tags, db_int(r, 1));
}

static enum err gather(struct gathering *g, const struct db_statement *st,
                       void (*take)(struct gathering *, const struct db_rows *))
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = batch_query_ids(g->tx, st, &rows, g->merchant_id, g->ids, g->n);

    if (err != OK)
        return err;
    while (db_next(rows))
        take(g, rows);
    return db_error(rows);
}

static void begin_sums(const int64_t *ids, size_t n, struct facts_sum *sums)
{
    for (size_t i = 0; i < n; i++)
        sums[i] = facts_sum_begin(ids[i]);
}

enum err facts_gather(struct db_tx *tx, int64_t merchant_id, struct arena *a, const int64_t *ids,
                      size_t n, struct facts_sum *sums)
{
    static const struct {
        const struct db_statement *st;
        void (*take)(struct gathering *, const struct db_rows *);
    } sources[] = {
        {&facts_home, take_home},     {&facts_heads, take_head},       {&facts_words, take_words},
        {&facts_events, take_events}, {&facts_contacts, take_contact}, {&facts_tags, take_tag},
    };
    struct gathering g = {tx, merchant_id, a, ids, n, 0, sums};

    check(n > 0 && n <= BATCH_KEYS);
    begin_sums(ids, n, sums);
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        enum err err = gather(&g, sources[i].st, sources[i].take);
        if (err != OK)
            return err;
    }
    for (size_t i = 0; i < n; i++)
        facts_sum_finish(&sums[i], true);
    return OK;
}

static enum err unpack(struct arena *a, const struct db_rows *r, int col, struct int_list *ret)
{
    if (db_is_null(r, col))
        return OK;
    enum err err = varint_unpack(a, db_blob(r, col), &ret->v, &ret->n);
    ret->cap = ret->n;
    return err;
}

/* Columns as in FACTS_COLUMNS. */
static enum err take_stored(struct arena *a, const struct db_rows *r, struct facts_sum *s)
{
    struct int_list *lists[] = {&s->visit_days, &s->tags, &s->stores, &s->categories, &s->sizes};

    s->there = true;
    s->first_day = (int32_t)db_int_or(r, 2, DAY_NONE);
    s->last_visit_day = (int32_t)db_int_or(r, 3, DAY_NONE);
    s->last_purchase_day = (int32_t)db_int_or(r, 4, DAY_NONE);
    s->visits = db_int(r, 5);
    s->operations = db_int(r, 6);
    s->spent_minor = db_int(r, 7);
    s->purchase_days = db_int(r, 8);
    s->first_purchase_day = (int32_t)db_int_or(r, 9, DAY_NONE);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        enum err err = unpack(a, r, 10 + (int)i, lists[i]);
        if (err != OK)
            return err;
    }
    s->phone = db_text_in(r, 15, a);
    s->email = db_text_in(r, 16, a);
    s->contact_text = db_text_in(r, 17, a);
    for (int t = 0; t < ACTIVITY_TALLIES; t++)
        s->tallies[t] = db_int(r, 18 + t);
    return OK;
}

enum err facts_stored(struct db_tx *tx, int64_t merchant_id, struct arena *a, const int64_t *ids,
                      size_t n, struct facts_sum *sums)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct gathering g = {tx, merchant_id, a, ids, n, 0, sums};

    begin_sums(ids, n, sums);
    enum err err = batch_query_ids(tx, &facts_read, &rows, merchant_id, ids, n);
    while (err == OK && db_next(rows))
        err = take_stored(a, rows, sum_of(&g, db_int(rows, 1)));
    return err != OK ? err : db_error(rows);
}

static enum err write_sums(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                           const struct facts_sum *sums, size_t n)
{
    struct db_value values[BATCH_KEYS * FACTS_COLUMNS];
    size_t rows = 0;

    for (size_t i = 0; i < n; i++)
        if (sums[i].there)
            facts_sum_values(a, merchant_id, &sums[i], values + FACTS_COLUMNS * rows++);
    return rows ? db_exec_many(tx, &facts_write, values, FACTS_COLUMNS, rows) : OK;
}

enum err facts_followed(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n)
{
    enum err err = OK;
    for (int i = 0; err == OK && n && facts_followers[i]; i++)
        err = facts_followers[i](tx, merchant_id, ids, n);
    return err;
}

/* `ids`: ascending, each once. */
static enum err refresh(struct db_tx *tx, int64_t merchant_id, const struct int_list *ids)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct facts_sum sums[BATCH_KEYS];

    for (size_t from = 0; from < ids->n; from += BATCH_KEYS) {
        size_t some = batch_size(ids->n, from);
        enum err err = facts_gather(tx, merchant_id, a, ids->v + from, some, sums);
        if (err == OK)
            err = write_sums(tx, merchant_id, a, sums, some);
        if (err != OK)
            return err;
        arena_reset(a);
    }
    return OK;
}

enum err facts_refresh(struct db_tx *tx, int64_t merchant_id, const int64_t *customer_ids, size_t n)
{
    struct int_list ids = {arena_array(db_arena(tx), int64_t, n + 1), 0, n + 1};

    for (size_t i = 0; i < n; i++)
        int_list_add(db_arena(tx), &ids, customer_ids[i]);
    int_list_sort(&ids);
    enum err err = refresh(tx, merchant_id, &ids);
    return err == OK ? facts_followed(tx, merchant_id, ids.v, ids.n) : err;
}

static enum err refresh_tags(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                             const int64_t *ids, size_t n)
{
    struct facts_sum sums[BATCH_KEYS];
    struct db_value values[BATCH_KEYS * 3];
    struct gathering g = {tx, merchant_id, a, ids, n, 0, sums};
    begin_sums(ids, n, sums);
    enum err err = gather(&g, &facts_tags, take_tag);
    for (size_t i = 0; i < n; i++) {
        struct db_value row[FACTS_COLUMNS];
        facts_sum_finish(&sums[i], false);
        facts_sum_values(a, merchant_id, &sums[i], row);
        memcpy(values + 3 * i, (struct db_value[]){row[11], row[0], row[1]}, 3 * sizeof *values);
    }
    return err == OK ? db_exec_many(tx, &facts_tags_update, values, 3, n) : err;
}

enum err facts_refresh_tags(struct db_tx *tx, int64_t merchant_id, const int64_t *customer_ids,
                            size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct int_list ids = {0};

    for (size_t i = 0; i < n; i++)
        int_list_add(db_arena(tx), &ids, customer_ids[i]);
    int_list_sort(&ids);
    for (size_t from = 0; from < ids.n; from += BATCH_KEYS) {
        enum err err = refresh_tags(tx, merchant_id, a, ids.v + from, batch_size(ids.n, from));
        if (err != OK)
            return err;
        arena_reset(a);
    }
    return OK;
}

/* False: the stored row does not tell enough. It holds every visit day, but of the purchase days
 * only how many: a purchase on a day that is there already may have been a mere visit until now. */
static bool add_purchase_day(struct facts_sum *s, int32_t day)
{
    if (!int_list_has(&s->visit_days, day))
        s->purchase_days++;
    else if ((int64_t)s->visit_days.n != s->purchase_days)
        return false;
    if (s->first_purchase_day == DAY_NONE || day < s->first_purchase_day)
        s->first_purchase_day = day;
    if (s->last_purchase_day == DAY_NONE || day > s->last_purchase_day)
        s->last_purchase_day = day;
    return true;
}

static bool grow(struct arena *a, struct facts_sum *s, const struct facts_event *e)
{
    if (e->recompute || !s->there)
        return false;
    facts_sum_first(s, e->day);
    s->spent_minor += e->amount_minor;
    s->operations += e->operation;
    if (e->tally)
        s->tallies[e->tally - 1]++;
    if (e->purchase && !add_purchase_day(s, e->day))
        return false;
    if (e->visit && !int_list_has(&s->visit_days, e->day)) {
        int_list_add(a, &s->visit_days, e->day);
        int_list_sort(&s->visit_days);
    }
    if (e->bought && e->store_id)
        int_list_add(a, &s->stores, e->store_id);
    for (size_t i = 0; i < e->ncategories; i++)
        int_list_add(a, &s->categories, e->categories[i]);
    for (size_t i = 0; i < e->nsizes; i++)
        int_list_add(a, &s->sizes, e->sizes[i]);
    return true;
}

static int compare_events(const void *x, const void *y)
{
    const struct facts_event *a = *(const struct facts_event *const *)x;
    const struct facts_event *b = *(const struct facts_event *const *)y;
    if (a->customer_id != b->customer_id)
        return a->customer_id < b->customer_id ? -1 : 1;
    return (a > b) - (a < b);
}

/* The next customers of the sorted events: their ids, and where each one's events end. */
static size_t take_customers(const struct facts_event *const *sorted, size_t n, size_t from,
                             int64_t *ids, size_t *ends)
{
    size_t count = 0;
    for (size_t i = from; i < n; i++) {
        if (count == 0 || ids[count - 1] != sorted[i]->customer_id) {
            if (count == BATCH_KEYS)
                break;
            ids[count++] = sorted[i]->customer_id;
        }
        ends[count - 1] = i + 1;
    }
    return count;
}

enum err facts_add(struct db_tx *tx, int64_t merchant_id, const struct facts_event *events,
                   size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    const struct facts_event **sorted =
        arena_array(db_arena(tx), const struct facts_event *, n + 1);
    struct int_list again = {0}, all = {0};
    struct facts_sum sums[BATCH_KEYS];
    int64_t ids[BATCH_KEYS];
    size_t ends[BATCH_KEYS];

    for (size_t i = 0; i < n; i++)
        sorted[i] = &events[i];
    qsort(sorted, n, sizeof *sorted, compare_events);
    for (size_t from = 0; from < n;) {
        size_t some = take_customers(sorted, n, from, ids, ends);
        enum err err = facts_stored(tx, merchant_id, a, ids, some, sums);
        for (size_t i = 0; err == OK && i < some; i++) {
            bool told = true;
            for (; from < ends[i]; from++)
                told = told && grow(a, &sums[i], sorted[from]);
            facts_sum_finish(&sums[i], false);
            sums[i].there = told;
            int_list_add(db_arena(tx), &all, ids[i]);
            if (!told)
                int_list_add(db_arena(tx), &again, ids[i]);
        }
        if (err == OK)
            err = write_sums(tx, merchant_id, a, sums, some);
        if (err != OK)
            return err;
        arena_reset(a);
    }
    enum err err = again.n ? refresh(tx, merchant_id, &again) : OK;
    return err == OK ? facts_followed(tx, merchant_id, all.v, all.n) : err;
}

static void profile_sum(struct arena *a, const struct facts_profile *p, struct facts_sum *s)
{
    begin_sums(&p->customer_id, 1, s);
    s->there = true;
    if (p->home_store)
        int_list_add(a, &s->stores, p->home_store);
    for (size_t i = 0; i < p->ntags; i++)
        int_list_add(a, &s->tags, p->tags[i]);
    s->phone = p->phone;
    s->email = p->email;
    s->contact_text = p->contact_text;
}

enum err facts_profile_write(struct db_tx *tx, int64_t merchant_id, bool fresh,
                             const struct facts_profile *profiles, size_t n)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct facts_sum sums[BATCH_KEYS];
    struct db_value values[BATCH_KEYS * 6];

    for (size_t from = 0; from < n; from += BATCH_KEYS) {
        size_t some = batch_size(n, from);
        enum err err;
        for (size_t i = 0; i < some; i++)
            profile_sum(a, &profiles[from + i], &sums[i]);
        if (fresh) {
            err = write_sums(tx, merchant_id, a, sums, some);
        } else {
            for (size_t i = 0; i < some; i++) {
                struct db_value row[FACTS_COLUMNS];
                facts_sum_values(a, merchant_id, &sums[i], row);
                memcpy(values + 6 * i,
                       (struct db_value[]){row[11], row[15], row[16], row[17], row[0], row[1]},
                       6 * sizeof *values);
            }
            err = db_exec_many(tx, &facts_profile_update, values, 6, some);
        }
        if (err != OK)
            return err;
        arena_reset(a);
    }
    return OK;
}
