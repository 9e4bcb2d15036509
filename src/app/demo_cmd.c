/* habitue demo: fills a base with a chain of shops. */
#include <stdio.h>
#include <unistd.h>
#include "../base/day.h"
#include "../crm/demo/demo.h"
#include "cli.h"

static bool tell(void *arg, int64_t done, int64_t total)
{
    (void)arg;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%lld / %lld%s", (long long)done, (long long)total,
                done == total ? "\n" : "");
    return true;
}

int cmd_demo(struct cli *c, int argc, char **argv)
{
    int64_t customers = DEMO_CUSTOMERS, seed = 1;
    struct problem p = {.from = -1};
    const struct cli_option options[] = {
        {"customers", CLI_INT, &customers, 1, DEMO_CUSTOMERS_MAX},
        {"seed", CLI_INT, &seed, 0, INT64_MAX},
        {0},
    };
    int status = cli_options(c, argc, argv, options, 0, 0);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = cli_open(c, true);
    if (status == CLI_OK) {
        const struct demo_options o = {customers, (uint64_t)seed, c->app.fixed_today};
        enum err e = demo_fill(&c->app, &o, tell, NULL, c->arena, &p);
        if (e != OK)
            status = cli_fail(c, e, &p);
    }
    for (const struct demo_login *d = demo_logins; status == CLI_OK && d->email; d++)
        printf("%s\t%s\t%s\t%s\n", d->email, d->password, d->role, d->name);
    cli_close(c);
    return status;
}
