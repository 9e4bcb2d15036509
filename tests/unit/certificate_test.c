/* Codes that notice a slip; a certificate redeemed once and no more than it is worth, by many tills
 * at once; stamps and referrals given what they promise once. On both engines. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/certificate/certificate.h"
#include "src/crm/code/code.h"
#include "src/crm/referral/referral.h"
#include "src/crm/stamp/stamp.h"
#include <pthread.h>

enum { TILLS = 8, TODAY = 20000, ANNA = 1000, BEA = 1001, PART = 100, WORTH = 1000 };

/* ---- codes ---- */

static void a_slip_is_noticed(void **state)
{
    static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct code read;
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct code c = code_new(CERTIFICATE_SYMBOLS);
        assert_int_equal(strlen(c.text), CERTIFICATE_SYMBOLS);
        assert_true(code_read(str_c(c.text), CERTIFICATE_SYMBOLS, &read));
        for (int i = 0; i < CERTIFICATE_SYMBOLS; i++) {
            for (const char *s = symbols; *s; s++) { /* another symbol */
                struct code slip = c;
                slip.text[i] = *s;
                assert_int_equal(code_read(str_c(slip.text), CERTIFICATE_SYMBOLS, &read),
                                 *s == c.text[i]);
            }
            for (int k = i + 1; k < CERTIFICATE_SYMBOLS; k++) { /* two in the other's place */
                struct code slip = c;
                slip.text[i] = c.text[k];
                slip.text[k] = c.text[i];
                assert_int_equal(code_read(str_c(slip.text), CERTIFICATE_SYMBOLS, &read),
                                 c.text[i] == c.text[k]);
            }
        }
    }
}

static void sloppy_typing_is_forgiven(void **state)
{
    struct code read, c = code_new(CERTIFICATE_SYMBOLS);
    struct arena *a = arena_new();
    char *typed = arena_cstr(a, str_c(code_shown(a, str_c(c.text))));
    (void)state;
    assert_int_equal(strlen(typed), CERTIFICATE_SYMBOLS + 2);
    for (char *p = typed; *p; p++)
        *p = *p == '0' ? 'o' : *p == '1' ? 'i' : *p == '-' ? ' ' : *p;
    assert_true(code_read(str_c(typed), CERTIFICATE_SYMBOLS, &read));
    assert_string_equal(read.text, c.text);
    assert_false(code_read(STR(""), CERTIFICATE_SYMBOLS, &read));
    assert_false(code_read(STR("7K3M-Q2XD-9FHT\xc3\xa9"), CERTIFICATE_SYMBOLS, &read));
    arena_free(&a);
}

/* ---- a base ---- */

struct shop {
    struct fixture *f;
    struct certificate_type type;
    struct stamp_program program;
    int64_t certificate, referral, bringer;
    int64_t amount;
    struct problem problem;
};
static const struct audit_actor nobody = {0, "test", NULL};

static struct certificate_actor actor(struct arena *a)
{
    return (struct certificate_actor){.by = nobody, .today = TODAY, .arena = a};
}

static enum err add_people(struct db_tx *tx, void *arg)
{
    const struct fixture *f = arg;
    const struct customer_origin how = {.how = "import", .now_us = 1};
    struct customer_change all[2] = {customer_change_empty(ANNA), customer_change_empty(BEA)};
    for (int i = 0; i < 2; i++) {
        all[i].create = true;
        all[i].first_name = i ? STR("Bea") : STR("Anna");
    }
    return customer_apply(tx, f->merchant_id, &how, all, 2);
}

static enum err make_type(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    const struct certificate_actor who = actor(s->f->arena);
    s->type = (struct certificate_type){.name = STR("Thanks"),
                                        .description = STR(""),
                                        .gift = STR(""),
                                        .kind = CERTIFICATE_VALUE,
                                        .value_minor = WORTH,
                                        .partial = true,
                                        .valid_until = DAY_NONE};
    return certificate_type_save(tx, s->f->merchant_id, NULL, &s->type, &who, &s->problem);
}

static enum err issue(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    const struct certificate_actor who = actor(s->f->arena);
    const struct certificate_issue how = {.origin = "staff", .reason = STR(""), .message = STR("")};
    return certificate_issue(tx, s->f->merchant_id, s->type.id, ANNA, &how, &who, &s->certificate,
                             &s->problem);
}

static void open_shop(struct fixture *f, struct shop *s)
{
    *s = (struct shop){.f = f};
    assert_int_equal(db_write(f->app.db, add_people, f), OK);
    assert_int_equal(db_write(f->app.db, make_type, s), OK);
    assert_int_equal(db_write(f->app.db, issue, s), OK);
}

/* ---- many tills ---- */

struct till {
    pthread_t thread;
    const struct shop *shop;
    struct arena *arena;
    db_fn fn;
    int done, refused, failed;
};

static enum err redeem(struct db_tx *tx, void *arg)
{
    const struct till *t = arg;
    const struct certificate_actor who = actor(t->arena);
    struct certificate c;
    struct problem p = {.from = -1};
    return certificate_redeem(tx, t->shop->f->merchant_id, t->shop->certificate, t->shop->amount,
                              STR(""), &who, &c, &p);
}

static enum err stamp(struct db_tx *tx, void *arg)
{
    const struct till *t = arg;
    const struct certificate_actor who = actor(t->arena);
    struct problem p = {.from = -1};
    int64_t filled;
    return stamp_apply(tx, t->shop->f->merchant_id, ANNA, t->shop->program.id, 1, &who, &filled,
                       &p);
}

