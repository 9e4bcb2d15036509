/* A bare word. Names are looked up in the dictionary of names, phones among packed digits, e-mail
 * domains in their dictionary; local parts, further contacts and external ids are narrowed down by
 * slices (a bit per row and hashed pair of neighbouring signs) and then read. */
#include "../base/check.h"
#include "internal.h"

enum { PACKED_DIGITS = 15 }; /* E.164 has no more */

uint64_t phone_pack(struct str phone)
{
    if (phone.n < 2 || phone.n > PACKED_DIGITS + 1 || phone.p[0] != '+')
        return 0;
    for (size_t i = 1; i < phone.n; i++)
        if (phone.p[i] < '0' || phone.p[i] > '9')
            return 0;
    return phone_pack_digits(phone);
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

/* Slices */
static int letter_slice(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= '0' && c <= '9' ? 26 + c - '0' : SLICE_LETTERS - 1;
}

static int pair_slice(char c, char d)
{
    return SLICE_LETTERS + (int)(hash_int((uint64_t)(uint8_t)c << 8 | (uint8_t)d) % SLICE_PAIRS);
}

struct slices {
    uint64_t set[(SLICES + 63) / 64];
};

static void add_letters(struct slices *s, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        int slice = letter_slice(text.p[i]);
        s->set[slice / 64] |= 1ull << (slice % 64);
    }
}

static void add_pairs(struct slices *s, struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        int slice = pair_slice(text.p[i], text.p[i + 1]);
        s->set[slice / 64] |= 1ull << (slice % 64);
    }
}

static bool next_piece(struct str *rest, struct str *ret)
{
    while (rest->n && rest->p[0] == ' ') {
        rest->p++;
        rest->n--;
    }
    size_t n = 0;
    while (n < rest->n && rest->p[n] != ' ')
        n++;
    *ret = (struct str){rest->p, n};
    *rest = (struct str){rest->p + n, rest->n - n};
    return n > 0;
}

static bool is_email(struct str piece)
{
    return piece.n && memchr(piece.p, '@', piece.n);
}

enum { PHONE_ROOM = 256 }; /* digits of what stands for a phone; more are not looked at */

static struct str digits_of(struct str s, char out[static PHONE_ROOM])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < PHONE_ROOM; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            out[n++] = s.p[i];
    return (struct str){out, n};
}

static void add_contacts(struct slices *s, struct str rest)
{
    struct str piece;
    char digits[PHONE_ROOM];
    while (next_piece(&rest, &piece)) {
        if (is_email(piece)) {
            add_letters(s, piece);
            add_pairs(s, piece);
        } else {
            add_pairs(s, digits_of(piece, digits));
        }
    }
}

void search_index(struct audience *a, uint32_t row, bool on)
{
    struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    struct slices s = {{0}};
    if (on) {
        struct record r;
        char digits[PHONE_ROOM];
        heap_get(&b->heap, b->record[at], &r);
        add_letters(&s, names_folded(&a->names, b->first[at]));
        add_letters(&s, names_folded(&a->names, b->last[at]));
        add_letters(&s, names_folded(&a->names, record_nick(&r)));
        add_letters(&s, r.part[PART_LOCAL]);
        add_pairs(&s, r.part[PART_LOCAL]);
        if (b->domain[at] != SLOT_NONE) {
            struct str domain = a->words[DICT_DOMAIN].word[b->domain[at]].name;
            add_letters(&s, domain);
            if (domain.n)
                add_letters(&s, STR("@"));
        }
        add_contacts(&s, r.part[PART_CONTACT]);
        add_pairs(&s, digits_of(r.part[PART_PHONE], digits));
        add_pairs(&s, r.part[PART_EXTERNAL]);
        if (r.part[PART_EXTERNAL].n == 1) /* found by that one sign */
            add_letters(&s, r.part[PART_EXTERNAL]);
    }
    uint64_t bit = 1ull << (at % 64);
    for (int slice = 0; slice < SLICES; slice++) {
        uint64_t *word = &block_slice(b, slice)[at / 64];
        if (s.set[slice / 64] >> (slice % 64) & 1)
            *word |= bit;
        else if (*word & bit)
            *word &= ~bit;
    }
}

/* Looking for one word */
struct looking {
    const struct audience *a;
    const struct text_query *q;
    char phone_room[PHONE_ROOM];
    struct str phone;        /* digits without leading zeros; empty: the word is no phone */
    struct str local, domain; /* the parts of `lower` around its '@' */
    bool sign;                /* it has one */
    bool phrase;              /* `key` has a blank */
    uint64_t *mask;
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
    return part.n && text.n >= part.n && memmem(text.p, text.n, part.p, part.n);
}

