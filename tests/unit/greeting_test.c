/* Greetings: what is written to whom, once a year, by hand and by themselves, through kill -9 and
 * by two processes at a time; on both engines. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/birthday/greeting.h"
#include "src/crm/job/daily.h"
#include "src/crm/points/points.h"
#include "src/work/work.h"
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { PEOPLE = 240, POINTS = 50, TODAY = 20586 }; /* 2026-05-13 */

/* ---- words ---- */

static void words_are_filled_in(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct problem p = {.from = -1};
    static const struct {
        const char *text, *name, *filled;
    } rows[] = {
        {"Happy birthday, {first_name}! {points} points.", "Anna",
         "Happy birthday, Anna! 50 points."},
        {"Happy birthday, {first_name}!", "", "Happy birthday!"},
        {"{first_name}{first_name} {points}{points}", "A", "AA 5050"},
        {"no field", "Anna", "no field"},
        {"open {first_name", "Anna", "open {first_name"},
        {"", "Anna", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_str(greeting_fill(a, str_c(rows[i].text), str_c(rows[i].name), POINTS),
                   rows[i].filled);
    assert_int_equal(greeting_check(STR("{first_name} {points} { {x"), "message", a, &p), OK);
    assert_int_equal(greeting_check(STR("Dear {name}"), "message", a, &p), ERR_INVALID);
    assert_string_equal(p.code, "birthday_field_unknown");
    assert_string_equal(p.args[0].value, "name");
    struct greeting_how how = {.fallback = 1};
    how.messages[1] = STR("Joyeux");
    how.messages[4] = STR("С днём");
    assert_str(greeting_words(&how, STR("ru")), "С днём");
    assert_str(greeting_words(&how, STR("it")), "Joyeux");
    how.messages[1] = STR("");
    assert_str(greeting_words(&how, STR("it")), "С днём");
    arena_free(&a);
}

/* ---- people ---- */

/* Of each ten one is blocked, and every third has agreed to nothing. All of them were born on the
 * days from yesterday to in three days. */
static enum err fill(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    const struct customer_origin origin = {.how = "staff", .now_us = 1, .may_loosen = true};
    static const struct customer_consent agreed = {
        .channel = CHANNEL_SMS, .state = CONSENT_GRANTED, .at_us = 1};
    struct customer_change *all = arena_array(f->arena, struct customer_change, PEOPLE);
    for (int i = 0; i < PEOPLE; i++) {
        struct civil born = day_to_civil(TODAY - 1 + i % 5);
        all[i] = customer_change_empty(i + 1);
        all[i].create = true;
        all[i].first_name = str_c(arena_printf(f->arena, "Name%d", i + 1));
        all[i].birth_month = born.month;
        all[i].birth_day = born.day;
        all[i].blocked = i % 10 == 7;
        if (i % 3) {
            all[i].consents = &agreed;
            all[i].nconsents = 1;
        }
    }
    return customer_apply(tx, f->merchant_id, &origin, all, PEOPLE);
}

static void start(struct fixture *f)
{
    assert_int_equal(db_write(f->app.db, fill, f), OK);
    f->app.fixed_today = TODAY;
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
}

static void end(struct fixture *f)
{
    audiences_free(&f->app.audiences);
}

struct asked {
    struct fixture *f;
    const struct db_statement *st;
    int64_t value;
};

static enum err ask(struct db_tx *tx, void *arg)
{
    struct asked *a = arg;
    return db_query_int(tx, a->st, &a->value, db_i(a->f->merchant_id));
}

#define NUMBER(fx, name, sql)                                                                      \
    ({                                                                                             \
        static const struct db_statement st_ = {name, sql, "i", "i"};                              \
        struct asked a_ = {.f = (fx), .st = &st_};                                                 \
        assert_int_equal(db_read((fx)->app.db, ask, &a_), OK);                                     \
        a_.value;                                                                                  \
    })
#define GREETED(f) NUMBER(f, "test_greeted", "SELECT COUNT(*) FROM greeting WHERE merchant_id = $1")
#define TOLD(f)                                                                                    \
    NUMBER(f, "test_told",                                                                         \
           "SELECT COUNT(*) FROM greeting WHERE merchant_id = $1 AND message IS NOT NULL")
#define GIVEN(f)                                                                                   \
    NUMBER(f, "test_given",                                                                        \
           "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM points_entry"                     \
           " WHERE merchant_id = $1 AND kind = 'birthday'")
#define ENTRIES(f)                                                                                 \
    NUMBER(f, "test_entries",                                                                      \
           "SELECT COUNT(DISTINCT customer_id) FROM points_entry WHERE merchant_id = $1")

/* ---- by hand ---- */

struct hand {
    struct fixture *f;
    struct greeting_how how;
    struct greeting_one list[20];
    size_t n;
    struct greeting_outcome got;
};

static enum err give(struct db_tx *tx, void *arg)
{
    struct hand *h = arg;
    struct problem p = {.from = -1};
    return greeting_give(tx, h->f->merchant_id, &h->how, h->list, h->n, h->f->arena, &h->got, &p);
}

static void hand(struct fixture *f)
{
    struct hand h = {.f = f, .n = 20, .how = {.day = TODAY, .today = TODAY, .points = POINTS}};
    start(f);
    h.how.messages[0] = STR("Dear {first_name}");
    for (int i = 0; i < 20; i++)
        h.list[i] = (struct greeting_one){i == 19 ? 999999 : i + 1, 0};
    assert_int_equal(db_write(f->app.db, give, &h), OK);
    assert_int_equal(h.got.greeted, 17); /* 8 and 18 are blocked */
    assert_int_equal(h.got.blocked, 2);
    assert_int_equal(h.got.absent, 1);
    assert_int_equal(h.got.silent, 7);
    assert_int_equal(h.got.told, 10);
    assert_int_equal(h.got.points, 17 * POINTS);
    assert_int_equal(GIVEN(f), 17 * POINTS);
    assert_int_equal(TOLD(f), 10);
    /* not again in this year, whatever the day */
    h.how.day++;
    assert_int_equal(db_write(f->app.db, give, &h), OK);
    assert_int_equal(h.got.already, 17);
    assert_int_equal(h.got.greeted, 0);
    assert_int_equal(GIVEN(f), 17 * POINTS);
    /* another day of theirs, and the next year */
    h.n = 1;
    h.list[0].year_day = YEAR_DAY(5, 14);
    assert_int_equal(db_write(f->app.db, give, &h), OK);
    assert_int_equal(h.got.greeted, 1);
    h.list[0].year_day = 0;
    h.how.day += 365;
    h.how.points = 0;
    assert_int_equal(db_write(f->app.db, give, &h), OK);
    assert_int_equal(h.got.nothing, 1); /* number 1 has not agreed */
    h.list[0].customer_id = 2;
    assert_int_equal(db_write(f->app.db, give, &h), OK);
    assert_int_equal(h.got.told, 1);
    assert_int_equal(GIVEN(f), 18 * POINTS);
    end(f);
}

static void by_hand(void **state)
{
    (void)state;
    on_each_engine(hand);
}

/* ---- by themselves ---- */

struct ruling {
    struct fixture *f;
    struct birthday_rules before, after;
    struct problem p;
};

static enum err rule(struct db_tx *tx, void *arg)
{
    struct ruling *r = arg;
    const struct audit_actor by = {0, "test", NULL};
    enum err e = birthday_rules_read(tx, r->f->merchant_id, r->f->arena, &r->before);
    r->after = r->before;
    r->after.automatic = true;
    r->after.points = POINTS;
    r->after.days_ahead = 2;
    r->after.messages[0] = STR("Dear {first_name}, {points} points for you");
    return e == OK ? birthday_rules_write(tx, r->f->merchant_id, &r->before, &r->after, TODAY, &by,
                                          r->f->arena, &r->p)
                   : e;
}

#define ENDED(f)                                                                                   \
    NUMBER(f, "test_ended", "SELECT COUNT(*) FROM job WHERE merchant_id = $1 AND state = 'done'")

static const struct job_kind job_kinds[] = {{BIRTHDAY_JOB, birthday_job}};

/* A process of its own, until the job is done. */
static int run_child(const struct fixture *parent)
{
    struct fixture f = {
        .arena = arena_new(), .url = parent->url, .merchant_id = parent->merchant_id};
    struct problem p = {0};
    struct timespec t = {.tv_nsec = 10000000};
    f.app.fixed_today = TODAY;
    if (db_open(f.url, &(struct db_options){0}, f.arena, &f.app.db, &p) ||
        audiences_new(&f.app, &f.app.audiences) ||
        work_start_timed(f.app.db, job_kinds, 1, 1, &f.app, 300, 20, &f.app.work))
        return 2;
    while (ENDED(&f) == 0)
        nanosleep(&t, NULL);
    work_stop(&f.app.work);
    audiences_free(&f.app.audiences);
    db_close(&f.app.db);
    return 0;
}

static pid_t child(const struct fixture *f)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(run_child(f));
    return pid;
}

static bool ended_well(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return false;
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

static void automatic(struct fixture *f)
{
    struct ruling r = {.f = f};
    enum {
        KILLS = 12,
        BORN = PEOPLE / 5 * 3,
        GOT = BORN - PEOPLE / 10
    }; /* the blocked are all of one of the days */
    start(f);
    assert_int_equal(db_write(f->app.db, rule, &r), OK);
    daily_look(&f->app);
    daily_look(&f->app); /* one job a day */
    assert_int_equal(NUMBER(f, "test_jobs",
                            "SELECT COUNT(*) FROM job WHERE merchant_id = $1"
                            " AND kind = 'birthdays'"),
                     1);
    for (int i = 0; i < KILLS; i++) {
        struct timespec t = {.tv_nsec = (20 + fixture_random(f, 180)) * 1000000};
        pid_t pid = child(f);
        nanosleep(&t, NULL);
        kill(pid, SIGKILL);
        ended_well(pid);
    }
    pid_t one = child(f), other = child(f);
    assert_true(ended_well(one));
    assert_true(ended_well(other));
    /* those of today and of the two days after it, each once */
    assert_int_equal(GREETED(f), GOT);
    assert_int_equal(GIVEN(f), GOT * POINTS);
    assert_int_equal(ENTRIES(f), GOT);
    assert_int_equal(TOLD(f), NUMBER(f, "test_agreed",
                                     "SELECT COUNT(*) FROM greeting g JOIN customer c"
                                     " ON c.merchant_id = g.merchant_id AND c.id = g.customer_id"
                                     " WHERE g.merchant_id = $1 AND c.sms_consent = 1"));
    assert_int_equal(
        NUMBER(f, "test_until", "SELECT done_until FROM birthday_rules WHERE merchant_id = $1"),
        TODAY + 2);
    end(f);
}

static void by_themselves_through_kills(void **state)
{
    (void)state;
    on_each_engine(automatic);
}

/* ---- rules ---- */

static enum err bad_rules(struct db_tx *tx, void *arg)
{
    struct ruling *r = arg;
    const struct audit_actor by = {0, "test", NULL};
    return birthday_rules_write(tx, r->f->merchant_id, &r->before, &r->after, TODAY, &by,
                                r->f->arena, &r->p);
}

static void rules(struct fixture *f)
{
    struct ruling r = {.f = f};
    r.after.automatic = true;
    assert_int_equal(db_write(f->app.db, bad_rules, &r), ERR_INVALID);
    assert_string_equal(r.p.code, "birthday_nothing");
    r.after.messages[2] = STR("{nome}");
    assert_int_equal(db_write(f->app.db, bad_rules, &r), ERR_INVALID);
    assert_string_equal(r.p.field, "message_it");
    assert_int_equal(db_write(f->app.db, rule, &r), OK);
    assert_int_equal(r.after.version, 1);
    assert_int_equal(r.after.done_until, TODAY - 1);
    r.before.version = 0;
    assert_int_equal(db_write(f->app.db, bad_rules, &r), ERR_STALE);
    r = (struct ruling){.f = f};
    assert_int_equal(db_write(f->app.db, rule, &r), OK); /* reads what is kept */
    assert_int_equal(r.before.points, POINTS);
    assert_str(r.before.messages[0], "Dear {first_name}, {points} points for you");
    assert_int_equal(r.after.version, 2);
}

static void rules_are_checked(void **state)
{
    (void)state;
    on_each_engine(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_filled_in),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(by_themselves_through_kills),
        cmocka_unit_test(rules_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
