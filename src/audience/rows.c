/* Putting and removing rows: everything that knows a row is told what changed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "../base/check.h"
#include "terms.h"

enum { RECORD_MAX = 60000 }; /* bytes of texts and visit days of one customer */

static bool id_equal(const void *ctx, uint32_t row, const void *key)
{
    const struct audience *a = ctx;
    return row_block(a, row)->id[ROW_AT(row)] == *(const int64_t *)key;
}

static uint64_t id_hash(const void *ctx, uint32_t row)
{
    const struct audience *a = ctx;
    return hash_int((uint64_t)row_block(a, row)->id[ROW_AT(row)]);
}

uint32_t row_of(const struct audience *a, int64_t id)
{
    return item_find(&a->by_id, hash_int((uint64_t)id), id_equal, a, &id);
}

uint32_t row_list(const struct audience *a, uint32_t row, enum list list, uint32_t *ret,
                  uint32_t max)
{
    uint32_t packed = small_list(row_small(a, row), (int)list), n = 0;
    if (packed != LIST_LONG) {
        for (; packed; packed >>= 8, n++)
            if (n < max)
                ret[n] = (packed & 255) - 1;
        return n;
    }
    struct str part = row_part(a, row, PART_LISTS + list);
    const uint8_t *p = (const uint8_t *)part.p, *end = p + part.n;
    for (; p < end; n++) {
        uint32_t slot = (uint32_t)varint_next(&p, end);
        if (n < max)
            ret[n] = slot;
    }
    return n;
}

static void set_bit(struct small_bits *s, int bit, bool on)
{
    s->set[bit / 64] |= (uint64_t)on << (bit % 64);
}

struct small_bits small_bits_of(const struct small *s)
{
    struct small_bits b = {{0}};
    uint32_t f = s->flags;
    if (!(f >> FLAG_LIVE & 1))
        return b;
    uint32_t gender = f >> FLAG_GENDER & 3, device = f >> FLAG_DEVICE & 7;
    if (gender)
        set_bit(&b, BIT_GENDER + (int)gender - 1, true);
    if (device)
        set_bit(&b, BIT_DEVICE + (int)device - 1, true);
    for (int c = 0; c < CHANNELS; c++) {
        static const uint8_t choice[] = {[CONSENT_GRANTED] = 0,
                                         [CONSENT_REFUSED] = CHANNELS,
                                         [CONSENT_NEVER_ASKED] = 2 * CHANNELS,
                                         [CONSENT_SUPPRESSED] = 3 * CHANNELS};
        set_bit(&b, BIT_CONSENT + choice[f >> (FLAG_CONSENT + 2 * c) & 3] + c, true);
    }
    for (int i = 0; i < 7; i++)
        set_bit(&b, BIT_HAS + i, f >> (FLAG_HAS + i) & 1);
    set_bit(&b, BIT_INITIAL + (int)(f >> FLAG_INITIAL & 31), true);
    set_bit(&b, BIT_BLOCKED, f >> FLAG_BLOCKED & 1);
    set_bit(&b, BIT_ANONYMOUS, f >> FLAG_ANONYMOUS & 1);
    set_bit(&b, BIT_KNOWN + DICT_SOURCE, s->source != 0);
    set_bit(&b, BIT_KNOWN + DICT_TIER, s->tier != 0);
    set_bit(&b, BIT_KNOWN + DICT_CITY, s->city != 0);
    set_bit(&b, BIT_KNOWN + DICT_LANGUAGE, s->language != 0);
    set_bit(&b, BIT_KNOWN + DICT_COUNTRY, s->country != 0);
    for (int l = 0; l < LISTS; l++)
        set_bit(&b, BIT_KNOWN + (int)list_dictionary[l], small_list(s, l) != 0);
    return b;
}

/* Writes `now` and turns the bits that differ. */
static void set_small(struct audience *a, uint32_t row, const struct small *now)
{
    struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    struct small *s = &b->small[at];
    struct small_bits old = small_bits_of(s), bits = small_bits_of(now);
    for (size_t half = 0; half < ARRAY_LEN(old.set); half++)
        for (uint64_t diff = old.set[half] ^ bits.set[half]; diff; diff &= diff - 1)
            block_bits(b, (int)half * 64 + __builtin_ctzll(diff))[at / 64] ^= 1ull << (at % 64);
    *s = *now;
}

