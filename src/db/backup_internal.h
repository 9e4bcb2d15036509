/* Inside src/db: the file of a backup, and the tables that are the program's. */
#pragma once
#include <sodium.h>
#include <stdio.h>
#include "backup.h"
#include "engine.h"

#define BACKUP_MAGIC "habitue backup 1\n"
#define BACKUP_BLOCK (1024 * 1024)
#define BACKUP_HASH_BYTES 32
#define BACKUP_VALUE_MAX (1 << 29)

/* ---- backup_file.c ---- */

/* Writing. Errors stick: asked for once, at the end. */
struct backup_writer {
    FILE *file;
    crypto_generichash_state hash;
    unsigned char *plain, *packed;
    size_t n;
    int64_t bytes;
    bool failed;
};
void backup_write_begin(struct backup_writer *w, FILE *file); /* from the file's first byte */
void backup_write(struct backup_writer *w, const void *p, size_t n);
void backup_write_number(struct backup_writer *w, int64_t v);
void backup_write_text(struct backup_writer *w, struct str s);
bool backup_write_end(struct backup_writer *w); /* the checksum; false: not written whole */
void backup_writer_free(struct backup_writer *w);

/* Reading. What does not fit the form makes it `bad`, and zeros and empty texts come out. */
struct backup_reader {
    FILE *file;
    unsigned char *plain, *packed;
    size_t at, n;
    struct buf text; /* the last text read */
    bool bad;
};
/* ERR_IO: cannot be read. ERR_INVALID: no backup, or not as it was written. Back at its begin. */
enum err backup_verify(FILE *file, int64_t *ret_bytes);
void backup_read_begin(struct backup_reader *r, FILE *file);
unsigned char backup_read_byte(struct backup_reader *r);
int64_t backup_read_number(struct backup_reader *r);
double backup_read_real(struct backup_reader *r);
struct str backup_read_text(struct backup_reader *r); /* until the next one */
void backup_reader_free(struct backup_reader *r);

/* ---- backup_tables.c ---- */

struct backup_table {
    const char *name;
    const char *columns[BACKUP_COLUMNS_MAX];
    char types[BACKUP_COLUMNS_MAX + 1];
    int ncolumns;
};
/* The tables that the migrations make and the base has, in the order of their making: a table's
 * foreign keys cite earlier ones. Texts live in `a`. */
enum err backup_tables(struct db_tx *tx, const struct db_migration *m, size_t n, struct arena *a,
                       struct backup_table **ret, size_t *ret_n);
