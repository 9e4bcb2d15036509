/* The rules of importing customers, on both engines. */
#include "import_fixture.h"

#define C(text) told(f, import_text(f, IMPORT_CUSTOMERS, text))

static const char *people(struct fixture *f)
{
    return sql_text(
        f, 5,
        "SELECT CAST(c.number AS TEXT), COALESCE(c.external_id, ''), COALESCE(c.first_name, ''), "
        "COALESCE(c.last_name, ''), COALESCE(p.phone, '') || ' ' || COALESCE(p.email, '') "
        "FROM customer c JOIN customer_facts p ON p.merchant_id = c.merchant_id "
        "AND p.customer_id = c.id ORDER BY c.number");
}

static void all_fields(struct fixture *f)
{
    assert_string_equal(
        C("Numéro client;Prénom;Nom de famille;Surnom;Civilité;Date de "
          "naissance;Téléphone;E-mail;Adresse;"
          "Code postal;Ville;Pays;Langue;Magasin;Source;Étiquettes;Date d'inscription;Consentement "
          "SMS;"
          "Consentement e-mail;Appareil\n"
          "C1;Anna;Rossi;la rouge;Mme;29/02/1988;06 12 34 56 78;Anna.Rossi@example.com;1 rue "
          "Haute;75001;"
          "Paris;France;français;Paris Nord;vitrine;vip, wifi;03/01/2024;oui;non;iPhone\n"),
        "1 added=1");
    assert_string_equal(
        sql_text(f, 14,
                 "SELECT external_id, first_name, last_name, nickname, gender, CAST(birth_year * "
                 "10000 + "
                 "birth_month * 100 + birth_day AS TEXT), address, postcode, city, country, "
                 "language, device, "
                 "CAST(registered_day AS TEXT), CAST(sms_consent * 10 + email_consent AS TEXT) "
                 "FROM customer"),
        "C1|Anna|Rossi|la rouge|female|19880229|1 rue Haute|75001|Paris|FR|fr|ios|19725|12\n");
    assert_string_equal(people(f), "1|C1|Anna|Rossi|+33612345678 Anna.Rossi@example.com\n");
    assert_string_equal(
        sql_text(f, 2,
                 "SELECT s.name, w.name FROM store s, word w, customer c WHERE s.id = "
                 "c.store_id AND w.kind = 'source' AND w.id = c.source_id"),
        "Paris Nord|vitrine\n");
    assert_string_equal(
        sql_text(f, 1,
                 "SELECT w.name FROM customer_tag t JOIN word w ON w.kind = 'tag' AND w.id "
                 "= t.tag_id ORDER BY w.name"),
        "vip\nwifi\n");
    assert_string_equal(sql_text(f, 3, "SELECT channel, state, how FROM consent ORDER BY channel"),
                        "email|refused|import\nsms|granted|import\n");
}

static void matching(struct fixture *f)
{
    assert_string_equal(C("id,first_name,phone,email\n1,Anna,0612345678,a@example.com\n2,Bob,"
                          "0612345679,b@example.com\n"),
                        "2 added=2");
    /* again: nothing */
    assert_string_equal(C("id,first_name,phone,email\n1,Anna,0612345678,a@example.com\n2,Bob,"
                          "0612345679,b@example.com\n"),
                        "2 skipped=2 same_row:2");
    /* by phone in another writing, by e-mail in other case; blanks never overwrite */
    assert_string_equal(
        C("last_name,first_name,phone,email\nRossi,,+33 6 12 34 56 78,\nMartin,,,B@Example.com\n"),
        "2 updated=2");
    assert_string_equal(
        people(f),
        "1|1|Anna|Rossi|+33612345678 a@example.com\n2|2|Bob|Martin|+33612345679 b@example.com\n");
    /* the number says one, the phone another; and with neither */
    assert_string_equal(C("id,phone\n1,0612345679\n"), "1 invalid=1 two_customers:1");
    assert_string_equal(C("phone,email\n0612345678,b@example.com\n"),
                        "1 invalid=1 two_customers:1");
    assert_string_equal(C("first_name,phone\nNobody,\n"), "1 invalid=1 no_key:1");
    /* a couple with one phone and two numbers: two customers, again and again */
    assert_string_equal(C("id,first_name,phone\n7,Carl,0612345670\n8,Dora,0612345670\n"),
                        "2 added=2");
    assert_string_equal(C("id,first_name,phone\n7,Carl,0612345670\n8,Dora,0612345670\n"),
                        "2 skipped=2 same_row:2");
    /* two rows of one new customer in one file */
    assert_string_equal(C("first_name,phone,email\nEva,0612345671,\n,0612345671,eva@example.com\n"),
                        "2 added=1 updated=1");
    /* who was known by phone alone gets the number */
    assert_string_equal(C("id,phone\n9,0612345671\n"), "1 updated=1");
    assert_string_equal(C("id,city\n9,Lyon\n9.0,Lyon\n"), "2 updated=1 skipped=1 same_row:1");
}

