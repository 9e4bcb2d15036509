#include "row.h"
#include "../../base/check.h"
#include "../../base/text.h"
#include "../customer/customer.h"
#include "../points/points.h"
#include "../transaction/transaction.h"
#include "row_value.h"

void row_problem_add(struct row *row, const char *code, const char *field, const char *name,
                     const char *value)
{
    if (row->nproblems < ROW_PROBLEMS_MAX)
        row->problems[row->nproblems++] = (struct row_problem){code, field, name, value};
}

void cell_fault(struct cells *c, const char *code, enum import_field f, struct str cell)
{
    row_problem_add(c->row, code, import_field_name(f), "value", shown_value(c->arena, cell));
}

struct str cell_of(const struct cells *c, enum import_field f)
{
    int column = c->context->reading->column_of[f];
    return column >= 0 && column < c->record->nfields ? cell_trim(c->record->fields[column])
                                                      : (struct str){"", 0};
}

const char *shown_value(struct arena *a, struct str s)
{
    size_t n = s.n < 60 ? s.n : 60;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return n < s.n ? arena_printf(a, "%.*s…", (int)n, s.p) : arena_cstr(a, (struct str){s.p, n});
}

static struct str cut_text(struct str s, size_t max)
{
    size_t i = 0;
    for (size_t chars = 0; i < s.n; i++)
        if (((unsigned char)s.p[i] & 0xC0) != 0x80 && chars++ == max)
            break;
    return (struct str){s.p, i};
}

struct str text_cell(struct cells *c, enum import_field f, size_t max)
{
    struct str cell = cell_of(c, f), clean;
    if (cell.n == 0)
        return cell;
    if (text_clean(c->arena, cell, &clean) != OK) {
        cell_fault(c, "import_bad_encoding", f, STR(""));
        return (struct str){"", 0};
    }
    if (clean.n > max && text_length(clean) > max) {
        row_problem_add(c->row, "import_too_long", import_field_name(f), "max",
                        arena_printf(c->arena, "%zu", max));
        return (struct str){"", 0};
    }
    return clean;
}

/* A description is a label: a long one is cut, the sale counts. */
static struct str label_cell(struct cells *c, enum import_field f, size_t max)
{
    struct str cell = cell_of(c, f), clean;
    if (cell.n == 0 || text_clean(c->arena, cell, &clean) != OK)
        return (struct str){"", 0};
    return clean.n > max ? str_trim(cut_text(clean, max)) : clean;
}

/* "17850.0": how some programs write the number 17850. */
static struct str external_id_cell(struct cells *c)
{
    struct str s = text_cell(c, F_EXTERNAL_ID, CUSTOMER_EXTERNAL_MAX);
    if (s.n > 2 && s.p[s.n - 1] == '0' && s.p[s.n - 2] == '.') {
        int64_t whole;
        if (str_int64((struct str){s.p, s.n - 2}, &whole) && whole >= 0)
            s.n -= 2;
    }
    return s;
}

static void contact_add(struct cells *c, const struct row_contact *k)
{
    struct row_customer *to = &c->row->customer;
    for (int i = 0; i < to->ncontacts; i++)
        if (to->contacts[i].email == k->email && str_eq(to->contacts[i].match_key, k->match_key))
            return;
    if (to->ncontacts == 2 * CUSTOMER_CONTACTS_MAX)
        return;
    if ((size_t)to->ncontacts == c->contacts_cap)
        to->contacts = arena_grow(c->arena, to->contacts, (size_t)to->ncontacts, &c->contacts_cap,
                                  sizeof *to->contacts);
    to->contacts[to->ncontacts++] = *k;
}

/* What the labels' column says of the next phone or e-mail. */
static struct str next_label(struct cells *c, int kind)
{
    int i = c->nth[kind]++;
    return i < c->nlabels[kind] ? c->labels[kind][i] : STR("");
}

