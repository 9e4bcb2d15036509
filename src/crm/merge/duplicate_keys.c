#include "duplicate_keys.h"
#include "../../base/check.h"
#include "../batch.h"
#include "../customer/customer_sql.h"
#include <stdlib.h>

/* Who shares a key with more than these is not looked for by it: a shop's own phone, Maria Rossi.
 * All are below BLOCK_LIMIT. */
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
    "SELECT customer_id, kind, key FROM duplicate_key WHERE merchant_id = $1"
    " AND customer_id IN " BATCH_IN " ORDER BY customer_id, kind, key",
    BATCH_TYPES_I, "iii"};

static const struct db_statement duplicate_keys_drop = {
    "duplicate_keys_drop",
    "DELETE FROM duplicate_key WHERE merchant_id = $1 AND customer_id IN " BATCH_IN, BATCH_TYPES_I,
    ""};

static const struct db_statement duplicate_key_add = {
    "duplicate_key_add",
    "INSERT INTO duplicate_key (merchant_id, customer_id, kind, key) VALUES ($1, $2, $3, $4)",
    "iiii", ""};

/* A block is read no further than that it is seen to be too large, each key on its own: a branch
 * for each of BATCH_KEYS keys, $3 to $66, in one round trip. */
#define BLOCK_LIMIT "61"
#define BLOCK(column, table, n)                                                                    \
    "SELECT " column ", customer_id FROM (SELECT " column ", customer_id FROM " table              \
    " WHERE merchant_id = $1 AND kind = $2 AND " column " = $" #n " LIMIT " BLOCK_LIMIT            \
    ") AS b" #n
// clang-format off
#define OR_BLOCK(c, t, n) " UNION ALL " BLOCK(c, t, n)
#define BLOCKS_8(c, t, n1, n2, n3, n4, n5, n6, n7, n8)                                             \
    BLOCK(c, t, n1) OR_BLOCK(c, t, n2) OR_BLOCK(c, t, n3) OR_BLOCK(c, t, n4)                       \
    OR_BLOCK(c, t, n5) OR_BLOCK(c, t, n6) OR_BLOCK(c, t, n7) OR_BLOCK(c, t, n8)
#define BLOCKS(c, t)                                                                               \
    BLOCKS_8(c, t, 3, 4, 5, 6, 7, 8, 9, 10)                                                        \
    " UNION ALL " BLOCKS_8(c, t, 11, 12, 13, 14, 15, 16, 17, 18)                                   \
    " UNION ALL " BLOCKS_8(c, t, 19, 20, 21, 22, 23, 24, 25, 26)                                   \
    " UNION ALL " BLOCKS_8(c, t, 27, 28, 29, 30, 31, 32, 33, 34)                                   \
    " UNION ALL " BLOCKS_8(c, t, 35, 36, 37, 38, 39, 40, 41, 42)                                   \
    " UNION ALL " BLOCKS_8(c, t, 43, 44, 45, 46, 47, 48, 49, 50)                                   \
    " UNION ALL " BLOCKS_8(c, t, 51, 52, 53, 54, 55, 56, 57, 58)                                   \
    " UNION ALL " BLOCKS_8(c, t, 59, 60, 61, 62, 63, 64, 65, 66)
// clang-format on

static const struct db_statement duplicate_block = {
    "duplicate_block", BLOCKS("key", "duplicate_key"), "i" BATCH_TYPES_I, "ii"};

static const struct db_statement duplicate_contact_block = {
    "duplicate_contact_block", BLOCKS("match_key", "contact"),
    "it" BATCH_16("t") BATCH_16("t") BATCH_16("t") BATCH_16("t"), "ti"};

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

