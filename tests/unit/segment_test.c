/* Segments: names in texts, circles, what is private, renaming, deleting, bounds, sizes; on both
 * engines. */
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/job/daily.h"
#include "src/crm/segment/segment.h"
#include "src/crm/segment/segment_count.h"
#include <inttypes.h>

enum { ANNA = 5, BRUNO = 6 };

struct act {
    struct fixture *f;
    const char *does; /* create change delete restore */
    int64_t id, staff;
    const char *name, *text;
    int shared; /* -1: as it is */
    bool may_share;
    struct problem problem;
    struct segment result;
};

static struct segment_actor actor(struct act *a)
{
    return (struct segment_actor){.staff_id = a->staff,
                                  .may_share = a->may_share,
                                  .today = 20000,
                                  .arena = a->f->arena,
                                  .by = {a->staff, "somebody", NULL}};
}

static enum err save(struct db_tx *tx, struct act *a, const struct segment_actor *who)
{
    struct segment before = {0}, after;
    bool is_new = strcmp(a->does, "create") == 0;
    if (!is_new) {
        enum err e = segment_get(tx, a->f->merchant_id, a->id, who, a->f->arena, &before);
        if (e != OK)
            return e;
    }
    after = before;
    if (is_new)
        after = (struct segment){
            .owner_id = a->staff, .owner_name = STR("somebody"), .description = STR("")};
    if (a->name)
        after.name = str_c(a->name);
    if (a->text)
        after.text = str_c(a->text);
    if (a->shared >= 0)
        after.shared = a->shared;
    enum err e =
        segment_save(tx, a->f->merchant_id, is_new ? NULL : &before, &after, who, &a->problem);
    a->result = after;
    return e;
}

static enum err run(struct db_tx *tx, void *arg)
{
    struct act *a = arg;
    const struct segment_actor who = actor(a);
    a->problem = (struct problem){.from = -1};
    if (strcmp(a->does, "delete") == 0)
        return segment_delete(tx, a->f->merchant_id, a->id, &who, &a->problem);
    if (strcmp(a->does, "restore") == 0)
        return segment_restore(tx, a->f->merchant_id, a->id, &who, &a->problem);
    return save(tx, a, &who);
}

static int64_t made(struct fixture *f, int64_t staff, const char *name, const char *text,
                    bool shared)
{
    struct act a = {.f = f,
                    .does = "create",
                    .staff = staff,
                    .name = name,
                    .text = text,
                    .shared = shared,
                    .may_share = true};
    enum err e = db_write(f->app.db, run, &a);
    if (e != OK)
        fail_msg("%s: %s", name, a.problem.code);
    return a.result.id;
}

/* The problem's code, or "". */
static const char *tried(struct fixture *f, struct act a)
{
    static struct act done;
    a.f = f;
    done = a;
    enum err e = db_write(f->app.db, run, &done);
    if (e == ERR_NOT_FOUND)
        return "not_found";
    return e == OK ? "" : done.problem.code;
}

static const char *arg_of(const char *wanted, const struct act *a)
{
    for (int i = 0; i < a->problem.nargs; i++)
        if (strcmp(a->problem.args[i].name, wanted) == 0)
            return a->problem.args[i].value;
    return "";
}

struct reading {
    struct fixture *f;
    int64_t id;
    struct segment found;
};

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct reading *r = arg;
    struct segment *all;
    size_t n;
    enum err e = segment_list(tx, r->f->merchant_id, r->f->arena, &all, &n);
    for (size_t i = 0; e == OK && i < n; i++)
        if (all[i].id == r->id)
            r->found = all[i];
    return e;
}

static struct segment stored(struct fixture *f, int64_t id)
{
    struct reading r = {f, id, {0}};
    assert_int_equal(db_read(f->app.db, read_one, &r), OK);
    return r.found;
}

static enum err add_staff(struct db_tx *tx, void *arg)
{
    static const struct db_statement add = {
        "test_staff",
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us, "
        "updated_us) VALUES ($1, $2, $3, $3, $3, 'manager', 'en', 1, 1)",
        "iit", ""};
    const struct fixture *f = arg;
    enum err e = db_exec(tx, &add, NULL, db_i(f->merchant_id), db_i(ANNA), db_tc("anna"));
    return e == OK ? db_exec(tx, &add, NULL, db_i(f->merchant_id), db_i(BRUNO), db_tc("bruno")) : e;
}

