#include <inttypes.h>
#include "../../src/audience/audience.h"
#include "../../src/base/check.h"
#include "query_sql.h"

struct writing {
    const struct query_sql *s;
    struct arena *arena;
    struct buf *out;
    bool two_valued; /* unknown counts as false where it is negated */
};

static int32_t months_ago(const struct writing *w, int n)
{
    return day_add_months(w->s->today, -n);
}

/* What a customer did, a row each. Only purchases that were not taken back, visits and kept
 * bookings make a visit day; everything makes the first day. */
static void write_tables(struct writing *w)
{
    struct buf *b = w->out;
    const long long m = w->s->merchant_id;
    int32_t m1 = months_ago(w, 1), m2 = months_ago(w, 2), m3 = months_ago(w, 3),
            m12 = months_ago(w, 12);
    buf_printf(b,
               "WITH bought AS (SELECT DISTINCT customer_id, day FROM transactions WHERE "
               "merchant_id = %lld AND "
               "kind = 'purchase' AND canceled_by IS NULL), "
               "came AS (SELECT customer_id, day FROM bought UNION SELECT customer_id, day FROM "
               "activity WHERE "
               "merchant_id = %lld AND kind IN ('visit', 'booking')), "
               "visited AS (SELECT customer_id, COUNT(*) AS visits, MAX(day) AS last_visit, ",
               m, m);
    buf_printf(b,
               "SUM(CASE WHEN day > %d AND day <= %d THEN 1 ELSE 0 END) AS w1, "
               "SUM(CASE WHEN day > %d AND day <= %d THEN 1 ELSE 0 END) AS w2, "
               "SUM(CASE WHEN day > %d AND day <= %d THEN 1 ELSE 0 END) AS w3, "
               "SUM(CASE WHEN day > %d AND day <= %d THEN 1 ELSE 0 END) AS w12 FROM came GROUP BY "
               "customer_id), ",
               m1, w->s->today, m2, m1, m3, m2, m12, w->s->today);
    buf_printf(b,
               "days AS (SELECT customer_id, COUNT(*) AS n, MIN(day) AS first, MAX(day) AS last "
               "FROM bought GROUP "
               "BY customer_id), "
               "began AS (SELECT customer_id, MIN(day) AS first FROM (SELECT customer_id, day FROM "
               "transactions "
               "WHERE merchant_id = %lld UNION SELECT customer_id, day FROM activity WHERE "
               "merchant_id = %lld) x "
               "GROUP BY customer_id), ",
               m, m);
    buf_printf(
        b,
        "money AS (SELECT customer_id, SUM(total) AS spent, SUM(op) AS operations FROM (SELECT "
        "customer_id, "
        "total_minor AS total, CASE WHEN kind = 'purchase' AND canceled_by IS NULL THEN 1 ELSE 0 "
        "END AS op "
        "FROM transactions WHERE merchant_id = %lld UNION ALL SELECT customer_id, "
        "COALESCE(amount_minor, 0), "
        "1 FROM activity WHERE merchant_id = %lld AND kind = 'booking') y GROUP BY customer_id), ",
        m, m);
    buf_printf(b,
               "row1 AS (SELECT c.*, COALESCE(v.visits, 0) AS visits, v.last_visit, COALESCE(v.w1, "
               "0) AS w1, "
               "COALESCE(v.w2, 0) AS w2, COALESCE(v.w3, 0) AS w3, COALESCE(v.w12, 0) AS w12, d.n "
               "AS days, d.first AS "
               "first_purchase, d.last AS last_purchase, COALESCE(m.spent, 0) AS spent, "
               "COALESCE(m.operations, 0) AS "
               "operations, COALESCE(c.registered_day, g.first) AS registered FROM customer c LEFT "
               "JOIN visited v ON "
               "v.customer_id = c.id LEFT JOIN days d ON d.customer_id = c.id LEFT JOIN money m ON "
               "m.customer_id = "
               "c.id LEFT JOIN began g ON g.customer_id = c.id WHERE c.merchant_id = %lld AND "
               "c.deleted_us IS NULL) ",
               m);
}

/* a / b rounded half up, b above 0. */
static const char *half_up(struct arena *arena, const char *a, const char *b)
{
    const char *x = arena_printf(arena, "(2 * (%s) + (%s))", a, b),
               *y = arena_printf(arena, "(2 * (%s))", b);
    return arena_printf(arena, "((%s - ((%s %% %s) + %s) %% %s) / %s)", x, x, y, y, y, y);
}

