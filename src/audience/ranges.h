/* Facets of numbers, amounts and days: how many rows lie in each of a few ranges, which a query can
 * ask for as they are written.
 *   numbers    0, then 1, 2, 5, 10, 20, 50, 100… up to below the next
 *   tenths     the same, and a half before 1
 *   amounts    0 or less, then the same in whole units of the currency
 *   days       the last 7, 30, 90 days, this month, this year; of visits and purchases also 90 days
 *              ago or longer, and a year
 *   birthdays  today, the next 7 days, the next month, and each month
 * Threads: one asker. */
#pragma once
#include "facets.h"

struct range_counts;
struct range_counts *ranges_open(const struct audience *a, struct arena *arena, enum field_id field,
                                 int currency_decimals);
void ranges_add(struct range_counts *r, const struct selection *s);
/* Everybody, instead of ranges_add(). */
void ranges_add_all(struct range_counts *r);
/* Ranges in which nobody is are left out, but for days and birthdays, and chosen ones. `root`: of
 * the query, or NULL. */
void ranges_close(struct range_counts *r, const struct query_node *root,
                  struct audience_facet *ret);
