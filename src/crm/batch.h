/* Keys in chunks: statements that ask for BATCH_KEYS keys at once in one IN list, so that a batch
 * of thousands costs few round trips on PostgreSQL. The merchant is always $1, the keys are $2…$65;
 * a shorter chunk repeats its last key. */
#pragma once
#include "../db/db.h"

#define BATCH_KEYS 64
#define BATCH_IN                                                                                   \
    "($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "               \
    "$19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, "             \
    "$35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, "             \
    "$51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65)"
#define BATCH_TYPES_I "i" BATCH_16("i") BATCH_16("i") BATCH_16("i") BATCH_16("i")
#define BATCH_TYPES_T "i" BATCH_16("t") BATCH_16("t") BATCH_16("t") BATCH_16("t")
#define BATCH_TYPES_B "i" BATCH_16("b") BATCH_16("b") BATCH_16("b") BATCH_16("b")
#define BATCH_16(t) t t t t t t t t t t t t t t t t

/* How many of `n` keys the chunk that begins at `from` has. */
static inline size_t batch_size(size_t n, size_t from)
{
    return n - from < BATCH_KEYS ? n - from : BATCH_KEYS;
}
/* Runs such a statement for up to BATCH_KEYS keys (at least one). */
static inline enum err must_use batch_query(struct db_tx *tx, const struct db_statement *st,
                                            struct db_rows **ret, int64_t merchant_id,
                                            const struct db_value *keys, size_t n)
{
    struct db_value values[1 + BATCH_KEYS];
    values[0] = db_i(merchant_id);
    for (size_t i = 0; i < BATCH_KEYS; i++)
        values[1 + i] = keys[i < n ? i : n - 1];
    return db_query_values(tx, st, ret, values, 1 + BATCH_KEYS);
}
/* The same with integer keys. */
static inline enum err must_use batch_query_ids(struct db_tx *tx, const struct db_statement *st,
                                                struct db_rows **ret, int64_t merchant_id,
                                                const int64_t *ids, size_t n)
{
    struct db_value keys[BATCH_KEYS];
    for (size_t i = 0; i < BATCH_KEYS; i++)
        keys[i] = db_i(ids[i < n ? i : n - 1]);
    return batch_query(tx, st, ret, merchant_id, keys, BATCH_KEYS);
}

/* Rows of one statement without results, gathered and sent BATCH_ROWS at a time. An error stays;
 * ask for it once, with batch_rows_end(). What the values point to must live until they are sent.
 */
enum { BATCH_ROWS = 256 };
struct batch_rows {
    struct db_tx *tx;
    const struct db_statement *st;
    struct db_value *values;
    size_t width, rows;
    enum err err;
};
static inline void batch_rows_begin(struct batch_rows *b, struct db_tx *tx, struct arena *a,
                                    const struct db_statement *st)
{
    size_t width = strlen(st->params);
    *b = (struct batch_rows){.tx = tx,
                             .st = st,
                             .width = width,
                             .values = arena_array(a, struct db_value, BATCH_ROWS * width)};
}
static inline void batch_rows_send(struct batch_rows *b)
{
    if (b->err == OK && b->rows > 0)
        b->err = db_exec_many(b->tx, b->st, b->values, b->width, b->rows);
    b->rows = 0;
}
/* `values`: one for each parameter of the statement. */
static inline void batch_rows_add(struct batch_rows *b, const struct db_value *values)
{
    if (b->rows == BATCH_ROWS)
        batch_rows_send(b);
    memcpy(b->values + b->width * b->rows++, values, b->width * sizeof *values);
}
static inline enum err must_use batch_rows_end(struct batch_rows *b)
{
    batch_rows_send(b);
    return b->err;
}