static bool ends_with(struct str text, struct str end)
{
    return text.n >= end.n && (end.n == 0 || memcmp(text.p + text.n - end.n, end.p, end.n) == 0);
}

static void mark(uint64_t *mask, uint32_t row)
{
    mask[row / 64] |= 1ull << (row % 64);
}

/* The folded names joined, as the phrase would stand in them. */
static bool phrase_in_names(const struct looking *l, uint32_t row)
{
    const struct audience *a = l->a;
    const struct block *b = row_block(a, row);
    struct record r;
    heap_get(&b->heap, b->record[ROW_AT(row)], &r);
    const uint32_t names[] = {b->first[ROW_AT(row)], b->last[ROW_AT(row)], record_nick(&r)};
    struct buf joined;
    buf_init(&joined, 1 << 22);
    for (int i = 0; i < 3; i++) {
        struct str s = names_folded(&a->names, names[i]);
        if (s.n && joined.n)
            buf_addc(&joined, ' ');
        buf_add(&joined, s.p, s.n);
    }
    bool found = contains(buf_str(&joined), l->q->key);
    buf_free(&joined);
    return found;
}

static void mark_name(void *ctx, const struct name *name)
{
    struct looking *l = ctx;
    const uint32_t *rows = name_rows(name);
    for (uint32_t i = 0; i < name->n; i++)
        if (!l->phrase || phrase_in_names(l, rows[i]))
            mark(l->mask, rows[i]);
}

/* A phrase is looked for where its longest word is found. */
static void search_names(struct looking *l)
{
    struct str rest = l->q->key, piece, part = l->q->key;
    size_t longest = 0;
    while (l->phrase && next_piece(&rest, &piece)) {
        if (piece.n > longest) {
            longest = piece.n;
            part = piece;
        }
    }
    if (part.n)
        names_search(&l->a->names, l->a->simd, part, mark_name, l);
}

static void search_domains(struct looking *l)
{
    const struct words *w = &l->a->words[DICT_DOMAIN];
    for (uint32_t slot = 0; slot < w->n; slot++) {
        const struct posting *p = &w->word[slot].rows;
        struct str name = w->word[slot].name;
        bool whole = l->sign && l->local.n == 0 && name.n && str_starts(name, l->domain);
        if (!whole && (l->sign || !contains(name, l->q->lower)))
            continue;
        for (uint32_t i = 0; i < p->n; i++)
            container_or(&p->containers[i], l->mask + (size_t)p->containers[i].block * BLOCK_WORDS);
    }
}

static bool in_contacts(const struct looking *l, struct str rest)
{
    struct str piece;
    char digits[PHONE_ROOM];
    while (next_piece(&rest, &piece))
        if (is_email(piece) ? contains(piece, l->q->lower) : contains(digits_of(piece, digits), l->phone))
            return true;
    return false;
}

static bool in_email(const struct looking *l, const struct block *b, uint32_t at)
{
    if (b->domain[at] == SLOT_NONE)
        return false;
    struct str local = heap_first(&b->heap, b->record[at]);
    struct str domain = l->a->words[DICT_DOMAIN].word[b->domain[at]].name;
    if (contains(local, l->q->lower)) /* a quoted local part may have an @ of its own */
        return true;
    return l->sign && domain.n && ends_with(local, l->local) && str_starts(domain, l->domain);
}

static bool in_texts(const struct looking *l, uint32_t row)
{
    const struct block *b = row_block(l->a, row);
    uint32_t at = ROW_AT(row);
    if (in_email(l, b, at))
        return true;
    struct record r;
    char digits[PHONE_ROOM];
    heap_get(&b->heap, b->record[at], &r);
    return (l->q->key.n && str_eq(r.part[PART_EXTERNAL], l->q->key)) || in_contacts(l, r.part[PART_CONTACT]) ||
           contains(digits_of(r.part[PART_PHONE], digits), l->phone);
}