static void phone_add(struct cells *c, enum import_field f, struct str cell)
{
    char e164[20], key[20];
    static const char *const codes[] = {[PHONE_NOT_A_NUMBER] = "import_phone_not_a_number",
                                        [PHONE_BAD_COUNTRY] = "import_phone_no_country",
                                        [PHONE_TOO_SHORT] = "import_phone_too_short",
                                        [PHONE_TOO_LONG] = "import_phone_too_long",
                                        [PHONE_INVALID] = "import_phone_invalid"};
    struct str label = next_label(c, 0);
    enum phone_verdict v = phone_parse(cell, c->context->country, e164);
    if (v != PHONE_OK) {
        cell_fault(c, codes[v], f, cell);
        return;
    }
    phone_match_key(e164, key);
    contact_add(c, &(struct row_contact){.value = arena_str(c->arena, str_c(e164)),
                                         .match_key = arena_str(c->arena, str_c(key)),
                                         .label = label});
}

static void email_add(struct cells *c, enum import_field f, struct str cell)
{
    struct str label = next_label(c, 1);
    if (email_valid(cell)) {
        contact_add(c, &(struct row_contact){.email = true,
                                             .value = arena_str(c->arena, cell),
                                             .match_key = email_match_key(c->arena, cell),
                                             .label = label});
        return;
    }
    struct str better = email_suggestion(c->arena, cell);
    if (better.n > 0)
        row_problem_add(c->row, "import_email_suggestion", import_field_name(f), "suggestion",
                        arena_cstr(c->arena, better));
    else
        cell_fault(c, "import_email_invalid", f, cell);
}

/* A cell may hold several, between semicolons, commas, bars or line breaks. */
static void contacts_cell(struct cells *c, enum import_field f, bool email)
{
    struct str cell = cell_of(c, f);
    if (cell.n == 0 || str_eq(cell, STR("-")))
        return;
    bool quoted = false;
    size_t from = 0;
    for (size_t i = 0; i <= cell.n; i++) {
        if (i < cell.n && cell.p[i] == '"')
            quoted = !quoted;
        if (i < cell.n && (quoted || !strchr(";,|\n", cell.p[i])))
            continue;
        struct str part = cell_trim((struct str){cell.p + from, i - from});
        if (part.n > 0 && email)
            email_add(c, f, part);
        else if (part.n > 0)
            phone_add(c, f, part);
        from = i + 1;
    }
}

static void country_cell(struct cells *c)
{
    struct str cell = cell_of(c, F_COUNTRY);
    if (cell.n > 0 && !vocabulary_country(c->context->words, cell, c->row->customer.country))
        c->row->country_unknown = true;
}

static void names_cells(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    to->first_name = text_cell(c, F_FIRST_NAME, CUSTOMER_NAME_MAX);
    to->last_name = text_cell(c, F_LAST_NAME, CUSTOMER_NAME_MAX);
    if (to->first_name.n + to->last_name.n == 0) {
        struct str full = text_cell(c, F_FULL_NAME, 2 * CUSTOMER_NAME_MAX);
        name_split(full, &to->first_name, &to->last_name);
        to->first_name = cut_text(to->first_name, CUSTOMER_NAME_MAX);
        to->last_name = cut_text(to->last_name, CUSTOMER_NAME_MAX);
    }
}

static void birthday_cell(struct cells *c)
{
    struct str cell = cell_of(c, F_BIRTHDAY);
    struct row_customer *to = &c->row->customer;
    struct birthday b = {0};
    int latest_year = day_to_civil(c->context->latest_day).year;
    enum value_verdict v = value_birthday(cell, c->context->reading->date_order, latest_year, &b);
    if (v == VALUE_NONE)
        return;
    if (v == VALUE_OK && b.year > 0) {
        int32_t day =
            day_from_civil((struct civil){b.year, b.month ? b.month : 1, b.day ? b.day : 1});
        if (day > c->context->latest_day || b.year < CUSTOMER_BIRTH_YEAR_EARLIEST)
            v = VALUE_IMPOSSIBLE;
    }
    if (v == VALUE_OK) {
        to->birth_year = b.year;
        to->birth_month = b.month;
        to->birth_day = b.day;
    } else {
        cell_fault(c, v == VALUE_WRONG ? "import_not_a_date" : "import_impossible_date", F_BIRTHDAY,
                   cell);
    }
}

