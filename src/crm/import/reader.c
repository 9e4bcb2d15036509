#include "reader.h"
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/text.h"
#include "decode.h"
#include "vcard.h"

enum { WINDOW_BYTES = 256 << 10, WINDOW_MAX = RECORD_MAX + (64 << 10), RAW_SHOWN = 2000 };
enum { C_PLAIN, C_DELIMITER, C_END }; /* classes of bytes outside quotes */

struct reader {
    struct reading reading;
    struct decoder *decoder;
    char *window; /* text not yet given out: [from, to) */
    size_t from, to, size;
    bool end;                    /* the decoder has no more */
    int64_t line, offset, bytes; /* bytes: of the whole source */
    uint8_t classes[256];
    struct str fields[COLUMNS_MAX];
    char *unquoted; /* fields with doubled quotes; as large as the window may get */
    size_t nunquoted;
    struct arena *cards;
};

const char *record_fault_code(enum record_fault fault)
{
    static const char *const codes[] = {
        [RECORD_TOO_LONG] = "import_record_too_long",  [RECORD_TOO_WIDE] = "import_record_too_wide",
        [RECORD_QUOTE_OPEN] = "import_quote_open",     [RECORD_QUOTE_BAD] = "import_quote_bad",
        [RECORD_BAD_ENCODING] = "import_bad_encoding", [RECORD_NO_CARD] = "import_no_card"};
    check(fault > RECORD_GOOD && fault < ARRAY_LEN(codes));
    return codes[fault];
}

enum err reader_open(const struct source *source, const struct reading *reading, int64_t offset,
                     int64_t line, struct reader **ret)
{
    struct reader *r = calloc(1, sizeof *r);
    check(r);
    r->reading = *reading;
    r->line = line;
    r->bytes = source->bytes;
    r->offset = offset > reading->bom_bytes ? offset : reading->bom_bytes;
    r->size = WINDOW_BYTES;
    r->window = malloc(r->size);
    check(r->window);
    r->unquoted = malloc(WINDOW_MAX); /* its pages are taken only when it is used */
    check(r->unquoted);
    r->cards = arena_new();
    r->classes[(unsigned char)reading->delimiter] = C_DELIMITER;
    r->classes['\n'] = C_END;
    if (reading->mac_lines)
        r->classes['\r'] = C_END;
    enum err e = decoder_open(source, reading, offset, &r->decoder);
    if (e) {
        reader_close(&r);
        return e;
    }
    *ret = r;
    return OK;
}

void reader_close(struct reader **r)
{
    if (!*r)
        return;
    decoder_close(&(*r)->decoder);
    free((*r)->unquoted);
    arena_free(&(*r)->cards);
    free((*r)->window);
    free(*r);
    *r = NULL;
}

/* Makes room at the end of the window and reads more. ERR_TOO_LARGE: it holds RECORD_MAX already.
 */
