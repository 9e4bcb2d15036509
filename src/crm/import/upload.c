#include "upload.h"
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/id.h"
#include "import_sql.h"
#include "scan.h"

enum { DROP_BYTES = 32 << 20, DROP_LINES = 5000 };
static const int64_t STALE_US = US_PER_DAY;

/* --- reading back --- */

struct chunk_source {
    struct source source;
    struct app *app;
    int64_t merchant_id, import_id;
    int64_t position; /* of the chunk in `bytes`; -1: none */
    struct buf bytes;
};

static enum err fetch_chunk(struct db_tx *tx, void *arg)
{
    struct chunk_source *s = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &import_chunk_at, &rows, db_i(s->merchant_id), db_i(s->import_id),
                          db_i(s->position));
    if (e)
        return e;
    s->bytes.n = 0;
    if (!db_next(rows))
        return db_error(rows) ? ERR_IO : ERR_NOT_FOUND;
    struct str b = db_blob(rows, 0);
    buf_add(&s->bytes, b.p, b.n);
    return OK;
}

static enum err chunk_read(void *state, int64_t offset, char *p, size_t size, size_t *ret_n)
{
    struct chunk_source *s = state;
    size_t done = 0;
    while (done < size) {
        int64_t at = offset + (int64_t)done, position = at - at % CHUNK_BYTES;
        if (s->position != position) {
            s->position = position;
            enum err e = db_read(s->app->db, fetch_chunk, s);
            if (e) {
                s->position = -1;
                if (e != ERR_NOT_FOUND)
                    return ERR_IO;
                break; /* behind the last */
            }
        }
        size_t from = (size_t)(at - position), n = s->bytes.n > from ? s->bytes.n - from : 0;
        if (n == 0)
            break;
        n = n < size - done ? n : size - done;
        memcpy(p + done, s->bytes.p + from, n);
        done += n;
    }
    *ret_n = done;
    return OK;
}

struct chunk_source *chunk_source_new(struct app *app, int64_t merchant_id,
                                      const struct import *import)
{
    struct chunk_source *s = calloc(1, sizeof *s);
    check(s);
    *s = (struct chunk_source){
        .app = app, .merchant_id = merchant_id, .import_id = import->id, .position = -1};
    s->source = (struct source){chunk_read, s, import->file_bytes};
    buf_init(&s->bytes, CHUNK_BYTES);
    return s;
}

const struct source *chunk_source(struct chunk_source *s)
{
    return &s->source;
}

void chunk_source_free(struct chunk_source **s)
{
    if (!*s)
        return;
    buf_free(&(*s)->bytes);
    free(*s);
    *s = NULL;
}

/* --- dropping --- */

struct dropping {
    int64_t merchant_id, import_id, below;
    const struct db_statement *st;
    int64_t changed;
};

static enum err drop_fn(struct db_tx *tx, void *arg)
{
    struct dropping *d = arg;
    return db_exec(tx, d->st, &d->changed, db_i(d->merchant_id), db_i(d->import_id),
                   db_i(d->below));
}

static enum err drop_import_fn(struct db_tx *tx, void *arg)
{
    struct dropping *d = arg;
    return db_exec(tx, &import_delete, &d->changed, db_i(d->merchant_id), db_i(d->import_id));
}

static enum err drop_below(struct app *app, struct dropping *d, int64_t end, int64_t step)
{
    enum err e = OK;
    for (d->below = step; e == OK; d->below += step) {
        e = db_write(app->db, drop_fn, d);
        if (d->below >= end)
            break;
    }
    return e;
}

struct extent {
    int64_t merchant_id, import_id, bytes;
};

static enum err ask_extent(struct db_tx *tx, void *arg)
{
    struct extent *x = arg;
    return db_query_int(tx, &import_bytes, &x->bytes, db_i(x->merchant_id), db_i(x->import_id));
}

enum err import_chunks_drop(struct app *app, int64_t merchant_id, int64_t import_id)
{
    struct extent x = {merchant_id, import_id, 0};
    struct dropping d = {merchant_id, import_id, 0, &import_chunks_delete, 0};
    enum err e = db_read(app->db, ask_extent, &x);
    return e ? e : drop_below(app, &d, x.bytes + 1, DROP_BYTES);
}

enum err import_drop(struct app *app, int64_t merchant_id, int64_t import_id, int64_t last_line)
{
    struct dropping d = {merchant_id, import_id, 0, &import_rejections_delete, 0};
    enum err e = import_chunks_drop(app, merchant_id, import_id);
    if (e == OK)
        e = drop_below(app, &d, last_line + 1, 100 * DROP_LINES);
    return e == OK ? db_write(app->db, drop_import_fn, &d) : e;
}

/* --- taking in --- */

struct receiving {
    struct app *app;
    int64_t merchant_id;
    const struct import_opening *o;
    struct import *import;
    struct str mapping;
    int64_t position;
    struct str piece;
    int64_t stale[16];
    int nstale;
};

