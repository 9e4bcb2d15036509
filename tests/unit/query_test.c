/* The query language: texts and the trees they become, wrong texts and what is said about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../src/audience/query.h"
#include "../../src/base/check.h"
#include "../../src/base/text.h"

/* Words of a small shop. */
static const struct {
    enum field_id field;
    const char *name;
    int64_t id;
} shop_words[] = {{FIELD_TAG, "Wi-Fi", 1},
                  {FIELD_TAG, "QR", 2},
                  {FIELD_TAG, "none", 3},
                  {FIELD_TAG, "Say \"hi\"", 4},
                  {FIELD_STORE, "Paris Bastille", 100},
                  {FIELD_STORE, "Lyon", 200},
                  {FIELD_CITY, "Saint-Étienne", 7},
                  {FIELD_COUNTRY, "FR", 1},
                  {FIELD_LANGUAGE, "fr", 1}};

static int64_t find_word(void *ctx, enum field_id field, struct str folded)
{
    struct arena *a = ctx;
    for (size_t i = 0; i < ARRAY_LEN(shop_words); i++)
        if (shop_words[i].field == field && str_eq(text_fold(a, str_c(shop_words[i].name)), folded))
            return shop_words[i].id;
    return 0;
}

static void each_word(void *ctx, enum field_id field, void (*fn)(void *, struct str), void *arg)
{
    (void)ctx;
    for (size_t i = 0; i < ARRAY_LEN(shop_words); i++)
        if (shop_words[i].field == field)
            fn(arg, str_c(shop_words[i].name));
}

static void dump_bound(struct buf *b, enum field_id f, int64_t v)
{
    char day[DAY_TEXT_MAX];
    if (v == INT64_MIN || v == INT64_MAX)
        return;
    if (fields[f].kind == KIND_DAY) {
        day_format((int32_t)v, day);
        buf_adds(b, day);
    } else {
        buf_int(b, v);
    }
}

static void dump(struct buf *b, const struct query_node *n)
{
    static const char *const kinds[] = {"all", "and", "or", "not"};
    if (n->kind != NODE_TERM) {
        buf_printf(b, "(%s", kinds[n->kind]);
        for (int i = 0; i < n->nchildren; i++) {
            buf_addc(b, ' ');
            dump(b, n->children[i]);
        }
        buf_addc(b, ')');
        return;
    }
    buf_adds(b, fields[n->field].name);
    if (n->match == MATCH_ANY || n->match == MATCH_NONE)
        buf_adds(b, n->match == MATCH_ANY ? ":any" : ":none");
    for (int i = 0; i < n->nvalues; i++) {
        const struct query_value *v = &n->values[i];
        buf_addc(b, i ? ',' : ':');
        if (n->match == MATCH_RANGE) {
            dump_bound(b, n->field, v->low);
            buf_adds(b, "..");
            dump_bound(b, n->field, v->high);
        } else if (n->match == MATCH_UPCOMING) {
            buf_printf(b, "+%d", (int)v->low);
        } else if (n->match == MATCH_MONTHS) {
            buf_printf(b, "m%d", (int)v->number);
        } else if (n->field == FIELD_TEXT) {
            buf_printf(b, "[%.*s]", (int)v->key.n, v->key.p);
        } else if (fields[n->field].kind == KIND_CHOICE) {
            buf_adds(b, fields[n->field].choices[v->number]);
        } else {
            buf_printf(b, "#%d", (int)v->number);
        }
    }
}

static const struct query_context *context(struct arena *a)
{
    struct query_words *w = arena_make(a, struct query_words);
    *w = (struct query_words){a, find_word, each_word};
    struct query_context *c = arena_make(a, struct query_context);
    struct civil today = {2026, 5, 20}; /* a Wednesday */
    *c = (struct query_context){day_from_civil(today), 2, w};
    return c;
}

