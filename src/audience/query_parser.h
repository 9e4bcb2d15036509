/* What the lexer, the grammar and the checker of the query language share; private to them. */
#pragma once
#include "../base/arena.h"
#include "query.h"

struct query_token {
    struct str text;  /* unquoted */
    int32_t from, to; /* bytes in the query */
    bool quoted;
};
struct query_raw_value {
    struct query_token token;
    struct query_raw_value *next;
};
struct query_raw_values {
    struct query_raw_value *first, *last;
    int n;
};
struct query_parser {
    struct arena *arena;
    const struct query_context *context;
    struct str text;
    struct problem *problem;
    enum err err; /* the first one wins */
    struct query_node *root;
    int nterms;                       /* outer parsers' included, as `expanded` */
    size_t expanded;                  /* bytes of segments' texts */
    const struct query_parser *outer; /* of the text that uses this segment; NULL: what was asked */
    struct query_segment segment;     /* that `text` is of; id 0: of none */
};
/* Reads p->text into p->root; p->err and the problem say what is wrong. */
void query_read(struct query_parser *p);

struct query_lexer {
    struct query_parser *parser;
    const unsigned char *start, *cursor, *end; /* NUL-terminated copy of the text */
    bool value;                                /* after a field's colon or a comma */
};
/* The next token's number (query_grammar.h), 0 at the end, below 0 after an error (parser->err). */
int query_lex(struct query_lexer *l, struct query_token *ret);

/* Sets the parser's problem; pairs of name, value as problem_set(). */
#define query_fail(p, from_, to_, code, ...)                                                       \
    do {                                                                                           \
        if ((p)->err == OK) {                                                                      \
            (p)->err = problem_set((p)->problem, (p)->arena, ERR_INVALID, (code), "query",         \
                                   __VA_ARGS__, (const char *)NULL);                               \
            query_place((p), (from_), (to_));                                                      \
        }                                                                                          \
    } while (0)
void query_place(struct query_parser *p, int32_t from, int32_t to);
void query_fail_value(struct query_parser *p, const struct query_token *t, const char *code,
                      enum field_id field, struct str near, const char *expected);

struct query_node *query_everybody(struct query_parser *p);
struct query_node *query_pair(struct query_parser *p, enum query_node_kind kind,
                              struct query_node *left, struct query_node *right);
struct query_node *query_append(struct query_parser *p, struct query_node *list,
                                struct query_node *child);
struct query_node *query_negate(struct query_parser *p, struct query_node *child, int32_t from);
struct query_node *query_enclose(struct query_parser *p, struct query_node *inner, int32_t from,
                                 int32_t to);
struct query_raw_values query_values(struct query_parser *p, struct query_raw_values values,
                                     const struct query_token *t);
/* A checked term; `field` NULL: bare words. NULL and parser->err when it is wrong. */
struct query_node *query_term(struct query_parser *p, const struct query_token *field,
                              const struct query_raw_values *values);
/* The same for segments: what they mean. `like` has the term's place. */
struct query_node *query_segment_term(struct query_parser *p, const struct query_node *like,
                                      const struct query_raw_values *values);
/* One more term; false when it is one too many. */
bool query_count_term(struct query_parser *p, int32_t from, int32_t to);
void query_syntax_error(struct query_parser *p, int token, const struct query_token *t);

/* What lemon makes of query_grammar.y. */
void *QueryGrammarAlloc(void *(*allocate)(size_t));
void QueryGrammarFree(void *grammar, void (*release)(void *));
void QueryGrammar(void *grammar, int token, struct query_token value, struct query_parser *p);

/* One value as a range low..high; false: the problem is set. */
bool query_number_range(struct query_parser *p, enum field_id field, const struct query_token *t,
                        int64_t *ret_low, int64_t *ret_high);
bool query_day_range(struct query_parser *p, enum field_id field, const struct query_token *t,
                     int64_t *ret_low, int64_t *ret_high);
/* The days that a text means on a day; false: none. *ret_low > *ret_high: it is upside down. */
bool query_days(int32_t today, struct str text, int64_t *ret_low, int64_t *ret_high);

/* The name nearest to what was typed; empty when none is near enough to be meant. */
struct query_near {
    struct arena *arena;
    struct str typed; /* folded */
    struct str best;
    int distance;
};
void query_near_start(struct query_near *n, struct arena *a, struct str typed);
void query_near_try(void *near, struct str name);
