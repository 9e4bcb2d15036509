/* The card's editing: what a request may say, what is stored in which order, what two people do at
 * once, deleting and bringing back, tags. */
#include "import_fixture.h"
#include "src/base/text.h"
#include "src/crm/profile/profile_body.h"
#include <jansson.h>

enum { TODAY = 20600 }; /* 2026-05-27 */

/* ---- what a request says ---- */

/* Reads {"phones": …, "website": …} into the profile; what went wrong is "code field" or "". */
static const char *say(struct arena *a, struct profile *p, const char *body)
{
    struct request r = {.arena = a};
    struct profile_args args = {.gender = -1};
    json_t *root = json_loads(body, 0, NULL);
    const struct {
        const char *name;
        json_t **list;
        bool *given;
    } lists[] = {{"phones", &args.phones, &args.has_phones},
                 {"emails", &args.emails, &args.has_emails},
                 {"addresses", &args.addresses, &args.has_addresses},
                 {"dates", &args.dates, &args.has_dates}};
    assert_non_null(root);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        *lists[i].list = json_object_get(root, lists[i].name);
        *lists[i].given = *lists[i].list != NULL;
    }
    for (int i = 0; i < PROFILE_TEXTS; i++) {
        json_t *v = json_object_get(root, profile_text_names[i]);
        args.has_texts[i] = v != NULL;
        args.texts[i] = json_is_string(v) ? arena_str(a, str_c(json_string_value(v))) : STR("");
    }
    json_t *birthday = json_object_get(root, "birthday");
    args.has_birthday = birthday != NULL;
    args.birthday =
        json_is_string(birthday) ? arena_str(a, str_c(json_string_value(birthday))) : STR("");
    enum err e = profile_read(&r, &args, "FR", TODAY, p);
    json_decref(root);
    assert_int_equal(e == OK, r.problem.code == NULL);
    return e == OK
               ? ""
               : arena_printf(a, "%s %s", r.problem.code, r.problem.field ? r.problem.field : "");
}

/* [item, item, …], `n` of them; %d in `item` is the number. */
static const char *many(struct arena *a, const char *list, int n, const char *before,
                        const char *after)
{
    const char *all = arena_printf(a, "{\"%s\": [", list);
    for (int i = 0; i < n; i++)
        all = arena_printf(a, "%s%s%s%d%s", all, i ? "," : "", before, i, after);
    return arena_printf(a, "%s]}", all);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *body, *problem;
    } all[] = {
        {"{\"phones\": \"06\"}", "profile_not_list phones"},
        {"{\"phones\": [\"0612345678\"]}", "profile_not_object phones.0"},
        {"{\"phones\": [{\"value\": \"0612345678\", \"lable\": \"home\"}]}",
         "field_unknown phones.0"},
        {"{\"phones\": [{\"value\": 612345678}]}", "field_not_text phones.0.value"},
        {"{\"phones\": [{\"label\": \"home\"}]}", "field_required phones.0.value"},
        {"{\"phones\": [{\"value\": \"0612345678\", \"label\": \"boat\"}]}",
         "profile_choice phones.0.label"},
        {"{\"phones\": [{\"value\": \"call me\"}]}", "profile_phone_not_a_number phones.0.value"},
        {"{\"phones\": [{\"value\": \"+999 123456\"}]}", "profile_phone_no_country phones.0.value"},
        {"{\"phones\": [{\"value\": \"12\"}]}", "profile_phone_too_short phones.0.value"},
        {"{\"phones\": [{\"value\": \"06123456789\"}]}", "profile_phone_too_long phones.0.value"},
        {"{\"phones\": [{\"value\": \"0612345678\"}, {\"value\": \"+33 6 12 34 56 78\"}]}",
         "profile_contact_twice phones.1.value"},
        {"{\"emails\": [{\"value\": \"a@b\"}]}", "profile_email_invalid emails.0.value"},
        {"{\"emails\": [{\"value\": \"a@x.example\"}, {\"value\": \"A@X.example\"}]}",
         "profile_contact_twice emails.1.value"},
        {"{\"addresses\": [{\"kind\": \"home\"}]}", "field_required addresses.0.street"},
        {"{\"addresses\": [{\"kind\": \"mobile\", \"city\": \"Lyon\"}]}",
         "profile_choice addresses.0.kind"},
        {"{\"addresses\": [{\"city\": \"Lyon\", \"country\": \"ZZ\"}]}",
         "profile_country addresses.0.country"},
        {"{\"addresses\": [{\"city\": \"Lyon\", \"country\": \"FRA\"}]}",
         "field_too_long addresses.0.country"},
        {"{\"addresses\": [{\"postcode\": \"123456789012345678901\"}]}",
         "field_too_long addresses.0.postcode"},
        {"{\"dates\": [{\"month\": 5, \"day\": 3}]}", "field_required dates.0.name"},
        {"{\"dates\": [{\"name\": \"Wedding\", \"month\": 2, \"day\": 30}]}",
         "profile_date_bad dates.0.day"},
        {"{\"dates\": [{\"name\": \"Wedding\", \"month\": 2, \"day\": 29, \"year\": 2025}]}",
         "profile_date_bad dates.0.day"},
        {"{\"dates\": [{\"name\": \"Wedding\", \"month\": 5, \"day\": 3, \"year\": 999}]}",
         "profile_date_bad dates.0.year"},
        {"{\"dates\": [{\"name\": \"Wedding\", \"month\": \"May\", \"day\": 3}]}",
         "field_not_integer dates.0.month"},
        {"{\"birthday\": \"1990-02-29\"}", "profile_birthday_bad birthday"},
        {"{\"birthday\": \"14/03/1990\"}", "profile_birthday_bad birthday"},
        {"{\"birthday\": \"1879-12-31\"}", "profile_birthday_old birthday"},
        {"{\"birthday\": \"2026-05-28\"}", "profile_birthday_future birthday"},
        {"{\"birthday\": \"2027\"}", "profile_birthday_future birthday"},
        {"{\"website\": \"javascript://x.y/%0aalert(1)\"}", "profile_website website"},
        {"{\"website\": \"https://nodot\"}", "profile_website website"},
        {"{\"website\": \"https://a.example/<b>\"}", "profile_website website"},
        {"{\"language\": \"xx\"}", "profile_language language"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        struct profile p = {0};
        assert_string_equal(say(a, &p, all[i].body), all[i].problem);
    }
    struct profile p = {0};
    assert_string_equal(say(a, &p, many(a, "phones", 11, "{\"value\": \"06123456", "0\"}")),
                        "field_too_many phones");
    assert_string_equal(say(a, &p, many(a, "emails", 11, "{\"value\": \"a", "@x.example\"}")),
                        "field_too_many emails");
    assert_string_equal(say(a, &p, many(a, "addresses", 6, "{\"city\": \"C", "\"}")),
                        "field_too_many addresses");
    assert_string_equal(
        say(a, &p, many(a, "dates", 21, "{\"month\": 1, \"day\": 1, \"name\": \"D", "\"}")),
        "field_too_many dates");
    arena_free(&a);
}