static const char *type_of(const struct writing *w)
{
    return arena_printf(w->arena,
                        "CASE WHEN w1 >= 3 AND w2 >= 3 AND w3 >= 3 THEN 3 WHEN registered > %d AND "
                        "visits <= 1 THEN 0 "
                        "WHEN w1 + w2 + w3 BETWEEN 1 AND 2 THEN 1 WHEN COALESCE(last_visit, "
                        "registered) <= %d THEN 4 "
                        "ELSE 2 END",
                        months_ago(w, 3), w->s->today - 90);
}

/* Whole years, who was born on 29 February a day earlier in other years; never below 0. */
static const char *age_of(const struct writing *w)
{
    struct civil t = day_to_civil(w->s->today);
    bool leap = civil_valid((struct civil){t.year, 2, 29});
    const char *day =
        leap ? "birth_day"
             : "CASE WHEN birth_month = 2 AND birth_day = 29 THEN 28 ELSE birth_day END";
    const char *years = arena_printf(
        w->arena, "(%d - birth_year - CASE WHEN birth_month * 32 + (%s) > %d THEN 1 ELSE 0 END)",
        t.year, day, t.month * 32 + t.day);
    return arena_printf(w->arena,
                        "(CASE WHEN birth_year IS NULL OR birth_month IS NULL OR birth_day IS NULL "
                        "THEN NULL WHEN %s < "
                        "0 THEN 0 ELSE %s END)",
                        years, years);
}

static const char *per_month_of(const struct writing *w)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_adds(&b, "(CASE");
    for (int m = 1; m < 12; m++)
        buf_printf(&b, " WHEN registered > %d THEN %d", months_ago(w, m), m);
    buf_adds(&b, " ELSE 12 END)");
    const char *months = arena_cstr(w->arena, buf_str(&b));
    buf_free(&b);
    return half_up(w->arena, "10 * w12", months);
}

static const char *tally_of(const struct writing *w, const char *kind)
{
    return arena_printf(
        w->arena,
        "(SELECT COUNT(*) FROM activity WHERE activity.merchant_id = r.merchant_id AND "
        "activity.customer_id = r.id AND activity.kind = '%s')",
        kind);
}

static const char *sum_of(const struct writing *w, const char *ledger)
{
    return arena_printf(
        w->arena,
        "COALESCE((SELECT SUM(l.amount) FROM %s l WHERE l.merchant_id = r.merchant_id AND "
        "l.customer_id = r.id), 0)",
        ledger);
}

static const char *number_of(const struct writing *w, enum field_id f)
{
    switch (f) {
    case FIELD_NUMBER:
        return "number";
    case FIELD_AGE:
        return age_of(w);
    case FIELD_REGISTERED:
        return "registered";
    case FIELD_LAST_VISIT:
        return "last_visit";
    case FIELD_LAST_PURCHASE:
        return "last_purchase";
    case FIELD_VISITS:
        return "visits";
    case FIELD_VISITS_PER_MONTH:
        return per_month_of(w);
    case FIELD_OPERATIONS:
        return "operations";
    case FIELD_SHARES:
        return tally_of(w, "share");
    case FIELD_COMMENTS:
        return tally_of(w, "comment");
    case FIELD_PUSHES:
        return tally_of(w, "push");
    case FIELD_POINTS:
        return sum_of(w, "points_entry");
    case FIELD_STAMPS:
        return sum_of(w, "stamp_entry");
    case FIELD_REFERRALS:
        return "(SELECT COUNT(*) FROM referral WHERE referral.merchant_id = r.merchant_id AND "
               "referral.customer_id = r.id)";
    case FIELD_SPENT:
        return "spent";
    case FIELD_AVERAGE:
        return arena_printf(w->arena, "CASE WHEN operations > 0 THEN %s END",
                            half_up(w->arena, "spent", "operations"));
    default:
        check(f == FIELD_INTERVAL);
        return arena_printf(
            w->arena, "CASE WHEN days > 1 THEN %s END",
            half_up(w->arena, "10 * (last_purchase - first_purchase)", "(days - 1)"));
    }
}

static const char *name_of(void)
{
    return "LOWER(COALESCE(first_name, '') || ' ' || COALESCE(last_name, '') || ' ' || "
           "COALESCE(nickname, ''))";
}

