/* Finding, making and changing customers (src/crm/customer/customer.h). */
#include "crm_fixture.h"
#include "src/base/id.h"

static const struct customer_origin import = {.how = "import", .import_id = 7, .now_us = 1000};
static const struct customer_origin staff = {.how = "staff", .now_us = 2000, .may_loosen = true};

struct applied {
    struct fixture *f;
    const struct customer_origin *origin;
    struct customer_change *changes;
    size_t n;
};

static enum err do_apply(struct db_tx *tx, void *arg)
{
    struct applied *a = arg;
    return customer_apply(tx, a->f->merchant_id, a->origin, a->changes, a->n);
}

static enum err apply(struct fixture *f, const struct customer_origin *origin,
                      struct customer_change *changes, size_t n)
{
    struct applied a = {f, origin, changes, n};
    return db_write(f->app.db, do_apply, &a);
}

static struct customer_change new_customer(void)
{
    struct customer_change c = customer_change_empty(id_new());
    c.create = true;
    return c;
}

struct looked {
    struct fixture *f;
    enum customer_key by;
    const struct str *keys;
    size_t n;
    struct customer_match *ret;
};

static enum err do_lookup(struct db_tx *tx, void *arg)
{
    struct looked *l = arg;
    return customer_lookup(tx, l->f->merchant_id, l->by, l->keys, l->n, l->ret);
}

static struct customer_match look_up(struct fixture *f, enum customer_key by, const char *key)
{
    struct customer_match match;
    struct str s = str_c(key);
    assert_int_equal(db_read(f->app.db, do_lookup, &(struct looked){f, by, &s, 1, &match}), OK);
    return match;
}

/* One text, made by SQL from what is stored. */
struct asked {
    struct fixture *f;
    const char *sql;
    const char *ret;
};

static enum err do_ask(struct db_tx *tx, void *arg)
{
    cleanup(db_done) struct db_rows *rows = NULL;
    struct asked *q = arg;
    enum err err = db_free_text(tx, q->sql, "t", &rows);
    struct buf text;

    buf_init(&text, 10000);
    while (err == OK && db_next(rows)) {
        if (text.n)
            buf_addc(&text, ' ');
        buf_add(&text, db_text(rows, 0).p, db_text(rows, 0).n);
    }
    q->ret = arena_cstr(q->f->arena, buf_str(&text));
    buf_free(&text);
    return err == OK ? db_error(rows) : err;
}

static void stored(struct fixture *f, const char *expected, const char *sql)
{
    struct asked q = {f, sql, NULL};
    assert_int_equal(db_read(f->app.db, do_ask, &q), OK);
    assert_string_equal(q.ret, expected);
}

static struct customer_contact contact(bool email, const char *value)
{
    return (struct customer_contact){email, str_c(value), str_c(value)};
}

/* ---- tests ---- */

static void blanks_never_overwrite(struct fixture *f)
{
    struct customer_change c = new_customer();
    int64_t id = c.id;

    c.first_name = STR("Anna");
    c.last_name = STR("Rossi");
    c.gender = GENDER_FEMALE;
    c.birth_year = 1990;
    c.birth_month = 5;
    c.birth_day = 7;
    c.registered_day = 19000;
    c.external_id = STR("A1");
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_ADDED);
    stored(f, "1 Anna Rossi female 1990-5-7 A1 v1",
           "SELECT number || ' ' || first_name || ' ' || last_name || ' ' || gender || ' ' || "
           "birth_year ||"
           " '-' || birth_month || '-' || birth_day || ' ' || external_id || ' v' || version FROM "
           "customer");

    c = customer_change_empty(id);
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UNCHANGED);
    c.first_name = STR("Anna");
    c.birth_month = 5;
    c.birth_day = 7;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UNCHANGED);

    c = customer_change_empty(id);
    c.last_name = STR("Bianchi");
    c.external_id = STR("B2");
    c.birth_day = 8;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UPDATED);
    stored(
        f, "Anna Bianchi 1990-5-8 A1 v2",
        "SELECT first_name || ' ' || last_name || ' ' || birth_year || '-' || birth_month || '-' ||"
        " birth_day || ' ' || external_id || ' v' || version FROM customer");

    /* 29 February of a year that had none: the whole date is the new one's */
    c = customer_change_empty(id);
    c.birth_month = 2;
    c.birth_day = 29;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    stored(f, "none 2-29",
           "SELECT COALESCE(CAST(birth_year AS TEXT), 'none') || ' ' || birth_month || '-' || "
           "birth_day FROM customer");

    c = customer_change_empty(id_new());
    c.first_name = STR("Nobody");
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_MISSING);
}

static void refusals_stay(struct fixture *f)
{
    struct customer_change c = new_customer();
    const struct customer_consent yes = {CHANNEL_SMS, CONSENT_GRANTED, 5, STR("v1")};
    const struct customer_consent no = {CHANNEL_SMS, CONSENT_REFUSED, 6, STR("")};
    const struct customer_consent both[] = {no, yes};
    static const char states[] = "SELECT CAST(sms_consent AS TEXT) FROM customer";
    static const char acts[] = "SELECT state || ':' || how FROM consent ORDER BY id";

    c.consents = &yes;
    c.nconsents = 1;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    stored(f, "1", states);
    c.create = false;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UNCHANGED);
    c.consents = both; /* a refusal, and then a consent that no import may make of it */
    c.nconsents = 2;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UPDATED);
    stored(f, "2", states);
    stored(f, "granted:import refused:import", acts);
    assert_int_equal(apply(f, &staff, &c, 1), OK);
    stored(f, "1", states);
    stored(f, "granted:import refused:import granted:staff", acts);
}

