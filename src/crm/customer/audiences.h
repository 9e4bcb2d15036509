/* The audiences of the merchants that this process serves: loaded on first use, kept up with the
 * change feed, so that any process reads what any other wrote.
 *
 * Threads: any. Never call it inside db_read() or db_write(): it reads the base itself. Whoever
 * comes first loads; others of the same merchant wait for it, other merchants' readers do not. */
#pragma once
#include "../app.h"

extern const struct db_statement *const audiences_statements[];
#define AUDIENCES_MAX 256 /* merchants in memory; the one unused longest gives way */

enum err must_use audiences_new(struct app *app, struct audiences **ret);
/* Writes them to files for the next program (audiences_snapshot.h), at the end: nobody changes one.
 */
void audiences_keep(struct audiences *as);
void audiences_free(struct audiences **a); /* nobody may use one any more */

/* A merchant's audience, up to the last commit and to today, with what goes with it. It stays as
 * long as it is held, even when a reload takes its place for others. */
struct audience_use {
    struct audience *audience;
    int currency_decimals;
    const char *time_zone, *country;
    int32_t today;
    /* private */
    struct audiences *owner;
    struct audience_base *base;
    struct audience_names *names;
};
/* ERR_NOT_FOUND: no such merchant. */
enum err must_use audiences_use(struct audiences *as, int64_t merchant_id,
                                struct audience_use *ret);
void audiences_done(struct audience_use *u); /* for cleanup(); all zero is fine */
/* The name of a store, source, tag, category or size; empty when there is none. Lives as long as
 * the use. */
struct str audience_use_name(const struct audience_use *u, enum word_kind kind, int64_t id);

/* The merchant's saved queries (src/crm/segment), by key. */
struct audience_segment {
    int64_t id, owner_id;
    bool shared;
    struct str name, key, text; /* key: query_segment_key() */
};
const struct audience_segment *audience_use_segments(const struct audience_use *u, size_t *ret_n);

struct str audience_use_segment_name(const struct audience_use *u, int64_t id); /* empty: none */

/* How queries are read for a member of the staff: with the merchant's words, and the segments that
 * are shared or their own; staff_id 0: the shared ones. Lives as long as the use; do not move it.
 */
struct audience_reader {
    const struct audience_use *use;
    int64_t staff_id;
    struct query_segments segments;
    struct query_context context; /* for query_parse() */
};
void audience_reader(const struct audience_use *u, int64_t staff_id, struct audience_reader *ret);

/* The same for a program that asks and ends: held until audiences_free(). */
enum err must_use audiences_get(struct audiences *as, int64_t merchant_id, struct audience **ret);
