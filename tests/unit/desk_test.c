/* Notes and tasks: who may change what, what two people do at once, how many there may be. */
#include "import_fixture.h"
#include "src/crm/note/note.h"
#include "src/crm/task/task.h"

enum { CUSTOMER = 1, ANNA = 21, BEA = 22, TODAY = 20600 };

/* One step inside a transaction of its own. */
struct step {
    struct fixture *f;
    enum err (*run)(struct db_tx *tx, struct step *s);
    struct problem p;
    struct note note, after;
    struct task task, next;
    struct note_actor who;
    struct task_actor worker;
    bool deleted;
};

static enum err run_step(struct db_tx *tx, void *arg)
{
    struct step *s = arg;
    s->p = (struct problem){0};
    return s->run(tx, s);
}

static enum err take(struct step *s, enum err (*run)(struct db_tx *tx, struct step *s))
{
    s->run = run;
    return db_write(s->f->app.db, run_step, s);
}

static void people(struct fixture *f)
{
    import_text(f, IMPORT_CUSTOMERS, "external_id,first_name\nC1,Carla\n");
    static const char staff[] =
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language,"
        " created_us, updated_us) VALUES (%lld, %d, '%s', '%s', '%s', 'associate',"
        " 'en', 0, 0)";
    for (int i = 0; i < 2; i++) {
        const char *name = i ? "bea" : "anna";
        char *sql =
            arena_printf(f->arena, staff, (long long)f->merchant_id, ANNA + i, name, name, name);
        assert_int_equal(db_write(f->app.db, fixture_sql, sql), OK);
    }
}

static int64_t customer(struct fixture *f)
{
    int64_t id = 0;
    const char *text = sql_text(f, 1, "SELECT CAST(id AS TEXT) FROM customer");
    assert_true(str_int64((struct str){text, strcspn(text, "\n")}, &id));
    return id;
}

static void act_as(struct step *s, int64_t staff_id, bool manages)
{
    const struct audit_actor by = {staff_id, staff_id == ANNA ? "Anna" : "Bea", NULL};
    s->who = (struct note_actor){by, manages, TODAY, s->f->arena};
    s->worker = (struct task_actor){by, TODAY, s->f->arena};
}

/* ---- notes ---- */

static enum err add_note(struct db_tx *tx, struct step *s)
{
    return note_add(tx, s->f->merchant_id, &s->note, &s->who, &s->p);
}
static enum err save_note(struct db_tx *tx, struct step *s)
{
    return note_save(tx, s->f->merchant_id, &s->note, &s->after, &s->who, &s->p);
}
static enum err delete_note(struct db_tx *tx, struct step *s)
{
    return note_delete(tx, s->f->merchant_id, &s->note, s->deleted, &s->who, &s->p);
}
static enum err read_note(struct db_tx *tx, struct step *s)
{
    return note_get(tx, s->f->merchant_id, s->note.customer_id, s->note.id, s->f->arena, &s->note);
}
static enum err fill_notes(struct db_tx *tx, struct step *s)
{
    enum err e = OK;
    for (int i = 0; e == OK && i < NOTES_MAX; i++) {
        struct note n = {.customer_id = s->note.customer_id, .staff_id = ANNA, .text = STR("more")};
        e = note_add(tx, s->f->merchant_id, &n, &s->who, &s->p);
    }
    return e;
}

