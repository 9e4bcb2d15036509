/* The queue of likely pairs (src/crm/merge/duplicate.h): what counts, how much is found, how it is
 * kept. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/merge/merge_features.h"
#include "src/work/work.h"
#include <ctype.h>

static const struct audit_actor anna = {.name = "Anna Rossi"};

/* ---- scores ---- */

/* first|last|birthday|phone|e-mail|postcode|city|gender */
static struct duplicate_person person(struct arena *a, const char *text)
{
    struct str parts[8] = {{"", 0}};
    struct duplicate_person p = {.id = id_new()};
    for (int i = 0; i < 8; i++) {
        size_t n = strcspn(text, "|");
        parts[i] = (struct str){text, n};
        text += n + (text[n] == '|');
    }
    duplicate_person_name(a, &p, parts[0], parts[1]);
    if (parts[2].n == 10) {
        int32_t day;
        assert_true(day_parse(parts[2], &day));
        struct civil c = day_to_civil(day);
        p.birth_year = c.year;
        p.birth_month = c.month;
        p.birth_day = c.day;
    }
    p.contacts = arena_array(a, struct duplicate_contact, 2);
    if (parts[3].n)
        p.contacts[p.ncontacts++] = (struct duplicate_contact){
            false,
            parts[3],
            parts[3].p[0] == '~' ? (struct str){parts[3].p + 1, parts[3].n - 1} : parts[3],
            {0}};
    if (parts[4].n)
        p.contacts[p.ncontacts++] =
            (struct duplicate_contact){true, parts[4], parts[4], duplicate_mailbox(a, parts[4])};
    p.postcode = text_fold(a, parts[5]);
    p.city = text_fold(a, parts[6]);
    p.gender = parts[7].n ? (parts[7].p[0] == 'f' ? GENDER_FEMALE : GENDER_MALE) : GENDER_UNKNOWN;
    return p;
}

static void scores_are_as_people_judge(void **state)
{
    static const struct {
        const char *a, *b;
        int namesakes, least, most;
        enum duplicate_reason reason;
    } cases[] = {
        /* one person */
        {"Anna|Rossi||+39333||", "Anna|Rossi||~+39333||", 2, 95, 99, REASON_PHONE_WRITING},
        {"Anna|Rossi||+39333||", "|||+39333||", 2, 50, 70, REASON_PHONE},
        {"Anna|Rossi|||a.rossi@gmail.com", "Anna|Rossi|||arossi+shop@gmail.com", 2, 95, 99,
         REASON_EMAIL_WRITING},
        {"Anna|Rossi|||anna.rossi@gmail.com", "Anna|Rossi|||anna.rossi@gmial.com", 2, 90, 99,
         REASON_EMAIL_WRITING},
        {"Anna|Rossi|||annarossi@libero.it", "Anna|Rossi|||anarossi@libero.it", 2, 90, 99,
         REASON_EMAIL_TYPO},
        {"Иван|Петров||+7900||", "Ivan|Petrov||+7900||", 2, 95, 99, REASON_NAME_SCRIPT},
        {"Иван|Петров|1980-02-03|||", "Ivan|Petrov|1980-02-03|||", 2, 90, 99, REASON_NAME_SCRIPT},
        {"Rossi|Anna|1980-02-03|||", "Anna|Rossi|1980-02-03|||", 2, 90, 99, REASON_NAME_SWAPPED},
        {"Bob|Miller|1980-02-03|||", "Robert|Miller|1980-02-03|||", 2, 85, 99, REASON_NAME_SHORT},
        {"Marta|Bianchi|1980-02-03|||", "Marta|Biancchi|1980-02-03|||", 2, 85, 99,
         REASON_NAME_SIMILAR},
        {"Anna|Rossi||||20121", "Anna|Rossi||||20121", 2, 80, 99, REASON_POSTCODE},
        {"Anna|Rossi||+39333||", "Anna|Conti||+39333||", 2, 50, 80, REASON_NAME_DIFFERS},
        /* two people */
        {"Paolo|Rossi|1950-01-01|+39333||20121", "Luca|Rossi|1980-05-06|+39333||20121", 2, 1, 5,
         REASON_GENERATION},
        {"Paolo|Rossi||+39333||", "Luca|Rossi||+39333||", 2, 1, 5, REASON_NAME_DIFFERS},
        {"Paolo|Rossi|1950-01-01|+39333||20121", "Paolo|Rossi|1980-05-06|+39333||20121", 2, 1, 30,
         REASON_GENERATION},
        {"Anna|Rossi||+39333|casa@rossi.it||Milano|f",
         "Marco|Rossi||+39333|casa@rossi.it||Milano|m", 2, 1, 20, REASON_GENDER_DIFFERS},
        {"Anna|Rossi|||casa@rossi.it", "Marco|Bianchi|||casa@rossi.it", 2, 1, 5, REASON_EMAIL},
        {"Maria|Rossi||+391|m1@x.it||Milano|f", "Maria|Rossi||+392|m2@y.it||Milano|f", 9, 1, 10,
         REASON_NAME},
        {"Maria|Rossi|||||Milano|f", "Maria|Rossi|||||Milano|f", 13, 1, 10, REASON_CITY},
        {"Mario|Rossi|||m@rossi.it|||m", "Maria|Rossi|||m@rossi.it|||f", 2, 1, 10,
         REASON_NAME_DIFFERS},
        {"Anna|Rossi|||john.smith1@gmail.com", "Marco|Bianchi|||john.smith2@gmail.com", 2, 1, 1,
         REASON_EMAIL_TYPO},
    };
    struct arena *a = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct duplicate_person x = person(a, cases[i].a), y = person(a, cases[i].b);
        struct duplicate_verdict v = duplicate_compare(&x, &y, cases[i].namesakes);
        struct duplicate_verdict w = duplicate_compare(&y, &x, cases[i].namesakes);
        if (v.percent < cases[i].least || v.percent > cases[i].most ||
            v.tenths[cases[i].reason] == 0)
            fail_msg("%s / %s: %d %%, reason %d", cases[i].a, cases[i].b, v.percent,
                     v.tenths[cases[i].reason]);
        assert_int_equal(v.percent, w.percent);
    }
    arena_free(&a);
}