static void *work(void *arg)
{
    struct till *t = arg;
    t->arena = arena_new();
    for (int i = 0; i < 3; i++) {
        enum err e = db_write(t->shop->f->app.db, t->fn, t);
        t->done += e == OK;
        t->refused += e == ERR_CONFLICT;
        t->failed += e != OK && e != ERR_CONFLICT;
    }
    arena_free(&t->arena);
    return NULL;
}

/* How many of TILLS × 3 attempts went well. */
static int all_at_once(const struct shop *s, db_fn fn)
{
    struct till tills[TILLS];
    int done = 0;
    for (int i = 0; i < TILLS; i++) {
        tills[i] = (struct till){.shop = s, .fn = fn};
        assert_int_equal(pthread_create(&tills[i].thread, NULL, work, &tills[i]), 0);
    }
    for (int i = 0; i < TILLS; i++) {
        pthread_join(tills[i].thread, NULL);
        assert_int_equal(tills[i].failed, 0);
        done += tills[i].done;
    }
    return done;
}

static enum err read_certificate(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    struct certificate c;
    struct certificate_change *all;
    size_t n;
    enum err e = certificate_get(tx, s->f->merchant_id, s->certificate, TODAY, s->f->arena, &c);
    if (e == OK)
        e = certificate_changes(tx, s->f->merchant_id, s->certificate, s->f->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        s->amount += all[i].amount_minor;
    assert_int_equal(c.state, CERTIFICATE_REDEEMED);
    assert_int_equal(c.left_minor, 0);
    return e;
}

static void many_tills_redeem_once(struct fixture *f)
{
    struct shop s;
    open_shop(f, &s);
    assert_int_equal(all_at_once(&s, redeem), 1); /* all that is left */
    s.amount = 0;
    assert_int_equal(db_read(f->app.db, read_certificate, &s), OK);
    assert_int_equal(s.amount, WORTH);
}

static void many_tills_take_no_more_than_there_is(struct fixture *f)
{
    struct shop s;
    open_shop(f, &s);
    s.amount = PART;
    assert_int_equal(all_at_once(&s, redeem), WORTH / PART);
    s.amount = 0;
    assert_int_equal(db_read(f->app.db, read_certificate, &s), OK);
    assert_int_equal(s.amount, WORTH);
}

/* ---- stamps ---- */

static enum err make_program(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    const struct certificate_actor who = actor(s->f->arena);
    s->program = (struct stamp_program){
        .name = STR("Cups"),
        .description = STR(""),
        .stamps = 4,
        .reward = {.kind = REWARD_CERTIFICATE, .type_id = s->type.id, .gift = STR("")}};
    return stamp_program_save(tx, s->f->merchant_id, NULL, &s->program, &who, &s->problem);
}

static enum err read_cards(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    struct stamp_card *cards;
    size_t n;
    enum err e = stamp_cards(tx, s->f->merchant_id, ANNA, s->f->arena, &cards, &n);
    for (size_t i = 0; e == OK && i < n; i++) {
        assert_true(cards[i].completed_us && cards[i].certificate_id && cards[i].stamps == 4);
        for (size_t k = 0; k < i; k++)
            assert_true(cards[k].certificate_id != cards[i].certificate_id);
    }
    s->amount = (int64_t)n;
    return e;
}

static void each_full_card_gives_once(struct fixture *f)
{
    struct shop s;
    open_shop(f, &s);
    assert_int_equal(db_write(f->app.db, make_program, &s), OK);
    assert_int_equal(all_at_once(&s, stamp), TILLS * 3);
    assert_int_equal(db_read(f->app.db, read_cards, &s), OK);
    assert_int_equal(s.amount, TILLS * 3 / 4);
}

/* ---- referrals ---- */

static enum err make_rules(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    const struct certificate_actor who = actor(s->f->arena);
    struct referral_rules rules = {
        .active = true,
        .demand = REFERRAL_REGISTERED,
        .new_days = 30,
        .bringer = {.kind = REWARD_CERTIFICATE, .type_id = s->type.id, .gift = STR("")},
        .brought = {.kind = REWARD_GIFT, .gift = STR("A coffee")}};
    return referral_rules_save(tx, s->f->merchant_id, 0, &rules, &who, &s->problem);
}

static enum err bring(struct db_tx *tx, void *arg)
{
    const struct till *t = arg;
    const struct certificate_actor who = actor(t->arena);
    struct problem p = {.from = -1};
    int64_t id;
    return referral_enter(tx, t->shop->f->merchant_id, ANNA, BEA, "card", &who, &id, &p);
}

static enum err count_certificates(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    struct certificate list[20];
    size_t n;
    const struct certificate_filter all = {
        .customer_id = ANNA, .state = -1, .below = INT64_MAX, .limit = 20, .today = TODAY};
    enum err e = certificate_list(tx, s->f->merchant_id, &all, s->f->arena, list, &n);
    s->amount = (int64_t)n;
    return e;
}

static void a_referral_is_rewarded_once(struct fixture *f)
{
    struct shop s;
    open_shop(f, &s);
    assert_int_equal(db_write(f->app.db, make_rules, &s), OK);
    assert_int_equal(all_at_once(&s, bring), 1);
    assert_int_equal(db_read(f->app.db, count_certificates, &s), OK);
    assert_int_equal(s.amount, 2); /* the one there was, and the reward */
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(many_tills_redeem_once)
EACH(many_tills_take_no_more_than_there_is)
EACH(each_full_card_gives_once)
EACH(a_referral_is_rewarded_once)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_is_noticed),
        cmocka_unit_test(sloppy_typing_is_forgiven),
        cmocka_unit_test(many_tills_redeem_once_each),
        cmocka_unit_test(many_tills_take_no_more_than_there_is_each),
        cmocka_unit_test(each_full_card_gives_once_each),
        cmocka_unit_test(a_referral_is_rewarded_once_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
