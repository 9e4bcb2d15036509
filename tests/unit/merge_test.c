/* Merging and taking back (src/crm/merge/merge.h): on every table, both engines. */
#include "base_text.h"
#include "src/base/id.h"
#include "src/crm/activity/activity.h"
#include "src/crm/consent/consent.h"
#include "src/crm/merge/merge_features.h"
#include "src/crm/points/points.h"
#include "src/crm/stamp/stamp.h"
#include "src/crm/tier/tier.h"
#include "src/crm/transaction/transaction.h"

static const struct audit_actor anna = {.name = "Anna Rossi"};
enum { PEOPLE = 6, TODAY = 20000 };
#define NOW_US (TODAY * US_PER_DAY)

/* What moves with every write, and what tells of merges and of tiers reached by them, is not
 * compared. */
static const char *rows_compared(const char *table)
{
    return strcmp(table, "activity") == 0 ? "kind <> 'tier'" : NULL;
}

static bool compared(const char *table, const char *column)
{
    static const char *const tables[] = {"audit",     "change",     "customer_merge",
                                         "migration", "tier_entry", NULL};
    for (int i = 0; tables[i]; i++)
        if (strcmp(table, tables[i]) == 0)
            return false;
    return strcmp(column, "version") != 0 && strcmp(column, "updated_us") != 0 &&
           strcmp(column, "change_seq") != 0;
}

/* ---- a small shop ---- */

struct shop {
    struct fixture *f;
    int64_t people[PEOPLE];
    int64_t tags[4], store, staff, certificate_type, program;
    struct tier_ladder ladder;
    int round;
};

static struct str pick(struct fixture *f, const char *const *list, int64_t n)
{
    return str_c(list[fixture_random(f, n)]);
}

static void fill_person(struct shop *s, struct arena *a, struct customer_change *c, int i)
{
    static const char *const names[] = {"Anna", "Ivan", "Marta", ""};
    static const char *const cities[] = {"Lyon", "Paris", "", ""};
    struct fixture *f = s->f;
    struct customer_contact *contacts = arena_array(a, struct customer_contact, 4);
    struct customer_consent *consents = arena_array(a, struct customer_consent, 3);
    int64_t *tags = arena_array(a, int64_t, 4);
    c->first_name = pick(f, names, 4);
    c->last_name = pick(f, names, 4);
    c->city = pick(f, cities, 4);
    c->postcode = fixture_random(f, 2) ? str_c(arena_printf(a, "6900%d", i)) : (struct str){0};
    c->external_id =
        fixture_random(f, 2) ? str_c(arena_printf(a, "x%lld", (long long)c->id)) : (struct str){0};
    c->gender = (uint8_t)fixture_random(f, 3);
    c->birth_year = (int32_t)(fixture_random(f, 2) * (1950 + i));
    c->store_id = fixture_random(f, 2) ? s->store : 0;
    c->registered_day = fixture_random(f, 2) ? TODAY - 100 - i : DAY_NONE;
    c->blocked = fixture_random(f, 4) == 0;
    c->anonymous = fixture_random(f, 4) == 0;
    for (int k = 0; k < 4; k++)
        if (fixture_random(f, 2)) {
            bool email = k & 1;
            int which = (int)fixture_random(f, 4);
            const char *value = email ? arena_printf(a, "m%d@example.org", which)
                                      : arena_printf(a, "+3361234560%d", which);
            contacts[c->ncontacts++] = (struct customer_contact){email, str_c(value), str_c(value)};
        }
    for (int k = 0; k < CHANNELS; k++)
        if (fixture_random(f, 2))
            consents[c->nconsents++] =
                (struct customer_consent){k,
                                          1 + (int)fixture_random(f, 2),
                                          NOW_US - fixture_random(f, 100) * US_PER_DAY,
                                          {0}};
    for (int k = 0; k < 4; k++)
        if (fixture_random(f, 2))
            tags[c->ntags++] = s->tags[k];
    c->contacts = contacts;
    c->consents = consents;
    c->tags = tags;
}

