/* Audiences in files: what the next program takes from one, and when it does not. Two owners one
 * after the other on one base stand for two programs. */
#include "crm_fixture.h"
#include "src/audience/snapshot.h"
#include "src/base/id.h"
#include "src/crm/customer/audiences_snapshot.h"
#include "src/crm/customer/audiences_sql.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

enum { CUSTOMERS = 300 };

struct customers {
    struct fixture *f;
    const char *name;
    int64_t ids[CUSTOMERS];
    size_t n;
};

static enum err add(struct db_tx *tx, void *arg)
{
    struct customers *w = arg;
    struct customer_change *all = arena_array(db_arena(tx), struct customer_change, w->n);
    const struct customer_origin origin = {.how = "staff", .now_us = 1};

    for (size_t i = 0; i < w->n; i++) {
        all[i] = customer_change_empty(id_new());
        all[i].create = true;
        all[i].first_name = str_c(w->name);
        w->ids[i] = all[i].id;
    }
    enum err e = customer_apply(tx, w->f->merchant_id, &origin, all, w->n);
    return e == OK ? change_note(tx, w->f->merchant_id, "customer", w->ids, w->n) : e;
}

static void add_some(struct fixture *f, const char *name, size_t n)
{
    struct customers w = {.f = f, .name = name, .n = n};
    assert_int_equal(db_write(f->app.db, add, &w), OK);
}

static void run(struct fixture *f, const char *sql)
{
    assert_int_equal(db_write(f->app.db, fixture_sql, arena_printf(f->arena, "%s", sql)), OK);
}

/* So that one can tell what was read from the base. */
static void change_behind_the_feed(struct fixture *f)
{
    run(f, "UPDATE customer_facts SET visits = 7");
}

static void begin(struct fixture *f)
{
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
}

static void end(struct fixture *f)
{
    audiences_keep(f->app.audiences);
    audiences_free(&f->app.audiences);
}

static int64_t matching(struct fixture *f, const char *text)
{
    cleanup(audiences_done) struct audience_use use = {0};
    struct audience_ask ask = {.only_count = true};
    struct audience_answer answer;
    struct problem p = {0};

    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    const struct query_context c = {use.today, use.currency_decimals, audience_words(use.audience)};
    assert_int_equal(query_parse(f->arena, str_c(text), &c, &ask.query, &p), OK);
    assert_int_equal(audience_ask(use.audience, &ask, f->arena, &answer), OK);
    return answer.matching;
}

static const char *file_of(const struct fixture *f)
{
    return arena_printf(f->arena, "%s%lld", f->app.snapshots, (long long)f->merchant_id);
}

static ino_t file_is(const struct fixture *f) /* 0: there is none */
{
    struct stat st;
    return stat(file_of(f), &st) == 0 ? st.st_ino : 0;
}

/* A program has read everybody, and ended. */
static void leave_a_file(struct fixture *f)
{
    add_some(f, "Anna", CUSTOMERS);
    begin(f);
    assert_int_equal(matching(f, "anna visits:0"), CUSTOMERS);
    end(f);
    assert_int_not_equal(file_is(f), 0);
}

/* The next one has to read the base. */
static void not_taken(struct fixture *f)
{
    begin(f);
    assert_int_equal(matching(f, "visits:0"), 0);
    end(f);
}

