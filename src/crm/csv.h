/* Comma-separated values for spreadsheets (RFC 4180), harmless to them: a text that one would take
 * for a formula begins with an apostrophe (OWASP, "CSV Injection"), and so does one that begins
 * with an apostrophe itself; the import takes one away. Threads: none shared. */
#pragma once
#include "../base/str.h"

#define CSV_BOM "\xEF\xBB\xBF"
/* A text; quoted when it must be. `first`: of its row. */
void csv_text(struct buf *out, struct str s, char delimiter, bool first, bool shielded);
/* The same, shielded as above. */
void csv_cell(struct buf *out, struct str s, char delimiter, bool first);
void csv_int(struct buf *out, int64_t v, char delimiter, bool first);
