#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include "backup_internal.h"

#define PACKED_MAX (BACKUP_BLOCK + BACKUP_BLOCK / 100 + 1024) /* beyond compressBound() */

static void put32(unsigned char *out, size_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(v >> 8 * i);
}

static size_t get32(const unsigned char *in)
{
    return in[0] | (size_t)in[1] << 8 | (size_t)in[2] << 16 | (size_t)in[3] << 24;
}

/* ---- writing ---- */

static void put(struct backup_writer *w, const void *p, size_t n)
{
    if (w->failed)
        return;
    crypto_generichash_update(&w->hash, p, n);
    w->failed = fwrite(p, 1, n, w->file) != n;
    w->bytes += (int64_t)n;
}

void backup_write_begin(struct backup_writer *w, FILE *file)
{
    *w = (struct backup_writer){
        .file = file, .plain = malloc(BACKUP_BLOCK), .packed = malloc(PACKED_MAX)};
    check(w->plain && w->packed);
    crypto_generichash_init(&w->hash, NULL, 0, BACKUP_HASH_BYTES);
    put(w, BACKUP_MAGIC, sizeof BACKUP_MAGIC - 1);
}

static void write_block(struct backup_writer *w)
{
    unsigned char lengths[8];
    uLongf packed = PACKED_MAX;
    check(compress2(w->packed, &packed, w->plain, w->n, 1) == Z_OK);
    put32(lengths, packed);
    put32(lengths + 4, w->n);
    put(w, lengths, sizeof lengths);
    put(w, w->packed, packed);
    w->n = 0;
}

void backup_write(struct backup_writer *w, const void *p, size_t n)
{
    const unsigned char *at = p;
    while (n > 0 && !w->failed) {
        size_t room = BACKUP_BLOCK - w->n, part = n < room ? n : room;
        memcpy(w->plain + w->n, at, part);
        w->n += part;
        at += part;
        n -= part;
        if (w->n == BACKUP_BLOCK)
            write_block(w);
    }
}