static void consents(struct fixture *f)
{
    assert_string_equal(C("id,sms,newsletter\n1,yes,no\n2,,\n"), "2 added=2");
    assert_string_equal(C("id,sms,newsletter\n1,no,yes\n2,yes,yes\n"),
                        "2 updated=2 refusal_kept:1");
    assert_string_equal(C("id,sms\n1,yes\n"), "1 skipped=1 same_row:1 refusal_kept:1");
    assert_string_equal(
        sql_text(f, 2,
                 "SELECT external_id, CAST(sms_consent * 10 + email_consent AS TEXT) FROM "
                 "customer ORDER BY number"),
        "1|22\n2|11\n");
    assert_string_equal(C("id,sms\n1,perhaps\n"), "1 invalid=1 consent_sms/not_yes_or_no:1");
}

static void kinds_of_contacts(struct fixture *f)
{
#define CONTACTS                                                                                   \
    sql_text(f, 3,                                                                                 \
             "SELECT CAST(position AS TEXT), value, COALESCE(label, '') FROM contact"              \
             " ORDER BY kind DESC, position")
    assert_string_equal(C("id,phone,phone 2,phone types,email,email type,address,address type\n"
                          "1,0612345678,0145678901 / 0145678902,mobile;bureau,a@example.com,fax,"
                          "1 rue Haute,casa\n"),
                        "1 invalid=1 phone2/phone_too_long:1");
    assert_string_equal(C("id,phone,phone 2,phone types,email,email type,address,address type\n"
                          "1,0612345678,0145678901|0145678902,mobile;;bureau,a@example.com,fax,"
                          "1 rue Haute,casa\n"),
                        "1 added=1");
    assert_string_equal(CONTACTS, "1|+33612345678|mobile\n2|+33145678901|\n3|+33145678902|work\n"
                                  "1|a@example.com|other\n");
    /* a blank says nothing, another word takes the place of the one before, twice is once */
    assert_string_equal(C("phone,phone types\n0612345678,\n"), "1 skipped=1 same_row:1");
    assert_string_equal(
        C("phone,phone 2,phone types\n0145678901,01 45 67 89 01,\"домашний, work\"\n"),
        "1 updated=1");
    assert_string_equal(CONTACTS,
                        "1|+33612345678|mobile\n2|+33145678901|home\n3|+33145678902|work\n"
                        "1|a@example.com|other\n");
    assert_string_equal(C("id,address type\n1,mobile\n"), "1 updated=1");
    assert_string_equal(sql_text(f, 1, "SELECT address_kind FROM customer"), "other\n");
}

