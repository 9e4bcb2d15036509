#include "../../base/check.h"
#include "audiences_sql.h"
#include <stdlib.h>

static int compare_str(struct str a, struct str b)
{
    int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int compare_keys(const void *x, const void *y)
{
    const struct audience_segment *a = x, *b = y;
    return compare_str(a->key, b->key);
}

enum err audience_segments_read(struct db_tx *tx, int64_t merchant_id, struct audience_names *names)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct arena *a = names->arena;
    size_t room = 0;
    enum err err = db_query(tx, &audiences_segments, &rows, db_i(merchant_id));

    if (err != OK)
        return err;
    while (db_next(rows)) {
        if (names->nsegments == room) {
            room = room ? room * 2 : 16;
            struct audience_segment *more = arena_array(a, struct audience_segment, room);
            if (names->nsegments)
                memcpy(more, names->segments, names->nsegments * sizeof *more);
            names->segments = more;
        }
        struct str name = db_text_in(rows, 3, a);
        names->segments[names->nsegments++] =
            (struct audience_segment){.id = db_int(rows, 0),
                                      .owner_id = db_int(rows, 1),
                                      .shared = db_int(rows, 2) != 0,
                                      .name = name,
                                      .key = query_segment_key(a, name),
                                      .text = db_text_in(rows, 4, a)};
    }
    if (names->nsegments)
        qsort(names->segments, names->nsegments, sizeof *names->segments, compare_keys);
    return db_error(rows);
}

const struct audience_segment *audience_use_segments(const struct audience_use *u, size_t *ret_n)
{
    *ret_n = u->names->nsegments;
    return u->names->segments;
}

struct str audience_use_segment_name(const struct audience_use *u, int64_t id)
{
    for (size_t i = 0; i < u->names->nsegments; i++)
        if (u->names->segments[i].id == id)
            return u->names->segments[i].name;
    return STR("");
}

static bool is_known(const struct audience_reader *reader, const struct audience_segment *s)
{
    return s->shared || (reader->staff_id && s->owner_id == reader->staff_id);
}

static bool find_segment(void *ctx, struct str key, struct query_segment *ret)
{
    const struct audience_reader *reader = ctx;
    const struct audience_names *names = reader->use->names;
    const struct audience_segment wanted = {.key = key}, *s = NULL;
    if (names->nsegments)
        s = bsearch(&wanted, names->segments, names->nsegments, sizeof *s, compare_keys);
    if (!s || !is_known(reader, s))
        return false;
    *ret = (struct query_segment){s->id, s->name, s->text};
    return true;
}

static void each_segment(void *ctx, void (*fn)(void *arg, struct str name), void *arg)
{
    const struct audience_reader *reader = ctx;
    const struct audience_names *names = reader->use->names;
    for (size_t i = 0; i < names->nsegments; i++)
        if (is_known(reader, &names->segments[i]))
            fn(arg, names->segments[i].name);
}

void audience_reader(const struct audience_use *u, int64_t staff_id, struct audience_reader *ret)
{
    *ret = (struct audience_reader){.use = u, .staff_id = staff_id};
    ret->segments = (struct query_segments){ret, find_segment, each_segment};
    ret->context = (struct query_context){.today = u->today,
                                          .currency_decimals = u->currency_decimals,
                                          .words = audience_words(u->audience),
                                          .segments = &ret->segments};
}
