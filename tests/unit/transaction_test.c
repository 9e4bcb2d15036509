/* Kinds, amounts, identities, and what happens when an invoice comes again. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/transaction/transaction.h"

static void test_amounts_round_half_up(void **state)
{
    static const struct {
        int64_t quantity_milli, price_micro;
        int decimals;
        int64_t minor;
    } cases[] = {
        {1000, 2550000, 2, 255},
        {3000, 335000, 2, 101}, /* 1.005 */
        {-3000, 335000, 2, -100},
        {1000, 5000, 2, 1},
        {-1000, 5000, 2, 0},
        {-1000, 5001, 2, -1},
        {500, 1990000, 2, 100},
        {1000, 1500000, 0, 2},
        {80995000, 2080000, 2, 16846960},
        {1000, 1234567, 3, 1235},
        {0, 9990000, 2, 0},
    };
    int64_t minor;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(transaction_amount(cases[i].quantity_milli, cases[i].price_micro,
                                       cases[i].decimals, &minor));
        assert_int_equal(minor, cases[i].minor);
    }
    assert_false(transaction_amount(INT64_MAX, INT64_MAX, 2, &minor));
}

static void test_cancellations_are_recognised(void **state)
{
    (void)state;
    assert_true(transaction_is_cancellation(STR("C536379")));
    assert_true(transaction_is_cancellation(STR("c1")));
    assert_false(transaction_is_cancellation(STR("C")));
    assert_false(transaction_is_cancellation(STR("536379")));
    assert_false(transaction_is_cancellation(STR("C12A")));
    assert_false(transaction_is_cancellation(STR("A563185")));
    assert_false(transaction_is_cancellation(STR("")));
}

static void test_identities_differ(void **state)
{
    uint8_t a[16], b[16];
    struct transaction_line line = {.product = STR("ab"), .quantity_milli = 1000};
    struct transaction_line other = {.product_code = STR("ab"), .quantity_milli = 1000};

    (void)state;
    transaction_identity_of_invoice(1, 100, STR("C12"), a);
    transaction_identity_of_invoice(1, 100, STR("c12"), b);
    assert_memory_equal(a, b, 16);
    transaction_identity_of_invoice(1, 100, STR("12"), b);
    assert_memory_not_equal(a, b, 16);
    transaction_identity_of_invoice(1, 101, STR("12"), a);
    assert_memory_not_equal(a, b, 16);
    transaction_identity_of_line(1, 1, 5, &line, 0, a);
    transaction_identity_of_line(1, 1, 5, &line, 1, b);
    assert_memory_not_equal(a, b, 16);
    transaction_identity_of_line(1, 1, 5, &other, 0, b);
    assert_memory_not_equal(a, b, 16);
}

/* ---- in a base ---- */

struct sale {
    int customer; /* 0 = nobody, else 1 or 2 */
    const char *invoice;
    int32_t day;
    int64_t quantity, amount;
};
struct sold {
    struct fixture *f;
    int64_t import_id;
    const struct sale *sales;
    size_t n;
    const int64_t *customers;
    struct transaction_head heads[8];
    struct transaction_line lines[8];
};

static enum err do_sell(struct db_tx *tx, void *arg)
{
    struct sold *s = arg;

    for (size_t i = 0; i < s->n; i++) {
        const struct sale *sale = &s->sales[i];
        s->lines[i] = (struct transaction_line){.quantity_milli = sale->quantity * 1000,
                                                .amount_minor = sale->amount};
        s->heads[i] = (struct transaction_head){
            .customer_id = sale->customer ? s->customers[sale->customer - 1] : 0,
            .invoice = str_c(sale->invoice),
            .at_us = sale->day * US_PER_DAY,
            .day = sale->day,
            .lines = &s->lines[i],
            .nlines = 1};
        transaction_identity_of_invoice(0, sale->day, s->heads[i].invoice, s->heads[i].identity);
    }
    return transactions_add(tx, s->f->merchant_id, s->import_id, 1, s->heads, s->n);
}

static enum err make_two(struct db_tx *tx, void *arg)
{
    struct sold *s = arg;
    struct customer_change changes[2];

    for (int i = 0; i < 2; i++) {
        changes[i] = customer_change_empty(s->customers[i]);
        changes[i].create = true;
    }
    return customer_apply(tx, s->f->merchant_id, &(struct customer_origin){.how = "till"}, changes,
                          2);
}

static void sell(struct sold *s, int64_t import_id, const struct sale *sales, size_t n)
{
    s->import_id = import_id;
    s->sales = sales;
    s->n = n;
    assert_int_equal(db_write(s->f->app.db, do_sell, s), OK);
}

struct facts_row {
    struct fixture *f;
    int64_t customer, operations, spent, visits;
};

static enum err read_facts(struct db_tx *tx, void *arg)
{
    static const struct db_statement st = {
        "test_row",
        "SELECT operations, spent_minor, visits FROM customer_facts WHERE merchant_id = $1"
        " AND customer_id = $2",
        "ii", "iii"};
    cleanup(db_done) struct db_rows *rows = NULL;
    struct facts_row *x = arg;
    struct facts_report report;

