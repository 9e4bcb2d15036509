/* Running an import: batches read on one thread while the one before is committed on another. */
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>
#include "../../base/check.h"
#include "../../base/id.h"
#include "../../base/text.h"
#include "../../work/work.h"
#include "../audit/audit.h"
#include "../merchant/merchant.h"
#include "../staff/staff.h"
#include "batch.h"
#include "import_sql.h"
#include "upload.h"
#include "value.h"

enum {
    ROWS_FIRST = 250,
    ROWS_MAX = 4000, /* of a batch, while others wait for the writer */
    ROWS_MAX_BULK = 10000,
    TARGET_MS = 120, /* of a commit */
    TARGET_MS_BULK = 800,
    BATCH_BYTES_MAX = 8 << 20,
    RAW_KEPT_MAX = 16 << 10, /* bytes of a rejected row */
    BUSY_TRIES = 20,
    BUSY_WAIT_MS = 100,
};

struct runner {
    const struct import_run *how;
    const struct import *import;
    struct row_context context;
    struct audit_actor by;
    struct reader *reader;
    struct occurrences *occurrences;
    struct import_names *names;
    size_t rows;          /* of a batch */
    struct record record; /* the last one read */
    bool peeked;          /* it belongs to the next batch */
    bool skip_header;
    int64_t until; /* reads no record that begins there or behind */
    bool keep_cells;
};

static void runner_close(struct runner *r)
{
    reader_close(&r->reader);
    occurrences_free(&r->occurrences);
    import_names_free(&r->names);
    vocabulary_free(&r->context.words);
    zone_close(&r->context.zone);
}

/* Who started it, for what is written in their name. */
struct staff_asked {
    int64_t merchant_id;
    struct arena *arena;
    struct audit_actor *by;
};

static enum err ask_staff(struct db_tx *tx, void *arg)
{
    struct staff_asked *s = arg;
    struct staff staff;
    enum err e = staff_get(tx, s->merchant_id, s->by->staff_id, s->arena, &staff);
    if (e == OK)
        s->by->name = staff.name;
    return e == ERR_NOT_FOUND ? OK : e; /* removed since */
}

static enum err find_actor(struct runner *r, struct arena *a)
{
    int64_t staff_id = r->import->staff_id;
    r->by = (struct audit_actor){staff_id, staff_id ? "system" : "command line", NULL};
    struct staff_asked asked = {r->how->merchant_id, a, &r->by};
    return staff_id ? db_read(r->how->app->db, ask_staff, &asked) : OK;
}

struct merchant_asked {
    int64_t id;
    struct arena *arena;
    struct merchant merchant;
};

static enum err ask_merchant(struct db_tx *tx, void *arg)
{
    struct merchant_asked *m = arg;
    return merchant_get(tx, m->id, m->arena, &m->merchant);
}

enum err import_merchant(struct app *app, int64_t merchant_id, struct arena *a,
                         struct merchant *ret)
{
    struct merchant_asked asked = {merchant_id, a, {0}};
    enum err e = db_read(app->db, ask_merchant, &asked);
    *ret = asked.merchant;
    return e;
}

static enum err runner_open(struct runner *r, struct arena *a)
{
    struct merchant m;
    enum err e = import_merchant(r->how->app, r->how->merchant_id, a, &m);
    if (e || (e = find_actor(r, a)))
        return e;
    struct row_context *c = &r->context;
    *c = (struct row_context){.kind = r->import->kind,
                              .reading = &r->import->reading,
                              .country = m.country,
                              .currency = m.currency,
                              .currency_decimals = m.currency_decimals,
                              .cached_day = DAY_NONE};
    if ((e = zone_open(m.time_zone, &c->zone)))
        return e;
    c->today = merchant_today(r->how->app, &m);
    int32_t clock = zone_day(c->zone, now_us());
    c->latest_day = (c->today > clock ? c->today : clock) + 1;
    c->words = vocabulary_new();
    r->names = import_names_new(&r->by);
    return OK;
}

