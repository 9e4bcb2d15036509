#include "duplicate_keys.h"
#include "../../base/check.h"
#include "../batch.h"
#include "../customer/customer_sql.h"
#include <stdlib.h>

/* Who shares a key with more than these is not looked for by it: a shop's own phone, Maria Rossi.
 */
static const int64_t block_max[KEY_KINDS] = {
    [KEY_MAILBOX] = 20,    [KEY_NAME] = 12,        [KEY_NAME_PLACE] = 40,
    [KEY_BIRTH_LAST] = 60, [KEY_BIRTH_FIRST] = 60, [KEY_HOME] = 20};
enum { CONTACT_BLOCK_MAX = 20 };

static const struct db_statement duplicate_rows = {
    "duplicate_rows",
    "SELECT id, first_name, last_name, gender, birth_year, birth_month, birth_day, city, postcode,"
    " address, external_id FROM customer WHERE merchant_id = $1 AND id IN " BATCH_IN
    " AND deleted_us IS NULL ORDER BY id",
    BATCH_TYPES_I, "itttiiitttt"};

static const struct db_statement duplicate_contacts = {
    "duplicate_contacts",
    "SELECT customer_id, CAST(CASE WHEN kind = 'email' THEN 1 ELSE 0 END AS BIGINT), value,"
    " match_key FROM contact WHERE merchant_id = $1 AND customer_id IN " BATCH_IN
    " ORDER BY customer_id, kind, position",
    BATCH_TYPES_I, "iitt"};

static const struct db_statement duplicate_keys_read = {
    "duplicate_keys_read",
    "SELECT kind, key FROM duplicate_key WHERE merchant_id = $1 AND customer_id = $2"
    " ORDER BY kind, key",
    "ii", "ii"};

static const struct db_statement duplicate_keys_drop = {
    "duplicate_keys_drop", "DELETE FROM duplicate_key WHERE merchant_id = $1 AND customer_id = $2",
    "ii", ""};

static const struct db_statement duplicate_key_add = {
    "duplicate_key_add",
    "INSERT INTO duplicate_key (merchant_id, customer_id, kind, key) VALUES ($1, $2, $3, $4)",
    "iiii", ""};

static const struct db_statement duplicate_block = {
    "duplicate_block",
    "SELECT customer_id FROM duplicate_key WHERE merchant_id = $1 AND kind = $2 AND key = $3"
    " LIMIT $4",
    "iiii", "i"};

static const struct db_statement duplicate_contact_block = {
    "duplicate_contact_block",
    "SELECT customer_id FROM contact WHERE merchant_id = $1 AND kind = $2 AND match_key = $3"
    " LIMIT $4",
    "itti", "i"};

const struct db_statement *const duplicate_key_statements[] = {
    &duplicate_rows,    &duplicate_contacts, &duplicate_keys_read,     &duplicate_keys_drop,
    &duplicate_key_add, &duplicate_block,    &duplicate_contact_block, NULL};

/* ---- keys ---- */

#define FNV_START 14695981039346656037u

static uint64_t hash(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (uint8_t)s.p[i]) * 1099511628211u;
    return (h ^ 0xFF) * 1099511628211u; /* where one part ends */
}

static uint64_t hash_int(uint64_t h, int64_t v)
{
    return hash(h, (struct str){(const char *)&v, sizeof v});
}

static uint64_t print_of(const struct duplicate_person *p)
{
    uint64_t h = FNV_START;
    const struct str texts[] = {p->first, p->last, p->city, p->street, p->postcode, p->external_id};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        h = hash(h, texts[i]);
    const int64_t numbers[] = {p->other_script, p->gender, p->birth_year, p->birth_month,
                               p->birth_day};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        h = hash_int(h, numbers[i]);
    for (size_t i = 0; i < p->ncontacts; i++)
        h = hash(hash_int(h, p->contacts[i].email), p->contacts[i].value);
    return h;
}

