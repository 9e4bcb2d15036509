/* What every unit test includes: cmocka, and the few things that C lacks. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "src/base/arena.h"
#include "src/base/check.h"

/* The whole file, relative to the source tree. */
static inline struct str test_file(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *p = arena_alloc(a, (size_t)n + 1);
    if (fread(p, 1, (size_t)n, f) != (size_t)n)
        fail_msg("cannot read %s", path);
    fclose(f);
    return (struct str){p, (size_t)n};
}

#define assert_str(actual, expected)                                                               \
    do {                                                                                           \
        struct str actual_ = (actual);                                                             \
        struct arena *a_ = arena_new();                                                            \
        assert_string_equal(arena_cstr(a_, actual_), (expected));                                  \
        arena_free(&a_);                                                                           \
    } while (0)

/* A reproducible stream of numbers (splitmix64). */
static inline uint64_t test_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* When to kill a process that needs `whole_us` by itself, which has been killed `kills` times:
 * early (within that share of its time) while more kills are wanted, then later and later, so that
 * it ends however slow the machine has become. */
static inline int64_t test_kill_after(uint64_t *random, int64_t whole_us, int share, int kills,
                                      int wanted)
{
    int more = kills - wanted;
    int64_t most = more < 0 ? whole_us / share : whole_us << (more < 10 ? more + 1 : 11);
    return 1 + (int64_t)(test_random(random) % (uint64_t)(most + 1));
}