static enum err add_history(struct db_tx *tx, struct shop *s, int64_t customer)
{
    struct fixture *f = s->f;
    int32_t day = TODAY - (int32_t)fixture_random(f, 400);
    struct activity_event visit = {.customer_id = customer,
                                   .kind = fixture_random(f, 2) ? "visit" : "booking",
                                   .at_us = day * US_PER_DAY,
                                   .day = day,
                                   .amount_minor = 500};
    struct transaction_line line = {.quantity_milli = 1000,
                                    .price_micro = 7000000,
                                    .amount_minor = 700 + fixture_random(f, 900)};
    struct transaction_head head = {.customer_id = customer,
                                    .store_id = s->store,
                                    .at_us = day * US_PER_DAY,
                                    .day = day,
                                    .lines = &line,
                                    .nlines = 1};
    transaction_identity_of_line(customer, s->store, head.at_us, &line, ++s->round, head.identity);
    enum err e = activity_add(tx, f->merchant_id, "staff", NOW_US, &visit, 1);
    if (e == OK)
        e = transactions_add(tx, f->merchant_id, 0, NOW_US, &head, 1);
    return e == OK ? change_note(tx, f->merchant_id, "customer", &customer, 1) : e;
}

/* Hearts, groups, suppressions, slips taken back: rows that other features write. */
static enum err add_more(struct db_tx *tx, struct shop *s, struct arena *a, int64_t customer)
{
    struct fixture *f = s->f;
    enum err e = OK;
    for (int k = 0; e == OK && k < 2; k++)
        if (fixture_random(f, 2))
            e = db_free_text(tx,
                             arena_printf(a,
                                          "INSERT INTO staff_favourite (merchant_id, staff_id,"
                                          " customer_id) VALUES (%lld, %lld, %lld)",
                                          (long long)f->merchant_id, (long long)s->staff + k,
                                          (long long)customer),
                             "", NULL);
    for (int k = 0; e == OK && k < 2; k++)
        if (fixture_random(f, 2))
            e = db_free_text(tx,
                             arena_printf(a,
                                          "INSERT INTO group_member (merchant_id, customer_id,"
                                          " group_id, added_us) VALUES (%lld, %lld, %lld, 5)",
                                          (long long)f->merchant_id, (long long)customer,
                                          (long long)s->staff + k),
                             "", NULL);
    for (int k = 0; e == OK && k < 3; k++) {
        long long m = f->merchant_id, c = customer, staff = s->staff;
        int which = (int)fixture_random(f, 5), mark = (int)fixture_random(f, 2);
        long long id = id_new();
        const char *sql =
            which == 0 && k == 0
                ? arena_printf(
                      a,
                      "INSERT INTO customer_date (merchant_id, customer_id, position, name,"
                      " month, day) VALUES (%lld, %lld, 1, 'n%d', 5, 6)",
                      m, c, mark)
            : which == 1 && k == 0
                ? arena_printf(a,
                               "INSERT INTO customer_address (merchant_id, customer_id, position,"
                               " street) VALUES (%lld, %lld, 2, 's%d')",
                               m, c, mark)
            : which == 2
                ? arena_printf(
                      a,
                      "INSERT INTO note (merchant_id, customer_id, id, staff_id, text,"
                      " created_us, updated_us) VALUES (%lld, %lld, %lld, %lld, 'x', 1, 1)",
                      m, c, id, staff)
            : which == 3
                ? arena_printf(
                      a,
                      "INSERT INTO task (merchant_id, customer_id, id, staff_id, text,"
                      " created_us, updated_us) VALUES (%lld, %lld, %lld, %lld, 'x', 1, 1)",
                      m, c, id, staff)
                : arena_printf(a,
                               "INSERT INTO photo (merchant_id, customer_id, id, small, large,"
                               " created_us) VALUES (%lld, %lld, %lld, '1', '2', 1)",
                               m, c, id);
        e = db_free_text(tx, sql, "", NULL);
    }
    for (int k = 0; e == OK && k < 3; k++) {
        struct problem p;
        const struct consent_record act = {.customer_id = customer,
                                           .channel = (int)fixture_random(f, CHANNELS),
                                           .act = fixture_random(f, 2) ? CONSENT_ACT_SUPPRESSED
                                                                       : CONSENT_ACT_GRANTED,
                                           .at_us = NOW_US,
                                           .day = TODAY,
                                           .now_us = NOW_US,
                                           .how = consent_hows[0],
                                           .reason = consent_reasons[0],
                                           .after_id = -1,
                                           .by = anna};
        e = consent_record(tx, f->merchant_id, &act, &p);
        e = e == ERR_CONFLICT ? OK : e;
    }
    return e;
}

