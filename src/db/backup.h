/* Backups of a whole base in one form for both engines: a base of SQLite goes into PostgreSQL and
 * back. Chosen over the engines' own copies (VACUUM INTO, pg_dump) because of that, and because the
 * program alone makes and reads it, whatever the server's version.
 *
 * A backup is what one snapshot of the base held: writers go on meanwhile and nobody waits for it.
 * The file: "habitue backup 1\n"; blocks of at most 1 MiB, each packed by zlib, behind its two
 * lengths (32 bits, low byte first); two zeros; BLAKE2b-256 of everything before. In the blocks,
 * one after the other: the header (migration, instant, version of the program, tables with their
 * columns and types), then each table's rows, value by value. The table of migrations itself is
 * left out. Threads: any; a base may be backed up by several at once. */
#pragma once
#include "db.h"

#define BACKUP_TABLES_MAX 200
#define BACKUP_COLUMNS_MAX 100

struct backup_report {
    int64_t rows, bytes, created_us; /* created_us: when the snapshot was taken */
    int migration, tables;
    const char *version; /* of the program that made it */
};
/* Called now and then from inside; false stops the work with ERR_CANCELED. */
struct backup_watch {
    bool (*look)(void *arg, const char *table, int64_t rows);
    void *arg;
};
/* Writes `path` by way of a file beside it that takes its name when it is whole and on disk; an
 * older file there stays until then. Readable by its owner alone. ERR_IO backup_cannot_write,
 * ERR_CONFLICT backup_old_base: the base is not up to date with `m`. Texts of *ret live in `a`. */
enum err must_use db_backup(struct db *db, const struct db_migration *m, size_t n, const char *path,
                            const char *version, const struct backup_watch *watch, struct arena *a,
                            struct backup_report *ret, struct problem *p);
/* Reads a backup into the base, in one transaction: all or nothing. The file is checked as a whole
 * before anything is touched. What the base held is lost; unless `force`, there must be nothing but
 * what a first start makes of an empty file: no tables, or none with rows. A backup of an older
 * program is brought up to date. Nobody else may use the base meanwhile. ERR_IO backup_cannot_read,
 * ERR_INVALID backup_bad, ERR_CONFLICT backup_newer (made by a newer program), backup_not_empty. */
enum err must_use db_restore(struct db *db, const struct db_migration *m, size_t n,
                             const char *path, bool force, const struct backup_watch *watch,
                             struct arena *a, struct backup_report *ret, struct problem *p);