static int compare_keys(const void *x, const void *y)
{
    const struct duplicate_key *a = x, *b = y;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

struct keys {
    struct duplicate_key *v;
    size_t n;
};

static void add(struct keys *keys, enum duplicate_kind kind, uint64_t key)
{
    keys->v[keys->n++] = (struct duplicate_key){kind, (int64_t)(key & INT64_MAX)};
}

static uint64_t birth_of(const struct duplicate_person *p, char initial)
{
    return hash_int(
        hash_int(FNV_START, p->birth_year * 10000 + p->birth_month * 100 + p->birth_day), initial);
}

size_t duplicate_keys_of(const struct duplicate_person *p,
                         struct duplicate_key ret[static DUPLICATE_KEYS_MAX])
{
    struct keys keys = {ret, 0};
    add(&keys, KEY_PRINT, print_of(p));
    for (size_t i = 0; i < p->ncontacts; i++)
        if (p->contacts[i].email && !str_eq(p->contacts[i].mailbox, p->contacts[i].match_key))
            add(&keys, KEY_MAILBOX, hash(FNV_START, p->contacts[i].mailbox));
    struct str place = p->postcode.n ? p->postcode : p->city;
    if (p->name.n >= 4) {
        add(&keys, KEY_NAME, hash(FNV_START, p->name));
        if (place.n)
            add(&keys, KEY_NAME_PLACE, hash(hash(FNV_START, p->name), place));
    }
    if (p->birth_year && p->birth_month && p->birth_day) {
        if (p->last.n)
            add(&keys, KEY_BIRTH_LAST, birth_of(p, p->last.p[0]));
        if (p->first.n)
            add(&keys, KEY_BIRTH_FIRST, birth_of(p, p->first.p[0]));
    }
    if (p->street.n >= 6 && p->postcode.n)
        add(&keys, KEY_HOME, hash(hash(FNV_START, p->street), p->postcode));
    qsort(keys.v, keys.n, sizeof *keys.v, compare_keys);
    size_t n = 0;
    for (size_t i = 0; i < keys.n; i++)
        if (n == 0 || compare_keys(&ret[n - 1], &ret[i]) != 0)
            ret[n++] = ret[i];
    return n;
}

/* ---- people ---- */

static void take_person(struct arena *a, const struct db_rows *r, struct duplicate_person *p)
{
    *p = (struct duplicate_person){.id = db_int(r, 0),
                                   .gender = (uint8_t)name_index(gender_names, 4, db_text(r, 3)),
                                   .birth_year = (int32_t)db_int(r, 4),
                                   .birth_month = (int32_t)db_int(r, 5),
                                   .birth_day = (int32_t)db_int(r, 6),
                                   .city = text_fold(a, db_text(r, 7)),
                                   .postcode = text_fold(a, db_text(r, 8)),
                                   .street = text_fold(a, db_text(r, 9)),
                                   .external_id = db_text_in(r, 10, a)};
    duplicate_person_name(a, p, db_text(r, 1), db_text(r, 2));
}

static struct duplicate_person *person_of(struct duplicate_person *people, size_t n, int64_t id)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (people[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && people[low].id == id ? &people[low] : NULL;
}

static void take_contact(struct arena *a, const struct db_rows *r, struct duplicate_person *p)
{
    if (!p->contacts)
        p->contacts = arena_array(a, struct duplicate_contact, 2 * CUSTOMER_CONTACTS_MAX);
    if (p->ncontacts == 2 * CUSTOMER_CONTACTS_MAX)
        return;
    struct duplicate_contact *c = &p->contacts[p->ncontacts++];
    *c = (struct duplicate_contact){
        db_int(r, 1) != 0, db_text_in(r, 2, a), db_text_in(r, 3, a), {0}};
    if (c->email)
        c->mailbox = duplicate_mailbox(a, c->match_key);
}

enum err duplicate_people(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n,
                          struct arena *a, struct duplicate_person *ret, size_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL, *contacts cleanup(db_done) = NULL;
    *ret_n = 0;
    if (n == 0)
        return OK;
    enum err e = batch_query_ids(tx, &duplicate_rows, &rows, merchant_id, ids, n);
    while (e == OK && db_next(rows))
        take_person(a, rows, &ret[(*ret_n)++]);
    if (e == OK)
        e = db_error(rows);
    if (e == OK)
        e = batch_query_ids(tx, &duplicate_contacts, &contacts, merchant_id, ids, n);
    while (e == OK && db_next(contacts)) {
        struct duplicate_person *p = person_of(ret, *ret_n, db_int(contacts, 0));
        if (p)
            take_contact(a, contacts, p);
    }
    return e == OK ? db_error(contacts) : e;
}

/* ---- the table ---- */

static enum err same_keys(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                          const struct duplicate_key *keys, size_t n, bool *ret_same, bool *ret_any)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    size_t i = 0;
    *ret_same = true;
    *ret_any = false;
    enum err e = db_query(tx, &duplicate_keys_read, &rows, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    for (; db_next(rows); i++) {
        struct duplicate_key stored = {db_int(rows, 0), db_int(rows, 1)};
        *ret_any = true;
        if (i >= n || compare_keys(&stored, &keys[i]) != 0)
            *ret_same = false;
    }
    *ret_same = *ret_same && i == n;
    return db_error(rows);
}

enum err duplicate_keys_keep(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                             const struct duplicate_key *keys, size_t n, bool *ret_changed)
{
    struct batch_rows rows;
    bool same, any;
    enum err e = same_keys(tx, merchant_id, customer_id, keys, n, &same, &any);
    *ret_changed = !same;
    if (e != OK || same)
        return e;
    if (any)
        e = db_exec(tx, &duplicate_keys_drop, NULL, db_i(merchant_id), db_i(customer_id));
    if (e != OK)
        return e;
    batch_rows_begin(&rows, tx, db_arena(tx), &duplicate_key_add);
    for (size_t i = 0; i < n; i++)
        batch_rows_add(&rows, (struct db_value[]){db_i(merchant_id), db_i(customer_id),
                                                  db_i(keys[i].kind), db_i(keys[i].key)});
    return batch_rows_end(&rows);
}

/* Adds a block's customers unless there are more than `most`; *ret_n: how many were seen. */
static enum err take_block(struct db_rows *rows, int64_t most, int64_t self, struct arena *a,
                           struct int_list *ret, int64_t *ret_n)
{
    size_t before = ret->n;
    for (*ret_n = 0; db_next(rows); ++*ret_n)
        if (db_int(rows, 0) != self)
            int_list_add(a, ret, db_int(rows, 0));
    if (*ret_n > most)
        ret->n = before;
    return db_error(rows);
}

static enum err sharing_contact(struct db_tx *tx, int64_t merchant_id, const char *kind,
                                struct str key, int64_t self, struct arena *a, struct int_list *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t n;
    enum err e = db_query(tx, &duplicate_contact_block, &rows, db_i(merchant_id), db_tc(kind),
                          db_t(key), db_i(CONTACT_BLOCK_MAX + 1));
    return e == OK ? take_block(rows, CONTACT_BLOCK_MAX, self, a, ret, &n) : e;
}

static enum err sharing_key(struct db_tx *tx, int64_t merchant_id, struct duplicate_key key,
                            int64_t self, struct arena *a, struct int_list *ret, int64_t *ret_n)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    enum err e = db_query(tx, &duplicate_block, &rows, db_i(merchant_id), db_i(key.kind),
                          db_i(key.key), db_i(block_max[key.kind] + 1));
    return e == OK ? take_block(rows, block_max[key.kind], self, a, ret, ret_n) : e;
}

static enum err sharing_mail(struct db_tx *tx, int64_t merchant_id,
                             const struct duplicate_person *p, const struct duplicate_contact *c,
                             struct arena *a, struct int_list *ret)
{
    struct duplicate_key key = {KEY_MAILBOX, (int64_t)(hash(FNV_START, c->mailbox) & INT64_MAX)};
    int64_t n;
    enum err e = sharing_contact(tx, merchant_id, "email", c->match_key, p->id, a, ret);
    if (e == OK && !str_eq(c->mailbox, c->match_key))
        e = sharing_contact(tx, merchant_id, "email", c->mailbox, p->id, a, ret);
    return e == OK ? sharing_key(tx, merchant_id, key, p->id, a, ret, &n) : e;
}

enum err duplicate_sharing(struct db_tx *tx, int64_t merchant_id, const struct duplicate_person *p,
                           const struct duplicate_key *keys, size_t n, struct arena *a,
                           struct int_list *ret, int64_t *ret_namesakes)
{
    enum err e = OK;
    *ret = (struct int_list){0};
    *ret_namesakes = 2;
    for (size_t i = 0; e == OK && i < p->ncontacts; i++)
        e = p->contacts[i].email ? sharing_mail(tx, merchant_id, p, &p->contacts[i], a, ret)
                                 : sharing_contact(tx, merchant_id, "phone",
                                                   p->contacts[i].match_key, p->id, a, ret);
    for (size_t i = 0; e == OK && i < n; i++) {
        int64_t seen = 0;
        if (keys[i].kind == KEY_PRINT || keys[i].kind == KEY_MAILBOX)
            continue;
        e = sharing_key(tx, merchant_id, keys[i], p->id, a, ret, &seen);
        if (keys[i].kind == KEY_NAME && seen > 2)
            *ret_namesakes = seen;
    }
    int_list_sort(ret);
    return e;
}
