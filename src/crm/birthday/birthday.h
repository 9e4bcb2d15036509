/* Birthdays and other important dates (FEATURES D7): the calendar of a month, the list of a day,
 * and how the merchant greets.
 *
 * Who was born on 29 February is greeted on the day before or after in other years: a setting.
 * Birthdays are counted by the audience; important dates stand in a table with an index by the day
 * of the year. Threads: none of its own. */
#pragma once
#include "../../audience/birthdays.h"
#include "../audit/audit.h"

extern const struct db_statement *const birthday_statements[];
extern const struct http_route birthday_routes[];

#define BIRTHDAY_MESSAGE_MAX 1000 /* characters */
#define BIRTHDAY_POINTS_MAX 1000000
#define BIRTHDAY_AHEAD_MAX 30 /* days */
#define BIRTHDAY_LANGUAGES 5  /* in the order of language_names[] */
#define BIRTHDAY_YEAR_FIRST 1900
#define BIRTHDAY_YEAR_LAST 2200

struct birthday_rules {
    bool march; /* 29 February is kept on 1 March in other years, else on 28 February */
    bool automatic;
    int64_t points;
    struct str messages[BIRTHDAY_LANGUAGES]; /* empty: none in that language */
    int64_t hour, days_ahead;
    int32_t done_until; /* the last day whose birthdays were greeted by themselves; DAY_NONE */
    int64_t version;    /* 0: never set */
};
/* The place of a language in messages[]; English's when there is none. */
int birthday_language(const char *language);
/* Texts live in `a`. */
enum err must_use birthday_rules_read(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                                      struct birthday_rules *ret);
/* Sets the version and, when greeting by itself begins, from which day on. `today`: the merchant's.
 * ERR_STALE stale; ERR_INVALID birthday_field_unknown, birthday_nothing (by itself, without points
 * and message). Audited. Texts of problems are in `a`. */
enum err must_use birthday_rules_write(struct db_tx *tx, int64_t merchant_id,
                                       const struct birthday_rules *before,
                                       struct birthday_rules *after, int32_t today,
                                       const struct audit_actor *by, struct arena *a,
                                       struct problem *p);

/* The days of the year, YEAR_DAY(month, day), that are kept on a civil day: low…high and none
 * between. */
struct birthday_span {
    int32_t low, high;
};
struct birthday_span birthday_span(int32_t day, bool march);
/* The civil day of that year on which a day of the year is kept. */
int32_t birthday_kept_on(int32_t year, int32_t month, int32_t day, bool march);

struct important_date {
    int64_t customer_id;
    int32_t month, day, year; /* year 0: not known */
    struct str name;
};
/* How many important dates of customers whom the viewer sees are kept on each day of the month.
 * `ret` has 31 places. */
enum err must_use birthday_date_counts(struct db_tx *tx, int64_t merchant_id,
                                       struct audience *audience,
                                       const struct audience_viewer *viewer, int32_t first_day,
                                       bool march, int64_t ret[static 31]);
/* Those of one day, by customer. Texts live in `a`. */
enum err must_use birthday_dates(struct db_tx *tx, int64_t merchant_id, struct audience *audience,
                                 const struct audience_viewer *viewer, int32_t day, bool march,
                                 struct arena *a, struct important_date **ret, size_t *ret_n);

/* Who was greeted, once for each occasion and year: `year_day` 0 for the birthday, else YEAR_DAY()
 * of another date. */
static inline int64_t greeting_occasion(int64_t year, int32_t year_day)
{
    return year * 512 + year_day;
}