static const char *has_of(const struct writing *w, int64_t what)
{
    static const char *const has[] = {NULL,
                                      NULL,
                                      "photo_id IS NOT NULL",
                                      "(birth_month IS NOT NULL AND birth_day IS NOT NULL)",
                                      "address IS NOT NULL",
                                      "last_purchase IS NOT NULL",
                                      "COALESCE(first_name, last_name, nickname) IS NOT NULL"};
    if (what < 2)
        return arena_printf(
            w->arena,
            "EXISTS (SELECT 1 FROM contact k WHERE k.merchant_id = r.merchant_id AND "
            "k.customer_id = r.id AND k.kind = '%s')",
            what == 0 ? "phone" : "email");
    return has[what];
}

/* Rows of a list field; `id` 0: any. */
static const char *list_of(const struct writing *w, enum field_id f, int64_t id)
{
    struct arena *a = w->arena;
    const char *is = id ? arena_printf(a, "= %" PRId64, id) : "IS NOT NULL";
    if (f == FIELD_TAG)
        return arena_printf(
            a,
            "EXISTS (SELECT 1 FROM customer_tag g WHERE g.merchant_id = r.merchant_id AND "
            "g.customer_id = r.id AND g.tag_id %s)",
            is);
    if (f == FIELD_GROUP)
        return arena_printf(
            a,
            "EXISTS (SELECT 1 FROM group_member g JOIN customer_group x ON x.merchant_id = "
            "g.merchant_id AND x.id = g.group_id AND x.deleted_us IS NULL WHERE g.merchant_id = "
            "r.merchant_id AND g.customer_id = r.id AND g.group_id %s)",
            is);
    if (f == FIELD_TIER)
        return arena_printf(
            a,
            "EXISTS (SELECT 1 FROM customer_tier g WHERE g.merchant_id = r.merchant_id AND "
            "g.customer_id = r.id AND g.tier_id %s)",
            is);
    if (f == FIELD_CERTIFICATE)
        return arena_printf(
            a,
            "EXISTS (SELECT 1 FROM certificate g WHERE g.merchant_id = r.merchant_id AND "
            "g.customer_id = "
            "r.id AND g.state = 0 AND COALESCE(g.valid_until, %d) >= %d AND g.type_id %s)",
            w->s->today, w->s->today, is);
    const char *sales =
        "t.merchant_id = r.merchant_id AND t.customer_id = r.id AND t.kind = 'purchase' AND "
        "t.canceled_by IS NULL";
    if (f == FIELD_STORE)
        return arena_printf(
            a,
            "((store_id IS NOT NULL AND store_id %s) OR EXISTS (SELECT 1 FROM transactions t WHERE "
            "%s AND t.store_id %s))",
            is, sales, is);
    return arena_printf(
        a,
        "EXISTS (SELECT 1 FROM transactions t JOIN transaction_line l ON l.merchant_id = "
        "t.merchant_id AND l.transaction_id = t.id WHERE %s AND l.quantity_milli > 0 AND l.%s_id "
        "%s)",
        sales, f == FIELD_CATEGORY ? "category" : "size", is);
}

static bool is_list(enum field_id f)
{
    return f == FIELD_TAG || f == FIELD_STORE || f == FIELD_CATEGORY || f == FIELD_SIZE ||
           f == FIELD_GROUP || f == FIELD_TIER || f == FIELD_CERTIFICATE;
}

static const char *text_of(const struct writing *w, const struct query_value *v)
{
    struct arena *a = w->arena;
    struct buf b;
    char digits[64];
    size_t n = 0;
    bool phone = true, number = v->text.n > 0;
    for (size_t i = 0; i < v->text.n; i++) {
        char c = v->text.p[i];
        bool digit = c >= '0' && c <= '9';
        if (digit && (n || c != '0') && n < sizeof(digits))
            digits[n++] = c;
        phone = phone && (digit || memchr("+-./() ", c, 7));
        number = number && digit;
    }
    struct str lower = email_match_key(a, v->text);
    buf_init(&b, 1 << 16);
    buf_printf(&b,
               "(EXISTS (SELECT 1 FROM contact k WHERE k.merchant_id = r.merchant_id AND "
               "k.customer_id = r.id AND "
               "k.kind = 'email' AND LOWER(k.value) LIKE '%%%.*s%%' ESCAPE '\\')",
               (int)lower.n, lower.p);
    if (v->key.n)
        buf_printf(&b, " OR %s LIKE '%%%.*s%%' OR COALESCE(LOWER(external_id) = '%.*s', 1 = 0)",
                   name_of(), (int)v->key.n, v->key.p, (int)v->key.n, v->key.p);
    if (phone && n >= 3)
        buf_printf(&b,
                   " OR EXISTS (SELECT 1 FROM contact k WHERE k.merchant_id = r.merchant_id AND "
                   "k.customer_id = "
                   "r.id AND k.kind = 'phone' AND REPLACE(k.value, '+', '') LIKE '%%%.*s%%')",
                   (int)n, digits);
    if (number)
        buf_printf(&b, " OR number = %.*s", (int)v->text.n, v->text.p);
    buf_addc(&b, ')');
    const char *sql = arena_cstr(a, buf_str(&b));
    buf_free(&b);
    return sql;
}

