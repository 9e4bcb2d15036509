/* The demo's tiers, and where its customers stand. */
#pragma once
#include "../app.h"
/* Makes the ladder and moves everybody; nothing when there is one. */
enum err must_use demo_tiers(struct app *app, int64_t merchant_id, int32_t today);
