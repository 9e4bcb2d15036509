/* Compiled once per instruction set: -DKERNELS=simd_portable, simd_avx2 or simd_avx512. */
#include <stdbool.h>
#include <string.h>
#include "simd.h"
#include "simd_sets.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define SPREAD4(d) (0x1111111111111111ull * (uint64_t)(d))
enum { DIGITS_AT_ONCE = 4 }; /* the rest is checked for the few rows that have these */

/* Bits 3 of the nibbles of x that are zero. Source: Hacker's Delight, 6-1. */
static inline uint64_t zero_nibbles(uint64_t x)
{
    const uint64_t sevens = SPREAD4(7);
    return ~(((x & sevens) + sevens) | x | sevens);
}

static inline bool has_digits(uint64_t packed, const uint8_t *digits, int n)
{
    uint64_t at = ~0ull;
    for (int i = 0; i < n; i++)
        at &= zero_nibbles(packed ^ SPREAD4(digits[i])) << (4 * i);
    return at != 0;
}

static uint64_t keep_all_digits(uint64_t mask, const uint64_t *packed, const uint8_t *digits, int n)
{
    uint64_t keep = 0;
    for (uint64_t m = mask; m; m &= m - 1) {
        int bit = __builtin_ctzll(m);
        keep |= (uint64_t)has_digits(packed[bit], digits, n) << bit;
    }
    return keep;
}

#if defined(__AVX512BW__)
static inline uint64_t equal64(__m512i v, uint8_t c)
{
    return _mm512_cmpeq_epu8_mask(v, _mm512_set1_epi8((char)c));
}

static inline uint64_t within64(__m512i v, uint8_t low, uint8_t span)
{
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8((char)low)),
                                  _mm512_set1_epi8((char)span));
}
#define LOAD_CODES(p) _mm512_loadu_si512((const void *)(p))
typedef __m512i codes64;

/* Masks of 32 are made numbers at once: gcc 12 may keep one on the stack in 32 bits and read it
 * back in 64. */
static inline uint64_t above64(const uint16_t *v, uint16_t limit)
{
    const __m512i l = _mm512_set1_epi16((short)limit);
    uint32_t low = _cvtmask32_u32(_mm512_cmpgt_epu16_mask(_mm512_loadu_si512((const void *)v), l));
    uint32_t high =
        _cvtmask32_u32(_mm512_cmpgt_epu16_mask(_mm512_loadu_si512((const void *)(v + 32)), l));
    return low | (uint64_t)high << 32;
}

static inline uint64_t digits64(const uint64_t *packed, uint16_t digits, uint16_t known)
{
    const __m512i want = _mm512_set1_epi16((short)digits), those = _mm512_set1_epi16((short)known);
    uint32_t hits[8], some = 0;
    uint64_t mask = 0;
    for (int k = 0; k < 8; k++) {
        __m512i p = _mm512_loadu_si512((const void *)(packed + 8 * k)), at[4];
        at[0] = p;
        at[1] = _mm512_slli_epi64(p, 4);
        at[2] = _mm512_slli_epi64(p, 8);
        at[3] = _mm512_slli_epi64(p, 12);
        hits[k] = 0;
        for (int i = 0; i < 4; i++)
            hits[k] |=
                _cvtmask32_u32(_mm512_testn_epi16_mask(_mm512_xor_si512(at[i], want), those));
        some |= hits[k];
    }
    for (int k = 0; some && k < 8; k++)
        for (uint32_t m = hits[k]; m; m &= m - 1)
            mask |= 1ull << (8 * k + __builtin_ctz(m) / 4);
    return mask;
}

static inline uint64_t pair64(const char *first, const char *last, char a, char b)
{
    return _mm512_cmpeq_epu8_mask(LOAD_CODES(first), _mm512_set1_epi8(a)) &
           _mm512_cmpeq_epu8_mask(LOAD_CODES(last), _mm512_set1_epi8(b));
}
#elif defined(__AVX2__)
typedef struct {
    __m256i low, high;
} codes64;

static inline codes64 load_codes(const void *p)
{
    const __m256i *v = p;
    return (codes64){_mm256_loadu_si256(v), _mm256_loadu_si256(v + 1)};
}
#define LOAD_CODES(p) load_codes(p)

