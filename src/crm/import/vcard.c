#include "vcard.h"
#include <strings.h>

const char *const vcard_headings[VCARD_COLUMNS] = {
    [VCARD_FULL_NAME] = "FN",
    [VCARD_FIRST_NAME] = "N (given)",
    [VCARD_LAST_NAME] = "N (family)",
    [VCARD_NICKNAME] = "NICKNAME",
    [VCARD_PHONE] = "TEL",
    [VCARD_PHONE + 1] = "TEL 2",
    [VCARD_PHONE + 2] = "TEL 3",
    [VCARD_PHONE + 3] = "TEL 4",
    [VCARD_EMAIL] = "EMAIL",
    [VCARD_EMAIL + 1] = "EMAIL 2",
    [VCARD_EMAIL + 2] = "EMAIL 3",
    [VCARD_BIRTHDAY] = "BDAY",
    [VCARD_ADDRESS] = "ADR (street)",
    [VCARD_CITY] = "ADR (city)",
    [VCARD_POSTCODE] = "ADR (code)",
    [VCARD_COUNTRY] = "ADR (country)",
};

/* The line at the front of `text`, without its end; how long it is with it. */
static struct str physical_line(struct str text, size_t *ret_whole)
{
    size_t n = 0;
    while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
        n++;
    size_t whole = n;
    while (whole < text.n && text.p[whole] == '\r')
        whole++;
    if (whole < text.n && text.p[whole] == '\n')
        whole++;
    else if (whole > n)
        whole = n + 1; /* CR alone */
    *ret_whole = whole;
    return (struct str){text.p, n};
}

static struct str rest_of(struct str s, size_t n)
{
    return (struct str){s.p + n, s.n - n};
}

static bool is_line(struct str line, const char *what)
{
    return str_ieq_ascii(str_trim(line), str_c(what));
}

/* Where the card ends. With `ret->bytes`, `lines`, `blank_lines` filled; *ret_body is what is
 * inside. */
static enum vcard_verdict find_card(struct str text, bool last, struct vcard *ret,
                                    struct str *ret_body)
{
    size_t at = 0, whole;
    bool inside = false, junk = false;
    size_t body = 0;
    while (at < text.n) {
        struct str line = physical_line(rest_of(text, at), &whole);
        if (at + whole == text.n && !last)
            return VCARD_NEEDS_MORE; /* the line may go on */
        if (is_line(line, "BEGIN:VCARD")) {
            if (inside || junk)
                break; /* the next card: what is before it is at fault */
            inside = true;
            body = at + whole;
        } else if (inside && is_line(line, "END:VCARD")) {
            *ret_body = (struct str){text.p + body, at - body};
            ret->bytes = at + whole;
            ret->lines++;
            return VCARD_OK;
        } else if (!inside && str_trim(line).n > 0) {
            junk = true;
        } else if (!inside && !junk) {
            ret->blank_lines++;
        }
        ret->lines++;
        at += whole;
    }
    ret->bytes = at;
    if (at == text.n && !last)
        return VCARD_NEEDS_MORE;
    return inside || junk ? VCARD_BAD : VCARD_END;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* In place: what is decoded is never longer. */
static struct str quoted_printable(char *p, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '=' && i + 2 < n && hex(p[i + 1]) >= 0 && hex(p[i + 2]) >= 0) {
            p[out++] = (char)(hex(p[i + 1]) * 16 + hex(p[i + 2]));
            i += 2;
        } else {
            p[out++] = p[i];
        }
    }
    return (struct str){p, out};
}

static struct str from_latin(struct arena *a, struct str s)
{
    char *out = arena_alloc(a, 2 * s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80)
            out[n++] = (char)(0xC0 | c >> 6);
        out[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3F));
    }
    return (struct str){out, n};
}

/* One property: [group.]NAME[;param…]:value */
struct property {
    struct str name, params, value;
};

static bool has_param(struct str params, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= params.n; i++) {
        bool starts = i == 0 || strchr(";,=\"", params.p[i - 1]);
        bool ends = i + n == params.n || strchr(";,=\"", params.p[i + n]);
        if (starts && ends && strncasecmp(params.p + i, word, n) == 0)
            return true;
    }
    return false;
}

static bool split_property(struct str line, struct property *ret)
{
    bool quoted = false;
    size_t name_end = line.n, colon = line.n;
    for (size_t i = 0; i < line.n && colon == line.n; i++) {
        if (line.p[i] == '"')
            quoted = !quoted;
        else if (!quoted && line.p[i] == ':')
            colon = i;
        else if (!quoted && line.p[i] == ';' && name_end == line.n)
            name_end = i;
    }
    if (colon == line.n)
        return false;
    if (name_end > colon)
        name_end = colon;
    size_t name = 0;
    for (size_t i = 0; i < name_end; i++)
        if (line.p[i] == '.')
            name = i + 1;
    ret->name = (struct str){line.p + name, name_end - name};
    ret->params = name_end < colon ? (struct str){line.p + name_end + 1, colon - name_end - 1}
                                   : (struct str){"", 0};
    ret->value = rest_of(line, colon + 1);
    return true;
}

