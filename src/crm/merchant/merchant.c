#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "merchant_sql.h"

#include <unicode/ucurr.h>
#include <unicode/uloc.h>

static bool currency_known(const char *code, UChar out[4])
{
    for (int i = 0; i < 3; i++) {
        if (code[i] < 'A' || code[i] > 'Z')
            return false;
        out[i] = (UChar)code[i];
    }
    out[3] = 0;
    return code[3] == 0 && ucurr_getNumericCode(out) != 0;
}

static int currency_decimals(const char *code)
{
    UChar u[4];
    UErrorCode status = U_ZERO_ERROR;
    if (!currency_known(code, u))
        return 2;
    int n = ucurr_getDefaultFractionDigits(u, &status);
    return U_SUCCESS(status) ? n : 2;
}

static bool country_known(const char *code)
{
    for (const char *const *c = uloc_getISOCountries(); *c; c++) {
        if (strcmp(*c, code) == 0)
            return true;
    }
    return false;
}

static bool language_known(const char *code)
{
    static const char *const ours[] = {"en", "fr", "it", "es", "ru"};
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        if (strcmp(ours[i], code) == 0)
            return true;
    }
    return false;
}

static bool zone_known(const char *name)
{
    struct zone *z cleanup(zone_close) = NULL;
    return zone_open(name, &z) == OK;
}

enum err merchant_check(const struct merchant *m, struct arena *a, struct problem *p)
{
    UChar u[4];
    if (!currency_known(m->currency, u))
        return problem_set(p, a, ERR_INVALID, "merchant_bad_currency", "currency", "found",
                           m->currency, NULL);
    if (!zone_known(m->time_zone))
        return problem_set(p, a, ERR_INVALID, "merchant_bad_time_zone", "time_zone", "found",
                           m->time_zone, NULL);
    if (!country_known(m->country))
        return problem_set(p, a, ERR_INVALID, "merchant_bad_country", "country", "found",
                           m->country, NULL);
    if (!language_known(m->language))
        return problem_set(p, a, ERR_INVALID, "merchant_bad_language", "language", "found",
                           m->language, NULL);
    return OK;
}

static void read_row(const struct db_rows *row, struct arena *a, struct merchant *m)
{
    const char *texts[6];
    for (int i = 0; i < 6; i++)
        texts[i] = arena_cstr(a, db_text(row, 1 + i));
    *m = (struct merchant){.id = db_int(row, 0),
                           .slug = texts[0],
                           .name = texts[1],
                           .currency = texts[2],
                           .time_zone = texts[3],
                           .country = texts[4],
                           .language = texts[5],
                           .currency_decimals = currency_decimals(texts[2]),
                           .associates_see_chain = db_int(row, 7) != 0,
                           .change_seq = db_int(row, 8),
                           .version = db_int(row, 9),
                           .created_us = db_int(row, 10),
                           .second_step_from = arena_cstr(a, db_text(row, 11))};
}

static enum err read_first(struct db_rows *rows, struct arena *a, struct merchant *ret)
{
    if (db_next(rows)) {
        read_row(rows, a, ret);
        return OK;
    }
    enum err e = db_error(rows);
    return e != OK ? e : ERR_NOT_FOUND;
}

enum err merchant_get(struct db_tx *tx, int64_t id, struct arena *a, struct merchant *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merchant_by_id, &rows, db_i(id));
    return e != OK ? e : read_first(rows, a, ret);
}

enum err merchant_list(struct db_tx *tx, struct arena *a, struct merchant **ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct merchant *all = arena_array(a, struct merchant, MERCHANTS_LISTED);
    size_t n = 0;
    enum err e = db_query(tx, &merchant_first, &rows, db_i(MERCHANTS_LISTED));
    if (e != OK)
        return e;
    while (n < MERCHANTS_LISTED && db_next(rows))
        read_row(rows, a, &all[n++]);
    if (n < MERCHANTS_LISTED && (e = db_error(rows)) != OK)
        return e;
    *ret = all;
    *ret_n = n;
    return OK;
}

static enum err find_only(struct db_tx *tx, struct arena *a, struct merchant *ret,
                          struct problem *p)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merchant_first, &rows, db_i(2));
    if (e == OK)
        e = read_first(rows, a, ret);
    if (e != OK)
        return e == ERR_NOT_FOUND ? problem_set(p, a, e, "merchant_none", NULL, NULL) : e;
    if (db_next(rows))
        return problem_set(p, a, ERR_INVALID, "merchant_which", NULL, NULL);
    return db_error(rows);
}

enum err merchant_find(struct db_tx *tx, const char *slug, struct arena *a, struct merchant *ret,
                       struct problem *p)
{
    if (!slug)
        return find_only(tx, a, ret, p);
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &merchant_by_slug, &rows, db_tc(slug));
    if (e == OK)
        e = read_first(rows, a, ret);
    if (e == ERR_NOT_FOUND)
        return problem_set(p, a, e, "merchant_unknown", NULL, "slug", slug, NULL);
    return e;
}

/* "Chez Zoé & fils" → "chez-zoe-fils" */
const char *merchant_slug(struct arena *a, const char *name)
{
    char *slug = arena_cstr(a, text_fold(a, str_c(name)));
    size_t n = 0;
    for (const char *c = slug; *c && n < 40; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
        if (plain)
            slug[n++] = *c;
        else if (n > 0 && slug[n - 1] != '-')
            slug[n++] = '-';
    }
    while (n > 0 && slug[n - 1] == '-')
        n--;
    slug[n] = 0;
    return n > 0 ? slug : "shop";
}

enum err merchant_create(struct db_tx *tx, const struct merchant *m, int64_t *ret_id,
                         struct problem *p)
{
    struct arena *a = db_arena(tx);
    struct merchant there;
    enum err e = merchant_check(m, NULL, p); /* no arena: the texts are the caller's */
    if (e != OK)
        return e;
    e = merchant_find(tx, m->slug, a, &there, NULL);
    if (e == OK)
        return problem_set(p, NULL, ERR_CONFLICT, "merchant_slug_taken", "slug", "slug", m->slug,
                           NULL);
    if (e != ERR_NOT_FOUND)
        return e;
    int64_t id = id_new();
    e = db_exec(tx, &merchant_add, NULL, db_i(id), db_tc(m->slug), db_tc(m->name),
                db_tc(m->currency), db_tc(m->time_zone), db_tc(m->country), db_tc(m->language),
                db_i(m->associates_see_chain), db_i(now_us()));
    if (e == OK)
        *ret_id = id;
    return e;
}

int32_t merchant_today(const struct app *app, const struct merchant *m)
{
    struct zone *z cleanup(zone_close) = NULL;
    if (app->fixed_today != DAY_NONE)
        return app->fixed_today;
    if (zone_open(m->time_zone, &z) != OK)
        return (int32_t)(now_us() / US_PER_DAY);
    return zone_day(z, now_us());
}
