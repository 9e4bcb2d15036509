/* Any bytes as a file to import: detection and reading never crash, offsets go forward, every cell
 * is a value or refused, and a reader that starts again at a record's end reads on the same. */
#include "../../src/base/check.h"
#include "../../src/crm/import/detect.h"
#include "../../src/crm/import/reader.h"
#include "../../src/crm/import/scan.h"
#include "../../src/crm/import/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_cell(struct str cell, const struct reading *r)
{
    struct when when;
    struct birthday birthday;
    int64_t number;

    (void)value_decimal(cell, r->decimal, 6, &number);
    if (value_when(cell, r->date_order, 2026, &when) == VALUE_OK)
        check(civil_valid(day_to_civil(when.day)));
    (void)value_birthday(cell, r->date_order, 2026, &birthday);
    (void)value_date_orders(cell);
}

/* Reads all records; checks that they go forward. Returns a sum that tells two readings apart. */
static uint64_t read_all(const struct source *source, const struct reading *r, int64_t offset,
                         int64_t line, int64_t stop_after, struct record *ret_last)
{
    cleanup(reader_close) struct reader *reader = NULL;
    struct record record = {.end = offset, .next_line = line};
    uint64_t sum = 0;
    int64_t before = offset;

    check(reader_open(source, r, offset, line, &reader) == OK);
    for (int64_t i = 0; i != stop_after; i++) {
        enum err err = reader_next(reader, &record);
        if (err != OK) {
            check(err == ERR_NOT_FOUND);
            break;
        }
        check(record.end > before && record.end <= source->bytes);
        before = record.end;
        sum = sum * 31 + (uint64_t)record.end + (uint64_t)record.fault + (uint64_t)record.nfields;
        for (int f = 0; f < record.nfields; f++)
            read_cell(record.fields[f], r);
        if (ret_last)
            *ret_last = record;
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup(arena_free) struct arena *a = arena_new();
    struct str bytes = {(const char *)data, size};
    struct problem p = {.from = -1};
    struct reading scanned;
    struct detection found = {0};
    struct scan scan;
    struct source source;
    uint8_t hash[FILE_HASH_BYTES];
    struct reading_wish wish;
    struct detect_for what = {.kind = size % 2 ? IMPORT_CUSTOMERS : IMPORT_TRANSACTIONS,
                              .country = "FR",
                              .last_year = 2026};

    if (size == 0)
        return 0;
    scan_init(&scan);
    scan_feed(&scan, bytes.p, size / 2);
    scan_feed(&scan, bytes.p + size / 2, size - size / 2);
    if (scan_finish(&scan, hash, &scanned, a, &p) != OK) {
        check(p.code);
        return 0;
    }
    source_memory(&source, &bytes);
    reading_wish_init(&wish);
    if (detect(&source, &scanned, &what, &wish, a, &found, &p) != OK) {
        check(p.code);
        return 0;
    }
    struct record half = {0};
    read_all(&source, &found.reading, 0, 1, -1, NULL);
    read_all(&source, &found.reading, 0, 1, 2, &half);
    if (half.end > 0)
        read_all(&source, &found.reading, half.end, half.next_line, -1, NULL);
    return 0;
}
