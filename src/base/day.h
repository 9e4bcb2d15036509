/* Civil days and instants. A day is a count of days since 1970-01-01 in the proleptic Gregorian
 * calendar (int32_t); an instant is microseconds since 1970-01-01T00:00Z (int64_t). "Today" is
 * always a parameter. Source of the day arithmetic: Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms". Time zones: ICU, IANA names. Threads: struct zone may be shared. */
#pragma once
#include "str.h"

#define DAY_NONE INT32_MIN
#define US_PER_DAY (86400LL * 1000000)

struct civil {
    int32_t year;
    int32_t month, day; /* 1..12, 1..31 */
};
bool civil_valid(struct civil c);
int32_t day_from_civil(struct civil c);
struct civil day_to_civil(int32_t day);
int32_t day_add_months(int32_t day, int months); /* 31 January + 1 month = 28 or 29 February */
/* day_add_months(day, 0), (day, -1) … (day, 1 - n), for much less. */
void day_months_back(int32_t day, int n, int32_t *ret);
int32_t day_add_years(int32_t day, int years);
int day_weekday(int32_t day);                   /* 0 = Monday */
bool day_parse(struct str s, int32_t *ret_day); /* strict YYYY-MM-DD */
#define DAY_TEXT_MAX 16
size_t day_format(int32_t day, char out[static DAY_TEXT_MAX]); /* YYYY-MM-DD, NUL-terminated */

int64_t now_us(void);
int64_t monotonic_us(void);
#define INSTANT_TEXT_MAX 32
size_t instant_format(int64_t us, char out[static INSTANT_TEXT_MAX]); /* RFC 3339, UTC, Z */
bool instant_parse(struct str s, int64_t *ret_us);                    /* RFC 3339 */

/* Opening costs milliseconds: keep it. Reads 1850 to 2120; outside, the first and last offset hold.
 */
struct zone;
enum err must_use zone_open(const char *iana, struct zone **ret); /* ERR_INVALID: no such zone */
void zone_close(struct zone **z);
int32_t zone_day(struct zone *z, int64_t us); /* the civil day there at that instant */
/* Its first instant; of a day that the zone skipped, the first instant after it. */
int64_t zone_day_start(struct zone *z, int32_t day);
/* Local wall clock → UTC. A time shown twice is the earlier; one that is skipped moves on by the
 * gap (02:30 becomes 03:30), as RFC 5545 has it. */
int64_t zone_instant(struct zone *z, int32_t day, int32_t second_of_day);