/* Reads the rows that have all these slices and are not found yet. */
static void read_candidates(struct looking *l, const struct slices *s)
{
    const struct audience *a = l->a;
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t *found = l->mask + (size_t)i * BLOCK_WORDS, candidates[BLOCK_WORDS];
        size_t words = block_words(b);
        for (size_t w = 0; w < words; w++)
            candidates[w] = b->live[w] & ~found[w];
        for (int slice = 0; slice < SLICES; slice++) {
            const uint64_t *bits = block_slice(b, slice);
            if (!(s->set[slice / 64] >> (slice % 64) & 1))
                continue;
            for (size_t w = 0; w < words; w++)
                candidates[w] &= bits[w];
        }
        for (size_t w = 0; w < words; w++) {
            for (uint64_t m = candidates[w]; m; m &= m - 1) {
                uint32_t at = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(m);
                if (in_texts(l, i * BLOCK_ROWS + at))
                    found[w] |= 1ull << (at % 64);
            }
        }
    }
}

/* What a candidate's slices hold if this stands in it. */
static struct slices slices_for(struct str form)
{
    struct slices s = {{0}};
    add_pairs(&s, form);
    if (form.n == 1)
        add_letters(&s, form);
    return s;
}

/* A word with an @ may span local part and domain: then only what stands before the @ is sliced. */
static void search_texts(struct looking *l)
{
    const struct text_query *q = l->q;
    const struct str forms[] = {l->local, q->lower, q->key, l->phone};
    struct slices done[ARRAY_LEN(forms)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (forms[i].n == 0)
            continue;
        bool again = false;
        done[n] = slices_for(forms[i]);
        for (size_t k = 0; k < n; k++)
            again = again || memcmp(&done[k], &done[n], sizeof(*done)) == 0;
        if (!again)
            read_candidates(l, &done[n++]);
    }
}

static void search_phones(struct looking *l)
{
    const struct audience *a = l->a;
    uint8_t digits[15];
    if (l->phone.n == 0 || l->phone.n > sizeof(digits))
        return;
    for (size_t i = 0; i < l->phone.n; i++)
        digits[i] = (uint8_t)(l->phone.p[i] - '0' + 1);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t hits[BLOCK_WORDS], *found = l->mask + (size_t)i * BLOCK_WORDS;
        a->simd->digits(b->phone, block_words(b), digits, (int)l->phone.n, hits);
        for (size_t w = 0; w < block_words(b); w++)
            found[w] |= hits[w];
    }
}

static void search_number(struct looking *l)
{
    const struct audience *a = l->a;
    int64_t number;
    if (l->q->word.n == 0 || l->q->word.p[0] == '-' || !str_int64(l->q->word, &number))
        return;
    uint8_t code = (uint8_t)cuts_code(&a->cuts[COL_NUMBER], number);
    for (uint32_t i = 0; i < a->nblocks; i++) {
        const struct block *b = &a->blocks[i];
        uint64_t in[BLOCK_WORDS], edge[BLOCK_WORDS], unknown[BLOCK_WORDS];
        a->simd->codes(b->codes[COL_NUMBER], block_words(b), (struct simd_codes){1, 0, code, 0}, in, edge, unknown);
        for (size_t w = 0; w < block_words(b); w++) {
            for (uint64_t m = edge[w]; m; m &= m - 1) {
                uint32_t row = i * BLOCK_ROWS + (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(m);
                if (wide_get(a, row, WIDE_NUMBER) == number)
                    mark(l->mask, row);
            }
        }
    }
}

/* One sign that is its own folded form: the slice of that letter tells exactly. */
static bool search_letter(struct looking *l)
{
    const struct text_query *q = l->q;
    if (q->key.n != 1 || !str_eq(q->key, q->lower) || letter_slice(q->key.p[0]) == SLICE_LETTERS - 1)
        return false;
    for (uint32_t i = 0; i < l->a->nblocks; i++) {
        const struct block *b = &l->a->blocks[i];
        const uint64_t *bits = block_slice(b, letter_slice(q->key.p[0]));
        for (size_t w = 0; w < block_words(b); w++)
            l->mask[(size_t)i * BLOCK_WORDS + w] |= bits[w];
    }
    return true;
}

void search(const struct audience *a, const struct text_query *q, uint64_t *mask)
{
    struct looking l = {.a = a, .q = q, .mask = mask};
    l.phone = typed_phone(q->word, l.phone_room);
    const char *sign = q->lower.n ? memchr(q->lower.p, '@', q->lower.n) : NULL;
    l.sign = sign != NULL;
    l.local = (struct str){q->lower.p, sign ? (size_t)(sign - q->lower.p) : 0};
    if (sign)
        l.domain = (struct str){sign + 1, q->lower.n - l.local.n - 1};
    l.phrase = q->key.n && memchr(q->key.p, ' ', q->key.n);
    search_number(&l);
    if (search_letter(&l))
        return;
    search_names(&l);
    search_domains(&l);
    search_phones(&l);
    search_texts(&l);
}