/* What a row is to become. */
struct change {
    struct small small;
    uint32_t *lists[LISTS], nlists[LISTS];
    uint32_t first, last, nick, domain;
    uint64_t phone;
    struct record record;
};

static enum err find_word(struct audience *a, enum dictionary d, int64_t id, uint32_t *ret)
{
    uint32_t slot = words_slot(&a->words[d], id);
    if (slot == SLOT_NONE) {
        char name[24];
        bool moved;
        int n = snprintf(name, sizeof(name), "%" PRId64, id); /* until it is told its name */
        slot = words_set(&a->words[d], id, (struct str){name, (size_t)n}, &moved);
        a->recut |= moved ? 1ull << COL_STORE | 1ull << COL_SOURCE : 0;
    }
    *ret = slot;
    return slot < UINT16_MAX - 1 || d == DICT_CITY ? OK : ERR_TOO_LARGE;
}

/* Few words are nearly all that rows have. */
static enum err word_slot(struct audience *a, enum dictionary d, int64_t id, uint32_t *ret)
{
    uint64_t place = (uint64_t)id * 0x9e3779b97f4a7c15ull + (uint64_t)d * 0x5851f42d4c957f2dull;
    struct word_slot *known = &a->word_slots[place >> 32 & (WORD_SLOTS - 1)];
    if (known->slot_plus_one && known->id == id && known->dictionary == d) {
        *ret = known->slot_plus_one - 1;
        return OK;
    }
    enum err e = find_word(a, d, id, ret);
    if (e == OK)
        *known = (struct word_slot){id, d, *ret + 1};
    return e;
}

static int compare_slots(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static void sort_slots(uint32_t *slots, size_t n)
{
    enum { FEW_SLOTS = 16 };
    if (n > FEW_SLOTS)
        qsort(slots, n, sizeof(*slots), compare_slots);
    for (size_t i = 1; n <= FEW_SLOTS && i < n; i++) {
        uint32_t slot = slots[i];
        size_t k = i;
        for (; k > 0 && slots[k - 1] > slot; k--)
            slots[k] = slots[k - 1];
        slots[k] = slot;
    }
}

static struct str packed_part(const uint8_t *from, const uint8_t *end)
{
    return (struct str){(const char *)from, (size_t)(end - from)};
}

static enum err prepare_list(struct audience *a, enum list l, const int64_t *ids, size_t n,
                             struct change *c)
{
    uint32_t *slots, kept = 0;
    if (n == 0)
        return OK;
    slots = arena_room(a->arena, n, sizeof(*slots));
    for (size_t i = 0; i < n; i++) {
        enum err e = word_slot(a, list_dictionary[l], ids[i], &slots[i]);
        if (e != OK)
            return e;
    }
    sort_slots(slots, n);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || slots[kept - 1] != slots[i])
            slots[kept++] = slots[i];
    c->lists[l] = slots;
    c->nlists[l] = kept;
    if (l >= LISTS_SMALL)
        c->small.flags |= 1u << (FLAG_LISTED + l - LISTS_SMALL);
    if (l >= LISTS_SMALL || kept > 4 || slots[kept - 1] >= 254) {
        uint8_t *packed = arena_room(a->arena, kept, VARINT_MAX), *end = packed;
        for (uint32_t i = 0; i < kept; i++)
            end = varint_write(end, slots[i]);
        c->record.part[PART_LISTS + l] = packed_part(packed, end);
        if (l < LISTS_SMALL)
            c->small.lists[l] = LIST_LONG;
        return OK;
    }
    for (uint32_t i = 0; l < LISTS_SMALL && i < kept; i++)
        c->small.lists[l] |= (slots[i] + 1) << (8 * i);
    return OK;
}

static uint32_t open_word(struct audience *a, enum dictionary d, struct str name)
{
    text_fold_into(&a->folded, name);
    struct str folded = buf_str(&a->folded);
    if (folded.n == 0)
        return SLOT_NONE;
    bool moved;
    uint32_t slot = words_open(&a->words[d], name, folded, &moved);
    if (moved && d == DICT_CITY)
        a->recut |= 1ull << COL_CITY;
    return slot;
}