static void notes(struct fixture *f)
{
    struct step s = {.f = f};
    people(f);
    s.note = (struct note){.customer_id = customer(f), .staff_id = ANNA, .text = STR("Likes silk")};
    act_as(&s, ANNA, false);
    assert_int_equal(take(&s, add_note), OK);
    assert_string_equal(
        sql_text(f, 2, "SELECT kind, CAST(day AS TEXT) FROM activity WHERE kind = 'note'"),
        "note|20600\n");
    act_as(&s, BEA, false); /* another's words stay theirs; a pin is anybody's */
    s.after = s.note;
    s.after.text = STR("Hates silk");
    assert_int_equal(take(&s, save_note), ERR_DENIED);
    assert_string_equal(s.p.code, "note_not_yours");
    s.after = s.note;
    s.after.pinned = true;
    assert_int_equal(take(&s, save_note), OK);
    act_as(&s, ANNA, false);
    s.after.text = STR("Likes linen"); /* with what Anna saw before the pin */
    assert_int_equal(take(&s, save_note), ERR_STALE);
    assert_int_equal(take(&s, read_note), OK);
    assert_true(s.note.pinned && str_eq(s.note.text, STR("Likes silk")));
    act_as(&s, BEA, false);
    s.deleted = true;
    assert_int_equal(take(&s, delete_note), ERR_DENIED);
    act_as(&s, BEA, true); /* a manager */
    assert_int_equal(take(&s, delete_note), OK);
    assert_int_equal(take(&s, delete_note), ERR_NOT_FOUND);
    s.deleted = false;
    assert_int_equal(take(&s, delete_note), OK);
    act_as(&s, ANNA, false);
    assert_int_equal(take(&s, fill_notes), ERR_CONFLICT); /* one was there */
    assert_string_equal(s.p.code, "note_too_many");
    assert_string_equal(sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM note"), "1\n");
}

/* ---- tasks ---- */

static enum err add_task(struct db_tx *tx, struct step *s)
{
    return task_add(tx, s->f->merchant_id, &s->task, &s->worker, &s->p);
}
static enum err save_task(struct db_tx *tx, struct step *s)
{
    return task_save(tx, s->f->merchant_id, &s->task, &s->next, &s->worker, &s->p);
}
static enum err delete_task(struct db_tx *tx, struct step *s)
{
    return task_delete(tx, s->f->merchant_id, &s->task, s->deleted, &s->worker, &s->p);
}
static enum err read_task(struct db_tx *tx, struct step *s)
{
    return task_get(tx, s->f->merchant_id, s->task.customer_id, s->task.id, s->f->arena, &s->task);
}
static enum err count_tasks(struct db_tx *tx, struct step *s)
{
    int64_t open, due;
    enum err e = task_count(tx, s->f->merchant_id, BEA, TODAY, &open, &due);
    s->task.version = 10 * open + due;
    return e;
}

static void tasks(struct fixture *f)
{
    struct step s = {.f = f};
    people(f);
    int64_t id = customer(f);
    act_as(&s, ANNA, false);
    for (int i = 0; i < 3; i++) {
        s.task = (struct task){.customer_id = id,
                               .assignee_id = BEA,
                               .staff_id = ANNA,
                               .text = STR("Call"),
                               .due_day = i == 2 ? DAY_NONE : TODAY + i};
        assert_int_equal(take(&s, add_task), OK);
    }
    struct step counting = s;
    assert_int_equal(take(&counting, count_tasks), OK);
    assert_int_equal(counting.task.version, 31); /* three open, one of them due */
    act_as(&s, BEA, false);
    assert_int_equal(take(&s, read_task), OK);
    s.next = s.task;
    s.next.done_us = 1800000000000000;
    s.next.done_by = BEA;
    assert_int_equal(take(&s, save_task), OK);
    s.next.text = STR("Write"); /* from what was there before it was done */
    assert_int_equal(take(&s, save_task), ERR_STALE);
    assert_int_equal(take(&counting, count_tasks), OK);
    assert_int_equal(counting.task.version, 21);
    s.deleted = true;
    assert_int_equal(take(&s, delete_task), OK);
    assert_int_equal(take(&s, delete_task), ERR_NOT_FOUND);
    s.deleted = false;
    assert_int_equal(take(&s, delete_task), OK);
    s.task.customer_id = id + 1; /* not this customer's */
    assert_int_equal(take(&s, read_task), ERR_NOT_FOUND);
    assert_string_equal(
        sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM task WHERE deleted_us IS NULL"), "3\n");
}

static void test_notes(void **state)
{
    (void)state;
    on_each_engine(notes);
}
static void test_tasks(void **state)
{
    (void)state;
    on_each_engine(tasks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_notes), cmocka_unit_test(test_tasks)};
    return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
