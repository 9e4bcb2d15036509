/* A zone is the list of its changes of offset, read from ICU once: lookups are a binary search,
 * without locks. */
#include "check.h"
#include "day.h"
#include <stdlib.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { NAME_MAX_BYTES = 64, SEGMENTS_MAX = 1024 };
/* Outside these years the first and the last offset hold. */
enum { FIRST_YEAR = 1850, LAST_YEAR = 2120 };

struct segment {
    int64_t from_us;   /* its first instant */
    int64_t offset_us; /* local = UTC + offset */
};

struct zone {
    size_t n;
    struct segment segments[SEGMENTS_MAX];
};

static int64_t offset_at(UCalendar *calendar, UDate ms, UErrorCode *status)
{
    ucal_setMillis(calendar, ms, status);
    int32_t offset_ms = ucal_get(calendar, UCAL_ZONE_OFFSET, status);
    offset_ms += ucal_get(calendar, UCAL_DST_OFFSET, status);
    return (int64_t)offset_ms * 1000;
}

static void read_segments(struct zone *z, UCalendar *calendar, UErrorCode *status)
{
    UDate at = (double)day_from_civil((struct civil){FIRST_YEAR, 1, 1}) * 86400e3;
    UDate end = (double)day_from_civil((struct civil){LAST_YEAR, 1, 1}) * 86400e3;
    z->segments[0] = (struct segment){INT64_MIN, offset_at(calendar, at, status)};
    z->n = 1;
    while (z->n < SEGMENTS_MAX && U_SUCCESS(*status)) {
        UDate next;
        if (!ucal_getTimeZoneTransitionDate(calendar, UCAL_TZ_TRANSITION_NEXT, &next, status) ||
            next >= end)
            break;
        int64_t offset = offset_at(calendar, next, status);
        if (offset !=
            z->segments[z->n - 1].offset_us) /* else only the name or the DST flag changed */
            z->segments[z->n++] = (struct segment){(int64_t)next * 1000, offset};
    }
}

enum err zone_open(const char *iana, struct zone **ret)
{
    UChar name[NAME_MAX_BYTES], canonical[NAME_MAX_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    UBool system = false;
    size_t n = strlen(iana);
    if (n == 0 || n >= NAME_MAX_BYTES)
        return ERR_INVALID;
    u_strFromUTF8(name, NAME_MAX_BYTES, NULL, iana, (int32_t)n, &status);
    ucal_getCanonicalTimeZoneID(name, -1, canonical, NAME_MAX_BYTES, &system, &status);
    if (U_FAILURE(status) || !system)
        return ERR_INVALID;
    UCalendar *calendar = ucal_open(name, -1, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return ERR_INVALID;
    struct zone *z = malloc(sizeof(*z));
    check(z);
    read_segments(z, calendar, &status);
    ucal_close(calendar);
    struct zone *small =
        realloc(z, offsetof(struct zone, segments) + z->n * sizeof(struct segment));
    check(small);
    if (U_FAILURE(status)) {
        free(small);
        return ERR_INVALID;
    }
    *ret = small;
    return OK;
}

void zone_close(struct zone **z)
{
    if (!z)
        return;
    free(*z);
    *z = NULL;
}

/* The segment that holds the instant. */
static size_t find(const struct zone *z, int64_t us)
{
    size_t low = 0, high = z->n;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (z->segments[middle].from_us <= us)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t zone_day(struct zone *z, int64_t us)
{
    int64_t local = us + z->segments[find(z, us)].offset_us;
    int64_t day = local / US_PER_DAY;
    return (int32_t)(local % US_PER_DAY < 0 ? day - 1 : day);
}

/* The earliest instant whose local clock shows `local` or, when the clock jumps over it, that jump;
 * *ret_before is then the offset before it. */
static int64_t resolve(const struct zone *z, int64_t local, bool *ret_gap, int64_t *ret_before)
{
    /* No offset is beyond a day, so the answer lies in the segments within a day on either side. */
    size_t i = find(z, local - US_PER_DAY);
    for (;; i++) {
        int64_t at = local - z->segments[i].offset_us;
        bool last = i + 1 == z->n;
        if (at <
            z->segments[i].from_us) { /* shown by no segment before, and this one starts later */
            *ret_gap = true;
            *ret_before = z->segments[i - 1].offset_us;
            return z->segments[i].from_us;
        }
        if (last || at < z->segments[i + 1].from_us) {
            *ret_gap = false;
            return at;
        }
    }
}

int64_t zone_day_start(struct zone *z, int32_t day)
{
    bool gap;
    int64_t before;
    return resolve(z, day * US_PER_DAY, &gap, &before);
}

int64_t zone_instant(struct zone *z, int32_t day, int32_t second_of_day)
{
    bool gap;
    int64_t before, local = day * US_PER_DAY + second_of_day * 1000000LL;
    int64_t at = resolve(z, local, &gap, &before);
    return gap ? local - before : at;
}