/* Cities come again as they were typed: those need no folding. */
static uint32_t open_city(struct audience *a, struct str name)
{
    uint32_t *known = &a->city_slots[hash_bytes(name.p, name.n) % CITY_SLOTS];
    if (name.n == 0)
        return SLOT_NONE;
    if (*known && str_eq(a->words[DICT_CITY].word[*known - 1].name, name))
        return *known - 1;
    uint32_t slot = open_word(a, DICT_CITY, name);
    *known = slot + 1;
    return slot;
}

/* Codes of languages and countries are few and plain. */
static uint32_t open_code(struct audience *a, enum dictionary d, const char code[4])
{
    uint32_t packed, *known = a->code_slots[d == DICT_COUNTRY];
    memcpy(&packed, code, sizeof(packed));
    if (!packed)
        return SLOT_NONE;
    for (uint32_t slot = 0; slot < CODE_SLOTS; slot++)
        if (known[slot] == packed)
            return slot;
    uint32_t slot = open_word(a, d, (struct str){code, strnlen(code, 4)});
    if (slot < CODE_SLOTS)
        known[slot] = packed;
    return slot;
}

enum { LANGUAGES_MAX = 1022 }; /* slots plus one in 10 bits */

static enum err prepare_words(struct audience *a, const struct audience_row *r, struct change *c)
{
    static const enum word_kind kinds[LISTS] = {WORD_TAG,  WORD_STORE, WORD_CATEGORY,
                                                WORD_SIZE, WORD_GROUP, WORD_CERTIFICATE};
    uint32_t slot;
    enum err e = OK;
    for (int l = 0; l < LISTS && e == OK; l++)
        e = prepare_list(a, (enum list)l, r->words[kinds[l]], r->nwords[kinds[l]], c);
    if (e == OK && r->home_store && (e = word_slot(a, DICT_STORE, r->home_store, &slot)) == OK)
        c->small.home = (uint16_t)(slot + 1);
    if (e == OK && r->source && (e = word_slot(a, DICT_SOURCE, r->source, &slot)) == OK)
        c->small.source = (uint16_t)(slot + 1);
    if (e == OK && r->tier && (e = word_slot(a, DICT_TIER, r->tier, &slot)) == OK) {
        if (slot >= AUDIENCE_TIERS_MAX)
            return ERR_TOO_LARGE;
        c->small.tier = (uint16_t)(slot + 1) & 63;
    }
    if (e != OK)
        return e;
    if ((slot = open_city(a, r->city)) != SLOT_NONE) {
        c->small.city = slot + 1;
        if (!str_eq(a->words[DICT_CITY].word[slot].name, r->city))
            c->record.part[PART_CITY] = r->city;
    }
    uint32_t language = open_code(a, DICT_LANGUAGE, r->language);
    uint32_t country = open_code(a, DICT_COUNTRY, r->country);
    if ((language != SLOT_NONE && language >= LANGUAGES_MAX) ||
        (country != SLOT_NONE && country >= UINT16_MAX - 1))
        return ERR_TOO_LARGE;
    c->small.language = (uint16_t)(language + 1) & 1023; /* SLOT_NONE + 1 = 0 */
    c->small.country = (uint16_t)(country + 1);
    return OK;
}

static void prepare_flags(const struct audience_row *r, struct change *c)
{
    uint32_t f = 1u << FLAG_LIVE;
    f |= (uint32_t)(r->gender & 3) << FLAG_GENDER | (uint32_t)(r->device & 7) << FLAG_DEVICE;
    for (int i = 0; i < CHANNELS; i++)
        f |= (uint32_t)(r->consent[i] & 3) << (FLAG_CONSENT + 2 * i);
    f |= (uint32_t)r->blocked << FLAG_BLOCKED | (uint32_t)r->anonymous << FLAG_ANONYMOUS;
    const bool has[] = {r->phone.n > 0,
                        r->email.n > 0,
                        r->has_photo,
                        r->birth_month && r->birth_day,
                        r->has_address,
                        r->last_purchase_day != DAY_NONE,
                        r->first_name.n || r->last_name.n || r->nickname.n};
    for (int i = 0; i < 7; i++)
        f |= (uint32_t)has[i] << (FLAG_HAS + i);
    c->small.flags = f;
}