static enum err more(struct reader *r)
{
    check(!r->end);
    if (r->from > 0) {
        memmove(r->window, r->window + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    if (r->to >= RECORD_MAX)
        return ERR_TOO_LARGE;
    if (r->size - r->to < WINDOW_BYTES / 2) {
        size_t size = r->size * 2 < WINDOW_MAX ? r->size * 2 : WINDOW_MAX;
        if (size > r->size) {
            r->window = realloc(r->window, size);
            check(r->window);
            r->size = size;
        }
    }
    size_t got = 0;
    enum err e = decoder_read(r->decoder, r->window + r->to, r->size - r->to, &got);
    if (e)
        return e;
    r->to += got;
    r->end = got == 0;
    return OK;
}

static inline bool is_line_end(const struct reader *r, char c)
{
    return r->classes[(unsigned char)c] == C_END;
}

/* Where the text behind `offset` ends in the source. Half a unit at its end counts as a whole one.
 */
static int64_t offset_behind(const struct reader *r, struct str text)
{
    int64_t end = r->offset + decode_source_bytes(r->reading.encoding, text);
    return end < r->bytes ? end : r->bytes;
}

static int64_t count_lines(const struct reader *r, const char *p, size_t n)
{
    char end = r->reading.mac_lines ? '\r' : '\n';
    int64_t lines = 0;
    for (const char *stop = p + n; (p = memchr(p, end, (size_t)(stop - p))); p++)
        lines++;
    return lines;
}

/* What parse() says besides a fault. */
enum { PARSED, NEEDS_MORE, QUOTE_OPEN };

struct parse {
    const char *at, *stop; /* from the record's first byte to what the window holds */
    bool last;             /* nothing follows the window */
    int nfields;
    enum record_fault fault;
    const char *raw_end; /* before the line end */
};

static void add_field(struct reader *r, struct parse *p, struct str value)
{
    if (p->nfields < COLUMNS_MAX)
        r->fields[p->nfields++] = value;
    else
        p->fault = RECORD_TOO_WIDE;
}

/* After a field: passes over the delimiter (true: another field follows) or the line end. */
static bool field_follows(struct reader *r, struct parse *p)
{
    if (p->at == p->stop) {
        p->raw_end = p->at;
        return false;
    }
    if (r->classes[(unsigned char)*p->at] == C_DELIMITER) {
        p->at++;
        return true;
    }
    p->raw_end =
        p->at > r->window + r->from && p->at[-1] == '\r' && *p->at == '\n' ? p->at - 1 : p->at;
    p->at++;
    return false;
}

static int parse_plain(struct reader *r, struct parse *p)
{
    const char *start = p->at;
    while (p->at < p->stop && r->classes[(unsigned char)*p->at] == C_PLAIN)
        p->at++;
    if (p->at == p->stop && !p->last)
        return NEEDS_MORE;
    size_t n = (size_t)(p->at - start);
    bool line_end = p->at == p->stop || is_line_end(r, *p->at);
    if (line_end && n > 0 && start[n - 1] == '\r' && !r->reading.mac_lines)
        n--;
    add_field(r, p, (struct str){start, n});
    return PARSED;
}

static void keep_unquoted(struct reader *r, const char *from, const char *to)
{
    size_t n = (size_t)(to - from);
    check(r->nunquoted + n <= WINDOW_MAX);
    memcpy(r->unquoted + r->nunquoted, from, n);
    r->nunquoted += n;
}

/* At the opening quote. */
static int parse_quoted(struct reader *r, struct parse *p)
{
    const char *start = ++p->at, *quote;
    size_t kept = r->nunquoted;
    for (;;) {
        quote = memchr(p->at, '"', (size_t)(p->stop - p->at));
        if (!quote)
            return p->last ? QUOTE_OPEN : NEEDS_MORE;
        if (p->stop - quote < 3 && !p->last)
            return NEEDS_MORE; /* a doubled quote or a CR LF may be cut in two */
        if (quote + 1 == p->stop || quote[1] != '"')
            break;
        keep_unquoted(r, p->at, quote + 1);
        p->at = quote + 2;
    }
    struct str value = {start, (size_t)(quote - start)};
    if (p->at > start) {
        keep_unquoted(r, p->at, quote);
        value = (struct str){r->unquoted + kept, r->nunquoted - kept};
    }
    p->at = quote + 1;
    if (p->at < p->stop && *p->at == '\r' && !r->reading.mac_lines &&
        (p->at + 1 == p->stop || p->at[1] == '\n'))
        p->at++;
    if (p->at < p->stop && r->classes[(unsigned char)*p->at] == C_PLAIN) {
        p->fault = RECORD_QUOTE_BAD;
        return parse_plain(r, p);
    }
    add_field(r, p, value);
    return PARSED;
}

static int parse_record(struct reader *r, struct parse *p)
{
    do {
        int how = p->at < p->stop && *p->at == '"' ? parse_quoted(r, p) : parse_plain(r, p);
        if (how != PARSED)
            return how;
    } while (field_follows(r, p));
    return PARSED;
}

/* Words between runs of blanks; no quotes. */
static int parse_aligned(struct reader *r, struct parse *p)
{
    const char *end = memchr(p->at, r->reading.mac_lines ? '\r' : '\n', (size_t)(p->stop - p->at));
    if (!end && !p->last)
        return NEEDS_MORE;
    const char *next = end ? end + 1 : p->stop;
    if (!end)
        end = p->stop;
    if (end > p->at && end[-1] == '\r')
        end--;
    for (const char *at = p->at; at < end;) {
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        const char *start = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        if (at > start)
            add_field(r, p, (struct str){start, (size_t)(at - start)});
    }
    p->raw_end = end;
    p->at = next;
    return PARSED;
}

/* The window's next record up to its first line end, when it cannot be read as a whole. */
static void take_first_line(struct reader *r, struct parse *p)
{
    const char *start = r->window + r->from;
    const char *end = memchr(start, r->reading.mac_lines ? '\r' : '\n', r->to - r->from);
    p->raw_end = end ? end : r->window + r->to;
    p->at = end ? end + 1 : r->window + r->to;
    p->nfields = 0;
}

/* A line longer than the window: drops the rest of it. Keeps what take_first_line() showed. */
static enum err skip_line(struct reader *r, struct arena *a, struct record *rec)
{
    rec->raw =
        arena_str(a, (struct str){rec->raw.p, rec->raw.n < RAW_SHOWN ? rec->raw.n : RAW_SHOWN});
    char end = r->reading.mac_lines ? '\r' : '\n';
    for (;;) {
        const char *found = memchr(r->window + r->from, end, r->to - r->from);
        size_t n = found ? (size_t)(found + 1 - (r->window + r->from)) : r->to - r->from;
        r->offset = offset_behind(r, (struct str){r->window + r->from, n});
        r->from += n;
        r->line += found != NULL;
        if (found || r->end)
            break;
        enum err e = more(r);
        if (e)
            return e;
    }
    rec->end = r->offset;
    rec->next_line = r->line;
    return OK;
}

/* Reads on until parse() is content. The record stays at the front of the window. */
static enum err parse_window(struct reader *r, struct parse *p)
{
    for (;;) {
        *p = (struct parse){.at = r->window + r->from, .stop = r->window + r->to, .last = r->end};
        r->nunquoted = 0;
        int how = r->reading.delimiter == ' ' ? parse_aligned(r, p) : parse_record(r, p);
        if (how == PARSED)
            return OK;
        enum err e = how == NEEDS_MORE ? more(r) : OK;
        if (e == OK && how == NEEDS_MORE)
            continue;
        if (e && e != ERR_TOO_LARGE)
            return e;
        p->fault = how == QUOTE_OPEN ? RECORD_QUOTE_OPEN : RECORD_TOO_LONG;
        const char *start = r->window + r->from;
        const char *line_end = memchr(start, r->reading.mac_lines ? '\r' : '\n', r->to - r->from);
        if (p->fault == RECORD_TOO_LONG && line_end)
            p->fault = RECORD_QUOTE_OPEN;
        take_first_line(r, p);
        return OK;
    }
}

/* Passes over blank lines. ERR_NOT_FOUND: nothing is left. */
static enum err skip_blank_lines(struct reader *r)
{
    for (;;) {
        if (r->to - r->from < 2 && !r->end) {
            enum err e = more(r);
            if (e)
                return e;
            continue;
        }
        if (r->from == r->to)
            return ERR_NOT_FOUND;
        const char *p = r->window + r->from;
        size_t n = is_line_end(r, p[0]) ? 1
                   : p[0] == '\r' && (r->to - r->from == 1 || p[1] == '\n')
                       ? r->to - r->from == 1 ? 1 : 2
                       : 0;
        if (n == 0)
            return OK;
        r->offset = offset_behind(r, (struct str){p, n});
        r->from += n;
        r->line++;
    }
}

static enum err next_card(struct reader *r, struct record *ret)
{
    arena_reset(r->cards);
    for (;;) {
        struct vcard card;
        struct str text = {r->window + r->from, r->to - r->from};
        enum vcard_verdict v = vcard_read(r->cards, text, r->end, &card);
        if (v == VCARD_NEEDS_MORE) {
            enum err e = more(r);
            if (e == ERR_TOO_LARGE)
                v = VCARD_BAD, card.bytes = text.n;
            else if (e)
                return e;
            else
                continue;
        }
        if (v == VCARD_END)
            return ERR_NOT_FOUND;
        struct str whole = {text.p, card.bytes};
        for (int i = 0; v != VCARD_BAD && i < VCARD_COLUMNS; i++)
            r->fields[i] = card.fields[i];
        *ret = (struct record){.fault = v == VCARD_BAD ? RECORD_NO_CARD : RECORD_GOOD,
                               .line = r->line + card.blank_lines,
                               .offset = r->offset,
                               .end = offset_behind(r, whole),
                               .next_line = r->line + card.lines,
                               .fields = r->fields,
                               .nfields = v == VCARD_BAD ? 0 : VCARD_COLUMNS,
                               .raw = str_trim(whole)};
        r->from += card.bytes;
        r->offset = ret->end;
        r->line = ret->next_line;
        return OK;
    }
}

enum err reader_next(struct reader *r, struct record *ret)
{
    if (r->reading.format == FORMAT_VCARD)
        return next_card(r, ret);
    enum err e = skip_blank_lines(r);
    if (e)
        return e;
    struct parse p;
    if ((e = parse_window(r, &p)))
        return e;
    const char *start = r->window + r->from;
    struct str whole = {start, (size_t)(p.at - start)};
    *ret = (struct record){
        .fault = p.fault, .line = r->line, .offset = r->offset, .fields = r->fields};
    ret->raw = (struct str){start, (size_t)(p.raw_end - start)};
    ret->nfields = p.nfields;
    if (p.fault == RECORD_GOOD && r->reading.encoding == ENCODING_UTF8 && !utf8_valid(ret->raw))
        ret->fault = RECORD_BAD_ENCODING;
    ret->end = offset_behind(r, whole);
    ret->next_line = r->line + count_lines(r, start, whole.n);
    r->from += whole.n;
    r->offset = ret->end;
    r->line = ret->next_line;
    if (p.fault == RECORD_TOO_LONG) {
        arena_reset(r->cards);
        return skip_line(r, r->cards, ret);
    }
    return OK;
}