static void values(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct profile p = {0};
    assert_string_equal(say(a, &p,
                            "{\"phones\": [{\"value\": \"06 12 34 56 78\", \"label\": \"mobile\"}, "
                            "{\"value\": \"+39 06 "
                            "698 12345\", \"label\": null}], \"addresses\": [{\"city\": \"  Lyon "
                            "\"}], \"birthday\": "
                            "\"--02-29\", \"website\": \"anna.example\", \"language\": \"eu\"}"),
                        "");
    assert_int_equal(p.ncontacts[0], 2);
    assert_true(str_eq(p.contacts[0][0].value, STR("+33612345678")));
    assert_int_equal(p.contacts[0][0].label, 0);
    assert_true(str_eq(p.contacts[0][1].value, STR("+390669812345")));
    assert_int_equal(p.contacts[0][1].label, -1);
    assert_true(str_eq(p.addresses[0].city, STR("Lyon")) && p.addresses[0].kind == -1);
    assert_true(p.birth_year == 0 && p.birth_month == 2 && p.birth_day == 29);
    assert_true(str_eq(p.texts[PROFILE_WEBSITE], STR("https://anna.example")));
    assert_true(str_eq(p.texts[PROFILE_LANGUAGE], STR("eu")));
    /* as many as there may be; a list takes the place of the one before, the others stay */
    assert_string_equal(say(a, &p, many(a, "phones", 10, "{\"value\": \"06123456", "0\"}")), "");
    assert_string_equal(say(a, &p, many(a, "addresses", 5, "{\"city\": \"C", "\"}")), "");
    assert_string_equal(
        say(a, &p, many(a, "dates", 20, "{\"month\": 1, \"day\": 1, \"name\": \"D", "\"}")), "");
    assert_true(p.ncontacts[0] == 10 && p.naddresses == 5 && p.ndates == 20);
    assert_string_equal(say(a, &p,
                            "{\"phones\": null, \"dates\": [], \"birthday\": null, "
                            "\"website\": \"\"}"),
                        "");
    assert_true(p.ncontacts[0] == 0 && p.ndates == 0 && p.naddresses == 5);
    assert_true(p.birth_month == 0 && p.texts[PROFILE_WEBSITE].n == 0);
    assert_string_equal(say(a, &p, "{\"birthday\": \"2026-05-27\"}"), ""); /* born today */
    assert_string_equal(say(a, &p, "{\"birthday\": \"1880\"}"), "");
    assert_true(p.birth_year == 1880 && p.birth_month == 0);
    arena_free(&a);
}