static const struct {
    const char *text, *tree;
} good[] = {
    {"", "(all)"},
    {"  \t\n ", "(all)"},
    {"anna", "text:[anna]"},
    {"Иван", "text:[ivan]"},
    {"anna rossi", "(and text:[anna] text:[rossi])"},
    {"\"Anna Rossi\"", "text:[anna rossi]"},
    {"\"or\" \"a\\\"b\\\\\"", "(and text:[or] text:[a b])"},
    {"anna,maria", "text:[anna],[maria]"},
    {"anna , maria", "text:[anna],[maria]"},
    {"anna@shop.fr", "text:[anna shop fr]"},
    {"+33 6", "(and text:[33] text:[6])"},
    {"12:30", "text:[12 30]"},
    {"jean-pierre", "text:[jean pierre]"},
    {"orlando android notary", "(and text:[orlando] text:[android] text:[notary])"},
    {"a or b c or d", "(or text:[a] (and text:[b] text:[c]) text:[d])"},
    {"a AND b Or c", "(or (and text:[a] text:[b]) text:[c])"},
    {"(a or b) c", "(and (or text:[a] text:[b]) text:[c])"},
    {"(a b) c", "(and (and text:[a] text:[b]) text:[c])"},
    {"-a not b -(c d) --e", "(and (not text:[a]) (not text:[b]) (not (and text:[c] text:[d])) "
                            "(not (not text:[e])))"},
    {"gender:female", "gender:female"},
    {"GENDER:Female,male", "gender:female,male"},
    {"gender:none", "gender:none"},
    {"gender:none,female", "(or gender:none gender:female)"},
    {"tag:\"none\"", "tag:#3"},
    {"tag:any", "tag:any"},
    {"tag:wi-fi,qr", "tag:#1,#2"},
    {"tag: wi_fi , QR x", "(and tag:#1,#2 text:[x])"},
    {"tag:\"say \\\"hi\\\"\"", "tag:#4"},
    {"-store:lyon", "(not store:#200)"},
    {"store:\"Paris Bastille\",paris_bastille", "store:#100,#100"},
    {"city:saint-etienne country:fr language:FR", "(and city:#7 country:#1 language:#1)"},
    {"age:25..40", "age:25..40"},
    {"age:30", "age:30..30"},
    {"age:18..25,60..70,>=90", "age:18..25,60..70,90.."},
    {"age:..17 age:65..", "(and age:..17 age:65..)"},
    {"visits:<3 visits:<=3 visits:>3 visits:=3",
     "(and visits:..2 visits:..3 visits:4.. visits:3..3)"},
    {"spent:>=500 spent:12.50..20 spent:<0.1", "(and spent:50000.. spent:1250..2000 spent:..9)"},
    {"spent:-10..-5.5", "spent:-1000..-550"},
    {"interval:<7 visits_per_month:1.5", "(and interval:..69 visits_per_month:15..15)"},
    {"number:7", "number:7..7"},
    {"registered:2026-05-01", "registered:2026-05-01..2026-05-01"},
    {"registered:2026-02", "registered:2026-02-01..2026-02-28"},
    {"registered:2024", "registered:2024-01-01..2024-12-31"},
    {"registered:>=2026 registered:>2025 registered:<2026-02",
     "(and registered:2026-01-01.. "
     "registered:2026-01-01.. registered:..2026-01-31)"},
    {"registered:2026-01-01..2026-03-31", "registered:2026-01-01..2026-03-31"},
    {"registered:2025..2026-02", "registered:2025-01-01..2026-02-28"},
    {"registered:..2025", "registered:..2025-12-31"},
    {"registered:today,yesterday", "registered:2026-05-20..2026-05-20,2026-05-19..2026-05-19"},
    {"registered:this_week,last_week", "registered:2026-05-18..2026-05-24,2026-05-11..2026-05-17"},
    {"registered:this_month,last_month",
     "registered:2026-05-01..2026-05-31,2026-04-01..2026-04-30"},
    {"registered:this_year,last_year", "registered:2026-01-01..2026-12-31,2025-01-01..2025-12-31"},
    {"registered:last_week..today", "registered:2026-05-11..2026-05-20"},
    {"last_visit:<90d", "last_visit:2026-02-20.."},
    {"last_visit:30d", "last_visit:2026-04-21.."},
    {"last_visit:<=90d", "last_visit:2026-02-19.."},
    {"last_visit:>=90d", "last_visit:..2026-02-19"},
    {"last_visit:>90d", "last_visit:..2026-02-18"},
    {"last_visit:=90d", "last_visit:2026-02-19..2026-02-19"},
    {"last_visit:30d..90d last_visit:90d..30d", "(and last_visit:2026-02-19..2026-04-20 "
                                                "last_visit:2026-02-19..2026-04-20)"},
    {"last_visit:..90d last_visit:90d..", "(and last_visit:2026-02-19.. last_visit:..2026-02-19)"},
    {"last_visit:90d..today", "last_visit:2026-02-19..2026-05-20"},
    {"last_visit:<=3m last_visit:>1y last_visit:2w",
     "(and last_visit:2026-02-20.. "
     "last_visit:..2025-05-19 last_visit:2026-05-07..)"},
    {"last_visit:none", "last_visit:none"},
    {"birthday:today birthday:next_7d", "(and birthday:+0 birthday:+7)"},
    {"birthday:next_2w birthday:next_1m", "(and birthday:+14 birthday:+31)"},
    {"birthday:month=5,6", "birthday:m5,m6"},
    {"birthday:this_month,next_month", "birthday:m5,m6"},
    {"birthday:month=12,today,none", "(or birthday:none birthday:m12 birthday:+0)"},
    {"initial:a initial:É initial:#", "(and initial:A initial:E initial:#)"},
    {"favourite:yes blocked:no", "(and favourite:yes blocked:no)"},
    {"has:phone,name consent:sms,email_refused", "(and has:phone,name consent:sms,email_refused)"},
    {"gender:female age:25..40 consent:sms last_visit:<90d tag:wi-fi,qr -store:lyon "
     "(type:vip or spent:>=500)",
     "(and gender:female age:25..40 consent:sms last_visit:2026-02-20.. tag:#1,#2 (not store:#200) "
     "(or type:vip spent:50000..))"},
};