/* ---- a base with known duplicates ---- */

enum { PEOPLE = 1200, TWICE = 200 };
static const char *const firsts[] = {
    "Anna",  "Marco",  "Lucia",   "Paolo",    "Giulia",   "Pierre", "Chloe", "Antoine",
    "Manon", "Hugo",   "Carmen",  "Javier",   "Elena",    "Diego",  "Sofia", "Ivan",
    "Olga",  "Sergei", "Tatiana", "Dmitry",   "Emma",     "Oliver", "Grace", "Harry",
    "Alice", "Robert", "William", "Margaret", "Nicholas", "Thomas"};
static const char *const lasts[] = {
    "Rossi",    "Bianchi", "Ferrari",   "Esposito",  "Romano",   "Dupont",     "Moreau",
    "Lefebvre", "Girard",  "Garcia",    "Fernandez", "Navarro",  "Ortega",     "Petrov",
    "Smirnov",  "Volkov",  "Sokolov",   "Kuznetsov", "Smith",    "Taylor",     "Walker",
    "Hughes",   "Bennett", "Marchetti", "Colombo",   "Barbieri", "Fontaine",   "Chevalier",
    "Castillo", "Delgado", "Morozov",   "Pavlov",    "Harrison", "Richardson", "Conti",
    "Gallo",    "Serra",   "Vidal",     "Renard",    "Lambert"};
static const char *const cities[] = {"Milano", "Roma", "Paris", "Lyon", "Madrid", "London"};

struct known {
    struct fixture *f;
    struct customer_change changes[PEOPLE + TWICE];
    int64_t twins[TWICE][2];
    size_t n;
};

static const char *without_char(struct arena *a, const char *text, size_t at)
{
    return arena_printf(a, "%.*s%s", (int)at, text, text + at + 1);
}