/* ---- what is stored ---- */

/* One act in a transaction of its own. */
struct act {
    struct fixture *f;
    enum err (*run)(struct db_tx *tx, struct act *s);
    int64_t merchant_id, id;
    struct profile before, after;
    struct profile_tags tags;
    struct problem p;
    struct profile_actor who;
};

static enum err run_act(struct db_tx *tx, void *arg)
{
    struct act *s = arg;
    s->p = (struct problem){0};
    return s->run(tx, s);
}

static enum err take(struct act *s, enum err (*run)(struct db_tx *tx, struct act *s))
{
    s->run = run;
    return db_write(s->f->app.db, run_act, s);
}

static struct act act_of(struct fixture *f)
{
    return (struct act){
        .f = f, .merchant_id = f->merchant_id, .who = {{.name = "Anna"}, TODAY, f->arena}};
}

static enum err do_get(struct db_tx *tx, struct act *s)
{
    enum err e = profile_get(tx, s->merchant_id, s->id, s->f->arena, &s->before);
    s->after = s->before;
    return e;
}
static enum err do_create(struct db_tx *tx, struct act *s)
{
    enum err e = profile_create(tx, s->merchant_id, &s->after, &s->who);
    s->id = s->after.id;
    return e;
}
static enum err do_save(struct db_tx *tx, struct act *s)
{
    return profile_save(tx, s->merchant_id, &s->before, &s->after, &s->who, &s->p);
}
static enum err do_delete(struct db_tx *tx, struct act *s)
{
    return profile_delete(tx, s->merchant_id, s->id, &s->who);
}
static enum err do_restore(struct db_tx *tx, struct act *s)
{
    return profile_restore(tx, s->merchant_id, s->id, &s->who, &s->p);
}
static enum err do_tag(struct db_tx *tx, struct act *s)
{
    return profile_tag(tx, s->merchant_id, s->id, &s->tags, &s->who, &s->p);
}

/* Reads the card anew and says the body of it. */
static void edit(struct act *s, const char *body)
{
    assert_int_equal(take(s, do_get), OK);
    assert_string_equal(say(s->f->arena, &s->after, body), "");
}