static inline uint64_t join32(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

static inline uint64_t equal64(codes64 v, uint8_t c)
{
    const __m256i e = _mm256_set1_epi8((char)c);
    return join32(_mm256_cmpeq_epi8(v.low, e), _mm256_cmpeq_epi8(v.high, e));
}

static inline uint64_t within64(codes64 v, uint8_t low, uint8_t span)
{
    const __m256i l = _mm256_set1_epi8((char)low), s = _mm256_set1_epi8((char)span);
    __m256i a = _mm256_sub_epi8(v.low, l), b = _mm256_sub_epi8(v.high, l);
    return join32(_mm256_cmpeq_epi8(_mm256_min_epu8(a, s), a),
                  _mm256_cmpeq_epi8(_mm256_min_epu8(b, s), b));
}

static inline uint64_t above64(const uint16_t *v, uint16_t limit)
{
    const __m256i l = _mm256_set1_epi16((short)limit);
    __m256i above[4];
    for (int k = 0; k < 4; k++) {
        __m256i x = _mm256_loadu_si256((const void *)(v + 16 * k));
        /* not above: max(x, limit) = limit */
        above[k] = _mm256_cmpeq_epi16(_mm256_max_epu16(x, l), l);
    }
    /* packing swaps the middle quarters; permuting puts them back */
    __m256i a = _mm256_permute4x64_epi64(_mm256_packs_epi16(above[0], above[1]), 0xd8);
    __m256i b = _mm256_permute4x64_epi64(_mm256_packs_epi16(above[2], above[3]), 0xd8);
    return ~join32(a, b);
}

static inline uint64_t digits64(const uint64_t *packed, uint16_t digits, uint16_t known)
{
    const __m256i want = _mm256_set1_epi16((short)digits), those = _mm256_set1_epi16((short)known);
    uint64_t mask = 0;
    for (int k = 0; k < 16; k++) {
        __m256i p = _mm256_loadu_si256((const void *)(packed + 4 * k)), at[4];
        at[0] = p;
        at[1] = _mm256_slli_epi64(p, 4);
        at[2] = _mm256_slli_epi64(p, 8);
        at[3] = _mm256_slli_epi64(p, 12);
        for (int i = 0; i < 4; i++)
            at[i] = _mm256_cmpeq_epi16(_mm256_and_si256(at[i], those), want);
        __m256i some =
            _mm256_or_si256(_mm256_or_si256(at[0], at[1]), _mm256_or_si256(at[2], at[3]));
        for (uint32_t m = (uint32_t)_mm256_movemask_epi8(some); m; m &= m - 1)
            mask |= 1ull << (4 * k + __builtin_ctz(m) / 8);
    }
    return mask;
}

static inline uint64_t pair64(const char *first, const char *last, char a, char b)
{
    return equal64(LOAD_CODES(first), (uint8_t)a) & equal64(LOAD_CODES(last), (uint8_t)b);
}
#else
typedef const uint8_t *codes64;
#define LOAD_CODES(p) ((const uint8_t *)(p))

static inline uint64_t equal64(codes64 v, uint8_t c)
{
    uint64_t m = 0;
    for (int i = 0; i < 64; i++)
        m |= (uint64_t)(v[i] == c) << i;
    return m;
}

static inline uint64_t within64(codes64 v, uint8_t low, uint8_t span)
{
    uint64_t m = 0;
    for (int i = 0; i < 64; i++)
        m |= (uint64_t)((uint8_t)(v[i] - low) <= span) << i;
    return m;
}

static inline uint64_t above64(const uint16_t *v, uint16_t limit)
{
    uint64_t m = 0;
    for (int i = 0; i < 64; i++)
        m |= (uint64_t)(v[i] > limit) << i;
    return m;
}

static inline uint64_t digits64(const uint64_t *packed, uint16_t digits, uint16_t known)
{
    uint64_t m = 0;
    for (int i = 0; i < 64; i++)
        for (uint64_t p = packed[i]; p; p <<= 4)
            m |= (uint64_t)((p >> 48 & known) == digits) << i;
    return m;
}

static inline uint64_t pair64(const char *first, const char *last, char a, char b)
{
    return equal64((codes64)first, (uint8_t)a) & equal64((codes64)last, (uint8_t)b);
}
#endif

/* Codes low..high, and the wider run; `some`, `wide`: are there any. */
struct code_runs {
    uint8_t low, span, edge_low, edge_span;
    uint64_t some, wide;
};

static inline struct code_runs code_runs(struct simd_codes c)
{
    return (struct code_runs){c.low,
                              (uint8_t)(c.high - c.low),
                              c.edge_low,
                              (uint8_t)(c.edge_high - c.edge_low),
                              c.low <= c.high ? ~0ull : 0,
                              c.edge_low <= c.edge_high ? ~0ull : 0};
}

static void kernel_codes(const uint8_t *codes, size_t words, struct simd_codes c, uint64_t *match,
                         uint64_t *edge)
{
    const struct code_runs r = code_runs(c);
    for (size_t i = 0; i < words; i++) {
        codes64 v = LOAD_CODES(codes + 64 * i);
        match[i] = within64(v, r.low, r.span) & r.some;
        edge[i] = within64(v, r.edge_low, r.edge_span) & r.wide & ~match[i];
    }
}

static void kernel_keep_codes(const uint8_t *codes, size_t words, struct simd_codes c, bool negated,
                              uint64_t *match, uint64_t *edge)
{
    const struct code_runs r = code_runs(c);
    const uint64_t flip = negated ? ~0ull : 0;
    if (c.low == c.edge_low && c.high == c.edge_high) { /* nothing to be looked at */
        for (size_t i = 0; i < words; i++) {
            match[i] &= (within64(LOAD_CODES(codes + 64 * i), r.low, r.span) & r.some) ^ flip;
            edge[i] = 0;
        }
        return;
    }
    for (size_t i = 0; i < words; i++) {
        codes64 v = LOAD_CODES(codes + 64 * i);
        uint64_t in = within64(v, r.low, r.span) & r.some;
        uint64_t look = within64(v, r.edge_low, r.edge_span) & r.wide & ~in;
        edge[i] = look;
        match[i] &= (in ^ flip) | look;
    }
}

static void kernel_keep_codes_pair(const uint8_t *codes, size_t words, struct simd_codes c,
                                   bool negated, bool unknown, uint64_t *match, uint64_t *maybe,
                                   uint64_t *edge)
{
    const struct code_runs r = code_runs(c);
    const uint64_t flip = negated ? ~0ull : 0, all = unknown ? ~0ull : 0;
    for (size_t i = 0; i < words; i++) {
        codes64 v = LOAD_CODES(codes + 64 * i);
        uint64_t in = within64(v, r.low, r.span) & r.some;
        uint64_t look = within64(v, r.edge_low, r.edge_span) & r.wide & ~in;
        uint64_t keep = (in ^ flip) | look;
        edge[i] = look;
        match[i] &= keep;
        maybe[i] &= keep | (equal64(v, 0) & all);
    }
}

static void kernel_above16(const uint16_t *values, size_t words, const uint16_t *limits, int n,
                           uint64_t *const *ret)
{
    for (size_t i = 0; i < words; i++)
        for (int k = 0; k < n; k++)
            ret[k][i] = above64(values + 64 * i, limits[k]);
}

static void kernel_add(uint64_t *to, const uint64_t *from, uint64_t flip, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] |= from[i] ^ flip;
}