static void content_key(const struct row *row, uint8_t key[static 12])
{
    const struct row_sale *s = &row->sale;
    const struct row_customer *c = &row->customer;
    struct str texts[16];
    size_t n = 0;
    crypto_generichash_state h;
    int64_t numbers[] = {s->at_us, s->quantity_milli, s->price_micro, s->amount_minor};
    uint8_t hash[crypto_generichash_BYTES_MIN];
    texts[n++] = c->external_id;
    for (int i = 0; i < c->ncontacts && n < 10; i++)
        texts[n++] = c->contacts[i].match_key;
    texts[n++] = s->store;
    texts[n++] = s->product_code;
    texts[n++] = s->product;
    texts[n++] = s->category;
    texts[n++] = s->size;
    crypto_generichash_init(&h, NULL, 0, sizeof hash);
    crypto_generichash_update(&h, (const uint8_t *)numbers, sizeof numbers);
    for (size_t i = 0; i < n; i++) {
        uint32_t length = (uint32_t)texts[i].n;
        crypto_generichash_update(&h, (const uint8_t *)&length, sizeof length);
        crypto_generichash_update(&h, (const uint8_t *)texts[i].p, texts[i].n);
    }
    crypto_generichash_final(&h, hash, sizeof hash);
    memcpy(key, hash, 12);
}

/* Counts the line among those like it, when only that tells it apart. */
static enum err count_occurrence(struct runner *r, struct batch_row *row)
{
    uint8_t key[12];
    if (r->import->kind != IMPORT_TRANSACTIONS || row->row.nproblems > 0 || row->row.blank ||
        row->row.sale.invoice.n > 0)
        return OK;
    if (!r->occurrences) {
        enum err e = occurrences_new(&r->occurrences);
        if (e)
            return e;
    }
    content_key(&row->row, key);
    return occurrences_count(r->occurrences, key, &row->occurrence);
}

static struct batch_row *take_row(struct runner *r, struct batch *b, const struct record *rec)
{
    struct batch_row *row = arena_make(b->arena, struct batch_row);
    row_read(&r->context, rec, b->arena, &row->row);
    row->own_problems = row->row.nproblems;
    row->raw = arena_str(b->arena, rec->raw);
    if (r->keep_cells) {
        row->cells = arena_array(b->arena, struct str, (size_t)rec->nfields + 1);
        for (; row->ncells < rec->nfields; row->ncells++)
            row->cells[row->ncells] = arena_str(b->arena, rec->fields[row->ncells]);
    }
    return row;
}

/* Whether the record goes on with the invoice of the batch's last row. */
static bool same_invoice(const struct runner *r, const struct batch *b, const struct record *rec)
{
    int column = r->import->reading.column_of[F_INVOICE];
    if (b->n == 0 || r->import->kind != IMPORT_TRANSACTIONS || column < 0 || column >= rec->nfields)
        return false;
    const struct str *last = &b->rows[b->n - 1]->row.sale.invoice;
    return last->n > 0 && str_eq(*last, cell_trim(rec->fields[column]));
}

/* The next batch, cut where the invoice changes, so that a canceled import leaves none half read.
 */
static enum err fill(struct runner *r, struct batch *b, int64_t from, int64_t line)
{
    size_t bytes = 0;
    enum err e = OK;
    arena_reset(b->arena);
    b->cap = 2 * b->want;
    b->rows = arena_array(b->arena, struct batch_row *, b->cap);
    b->n = 0;
    b->from = b->to = from;
    b->next_line = line;
    b->last = false;
    while (b->n < b->cap && bytes < BATCH_BYTES_MAX) {
        struct record *rec = &r->record;
        if (!r->peeked && (e = reader_next(r->reader, rec)))
            break;
        r->peeked = rec->offset >= r->until || (b->n >= b->want && !same_invoice(r, b, rec));
        if (r->peeked)
            break;
        b->to = rec->end;
        b->next_line = rec->next_line;
        bytes += rec->raw.n + 64;
        if (r->skip_header) {
            r->skip_header = false;
            continue;
        }
        struct batch_row *row = take_row(r, b, rec);
        if ((e = count_occurrence(r, row)))
            return e;
        b->rows[b->n++] = row;
    }
    b->last = e == ERR_NOT_FOUND;
    return b->last ? OK : e;
}

