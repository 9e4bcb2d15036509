/* Inside the consents' routes. */
#pragma once
#include "../customer/customer_view.h"

/* Answers with the history of the customer of the route's first {id} (ConsentHistory). */
enum err must_use consent_history_answer(struct request *r);
