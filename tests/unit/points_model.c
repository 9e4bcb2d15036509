#include "points_model.h"
#include "src/base/check.h"
#include "src/base/day.h"
#include "test.h"

void model_begin(struct model *m, struct arena *a, uint64_t seed)
{
    *m = (struct model){.arena = a, .random = seed, .today = 20000};
    m->lots = arena_array(a, struct model_lot, MODEL_STEPS_MAX);
    m->postings = arena_array(a, struct model_posting, MODEL_STEPS_MAX);
    for (int c = 0; c < MODEL_CUSTOMERS; c++) {
        m->owner[c] = c;
        m->living[c] = true;
    }
}

static int64_t roll(struct model *m, int64_t n)
{
    return (int64_t)(test_random(&m->random) % (uint64_t)n);
}

/* ---- the next step ---- */

static int some_living(struct model *m)
{
    for (;;) {
        int c = (int)roll(m, MODEL_CUSTOMERS);
        if (m->living[c])
            return c;
    }
}

static int some_posting(struct model *m, bool purchase)
{
    for (int tries = 0; tries < 30 && m->step > 0; tries++) {
        int i = (int)roll(m, m->step);
        if (m->postings[i].made && (!purchase || m->postings[i].kind == POINTS_PURCHASE))
            return i;
    }
    return -1;
}

static struct model_step bring(struct model *m, int customer)
{
    static const enum points_kind kinds[] = {POINTS_CREDIT, POINTS_PURCHASE, POINTS_PURCHASE,
                                             POINTS_STAMP};
    struct model_step s = {.act = MODEL_POST, .customer = customer, .amount = 1 + roll(m, 40)};
    s.kind = kinds[roll(m, 4)];
    s.usable_day = m->today + (roll(m, 4) == 0 ? (int32_t)roll(m, 6) : 0);
    s.expires_day = s.usable_day + (int32_t)roll(m, 25);
    if (roll(m, 3) == 0)
        s.expires_day = POINTS_NEVER;
    else if (roll(m, 20) == 0) /* a sale of long ago */
        s.expires_day = s.usable_day = m->today - 1 - (int32_t)roll(m, 5);
    return s;
}

static struct model_step spend(struct model *m, int customer)
{
    return (struct model_step){
        .act = MODEL_POST, .customer = customer, .kind = POINTS_DEBIT, .amount = -1 - roll(m, 45)};
}

static struct model_step merge_or_part(struct model *m)
{
    int winner = some_living(m), loser = some_living(m);
    if (m->nmerges && (winner == loser || m->nmerges == MODEL_MERGES_MAX || roll(m, 2))) {
        int last = m->nmerges - 1;
        return (struct model_step){.act = MODEL_UNMERGE,
                                   .customer = m->merges[last].survivor,
                                   .other = m->merges[last].loser};
    }
    if (winner == loser)
        return bring(m, winner);
    return (struct model_step){.act = MODEL_MERGE, .customer = winner, .other = loser};
}

struct model_step model_next(struct model *m)
{
    int customer = some_living(m), what = (int)roll(m, 20);
    struct model_step s;
    if (roll(m, 4) == 0)
        m->today += (int32_t)roll(m, 4);
    int cited = what == 15 || what == 16 ? some_posting(m, false)
                : what == 17             ? some_posting(m, true)
                                         : -1;
    if (cited >= 0)
        s = (struct model_step){.act = what == 17 ? MODEL_RETURN : MODEL_REVERSE,
                                .cited = cited,
                                .amount = 1 + roll(m, 700)};
    else if (what < 8 || (what >= 15 && what <= 17))
        s = bring(m, customer);
    else if (what < 15)
        s = spend(m, customer);
    else if (what == 18)
        s = merge_or_part(m);
    else
        s = (struct model_step){.act = MODEL_SETTLE, .customer = customer};
    s.today = m->today;
    return s;
}

/* ---- what comes of it ---- */

static int owner_of(const struct model *m, int lot)
{
    return m->owner[m->lots[lot].account];
}

static void settle(struct model *m, int customer)
{
    for (int i = 0; i < m->nlots; i++) {
        struct model_lot *l = &m->lots[i];
        if (owner_of(m, i) == customer && l->expires_day < m->today) {
            l->expired += l->remaining;
            l->remaining = 0;
        }
    }
}

void model_balance(struct model *m, int customer, int64_t *ret_total, int64_t *ret_usable)
{
    *ret_total = *ret_usable = 0;
    for (int i = 0; i < m->nlots; i++) {
        const struct model_lot *l = &m->lots[i];
        if (owner_of(m, i) != customer || l->expires_day < m->today)
            continue;
        *ret_total += l->remaining;
        *ret_usable += l->usable_day <= m->today ? l->remaining : 0;
    }
}

static void draw(struct model *m, struct model_posting *p, int lot, int64_t amount)
{
    m->lots[lot].remaining -= amount;
    if (p)
        p->draws[p->ndraws++] = (struct model_draw){lot, amount};
    if (p && (p->ndraws == 1 || m->lots[lot].account < p->first_account))
        p->first_account = m->lots[lot].account;
}

