#include "../../base/check.h"
#include "../../base/varint.h"
#include "audiences_pipe.h"
#include "audiences_sql.h"
#include "customer_sql.h"

static void take_code(char ret[static 4], struct str s)
{
    size_t n = s.n < 3 ? s.n : 3;
    memset(ret, 0, 4);
    memcpy(ret, s.p, n);
}

void audience_take_customer(const struct db_rows *r, struct audience_row *row)
{
    const struct db_value *v = db_values(r);

    row->id = db_value_int(&v[0], 0);
    row->number = db_value_int(&v[1], 0);
    row->external_id = db_value_text(&v[2]);
    row->first_name = db_value_text(&v[3]);
    row->last_name = db_value_text(&v[4]);
    row->nickname = db_value_text(&v[5]);
    row->gender = (uint8_t)name_index(gender_names, 4, db_value_text(&v[6]));
    row->birth_year = (int32_t)db_value_int(&v[7], 0);
    row->birth_month = (int32_t)db_value_int(&v[8], 0);
    row->birth_day = (int32_t)db_value_int(&v[9], 0);
    take_code(row->language, db_value_text(&v[10]));
    take_code(row->country, db_value_text(&v[11]));
    row->city = db_value_text(&v[12]);
    row->has_address = db_value_int(&v[13], 0) != 0;
    row->home_store = db_value_int(&v[14], 0);
    row->source = db_value_int(&v[15], 0);
    row->device = (uint8_t)name_index(device_names, 5, db_value_text(&v[16]));
    row->has_photo = v[17].type != 'n';
    row->anonymous = db_value_int(&v[18], 0) != 0;
    row->blocked = db_value_int(&v[19], 0) != 0;
    row->registered_day = (int32_t)db_value_int(&v[20], DAY_NONE);
    for (int i = 0; i < CHANNELS; i++)
        row->consent[i] = (uint8_t)db_value_int(&v[21 + i], 0);
}

static enum err take_list(struct arena *a, const struct db_value *packed, const int64_t **ret,
                          size_t *ret_n)
{
    int64_t *list = NULL;

    if (packed->type == 'n' || packed->s.n == 0)
        return OK;
    enum err err = varint_unpack(a, packed->s, &list, ret_n);
    *ret = list;
    return err;
}

/* Columns of the facts from `at` on; the texts stay the row's of the base. ERR_INVALID: a list is
 * none. */
static enum err take_facts(const struct db_rows *r, int at, struct arena *a,
                           struct audience_row *row)
{
    static const enum word_kind kinds[] = {WORD_TAG, WORD_STORE, WORD_CATEGORY, WORD_SIZE};
    const struct db_value *v = db_values(r) + at;

    if (row->registered_day == DAY_NONE)
        row->registered_day = (int32_t)db_value_int(&v[1], DAY_NONE);
    row->last_visit_day = (int32_t)db_value_int(&v[2], DAY_NONE);
    row->last_purchase_day = (int32_t)db_value_int(&v[3], DAY_NONE);
    row->first_purchase_day = (int32_t)db_value_int(&v[4], DAY_NONE);
    row->visits = db_value_int(&v[5], 0);
    row->operations = db_value_int(&v[6], 0);
    row->purchase_days = db_value_int(&v[7], 0);
    row->spent_minor = db_value_int(&v[8], 0);
    enum err err = take_list(a, &v[9], &row->visit_days, &row->nvisit_days);
    for (size_t i = 0; err == OK && i < ARRAY_LEN(kinds); i++)
        err = take_list(a, &v[10 + i], &row->words[kinds[i]], &row->nwords[kinds[i]]);
    row->phone = db_value_text(&v[14]);
    row->email = db_value_text(&v[15]);
    row->contact_text = db_value_text(&v[16]);
    for (int t = 0; t < ACTIVITY_TALLIES; t++)
        row->tallies[t] = db_value_int(&v[17 + t], 0);
    return err;
}

void audience_row_clear(struct audience_row *row)
{
    memset(row, 0, sizeof *row);
    row->registered_day = row->last_visit_day = DAY_NONE;
    row->last_purchase_day = row->first_purchase_day = DAY_NONE;
}

/* Copies texts one behind the other. */
static void keep(struct arena *a, struct str *const *texts, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += texts[i]->n;
    char *p = arena_room(a, bytes, 1);
    for (size_t i = 0; i < n; i++) {
        if (texts[i]->n > 0)
            memcpy(p, texts[i]->p, texts[i]->n);
        texts[i]->p = p;
        p += texts[i]->n;
    }
}

