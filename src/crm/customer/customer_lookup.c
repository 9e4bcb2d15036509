#include "../../base/check.h"
#include "customer_sql.h"
#include <stdlib.h>

static int compare_keys(const void *x, const void *y)
{
    const struct str *a = *(const struct str *const *)x, *b = *(const struct str *const *)y;
    size_t n = a->n < b->n ? a->n : b->n;
    int order = n ? memcmp(a->p, b->p, n) : 0;
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

/* Gives a row's answer to all places of `sorted` that ask for its key. */
static void answer(const struct str *const *sorted, size_t n, const struct str *keys,
                   const struct db_rows *r, struct customer_match *ret)
{
    struct str key = db_text(r, 0);
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct str *wanted = &key;
        if (compare_keys(&sorted[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && str_eq(*sorted[low], key); low++)
        ret[sorted[low] - keys] = (struct customer_match){
            .id = db_int(r, 1), .several = db_int(r, 2) > 1, .has_external_id = !db_is_null(r, 3)};
}

enum err customer_lookup(struct db_tx *tx, int64_t merchant_id, enum customer_key by,
                         const struct str *keys, size_t n, struct customer_match *ret)
{
    static const struct db_statement *const statements[] = {
        [CUSTOMER_BY_EXTERNAL_ID] = &customer_by_external,
        [CUSTOMER_BY_PHONE] = &customer_by_phone,
        [CUSTOMER_BY_EMAIL] = &customer_by_email,
    };
    const struct str **sorted = arena_array(db_arena(tx), const struct str *, n + 1);
    size_t asked = 0;

    for (size_t i = 0; i < n; i++) {
        ret[i] = (struct customer_match){0};
        if (keys[i].n > 0)
            sorted[asked++] = &keys[i];
    }
    qsort(sorted, asked, sizeof *sorted, compare_keys);
    for (size_t from = 0; from < asked;) {
        struct db_value values[BATCH_KEYS];
        size_t end = from, distinct = 0;
        for (; end < asked; end++) {
            bool again = end > from && str_eq(*sorted[end], *sorted[end - 1]);
            if (!again && distinct == BATCH_KEYS)
                break;
            if (!again)
                values[distinct++] = db_t(*sorted[end]);
        }
        cleanup(db_done) struct db_rows *rows = NULL;
        enum err err = batch_query(tx, statements[by], &rows, merchant_id, values, distinct);
        while (err == OK && db_next(rows))
            answer(sorted + from, end - from, keys, rows, ret);
        if (err == OK)
            err = db_error(rows);
        if (err != OK)
            return err;
        from = end;
    }
    return OK;
}