static void the_next_program_takes_it_and_follows(struct fixture *f)
{
    struct stat st;
    f->app.fixed_today = 20000;
    leave_a_file(f);
    assert_int_equal(stat(file_of(f), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    change_behind_the_feed(f);
    add_some(f, "Marta", 5);
    f->app.fixed_today = 20100;
    begin(f);
    assert_int_equal(matching(f, "anna visits:0"), CUSTOMERS); /* else 7 */
    assert_int_equal(matching(f, "marta"), 5);
    add_some(f, "Ivan", 3);
    assert_int_equal(matching(f, ""), CUSTOMERS + 8);
    cleanup(audiences_done) struct audience_use use = {0};
    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    assert_int_equal(use.today, 20100);
    audiences_done(&use);
    end(f);
}

static void it_is_written_again_when_much_has_changed(struct fixture *f)
{
    leave_a_file(f);
    ino_t first = file_is(f);
    begin(f);
    assert_int_equal(matching(f, ""), CUSTOMERS);
    end(f);
    assert_int_equal(file_is(f), first);
    for (int i = 0; i <= SNAPSHOT_BEHIND / CUSTOMERS; i++)
        add_some(f, "Ivan", CUSTOMERS);
    int64_t all = (SNAPSHOT_BEHIND / CUSTOMERS + 2) * CUSTOMERS;
    begin(f);
    assert_int_equal(matching(f, ""), all);
    end(f);
    change_behind_the_feed(f);
    begin(f);
    assert_int_equal(matching(f, "visits:0"), all); /* all are in the new one */
    end(f);
}

/* A base that never knew of the file: an older backup, or another one of that name. */
static void a_base_that_does_not_know_it_is_read(struct fixture *f)
{
    leave_a_file(f);
    change_behind_the_feed(f);
    run(f, "DELETE FROM audience_snapshot");
    not_taken(f);
}

static enum err void_it(struct db_tx *tx, void *arg)
{
    const struct fixture *f = arg;
    return audience_snapshot_void(tx, f->merchant_id);
}

static void after_an_erasure_there_is_none(struct fixture *f)
{
    leave_a_file(f);
    change_behind_the_feed(f);
    assert_int_equal(db_write(f->app.db, void_it, f), OK);
    not_taken(f);
    assert_int_not_equal(file_is(f), 0); /* a new one */
    audience_snapshot_remove(&f->app, f->merchant_id);
    assert_int_equal(file_is(f), 0);
}

/* A change that came while it was written, say an erasure. */
static void a_base_that_moved_meanwhile_does_not_know_it(struct fixture *f)
{
    cleanup(audiences_done) struct audience_use use = {0};
    add_some(f, "Anna", CUSTOMERS);
    begin(f);
    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    int64_t seq = audience_use_seq(&use);
    add_some(f, "Marta", 1);
    audience_snapshot_write(&f->app, f->merchant_id, "en", use.audience, seq);
    assert_int_equal(file_is(f), 0);
    audiences_done(&use);
    end(f); /* which follows first */
    assert_int_not_equal(file_is(f), 0);
    begin(f);
    assert_int_equal(matching(f, ""), CUSTOMERS + 1);
    end(f);
}

static void another_language_has_another_order(struct fixture *f)
{
    leave_a_file(f);
    change_behind_the_feed(f);
    run(f, "UPDATE merchant SET language = 'ru'");
    not_taken(f);
}

static void rewrite(const char *path, off_t at, int by, off_t length)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte = (uint8_t)(byte + by);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(ftruncate(fd, length), 0);
    close(fd);
}

static void a_damaged_file_is_not_used(struct fixture *f)
{
    struct stat st;
    leave_a_file(f);
    change_behind_the_feed(f);
    const char *path = file_of(f);
    assert_int_equal(stat(path, &st), 0);
    for (int i = 0; i < 24; i++) { /* anywhere, its two ends among it */
        off_t at = i == 0   ? 0
                   : i == 1 ? st.st_size - 1
                   : i < 10 ? (off_t)fixture_random(f, 200)
                            : (off_t)fixture_random(f, st.st_size);
        rewrite(path, at, 1 + i, i == 20 ? st.st_size - 1 : i == 21 ? st.st_size / 2 : st.st_size);
        if (i >= 20 && i <= 21)
            assert_int_equal(truncate(path, st.st_size),
                             0); /* with zeros in the place of the rest */
        struct audience *none = NULL;
        struct snapshot *s = NULL;
        int fd = open(path, O_RDONLY);
        assert_true(fd >= 0);
        enum err e = snapshot_open(fd, &s);
        close(fd);
        if (e == OK)
            e = snapshot_restore(s, "en", &none);
        snapshot_close(&s);
        assert_true(e == ERR_NOT_FOUND || e == ERR_INVALID);
        assert_null(none);
        if (i < 20)
            rewrite(path, at, -1 - i, st.st_size);
    }
    assert_int_equal(truncate(path, 3), 0);
    not_taken(f);
    begin(f); /* the next one has a whole file */
    assert_int_equal(matching(f, "visits:7"), CUSTOMERS);
    end(f);
}

static void few_customers_need_none(struct fixture *f)
{
    f->app.snapshot_from = CUSTOMERS + 1;
    add_some(f, "Anna", CUSTOMERS);
    begin(f);
    assert_int_equal(matching(f, ""), CUSTOMERS);
    end(f);
    assert_int_equal(file_is(f), 0);
    f->app.snapshot_from = 0;
    const char *prefix = f->app.snapshots;
    f->app.snapshots = NULL;
    begin(f);
    assert_int_equal(matching(f, ""), CUSTOMERS);
    end(f);
    f->app.snapshots = arena_printf(f->arena, "%s/no/such/folder/x", prefix);
    begin(f);
    assert_int_equal(matching(f, ""), CUSTOMERS);
    end(f);
    f->app.snapshots = prefix;
    assert_int_equal(file_is(f), 0);
}

/* Until the next call. */
static struct str bytes_of_file(struct audience *a)
{
    static char all[1 << 24];
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(audience_save(a, STR(""), fileno(file)), OK);
    rewind(file);
    size_t n = fread(all, 1, sizeof(all), file);
    assert_true(n > 0 && n < sizeof(all));
    fclose(file);
    return (struct str){all, n};
}

static bool stands_in(struct str file, const char *text)
{
    return memmem(file.p, file.n, text, strlen(text)) != NULL;
}

/* Also where codes of a column are cut by an e-mail. */
static void who_was_removed_stands_nowhere(void **state)
{
    enum { PEOPLE = 200 };
    const struct audience_options o = {.language = "en", .today = 20000};
    cleanup(arena_free) struct arena *arena = arena_new();
    struct audience *a;
    (void)state;
    assert_int_equal(audience_new(&o, &a), OK);
    audience_load_begin(a);
    for (int i = 100; i < 100 + PEOPLE; i++) {
        const struct audience_row row = {.id = i,
                                         .last_name = str_c(arena_printf(arena, "Name%d", i)),
                                         .email =
                                             str_c(arena_printf(arena, "person%d@shop.example", i)),
                                         .registered_day = DAY_NONE,
                                         .last_visit_day = DAY_NONE,
                                         .last_purchase_day = DAY_NONE,
                                         .first_purchase_day = DAY_NONE};
        assert_int_equal(audience_put(a, &row), OK);
    }
    audience_load_end(a);
    assert_true(stands_in(bytes_of_file(a), "person177"));
    for (int i = 100; i < 100 + PEOPLE; i += 7)
        audience_remove(a, i);
    struct str file = bytes_of_file(a);
    assert_false(stands_in(file, "person177"));
    assert_false(stands_in(file, "name177"));
    assert_false(stands_in(file, "Name177"));
    assert_true(stands_in(file, "person178"));
    for (int i = 100; i < 100 + PEOPLE; i++)
        if (i != 178)
            audience_remove(a, i);
    file = bytes_of_file(a);
    for (int i = 100; i < 100 + PEOPLE; i++)
        assert_int_equal(stands_in(file, arena_printf(arena, "person%d", i)), i == 178);
    audience_remove(a, 178);
    assert_false(stands_in(bytes_of_file(a), "person"));
    audience_free(&a);
}

static void in_a_folder(struct fixture *f, void (*test)(struct fixture *))
{
    const char *tmp = getenv("TMPDIR");
    char *folder =
        arena_printf(f->arena, "%s/habitue-snapshots.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    f->app.snapshots = arena_printf(f->arena, "%s/audience-", folder);
    f->app.snapshot_from = 0;
    test(f);
    audience_snapshot_remove(&f->app, f->merchant_id);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left */
}

#define ON_EACH(test)                                                                              \
    static void run_##test(struct fixture *f)                                                      \
    {                                                                                              \
        in_a_folder(f, test);                                                                      \
    }                                                                                              \
    static void test_##test(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(run_##test);                                                                \
    }
ON_EACH(the_next_program_takes_it_and_follows)
ON_EACH(it_is_written_again_when_much_has_changed)
ON_EACH(a_base_that_does_not_know_it_is_read)
ON_EACH(after_an_erasure_there_is_none)
ON_EACH(a_base_that_moved_meanwhile_does_not_know_it)
ON_EACH(another_language_has_another_order)
ON_EACH(a_damaged_file_is_not_used)
ON_EACH(few_customers_need_none)

/* snapshots_test [PATTERN]: the tests of such a name, for valgrind, which sees whether bytes that
 * nobody has set reach a file. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_next_program_takes_it_and_follows),
        cmocka_unit_test(test_it_is_written_again_when_much_has_changed),
        cmocka_unit_test(test_a_base_that_does_not_know_it_is_read),
        cmocka_unit_test(test_after_an_erasure_there_is_none),
        cmocka_unit_test(test_a_base_that_moved_meanwhile_does_not_know_it),
        cmocka_unit_test(test_another_language_has_another_order),
        cmocka_unit_test(test_a_damaged_file_is_not_used),
        cmocka_unit_test(test_few_customers_need_none),
        cmocka_unit_test(who_was_removed_stands_nowhere),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
