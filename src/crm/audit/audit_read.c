#include "audit_read.h"

#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../../base/text.h"

/* An id is taken a moment before the instant that is written beside it. */
#define SLACK_US (60LL * 1000000)

static bool has_words(struct str folded, struct str words)
{
    return words.n == 0 || (folded.n >= words.n && memmem(folded.p, folded.n, words.p, words.n));
}

/* Who, the address, and old and new values; scratch is reused. */
static bool says(const struct db_rows *row, struct str words, struct buf *scratch)
{
    static const int texts[] = {3, 7, 8};
    bool found = words.n == 0;
    for (size_t i = 0; i < ARRAY_LEN(texts) && !found; i++) {
        text_fold_into(scratch, db_text(row, texts[i]));
        found = has_words(buf_str(scratch), words);
    }
    return found;
}

static bool matches(const struct audit_filter *f, const struct db_rows *row, struct buf *scratch)
{
    int64_t at = db_int(row, 1);
    return (f->staff_id == 0 || db_int(row, 2) == f->staff_id) &&
           (f->entity_id == 0 || db_int(row, 6) == f->entity_id) &&
           (f->entity.n == 0 || str_eq(db_text(row, 5), f->entity)) &&
           (f->action.n == 0 || str_eq(db_text(row, 4), f->action)) &&
           (f->from_us == 0 || at >= f->from_us) && (f->to_us == 0 || at < f->to_us) &&
           says(row, f->words, scratch);
}

/* By the narrowest index; `ret_all`: then every row is one. */
static enum err open_rows(struct db_tx *tx, const struct audit_filter *f, int64_t before,
                          int64_t limit, struct db_rows **ret)
{
    bool days = f->from_us != 0 || f->to_us != 0;
    int filters = (f->staff_id != 0) + (f->entity_id != 0) + (f->entity.n > 0) +
                  2 * (f->action.n > 0 || f->words.n > 0 || days);
    int64_t most = filters < 2 ? limit + 1 : AUDIT_LOOKED_AT + 1;
    int64_t least = f->from_us != 0 ? id_at(f->from_us - SLACK_US) : 0;
    int64_t below = f->to_us != 0 ? id_at(f->to_us + SLACK_US) : INT64_MAX;
    if (before < below)
        below = before;
    struct db_value merchant = db_i(f->merchant_id), from = db_i(least), to = db_i(below);
    if (f->entity_id != 0)
        return db_query(tx, &audit_page_subject, ret, merchant, from, to, db_i(f->entity_id),
                        db_i(most));
    if (f->staff_id != 0)
        return db_query(tx, &audit_page_staff, ret, merchant, from, to, db_i(f->staff_id),
                        db_i(most));
    if (f->entity.n > 0)
        return db_query(tx, &audit_page_entity, ret, merchant, from, to, db_t(f->entity),
                        db_i(most));
    return db_query(tx, &audit_page, ret, merchant, from, to, db_i(most));
}

enum err audit_read(struct db_tx *tx, const struct audit_filter *f, int64_t before, int64_t limit,
                    audit_entry_fn fn, void *arg, int64_t *ret_next)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct buf scratch cleanup(buf_free);
    int64_t found = 0, looked = 0, last = before;
    bool more = false;
    buf_init(&scratch, 1 << 20);
    *ret_next = 0;
    enum err e = open_rows(tx, f, before, limit, &rows);
    if (e != OK)
        return e;
    while (!more && db_next(rows)) {
        more = found == limit || looked == AUDIT_LOOKED_AT;
        if (more)
            break;
        looked++;
        last = db_int(rows, 0);
        if (matches(f, rows, &scratch)) {
            fn(arg, rows);
            found++;
        }
    }
    if (more)
        *ret_next = last;
    return more ? OK : db_error(rows);
}

enum err audit_days(struct db_tx *tx, struct audit_filter *f, int32_t from, int32_t to)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct zone *zone cleanup(zone_close) = NULL;
    if (from == DAY_NONE && to == DAY_NONE)
        return OK;
    enum err e = db_query(tx, &audit_zone, &rows, db_i(f->merchant_id));
    if (e == OK && !db_next(rows))
        e = db_error(rows) != OK ? db_error(rows) : ERR_NOT_FOUND;
    if (e == OK)
        e = zone_open(arena_cstr(db_arena(tx), db_text(rows, 0)), &zone);
    if (e != OK)
        return e;
    f->from_us = from == DAY_NONE ? 0 : zone_day_start(zone, from);
    f->to_us = to == DAY_NONE ? 0 : zone_day_start(zone, to + 1);
    return OK;
}