static void groups(struct fixture *f)
{
#define MEMBERS                                                                                    \
    sql_text(f, 2,                                                                                 \
             "SELECT g.name, CAST(COUNT(m.customer_id) AS TEXT) FROM customer_group g"             \
             " LEFT JOIN group_member m ON m.merchant_id = g.merchant_id"                          \
             " AND m.group_id = g.id GROUP BY g.name ORDER BY g.name")
    assert_string_equal(C("id,groups\n1,\"Friends, Tasting\"\n2,friends\n3,\n"), "3 added=3");
    assert_string_equal(MEMBERS, "Friends|2\nTasting|1\n");
    /* nobody is taken out; who is in stays */
    assert_string_equal(C("id,groups\n1,Friends\n2,Tasting; Friends\n3,\n"),
                        "3 updated=1 skipped=2 same_row:2");
    assert_string_equal(MEMBERS, "Friends|2\nTasting|2\n");
    assert_string_equal(C("id,groups\n4,!!!\n"), "1 invalid=1 groups/groups:1");
    assert_string_equal(sql_text(f, 2, "SELECT action, actor FROM audit WHERE entity = 'group'"),
                        "group.create|command line\ngroup.create|command line\n");
    /* as many as there may be; the row that brings one more is refused and makes nobody */
    struct buf rows;
    buf_init(&rows, 1 << 16);
    buf_adds(&rows, "id,groups\n");
    for (int i = 0; i < 199; i++)
        buf_printf(&rows, "g%d,Group %d\n", i, i);
    assert_string_equal(C(buf_cstr(&rows)), "199 added=198 invalid=1 groups/groups:1");
    buf_free(&rows);
    assert_string_equal(sql_text(f, 1, "SELECT CAST(COUNT(*) AS TEXT) FROM customer_group"),
                        "200\n");
}

static void blocks(struct fixture *f)
{
#define BLOCKED                                                                                    \
    sql_text(f, 3,                                                                                 \
             "SELECT external_id, COALESCE(blocked_reason, ''), CASE WHEN blocked_us > 0"          \
             " THEN 'when' ELSE '' END FROM customer WHERE blocked = 1 ORDER BY external_id")
    assert_string_equal(C("id,blocked,block reason\n1,yes,never paid\n2,,\n3,no,liked\n4,,rude\n"),
                        "4 added=4");
    assert_string_equal(BLOCKED, "1|never paid|when\n4|rude|when\n");
    /* lifted by a person alone; a reason stays until another one is given */
    assert_string_equal(C("id,blocked,block reason\n1,no,\n4,yes,\n2,no,\n"),
                        "3 skipped=3 block_kept:1 same_row:3");
    assert_string_equal(C("id,blocked,block reason\n1,oui,never came\n2,да,\n"), "2 updated=2");
    assert_string_equal(BLOCKED, "1|never came|when\n2||when\n4|rude|when\n");
    assert_string_equal(
        sql_text(f, 2,
                 "SELECT action, detail FROM audit WHERE entity = 'customer'"
                 " ORDER BY id"),
        "customer.block|{\"blocked\":{\"from\":false,\"to\":true},"
        "\"reason\":\"never paid\"}\n"
        "customer.block|{\"blocked\":{\"from\":false,\"to\":true},\"reason\":\"rude\"}\n"
        "customer.block|{\"reason\":\"never came\"}\n"
        "customer.block|{\"blocked\":{\"from\":false,\"to\":true}}\n");
    assert_string_equal(C("id,blocked\n5,perhaps\n"), "1 invalid=1 blocked/not_yes_or_no:1");
    assert_string_equal(C("id,blocked on\n5,2024-01-02\n"), "1 added=1"); /* another thing */
}