static void make_person(struct known *k, int i)
{
    struct fixture *f = k->f;
    struct arena *a = f->arena;
    struct customer_change *c = &k->changes[k->n++];
    struct customer_contact *contacts = arena_array(a, struct customer_contact, 2);
    const char *first = firsts[fixture_random(f, ARRAY_LEN(firsts))];
    const char *last = lasts[fixture_random(f, ARRAY_LEN(lasts))];
    *c = customer_change_empty(id_new());
    c->create = true;
    c->first_name = str_c(first);
    c->last_name = str_c(last);
    c->city = str_c(cities[fixture_random(f, ARRAY_LEN(cities))]);
    if (fixture_random(f, 2))
        c->postcode = str_c(arena_printf(a, "%05d", 10000 + (int)fixture_random(f, 300)));
    if (fixture_random(f, 10) < 6) {
        c->birth_year = 1940 + (int32_t)fixture_random(f, 65);
        c->birth_month = 1 + (int32_t)fixture_random(f, 12);
        c->birth_day = 1 + (int32_t)fixture_random(f, 28);
    }
    struct str phone = str_c(arena_printf(a, "+3933%08d", i));
    char *local = arena_printf(a, "%s.%s%d@gmail.com", first, last, i);
    for (char *p = local; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    contacts[0] = (struct customer_contact){false, phone, phone};
    contacts[1] = (struct customer_contact){true, str_c(local), str_c(local)};
    bool neither = fixture_random(f, 8) == 0; /* some have only one of them */
    c->contacts = contacts + neither;
    c->ncontacts = 2 - neither;
}

/* The same person once more, as a till or another file would write them. */
static void make_twin(struct known *k, int i, int of)
{
    struct fixture *f = k->f;
    struct arena *a = f->arena;
    const struct customer_change *one = &k->changes[of];
    struct customer_change *c = &k->changes[k->n++];
    struct customer_contact *contacts = arena_array(a, struct customer_contact, 2);
    const char *first = arena_cstr(a, one->first_name), *last = arena_cstr(a, one->last_name);
    *c = customer_change_empty(id_new());
    c->create = true;
    c->first_name = one->first_name;
    c->last_name = one->last_name;
    c->contacts = contacts;
    struct customer_contact mail = one->contacts[one->ncontacts - 1];
    const char *address = arena_cstr(a, mail.value);
    switch (i % 6) {
    case 0: /* the name swapped, the same phone or mail */
        c->first_name = one->last_name;
        c->last_name = one->first_name;
        contacts[c->ncontacts++] = one->contacts[0];
        break;
    case 1: /* a letter lost in the mail */
        mail.value = mail.match_key = str_c(without_char(a, address, 2));
        contacts[c->ncontacts++] = mail;
        break;
    case 2: /* without the dot */
        mail.value = mail.match_key = str_c(without_char(a, address, strcspn(address, ".")));
        contacts[c->ncontacts++] = mail;
        break;
    case 3: /* a typo in the name, the same birthday */
        c->last_name = str_c(without_char(a, last, 2));
        c->birth_year = one->birth_year;
        c->birth_month = one->birth_month;
        c->birth_day = one->birth_day;
        break;
    case 4: /* name and postcode */
        c->postcode = one->postcode;
        c->city = one->city;
        break;
    default: /* a phone alone, with the first name's initial */
        c->first_name = str_c(arena_printf(a, "%.1s", first));
        contacts[c->ncontacts++] = one->contacts[0];
    }
    k->twins[i][0] = one->id < c->id ? one->id : c->id;
    k->twins[i][1] = one->id < c->id ? c->id : one->id;
}

static enum err fill(struct db_tx *tx, void *arg)
{
    struct known *k = arg;
    const struct customer_origin origin = {.how = "staff", .now_us = 1000, .may_loosen = true};
    int64_t *ids = arena_array(k->f->arena, int64_t, k->n);
    for (size_t i = 0; i < k->n; i++)
        ids[i] = k->changes[i].id;
    enum err e = customer_apply(tx, k->f->merchant_id, &origin, k->changes, k->n);
    return e == OK ? change_note(tx, k->f->merchant_id, "customer", ids, k->n) : e;
}

static void follow(struct fixture *f)
{
    bool more = true;
    assert_int_equal(duplicate_follow(&f->app, f->merchant_id, 1000, &more), OK);
    assert_false(more);
}

struct listing {
    struct fixture *f;
    bool decided;
    int64_t customer_id;
    struct duplicate_pair pairs[1000];
    size_t n;
};

static enum err do_list(struct db_tx *tx, void *arg)
{
    struct listing *l = arg;
    return duplicate_list(tx, l->f->merchant_id, l->decided, l->customer_id, &DUPLICATE_FIRST,
                          ARRAY_LEN(l->pairs), l->f->arena, l->pairs, &l->n);
}

static struct listing *list(struct fixture *f, bool decided, int64_t customer_id)
{
    struct listing *l = arena_make(f->arena, struct listing);
    l->f = f;
    l->decided = decided;
    l->customer_id = customer_id;
    assert_int_equal(db_read(f->app.db, do_list, l), OK);
    return l;
}

static bool is_twin(const struct known *k, const struct duplicate_pair *p)
{
    for (int i = 0; i < TWICE; i++)
        if (k->twins[i][0] == p->a_id && k->twins[i][1] == p->b_id)
            return true;
    return false;
}

/* Twins of whom nothing but the name is known twice cannot be found, and must not be: they are not
 * counted as missed. */
static bool findable(const struct known *k, int i)
{
    const struct customer_change *one = &k->changes[i * 5], *twin = &k->changes[PEOPLE + i];
    if (i % 6 == 3)
        return one->birth_year != 0;
    if (i % 6 == 4)
        return one->postcode.n > 0;
    return one->ncontacts == 2 || twin->ncontacts > 0;
}

static void most_are_found_and_few_are_wrong(struct fixture *f)
{
    struct known *k = arena_make(f->arena, struct known);
    int right = 0, possible = 0;
    k->f = f;
    for (int i = 0; i < PEOPLE; i++)
        make_person(k, i);
    for (int i = 0; i < TWICE; i++)
        make_twin(k, i, i * 5);
    assert_int_equal(db_write(f->app.db, fill, k), OK);
    follow(f);
    struct listing *l = list(f, false, 0);
    for (size_t i = 0; i < l->n; i++)
        right += is_twin(k, &l->pairs[i]);
    for (int i = 0; i < TWICE; i++)
        possible += findable(k, i);
    print_message("recall %d of %d, precision %d of %zu\n", right, possible, right, l->n);
    assert_true(right * 100 >= possible * 92);
    assert_true(right * 100 >= (int)l->n * 92);
}

/* ---- keeping it ---- */

static struct customer_change said(const char *first, const char *last,
                                   const struct customer_contact *phone)
{
    struct customer_change c = customer_change_empty(id_new());
    c.create = true;
    c.first_name = str_c(first);
    c.last_name = str_c(last);
    c.contacts = phone;
    c.ncontacts = phone != NULL;
    return c;
}

struct changing {
    struct fixture *f;
    struct customer_change *c;
    int64_t ids[8];
    size_t n;
};

static enum err change(struct db_tx *tx, void *arg)
{
    struct changing *w = arg;
    const struct customer_origin origin = {.how = "staff", .now_us = 1000, .may_loosen = true};
    for (size_t i = 0; i < w->n; i++)
        w->ids[i] = w->c[i].id;
    enum err e = customer_apply(tx, w->f->merchant_id, &origin, w->c, w->n);
    return e == OK ? change_note(tx, w->f->merchant_id, "customer", w->ids, w->n) : e;
}

static void apply(struct fixture *f, struct customer_change *c, size_t n)
{
    struct changing w = {f, c, {0}, n};
    assert_int_equal(db_write(f->app.db, change, &w), OK);
}

struct saying {
    struct fixture *f;
    int64_t a, b, merge;
    bool two;
};

static enum err say(struct db_tx *tx, void *arg)
{
    struct saying *s = arg;
    return duplicate_decide(tx, s->f->merchant_id, s->b, s->a, s->two, &anna, 5000);
}

static enum err merge(struct db_tx *tx, void *arg)
{
    struct saying *s = arg;
    const struct merge_request what = {.survivor_id = s->a,
                                       .loser_id = s->b,
                                       .survivor_version = -1,
                                       .loser_version = -1,
                                       .now_us = 6000,
                                       .today = 20000};
    return merge_customers(tx, s->f->merchant_id, &what, &anna, s->f->arena, NULL, &s->merge, NULL);
}

static enum err unmerge(struct db_tx *tx, void *arg)
{
    struct saying *s = arg;
    return merge_undo(tx, s->f->merchant_id, s->merge, &anna, 7000, s->f->arena, NULL);
}

static void the_queue_follows(struct fixture *f)
{
    const struct customer_contact phone = {false, STR("+33612345678"), STR("+33612345678")};
    struct customer_change c[3] = {said("Anna", "Rossi", &phone), said("Ann", "Rossi", &phone),
                                   said("Luca", "Verdi", NULL)};
    apply(f, c, 3);
    follow(f);
    struct listing *l = list(f, false, 0);
    assert_int_equal(l->n, 1);
    assert_int_equal(l->pairs[0].a_id, c[0].id);
    assert_true(l->pairs[0].percent >= 90);
    assert_int_equal(list(f, false, c[1].id)->n, 1);
    assert_int_equal(list(f, false, c[2].id)->n, 0);

    struct saying s = {f, c[0].id, c[1].id, 0, true};
    assert_int_equal(db_write(f->app.db, say, &s), OK);
    assert_int_equal(list(f, false, 0)->n, 0);
    assert_int_equal(list(f, true, 0)->n, 1);
    struct customer_change again =
        customer_change_empty(c[1].id); /* its score changes, the word stays */
    again.city = STR("Paris");
    apply(f, &again, 1);
    follow(f);
    assert_int_equal(list(f, false, 0)->n, 0);
    s.two = false;
    assert_int_equal(db_write(f->app.db, say, &s), OK);
    assert_int_equal(list(f, false, 0)->n, 1);
    struct saying nobody = {f, c[0].id, c[2].id, 0, true};
    assert_int_equal(db_write(f->app.db, say, &nobody), ERR_NOT_FOUND);

    assert_int_equal(db_write(f->app.db, merge, &s), OK);
    follow(f);
    assert_int_equal(list(f, false, 0)->n, 0);
    assert_int_equal(db_write(f->app.db, unmerge, &s), OK);
    follow(f);
    assert_int_equal(list(f, false, 0)->n, 1);

    again.first_name = STR("Marco"); /* another person with the same phone */
    apply(f, &again, 1);
    follow(f);
    assert_int_equal(list(f, false, 0)->n, 0);
}

static enum err lose_feed(struct db_tx *tx, void *arg)
{
    (void)arg;
    return db_free_text(tx, "DELETE FROM change", "", NULL);
}

/* What the feed cannot tell any more is found by looking at everybody. */
static void a_gap_is_scanned(struct fixture *f)
{
    const struct customer_contact phone = {false, STR("+33612345678"), STR("+33612345678")};
    follow(f);
    struct customer_change c[2] = {said("Anna", "Rossi", &phone), said("Ann", "Rossi", &phone)};
    apply(f, c, 2);
    assert_int_equal(db_write(f->app.db, lose_feed, NULL), OK);
    follow(f);
    assert_int_equal(list(f, false, 0)->n, 1);
    duplicate_look(&f->app);
}

struct importing {
    struct fixture *f;
    int64_t job_id;
    struct duplicate_progress progress;
};

static enum err begin_import(struct db_tx *tx, void *arg)
{
    struct importing *i = arg;
    return job_create(tx, i->f->merchant_id, "import", 0, 0, -1, &i->job_id);
}

static enum err read_progress(struct db_tx *tx, void *arg)
{
    struct importing *i = arg;
    return duplicate_progress_get(tx, i->f->merchant_id, &i->progress);
}

static bool still_scanning(struct importing *i)
{
    assert_int_equal(db_read(i->f->app.db, read_progress, i), OK);
    return i->progress.scanning;
}

/* A scan on its way stops where an import begins, and goes on when it has ended. */
static void an_import_goes_first(struct fixture *f)
{
    const struct customer_contact phone = {false, STR("+33612345678"), STR("+33612345678"), {0}};
    struct customer_change c[2] = {said("Anna", "Rossi", &phone), said("Ann", "Rossi", &phone)};
    const struct job job = {.merchant_id = f->merchant_id, .kind = DUPLICATE_JOB};
    struct importing i = {.f = f};
    struct problem p = {0};
    apply(f, c, 2);
    assert_int_equal(db_write(f->app.db, begin_import, &i), OK);
    assert_int_equal(duplicate_job(&job, f->arena, &f->app, &p), OK);
    duplicate_look(&f->app);
    assert_true(still_scanning(&i));
    assert_int_equal(list(f, false, 0)->n, 0);
    char over[] = "UPDATE job SET state = 'done', finished_us = 1 WHERE kind = 'import'";
    assert_int_equal(db_write(f->app.db, fixture_sql, over), OK);
    duplicate_look(&f->app);
    assert_false(still_scanning(&i));
    assert_int_equal(list(f, false, 0)->n, 1);
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(most_are_found_and_few_are_wrong)
EACH(the_queue_follows)
EACH(a_gap_is_scanned)
EACH(an_import_goes_first)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_as_people_judge),
        cmocka_unit_test(the_queue_follows_each),
        cmocka_unit_test(a_gap_is_scanned_each),
        cmocka_unit_test(an_import_goes_first_each),
        cmocka_unit_test(most_are_found_and_few_are_wrong_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
