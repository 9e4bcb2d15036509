/* A bare word. What it is made of is looked up: a word of letters alone, or of digits alone, is
 * found in the tokens that contain it, and nothing needs to be read. A word of several tokens
 * ("ma.ro", "anna rossi") is looked for in the rows that have all of them, at the ends where they
 * would touch. */
#include <stdlib.h>
#include "../base/check.h"
#include "terms.h"

enum { PACKED_DIGITS = 15 }; /* E.164 has no more */

uint64_t phone_pack(struct str phone)
{
    if (phone.n < 2 || phone.n > PACKED_DIGITS + 1 || phone.p[0] != '+')
        return 0;
    uint64_t packed = 0;
    for (size_t i = 1; i < phone.n; i++) {
        unsigned digit = (unsigned)(uint8_t)phone.p[i] - '0';
        if (digit > 9)
            return 0;
        packed = packed << 4 | (digit + 1);
    }
    return packed << 4 * (PACKED_DIGITS - (phone.n - 1));
}

uint64_t phone_pack_digits(struct str phone)
{
    uint64_t packed = 0;
    int n = 0;
    for (size_t i = 0; i < phone.n && n < PACKED_DIGITS; i++)
        if (phone.p[i] >= '0' && phone.p[i] <= '9')
            packed |= (uint64_t)(phone.p[i] - '0' + 1) << (4 * (PACKED_DIGITS - ++n));
    return packed;
}

struct looking {
    const struct audience *a;
    struct arena *arena;
    const struct text_query *q;
    char phone_room[PHONE_ROOM];
    struct str phone;         /* digits without leading zeros; empty: the word is no phone */
    struct str local, domain; /* the parts of `lower` around its first '@' */
    bool sign;                /* it has one */
    uint64_t *mask;           /* what is found */
};

/* At least three digits, and nothing that a phone is not written with. */
static struct str typed_phone(struct str word, char out[static PHONE_ROOM])
{
    size_t n = 0;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        if (c >= '0' && c <= '9') {
            if ((n || c != '0') && n < PHONE_ROOM)
                out[n++] = c;
        } else if (!memchr("+-./() ", c, 7)) {
            return STR("");
        }
    }
    return (struct str){out, n >= 3 ? n : 0};
}

static bool contains(struct str text, struct str part)
{
    return part.n && part.p && text.n >= part.n && memmem(text.p, text.n, part.p, part.n);
}

static bool ends_with(struct str text, struct str end)
{
    return text.n >= end.n && (end.n == 0 || memcmp(text.p + text.n - end.n, end.p, end.n) == 0);
}

static void mark(uint64_t *mask, uint32_t row)
{
    mask[row / 64] |= 1ull << (row % 64);
}

static uint64_t *new_mask(const struct looking *l)
{
    return arena_array(l->arena, uint64_t, (size_t)l->a->nblocks * BLOCK_WORDS + 1);
}

/* Tokens that contain the part; at its start or its end, if asked. */
struct token_search {
    struct arena *arena;
    struct str part;
    bool at_start, at_end;
    uint32_t *found;
    size_t n, cap;
};

static void take_token(void *ctx, uint32_t number, struct str text, size_t where)
{
    struct token_search *s = ctx;
    if (s->at_start && where > 0 && !str_starts(text, s->part))
        return;
    if (s->at_end && !ends_with(text, s->part))
        return;
    if (s->n == s->cap)
        s->found = arena_grow(s->arena, s->found, s->n, &s->cap, sizeof(*s->found));
    s->found[s->n++] = number;
}

static struct token_search find_tokens(const struct looking *l, const struct tokens *t,
                                       struct str part, bool at_start, bool at_end)
{
    struct token_search s = {
        .arena = l->arena, .part = part, .at_start = at_start, .at_end = at_end};
    lexicon_search(&t->lexicon, l->a->simd, part, take_token, &s);
    return s;
}

static void search_tokens(const struct looking *l, const struct tokens *t, struct str part,
                          uint64_t *mask)
{
    struct token_search s = find_tokens(l, t, part, false, false);
    rowset_or_some(t->rows, s.found, s.n, mask);
}

