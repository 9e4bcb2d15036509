/* One pass over all bytes of a file while they come in: its hash, its encoding and line ends, and
 * whether it is a text at all. Threads: one at a time. */
#pragma once
#include "reading.h"
#include <sodium.h>

#define FILE_HASH_BYTES 32

struct scan {
    crypto_generichash_state hash;
    int64_t bytes;
    char start[64]; /* the first bytes */
    int64_t zeros_even, zeros_odd, lf, cr;
    int64_t utf8_good, utf8_bad; /* sequences of several bytes; bytes that fit nowhere */
    int utf8_need;               /* bytes that the open sequence still wants */
    uint8_t utf8_low, utf8_high; /* bounds of the next one (RFC 3629, table 3-7 of Unicode) */
};
void scan_init(struct scan *s);
void scan_feed(struct scan *s, const char *p, size_t n);
/* Ends it: the hash, and encoding, bom_bytes, mac_lines, format of the reading. ERR_INVALID with
 * code import_empty, import_workbook, import_not_csv {kind}, import_not_text, import_utf32. */
enum err must_use scan_finish(struct scan *s, uint8_t ret_hash[static FILE_HASH_BYTES],
                              struct reading *ret_reading, struct arena *a, struct problem *p);
