/* Readers while one writes: for ThreadSanitizer (-Db_sanitize=thread), and for answers that must
 * make sense at any moment. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include "audience_world.h"
#include "test.h"

enum { READERS = 3, IDS = 3000, CHANGES = 1500 };

struct shared {
    struct audience *audience;
    atomic_bool done;
    atomic_int answers;
};

static void read_once(struct shared *s, struct world *w, struct arena *a)
{
    struct buf text;
    struct audience_answer answer;
    struct audience_ask ask = {.limit = 20,
                               .sort = FIELD_NAME,
                               .facets = world_random(w, 4) ? 0 : ~0ull,
                               .descending = world_random(w, 2)};
    struct query_context c = {audience_today(s->audience), 2, audience_words(s->audience),
                              .segments = world_segments()};
    if (world_random(w, 3) == 0)
        ask.sort = FIELD_VISITS_PER_MONTH;
    buf_init(&text, 1 << 16);
    world_query(w, &text);
    if (query_parse(a, buf_str(&text), &c, &ask.query, NULL) == OK) {
        if (audience_ask(s->audience, &ask, a, &answer) != OK || answer.matching > answer.total ||
            answer.matching + answer.unknown > answer.total ||
            answer.nhits != (answer.matching < ask.limit ? answer.matching : ask.limit))
            abort();
        atomic_fetch_add(&s->answers, 1);
    }
    buf_free(&text);
    arena_reset(a);
}

static void *reader(void *arg)
{
    struct shared *s = arg;
    struct arena *a = arena_new();
    struct world w = {(uint64_t)(uintptr_t)&w | 1, 20593, arena_new()};
    const struct audience_viewer all = {0};
    struct audience_hit hit;
    while (!atomic_load(&s->done)) {
        read_once(s, &w, a);
        (void)!audience_get(s->audience, &all, 1 + world_random(&w, IDS), a, &hit);
        arena_reset(w.arena);
    }
    arena_free(&a);
    arena_free(&w.arena);
    return NULL;
}

static void write_on(struct shared *s)
{
    struct world w = {12345, 20593, arena_new()};
    for (int i = 0; i < CHANGES; i++) {
        int64_t id = 1 + world_random(&w, IDS);
        struct audience_row r = world_row(&w, id);
        if (world_random(&w, 10) == 0)
            audience_remove(s->audience, id);
        else
            assert_int_equal(audience_put(s->audience, &r), OK);
        if (i % 100 == 0)
            audience_set_today(s->audience, ++w.today);
        audience_set_favourite(s->audience, 1, id, i % 2);
        audience_set_word(s->audience, WORD_STORE, WORLD_STORE_ID(i % WORLD_STORES),
                          world_word(WORD_STORE, i % WORLD_STORES));
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    }
    arena_free(&w.arena);
}

static void readers_and_a_writer(void **state)
{
    (void)state;
    struct shared s = {0};
    struct audience_options o = {"en", 20593, IDS};
    pthread_t threads[READERS];
    assert_int_equal(audience_new(&o, &s.audience), OK);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, &s), 0);
    write_on(&s);
    atomic_store(&s.done, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&s.answers) > 0);
    audience_free(&s.audience);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(readers_and_a_writer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
