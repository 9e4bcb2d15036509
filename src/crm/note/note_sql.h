#pragma once
#include "note.h"
extern const struct db_statement note_all, note_one, note_count, note_insert, note_change,
    note_remove;
