/* The sizes of segments, a day each: counted when the day begins at the merchant's, or when somebody
 * looks first, whichever comes earlier; the first count of a day stays. */
#include "../../base/check.h"
#include "segment_count.h"
#include "segment_sql.h"

struct unmeasured {
    int64_t id, owner_id;
    struct str text;
    struct segment_count count;
};
struct measuring {
    int64_t merchant_id;
    int32_t day;
    struct arena *arena;
    struct unmeasured list[SEGMENTS_MAX];
    size_t n;
};

static enum err read_unmeasured(struct db_tx *tx, void *arg)
{
    struct measuring *m = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    m->n = 0;
    enum err e = db_query(tx, &segment_unmeasured, &rows, db_i(m->day), db_i(m->merchant_id));
    if (e != OK)
        return e;
    while (m->n < SEGMENTS_MAX && db_next(rows))
        m->list[m->n++] =
            (struct unmeasured){db_int(rows, 0), db_int(rows, 1), db_text_in(rows, 2, m->arena), {0}};
    return db_error(rows);
}

static enum err write_sizes(struct db_tx *tx, void *arg)
{
    struct measuring *m = arg;
    struct batch_rows rows;
    batch_rows_begin(&rows, tx, db_arena(tx), &segment_size_add);
    for (size_t i = 0; i < m->n; i++)
        if (m->list[i].count.good)
            batch_rows_add(&rows, (struct db_value[]){db_i(m->merchant_id), db_i(m->list[i].id),
                                                      db_i(m->day),
                                                      db_i(m->list[i].count.customers)});
    enum err e = batch_rows_end(&rows);
    return e == OK ? db_exec(tx, &segment_size_prune, NULL, db_i(m->merchant_id),
                             db_i(m->day - SEGMENT_HISTORY_KEPT))
                   : e;
}

/* Each as its owner reads it, and of the whole chain. */
static enum err count_all(struct app *app, struct measuring *m)
{
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, m->merchant_id, &use);
    if (e != OK)
        return e;
    m->day = use.today;
    e = db_read(app->db, read_unmeasured, m);
    for (size_t i = 0; e == OK && i < m->n; i++) {
        struct audience_reader reader;
        const struct audience_viewer viewer = {.staff_id = m->list[i].owner_id};
        audience_reader(&use, m->list[i].owner_id, &reader);
        e = segment_count(&reader, &viewer, m->arena, m->list[i].text, NULL, &m->list[i].count);
    }
    return e;
}

enum err segment_measure(struct app *app, int64_t merchant_id)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct measuring *m = arena_make(a, struct measuring);
    bool counted = false;
    m->merchant_id = merchant_id;
    m->arena = a;
    enum err e = count_all(app, m);
    for (size_t i = 0; i < m->n; i++)
        counted = counted || m->list[i].count.good;
    return e == OK && counted ? db_write(app->db, write_sizes, m) : e;
}

enum err segment_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    enum err e = segment_measure(app, job->merchant_id);
    return e == OK ? OK : problem_set(p, a, e, err_name(e), NULL, NULL);
}