static void registered_cell(struct cells *c)
{
    struct str cell = cell_of(c, F_REGISTERED);
    struct when w;
    int latest_year = day_to_civil(c->context->latest_day).year;
    enum value_verdict v = value_when(cell, c->context->reading->date_order, latest_year, &w);
    c->row->customer.registered_day = DAY_NONE;
    if (v == VALUE_NONE)
        return;
    int32_t day = v == VALUE_OK && w.instant ? zone_day(c->context->zone, w.us) : w.day;
    if (v == VALUE_OK && day > c->context->latest_day)
        cell_fault(c, "import_future_date", F_REGISTERED, cell);
    else if (v == VALUE_OK && day < DAY_EARLIEST)
        cell_fault(c, "import_impossible_date", F_REGISTERED, cell);
    else if (v == VALUE_OK)
        c->row->customer.registered_day = day;
    else
        cell_fault(c, v == VALUE_WRONG ? "import_not_a_date" : "import_impossible_date",
                   F_REGISTERED, cell);
}

static void word_cells(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    struct vocabulary *words = c->context->words;
    struct str cell = cell_of(c, F_GENDER);
    if (cell.n > 0 && !str_eq(cell, STR("-")) && !vocabulary_gender(words, cell, &to->gender))
        cell_fault(c, "import_not_a_gender", F_GENDER, cell);
    cell = cell_of(c, F_LANGUAGE);
    if (cell.n > 0 && !vocabulary_language(words, cell, to->language))
        cell_fault(c, "import_not_a_language", F_LANGUAGE, cell);
    cell = cell_of(c, F_DEVICE);
    if (cell.n > 0 && !vocabulary_device(words, cell, &to->device))
        to->device = DEVICE_OTHER;
    static const enum import_field consents[CHANNELS] = {[CHANNEL_SMS] = F_CONSENT_SMS,
                                                         [CHANNEL_EMAIL] = F_CONSENT_EMAIL,
                                                         [CHANNEL_PUSH] = F_CONSENT_PUSH};
    for (int i = 0; i < CHANNELS; i++) {
        bool yes;
        cell = cell_of(c, consents[i]);
        if (cell.n == 0)
            continue;
        if (vocabulary_yes(words, cell, &yes))
            to->consents[i] = yes ? CONSENT_GRANTED : CONSENT_REFUSED;
        else
            cell_fault(c, "import_not_yes_or_no", consents[i], cell);
    }
}

/* "1 250" and "120.0" are whole; "-" is none. */
static void points_cell(struct cells *c)
{
    struct str cell = cell_of(c, F_POINTS);
    int64_t micro = 0;
    if (cell.n == 0 || str_eq(cell, STR("-")))
        return;
    enum value_verdict v = value_decimal(cell, c->context->reading->decimal, 6, &micro);
    if (v == VALUE_NONE)
        return;
    if (v != VALUE_OK || micro % 1000000 != 0)
        cell_fault(c, v == VALUE_IMPOSSIBLE ? "import_number_too_large" : "import_points_not_whole",
                   F_POINTS, cell);
    else if (micro < 0)
        cell_fault(c, "import_points_negative", F_POINTS, cell);
    else if (micro / 1000000 > POINTS_AMOUNT_MAX)
        cell_fault(c, "import_number_too_large", F_POINTS, cell);
    else
        c->row->customer.points = micro / 1000000;
}