static void trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct arena *a = arena_new();
        const struct query *q = NULL;
        struct problem p = {0};
        struct buf b;
        buf_init(&b, 1 << 16);
        enum err e = query_parse(a, str_c(good[i].text), context(a), &q, &p);
        if (e != OK)
            fail_msg("%s: %s %s", good[i].text, p.code, p.nargs ? p.args[0].value : "");
        dump(&b, q->root);
        if (strcmp(buf_cstr(&b), good[i].tree) != 0)
            fail_msg("%s: %s, not %s", good[i].text, buf_cstr(&b), good[i].tree);
        buf_free(&b);
        arena_free(&a);
    }
}

static const struct {
    const char *text, *code;
    int from, to;
    const char *arg, *value; /* NULL: not looked at */
} bad[] = {
    {"gendre:female", "query_unknown_field", 0, 6, "near", "gender"},
    {"a genre:female", "query_unknown_field", 2, 7, "near", "gender"},
    {"имя:анна", "query_unknown_field", 0, 6, "found", "имя"},
    {"name:anna", "query_unknown_field", 0, 4, "near", ""},
    {"text:anna", "query_unknown_field", 0, 4, NULL, NULL},
    {"gender:femal", "query_unknown_value", 7, 12, "near", "female"},
    {"gender:female,mael", "query_unknown_value", 14, 18, "near", "male"},
    {"gender:zzzzzz", "query_unknown_value", 7, 13, "near", ""},
    {"store:lyno", "query_unknown_value", 6, 10, "near", "Lyon"},
    {"store:par", "query_unknown_value", 6, 9, "near", "Paris Bastille"},
    {"store:\"Paris Bastile\"", "query_unknown_value", 6, 21, "near", "Paris Bastille"},
    {"city:lyon", "query_unknown_value", 5, 9, "field", "city"},
    {"tag:none1", "query_unknown_value", 4, 9, "near", "none"},
    {"age:40..25", "query_bad_range", 4, 10, "field", "age"},
    {"age:x", "query_bad_number", 4, 5, "found", "x"},
    {"age:2.5", "query_bad_number", 4, 7, NULL, NULL},
    {"age:1..2..3", "query_bad_number", 4, 11, NULL, NULL},
    {"age:..", "query_bad_number", 4, 6, NULL, NULL},
    {"age:99999999999999999999", "query_bad_number", 4, 24, NULL, NULL},
    {"age:>9223372036854775807", "query_bad_number", 4, 24, NULL, NULL},
    {"spent:1.234", "query_bad_number", 6, 11, NULL, NULL},
    {"spent:1.", "query_bad_number", 6, 8, NULL, NULL},
    {"spent:99999999999999999", "query_bad_number", 6, 23, NULL, NULL},
    {"registered:2026-02-30", "query_bad_day", 11, 21, "found", "2026-02-30"},
    {"registered:2026-13", "query_bad_day", 11, 18, NULL, NULL},
    {"registered:26", "query_bad_day", 11, 13, NULL, NULL},
    {"registered:<90x", "query_bad_day", 11, 15, NULL, NULL},
    {"registered:-5d", "query_bad_day", 11, 14, NULL, NULL},
    {"registered:9999999999d", "query_bad_day", 11, 22, NULL, NULL},
    {"registered:2026..2025", "query_bad_range", 11, 21, NULL, NULL},
    {"birthday:month=13", "query_unknown_value", 9, 17, NULL, NULL},
    {"birthday:5", "query_unknown_value", 9, 10, NULL, NULL},
    {"birthday:tody", "query_unknown_value", 9, 13, "near", "today"},
    {"birthday:next_999d", "query_unknown_value", 9, 18, NULL, NULL},
    {"birthday:next_99999999m", "query_unknown_value", 9, 23, NULL, NULL},
    {"(a", "query_unclosed", 0, 2, "found", "("},
    {"a (b (c)", "query_unclosed", 2, 8, "found", "("},
    {"a)", "query_syntax", 1, 2, "found", ")"},
    {"()", "query_syntax", 1, 2, "found", ")"},
    {"a or", "query_syntax", 4, 4, "found", ""},
    {"or a", "query_syntax", 0, 2, "found", "or"},
    {"a or or b", "query_syntax", 5, 7, "found", "or"},
    {"not", "query_syntax", 3, 3, NULL, NULL},
    {"a, ", "query_syntax", 3, 3, NULL, NULL},
    {",a", "query_syntax", 0, 1, "found", ","},
    {"tag:", "query_missing_value", 0, 4, "field", "tag"},
    {"tag: (wifi)", "query_syntax", 5, 6, "found", "("},
    {"tag:\"wifi", "query_unclosed", 4, 9, "found", "\""},
    {"\"abc\\", "query_unclosed", 0, 5, NULL, NULL},
    {"a :b", "query_syntax", 2, 3, "found", ":"},
    {"a\x01", "query_syntax", 1, 2, NULL, NULL},
    {"\xff\xfe", "query_syntax", 0, 2, NULL, NULL},
};

