#include "../../base/check.h"
#include "word_sql.h"

const char *word_kind_name(enum word_kind kind)
{
    static const char *const names[WORD_KINDS] = {
        [WORD_STORE] = "store",       [WORD_SOURCE] = "source", [WORD_TAG] = "tag",
        [WORD_CATEGORY] = "category", [WORD_SIZE] = "size",     [WORD_GROUP] = "group"};
    check(kind >= 0 && kind < WORD_KINDS);
    return names[kind];
}

/* What words are matched by. A name without letters or digits is its own key. */
static struct str key_of(struct arena *a, struct str name)
{
    struct str folded = text_fold(a, name);
    return folded.n > 0 ? folded : name;
}

enum err word_id(struct db_tx *tx, int64_t merchant_id, enum word_kind kind, struct str name,
                 int64_t *ret_id, bool *ret_new)
{
    int64_t id;
    check(kind != WORD_STORE && kind != WORD_GROUP);
    const char *kind_name = word_kind_name(kind);
    struct str key = key_of(db_arena(tx), name);
    enum err e = db_query_int(tx, &word_find, &id, db_i(merchant_id), db_tc(kind_name), db_t(key));
    bool is_new = e == ERR_NOT_FOUND;
    if (is_new) {
        e = db_query_int(tx, &word_next, &id, db_i(merchant_id), db_tc(kind_name));
        if (e == OK)
            e = db_exec(tx, &word_add, NULL, db_i(merchant_id), db_tc(kind_name), db_i(id),
                        db_t(name), db_t(key));
    }
    if (e != OK)
        return e;
    *ret_id = id;
    *ret_new = is_new;
    return OK;
}