void audience_keep_names(struct arena *a, struct audience_row *row)
{
    struct str *const texts[] = {&row->external_id, &row->first_name, &row->last_name,
                                 &row->nickname, &row->city};
    keep(a, texts, ARRAY_LEN(texts));
}

void audience_keep_contacts(struct arena *a, struct audience_row *row)
{
    struct str *const texts[] = {&row->phone, &row->email, &row->contact_text};
    keep(a, texts, ARRAY_LEN(texts));
}

/* ---- everybody ---- */

/* What stands beside the customers, in the same order. */
struct beside {
    struct db_rows *facts;
    bool more; /* it stands at a row */
    struct audience_streams streams;
};

static enum err beside_open(struct db_tx *tx, int64_t merchant_id, int32_t day, struct beside *ret)
{
    const struct db_value merchant = db_i(merchant_id);

    enum err err = db_scan_values(tx, &audiences_facts, &ret->facts, &merchant, 1);
    if (err == OK)
        err = audience_streams_all(tx, merchant_id, day, &ret->streams);
    if (err == OK)
        ret->more = db_next(ret->facts);
    return err;
}

static void beside_close(struct beside *b)
{
    db_done(&b->facts);
    audience_streams_close(&b->streams);
}

/* Completes the row of the next customer. */
static enum err beside_take(struct beside *b, struct arena *a, struct audience_row *row)
{
    enum err err = OK;

    while (b->more && db_int(b->facts, 0) < row->id)
        b->more = db_next(b->facts);
    if (b->more && db_int(b->facts, 0) == row->id)
        err = take_facts(b->facts, 0, a, row);
    audience_keep_contacts(a, row);
    audience_streams_take(&b->streams, a, row);
    return err;
}

static enum err beside_error(struct beside *b)
{
    enum err err = audience_streams_error(&b->streams);

    return err == OK ? db_error(b->facts) : err;
}

/* A load and its helper, which reads by a connection of its own. */
struct load {
    struct db *db;
    int64_t merchant_id, seq; /* seq: where the change feed ends for the load */
    int32_t day;
    struct row_pipe *pipe;
};

static enum err complete_all(struct db_tx *tx, void *arg)
{
    cleanup(beside_close) struct beside beside = {0};
    struct load *l = arg;
    struct row_batch *b;
    int64_t seq;

    enum err err = db_query_int(tx, &audiences_seq, &seq, db_i(l->merchant_id));
    if (err == OK && seq != l->seq) /* somebody wrote meanwhile: it would read another state */
        err = ERR_BUSY;
    if (err == OK)
        err = beside_open(tx, l->merchant_id, l->day, &beside);
    while (err == OK && (b = row_pipe_take(l->pipe)))
        for (size_t i = 0; err == OK && i < b->n; i++)
            err = beside_take(&beside, b->arena, &b->rows[i]);
    return err == OK ? beside_error(&beside) : err;
}

static enum err help(struct row_pipe *pipe, void *arg)
{
    struct load *l = arg;

    l->pipe = pipe;
    return db_read_beside(l->db, complete_all, l);
}

/* `beside`: NULL when the helper does that. */
static enum err read_customers(struct db_rows *customers, struct beside *beside,
                               struct row_pipe *pipe)
{
    enum err err = OK;
    bool room = true;

    while (room && err == OK && db_next(customers)) {
        struct arena *a = row_pipe_arena(pipe);
        struct audience_row *row = row_pipe_row(pipe);
        audience_row_clear(row);
        audience_take_customer(customers, row);
        audience_keep_names(a, row);
        if (beside)
            err = beside_take(beside, a, row);
        room = row_pipe_put(pipe);
    }
    if (err == OK && beside)
        err = beside_error(beside);
    return err == OK ? db_error(customers) : err;
}

static enum err read_alone(struct db_tx *tx, const struct load *l, struct db_rows *customers,
                           struct row_pipe *pipe)
{
    cleanup(beside_close) struct beside beside = {0};
    enum err err = beside_open(tx, l->merchant_id, l->day, &beside);

    return err == OK ? read_customers(customers, &beside, pipe) : err;
}

/* The tables are read in the order of their keys and joined as by a zip: twice as fast as a join.
 */