/* Names, e-mail, phone and the parts of the record that are texts. */
static void prepare_texts(struct audience *a, const struct audience_row *r, struct change *c)
{
    bool moved[3];
    c->first = names_use(&a->names, r->first_name, &moved[0]);
    c->last = names_use(&a->names, r->last_name, &moved[1]);
    c->nick = names_use(&a->names, r->nickname, &moved[2]);
    if (moved[0] || moved[1] || moved[2])
        a->recut |= 1ull << COL_NAME;
    char initial = names_initial(&a->names, c->last != NAME_NONE    ? c->last
                                            : c->first != NAME_NONE ? c->first
                                                                    : c->nick);
    c->small.flags |= (uint32_t)(initial == '#' ? 26 : initial - 'A') << FLAG_INITIAL;
    if (c->nick != NAME_NONE) {
        uint8_t *p = arena_room(a->arena, 1, VARINT_MAX);
        c->record.part[PART_NICK] = packed_part(p, varint_write(p, c->nick));
    }
    c->phone = phone_pack(r->phone);
    if (!c->phone)
        c->record.part[PART_PHONE] = r->phone;
    struct str email = email_match_key(a->arena, r->email), domain = STR("");
    const char *sign = email.n ? memrchr(email.p, '@', email.n) : NULL;
    size_t local = sign && sign + 1 < email.p + email.n ? (size_t)(sign - email.p) : email.n;
    if (local < email.n)
        domain = (struct str){sign + 1, email.n - local - 1};
    bool new_domain;
    c->domain =
        email.n ? words_open(&a->words[DICT_DOMAIN], domain, domain, &new_domain) : SLOT_NONE;
    c->record.part[PART_LOCAL] = (struct str){email.p, local};
    if (!str_eq(email, r->email))
        c->record.part[PART_EMAIL] = r->email;
    text_fold_into(&a->folded, r->external_id);
    c->record.part[PART_EXTERNAL] = arena_str(a->arena, buf_str(&a->folded));
    c->record.part[PART_CONTACT] = email_match_key(a->arena, r->contact_text);
}

/* The latest first, the others as differences. */
static struct str pack_days(struct audience *a, const int64_t *days, size_t n)
{
    if (n > RECORD_MAX) /* caught by the record's limit */
        return (struct str){"", n};
    uint8_t *packed = arena_room(a->arena, n, VARINT_MAX), *end = packed;
    if (n)
        end = varint_write(end, (uint64_t)days[n - 1] << 1 ^ (uint64_t)(days[n - 1] >> 63));
    for (size_t i = n; i-- > 1;)
        end = varint_write(end, (uint64_t)(days[i] > days[i - 1] ? days[i] - days[i - 1] : 0));
    return packed_part(packed, end);
}

static void prepare_days(struct audience *a, const struct audience_row *r, struct change *c)
{
    c->record.part[PART_VISITS] = pack_days(a, r->visit_days, r->nvisit_days);
    struct civil birth = {r->birth_year, r->birth_month, r->birth_day};
    bool whole = birth.year && civil_valid(birth);
    if ((birth.year || birth.month || birth.day) && !whole) {
        uint8_t *p = arena_room(a->arena, 3, VARINT_MAX), *end = p;
        end = varint_write(end, (uint32_t)birth.year);
        end = varint_write(end, (uint32_t)birth.month);
        end = varint_write(end, (uint32_t)birth.day);
        c->record.part[PART_YEAR] = packed_part(p, end);
    }
}

/* Which are above 0, and these. */
static void prepare_tallies(struct audience *a, const struct audience_row *r, struct change *c)
{
    uint64_t which = 0;
    for (int t = 0; t < TALLIES; t++)
        which |= (uint64_t)(r->tallies[t] > 0) << t;
    if (!which)
        return;
    uint8_t *p = arena_room(a->arena, 1 + TALLIES, VARINT_MAX), *end = varint_write(p, which);
    for (int t = 0; t < TALLIES; t++)
        if (r->tallies[t] > 0)
            end = varint_write(end, (uint64_t)r->tallies[t]);
    c->record.part[PART_TALLIES] = packed_part(p, end);
}

