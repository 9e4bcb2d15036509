/* The statements of birthdays. */
#pragma once
#include "greeting.h"

extern const struct db_statement birthday_rules_get, birthday_date_days, birthday_dates_of,
    birthday_rules_put, birthday_rules_again, birthday_done, greeting_of, greeting_people,
    greeting_add, greeting_entry, greeting_of_act, greeting_remove, greeting_withdraw,
    greeting_days, greeting_log;
