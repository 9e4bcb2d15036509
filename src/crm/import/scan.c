#include "scan.h"
#include "../../base/check.h"

/* What starts so is no CSV (the bytes that file(1) goes by). */
static const struct {
    struct str start;
    const char *kind; /* NULL: a workbook */
} magic[] = {
    {{"PK\3\4", 4}, NULL},
    {{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8}, NULL},
    {{"PK\5\6", 4}, "ZIP"},
    {{"%PDF-", 5}, "PDF"},
    {{"\x89PNG\r\n\x1A\n", 8}, "PNG"},
    {{"\xFF\xD8\xFF", 3}, "JPEG"},
    {{"GIF8", 4}, "GIF"},
    {{"RIFF", 4}, "RIFF"},
    {{"\x1F\x8B", 2}, "gzip"},
    {{"BZh", 3}, "bzip2"},
    {{"\xFD"
      "7zXZ",
      5},
     "xz"},
    {{"7z\xBC\xAF", 4}, "7z"},
    {{"Rar!", 4}, "RAR"},
    {{"\x28\xB5\x2F\xFD", 4}, "zstd"},
    {{"\x7F"
      "ELF",
      4},
     "ELF"},
    {{"SQLite format 3", 15}, "SQLite"},
    {{"{\\rtf", 5}, "RTF"},
    {{"<?xml", 5}, "XML"},
    {{"<!DOCTYPE", 9}, "HTML"},
    {{"<html", 5}, "HTML"},
};

void scan_init(struct scan *s)
{
    *s = (struct scan){0};
    crypto_generichash_init(&s->hash, NULL, 0, FILE_HASH_BYTES);
}

/* What the first byte of a sequence promises. False: none starts so. */
static bool utf8_start(struct scan *s, uint8_t c)
{
    s->utf8_low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    s->utf8_high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    s->utf8_need = c >= 0xC2 && c <= 0xDF   ? 1
                   : c >= 0xE0 && c <= 0xEF ? 2
                   : c >= 0xF0 && c <= 0xF4 ? 3
                                            : 0;
    return s->utf8_need > 0;
}

static void utf8_feed(struct scan *s, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t c = p[i];
        if (s->utf8_need > 0) {
            if (c >= s->utf8_low && c <= s->utf8_high) {
                s->utf8_low = 0x80;
                s->utf8_high = 0xBF;
                if (--s->utf8_need == 0)
                    s->utf8_good++;
                continue;
            }
            s->utf8_need = 0;
            s->utf8_bad++;
        }
        if (c >= 0x80 && !utf8_start(s, c))
            s->utf8_bad++;
    }
}

static void feed_block(struct scan *s, const uint8_t *p, size_t n)
{
    uint32_t zeros[2] = {0, 0}, lf = 0, cr = 0;
    uint8_t high = 0;
    size_t i = 0;
    for (; i + 1 < n; i += 2) {
        zeros[0] += p[i] == 0;
        zeros[1] += p[i + 1] == 0;
        lf += (uint32_t)(p[i] == '\n') + (p[i + 1] == '\n');
        cr += (uint32_t)(p[i] == '\r') + (p[i + 1] == '\r');
        high |= p[i] | p[i + 1];
    }
    for (; i < n; i++) {
        zeros[i & 1] += p[i] == 0;
        lf += p[i] == '\n';
        cr += p[i] == '\r';
        high |= p[i];
    }
    int odd = s->bytes & 1;
    s->zeros_even += zeros[odd];
    s->zeros_odd += zeros[!odd];
    s->lf += lf;
    s->cr += cr;
    if (high >= 0x80 || s->utf8_need > 0)
        utf8_feed(s, p, n);
}

void scan_feed(struct scan *s, const char *p, size_t n)
{
    crypto_generichash_update(&s->hash, (const uint8_t *)p, n);
    if (s->bytes < (int64_t)sizeof s->start) {
        size_t room = sizeof s->start - (size_t)s->bytes;
        memcpy(s->start + s->bytes, p, n < room ? n : room);
    }
    while (n > 0) {
        size_t block = n < 4096 ? n : 4096;
        feed_block(s, (const uint8_t *)p, block);
        s->bytes += (int64_t)block;
        p += block;
        n -= block;
    }
}

static bool starts(const struct scan *s, const char *p, size_t n)
{
    return s->bytes >= (int64_t)n && memcmp(s->start, p, n) == 0;
}

