#include "detect.h"
#include "../../base/check.h"
#include "../../base/text.h"
#include "column_stats.h"
#include "heading.h"
#include "reader.h"
#include "value.h"
#include "vcard.h"

enum { TRY_RECORDS = 200, HEAD_RECORDS = 1000, PART_RECORDS = 500, SAMPLE_BYTES = 200 };

void reading_wish_init(struct reading_wish *w)
{
    *w = (struct reading_wish){.encoding = -1, .date_order = -1, .header = -1};
}

static void free_reader(struct reader **r)
{
    reader_close(r);
}

/* How regular the first records are with this delimiter: share of records, in thousandths, with as
 * many fields as most have; 0 when most have one. */
static enum err regularity(const struct source *source, const struct reading *r, int *ret_share,
                           int *ret_width)
{
    cleanup(free_reader) struct reader *reader = NULL;
    int *counts = NULL, records = 0;
    enum err e = reader_open(source, r, 0, 1, &reader);
    struct arena *a = arena_new();
    counts = arena_array(a, int, COLUMNS_MAX + 1);
    for (struct record rec; e == OK && records < TRY_RECORDS; records++) {
        e = reader_next(reader, &rec);
        if (e == OK)
            counts[rec.fault == RECORD_GOOD ? rec.nfields : 0]++;
    }
    if (e == ERR_NOT_FOUND) {
        records--;
        e = OK;
    }
    int width = 1;
    for (int i = 2; i <= COLUMNS_MAX; i++)
        if (counts[i] > counts[width])
            width = i;
    *ret_share = width > 1 && records > 0 ? 1000 * counts[width] / records : 0;
    *ret_width = width;
    arena_free(&a);
    return e;
}

/* Aligned columns have runs of blanks in nearly every line; a list of two-word names has not. */
static enum err looks_aligned(const struct source *source, const struct reading *r, bool *ret)
{
    cleanup(free_reader) struct reader *reader = NULL;
    enum err e = reader_open(source, r, 0, 1, &reader);
    int records = 0, runs = 0;
    struct record rec;
    while (e == OK && records < TRY_RECORDS && (e = reader_next(reader, &rec)) == OK) {
        bool run = rec.raw.n > 0 && rec.raw.p[0] == ' ';
        for (size_t i = 1; i < rec.raw.n && !run; i++)
            run = rec.raw.p[i] == ' ' && rec.raw.p[i - 1] == ' ';
        runs += run;
        records++;
    }
    *ret = records >= 3 && runs * 10 >= records * 9;
    return e == ERR_NOT_FOUND ? OK : e;
}

static enum err find_delimiter(const struct source *source, struct reading *r)
{
    static const char candidates[] = {'\t', ';', '|', ','};
    char best = ',';
    int best_share = 0, best_width = 1, share, width;
    for (size_t i = 0; i < sizeof candidates; i++) {
        r->delimiter = candidates[i];
        enum err e = regularity(source, r, &share, &width);
        if (e)
            return e;
        if (share > best_share + 50 ||
            (share >= best_share - 50 && share > 0 && width > best_width)) {
            best = candidates[i];
            best_share = share;
            best_width = width;
        }
    }
    if (best_share < 900) {
        bool aligned;
        r->delimiter = ' ';
        enum err e = regularity(source, r, &share, &width);
        if (e || (e = looks_aligned(source, r, &aligned)))
            return e;
        if (aligned && share >= 900)
            best = ' ';
    }
    r->delimiter = best;
    return OK;
}

/* The first record, and whether it looks like headings: names of ours, or words above numbers. */
static bool is_header(const struct headings *h, enum import_kind kind, const struct record *first,
                      struct arena *a)
{
    int known = 0, values = 0, empty = 0;
    for (int c = 0; c < first->nfields; c++) {
        struct str cell = cell_trim(first->fields[c]);
        struct str folded = text_fold(a, cell);
        for (int f = 0; f < FIELDS_MAX; f++)
            if (import_field_of_kind((enum import_field)f, kind) &&
                heading_score(h, kind, (enum import_field)f, folded) >= HEADING_DOUBTFUL) {
                known++;
                break;
            }
        values += cell_is_value(cell);
        empty += cell.n == 0;
    }
    return values == 0 ? empty < first->nfields : known > values;
}

struct columns {
    const struct headings *headings;
    struct column *shown;
    struct column_stats *stats;
    int n;
};