    assert_int_equal(db_query(tx, &st, &rows, db_i(x->f->merchant_id), db_i(x->customer)), OK);
    assert_true(db_next(rows));
    x->operations = db_int(rows, 0);
    x->spent = db_int(rows, 1);
    x->visits = db_int(rows, 2);
    db_done(&rows);
    assert_int_equal(facts_check(tx, x->f->merchant_id, &report), OK);
    assert_int_equal(report.wrong + report.missing, 0);
    return OK;
}

static void facts_are(struct sold *s, int customer, int64_t operations, int64_t spent,
                      int64_t visits)
{
    struct facts_row x = {s->f, s->customers[customer - 1], 0, 0, 0};
    assert_int_equal(db_read(s->f->app.db, read_facts, &x), OK);
    assert_int_equal(x.operations, operations);
    assert_int_equal(x.spent, spent);
    assert_int_equal(x.visits, visits);
}

static void invoices_come_again(struct fixture *f)
{
    int64_t customers[2] = {id_new(), id_new()};
    struct sold s = {.f = f, .customers = customers};

    assert_int_equal(db_write(f->app.db, make_two, &s), OK);
    sell(&s, 1,
         (struct sale[]){
             {1, "100", 19000, 1, 500}, {0, "101", 19000, 1, 700}, {2, "R9", 19001, -1, -300}},
         3);
    assert_int_equal(s.heads[0].verdict, TRANSACTION_ADDED);
    assert_int_equal(s.heads[2].kind, TRANSACTION_RETURN);
    facts_are(&s, 1, 1, 500, 1);
    facts_are(&s, 2, 0, -300, 0);
    /* the same import goes on with it; another customer's lines do not belong there */
    sell(&s, 1,
         (struct sale[]){
             {1, "100", 19000, 2, 250}, {1, "101", 19000, 1, 1}, {2, "R9", 19001, 1, 900}},
         3);
    assert_int_equal(s.heads[0].verdict, TRANSACTION_EXTENDED);
    assert_int_equal(s.heads[1].verdict, TRANSACTION_MISMATCH);
    assert_int_equal(s.heads[2].verdict, TRANSACTION_EXTENDED);
    assert_int_equal(s.heads[2].kind, TRANSACTION_PURCHASE);
    facts_are(&s, 1, 1, 750, 1);
    facts_are(&s, 2, 1, 600, 1);
    /* a later import of the same file changes nothing */
    sell(&s, 2, (struct sale[]){{1, "100", 19000, 1, 500}, {1, "100", 19001, 1, 40}}, 2);
    assert_int_equal(s.heads[0].verdict, TRANSACTION_KNOWN);
    assert_int_equal(s.heads[1].verdict, TRANSACTION_ADDED); /* another day, another invoice */
    facts_are(&s, 1, 2, 790, 2);
}

static void cancellations_find_their_purchase(struct fixture *f)
{
    int64_t customers[2] = {id_new(), id_new()};
    struct sold s = {.f = f, .customers = customers};

    assert_int_equal(db_write(f->app.db, make_two, &s), OK);
    sell(&s, 1,
         (struct sale[]){{1, "7", 18000, 1, 100}, {1, "7", 18365, 1, 200}, {1, "8", 18365, 1, 50}},
         3);
    facts_are(&s, 1, 3, 350, 2);
    sell(&s, 1, (struct sale[]){{2, "C7", 18400, -1, -200}},
         1); /* another customer's: cites nothing */
    facts_are(&s, 1, 3, 350, 2);
    facts_are(&s, 2, 0, -200, 0);
    sell(&s, 1, (struct sale[]){{1, "c7", 18401, -1, -200}}, 1); /* the latest of the two */
    facts_are(&s, 1, 2, 150, 2);
    sell(&s, 1, (struct sale[]){{1, "C8", 18400, -1, -50}},
         1); /* now nothing is left of that day */
    facts_are(&s, 1, 1, 100, 1);
    sell(&s, 1, (struct sale[]){{1, "C7", 18100, -1, -100}}, 1);
    facts_are(&s, 1, 0, 0, 0);
    /* the cancellation first, the purchase in a later batch */
    sell(&s, 1, (struct sale[]){{1, "C20", 18500, -1, -30}}, 1);
    facts_are(&s, 1, 0, -30, 0);
    sell(&s, 1, (struct sale[]){{1, "20", 18500, 1, 30}, {1, "21", 18500, 1, 5}}, 2);
    facts_are(&s, 1, 1, 5, 1);
    /* both in one batch */
    sell(&s, 1, (struct sale[]){{1, "C30", 18600, -1, -9}, {1, "30", 18600, 1, 9}}, 2);
    facts_are(&s, 1, 1, 5, 1);
}

static void test_invoices_come_again(void **state)
{
    (void)state;
    on_each_engine(invoices_come_again);
}

static void test_cancellations_find_their_purchase(void **state)
{
    (void)state;
    on_each_engine(cancellations_find_their_purchase);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amounts_round_half_up),
        cmocka_unit_test(test_cancellations_are_recognised),
        cmocka_unit_test(test_identities_differ),
        cmocka_unit_test(test_invoices_come_again),
        cmocka_unit_test(test_cancellations_find_their_purchase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
