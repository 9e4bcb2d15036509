/* Backups as people look after them: made on demand or every night, noted in the base so that the
 * owner sees how old the newest is. What a backup is: db/backup.h.
 *
 * Every process that serves with a folder for backups looks whether the day has its own; the first
 * to take the day makes it, whatever the number of processes, and another takes over an hour after
 * one that died or failed. A day is the server's. Threads: any. */
#pragma once
#include "../../db/backup.h"
#include "../app.h"

extern const struct db_statement *const backup_statements[];
extern const struct http_route backup_routes[];

#define BACKUP_ENDING ".backup" /* habitue-2026-03-14.backup */

/* Makes one and notes it; `day` NULL: because somebody asked. A base that cannot be written to is
 * backed up all the same. Problems: db_backup(). */
enum err must_use backup_make(const struct app *app, const char *path, const char *day,
                              const struct backup_watch *watch, struct arena *a,
                              struct backup_report *ret, struct problem *p);
/* After a restore: nobody is signed in any more (a session ended since the backup must not come
 * back), what was running is forgotten, the audit log of every merchant says it. */
enum err must_use backup_restored(struct db_tx *tx, void *report); /* struct backup_report */

/* schedule.c: the thread that looks. `folder` must live as long. */
struct backup_schedule;
enum err must_use backup_schedule_start(const struct app *app, const char *folder, int keep,
                                        struct backup_schedule **ret);
void backup_schedule_stop(struct backup_schedule **s); /* breaks off a backup that runs */
/* The day's, unless it is made or being made; then older ones beyond `keep` are removed: those with
 * the names that it gives, and no others. For the thread, and for tests. */
enum err must_use backup_of_day(const struct app *app, const char *folder, int keep,
                                const char *day, const struct backup_watch *watch);