/* Opens the reader where the import stands. What came before is read again only when occurrences
 * count. */
static enum err open_reader(struct runner *r, struct batch *scratch)
{
    const struct import *im = r->import;
    bool counts = im->kind == IMPORT_TRANSACTIONS && im->reading.column_of[F_INVOICE] < 0;
    int64_t offset = counts ? 0 : im->byte_offset;
    reader_close(&r->reader);
    occurrences_free(&r->occurrences);
    r->peeked = false;
    r->skip_header = offset == 0 && im->reading.header && im->reading.format == FORMAT_TABLE;
    enum err e =
        reader_open(r->how->source, &im->reading, offset, offset == 0 ? 1 : im->line, &r->reader);
    r->until = im->byte_offset;
    scratch->want = ROWS_MAX;
    while (e == OK && offset < im->byte_offset) {
        e = fill(r, scratch, offset, 1);
        if (e == OK && (scratch->last || scratch->to == offset) && scratch->to < im->byte_offset)
            return ERR_INTERNAL; /* not the file that was read before */
        offset = scratch->to;
    }
    r->until = INT64_MAX;
    return e;
}

/* --- committing --- */

struct commit {
    struct runner *runner;
    struct batch *batch;
    struct import_report report; /* after this batch */
    int64_t import_id, offset;   /* before it */
    bool dry;
};

/* Text that any engine stores: what is no UTF-8, and zeros, become U+FFFD. */
static struct str storable(struct arena *a, struct str s)
{
    if (s.n > RAW_KEPT_MAX)
        s.n = RAW_KEPT_MAX;
    if (utf8_valid(s) && !memchr(s.p, 0, s.n))
        return s;
    char *out = arena_alloc(a, 3 * s.n + 1);
    size_t n = 0;
    for (size_t i = 0, step; i < s.n; i += step) {
        step = 1;
        while (step < 4 && i + step < s.n && ((unsigned char)s.p[i + step] & 0xC0) == 0x80)
            step++;
        if (s.p[i] != 0 && utf8_valid((struct str){s.p + i, step})) {
            memcpy(out + n, s.p + i, step);
            n += step;
        } else {
            memcpy(out + n, "\xEF\xBF\xBD", 3);
            n += 3;
        }
    }
    return (struct str){out, n};
}

static enum err reject_row(struct applying *a, const struct batch_row *r)
{
    const struct row_problem *p = &r->row.problems[0];
    struct buf args;
    struct json j;
    buf_init(&args, 64 << 10);
    json_init(&j, &args);
    json_open(&j);
    if (p->name)
        json_kv_cstr(&j, p->name, p->value);
    json_close(&j);
    enum err e = db_exec(a->tx, &import_rejection_insert, NULL, db_i(a->merchant_id),
                         db_i(a->import_id), db_i(r->row.line), db_tc(p->code), db_tc(p->field),
                         db_t(buf_str(&args)), db_t(storable(a->arena, r->raw)));
    buf_free(&args);
    return e;
}

/* Counts the verdicts and keeps the rejected rows. */
static enum err settle(struct applying *a, const struct batch *b, bool keep)
{
    struct import_report *report = a->report;
    enum err e = OK;
    for (size_t i = 0; i < b->n && e == OK; i++) {
        const struct batch_row *r = b->rows[i];
        report->rows++;
        report->added += r->verdict == ROW_ADD;
        report->updated += r->verdict == ROW_UPDATE;
        report->skipped += r->verdict == ROW_SKIP;
        if (r->row.country_unknown && r->verdict != ROW_INVALID)
            report_reason(report, "import_country_unknown", import_field_name(F_COUNTRY));
        if (r->verdict != ROW_INVALID)
            continue;
        report_reason(report, r->row.problems[0].code, r->row.problems[0].field);
        if (keep && report->invalid < IMPORT_REJECTIONS_KEPT)
            e = reject_row(a, r);
        report->invalid++;
    }
    return e;
}