/* ---- loyalty ---- */

enum { SILVER_FROM = 30, GOLD_FROM = 60, CARD_SIZE = 5 };

static struct certificate_actor at_counter(const struct shop *s)
{
    return (struct certificate_actor){.by = anna, .today = TODAY, .arena = s->f->arena};
}

static enum err post(struct db_tx *tx, const struct shop *s, int64_t customer, int64_t amount)
{
    struct points_entry made;
    struct problem p;
    const struct points_new what = {.customer_id = customer,
                                    .amount = amount,
                                    .kind = amount > 0 ? POINTS_CREDIT : POINTS_DEBIT,
                                    .reason = STR("because"),
                                    .day = TODAY,
                                    .today = TODAY,
                                    .dates_given = amount > 0,
                                    .usable_day = TODAY,
                                    .expires_day = TODAY + 10 + (int32_t)(amount % 7),
                                    .up_to = amount < 0,
                                    .by = &anna,
                                    .origin = "staff"};
    return points_post(tx, s->f->merchant_id, &what, s->f->arena, &made, &p);
}

static enum err make_loyalty(struct db_tx *tx, struct shop *s, const char *name)
{
    struct fixture *f = s->f;
    const struct certificate_actor who = at_counter(s);
    struct problem p;
    struct certificate_type type = {.name = str_c(name),
                                    .description = STR(""),
                                    .gift = STR(""),
                                    .kind = CERTIFICATE_VALUE,
                                    .value_minor = 500,
                                    .partial = true,
                                    .valid_until = DAY_NONE};
    struct stamp_program program = {.name = str_c(name),
                                    .description = STR(""),
                                    .stamps = CARD_SIZE,
                                    .reward = {.kind = REWARD_POINTS, .points = 7}};
    struct tier_ladder ladder;
    enum err e = certificate_type_save(tx, f->merchant_id, NULL, &type, &who, &p);
    if (e == OK)
        e = stamp_program_save(tx, f->merchant_id, NULL, &program, &who, &p);
    s->certificate_type = type.id;
    s->program = program.id;
    if (e == OK)
        e = tier_ladder_read(tx, f->merchant_id, f->arena, &ladder);
    if (e != OK || ladder.version > 0)
        return e;
    ladder = (struct tier_ladder){
        .rules = {.measure = TIER_POINTS, .period = TIER_EVER, .n = 2},
        .tiers = {{.threshold = SILVER_FROM, .name = STR("Silver"), .benefits = STR("")},
                  {.threshold = GOLD_FROM, .name = STR("Gold"), .benefits = STR("")}}};
    e = tier_ladder_check(&ladder, f->arena, &p);
    return e == OK ? tier_ladder_save(tx, f->merchant_id, 0, TODAY, &ladder, &anna, f->arena, &p)
                   : e;
}

