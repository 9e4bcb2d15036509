/* habitue migrate: brings the base up to date and says nothing when it was. */
#include "cli.h"

int cmd_migrate(struct cli *c, int argc, char **argv)
{
    int status = cli_options(c, argc, argv, NULL, 0, 0);
    if (status != CLI_OK || c->asks_help)
        return status;
    status = cli_open(c, true);
    cli_close(c);
    return status;
}
