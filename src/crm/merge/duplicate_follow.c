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
    struct arena *arena; /* of the step's customers */
    bool more;           /* out */
    int64_t looked;      /* out: customers */
};

/* ---- a step's customers ---- */

struct found_pair {
    int64_t a_id, b_id;
    struct duplicate_verdict verdict;
};
struct found_pairs {
    struct found_pair *v; /* by ids, each once */
    size_t n, cap;
};

static int compare_likelihood(const void *x, const void *y)
{
    const struct found_pair *a = x, *b = y;
    if (a->verdict.percent != b->verdict.percent)
        return a->verdict.percent > b->verdict.percent ? -1 : 1;
    return a->a_id != b->a_id ? (a->a_id > b->a_id) - (a->a_id < b->a_id)
                              : (a->b_id > b->b_id) - (a->b_id < b->b_id);
}

static int compare_pair(const void *x, const void *y)
{
    const struct found_pair *a = x, *b = y;
    return a->a_id != b->a_id ? (a->a_id > b->a_id) - (a->a_id < b->a_id)
                              : (a->b_id > b->b_id) - (a->b_id < b->b_id);
}

/* Adds the subject's likeliest pairs. */
static void find_pairs(struct stepping *s, const struct duplicate_subject *subject,
                       const struct duplicate_people *others, struct found_pairs *pairs)
{
    struct found_pair *found = arena_array(s->arena, struct found_pair, subject->sharing.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < subject->sharing.n; i++) {
        const struct duplicate_person *other = duplicate_person_of(others, subject->sharing.v[i]);
        if (!other)
            continue;
        bool first = subject->id < other->id;
        found[n] =
            (struct found_pair){first ? subject->id : other->id, first ? other->id : subject->id,
                                duplicate_compare(subject->person, other, subject->namesakes)};
        if (found[n].verdict.percent >= DUPLICATE_PERCENT_MIN)
            n++;
    }
    if (n)
        qsort(found, n, sizeof *found, compare_likelihood);
    for (size_t i = 0; i < n && i < DUPLICATE_PAIRS_PER_CUSTOMER; i++) {
        if (pairs->n == pairs->cap)
            pairs->v = arena_grow(s->arena, pairs->v, pairs->n, &pairs->cap, sizeof *pairs->v);
        pairs->v[pairs->n++] = found[i];
    }
}