static void start(struct fixture *f)
{
    assert_int_equal(db_write(f->app.db, add_staff, f), OK);
    f->app.fixed_today = 20000;
    assert_int_equal(audiences_new(&f->app, &f->app.audiences), OK);
}

static void end(struct fixture *f)
{
    audiences_free(&f->app.audiences);
}

/* Reads a query as a member of the staff: its problem's code, or "". */
static const char *parsed(struct fixture *f, int64_t staff, const char *text, struct problem *p,
                          const struct query **ret)
{
    struct audience_use use;
    struct audience_reader reader;
    *p = (struct problem){.from = -1};
    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    audience_reader(&use, staff, &reader);
    enum err e = query_parse(f->arena, str_c(text), &reader.context, ret, p);
    audiences_done(&use);
    return e == OK ? "" : p->code;
}

/* ---- names in texts ---- */

static void circles(struct fixture *f)
{
    start(f);
    int64_t regulars = made(f, ANNA, "Regulars", "visits:>=3", true);
    int64_t good = made(f, ANNA, "Good ones", "segment:regulars spent:>=100", true);
    int64_t best = made(f, ANNA, "Best", "segment:\"good ones\" or type:vip", true);
    struct act a = {.f = f,
                    .does = "change",
                    .id = regulars,
                    .staff = ANNA,
                    .shared = -1,
                    .may_share = true,
                    .text = "visits:>3 segment:best"};
    assert_int_equal(db_write(f->app.db, run, &a), ERR_INVALID);
    assert_string_equal(a.problem.code, "query_segment_cycle");
    assert_string_equal(arg_of("segment", &a), "Regulars → Best → Good ones → Regulars");
    assert_int_equal(a.problem.from, 18);
    assert_int_equal(a.problem.to, 22);
    a.text = "segment:REGULARS";
    assert_int_equal(db_write(f->app.db, run, &a), ERR_INVALID);
    assert_string_equal(arg_of("segment", &a), "Regulars → Regulars");
    assert_string_equal(tried(f, (struct act){.does = "change",
                                              .id = best,
                                              .staff = ANNA,
                                              .shared = -1,
                                              .may_share = true,
                                              .text = "segment:goood_ones"}),
                        "query_unknown_value");
    (void)good;
    end(f);
}

static void circles_are_refused(void **state)
{
    (void)state;
    on_each_engine(circles);
}

/* What a careless hand wrote into the base does not turn for ever. */
static enum err force_text(struct db_tx *tx, void *arg)
{
    static const struct db_statement force = {
        "test_force", "UPDATE segment SET query = $1 WHERE merchant_id = $2 AND id = $3", "tii",
        ""};
    const struct act *a = arg;
    enum err e = db_exec(tx, &force, NULL, db_tc(a->text), db_i(a->f->merchant_id), db_i(a->id));
    return e == OK ? change_note(tx, a->f->merchant_id, "segment", &a->id, 1) : e;
}

static void guards(struct fixture *f)
{
    struct problem p;
    const struct query *q;
    start(f);
    int64_t one = made(f, ANNA, "One", "gender:female", true);
    made(f, ANNA, "Two", "segment:one", true);
    assert_string_equal(parsed(f, BRUNO, "age:30 -segment:two,one", &p, &q), "");
    struct act a = {.f = f, .id = one, .text = "segment:two"};
    assert_int_equal(db_write(f->app.db, force_text, &a), OK);
    assert_string_equal(parsed(f, BRUNO, "age:30 segment:two", &p, &q), "query_segment_cycle");
    assert_string_equal(p.args[0].value, "Two → One → Two");
    assert_int_equal(p.from, 15);
    assert_int_equal(p.to, 18);
    a.text = "tag:gone";
    assert_int_equal(db_write(f->app.db, force_text, &a), OK);
    assert_string_equal(parsed(f, BRUNO, "segment:two", &p, &q), "query_segment_broken");
    assert_string_equal(p.args[0].value, "Two → One");
    assert_string_equal(p.args[1].value, "gone");
    assert_string_equal(parsed(f, BRUNO, "segment:any", &p, &q), "query_segment_any");
    assert_string_equal(parsed(f, BRUNO, "segment:twoo", &p, &q), "query_unknown_value");
    assert_string_equal(p.args[2].value, "Two");
    end(f);
}

