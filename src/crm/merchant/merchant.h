/* The merchant: names, currency, time zone, language. */
#pragma once
#include "../app.h"
extern const struct db_statement *const merchant_statements[];
extern const struct http_route merchant_routes[];
struct merchant {
    int64_t id;
    const char *slug, *name, *currency, *time_zone, *country, *language;
    const char *second_step_from; /* the least role that must have a second step, or "nobody" */
    int currency_decimals;        /* ISO 4217: JPY 0, EUR 2 (ICU) */
    bool associates_see_chain;
    int64_t change_seq, version, created_us;
};
/* ERR_NOT_FOUND. Texts live in `a`. */
enum err must_use merchant_get(struct db_tx *tx, int64_t id, struct arena *a, struct merchant *ret);
/* slug NULL: the only one there is (ERR_INVALID merchant_which if there are several). */
enum err must_use merchant_find(struct db_tx *tx, const char *slug, struct arena *a,
                                struct merchant *ret, struct problem *p);
/* ERR_CONFLICT merchant_slug_taken, ERR_INVALID merchant_bad_currency / _time_zone / … */
enum err must_use merchant_create(struct db_tx *tx, const struct merchant *m, int64_t *ret_id,
                                  struct problem *p);
/* ERR_INVALID merchant_bad_currency, _bad_time_zone, _bad_country, _bad_language. */
enum err must_use merchant_check(const struct merchant *m, struct arena *a, struct problem *p);
#define MERCHANT_NAME_MAX 100
#define MERCHANTS_LISTED 1000
enum err must_use merchant_list(struct db_tx *tx, struct arena *a, struct merchant **ret,
                                size_t *ret_n);
/* A name as a short text for links and commands: "Chez Zoé & fils" → "chez-zoe-fils". */
const char *merchant_slug(struct arena *a, const char *name);
/* The component schema MerchantBrief, and Merchant when `whole`. */
void merchant_json(struct json *j, const struct app *app, const struct merchant *m, bool whole);
int32_t merchant_today(const struct app *app, const struct merchant *m);
