/* What batches of customers and of sales have in common. */
#include "batch.h"
#include "../../base/check.h"
#include "../change/change.h"
#include "import_sql.h"

void row_reject(struct batch_row *r, const char *code, const char *field, const char *name,
                const char *value)
{
    r->verdict = ROW_INVALID;
    row_problem_add(&r->row, code, field, name, value);
}

/* The number people say, or "new" for one made in this very batch. */
static const char *number_text(struct applying *a, int64_t customer_id)
{
    int64_t number;
    if (db_query_int(a->tx, &import_customer_number, &number, db_i(a->merchant_id),
                     db_i(customer_id)) != OK)
        return "*";
    return arena_printf(a->batch_arena, "%lld", (long long)number);
}

void row_reject_conflict(struct applying *a, struct batch_row *r, int64_t one, int64_t other)
{
    const char *both =
        arena_printf(a->batch_arena, "%s / %s", number_text(a, one), number_text(a, other));
    row_reject(r, "import_two_customers", NULL, "numbers", both);
}

struct row **batch_good_rows(struct applying *a, struct batch *b, size_t *ret_n)
{
    struct row **rows = arena_array(a->arena, struct row *, b->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (b->rows[i]->row.nproblems == 0 && !b->rows[i]->row.blank)
            rows[n++] = &b->rows[i]->row;
    *ret_n = n;
    return rows;
}

enum err batch_note_changes(struct applying *a, const int64_t *customers, size_t n)
{
    size_t stores, words;
    const int64_t *new_stores = import_names_made(a->names, true, &stores);
    const int64_t *new_words = import_names_made(a->names, false, &words);
    enum err e = stores > 0 ? change_note(a->tx, a->merchant_id, "store", new_stores, stores) : OK;
    if (e == OK && words > 0)
        e = change_note(a->tx, a->merchant_id, "word", new_words, words);
    return e == OK && n > 0 ? change_note(a->tx, a->merchant_id, "customer", customers, n) : e;
}