static void read_customer(struct cells *c)
{
    struct row_customer *to = &c->row->customer;
    to->external_id = external_id_cell(c);
    names_cells(c);
    label_cells(c);
    for (int f = F_PHONE; f <= F_PHONE4; f++)
        contacts_cell(c, (enum import_field)f, false);
    for (int f = F_EMAIL; f <= F_EMAIL3; f++)
        contacts_cell(c, (enum import_field)f, true);
    country_cell(c);
    if (c->context->kind == IMPORT_TRANSACTIONS)
        return;
    to->nickname = text_cell(c, F_NICKNAME, CUSTOMER_NAME_MAX);
    to->address = text_cell(c, F_ADDRESS, CUSTOMER_ADDRESS_MAX);
    to->postcode = text_cell(c, F_POSTCODE, CUSTOMER_POSTCODE_MAX);
    to->city = text_cell(c, F_CITY, CUSTOMER_NAME_MAX);
    to->store = text_cell(c, F_STORE, WORD_MAX_CHARACTERS);
    to->source = text_cell(c, F_SOURCE, WORD_MAX_CHARACTERS);
    to->facebook = text_cell(c, F_FACEBOOK, CUSTOMER_NAME_MAX);
    to->twitter = text_cell(c, F_TWITTER, CUSTOMER_NAME_MAX);
    to->google = text_cell(c, F_GOOGLE, CUSTOMER_NAME_MAX);
    to->instagram = text_cell(c, F_INSTAGRAM, CUSTOMER_NAME_MAX);
    to->website = text_cell(c, F_WEBSITE, CUSTOMER_WEBSITE_MAX);
    list_cells(c);
    word_cells(c);
    birthday_cell(c);
    registered_cell(c);
    points_cell(c);
    if (to->external_id.n + (size_t)to->ncontacts == 0 && to->number == 0 && c->row->nproblems == 0)
        row_problem_add(c->row, "import_no_key", NULL, NULL, NULL);
}

static int64_t local_instant(struct row_context *c, int32_t day, int32_t second)
{
    if (day != c->cached_day || second != c->cached_second) {
        c->cached_us = zone_instant(c->zone, day, second);
        c->cached_day = day;
        c->cached_second = second;
    }
    return c->cached_us;
}

static void date_cells(struct cells *c)
{
    struct row_context *x = c->context;
    struct row_sale *to = &c->row->sale;
    struct str cell = cell_of(c, F_DATE), time = cell_of(c, F_TIME);
    struct when w;
    enum value_verdict v =
        value_when(cell, x->reading->date_order, day_to_civil(x->latest_day).year, &w);
    if (v == VALUE_NONE) {
        row_problem_add(c->row, "import_empty_cell", import_field_name(F_DATE), NULL, NULL);
        return;
    }
    if (v != VALUE_OK) {
        cell_fault(c, v == VALUE_WRONG ? "import_not_a_date" : "import_impossible_date", F_DATE,
                   cell);
        return;
    }
    if (w.second < 0 && time.n > 0 && value_time(time, &w.second) != VALUE_OK) {
        cell_fault(c, "import_not_a_time", F_TIME, time);
        return;
    }
    if (w.instant)
        w.day = zone_day(x->zone, w.us);
    to->day = w.day;
    to->at_us = w.instant ? w.us : local_instant(x, w.day, w.second > 0 ? w.second : 0);
    if (w.day > x->latest_day)
        cell_fault(c, "import_future_date", F_DATE, cell);
    else if (w.day < SALE_DAY_EARLIEST)
        cell_fault(c, "import_impossible_date", F_DATE, cell);
}

/* False: told. VALUE_NONE leaves *ret alone and is true. */
static bool number_cell(struct cells *c, enum import_field f, int scale, int64_t *ret,
                        bool *ret_given)
{
    struct str cell = cell_of(c, f);
    enum value_verdict v = value_decimal(cell, c->context->reading->decimal, scale, ret);
    *ret_given = v == VALUE_OK;
    if (v == VALUE_WRONG)
        cell_fault(c, "import_not_a_number", f, cell);
    else if (v == VALUE_IMPOSSIBLE)
        cell_fault(c, "import_number_too_large", f, cell);
    return v == VALUE_OK || v == VALUE_NONE;
}