static enum err advance(struct applying *a, const struct commit *c)
{
    struct buf text;
    struct json j;
    int64_t changed = 0;
    buf_init(&text, 1 << 20);
    json_init(&j, &text);
    report_store(&j, &c->report);
    enum err e =
        db_exec(a->tx, &import_advance, &changed, db_i(c->batch->to), db_i(c->batch->next_line),
                db_t(buf_str(&text)), db_i(a->merchant_id), db_i(a->import_id), db_i(c->offset));
    buf_free(&text);
    if (e == OK && changed != 1)
        return ERR_STALE; /* another process went on with it */
    const struct import_run *how = c->runner->how;
    return e == OK && how->job
               ? job_progress(a->tx, how->job, c->batch->to, c->runner->import->file_bytes)
               : e;
}

static enum err apply_batch(struct db_tx *tx, struct commit *c)
{
    struct runner *r = c->runner;
    struct arena *arena = arena_new();
    struct applying a = {.tx = tx,
                         .merchant_id = r->how->merchant_id,
                         .import_id = c->import_id,
                         .staff_id = r->import->staff_id,
                         .now_us = now_us(),
                         .today = r->context.today,
                         .kind = r->import->kind,
                         .by = &r->by,
                         .names = r->names,
                         .report = &c->report,
                         .arena = arena,
                         .batch_arena = c->batch->arena};
    for (size_t i = 0; i < c->batch->n; i++)
        c->batch->rows[i]->row.nproblems = c->batch->rows[i]->own_problems;
    enum err e = a.kind == IMPORT_CUSTOMERS ? batch_apply_customers(&a, c->batch)
                                            : batch_apply_sales(&a, c->batch);
    if (e == OK)
        e = settle(&a, c->batch, !c->dry);
    if (e == OK && !c->dry)
        e = advance(&a, c);
    arena_free(&arena);
    return e;
}

static enum err commit_fn(struct db_tx *tx, void *arg)
{
    struct commit *c = arg;
    c->report = c->runner->import->report;
    import_names_begin(c->runner->names);
    return apply_batch(tx, c);
}