static void kernel_keep(uint64_t *to, const uint64_t *from, uint64_t flip, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] &= from[i] ^ flip;
}

static void kernel_both(uint64_t *to, const uint64_t *x, const uint64_t *y, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] = x[i] & y[i];
}

static uint64_t kernel_count(const uint64_t *a, size_t words)
{
    uint64_t n = 0;
    for (size_t i = 0; i < words; i++)
        n += (uint64_t)__builtin_popcountll(a[i]);
    return n;
}

static uint64_t kernel_count_and(const uint64_t *a, const uint64_t *b, size_t words)
{
    uint64_t n = 0;
    for (size_t i = 0; i < words; i++)
        n += (uint64_t)__builtin_popcountll(a[i] & b[i]);
    return n;
}

/* Four at a time: one after the other they would wait for the memory four times. */
static void kernel_count_each(const uint64_t *bits, size_t step, int n, const uint64_t *mask,
                              size_t words, int64_t *ret)
{
    int k = 0;
    for (; k + 4 <= n; k += 4, bits += 4 * step) {
        uint64_t found[4] = {0};
        for (size_t i = 0; i < words; i++)
            for (size_t j = 0; j < 4; j++)
                found[j] += (uint64_t)__builtin_popcountll(bits[j * step + i] & mask[i]);
        for (int j = 0; j < 4; j++)
            ret[k + j] += (int64_t)found[j];
    }
    for (; k < n; k++, bits += step)
        ret[k] += (int64_t)kernel_count_and(bits, mask, words);
}

