/* Statements of the typologies, for typology*.c only. */
#pragma once
#include "typology.h"
extern const struct db_statement typology_clear, typology_add, typology_numbers_add,
    typology_numbers_change;