static void wait_ms(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static enum err commit_batch(struct runner *r, struct import *im, struct batch *b)
{
    struct commit c = {.runner = r, .batch = b, .import_id = im->id, .offset = im->byte_offset};
    int64_t began = monotonic_us();
    enum err e = db_write(r->how->app->db, commit_fn, &c);
    for (int i = 0; e == ERR_BUSY && i < BUSY_TRIES; i++) {
        wait_ms(BUSY_WAIT_MS);
        e = db_write(r->how->app->db, commit_fn, &c);
    }
    if (e)
        return e;
    import_names_commit(r->names);
    im->report = c.report;
    im->byte_offset = b->to;
    im->line = b->next_line;
    int64_t ms = (monotonic_us() - began) / 1000,
            target = r->how->bulk ? TARGET_MS_BULK : TARGET_MS;
    size_t most = r->how->bulk ? ROWS_MAX_BULK : ROWS_MAX;
    if (ms > target && r->rows > ROWS_FIRST)
        r->rows /= 2;
    else if (ms * 2 < target && r->rows < most)
        r->rows = r->rows * 2 < most ? r->rows * 2 : most;
    return OK;
}

/* --- the loop --- */

struct filling {
    struct runner *runner;
    struct batch *batch;
    int64_t from, line;
    enum err err;
};

static void *fill_thread(void *arg)
{
    struct filling *f = arg;
    f->err = fill(f->runner, f->batch, f->from, f->line);
    return NULL;
}

static bool go_on(const struct runner *r, const struct import *im)
{
    struct import_progress p = {im->byte_offset, im->file_bytes, &im->report};
    return !r->how->progress || r->how->progress(r->how->progress_arg, &p);
}

static enum err run_batches(struct runner *r, struct import *im, struct batch batches[2])
{
    enum err e = open_reader(r, &batches[0]);
    batches[0].want = r->rows;
    if (e == OK)
        e = fill(r, &batches[0], im->byte_offset, im->line);
    for (int i = 0; e == OK; i = !i) {
        struct batch *now = &batches[i];
        struct filling next = {r, &batches[!i], now->to, now->next_line, OK};
        pthread_t thread;
        next.batch->want = r->rows;
        bool beside = !now->last && pthread_create(&thread, NULL, fill_thread, &next) == 0;
        e = now->n > 0 || !now->last ? commit_batch(r, im, now) : OK;
        if (beside)
            pthread_join(thread, NULL);
        else if (!now->last)
            fill_thread(&next);
        if (e == OK && !go_on(r, im))
            return ERR_CANCELED;
        if (now->last || e)
            break;
        e = next.err;
    }
    return e;
}

static enum err run(struct runner *r, struct import *im, struct arena *a)
{
    struct batch batches[2] = {{.arena = arena_new()}, {.arena = arena_new()}};
    enum err e = runner_open(r, a);
    if (e == OK)
        e = run_batches(r, im, batches);
    arena_free(&batches[0].arena);
    arena_free(&batches[1].arena);
    runner_close(r);
    return e;
}

/* --- the end --- */

struct ending {
    const struct import_run *how;
    const struct import *import;
    const char *state;
    const char *action; /* for the audit; NULL: none */
};

static enum err end_fn(struct db_tx *tx, void *arg)
{
    const struct ending *end = arg;
    const struct import *im = end->import;
    struct audit_actor actor = {.name = im->staff_id ? "system" : "command line"};
    bool over = strcmp(end->state, "running") != 0;
    enum err e =
        db_exec(tx, &import_set_state, NULL, db_tc(end->state),
                db_i_or_null(over ? now_us() : 0, 0), db_i(end->how->merchant_id), db_i(im->id));
    if (e || !end->action)
        return e;
    struct buf detail;
    struct json j;
    buf_init(&detail, 4096);
    json_init(&j, &detail);
    json_open(&j);
    json_kv_cstr(&j, "file", im->file_name);
    json_kv_int(&j, "rows", im->report.rows);
    json_kv_int(&j, "added", im->report.added);
    json_kv_int(&j, "updated", im->report.updated);
    json_kv_int(&j, "skipped", im->report.skipped);
    json_kv_int(&j, "invalid", im->report.invalid);
    json_close(&j);
    e = audit_write(tx, end->how->merchant_id, &actor, end->action, "import", im->id,
                    buf_cstr(&detail));
    buf_free(&detail);
    return e;
}

static enum err end(const struct import_run *how, struct import *im, const char *state,
                    const char *action)
{
    struct ending e = {how, im, state, action};
    enum err err = db_write(how->app->db, end_fn, &e);
    if (err == OK)
        im->state = state;
    return err;
}

enum err import_run(const struct import_run *how, struct import *import, struct arena *a,
                    struct problem *p)
{
    const char *missing[4];
    struct runner r = {.how = how, .import = import, .rows = ROWS_FIRST, .until = INT64_MAX};
    if (detect_missing(&import->reading, import->kind, missing, 4) > 0)
        return problem_set(p, a, ERR_INVALID, "import_missing_field", missing[0], NULL);
    enum err e = run(&r, import, a);
    if (e == OK) {
        e = end(how, import, "done", "import.finish");
        return e == OK ? import_chunks_drop(how->app, how->merchant_id, import->id) : e;
    }
    if (e == ERR_STALE)
        return problem_set(p, a, ERR_CONFLICT, "import_taken", NULL, NULL);
    if (e == ERR_CANCELED && how->job)
        return e; /* canceled by a person, or only put off: import_job() knows */
    enum err noted = end(how, import, e == ERR_CANCELED ? "canceled" : "failed", NULL);
    return e ? e : noted;
}

/* --- dry run --- */

struct dry {
    struct runner *runner;
    struct arena *arena;
    int64_t max_rows;
    int show;
    struct import_preview *preview;
    struct import_report report;
    enum err done; /* OK when all was read: the transaction itself always fails */
};

static void show_rows(struct dry *d, const struct batch *b)
{
    struct import_preview *p = d->preview;
    for (size_t i = 0; i < b->n && p->nrows < d->show; i++) {
        const struct batch_row *r = b->rows[i];
        struct import_preview_row *to = &p->rows[p->nrows++];
        *to = (struct import_preview_row){.line = r->row.line, .verdict = r->verdict};
        to->cells = arena_array(d->arena, struct str, (size_t)r->ncells + 1);
        for (to->ncells = 0; to->ncells < r->ncells; to->ncells++)
            to->cells[to->ncells] = arena_str(d->arena, r->cells[to->ncells]);
        struct row_problem *problems = arena_array(d->arena, struct row_problem, ROW_PROBLEMS_MAX);
        for (int k = 0; k < r->row.nproblems; k++) {
            problems[k] = r->row.problems[k];
            if (problems[k].value)
                problems[k].value = arena_cstr(d->arena, str_c(problems[k].value));
        }
        to->problems = problems;
        to->nproblems = r->row.nproblems;
    }
}

static enum err dry_batches(struct db_tx *tx, struct dry *d, struct batch *b)
{
    struct runner *r = d->runner;
    struct import pretended = *r->import;
    pretended.byte_offset = 0;
    pretended.line = 1;
    report_init(&pretended.report);
    const struct import *was = r->import;
    r->import = &pretended;
    enum err e = open_reader(r, b);
    struct commit c = {.runner = r, .batch = b, .import_id = id_new(), .dry = true};
    c.report = pretended.report;
    import_names_begin(r->names);
    for (b->last = false; e == OK && !b->last && c.report.rows < d->max_rows;) {
        int64_t rest = d->max_rows - c.report.rows;
        b->want = rest < ROWS_MAX ? (size_t)rest : ROWS_MAX;
        r->keep_cells = d->preview->nrows < d->show;
        e = fill(r, b, b->to, b->next_line);
        if (e == OK && b->n > 0)
            e = apply_batch(tx, &c);
        if (e == OK)
            show_rows(d, b);
    }
    d->report = c.report;
    r->import = was;
    return e;
}

static enum err dry_fn(struct db_tx *tx, void *arg)
{
    struct dry *d = arg;
    struct batch b = {.arena = arena_new()};
    d->preview->nrows = 0;
    d->done = dry_batches(tx, d, &b);
    d->preview->whole = b.last;
    arena_free(&b.arena);
    return d->done == OK ? ERR_CANCELED : d->done; /* takes everything back */
}

enum err import_dry_run(const struct import_run *how, const struct import *import, int64_t max_rows,
                        int show, struct arena *a, struct import_preview *ret, struct problem *p)
{
    const char *missing[4];
    if (detect_missing(&import->reading, import->kind, missing, 4) > 0)
        return problem_set(p, a, ERR_INVALID, "import_missing_field", missing[0], NULL);
    struct runner r = {.how = how, .import = import, .until = INT64_MAX};
    *ret = (struct import_preview){.rows =
                                       arena_array(a, struct import_preview_row, (size_t)show + 1)};
    struct dry d = {.runner = &r, .arena = a, .show = show, .preview = ret};
    d.max_rows = max_rows > 0 ? max_rows : INT64_MAX;
    enum err e = runner_open(&r, a);
    if (e == OK) {
        e = db_write(how->app->db, dry_fn, &d);
        e = e == ERR_CANCELED && d.done == OK ? OK : e;
    }
    ret->report = d.report;
    runner_close(&r);
    return e;
}

enum err import_job(const struct job *job, struct arena *a, void *app, struct problem *p)
{
    struct import_asked asked = {job->merchant_id, job->subject_id, a, {0}};
    cleanup(chunk_source_free) struct chunk_source *chunks = NULL;
    struct import_run how = {.app = app, .merchant_id = job->merchant_id, .job = job};
    enum err e = db_read(how.app->db, import_ask, &asked);
    if (e)
        return e == ERR_NOT_FOUND ? problem_set(p, a, e, "import_gone", NULL, NULL) : e;
    if (strcmp(asked.import.state, "done") == 0)
        return OK; /* ended just before the crash */
    chunks = chunk_source_new(how.app, job->merchant_id, &asked.import);
    how.source = chunk_source(chunks);
    e = import_run(&how, &asked.import, a, p);
    if (e == ERR_CANCELED) {
        enum err noted = end(&how, &asked.import, "canceled", NULL);
        return noted ? noted : e;
    }
    return e;
}
