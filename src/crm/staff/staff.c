#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/id.h"
#include "../store/store.h"
#include "session_sql.h"
#include "staff_sql.h"

#include <inttypes.h>

/* ---- reading ---- */

static void read_row(const struct db_rows *row, struct arena *a, struct staff *s)
{
    *s = (struct staff){.id = db_int(row, 0),
                        .email = arena_cstr(a, db_text(row, 1)),
                        .name = arena_cstr(a, db_text(row, 2)),
                        .role = role_by_name(db_text(row, 3)),
                        .language = arena_cstr(a, db_text(row, 4)),
                        .active = !db_is_null(row, 5),
                        .password_hash = arena_cstr(a, db_text(row, 5)),
                        .invitation_expires_us = db_int(row, 6),
                        .created_us = db_int(row, 7),
                        .version = db_int(row, 8),
                        .seen_us = db_int(row, 9),
                        .second_step = !db_is_null(row, 10)};
}

/* The (staff, store, name) rows, side by side; a person's are a run of them. */
struct places {
    int64_t *staff, *stores;
    const char **names;
    size_t n, cap;
};

static void places_add(struct places *p, struct arena *a, const struct db_rows *row)
{
    if (p->n == p->cap) {
        struct places old = *p;
        p->cap = old.cap ? 2 * old.cap : 16;
        p->staff = arena_array(a, int64_t, p->cap);
        p->stores = arena_array(a, int64_t, p->cap);
        p->names = arena_array(a, const char *, p->cap);
        for (size_t i = 0; i < old.n; i++) {
            p->staff[i] = old.staff[i];
            p->stores[i] = old.stores[i];
            p->names[i] = old.names[i];
        }
    }
    p->staff[p->n] = db_int(row, 0);
    p->stores[p->n] = db_int(row, 1);
    p->names[p->n++] = arena_cstr(a, db_text(row, 2));
}

static enum err read_stores(struct db_rows *rows, struct arena *a, struct staff *people, size_t n)
{
    struct places p = {0};
    while (db_next(rows))
        places_add(&p, a, rows);
    for (size_t from = 0, to; from < p.n; from = to) {
        for (to = from + 1; to < p.n && p.staff[to] == p.staff[from]; to++)
            ;
        for (size_t i = 0; i < n; i++) {
            if (people[i].id != p.staff[from])
                continue;
            people[i].stores = p.stores + from;
            people[i].store_names = p.names + from;
            people[i].nstores = to - from;
        }
    }
    return db_error(rows);
}

static enum err get_by(struct db_tx *tx, const struct db_statement *which, int64_t merchant_id,
                       int64_t id, struct arena *a, struct staff *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL, *stores cleanup(db_done) = NULL;
    enum err e = db_query(tx, which, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e != OK ? e : ERR_NOT_FOUND;
    }
    read_row(rows, a, ret);
    db_done(&rows);
    e = db_query(tx, &staff_stores_one, &stores, db_i(merchant_id), db_i(id));
    return e == OK ? read_stores(stores, a, ret, 1) : e;
}

enum err staff_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                   struct staff *ret)
{
    return get_by(tx, &staff_one, merchant_id, id, a, ret);
}

enum err staff_get_removed(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                           struct staff *ret)
{
    return get_by(tx, &staff_one_removed, merchant_id, id, a, ret);
}

enum err staff_list(struct db_tx *tx, int64_t merchant_id, struct arena *a, struct staff **ret,
                    size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL, *stores cleanup(db_done) = NULL;
    int64_t count;
    enum err e = db_query_int(tx, &staff_count, &count, db_i(merchant_id));
    if (e == OK)
        e = db_query(tx, &staff_all, &rows, db_i(merchant_id));
    if (e != OK)
        return e;
    struct staff *all = arena_array(a, struct staff, (size_t)count + 1);
    size_t n = 0;
    while (n < (size_t)count && db_next(rows))
        read_row(rows, a, &all[n++]);
    db_done(&rows);
    e = db_query(tx, &staff_stores_all, &stores, db_i(merchant_id));
    if (e == OK)
        e = read_stores(stores, a, all, n);
    if (e != OK)
        return e;
    *ret = all;
    *ret_n = n;
    return OK;
}

enum err staff_by_email(struct db_tx *tx, int64_t merchant_id, struct str email, struct arena *a,
                        struct staff *ret)
{
    int64_t id;
    enum err e =
        db_query_int(tx, &staff_by_key, &id, db_i(merchant_id), db_t(email_match_key(a, email)));
    return e == OK ? staff_get(tx, merchant_id, id, a, ret) : e;
}

/* ---- rules ---- */