static const char *argument(const struct problem *p, const char *name)
{
    for (int i = 0; i < p->nargs; i++)
        if (strcmp(p->args[i].name, name) == 0)
            return p->args[i].value;
    return "";
}

static void errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct arena *a = arena_new();
        const struct query *q = NULL;
        struct problem p = {0};
        assert_int_equal(query_parse(a, str_c(bad[i].text), context(a), &q, &p), ERR_INVALID);
        if (strcmp(p.code, bad[i].code) != 0 || p.from != bad[i].from || p.to != bad[i].to)
            fail_msg("%s: %s %d..%d, not %s %d..%d", bad[i].text, p.code, p.from, p.to, bad[i].code,
                     bad[i].from, bad[i].to);
        if (bad[i].arg && strcmp(argument(&p, bad[i].arg), bad[i].value) != 0)
            fail_msg("%s: %s is %s", bad[i].text, bad[i].arg, argument(&p, bad[i].arg));
        assert_null(q);
        assert_int_equal(query_parse(a, str_c(bad[i].text), context(a), &q, NULL), ERR_INVALID);
        arena_free(&a);
    }
}

static const char *parse_repeated(const char *head, const char *part, int n, const char *tail)
{
    static char code[64];
    struct arena *a = arena_new();
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_adds(&b, head);
    for (int i = 0; i < n; i++)
        buf_adds(&b, part);
    buf_adds(&b, tail);
    const struct query *q = NULL;
    struct problem p = {.code = "ok"};
    enum err e = query_parse(a, buf_str(&b), context(a), &q, &p);
    assert_true((e == OK) == (q != NULL));
    snprintf(code, sizeof(code), "%s", p.code);
    buf_free(&b);
    arena_free(&a);
    return code;
}

