/* The audiences of the merchants that this process serves: loaded on first use, kept up with the
 * change feed, so that any process reads what any other wrote. */
#pragma once
#include "../app.h"
enum err must_use audiences_new(struct app *app, struct audiences **ret);
void audiences_free(struct audiences **a);
/* The merchant's audience, up to the last commit and to today. Loads it if need be. */
enum err must_use audiences_get(struct audiences *as, int64_t merchant_id, struct audience **ret);
