#include "as_of_read.h"
#include "../../base/check.h"
#include "../../base/varint.h"
#include "audiences_pipe.h"
#include "customer_sql.h"
#include "facts_sum.h"

/* The streams side by side, each at its next row, all by customer. */
struct reader {
    const struct as_of_past *past;
    int64_t until_us; /* the first instant that is too late */
    struct db_rows *rows[AS_OF_STREAMS];
    bool more[AS_OF_STREAMS];
};

static void close_reader(struct reader *r)
{
    for (int s = 0; s < AS_OF_STREAMS; s++)
        db_done(&r->rows[s]);
}

static struct reader reader_of(const struct as_of_past *past)
{
    return (struct reader){.past = past, .until_us = zone_day_start(past->zone, past->day + 1)};
}

static void begin(struct reader *r)
{
    for (int s = 0; s < AS_OF_STREAMS; s++)
        r->more[s] = s != AS_OF_CUSTOMERS && db_next(r->rows[s]);
}

static enum err reader_error(struct reader *r)
{
    enum err err = OK;
    for (int s = 0; s < AS_OF_STREAMS && err == OK; s++)
        err = db_error(r->rows[s]);
    return err;
}

/* The stream's next row of this customer, or NULL; rows of nobody who is read are passed over. */
static const struct db_rows *row_of(const struct reader *r, enum as_of_stream s, int64_t id)
{
    return r->more[s] && db_int(r->rows[s], 0) == id ? r->rows[s] : NULL;
}

static void step(struct reader *r, enum as_of_stream s)
{
    r->more[s] = db_next(r->rows[s]);
}

static void pass(struct reader *r, int64_t id)
{
    for (int s = AS_OF_PROFILES; s < AS_OF_STREAMS; s++)
        while (r->more[s] && db_int(r->rows[s], 0) < id)
            step(r, (enum as_of_stream)s);
}

/* Taken back by then? `col` has the day of the cancellation. */
static bool stood(const struct reader *r, const struct db_rows *row, int col)
{
    return db_is_null(row, col) || db_int(row, col) > r->past->day;
}

static void sum_history(struct reader *r, struct arena *a, struct facts_sum *s)
{
    int64_t id = s->customer_id, transaction = 0;
    const struct db_rows *row;

    for (; (row = row_of(r, AS_OF_SALES, id)); step(r, AS_OF_SALES)) {
        const struct facts_head head = {(int32_t)db_int(row, 2), db_int(row, 3) && stood(r, row, 6),
                                        db_int(row, 4), db_int(row, 5)};
        if (db_int(row, 1) != transaction)
            facts_sum_head(a, s, &head);
        transaction = db_int(row, 1);
        if (stood(r, row, 6))
            facts_sum_words(a, s, db_int(row, 7), db_int(row, 8));
    }
    for (; (row = row_of(r, AS_OF_DAYS, id)); step(r, AS_OF_DAYS)) {
        const struct facts_day day = {(int32_t)db_int(row, 1),
                                      db_int(row, 2) > 0,
                                      db_int(row, 3),
                                      db_int(row, 4),
                                      {db_int(row, 5), db_int(row, 6), db_int(row, 7)}};
        facts_sum_day(a, s, &day);
    }
    facts_sum_finish(s, true);
}

/* The latest act of each channel until then (of acts at one instant, which only a merge brings
 * together, a refusal), and whether it was suppressed. Who has no act at all in a channel keeps
 * what the profile says now. */
