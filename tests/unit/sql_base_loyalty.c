/* Points, tiers, stamps, referrals and certificates of the random base, until the day it ends on.
 * What stands beside a ledger (a balance, a state) is written as the ledger has it then. */
#include "sql_base_internal.h"
#include <inttypes.h>

#define pick sql_base_pick
#define PICK(b, list) (list)[pick((b), ARRAY_LEN(list))]

/* A statement of numbers, and NULL for INT64_MIN. */
#define NIL INT64_MIN
static void insert(struct base *b, const char *into, const int64_t *v, size_t n, const char *rest)
{
    buf_printf(&b->sql, "INSERT INTO %s VALUES (%" PRId64, into, b->merchant_id);
    for (size_t i = 0; i < n; i++)
        sql_base_int(b, v[i] != NIL, v[i]);
    buf_printf(&b->sql, "%s);", rest);
}
#define INSERT(b, into, rest, ...)                                                                 \
    insert((b), (into), (const int64_t[]){__VA_ARGS__},                                            \
           sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (rest))

void sql_base_make_loyalty(struct base *b)
{
    buf_printf(&b->sql,
               "INSERT INTO tier_ladder (merchant_id, measure, period, months, grace_days, day, "
               "updated_us, version) "
               "VALUES (%" PRId64 ", 'none', 'ever', 0, 0, 0, 1, 1);",
               b->merchant_id);
    for (int i = 0; i < WORLD_WORDS; i++) {
        const char *name = world_word(WORD_TIER, i).p;
        b->words[WORD_TIER][i] = 500 + i;
        b->words[WORD_CERTIFICATE][i] = 600 + i;
        INSERT(b, "tier (merchant_id, id, place, threshold, name, name_key, colour, benefits)",
               arena_printf(b->world.arena, ", '%s', '%s', 'wine', ''", name, name), 500 + i,
               (i * 4) % WORLD_WORDS, 0);
        INSERT(b,
               "certificate_type (merchant_id, id, value_minor, partial, valid_days, per_customer, "
               "stock, created_us, "
               "updated_us, name, name_key, description, kind, gift)",
               arena_printf(b->world.arena, ", '%s', '%s', '', 'value', ''", name, name), 600 + i,
               1000, 1, 0, 0, 0, 1, 1);
    }
    INSERT(b,
           "stamp_program (merchant_id, id, stamps, per_day, reward_points, created_us, "
           "updated_us, name, name_key, "
           "description, reward, reward_gift)",
           ", 'P', 'p', '', 'gift', 'x'", 700, 10, 0, 0, 1, 1);
}

static void add_points(struct base *b, int64_t id)
{
    int64_t balance = 0, entries = 0;
    size_t account = b->sql.n;
    for (uint32_t n = pick(b, 2) ? 0 : 1 + pick(b, 6), i = 0; i < n; i++) {
        int32_t day = sql_base_day(b);
        int64_t entry = b->next_id++, amount = 1 + pick(b, 1500);
        if (day > b->until)
            continue;
        balance += amount;
        entries++;
        INSERT(b,
               "points_entry (merchant_id, id, posting_id, account_id, place, customer_id, amount, "
               "balance, total, day, "
               "at_us, kind, reason, message, text_hash, hash)",
               ", 'credit', '', '', 'x', 'x'", entry, entry, id, entries, id, amount, balance,
               balance, day, 0);
    }
    if (b->sql.n == account)
        return;
    struct buf rows = b->sql; /* the account stands before its entries */
    struct str after = arena_str(b->world.arena, (struct str){rows.p + account, rows.n - account});
    b->sql.n = account;
    INSERT(b, "points_account (merchant_id, id, customer_id, balance, entries, hash)", ", 'x'", id,
           id, balance, entries);
    buf_add(&b->sql, after.p, after.n);
}

static void add_tiers(struct base *b, int64_t id)
{
    int64_t tier = NIL;
    int32_t day = SQL_BASE_TODAY - 200, since = 0;
    for (uint32_t n = pick(b, 3) ? 0 : 1 + pick(b, 3), i = 0; i < n; i++) {
        int64_t entry = b->next_id++, to = pick(b, 5) ? PICK(b, b->words[WORD_TIER]) : NIL;
        day += (int32_t)pick(b, 90);
        if (day > b->until)
            continue;
        INSERT(
            b,
            "tier_entry (merchant_id, customer_id, id, at_us, day, from_id, to_id, cause, reason)",
            ", 'hand', ''", id, entry, 0, day, tier, to);
        tier = to;
        since = day;
    }
    if (since)
        INSERT(b, "customer_tier (merchant_id, customer_id, tier_id, since_day, by_hand)", "", id,
               tier, since, 1);
}