static enum err refuse_magic(const struct scan *s, struct arena *a, struct problem *p)
{
    struct str start = {s->start,
                        s->bytes < (int64_t)sizeof s->start ? (size_t)s->bytes : sizeof s->start};
    for (size_t i = 0; i < ARRAY_LEN(magic); i++) {
        if (!str_starts(start, magic[i].start))
            continue;
        return magic[i].kind ? problem_set(p, a, ERR_INVALID, "import_not_csv", NULL, "kind",
                                           magic[i].kind, NULL)
                             : problem_set(p, a, ERR_INVALID, "import_workbook", NULL, NULL);
    }
    return OK;
}

/* Whether the first bytes are units of alphabetic scripts and signs (below U+0600, U+1Exx to
 * U+21xx). */
static bool looks_utf16(const struct scan *s, bool big)
{
    size_t n = s->bytes < (int64_t)sizeof s->start ? (size_t)s->bytes : sizeof s->start;
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint8_t high = (uint8_t)s->start[big ? i : i + 1], low = (uint8_t)s->start[big ? i + 1 : i];
        if ((high > 0x05 && high != 0x1E && high != 0x20 && high != 0x21) ||
            (high == 0 && low < ' ' && low != '\t' && low != '\n' && low != '\r'))
            return false;
    }
    return s->bytes % 2 == 0;
}

/* A text with zeros and without a byte order mark. */
static enum err decide_zeros(const struct scan *s, struct reading *r, struct arena *a,
                             struct problem *p)
{
    int64_t zeros = s->zeros_even + s->zeros_odd;
    bool big = s->zeros_even > s->zeros_odd;
    if (looks_utf16(s, big)) {
        r->encoding = big ? ENCODING_UTF16BE : ENCODING_UTF16LE;
        return OK;
    }
    if (s->bytes % 4 == 0 && zeros >= s->bytes / 2 && zeros <= s->bytes * 3 / 4)
        return problem_set(p, a, ERR_INVALID, "import_utf32", NULL, NULL);
    return problem_set(p, a, ERR_INVALID, "import_not_text", NULL, NULL);
}

static enum err decide_encoding(const struct scan *s, struct reading *r, struct arena *a,
                                struct problem *p)
{
    r->bom_bytes = 0;
    if (starts(s, "\xFF\xFE\0\0", 4) || starts(s, "\0\0\xFE\xFF", 4))
        return problem_set(p, a, ERR_INVALID, "import_utf32", NULL, NULL);
    if (starts(s, "\xFF\xFE", 2) || starts(s, "\xFE\xFF", 2)) {
        r->encoding = s->start[0] == '\xFF' ? ENCODING_UTF16LE : ENCODING_UTF16BE;
        r->bom_bytes = 2;
        return OK;
    }
    if (s->zeros_even + s->zeros_odd > 0)
        return decide_zeros(s, r, a, p);
    int64_t bad = s->utf8_bad + (s->utf8_need > 0);
    r->encoding = ENCODING_UTF8;
    if (starts(s, "\xEF\xBB\xBF", 3))
        r->bom_bytes = 3;
    else if (bad > 0 && s->utf8_good < 10 * bad)
        r->encoding = ENCODING_WINDOWS1252; /* else a few bad lines in a UTF-8 file */
    return OK;
}

static bool begins_card(const struct scan *s, const struct reading *r)
{
    char text[32];
    size_t n = 0, step = r->encoding == ENCODING_UTF16LE || r->encoding == ENCODING_UTF16BE ? 2 : 1;
    size_t at = (size_t)r->bom_bytes + (r->encoding == ENCODING_UTF16BE);
    for (; at < sizeof s->start && (int64_t)at < s->bytes && n < sizeof text; at += step)
        if (n > 0 || (s->start[at] != '\r' && s->start[at] != '\n' && s->start[at] != ' '))
            text[n++] = s->start[at];
    return n >= 11 && str_ieq_ascii((struct str){text, 11}, STR("BEGIN:VCARD"));
}

enum err scan_finish(struct scan *s, uint8_t ret_hash[static FILE_HASH_BYTES],
                     struct reading *ret_reading, struct arena *a, struct problem *p)
{
    if (s->bytes == 0)
        return problem_set(p, a, ERR_INVALID, "import_empty", NULL, NULL);
    enum err e = refuse_magic(s, a, p);
    if (e || (e = decide_encoding(s, ret_reading, a, p)))
        return e;
    crypto_generichash_final(&s->hash, ret_hash, FILE_HASH_BYTES);
    ret_reading->mac_lines = s->lf == 0 && s->cr > 0;
    ret_reading->format = begins_card(s, ret_reading) ? FORMAT_VCARD : FORMAT_TABLE;
    return OK;
}