static void several_of_each(struct fixture *f)
{
    struct act s = act_of(f);
    assert_string_equal(
        say(f->arena, &s.after,
            "{\"first_name\": \"Anna\", \"nickname\": \"Nan\", \"instagram\": \"@anna\", "
            "\"source\": "
            "\"Fair\", \"phones\": [{\"value\": \"0612345678\", \"label\": \"mobile\"}, "
            "{\"value\": "
            "\"0145678901\"}], \"emails\": [{\"value\": \"Anna@x.example\"}], \"addresses\": "
            "[{\"city\": "
            "\"Lyon\", \"kind\": \"home\"}, {\"city\": \"Paris\", \"kind\": \"work\"}], \"dates\": "
            "[{\"name\": \"Wedding\", \"month\": 6, \"day\": 12}]}"),
        "");
    assert_int_equal(take(&s, do_create), OK);
    const char *main_ones = "SELECT x.phone, x.email, x.contact_text, c.city, c.address_kind"
                            " FROM customer_facts x JOIN customer c ON c.id = x.customer_id";
    assert_string_equal(sql_text(f, 5, main_ones),
                        "+33612345678|Anna@x.example|+33145678901|Lyon|home\n");
    /* the second ones become the main ones */
    edit(&s,
         "{\"phones\": [{\"value\": \"0145678901\", \"label\": \"work\"}, {\"value\": "
         "\"0612345678\"}], \"addresses\": [{\"city\": \"Paris\", \"kind\": \"work\"}, {\"city\": "
         "\"Lyon\", \"kind\": \"home\"}]}");
    assert_true(s.before.naddresses == 2 && s.before.ndates == 1 && s.before.version == 2);
    assert_int_equal(take(&s, do_save), OK);
    assert_string_equal(sql_text(f, 5, main_ones),
                        "+33145678901|Anna@x.example|+33612345678|Paris|work\n");
    assert_string_equal(sql_text(f, 3,
                                 "SELECT city, kind, CAST(position AS TEXT) FROM"
                                 " customer_address"),
                        "Lyon|home|2\n");
    assert_string_equal(sql_text(f, 1, "SELECT detail FROM activity WHERE kind = 'edit'"),
                        "{\"fields\":[\"phones\",\"addresses\"]}\n");
    /* what reads alike is told apart all the same */
    edit(&s, "{\"addresses\": [{\"street\": \"1 rue Haute\", \"city\": \"69001 Lyon\"}]}");
    assert_int_equal(take(&s, do_save), OK);
    edit(&s, "{\"addresses\": [{\"street\": \"1 rue Haute\", \"postcode\": \"69001\", \"city\": "
             "\"Lyon\"}]}");
    assert_int_equal(take(&s, do_save), OK);
    assert_string_equal(sql_text(f, 2, "SELECT postcode, city FROM customer"), "69001|Lyon\n");
    /* nothing is written where nothing differs; a source keeps the writing that it has */
    const char *stand =
        "SELECT CAST(COUNT(*) AS TEXT), (SELECT CAST(COUNT(*) AS TEXT) FROM activity),"
        " (SELECT CAST(SUM(version) AS TEXT) FROM customer),"
        " (SELECT CAST(MAX(seq) AS TEXT) FROM change) FROM audit";
    const char *was = sql_text(f, 4, stand);
    edit(&s, "{\"first_name\": \"Anna\", \"phones\": [{\"value\": \"+33145678901\", \"label\": "
             "\"work\"},"
             " {\"value\": \"06.12.34.56.78\"}]}");
    assert_int_equal(take(&s, do_save), OK);
    assert_string_equal(sql_text(f, 4, stand), was);
    edit(&s, "{\"source\": \"FAIR\", \"nickname\": \"\", \"emails\": [], \"dates\": null}");
    assert_int_equal(take(&s, do_save), OK);
    assert_int_equal(take(&s, do_get), OK);
    assert_true(str_eq(s.before.texts[PROFILE_SOURCE], STR("Fair")));
    assert_true(s.before.ncontacts[1] == 0 && s.before.ndates == 0);
    assert_int_equal(s.before.texts[PROFILE_NICKNAME].n, 0);
}