static int64_t day_value(int32_t day)
{
    return day == DAY_NONE ? VALUE_NONE : day;
}

static int64_t interval_tenths(const struct audience_row *r)
{
    if (r->purchase_days < 2 || r->last_purchase_day == DAY_NONE ||
        r->first_purchase_day == DAY_NONE)
        return VALUE_NONE;
    int64_t days = (int64_t)r->last_purchase_day - r->first_purchase_day;
    return average_of(days * 10, r->purchase_days - 1);
}

static void set_numbers(struct audience *a, uint32_t row, const struct audience_row *r)
{
    struct civil birth = {r->birth_year, r->birth_month, r->birth_day};
    bool whole = birth.year && civil_valid(birth);
    size_t nth = (size_t)a->types.numbers.occasional_max + 1;
    narrow_set(a, row, NARROW_REGISTERED, day_value(r->registered_day));
    narrow_set(a, row, NARROW_LAST_VISIT, day_value(r->last_visit_day));
    narrow_set(a, row, NARROW_LAST_PURCHASE, day_value(r->last_purchase_day));
    narrow_set(a, row, NARROW_BIRTH, whole ? day_from_civil(birth) : VALUE_NONE);
    narrow_set(a, row, NARROW_NTH_VISIT,
               r->nvisit_days >= nth ? r->visit_days[r->nvisit_days - nth] : VALUE_NONE);
    narrow_set(a, row, NARROW_VISITS, r->visits);
    narrow_set(a, row, NARROW_OPERATIONS, r->operations);
    narrow_set(a, row, NARROW_INTERVAL, interval_tenths(r));
    narrow_set(a, row, NARROW_POINTS, r->points);
    wide_set(a, row, WIDE_NUMBER, r->number);
    wide_set(a, row, WIDE_SPENT, r->spent_minor);
    columns_put_tallies(a, row, r->tallies);
}

static void change_word(struct audience *a, enum dictionary d, uint32_t row, uint32_t old,
                        uint32_t now)
{
    /* both are slot plus one */
    uint32_t from = old - 1, to = now - 1;
    words_change(&a->words[d], row, &from, old != 0, &to, now != 0);
}

static void change_lists(struct audience *a, uint32_t row, const struct change *c)
{
    for (int l = 0; l < LISTS; l++) {
        uint32_t few[16], *old = few, n = row_list(a, row, (enum list)l, few, 16);
        if (n > 16) {
            old = arena_array(a->arena, uint32_t, n);
            row_list(a, row, (enum list)l, old, n);
        }
        words_change(&a->words[list_dictionary[l]], row, old, n, c->lists[l], c->nlists[l]);
    }
    const struct small *s = row_small(a, row);
    change_word(a, DICT_SOURCE, row, s->source, c->small.source);
    change_word(a, DICT_TIER, row, s->tier, c->small.tier);
    change_word(a, DICT_CITY, row, s->city, c->small.city);
    change_word(a, DICT_LANGUAGE, row, s->language, c->small.language);
    change_word(a, DICT_COUNTRY, row, s->country, c->small.country);
}

uint32_t nick_of(struct str part)
{
    const uint8_t *p = (const uint8_t *)part.p;
    return part.n ? (uint32_t)varint_next(&p, p + part.n) : NAME_NONE;
}

void tallies_of(struct str part, int64_t ret[static TALLIES])
{
    const uint8_t *p = (const uint8_t *)part.p, *end = p + part.n;
    uint64_t which = varint_next(&p, end);
    for (int t = 0; t < TALLIES; t++)
        ret[t] = which >> t & 1 ? (int64_t)varint_next(&p, end) : 0;
}

