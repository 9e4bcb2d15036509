/* Cells of customers that an export writes: what is several things in one cell, and the number. */
#include "../../base/check.h"
#include "../../base/text.h"
#include "../block/block.h"
#include "../customer/customer.h"
#include "../group/group.h"
#include "row_value.h"

/* The next part up to `end` or `other`, without its escapes: \; \| \\. False: there is none left.
 */
static bool next_part(struct arena *a, struct str *rest, struct str *ret, char *ret_end)
{
    if (!rest->p)
        return false;
    char *text = arena_alloc(a, rest->n + 1);
    size_t n = 0, i = 0;
    for (; i < rest->n && rest->p[i] != ';' && rest->p[i] != '|'; i++) {
        if (rest->p[i] == '\\' && i + 1 < rest->n)
            i++;
        text[n++] = rest->p[i];
    }
    *ret = str_trim((struct str){text, n});
    *ret_end = i < rest->n ? rest->p[i] : 0;
    *rest = i < rest->n ? (struct str){rest->p + i + 1, rest->n - i - 1} : (struct str){NULL, 0};
    return true;
}

enum { PARTS_MAX = 5 };
/* One entry's parts; false behind the last one. Too many parts: *ret_n is PARTS_MAX + 1. */
static bool next_entry(struct arena *a, struct str *rest, struct str parts[static PARTS_MAX],
                       int *ret_n)
{
    struct str part;
    char end = ';';
    for (int i = 0; i < PARTS_MAX; i++)
        parts[i] = STR("");
    *ret_n = 0;
    while (end == ';' && next_part(a, rest, &part, &end)) {
        if (*ret_n < PARTS_MAX)
            parts[*ret_n] = part;
        *ret_n += *ret_n <= PARTS_MAX;
    }
    return *ret_n > 0;
}

static bool place_of(struct cells *c, const struct str *parts, int n, struct customer_place *ret)
{
    static const size_t most[] = {20, CUSTOMER_ADDRESS_MAX, CUSTOMER_POSTCODE_MAX,
                                  CUSTOMER_NAME_MAX};
    bool known = parts[0].n == 0;
    for (int i = 0; customer_place_kinds[i]; i++)
        known = known || str_eq(parts[0], str_c(customer_place_kinds[i]));
    *ret = (struct customer_place){
        .kind = parts[0], .street = parts[1], .postcode = parts[2], .city = parts[3]};
    for (size_t i = 0; i < ARRAY_LEN(most); i++)
        known = known && text_length(parts[i]) <= most[i];
    return known && n <= PARTS_MAX && parts[1].n + parts[2].n + parts[3].n > 0 &&
           (parts[4].n == 0 || vocabulary_country(c->context->words, parts[4], ret->country));
}

static bool date_of(struct cells *c, const struct str *parts, int n, struct customer_date *ret)
{
    struct birthday b = {0};
    int latest_year = day_to_civil(c->context->latest_day).year;
    bool good =
        n == 2 && parts[0].n > 0 && text_length(parts[0]) <= CUSTOMER_NAME_MAX &&
        value_birthday(parts[1], c->context->reading->date_order, latest_year, &b) == VALUE_OK &&
        b.month && b.day;
    *ret = (struct customer_date){parts[0], b.year, b.month, b.day};
    return good;
}

static void addresses_cell(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    struct str cell = text_cell(c, F_ADDRESSES, 4000), rest = cell, parts[PARTS_MAX];
    int n;
    if (cell.n == 0)
        return;
    struct customer_place *places =
        arena_array(c->arena, struct customer_place, CUSTOMER_PLACES_MAX);
    to->places = places;
    while (next_entry(c->arena, &rest, parts, &n)) {
        if (to->nplaces == CUSTOMER_PLACES_MAX || !place_of(c, parts, n, &places[to->nplaces])) {
            cell_fault(c, "import_bad_addresses", F_ADDRESSES, cell);
            return;
        }
        to->nplaces++;
    }
}

static void dates_cell(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    struct str cell = text_cell(c, F_DATES, 4000), rest = cell, parts[PARTS_MAX];
    int n;
    if (cell.n == 0)
        return;
    struct customer_date *dates = arena_array(c->arena, struct customer_date, CUSTOMER_DATES_MAX);
    to->dates = dates;
    while (next_entry(c->arena, &rest, parts, &n)) {
        if (to->ndates == CUSTOMER_DATES_MAX || !date_of(c, parts, n, &dates[to->ndates])) {
            cell_fault(c, "import_bad_dates", F_DATES, cell);
            return;
        }
        to->ndates++;
    }
}

/* ---- names, labels ---- */

static bool separates(char c)
{
    return c == ',' || c == ';' || c == '|' || c == '\n';
}

/* What stands between commas, semicolons, bars or line breaks, blank or not; \ before one of these
 * and before itself lets it be a sign like others. At most `most`, the last ones are passed over.
 */
