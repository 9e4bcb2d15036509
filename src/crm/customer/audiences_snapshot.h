/* A merchant's audience in a file, for the next program that begins: it reads the file (a tenth of
 * a second a million customers) and follows the change feed from there, instead of reading the
 * base.
 *
 * What the file may be used for is told by the base: its token stands in audience_snapshot from the
 * moment it is written. So a file beside another base, or beside a backup older than it, counts for
 * nothing, and neither does one that holds who was erased since. Threads: any; several programs
 * may write the same file, and the last one's stays. */
#pragma once
#include "audiences.h"

/* Customers from which on it is worth a file: fewer are read from the base as fast. */
#define SNAPSHOT_FROM 50000
/* Entries of the feed that the next program may have to follow. */
#define SNAPSHOT_BEHIND 2000

/* ERR_NOT_FOUND: there is none, or none for this base, program and language. */
enum err must_use audience_snapshot_read(struct db_tx *tx, const struct app *app,
                                         int64_t merchant_id, const char *language,
                                         struct audience **ret, int64_t *ret_seq);
/* `seq`: the end of the feed. Nothing happens when few customers are in it, the file that is there
 * is good enough, or the base has changed meanwhile. What goes wrong is logged: it can be done
 * without.
 */
void audience_snapshot_write(const struct app *app, int64_t merchant_id, const char *language,
                             struct audience *audience, int64_t seq);
/* For an erasure: in its transaction, and when that is done. */
enum err must_use audience_snapshot_void(struct db_tx *tx, int64_t merchant_id);
void audience_snapshot_remove(const struct app *app, int64_t merchant_id);
extern const struct db_statement *const audience_snapshot_statements[];
