#include <stdlib.h>
#include "../base/check.h"
#include "terms.h"

const uint8_t sign_classes[256] = {
    ['0' ... '9'] = CLASS_DIGIT, ['a' ... 'z'] = CLASS_LETTER, [0x80 ... 0xFF] = CLASS_LETTER};

const uint8_t sign_slices[256] = {
    ['a'] = 1,  ['b'] = 2,  ['c'] = 3,  ['d'] = 4,  ['e'] = 5,  ['f'] = 6,  ['g'] = 7,
    ['h'] = 8,  ['i'] = 9,  ['j'] = 10, ['k'] = 11, ['l'] = 12, ['m'] = 13, ['n'] = 14,
    ['o'] = 15, ['p'] = 16, ['q'] = 17, ['r'] = 18, ['s'] = 19, ['t'] = 20, ['u'] = 21,
    ['v'] = 22, ['w'] = 23, ['x'] = 24, ['y'] = 25, ['z'] = 26, ['0'] = 27, ['1'] = 28,
    ['2'] = 29, ['3'] = 30, ['4'] = 31, ['5'] = 32, ['6'] = 33, ['7'] = 34, ['8'] = 35,
    ['9'] = 36, ['.'] = 37, ['-'] = 38, ['_'] = 39, ['+'] = 40, ['@'] = 41};

bool next_token(struct str *rest, struct str *ret)
{
    size_t from = 0, to;
    while (from < rest->n && sign_class(rest->p[from]) == CLASS_OTHER)
        from++;
    for (to = from; to < rest->n && sign_class(rest->p[to]) == sign_class(rest->p[from]); to++)
        continue;
    *ret = (struct str){rest->p + from, to - from};
    *rest = (struct str){rest->p + to, rest->n - to};
    return ret->n > 0;
}

bool next_piece(struct str *rest, struct str *ret)
{
    size_t from = 0, to;
    while (from < rest->n && rest->p[from] == ' ')
        from++;
    for (to = from; to < rest->n && rest->p[to] != ' '; to++)
        continue;
    *ret = (struct str){rest->p + from, to - from};
    *rest = (struct str){rest->p + to, rest->n - to};
    return ret->n > 0;
}

bool is_email(struct str piece)
{
    return piece.n && memchr(piece.p, '@', piece.n);
}

struct str digits_of(struct str s, char out[static PHONE_ROOM])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < PHONE_ROOM; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

struct row_texts row_texts_of(const struct audience *a, uint32_t row, const struct record *r)
{
    const struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    return (struct row_texts){{b->first[at], b->last[at], nick_of(r->part[PART_NICK])},
                              r->part[PART_LOCAL],
                              r->part[PART_CONTACT],
                              r->part[PART_EXTERNAL],
                              r->part[PART_PHONE],
                              b->domain[at]};
}

static void add_signs(struct terms *t, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        t->slices |= 1ull << sign_slice(s.p[i]);
}

static void add_number(uint32_t *list, uint32_t *n, uint32_t number)
{
    uint32_t i = *n;
    while (i > 0 && list[i - 1] > number)
        i--;
    if (i > 0 && list[i - 1] == number)
        return;
    memmove(list + i + 1, list + i, (*n - i) * sizeof(*list));
    list[i] = number;
    ++*n;
}

static void add_tokens(struct audience *a, struct terms *t, struct str s)
{
    struct str token;
    add_signs(t, s);
    while (next_token(&s, &token))
        add_number(t->tokens, &t->ntokens, tokens_number(&a->tokens, token));
}

/* Most names are one token, which is remembered: as long as a row has the name, it has the token.
 */
static void add_name(struct audience *a, struct terms *t, uint32_t name, size_t most)
{
    if (name == NAME_NONE)
        return;
    struct name_use *use = &a->names.use[name];
    if (use->token != NAME_NONE) {
        t->slices |= use->signs;
        add_number(t->tokens, &t->ntokens, use->token);
        return;
    }
    text_fold_into(&a->folded, names_text(&a->names, name));
    struct str folded = buf_str(&a->folded), rest = folded, token;
    folded.n = folded.n < most ? folded.n : most;
    add_tokens(a, t, folded);
    if (next_token(&rest, &token) && token.n == folded.n) {
        struct terms alone = {0};
        add_signs(&alone, folded);
        use->token = tokens_number(&a->tokens, token);
        use->signs = alone.slices;
    }
}

static void add_local(struct audience *a, struct terms *t, struct str local)
{
    add_tokens(a, t, local);
    if (is_email(local))
        t->slices |= 1ull << SLICE_ODD;
}

static void add_domain(struct audience *a, struct terms *t, uint32_t slot)
{
    struct str domain = a->words[DICT_DOMAIN].word[slot].name;
    add_signs(t, domain);
    if (domain.n)
        add_signs(t, STR("@"));
    add_number(t->domains, &t->ndomains, slot);
}

static void add_phone(struct audience *a, struct terms *t, struct str s)
{
    char room[PHONE_ROOM];
    struct str digits = digits_of(s, room);
    if (digits.n)
        add_number(t->phones, &t->nphones, tokens_number(&a->phones, digits));
}