static void limits(void **state)
{
    (void)state;
    assert_string_equal(parse_repeated("", "a ", 1000, ""), "ok");
    assert_string_equal(parse_repeated("", "a ", 1001, ""), "query_too_many_terms");
    assert_string_equal(parse_repeated("", "a", QUERY_TEXT_MAX, ""), "ok");
    assert_string_equal(parse_repeated("", "a", QUERY_TEXT_MAX + 1, ""), "query_too_long");
    assert_string_equal(parse_repeated("", "-", 100, "a"), "ok");
    assert_string_equal(parse_repeated("", "-", 101, "a"), "query_too_deep");
    assert_string_equal(parse_repeated("", "(a or b ", 100, ""), "query_unclosed");
    assert_string_equal(parse_repeated("", "(", 101, ""), "query_too_deep");
    assert_string_equal(parse_repeated("", "not (a ", 50, ""), "query_unclosed");
    assert_string_equal(parse_repeated("", "(a) ", 500, ""), "ok");
    assert_string_equal(parse_repeated("", "-(-a) ", 500, ""), "ok");
    assert_string_equal(parse_repeated("", "(a b or -(", 51, ""), "query_too_deep");
    assert_string_equal(parse_repeated("", "(a b or -c ", 99, "d"), "query_unclosed");
    struct arena *a = arena_new();
    const struct query *q = NULL;
    struct problem p = {0};
    assert_int_equal(query_parse(a, (struct str){"a\0b", 3}, context(a), &q, &p), ERR_INVALID);
    assert_int_equal(p.from, 1);
    arena_free(&a);
}

static void places(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct query *q = NULL;
    assert_int_equal(
        query_parse(a, STR("anna  gender:female,male -(a or b)"), context(a), &q, NULL), OK);
    static const int expected[][2] = {{0, 4}, {6, 24}, {25, 34}};
    assert_int_equal(q->root->nchildren, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(q->root->children[i]->from, expected[i][0]);
        assert_int_equal(q->root->children[i]->to, expected[i][1]);
    }
    arena_free(&a);
}

static void quoting(void **state)
{
    (void)state;
    static const char *const words[][2] = {{"wifi", "wifi"},
                                           {"Wi-Fi", "Wi-Fi"},
                                           {"paris_bastille", "paris_bastille"},
                                           {"Paris Bastille", "\"Paris Bastille\""},
                                           {"-x", "\"-x\""},
                                           {"None", "\"None\""},
                                           {"or", "\"or\""},
                                           {"", "\"\""},
                                           {"1,2", "\"1,2\""},
                                           {"a\"b\\", "\"a\\\"b\\\\\""},
                                           {"Évry", "\"Évry\""}};
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str s = query_quoted(a, str_c(words[i][0]));
        assert_string_equal(arena_cstr(a, s), words[i][1]);
        const struct query *q = NULL;
        assert_int_equal(query_parse(a, s, context(a), &q, NULL), OK);
        assert_true(str_eq(q->root->values[0].text, str_c(words[i][0])));
    }
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees),  cmocka_unit_test(errors),  cmocka_unit_test(limits),
        cmocka_unit_test(places), cmocka_unit_test(quoting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