/* Takes from what expires first, of the same day from what came first. */
static void take(struct model *m, struct model_posting *p, int customer, int64_t amount,
                 bool locked_too)
{
    while (amount > 0) {
        int best = -1;
        for (int i = 0; i < m->nlots; i++) {
            const struct model_lot *l = &m->lots[i];
            if (owner_of(m, i) == customer && l->remaining > 0 &&
                (locked_too || l->usable_day <= m->today) &&
                (best < 0 || l->expires_day < m->lots[best].expires_day))
                best = i;
        }
        check(best >= 0);
        int64_t part = m->lots[best].remaining < amount ? m->lots[best].remaining : amount;
        draw(m, p, best, part);
        amount -= part;
    }
}

static struct model_result post(struct model *m, const struct model_step *s,
                                struct model_posting *p)
{
    int64_t total, usable;
    p->kind = s->kind;
    settle(m, s->customer);
    if (s->amount > 0) {
        p->lot = m->nlots;
        p->first_account = s->customer;
        m->lots[m->nlots++] = (struct model_lot){.account = s->customer,
                                                 .step = m->step,
                                                 .amount = s->amount,
                                                 .remaining = s->amount,
                                                 .expires_day = s->expires_day,
                                                 .usable_day = s->usable_day};
        settle(m, s->customer);
    } else {
        model_balance(m, s->customer, &total, &usable);
        if (usable < -s->amount)
            return (struct model_result){
                total >= -s->amount ? "points_locked" : "points_not_enough", 0};
        p->lot = -1;
        p->draws = arena_array(m->arena, struct model_draw, (size_t)m->nlots + 1);
        take(m, p, s->customer, -s->amount, false);
    }
    p->made = true;
    return (struct model_result){NULL, s->amount};
}

/* Takes away because of a lot: its own first. */
static void take_because(struct model *m, int lot, int64_t amount)
{
    struct model_lot *l = &m->lots[lot];
    int64_t own = l->remaining < amount ? l->remaining : amount;
    draw(m, NULL, lot, own);
    take(m, NULL, owner_of(m, lot), amount - own, true);
    l->taken_back += amount;
}

static struct model_result reverse(struct model *m, const struct model_step *s)
{
    struct model_posting *p = &m->postings[s->cited];
    int64_t total, usable, amount = 0;
    int customer = m->owner[p->first_account];
    if (p->reversed)
        return (struct model_result){"points_reversed", 0};
    settle(m, customer);
    if (p->lot >= 0) {
        const struct model_lot *l = &m->lots[p->lot];
        amount = l->amount - l->expired - l->taken_back;
        model_balance(m, customer, &total, &usable);
        if (amount <= 0)
            return (struct model_result){"points_not_reversible", 0};
        if (amount > total)
            return (struct model_result){"points_not_enough", 0};
        take_because(m, p->lot, amount);
        amount = -amount;
    } else {
        for (int i = 0; i < p->ndraws; i++) {
            if (owner_of(m, p->draws[i].lot) != customer)
                continue;
            m->lots[p->draws[i].lot].remaining += p->draws[i].amount;
            amount += p->draws[i].amount;
        }
        settle(m, customer);
    }
    p->reversed = true;
    return (struct model_result){NULL, amount};
}

static struct model_result give_back(struct model *m, const struct model_step *s)
{
    int lot = m->postings[s->cited].lot;
    struct model_lot *l = &m->lots[lot];
    int64_t total, usable, before = l->returned, after = before + s->amount;
    l->returned = after;
    before = before < 1000 ? l->amount * before / 1000 : l->amount;
    after = after < 1000 ? l->amount * after / 1000 : l->amount;
    int64_t amount = after - before;
    settle(m, owner_of(m, lot));
    model_balance(m, owner_of(m, lot), &total, &usable);
    if (amount > l->amount - l->expired - l->taken_back)
        amount = l->amount - l->expired - l->taken_back;
    if (amount > total)
        amount = total;
    if (amount <= 0)
        return (struct model_result){NULL, 0};
    take_because(m, lot, amount);
    return (struct model_result){NULL, -amount};
}

static void merge(struct model *m, const struct model_step *s)
{
    int n = m->nmerges++;
    m->merges[n].survivor = s->customer;
    m->merges[n].loser = s->other;
    m->living[s->other] = false;
    for (int a = 0; a < MODEL_CUSTOMERS; a++) {
        m->merges[n].moved[a] = m->owner[a] == s->other;
        if (m->owner[a] == s->other)
            m->owner[a] = s->customer;
    }
}

static void part(struct model *m)
{
    int n = --m->nmerges;
    m->living[m->merges[n].loser] = true;
    for (int a = 0; a < MODEL_CUSTOMERS; a++)
        if (m->merges[n].moved[a])
            m->owner[a] = m->merges[n].loser;
}

struct model_result model_apply(struct model *m, const struct model_step *s)
{
    struct model_posting *p = &m->postings[m->step];
    struct model_result result = {NULL, 0};
    check(m->step < MODEL_STEPS_MAX);
    if (s->act == MODEL_POST)
        result = post(m, s, p);
    else if (s->act == MODEL_REVERSE)
        result = reverse(m, s);
    else if (s->act == MODEL_RETURN)
        result = give_back(m, s);
    else if (s->act == MODEL_MERGE)
        merge(m, s);
    else if (s->act == MODEL_UNMERGE)
        part(m);
    else
        settle(m, s->customer);
    m->step++;
    return result;
}