/* Points that came and went, a certificate partly used, stamps, a tier by hand. */
static enum err add_loyalty(struct db_tx *tx, struct shop *s, int64_t customer)
{
    struct fixture *f = s->f;
    const struct certificate_actor who = at_counter(s);
    const struct certificate_issue how = {.origin = "staff", .reason = STR(""), .message = STR("")};
    struct certificate used;
    struct problem p;
    int64_t id, completed;
    enum err e = OK;
    for (int64_t k = fixture_random(f, 4); e == OK && k > 0; k--)
        e = post(tx, s, customer, 1 + fixture_random(f, 40));
    if (e == OK && fixture_random(f, 2))
        e = post(tx, s, customer, -1 - fixture_random(f, 30));
    for (int64_t k = fixture_random(f, 3); e == OK && k > 0; k--) {
        e = certificate_issue(tx, f->merchant_id, s->certificate_type, customer, &how, &who, &id,
                              &p);
        if (e == OK && fixture_random(f, 2))
            e = certificate_redeem(tx, f->merchant_id, id, 200, STR(""), &who, &used, &p);
    }
    if (e == OK && fixture_random(f, 2))
        e = stamp_apply(tx, f->merchant_id, customer, s->program, 1 + fixture_random(f, 8), &who,
                        &completed, &p);
    if (e == OK)
        e = tier_ladder_read(tx, f->merchant_id, f->arena, &s->ladder);
    const struct tier_act act = {.customer_id = customer,
                                 .tier_id = s->ladder.tiers[fixture_random(f, 2)].id,
                                 .until_day = TODAY + 30,
                                 .reason = STR("because")};
    return e == OK && fixture_random(f, 3) == 0
               ? tier_act(tx, f->merchant_id, &s->ladder, TODAY, s->staff, &act, 1)
               : e;
}

static enum err open_shop(struct db_tx *tx, void *arg)
{
    struct shop *s = arg;
    struct fixture *f = s->f;
    cleanup(arena_free) struct arena *a = arena_new();
    bool fresh;
    int64_t mark = id_new();
    struct str name = str_c(arena_printf(a, "Lyon %lld", (long long)mark));
    enum err e = store_create(tx, f->merchant_id, name, STR("Lyon"), &s->store, NULL);
    s->staff = mark;
    for (int k = 0; e == OK && k < 2; k++)
        e = db_free_text(tx,
                         arena_printf(a,
                                      "INSERT INTO staff (merchant_id, id, email, email_key, name,"
                                      " role, language, created_us, updated_us) VALUES (%lld, %lld,"
                                      " 'x', '%lld', 'x', 'owner', 'en', 1, 1)",
                                      (long long)f->merchant_id, (long long)mark + k,
                                      (long long)mark + k),
                         "", NULL);
    for (int k = 0; e == OK && k < 2; k++)
        e = db_free_text(tx,
                         arena_printf(a,
                                      "INSERT INTO customer_group (merchant_id, id, name, name_key,"
                                      " description, created_us, updated_us) VALUES (%lld, %lld,"
                                      " 'x', '%lld', '', 1, 1)",
                                      (long long)f->merchant_id, (long long)mark + k,
                                      (long long)mark + k),
                         "", NULL);
    for (int i = 0; e == OK && i < 4; i++)
        e = word_id(tx, f->merchant_id, WORD_TAG, str_c(arena_printf(a, "tag%d", i)), &s->tags[i],
                    &fresh);
    if (e == OK)
        e = make_loyalty(tx, s, arena_printf(f->arena, "%lld", (long long)mark));
    for (int i = 0; e == OK && i < PEOPLE; i++) {
        const struct customer_origin origin = {.how = i & 1 ? "import" : "staff",
                                               .now_us = NOW_US - (i * 37 % 11),
                                               .may_loosen = true};
        struct customer_change c = customer_change_empty(id_new());
        c.create = true;
        s->people[i] = c.id;
        fill_person(s, a, &c, i);
        e = customer_apply(tx, f->merchant_id, &origin, &c, 1);
        for (int64_t k = fixture_random(f, 4); e == OK && k > 0; k--)
            e = add_history(tx, s, c.id);
        if (e == OK)
            e = add_more(tx, s, a, c.id);
        if (e == OK)
            e = add_loyalty(tx, s, c.id);
    }
    return e;
}

