#pragma once
#include "demo.h"
extern const struct db_statement demo_first_act, demo_next_number, demo_date;