/* Seven bits a byte, low first; the sign in the lowest. */
void backup_write_number(struct backup_writer *w, int64_t v)
{
    unsigned char bytes[10];
    uint64_t u = (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
    size_t n = 0;
    for (; u > 127; u >>= 7)
        bytes[n++] = (unsigned char)(u | 128);
    bytes[n++] = (unsigned char)u;
    backup_write(w, bytes, n);
}

void backup_write_text(struct backup_writer *w, struct str s)
{
    backup_write_number(w, (int64_t)s.n);
    backup_write(w, s.p, s.n);
}

bool backup_write_end(struct backup_writer *w)
{
    static const unsigned char end[8];
    unsigned char hash[BACKUP_HASH_BYTES];
    if (w->n > 0)
        write_block(w);
    put(w, end, sizeof end);
    crypto_generichash_final(&w->hash, hash, sizeof hash);
    if (!w->failed)
        w->failed = fwrite(hash, 1, sizeof hash, w->file) != sizeof hash;
    w->bytes += sizeof hash;
    return !w->failed && fflush(w->file) == 0;
}

void backup_writer_free(struct backup_writer *w)
{
    free(w->plain);
    free(w->packed);
    *w = (struct backup_writer){0};
}

/* ---- the file as a whole ---- */

/* Everything but the last 32 bytes, which are its sum. */
static enum err sum_matches(FILE *file, int64_t bytes)
{
    static const size_t piece = 1 << 16;
    unsigned char given[BACKUP_HASH_BYTES], hash[BACKUP_HASH_BYTES];
    crypto_generichash_state state;
    enum err err = OK;
    unsigned char *p = malloc(piece);
    check(p);
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (int64_t left = bytes - BACKUP_HASH_BYTES; left > 0 && !err;) {
        size_t n = left < (int64_t)piece ? (size_t)left : piece;
        if (fread(p, 1, n, file) != n)
            err = ERR_IO;
        crypto_generichash_update(&state, p, n);
        left -= (int64_t)n;
    }
    free(p);
    if (!err && fread(given, 1, sizeof given, file) != sizeof given)
        err = ERR_IO;
    crypto_generichash_final(&state, hash, sizeof hash);
    return err ? err : sodium_memcmp(given, hash, sizeof hash) == 0 ? OK : ERR_INVALID;
}

enum err backup_verify(FILE *file, int64_t *ret_bytes)
{
    char magic[sizeof BACKUP_MAGIC - 1];
    if (fseeko(file, 0, SEEK_END) != 0)
        return ERR_IO;
    off_t bytes = ftello(file);
    rewind(file);
    if (bytes < (off_t)(sizeof magic + 8 + BACKUP_HASH_BYTES))
        return ERR_INVALID;
    if (fread(magic, 1, sizeof magic, file) != sizeof magic)
        return ERR_IO;
    if (memcmp(magic, BACKUP_MAGIC, sizeof magic) != 0)
        return ERR_INVALID;
    rewind(file);
    enum err err = sum_matches(file, bytes);
    rewind(file);
    *ret_bytes = bytes;
    return err;
}

/* ---- reading ---- */

void backup_read_begin(struct backup_reader *r, FILE *file)
{
    *r = (struct backup_reader){
        .file = file, .plain = malloc(BACKUP_BLOCK), .packed = malloc(PACKED_MAX)};
    check(r->plain && r->packed);
    buf_init(&r->text, BACKUP_VALUE_MAX);
    r->bad = fseeko(file, sizeof BACKUP_MAGIC - 1, SEEK_SET) != 0;
}

static bool next_block(struct backup_reader *r)
{
    unsigned char lengths[8];
    if (r->bad || fread(lengths, 1, sizeof lengths, r->file) != sizeof lengths)
        return false;
    size_t packed = get32(lengths), plain = get32(lengths + 4);
    if (packed == 0 || packed > PACKED_MAX || plain == 0 || plain > BACKUP_BLOCK ||
        fread(r->packed, 1, packed, r->file) != packed)
        return false;
    uLongf n = BACKUP_BLOCK;
    if (uncompress(r->plain, &n, r->packed, packed) != Z_OK || n != plain)
        return false;
    r->at = 0;
    r->n = n;
    return true;
}

static void take(struct backup_reader *r, void *out, size_t n)
{
    unsigned char *at = out;
    while (n > 0 && !r->bad) {
        if (r->at == r->n && !next_block(r)) {
            r->bad = true;
            break;
        }
        size_t have = r->n - r->at, part = n < have ? n : have;
        memcpy(at, r->plain + r->at, part);
        r->at += part;
        at += part;
        n -= part;
    }
    if (n > 0)
        memset(at, 0, n);
}

unsigned char backup_read_byte(struct backup_reader *r)
{
    unsigned char c;
    take(r, &c, 1);
    return c;
}

int64_t backup_read_number(struct backup_reader *r)
{
    uint64_t u = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        unsigned char c = backup_read_byte(r);
        if (shift == 63 && c > 1)
            r->bad = true;
        u |= (uint64_t)(c & 127) << shift;
        if (c < 128)
            return (int64_t)(u >> 1 ^ (u & 1 ? UINT64_MAX : 0));
    }
    r->bad = true;
    return 0;
}

double backup_read_real(struct backup_reader *r)
{
    double v;
    take(r, &v, sizeof v);
    return v;
}

struct str backup_read_text(struct backup_reader *r)
{
    int64_t n = backup_read_number(r);
    if (n < 0 || n > BACKUP_VALUE_MAX)
        r->bad = true;
    r->text.n = 0;
    for (char piece[4096]; n > 0 && !r->bad;) {
        size_t part = n < (int64_t)sizeof piece ? (size_t)n : sizeof piece;
        take(r, piece, part);
        buf_add(&r->text, piece, part);
        n -= (int64_t)part;
    }
    r->bad = r->bad || r->text.failed;
    return r->bad ? STR("") : buf_str(&r->text);
}

void backup_reader_free(struct backup_reader *r)
{
    free(r->plain);
    free(r->packed);
    if (r->plain)
        buf_free(&r->text);
    *r = (struct backup_reader){0};
}