/* ---- steps ---- */

struct step {
    struct shop *s;
    int64_t survivor, loser, merge; /* merge: out, or the one to take back */
    enum merge_choice choices[MERGE_FIELDS];
    struct problem problem;
};

static enum err do_merge(struct db_tx *tx, void *arg)
{
    struct step *t = arg;
    struct merge_request what = {.survivor_id = t->survivor,
                                 .loser_id = t->loser,
                                 .survivor_version = -1,
                                 .loser_version = -1,
                                 .now_us = NOW_US,
                                 .today = TODAY};
    memcpy(what.choices, t->choices, sizeof what.choices);
    return merge_customers(tx, t->s->f->merchant_id, &what, &anna, t->s->f->arena, NULL, &t->merge,
                           &t->problem);
}

static enum err do_undo(struct db_tx *tx, void *arg)
{
    struct step *t = arg;
    return merge_undo(tx, t->s->f->merchant_id, t->merge, &anna, NOW_US, t->s->f->arena,
                      &t->problem);
}

static enum err check_facts(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    struct facts_report report;
    struct consent_report consents;
    struct points_report points;
    struct tier_report tiers;
    enum err e = consent_check(tx, f->merchant_id, &consents);
    if (e == OK && consents.differing > 0)
        fail_msg("consents of %lld customers", (long long)consents.differing);
    if (e == OK)
        e = facts_check(tx, f->merchant_id, &report);
    if (e == OK && report.missing + report.wrong > 0)
        fail_msg("facts: %s", report.some[0].field);
    if (e == OK)
        e = points_check(tx, f->merchant_id, &points);
    if (e == OK && points.differing > 0)
        fail_msg("points: %s", points.some[0].what);
    if (e == OK)
        e = tier_check(tx, f->merchant_id, &tiers);
    if (e == OK && tiers.differing > 0)
        fail_msg("tiers of %lld customers", (long long)tiers.differing);
    return e;
}

static int64_t merge(struct shop *s, int64_t survivor, int64_t loser)
{
    struct step t = {.s = s, .survivor = survivor, .loser = loser};
    for (int i = 0; i < MERGE_FIELDS; i++)
        t.choices[i] = (enum merge_choice)fixture_random(s->f, 3);
    enum err e = db_write(s->f->app.db, do_merge, &t);
    if (e != OK)
        fail_msg("%s", t.problem.code);
    assert_int_equal(db_read(s->f->app.db, check_facts, s->f), OK);
    return t.merge;
}

static enum err undo(struct shop *s, int64_t merge_id, const char *code)
{
    struct step t = {.s = s, .merge = merge_id};
    enum err e = db_write(s->f->app.db, do_undo, &t);
    if (code)
        assert_string_equal(t.problem.code ? t.problem.code : "none", code);
    assert_int_equal(db_read(s->f->app.db, check_facts, s->f), OK);
    return e;
}

static struct shop a_shop(struct fixture *f, uint64_t seed)
{
    struct shop s = {.f = f};
    f->random = seed;
    f->app.fixed_today = TODAY;
    assert_int_equal(db_write(f->app.db, open_shop, &s), OK);
    assert_int_equal(tier_settle_due(f->app.db, f->merchant_id, TODAY), OK);
    return s;
}

/* ---- tests ---- */

static void merge_and_undo_change_nothing(struct fixture *f)
{
    struct schema *schema = schema_of(f);
    struct shop s = a_shop(f, 7);
    for (int i = 0; i < 25; i++) {
        int64_t one = s.people[fixture_random(f, PEOPLE)], other = one;
        while (other == one)
            other = s.people[fixture_random(f, PEOPLE)];
        const char *before = base_text(schema, compared, rows_compared);
        int64_t id = merge(&s, one, other);
        assert_string_not_equal(before, base_text(schema, compared, rows_compared));
        assert_int_equal(undo(&s, id, NULL), OK);
        assert_same_text(before, base_text(schema, compared, rows_compared));
        assert_int_equal(undo(&s, id, "merge_undone"), ERR_CONFLICT);
    }
}

