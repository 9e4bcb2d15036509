/* A line without an invoice is known by its customer, place, time and content. When the customer
 * has been merged with others since, it may stand under the id of one of those: the same file again
 * must find it there. */
#pragma once
#include "known_sales.h"

/* Gives sales without an invoice that stand under a former id the identity under which they stand.
 */
enum err must_use former_sales(struct applying *a, struct sale *sales, size_t n);
