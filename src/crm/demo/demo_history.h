/* What a customer of the demo did: purchases, returns, visits, bookings, shares… */
#pragma once
#include "../activity/activity.h"
#include "../transaction/transaction.h"
#include "demo_person.h"

/* Grows in the arena given at the start. */
struct demo_history {
    struct arena *arena;
    struct transaction_head *heads;
    struct activity_event *events;
    size_t nheads, heads_cap, nevents, events_cap;
};
void demo_history(struct demo_history *h, const struct demo_data *d, const struct demo_chain *chain,
                  struct demo_person *p);