/* Any merges among the living, taken back in any order that is not refused: all is as it was. */
static void chains_unwind_in_any_order(struct fixture *f)
{
    struct schema *schema = schema_of(f);
    struct shop s = a_shop(f, 11);
    const char *before = base_text(schema, compared, rows_compared);
    for (int round = 0; round < 15; round++) {
        int64_t living[PEOPLE], merges[PEOPLE];
        int n = PEOPLE, m = 0;
        memcpy(living, s.people, sizeof living);
        for (int wanted = 2 + (int)fixture_random(f, PEOPLE - 2); m < wanted; m++) {
            int64_t loser = fixture_random(f, n), survivor = loser;
            while (survivor == loser)
                survivor = fixture_random(f, n);
            merges[m] = merge(&s, living[survivor], living[loser]);
            living[loser] = living[--n];
        }
        for (int left = m; left > 0;) {
            int64_t k = fixture_random(f, left);
            enum err e = undo(&s, merges[k], NULL);
            if (e == OK)
                merges[k] = merges[--left];
            else
                assert_int_equal(e, ERR_CONFLICT);
        }
        assert_same_text(before, base_text(schema, compared, rows_compared));
    }
}

static int64_t ask(struct fixture *f, const char *sql);

static enum err do_history(struct db_tx *tx, void *arg)
{
    struct step *t = arg;
    return add_history(tx, t->s, t->survivor);
}

static enum err do_rename(struct db_tx *tx, void *arg)
{
    struct step *t = arg;
    const struct customer_origin origin = {
        .how = "staff", .now_us = NOW_US + 5, .may_loosen = true};
    struct customer_change c = customer_change_empty(t->survivor);
    const struct customer_contact contact = {true, STR("later@example.org"),
                                             STR("later@example.org")};
    c.first_name = STR("Later");
    c.contacts = &contact;
    c.ncontacts = 1;
    return customer_apply(tx, t->s->f->merchant_id, &origin, &c, 1);
}

/* What came after a merge stays with the survivor, and nothing is lost. */
static void later_changes_stay(struct fixture *f)
{
    for (uint64_t seed = 1; seed < 7; seed++) {
        struct shop s = a_shop(f, seed);
        struct step t = {.s = &s, .survivor = s.people[0]};
        int64_t sales = ask(f, "SELECT COUNT(*) FROM transactions");
        int64_t events = ask(f, "SELECT COUNT(*) FROM activity");
        int64_t id = merge(&s, s.people[0], s.people[1]);
        assert_int_equal(db_write(f->app.db, do_history, &t), OK);
        assert_int_equal(db_write(f->app.db, do_rename, &t), OK);
        assert_int_equal(undo(&s, id, NULL), OK);
        assert_int_equal(ask(f, "SELECT COUNT(*) FROM transactions"), sales + 1);
        assert_int_equal(ask(f, "SELECT COUNT(*) FROM activity"), events + 1);
        assert_int_equal(ask(f, arena_printf(f->arena,
                                             "SELECT COUNT(*) FROM customer WHERE id = %lld AND"
                                             " first_name = 'Later' AND deleted_us IS NULL",
                                             (long long)s.people[0])),
                         1);
        assert_int_equal(ask(f, arena_printf(f->arena,
                                             "SELECT COUNT(*) FROM contact WHERE customer_id = %lld"
                                             " AND value = 'later@example.org'",
                                             (long long)s.people[0])),
                         1);
        assert_int_equal(ask(f, "SELECT COUNT(*) FROM merge_row"), 0);
    }
}

struct asked {
    const char *sql;
    int64_t ret;
};

static enum err do_ask(struct db_tx *tx, void *arg)
{
    struct asked *q = arg;
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_free_text(tx, q->sql, "i", &rows);
    if (e == OK && db_next(rows))
        q->ret = db_int(rows, 0);
    return e == OK ? db_error(rows) : e;
}

