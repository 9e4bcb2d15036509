/* GET /words: what tags and sources there are, for typing ahead. */
#include "../../base/check.h"
#include "word_sql.h"

enum { WORDS_TOLD = 20 };
static const char *const kinds[] = {"tag", "source", NULL};

struct list_args {
    int kind;
    struct str q;
};
static const struct spec list_spec[] = {
    {"kind", SPEC_CHOICE, offsetof(struct list_args, kind), .required = true, .choices = kinds},
    {"q", SPEC_TEXT, offsetof(struct list_args, q), .max = WORD_NAME_MAX,
     .doc = "how it begins, blind to case and marks"},
    {0},
};
struct listing {
    struct request *r;
    struct str names[WORDS_TOLD];
    size_t n;
};

static enum err read_words(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    const struct list_args *args = l->r->args;
    cleanup(db_done) struct db_rows *rows = NULL;
    struct str key = text_fold(db_arena(tx), args->q); /* letters, digits and blanks alone */
    struct str pattern = str_c(arena_printf(db_arena(tx), "%.*s%%", (int)key.n, key.p));
    l->n = 0;
    enum err e = db_query(tx, &word_starting, &rows, db_i(l->r->caller.merchant_id),
                          db_tc(kinds[args->kind]), db_t(pattern));
    while (e == OK && l->n < WORDS_TOLD && db_next(rows))
        l->names[l->n++] = db_text_in(rows, 0, l->r->arena);
    return e == OK ? db_error(rows) : e;
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct listing l = {.r = r};
    enum err e = db_read(app->db, read_words, &l);
    if (e != OK)
        return e;
    json_open(&r->json);
    json_key(&r->json, "items");
    json_list(&r->json);
    for (size_t i = 0; i < l.n; i++)
        json_text(&r->json, l.names[i]);
    json_end(&r->json);
    json_close(&r->json);
    return OK;
}

const struct http_route word_routes[] = {
    {"GET", "/api/v1/words", PERM_CUSTOMERS_READ, list_route, .query = list_spec,
     .args_size = sizeof(struct list_args), .summary = "Tags or sources that begin so",
     .answer = "WordList"},
    {0},
};
