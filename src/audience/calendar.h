/* Rules that depend on the day (FEATURES C1, DESIGN 5). Months are calendar months counted back. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULE_MONTHS_MAX 24 /* no rule looks back further */
/* The owner changes these one day; every number stands here once. */
struct typology_rules {
    int32_t windows;          /* months looked back, 1…RULE_MONTHS_MAX */
    int32_t vip_visits;       /* at least these in every window: VIP */
    int32_t new_visits_max;   /* registered within the windows and came at most this often: New */
    int32_t occasional_max;   /* came 1 to this often within the windows: Occasional */
    int32_t at_risk_days;     /* the last visit this long ago or longer: At risk */
    int32_t active_months;    /* came (or registered) within these: active */
    int32_t per_month_months; /* visits per month are those of these months */
};
extern const struct typology_rules typology_defaults;

struct audience;
struct audience_row;
enum typology calendar_type(const struct audience *a, uint32_t row);
bool calendar_active(const struct audience *a, uint32_t row);
int32_t calendar_per_month(const struct audience *a, uint32_t row); /* tenths */
/* Ages that people are counted by, ascending, from 0 to no end. */
struct age_band {
    const char *key; /* as written in a query */
    int64_t low, high;
};
extern const struct age_band calendar_bands[];
enum { BIRTH_CUT_DAYS = 31 }; /* see find_birth_cuts() */
/* Type, activity and age band of the row into its bits; of a row that is not live: none. */
void calendar_set_bits(struct audience *a, uint32_t row);
/* To be told after every change of a row, and before it is removed. */
void calendar_watch(struct audience *a, uint32_t row);
void calendar_forget(struct audience *a, uint32_t row);
/* False: calendar_watch() of this new row, its columns set, would do nothing. */
bool calendar_may_watch(const struct audience *a, uint32_t row, const struct audience_row *r);
/* Types and activity of all rows as of `today`. */
void calendar_move(struct audience *a, int32_t today);
void calendar_free(struct audience *a);
size_t calendar_bytes(const struct audience *a);
