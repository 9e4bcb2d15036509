/* Statements of the activity. */
#pragma once
#include "../batch.h"
#include "activity.h"

extern const struct db_statement activity_insert, activity_page, activity_page_kind,
    activity_sales_page, activity_sales_page_kind, activity_counts, activity_sales_counts;
