/* Reading tables: csv-spectrum against its own JSON, csvkit's examples, encodings, faults, lines,
 * and that reading in the middle goes on as reading from the start would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../src/base/arena.h"
#include "../../src/base/check.h"
#include "../../src/crm/import/detect.h"
#include "../../src/crm/import/reader.h"
#include "../../src/crm/import/scan.h"

#define DATA "tests/data/csv-edge-cases/"

static struct str read_whole(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = arena_alloc(a, n + 1);
    assert_int_equal(fread(p, 1, n, f), n);
    fclose(f);
    return (struct str){p, n};
}

struct file {
    struct arena *a;
    struct str bytes;
    struct source source;
    struct detection d;
    struct problem p;
};

static enum err open_bytes(struct file *f, struct arena *a, struct str bytes, enum import_kind kind)
{
    struct scan scan;
    struct reading scanned;
    struct reading_wish wish;
    uint8_t hash[FILE_HASH_BYTES];
    *f = (struct file){.a = a, .bytes = bytes};
    reading_init(&scanned);
    scan_init(&scan);
    for (size_t i = 0; i < bytes.n; i += 7) /* uneven pieces */
        scan_feed(&scan, bytes.p + i, bytes.n - i < 7 ? bytes.n - i : 7);
    enum err e = scan_finish(&scan, hash, &scanned, a, &f->p);
    if (e)
        return e;
    source_memory(&f->source, &f->bytes);
    reading_wish_init(&wish);
    struct detect_for what = {kind, "FR", 2026};
    return detect(&f->source, &scanned, &what, &wish, a, &f->d, &f->p);
}

static void assert_str(struct str s, const char *expected)
{
    if (!str_eq(s, str_c(expected)))
        fail_msg("'%.*s' is not '%s'", (int)s.n, s.p, expected);
}

/* The record as a[b]c… for short tests. */
static const char *joined(struct arena *a, const struct record *rec)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < rec->nfields; i++) {
        buf_addc(&b, '[');
        buf_add(&b, rec->fields[i].p, rec->fields[i].n);
        buf_addc(&b, ']');
    }
    const char *s = arena_cstr(a, buf_str(&b));
    buf_free(&b);
    return s;
}

static void spectrum_one(struct arena *a, const char *name)
{
    struct file f;
    json_t *expected =
        json_load_file(arena_printf(a, DATA "csv-spectrum/json/%s.json", name), 0, NULL);
    struct str bytes = read_whole(a, arena_printf(a, DATA "csv-spectrum/csvs/%s.csv", name));
    assert_int_equal(open_bytes(&f, a, bytes, IMPORT_CUSTOMERS), OK);
    assert_true(f.d.reading.header);
    if (!expected || !json_is_array(expected)) { /* its JSON holds other digits than its CSV */
        assert_string_equal(name, "location_coordinates");
        json_decref(expected);
        return;
    }
    struct reader *r;
    struct record rec;
    assert_int_equal(reader_open(&f.source, &f.d.reading, 0, 1, &r), OK);
    assert_int_equal(reader_next(r, &rec), OK);
    for (size_t row = 0; row < json_array_size(expected); row++) {
        assert_int_equal(reader_next(r, &rec), OK);
        assert_int_equal(rec.fault, RECORD_GOOD);
        assert_int_equal(rec.nfields, f.d.reading.columns);
        for (int c = 0; c < rec.nfields; c++) {
            const char *heading = arena_cstr(a, f.d.columns[c].heading);
            json_t *cell = json_object_get(json_array_get(expected, row), heading);
            assert_non_null(cell);
            assert_str(rec.fields[c], json_string_value(cell));
        }
    }
    assert_int_equal(reader_next(r, &rec), ERR_NOT_FOUND);
    reader_close(&r);
    json_decref(expected);
}

static void csv_spectrum_equals_its_json(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    DIR *dir = opendir(DATA "csv-spectrum/csvs");
    int files = 0;
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));) {
        if (d->d_name[0] == '.')
            continue;
        spectrum_one(a, arena_printf(a, "%.*s", (int)strlen(d->d_name) - 4, d->d_name));
        files++;
    }
    closedir(dir);
    assert_int_equal(files, 12);
    arena_free(&a);
}