static void stored_faults_are_told(void **state)
{
    (void)state;
    on_each_engine(guards);
}

static void bounded(struct fixture *f)
{
    struct problem p;
    const struct query *q;
    char name[16], text[64];
    start(f);
    /* each twice the one before: a thousand terms come soon */
    made(f, ANNA, "s0", "gender:female", true);
    for (int i = 1; i < 12; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        snprintf(text, sizeof(text), "segment:s%d or segment:s%d", i - 1, i - 1);
        made(f, ANNA, name, text, true);
    }
    assert_string_equal(parsed(f, ANNA, "segment:s8", &p, &q), "");
    assert_string_equal(parsed(f, ANNA, "segment:s9", &p, &q), "query_too_many_terms");
    /* each within the next: the way is limited */
    made(f, ANNA, "d0", "gender:female", true);
    for (int i = 1; i < 24; i++) {
        snprintf(name, sizeof(name), "d%d", i);
        snprintf(text, sizeof(text), "segment:d%d", i - 1);
        made(f, ANNA, name, text, true);
    }
    assert_string_equal(parsed(f, ANNA, "segment:d19", &p, &q), "");
    assert_string_equal(parsed(f, ANNA, "segment:d20", &p, &q), "query_segments_deep");
    /* a change of one is refused when another would pass the bounds by it */
    struct audience_use use;
    struct audience_reader reader;
    assert_int_equal(audiences_use(f->app.audiences, f->merchant_id, &use), OK);
    audience_reader(&use, ANNA, &reader);
    struct segment s8 = {
        .owner_id = ANNA, .shared = true, .name = STR("s0"), .text = STR("a or b or c or d")};
    struct query_segment found;
    assert_true(reader.segments.find(reader.segments.ctx, STR("s0"), &found));
    s8.id = found.id;
    assert_int_equal(segment_check(&reader, &s8, f->arena, &p), ERR_INVALID);
    assert_string_equal(p.code, "segment_breaks");
    s8.text = STR("gender:male");
    assert_int_equal(segment_check(&reader, &s8, f->arena, &p), OK);
    s8.text = STR("");
    assert_int_equal(segment_check(&reader, &s8, f->arena, &p), ERR_INVALID);
    audiences_done(&use);
    end(f);
}

static void expansion_is_bounded(void **state)
{
    (void)state;
    on_each_engine(bounded);
}

static void check_places(const struct query_node *n, int32_t from, int32_t to)
{
    assert_int_equal(n->from, from);
    assert_int_equal(n->to, to);
    for (int i = 0; i < n->nchildren; i++)
        check_places(n->children[i], from, to);
}

static void places(struct fixture *f)
{
    struct problem p;
    const struct query *q;
    start(f);
    made(f, ANNA, "Young & new", "age:<30 (type:new or visits:0)", true);
    assert_string_equal(parsed(f, ANNA, "gender:male segment:\"young new\" anna", &p, &q), "");
    assert_int_equal(q->root->nchildren, 3);
    const struct query_node *n = q->root->children[1];
    assert_int_equal(n->field, FIELD_SEGMENT);
    assert_int_equal(n->nvalues, 1);
    check_places(n, 12, 31);
    const struct query_reference *names;
    assert_int_equal(
        query_references(f->arena, STR("(segment:a,\"b c\" x) or -SEGMENT:d tag:e,f"), &names), 3);
    assert_str(names[1].key, "b c");
    assert_int_equal(names[1].from, 11);
    assert_int_equal(names[1].to, 16);
    assert_str(names[2].key, "d");
    end(f);
}

static void terms_keep_their_place(void **state)
{
    (void)state;
    on_each_engine(places);
}

/* ---- whose they are ---- */