static uint64_t kernel_count_list(const uint16_t *places, size_t n, const uint64_t *mask)
{
    uint64_t found = 0;
    size_t i = 0;
#if defined(__AVX512BW__)
    const __m512i low = _mm512_set1_epi32(31), one = _mm512_set1_epi32(1);
    for (; i + 16 <= n; i += 16) {
        __m512i at = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)(places + i)));
        __m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(at, 5), (const void *)mask, 4);
        __m512i bits = _mm512_sllv_epi32(one, _mm512_and_si512(at, low));
        found += (uint64_t)__builtin_popcount(_cvtmask16_u32(_mm512_test_epi32_mask(words, bits)));
    }
#endif
    for (; i < n; i++)
        found += mask[places[i] / 64] >> (places[i] % 64) & 1;
    return found;
}

static void kernel_count_codes(const uint8_t *codes, const uint64_t *mask, size_t words,
                               const uint8_t limits[4], uint64_t ret[4])
{
    uint64_t n[4] = {0};
    for (size_t i = 0; i < words; i++) {
        codes64 v = LOAD_CODES(codes + 64 * i);
        for (int k = 0; k < 4; k++)
            n[k] +=
                (uint64_t)__builtin_popcountll(within64(v, 1, (uint8_t)(limits[k] - 1)) & mask[i]);
    }
    for (int k = 0; k < 4; k++)
        ret[k] += limits[k] ? n[k] : 0;
}

/* Writes where the bits of a word are, as places from `first` on; room for PLACES_MORE more.
 * Without a branch, where there is an instruction for it: how many there are is hard to foresee. */
static inline size_t put_places(uint64_t word, size_t first, uint16_t *ret)
{
#if defined(__AVX512VBMI2__)
    static const char each[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                  32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                  48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    const __m512i bytes = _mm512_maskz_compress_epi8(word, LOAD_CODES(each)),
                  from = _mm512_set1_epi16((short)first);
    const size_t found = (size_t)__builtin_popcountll(word);
    __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bytes));
    _mm512_storeu_si512((void *)ret, _mm512_add_epi16(low, from));
    if (found > 32) {
        __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(bytes, 1));
        _mm512_storeu_si512((void *)(ret + 32), _mm512_add_epi16(high, from));
    }
    return found;
#else
    size_t n = 0;
    for (; word; word &= word - 1)
        ret[n++] = (uint16_t)(first + (size_t)__builtin_ctzll(word));
    return n;
#endif
}

static size_t kernel_collect_codes(const uint8_t *codes, const uint64_t *mask, size_t words,
                                   uint8_t low, uint8_t high, uint16_t *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < words; i++) {
        uint64_t in = within64(LOAD_CODES(codes + 64 * i), low, (uint8_t)(high - low)) & mask[i];
        n += put_places(in, 64 * i, ret + n);
    }
    return n;
}

static void kernel_split_codes(const uint8_t *codes, const uint64_t *mask, size_t words,
                               uint8_t low, uint8_t high, uint16_t *ret, uint64_t ret_n[3])
{
    uint64_t unknown = 0, below = 0, within = 0;
    for (size_t i = 0; i < words; i++) {
        codes64 v = LOAD_CODES(codes + 64 * i);
        uint64_t in = within64(v, low, (uint8_t)(high - low)) & mask[i];
        unknown += (uint64_t)__builtin_popcountll(equal64(v, 0) & mask[i]);
        below += (uint64_t)__builtin_popcountll(within64(v, 0, (uint8_t)(low - 1)) & mask[i]);
        within += put_places(in, 64 * i, ret + within);
    }
    ret_n[SPLIT_UNKNOWN] += unknown;
    ret_n[SPLIT_BELOW] += below - unknown;
    ret_n[SPLIT_WITHIN] += within;
}

static size_t kernel_places(const uint64_t *mask, size_t words, uint16_t *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < words; i++)
        n += put_places(mask[i], 64 * i, ret + n);
    return n;
}

