/* kill -9 at random moments of an import, again and again, and taking it up: the base in the end
 * equals that of an import nobody disturbed, table by table. On both engines. */
#include "import_fixture.h"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 20, KILLS_MAX = 400, ROWS = 4000 };

/* Everything but what an import makes by chance or by the clock: ids and times of recording. */
static const struct {
    int columns;
    const char *sql;
} tables[] = {
    {7,
     "SELECT CAST(number AS TEXT), external_id, COALESCE(first_name, ''), COALESCE(last_name, ''), "
     "COALESCE(country, ''), CAST(version AS TEXT), CAST(sms_consent AS TEXT) FROM customer ORDER "
     "BY number"},
    {3,
     "SELECT c.external_id, k.kind, k.value FROM contact k JOIN customer c ON c.id = k.customer_id "
     "ORDER BY c.number, k.kind, k.position"},
    {9,
     "SELECT COALESCE(c.external_id, ''), COALESCE(t.invoice, ''), t.kind, CAST(t.at_us AS TEXT), "
     "CAST(t.day AS TEXT), CAST(t.total_minor AS TEXT), CAST(t.line_count AS TEXT), "
     "COALESCE(s.name, ''), "
     "COALESCE(p.invoice, '') FROM transactions t LEFT JOIN customer c ON c.id = t.customer_id "
     "LEFT JOIN store s ON s.id = t.store_id LEFT JOIN transactions p ON p.id = t.cites_id "
     "ORDER BY t.at_us, t.invoice, c.number, t.total_minor"},
    {9, "SELECT COALESCE(t.invoice, ''), CAST(t.at_us AS TEXT), CAST(l.line AS TEXT), "
        "COALESCE(l.product_code, ''), "
        "COALESCE(l.product, ''), CAST(l.quantity_milli AS TEXT), CAST(l.price_micro AS TEXT), "
        "CAST(l.amount_minor AS TEXT), COALESCE(w.name, '') FROM transaction_line l JOIN "
        "transactions t ON t.id = "
        "l.transaction_id LEFT JOIN customer c ON c.id = t.customer_id LEFT JOIN word w ON w.kind "
        "= 'category' AND "
        "w.id = l.category_id ORDER BY t.at_us, t.invoice, c.number, t.total_minor, l.line"},
    {9, "SELECT c.external_id, CAST(COALESCE(x.first_day, 0) AS TEXT), "
        "CAST(COALESCE(x.last_visit_day, 0) AS TEXT), "
        "CAST(x.visits AS TEXT), CAST(x.operations AS TEXT), CAST(x.spent_minor AS TEXT), "
        "CAST(x.purchase_days AS TEXT), CAST(COALESCE(x.first_purchase_day, 0) AS TEXT), "
        "COALESCE(x.phone, '') "
        "FROM customer_facts x JOIN customer c ON c.id = x.customer_id ORDER BY c.number"},
    {4, "SELECT CAST(line AS TEXT), code, COALESCE(field, ''), record FROM import_rejection ORDER "
        "BY line"},
    {4, "SELECT state, CAST(byte_offset AS TEXT), CAST(line AS TEXT), report FROM import"},
    {3, "SELECT kind, name, name_key FROM word ORDER BY kind, name"},
    {1, "SELECT name FROM store ORDER BY name"},
};

static struct str sales_file(struct fixture *f, bool invoices)
{
    struct buf b;
    uint64_t random = 7;
    buf_init(&b, 8 << 20);
    buf_adds(&b,
             invoices
                 ? "invoice,date,customer id,name,store,sku,product,category,quantity,price,phone\n"
                 : "date,customer id,name,store,sku,product,category,quantity,price,phone\n");
    for (int i = 0; i < ROWS; i++) {
        int invoice = i / 3, customer = invoice * 7 % 400;
        bool bad = test_random(&random) % 50 == 0;
        if (invoices)
            buf_printf(&b, "%s%d,", invoice % 20 == 19 ? "C" : "",
                       invoice % 20 == 19 ? invoice - 8 : invoice);
        buf_printf(&b, "2024-%02d-%02d 10:%02d,%s%d,Name %d,%s,s%d,Thing %d,Kind %d,%s%d,%s,%s\n",
                   invoice / 200 % 12 + 1, invoice / 8 % 28 + 1, invoice % 60,
                   invoice % 11 == 0 ? "" : "c", customer, customer, invoice % 2 ? "Lyon" : "Nice",
                   i % 5, i % 5, i % 4, invoice % 20 == 19 ? "-" : "", i % 3 + 1,
                   bad ? "?" : "2.50", "");
    }
    struct str s = arena_str(f->arena, buf_str(&b));
    buf_free(&b);
    return s;
}

