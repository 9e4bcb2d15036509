#include "guard.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include "../../base/check.h"

#define FADE_US (15LL * 60 * 1000000)
#define HASHES_MAX 2
#define HASHES_WAITING_MAX 8

enum { BY_PAIR, BY_ADDRESS, BY_EMAIL, KINDS };
static const struct {
    int free_attempts, wait_max_s;
} rules[KINDS] = {[BY_PAIR] = {5, 900}, [BY_ADDRESS] = {30, 900}, [BY_EMAIL] = {50, 60}};

/* One key's attempts. Keys are keyed hashes, so that two cannot be made to meet. */
struct entry {
    uint64_t key; /* 0 = free */
    int attempts;
    int64_t last_us;
};

struct guard {
    pthread_mutex_t lock;
    pthread_cond_t free_hash;
    struct entry entries[KINDS][GUARD_ENTRIES];
    unsigned char secret[crypto_shorthash_KEYBYTES];
    int hashing, waiting;
    char dummy[PASSWORD_HASH_MAX];
};

enum err guard_new(struct guard **ret)
{
    if (sodium_init() < 0)
        return ERR_INTERNAL;
    struct guard *g = calloc(1, sizeof *g);
    check(g != NULL);
    check(pthread_mutex_init(&g->lock, NULL) == 0);
    check(pthread_cond_init(&g->free_hash, NULL) == 0);
    crypto_shorthash_keygen(g->secret);
    *ret = g;
    return OK;
}

