/* Codes that people read, say and type: certificates, referrals.
 *
 * Symbols of Crockford's base 32 (https://www.crockford.com/base32.html): digits and capitals
 * without I, L, O and U, five bits each, drawn by libsodium. The last symbol is a check: the sum of
 * the others times rising powers of a primitive element of GF(32), so every single wrong symbol and
 * every two that changed places are noticed. Reading forgives case, blanks, hyphens, O for 0, I and
 * L for 1, U for V. Threads: any. */
#pragma once
#include "../../base/arena.h"

#define CODE_SYMBOLS_MAX 16
struct code {
    char text[CODE_SYMBOLS_MAX + 1]; /* as stored: symbols alone, the check last */
};
/* `symbols`: with the check, 5 bits of chance for each of the others. */
struct code code_new(int symbols);
/* False: not a code of that length, or mistyped. */
bool code_read(struct str typed, int symbols, struct code *ret);
/* In groups of four, the last one of four to seven: 7K3M-Q2XD-9FHTC. In the arena. */
const char *code_shown(struct arena *a, struct str stored);