static size_t kernel_common(const uint64_t *a, const uint64_t *b, size_t words, uint16_t *ret)
{
    size_t n = 0, i = 0;
#if defined(__AVX512BW__)
    for (; i + 8 <= words; i += 8) {
        uint32_t some = _mm512_test_epi64_mask(_mm512_loadu_si512((const void *)(a + i)),
                                               _mm512_loadu_si512((const void *)(b + i)));
        for (; some; some &= some - 1)
            ret[n++] = (uint16_t)(i + (size_t)__builtin_ctz(some));
    }
#endif
    for (; i < words; i++) {
        ret[n] = (uint16_t)i;
        n += (a[i] & b[i]) != 0;
    }
    return n;
}

static uint64_t kernel_sum32(const uint32_t *values, const uint64_t *mask, size_t words)
{
    uint64_t sum = 0;
#if defined(__AVX512BW__)
    __m512i low = _mm512_setzero_si512(), high = low;
    for (size_t i = 0; i < words; i++) {
        for (int k = 0; k < 4; k++) {
            __mmask16 m = (__mmask16)(mask[i] >> (16 * k));
            __m512i v = _mm512_maskz_loadu_epi32(m, values + 64 * i + 16 * k);
            low = _mm512_add_epi64(low, _mm512_and_si512(v, _mm512_set1_epi64(0xffffffff)));
            high = _mm512_add_epi64(high, _mm512_srli_epi64(v, 32));
        }
    }
    sum = (uint64_t)_mm512_reduce_add_epi64(low) + (uint64_t)_mm512_reduce_add_epi64(high);
#else
    for (size_t i = 0; i < words; i++)
        for (uint64_t m = mask[i]; m; m &= m - 1)
            sum += values[64 * i + (size_t)__builtin_ctzll(m)];
#endif
    return sum;
}

/* Four digits are 16 bits: they stand at the beginning of a quarter of the number, or would if it
 * were one, two or three digits further left. The last four tell most: many numbers begin alike. */
static void kernel_digits(const uint64_t *packed, size_t words, const uint8_t *digits, int n,
                          uint64_t *ret)
{
    const uint8_t *last = digits + (n > DIGITS_AT_ONCE ? n - DIGITS_AT_ONCE : 0);
    uint16_t four = 0, known = 0;
    for (int i = 0; i < n && i < DIGITS_AT_ONCE; i++) {
        four |= (uint16_t)(last[i] << (4 * (DIGITS_AT_ONCE - 1 - i)));
        known |= (uint16_t)(15 << (4 * (DIGITS_AT_ONCE - 1 - i)));
    }
    for (size_t i = 0; i < words; i++) {
        ret[i] = digits64(packed + 64 * i, four, known);
        if (n > DIGITS_AT_ONCE && ret[i])
            ret[i] = keep_all_digits(ret[i], packed + 64 * i, digits, n);
    }
}

/* First and last byte together are rare enough that the bytes between seldom disagree.
 * Source: Wojciech Muła, "SIMD-friendly algorithms for substring searching", 2016. */
static size_t kernel_find(const char *text, size_t n, size_t from, const char *needle, size_t m)
{
    if (m == 0 || m > n)
        return n;
    size_t i = from, end = n - m; /* the last place it could be */
    for (; i + 63 <= end; i += 64) {
        uint64_t at = pair64(text + i, text + i + m - 1, needle[0], needle[m - 1]);
        for (; at; at &= at - 1) {
            size_t p = i + (size_t)__builtin_ctzll(at);
            if (memcmp(text + p, needle, m) == 0)
                return p;
        }
    }
    for (; i <= end; i++)
        if (text[i] == needle[0] && memcmp(text + i, needle, m) == 0)
            return i;
    return n;
}

#define TEXT_OF(x) #x
#define NAME_OF(x) TEXT_OF(x)
const struct simd KERNELS = {.name = NAME_OF(KERNELS),
                             .codes = kernel_codes,
                             .keep_codes = kernel_keep_codes,
                             .keep_codes_pair = kernel_keep_codes_pair,
                             .above16 = kernel_above16,
                             .add = kernel_add,
                             .keep = kernel_keep,
                             .both = kernel_both,
                             .count = kernel_count,
                             .count_and = kernel_count_and,
                             .count_each = kernel_count_each,
                             .count_list = kernel_count_list,
                             .count_codes = kernel_count_codes,
                             .collect_codes = kernel_collect_codes,
                             .split_codes = kernel_split_codes,
                             .places = kernel_places,
                             .common = kernel_common,
                             .sum32 = kernel_sum32,
                             .digits = kernel_digits,
                             .find = kernel_find};
