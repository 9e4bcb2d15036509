/* Backups: every engine into every engine, older versions, damage, what must not be overwritten,
 * pictures bit by bit. */
#include "src/db/backup.h"
#include "crm_fixture.h"
#include "src/base/id.h"
#include "src/crm/consent/consent.h"
#include "src/crm/photo/photo.h"
#include "src/db/migrations.h"
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

static enum err count_rows(struct db_tx *tx, void *arg)
{
    static const struct db_statement count = {
        "test_count", "SELECT COUNT(*) FROM merchant WHERE name = 'Zoë'", "", "i"};
    return db_query_int_values(tx, &count, arg, NULL, 0);
}

static enum err add_values(struct db_tx *tx, void *arg)
{
    (void)arg;
    /* a NULL, an empty text, bytes with a zero, the ends of the integers */
    static const struct db_statement add = {
        "test_add",
        "INSERT INTO session (merchant_id, token_hash, staff_id, csrf, created_us, seen_us,"
        " expires_us, confirmed_us, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10)",
        "ibitiiiitt", ""};
    enum err e = db_free_text(
        tx,
        "INSERT INTO merchant (id, slug, name, currency, time_zone, country, language, created_us,"
        " updated_us) VALUES (9, 'zoe', 'Zoë', 'EUR', 'UTC', 'FR', 'en', -1, 0);"
        "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language, created_us,"
        " updated_us) VALUES (9, 3, '', '', 'Anna', 'owner', 'en', 0, 0)",
        "", NULL);
    return e == OK ? db_exec(tx, &add, NULL, db_i(9), db_b((struct str){"a\0\xff", 3}), db_i(3),
                             db_t(STR("")), db_i(INT64_MIN), db_i(INT64_MAX), db_i(0), db_i(-1),
                             db_null(), db_t(STR("Ю")))
                   : e;
}

static enum err check_values(struct db_tx *tx, void *arg)
{
    (void)arg;
    static const struct db_statement read = {
        "test_read",
        "SELECT token_hash, created_us, seen_us, address, agent, csrf, confirmed_us FROM session",
        "", "biittti"};
    struct db_rows *rows cleanup(db_done) = NULL;
    assert_int_equal(db_query_values(tx, &read, &rows, NULL, 0), OK);
    assert_true(db_next(rows));
    assert_true(str_eq(db_blob(rows, 0), (struct str){"a\0\xff", 3}));
    assert_true(db_int(rows, 1) == INT64_MIN && db_int(rows, 2) == INT64_MAX);
    assert_true(db_is_null(rows, 3) && !db_is_null(rows, 5));
    assert_true(str_eq(db_text(rows, 4), STR("Ю")));
    assert_int_equal(db_int(rows, 6), -1);
    assert_false(db_next(rows));
    return OK;
}

static const char *file_of(struct fixture *f)
{
    static char name[64];
    snprintf(name, sizeof name, "/tmp/habitue-backup-test-%d", (int)getpid());
    (void)f;
    return name;
}

static void make(struct fixture *f, struct backup_report *ret)
{
    struct problem p = {0};
    assert_int_equal(db_write(f->app.db, add_values, NULL), OK);
    assert_int_equal(db_backup(f->app.db, migrations, migrations_count, file_of(f), "1.2.3", NULL,
                               f->arena, ret, &p),
                     OK);
}

static enum err restore(struct fixture *f, bool force, struct backup_report *ret, const char *code)
{
    struct problem p = {0};
    enum err e = db_restore(f->app.db, migrations, migrations_count, file_of(f), force, NULL,
                            f->arena, ret, &p);
    if (code)
        assert_string_equal(p.code, code);
    return e;
}