/* Every file of csvkit's: what it is refused with, or delimiter, first records and faults. */
static const struct {
    const char *file, *refused, *rows; /* rows: line:fields or line!fault, header first */
} csvkit[] = {
    {"bad.csv", NULL,
     "1[column_a][column_b][column_c] 2[1][27][][I'm too long!] 3[][I'm too short!] 4[0][mixed "
     "types.... uh oh][17]"},
    {"bad_skip_lines.csv", NULL,
     "4[column_a][column_b][column_c] 5[1][27][][I'm too long!] 6[][I'm too short!] 7[0][mixed "
     "types.... uh oh][17]"},
    {"blanks.csv", NULL, "1[a][b][c][d][e][f] 2[][NA][N/A][NONE][NULL][.]"},
    {"date_like_number.csv", NULL, "1[a] 2[4.5]"},
    {"dummy.tsv", NULL, "1[a][b][c] 2[1][2][3]"},
    {"dummy_col_shuffled_ragged.csv", NULL, "1[b][c][a][d] 2[2][3][1][4]"},
    {"empty.csv", "import_no_rows", NULL},
    {"mac_newlines.csv", NULL, "1[a][b][c] 2[1][2][3] 3[Once upon\ra time][5][6]"},
    {"no_header_row3.csv", NULL, "1[1][2][3] 2[4][5][6]"},
    {"null_byte.csv", "import_not_text", NULL},
    {"optional_quote_characters.csv", NULL, "1[a][b][c] 2[1][2][3]"},
    {"sniff_limit.csv", NULL, "1[a][b][c] 2[1][2][3]"},
    {"test_date_format.csv", NULL, "1[a] 2[02/01/2014] 3[31/12/2012]"},
    {"test_empty_columns.csv", NULL, "1[a][b][c][][] 2[a][][][][] 3[][][c][] 4[][][][][]"},
    {"test_empty_columns_long_row.csv", NULL, "1[a][b][c] 2[][][][]"},
    {"test_empty_columns_short_row.csv", NULL, "1[a][b][c] 2[][]"},
    {"test_extra_header.csv", NULL, "1[a][b][c][d] 2[1][2][3]"},
    {"test_header_newline.csv", NULL,
     "1[\t\n\v\f\r start \t\n\v\f\r end \t\n\v\f\r][b][c] 5[d][e][f]"},
    {"test_latin1.csv", NULL, "1[a][b][c] 2[1][2][3] 3[4][5][©]"},
    {"test_locale.csv", NULL, "1[a][b][c] 2[1,7][200.000.000][]"},
    {"test_no_leading_zeroes.csv", NULL, "1[a][b][c] 2[01][00.11][0.1]"},
    {"test_numeric_date_format.csv", NULL, "1[a] 2[20140102] 3[20121231]"},
    {"test_skip_lines.csv", NULL, "4[a][b][c] 5[1][2][3]"},
    {"test_utf16_big.csv", NULL, "1[a][b][c] 2[1][2][3] 3[4][5][ʤ]"},
    {"test_utf16_little.csv", NULL, "1[a][b][c] 2[1][2][3] 3[4][5][ʤ]"},
    {"test_utf8.csv", NULL, "1[foo][bar][baz] 2[1][2][3] 3[4][5][ʤ]"},
    {"test_utf8_bom.csv", NULL, "1[foo][bar][baz] 2[1][2][3] 3[4][5][ʤ]"},
};

static const char *all_records(struct arena *a, const struct source *s,
                               const struct reading *reading)
{
    struct buf b;
    struct reader *r;
    struct record rec;
    buf_init(&b, 1 << 20);
    assert_int_equal(reader_open(s, reading, 0, 1, &r), OK);
    while (reader_next(r, &rec) == OK) {
        buf_printf(&b, "%s%lld", b.n ? " " : "", (long long)rec.line);
        if (rec.fault)
            buf_printf(&b, "!%d", rec.fault);
        else
            buf_adds(&b, joined(a, &rec));
    }
    reader_close(&r);
    const char *text = arena_cstr(a, buf_str(&b));
    buf_free(&b);
    return text;
}

static void csvkit_files_are_read_or_refused(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(csvkit); i++) {
        struct file f;
        struct str bytes =
            read_whole(a, arena_printf(a, DATA "csvkit-examples/%s", csvkit[i].file));
        enum err e = open_bytes(&f, a, bytes, IMPORT_CUSTOMERS);
        if (csvkit[i].refused) {
            assert_int_equal(e, ERR_INVALID);
            assert_string_equal(f.p.code, csvkit[i].refused);
            continue;
        }
        if (e)
            fail_msg("%s: %s", csvkit[i].file, f.p.code);
        assert_string_equal(all_records(a, &f.source, &f.d.reading), csvkit[i].rows);
    }
    assert_int_equal(ARRAY_LEN(csvkit), 27);
    arena_free(&a);
}

static void faults_reject_one_line_only(void **state)
{
    (void)state;
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"a,b\n1,\"open\n2,x\n3,y\n", "1[a][b] 2!3 3[2][x] 4[3][y]"},
        {"a,b\n1,\"o\"pen\n2,x\n", "1[a][b] 2!4 3[2][x]"},
        {"a,b\n1,\"multi\nline\"\n2,x", "1[a][b] 2[1][multi\nline] 4[2][x]"},
        {"a,b\n1,5\" disc\n2,\"\"\"\"\n", "1[a][b] 2[1][5\" disc] 3[2][\"]"},
        {"a,b\n\n\n1,2\r\n\r\n3,4\r", "1[a][b] 4[1][2] 6[3][4]"},
        {"a,b\n1,\xff\n2,x\n", "1[a][b] 2!5 3[2][x]"},
        {"a,b\n1,\"x\"\r\n\"\",\"\"\n", "1[a][b] 2[1][x] 3[][]"},
        {"a,b\n1,\"", "1[a][b] 2!3"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct reading r;
        struct str bytes = str_c(cases[i].text);
        struct source s;
        reading_init(&r);
        source_memory(&s, &bytes);
        assert_string_equal(all_records(a, &s, &r), cases[i].rows);
    }
    arena_free(&a);
}