/* Whole birth dates are numbers; of the others the record tells what is known. */
int64_t birthday_of(const struct audience *a, uint32_t row)
{
    int64_t birth = narrow_get(a, row, NARROW_BIRTH);
    if (birth != VALUE_NONE) {
        struct civil c = day_to_civil((int32_t)birth);
        return c.month * BIRTHDAY_MONTH + c.day;
    }
    struct str part =
        row_small(a, row)->flags >> FLAG_BIRTHDAY & 1 ? row_part(a, row, PART_YEAR) : STR("");
    const uint8_t *p = (const uint8_t *)part.p, *end = p + part.n;
    varint_next(&p, end); /* the year */
    int64_t month = (int64_t)varint_next(&p, end), day = (int64_t)varint_next(&p, end);
    return month && day ? month * BIRTHDAY_MONTH + day : VALUE_NONE;
}

static struct row_texts new_texts(const struct change *c)
{
    return (struct row_texts){{c->first, c->last, c->nick}, c->record.part[PART_LOCAL],
                              c->record.part[PART_CONTACT], c->record.part[PART_EXTERNAL],
                              c->record.part[PART_PHONE],   c->domain};
}

static bool same_texts(const struct row_texts *x, const struct row_texts *y)
{
    return memcmp(x->names, y->names, sizeof(x->names)) == 0 && x->domain == y->domain &&
           str_eq(x->local, y->local) && str_eq(x->contact, y->contact) &&
           str_eq(x->external, y->external) && str_eq(x->phone, y->phone);
}

static size_t record_size(const struct record *r)
{
    size_t n = 0;
    for (int i = 0; i < PARTS; i++)
        n += r->part[i].n;
    return n;
}

/* Everything that is known about the row by its old values is told of the new ones; the old record
 * is read until the new one is written. */
static void apply(struct audience *a, uint32_t row, struct change *c)
{
    struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    struct record old;
    heap_get(&b->heap, b->record[at], &old);
    struct row_texts was = row_texts_of(a, row, &old), is = new_texts(c);
    if (!same_texts(&was, &is)) {
        struct terms before = {0}, after;
        if (row_small(a, row)->flags >> FLAG_LIVE & 1)
            terms_of(a, &was, &before);
        terms_of(a, &is, &after);
        terms_change(a, row, &before, &after);
    }
    for (int i = 0; i < 3; i++) /* prepare_texts() counted the new ones */
        names_release(&a->names, was.names[i]);
    externals_remove(a, row);
    change_lists(a, row, c);
    b->first[at] = c->first;
    b->last[at] = c->last;
    b->phone[at] = c->phone;
    b->domain[at] = c->domain;
    b->record[at] = heap_put(&b->heap, b->record[at], &c->record);
    heap_squeeze(&b->heap, b->record, b->n);
    externals_add(a, row);
    c->small.flags |= row_small(a, row)->flags & 1u << FLAG_WATCHED; /* calendar_watch() decides */
    set_small(a, row, &c->small);
}

struct told {
    struct audience *a;
    struct words *words;
    struct tokens *tokens;
};

static void gather_word(struct audience *a, enum dictionary d, uint32_t row, uint32_t slot_plus_one)
{
    if (slot_plus_one)
        pairs_add(&a->bulk.words[d], slot_plus_one - 1, row);
}

/* The bits of rows gathered, 64 at once: one by one they would touch a line of memory for each. */
static void settle_bits(struct audience *a)
{
    struct bulk *u = &a->bulk;
    if (!u->bits_wait)
        return;
    const struct block *b = &a->blocks[u->block];
    bits_turn(u->bits[0]);
    bits_turn(u->bits[1]);
    bits_turn(u->slices);
    for (int bit = 0; bit < BITS_OF_SMALL; bit++)
        block_bits(b, bit)[u->bits_word] |= u->bits[bit / 64][bit % 64];
    for (int slice = 0; slice < SLICES; slice++)
        block_slice(b, slice)[u->bits_word] |= u->slices[slice];
    u->bits_wait = false;
    memset(u->bits, 0, sizeof(u->bits));
    memset(u->slices, 0, sizeof(u->slices));
}

