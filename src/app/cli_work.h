/* What commands that change many customers share. */
#pragma once
#include "cli.h"

/* Works on the job until it has ended, with progress on a terminal. What is not done says why:
 * CLI_NO. */
int cli_work(struct cli *c, int64_t merchant_id, int64_t job_id);
/* In whose name a command acts where somebody of the staff is asked for: the first owner. CLI_NO:
 * none. */
int cli_owner(struct cli *c, int64_t merchant_id, int64_t *ret);
/* The customers that a query matches (empty: everybody), ascending, in the arena. A query that
 * cannot be read is told: CLI_USAGE. */
struct audience_use;
int cli_matching(struct cli *c, const struct audience_use *use, const char *query,
                 const int64_t **ret, size_t *ret_n);
