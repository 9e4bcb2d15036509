/* Keeping the queue: what changed, whom it may be the same as, what is kept of that. */
#include "../../base/check.h"
#include "../../base/log.h"
#include "../../work/work.h"
#include "../batch.h"
#include "duplicate.h"
#include "duplicate_keys.h"
#include "duplicate_sql.h"
#include <stdlib.h>

enum { INLINE_STEPS = 8 }; /* more is a job's work */

struct stepping {
    struct db_tx *tx;
    int64_t merchant_id, now_us;
    struct arena *arena; /* of a batch */
    bool more;           /* out */
    int64_t looked;      /* out: customers */
};

/* ---- a batch of customers ---- */

struct subject {
    struct duplicate_person *person;
    struct int_list sharing;
    int64_t namesakes;
    bool changed;
};
struct found_pair {
    int64_t other;
    struct duplicate_verdict verdict;
};
struct crowd {
    struct duplicate_person *v; /* by id */
    size_t n;
};

static enum err read_crowd(struct stepping *s, const struct int_list *ids, struct crowd *ret)
{
    *ret = (struct crowd){arena_array(s->arena, struct duplicate_person, ids->n + 1), 0};
    for (size_t from = 0; from < ids->n; from += BATCH_KEYS) {
        size_t some;
        enum err e = duplicate_people(s->tx, s->merchant_id, ids->v + from,
                                      batch_size(ids->n, from), s->arena, ret->v + ret->n, &some);
        if (e != OK)
            return e;
        ret->n += some;
    }
    return OK;
}

static int compare_person(const void *key, const void *item)
{
    int64_t id = *(const int64_t *)key, other = ((const struct duplicate_person *)item)->id;
    return (id > other) - (id < other);
}

static struct duplicate_person *in_crowd(const struct crowd *c, int64_t id)
{
    return c->n ? bsearch(&id, c->v, c->n, sizeof *c->v, compare_person) : NULL;
}

static int compare_found(const void *x, const void *y)
{
    const struct found_pair *a = x, *b = y;
    if (a->verdict.percent != b->verdict.percent)
        return a->verdict.percent > b->verdict.percent ? -1 : 1;
    return (a->other > b->other) - (a->other < b->other);
}

static size_t find_pairs(struct stepping *s, const struct subject *subject,
                         const struct crowd *crowd, struct found_pair **ret)
{
    struct found_pair *found = arena_array(s->arena, struct found_pair, subject->sharing.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < subject->sharing.n; i++) {
        const struct duplicate_person *other = in_crowd(crowd, subject->sharing.v[i]);
        if (!other)
            continue;
        found[n] = (struct found_pair){
            other->id, duplicate_compare(subject->person, other, subject->namesakes)};
        if (found[n].verdict.percent >= DUPLICATE_PERCENT_MIN)
            n++;
    }
    if (n)
        qsort(found, n, sizeof *found, compare_found);
    *ret = found;
    return n < DUPLICATE_PAIRS_PER_CUSTOMER ? n : DUPLICATE_PAIRS_PER_CUSTOMER;
}

static const char *reasons_text(struct arena *a, const struct duplicate_verdict *v)
{
    struct buf b cleanup(buf_free);
    struct json j;
    buf_init(&b, 4096);
    json_init(&j, &b);
    json_list(&j);
    for (int i = 0; i < REASONS; i++) {
        if (v->tenths[i] == 0)
            continue;
        json_open(&j);
        json_kv_cstr(&j, "code", duplicate_reason_names[i]);
        json_key(&j, "bits");
        json_number(&j, v->tenths[i] / 10.0);
        json_close(&j);
    }
    json_end(&j);
    return arena_cstr(a, buf_str(&b));
}

static bool still_found(const struct found_pair *found, size_t n, int64_t other)
{
    for (size_t i = 0; i < n; i++)
        if (found[i].other == other)
            return true;
    return false;
}