static void bounds_hold(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct buf b;
    buf_init(&b, 8 << 20);
    buf_adds(&b, "a,b\n1,");
    for (int i = 0; i < (3 << 20); i++)
        buf_addc(&b, 'x');
    buf_adds(&b, "\n2,y\n");
    for (int i = 0; i < 600; i++)
        buf_addc(&b, ',');
    buf_adds(&b, "\n3,z\n4,\"never closed\n");
    for (int i = 0; i < 400000; i++)
        buf_adds(&b, "5,w\n");
    struct str bytes = buf_str(&b);
    struct source s;
    struct reading reading;
    struct reader *r;
    struct record rec;
    reading_init(&reading);
    source_memory(&s, &bytes);
    assert_int_equal(reader_open(&s, &reading, 0, 1, &r), OK);
    static const enum record_fault faults[] = {RECORD_GOOD,     RECORD_TOO_LONG, RECORD_GOOD,
                                               RECORD_TOO_WIDE, RECORD_GOOD,     RECORD_QUOTE_OPEN};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        assert_int_equal(reader_next(r, &rec), OK);
        assert_int_equal(rec.fault, faults[i]);
        assert_int_equal(rec.line, i + 1);
        assert_true(rec.raw.n < RECORD_MAX);
    }
    int good = 0;
    while (reader_next(r, &rec) == OK)
        good += rec.fault == RECORD_GOOD;
    assert_int_equal(good, 400000);
    assert_int_equal(rec.line, 400006);
    reader_close(&r);
    buf_free(&b);
    arena_free(&a);
}

/* Whatever the encoding: opening at `end` and `next_line` of any record gives the next one. */
static void reading_goes_on_anywhere(void **state)
{
    (void)state;
    static const char *const files[] = {
        "csvkit-examples/test_utf16_big.csv",       "csvkit-examples/test_utf16_little.csv",
        "csvkit-examples/test_latin1.csv",          "csvkit-examples/mac_newlines.csv",
        "csvkit-examples/bad_skip_lines.csv",       "csvkit-examples/test_utf8_bom.csv",
        "csv-spectrum/csvs/quotes_and_newlines.csv"};
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct file f;
        struct reader *r, *again;
        struct record rec, other;
        assert_int_equal(open_bytes(&f, a, read_whole(a, arena_printf(a, DATA "%s", files[i])),
                                    IMPORT_CUSTOMERS),
                         OK);
        assert_int_equal(reader_open(&f.source, &f.d.reading, 0, 1, &r), OK);
        enum err e = reader_next(r, &rec);
        while (e == OK) {
            assert_int_equal(reader_open(&f.source, &f.d.reading, rec.end, rec.next_line, &again),
                             OK);
            enum err e2 = reader_next(again, &other);
            e = reader_next(r, &rec);
            assert_int_equal(e, e2);
            if (e == OK) {
                assert_string_equal(joined(a, &rec), joined(a, &other));
                assert_int_equal(rec.line, other.line);
                assert_int_equal(rec.end, other.end);
            }
            reader_close(&again);
        }
        reader_close(&r);
    }
    arena_free(&a);
}

static void what_is_no_table_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        const char *code;
    } cases[] = {
        {{"", 0}, "import_empty"},
        {{"PK\3\4abc", 7}, "import_workbook"},
        {{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8}, "import_workbook"},
        {{"%PDF-1.4\n", 9}, "import_not_csv"},
        {{"\x89PNG\r\n\x1A\n....", 12}, "import_not_csv"},
        {{"\xFF\xD8\xFF\xE0", 4}, "import_not_csv"},
        {{"\xFF\xFE\0\0a\0\0\0", 8}, "import_utf32"},
        {{"a\0\0\0,\0\0\0b\0\0\0\n\0\0\0", 16}, "import_utf32"},
        {{"a,b\n1,\0\n", 8}, "import_not_text"},
        {{"<!DOCTYPE html><p>", 18}, "import_not_csv"},
        {{"\n\n\n", 3}, "import_no_rows"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct file f;
        assert_int_equal(open_bytes(&f, a, cases[i].bytes, IMPORT_CUSTOMERS), ERR_INVALID);
        assert_string_equal(f.p.code, cases[i].code);
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_spectrum_equals_its_json),
        cmocka_unit_test(csvkit_files_are_read_or_refused),
        cmocka_unit_test(faults_reject_one_line_only),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(reading_goes_on_anywhere),
        cmocka_unit_test(what_is_no_table_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
