#include "vocabulary.h"
#include <stdlib.h>
#include "../../base/check.h"
#include "../../base/text.h"
#include "vocabulary_made.h"

struct vocabulary {
    struct buf folded;
};

struct vocabulary *vocabulary_new(void)
{
    struct vocabulary *v = calloc(1, sizeof *v);
    check(v);
    buf_init(&v->folded, 4096);
    return v;
}

void vocabulary_free(struct vocabulary **v)
{
    if (!*v)
        return;
    buf_free(&(*v)->folded);
    free(*v);
    *v = NULL;
}

static const struct vocabulary_entry *find(struct vocabulary *v, uint8_t of, struct str s)
{
    if (s.n == 0 || s.n > WORD_BYTES_MAX)
        return NULL;
    text_fold_into(&v->folded, s);
    struct str key = str_trim(buf_str(&v->folded));
    const struct vocabulary_entry *e = &vocabulary_entries[vocabulary_slot(
        vocabulary_entries, vocabulary_keys, key.n > 0 ? key : s, of)];
    return e->key_n > 0 ? e : NULL;
}

bool vocabulary_gender(struct vocabulary *v, struct str s, uint8_t *ret)
{
    const struct vocabulary_entry *e = find(v, CLASS_GENDER, s);
    if (e)
        *ret = (uint8_t)e->value[0];
    return e;
}

bool vocabulary_yes(struct vocabulary *v, struct str s, bool *ret)
{
    const struct vocabulary_entry *e = find(v, CLASS_YES, s);
    if (e)
        *ret = e->value[0];
    return e;
}

bool vocabulary_device(struct vocabulary *v, struct str s, uint8_t *ret)
{
    const struct vocabulary_entry *e = find(v, CLASS_DEVICE, s);
    if (e)
        *ret = (uint8_t)e->value[0];
    return e;
}

bool vocabulary_label(struct vocabulary *v, struct str s, int *ret)
{
    const struct vocabulary_entry *e = find(v, CLASS_LABEL, s);
    if (e)
        *ret = e->value[0];
    return e;
}

bool vocabulary_country(struct vocabulary *v, struct str s, char ret[static 4])
{
    const struct vocabulary_entry *e = find(v, CLASS_COUNTRY, s);
    if (e)
        memcpy(ret, e->value, 4);
    return e;
}

bool vocabulary_language(struct vocabulary *v, struct str s, char ret[static 4])
{
    if (s.n > 3 && s.n <= 12 && (s.p[2] == '-' || s.p[2] == '_'))
        s.n = 2; /* fr-FR */
    const struct vocabulary_entry *e = find(v, CLASS_LANGUAGE, s);
    if (e)
        memcpy(ret, e->value, 4);
    return e;
}
