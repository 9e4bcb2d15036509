/* The few ways an operation can end, and what a person may be told about a failure.
 * Purpose: one enum for control flow, one struct for the detail. Threads: no shared state. */
#pragma once
#include <stdint.h>

enum err {
    OK = 0,
    ERR_INVALID,         /* the input is wrong: 400/422, exit 1 */
    ERR_UNAUTHENTICATED, /* nobody is logged in: 401 */
    ERR_DENIED,          /* logged in, not allowed: 403 */
    ERR_NOT_FOUND,       /* 404 */
    ERR_CONFLICT,        /* exists already, or in the wrong state: 409 */
    ERR_STALE,           /* somebody else changed it first: 412 */
    ERR_TOO_LARGE,       /* 413 */
    ERR_BUSY,            /* a bounded queue is full or the throttle says wait: 429/503 */
    ERR_CANCELED,        /* the caller or a signal stopped it */
    ERR_IO,              /* disk, network or database failed: 500, logged */
    ERR_INTERNAL,        /* a bug: 500, logged */
};
#define must_use __attribute__((warn_unused_result))

#define PROBLEM_ARGS_MAX 6

/* What went wrong, for the person who asked. Filled by the layer that knows, carried by the request
 * or job. All strings live as long as the arena given to problem_set(). */
struct problem {
    enum err err;
    const char *code;  /* stable, snake_case; the text is locale key "problem.<code>" */
    const char *field; /* the field, column or parameter at fault, or NULL */
    struct {
        const char *name, *value;
    } args[PROBLEM_ARGS_MAX]; /* what {name} in the text becomes */
    int nargs;
    int64_t line;      /* 1-based line of a file, 0 = none */
    int32_t from, to;  /* byte range in a query text; from < 0 = none */
    const char *cause; /* for the log only, never shown */
};

struct arena;
/* Fills `p` and returns `err`, so that callers write `return problem_set(...)`. After `field` come
 * pairs of const char* name, const char* value, then NULL. `p` may be NULL. */
enum err problem_set(struct problem *p, struct arena *a, enum err err, const char *code,
                     const char *field, ...) __attribute__((sentinel));
const char *err_name(enum err err);