struct child {
    struct fixture *f;
    struct str bytes;
    const char *maps;
};

static int run_child(const struct child *c)
{
    struct fixture own = {.arena = arena_new(), .url = c->f->url, .merchant_id = c->f->merchant_id};
    struct problem p = {0};
    own.app.fixed_today = DAY_NONE;
    if (db_open(own.url, &(struct db_options){0}, own.arena, &own.app.db, &p))
        return 2;
    struct imported *i = import_bytes_of(&own, IMPORT_TRANSACTIONS, c->bytes, c->maps, false);
    db_close(&own.app.db);
    return i->err == OK ? 0 : 1;
}

/* True: the process came to its end before it was killed. */
static bool run_and_kill(const struct child *c, int64_t after_us)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(run_child(c));
    if (after_us > 0) {
        struct timespec t = {after_us / 1000000, after_us % 1000000 * 1000};
        nanosleep(&t, NULL);
        kill(pid, SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return false;
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

static const char **contents(struct fixture *f)
{
    const char **all = arena_array(f->arena, const char *, ARRAY_LEN(tables));
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        all[i] = sql_text(f, tables[i].columns, tables[i].sql);
    return all;
}

/* The kill may fall between the import's last commit and the end of its process; the next process
 * would import the file once more: nothing doubled, but with a report and rejections of its own. */
static bool import_is_done(struct fixture *wild)
{
    wild->app.db = fixture_open(wild);
    bool done = strcmp(sql_text(wild, 1, "SELECT state FROM import"), "done\n") == 0;
    db_close(&wild->app.db);
    return done;
}

static void killed_import(bool postgres, bool invoices)
{
    int least = invoices ? KILLS : KILLS / 2;
    const char *url = postgres ? getenv("HABITUE_TEST_PG") : NULL;
    struct fixture calm, wild;
    uint64_t random = 42;
    int kills = 0;
    fixture_start(&calm, url);
    fixture_start(&wild, url);
    struct child c = {&calm, sales_file(&calm, invoices), NULL};
    int64_t began = monotonic_us();
    assert_true(run_and_kill(&c, 0));
    int64_t whole_us = monotonic_us() - began;
    c.f = &wild;
    db_close(&wild.app.db); /* a fork must not share it */
    for (bool ended = false; !ended && kills < KILLS_MAX;) {
        bool whole = run_and_kill(&c, test_kill_after(&random, whole_us, 2, kills, least));
        kills += !whole;
        ended = whole || import_is_done(&wild);
        if (ended &&
            kills < least) { /* too quick for that many: from the start, in a base of its own */
            wild.app.db = fixture_open(&wild);
            fixture_end(&wild);
            fixture_start(&wild, url);
            db_close(&wild.app.db);
            ended = false;
        }
    }
    if (kills >= KILLS_MAX)
        assert_true(run_and_kill(&c, 0));
    wild.app.db = fixture_open(&wild);
    const char **expected = contents(&calm), **found = contents(&wild);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        assert_string_equal(found[i], expected[i]);
    assert_true(kills >= least);
    fixture_end(&calm);
    fixture_end(&wild);
}

static void with_invoices(void **state)
{
    (void)state;
    killed_import(false, true);
    if (getenv("HABITUE_TEST_PG"))
        killed_import(true, true);
}

static void without_invoices(void **state)
{
    (void)state;
    killed_import(false, false);
    if (getenv("HABITUE_TEST_PG"))
        killed_import(true, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(with_invoices),
                                       cmocka_unit_test(without_invoices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
