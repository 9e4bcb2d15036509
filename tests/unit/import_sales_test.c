/* The rules of importing sales, on both engines; the real data sets; headings of five languages. */
#include "import_fixture.h"

#define S(text) told(f, import_text(f, IMPORT_TRANSACTIONS, text))
#define SAMPLE_ROWS 9045 /* tests/data/online-retail/README.md */
#define SAMPLE_INVOICES 494
#define SAMPLE_CANCELLATIONS 75
#define SAMPLE_CUSTOMERS 370
#define SAMPLE_WITHOUT_CUSTOMER 1614
#define SAMPLE_VALUE "219173.3"
#define HEAD "invoice,date,customer id,sku,product,quantity,price\n"

static const char *heads(struct fixture *f)
{
    return sql_text(
        f, 5,
        "SELECT COALESCE(t.invoice, '-'), t.kind, COALESCE(c.external_id, '-'), "
        "CAST(t.total_minor AS TEXT), CAST(t.line_count AS TEXT) FROM transactions t "
        "LEFT JOIN customer c ON c.merchant_id = t.merchant_id AND c.id = t.customer_id "
        "ORDER BY t.at_us, t.invoice, t.total_minor DESC, c.external_id");
}

static void all_fields(struct fixture *f)
{
    assert_string_equal(
        S("N° "
          "facture;Date;Heure;Client;Magasin;Référence;Désignation;Catégorie;Taille;Quantité;Prix "
          "unitaire;Devise;Lien\n"
          "F1;03/07/2024;14:30;7;Lyon;A1;Robe;Robes;38;1,5;20,333;EUR;https://example.com/a1\n"
          "F1;03/07/2024;14:30;7;Lyon;A1;Robe;Robes;38;1,5;20,333;EUR;https://example.com/a1\n"
          "F1;03/07/2024;14:30;7;Lyon;B2;Sac;Sacs;;-1;10;€;\n"),
        "3 added=3");
    assert_string_equal(
        sql_text(
            f, 6,
            "SELECT t.invoice, t.kind, s.name, CAST(t.day AS TEXT), CAST(t.at_us AS TEXT), "
            "CAST(t.total_minor AS TEXT) FROM transactions t JOIN store s ON s.id = t.store_id"),
        "F1|purchase|Lyon|19907|1720009800000000|5100\n");
    assert_string_equal(
        sql_text(f, 7,
                 "SELECT l.product_code, l.product, w.name, CAST(l.quantity_milli AS TEXT), "
                 "CAST(l.price_micro "
                 "AS TEXT), CAST(l.amount_minor AS TEXT), COALESCE(l.url, '-') FROM "
                 "transaction_line l JOIN "
                 "word w ON w.kind = 'category' AND w.id = l.category_id ORDER BY l.line"),
        "A1|Robe|Robes|1500|20333000|3050|https://example.com/a1\n"
        "A1|Robe|Robes|1500|20333000|3050|https://example.com/"
        "a1\nB2|Sac|Sacs|-1000|10000000|-1000|-\n");
}

static void invoices(struct fixture *f)
{
    const char *file = HEAD
        "100,2024-01-05,A,x,X,2,5.00\n100,2024-01-05,A,x,X,2,5.00\n100,2024-01-05,A,y,Y,1,1.005\n"
        "C100,2024-01-09,A,x,X,-2,5.00\n101,2024-01-10,B,z,Z,-1,3\n102,2024-01-11,,z,Z,1,3\n";
    assert_string_equal(S(file), "6 added=6");
    const char *expected = "100|purchase|A|2101|3\nC100|cancellation|A|-1000|1\n101|return|B|-300|"
                           "1\n102|purchase|-|300|1\n";
    assert_string_equal(heads(f), expected);
    assert_string_equal(S(file), "6 skipped=6 known_sale:6");
    assert_string_equal(heads(f), expected);
    assert_string_equal(
        sql_text(f, 3,
                 "SELECT c.external_id, CAST(x.spent_minor AS TEXT), CAST(x.operations AS TEXT) "
                 "FROM customer c JOIN customer_facts x ON x.customer_id = c.id ORDER BY 1"),
        "A|1101|0\nB|-300|0\n");
    /* the number comes again next year: another sale */
    assert_string_equal(S(HEAD "100,2025-01-05,A,x,X,1,5.00\n"), "1 added=1");
}

static void scattered_and_mixed(struct fixture *f)
{
    assert_string_equal(S(HEAD
                          "1,2024-01-05,A,x,X,1,1\n2,2024-01-05,B,x,X,1,1\n1,2024-01-05,A,y,Y,1,2\n"
                          "1,2024-01-05,B,y,Y,1,2\n1,2024-01-05,,y,Y,1,4\n"),
                        "5 added=4 invalid=1 invoice/invoice_two_customers:1");
    assert_string_equal(heads(f), "1|purchase|A|700|3\n2|purchase|B|100|1\n");
}

