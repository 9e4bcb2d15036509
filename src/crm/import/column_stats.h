/* What the cells of a column look like, counted over a sample. Threads: plain data. */
#pragma once
#include "field.h"
#include "reading.h"

struct column_stats {
    int64_t filled, emails, dates, numbers, integers,
        spaced;                       /* spaced: words with a blank between */
    int64_t points, commas;           /* numbers whose decimal sign is certain */
    int64_t date_orders[DATE_ORDERS]; /* numeric dates that can be read so */
    int64_t phone_like;               /* 7 to 15 digits with the signs of phones */
    int64_t phone_signs;              /* of these, with a plus, a leading 0 or separators */
    int nphones;
    char phones[20][24]; /* some of them, to be looked at closely */
};
void column_stats_add(struct column_stats *s, struct str cell); /* trimmed */
bool cell_is_value(struct str cell); /* a number, date, e-mail or phone: no heading */
bool column_is_email(const struct column_stats *s);
bool column_is_date(const struct column_stats *s);
bool column_is_phone(const struct column_stats *s, const char *country);
/* False: the cells speak against this field. */
bool column_plausible(const struct column_stats *s, enum import_field f);