struct duplicate_person *duplicate_person_of(const struct duplicate_people *people, int64_t id)
{
    size_t i = id_place(people->v, people->n, sizeof *people->v, id);
    return i < people->n ? &people->v[i] : NULL;
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

static enum err read_people(struct db_tx *tx, int64_t merchant_id, const int64_t *ids, size_t n,
                            struct arena *a, struct duplicate_people *people)
{
    struct db_rows *rows cleanup(db_done) = NULL, *contacts cleanup(db_done) = NULL;
    enum err e = batch_query_ids(tx, &duplicate_rows, &rows, merchant_id, ids, n);
    while (e == OK && db_next(rows))
        take_person(a, rows, &people->v[people->n++]);
    if (e == OK)
        e = db_error(rows);
    if (e == OK)
        e = batch_query_ids(tx, &duplicate_contacts, &contacts, merchant_id, ids, n);
    while (e == OK && db_next(contacts)) {
        struct duplicate_person *p = duplicate_person_of(people, db_int(contacts, 0));
        if (p)
            take_contact(a, contacts, p);
    }
    return e == OK ? db_error(contacts) : e;
}

enum err duplicate_people_read(struct db_tx *tx, int64_t merchant_id, const struct int_list *ids,
                               struct arena *a, struct duplicate_people *ret)
{
    enum err e = OK;
    *ret = (struct duplicate_people){arena_array(a, struct duplicate_person, ids->n + 1), 0};
    for (size_t from = 0; e == OK && from < ids->n; from += BATCH_KEYS)
        e = read_people(tx, merchant_id, ids->v + from, batch_size(ids->n, from), a, ret);
    return e;
}

/* ---- what is stored of them ---- */

static struct duplicate_subject *subject_of(struct duplicate_subject *v, size_t n, int64_t id)
{
    size_t i = id_place(v, n, sizeof *v, id);
    return i < n ? &v[i] : NULL;
}

/* Compares what is stored of up to BATCH_KEYS subjects; `drop`: of whom something else is. */
static enum err compare_stored(struct db_tx *tx, int64_t merchant_id, struct duplicate_subject *v,
                               size_t n, struct arena *a, struct int_list *drop)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    int64_t ids[BATCH_KEYS];
    size_t stored[BATCH_KEYS] = {0};
    for (size_t i = 0; i < n; i++)
        ids[i] = v[i].id;
    enum err e = batch_query_ids(tx, &duplicate_keys_read, &rows, merchant_id, ids, n);
    while (e == OK && db_next(rows)) {
        struct duplicate_subject *s = subject_of(v, n, db_int(rows, 0));
        size_t at = stored[s - v]++;
        struct duplicate_key key = {db_int(rows, 1), db_int(rows, 2)};
        if (at >= s->nkeys || compare_keys(&key, &s->keys[at]) != 0)
            s->changed = true;
    }
    if (e == OK)
        e = db_error(rows);
    for (size_t i = 0; e == OK && i < n; i++) {
        v[i].changed = v[i].changed || stored[i] != v[i].nkeys;
        if (v[i].changed && stored[i])
            int_list_add(a, drop, v[i].id);
    }
    return e;
}

enum err duplicate_keys_keep(struct db_tx *tx, int64_t merchant_id, struct duplicate_subject *v,
                             size_t n, struct arena *a)
{
    struct int_list drop = {0};
    struct batch_rows rows;
    enum err e = OK;
    for (size_t from = 0; e == OK && from < n; from += BATCH_KEYS)
        e = compare_stored(tx, merchant_id, v + from, batch_size(n, from), a, &drop);
    for (size_t from = 0; e == OK && from < drop.n; from += BATCH_KEYS) {
        struct db_value keys[1 + BATCH_KEYS] = {db_i(merchant_id)};
        for (size_t i = 0; i < BATCH_KEYS; i++)
            keys[1 + i] = db_i(drop.v[from + i < drop.n ? from + i : drop.n - 1]);
        e = db_exec_values(tx, &duplicate_keys_drop, NULL, keys, ARRAY_LEN(keys));
    }
    if (e != OK)
        return e;
    batch_rows_begin(&rows, tx, a, &duplicate_key_add);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; v[i].changed && k < v[i].nkeys; k++)
            batch_rows_add(&rows,
                           (struct db_value[]){db_i(merchant_id), db_i(v[i].id),
                                               db_i(v[i].keys[k].kind), db_i(v[i].keys[k].key)});
    return batch_rows_end(&rows);
}