static void add_contacts(struct audience *a, struct terms *t, struct str rest)
{
    struct str piece;
    bool made;
    while (next_piece(&rest, &piece)) {
        if (!is_email(piece)) {
            add_phone(a, t, piece);
            continue;
        }
        const char *sign = memrchr(piece.p, '@', piece.n);
        size_t n = (size_t)(sign - piece.p);
        struct str domain = {sign + 1, piece.n - n - 1};
        add_local(a, t, domain.n ? (struct str){piece.p, n} : piece);
        if (domain.n)
            add_domain(a, t, words_open(&a->words[DICT_DOMAIN], domain, domain, &made));
    }
}

/* No text has more tokens than bytes, and a folded name is at most this much longer. */
enum { FOLDED_GROWTH = 16 };

static size_t tokens_most(const struct audience *a, uint32_t name)
{
    if (name == NAME_NONE)
        return 0;
    return a->names.use[name].token != NAME_NONE ? 1
                                                 : names_text(&a->names, name).n * FOLDED_GROWTH;
}

void terms_of(struct audience *a, const struct row_texts *t, struct terms *ret)
{
    size_t bytes = t->local.n + t->contact.n + t->phone.n;
    for (int i = 0; i < 3; i++)
        bytes += tokens_most(a, t->names[i]);
    *ret = (struct terms){0};
    ret->tokens = arena_room(a->arena, bytes + 1, sizeof(*ret->tokens));
    ret->phones = arena_room(a->arena, t->contact.n + 2, sizeof(*ret->phones));
    ret->domains = arena_room(a->arena, t->contact.n + 2, sizeof(*ret->domains));
    for (int i = 0; i < 3; i++)
        add_name(a, ret, t->names[i], bytes);
    add_local(a, ret, t->local);
    if (t->domain != SLOT_NONE)
        add_domain(a, ret, t->domain);
    add_contacts(a, ret, t->contact);
    add_phone(a, ret, t->phone);
    if (t->external.n == 1) /* the one sign that finds it */
        add_signs(ret, t->external);
}

static void change_tokens(struct tokens *t, uint32_t row, const uint32_t *old, uint32_t nold,
                          const uint32_t *now, uint32_t nnow)
{
    /* First what is added: new entries have no row yet. */
    for (uint32_t i = 0, k = 0; k < nnow; k++) {
        while (i < nold && old[i] < now[k])
            i++;
        if (i == nold || old[i] != now[k])
            tokens_add(t, now[k], row);
    }
    for (uint32_t i = 0, k = 0; i < nold; i++) {
        while (k < nnow && now[k] < old[i])
            k++;
        if (k == nnow || now[k] != old[i])
            tokens_remove(t, old[i], row);
    }
}

void terms_change(struct audience *a, uint32_t row, const struct terms *old,
                  const struct terms *now)
{
    change_tokens(&a->tokens, row, old->tokens, old->ntokens, now->tokens, now->ntokens);
    change_tokens(&a->phones, row, old->phones, old->nphones, now->phones, now->nphones);
    words_change(&a->words[DICT_DOMAIN], row, old->domains, old->ndomains, now->domains,
                 now->ndomains);
    struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    for (uint64_t diff = old->slices ^ now->slices; diff; diff &= diff - 1)
        block_slice(b, __builtin_ctzll(diff))[at / 64] ^= 1ull << (at % 64);
}

void terms_gather(struct audience *a, uint32_t row, const struct terms *now)
{
    for (uint32_t i = 0; i < now->ntokens; i++)
        pairs_add(&a->bulk.tokens, now->tokens[i], row);
    for (uint32_t i = 0; i < now->nphones; i++)
        pairs_add(&a->bulk.phones, now->phones[i], row);
    for (uint32_t i = 0; i < now->ndomains; i++)
        pairs_add(&a->bulk.words[DICT_DOMAIN], now->domains[i], row);
}

/* External ids: rows by the hash of what stands in their records. */
static struct str external_of(const struct audience *a, uint32_t row)
{
    return row_part(a, row, PART_EXTERNAL);
}

static uint64_t external_hash(const void *ctx, uint32_t row)
{
    struct str s = external_of(ctx, row);
    return hash_bytes(s.p, s.n);
}

void externals_remove(struct audience *a, uint32_t row)
{
    if (external_of(a, row).n)
        item_remove(&a->by_external, row, external_hash, a);
}

void externals_add(struct audience *a, uint32_t row)
{
    if (external_of(a, row).n)
        item_add(&a->by_external, row, external_hash, a);
}

void externals_foresee(const struct audience *a, uint32_t row)
{
    item_foresee(&a->by_external, external_hash(a, row));
}

void externals_reserve(struct audience *a, uint32_t more)
{
    item_reserve(&a->by_external, a->by_external.n + more, external_hash, a);
}

uint32_t externals_next(const struct audience *a, struct str external, size_t *at)
{
    uint64_t hash = hash_bytes(external.p, external.n);
    uint32_t row;
    do
        row = item_next(&a->by_external, hash, at);
    while (row != ITEM_NONE && !str_eq(external_of(a, row), external));
    return row;
}