static void add_counts(struct base *b, int64_t id)
{
    for (uint32_t n = pick(b, 2) ? 0 : pick(b, 6), i = 0; i < n; i++) {
        int64_t entry = b->next_id++, amount = 1 + pick(b, 3);
        int32_t day = sql_base_day(b);
        if (day <= b->until)
            INSERT(b,
                   "stamp_entry (merchant_id, customer_id, id, program_id, amount, at_us, day, "
                   "reason)",
                   ", ''", id, entry, 700, amount, 0, day);
    }
    for (uint32_t n = pick(b, 4) ? 0 : 1 + pick(b, 4), i = 0; i < n; i++) {
        int64_t entry = b->next_id++;
        int32_t day = sql_base_day(b);
        if (day <= b->until)
            INSERT(b, "referral (merchant_id, id, customer_id, at_us, day, how)", ", 'card'", entry,
                   id, 0, day);
    }
}

enum { WORTH = 1000 };
struct use {
    const char *kind; /* redeem void back */
    int64_t id, amount, cites;
    int32_t day;
};
struct standing {
    int64_t left, state;
};

static void apply(struct standing *s, const struct use *u)
{
    bool redeem = strcmp(u->kind, "redeem") == 0;
    s->left += redeem ? -u->amount : u->amount;
    s->state = redeem ? s->left == 0 : strcmp(u->kind, "void") == 0 ? 2 : 0;
}

/* Redeemed in parts or at once, made void, the last use taken back; in the order of their days. */
static size_t make_uses(struct base *b, int32_t day, bool partial, struct use uses[static 4])
{
    struct standing s = {WORTH, 0};
    size_t n = 0;
    for (uint32_t tries = pick(b, 5); tries > 0; tries--) {
        const struct use *last = n ? &uses[n - 1] : NULL;
        bool back = last && strcmp(last->kind, "redeem") == 0 && pick(b, 3) == 0,
             redeem = pick(b, 4) > 0;
        int64_t part = partial && pick(b, 2) && s.left > 400 ? 400 : s.left;
        day += (int32_t)pick(b, 60);
        int64_t id = b->next_id++;
        if (n == 4 || (!back && s.state != 0))
            continue;
        uses[n] = back     ? (struct use){"back", id, last->amount, last->id, day}
                  : redeem ? (struct use){"redeem", id, part, NIL, day}
                           : (struct use){"void", id, 0, NIL, day};
        apply(&s, &uses[n++]);
    }
    return n;
}

static void add_certificate(struct base *b, int64_t id)
{
    int64_t certificate = b->next_id++, type = PICK(b, b->words[WORD_CERTIFICATE]),
            partial = pick(b, 2);
    int32_t day = sql_base_day(b), last = day + (int32_t)pick(b, 300);
    int64_t valid_until = pick(b, 3) ? last : NIL;
    struct use uses[4];
    struct standing s = {WORTH, 0};
    size_t n = make_uses(b, day, partial, uses), known = 0;
    if (day > b->until)
        return;
    while (known < n && uses[known].day <= b->until)
        apply(&s, &uses[known++]);
    INSERT(
        b,
        "certificate (merchant_id, id, customer_id, type_id, value_minor, left_minor, partial, "
        "state, valid_until, "
        "issued_us, issued_day, code, kind, gift, origin, reason, message)",
        arena_printf(b->world.arena, ", 'C%" PRId64 "', 'value', '', 'staff', '', ''", certificate),
        certificate, id, type, WORTH, s.left, partial, s.state, valid_until, 0, day);
    for (size_t i = 0; i < known; i++)
        INSERT(b,
               "certificate_use (merchant_id, certificate_id, id, amount_minor, cites_id, at_us, "
               "day, kind, note)",
               arena_printf(b->world.arena, ", '%s', ''", uses[i].kind), certificate, uses[i].id,
               uses[i].amount, uses[i].cites, 0, uses[i].day);
}

void sql_base_loyalty(struct base *b, int64_t id)
{
    add_points(b, id);
    add_tiers(b, id);
    add_counts(b, id);
    if (pick(b, 3) == 0)
        add_certificate(b, id);
}