/* Open pairs of the customer that are none any more. */
static enum err drop_pairs(struct stepping *s, int64_t customer_id, const struct found_pair *found,
                           size_t n)
{
    struct int_list gone = {0};
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e =
        db_query(s->tx, &duplicate_open_of, &rows, db_i(s->merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    while (db_next(rows)) {
        int64_t other = db_int(rows, 0) == customer_id ? db_int(rows, 1) : db_int(rows, 0);
        if (!still_found(found, n, other))
            int_list_add(s->arena, &gone, other);
    }
    e = db_error(rows);
    db_done(&rows);
    for (size_t i = 0; e == OK && i < gone.n; i++) {
        int64_t other = gone.v[i];
        e = db_exec(s->tx, &duplicate_drop, NULL, db_i(s->merchant_id),
                    db_i(customer_id < other ? customer_id : other),
                    db_i(customer_id < other ? other : customer_id));
    }
    return e;
}

static enum err keep_pairs(struct stepping *s, const struct subject *subject,
                           const struct crowd *crowd)
{
    struct found_pair *found;
    struct batch_rows rows;
    int64_t id = subject->person->id;
    size_t n = find_pairs(s, subject, crowd, &found);
    enum err e = drop_pairs(s, id, found, n);
    if (e != OK || n == 0)
        return e;
    batch_rows_begin(&rows, s->tx, s->arena, &duplicate_put);
    for (size_t i = 0; i < n; i++) {
        int64_t other = found[i].other;
        batch_rows_add(
            &rows,
            (struct db_value[]){db_i(s->merchant_id), db_i(id < other ? id : other),
                                db_i(id < other ? other : id), db_i(found[i].verdict.percent),
                                db_tc(reasons_text(s->arena, &found[i].verdict)), db_i(s->now_us)});
    }
    return batch_rows_end(&rows);
}

static enum err look_at(struct stepping *s, struct duplicate_person *p, struct subject *ret)
{
    struct duplicate_key keys[DUPLICATE_KEYS_MAX];
    size_t n = duplicate_keys_of(p, keys);
    *ret = (struct subject){.person = p};
    enum err e = duplicate_keys_keep(s->tx, s->merchant_id, p->id, keys, n, &ret->changed);
    if (e != OK || !ret->changed)
        return e;
    return duplicate_sharing(s->tx, s->merchant_id, p, keys, n, s->arena, &ret->sharing,
                             &ret->namesakes);
}

/* Deleted, merged, erased: nothing is kept of them but what somebody said. */
static enum err forget(struct stepping *s, int64_t customer_id)
{
    bool changed;
    enum err e = duplicate_keys_keep(s->tx, s->merchant_id, customer_id, NULL, 0, &changed);
    return e == OK ? drop_pairs(s, customer_id, NULL, 0) : e;
}

static enum err look_at_all(struct stepping *s, const int64_t *ids, size_t n)
{
    struct int_list asked = {0}, others = {0};
    struct crowd people, crowd;
    for (size_t i = 0; i < n; i++)
        int_list_add(s->arena, &asked, ids[i]);
    enum err e = read_crowd(s, &asked, &people);
    struct subject *subjects = arena_array(s->arena, struct subject, people.n + 1);
    for (size_t i = 0; e == OK && i < n; i++)
        if (!in_crowd(&people, ids[i]))
            e = forget(s, ids[i]);
    for (size_t i = 0; e == OK && i < people.n; i++) {
        e = look_at(s, &people.v[i], &subjects[i]);
        for (size_t k = 0; e == OK && k < subjects[i].sharing.n; k++)
            int_list_add(s->arena, &others, subjects[i].sharing.v[k]);
    }
    int_list_sort(&others);
    if (e == OK)
        e = read_crowd(s, &others, &crowd);
    for (size_t i = 0; e == OK && i < people.n; i++)
        if (subjects[i].changed)
            e = keep_pairs(s, &subjects[i], &crowd);
    return e;
}

static enum err look_at_ids(struct stepping *s, const struct int_list *ids)
{
    s->looked += (int64_t)ids->n;
    for (size_t from = 0; from < ids->n; from += BATCH_KEYS) {
        cleanup(arena_free) struct arena *a = arena_new();
        s->arena = a;
        enum err e = look_at_all(s, ids->v + from, batch_size(ids->n, from));
        if (e != OK)
            return e;
    }
    return OK;
}

/* ---- where it stands ---- */

static enum err keep_progress(struct stepping *s, int64_t seq, int64_t scan_after)
{
    return db_exec(s->tx, &duplicate_progress_put, NULL, db_i(s->merchant_id), db_i(seq),
                   db_i_or_null(scan_after, -1));
}

static enum err scan(struct stepping *s, int64_t seq, int64_t after)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct int_list ids = {0};
    enum err e = db_query(s->tx, &duplicate_ids_after, &rows, db_i(s->merchant_id), db_i(after),
                          db_i(DUPLICATE_STEP));
    while (e == OK && db_next(rows))
        int_list_add(db_arena(s->tx), &ids, db_int(rows, 0));
    if (e == OK)
        e = db_error(rows);
    db_done(&rows);
    if (e == OK)
        e = look_at_ids(s, &ids);
    if (e != OK)
        return e;
    s->more = true; /* what changed meanwhile comes next */
    return keep_progress(s, seq, ids.n < DUPLICATE_STEP ? -1 : ids.v[ids.n - 1]);
}

static enum err follow_feed(struct stepping *s, int64_t seq, int64_t last)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct int_list ids = {0};
    int64_t oldest, read = 0, to = seq;
    if (seq == last)
        return OK;
    enum err e = db_query_int(s->tx, &duplicate_feed_oldest, &oldest, db_i(s->merchant_id));
    if (e == OK && (oldest == 0 || oldest > seq + 1)) {
        s->more = true;
        return keep_progress(s, last, 0); /* the feed does not tell enough: everybody again */
    }
    if (e == OK)
        e = db_query(s->tx, &duplicate_feed, &rows, db_i(s->merchant_id), db_i(seq),
                     db_i(DUPLICATE_STEP));
    while (e == OK && db_next(rows)) {
        read++;
        to = db_int(rows, 0);
        if (str_eq(db_text(rows, 1), STR("customer")))
            int_list_add(db_arena(s->tx), &ids, db_int(rows, 2));
    }
    if (e == OK)
        e = db_error(rows);
    db_done(&rows);
    int_list_sort(&ids);
    if (e == OK)
        e = look_at_ids(s, &ids);
    s->more = to < last && read > 0;
    return e == OK ? keep_progress(s, to, -1) : e;
}

