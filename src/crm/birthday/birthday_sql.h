/* The statements of birthdays. */
#pragma once
#include "birthday.h"

extern const struct db_statement birthday_rules_get, birthday_date_days, birthday_dates_of,
    greeting_of;