static enum err begin_fn(struct db_tx *tx, void *arg)
{
    struct receiving *r = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    r->nstale = 0;
    enum err e =
        db_query(tx, &import_stale, &rows, db_i(r->merchant_id), db_i(now_us() - STALE_US));
    while (e == OK && r->nstale < (int)ARRAY_LEN(r->stale) && db_next(rows))
        r->stale[r->nstale++] = db_int(rows, 0);
    if (e || (e = db_error(rows)))
        return e;
    const struct import *im = r->import;
    struct str hash = {(const char *)im->file_hash, sizeof im->file_hash};
    return db_exec(tx, &import_insert, NULL, db_i(r->merchant_id), db_i(im->id),
                   db_tc(import_kind_name(im->kind)), db_tc(im->file_name), db_i(0), db_b(hash),
                   db_t(STR("{}")), db_t(STR("receiving")), db_i_or_null(im->staff_id, 0),
                   db_t(STR("{}")), db_i(im->created_us));
}

static enum err chunk_fn(struct db_tx *tx, void *arg)
{
    struct receiving *r = arg;
    return db_exec(tx, &import_chunk_insert, NULL, db_i(r->merchant_id), db_i(r->import->id),
                   db_i(r->position), db_b(r->piece));
}

static enum err received_fn(struct db_tx *tx, void *arg)
{
    struct receiving *r = arg;
    const struct import *im = r->import;
    struct str hash = {(const char *)im->file_hash, sizeof im->file_hash};
    return db_exec(tx, &import_received, NULL, db_i(im->file_bytes), db_b(hash), db_t(r->mapping),
                   db_i(r->merchant_id), db_i(im->id));
}

/* Fills a whole chunk unless the body ends. */
static enum err read_chunk(upload_read read, void *arg, char *p, size_t *ret_n)
{
    size_t n = 0, got;
    do {
        enum err e = read(arg, p + n, CHUNK_BYTES - n, &got);
        if (e)
            return e;
        n += got;
    } while (got > 0 && n < CHUNK_BYTES);
    *ret_n = n;
    return OK;
}

static enum err receive_all(struct receiving *r, upload_read read, void *arg, struct scan *scan,
                            struct arena *a, struct problem *p)
{
    char *bytes = malloc(CHUNK_BYTES);
    check(bytes);
    enum err e;
    size_t n = 0;
    do {
        e = read_chunk(read, arg, bytes, &n);
        if (e || n == 0)
            break;
        scan_feed(scan, bytes, n);
        r->piece = (struct str){bytes, n};
        if (scan->bytes > IMPORT_FILE_MAX)
            e = problem_set(p, a, ERR_TOO_LARGE, "body_too_large", NULL, "max", "2 GB", NULL);
        else
            e = db_write(r->app->db, chunk_fn, r);
        r->position += (int64_t)n;
    } while (e == OK && n == CHUNK_BYTES);
    free(bytes);
    return e;
}

static enum err finish_receiving(struct receiving *r, struct scan *scan, struct arena *a,
                                 struct problem *p)
{
    struct reading scanned;
    struct detection d;
    struct import *im = r->import;
    reading_init(&scanned);
    enum err e = scan_finish(scan, im->file_hash, &scanned, a, p);
    if (e)
        return e;
    im->file_bytes = scan->bytes;
    cleanup(chunk_source_free) struct chunk_source *chunks =
        chunk_source_new(r->app, r->merchant_id, im);
    e = import_detect(r->app, r->merchant_id, chunk_source(chunks), &scanned, im->kind, r->o->wish,
                      a, &d, p);
    if (e)
        return e;
    im->reading = d.reading;
    im->columns = d.columns;
    r->mapping = import_mapping_text(a, &d, im->kind);
    return db_write(r->app->db, received_fn, r);
}

enum err import_receive(struct app *app, int64_t merchant_id, const struct import_opening *o,
                        upload_read read, void *arg, struct arena *a, struct import *ret,
                        struct problem *p)
{
    struct scan scan;
    *ret = (struct import){.id = id_new(),
                           .staff_id = o->staff_id,
                           .kind = o->kind,
                           .file_name = o->file_name,
                           .state = "uploaded",
                           .created_us = now_us(),
                           .line = 1};
    report_init(&ret->report);
    struct receiving r = {.app = app, .merchant_id = merchant_id, .o = o, .import = ret};
    scan_init(&scan);
    enum err e = db_write(app->db, begin_fn, &r);
    if (e)
        return e;
    for (int i = 0; i < r.nstale && e == OK; i++) /* uploads cut off by a crash */
        e = import_drop(app, merchant_id, r.stale[i], 0);
    if (e == OK)
        e = receive_all(&r, read, arg, &scan, a, p);
    if (e == OK)
        e = finish_receiving(&r, &scan, a, p);
    if (e) {
        enum err dropped = import_drop(app, merchant_id, ret->id, 0);
        return dropped == OK ? e : dropped;
    }
    return OK;
}
