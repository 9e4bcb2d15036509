/* The dictionary of texts against a plain list of them. */
#include "test.h"
#include "src/audience/lexicon.h"
#include <string.h>

enum { TEXTS = 600, LENGTH_MAX = 40, STEPS = 60000 };

/* Which of the texts are there, by number. */
struct model {
    struct str text[TEXTS];
    uint32_t number[TEXTS]; /* LEXICON_NONE: not there */
};

/* Short and long ones, some of them parts of others. */
static void make_texts(struct model *m, struct arena *a, uint64_t *seed)
{
    for (int i = 0; i < TEXTS; i++) {
        size_t n = 1 + test_random(seed) % LENGTH_MAX;
        char *p = arena_alloc(a, n);
        bool again = true;
        while (again) {
            for (size_t k = 0; k < n; k++)
                p[k] = (char)('a' + test_random(seed) % (n < 3 ? 26 : 4));
            again = false;
            for (int k = 0; k < i && !again; k++)
                again = str_eq(m->text[k], (struct str){p, n});
            if (again && n < LENGTH_MAX)
                p = arena_alloc(a, ++n);
        }
        m->text[i] = (struct str){p, n};
        m->number[i] = LEXICON_NONE;
    }
}

struct seen {
    const struct model *m;
    int found;
};

static void see(void *ctx, uint32_t number, struct str text, size_t where)
{
    struct seen *s = ctx;
    (void)where;
    for (int i = 0; i < TEXTS; i++)
        if (s->m->number[i] == number) {
            assert_true(str_eq(s->m->text[i], text));
            s->found++;
            return;
        }
    fail_msg("number %u is nobody's", number);
}

static void search_agrees(const struct lexicon *l, const struct model *m, struct str part)
{
    struct seen s = {m, 0};
    int expected = 0;
    lexicon_search(l, simd_best(), part, see, &s);
    for (int i = 0; i < TEXTS; i++)
        expected += m->number[i] != LEXICON_NONE &&
                    memmem(m->text[i].p, m->text[i].n, part.p, part.n) != NULL;
    assert_int_equal(s.found, expected);
}

static void one_step(struct lexicon *l, struct model *m, uint64_t *seed)
{
    size_t i = test_random(seed) % TEXTS, twin;
    bool is_new;
    if (m->number[i] != LEXICON_NONE && test_random(seed) % 3 == 0) {
        lexicon_forget(l, m->number[i]);
        m->number[i] = LEXICON_NONE;
        assert_int_equal(lexicon_find(l, m->text[i]), LEXICON_NONE);
        return;
    }
    uint32_t number = lexicon_get(l, m->text[i], &is_new);
    assert_int_equal(is_new, m->number[i] == LEXICON_NONE);
    if (is_new) /* nobody else has it */
        for (twin = 0; twin < TEXTS; twin++)
            assert_int_not_equal(m->number[twin], number);
    else
        assert_int_equal(number, m->number[i]);
    m->number[i] = number;
    assert_int_equal(lexicon_find(l, m->text[i]), number);
}

static void texts_keep_their_numbers(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct model *m = arena_make(a, struct model);
    struct lexicon l;
    uint64_t seed = 31;
    make_texts(m, a, &seed);
    lexicon_init(&l);
    for (int step = 0; step < STEPS; step++) {
        if (step % 5000 == 0)
            lexicon_remember(&l, step % 10000 == 0);
        one_step(&l, m, &seed);
        if (step % 500 == 0)
            search_agrees(&l, m, m->text[test_random(&seed) % TEXTS]);
    }
    lexicon_free(&l);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
