/* The instruction sets that simd_kernels.c is compiled for. */
#pragma once
#include "simd.h"
extern const struct simd simd_portable;
#ifdef HAVE_X86_SETS
extern const struct simd simd_avx2, simd_avx512;
#endif
