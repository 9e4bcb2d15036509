/* Fidelity cards: numbers, their check digits and bars, cards that were lost, merged customers. */
#include "crm_fixture.h"
#include "src/base/day.h"
#include "src/crm/fidelity/fidelity.h"
#include "src/crm/merge/merge.h"

enum { ANNA = 1000, BRUNO = 1001, TODAY = 20000 };
static const struct audit_actor boss = {0, "Boss", NULL};

static void test_check_digits(void **state)
{
    /* printed on real goods */
    (void)state;
    assert_int_equal(fidelity_check_digit(400638133393), 1);
    assert_int_equal(fidelity_check_digit(590123412345), 7);
    assert_int_equal(fidelity_check_digit(978020137962), 4);
    assert_int_equal(fidelity_check_digit(0), 0);
}

static void test_numbers_go_both_ways(void **state)
{
    uint8_t secret[FIDELITY_SECRET_BYTES] = {1, 2, 3}, other[FIDELITY_SECRET_BYTES] = {4};
    uint64_t random = 7;
    int64_t back, former = 0;
    (void)state;
    for (int i = 0; i < 5000; i++) {
        int64_t serial = i < 1000 ? i : (int64_t)(test_random(&random) % 10000000000ull);
        int64_t number = fidelity_number(secret, serial);
        assert_int_equal(number / 100000000000, FIDELITY_PREFIX);
        assert_int_not_equal(number, former);
        assert_true(fidelity_serial(secret, number, &back));
        assert_int_equal(back, serial);
        assert_int_not_equal(number, fidelity_number(other, serial));
        for (int64_t place = 1; place < 1000000000000; place *= 10) /* a digit mistyped */
            assert_false(fidelity_serial(
                secret, number / place % 10 == 9 ? number - place : number + place, &back));
        former = number;
    }
    assert_false(fidelity_serial(secret, 4006381333931, &back));
    assert_false(fidelity_serial(secret, -1, &back));
}

/* The bars, read back by the tables of the standard. */
static void test_bars(void **state)
{
    static const char *const left[10] = {"0001101", "0011001", "0010011", "0111101", "0100011",
                                         "0110001", "0101111", "0111011", "0110111", "0001011"};
    char bars[96] = {0};
    struct buf text;
    struct json j;
    int at, run;
    (void)state;
    buf_init(&text, 10000);
    json_init(&j, &text);
    assert_int_equal(fidelity_bars_json(&j, 2912345678903), OK);
    memset(bars, '0', 95);
    for (const char *p = strchr(buf_cstr(&text), 'M'); p; p = strchr(p + 1, 'M')) {
        assert_int_equal(sscanf(p, "M%d 0h%dv1", &at, &run), 2);
        memset(bars + at, '1', (size_t)run);
    }
    assert_memory_equal(bars, "101", 3);
    assert_memory_equal(bars + 45, "01010", 5);
    assert_memory_equal(bars + 3, left[9],
                        7); /* the first digit after the leading 2 is an L code */
    buf_free(&text);
}

struct world {
    struct fixture *f;
    int64_t customer_id, number, found, merge_id;
    struct fidelity_card card, former[FIDELITY_REISSUES_MAX];
    size_t n;
    bool undo;
    struct problem problem;
};

static enum err add_people(struct db_tx *tx, void *arg)
{
    const struct world *w = arg;
    struct customer_change all[2];
    const struct customer_origin how = {.how = "import", .now_us = 1};
    for (int i = 0; i < 2; i++) {
        all[i] = customer_change_empty(ANNA + i);
        all[i].create = true;
    }
    enum err e = fidelity_prepare(tx, w->f->merchant_id);
    return e == OK ? customer_apply(tx, w->f->merchant_id, &how, all, 2) : e;
}

static enum err read_card(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    enum err e = fidelity_of(tx, w->f->merchant_id, w->customer_id, &w->card);
    return e == OK ? fidelity_former(tx, w->f->merchant_id, w->customer_id, w->f->arena, w->former,
                                     &w->n)
                   : e;
}

static enum err find(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return fidelity_find(tx, w->f->merchant_id, w->number, w->f->arena, &w->found, &w->problem);
}

static enum err reissue(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    return fidelity_reissue(tx, w->f->merchant_id, w->customer_id, TODAY, STR("in the river"),
                            &boss, w->f->arena, &w->problem);
}

static enum err merge_two(struct db_tx *tx, void *arg)
{
    struct world *w = arg;
    const struct merge_request what = {.survivor_id = ANNA,
                                       .loser_id = BRUNO,
                                       .survivor_version = -1,
                                       .loser_version = -1,
                                       .today = TODAY,
                                       .now_us = now_us()};
    if (w->undo)
        return merge_undo(tx, w->f->merchant_id, w->merge_id, &boss, now_us(), w->f->arena, NULL);
    return merge_customers(tx, w->f->merchant_id, &what, &boss, w->f->arena, NULL, &w->merge_id,
                           NULL);
}

static int64_t card_of(struct world *w, int64_t customer_id)
{
    w->customer_id = customer_id;
    assert_int_equal(db_read(w->f->app.db, read_card, w), OK);
    return w->card.number;
}

static int64_t owner_of(struct world *w, int64_t number)
{
    w->number = number;
    assert_int_equal(db_read(w->f->app.db, find, w), OK);
    return w->found;
}

static void refused(struct world *w, int64_t number, enum err err, const char *code)
{
    w->number = number;
    assert_int_equal(db_read(w->f->app.db, find, w), err);
    assert_string_equal(w->problem.code, code);
}

static void test_cards(struct fixture *f)
{
    struct world *w = arena_make(f->arena, struct world);
    w->f = f;
    refused(w, 2912345678903, ERR_NOT_FOUND, "card_unknown"); /* nothing is prepared */
    assert_int_equal(db_write(f->app.db, add_people, w), OK);
    int64_t anna = card_of(w, ANNA), bruno = card_of(w, BRUNO);
    assert_int_equal(owner_of(w, anna), ANNA);
    assert_int_equal(owner_of(w, bruno), BRUNO);
    refused(w, anna + 1, ERR_NOT_FOUND, "card_mistyped");
    assert_int_equal(card_of(w, BRUNO), bruno);
    assert_int_equal(db_write(f->app.db, reissue, w), OK);
    int64_t second = card_of(w, BRUNO);
    assert_int_not_equal(second, bruno);
    assert_int_equal(w->n, 1);
    assert_str(w->former[0].reason, "in the river");
    refused(w, bruno, ERR_CONFLICT, "card_lost");
    assert_int_equal(owner_of(w, second), BRUNO);
    assert_int_equal(db_write(f->app.db, reissue, w), OK);
    int64_t third = card_of(w, BRUNO);
    refused(w, second, ERR_CONFLICT, "card_lost");
    assert_int_equal(db_write(f->app.db, merge_two, w), OK);
    assert_int_equal(card_of(w, ANNA), anna);
    assert_int_equal(owner_of(w, third), ANNA);
    refused(w, bruno, ERR_CONFLICT, "card_lost");
    w->undo = true;
    assert_int_equal(db_write(f->app.db, merge_two, w), OK);
    assert_int_equal(owner_of(w, third), BRUNO);
    assert_int_equal(card_of(w, BRUNO), third);
    assert_int_equal(owner_of(w, anna), ANNA);
}

static void each_cards(void **state)
{
    (void)state;
    on_each_engine(test_cards);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_digits),
        cmocka_unit_test(test_numbers_go_both_ways),
        cmocka_unit_test(test_bars),
        cmocka_unit_test(each_cards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
