#pragma once
#include "stamp.h"
extern const struct db_statement stamp_program_all, stamp_program_one, stamp_program_counts,
    stamp_program_add, stamp_program_change, stamp_program_remove, stamp_card_all, stamp_card_add,
    stamp_card_set, stamp_card_drop, stamp_entry_page, stamp_entry_add, stamp_of_day, stamp_living;
