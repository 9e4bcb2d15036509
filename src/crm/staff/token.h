/* Secrets of sessions and invitations: "<merchant>.<43 characters>", of which only the SHA-256 is
 * kept. */
#pragma once
#include "staff.h"

#define TOKEN_HASH_BYTES 32
#define TOKEN_SECRET_BYTES 32
struct token {
    int64_t merchant_id;
    unsigned char hash[TOKEN_HASH_BYTES];
};
/* A new one: its text and its hash. */
void token_make(int64_t merchant_id, char ret_text[static INVITATION_TOKEN_MAX],
                unsigned char ret_hash[static TOKEN_HASH_BYTES]);
/* False: no such text. */
bool token_read(struct str text, struct token *ret);
/* A random word of `bytes` bytes in base64url, NUL-terminated, in the arena. */
const char *token_random(struct arena *a, size_t bytes);
