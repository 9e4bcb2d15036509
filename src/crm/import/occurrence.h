/* How often a key came before, for lines that nothing else tells apart. An open-addressing table in
 * an unlinked temporary file mapped into memory: 16 bytes a slot, at most two thirds full, so a
 * file of a million different lines takes 32 MB that the kernel may write out. Keys are 12 bytes of
 * a hash; that two of 10^8 lines share one by chance is less likely than 10^-12. Threads: one at a
 * time. Ownership: occurrences_free(). */
#pragma once
#include "../../base/err.h"

struct occurrences;
/* ERR_IO: no temporary file. */
enum err must_use occurrences_new(struct occurrences **ret);
void occurrences_free(struct occurrences **o);
/* How often this key was given before: 0 the first time. ERR_IO: no room. */
enum err must_use occurrences_count(struct occurrences *o, const uint8_t key[static 12],
                                    uint32_t *ret_before);
