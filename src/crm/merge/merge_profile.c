#include "merge_profile.h"
#include "../../base/check.h"
#include "../profile/profile.h"
#include <assert.h>
#include <jansson.h>

const struct merge_column_info merge_columns[MERGE_COLUMNS] = {
    [COL_FIRST_NAME] = {"first_name", MERGE_FIRST_NAME},
    [COL_LAST_NAME] = {"last_name", MERGE_LAST_NAME},
    [COL_NICKNAME] = {"nickname", MERGE_NICKNAME},
    [COL_GENDER] = {"gender", MERGE_GENDER},
    [COL_BIRTH_YEAR] = {"birth_year", MERGE_BIRTHDAY},
    [COL_BIRTH_MONTH] = {"birth_month", MERGE_BIRTHDAY},
    [COL_BIRTH_DAY] = {"birth_day", MERGE_BIRTHDAY},
    [COL_LANGUAGE] = {"language", MERGE_LANGUAGE},
    [COL_ADDRESS] = {"address", MERGE_ADDRESS},
    [COL_POSTCODE] = {"postcode", MERGE_ADDRESS},
    [COL_CITY] = {"city", MERGE_ADDRESS},
    [COL_COUNTRY] = {"country", MERGE_ADDRESS},
    [COL_ADDRESS_KIND] = {"address_kind", MERGE_ADDRESS},
    [COL_STORE] = {"store_id", MERGE_STORE},
    [COL_SOURCE] = {"source_id", MERGE_SOURCE},
    [COL_DEVICE] = {"device", MERGE_DEVICE},
    [COL_PHOTO] = {"photo_id", MERGE_PHOTO},
    [COL_REGISTERED] = {"registered_day", MERGE_REGISTERED},
    [COL_EXTERNAL_ID] = {"external_id", MERGE_EXTERNAL_ID},
    [COL_FACEBOOK] = {"facebook", MERGE_FACEBOOK},
    [COL_TWITTER] = {"twitter", MERGE_TWITTER},
    [COL_INSTAGRAM] = {"instagram", MERGE_INSTAGRAM},
    [COL_GOOGLE] = {"google", MERGE_GOOGLE},
    [COL_WEBSITE] = {"website", MERGE_WEBSITE},
    [COL_ANONYMOUS] = {"anonymous", MERGE_FIELDS},
    [COL_BLOCKED] = {"blocked", MERGE_FIELDS},
    [COL_BLOCKED_REASON] = {"blocked_reason", MERGE_FIELDS},
    [COL_BLOCKED_US] = {"blocked_us", MERGE_FIELDS},
    [COL_BLOCKED_BY] = {"blocked_by", MERGE_FIELDS},
    [COL_SMS] = {"sms_consent", MERGE_FIELDS},
    [COL_EMAIL] = {"email_consent", MERGE_FIELDS},
    [COL_PUSH] = {"push_consent", MERGE_FIELDS},
    [COL_SMS_SUPPRESSED] = {"sms_suppressed", MERGE_FIELDS},
    [COL_EMAIL_SUPPRESSED] = {"email_suppressed", MERGE_FIELDS},
    [COL_PUSH_SUPPRESSED] = {"push_suppressed", MERGE_FIELDS},
};
const char *const merge_columns_kept[] = {"merchant_id", "id",          "number",
                                          "created_us",  "updated_us",  "deleted_us",
                                          "version",     "merged_into", NULL};

#define PROFILE                                                                                    \
    "first_name, last_name, nickname, gender, birth_year, birth_month, birth_day, language,"       \
    " address, postcode, city, country, address_kind, store_id, source_id, device, photo_id,"      \
    " registered_day, external_id, facebook, twitter, instagram, google, website, anonymous,"      \
    " blocked, blocked_reason, blocked_us, blocked_by, sms_consent, email_consent, push_consent,"  \
    " sms_suppressed, email_suppressed, push_suppressed"
#define PROFILE_TYPES                                                                              \
    "tttt"                                                                                         \
    "iii"                                                                                          \
    "tttttt"                                                                                       \
    "iitii"                                                                                        \
    "tttttt"                                                                                       \
    "iitii"                                                                                        \
    "iiiiii"

static const struct db_statement merge_profile_read = {
    "merge_profile_read",
    "SELECT " PROFILE ", number, version, updated_us, deleted_us, merged_into FROM customer"
    " WHERE merchant_id = $1 AND id = $2",
    "ii", PROFILE_TYPES "iiiii"};

