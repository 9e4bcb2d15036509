/* How customers are told over HTTP: what the list, the card and its tabs share. */
#pragma once
#include "../audit/audit.h"
#include "audiences.h"
#include "customer_sql.h"

/* The component schema CustomerRow. */
void customer_row_json(struct json *j, const struct audience_use *use,
                       const struct audience_hit *hit);
/* Finds photo_id of those who have a photo; reads only when there are some. */
enum err must_use customer_photos(struct app *app, int64_t merchant_id, struct audience_hit *hits,
                                  size_t n);
/* "name": first and last. */
void customer_name_json(struct json *j, const struct audience_hit *hit);
/* new, vip…, or the name of the merchant's own typology */
struct str customer_type(const struct audience_hit *hit);
/* -1 = null; else tenths as a number */
void customer_tenths_json(struct json *j, const char *key, int32_t tenths);
void customer_text_json(struct json *j, const char *key, struct str s); /* empty = null */

/* The audience and the customer of the route's first {id}, when the caller may see them; else the
 * request's problem is set: ERR_NOT_FOUND not_found. Give the use back with audiences_done(). */
enum err must_use customer_seen(struct request *r, struct audience_use *use,
                                struct audience_hit *hit);

/* The same for a write or an upload, which nobody waits for with an audience in hand. *ret_today:
 * the merchant's; may be NULL. */
enum err must_use customer_allowed(struct request *r, int32_t *ret_today);

/* Who has that number; where that card was merged, the one that it became (*ret_merged).
 * ERR_NOT_FOUND: nobody. Whether the caller may see them is not asked. */
enum err must_use customer_of(struct app *app, int64_t merchant_id, int64_t number, int64_t *ret_id,
                              bool *ret_merged);

/* "mine" looks at the caller's own stores only; who has none and sees the chain sees all of it. */
struct audience_viewer customer_viewer(const struct caller *c, bool mine);

enum err customer_list_handler(struct request *r);
extern const struct spec customer_list_spec[];
struct customer_list_args {
    struct str q, sort, cursor, facets;
    int64_t offset, limit;
    bool has_limit;
    int scope;     /* -1 absent, 0 all, 1 mine */
    int32_t as_of; /* DAY_NONE: the present */
};
enum err customer_why_handler(struct request *r);
enum err customer_types_handler(struct request *r);
extern const struct spec customer_why_spec[];
struct customer_why_args {
    struct str query;
};
enum err customer_card_handler(struct request *r);
enum err customer_number_handler(struct request *r);