static void contacts_keep_their_order(struct fixture *f)
{
    struct customer_contact first[] = {contact(false, "+33611111111"),
                                       contact(true, "a@x.example")};
    struct customer_contact second[] = {contact(false, "+33622222222"),
                                        contact(false, "+33633333333"),
                                        contact(true, "a@x.example")};
    struct customer_contact many[CUSTOMER_CONTACTS_MAX];
    struct customer_change c = new_customer();
    static const char order[] = "SELECT value FROM contact ORDER BY kind DESC, position";

    c.contacts = first;
    c.ncontacts = 2;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    c.create = false;
    c.contacts = second;
    c.ncontacts = 3;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UPDATED);
    stored(f, "+33622222222 +33633333333 +33611111111 a@x.example", order);
    stored(f, "+33622222222 a@x.example +33633333333 +33611111111",
           "SELECT phone || ' ' || email || ' ' || contact_text FROM customer_facts");
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.verdict, CUSTOMER_UNCHANGED);

    for (int i = 0; i < CUSTOMER_CONTACTS_MAX; i++)
        many[i] = contact(false, arena_printf(f->arena, "+3364444444%d", i));
    c.contacts = many;
    c.ncontacts = CUSTOMER_CONTACTS_MAX;
    assert_int_equal(apply(f, &import, &c, 1), OK);
    assert_int_equal(c.contacts_dropped, 3);
}

static void one_batch_names_one_customer_twice(struct fixture *f)
{
    struct customer_change c[3] = {new_customer(), new_customer()};

    c[2] = customer_change_empty(c[0].id);
    c[0].first_name = STR("Ivan");
    c[1].first_name = STR("Olga");
    c[2].last_name = STR("Petrov");
    assert_int_equal(apply(f, &import, c, 3), OK);
    assert_int_equal(c[0].verdict, CUSTOMER_ADDED);
    assert_int_equal(c[2].verdict, CUSTOMER_UPDATED);
    stored(f, "Ivan,Petrov,1 Olga,,2",
           "SELECT first_name || ',' || COALESCE(last_name, '') || ',' || number FROM customer "
           "ORDER BY number");
}

static enum err delete_second(struct db_tx *tx, void *arg)
{
    (void)arg;
    return db_free_text(tx, "UPDATE customer SET deleted_us = 1 WHERE number = 2", "", NULL);
}

static void keys_find(struct fixture *f)
{
    struct customer_change c[3] = {new_customer(), new_customer(), new_customer()};
    struct customer_contact contacts[] = {contact(false, "+33611111111"),
                                          contact(true, "a@x.example")};
    struct str keys[200];
    struct customer_match matches[200];

    c[0].external_id = STR("X1");
    c[1].external_id = STR("X2");
    for (int i = 0; i < 3; i++) {
        c[i].contacts = contacts;
        c[i].ncontacts = i == 1 ? 2 : 1;
    }
    assert_int_equal(apply(f, &import, c, 3), OK);
    assert_int_equal(look_up(f, CUSTOMER_BY_EXTERNAL_ID, "X2").id, c[1].id);
    assert_int_equal(look_up(f, CUSTOMER_BY_EXTERNAL_ID, "x2").id, 0);
    assert_int_equal(look_up(f, CUSTOMER_BY_EXTERNAL_ID, "").id, 0);
    struct customer_match phone = look_up(f, CUSTOMER_BY_PHONE, "+33611111111");
    assert_int_equal(phone.id, c[0].id);
    assert_true(phone.several && phone.has_external_id);
    assert_int_equal(look_up(f, CUSTOMER_BY_EMAIL, "a@x.example").id, c[1].id);
    assert_int_equal(look_up(f, CUSTOMER_BY_EMAIL, "+33611111111").id, 0);

    for (int i = 0; i < 200; i++) /* more than a chunk, with repeats */
        keys[i] = i % 3 ? str_c(arena_printf(f->arena, "X%d", i % 5)) : STR("");
    struct looked l = {f, CUSTOMER_BY_EXTERNAL_ID, keys, 200, matches};
    assert_int_equal(db_read(f->app.db, do_lookup, &l), OK);
    for (int i = 0; i < 200; i++) {
        int64_t expected = i % 3 == 0 ? 0 : i % 5 == 1 ? c[0].id : i % 5 == 2 ? c[1].id : 0;
        assert_int_equal(matches[i].id, expected);
    }

    /* an external id is taken; a deleted customer's is free again */
    struct customer_change taken = new_customer();
    taken.external_id = STR("X2");
    assert_int_equal(apply(f, &import, &taken, 1), ERR_CONFLICT);
    assert_int_equal(db_write(f->app.db, delete_second, NULL), OK);
    assert_int_equal(look_up(f, CUSTOMER_BY_EMAIL, "a@x.example").id, 0);
    assert_int_equal(apply(f, &import, &taken, 1), OK);
    assert_int_equal(look_up(f, CUSTOMER_BY_EXTERNAL_ID, "X2").id, taken.id);
}

#define ON_EACH(test)                                                                              \
    static void test_##test(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
ON_EACH(blanks_never_overwrite)
ON_EACH(refusals_stay)
ON_EACH(contacts_keep_their_order)
ON_EACH(one_batch_names_one_customer_twice)
ON_EACH(keys_find)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blanks_never_overwrite),
        cmocka_unit_test(test_refusals_stay),
        cmocka_unit_test(test_contacts_keep_their_order),
        cmocka_unit_test(test_one_batch_names_one_customer_twice),
        cmocka_unit_test(test_keys_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