static enum err step(struct db_tx *tx, void *arg)
{
    struct stepping *s = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    s->tx = tx;
    s->more = false;
    s->looked = 0;
    enum err e = db_query(tx, &duplicate_state, &rows, db_i(s->merchant_id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    int64_t last = db_int(rows, 0), seq = db_int_or(rows, 1, -1), after = db_int_or(rows, 2, -1);
    db_done(&rows);
    if (seq < 0)
        return scan(s, last, 0);
    return after >= 0 ? scan(s, seq, after) : follow_feed(s, seq, last);
}

enum err duplicate_step(struct app *app, int64_t merchant_id, bool *ret_more)
{
    struct stepping s = {.merchant_id = merchant_id, .now_us = now_us()};
    enum err e = db_write(app->db, step, &s);
    *ret_more = e == OK && s.more;
    return e;
}

struct behind {
    int64_t merchant_id;
    bool it_is;
};

static enum err is_behind(struct db_tx *tx, void *arg)
{
    struct behind *b = arg;
    int64_t n;
    enum err e = db_query_int(tx, &duplicate_behind, &n, db_i(b->merchant_id));
    b->it_is = e == OK && n > 0;
    return e;
}

enum err duplicate_follow(struct app *app, int64_t merchant_id, int steps, bool *ret_more)
{
    struct behind b = {merchant_id, false};
    enum err e = db_read(app->db, is_behind, &b); /* most of the time nothing is to be written */
    *ret_more = b.it_is;
    for (; e == OK && *ret_more && steps > 0; steps--)
        e = duplicate_step(app, merchant_id, ret_more);
    return e;
}

/* ---- by the clock, and as a job ---- */

struct looking {
    struct arena *arena;
    struct int_list merchants;
};

static enum err read_behind(struct db_tx *tx, void *arg)
{
    struct looking *l = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    l->merchants = (struct int_list){0};
    enum err e = db_query_values(tx, &duplicate_all_behind, &rows, NULL, 0);
    while (e == OK && db_next(rows))
        int_list_add(l->arena, &l->merchants, db_int(rows, 0));
    return e == OK ? db_error(rows) : e;
}

static enum err make_job(struct db_tx *tx, void *arg)
{
    const int64_t *merchant_id = arg;
    int64_t open, id;
    enum err e = db_query_int(tx, &duplicate_job_open, &open, db_i(*merchant_id));
    if (e != OK || open > 0)
        return e;
    return job_create(tx, *merchant_id, DUPLICATE_JOB, 0, 0, -1, &id);
}

void duplicate_look(void *arg)
{
    struct app *app = arg;
    cleanup(arena_free) struct arena *a = arena_new();
    struct looking l = {.arena = a};
    if (db_read(app->db, read_behind, &l) != OK)
        return;
    for (size_t i = 0; i < l.merchants.n; i++) {
        bool more = false;
        enum err e = duplicate_follow(app, l.merchants.v[i], INLINE_STEPS, &more);
        if (e == OK && more)
            e = db_write(app->db, make_job, &l.merchants.v[i]);
        if (e != OK)
            log_event(LOG_WARN, "duplicates_not_followed", "error", err_name(e), NULL);
        else if (more && app->work)
            work_wake(app->work);
    }
}

struct job_step {
    struct stepping s;
    const struct job *job;
    int64_t done, total;
};

static enum err step_of_job(struct db_tx *tx, void *arg)
{
    struct job_step *j = arg;
    enum err e = step(tx, &j->s);
    int64_t done = j->done + j->s.looked;
    return e == OK ? job_progress(tx, j->job, done, done > j->total ? done : j->total) : e;
}

static enum err count_rest(struct db_tx *tx, void *arg)
{
    struct job_step *j = arg;
    return db_query_int(tx, &duplicate_rest, &j->total, db_i(j->s.merchant_id));
}

enum err duplicate_job(const struct job *job, struct arena *a, void *arg, struct problem *p)
{
    struct app *app = arg;
    struct job_step j = {
        .s = {.merchant_id = job->merchant_id, .now_us = now_us()}, .job = job, .done = job->done};
    enum err e = db_read(app->db, count_rest, &j);
    j.total += j.done;
    do {
        if (e == OK)
            e = db_write(app->db, step_of_job, &j);
        j.done += j.s.looked;
    } while (e == OK && j.s.more);
    if (e == OK || e == ERR_CANCELED || e == ERR_BUSY)
        return e;
    return problem_set(p, a, e, err_name(e), NULL, NULL);
}