/* ---- who shares them ---- */

/* What is asked of one kind of key, and the customers that have one; contacts stand by the hash of
 * their text. */
struct blocks {
    struct wish {
        int64_t key;
        struct str text; /* of a contact */
    } * wishes;
    size_t nwishes, wishes_cap;
    struct holder {
        int64_t key, customer_id;
    } * holders;
    size_t nholders, holders_cap;
};

static int64_t key_of(struct str text)
{
    return (int64_t)(hash(FNV_START, text) & INT64_MAX);
}

static void wish(struct arena *a, struct blocks *b, int64_t key, struct str text)
{
    if (b->nwishes == b->wishes_cap)
        b->wishes = arena_grow(a, b->wishes, b->nwishes, &b->wishes_cap, sizeof *b->wishes);
    b->wishes[b->nwishes++] = (struct wish){key, text};
}

static int compare_wish(const void *x, const void *y)
{
    int64_t a = ((const struct wish *)x)->key, b = ((const struct wish *)y)->key;
    return (a > b) - (a < b);
}

static int compare_holder(const void *x, const void *y)
{
    const struct holder *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->customer_id > b->customer_id) - (a->customer_id < b->customer_id);
}

static void sort_wishes(struct blocks *b)
{
    size_t n = 0;
    if (b->nwishes)
        qsort(b->wishes, b->nwishes, sizeof *b->wishes, compare_wish);
    for (size_t i = 0; i < b->nwishes; i++)
        if (n == 0 || b->wishes[n - 1].key != b->wishes[i].key)
            b->wishes[n++] = b->wishes[i];
    b->nwishes = n;
}

/* Fills the holders of all wishes. `contact`: the kind of a contact, or NULL for the stored `kind`.
 */
static enum err read_blocks(struct db_tx *tx, int64_t merchant_id, const char *contact, int kind,
                            struct arena *a, struct blocks *b)
{
    struct db_value values[2 + BATCH_KEYS];
    sort_wishes(b);
    values[0] = db_i(merchant_id);
    values[1] = contact ? db_tc(contact) : db_i(kind);
    for (size_t from = 0; from < b->nwishes; from += BATCH_KEYS) {
        struct db_rows *rows cleanup(db_done) = NULL;
        for (size_t i = 0; i < BATCH_KEYS; i++) {
            bool is = from + i < b->nwishes; /* a short one asks for what nobody has */
            struct wish w = is ? b->wishes[from + i] : (struct wish){-1, STR("")};
            values[2 + i] = contact ? db_t(w.text) : db_i(w.key);
        }
        enum err e = db_query_values(tx, contact ? &duplicate_contact_block : &duplicate_block,
                                     &rows, values, ARRAY_LEN(values));
        while (e == OK && db_next(rows)) {
            if (b->nholders == b->holders_cap)
                b->holders =
                    arena_grow(a, b->holders, b->nholders, &b->holders_cap, sizeof *b->holders);
            b->holders[b->nholders++] = (struct holder){
                contact ? key_of(db_text(rows, 0)) : db_int(rows, 0), db_int(rows, 1)};
        }
        if (e == OK)
            e = db_error(rows);
        if (e != OK)
            return e;
    }
    if (b->nholders)
        qsort(b->holders, b->nholders, sizeof *b->holders, compare_holder);
    return OK;
}

/* Adds a key's holders to the subject unless there are more than `most`; returns how many, as far
 * as they are counted. */
static int64_t take_block(struct arena *a, const struct blocks *b, int64_t key, int64_t most,
                          struct duplicate_subject *s)
{
    size_t low = 0, high = b->nholders;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->holders[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < b->nholders && b->holders[high].key == key;)
        high++;
    int64_t n = (int64_t)(high - low);
    if (n > most)
        return most + 1;
    for (size_t i = low; i < high; i++)
        if (b->holders[i].customer_id != s->id)
            int_list_add(a, &s->sharing, b->holders[i].customer_id);
    return n;
}