enum err audience_read_all(struct db_tx *tx, int64_t merchant_id, struct audience *audience)
{
    cleanup(db_done) struct db_rows *customers = NULL;
    const struct db_value merchant = db_i(merchant_id);
    struct load l = {.db = db_of(tx), .merchant_id = merchant_id, .day = audience_today(audience)};
    struct row_pipe *pipe;

    enum err err = db_query_int(tx, &audiences_seq, &l.seq, merchant);
    if (err == OK)
        err = db_scan_values(tx, &audiences_customers, &customers, &merchant, 1);
    if (err == OK)
        err = row_pipe_start(audience, &pipe);
    if (err != OK)
        return err;
    err = row_pipe_help(pipe, help, &l) ? read_customers(customers, NULL, pipe)
                                        : read_alone(tx, &l, customers, pipe);
    enum err put = row_pipe_end(&pipe);
    return err == OK ? put : err;
}

static enum err read_chunk(struct db_tx *tx, int64_t merchant_id, int32_t day, const int64_t *ids,
                           size_t n, struct arena *scratch, struct audience *audience)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    cleanup(audience_streams_close) struct audience_streams streams = {0};
    bool found[BATCH_KEYS] = {false};
    enum err err = batch_query_ids(tx, &audiences_touched, &rows, merchant_id, ids, n);
    if (err == OK)
        err = audience_streams_of(tx, merchant_id, day, ids, n, &streams);

    while (err == OK && db_next(rows)) {
        struct audience_row row;
        audience_row_clear(&row);
        audience_take_customer(rows, &row);
        err = take_facts(rows, CUSTOMER_WIDTH, scratch, &row);
        audience_streams_take(&streams, scratch, &row);
        if (err == OK)
            err = audience_put(audience, &row);
        for (size_t i = 0; i < n; i++)
            found[i] |= ids[i] == row.id;
    }
    if (err == OK)
        err = db_error(rows);
    if (err == OK)
        err = audience_streams_error(&streams);
    for (size_t i = 0; err == OK && i < n; i++)
        if (!found[i])
            audience_remove(audience, ids[i]);
    return err;
}

enum err audience_read_some(struct db_tx *tx, int64_t merchant_id, int32_t day,
                            const struct int_list *customer_ids, struct audience *audience)
{
    cleanup(arena_free) struct arena *scratch = arena_new();

    for (size_t from = 0; from < customer_ids->n; from += BATCH_KEYS) {
        enum err err = read_chunk(tx, merchant_id, day, customer_ids->v + from,
                                  batch_size(customer_ids->n, from), scratch, audience);
        if (err != OK)
            return err;
        arena_reset(scratch);
    }
    return OK;
}

enum err audience_read_over(struct db_tx *tx, int64_t merchant_id, int32_t one, int32_t other,
                            struct int_list *customer_ids)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, &audiences_certificates_over, &rows, db_i(merchant_id),
                            db_i(one < other ? one : other), db_i(one < other ? other : one));

    if (err != OK)
        return err;
    while (db_next(rows))
        int_list_add(db_arena(tx), customer_ids, db_int(rows, 0));
    int_list_sort(customer_ids);
    return db_error(rows);
}

enum err audience_read_favourites(struct db_tx *tx, int64_t merchant_id, struct audience *audience)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, &audiences_favourites, &rows, db_i(merchant_id));

    if (err != OK)
        return err;
    while (db_next(rows))
        audience_set_favourite(audience, db_int(rows, 0), db_int(rows, 1), true);
    return db_error(rows);
}

enum err audience_read_favourite(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                 struct audience *audience)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err err = db_query(tx, &audiences_favourite, &rows, db_i(customer_id), db_i(merchant_id));

    if (err != OK)
        return err;
    while (db_next(rows))
        audience_set_favourite(audience, db_int(rows, 0), customer_id, db_int(rows, 1) != 0);
    return db_error(rows);
}

/* ---- names and settings ---- */

static void add_name(struct audience_names *names, enum word_kind kind, size_t *room, int64_t id,
                     struct str name)
{
    if (names->nwords[kind] == *room) {
        size_t grown = *room ? *room * 2 : 64;
        struct audience_name *v = arena_array(names->arena, struct audience_name, grown);
        if (*room)
            memcpy(v, names->words[kind], *room * sizeof *v);
        names->words[kind] = v;
        *room = grown;
    }
    names->words[kind][names->nwords[kind]++] =
        (struct audience_name){id, arena_str(names->arena, name)};
}

