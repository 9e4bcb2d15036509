/* The sizes of segments, a day each: counted when the day begins at the merchant's, or when
 * somebody looks first, whichever comes earlier; the first count of a day stays. */
#include "../../base/check.h"
#include "../customer/as_of.h"
#include "segment_count.h"
#include "segment_sql.h"

struct unmeasured {
    int64_t id, owner_id;
    struct str text;
    struct segment_count count;
};
struct measuring {
    const struct job *job; /* NULL: none */
    int64_t merchant_id;
    int32_t day;
    struct arena *arena;
    struct unmeasured list[SEGMENTS_MAX];
    size_t n;
    int64_t done, weeks; /* of the past */
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
        m->list[m->n++] = (struct unmeasured){
            db_int(rows, 0), db_int(rows, 1), db_text_in(rows, 2, m->arena), {0}};
    return db_error(rows);
}

static enum err write_sizes(struct db_tx *tx, void *arg)
{
    struct measuring *m = arg;
    struct batch_rows rows;
    batch_rows_begin(&rows, tx, db_arena(tx), &segment_size_add);
    for (size_t i = 0; i < m->n; i++)
        if (m->list[i].count.good)
            batch_rows_add(&rows,
                           (struct db_value[]){db_i(m->merchant_id), db_i(m->list[i].id),
                                               db_i(m->day), db_i(m->list[i].count.customers)});
    enum err e = batch_rows_end(&rows);
    if (e == OK && m->job)
        e = job_progress(tx, m->job, m->done, m->weeks);
    return e == OK ? db_exec(tx, &segment_size_prune, NULL, db_i(m->merchant_id),
                             db_i(m->day - SEGMENT_HISTORY_KEPT))
                   : e;
}

/* Each as its owner reads it, and of the whole chain. */
static enum err count_list(const struct audience_use *use, struct measuring *m)
{
    enum err e = OK;
    for (size_t i = 0; e == OK && i < m->n; i++) {
        struct audience_reader reader;
        const struct audience_viewer viewer = {.staff_id = m->list[i].owner_id};
        audience_reader(use, m->list[i].owner_id, &reader);
        e = segment_count(&reader, &viewer, m->arena, m->list[i].text, NULL, &m->list[i].count);
    }
    return e;
}

static bool any_good(const struct measuring *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->list[i].count.good)
            return true;
    return false;
}

static enum err count_all(struct app *app, struct measuring *m)
{
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, m->merchant_id, &use);
    if (e != OK)
        return e;
    m->day = use.today;
    e = db_read(app->db, read_unmeasured, m);
    return e == OK ? count_list(&use, m) : e;
}

enum err segment_measure(struct app *app, int64_t merchant_id)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct measuring *m = arena_make(a, struct measuring);
    m->merchant_id = merchant_id;
    m->arena = a;
    enum err e = count_all(app, m);
    return e == OK && any_good(m) ? db_write(app->db, write_sizes, m) : e;
}

/* ---- the past ---- */

/* Which segments lack that day, and is one of them a good query: else no past base is built for it.
 */
static enum err find_lacking(struct app *app, struct measuring *m, bool *ret_any,
                             int32_t *ret_today)
{
    cleanup(audiences_done) struct audience_use use = {0};
    enum err e = audiences_use(app->audiences, m->merchant_id, &use);
    *ret_any = false;
    if (e != OK)
        return e;
    *ret_today = use.today;
    if (m->day == DAY_NONE || audience_count(use.audience) > SEGMENT_PAST_MAX)
        return OK;
    e = db_read(app->db, read_unmeasured, m);
    if (e == OK && m->n)
        e = count_list(&use, m);
    *ret_any = e == OK && any_good(m);
    return e;
}

/* ERR_NOT_FOUND: nothing is known of that day. */
static enum err count_past(struct app *app, struct measuring *m)
{
    cleanup(as_of_done) struct as_of_use past = {0};
    struct problem p = {.from = -1};
    enum err e = as_of_use(app->as_of, m->merchant_id, m->day, m->arena, &past, &p);
    if (e != OK)
        return e == ERR_INVALID ? ERR_NOT_FOUND : e;
    return count_list(&past.then, m);
}

/* From the latest Monday back, a transaction each, so that what is done stays done. */
static enum err fill_past(struct app *app, const struct job *job)
{
    int32_t today = 0;
    bool any;
    cleanup(arena_free) struct arena *a = arena_new();
    struct measuring *m = arena_make(a, struct measuring);
    *m = (struct measuring){.job = job,
                            .merchant_id = job->merchant_id,
                            .arena = a,
                            .day = DAY_NONE,
                            .weeks = SEGMENT_HISTORY_DAYS / 7};
    enum err e = find_lacking(app, m, &any, &today);
    int32_t monday = today - day_weekday(today);
    for (int week = monday == today; e == OK && week <= m->weeks; week++) {
        m->day = monday - 7 * week;
        m->done = week;
        e = find_lacking(app, m, &any, &today);
        if (e == OK && any)
            e = count_past(app, m);
        if (e == OK && any)
            e = db_write(app->db, write_sizes, m);
    }
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err segment_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    enum err e = segment_measure(app, job->merchant_id);
    if (e == OK && ((struct app *)app)->as_of)
        e = fill_past(app, job);
    if (e == ERR_CANCELED || e == ERR_BUSY) /* goes on another time */
        return e;
    return e == OK ? OK : problem_set(p, a, e, err_name(e), NULL, NULL);
}
