/* GET /customers/{id}/message (FEATURES B10): a message that fits where the customer stands, in the
 * customer's own language: who bought is asked for an opinion, who did not is invited. */
#pragma once
#include "../app.h"
enum err profile_message_route(struct request *r);
