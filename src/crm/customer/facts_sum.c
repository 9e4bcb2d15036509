#include "facts_sum.h"
#include "../../base/check.h"
#include "../../base/varint.h"

struct facts_sum facts_sum_begin(int64_t customer_id)
{
    return (struct facts_sum){.customer_id = customer_id,
                              .first_day = DAY_NONE,
                              .last_visit_day = DAY_NONE,
                              .first_purchase_day = DAY_NONE,
                              .last_purchase_day = DAY_NONE};
}

void facts_sum_first(struct facts_sum *s, int32_t day)
{
    if (s->first_day == DAY_NONE || day < s->first_day)
        s->first_day = day;
}

void facts_sum_head(struct arena *a, struct facts_sum *s, const struct facts_head *head)
{
    facts_sum_first(s, head->day);
    s->spent_minor += head->total_minor;
    if (!head->bought)
        return;
    s->operations++;
    int_list_add(a, &s->visit_days, head->day);
    int_list_add(a, &s->bought_days, head->day);
    if (head->store_id)
        int_list_add(a, &s->stores, head->store_id);
}

void facts_sum_words(struct arena *a, struct facts_sum *s, int64_t category_id, int64_t size_id)
{
    if (category_id)
        int_list_add(a, &s->categories, category_id);
    if (size_id)
        int_list_add(a, &s->sizes, size_id);
}

void facts_sum_day(struct arena *a, struct facts_sum *s, const struct facts_day *day)
{
    facts_sum_first(s, day->day);
    if (day->visited)
        int_list_add(a, &s->visit_days, day->day);
    s->operations += day->bookings;
    s->spent_minor += day->booked_minor;
    for (int t = 0; t < ACTIVITY_TALLIES; t++)
        s->tallies[t] += day->tallies[t];
}

void facts_sum_finish(struct facts_sum *s, bool from_scratch)
{
    int_list_sort(&s->visit_days);
    int_list_sort(&s->bought_days);
    int_list_sort(&s->tags);
    int_list_sort(&s->stores);
    int_list_sort(&s->categories);
    int_list_sort(&s->sizes);
    s->visits = (int64_t)s->visit_days.n;
    s->last_visit_day = s->visits ? (int32_t)s->visit_days.v[s->visits - 1] : DAY_NONE;
    if (!from_scratch)
        return;
    s->purchase_days = (int64_t)s->bought_days.n;
    if (s->bought_days.n > 0) {
        s->first_purchase_day = (int32_t)s->bought_days.v[0];
        s->last_purchase_day = (int32_t)s->bought_days.v[s->bought_days.n - 1];
    }
}

const char *const facts_column_names[FACTS_COLUMNS] = {
    "merchant_id", "customer_id", "first_day",    "last_visit_day", "last_purchase_day",
    "visits",      "operations",  "spent_minor",  "purchase_days",  "first_purchase_day",
    "visit_days",  "tags",        "stores",       "categories",     "sizes",
    "phone",       "email",       "contact_text", "shares",         "comments",
    "pushes",
};

static struct db_value packed(struct arena *a, const struct int_list *l)
{
    struct buf bytes;

    if (l->n == 0)
        return db_null();
    buf_init(&bytes, l->n * 10);
    varint_pack(&bytes, l->v, l->n);
    check(!bytes.failed);
    struct str copy = arena_str(a, buf_str(&bytes));
    buf_free(&bytes);
    return db_b(copy);
}

static struct db_value text_or_null(struct str s)
{
    return s.n > 0 ? db_t(s) : db_null();
}

void facts_sum_values(struct arena *a, int64_t merchant_id, const struct facts_sum *s,
                      struct db_value values[static FACTS_COLUMNS])
{
    struct db_value v[] = {
        db_i(merchant_id),
        db_i(s->customer_id),
        db_i_or_null(s->first_day, DAY_NONE),
        db_i_or_null(s->last_visit_day, DAY_NONE),
        db_i_or_null(s->last_purchase_day, DAY_NONE),
        db_i(s->visits),
        db_i(s->operations),
        db_i(s->spent_minor),
        db_i(s->purchase_days),
        db_i_or_null(s->first_purchase_day, DAY_NONE),
        packed(a, &s->visit_days),
        packed(a, &s->tags),
        packed(a, &s->stores),
        packed(a, &s->categories),
        packed(a, &s->sizes),
        text_or_null(s->phone),
        text_or_null(s->email),
        text_or_null(s->contact_text),
        db_i(s->tallies[TALLY_SHARES]),
        db_i(s->tallies[TALLY_COMMENTS]),
        db_i(s->tallies[TALLY_PUSHES]),
    };
    memcpy(values, v, sizeof v);
}
