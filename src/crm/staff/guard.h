/* Guards the door: slows down guessing of passwords, and bounds the memory and processor time that
 * hashing them may take. In this process only: it forgets at a restart, which costs a guesser more
 * than it gives him. Threads: any. */
#pragma once
#include "../app.h"

struct guard;
enum err must_use guard_new(struct guard **ret);
void guard_free(struct guard **g);

#define GUARD_ENTRIES 4096 /* of each kind: pairs of address and e-mail, addresses, e-mails */

/* Before a password is tried: counts the attempt. Returns 0, or the seconds to wait before the next
 * one (then the attempt was not counted and must not be made). Free attempts: 5 for one e-mail from
 * one address, 30 for an address, 50 for an e-mail; then the wait doubles from one second up to 15
 * minutes, for an e-mail alone up to one minute, so that nobody can lock an owner out. Counts fade
 * after 15 minutes without an attempt. */
int guard_enter(struct guard *g, const char *address, struct str email_key, int64_t now_us);
/* The password was right: forgets the attempts of this pair, and takes the attempt back elsewhere.
 */
void guard_passed(struct guard *g, const char *address, struct str email_key);

#define PASSWORD_MIN 10 /* characters */
#define PASSWORD_MAX 200
#define PASSWORD_HASH_MAX 128
/* argon2id with libsodium's interactive limits (64 MiB each); at most two at a time, eight more
 * wait. ERR_BUSY: too many wait. */
enum err must_use guard_hash(struct guard *g, struct str password,
                             char ret_hash[static PASSWORD_HASH_MAX]);
/* hash NULL: spends the same time and says no, so that nobody learns who has an account. */
enum err must_use guard_verify(struct guard *g, const char *hash, struct str password,
                               bool *ret_right);
/* ERR_INVALID: password_short, password_long, password_common, password_personal. `texts`: e-mail,
 * name and shop, which must not be the password; ends with an empty slice. */
enum err must_use password_check(struct arena *a, struct str password, const struct str *texts,
                                 struct problem *p);