/* The logical line at the front of *body, unfolded into the arena. */
static struct str logical_line(struct arena *a, struct str *body)
{
    size_t whole;
    struct str first = physical_line(*body, &whole);
    *body = rest_of(*body, whole);
    struct property head;
    bool soft = split_property(first, &head) && has_param(head.params, "QUOTED-PRINTABLE");
    size_t extent = first.n;
    struct str ahead = *body;
    bool open = soft && first.n > 0 && first.p[first.n - 1] == '=';
    while (ahead.n > 0 && (open || ahead.p[0] == ' ' || ahead.p[0] == '\t')) {
        struct str next = physical_line(ahead, &whole);
        extent += next.n;
        open = soft && next.n > 0 && next.p[next.n - 1] == '=';
        ahead = rest_of(ahead, whole);
    }
    if (extent == first.n)
        return first;
    char *out = arena_alloc(a, extent + 1);
    size_t n = 0;
    struct str part = first;
    for (;;) {
        bool joins = soft && part.n > 0 && part.p[part.n - 1] == '=';
        memcpy(out + n, part.p, part.n);
        n += part.n - joins;
        if (body->p == ahead.p)
            break;
        part = physical_line(*body, &whole);
        *body = rest_of(*body, whole);
        if (part.n > 0 && !joins)
            part = rest_of(part, 1);
    }
    return (struct str){out, n};
}

static struct str decoded_value(struct arena *a, const struct property *p)
{
    struct str v = p->value;
    if (has_param(p->params, "QUOTED-PRINTABLE"))
        v = quoted_printable(arena_cstr(a, v), v.n);
    if (has_param(p->params, "ISO-8859-1") || has_param(p->params, "WINDOWS-1252"))
        v = from_latin(a, v);
    return v;
}

/* The n-th part of a value with semicolons, backslash escapes undone; n < 0: the whole. */
static struct str component(struct arena *a, struct str v, int n)
{
    char *out = arena_alloc(a, v.n + 1);
    size_t kept = 0;
    int part = 0;
    for (size_t i = 0; i < v.n; i++) {
        char c = v.p[i];
        if (c == ';' && n >= 0) {
            part++;
            continue;
        }
        if (c == '\\' && i + 1 < v.n) {
            c = v.p[++i];
            c = c == 'n' || c == 'N' ? '\n' : c;
        }
        if (n < 0 || part == n)
            out[kept++] = c;
    }
    return str_trim((struct str){out, kept});
}

static void put(struct str *place, struct str value)
{
    if (place->n == 0)
        *place = value;
}

static void put_next(struct str *places, int n, struct str value)
{
    for (int i = 0; i < n; i++) {
        if (str_eq(places[i], value))
            return;
        if (places[i].n == 0) {
            places[i] = value;
            return;
        }
    }
}

static void take_property(struct arena *a, const struct property *p, struct vcard *card)
{
    struct str *f = card->fields, v;
    if (str_ieq_ascii(p->name, STR("FN"))) {
        put(&f[VCARD_FULL_NAME], component(a, decoded_value(a, p), -1));
    } else if (str_ieq_ascii(p->name, STR("N"))) {
        v = decoded_value(a, p);
        put(&f[VCARD_LAST_NAME], component(a, v, 0));
        put(&f[VCARD_FIRST_NAME], component(a, v, 1));
    } else if (str_ieq_ascii(p->name, STR("NICKNAME"))) {
        put(&f[VCARD_NICKNAME], component(a, decoded_value(a, p), -1));
    } else if (str_ieq_ascii(p->name, STR("TEL"))) {
        if (has_param(p->params, "FAX") || has_param(p->params, "PAGER"))
            return;
        v = component(a, decoded_value(a, p), -1);
        if (v.n > 4 && strncasecmp(v.p, "tel:", 4) == 0)
            v = rest_of(v, 4);
        put_next(&f[VCARD_PHONE], 4, v);
    } else if (str_ieq_ascii(p->name, STR("EMAIL"))) {
        put_next(&f[VCARD_EMAIL], 3, component(a, decoded_value(a, p), -1));
    } else if (str_ieq_ascii(p->name, STR("BDAY"))) {
        put(&f[VCARD_BIRTHDAY], component(a, decoded_value(a, p), -1));
    } else if (str_ieq_ascii(p->name, STR("ADR"))) {
        if (f[VCARD_ADDRESS].n + f[VCARD_CITY].n > 0)
            return; /* the first one; of one address all parts */
        v = decoded_value(a, p);
        put(&f[VCARD_ADDRESS], component(a, v, 2));
        put(&f[VCARD_CITY], component(a, v, 3));
        put(&f[VCARD_POSTCODE], component(a, v, 5));
        put(&f[VCARD_COUNTRY], component(a, v, 6));
    }
}

enum vcard_verdict vcard_read(struct arena *a, struct str text, bool last, struct vcard *ret)
{
    *ret = (struct vcard){0};
    for (int i = 0; i < VCARD_COLUMNS; i++)
        ret->fields[i] = (struct str){"", 0};
    struct str body;
    enum vcard_verdict v = find_card(text, last, ret, &body);
    if (v != VCARD_OK)
        return v;
    while (body.n > 0) {
        struct property p;
        if (split_property(logical_line(a, &body), &p))
            take_property(a, &p, ret);
    }
    struct str *f = ret->fields;
    if (f[VCARD_FIRST_NAME].n + f[VCARD_LAST_NAME].n > 0)
        f[VCARD_FULL_NAME] = (struct str){"", 0}; /* N says it better */
    return VCARD_OK;
}