/* Reading a row */
static bool in_names(const struct looking *l, const struct row_texts *t)
{
    struct buf joined, one;
    buf_init(&joined, 1 << 22);
    buf_init(&one, 1 << 20);
    for (int i = 0; i < 3; i++) {
        text_fold_into(&one, names_text(&l->a->names, t->names[i]));
        if (one.n && joined.n)
            buf_addc(&joined, ' ');
        buf_add(&joined, one.p, one.n);
    }
    bool found = contains(buf_str(&joined), l->q->key);
    buf_free(&joined);
    buf_free(&one);
    return found;
}

static bool in_email(const struct looking *l, const struct row_texts *t)
{
    if (t->domain == SLOT_NONE)
        return false;
    struct str domain = l->a->words[DICT_DOMAIN].word[t->domain].name;
    if (contains(t->local, l->q->lower))
        return true;
    if (l->sign && domain.n && ends_with(t->local, l->local) && str_starts(domain, l->domain))
        return true;
    if (!l->sign || !is_email(t->local))
        return false;
    /* a quoted local part has an @ of its own: look at the whole */
    struct str whole = str_c(
        arena_printf(l->arena, "%.*s@%.*s", (int)t->local.n, t->local.p, (int)domain.n, domain.p));
    return contains(whole, l->q->lower);
}

static bool in_contacts(const struct looking *l, struct str rest)
{
    struct str piece;
    while (next_piece(&rest, &piece))
        if (is_email(piece) && contains(piece, l->q->lower))
            return true;
    return false;
}

static bool in_texts(const struct looking *l, uint32_t row)
{
    const struct block *b = row_block(l->a, row);
    struct record r;
    heap_get(&b->heap, b->record[ROW_AT(row)], &r);
    struct row_texts t = row_texts_of(l->a, row, &r);
    return in_email(l, &t) || in_contacts(l, t.contact) || (l->q->key.n && in_names(l, &t));
}

/* Reads of the rows of a block those that are not found yet, and marks what is found. */
static void read_block(struct looking *l, uint32_t block, const uint64_t *look)
{
    uint64_t *found = l->mask + (size_t)block * BLOCK_WORDS;
    for (size_t w = 0; w < block_words(&l->a->blocks[block]); w++) {
        for (uint64_t m = look[w] & ~found[w]; m; m &= m - 1) {
            int bit = __builtin_ctzll(m);
            if (in_texts(l, block * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)bit))
                found[w] |= 1ull << bit;
        }
    }
}

/* Keeps of a block's rows those that have all signs. */
static void keep_signs(const struct looking *l, const struct block *b, uint64_t slices,
                       uint64_t *mask)
{
    enum { FEW_WORDS = BLOCK_WORDS / 4 };
    uint16_t some[BLOCK_WORDS];
    const size_t words = block_words(b), n = l->a->simd->common(mask, mask, words, some);
    for (; slices && n; slices &= slices - 1) {
        const uint64_t *slice = block_slice(b, __builtin_ctzll(slices));
        if (n > FEW_WORDS)
            l->a->simd->keep(mask, slice, 0, words);
        for (size_t i = 0; n <= FEW_WORDS && i < n; i++)
            mask[some[i]] &= slice[some[i]];
    }
}

static void intersect(const struct looking *l, uint64_t *mask, const uint64_t *other)
{
    l->a->simd->keep(mask, other, 0, (size_t)l->a->nblocks * BLOCK_WORDS);
}

/* Rows that have all tokens of the form: of `tokens`, the part of it that is cut into tokens as the
 * rows' texts are. NULL: there are none. */