/* The line total as written decides; the price of one piece then follows from it. */
static bool price_from_amount(struct row_sale *s, int64_t amount_micro)
{
    if ((s->quantity_milli < 0) != (amount_micro < 0) && s->quantity_milli < 0)
        amount_micro = -amount_micro; /* "-1 piece, 10.00" came back */
    s->value_nano = (__int128)amount_micro * 1000;
    __int128 n = (__int128)amount_micro * 1000, q = s->quantity_milli;
    __int128 price = n / q, rest = n % q;
    if (2 * (rest < 0 ? -rest : rest) >= (q < 0 ? -q : q))
        price += (n < 0) == (q < 0) ? 1 : -1;
    s->price_micro = (int64_t)price;
    return price <= PRICE_MICRO_MAX && price >= -PRICE_MICRO_MAX;
}

static void money_cells(struct cells *c)
{
    struct row_sale *s = &c->row->sale;
    int64_t amount = 0;
    bool quantity_given, price_given, amount_given;
    s->quantity_milli = 1000;
    if (!number_cell(c, F_QUANTITY, 3, &s->quantity_milli, &quantity_given) ||
        !number_cell(c, F_PRICE, 6, &s->price_micro, &price_given) ||
        !number_cell(c, F_AMOUNT, 6, &amount, &amount_given))
        return;
    if (s->quantity_milli == 0) {
        row_problem_add(c->row, "import_quantity_zero", import_field_name(F_QUANTITY), NULL, NULL);
        return;
    }
    if (!price_given && !amount_given) {
        bool amounts = c->context->reading->column_of[F_AMOUNT] >= 0;
        row_problem_add(c->row, "import_empty_cell",
                        import_field_name(amounts ? F_AMOUNT : F_PRICE), NULL, NULL);
        return;
    }
    s->value_nano = (__int128)s->quantity_milli * s->price_micro;
    bool fits = !amount_given || price_from_amount(s, amount);
    if (!fits || !transaction_amount(s->quantity_milli, s->price_micro,
                                     c->context->currency_decimals, &s->amount_minor))
        cell_fault(c, "import_number_too_large", amount_given ? F_AMOUNT : F_PRICE,
                   cell_of(c, amount_given ? F_AMOUNT : F_PRICE));
}

static void read_sale(struct cells *c)
{
    struct row_sale *s = &c->row->sale;
    s->invoice = text_cell(c, F_INVOICE, TRANSACTION_INVOICE_MAX);
    s->store = text_cell(c, F_STORE, WORD_MAX_CHARACTERS);
    s->product_code = text_cell(c, F_PRODUCT_CODE, TRANSACTION_CODE_MAX);
    s->product = label_cell(c, F_PRODUCT, TRANSACTION_PRODUCT_MAX);
    s->category = text_cell(c, F_CATEGORY, WORD_MAX_CHARACTERS);
    s->size = text_cell(c, F_SIZE, WORD_MAX_CHARACTERS);
    s->url = text_cell(c, F_URL, TRANSACTION_URL_MAX);
    date_cells(c);
    money_cells(c);
    struct str currency = cell_of(c, F_CURRENCY);
    if (currency.n > 0 && !currency_matches(currency, c->context->currency))
        row_problem_add(c->row, "import_other_currency", import_field_name(F_CURRENCY), "currency",
                        c->context->currency);
}

void row_read(struct row_context *context, const struct record *rec, struct arena *a,
              struct row *ret)
{
    *ret = (struct row){.line = rec->line};
    ret->customer.registered_day = DAY_NONE;
    if (rec->fault != RECORD_GOOD) {
        row_problem_add(ret, record_fault_code(rec->fault), NULL, NULL, NULL);
        return;
    }
    ret->blank = true;
    for (int i = 0; i < rec->nfields && ret->blank; i++)
        ret->blank = cell_trim(rec->fields[i]).n == 0;
    if (ret->blank)
        return;
    int width = context->reading->columns;
    if (rec->nfields != width) {
        row_problem_add(ret, rec->nfields < width ? "import_row_short" : "import_row_long", NULL,
                        "columns", arena_printf(a, "%d/%d", rec->nfields, width));
        return;
    }
    struct cells c = {context, rec, a, ret};
    read_customer(&c);
    if (context->kind == IMPORT_TRANSACTIONS)
        read_sale(&c);
}