static void take_consents(struct reader *r, struct audience_row *row)
{
    const struct db_rows *act;

    bool known[CHANNELS] = {false}, suppressed[CHANNELS] = {false};
    int64_t refused_us[CHANNELS] = {0};
    for (; (act = row_of(r, AS_OF_CONSENTS, row->id)); step(r, AS_OF_CONSENTS)) {
        int channel = name_index(channel_names, CHANNELS, db_text(act, 1));
        if (!known[channel])
            row->consent[channel] = CONSENT_NEVER_ASKED;
        known[channel] = true;
        if (db_int(act, 3) >= r->until_us)
            continue;
        struct str state = db_text(act, 2);
        if (str_eq(state, STR("refused")))
            refused_us[channel] = db_int(act, 3);
        if (str_eq(state, STR("suppressed")) || str_eq(state, STR("released")))
            suppressed[channel] = str_eq(state, STR("suppressed"));
        else if (db_int(act, 3) != refused_us[channel] || str_eq(state, STR("refused")))
            row->consent[channel] = (uint8_t)name_index(consent_names, CONSENT_NAMES, state);
    }
    for (int i = 0; i < CHANNELS; i++)
        if (suppressed[i])
            row->consent[i] = CONSENT_SUPPRESSED;
}

static enum err take_profile(struct reader *r, struct arena *a, struct audience_row *row)
{
    const struct db_rows *p = row_of(r, AS_OF_PROFILES, row->id);
    int64_t *tags = NULL;

    if (!p)
        return OK;
    if (!db_is_null(p, 1)) {
        enum err err = varint_unpack(a, db_blob(p, 1), &tags, &row->nwords[WORD_TAG]);
        if (err != OK)
            return err;
        row->words[WORD_TAG] = tags;
    }
    row->phone = db_text(p, 2);
    row->email = db_text(p, 3);
    row->contact_text = db_text(p, 4);
    return OK;
}

static void take_sum(const struct facts_sum *s, struct audience_row *row)
{
    row->last_visit_day = s->last_visit_day;
    row->last_purchase_day = s->last_purchase_day;
    row->first_purchase_day = s->first_purchase_day;
    row->visits = s->visits;
    row->operations = s->operations;
    row->purchase_days = s->purchase_days;
    row->spent_minor = s->spent_minor;
    memcpy(row->tallies, s->tallies, sizeof s->tallies);
    row->visit_days = s->visit_days.v;
    row->nvisit_days = s->visit_days.n;
    const struct int_list *lists[] = {&s->stores, &s->categories, &s->sizes};
    static const enum word_kind kinds[] = {WORD_STORE, WORD_CATEGORY, WORD_SIZE};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        row->words[kinds[i]] = lists[i]->v;
        row->nwords[kinds[i]] = lists[i]->n;
    }
}

/* Was there by then: registered, or anything had happened; of whom neither is known at any time,
 * the row was there. Sets the day of registration as it was known. */
static bool was_customer(const struct reader *r, const struct facts_sum *s, int64_t created_us,
                         struct audience_row *row)
{
    int32_t given = row->registered_day, day = r->past->day;

    if (given != DAY_NONE && given <= day)
        return true;
    row->registered_day = s->first_day;
    return s->first_day != DAY_NONE || (given == DAY_NONE && created_us < r->until_us);
}

/* The next customer; false at the end or at an error. `ret_was`: a customer by then. */
static bool next(struct reader *r, struct arena *a, struct audience_row *row, bool *ret_was,
                 enum err *ret_err)
{
    struct db_rows *customers = r->rows[AS_OF_CUSTOMERS];

    if (!db_next(customers))
        return false;
    audience_row_clear(row);
    audience_take_customer(customers, row);
    pass(r, row->id);
    struct facts_sum sum = facts_sum_begin(row->id);
    if (row->home_store)
        int_list_add(a, &sum.stores, row->home_store);
    sum_history(r, a, &sum);
    take_consents(r, row);
    take_sum(&sum, row);
    *ret_err = take_profile(r, a, row);
    for (int s = 0; s < AUDIENCE_STREAMS; s++)
        audience_take_stream((enum audience_stream)s, a, r->rows[AS_OF_TABLES + s],
                             &r->more[AS_OF_TABLES + s], row);
    *ret_was = was_customer(r, &sum, db_int(customers, CUSTOMER_WIDTH), row);
    return *ret_err == OK;
}

