#include "csv.h"

void csv_text(struct buf *out, struct str s, char delimiter, bool first, bool shielded)
{
    bool quoted = shielded || (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '));
    for (size_t i = 0; i < s.n && !quoted; i++)
        quoted = strchr(",;\"\n\r\t", s.p[i]) != NULL || s.p[i] == delimiter;
    if (!first)
        buf_addc(out, delimiter);
    if (quoted)
        buf_addc(out, '"');
    if (shielded)
        buf_addc(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_addc(out, '"');
        buf_addc(out, s.p[i]);
    }
    if (quoted)
        buf_addc(out, '"');
}

void csv_cell(struct buf *out, struct str s, char delimiter, bool first)
{
    /* a number with a sign, and a telephone number, are no formulas, but spreadsheets read the
     * latter as a number and lose its plus */
    int64_t number;
    bool negative = s.n > 0 && s.p[0] == '-' && str_int64(s, &number);
    csv_text(out, s, delimiter, first, s.n > 0 && strchr("=+-@\t\r'", s.p[0]) && !negative);
}

void csv_int(struct buf *out, int64_t v, char delimiter, bool first)
{
    if (!first)
        buf_addc(out, delimiter);
    buf_int(out, v);
}
