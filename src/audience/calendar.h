/* Rules that depend on the day (FEATURES C1, DESIGN 5). Months are calendar months counted back. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "typology.h"

enum { PER_MONTH_MONTHS = 12 }; /* visits per month are those of these */
struct audience;
struct audience_row;
/* A day, and what is counted back from it. */
struct moment {
    int32_t today;
    int32_t months_ago[RULE_MONTHS_MAX + 1]; /* today less that many months */
};
struct moment moment_of(int32_t today);
bool calendar_active(const struct audience *a, uint32_t row, const struct moment *at,
                     const struct typology_rules *rules);
int32_t calendar_per_month(const struct audience *a, uint32_t row,
                           const struct moment *at); /* tenths */
/* Does the row fit one of the four types, the others apart. */
bool calendar_fits(const struct audience *a, uint32_t row, const struct moment *at,
                   const struct typology_rules *rules, enum typology type);
/* How often the row came after one day and until another. */
int32_t calendar_visits(const struct audience *a, uint32_t row, int32_t after, int32_t until);
struct judge;
/* Who is at risk on the judge's day, which is today or later: a bitset of all rows. */
void calendar_at_risk(const struct judge *j, uint64_t *ret);
/* After other rules, and after other words for the own queries of the same rules. */
void calendar_new_rules(struct audience *a);
void calendar_new_words(struct audience *a);
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
