/* Cells of customers that an export writes: what is several things in one cell, and the number. */
#include "../../base/check.h"
#include "../../base/text.h"
#include "../customer/customer.h"
#include "row_value.h"

/* The next part up to `end` or `other`, without its escapes: \; \| \\. False: there is none left. */
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
    static const char *const kinds[] = {"home", "work", "other", NULL};
    static const size_t most[] = {20, CUSTOMER_ADDRESS_MAX, CUSTOMER_POSTCODE_MAX,
                                  CUSTOMER_NAME_MAX};
    bool known = parts[0].n == 0;
    for (int i = 0; kinds[i]; i++)
        known = known || str_eq(parts[0], str_c(kinds[i]));
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
    bool good = n == 2 && parts[0].n > 0 && text_length(parts[0]) <= CUSTOMER_NAME_MAX &&
                value_birthday(parts[1], c->context->reading->date_order, latest_year, &b) ==
                    VALUE_OK &&
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

void list_cells(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    const struct reading *r = c->context->reading;
    struct str cell = cell_of(c, F_NUMBER);
    to->names_said = r->column_of[F_FIRST_NAME] >= 0 || r->column_of[F_LAST_NAME] >= 0 ||
                     r->column_of[F_FULL_NAME] >= 0;
    if (cell.n && (!str_int64(cell, &to->number) || to->number <= 0)) {
        to->number = 0;
        cell_fault(c, "import_not_a_number", F_NUMBER, cell);
    }
    addresses_cell(c);
    dates_cell(c);
}
