/* The parts of the random base: for sql_base*.c only. */
#pragma once
#include "sql_base.h"

/* ", 5" or ", NULL" */
void sql_base_int(struct base *b, bool known, int64_t v);
int32_t sql_base_day(struct base *b);       /* around the edges of the rules */
void sql_base_make_loyalty(struct base *b); /* tiers, kinds of certificates, a stamp programme */
void sql_base_loyalty(struct base *b, int64_t id);
