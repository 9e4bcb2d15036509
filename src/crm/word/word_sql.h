#pragma once
#include "word.h"
extern const struct db_statement word_find, word_next, word_add, word_starting;