void guard_free(struct guard **gg)
{
    struct guard *g = *gg;
    if (!g)
        return;
    *gg = NULL;
    pthread_cond_destroy(&g->free_hash);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* ---- throttle ---- */

static uint64_t key_of(const struct guard *g, int kind, const char *address, struct str email)
{
    struct buf b;
    unsigned char hash[crypto_shorthash_BYTES];
    uint64_t key;
    buf_init(&b, 4096);
    if (kind != BY_EMAIL)
        buf_adds(&b, address);
    buf_addc(&b, 0);
    if (kind != BY_ADDRESS)
        buf_add(&b, email.p, email.n);
    crypto_shorthash(hash, (const unsigned char *)b.p, b.n, g->secret);
    buf_free(&b);
    memcpy(&key, hash, sizeof key);
    return key ? key : 1;
}

/* The key's place, or the one to give up for it: of eight neighbours the one silent for longest. */
static struct entry *find(struct guard *g, int kind, uint64_t key, int64_t now_us)
{
    struct entry *oldest = NULL;
    for (size_t i = 0; i < 8; i++) {
        struct entry *e = &g->entries[kind][(key + i) % GUARD_ENTRIES];
        if (e->key == key) {
            if (now_us - e->last_us > FADE_US)
                e->attempts = 0;
            return e;
        }
        if (!oldest || e->last_us < oldest->last_us)
            oldest = e;
    }
    *oldest = (struct entry){.key = key};
    return oldest;
}

static int wait_of(const struct entry *e, int kind, int64_t now_us)
{
    int over = e->attempts - rules[kind].free_attempts;
    if (over < 0)
        return 0;
    int64_t wait_s = over < 20 ? 1LL << over : rules[kind].wait_max_s;
    if (wait_s > rules[kind].wait_max_s)
        wait_s = rules[kind].wait_max_s;
    int64_t left_us = e->last_us + wait_s * 1000000 - now_us;
    return left_us > 0 ? (int)((left_us + 999999) / 1000000) : 0;
}

int guard_enter(struct guard *g, const char *address, struct str email_key, int64_t now_us)
{
    struct entry *e[KINDS];
    int wait = 0;
    pthread_mutex_lock(&g->lock);
    for (int kind = 0; kind < KINDS; kind++) {
        e[kind] = find(g, kind, key_of(g, kind, address, email_key), now_us);
        int w = wait_of(e[kind], kind, now_us);
        wait = w > wait ? w : wait;
    }
    for (int kind = 0; kind < KINDS && wait == 0; kind++) {
        e[kind]->attempts++;
        e[kind]->last_us = now_us;
    }
    pthread_mutex_unlock(&g->lock);
    return wait;
}

void guard_passed(struct guard *g, const char *address, struct str email_key)
{
    pthread_mutex_lock(&g->lock);
    for (int kind = 0; kind < KINDS; kind++) {
        uint64_t key = key_of(g, kind, address, email_key);
        for (size_t i = 0; i < 8; i++) {
            struct entry *e = &g->entries[kind][(key + i) % GUARD_ENTRIES];
            if (e->key == key)
                e->attempts = kind == BY_PAIR || e->attempts < 1 ? 0 : e->attempts - 1;
        }
    }
    pthread_mutex_unlock(&g->lock);
}

/* ---- hashing, a few at a time ---- */

static enum err take_hash(struct guard *g)
{
    enum err e = OK;
    pthread_mutex_lock(&g->lock);
    if (g->hashing >= HASHES_MAX && g->waiting >= HASHES_WAITING_MAX) {
        e = ERR_BUSY;
    } else {
        g->waiting++;
        while (g->hashing >= HASHES_MAX)
            pthread_cond_wait(&g->free_hash, &g->lock);
        g->waiting--;
        g->hashing++;
    }
    pthread_mutex_unlock(&g->lock);
    return e;
}

static void give_hash(struct guard *g)
{
    pthread_mutex_lock(&g->lock);
    g->hashing--;
    pthread_cond_signal(&g->free_hash);
    pthread_mutex_unlock(&g->lock);
}

enum err guard_hash(struct guard *g, struct str password, char ret_hash[static PASSWORD_HASH_MAX])
{
    char hash[crypto_pwhash_STRBYTES];
    _Static_assert(crypto_pwhash_STRBYTES <= PASSWORD_HASH_MAX, "room for a hash");
    enum err e = take_hash(g);
    if (e != OK)
        return e;
    int rc = crypto_pwhash_str(hash, password.p, password.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                               crypto_pwhash_MEMLIMIT_INTERACTIVE);
    give_hash(g);
    if (rc != 0)
        return ERR_BUSY; /* no memory for it now */
    memcpy(ret_hash, hash, sizeof hash);
    return OK;
}

/* A hash of nothing anybody knows, made when first needed. */
static enum err dummy_hash(struct guard *g)
{
    char random[32], hash[PASSWORD_HASH_MAX];
    pthread_mutex_lock(&g->lock);
    bool there = g->dummy[0] != 0;
    pthread_mutex_unlock(&g->lock);
    if (there)
        return OK;
    randombytes_buf(random, sizeof random);
    enum err e = guard_hash(g, (struct str){random, sizeof random}, hash);
    if (e != OK)
        return e;
    pthread_mutex_lock(&g->lock);
    memcpy(g->dummy, hash, sizeof hash);
    pthread_mutex_unlock(&g->lock);
    return OK;
}

enum err guard_verify(struct guard *g, const char *hash, struct str password, bool *ret_right)
{
    enum err e = hash ? OK : dummy_hash(g);
    if (e == OK)
        e = take_hash(g);
    if (e != OK)
        return e;
    bool right = crypto_pwhash_str_verify(hash ? hash : g->dummy, password.p, password.n) == 0;
    give_hash(g);
    *ret_right = right && hash;
    return OK;
}

/* ---- what is no password ---- */

/* The commonest of ten characters and more, folded; shorter ones are refused anyway. */
static const char *const common[] = {
    "1234567890",       "0123456789",    "12345678910",  "1q2w3e4r5t",        "qwertyuiop",
    "qwerty12345",      "password12",    "password123",  "password1234",      "passw0rd123",
    "iloveyou123",      "administrator", "1qaz2wsx3edc", "azertyuiop",        "motdepasse",
    "motdepasse1",      "azerty12345",   "contrasena",   "contrasena1",       "contrasenia",
    "passwordpassword", "lapassword",    "qazwsxedcrfv", "qwerty123456",      "letmein1234",
    "welcome1234",      "welcome123",    "changeme123",  "football123",       "princess123",
    "superman123",      "juventus123",   "realmadrid",   "parissaintgermain", "11111111111",
    "0987654321",       "9876543210",    "abcdefghij",   "abcdefghijk",       "abc1234567",
    "qwertyqwerty",     "asdfghjkl1",    "asdfghjkl123", "zxcvbnm123",        "privet12345",
    "parol12345",       "moiparol123",   "habitue123",
};

static bool one_character(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] != s.p[0])
            return false;
    }
    return true;
}

enum err password_check(struct arena *a, struct str password, const struct str *texts,
                        struct problem *p)
{
    size_t length = text_length(password);
    if (length < PASSWORD_MIN)
        return problem_set(p, a, ERR_INVALID, "password_short", "password", "least",
                           arena_printf(a, "%d", PASSWORD_MIN), NULL);
    if (length > PASSWORD_MAX)
        return problem_set(p, a, ERR_INVALID, "password_long", "password", "most",
                           arena_printf(a, "%d", PASSWORD_MAX), NULL);
    struct str folded = text_fold(a, password);
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        if (str_eq(folded, str_c(common[i])))
            return problem_set(p, a, ERR_INVALID, "password_common", "password", NULL);
    }
    if (one_character(password))
        return problem_set(p, a, ERR_INVALID, "password_common", "password", NULL);
    for (; texts->n > 0; texts++) {
        if (folded.n > 0 && str_eq(folded, text_fold(a, *texts)))
            return problem_set(p, a, ERR_INVALID, "password_personal", "password", NULL);
    }
    return OK;
}
