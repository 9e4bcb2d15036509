#include "column_stats.h"
#include "../../base/check.h"
#include "../../base/text.h"
#include "value.h"

/* Digits of a phone's writing; 0: other signs than phones have. */
static int phone_digits(struct str s, bool *ret_signs)
{
    int digits = 0;
    *ret_signs = s.n > 0 && (s.p[0] == '+' || s.p[0] == '0');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else if (!strchr("+ ()-./", s.p[i]))
            return 0;
        else if (i > 0 && strchr(" -()", s.p[i]))
            *ret_signs = true;
    }
    return digits;
}

static bool is_integer(struct str s)
{
    int64_t v;
    return str_int64(s, &v);
}

static bool is_number(struct str s)
{
    int64_t v;
    return value_decimal(s, '.', 6, &v) == VALUE_OK || value_decimal(s, ',', 6, &v) == VALUE_OK;
}

static bool is_date(struct str s)
{
    struct when w;
    for (int o = 0; o < DATE_ORDERS; o++)
        if (value_when(s, (enum date_order)o, 2099, &w) == VALUE_OK)
            return s.n != 5; /* a serial number may be any number */
    return false;
}

static void keep(char kept[20][24], int *n, struct str cell)
{
    if (*n < 20 && cell.n < 24) {
        memcpy(kept[*n], cell.p, cell.n);
        kept[(*n)++][cell.n] = 0;
    }
}

void column_stats_add(struct column_stats *s, struct str cell)
{
    if (cell.n == 0)
        return;
    bool signs;
    s->filled++;
    s->emails += memchr(cell.p, '@', cell.n) && email_valid(cell);
    s->integers += is_integer(cell);
    s->spaced += memchr(cell.p, ' ', cell.n) != NULL;
    int digits = phone_digits(cell, &signs);
    if (is_date(cell)) {
        s->dates++;
        int orders = value_date_orders(cell);
        for (int o = 0; o < DATE_ORDERS; o++)
            s->date_orders[o] += orders >> o & 1;
    } else if (digits >= 7 && digits <= 15) {
        s->phone_like++;
        s->phone_signs += signs;
        keep(s->phones, &s->nphones, cell);
    }
    if (is_number(cell)) {
        s->numbers++;
        char sign = value_decimal_hint(cell);
        s->points += sign == '.';
        s->commas += sign == ',';
    }
}

bool cell_is_value(struct str cell)
{
    bool signs;
    return (memchr(cell.p, '@', cell.n) && email_valid(cell)) || is_number(cell) || is_date(cell) ||
           phone_digits(cell, &signs) >= 7;
}

bool column_is_email(const struct column_stats *s)
{
    return s->filled > 0 && s->emails * 10 >= s->filled * 7;
}

bool column_is_date(const struct column_stats *s)
{
    return s->filled > 0 && s->dates * 10 >= s->filled * 7;
}

bool column_is_phone(const struct column_stats *s, const char *country)
{
    if (s->filled == 0 || s->phone_like * 10 < s->filled * 7 || s->phone_signs * 2 < s->phone_like)
        return false;
    int good = 0;
    for (int i = 0; i < s->nphones; i++) {
        char e164[20];
        good += phone_parse(str_c(s->phones[i]), country, e164) == PHONE_OK;
    }
    return s->nphones > 0 && good * 2 >= s->nphones;
}

bool column_plausible(const struct column_stats *s, enum import_field f)
{
    if (s->filled == 0)
        return true;
    switch (f) {
    case F_DATE:
        return s->dates * 4 >= s->filled;
    case F_EMAIL:
    case F_EMAIL2:
    case F_EMAIL3:
        return s->emails * 4 >= s->filled;
    case F_PHONE:
    case F_PHONE2:
    case F_PHONE3:
    case F_PHONE4:
        return s->emails * 2 < s->filled && s->dates * 2 < s->filled;
    case F_PRICE:
    case F_AMOUNT:
    case F_QUANTITY:
        return s->numbers * 4 >= s->filled;
    case F_EXTERNAL_ID:
        return s->spaced * 2 < s->filled; /* "client": a name rather than a number */
    case F_FULL_NAME:
    case F_FIRST_NAME:
    case F_LAST_NAME:
        return s->numbers * 2 < s->filled;
    case F_STORE:
        return s->emails * 2 < s->filled;
    default:
        return true;
    }
}
