/* The threads of a load: rows begun by one, completed by another, put by a third. */
#include "src/base/check.h"
#include "src/crm/customer/audiences_pipe.h"
#include "src/audience/query.h"
#include "test.h"

enum { ROWS = 5003, BEGUN = 100, COMPLETE = 7 };

struct loading {
    struct arena *arena;
    struct audience *audience;
    struct row_pipe *pipe;
};

static void start(struct loading *l)
{
    const struct audience_options o = {"en", 20000, ROWS};

    *l = (struct loading){.arena = arena_new()};
    assert_int_equal(audience_new(&o, &l->audience), OK);
    audience_load_begin(l->audience);
    assert_int_equal(row_pipe_start(l->audience, &l->pipe), OK);
}

/* Begins `n` rows; false: it was told to stop. */
static bool begin(struct loading *l, int64_t n, int64_t visits)
{
    bool room = true;

    for (int64_t id = 1; room && id <= n; id++) {
        struct audience_row *row = row_pipe_row(l->pipe);
        *row = (struct audience_row){.id = id, .visits = visits, .first_name = STR("Anna")};
        room = row_pipe_put(l->pipe);
    }
    return room;
}

static enum err end(struct loading *l)
{
    enum err err = row_pipe_end(&l->pipe);

    audience_load_end(l->audience);
    assert_null(l->pipe);
    return err;
}

static int64_t matching(struct loading *l, const char *text)
{
    struct audience_ask ask = {.only_count = true};
    struct audience_answer answer;
    struct problem p = {0};
    const struct query_context c = {20000, 2, audience_words(l->audience)};

    assert_int_equal(query_parse(l->arena, str_c(text), &c, &ask.query, &p), OK);
    assert_int_equal(audience_ask(l->audience, &ask, l->arena, &answer), OK);
    return answer.matching;
}

static void stop(struct loading *l)
{
    audience_free(&l->audience);
    arena_free(&l->arena);
}

static void rows_are_put_as_they_were_begun(void **state)
{
    struct loading l;

    (void)state;
    start(&l);
    assert_true(begin(&l, ROWS, BEGUN));
    assert_int_equal(end(&l), OK);
    assert_int_equal(matching(&l, ""), ROWS);
    assert_int_equal(matching(&l, "visits:100"), ROWS);
    stop(&l);
}

struct helping {
    int64_t last, fail_after;
    enum err err;
    bool silent; /* asks for nothing */
    bool in_order;
};

static enum err complete(struct row_pipe *p, void *arg)
{
    struct helping *h = arg;
    struct row_batch *b;

    if (h->silent)
        return h->err;
    while ((b = row_pipe_take(p))) {
        for (size_t i = 0; i < b->n; i++) {
            h->in_order &= b->rows[i].id > h->last;
            h->last = b->rows[i].id;
            b->rows[i].visits = COMPLETE;
            b->rows[i].nickname = arena_str(b->arena, STR("Bella"));
        }
        if (h->fail_after && h->last >= h->fail_after)
            return h->err;
    }
    return OK;
}

static void a_helper_completes_them(void **state)
{
    static const int64_t sizes[] = {0, 1, 512, 513, ROWS};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct helping h = {.in_order = true};
        struct loading l;
        start(&l);
        assert_true(row_pipe_help(l.pipe, complete, &h));
        assert_true(begin(&l, sizes[i], BEGUN));
        assert_int_equal(end(&l), OK);
        assert_true(h.in_order && h.last == sizes[i]);
        assert_int_equal(matching(&l, ""), sizes[i]);
        assert_int_equal(matching(&l, "visits:7"), sizes[i]);
        assert_int_equal(matching(&l, "bella"), sizes[i]);
        stop(&l);
    }
}

/* One that cannot begin is no error: it is done without. */
static void a_helper_may_stay_away(void **state)
{
    struct helping h = {.silent = true, .err = ERR_BUSY};
    struct loading l;

    (void)state;
    start(&l);
    assert_false(row_pipe_help(l.pipe, complete, &h));
    assert_true(begin(&l, ROWS, BEGUN));
    assert_int_equal(end(&l), OK);
    assert_int_equal(matching(&l, "visits:100"), ROWS);
    stop(&l);
}

static void a_failing_helper_ends_the_load(void **state)
{
    struct helping h = {.fail_after = 1000, .err = ERR_IO};
    struct loading l;

    (void)state;
    start(&l);
    assert_true(row_pipe_help(l.pipe, complete, &h));
    assert_false(begin(&l, 100000, BEGUN)); /* more than wait in between */
    assert_int_equal(end(&l), ERR_IO);
    assert_true(matching(&l, "visits:100") == 0);
    stop(&l);
}

static void a_row_that_is_refused_ends_the_load(void **state)
{
    static char huge[70000];
    struct loading l;

    (void)state;
    memset(huge, 'x', sizeof huge);
    for (int helped = 0; helped < 2; helped++) {
        struct helping h = {0};
        start(&l);
        assert_int_equal(helped && row_pipe_help(l.pipe, complete, &h), helped);
        *row_pipe_row(l.pipe) = (struct audience_row){.id = 1, .contact_text = {huge, sizeof huge}};
        assert_true(row_pipe_put(l.pipe));
        for (bool room = true; room; room = row_pipe_put(l.pipe))
            *row_pipe_row(l.pipe) = (struct audience_row){.id = 2};
        assert_int_equal(end(&l), ERR_TOO_LARGE);
        stop(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_put_as_they_were_begun),
        cmocka_unit_test(a_helper_completes_them),
        cmocka_unit_test(a_helper_may_stay_away),
        cmocka_unit_test(a_failing_helper_ends_the_load),
        cmocka_unit_test(a_row_that_is_refused_ends_the_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
