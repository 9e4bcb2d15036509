/* The words of vocabulary.h as the build writes them (vocabulary_table.c): folded, in a hash table
 * with open addressing. For vocabulary*.c alone; constant, so any thread. */
#pragma once
#include "../../base/str.h"

enum word_class {
    CLASS_GENDER = 1,
    CLASS_YES,
    CLASS_COUNTRY,
    CLASS_LANGUAGE,
    CLASS_DEVICE,
    CLASS_LABEL
};
enum { VOCABULARY_SLOTS = 4096, WORD_BYTES_MAX = 200 };

struct vocabulary_entry {
    uint32_t key;  /* where it begins in the keys */
    uint8_t key_n; /* 0: free */
    uint8_t of;    /* word_class */
    char value[4]; /* a code, or one byte */
};
extern const struct vocabulary_entry vocabulary_entries[VOCABULARY_SLOTS];
extern const char vocabulary_keys[];

/* The slot that a word has, or would have. */
static inline size_t vocabulary_slot(const struct vocabulary_entry *entries, const char *keys,
                                     struct str key, uint8_t of)
{
    uint32_t h = 2166136261u ^ of; /* FNV-1a */
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (uint8_t)key.p[i]) * 16777619u;
    size_t i = h % VOCABULARY_SLOTS;
    while (entries[i].key_n > 0 &&
           (entries[i].of != of ||
            !str_eq((struct str){keys + entries[i].key, entries[i].key_n}, key)))
        i = (i + 1) % VOCABULARY_SLOTS;
    return i;
}