static const char *choice_of(const struct writing *w, enum field_id f, int64_t v)
{
    static const char *const channels[] = {"sms", "email", "push"};
    static const int states[] = {1, 2, 0};
    struct arena *a = w->arena;
    const char *name = fields[f].choices[v];
    bool yes = v == 0;
    switch (f) {
    case FIELD_GENDER:
    case FIELD_DEVICE:
        return arena_printf(a, "%s = '%s'", fields[f].name, name);
    case FIELD_TYPE:
        return arena_printf(a, "(%s) = %d", type_of(w), (int)v);
    case FIELD_CONSENT:
        if (v / 3 == CONSENT_SUPPRESSED)
            return arena_printf(a, "%s_suppressed = 1", channels[v % 3]);
        return arena_printf(a, "(%s_suppressed = 0 AND %s_consent = %d)", channels[v % 3],
                            channels[v % 3], states[v / 3]);
    case FIELD_HAS:
        return has_of(w, v);
    case FIELD_BLOCKED:
    case FIELD_ANONYMOUS:
        return arena_printf(a, "%s = %d", fields[f].name, yes);
    case FIELD_ACTIVE:
        return arena_printf(a, "COALESCE(COALESCE(last_visit, registered) > %d, 1 = 0) = (1 = %d)",
                            months_ago(w, 12), yes);
    case FIELD_FAVOURITE:
        return arena_printf(
            a,
            "%s EXISTS (SELECT 1 FROM staff_favourite s WHERE s.merchant_id = r.merchant_id AND "
            "s.customer_id = r.id AND s.staff_id = %" PRId64 ")",
            yes ? "" : "NOT", w->s->staff_id);
    default:
        check(f == FIELD_INITIAL);
        return arena_printf(a,
                            "(CASE WHEN UPPER(SUBSTR(COALESCE(last_name, first_name, nickname), 1, "
                            "1)) BETWEEN 'A' AND "
                            "'Z' THEN UPPER(SUBSTR(COALESCE(last_name, first_name, nickname), 1, "
                            "1)) ELSE '#' END) = "
                            "'%s'",
                            name);
    }
}

static const char *value_of(const struct writing *w, enum field_id f, const struct query_value *v)
{
    struct arena *a = w->arena;
    if (f == FIELD_TEXT)
        return text_of(w, v);
    if (is_list(f))
        return list_of(w, f, v->number);
    if (f == FIELD_SOURCE)
        return arena_printf(a, "source_id = %" PRId64, v->number);
    if (f == FIELD_CITY)
        return arena_printf(a, "REPLACE(LOWER(city), '-', ' ') = '%.*s'", (int)v->key.n, v->key.p);
    if (fields[f].kind == KIND_WORD)
        return arena_printf(a, "LOWER(%s) = '%.*s'", fields[f].name, (int)v->key.n, v->key.p);
    return choice_of(w, f, v->number);
}

static const char *range_of(const struct writing *w, enum field_id f, const struct query_value *v)
{
    const char *x = number_of(w, f);
    struct arena *a = w->arena;
    if (v->low == INT64_MIN)
        return arena_printf(a, "(%s) <= %" PRId64, x, v->high);
    if (v->high == INT64_MAX)
        return arena_printf(a, "(%s) >= %" PRId64, x, v->low);
    return arena_printf(a, "((%s) >= %" PRId64 " AND (%s) <= %" PRId64 ")", x, v->low, x, v->high);
}

