/* The words of the query language. Where a field's values stand, '-' and ':' are ordinary. */
#include "query_parser.h"
#include "query_grammar.h"

enum { TOKEN_END = 0, TOKEN_BLANK = -1, TOKEN_QUOTED = -2, TOKEN_UNCLOSED = -3, TOKEN_STRAY = -4 };

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:yyfill:enable = 0;
    re2c:flags:8 = 1;

    blank  = [ \t\r\n\f\v\u00a0\u202f\u3000]+;
    letter = [^\x00-\x20(),":\x7f\u00a0\u202f\u3000];
    first  = letter \ [-+0-9];
    quoted = "\"" ([^"\\\x00] | "\\" [^\x00])* "\"";
*/

static int lex_term(const unsigned char **cursor)
{
    const unsigned char *YYCURSOR = *cursor, *YYMARKER = *cursor;
    int token;
    /*!re2c
        blank                   { token = TOKEN_BLANK; goto done; }
        "\x00"                  { token = TOKEN_END; goto done; }
        quoted                  { token = TOKEN_QUOTED; goto done; }
        "\""                    { token = TOKEN_UNCLOSED; goto done; }
        "("                     { token = QUERY_OPEN; goto done; }
        ")"                     { token = QUERY_CLOSE; goto done; }
        ","                     { token = QUERY_COMMA; goto done; }
        "-"                     { token = QUERY_NOT; goto done; }
        'or'                    { token = QUERY_OR; goto done; }
        'and'                   { token = QUERY_AND; goto done; }
        'not'                   { token = QUERY_NOT; goto done; }
        first letter* ":"       { token = QUERY_FIELD; goto done; }
        first letter*           { token = QUERY_VALUE; goto done; }
        [+0-9] (letter | ":")*  { token = QUERY_VALUE; goto done; }
        *                       { token = TOKEN_STRAY; goto done; }
    */
done:
    *cursor = YYCURSOR;
    return token;
}

static int lex_value(const unsigned char **cursor)
{
    const unsigned char *YYCURSOR = *cursor, *YYMARKER = *cursor;
    int token;
    /*!re2c
        blank                   { token = TOKEN_BLANK; goto done; }
        "\x00"                  { token = TOKEN_END; goto done; }
        quoted                  { token = TOKEN_QUOTED; goto done; }
        "\""                    { token = TOKEN_UNCLOSED; goto done; }
        "("                     { token = QUERY_OPEN; goto done; }
        ")"                     { token = QUERY_CLOSE; goto done; }
        ","                     { token = QUERY_COMMA; goto done; }
        (letter | ":")+         { token = QUERY_VALUE; goto done; }
        *                       { token = TOKEN_STRAY; goto done; }
    */
done:
    *cursor = YYCURSOR;
    return token;
}

/* The text between quotes without its backslashes. */
static struct str unquote(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n)
            i++;
        out[n++] = s.p[i];
    }
    return (struct str){out, n};
}

int query_lex(struct query_lexer *l, struct query_token *ret)
{
    struct query_parser *p = l->parser;
    const unsigned char *begin;
    int token;
    do {
        begin = l->cursor;
        token = l->value ? lex_value(&l->cursor) : lex_term(&l->cursor);
    } while (token == TOKEN_BLANK);
    struct str s = {(const char *)begin, (size_t)(l->cursor - begin)};
    int32_t from = (int32_t)(begin - l->start);
    *ret = (struct query_token){s, from, from + (int32_t)s.n, token == TOKEN_QUOTED};
    l->value = token == QUERY_FIELD || token == QUERY_COMMA;
    if (token == TOKEN_END && begin == l->end) {
        ret->to = from;
        ret->text = STR("");
    } else if (token == TOKEN_QUOTED) {
        ret->text = unquote(p->arena, (struct str){s.p + 1, s.n - 2});
        token = QUERY_VALUE;
    } else if (token == TOKEN_UNCLOSED) {
        query_fail(p, from, (int32_t)p->text.n, "query_unclosed", "found", "\"");
    } else if (token <= 0) {
        query_fail(p, from, from + 1, "query_syntax", "found", arena_cstr(p->arena, s));
        token = TOKEN_STRAY;
    }
    return token;
}