static void gather_bits(struct audience *a, uint32_t row, const struct small *small,
                        uint64_t slices)
{
    struct bulk *u = &a->bulk;
    uint32_t word = ROW_AT(row) / 64, at = row % 64;
    struct small_bits bits = small_bits_of(small);
    if (u->bits_word != word)
        settle_bits(a);
    u->bits_word = word;
    u->bits_wait = true;
    u->bits[0][at] = bits.set[0];
    u->bits[1][at] = bits.set[1];
    u->slices[at] = slices;
    row_block(a, row)->small[ROW_AT(row)] = *small;
}

/* The same for a new row while loading: there is nothing old, and dictionaries are told later. */
static void apply_new(struct audience *a, uint32_t row, struct change *c)
{
    struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    struct row_texts is = new_texts(c);
    struct terms terms;
    if (a->bulk.block != row >> BLOCK_BITS)
        rows_settle_words(a);
    a->bulk.block = row >> BLOCK_BITS;
    terms_of(a, &is, &terms);
    terms_gather(a, row, &terms);
    for (int l = 0; l < LISTS; l++)
        for (uint32_t i = 0; i < c->nlists[l]; i++)
            pairs_add(&a->bulk.words[list_dictionary[l]], c->lists[l][i], row);
    gather_word(a, DICT_SOURCE, row, c->small.source);
    gather_word(a, DICT_TIER, row, c->small.tier);
    gather_word(a, DICT_CITY, row, c->small.city);
    gather_word(a, DICT_LANGUAGE, row, c->small.language);
    gather_word(a, DICT_COUNTRY, row, c->small.country);
    b->first[at] = c->first;
    b->last[at] = c->last;
    b->phone[at] = c->phone;
    b->domain[at] = c->domain;
    b->record[at] = heap_put(&b->heap, 0, &c->record);
    a->bulk.externals += c->record.part[PART_EXTERNAL].n > 0;
    gather_bits(a, row, &c->small, terms.slices);
}

static void tell_words(void *words, uint32_t slot, const uint16_t *places, uint32_t n)
{
    struct audience *a = ((struct told *)words)->a;
    posting_add_many(&((struct told *)words)->words->word[slot].rows, a->bulk.block, places, n);
}

static void tell_tokens(void *tokens, uint32_t token, const uint16_t *places, uint32_t n)
{
    struct audience *a = ((struct told *)tokens)->a;
    rowset_append(&((struct told *)tokens)->tokens->rows[token], a->bulk.block, places, n);
}

void rows_settle_words(struct audience *a)
{
    settle_bits(a);
    for (int d = 0; d < DICTS; d++)
        pairs_flush(&a->bulk.words[d], a->words[d].n, tell_words,
                    &(struct told){a, &a->words[d], NULL});
    pairs_flush(&a->bulk.tokens, a->tokens.lexicon.n, tell_tokens,
                &(struct told){a, NULL, &a->tokens});
    pairs_flush(&a->bulk.phones, a->phones.lexicon.n, tell_tokens,
                &(struct told){a, NULL, &a->phones});
}

enum { AHEAD = 16 }; /* rows whose places are fetched while others are taken up */

void rows_settle_ids(struct audience *a)
{
    item_reserve(&a->by_id, a->nrows, id_hash, a);
    for (uint32_t row = a->bulk.unlisted; row < a->nrows; row++) {
        if (row + AHEAD < a->nrows)
            item_foresee(&a->by_id, id_hash(a, row + AHEAD));
        item_add(&a->by_id, row, id_hash, a);
    }
}

void rows_settle_externals(struct audience *a)
{
    externals_reserve(a, a->bulk.externals);
    a->bulk.externals = 0;
    for (uint32_t row = a->bulk.unlisted; row < a->nrows; row++) {
        if (row + AHEAD < a->nrows)
            externals_foresee(a, row + AHEAD);
        externals_add(a, row);
    }
}

void rows_settle_bulk(struct audience *a)
{
    rows_settle_words(a);
    rows_settle_ids(a);
    rows_settle_externals(a);
    a->bulk.unlisted = a->nrows;
}