static enum err check_email(struct db_tx *tx, int64_t merchant_id, int64_t id, struct str email,
                            struct problem *p)
{
    int64_t there;
    if (!email_valid(email))
        return problem_set(p, NULL, ERR_INVALID, "staff_bad_email", "email", NULL);
    struct str key = email_match_key(db_arena(tx), email);
    enum err e = db_query_int(tx, &staff_by_key, &there, db_i(merchant_id), db_t(key));
    if (e == OK && there != id)
        return problem_set(p, NULL, ERR_CONFLICT, "staff_email_taken", "email", NULL);
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err check_stores(struct db_tx *tx, int64_t merchant_id, enum role role,
                             const int64_t *stores, size_t n, struct problem *p)
{
    struct store *all;
    size_t nall;
    enum err e = store_list(tx, merchant_id, db_arena(tx), &all, &nall);
    if (e != OK)
        return e;
    if (role != ROLE_OWNER && n == 0 && nall > 0)
        return problem_set(p, NULL, ERR_INVALID, "staff_needs_store", "store_ids", NULL);
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < nall; k++)
            known = known || all[k].id == stores[i];
        if (!known)
            return problem_set(p, NULL, ERR_INVALID, "staff_store_unknown", "store_ids", NULL);
    }
    return OK;
}

static enum err write_stores(struct db_tx *tx, int64_t merchant_id, int64_t id,
                             const int64_t *stores, size_t n)
{
    enum err e = db_exec(tx, &staff_stores_clear, NULL, db_i(merchant_id), db_i(id));
    for (size_t i = 0; i < n && e == OK; i++) {
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice = twice || stores[k] == stores[i];
        if (!twice)
            e = db_exec(tx, &staff_store_add, NULL, db_i(merchant_id), db_i(id), db_i(stores[i]));
    }
    return e;
}

static enum err check_last_owner(struct db_tx *tx, int64_t merchant_id, const struct staff *s,
                                 struct problem *p)
{
    int64_t others;
    if (s->role != ROLE_OWNER || !s->active)
        return OK;
    enum err e = db_query_int(tx, &staff_owners, &others, db_i(merchant_id), db_i(s->id));
    return e == OK && others == 0
               ? problem_set(p, NULL, ERR_CONFLICT, "staff_last_owner", NULL, NULL)
               : e;
}

static enum err check_room(struct db_tx *tx, int64_t merchant_id, int64_t *ret_count,
                           struct problem *p)
{
    enum err e = db_query_int(tx, &staff_count, ret_count, db_i(merchant_id));
    return e == OK && *ret_count >= STAFF_MAX
               ? problem_set(p, NULL, ERR_CONFLICT, "staff_too_many", NULL, NULL)
               : e;
}

/* ---- changes ---- */

enum err staff_create(struct db_tx *tx, int64_t merchant_id, const struct staff_new *s,
                      const struct audit_actor *by, int64_t *ret_id, struct problem *p)
{
    struct arena *a = db_arena(tx);
    int64_t count, id = id_new();
    enum err e = check_room(tx, merchant_id, &count, p);
    if (e != OK)
        return e;
    /* the very first owner says who they are when they take the invitation up */
    bool first = count == 0 && s->role == ROLE_OWNER && s->email.n == 0;
    if (!first)
        e = check_email(tx, merchant_id, id, s->email, p);
    if (e == OK)
        e = check_stores(tx, merchant_id, s->role, s->stores, s->nstores, p);
    if (e == OK)
        e = db_exec(tx, &staff_add, NULL, db_i(merchant_id), db_i(id), db_t(s->email),
                    db_t(email_match_key(a, s->email)), db_t(s->name), db_tc(role_name(s->role)),
                    db_tc(s->language), db_i(now_us()));
    if (e == OK)
        e = write_stores(tx, merchant_id, id, s->stores, s->nstores);
    if (e != OK)
        return e;
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, a);
    audit_detail_value(&d, "name", s->name);
    audit_detail_value(&d, "email", s->email);
    audit_detail_value(&d, "role", str_c(role_name(s->role)));
    *ret_id = id;
    return audit_write(tx, merchant_id, by, "staff.create", "staff", id, audit_detail_end(&d));
}

static struct str joined(struct arena *a, const struct staff *s)
{
    struct buf b;
    buf_init(&b, 16384);
    for (size_t i = 0; i < s->nstores; i++) {
        buf_adds(&b, i ? ", " : "");
        buf_adds(&b, s->store_names[i]);
    }
    struct str all = arena_str(a, buf_str(&b));
    buf_free(&b);
    return all;
}

