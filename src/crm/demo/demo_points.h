/* The demo's points: what a point is worth, how purchases earn, and what the latest ones have
 * earned. */
#pragma once
#include "../app.h"
/* Makes the rules and the policy, before the sales. */
enum err must_use demo_points(struct db_tx *tx, int64_t merchant_id, int32_t today,
                              struct problem *p);