static const struct db_statement merge_profile_write = {
    "merge_profile_write",
    "UPDATE customer SET first_name = $1, last_name = $2, nickname = $3, gender = $4,"
    " birth_year = $5, birth_month = $6, birth_day = $7, language = $8, address = $9,"
    " postcode = $10, city = $11, country = $12, address_kind = $13, store_id = $14,"
    " source_id = $15, device = $16, photo_id = $17, registered_day = $18, external_id = $19,"
    " facebook = $20, twitter = $21, instagram = $22, google = $23, website = $24,"
    " anonymous = $25, blocked = $26, blocked_reason = $27, blocked_us = $28, blocked_by = $29,"
    " sms_consent = $30, email_consent = $31, push_consent = $32, sms_suppressed = $33,"
    " email_suppressed = $34, push_suppressed = $35, updated_us = $36, version = version + 1"
    " WHERE merchant_id = $37 AND id = $38",
    PROFILE_TYPES "iii", ""};

/* A list's parts in order, i integers. `add`: merchant, customer, position, parts. */
#define CONTACTS(name, value)                                                                      \
    {                                                                                              \
        .parts = "ttt", .first = 1, .max = CUSTOMER_CONTACTS_MAX,                                  \
        .read = {"merge_read_" name,                                                               \
                 "SELECT value, match_key, label FROM contact WHERE merchant_id = $1"              \
                 " AND customer_id = $2 AND kind = '" value "' ORDER BY position",                 \
                 "ii", "ttt"},                                                                     \
        .clear = {"merge_clear_" name,                                                             \
                  "DELETE FROM contact WHERE merchant_id = $1 AND customer_id = $2"                \
                  " AND kind = '" value "'",                                                       \
                  "ii", ""},                                                                       \
        .add = {"merge_add_" name,                                                                 \
                "INSERT INTO contact (merchant_id, customer_id, position, kind, value, match_key," \
                " label) VALUES ($1, $2, $3, '" value "', $4, $5, $6)",                            \
                "iiittt", ""},                                                                     \
    }