static void without_invoice(struct fixture *f)
{
    const char *file =
        "customer,day,amount\n1,20240105,10\n1,20240105,10\n2,20240105,10\n1,20240106,-4\n";
    struct imported *i = import_bytes_of(f, IMPORT_TRANSACTIONS, str_c(file),
                                         "external_id=1 date=2 amount=3", false);
    assert_string_equal(told(f, i), "4 added=4");
    assert_string_equal(
        heads(f),
        "-|purchase|1|1000|1\n-|purchase|1|1000|1\n-|purchase|2|1000|1\n-|purchase|1|-400|1\n");
    i = import_bytes_of(f, IMPORT_TRANSACTIONS, str_c(file), "external_id=1 date=2 amount=3",
                        false);
    assert_string_equal(told(f, i), "4 skipped=4 known_sale:4");
    file = "customer,day,amount\n1,20240105,10\n1,20240105,10\n1,20240105,10\n";
    i = import_bytes_of(f, IMPORT_TRANSACTIONS, str_c(file), "external_id=1 date=2 amount=3",
                        false);
    assert_string_equal(told(f, i), "3 added=1 skipped=2 known_sale:2");
}

static void customers_of_sales(struct fixture *f)
{
    assert_string_equal(
        told(f, import_text(f, IMPORT_CUSTOMERS, "id,phone,email\n1,0612345678,a@example.com\n")),
        "1 added=1");
    assert_string_equal(S("invoice,date,phone,name,price\n1,2024-01-05,06 12 34 56 "
                          "78,,5\n2,2024-01-05,0612345679,Bob Martin,5\n"),
                        "2 added=2");
    assert_string_equal(
        S("invoice,date,email,price\n3,2024-01-06,A@example.com,5\n4,2024-01-06,,7\n"),
        "2 added=2");
    assert_string_equal(S("invoice,date,customer id,phone,price\n5,2024-01-06,1,0612345679,5\n"),
                        "1 invalid=1 two_customers:1");
    assert_string_equal(
        sql_text(
            f, 3,
            "SELECT CAST(c.number AS TEXT), COALESCE(c.first_name, '-'), CAST(x.spent_minor AS "
            "TEXT) FROM customer c JOIN customer_facts x ON x.customer_id = c.id ORDER BY 1"),
        "1|-|1000\n2|Bob|500\n");
}

static void bad_rows(struct fixture *f)
{
    assert_string_equal(
        S(HEAD
          "1,2024-02-30,A,x,X,1,1\n2,never,A,x,X,1,1\n3,,A,x,X,1,1\n4,2024-02-01,A,x,X,zero,1\n"
          "5,2024-02-01,A,x,X,0,1\n6,2024-02-01,A,x,X,1,\n7,2124-02-01,A,x,X,1,1\n8,2024-02-01,A,x,"
          "X,1,1\n"
          "9,2024-02-01,A,x,X,999999999999,999999999\n"),
        "9 added=1 invalid=8 date/impossible_date:1 date/not_a_date:1 date/empty_cell:1 "
        "quantity/not_a_number:1 "
        "quantity/quantity_zero:1 price/empty_cell:1 date/future_date:1 price/number_too_large:1");
    assert_string_equal(
        S("invoice,date,price,currency\n10,2024-01-01,5,USD\n11,2024-01-01,5,eur\n"),
        "2 added=1 invalid=1 currency/other_currency:1");
    assert_string_equal(
        S("invoice,date,price\n12,13/25/2024,5\n13,31/12/2023,5\n14,12/11/2023,5\n"),
        "3 added=2 invalid=1 date/impossible_date:1");
    assert_string_equal(S("invoice,customer,price\n1,2,3\n"), "import_missing_field");
}

struct stopping {
    int64_t after;
};

static bool stop_after(void *arg, const struct import_progress *p)
{
    struct stopping *s = arg;
    return p->report->rows < s->after;
}

/* Stopped after each batch and taken up again, the report and the base are as if it had run
 * through. */
static void taken_up_again(struct fixture *f)
{
    struct buf text;
    buf_init(&text, 4 << 20);
    buf_adds(&text, "customer,date,amount\n");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "%d,2024-01-%02d,%d.5\n", i % 17, i % 5 + 1, i % 7);
    struct str bytes = buf_str(&text);
    struct source source;
    struct import im;
    struct problem p;
    struct reading_wish wish = wish_of("external_id=1 date=2 amount=3", IMPORT_TRANSACTIONS);
    struct import_opening o = {.kind = IMPORT_TRANSACTIONS, .file_name = "t.csv", .wish = &wish};
    bool again = false;
    int runs = 0;
    enum err e;
    source_memory(&source, &bytes);
    do {
        struct stopping s = {0};
        assert_int_equal(
            import_open(&f->app, f->merchant_id, &source, &o, f->arena, &im, &again, &p), OK);
        assert_int_equal(again, runs > 0);
        struct import_run how = {.app = &f->app,
                                 .merchant_id = f->merchant_id,
                                 .source = &source,
                                 .progress = stop_after,
                                 .progress_arg = &s};
        s.after = im.report.rows + 1;
        e = import_run(&how, &im, f->arena, &p);
        runs++;
    } while (e == ERR_CANCELED);
    assert_int_equal(e, OK);
    assert_true(runs > 3);
    assert_int_equal(im.report.rows, 3000);
    assert_int_equal(im.report.added, 3000);
    assert_string_equal(sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM transactions"),
                        "3000\n");
    buf_free(&text);
}

