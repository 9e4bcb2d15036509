#include "arena.h"
#include "check.h"
#include <stdarg.h>

static const char *keep(struct arena *a, const char *s)
{
    return s && a ? arena_cstr(a, str_c(s)) : s;
}

enum err problem_set(struct problem *p, struct arena *a, enum err err, const char *code,
                     const char *field, ...)
{
    if (!p)
        return err;
    *p = (struct problem){.err = err, .code = keep(a, code), .field = keep(a, field), .from = -1};
    va_list pairs;
    va_start(pairs, field);
    for (;;) {
        const char *name = va_arg(pairs, const char *);
        if (!name)
            break;
        const char *value = va_arg(pairs, const char *);
        check(p->nargs < PROBLEM_ARGS_MAX);
        p->args[p->nargs].name = keep(a, name);
        p->args[p->nargs].value = keep(a, value ? value : "");
        p->nargs++;
    }
    va_end(pairs);
    return err;
}

const char *err_name(enum err err)
{
    static const char *const names[] = {
        [OK] = "ok",
        [ERR_INVALID] = "invalid",
        [ERR_UNAUTHENTICATED] = "unauthenticated",
        [ERR_DENIED] = "denied",
        [ERR_NOT_FOUND] = "not_found",
        [ERR_CONFLICT] = "conflict",
        [ERR_STALE] = "stale",
        [ERR_TOO_LARGE] = "too_large",
        [ERR_BUSY] = "busy",
        [ERR_CANCELED] = "canceled",
        [ERR_IO] = "io",
        [ERR_INTERNAL] = "internal",
    };
    check((size_t)err < ARRAY_LEN(names));
    return names[err];
}