static int64_t ask(struct fixture *f, const char *sql)
{
    struct asked q = {sql, -1};
    assert_int_equal(db_read(f->app.db, do_ask, &q), OK);
    return q.ret;
}

/* Of a customer: points left, certificates that are open, stamps, from where the tier is reached.
 */
struct standing {
    int64_t points, certificates, stamps, tier;
};

static struct standing standing(struct fixture *f, int64_t id)
{
#define COUNT(sql) ask(f, arena_printf(f->arena, sql, (long long)id))
    return (struct standing){
        COUNT("SELECT CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM points_account"
              " WHERE customer_id = %lld"),
        COUNT("SELECT COUNT(*) FROM certificate WHERE customer_id = %lld AND left_minor > 0"),
        COUNT("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM stamp_entry"
              " WHERE customer_id = %lld"),
        COUNT("SELECT COALESCE(MAX(t.threshold), 0) FROM customer_tier c JOIN tier t"
              " ON t.merchant_id = c.merchant_id AND t.id = c.tier_id WHERE c.customer_id = %lld"),
    };
#undef COUNT
}

struct holder {
    struct shop *s;
    int64_t id, points, stamps;
};

static enum err give(struct db_tx *tx, void *arg)
{
    const struct holder *h = arg;
    const struct certificate_actor who = at_counter(h->s);
    const struct certificate_issue how = {.origin = "staff", .reason = STR(""), .message = STR("")};
    struct customer_change c = customer_change_empty(h->id);
    const struct customer_origin origin = {.how = "staff", .now_us = NOW_US, .may_loosen = true};
    struct problem p;
    int64_t made, merchant_id = h->s->f->merchant_id;
    c.create = true;
    enum err e = customer_apply(tx, merchant_id, &origin, &c, 1);
    if (e == OK)
        e = post(tx, h->s, h->id, h->points);
    if (e == OK)
        e = certificate_issue(tx, merchant_id, h->s->certificate_type, h->id, &how, &who, &made,
                              &p);
    return e == OK ? stamp_apply(tx, merchant_id, h->id, h->s->program, h->stamps, &who, &made, &p)
                   : e;
}

static enum err spend(struct db_tx *tx, void *arg)
{
    const struct holder *h = arg;
    return post(tx, h->s, h->id, -h->points);
}

/* One balance, one tier, all certificates and stamps; parted, each has its own, less what was spent
 * of it. */
static void loyalty_moves_and_comes_back(struct fixture *f)
{
    struct shop s = a_shop(f, 5);
    struct holder one = {&s, id_new(), 35, 3}, other = {&s, id_new(), 40, 4};
    assert_int_equal(db_write(f->app.db, give, &one), OK);
    assert_int_equal(db_write(f->app.db, give, &other), OK);
    const struct standing mine = {35, 1, 3, SILVER_FROM}, theirs = {40, 1, 4, SILVER_FROM};
    for (int round = 0; round < 2; round++) {
        struct standing now = standing(f, one.id), both = {75, 2, 7, GOLD_FROM}, none = {0};
        assert_memory_equal(&now, &mine, sizeof now);
        int64_t id = merge(&s, one.id, other.id);
        now = standing(f, one.id);
        assert_memory_equal(&now, &both, sizeof now);
        now = standing(f, other.id);
        now.tier = 0; /* of the deleted card: the row stays as it was */
        assert_memory_equal(&now, &none, sizeof now);
        if (round == 1) { /* what is spent together is drawn from what runs out first */
            struct holder spending = {&s, one.id, 50, 0};
            assert_int_equal(db_write(f->app.db, spend, &spending), OK);
            assert_int_equal(standing(f, one.id).points, 25);
        }
        assert_int_equal(undo(&s, id, NULL), OK);
        if (round == 0) {
            now = standing(f, one.id);
            assert_memory_equal(&now, &mine, sizeof now);
            now = standing(f, other.id);
            assert_memory_equal(&now, &theirs, sizeof now);
        }
    }
    const struct standing left = standing(f, one.id), right = standing(f, other.id);
    assert_int_equal(left.points + right.points, 25);
    assert_true(left.points >= 0 && right.points >= 0);
    assert_int_equal(left.tier, SILVER_FROM); /* spending is no loss of what was earned */
    assert_int_equal(right.stamps, 4);
}