static enum err read_words(struct db_tx *tx, int64_t merchant_id, struct audience_names *names)
{
    static const char *const kind_names[] = {"", "source", "tag", "category", "size"};
    cleanup(db_done) struct db_rows *words = NULL;
    size_t room[WORD_KINDS] = {0};
    enum err err = db_query(tx, &audiences_words, &words, db_i(merchant_id));

    if (err != OK)
        return err;
    while (db_next(words)) {
        int kind = name_index(kind_names, (int)ARRAY_LEN(kind_names), db_text(words, 0));
        if (kind > 0)
            add_name(names, (enum word_kind)kind, &room[kind], db_int(words, 1), db_text(words, 2));
    }
    return db_error(words);
}

/* What has a table of its own, by id. */
static enum err read_named(struct db_tx *tx, int64_t merchant_id, const struct db_statement *st,
                           enum word_kind kind, struct audience_names *names)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    size_t room = 0;
    enum err err = db_query(tx, st, &rows, db_i(merchant_id));

    if (err != OK)
        return err;
    while (db_next(rows))
        add_name(names, kind, &room, db_int(rows, 0), db_text(rows, 1));
    return db_error(rows);
}

static enum err read_ladder(struct db_tx *tx, int64_t merchant_id, struct audience_names *names)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct int_list ladder = {0};
    enum err err = db_query(tx, &audiences_ladder, &rows, db_i(merchant_id));

    if (err != OK)
        return err;
    while (db_next(rows))
        int_list_add(names->arena, &ladder, db_int(rows, 0));
    names->ladder = ladder.v;
    names->nladder = ladder.n;
    return db_error(rows);
}

static enum err read_all_words(struct db_tx *tx, int64_t merchant_id, struct audience_names *names)
{
    static const struct {
        const struct db_statement *st;
        enum word_kind kind;
    } named[] = {{&audiences_stores, WORD_STORE},
                 {&audiences_groups, WORD_GROUP},
                 {&audiences_tiers, WORD_TIER},
                 {&audiences_certificate_types, WORD_CERTIFICATE}};
    enum err err = read_words(tx, merchant_id, names);

    for (size_t i = 0; err == OK && i < ARRAY_LEN(named); i++)
        err = read_named(tx, merchant_id, named[i].st, named[i].kind, names);
    return err == OK ? read_ladder(tx, merchant_id, names) : err;
}

enum err audience_names_read(struct db_tx *tx, int64_t merchant_id, struct audience_names **ret)
{
    struct arena *a = arena_new();
    cleanup(audience_names_free) struct audience_names *names =
        arena_make(a, struct audience_names);
    struct merchant merchant;

    names->arena = a;
    names->refs = 1;
    enum err err = merchant_get(tx, merchant_id, a, &merchant);
    if (err == OK)
        err = zone_open(merchant.time_zone, &names->zone);
    if (err == OK)
        err = read_all_words(tx, merchant_id, names);
    if (err == OK)
        err = audience_segments_read(tx, merchant_id, names);
    struct audience_rules rules;
    if (err == OK)
        err = audience_rules_read(tx, merchant_id, merchant.currency_decimals, a, &rules);
    if (err != OK)
        return err;
    names->time_zone = merchant.time_zone;
    names->country = merchant.country;
    names->currency_decimals = merchant.currency_decimals;
    names->types = rules.set;
    take_code(names->language, str_c(merchant.language));
    *ret = names;
    names = NULL;
    return OK;
}

void audience_names_free(struct audience_names **names)
{
    if (!*names)
        return;
    struct arena *a = (*names)->arena;
    if ((*names)->zone)
        zone_close(&(*names)->zone);
    arena_free(&a);
    *names = NULL;
}

void audience_names_tell(struct audience_names *names, struct audience *audience)
{
    const struct audience_use use = {.audience = audience, .names = names};
    struct audience_reader reader;

    for (int kind = 0; kind < WORD_KINDS; kind++)
        for (size_t i = 0; i < names->nwords[kind]; i++)
            audience_set_word(audience, (enum word_kind)kind, names->words[kind][i].id,
                              names->words[kind][i].name);
    audience_set_ladder(audience, names->ladder, names->nladder);
    audience_reader(&use, 0, &reader); /* typologies use what everybody may use */
    audience_set_typologies(audience, &names->types, &reader.segments);
}
