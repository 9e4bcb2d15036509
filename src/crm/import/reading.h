/* How a file is to be read: what was detected, or what a person said. Stored as JSON with the
 * import. Threads: plain data. */
#pragma once
#include <jansson.h>
#include "../../base/json.h"
#include "field.h"

#define COLUMNS_MAX 500
#define RECORD_MAX (1 << 20) /* bytes of one record as UTF-8 */

enum file_format { FORMAT_TABLE, FORMAT_VCARD };
enum encoding {
    ENCODING_UTF8,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_WINDOWS1252,
    ENCODINGS
};
enum date_order { DATE_YMD, DATE_DMY, DATE_MDY, DATE_ORDERS };

enum {
    CHOSEN_DELIMITER = 1,
    CHOSEN_ENCODING = 2,
    CHOSEN_DECIMAL = 4,
    CHOSEN_DATE_ORDER = 8,
    CHOSEN_HEADER = 16,
    CHOSEN_COLUMNS = 32,
};
struct reading {
    enum file_format format;
    enum encoding encoding;
    enum date_order date_order;
    char delimiter;  /* , ; \t | or ' ': columns aligned by runs of blanks */
    char decimal;    /* . or , */
    bool header;     /* the first record names the columns */
    bool mac_lines;  /* a carriage return alone ends a line (files of the old Mac OS) */
    int bom_bytes;   /* byte order mark to pass over */
    unsigned chosen; /* CHOSEN_*: what a person said rather than was detected */
    int columns;     /* of the table, at most COLUMNS_MAX */
    int16_t column_of[FIELDS_MAX]; /* by field: 0-based column, -1 = none */
};

const char *encoding_name(enum encoding e);
const char *date_order_name(enum date_order o);
void reading_init(struct reading *r);

/* {"format","delimiter","encoding","decimal","date_order","header",…,"columns":{field: index}} */
void reading_store(struct json *j, const struct reading *r, enum import_kind kind);
/* ERR_INTERNAL: not what reading_store() wrote. */
enum err must_use reading_load(json_t *stored, enum import_kind kind, struct reading *ret);
/* The public part (component schema ImportReading). */
void reading_json(struct json *j, const struct reading *r);
