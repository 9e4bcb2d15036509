#include "message.h"
#include "check.h"
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static const char *const languages[] = {"en", "fr", "it", "es", "ru"};
enum { KEY_MAX = 200, TEXT_MAX = 4096 };

/* Flat objects "key": "text". `promised` is read into them when the language is first asked for. */
static struct {
    json_t *texts;
    struct str promised;
    atomic_bool promise;
} locales[ARRAY_LEN(languages)];
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int language_index(const char *language)
{
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (language && strcmp(language, languages[i]) == 0)
            return (int)i;
    return -1;
}

/* Nested objects become dotted keys. */
static enum err add(json_t *into, const char *prefix, json_t *from, int depth)
{
    const char *name;
    json_t *v;
    if (depth > 8)
        return ERR_INVALID;
    json_object_foreach(from, name, v)
    {
        char key[KEY_MAX];
        int n = snprintf(key, sizeof(key), "%s%s%s", prefix, *prefix ? "." : "", name);
        if (n < 0 || (size_t)n >= sizeof(key))
            return ERR_INVALID;
        if (json_is_object(v)) {
            enum err err = add(into, key, v, depth + 1);
            if (err)
                return err;
        } else if (!json_is_string(v) || json_object_set(into, key, v) != 0) {
            return ERR_INVALID;
        }
    }
    return OK;
}

enum err message_load(const char *language, struct str json)
{
    int i = language_index(language);
    if (i < 0)
        return ERR_INVALID;
    json_error_t error;
    json_t *parsed = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return ERR_INVALID;
    }
    if (!locales[i].texts)
        locales[i].texts = json_object();
    check(locales[i].texts);
    enum err err = add(locales[i].texts, "", parsed, 0);
    json_decref(parsed);
    return err;
}

void message_promise(const char *language, struct str json)
{
    int i = language_index(language);
    check(i >= 0);
    locales[i].promised = json;
    atomic_store(&locales[i].promise, true);
}

static json_t *texts_of(int i)
{
    if (atomic_load(&locales[i].promise)) {
        pthread_mutex_lock(&one_at_a_time);
        if (atomic_load(&locales[i].promise))
            check(message_load(languages[i], locales[i].promised) == OK);
        atomic_store(&locales[i].promise, false);
        pthread_mutex_unlock(&one_at_a_time);
    }
    return locales[i].texts;
}

/* NULL: neither this language nor English knows the key. */
static const char *find(const char *language, const char *key)
{
    int i = language_index(language);
    const char *text = i >= 0 ? json_string_value(json_object_get(texts_of(i), key)) : NULL;
    return text ? text : json_string_value(json_object_get(texts_of(0), key));
}

const char *message_text(const char *language, const char *key)
{
    const char *text = find(language, key);
    return text ? text : key;
}

/* What {name} becomes, or NULL. */
static const char *argument(const char *language, const struct problem *p, struct str name)
{
    for (int i = 0; i < p->nargs; i++)
        if (str_eq(str_c(p->args[i].name), name))
            return p->args[i].value;
    if (!str_eq(name, STR("field")) || !p->field)
        return NULL;
    char key[KEY_MAX];
    snprintf(key, sizeof(key), "field.%s", p->field);
    const char *text = find(language, key);
    return text ? text : p->field;
}

static const char *fill(struct arena *a, const char *language, const char *text,
                        const struct problem *p)
{
    const char *whole = text;
    struct buf out;
    buf_init(&out, TEXT_MAX);
    while (*text) {
        const char *open = strchrnul(text, '{');
        buf_add(&out, text, (size_t)(open - text));
        if (!*open)
            break;
        const char *close = strchr(open, '}');
        const char *v =
            close ? argument(language, p, (struct str){open + 1, (size_t)(close - open - 1)})
                  : NULL;
        if (v)
            buf_adds(&out, v);
        else
            buf_addc(&out, '{');
        text = v ? close + 1 : open + 1;
    }
    const char *filled = arena_cstr(a, out.failed ? str_c(whole) : buf_str(&out));
    buf_free(&out);
    return filled;
}

const char *message_problem(struct arena *a, const char *language, const struct problem *p)
{
    const char *code = p->code ? p->code : err_name(p->err);
    char key[KEY_MAX];
    snprintf(key, sizeof(key), "problem.%s", code);
    const char *text = find(language, key);
    return text ? fill(a, language, text, p) : arena_cstr(a, str_c(code));
}

const char *message_fill(struct arena *a, const char *language, const char *key,
                         const struct problem *args)
{
    return fill(a, language, message_text(language, key), args);
}

/* The weight after ";q=", in thousandths; 1000 when there is none or it is no weight. */
static int weight(struct str parameters)
{
    const char *q = parameters.n ? memmem(parameters.p, parameters.n, "q=", 2) : NULL;
    if (!q)
        return 1000;
    const char *end = parameters.p + parameters.n;
    int v = 0, unit = 1000;
    for (q += 2; q < end && unit > 0; q++) {
        if (*q == '.')
            continue;
        if (*q < '0' || *q > '9')
            break;
        v += (*q - '0') * unit;
        unit /= 10;
    }
    return v > 1000 ? 1000 : v;
}

const char *message_language(struct str accept_language)
{
    enum { HEADER_MAX = 1024 };
    if (accept_language.n > HEADER_MAX)
        accept_language.n = HEADER_MAX;
    const char *best = languages[0];
    int best_weight = 0;
    while (accept_language.n) {
        const char *comma = memchr(accept_language.p, ',', accept_language.n);
        size_t n = comma ? (size_t)(comma - accept_language.p) : accept_language.n;
        struct str range = str_trim((struct str){accept_language.p, n});
        accept_language.p += comma ? n + 1 : n;
        accept_language.n -= comma ? n + 1 : n;
        const char *semicolon = range.n ? memchr(range.p, ';', range.n) : NULL;
        struct str tag = {range.p, semicolon ? (size_t)(semicolon - range.p) : range.n};
        tag = str_trim(tag);
        int w = weight((struct str){range.p + tag.n, range.n - tag.n});
        if (tag.n < 2 || (tag.n > 2 && tag.p[2] != '-') || w <= best_weight)
            continue;
        for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
            if (!str_ieq_ascii((struct str){tag.p, 2}, str_c(languages[i])))
                continue;
            best = languages[i];
            best_weight = w;
        }
    }
    return best;
}