static void note(struct audit_detail *d, const char *field, struct str from, struct str to)
{
    if (!str_eq(from, to))
        audit_detail_change(d, field, from, to);
}

static bool same_stores(const struct staff *x, const struct staff *y)
{
    return x->nstores == y->nstores &&
           (x->nstores == 0 || memcmp(x->stores, y->stores, x->nstores * sizeof *x->stores) == 0);
}

enum err staff_update(struct db_tx *tx, int64_t merchant_id, const struct staff *before,
                      const struct staff *s, const struct audit_actor *by, struct problem *p)
{
    struct arena *a = db_arena(tx);
    struct audit_detail d cleanup(audit_detail_free) = {0};
    struct staff after;
    enum err e = s->role == before->role ? OK : check_last_owner(tx, merchant_id, before, p);
    if (e == OK)
        e = check_email(tx, merchant_id, s->id, str_c(s->email), p);
    if (e == OK)
        e = check_stores(tx, merchant_id, s->role, s->stores, s->nstores, p);
    if (e == OK)
        e = db_exec(tx, &staff_change, NULL, db_tc(s->email),
                    db_t(email_match_key(a, str_c(s->email))), db_tc(s->name),
                    db_tc(role_name(s->role)), db_tc(s->language), db_i(now_us()),
                    db_i(merchant_id), db_i(s->id));
    if (e == OK && !same_stores(before, s))
        e = write_stores(tx, merchant_id, s->id, s->stores, s->nstores);
    if (e == OK)
        e = staff_get(tx, merchant_id, s->id, a, &after);
    if (e != OK)
        return e;
    audit_detail_begin(&d, a);
    note(&d, "email", str_c(before->email), str_c(after.email));
    note(&d, "name", str_c(before->name), str_c(after.name));
    note(&d, "role", str_c(role_name(before->role)), str_c(role_name(after.role)));
    note(&d, "language", str_c(before->language), str_c(after.language));
    note(&d, "stores", joined(a, before), joined(a, &after));
    if (d.changes == 0)
        return OK;
    return audit_write(tx, merchant_id, by, "staff.update", "staff", s->id, audit_detail_end(&d));
}

enum err staff_end_sessions(struct db_tx *tx, int64_t merchant_id, int64_t id, struct str keep)
{
    return db_exec(tx, &session_end_all, NULL, db_i(now_us()), db_i(merchant_id), db_i(id),
                   db_b(keep));
}

enum err staff_set_password(struct db_tx *tx, int64_t merchant_id, int64_t id, const char *hash,
                            struct str keep)
{
    enum err e = db_exec(tx, &staff_password, NULL, db_tc(hash), db_i(now_us()), db_i(merchant_id),
                         db_i(id));
    return e == OK ? staff_end_sessions(tx, merchant_id, id, keep) : e;
}

static enum err note_person(struct db_tx *tx, int64_t merchant_id, const struct audit_actor *by,
                            const char *action, const struct staff *s)
{
    struct audit_detail d cleanup(audit_detail_free) = {0};
    audit_detail_begin(&d, db_arena(tx));
    audit_detail_value(&d, "name", str_c(s->name));
    audit_detail_value(&d, "email", str_c(s->email));
    return audit_write(tx, merchant_id, by, action, "staff", s->id, audit_detail_end(&d));
}

enum err staff_remove(struct db_tx *tx, int64_t merchant_id, int64_t id,
                      const struct audit_actor *by, struct problem *p)
{
    struct arena *a = db_arena(tx);
    struct staff s;
    enum err e = staff_get(tx, merchant_id, id, a, &s);
    if (e == OK)
        e = check_last_owner(tx, merchant_id, &s, p);
    if (e == OK)
        e = db_exec(tx, &staff_gone, NULL, db_i(now_us()), db_i(merchant_id), db_i(id));
    if (e == OK)
        e = staff_end_sessions(tx, merchant_id, id, STR(""));
    if (e != OK)
        return e;
    return note_person(tx, merchant_id, by, "staff.remove", &s);
}

enum err staff_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                       const struct audit_actor *by, struct problem *p)
{
    struct arena *a = db_arena(tx);
    struct staff s;
    int64_t count;
    enum err e = staff_get_removed(tx, merchant_id, id, a, &s);
    if (e == OK)
        e = check_room(tx, merchant_id, &count, p);
    if (e == OK)
        e = check_email(tx, merchant_id, id, str_c(s.email), p);
    if (e == OK)
        e = db_exec(tx, &staff_back, NULL, db_t(email_match_key(a, str_c(s.email))), db_i(now_us()),
                    db_i(merchant_id), db_i(id));
    return e == OK ? note_person(tx, merchant_id, by, "staff.restore", &s) : e;
}