enum err as_of_read_all(struct db_tx *tx, const struct as_of_past *past, struct audience *audience)
{
    struct reader r cleanup(close_reader) = reader_of(past);
    const struct db_value values[] = {db_i(past->merchant_id), db_i(past->day)};
    struct row_pipe *pipe;
    bool was, room = true;
    enum err err = OK;

    for (int s = 0; s < AS_OF_STREAMS && err == OK; s++)
        err = db_scan_values(tx, &as_of_all[s], &r.rows[s], values,
                             as_of_takes_day((enum as_of_stream)s) ? 2 : 1);
    if (err == OK)
        err = row_pipe_start(audience, &pipe);
    if (err != OK)
        return err;
    begin(&r);
    while (room && next(&r, row_pipe_arena(pipe), row_pipe_row(pipe), &was, &err)) {
        if (!was)
            continue;
        audience_keep_names(row_pipe_arena(pipe), row_pipe_row(pipe));
        audience_keep_contacts(row_pipe_arena(pipe), row_pipe_row(pipe));
        room = row_pipe_put(pipe);
    }
    enum err put = row_pipe_end(&pipe);
    if (err == OK)
        err = reader_error(&r);
    return err == OK ? put : err;
}

static enum err read_chunk(struct db_tx *tx, const struct as_of_past *past, struct arena *a,
                           const int64_t *ids, size_t n, struct audience *audience)
{
    struct reader r cleanup(close_reader) = reader_of(past);
    struct db_value values[2 + BATCH_KEYS] = {db_i(past->merchant_id)};
    bool there[BATCH_KEYS] = {false}, was;
    struct audience_row row;
    enum err err = OK;

    for (size_t i = 0; i < BATCH_KEYS; i++)
        values[1 + i] = db_i(ids[i < n ? i : n - 1]);
    values[1 + BATCH_KEYS] = db_i(past->day);
    for (int s = 0; s < AS_OF_STREAMS && err == OK; s++)
        err = db_query_values(tx, &as_of_some[s], &r.rows[s], values,
                              BATCH_KEYS + (as_of_takes_day((enum as_of_stream)s) ? 2 : 1));
    if (err != OK)
        return err;
    begin(&r);
    while (err == OK && next(&r, a, &row, &was, &err)) {
        if (!was)
            continue;
        err = audience_put(audience, &row);
        for (size_t i = 0; i < n; i++)
            there[i] |= ids[i] == row.id;
    }
    if (err == OK)
        err = reader_error(&r);
    for (size_t i = 0; err == OK && i < n; i++)
        if (!there[i])
            audience_remove(audience, ids[i]);
    return err;
}

enum err as_of_read_some(struct db_tx *tx, const struct as_of_past *past,
                         const struct int_list *customer_ids, struct audience *audience)
{
    cleanup(arena_free) struct arena *a = arena_new();

    for (size_t from = 0; from < customer_ids->n; from += BATCH_KEYS) {
        enum err err = read_chunk(tx, past, a, customer_ids->v + from,
                                  batch_size(customer_ids->n, from), audience);
        if (err != OK)
            return err;
        arena_reset(a);
    }
    return OK;
}

static enum err earliest(struct db_tx *tx, const struct db_statement *st, int64_t merchant_id,
                         int32_t *day)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, st, &rows, db_i(merchant_id));

    if (err != OK)
        return err;
    if (db_next(rows) && !db_is_null(rows, 0) && (*day == DAY_NONE || db_int(rows, 0) < *day))
        *day = (int32_t)db_int(rows, 0);
    return db_error(rows);
}

enum err as_of_first_day(struct db_tx *tx, int64_t merchant_id, int32_t *ret)
{
    *ret = DAY_NONE;
    enum err err = earliest(tx, &as_of_first_fact, merchant_id, ret);
    return err == OK ? earliest(tx, &as_of_first_registered, merchant_id, ret) : err;
}
