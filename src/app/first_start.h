/* A base without anybody in it: makes the first merchant and the owner's one-time invitation. */
#pragma once
#include "cli.h"

/* `m`: what to make when there is no merchant yet (slug from the name). When the only merchant's
 * owner has not taken the invitation up yet, makes a new one and sets *ret_link; else *ret_link =
 * NULL. */
int first_start(struct cli *c, const struct merchant *m, const char *origin, const char **ret_link);
/* Makes a merchant with an owner to be invited; email may be "": then the owner gives it. */
enum err must_use merchant_with_owner(struct db_tx *tx, struct arena *a, const struct merchant *m,
                                      struct str email, char ret_token[static 80], int64_t *ret_id,
                                      struct problem *p);
