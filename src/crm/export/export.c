/* Reading the customers: ordered scans side by side, one customer in memory at a time. */
#include "../../base/check.h"
#include "../customer/customer_view.h"
#include "export_internal.h"
#include <stdatomic.h>
#include <unistd.h>

const char *const export_format_names[] = {"csv", "xlsx", NULL};

enum { AT_ONCE = 2 }; /* of one process: each holds a thread and a connection */
static _Atomic int running;

struct exporting {
    const struct export_ask *ask;
    struct arena *arena; /* of the row */
    struct db_rows *rows[EXPORT_STREAMS];
    bool more[EXPORT_STREAMS];
    struct export_file *file;
    int64_t written;
};

static void close_streams(struct exporting *x)
{
    for (int s = 0; s < EXPORT_STREAMS; s++)
        db_done(&x->rows[s]);
}

/* The stream's next row of this customer, or NULL; rows of those passed over are skipped. */
static const struct db_rows *row_of(struct exporting *x, enum export_stream s, int64_t id)
{
    while (x->more[s] && db_int(x->rows[s], 0) < id)
        x->more[s] = db_next(x->rows[s]);
    return x->more[s] && db_int(x->rows[s], 0) == id ? x->rows[s] : NULL;
}

static void step(struct exporting *x, enum export_stream s)
{
    x->more[s] = db_next(x->rows[s]);
}

static void take_customer(const struct db_rows *r, struct export_row *to)
{
    struct str *const texts[] = {&to->external_id, &to->first_name, &to->last_name, &to->nickname,
                                 &to->gender};
    struct str *const places[] = {&to->language, &to->country, &to->city,   &to->address,
                                  &to->postcode, &to->store,   &to->source, &to->device};
    *to = (struct export_row){.id = db_int(r, 0),
                              .number = db_int(r, 1),
                              .birth_year = db_int(r, 7),
                              .birth_month = db_int(r, 8),
                              .birth_day = db_int(r, 9),
                              .anonymous = db_int(r, 18) != 0,
                              .blocked = db_int(r, 19) != 0,
                              .registered_day = (int32_t)db_int_or(r, 21, DAY_NONE),
                              .last_visit_day = DAY_NONE,
                              .last_purchase_day = DAY_NONE,
                              .email_suppressed = db_int(r, 25) != 0};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = db_text(r, 2 + (int)i);
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        *places[i] = db_text(r, 10 + (int)i);
    to->blocked_reason = to->blocked ? db_text(r, 20) : STR("");
    for (int i = 0; i < CHANNELS; i++)
        to->consent[i] = (uint8_t)db_int(r, 22 + i);
    to->facebook = db_text(r, 26);
    to->twitter = db_text(r, 27);
    to->google = db_text(r, 28);
    to->instagram = db_text(r, 29);
    to->website = db_text(r, 30);
    to->address_kind = db_text(r, 31);
}

static void take_facts(struct exporting *x, struct export_row *to)
{
    const struct db_rows *r = row_of(x, EXPORT_FACTS, to->id);
    if (!r)
        return;
    if (to->registered_day == DAY_NONE)
        to->registered_day = (int32_t)db_int_or(r, 1, DAY_NONE);
    to->last_visit_day = (int32_t)db_int_or(r, 2, DAY_NONE);
    to->last_purchase_day = (int32_t)db_int_or(r, 3, DAY_NONE);
    to->visits = db_int(r, 4);
    to->operations = db_int(r, 5);
    to->spent_minor = db_int(r, 6);
}

static void take_contacts(struct exporting *x, struct export_row *to)
{
    const struct db_rows *r;
    for (; (r = row_of(x, EXPORT_CONTACTS, to->id)); step(x, EXPORT_CONTACTS)) {
        bool email = str_eq(db_text(r, 1), STR("email"));
        int *n = email ? &to->nemails : &to->nphones;
        if (*n == CUSTOMER_CONTACTS_MAX)
            continue;
        (email ? to->email_labels : to->phone_labels)[*n] = db_text_in(r, 3, x->arena);
        (email ? to->emails : to->phones)[(*n)++] = db_text_in(r, 2, x->arena);
    }
}

/* A part of a list cell, the signs that would end it escaped. */
static void add_part(struct buf *b, struct str part, const char *ends)
{
    for (size_t i = 0; i < part.n; i++) {
        if (part.p[i] == '\\' || strchr(ends, part.p[i]))
            buf_addc(b, '\\');
        buf_addc(b, part.p[i]);
    }
}

static struct str take_names(struct exporting *x, enum export_stream s, int64_t id)
{
    struct buf b cleanup(buf_free);
    const struct db_rows *r;
    buf_init(&b, 1 << 20);
    for (; (r = row_of(x, s, id)); step(x, s)) {
        buf_adds(&b, b.n ? ", " : "");
        add_part(&b, db_text(r, 1), ",;|");
    }
    return arena_str(x->arena, buf_str(&b));
}

static struct str take_places(struct exporting *x, int64_t id)
{
    struct buf b cleanup(buf_free);
    const struct db_rows *r;
    buf_init(&b, 65536);
    for (; (r = row_of(x, EXPORT_PLACES, id)); step(x, EXPORT_PLACES)) {
        buf_adds(&b, b.n ? " | " : "");
        for (int i = 1; i <= 5; i++) {
            buf_adds(&b, i > 1 ? "; " : "");
            add_part(&b, db_text(r, i), ";|");
        }
    }
    return arena_str(x->arena, buf_str(&b));
}