static void owners(struct fixture *f)
{
    struct problem p;
    const struct query *q;
    start(f);
    int64_t mine = made(f, ANNA, "Mine", "gender:male", false);
    int64_t all = made(f, ANNA, "All", "gender:female", true);
    assert_string_equal(parsed(f, ANNA, "segment:mine", &p, &q), "");
    assert_string_equal(parsed(f, BRUNO, "segment:mine", &p, &q), "query_unknown_value");
    assert_string_equal(p.args[2].value, ""); /* not even as a suggestion */
    assert_string_equal(parsed(f, 0, "segment:all", &p, &q), "");
    struct act a = {.does = "change",
                    .id = mine,
                    .staff = BRUNO,
                    .shared = -1,
                    .may_share = true,
                    .name = "Ours"};
    assert_string_equal(tried(f, a), "not_found");
    a.does = "delete";
    assert_string_equal(tried(f, a), "not_found");
    a = (struct act){.does = "change", .id = all, .staff = BRUNO, .shared = -1, .name = "Ours"};
    assert_string_equal(tried(f, a), "segment_shared_rights");
    a.may_share = true;
    a.shared = 0;
    assert_string_equal(tried(f, a), "segment_owner_only");
    a = (struct act){.does = "create", .staff = BRUNO, .shared = 1, .name = "X", .text = "a"};
    assert_string_equal(tried(f, a), "segment_shared_rights");
    a.may_share = true;
    a.name = "ALL";
    assert_string_equal(tried(f, a), "segment_name_taken");
    /* what everybody sees must mean the same to everybody */
    a = (struct act){.does = "create",
                     .staff = ANNA,
                     .shared = 1,
                     .may_share = true,
                     .name = "Y",
                     .text = "segment:mine"};
    assert_string_equal(tried(f, a), "segment_uses_private");
    a.staff = BRUNO;
    assert_string_equal(tried(f, a), "query_unknown_value");
    /* and what others use cannot become private */
    made(f, BRUNO, "Of Bruno", "segment:all age:30", false);
    a = (struct act){.does = "change", .id = all, .staff = ANNA, .shared = 0, .may_share = true};
    assert_string_equal(tried(f, a), "segment_used_privately");
    end(f);
}

static void private_is_private(void **state)
{
    (void)state;
    on_each_engine(owners);
}

/* ---- renaming and deleting ---- */

static void renames(struct fixture *f)
{
    start(f);
    int64_t base = made(f, ANNA, "Base", "gender:female", true);
    int64_t user =
        made(f, ANNA, "User", "(segment:base,\"BASE\" or -segment:Base) base tag:none", true);
    int64_t gone = made(f, BRUNO, "Gone", "segment:base", false);
    assert_string_equal(tried(f, (struct act){.does = "delete", .id = gone, .staff = BRUNO}), "");
    struct act a = {.f = f,
                    .does = "change",
                    .id = base,
                    .staff = ANNA,
                    .shared = -1,
                    .may_share = true,
                    .name = "Ladies & \"more\""};
    assert_int_equal(db_write(f->app.db, run, &a), OK);
    struct segment s = stored(f, user);
    assert_str(s.text, "(segment:\"Ladies & \\\"more\\\"\",\"Ladies & \\\"more\\\"\" or "
                       "-segment:\"Ladies & \\\"more\\\"\") base tag:none");
    assert_int_equal(s.version, 2);
    assert_string_equal(tried(f, (struct act){.does = "restore", .id = gone, .staff = BRUNO}), "");
    assert_str(stored(f, gone).text, "segment:\"Ladies & \\\"more\\\"\"");
    struct problem p;
    const struct query *q;
    assert_string_equal(parsed(f, BRUNO, "segment:user segment:gone", &p, &q), "");
    end(f);
}

static void renaming_reaches_users(void **state)
{
    (void)state;
    on_each_engine(renames);
}

static enum err typology_query(struct db_tx *tx, void *arg)
{
    struct act *a = arg;
    cleanup(db_done) struct db_rows *rows = NULL;
    enum err e = db_free_text(tx, "SELECT query FROM typology WHERE kind = 'own'", "t", &rows);
    assert_true(e == OK && db_next(rows));
    a->text = arena_cstr(a->f->arena, db_text(rows, 0));
    return db_error(rows);
}