static void take_record(struct columns *c, const struct record *rec, struct arena *a, bool show)
{
    for (int i = 0; i < rec->nfields && i < c->n; i++) {
        struct str cell = cell_trim(rec->fields[i]);
        column_stats_add(&c->stats[i], cell);
        if (show && cell.n > 0 && c->shown[i].nsamples < SAMPLES_SHOWN) {
            struct str cut = {cell.p, cell.n < SAMPLE_BYTES ? cell.n : SAMPLE_BYTES};
            while (cut.n < cell.n && cut.n > 0 && ((unsigned char)cell.p[cut.n] & 0xC0) == 0x80)
                cut.n--;
            struct str clean;
            if (text_clean(a, cut, &clean) == OK)
                c->shown[i].samples[c->shown[i].nsamples++] = clean;
        }
    }
}

static enum err read_part(const struct source *source, const struct reading *r, int64_t offset,
                          int records, struct columns *c, struct arena *a)
{
    cleanup(free_reader) struct reader *reader = NULL;
    struct record rec;
    enum err e = reader_open(source, r, offset, 1, &reader);
    bool first = true;
    while (e == OK && records-- > 0 && (e = reader_next(reader, &rec)) == OK) {
        bool passed_over = first && (offset > 0 || r->header);
        first = false;
        if (!passed_over && rec.fault == RECORD_GOOD && (offset == 0 || rec.nfields == c->n))
            take_record(c, &rec, a, offset == 0);
    }
    return e == ERR_NOT_FOUND ? OK : e;
}

/* The middle and the end too: an order of dates may show only on the 13th. */
static enum err read_parts(const struct source *source, const struct reading *r, struct columns *c,
                           struct arena *a)
{
    enum err e = read_part(source, r, 0, HEAD_RECORDS, c, a);
    int64_t part = 128 << 10;
    if (e || r->format == FORMAT_VCARD || source->bytes < 4 * part)
        return e;
    for (int i = 1; i <= 4 && e == OK; i++) {
        int64_t at = (source->bytes - part) * i / 4;
        at -= (at - r->bom_bytes) % 2;
        e = read_part(source, r, at, PART_RECORDS, c, a);
    }
    return e;
}

static enum err first_record(const struct source *source, struct reading *r,
                             const struct detect_for *what, const struct reading_wish *wish,
                             struct columns *c, struct arena *a, struct problem *p)
{
    cleanup(free_reader) struct reader *reader = NULL;
    struct record rec;
    enum err e = reader_open(source, r, 0, 1, &reader);
    if (e || (e = reader_next(reader, &rec)))
        return e == ERR_NOT_FOUND ? problem_set(p, a, ERR_INVALID, "import_no_rows", NULL, NULL)
                                  : e;
    if (rec.fault != RECORD_GOOD)
        return problem_set(p, a, ERR_INVALID, record_fault_code(rec.fault), NULL, NULL);
    c->n = rec.nfields;
    c->shown = arena_array(a, struct column, (size_t)c->n);
    c->stats = arena_array(a, struct column_stats, (size_t)c->n);
    r->header = wish->header >= 0 ? wish->header : is_header(c->headings, what->kind, &rec, a);
    for (int i = 0; i < c->n; i++) {
        c->shown[i].heading = STR("");
        if (r->header && text_clean(a, cell_trim(rec.fields[i]), &c->shown[i].heading) != OK)
            c->shown[i].heading = STR("");
    }
    return OK;
}

/* --- which column is what --- */

static void assign(struct reading *r, int16_t *field_of, enum import_field f, int column)
{
    if (field_of[column] >= 0)
        r->column_of[field_of[column]] = -1;
    if (r->column_of[f] >= 0)
        field_of[r->column_of[f]] = -1;
    r->column_of[f] = (int16_t)column;
    field_of[column] = (int16_t)f;
}

/* Best scores first; what the cells say against it is heard. */
static void guess_by_heading(struct reading *r, int16_t *field_of, enum import_kind kind,
                             const struct columns *c, struct arena *a)
{
    const struct headings *h = c->headings;
    struct str *folded = arena_array(a, struct str, (size_t)c->n);
    int16_t *scores = arena_alloc_array(a, (size_t)c->n * FIELDS_MAX, sizeof(int16_t));
    for (int i = 0; i < c->n; i++) {
        folded[i] = text_fold(a, c->shown[i].heading);
        for (int f = 0; f < FIELDS_MAX; f++) {
            int s = import_field_of_kind((enum import_field)f, kind)
                        ? heading_score(h, kind, (enum import_field)f, folded[i])
                        : 0;
            if (s > 0 && s < HEADING_EXACT && !column_plausible(&c->stats[i], (enum import_field)f))
                s = 0;
            scores[i * FIELDS_MAX + f] = (int16_t)s;
        }
    }
    for (int bar = 100; bar >= 40; bar--)
        for (int i = 0; i < c->n; i++)
            for (int f = 0; f < FIELDS_MAX; f++)
                if (scores[i * FIELDS_MAX + f] == bar && field_of[i] < 0 && r->column_of[f] < 0)
                    assign(r, field_of, (enum import_field)f, i);
}

