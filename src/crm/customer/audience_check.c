#include "audience_check.h"
#include "../../base/check.h"
#include "audiences_sql.h"
#include "customer_sql.h"
#include "facts_sum.h"
#include <time.h>

enum { TRIES = 20, WAIT_MS = 50 };

static const struct db_statement audience_check_rows = {
    "audience_check_rows",
    "SELECT " AUDIENCE_CUSTOMER " FROM customer c WHERE c.merchant_id = $1 AND c.id IN " BATCH_IN
    " AND c.deleted_us IS NULL ORDER BY c.id",
    BATCH_TYPES_I, AUDIENCE_CUSTOMER_TYPES};

const struct db_statement *const audience_check_statements[] = {&audience_check_rows, NULL};

struct checking {
    const struct audience_use *use;
    int64_t merchant_id;
    bool moved;          /* out: the base is not where the audience is */
    struct arena *arena; /* of a batch */
    struct audience_report report;
};

static void tell(struct audience_report *r, int64_t customer_id, const char *field)
{
    if (r->nsome == AUDIENCE_CHECK_MAX)
        return;
    r->some[r->nsome].customer_id = customer_id;
    r->some[r->nsome++].field = field;
}

/* The first field that differs, or NULL. */
static const char *differs(const struct audience_row *row, const struct facts_sum *truth,
                           const struct audience_hit *hit)
{
    const struct {
        const char *name;
        struct str stored, held;
    } texts[] = {{"first_name", row->first_name, hit->first_name},
                 {"last_name", row->last_name, hit->last_name},
                 {"nickname", row->nickname, hit->nickname},
                 {"city", row->city, hit->city},
                 {"language", str_c(row->language), str_c(hit->language)},
                 {"country", str_c(row->country), str_c(hit->country)},
                 {"phone", truth->phone, hit->phone},
                 {"email", truth->email, hit->email}};
    int32_t registered = row->registered_day != DAY_NONE ? row->registered_day : truth->first_day;
    const struct {
        const char *name;
        int64_t stored, held;
    } numbers[] = {{"number", row->number, hit->number},
                   {"gender", row->gender, hit->gender},
                   {"device", row->device, hit->device},
                   {"sms_consent", row->consent[CHANNEL_SMS], hit->consent[CHANNEL_SMS]},
                   {"email_consent", row->consent[CHANNEL_EMAIL], hit->consent[CHANNEL_EMAIL]},
                   {"push_consent", row->consent[CHANNEL_PUSH], hit->consent[CHANNEL_PUSH]},
                   {"blocked", row->blocked, hit->blocked},
                   {"anonymous", row->anonymous, hit->anonymous},
                   {"photo_id", row->has_photo, hit->has_photo},
                   {"store_id", row->home_store, hit->home_store},
                   {"source_id", row->source, hit->source},
                   {"birth_year", row->birth_year, hit->birth_year},
                   {"birth_month", row->birth_month, hit->birth_month},
                   {"birth_day", row->birth_day, hit->birth_day},
                   {"registered_day", registered, hit->registered_day},
                   {"last_visit_day", truth->last_visit_day, hit->last_visit_day},
                   {"last_purchase_day", truth->last_purchase_day, hit->last_purchase_day},
                   {"visits", truth->visits, hit->visits},
                   {"operations", truth->operations, hit->operations},
                   {"spent_minor", truth->spent_minor, hit->spent_minor},
                   {"shares", truth->tallies[TALLY_SHARES], hit->tallies[TALLY_SHARES]},
                   {"comments", truth->tallies[TALLY_COMMENTS], hit->tallies[TALLY_COMMENTS]},
                   {"pushes", truth->tallies[TALLY_PUSHES], hit->tallies[TALLY_PUSHES]}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!str_eq(texts[i].stored, texts[i].held))
            return texts[i].name;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (numbers[i].stored != numbers[i].held)
            return numbers[i].name;
    return NULL;
}

static const char *sets_differ(const struct checking *k, int64_t id, const struct facts_sum *truth)
{
    const struct {
        const char *name;
        enum word_kind kind;
        const struct int_list *stored;
    } sets[] = {{"tags", WORD_TAG, &truth->tags},
                {"stores", WORD_STORE, &truth->stores},
                {"categories", WORD_CATEGORY, &truth->categories},
                {"sizes", WORD_SIZE, &truth->sizes}};
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        const int64_t *held;
        size_t n;
        if (audience_words_of(k->use->audience, id, sets[i].kind, k->arena, &held, &n) != OK ||
            n != sets[i].stored->n || (n && memcmp(held, sets[i].stored->v, n * sizeof *held) != 0))
            return sets[i].name;
    }
    return NULL;
}

static bool words_differ(const struct checking *k, const struct audience_row *row,
                         enum word_kind kind)
{
    const int64_t *held;
    size_t n;
    return audience_words_of(k->use->audience, row->id, kind, k->arena, &held, &n) != OK ||
           n != row->nwords[kind] || (n && memcmp(held, row->words[kind], n * sizeof *held) != 0);
}

/* What stands in tables of its own. */
static const char *streams_differ(const struct checking *k, const struct audience_row *row,
                                  const struct audience_hit *hit)
{
    return row->points != hit->points                                       ? "points"
           : row->tier != hit->tier                                         ? "tier"
           : row->tallies[TALLY_STAMPS] != hit->tallies[TALLY_STAMPS]       ? "stamps"
           : row->tallies[TALLY_REFERRALS] != hit->tallies[TALLY_REFERRALS] ? "referrals"
           : words_differ(k, row, WORD_GROUP)                               ? "groups"
           : words_differ(k, row, WORD_CERTIFICATE)                         ? "certificates"
                                                                            : NULL;
}