/* The merchant's own typologies use segments too. */
static void typologies_use(struct fixture *f)
{
    start(f);
    int64_t base = made(f, ANNA, "Base", "gender:female", true);
    const char *const rows[] = {arena_printf(f->arena,
                                             "INSERT INTO typology_rules VALUES (%" PRId64
                                             ", 3, 3, 3, 1, 3, 2, 90, 12, 0, 1)",
                                             f->merchant_id),
                                arena_printf(f->arena,
                                             "INSERT INTO typology VALUES (%" PRId64
                                             ", 0, 'own', 'Ours', 'spent:>5 segment:base')",
                                             f->merchant_id)};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(db_write(f->app.db, fixture_sql, (void *)(uintptr_t)rows[i]), OK);
    struct act a = {.f = f, .does = "delete", .id = base, .staff = ANNA, .may_share = true};
    assert_int_equal(db_write(f->app.db, run, &a), ERR_CONFLICT);
    assert_string_equal(a.problem.code, "segment_used");
    assert_string_equal(arg_of("users", &a), "Ours");
    /* a typology rests on no type: nor does a segment in it, at once or by another */
    int64_t deep = made(f, ANNA, "Deep", "type:vip", true);
    made(f, ANNA, "Apart", "city:any", true);
    static const char *const refused[] = {"gender:female type:vip", "-TYPE:new", "favourite:yes",
                                          "age:>30 or segment:deep"};
    a = (struct act){
        .f = f, .does = "change", .id = base, .staff = ANNA, .shared = -1, .may_share = true};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        a.text = refused[i];
        a.problem = (struct problem){0};
        assert_int_equal(db_write(f->app.db, run, &a), ERR_CONFLICT);
        assert_string_equal(a.problem.code, "segment_for_typology");
        assert_string_equal(arg_of("typology", &a), "Ours");
    }
    a.text = "gender:female \"type:vip\" segment:apart";
    assert_int_equal(db_write(f->app.db, run, &a), OK);
    a = (struct act){.f = f,
                     .does = "change",
                     .id = deep,
                     .staff = ANNA,
                     .shared = -1,
                     .may_share = true,
                     .text = "type:new"};
    assert_int_equal(db_write(f->app.db, run, &a), OK); /* nothing leads from the typology to it */
    a = (struct act){.f = f,
                     .does = "change",
                     .id = base,
                     .staff = ANNA,
                     .shared = -1,
                     .may_share = true,
                     .name = "Ladies"};
    assert_int_equal(db_write(f->app.db, run, &a), OK);
    assert_int_equal(db_read(f->app.db, typology_query, &a), OK);
    assert_string_equal(a.text, "spent:>5 segment:Ladies");
    end(f);
}

static void used_by_typologies(void **state)
{
    (void)state;
    on_each_engine(typologies_use);
}

static void deletes(struct fixture *f)
{
    start(f);
    int64_t base = made(f, ANNA, "Base", "gender:female", true);
    int64_t user = made(f, ANNA, "User", "segment:base", true);
    int64_t hers = made(f, BRUNO, "Of Bruno", "segment:base", false);
    struct act a = {.f = f, .does = "delete", .id = base, .staff = ANNA, .may_share = true};
    assert_int_equal(db_write(f->app.db, run, &a), ERR_CONFLICT);
    assert_string_equal(a.problem.code, "segment_used");
    assert_string_equal(arg_of("users", &a), "User, +1");
    a.may_share = false;
    assert_int_equal(db_write(f->app.db, run, &a), ERR_DENIED);
    a.may_share = true;
    a.id = user;
    assert_int_equal(db_write(f->app.db, run, &a), OK);
    assert_int_equal(db_write(f->app.db, run, &a), ERR_NOT_FOUND);
    a.id = base;
    assert_int_equal(db_write(f->app.db, run, &a), ERR_CONFLICT);
    assert_string_equal(a.problem.code, "segment_used_privately");
    assert_string_equal(tried(f, (struct act){.does = "delete", .id = hers, .staff = BRUNO}), "");
    assert_int_equal(db_write(f->app.db, run, &a), OK);
    /* back again, in the order in which they lean on each other */
    struct act back = {.does = "restore", .id = user, .staff = ANNA, .may_share = true};
    assert_string_equal(tried(f, back), "segment_needs");
    made(f, ANNA, "Base", "gender:male", true); /* the name is free */
    back.id = base;
    assert_string_equal(tried(f, back), "segment_name_taken");
    back.id = user;
    assert_string_equal(tried(f, back), "");
    assert_string_equal(tried(f, back), "not_found");
    end(f);
}