static void guess_by_content(struct reading *r, int16_t *field_of, enum import_kind kind,
                             const struct columns *c, const char *country)
{
    static const enum import_field emails[] = {F_EMAIL, F_EMAIL2, F_EMAIL3};
    static const enum import_field phones[] = {F_PHONE, F_PHONE2, F_PHONE3, F_PHONE4};
    size_t mails = kind == IMPORT_CUSTOMERS ? ARRAY_LEN(emails) : 1;
    size_t lines = kind == IMPORT_CUSTOMERS ? ARRAY_LEN(phones) : 1;
    for (int i = 0; i < c->n; i++) {
        if (field_of[i] >= 0)
            continue;
        const enum import_field *fields = NULL;
        size_t n = 0;
        if (column_is_email(&c->stats[i])) {
            fields = emails;
            n = mails;
        } else if (column_is_phone(&c->stats[i], country)) {
            fields = phones;
            n = lines;
        } else if (kind == IMPORT_TRANSACTIONS && column_is_date(&c->stats[i]) &&
                   r->column_of[F_DATE] < 0) {
            assign(r, field_of, F_DATE, i);
        }
        for (size_t k = 0; k < n; k++)
            if (r->column_of[fields[k]] < 0) {
                assign(r, field_of, fields[k], i);
                break;
            }
    }
}

static void map_vcard(struct reading *r, int16_t *field_of)
{
    static const enum import_field fields[VCARD_COLUMNS] = {
        F_FULL_NAME, F_FIRST_NAME, F_LAST_NAME, F_NICKNAME, F_PHONE,  F_PHONE2,
        F_PHONE3,    F_PHONE4,     F_EMAIL,     F_EMAIL2,   F_EMAIL3, F_BIRTHDAY,
        F_ADDRESS,   F_CITY,       F_POSTCODE,  F_COUNTRY};
    for (int i = 0; i < VCARD_COLUMNS; i++)
        assign(r, field_of, fields[i], i);
}

static enum err no_such_column(const struct column_wish *w, struct arena *a, struct problem *p)
{
    const char *column =
        w->column >= 0 ? arena_printf(a, "%d", w->column + 1) : arena_cstr(a, w->heading);
    return problem_set(p, a, ERR_INVALID, "import_no_such_column", import_field_name(w->field),
                       "column", column, NULL);
}

static enum err map_wishes(struct reading *r, int16_t *field_of, const struct reading_wish *wish,
                           const struct columns *c, struct arena *a, struct problem *p)
{
    for (int i = 0; i < wish->ncolumns; i++) {
        const struct column_wish *w = &wish->columns[i];
        int column = w->column;
        if (column == -2) {
            if (r->column_of[w->field] >= 0)
                field_of[r->column_of[w->field]] = -1;
            r->column_of[w->field] = -1;
            continue;
        }
        struct str folded = text_fold(a, w->heading);
        for (int k = 0; column == -1 && k < c->n; k++)
            if (str_eq(c->shown[k].heading, w->heading) ||
                (folded.n > 0 && str_eq(text_fold(a, c->shown[k].heading), folded)))
                column = k;
        if (column < 0 || column >= c->n)
            return no_such_column(w, a, p);
        assign(r, field_of, w->field, column);
    }
    return OK;
}

/* --- signs and orders, from the columns that have them --- */

static void find_decimal(struct reading *r, const struct columns *c)
{
    static const enum import_field numbers[] = {F_PRICE, F_AMOUNT, F_QUANTITY};
    int64_t points = 0, commas = 0;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        if (r->column_of[numbers[i]] >= 0) {
            points += c->stats[r->column_of[numbers[i]]].points;
            commas += c->stats[r->column_of[numbers[i]]].commas;
        }
    }
    r->decimal = commas > points || (commas == points && r->delimiter == ';') ? ',' : '.';
}