static void goes_into(struct fixture *to)
{
    struct backup_report r;
    int64_t n;
    /* the fixture's own merchant is in the way */
    assert_int_equal(restore(to, false, &r, "backup_not_empty"), ERR_CONFLICT);
    assert_int_equal(restore(to, true, &r, NULL), OK);
    assert_string_equal(r.version, "1.2.3");
    assert_int_equal(db_read(to->app.db, count_rows, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(db_read(to->app.db, check_values, NULL), OK);
}

static void round_trip(struct fixture *from)
{
    struct backup_report r;
    struct stat s;
    make(from, &r);
    assert_true(r.rows >= 4 && r.bytes > 100 && r.tables > 20);
    assert_int_equal(stat(file_of(from), &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    assert_int_equal(s.st_size, r.bytes);
    on_each_engine(goes_into);
    unlink(file_of(from));
}

static void every_engine_into_every_engine(void **state)
{
    (void)state;
    on_each_engine(round_trip);
}

static void put_byte(const char *path, long at, int value)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    int old = fgetc(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    fputc(value < 0 ? old ^ 1 : value, file);
    fclose(file);
}

static void damage_is_found_first(struct fixture *f)
{
    struct backup_report made, r;
    int64_t n;
    make(f, &made);
    const long places[] = {0, 20, made.bytes / 2, -33, -1};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        put_byte(file_of(f), places[i], -1);
        assert_int_equal(restore(f, true, &r, "backup_bad"), ERR_INVALID);
        put_byte(file_of(f), places[i], -1);
    }
    assert_int_equal(truncate(file_of(f), made.bytes - 1), 0);
    assert_int_equal(restore(f, true, &r, "backup_bad"), ERR_INVALID);
    assert_int_equal(truncate(file_of(f), 5), 0);
    assert_int_equal(restore(f, true, &r, "backup_bad"), ERR_INVALID);
    unlink(file_of(f));
    assert_int_equal(restore(f, true, &r, "backup_cannot_read"), ERR_IO);
    assert_int_equal(db_read(f->app.db, count_rows, &n), OK);
    assert_int_equal(n, 1);
}

static void damage(void **state)
{
    (void)state;
    on_each_engine(damage_is_found_first);
}

static bool no_more(void *arg, const char *table, int64_t rows)
{
    (void)table;
    (void)rows;
    return --*(int *)arg > 0;
}

static void broken_off_leaves_nothing(struct fixture *f)
{
    struct backup_report r;
    struct problem p = {0};
    int left = 3;
    const struct backup_watch watch = {no_more, &left};
    int64_t n;
    assert_int_equal(db_backup(f->app.db, migrations, migrations_count, file_of(f), "1", &watch,
                               f->arena, &r, &p),
                     ERR_CANCELED);
    assert_int_equal(access(file_of(f), F_OK), -1);
    make(f, &r);
    left = 3;
    assert_int_equal(db_restore(f->app.db, migrations, migrations_count, file_of(f), true, &watch,
                                f->arena, &r, &p),
                     ERR_CANCELED);
    assert_int_equal(db_read(f->app.db, count_rows, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(db_read(f->app.db, check_values, NULL), OK);
    unlink(file_of(f));
    assert_int_equal(db_backup(f->app.db, migrations, migrations_count, "/nowhere/at/all", "1",
                               NULL, f->arena, &r, &p),
                     ERR_IO);
    assert_string_equal(p.code, "backup_cannot_write");
}

static void broken_off(void **state)
{
    (void)state;
    on_each_engine(broken_off_leaves_nothing);
}

/* A base of the first version: its backup comes up to date; one of the future is refused. */
static void versions(void **state)
{
    (void)state;
    struct fixture f;
    struct backup_report r;
    struct problem p = {0};
    int applied;
    int64_t n;
    fixture_start(&f, NULL);
    const char *path = arena_printf(f.arena, "%s/old.db", f.folder);
    struct db *old;
    assert_int_equal(db_open(path, &(struct db_options){.create = true}, f.arena, &old, &p), OK);
    assert_int_equal(db_migrate(old, migrations, 1, f.arena, &applied, &p), OK);
    assert_int_equal(db_write(old, add_values, NULL), OK);
    assert_int_equal(
        db_backup(old, migrations, migrations_count, file_of(&f), "0.1", NULL, f.arena, &r, &p),
        ERR_CONFLICT);
    assert_string_equal(p.code, "backup_old_base");
    assert_int_equal(db_backup(old, migrations, 1, file_of(&f), "0.1", NULL, f.arena, &r, &p), OK);
    db_close(&old);
    assert_int_equal(restore(&f, true, &r, NULL), OK);
    assert_int_equal(r.migration, 1);
    assert_int_equal(db_read(f.app.db, count_rows, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(
        db_migrations_missing(f.app.db, migrations, migrations_count, f.arena, &applied, &p), OK);
    assert_int_equal(applied, 0);
    assert_int_equal(db_backup(f.app.db, migrations, migrations_count, file_of(&f), "9.9", NULL,
                               f.arena, &r, &p),
                     OK);
    assert_int_equal(db_open(path, NULL, f.arena, &old, &p), OK);
    assert_int_equal(db_restore(old, migrations, 1, file_of(&f), true, NULL, f.arena, &r, &p),
                     ERR_CONFLICT);
    assert_string_equal(p.code, "backup_newer");
    db_close(&old);
    unlink(file_of(&f));
    unlink(path);
    unlink(arena_printf(f.arena, "%s-lock", path));
    fixture_end(&f);
}

/* ---- pictures: the photo of a customer, the papers that a consent rests on ---- */

/* A byte; as many as a block of the file holds, and one more; some of them. All values stand in
 * them. */
static const size_t picture_bytes[] = {1, 1 << 20, (1 << 20) + 1, 3000017};
enum { PAPERS = 4 };

struct pictured {
    struct fixture *f;
    int64_t merchant_id, customer_id, act_id, photo_id, papers[PAPERS];
};
static struct pictured pictured; /* in the base that is backed up */

/* The same bytes whenever it is asked. */
static struct str picture(struct arena *a, int seed, size_t n)
{
    uint64_t random = (uint64_t)seed + 1;
    char *p = arena_alloc(a, n + 8);
    for (size_t i = 0; i < n; i += 8) {
        uint64_t some = test_random(&random);
        memcpy(p + i, &some, 8);
    }
    return (struct str){p, n};
}

static enum err hang_pictures(struct db_tx *tx, void *arg)
{
    struct pictured *x = arg;
    struct arena *a = x->f->arena;
    const struct audit_actor by = {.staff_id = 3, .name = "Anna"};
    const struct customer_origin origin = {
        .how = "paper", .staff_id = 3, .now_us = now_us(), .may_loosen = true};
    const struct customer_consent act = {CHANNEL_EMAIL, CONSENT_GRANTED, now_us(), {0}, 0, NULL};
    static const struct db_statement last = {
        "test_last_act", "SELECT MAX(id) FROM consent WHERE merchant_id = $1", "i", "i"};
    struct customer_change c = customer_change_empty(id_new());
    struct problem p = {0};
    c.create = true;
    c.first_name = STR("Anna");
    c.consents = &act;
    c.nconsents = 1;
    x->merchant_id = x->f->merchant_id;
    x->customer_id = c.id;
    enum err e = db_free_text(
        tx,
        arena_printf(
            a,
            "INSERT INTO staff (merchant_id, id, email, email_key, name, role, language,"
            " created_us, updated_us) VALUES (%lld, 3, '', '', 'Anna', 'owner', 'en', 0, 0)",
            (long long)x->merchant_id),
        "", NULL);
    if (e == OK)
        e = customer_apply(tx, x->merchant_id, &origin, &c, 1);
    if (e == OK)
        e = db_query_int(tx, &last, &x->act_id, db_i(x->merchant_id));
    if (e == OK)
        e = photo_set(tx, x->merchant_id, c.id, picture(a, 100, 256), picture(a, 101, 70001), &by,
                      &x->photo_id);
    for (int i = 0; e == OK && i < PAPERS; i++)
        e = consent_evidence_add(tx, x->merchant_id, c.id, x->act_id,
                                 picture(a, i, picture_bytes[i]), now_us() + i, &by, &p);
    return e;
}

static enum err find_papers(struct db_tx *tx, void *arg)
{
    struct pictured *x = arg;
    static const struct db_statement ids = {
        "test_papers", "SELECT id FROM consent_evidence WHERE merchant_id = $1 ORDER BY created_us",
        "i", "i"};
    struct db_rows *rows cleanup(db_done) = NULL;
    int n = 0;
    enum err e = db_query(tx, &ids, &rows, db_i(x->merchant_id));
    while (e == OK && db_next(rows) && n < PAPERS)
        x->papers[n++] = db_int(rows, 0);
    assert_int_equal(n, PAPERS);
    return e == OK ? db_error(rows) : e;
}

/* Bit by bit, and by the hash that stands beside each paper. */
static enum err see_pictures(struct db_tx *tx, void *arg)
{
    struct fixture *f = arg;
    static const struct db_statement hashes = {
        "test_hashes", "SELECT sha256, image FROM consent_evidence ORDER BY created_us", "", "bb"};
    struct db_rows *rows cleanup(db_done) = NULL;
    const struct pictured *x = &pictured;
    struct str seen;
    for (int large = 0; large < 2; large++) {
        assert_int_equal(
            photo_get(tx, x->merchant_id, x->customer_id, x->photo_id, large, f->arena, &seen), OK);
        assert_true(str_eq(seen, picture(f->arena, 100 + large, large ? 70001 : 256)));
    }
    for (int i = 0; i < PAPERS; i++) {
        assert_int_equal(
            consent_evidence_get(tx, x->merchant_id, x->customer_id, x->papers[i], f->arena, &seen),
            OK);
        assert_true(str_eq(seen, picture(f->arena, i, picture_bytes[i])));
    }
    int n = 0;
    assert_int_equal(db_query_values(tx, &hashes, &rows, NULL, 0), OK);
    for (; db_next(rows); n++) {
        uint8_t hash[crypto_hash_sha256_BYTES];
        struct str image = db_blob(rows, 1);
        crypto_hash_sha256(hash, (const uint8_t *)image.p, image.n);
        assert_true(str_eq(db_blob(rows, 0), (struct str){(const char *)hash, sizeof hash}));
    }
    assert_int_equal(n, PAPERS);
    return db_error(rows);
}

static void pictures_go_into(struct fixture *to)
{
    struct backup_report r;
    assert_int_equal(restore(to, true, &r, NULL), OK);
    assert_int_equal(db_read(to->app.db, see_pictures, to), OK);
}

static void pictures_go_along(struct fixture *from)
{
    struct backup_report r;
    struct problem p = {0};
    pictured = (struct pictured){.f = from};
    assert_int_equal(db_write(from->app.db, hang_pictures, &pictured), OK);
    assert_int_equal(db_read(from->app.db, find_papers, &pictured), OK);
    assert_int_equal(db_read(from->app.db, see_pictures, from), OK);
    assert_int_equal(db_backup(from->app.db, migrations, migrations_count, file_of(from), "1", NULL,
                               from->arena, &r, &p),
                     OK);
    on_each_engine(pictures_go_into);
    unlink(file_of(from));
}

static void pictures(void **state)
{
    (void)state;
    on_each_engine(pictures_go_along);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_engine_into_every_engine),
                                       cmocka_unit_test(damage), cmocka_unit_test(broken_off),
                                       cmocka_unit_test(versions), cmocka_unit_test(pictures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
