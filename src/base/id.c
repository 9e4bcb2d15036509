#include "id.h"
#include "day.h"
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

enum { COUNT_BITS = 22 };
static const int64_t epoch_us = 1577836800LL * 1000000; /* 2020-01-01T00:00Z */
static const uint64_t count_mask = (1u << COUNT_BITS) - 1;

static _Atomic uint64_t last;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void seed(void)
{
    atomic_store(&last, randombytes_random() & count_mask);
}

static void seed_once(void)
{
    seed();
    /* A forked child would otherwise count on from where its parent does. */
    pthread_atfork(NULL, NULL, seed);
}

int64_t id_new(void)
{
    pthread_once(&once, seed_once);
    int64_t us = now_us() - epoch_us;
    uint64_t ms = us > 0 ? (uint64_t)us / 1000 : 0;
    uint64_t before = atomic_load(&last), next;
    do {
        next = ms << COUNT_BITS | ((before + 1) & count_mask);
        if (next <= before) /* the clock stood, went back, or the count wrapped */
            next = before + 1;
    } while (!atomic_compare_exchange_weak(&last, &before, next));
    return (int64_t)next;
}

int64_t id_at(int64_t us)
{
    return us > epoch_us ? (int64_t)((uint64_t)(us - epoch_us) / 1000 << COUNT_BITS) : 0;
}

int id_compare(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}
