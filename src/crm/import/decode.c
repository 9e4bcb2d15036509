#include "decode.h"
#include <stdlib.h>
#include <unicode/ucnv.h>
#include "../../base/check.h"

enum { INPUT_BYTES = 64 << 10, PIVOT_UNITS = 16 << 10 };

struct decoder {
    const struct source *source;
    int64_t offset;
    bool end;
    UConverter *from, *to; /* NULL: UTF-8 as it is */
    char *input;
    const char *in_at, *in_end;
    UChar *pivot, *pivot_from, *pivot_to;
    bool flushed;
};

static const char *const icu_names[ENCODINGS] = {
    [ENCODING_UTF8] = NULL,
    [ENCODING_UTF16LE] = "UTF-16LE",
    [ENCODING_UTF16BE] = "UTF-16BE",
    [ENCODING_WINDOWS1252] = "windows-1252",
};

enum err decoder_open(const struct source *source, const struct reading *reading, int64_t offset,
                      struct decoder **ret)
{
    struct decoder *d = calloc(1, sizeof *d);
    check(d);
    d->source = source;
    d->offset = offset > reading->bom_bytes ? offset : reading->bom_bytes;
    if (icu_names[reading->encoding]) {
        UErrorCode e = U_ZERO_ERROR;
        d->from = ucnv_open(icu_names[reading->encoding], &e);
        d->to = ucnv_open("UTF-8", &e);
        d->input = malloc(INPUT_BYTES);
        d->pivot = malloc(PIVOT_UNITS * sizeof(UChar));
        check(d->input && d->pivot);
        d->in_at = d->in_end = d->input;
        d->pivot_from = d->pivot_to = d->pivot;
        if (U_FAILURE(e)) {
            decoder_close(&d);
            return ERR_INTERNAL;
        }
    }
    *ret = d;
    return OK;
}

void decoder_close(struct decoder **d)
{
    if (!*d)
        return;
    if ((*d)->from)
        ucnv_close((*d)->from);
    if ((*d)->to)
        ucnv_close((*d)->to);
    free((*d)->input);
    free((*d)->pivot);
    free(*d);
    *d = NULL;
}

static enum err read_input(struct decoder *d)
{
    size_t got = 0;
    enum err e = d->source->read(d->source->state, d->offset, d->input, INPUT_BYTES, &got);
    if (e)
        return e;
    d->offset += (int64_t)got;
    d->end = got < INPUT_BYTES;
    d->in_at = d->input;
    d->in_end = d->input + got;
    return OK;
}

static enum err convert(struct decoder *d, char *p, size_t size, size_t *ret_n)
{
    char *at = p;
    while (at == p && !d->flushed) {
        if (d->in_at == d->in_end && !d->end) {
            enum err e = read_input(d);
            if (e)
                return e;
        }
        UErrorCode e = U_ZERO_ERROR;
        ucnv_convertEx(d->to, d->from, &at, p + size, &d->in_at, d->in_end, d->pivot,
                       &d->pivot_from, &d->pivot_to, d->pivot + PIVOT_UNITS, false, d->end, &e);
        if (e == U_BUFFER_OVERFLOW_ERROR)
            continue;
        if (U_FAILURE(e))
            return ERR_IO;
        d->flushed = d->end;
    }
    *ret_n = (size_t)(at - p);
    return OK;
}

enum err decoder_read(struct decoder *d, char *p, size_t size, size_t *ret_n)
{
    check(size >= 8);
    if (d->from)
        return convert(d, p, size, ret_n);
    size_t got = 0;
    enum err e = d->source->read(d->source->state, d->offset, p, size, &got);
    if (e)
        return e;
    d->offset += (int64_t)got;
    *ret_n = got;
    return OK;
}

int64_t decode_source_bytes(enum encoding e, struct str text)
{
    if (e == ENCODING_UTF8)
        return (int64_t)text.n;
    int64_t units = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c >= 0xC0 || c < 0x80)
            units += e != ENCODING_WINDOWS1252 && c >= 0xF0 ? 2 : 1;
    }
    return e == ENCODING_WINDOWS1252 ? units : 2 * units;
}