static enum err sharing_contacts(struct db_tx *tx, int64_t merchant_id, bool email,
                                 struct duplicate_subject *v, size_t n, struct arena *a)
{
    struct blocks b = {0};
    for (int taking = 0; taking < 2; taking++) {
        for (size_t i = 0; i < n; i++) {
            const struct duplicate_person *p = v[i].changed ? v[i].person : NULL;
            for (size_t k = 0; p && k < p->ncontacts; k++) {
                const struct duplicate_contact *c = &p->contacts[k];
                const struct str texts[2] = {c->match_key, c->mailbox};
                bool both = email && !str_eq(c->mailbox, c->match_key);
                for (int t = 0; c->email == email && t < 1 + both; t++) {
                    if (taking)
                        take_block(a, &b, key_of(texts[t]), CONTACT_BLOCK_MAX, &v[i]);
                    else
                        wish(a, &b, key_of(texts[t]), texts[t]);
                }
            }
        }
        enum err e =
            taking ? OK : read_blocks(tx, merchant_id, email ? "email" : "phone", 0, a, &b);
        if (e != OK)
            return e;
    }
    return OK;
}

/* The keys of this kind by which the subject is looked for: as stored, but of mailboxes also those
 * that are as the address says, since others may mean them. */
static size_t keys_to_ask(const struct duplicate_subject *s, enum duplicate_kind kind,
                          int64_t ret[static DUPLICATE_KEYS_MAX])
{
    size_t n = 0;
    if (!s->changed || !s->person)
        return 0;
    for (size_t i = 0; kind == KEY_MAILBOX && i < s->person->ncontacts; i++)
        if (s->person->contacts[i].email)
            ret[n++] = key_of(s->person->contacts[i].mailbox);
    for (size_t i = 0; kind != KEY_MAILBOX && i < s->nkeys; i++)
        if (s->keys[i].kind == (int64_t)kind)
            ret[n++] = s->keys[i].key;
    return n;
}

static enum err sharing_kind(struct db_tx *tx, int64_t merchant_id, enum duplicate_kind kind,
                             struct duplicate_subject *v, size_t n, struct arena *a)
{
    struct blocks b = {0};
    int64_t keys[DUPLICATE_KEYS_MAX];
    for (size_t i = 0; i < n; i++)
        for (size_t k = keys_to_ask(&v[i], kind, keys); k > 0; k--)
            wish(a, &b, keys[k - 1], STR(""));
    enum err e = read_blocks(tx, merchant_id, NULL, (int)kind, a, &b);
    for (size_t i = 0; e == OK && i < n; i++)
        for (size_t k = keys_to_ask(&v[i], kind, keys); k > 0; k--) {
            int64_t seen = take_block(a, &b, keys[k - 1], block_max[kind], &v[i]);
            if (kind == KEY_NAME && seen > v[i].namesakes)
                v[i].namesakes = seen;
        }
    return e;
}

enum err duplicate_sharing(struct db_tx *tx, int64_t merchant_id, struct duplicate_subject *v,
                           size_t n, struct arena *a)
{
    for (size_t i = 0; i < n; i++) {
        v[i].sharing = (struct int_list){0};
        v[i].namesakes = 2;
    }
    enum err e = sharing_contacts(tx, merchant_id, false, v, n, a);
    if (e == OK)
        e = sharing_contacts(tx, merchant_id, true, v, n, a);
    for (int kind = KEY_MAILBOX; e == OK && kind < KEY_KINDS; kind++)
        e = sharing_kind(tx, merchant_id, (enum duplicate_kind)kind, v, n, a);
    for (size_t i = 0; i < n; i++)
        int_list_sort(&v[i].sharing);
    return e;
}
