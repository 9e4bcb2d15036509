/* Bytes of an upload: kept in import_chunk so that any node can run or resume the import, and read
 * back as a source. And what several files of the import share. */
#pragma once
#include "../merchant/merchant.h"
#include "import.h"

#define CHUNK_BYTES (1 << 20)

/* Gives the next piece; *ret_n = 0 at the end. */
typedef enum err (*upload_read)(void *arg, char *p, size_t size, size_t *ret_n);
/* Takes a whole upload in. Nothing is left behind when it fails: ERR_TOO_LARGE body_too_large
 * {max}, the problems of scan_finish() and detect(), what `read` returned. */
enum err must_use import_receive(struct app *app, int64_t merchant_id,
                                 const struct import_opening *o, upload_read read, void *arg,
                                 struct arena *a, struct import *ret, struct problem *p);

struct chunk_source;
struct chunk_source *chunk_source_new(struct app *app, int64_t merchant_id,
                                      const struct import *import);
const struct source *chunk_source(struct chunk_source *s); /* lives as long as `s` */
void chunk_source_free(struct chunk_source **s);
/* In steps, so that nobody waits long. */
enum err must_use import_chunks_drop(struct app *app, int64_t merchant_id, int64_t import_id);
/* Chunks, rejected rows (their lines up to `last_line`) and the import itself. */
enum err must_use import_drop(struct app *app, int64_t merchant_id, int64_t import_id,
                              int64_t last_line);

struct import_asked {
    int64_t merchant_id, id;
    struct arena *arena;
    struct import import;
};
enum err import_ask(struct db_tx *tx, void *asked); /* db_read's function */
enum err must_use import_merchant(struct app *app, int64_t merchant_id, struct arena *a,
                                  struct merchant *ret);
/* Reads a row that has import_sql.c's COLUMNS. */
enum err must_use import_of_row(const struct db_rows *r, struct arena *a, struct import *ret);
/* Reading, headings and samples as they are stored. Lives in `a`. */
struct str import_mapping_text(struct arena *a, const struct detection *d, enum import_kind kind);
/* Detects for this merchant; `ret` gets reading, kind, name. */
enum err must_use import_detect(struct app *app, int64_t merchant_id, const struct source *source,
                                const struct reading *scanned, enum import_kind kind,
                                const struct reading_wish *wish, struct arena *a,
                                struct detection *ret, struct problem *p);