/* Every day until then, by month and day. */
static const char *upcoming_of(const struct writing *w, int64_t days)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_adds(&b, "(birth_month * 32 + birth_day) IN (-1");
    for (int32_t d = 0; d <= days; d++) {
        struct civil c = day_to_civil(w->s->today + d);
        buf_printf(&b, ", %d", c.month * 32 + c.day);
        if (c.month == 2 && c.day == 28 && !civil_valid((struct civil){c.year, 2, 29}))
            buf_printf(&b, ", %d", 2 * 32 + 29);
    }
    buf_addc(&b, ')');
    const char *sql = arena_cstr(w->arena, buf_str(&b));
    buf_free(&b);
    return sql;
}

static const char *known_of(const struct writing *w, enum field_id f)
{
    struct arena *a = w->arena;
    if (is_list(f))
        return list_of(w, f, 0);
    switch (f) {
    case FIELD_CONSENT:
        return "((sms_consent = 1 AND sms_suppressed = 0) OR (email_consent = 1 AND "
               "email_suppressed = 0)"
               " OR (push_consent = 1 AND push_suppressed = 0))";
    case FIELD_HAS: {
        const char *any = has_of(w, 0);
        for (int i = 1; i < 7; i++)
            any = arena_printf(a, "%s OR %s", any, has_of(w, i));
        return arena_printf(a, "(%s)", any);
    }
    case FIELD_BIRTHDAY:
        return has_of(w, 3);
    case FIELD_SOURCE:
        return "source_id IS NOT NULL";
    case FIELD_GENDER:
    case FIELD_DEVICE:
    case FIELD_CITY:
    case FIELD_LANGUAGE:
    case FIELD_COUNTRY:
        return arena_printf(a, "%s IS NOT NULL", fields[f].name);
    default:
        if (fields[f].kind == KIND_CHOICE)
            return "1 = 1";
        return arena_printf(a, "(%s) IS NOT NULL", number_of(w, f));
    }
}

static void write_term(struct writing *w, const struct query_node *n)
{
    struct arena *a = w->arena;
    if (n->match == MATCH_ANY || n->match == MATCH_NONE) {
        buf_printf(w->out, "%s (%s)", n->match == MATCH_NONE ? "NOT" : "", known_of(w, n->field));
        return;
    }
    const char *day_known = "CASE WHEN birth_month IS NULL OR birth_day IS NULL THEN NULL ELSE";
    buf_addc(w->out, '(');
    for (int i = 0; i < n->nvalues; i++) {
        const struct query_value *v = &n->values[i];
        const char *sql = n->match == MATCH_RANGE    ? range_of(w, n->field, v)
                          : n->match == MATCH_MONTHS ? arena_printf(a, "(%s birth_month = %d END)",
                                                                    day_known, (int)v->number)
                          : n->match == MATCH_UPCOMING
                              ? arena_printf(a, "(%s %s END)", day_known, upcoming_of(w, v->low))
                              : value_of(w, n->field, v);
        buf_printf(w->out, "%s%s", i ? " OR " : "", sql);
    }
    buf_addc(w->out, ')');
}

static void write_node(struct writing *w, const struct query_node *n)
{
    switch (n->kind) {
    case NODE_ALL:
        buf_adds(w->out, "1 = 1");
        return;
    case NODE_TERM:
        write_term(w, n);
        return;
    case NODE_NOT:
        buf_adds(w->out, w->two_valued ? "((" : "(NOT (");
        write_node(w, n->children[0]);
        buf_adds(w->out, w->two_valued ? ") IS NOT TRUE)" : "))");
        return;
    case NODE_AND:
    case NODE_OR:
        buf_addc(w->out, '(');
        for (int i = 0; i < n->nchildren; i++) {
            buf_adds(w->out, i == 0 ? "" : n->kind == NODE_AND ? " AND " : " OR ");
            write_node(w, n->children[i]);
        }
        buf_addc(w->out, ')');
    }
}

const char *query_sql(struct arena *a, const struct query_sql *s, const struct query_node *root)
{
    struct buf b;
    buf_init(&b, 1 << 24);
    struct writing w = {s, a, &b, true};
    write_tables(&w);
    buf_adds(&b, "SELECT id, CAST(CASE WHEN ");
    write_node(&w, root);
    buf_adds(&b, " THEN 1 ELSE 0 END AS BIGINT), CAST(CASE WHEN (");
    w.two_valued = false;
    write_node(&w, root);
    buf_adds(&b, ") IS NULL THEN 1 ELSE 0 END AS BIGINT) FROM row1 r ORDER BY id");
    const char *sql = arena_cstr(a, buf_str(&b));
    check(!b.failed);
    buf_free(&b);
    return sql;
}
