#include <stdbool.h>
#include "simd.h"
#include "simd_sets.h"

#ifdef HAVE_X86_SETS
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq") &&
           __builtin_cpu_supports("avx512vbmi2");
}
#endif

const struct simd *const *simd_all(void)
{
#ifdef HAVE_X86_SETS
    static const struct simd *const portable[] = {&simd_portable, NULL};
    static const struct simd *const avx2[] = {&simd_portable, &simd_avx2, NULL};
    static const struct simd *const avx512[] = {&simd_portable, &simd_avx2, &simd_avx512, NULL};
    return runs_avx512() ? avx512 : runs_avx2() ? avx2 : portable;
#else
    static const struct simd *const portable[] = {&simd_portable, NULL};
    return portable;
#endif
}

const struct simd *simd_best(void)
{
    const struct simd *const *s = simd_all();
    while (s[1])
        s++;
    return *s;
}
