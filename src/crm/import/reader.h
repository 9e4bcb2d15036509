/* Reads a table record by record: RFC 4180 with any of four delimiters, or columns aligned by
 * blanks; or a vCard file, a card a record (vcard.h). A stream of bounded memory: one record at
 * most RECORD_MAX.
 *
 * Why not libcsv: its callbacks tell neither where in the file a field or record stands nor its
 * line, so an import could not go on in the middle nor name the line at fault; a quote never closed
 * swallows the rest of the file; and it takes one byte at a time. This one scans with a table and
 * memchr(), an order of magnitude faster, and rejects a bad line alone.
 *
 * Lines are counted as an editor does; a record over several lines has the number of its first.
 * Lines end in LF or CR LF, or in CR alone if the reading says so; blank lines are passed over. A
 * quote that is not at the start of a field is an ordinary character. A quote never closed: only
 * the line where it opened is at fault, reading goes on with the next line. Threads: one at a time.
 * Ownership: reader_close(); slices live until the next reader_next(). */
#pragma once
#include "../../base/arena.h"
#include "reading.h"
#include "source.h"

enum record_fault {
    RECORD_GOOD,
    RECORD_TOO_LONG,     /* more than RECORD_MAX bytes; `raw` is only its beginning */
    RECORD_TOO_WIDE,     /* more than COLUMNS_MAX fields */
    RECORD_QUOTE_OPEN,   /* a quote never closed */
    RECORD_QUOTE_BAD,    /* text after a closing quote */
    RECORD_BAD_ENCODING, /* no UTF-8 */
    RECORD_NO_CARD,      /* text outside a card, a card without its end */
};
const char *record_fault_code(enum record_fault fault); /* problem code */

struct record {
    enum record_fault fault;
    int64_t line;
    int64_t offset,
        end; /* in the bytes of the source: where it starts, where the next one may start */
    int64_t next_line;
    struct str *fields; /* with a fault: none, or those read so far */
    int nfields;
    struct str raw; /* as it stood, without the line end */
};

struct reader;
/* Starts at `offset` and `line` (0 and 1, or end and next_line of a record read before). */
enum err must_use reader_open(const struct source *source, const struct reading *reading,
                              int64_t offset, int64_t line, struct reader **ret);
void reader_close(struct reader **r);
/* ERR_NOT_FOUND at the end; ERR_IO. */
enum err must_use reader_next(struct reader *r, struct record *ret);