const char *const merge_list_names[MERGE_LISTS] = {"phones", "emails", "addresses", "dates"};
static const struct list_info {
    const char *parts;
    int first; /* position */
    size_t max;
    struct db_statement read, clear, add;
} lists[MERGE_LISTS] = {
    [LIST_PHONES] = CONTACTS("phones", "phone"),
    [LIST_EMAILS] = CONTACTS("emails", "email"),
    [LIST_ADDRESSES] =
        {.parts = "ttttt",
         .first = 2,
         .max = PROFILE_ADDRESSES_MAX - 1,
         .read = {"merge_read_addresses",
                  "SELECT kind, street, postcode, city, country FROM customer_address"
                  " WHERE merchant_id = $1 AND customer_id = $2 ORDER BY position",
                  "ii", "ttttt"},
         .clear = {"merge_clear_addresses",
                   "DELETE FROM customer_address WHERE merchant_id = $1 AND customer_id = $2", "ii",
                   ""},
         .add = {"merge_add_addresses",
                 "INSERT INTO customer_address (merchant_id, customer_id, position, kind, street,"
                 " postcode, city, country) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                 "iiittttt", ""}},
    [LIST_DATES] =
        {.parts = "tiii",
         .first = 1,
         .max = PROFILE_DATES_MAX,
         .read = {"merge_read_dates",
                  "SELECT name, month, day, year FROM customer_date"
                  " WHERE merchant_id = $1 AND customer_id = $2 ORDER BY position",
                  "ii", "tiii"},
         .clear = {"merge_clear_dates",
                   "DELETE FROM customer_date WHERE merchant_id = $1 AND customer_id = $2", "ii",
                   ""},
         .add = {"merge_add_dates",
                 "INSERT INTO customer_date (merchant_id, customer_id, position, name, month, day,"
                 " year) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                 "iiitiii", ""}},
};
static_assert(PROFILE_DATES_MAX <= MERGE_ITEMS_MAX, "room for the lists");
static_assert(CUSTOMER_CONTACTS_MAX <= MERGE_ITEMS_MAX, "room for the lists");

#define LIST_STATEMENTS(kind) &lists[kind].read, &lists[kind].clear, &lists[kind].add
const struct db_statement *const merge_profile_statements[] = {&merge_profile_read,
                                                               &merge_profile_write,
                                                               LIST_STATEMENTS(LIST_PHONES),
                                                               LIST_STATEMENTS(LIST_EMAILS),
                                                               LIST_STATEMENTS(LIST_ADDRESSES),
                                                               LIST_STATEMENTS(LIST_DATES),
                                                               NULL};

size_t merge_list_max(enum merge_list_kind kind)
{
    return lists[kind].max;
}

/* A phone or e-mail is the same by what it means, the rest by all of it. */
static void set_key(struct arena *a, enum merge_list_kind kind, struct merge_item *item)
{
    if (kind <= LIST_EMAILS) {
        item->key = item->parts[1];
        return;
    }
    struct buf key cleanup(buf_free);
    buf_init(&key, 65536);
    for (int i = 0; i < MERGE_PARTS; i++) {
        buf_add(&key, item->parts[i].p, item->parts[i].n);
        buf_addc(&key, '\n');
    }
    item->key = arena_str(a, buf_str(&key));
}

static struct db_value take_value(struct arena *a, const struct db_rows *r, int col)
{
    if (db_is_null(r, col))
        return db_null();
    return PROFILE_TYPES[col] == 't' ? db_t(db_text_in(r, col, a)) : db_i(db_int(r, col));
}

static enum err read_list(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                          enum merge_list_kind kind, struct merge_profile *p)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    struct merge_list *list = &p->lists[kind];
    enum err e = db_query(tx, &lists[kind].read, &rows, db_i(merchant_id), db_i(p->id));
    while (e == OK && list->n < MERGE_ITEMS_MAX && db_next(rows)) {
        struct merge_item *item = &list->v[list->n++];
        for (int i = 0; lists[kind].parts[i]; i++)
            if (!db_is_null(rows, i))
                item->parts[i] = lists[kind].parts[i] == 't'
                                     ? db_text_in(rows, i, a)
                                     : str_c(arena_printf(a, "%lld", (long long)db_int(rows, i)));
        set_key(a, kind, item);
    }
    return e == OK ? db_error(rows) : e;
}

enum err merge_profile_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                           struct merge_profile *ret)
{
    struct db_rows *rows cleanup(db_done) = NULL;
    *ret = (struct merge_profile){.id = id};
    enum err e = db_query(tx, &merge_profile_read, &rows, db_i(merchant_id), db_i(id));
    if (e != OK)
        return e;
    if (!db_next(rows)) {
        e = db_error(rows);
        return e == OK ? ERR_NOT_FOUND : e;
    }
    for (int i = 0; i < MERGE_COLUMNS; i++)
        ret->v[i] = take_value(a, rows, i);
    ret->number = db_int(rows, MERGE_COLUMNS);
    ret->version = db_int(rows, MERGE_COLUMNS + 1);
    ret->updated_us = db_int(rows, MERGE_COLUMNS + 2);
    ret->deleted = !db_is_null(rows, MERGE_COLUMNS + 3);
    ret->merged_into = db_int(rows, MERGE_COLUMNS + 4);
    for (int kind = 0; e == OK && kind < MERGE_LISTS; kind++)
        e = read_list(tx, merchant_id, a, (enum merge_list_kind)kind, ret);
    return e;
}

static struct db_value part_value(char type, struct str part)
{
    int64_t number;
    if (part.n == 0)
        return db_null();
    if (type == 't')
        return db_t(part);
    return str_int64(part, &number) ? db_i(number) : db_null();
}

static enum err put_list(struct db_tx *tx, int64_t merchant_id, enum merge_list_kind kind,
                         const struct merge_profile *p)
{
    const struct list_info *info = &lists[kind];
    struct batch_rows rows;
    enum err e = db_exec(tx, &info->clear, NULL, db_i(merchant_id), db_i(p->id));
    if (e != OK)
        return e;
    batch_rows_begin(&rows, tx, db_arena(tx), &info->add);
    for (size_t i = 0; i < p->lists[kind].n; i++) {
        struct db_value values[3 + MERGE_PARTS] = {db_i(merchant_id), db_i(p->id),
                                                   db_i((int64_t)i + info->first)};
        for (int k = 0; info->parts[k]; k++)
            values[3 + k] = part_value(info->parts[k], p->lists[kind].v[i].parts[k]);
        batch_rows_add(&rows, values);
    }
    return batch_rows_end(&rows);
}

enum err merge_profile_put(struct db_tx *tx, int64_t merchant_id, int64_t now_us,
                           const struct merge_profile *profile)
{
    struct db_value values[MERGE_COLUMNS + 3];
    memcpy(values, profile->v, sizeof profile->v);
    values[MERGE_COLUMNS] = db_i(now_us);
    values[MERGE_COLUMNS + 1] = db_i(merchant_id);
    values[MERGE_COLUMNS + 2] = db_i(profile->id);
    enum err e = db_exec_values(tx, &merge_profile_write, NULL, values, ARRAY_LEN(values));
    for (int kind = 0; e == OK && kind < MERGE_LISTS; kind++)
        e = put_list(tx, merchant_id, (enum merge_list_kind)kind, profile);
    return e;
}

/* ---- as text ---- */

#define PROFILE_TEXT_MAX 65536

static void value_json(struct json *j, const struct merge_column_info *column,
                       const struct db_value *v)
{
    json_key(j, column->name);
    if (v->type == 'n')
        json_nil(j);
    else if (v->type == 't')
        json_text(j, v->s);
    else
        json_int(j, v->i);
}

static void list_json(struct json *j, enum merge_list_kind kind, const struct merge_list *list)
{
    json_key(j, merge_list_names[kind]);
    json_list(j);
    for (size_t i = 0; i < list->n; i++) {
        json_list(j);
        for (int k = 0; lists[kind].parts[k]; k++)
            json_text(j, list->v[i].parts[k]);
        json_end(j);
    }
    json_end(j);
}

const char *merge_profile_text(struct arena *a, const struct merge_profile *profile)
{
    struct buf b cleanup(buf_free);
    struct json j;
    buf_init(&b, PROFILE_TEXT_MAX);
    json_init(&j, &b);
    json_open(&j);
    for (int i = 0; i < MERGE_COLUMNS; i++)
        value_json(&j, &merge_columns[i], &profile->v[i]);
    for (int kind = 0; kind < MERGE_LISTS; kind++)
        list_json(&j, (enum merge_list_kind)kind, &profile->lists[kind]);
    json_close(&j);
    check(!b.failed); /* every text is bounded by what a card takes */
    return arena_cstr(a, buf_str(&b));
}

static struct str text_of(struct arena *a, const json_t *v)
{
    return arena_str(a, (struct str){json_string_value(v), json_string_length(v)});
}

static void parse_list(struct arena *a, const json_t *array, enum merge_list_kind kind,
                       struct merge_list *ret)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        if (ret->n == ARRAY_LEN(ret->v))
            return;
        struct merge_item *read = &ret->v[ret->n++];
        for (size_t k = 0; k < MERGE_PARTS; k++)
            if (json_is_string(json_array_get(item, k)))
                read->parts[k] = text_of(a, json_array_get(item, k));
        set_key(a, kind, read);
    }
}

