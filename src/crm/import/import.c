#include "import.h"
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/id.h"
#include "import_sql.h"
#include "scan.h"
#include "upload.h"

struct str import_mapping_text(struct arena *a, const struct detection *d, enum import_kind kind)
{
    struct buf text;
    struct json j;
    buf_init(&text, 4 << 20);
    json_init(&j, &text);
    json_open(&j);
    json_key(&j, "reading");
    reading_store(&j, &d->reading, kind);
    json_key(&j, "columns");
    json_list(&j);
    for (int i = 0; i < d->reading.columns; i++) {
        const struct column *c = &d->columns[i];
        json_open(&j);
        json_kv_text(&j, "heading", c->heading);
        json_key(&j, "samples");
        json_list(&j);
        for (int k = 0; k < c->nsamples; k++)
            json_text(&j, c->samples[k]);
        json_end(&j);
        json_close(&j);
    }
    json_end(&j);
    json_close(&j);
    check(!text.failed);
    struct str s = arena_str(a, buf_str(&text));
    buf_free(&text);
    return s;
}

static struct str text_in(struct arena *a, json_t *v)
{
    return arena_str(a, (struct str){json_string_value(v), json_string_length(v)});
}

static void load_columns(json_t *list, struct arena *a, struct import *im)
{
    struct column *columns = arena_array(a, struct column, (size_t)im->reading.columns + 1);
    for (int i = 0; i < im->reading.columns; i++) {
        json_t *item = json_array_get(list, (size_t)i), *samples = json_object_get(item, "samples");
        json_t *heading = json_object_get(item, "heading");
        columns[i].heading = json_is_string(heading) ? text_in(a, heading) : STR("");
        for (size_t k = 0; k < json_array_size(samples) && k < SAMPLES_SHOWN; k++)
            if (json_is_string(json_array_get(samples, k)))
                columns[i].samples[columns[i].nsamples++] = text_in(a, json_array_get(samples, k));
    }
    im->columns = columns;
}

static enum err load_mapping(struct str text, struct arena *a, struct import *im)
{
    json_t *root = json_loadb(text.p, text.n, 0, NULL);
    enum err e = reading_load(json_object_get(root, "reading"), im->kind, &im->reading);
    if (e == OK)
        load_columns(json_object_get(root, "columns"), a, im);
    json_decref(root);
    return e;
}

enum err import_of_row(const struct db_rows *r, struct arena *a, struct import *ret)
{
    *ret = (struct import){.id = db_int(r, 0),
                           .file_bytes = db_int(r, 3),
                           .staff_id = db_int(r, 7),
                           .byte_offset = db_int(r, 8),
                           .created_us = db_int(r, 11),
                           .finished_us = db_int(r, 12)};
    ret->kind = str_eq(db_text(r, 1), STR("customers")) ? IMPORT_CUSTOMERS : IMPORT_TRANSACTIONS;
    ret->file_name = arena_cstr(a, db_text(r, 2));
    ret->state = arena_cstr(a, db_text(r, 6));
    ret->line = db_int(r, 9) > 0 ? db_int(r, 9) : 1;
    struct str hash = db_blob(r, 4);
    if (hash.n != sizeof ret->file_hash)
        return ERR_INTERNAL;
    memcpy(ret->file_hash, hash.p, hash.n);
    enum err e = load_mapping(db_text(r, 5), a, ret);
    if (e)
        return e;
    if (ret->byte_offset == 0 && str_eq(db_text(r, 10), STR("{}"))) {
        report_init(&ret->report);
        return OK;
    }
    return report_load(db_text(r, 10), a, &ret->report);
}

enum err import_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                    struct import *ret)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_query(tx, &import_by_id, &rows, db_i(merchant_id), db_i(id));
    if (e)
        return e;
    if (!db_next(rows))
        return db_error(rows) ? ERR_IO : ERR_NOT_FOUND;
    if (str_eq(db_text(rows, 6), STR("receiving")))
        return ERR_NOT_FOUND;
    return import_of_row(rows, a, ret);
}

enum err import_ask(struct db_tx *tx, void *asked)
{
    struct import_asked *i = asked;
    return import_get(tx, i->merchant_id, i->id, i->arena, &i->import);
}

enum err import_detect(struct app *app, int64_t merchant_id, const struct source *source,
                       const struct reading *scanned, enum import_kind kind,
                       const struct reading_wish *wish, struct arena *a, struct detection *ret,
                       struct problem *p)
{
    struct merchant m;
    enum err e = import_merchant(app, merchant_id, a, &m);
    if (e)
        return e;
    struct detect_for what = {kind, m.country, day_to_civil(merchant_today(app, &m)).year + 1};
    return detect(source, scanned, &what, wish, a, ret, p);
}

static enum err scan_source(const struct source *source, struct scan *scan)
{
    char *bytes = malloc(CHUNK_BYTES);
    check(bytes);
    size_t n = 0;
    enum err e = OK;
    scan_init(scan);
    do {
        e = source->read(source->state, scan->bytes, bytes, CHUNK_BYTES, &n);
        if (e == OK && n > 0)
            scan_feed(scan, bytes, n);
    } while (e == OK && n > 0);
    free(bytes);
    return e;
}

struct opening {
    int64_t merchant_id;
    struct arena *arena;
    struct import *import;
    struct str mapping;
    bool again;
};

/* The unfinished import of the same file, or a new one. */
static enum err open_fn(struct db_tx *tx, void *arg)
{
    struct opening *o = arg;
    struct import *im = o->import;
    struct str hash = {(const char *)im->file_hash, sizeof im->file_hash};
    struct db_value kind = db_tc(import_kind_name(im->kind));
    int64_t id;
    o->again = false;
    enum err e = db_query_int(tx, &import_unfinished, &id, db_i(o->merchant_id), kind, db_b(hash),
                              db_t(o->mapping));
    if (e == OK) {
        o->again = true;
        return import_get(tx, o->merchant_id, id, o->arena, im);
    }
    if (e != ERR_NOT_FOUND)
        return e;
    return db_exec(tx, &import_insert, NULL, db_i(o->merchant_id), db_i(im->id), kind,
                   db_tc(im->file_name), db_i(im->file_bytes), db_b(hash), db_t(o->mapping),
                   db_t(STR("running")), db_i_or_null(im->staff_id, 0), db_t(STR("{}")),
                   db_i(im->created_us));
}

enum err import_open(struct app *app, int64_t merchant_id, const struct source *source,
                     const struct import_opening *o, struct arena *a, struct import *ret,
                     bool *ret_again, struct problem *p)
{
    struct scan scan;
    struct reading scanned;
    struct detection d;
    struct import im = {.staff_id = o->staff_id,
                        .kind = o->kind,
                        .file_name = o->file_name,
                        .file_bytes = source->bytes,
                        .state = "running",
                        .created_us = now_us(),
                        .line = 1};
    report_init(&im.report);
    reading_init(&scanned);
    enum err e = scan_source(source, &scan);
    if (e == OK)
        e = scan_finish(&scan, im.file_hash, &scanned, a, p);
    if (e == OK)
        e = import_detect(app, merchant_id, source, &scanned, o->kind, o->wish, a, &d, p);
    if (e)
        return e;
    im.reading = d.reading;
    im.columns = d.columns;
    *ret_again = false;
    if (!o->dry) {
        struct opening opening = {merchant_id, a, &im, import_mapping_text(a, &d, o->kind), false};
        im.id = id_new();
        if ((e = db_write(app->db, open_fn, &opening)))
            return e;
        *ret_again = opening.again;
    }
    *ret = im;
    return OK;
}
