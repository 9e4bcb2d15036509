#include "../../base/check.h"
#include "audiences_sql.h"

static void take_number(enum audience_stream s, int64_t value, struct audience_row *row)
{
    if (s == STREAM_POINTS)
        row->points = value;
    else if (s == STREAM_TIERS)
        row->tier = value;
    else
        row->tallies[s == STREAM_STAMPS ? TALLY_STAMPS : TALLY_REFERRALS] = value > 0 ? value : 0;
}

void audience_take_stream(enum audience_stream s, struct arena *a, struct db_rows *rows, bool *more,
                          struct audience_row *row)
{
    struct int_list list = {0};
    int64_t value = 0;

    while (*more && db_int(rows, 0) < row->id)
        *more = db_next(rows);
    for (; *more && db_int(rows, 0) == row->id; *more = db_next(rows)) {
        value = db_int(rows, 1);
        if (s == STREAM_GROUPS || s == STREAM_CERTIFICATES)
            int_list_add(a, &list, value);
    }
    if (s != STREAM_GROUPS && s != STREAM_CERTIFICATES) {
        take_number(s, value, row);
        return;
    }
    enum word_kind kind = s == STREAM_GROUPS ? WORD_GROUP : WORD_CERTIFICATE;
    row->words[kind] = list.v;
    row->nwords[kind] = list.n;
}

void audience_streams_close(struct audience_streams *s)
{
    for (int i = 0; i < AUDIENCE_STREAMS; i++)
        db_done(&s->rows[i]);
}

static void look(struct audience_streams *s, int i)
{
    s->next[i] = s->more[i] ? db_int(s->rows[i], 0) : INT64_MAX;
}

static void begin(struct audience_streams *s)
{
    for (int i = 0; i < AUDIENCE_STREAMS; i++) {
        s->more[i] = db_next(s->rows[i]);
        look(s, i);
    }
}

enum err audience_streams_all(struct db_tx *tx, int64_t merchant_id, int32_t day,
                              struct audience_streams *ret)
{
    const struct db_value values[] = {db_i(merchant_id), db_i(day)};
    enum err err = OK;

    for (int i = 0; i < AUDIENCE_STREAMS && err == OK; i++)
        err = db_scan_values(tx, &audiences_streams[i], &ret->rows[i], values,
                             audience_stream_takes_day((enum audience_stream)i) ? 2 : 1);
    if (err == OK)
        begin(ret);
    return err;
}

enum err audience_streams_of(struct db_tx *tx, int64_t merchant_id, int32_t day, const int64_t *ids,
                             size_t n, struct audience_streams *ret)
{
    struct db_value values[2 + BATCH_KEYS] = {db_i(merchant_id)};
    enum err err = OK;

    for (size_t i = 0; i < BATCH_KEYS; i++)
        values[1 + i] = db_i(ids[i < n ? i : n - 1]);
    values[1 + BATCH_KEYS] = db_i(day);
    for (int i = 0; i < AUDIENCE_STREAMS && err == OK; i++)
        err = db_query_values(tx, &audiences_streams_of[i], &ret->rows[i], values,
                              BATCH_KEYS +
                                  (audience_stream_takes_day((enum audience_stream)i) ? 2 : 1));
    if (err == OK)
        begin(ret);
    return err;
}

void audience_streams_take(struct audience_streams *s, struct arena *a, struct audience_row *row)
{
    for (int i = 0; i < AUDIENCE_STREAMS; i++) {
        if (s->next[i] > row->id)
            continue;
        audience_take_stream((enum audience_stream)i, a, s->rows[i], &s->more[i], row);
        look(s, i);
    }
}

enum err audience_streams_error(struct audience_streams *s)
{
    enum err err = OK;
    for (int i = 0; i < AUDIENCE_STREAMS && err == OK; i++)
        err = db_error(s->rows[i]);
    return err;
}
