/* A random base as SQL: customers, contacts, tags, consents, sales with cancellations and returns,
 * activity, favourites; the same for the same seed. For the tests that ask SQL, or the past. */
#pragma once
#include "audience_world.h"
#include "crm_fixture.h"

enum { SQL_BASE_CUSTOMERS = 400, SQL_BASE_TODAY = 20593 }; /* 2026-05-20 */

struct base {
    struct fixture *f;
    struct world world; /* seed, today, an arena */
    int64_t merchant_id;
    int32_t until;  /* nothing after this day is written: the base as it was then */
    struct buf sql; /* statements, one after the other */
    int64_t stores[WORLD_STORES], words[WORD_KINDS][WORLD_WORDS], ids[SQL_BASE_CUSTOMERS], staff;
    int64_t next_id;
    int64_t changed[8]; /* by sql_base_change(), ascending */
    size_t nchanged;
};
uint32_t sql_base_pick(struct base *b, uint32_t n);
void sql_base_make(struct base *b);
/* Some customers change, go, come back, buy, cancel: in one transaction with facts and change feed.
 */
void sql_base_change(struct base *b);
