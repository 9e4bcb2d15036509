#include "../batch.h"
#include "change_sql.h"

enum err change_note(struct db_tx *tx, int64_t merchant_id, const char *entity,
                     const int64_t *entity_ids, size_t n)
{
    int64_t last;
    if (n == 0)
        return OK;
    enum err e = db_query_int(tx, &change_take, &last, db_i((int64_t)n), db_i(merchant_id));
    if (e != OK)
        return e;
    struct batch_rows rows;
    batch_rows_begin(&rows, tx, db_arena(tx), &change_add);
    for (size_t i = 0; i < n; i++)
        batch_rows_add(&rows,
                       (struct db_value[]){db_i(merchant_id), db_i(last - (int64_t)(n - 1 - i)),
                                           db_tc(entity), db_i(entity_ids[i])});
    e = batch_rows_end(&rows);
    if (e == OK && (last - (int64_t)n) / CHANGES_PRUNED != last / CHANGES_PRUNED)
        e = db_exec(tx, &change_prune, NULL, db_i(merchant_id), db_i(last - CHANGES_KEPT));
    return e;
}