static bool month_first(const char *country)
{
    return strcmp(country, "US") == 0 || strcmp(country, "PH") == 0;
}

static void find_date_order(struct reading *r, const struct columns *c, const char *country)
{
    static const enum import_field dates[] = {F_DATE, F_BIRTHDAY, F_REGISTERED};
    int64_t possible[DATE_ORDERS] = {0, 0, 0};
    for (size_t i = 0; i < ARRAY_LEN(dates); i++)
        for (int o = 0; o < DATE_ORDERS && r->column_of[dates[i]] >= 0; o++)
            possible[o] += c->stats[r->column_of[dates[i]]].date_orders[o];
    enum date_order usual = month_first(country) ? DATE_MDY : DATE_DMY;
    r->date_order = usual;
    for (int o = 0; o < DATE_ORDERS; o++)
        if (possible[o] > possible[r->date_order])
            r->date_order = (enum date_order)o;
}

enum err detect(const struct source *source, const struct reading *scanned,
                const struct detect_for *what, const struct reading_wish *wish, struct arena *a,
                struct detection *ret, struct problem *p)
{
    struct reading r;
    struct columns c = {.headings = headings_new(a)};
    reading_init(&r);
    r.format = scanned->format;
    r.encoding = wish->encoding >= 0 ? (enum encoding)wish->encoding : scanned->encoding;
    r.bom_bytes = r.encoding == scanned->encoding ? scanned->bom_bytes : 0;
    r.mac_lines = scanned->mac_lines;
    enum err e = OK;
    if (r.format == FORMAT_VCARD) {
        if (what->kind != IMPORT_CUSTOMERS)
            return problem_set(p, a, ERR_INVALID, "import_cards_are_customers", NULL, NULL);
        r.header = false;
        c.n = VCARD_COLUMNS;
        c.shown = arena_array(a, struct column, (size_t)c.n);
        c.stats = arena_array(a, struct column_stats, (size_t)c.n);
        for (int i = 0; i < c.n; i++)
            c.shown[i].heading = str_c(vcard_headings[i]);
    } else {
        if (wish->delimiter)
            r.delimiter = wish->delimiter;
        else
            e = find_delimiter(source, &r);
        if (e == OK)
            e = first_record(source, &r, what, wish, &c, a, p);
    }
    if (e || (e = read_parts(source, &r, &c, a)))
        return e;
    r.columns = c.n;
    int16_t *field_of = arena_alloc_array(a, (size_t)c.n, sizeof(int16_t));
    memset(field_of, -1, (size_t)c.n * sizeof(int16_t));
    if (r.format == FORMAT_VCARD) {
        map_vcard(&r, field_of);
    } else if (!wish->whole_mapping) {
        guess_by_heading(&r, field_of, what->kind, &c, a);
        guess_by_content(&r, field_of, what->kind, &c, what->country);
    }
    if ((e = map_wishes(&r, field_of, wish, &c, a, p)))
        return e;
    find_decimal(&r, &c);
    find_date_order(&r, &c, what->country);
    r.decimal = wish->decimal ? wish->decimal : r.decimal;
    r.date_order = wish->date_order >= 0 ? (enum date_order)wish->date_order : r.date_order;
    r.chosen = (wish->delimiter ? CHOSEN_DELIMITER : 0) |
               (wish->encoding >= 0 ? CHOSEN_ENCODING : 0) | (wish->decimal ? CHOSEN_DECIMAL : 0) |
               (wish->date_order >= 0 ? CHOSEN_DATE_ORDER : 0) |
               (wish->header >= 0 ? CHOSEN_HEADER : 0) | (wish->whole_mapping ? CHOSEN_COLUMNS : 0);
    *ret = (struct detection){r, c.shown};
    return OK;
}

int detect_missing(const struct reading *r, enum import_kind kind, const char **names, int max)
{
    const int16_t *has = r->column_of;
    int n = 0;
    if (kind == IMPORT_CUSTOMERS && has[F_EXTERNAL_ID] < 0 && has[F_PHONE] < 0 &&
        has[F_EMAIL] < 0 && n < max)
        names[n++] = import_field_name(F_EXTERNAL_ID);
    if (kind == IMPORT_TRANSACTIONS && has[F_DATE] < 0 && n < max)
        names[n++] = import_field_name(F_DATE);
    if (kind == IMPORT_TRANSACTIONS && has[F_PRICE] < 0 && has[F_AMOUNT] < 0 && n < max)
        names[n++] = import_field_name(F_PRICE);
    return n;
}