static void sort_pairs(struct found_pairs *pairs)
{
    size_t n = 0;
    if (pairs->n)
        qsort(pairs->v, pairs->n, sizeof *pairs->v, compare_pair);
    for (size_t i = 0; i < pairs->n; i++)
        if (n == 0 || compare_pair(&pairs->v[n - 1], &pairs->v[i]) != 0)
            pairs->v[n++] = pairs->v[i];
    pairs->n = n;
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

/* Open pairs of those who changed that are none any more. */
static enum err drop_pairs(struct stepping *s, const struct int_list *changed,
                           const struct found_pairs *found)
{
    struct found_pairs gone = {0};
    struct batch_rows drop;
    for (size_t from = 0; from < changed->n; from += BATCH_KEYS) {
        struct db_rows *rows cleanup(db_done) = NULL;
        enum err e = batch_query_ids(s->tx, &duplicate_open_of, &rows, s->merchant_id,
                                     changed->v + from, batch_size(changed->n, from));
        while (e == OK && db_next(rows)) {
            struct found_pair pair = {.a_id = db_int(rows, 0), .b_id = db_int(rows, 1)};
            if (found->n && bsearch(&pair, found->v, found->n, sizeof pair, compare_pair))
                continue;
            if (gone.n == gone.cap)
                gone.v = arena_grow(s->arena, gone.v, gone.n, &gone.cap, sizeof *gone.v);
            gone.v[gone.n++] = pair;
        }
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    batch_rows_begin(&drop, s->tx, s->arena, &duplicate_drop);
    for (size_t i = 0; i < gone.n; i++)
        batch_rows_add(&drop, (struct db_value[]){db_i(s->merchant_id), db_i(gone.v[i].a_id),
                                                  db_i(gone.v[i].b_id)});
    return batch_rows_end(&drop);
}

static enum err put_pairs(struct stepping *s, const struct found_pairs *found)
{
    struct batch_rows put;
    batch_rows_begin(&put, s->tx, s->arena, &duplicate_put);
    for (size_t i = 0; i < found->n; i++) {
        const struct found_pair *pair = &found->v[i];
        batch_rows_add(&put, (struct db_value[]){db_i(s->merchant_id), db_i(pair->a_id),
                                                 db_i(pair->b_id), db_i(pair->verdict.percent),
                                                 db_tc(reasons_text(s->arena, &pair->verdict)),
                                                 db_i(s->now_us)});
    }
    return batch_rows_end(&put);
}

static enum err keep_pairs(struct stepping *s, const struct duplicate_subject *v, size_t n)
{
    struct int_list sharing = {0}, changed = {0};
    struct duplicate_people others;
    struct found_pairs found = {0};
    for (size_t i = 0; i < n; i++) {
        if (v[i].changed)
            int_list_add(s->arena, &changed, v[i].id);
        for (size_t k = 0; k < v[i].sharing.n; k++)
            int_list_add(s->arena, &sharing, v[i].sharing.v[k]);
    }
    int_list_sort(&sharing);
    enum err e = duplicate_people_read(s->tx, s->merchant_id, &sharing, s->arena, &others);
    for (size_t i = 0; e == OK && i < n; i++)
        if (v[i].changed)
            find_pairs(s, &v[i], &others, &found);
    sort_pairs(&found);
    if (e == OK)
        e = drop_pairs(s, &changed, &found);
    return e == OK ? put_pairs(s, &found) : e;
}

/* Few round trips however many they are: each thing is asked for all of them at once. Of who is
 * deleted, merged or erased nothing is kept but what somebody said. */
static enum err look_at(struct stepping *s, const struct int_list *ids)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct duplicate_people people;
    struct duplicate_subject *v = arena_array(a, struct duplicate_subject, ids->n + 1);
    s->arena = a;
    s->looked += (int64_t)ids->n;
    enum err e = duplicate_people_read(s->tx, s->merchant_id, ids, a, &people);
    for (size_t i = 0; e == OK && i < ids->n; i++) {
        struct duplicate_key keys[DUPLICATE_KEYS_MAX];
        v[i].id = ids->v[i];
        v[i].person = duplicate_person_of(&people, v[i].id);
        if (!v[i].person)
            continue;
        v[i].nkeys = duplicate_keys_of(v[i].person, keys);
        v[i].keys = arena_array(a, struct duplicate_key, v[i].nkeys);
        memcpy(v[i].keys, keys, v[i].nkeys * sizeof *keys);
    }
    if (e == OK)
        e = duplicate_keys_keep(s->tx, s->merchant_id, v, ids->n, a);
    if (e == OK)
        e = duplicate_sharing(s->tx, s->merchant_id, v, ids->n, a);
    return e == OK ? keep_pairs(s, v, ids->n) : e;
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
        e = look_at(s, &ids);
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
        e = look_at(s, &ids);
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

/* Both write, and somebody waits for the import: beside a scan it takes two or three times as long.
 * What is left is another job's when it has ended. */
static enum err give_way(struct db_tx *tx, void *arg)
{
    struct job_step *j = arg;
    int64_t importing;
    enum err e = db_query_int(tx, &duplicate_importing, &importing, db_i(j->s.merchant_id));
    j->s.more = e == OK && importing == 0;
    return e;
}

enum err duplicate_job(const struct job *job, struct arena *a, void *arg, struct problem *p)
{
    struct app *app = arg;
    struct job_step j = {
        .s = {.merchant_id = job->merchant_id, .now_us = now_us()}, .job = job, .done = job->done};
    enum err e = db_read(app->db, count_rest, &j);
    j.total += j.done;
    for (j.s.more = true; e == OK && j.s.more;) {
        e = db_read(app->db, give_way, &j);
        if (e == OK && j.s.more) {
            e = db_write(app->db, step_of_job, &j);
            j.done += j.s.looked;
        }
    }
    if (e == OK || e == ERR_CANCELED || e == ERR_BUSY)
        return e;
    return problem_set(p, a, e, err_name(e), NULL, NULL);
}
