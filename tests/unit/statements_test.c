/* Every statement of every feature: prepared on SQLite and on PostgreSQL, declared as the engine
 * sees it, named once, and kept within one merchant. */
#include "crm_fixture.h"
#include "src/work/work.h"

/* Tables whose rows belong to a merchant: all but the merchant's own. */
static const char *const without_merchant[] = {
    "merchant_by_id",
    "merchant_by_slug",
    "merchant_first",
    "merchant_add",
    "merchant_change",
    "change_take",
    "session_login", /* at the door the merchant is not known
                        yet */
    /* backups are of the base with all its merchants */
    "backup_take",
    "backup_finish",
    "backup_prune",
    "backup_list",
    "backup_forget_running",
    "backup_end_sessions",
    "backup_forget_snapshots",
};

static bool names_merchant(const struct db_statement *st)
{
    for (size_t i = 0; i < ARRAY_LEN(without_merchant); i++) {
        if (strcmp(st->name, without_merchant[i]) == 0)
            return true;
    }
    /* any comparison or insertion of merchant_id; merchant's own key is `id` */
    return strstr(st->sql, "merchant_id") != NULL || strstr(st->sql, "FROM merchant") != NULL ||
           strstr(st->sql, "UPDATE merchant") != NULL;
}

static void verify(struct fixture *f, const struct db_statement *st)
{
    const char *why = "";
    if (db_verify(f->app.db, st, f->arena, &why) != OK)
        fail_msg("%s on %s: %s", st->name, f->postgres ? "PostgreSQL" : "SQLite", why);
}

static void every_statement(struct fixture *f)
{
    const char *seen[1000];
    size_t n = 0;
    for (const struct feature *feature = features; feature->name; feature++) {
        for (const struct db_statement *const *st = feature->statements; st && *st; st++) {
            for (size_t i = 0; i < n; i++)
                assert_string_not_equal(seen[i], (*st)->name);
            assert_true(n < ARRAY_LEN(seen));
            seen[n++] = (*st)->name;
            if (!names_merchant(*st))
                fail_msg("%s does not say which merchant", (*st)->name);
            verify(f, *st);
        }
    }
    for (const struct db_statement *const *st = work_statements; *st; st++)
        verify(f, *st);
    assert_true(n > 80);
}

static void statements(void **state)
{
    (void)state;
    on_each_engine(every_statement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