static int split(struct arena *a, struct str cell, int most, struct str *ret)
{
    int n = 0;
    char *text = arena_alloc(a, cell.n + 1);
    for (size_t i = 0; i <= cell.n && n < most; i++) {
        size_t length = 0;
        for (; i < cell.n && !separates(cell.p[i]); i++) {
            bool escape = cell.p[i] == '\\' && i + 1 < cell.n &&
                          (separates(cell.p[i + 1]) || cell.p[i + 1] == '\\');
            i += escape;
            text[length++] = cell.p[i];
        }
        ret[n++] = cell_trim((struct str){text, length});
        text += length;
    }
    return n;
}

static int separators(struct str cell)
{
    int n = 0;
    for (size_t i = 0; i < cell.n; i++)
        n += separates(cell.p[i]);
    return n;
}

struct names_rule {
    enum import_field field;
    int most, characters;
    const char *code; /* of a fault */
};

/* Too many, too long, or without a letter where there must be one: a fault. */
static int names_cell(struct cells *c, const struct names_rule *rule, struct str **ret)
{
    struct str cell =
        text_cell(c, rule->field, (size_t)rule->most * (size_t)(rule->characters + 2));
    if (cell.n == 0)
        return 0;
    int all = separators(cell) + 1, n = 0;
    struct str *names = arena_array(c->arena, struct str, (size_t)all);
    all = split(c->arena, cell, all, names);
    for (int i = 0; i < all; i++) {
        if (names[i].n == 0)
            continue;
        bool good = n < rule->most && text_length(names[i]) <= (size_t)rule->characters &&
                    (rule->field != F_GROUPS || text_fold(c->arena, names[i]).n > 0);
        if (!good) {
            row_problem_add(c->row, rule->code, import_field_name(rule->field), "max",
                            arena_printf(c->arena, "%d", rule->most));
            return 0;
        }
        names[n++] = names[i];
    }
    *ret = names;
    return n;
}

/* A word that nobody knows is "other": it is a label, the customer counts. */
static struct str label_of(struct cells *c, struct str word, bool address)
{
    int label;
    if (word.n == 0 || str_eq(word, STR("-")))
        return STR("");
    if (!vocabulary_label(c->context->words, word, &label) || (address && label == 0))
        return STR("other");
    return str_c(customer_labels[label]);
}

void label_cells(struct cells *c)
{
    static const enum import_field columns[2] = {F_PHONE_LABELS, F_EMAIL_LABELS};
    for (int kind = 0; kind < 2; kind++) {
        struct str cell = cell_of(c, columns[kind]);
        if (cell.n == 0)
            continue;
        struct str *labels = arena_array(c->arena, struct str, CUSTOMER_CONTACTS_MAX);
        c->nlabels[kind] = split(c->arena, cell, CUSTOMER_CONTACTS_MAX, labels);
        for (int i = 0; i < c->nlabels[kind]; i++)
            labels[i] = label_of(c, labels[i], false);
        c->labels[kind] = labels;
    }
}

/* A reason alone blocks too. */
static void block_cells(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    struct str cell = cell_of(c, F_BLOCKED);
    bool yes = false;
    to->blocked_reason = text_cell(c, F_BLOCKED_REASON, BLOCK_REASON_MAX);
    if (cell.n == 0)
        to->blocked = to->blocked_reason.n > 0;
    else if (!vocabulary_yes(c->context->words, cell, &yes))
        cell_fault(c, "import_not_yes_or_no", F_BLOCKED, cell);
    else
        *(yes ? &to->blocked : &to->not_blocked) = true;
}

void list_cells(struct cells *c)
{
    static const struct names_rule tags = {F_TAGS, CUSTOMER_TAGS_MAX, WORD_MAX_CHARACTERS,
                                           "import_tags"},
                                   groups = {F_GROUPS, GROUPS_MAX, GROUP_NAME_MAX, "import_groups"};
    struct row_customer *to = &c->row->customer;
    const struct reading *r = c->context->reading;
    struct str cell = cell_of(c, F_NUMBER);
    to->names_said = r->column_of[F_FIRST_NAME] >= 0 || r->column_of[F_LAST_NAME] >= 0 ||
                     r->column_of[F_FULL_NAME] >= 0;
    if (cell.n && (!str_int64(cell, &to->number) || to->number <= 0)) {
        to->number = 0;
        cell_fault(c, "import_not_a_number", F_NUMBER, cell);
    }
    to->address_kind = label_of(c, cell_of(c, F_ADDRESS_KIND), true);
    addresses_cell(c);
    dates_cell(c);
    to->ntags = names_cell(c, &tags, &to->tags);
    to->ngroups = names_cell(c, &groups, &to->groups);
    block_cells(c);
}