static void two_at_once(struct fixture *f)
{
    struct act anna = act_of(f), bea = anna;
    assert_string_equal(say(f->arena, &anna.after, "{\"first_name\": \"Carla\"}"), "");
    assert_int_equal(take(&anna, do_create), OK);
    bea.id = anna.id;
    edit(&anna, "{\"last_name\": \"Rossi\"}");
    edit(&bea, "{\"nickname\": \"Car\", \"phones\": [{\"value\": \"0612345678\"}]}");
    assert_int_equal(take(&anna, do_save), OK);
    assert_int_equal(anna.after.version, anna.before.version + 1);
    assert_int_equal(take(&bea, do_save), ERR_STALE);
    assert_string_equal(bea.p.code, "stale");
    assert_string_equal(sql_text(f, 2, "SELECT COALESCE(nickname, ''), last_name FROM customer"),
                        "|Rossi\n");
    assert_string_equal(sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM contact"), "0\n");
    edit(&bea, "{\"nickname\": \"Car\"}"); /* with what Anna wrote in view */
    assert_int_equal(take(&bea, do_save), OK);
    /* nobody else's */
    bea.merchant_id++;
    assert_int_equal(take(&bea, do_get), ERR_NOT_FOUND);
    assert_int_equal(take(&bea, do_save), ERR_NOT_FOUND);
    assert_int_equal(take(&bea, do_delete), ERR_NOT_FOUND);
    assert_int_equal(take(&bea, do_tag), ERR_NOT_FOUND);
}

/* Who was nobody becomes somebody by a name, a phone or an e-mail, and by nothing else. */
static void registering(struct fixture *f)
{
    struct act s = act_of(f);
    assert_string_equal(say(f->arena, &s.after, "{\"first_name\": \"Anna\"}"), "");
    assert_int_equal(take(&s, do_create), OK);
    char nobody[] = "UPDATE customer SET anonymous = 1, first_name = NULL";
    assert_int_equal(db_write(f->app.db, fixture_sql, nobody), OK);
    edit(&s, "{\"language\": \"fr\", \"nickname\": \"The regular\"}");
    assert_int_equal(take(&s, do_save), OK);
    edit(&s, "{\"emails\": [{\"value\": \"anna@x.example\"}]}");
    assert_true(s.before.anonymous);
    assert_int_equal(take(&s, do_save), OK);
    assert_string_equal(sql_text(f, 2,
                                 "SELECT CAST(anonymous AS TEXT), CAST(number AS TEXT) FROM"
                                 " customer"),
                        "0|1\n");
    assert_string_equal(sql_text(f, 1, "SELECT kind FROM activity ORDER BY id"),
                        "registration\nedit\nregistration\n");
}

static void deleting(struct fixture *f)
{
    struct act s = act_of(f);
    import_text(f, IMPORT_CUSTOMERS, "external_id,first_name,phone\nC1,Carla,0612345678\n");
    const char *id = sql_text(f, 1, "SELECT CAST(id AS TEXT) FROM customer");
    assert_true(str_int64((struct str){id, strcspn(id, "\n")}, &s.id));
    assert_int_equal(take(&s, do_restore), ERR_NOT_FOUND); /* is not deleted */
    edit(&s, "{\"first_name\": \"Clara\"}");
    assert_int_equal(take(&s, do_delete), OK);
    assert_int_equal(take(&s, do_delete), ERR_NOT_FOUND);
    assert_int_equal(take(&s, do_save), ERR_NOT_FOUND);
    assert_int_equal(take(&s, do_tag), ERR_NOT_FOUND);
    /* the number of the other program went on to another one meanwhile */
    assert_string_equal(
        told(f, import_text(f, IMPORT_CUSTOMERS, "external_id,first_name\nC1,Dora\n")),
        "1 added=1");
    assert_int_equal(take(&s, do_restore), ERR_CONFLICT);
    assert_string_equal(s.p.code, "profile_external_taken");
    assert_string_equal(s.p.args[0].value, "2");
    char another[] = "UPDATE customer SET external_id = 'C2' WHERE first_name = 'Dora'";
    assert_int_equal(db_write(f->app.db, fixture_sql, another), OK);
    assert_int_equal(take(&s, do_restore), OK);
    assert_int_equal(take(&s, do_get), OK);
    assert_true(s.before.ncontacts[0] == 1 && str_eq(s.before.texts[0], STR("Carla")));
}

static enum err fill_tags(struct db_tx *tx, struct act *s)
{
    enum err e = OK;
    for (int i = 0; e == OK && i < CUSTOMER_TAGS_MAX; i++) {
        struct str name = str_c(arena_printf(s->f->arena, "tag %d", i));
        s->tags = (struct profile_tags){.add = &name, .nadd = 1};
        e = do_tag(tx, s);
    }
    return e;
}

static void tags(struct fixture *f)
{
    static const struct str some[] = {{"VIP", 3}, {"wifi", 4}}, other[] = {{"vip", 3}, {"new", 3}};
    struct act s = act_of(f);
    const char *names = "SELECT w.name FROM customer_tag t JOIN word w ON w.kind = 'tag'"
                        " AND w.id = t.tag_id ORDER BY w.name_key";
    assert_string_equal(say(f->arena, &s.after, "{\"first_name\": \"Anna\"}"), "");
    assert_int_equal(take(&s, do_create), OK);
    s.tags = (struct profile_tags){.add = some, .nadd = 2};
    assert_int_equal(take(&s, do_tag), OK);
    assert_string_equal(sql_text(f, 1, names), "VIP\nwifi\n");
    const char *stand = "SELECT CAST(version AS TEXT), (SELECT CAST(COUNT(*) AS TEXT) FROM audit)"
                        " FROM customer";
    const char *was = sql_text(f, 2, stand);
    s.tags = (struct profile_tags){.add = other, .nadd = 1, .remove = other + 1, .nremove = 1};
    assert_int_equal(take(&s, do_tag),
                     OK); /* has the one in another writing, never had the other */
    assert_string_equal(sql_text(f, 2, stand), was);
    s.tags = (struct profile_tags){.remove = other, .nremove = 1};
    assert_int_equal(take(&s, do_tag), OK);
    assert_string_equal(sql_text(f, 1, names), "wifi\n");
    assert_int_equal(take(&s, fill_tags), ERR_CONFLICT); /* one was there */
    assert_string_equal(s.p.code, "profile_tags_full");
    assert_string_equal(sql_text(f, 1, names), "wifi\n");
}

#define ON_BOTH(test)                                                                              \
    static void test##_on_both(void **state)                                                       \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
ON_BOTH(several_of_each)
ON_BOTH(two_at_once)
ON_BOTH(registering)
ON_BOTH(deleting)
ON_BOTH(tags)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(values),
        cmocka_unit_test(several_of_each_on_both),
        cmocka_unit_test(two_at_once_on_both),
        cmocka_unit_test(registering_on_both),
        cmocka_unit_test(deleting_on_both),
        cmocka_unit_test(tags_on_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