static uint64_t *rows_with_tokens(const struct looking *l, struct str form, struct str tokens)
{
    uint64_t *mask = NULL, *with = NULL;
    struct str rest = tokens, token;
    while (next_token(&rest, &token)) {
        struct token_search s = find_tokens(l, &l->a->tokens, token, token.p > form.p,
                                            token.p + token.n < form.p + form.n);
        if (s.n == 0)
            return NULL;
        if (!mask) {
            mask = new_mask(l);
            rowset_or_some(l->a->tokens.rows, s.found, s.n, mask);
            continue;
        }
        if (with)
            memset(with, 0, (size_t)l->a->nblocks * BLOCK_WORDS * sizeof(*with));
        else
            with = new_mask(l);
        rowset_or_some(l->a->tokens.rows, s.found, s.n, with);
        intersect(l, mask, with);
    }
    if (mask)
        return mask;
    mask = arena_room(l->arena, (size_t)l->a->nblocks * BLOCK_WORDS, sizeof(*mask));
    for (uint32_t i = 0; i < l->a->nblocks; i++)
        memcpy(mask + (size_t)i * BLOCK_WORDS, l->a->blocks[i].live, BLOCK_WORDS * sizeof(*mask));
    return mask;
}

/* Reads the rows that have all tokens and all signs of the form, and are in `also`, if that is not
 * NULL. */
static void read_candidates(struct looking *l, struct str form, struct str tokens,
                            const uint64_t *also)
{
    uint64_t slices = 0, *mask = rows_with_tokens(l, form, tokens);
    for (size_t i = 0; i < form.n; i++)
        if (form.p[i] != ' ') /* joins names, stands in none */
            slices |= 1ull << sign_slice(form.p[i]);
    for (uint32_t i = 0; mask && i < l->a->nblocks; i++) {
        uint64_t *look = mask + (size_t)i * BLOCK_WORDS;
        if (also)
            l->a->simd->keep(look, also + (size_t)i * BLOCK_WORDS, 0, BLOCK_WORDS);
        keep_signs(l, &l->a->blocks[i], slices, look);
        read_block(l, i, look);
    }
}

/* memmem() prepares itself for longer texts than domains. */
static bool contains_short(const struct looking *l, struct str text)
{
    const struct str part = l->q->lower;
    return l->a->simd->find(text.p, text.n, 0, part.p, part.n) < text.n;
}

static void or_domains(const struct looking *l, bool whole_prefix, uint64_t *mask)
{
    const struct words *w = &l->a->words[DICT_DOMAIN];
    for (uint32_t slot = 0; slot < w->n; slot++) {
        struct str name = w->word[slot].name;
        if (name.n && (whole_prefix ? str_starts(name, l->domain) : contains_short(l, name)))
            posting_or(&w->word[slot].rows, mask);
    }
}

/* With an @, tokens stand before it and a domain begins after it; but for the few quoted local
 * parts that have an @ of their own, which are read. */
static void search_address(struct looking *l)
{
    if (l->local.n == 0) {
        or_domains(l, true, l->mask);
    } else {
        uint64_t *domains = new_mask(l);
        or_domains(l, true, domains);
        read_candidates(l, l->q->lower, l->local, domains);
    }
    for (uint32_t i = 0; i < l->a->nblocks; i++)
        read_block(l, i, block_slice(&l->a->blocks[i], SLICE_ODD));
}

static void search_texts(struct looking *l)
{
    const struct text_query *q = l->q;
    bool same = str_eq(q->key, q->lower);
    struct str rest = q->lower, token;
    if (same && next_token(&rest, &token) && token.n == q->lower.n) {
        search_tokens(l, &l->a->tokens, token, l->mask);
        return;
    }
    if (l->sign)
        search_address(l);
    else if (q->lower.n)
        read_candidates(l, q->lower, q->lower, NULL);
    if (q->key.n && !same)
        read_candidates(l, q->key, q->key, NULL);
}

static void search_phones(struct looking *l)
{
    const struct audience *a = l->a;
    uint8_t digits[PACKED_DIGITS];
    if (l->phone.n == 0)
        return;
    search_tokens(l, &a->phones, l->phone, l->mask);
    if (l->phone.n > sizeof(digits))
        return;
    for (size_t i = 0; i < l->phone.n; i++)
        digits[i] = (uint8_t)(l->phone.p[i] - '0' + 1);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t hits[BLOCK_WORDS], *found = l->mask + (size_t)i * BLOCK_WORDS;
        a->simd->digits(b->phone, block_words(b), digits, (int)l->phone.n, hits);
        a->simd->add(found, hits, 0, block_words(b));
    }
}