static struct str take_dates(struct exporting *x, int64_t id)
{
    struct buf b cleanup(buf_free);
    const struct db_rows *r;
    buf_init(&b, 65536);
    for (; (r = row_of(x, EXPORT_DATES, id)); step(x, EXPORT_DATES)) {
        buf_adds(&b, b.n ? " | " : "");
        add_part(&b, db_text(r, 1), ";|");
        if (db_is_null(r, 4))
            buf_printf(&b, "; --%02d-%02d", (int)db_int(r, 2), (int)db_int(r, 3));
        else
            buf_printf(&b, "; %04d-%02d-%02d", (int)db_int(r, 4), (int)db_int(r, 2),
                       (int)db_int(r, 3));
    }
    return arena_str(x->arena, buf_str(&b));
}

/* The typology; of an earlier day also the figures as they stood at its end. */
static void take_hit(struct exporting *x, struct export_row *to)
{
    static const struct audience_viewer everybody;
    struct audience_hit hit;
    bool there = audience_get(x->ask->use->audience, &everybody, to->id, x->arena, &hit) == OK;
    to->type = there ? customer_type(&hit) : STR("");
    if (x->ask->as_of == DAY_NONE)
        return;
    if (!there) /* was not there yet */
        hit = (struct audience_hit){.last_visit_day = DAY_NONE, .last_purchase_day = DAY_NONE};
    to->visits = hit.visits;
    to->operations = hit.operations;
    to->spent_minor = hit.spent_minor;
    to->last_visit_day = hit.last_visit_day;
    to->last_purchase_day = hit.last_purchase_day;
}

static bool wanted(const struct export_ask *k, const struct export_row *r)
{
    if (!k->emails)
        return true;
    return r->nemails > 0 && !r->blocked &&
           (!k->consent_only ||
            (r->consent[CHANNEL_EMAIL] == CONSENT_GRANTED && !r->email_suppressed));
}

static enum err write_rows(struct exporting *x)
{
    size_t at = 0;
    enum err e = OK;
    for (; e == OK && at < x->ask->n && db_next(x->rows[EXPORT_CUSTOMERS]);) {
        struct export_row row;
        arena_reset(x->arena);
        take_customer(x->rows[EXPORT_CUSTOMERS], &row);
        while (at < x->ask->n && x->ask->ids[at] < row.id)
            at++;
        if (at == x->ask->n || x->ask->ids[at] != row.id)
            continue;
        take_facts(x, &row);
        take_contacts(x, &row);
        row.tags = take_names(x, EXPORT_TAGS, row.id);
        row.groups = take_names(x, EXPORT_GROUPS, row.id);
        if (!wanted(x->ask, &row))
            continue;
        row.addresses = take_places(x, row.id);
        row.dates = take_dates(x, row.id);
        if (!x->ask->emails)
            take_hit(x, &row);
        e = export_file_row(x->file, &row);
        x->written++;
    }
    for (int s = 0; e == OK && s < EXPORT_STREAMS; s++)
        e = db_error(x->rows[s]);
    return e;
}

static enum err read_and_write(struct db_tx *tx, void *arg)
{
    struct exporting *x = arg;
    const struct export_ask *k = x->ask;
    const struct db_value values[] = {db_i(k->merchant_id), db_i(k->n ? k->ids[0] : 0),
                                      db_i(k->n ? k->ids[k->n - 1] : 0)};
    int decimals = k->use->currency_decimals;
    x->written = 0;
    export_file_close(&x->file); /* the read is being repeated */
    enum err e = export_file_open(k, decimals, &x->file);
    for (int s = 0; s < EXPORT_STREAMS && e == OK; s++)
        e = db_scan_values(tx, &export_streams[s], &x->rows[s], values, ARRAY_LEN(values));
    for (int s = EXPORT_CUSTOMERS + 1; s < EXPORT_STREAMS && e == OK; s++)
        x->more[s] = db_next(x->rows[s]);
    if (e == OK)
        e = write_rows(x);
    close_streams(x);
    return e;
}

enum err export_run(struct app *app, const struct export_ask *ask, int *ret_fd, int64_t *ret_rows,
                    struct arena *a, struct problem *p)
{
    struct exporting x = {.ask = ask};
    if (ask->format == EXPORT_XLSX && ask->n > EXPORT_XLSX_ROWS)
        return problem_set(p, a, ERR_INVALID, "export_too_many", "format", "limit",
                           arena_printf(a, "%d", EXPORT_XLSX_ROWS), NULL);
    if (atomic_fetch_add(&running, 1) >= AT_ONCE) {
        atomic_fetch_sub(&running, 1);
        return problem_set(p, a, ERR_BUSY, "export_busy", NULL, NULL);
    }
    x.arena = arena_new();
    enum err e = db_read(app->db, read_and_write, &x);
    if (e == OK)
        e = export_file_end(x.file, ret_fd);
    export_file_close(&x.file);
    arena_free(&x.arena);
    atomic_fetch_sub(&running, 1);
    *ret_rows = x.written;
    return e;
}
