/* Any of the encodings to UTF-8, as a stream, by ICU's converters. What cannot be decoded becomes
 * U+FFFD, one for each unit at fault, so that a position in the text always tells the position in
 * the bytes (decode_source_bytes()). UTF-8 passes as it is: whoever reads it checks it. Threads:
 * one at a time. Ownership: decoder_close(). */
#pragma once
#include "reading.h"
#include "source.h"

struct decoder;
/* Starts at byte `offset`, which must be 0 (the mark is passed over) or where a record began. */
enum err must_use decoder_open(const struct source *source, const struct reading *reading,
                               int64_t offset, struct decoder **ret);
void decoder_close(struct decoder **d);
/* Appends up to `size` bytes of text at `p`; *ret_n = 0 only at the end. size ≥ 8. ERR_IO. */
enum err must_use decoder_read(struct decoder *d, char *p, size_t size, size_t *ret_n);
/* How many bytes of the source this piece of text stood for. */
int64_t decode_source_bytes(enum encoding e, struct str text);