static void refusals_are_told(struct fixture *f)
{
    struct shop s = a_shop(f, 3);
    struct step same = {.s = &s, .survivor = s.people[0], .loser = s.people[0]};
    assert_int_equal(db_write(f->app.db, do_merge, &same), ERR_INVALID);
    assert_string_equal(same.problem.code, "merge_same");
    int64_t first = merge(&s, s.people[0], s.people[1]);
    struct step gone = {.s = &s, .survivor = s.people[2], .loser = s.people[1]};
    assert_int_equal(db_write(f->app.db, do_merge, &gone), ERR_NOT_FOUND);
    int64_t second = merge(&s, s.people[2], s.people[0]);
    assert_int_equal(
        ask(f, arena_printf(f->arena, "SELECT COUNT(*) FROM customer WHERE merged_into = %lld",
                            (long long)s.people[2])),
        2);
    assert_int_equal(undo(&s, first, "merge_nested"), ERR_CONFLICT);
    assert_int_equal(undo(&s, 12345, "not_found"), ERR_NOT_FOUND);
    assert_int_equal(undo(&s, second, NULL), OK);
    assert_int_equal(
        ask(f, arena_printf(f->arena, "SELECT COUNT(*) FROM customer WHERE merged_into = %lld",
                            (long long)s.people[0])),
        1);
    assert_int_equal(undo(&s, first, NULL), OK);
}

static bool listed(const char *table)
{
    for (const struct merge_ledger *l = merge_ledgers; l->table; l++)
        if (strcmp(l->table, table) == 0)
            return true;
    for (const struct merge_set *l = merge_sets; l->table; l++)
        if (strcmp(l->table, table) == 0)
            return true;
    for (const struct merge_exempt *l = merge_exempt; l->table; l++)
        if (strcmp(l->table, table) == 0)
            return true;
    return false;
}

/* A table with a customer_id, or a column of customer, that a merge does not know loses data. */
static void every_table_is_handled(struct fixture *f)
{
    struct schema *s = schema_of(f);
    int tables = 0, columns = 0;
    for (size_t i = 0; i < s->n; i++) {
        const char *table = s->columns[i].table, *column = s->columns[i].column;
        if (strcmp(column, "customer_id") == 0) {
            tables++;
            if (!listed(table))
                fail_msg("src/crm/merge/merge_tables.c does not say what becomes of %s", table);
        }
        if (strcmp(table, "customer") != 0)
            continue;
        bool known = false;
        columns++;
        for (int k = 0; k < MERGE_COLUMNS; k++)
            known |= strcmp(merge_columns[k].name, column) == 0;
        for (int k = 0; merge_columns_kept[k]; k++)
            known |= strcmp(merge_columns_kept[k], column) == 0;
        if (!known)
            fail_msg("src/crm/merge/merge_profile.c does not know customer.%s", column);
    }
    assert_true(tables >= 8 && columns >= 30);
}

#define EACH(test)                                                                                 \
    static void test##_each(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        on_each_engine(test);                                                                      \
    }
EACH(merge_and_undo_change_nothing)
EACH(chains_unwind_in_any_order)
EACH(later_changes_stay)
EACH(loyalty_moves_and_comes_back)
EACH(refusals_are_told)
EACH(every_table_is_handled)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_handled_each),
        cmocka_unit_test(refusals_are_told_each),
        cmocka_unit_test(loyalty_moves_and_comes_back_each),
        cmocka_unit_test(merge_and_undo_change_nothing_each),
        cmocka_unit_test(chains_unwind_in_any_order_each),
        cmocka_unit_test(later_changes_stay_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