/* The corrected rows of a file find their invoice; what is there already is left. */
static void corrected_rows(struct fixture *f)
{
    assert_string_equal(
        S(HEAD "1,2024-01-05,A,x,X,1,1.00\n1,2024-01-05,A,y,Y,1,2.00\n1,2024-01-05,A,x,X,1,oops\n"),
        "3 added=2 invalid=1 price/not_a_number:1");
    assert_string_equal(S(HEAD "1,2024-01-05,A,z,Z,1,4.00\n"), "1 added=1");
    assert_string_equal(
        S(HEAD "1,2024-01-05,A,x,X,1,1.00\n1,2024-01-05,A,y,Y,1,2.00\n1,2024-01-05,A,x,X,1,1.00\n"),
        "3 added=1 skipped=2 known_sale:2");
    assert_string_equal(S(HEAD "1,2024-01-05,B,x,X,1,9.00\n"),
                        "1 invalid=1 invoice/invoice_two_customers:1");
    assert_string_equal(heads(f), "1|purchase|A|800|4\n");
    assert_string_equal(
        sql_text(
            f, 2,
            "SELECT CAST(x.spent_minor AS TEXT), CAST(x.operations AS TEXT) FROM customer_facts x "
            "JOIN customer c ON c.id = x.customer_id WHERE c.external_id = 'A'"),
        "800|1\n");
}

/* --- real data --- */

static void cdnow(struct fixture *f)
{
    struct imported *i = import_bytes_of(f, IMPORT_TRANSACTIONS,
                                         test_file(f->arena, "tests/data/cdnow/CDNOW_sample.txt"),
                                         "external_id=2 date=3 quantity=4 amount=5", false);
    char value[DECIMAL_TEXT_MAX];
    assert_string_equal(told(f, i), "6919 added=6919");
    nano_format(i->import.report.value_nano, value);
    assert_string_equal(value, "244091.94");
    assert_int_equal(i->import.report.customers_added, 2357);
    assert_int_equal(i->import.report.invoices, 6919);
    assert_string_equal(
        sql_text(f, 2,
                 "SELECT CAST(SUM(l.quantity_milli) AS TEXT), CAST(SUM(l.amount_minor) AS TEXT) "
                 "FROM transaction_line l"),
        "16479000|24409194\n");
}

static void online_retail(struct fixture *f)
{
    struct imported *i =
        import_bytes_of(f, IMPORT_TRANSACTIONS,
                        test_file(f->arena, "tests/data/online-retail/sample.csv"), NULL, false);
    const struct import_report *r = &i->import.report;
    char value[DECIMAL_TEXT_MAX];
    assert_int_equal(i->err, OK);
    nano_format(r->value_nano, value);
    assert_int_equal(r->rows, SAMPLE_ROWS);
    assert_int_equal(r->added, SAMPLE_ROWS);
    assert_int_equal(r->invoices, SAMPLE_INVOICES);
    assert_int_equal(r->cancellations, SAMPLE_CANCELLATIONS);
    assert_int_equal(r->customers_added, SAMPLE_CUSTOMERS);
    assert_int_equal(r->without_customer, SAMPLE_WITHOUT_CUSTOMER);
    assert_string_equal(value, SAMPLE_VALUE);
}

#define ON_BOTH(test)                                                                              \
    static void test##_on_both(void **state)                                                       \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
ON_BOTH(all_fields)
ON_BOTH(invoices)
ON_BOTH(scattered_and_mixed)
ON_BOTH(without_invoice)
ON_BOTH(customers_of_sales)
ON_BOTH(bad_rows)
ON_BOTH(taken_up_again)
ON_BOTH(corrected_rows)
ON_BOTH(cdnow)
ON_BOTH(online_retail)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_on_both),          cmocka_unit_test(invoices_on_both),
        cmocka_unit_test(scattered_and_mixed_on_both), cmocka_unit_test(without_invoice_on_both),
        cmocka_unit_test(customers_of_sales_on_both),  cmocka_unit_test(bad_rows_on_both),
        cmocka_unit_test(taken_up_again_on_both),      cmocka_unit_test(cdnow_on_both),
        cmocka_unit_test(online_retail_on_both),       cmocka_unit_test(corrected_rows_on_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