static void drop_root(json_t **root)
{
    json_decref(*root);
}

/* A column that the text does not know, made since, is NULL in it: that was its value then. */
enum err merge_profile_parse(struct arena *a, struct str text, struct merge_profile *ret)
{
    json_t *root cleanup(drop_root) = json_loadb(text.p, text.n, 0, NULL);
    *ret = (struct merge_profile){0};
    if (!json_is_object(root))
        return ERR_INTERNAL;
    for (int i = 0; i < MERGE_COLUMNS; i++) {
        const json_t *v = json_object_get(root, merge_columns[i].name);
        ret->v[i] = json_is_string(v)    ? db_t(text_of(a, v))
                    : json_is_integer(v) ? db_i(json_integer_value(v))
                                         : db_null();
    }
    for (int kind = 0; kind < MERGE_LISTS; kind++)
        parse_list(a, json_object_get(root, merge_list_names[kind]), (enum merge_list_kind)kind,
                   &ret->lists[kind]);
    return OK;
}

/* ---- comparing ---- */

bool merge_value_eq(const struct db_value *a, const struct db_value *b)
{
    if (a->type != b->type)
        return false;
    return a->type == 'n' || (a->type == 'i' ? a->i == b->i : str_eq(a->s, b->s));
}

static bool items_eq(const struct merge_item *a, const struct merge_item *b)
{
    for (int i = 0; i < MERGE_PARTS; i++)
        if (!str_eq(a->parts[i], b->parts[i]))
            return false;
    return true;
}

bool merge_list_eq(const struct merge_list *a, const struct merge_list *b)
{
    for (size_t i = 0; a->n == b->n && i < a->n; i++)
        if (!items_eq(&a->v[i], &b->v[i]))
            return false;
    return a->n == b->n;
}

bool merge_list_has(const struct merge_list *list, struct str key)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i].key, key))
            return true;
    return false;
}

bool merge_value_said(enum merge_column column, const struct db_value *v)
{
    if (column >= COL_ANONYMOUS)
        return v->i != 0;
    return v->type == 't' ? v->s.n > 0 : v->type == 'i';
}