static void bad_rows(struct fixture *f)
{
    assert_string_equal(C("id,phone\n1,+999 123456\n2,12\n3,hello\n4,0612345678\n"),
                        "4 added=1 invalid=3 phone/phone_no_country:1 phone/phone_too_short:1 "
                        "phone/phone_not_a_number:1");
    assert_string_equal(
        C("id,email\n10,a@b\n11,anna.gmial.com\n12,anna@@gmail.com\n13,x@example.com\n"),
        "4 added=1 invalid=3 email/email_invalid:3");
    assert_string_equal(
        C("id,birthday\n20,31/02/1990\n21,1990-13-01\n22,01/01/2990\n23,12/05\n24,soon\n"),
        "5 added=1 invalid=4 birthday/impossible_date:3 birthday/not_a_date:1");
    assert_string_equal(C("id,first_name,city\n30,Anna\n31,Bob,Lyon,extra\n32,Carl,Nice\n"),
                        "3 added=1 invalid=2 row_short:1 row_long:1");
    assert_string_equal(C("id,gender\n40,?\n41,f\n\n,\n"),
                        "3 added=1 skipped=1 invalid=1 blank_row:1 gender/not_a_gender:1");
    assert_string_equal(C("id,name\n50,\"open\n51,Bob\n"), "2 added=1 invalid=1 quote_open:1");
    assert_string_equal(C("city,colour\nLyon,red\n"), "import_missing_field");
    assert_string_equal(C("PK\003\004zip"), "import_workbook");
    assert_string_equal(
        told(f, import_bytes_of(f, IMPORT_CUSTOMERS, str_c("id,x\n1,2\n"), "phone=colour", false)),
        "import_no_such_column");
}

static void dry_run_changes_nothing(struct fixture *f)
{
    const char *tables[] = {"customer", "contact", "customer_facts",  "word", "store", "consent",
                            "change",   "import",  "import_rejection"};
    struct str text = STR("id,phone,store,tags\n1,0612345678,Lyon,vip\n2,bad,,\n");
    assert_string_equal(told(f, import_bytes_of(f, IMPORT_CUSTOMERS, text, NULL, true)),
                        "2 added=1 invalid=1 phone/phone_not_a_number:1");
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        assert_string_equal(
            sql_text(f, 1,
                     arena_printf(f->arena, "SELECT CAST(COUNT(*) AS TEXT) FROM %s", tables[i])),
            "0\n");
}

static void rejected_rows_as_csv(struct fixture *f)
{
    struct rejected *rows;
    struct buf out;
    struct imported *i = import_text(
        f, IMPORT_CUSTOMERS,
        "id;name;phone\n1;=cmd|' /C calc'!A0;bad\n2;\"Anna; \"\"A\"\"\";+999\n3;-5;x\n");
    buf_init(&out, 1 << 20);
    assert_int_equal(rejected_open(&f->app, f->merchant_id, i->import.id, "en", &rows), OK);
    while (rejected_next(rows, &out))
        ;
    rejected_close(&rows);
    assert_string_equal(buf_cstr(&out),
                        "\xEF\xBB\xBFreport.rejected.line,report.rejected.reason,report.rejected."
                        "field,id,name,phone\r\n"
                        "2,import_phone_not_a_number,phone,1,\"'=cmd|' /C calc'!A0\",bad\r\n"
                        "3,import_phone_no_country,phone,2,\"Anna; \"\"A\"\"\",\"'+999\"\r\n"
                        "4,import_phone_not_a_number,phone,3,-5,x\r\n");
    buf_free(&out);
}

#define ON_BOTH(test)                                                                              \
    static void test##_on_both(void **state)                                                       \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
ON_BOTH(all_fields)
ON_BOTH(matching)
ON_BOTH(consents)
ON_BOTH(kinds_of_contacts)
ON_BOTH(groups)
ON_BOTH(blocks)
ON_BOTH(bad_rows)
ON_BOTH(dry_run_changes_nothing)
ON_BOTH(rejected_rows_as_csv)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_on_both),
        cmocka_unit_test(matching_on_both),
        cmocka_unit_test(consents_on_both),
        cmocka_unit_test(kinds_of_contacts_on_both),
        cmocka_unit_test(groups_on_both),
        cmocka_unit_test(blocks_on_both),
        cmocka_unit_test(bad_rows_on_both),
        cmocka_unit_test(dry_run_changes_nothing_on_both),
        cmocka_unit_test(rejected_rows_as_csv_on_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