/* What follows from the calendar, and the codes. */
static void settle(struct audience *a, uint32_t row)
{
    calendar_watch(a, row);
    if (a->loading) /* the rest is done once for all, at the end */
        return;
    calendar_set_bits(a, row);
    if (a->per_month_today == a->now.today)
        narrow_set(a, row, NARROW_PER_MONTH, calendar_per_month(a, row, &a->now));
    for (int c = 0; c < COLUMNS; c++)
        if ((c < COL_TALLY || c > COL_TALLY_END) &&
            (c != COL_PER_MONTH || a->per_month_today == a->now.today))
            column_update(a, (enum column)c, row);
    columns_settle(a);
}

static void adopt_favourites(struct audience *a, int64_t id, uint32_t row)
{
    int64_t n;
    if (!map_get(&a->favoured, (uint64_t)id, &n))
        return;
    for (size_t i = 0; i < a->nfavourites; i++)
        for (size_t k = 0; a->favourites[i].customer == id && k < a->nstaff; k++)
            if (a->staff[k].staff == a->favourites[i].staff)
                posting_add(&a->staff[k].rows, row);
}

enum err row_put(struct audience *a, const struct audience_row *r)
{
    struct change c = {0};
    arena_reset(a->arena);
    prepare_flags(r, &c);
    enum err e = prepare_words(a, r, &c);
    if (e != OK)
        return e;
    prepare_days(a, r, &c);
    prepare_tallies(a, r, &c);
    const size_t texts = r->external_id.n + r->first_name.n + r->last_name.n + r->nickname.n +
                         r->phone.n + r->email.n * 2 + r->contact_text.n * 2 + r->city.n;
    if (texts + record_size(&c.record) > RECORD_MAX)
        return ERR_TOO_LARGE;
    prepare_texts(a, r, &c);
    bool in_turn = a->loading && a->nfree == 0 && r->id > a->bulk.last_id;
    if (a->loading && !in_turn) {
        rows_settle_bulk(a);
        a->bulk.last_id = INT64_MAX; /* from now on one by one */
    }
    uint32_t row = in_turn ? ROW_NONE : row_of(a, r->id);
    if (row == ROW_NONE) {
        row = block_new_row(a, r->id);
        struct block *b = row_block(a, row);
        b->id[ROW_AT(row)] = r->id;
        b->live[ROW_AT(row) / 64] |= 1ull << (ROW_AT(row) % 64);
        if (!in_turn) {
            item_add(&a->by_id, row, id_hash, a);
            a->bulk.unlisted = a->nrows;
        }
        a->count++;
        adopt_favourites(a, r->id, row);
    }
    if (in_turn) {
        apply_new(a, row, &c);
        a->bulk.last_id = r->id;
    } else {
        apply(a, row, &c);
    }
    set_numbers(a, row, r);
    if (!in_turn || calendar_may_watch(a, row, r))
        settle(a, row);
    return OK;
}

void row_remove(struct audience *a, uint32_t row)
{
    struct block *b = row_block(a, row);
    uint32_t at = ROW_AT(row);
    struct change none = {
        .first = NAME_NONE, .last = NAME_NONE, .nick = NAME_NONE, .domain = SLOT_NONE};
    arena_reset(a->arena);
    calendar_forget(a, row);
    apply(a, row, &none);
    for (int i = 0; i < NARROWS; i++)
        narrow_set(a, row, (enum narrow)i, VALUE_NONE);
    for (int i = 0; i < WIDES; i++)
        wide_set(a, row, (enum wide)i, VALUE_NONE);
    calendar_set_bits(a, row);
    for (size_t k = 0; k < a->nstaff; k++)
        posting_remove(&a->staff[k].rows, row);
    item_remove(&a->by_id, row, id_hash, a);
    for (int c = 0; c < COLUMNS; c++) {
        uint8_t *code = &b->codes[c][at];
        a->cuts[c].count[*code]--;
        a->cuts[c].count[0]++;
        *code = 0;
    }
    b->id[at] = 0;
    b->live[at / 64] &= ~(1ull << (at % 64));
    a->count--;
    if (a->nfree == a->free_cap) {
        a->free_cap = a->free_cap ? a->free_cap * 2 : 64;
        a->free_rows = realloc(a->free_rows, a->free_cap * sizeof(*a->free_rows));
        check(a->free_rows);
    }
    a->free_rows[a->nfree++] = row;
}