static int64_t visits_within(const struct facts_sum *truth, int32_t after, int32_t until)
{
    int64_t n = 0;
    for (size_t i = 0; i < truth->visit_days.n; i++)
        n += truth->visit_days.v[i] > after && truth->visit_days.v[i] <= until;
    return n;
}

static bool is_vip(const struct facts_sum *truth, const struct typology_rules *rules, int32_t today)
{
    bool is = true;
    for (int k = 0; k < rules->vip_months; k++)
        is = is && visits_within(truth, day_add_months(today, -k - 1), day_add_months(today, -k)) >=
                       rules->vip_visits;
    return is;
}

static bool fits(const struct facts_sum *truth, const struct typology_rules *rules, int32_t today,
                 int32_t registered, int type)
{
    int32_t last = truth->last_visit_day != DAY_NONE ? truth->last_visit_day : registered;
    int64_t visits;

    switch (type) {
    case TYPE_VIP:
        return is_vip(truth, rules, today);
    case TYPE_NEW:
        return registered != DAY_NONE && registered > day_add_months(today, -rules->new_months) &&
               truth->visits <= rules->new_visits_max;
    case TYPE_OCCASIONAL:
        visits = visits_within(truth, day_add_months(today, -rules->occasional_months), today);
        return visits >= 1 && visits <= rules->occasional_max;
    case TYPE_AT_RISK:
        return last != DAY_NONE && last <= today - rules->at_risk_days;
    default:
        return false;
    }
}

/* The rules once more, in plain words. Whether a customer is of a typology of the merchant's own is
 * for the query language to say: then only those tested before it are judged. */
static bool typology_differs(const struct checking *k, int32_t registered,
                             const struct facts_sum *truth, const struct audience_hit *hit)
{
    const struct typology_set set = audience_typologies(k->use->audience, k->arena);

    for (int i = 0; i < set.norder; i++) {
        int type = set.order[i];
        if (type >= TYPES && hit->typology == type)
            return false;
        if (type < TYPES && fits(truth, &set.numbers, k->use->today, registered, type))
            return hit->typology != type;
    }
    return hit->typology != TYPE_REGULAR;
}

static void compare(struct checking *k, const struct audience_row *row,
                    const struct facts_sum *truth)
{
    static const struct audience_viewer everybody;
    struct audience_hit hit;
    struct audience_report *r = &k->report;

    r->customers++;
    if (audience_get(k->use->audience, &everybody, row->id, k->arena, &hit) != OK) {
        r->missing++;
        tell(r, row->id, "row");
        return;
    }
    int32_t registered = row->registered_day != DAY_NONE ? row->registered_day : truth->first_day;
    const char *field = differs(row, truth, &hit);
    if (!field)
        field = sets_differ(k, row->id, truth);
    if (!field)
        field = streams_differ(k, row, &hit);
    if (!field && typology_differs(k, registered, truth, &hit))
        field = "typology";
    if (!field)
        return;
    r->differing++;
    tell(r, row->id, field);
}

static enum err check_batch(struct db_tx *tx, struct checking *k, const int64_t *ids, size_t n)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    cleanup(audience_streams_close) struct audience_streams streams = {0};
    struct facts_sum truth[BATCH_KEYS];

    enum err err = facts_gather(tx, k->merchant_id, k->arena, ids, n, truth);
    if (err == OK)
        err = batch_query_ids(tx, &audience_check_rows, &rows, k->merchant_id, ids, n);
    if (err == OK)
        err = audience_streams_of(tx, k->merchant_id, k->use->today, ids, n, &streams);
    if (err != OK)
        return err;
    for (size_t i = 0; db_next(rows); i++) {
        struct audience_row row;
        audience_row_clear(&row);
        audience_take_customer(rows, &row);
        audience_streams_take(&streams, k->arena, &row);
        while (i < n && truth[i].customer_id < row.id) /* deleted ones are passed over */
            i++;
        check(i < n && truth[i].customer_id == row.id);
        compare(k, &row, &truth[i]);
    }
    err = audience_streams_error(&streams);
    return err == OK ? db_error(rows) : err;
}

static enum err check_all(struct db_tx *tx, void *arg)
{
    struct checking *k = arg;
    cleanup(arena_free) struct arena *a = arena_new();
    int64_t ids[BATCH_KEYS], after = 0, seq;
    size_t n;

    k->report = (struct audience_report){0};
    k->arena = a;
    enum err err = db_query_int(tx, &audiences_seq, &seq, db_i(k->merchant_id));
    k->moved = err == OK && seq != audience_use_seq(k->use);
    if (err != OK || k->moved)
        return err;
    for (;; after = ids[n - 1]) {
        err = facts_next_ids(tx, k->merchant_id, after, ids, &n);
        if (err != OK || n == 0)
            break;
        err = check_batch(tx, k, ids, n);
        if (err != OK)
            break;
        arena_reset(a);
    }
    /* somebody in this process may have taken it further in between */
    k->moved = seq != audience_use_seq(k->use);
    int64_t surplus = audience_count(k->use->audience) + k->report.missing - k->report.customers;
    k->report.surplus = surplus > 0 ? surplus : 0;
    return err;
}

enum err audience_check(struct app *app, int64_t merchant_id, struct audience_report *ret)
{
    for (int i = 0; i < TRIES; i++) {
        cleanup(audiences_done) struct audience_use use = {0};
        enum err err = audiences_use(app->audiences, merchant_id, &use);
        struct checking k = {.use = &use, .merchant_id = merchant_id};
        if (err == OK)
            err = db_read(app->db, check_all, &k);
        if (err != OK)
            return err;
        if (!k.moved) {
            *ret = k.report;
            return OK;
        }
        nanosleep(&(struct timespec){0, WAIT_MS * 1000000L}, NULL);
    }
    return ERR_BUSY;
}