static void deleting_and_restoring(void **state)
{
    (void)state;
    on_each_engine(deletes);
}

/* ---- sizes ---- */

static enum err add_people(struct db_tx *tx, void *arg)
{
    const struct fixture *f = arg;
    const struct customer_origin origin = {.how = "staff", .now_us = 1};
    struct customer_change people[4];
    int64_t ids[4];
    for (int i = 0; i < 4; i++) {
        people[i] = customer_change_empty(ids[i] = id_new());
        people[i].create = true;
        people[i].first_name = i < 3 ? STR("Anna") : STR("Ivan");
        people[i].registered_day = 19000;
    }
    enum err e = customer_apply(tx, f->merchant_id, &origin, people, 4);
    return e == OK ? change_note(tx, f->merchant_id, "customer", ids, 4) : e;
}

static enum err count_rows(struct db_tx *tx, void *arg)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t *ret = arg;
    enum err e = db_free_text(
        tx,
        "SELECT COUNT(*), CAST(SUM(customers) AS BIGINT), CAST((SELECT COUNT(*) FROM job "
        "WHERE kind = '" SEGMENT_JOB "') "
        "AS BIGINT) FROM segment_size",
        "iii", &rows);
    for (int i = 0; e == OK && i < 3; i++) {
        if (i == 0)
            assert_true(db_next(rows));
        ret[i] = db_int(rows, i);
    }
    return e;
}

static void measures(struct fixture *f)
{
    int64_t is[3];
    start(f);
    made(f, ANNA, "Annas", "anna", true);
    made(f, BRUNO, "All Annas", "segment:annas,annas", false);
    made(f, ANNA, "Nobody", "segment:annas ivan", true);
    assert_int_equal(db_write(f->app.db, add_people, f), OK);
    assert_int_equal(segment_measure(&f->app, f->merchant_id), OK);
    assert_int_equal(segment_measure(&f->app, f->merchant_id), OK);
    assert_int_equal(db_read(f->app.db, count_rows, is), OK);
    assert_int_equal(is[0], 3);
    assert_int_equal(is[1], 6);
    /* the first count of a day stays; the next day has its own */
    assert_int_equal(db_write(f->app.db, add_people, f), OK);
    assert_int_equal(segment_measure(&f->app, f->merchant_id), OK);
    f->app.fixed_today++;
    assert_int_equal(segment_measure(&f->app, f->merchant_id), OK);
    assert_int_equal(db_read(f->app.db, count_rows, is), OK);
    assert_int_equal(is[0], 6);
    assert_int_equal(is[1], 18);
    /* one job a day, however often it is looked for */
    daily_look(&f->app);
    daily_look(&f->app);
    assert_int_equal(db_read(f->app.db, count_rows, is), OK);
    assert_int_equal(is[2], 1);
    f->app.fixed_today++;
    daily_look(&f->app);
    f->app.fixed_today--;
    daily_look(&f->app);
    assert_int_equal(db_read(f->app.db, count_rows, is), OK);
    assert_int_equal(is[2], 2);
    end(f);
}

static void sizes_a_day(void **state)
{
    (void)state;
    on_each_engine(measures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(used_by_typologies),
        cmocka_unit_test(circles_are_refused),
        cmocka_unit_test(stored_faults_are_told),
        cmocka_unit_test(expansion_is_bounded),
        cmocka_unit_test(terms_keep_their_place),
        cmocka_unit_test(private_is_private),
        cmocka_unit_test(renaming_reaches_users),
        cmocka_unit_test(deleting_and_restoring),
        cmocka_unit_test(sizes_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
