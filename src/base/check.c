#include "check.h"
#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *cond, const char *file, int line)
{
    /* No log_event(): it uses buffers, whose own checks may be what failed. */
    fprintf(stderr, "{\"level\":\"error\",\"event\":\"check_failed\",\"at\":\"%s:%d\"}\n%s\n", file,
            line, cond);
    abort();
}