static void search_numbers(struct looking *l)
{
    const struct audience *a = l->a;
    int64_t number;
    size_t at = 0;
    for (uint32_t row; l->q->key.n && (row = externals_next(a, l->q->key, &at)) != ROW_NONE;)
        mark(l->mask, row);
    if (l->q->word.n == 0 || l->q->word.p[0] == '-' || !str_int64(l->q->word, &number))
        return;
    uint8_t code = (uint8_t)cuts_code(&a->cuts[COL_NUMBER], number);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS];
        a->simd->codes(b->codes[COL_NUMBER], block_words(b), (struct simd_codes){1, 0, code, code},
                       in, edge);
        for (size_t w = 0; w < block_words(b); w++) {
            for (uint64_t m = edge[w]; m; m &= m - 1) {
                uint32_t row = i * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(m);
                if (wide_get(a, row, WIDE_NUMBER) == number)
                    mark(l->mask, row);
            }
        }
    }
}

/* One sign with a slice of its own, which tells exactly. */
static bool search_sign(struct looking *l)
{
    const struct text_query *q = l->q;
    if (q->lower.n != 1 || sign_slice(q->lower.p[0]) == SLICE_OTHER ||
        (q->key.n && !str_eq(q->key, q->lower)))
        return false;
    for (uint32_t i = 0; i < l->a->nblocks; i++) {
        const struct block *b = &l->a->blocks[i];
        l->a->simd->add(l->mask + (size_t)i * BLOCK_WORDS,
                        block_slice(b, sign_slice(q->lower.p[0])), 0, block_words(b));
    }
    return true;
}

static void looking_for(struct looking *l)
{
    const struct text_query *q = l->q;
    const char *sign = q->lower.n ? memchr(q->lower.p, '@', q->lower.n) : NULL;
    l->phone = typed_phone(q->word, l->phone_room);
    l->sign = sign != NULL;
    l->local = (struct str){q->lower.p, sign ? (size_t)(sign - q->lower.p) : 0};
    if (sign)
        l->domain = (struct str){sign + 1, q->lower.n - l->local.n - 1};
}

void search(const struct audience *a, struct arena *arena, const struct text_query *q,
            uint64_t *mask)
{
    struct looking l = {.a = a, .arena = arena, .q = q, .mask = mask};
    looking_for(&l);
    search_numbers(&l);
    if (search_sign(&l))
        return;
    if (!l.sign)
        or_domains(&l, false, mask);
    search_phones(&l);
    search_texts(&l);
}

static bool row_has_phone(const struct looking *l, uint32_t row, const struct record *r)
{
    const struct block *b = row_block(l->a, row);
    uint64_t packed = b->phone[ROW_AT(row)];
    char room[PHONE_ROOM];
    struct str piece, rest = r->part[PART_CONTACT];
    size_t n = 0;
    if (l->phone.n == 0)
        return false;
    for (int i = PACKED_DIGITS - 1; i >= 0 && packed >> (4 * i) & 15; i--)
        room[n++] = (char)('0' + (packed >> (4 * i) & 15) - 1);
    bool found = contains((struct str){room, n}, l->phone) ||
                 contains(digits_of(r->part[PART_PHONE], room), l->phone);
    while (!found && next_piece(&rest, &piece))
        found = !is_email(piece) && contains(digits_of(piece, room), l->phone);
    return found;
}

bool search_row(const struct audience *a, struct arena *arena, const struct text_query *q,
                uint32_t row)
{
    struct looking l = {.a = a, .arena = arena, .q = q};
    const struct block *b = row_block(a, row);
    struct record r;
    int64_t number;
    looking_for(&l);
    heap_get(&b->heap, b->record[ROW_AT(row)], &r);
    if (q->key.n && str_eq(r.part[PART_EXTERNAL], q->key))
        return true;
    if (q->word.n && q->word.p[0] != '-' && str_int64(q->word, &number) &&
        wide_get(a, row, WIDE_NUMBER) == number)
        return true;
    uint32_t domain = b->domain[ROW_AT(row)];
    if (!l.sign && domain != SLOT_NONE &&
        contains(a->words[DICT_DOMAIN].word[domain].name, q->lower))
        return true;
    return row_has_phone(&l, row, &r) || in_texts(&l, row);
}
