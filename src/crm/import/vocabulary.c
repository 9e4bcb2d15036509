#include "vocabulary.h"
#include <stdlib.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>
#include "../../audience/audience.h"
#include "../../base/check.h"
#include "../../base/text.h"

enum word_class {
    CLASS_GENDER = 1,
    CLASS_YES,
    CLASS_COUNTRY,
    CLASS_LANGUAGE,
    CLASS_DEVICE,
    CLASS_LABEL
};
enum { SLOTS = 8192, WORD_BYTES_MAX = 200 };

struct entry {
    struct str key; /* n = 0: free */
    uint8_t of;
    char value[4]; /* a code, or one byte */
};
struct vocabulary {
    struct arena *arena;
    struct buf folded;
    int count;
    struct entry entries[SLOTS];
};

/* First letter: the meaning; then words until NULL. */
static const char *const genders_female[] = {
    "f",       "w",         "female", "woman",    "femme",  "feminin", "féminin", "femmina",
    "donna",   "femminile", "mujer",  "femenino", "hembra", "ж",       "жен",     "женский",
    "женщина", "mme",       "mrs",    "ms",       "mlle",   "madame",  "signora", "sig.ra",
    "sra",     "señora",    "г-жа",   "fille",    "girl",   NULL};
static const char *const genders_male[] = {
    "m",       "h",       "u",        "male",   "man",       "homme",    "masculin",
    "uomo",    "maschio", "maschile", "hombre", "masculino", "varón",    "м",
    "муж",     "мужской", "мужчина",  "mr",     "mister",    "monsieur", "signor",
    "signore", "sig",     "sr",       "señor",  "г-н",       NULL};
static const char *const genders_other[] = {
    "x",    "o",          "d",           "other",       "diverse",    "autre",  "altro",
    "otro", "non binary", "non binaire", "non binario", "no binario", "другой", NULL};
static const char *const yes_words[] = {
    "1",          "y",        "yes",       "true",     "t",        "on",      "x",
    "ok",         "granted",  "accepted",  "accept",   "opt in",   "optin",   "opted in",
    "subscribed", "oui",      "o",         "vrai",     "accepté",  "accepte", "accordé",
    "abonné",     "inscrit",  "sì",        "si",       "s",        "vero",    "accettato",
    "iscritto",   "sí",       "verdadero", "aceptado", "suscrito", "да",      "д",
    "истина",     "согласен", "согласна",  "согласие", "подписан", "v",       "✓",
    "✔",          NULL};
static const char *const no_words[] = {
    "0",           "n",           "no",          "false",  "f",         "off",          "refused",
    "declined",    "denied",      "opt out",     "optout", "opted out", "unsubscribed", "cleaned",
    "non",         "faux",        "refusé",      "refuse", "désabonné", "falso",        "rifiutato",
    "disiscritto", "rechazado",   "no suscrito", "нет",    "н",         "ложь",         "отказ",
    "отписан",     "не согласен", "не согласна", NULL};
static const struct {
    const char *word;
    uint8_t device;
} devices[] = {{"ios", DEVICE_IOS},     {"iphone", DEVICE_IOS},      {"ipad", DEVICE_IOS},
               {"apple", DEVICE_IOS},   {"android", DEVICE_ANDROID}, {"web", DEVICE_WEB},
               {"browser", DEVICE_WEB}, {"pc", DEVICE_WEB},          {"desktop", DEVICE_WEB},
               {"other", DEVICE_OTHER}, {"autre", DEVICE_OTHER},     {"altro", DEVICE_OTHER},
               {"otro", DEVICE_OTHER},  {"другое", DEVICE_OTHER}};
/* In the order of customer_labels. */
static const char *const label_words[][24] = {
    {"mobile", "cell", "cellular", "cell phone", "iphone", "portable", "cellulare", "móvil",
     "celular", "мобильный", "мобильная", "сотовый", NULL},
    {"home", "private", "personal", "domicile", "maison", "personnel", "privé", "casa",
     "abitazione", "personale", "domicilio", "particular", "дом", "домашний", "домашняя", "личный",
     "личная", NULL},
    {"work",    "office",     "business", "company", "bureau",  "travail", "professionnel",
     "pro",     "entreprise", "lavoro",   "ufficio", "azienda", "trabajo", "oficina",
     "empresa", "работа",     "рабочий",  "рабочая", "офис",    NULL},
    {"other", "autre", "altro", "otro", "otra", "другой", "другая", "другое", NULL}};
/* What people write and ICU does not. */
static const struct {
    const char *word, *code;
} countries[] = {{"United States of America", "US"},
                 {"UK", "GB"},
                 {"Great Britain", "GB"},
                 {"England", "GB"},
                 {"Scotland", "GB"},
                 {"Wales", "GB"},
                 {"Northern Ireland", "GB"},
                 {"USA", "US"},
                 {"U.S.A.", "US"},
                 {"U.S.", "US"},
                 {"EIRE", "IE"},
                 {"RSA", "ZA"},
                 {"UAE", "AE"},
                 {"Holland", "NL"},
                 {"Angleterre", "GB"},
                 {"Inghilterra", "GB"},
                 {"Inglaterra", "GB"},
                 {"Англия", "GB"},
                 {"США", "US"},
                 {"Czech Republic", "CZ"},
                 {"РФ", "RU"},
                 {"Russian Federation", "RU"},
                 {"EE.UU.", "US"},
                 {"Etats-Unis", "US"}};

static uint32_t hash_of(struct str key, uint8_t of)
{
    uint32_t h = 2166136261u ^ of;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (uint8_t)key.p[i]) * 16777619u;
    return h;
}

static struct entry *slot_of(struct vocabulary *v, struct str key, uint8_t of)
{
    uint32_t i = hash_of(key, of) % SLOTS;
    while (v->entries[i].key.n > 0 && (v->entries[i].of != of || !str_eq(v->entries[i].key, key)))
        i = (i + 1) % SLOTS;
    return &v->entries[i];
}

static void add(struct vocabulary *v, uint8_t of, struct str word, const char *value, size_t n)
{
    text_fold_into(&v->folded, word);
    struct str key = str_trim(buf_str(&v->folded));
    if (key.n == 0)
        key = word; /* ✓ has no letters */
    struct entry *e = slot_of(v, key, of);
    if (e->key.n > 0)
        return; /* the first meaning stands */
    check(++v->count < SLOTS * 3 / 4);
    e->key = arena_str(v->arena, key);
    e->of = of;
    memcpy(e->value, value, n);
}

static void add_list(struct vocabulary *v, uint8_t of, const char *const *words, uint8_t value)
{
    for (; *words; words++)
        add(v, of, str_c(*words), (char *)&value, 1);
}

static void add_utf16(struct vocabulary *v, uint8_t of, const UChar *name, int32_t n,
                      const char *code)
{
    char utf8[WORD_BYTES_MAX];
    int32_t bytes = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_strToUTF8(utf8, sizeof utf8, &bytes, name, n, &e);
    if (U_SUCCESS(e))
        add(v, of, (struct str){utf8, (size_t)bytes}, code, strlen(code) + 1);
}

static void add_countries(struct vocabulary *v)
{
    static const char *const languages[] = {"en", "fr", "it", "es", "ru"};
    for (size_t i = 0; i < ARRAY_LEN(countries); i++)
        add(v, CLASS_COUNTRY, str_c(countries[i].word), countries[i].code, 3);
    for (const char *const *c = uloc_getISOCountries(); *c; c++) {
        char locale[8] = {'u', 'n', 'd', '_', (*c)[0], (*c)[1], 0};
        add(v, CLASS_COUNTRY, str_c(*c), *c, 3);
        const char *three = uloc_getISO3Country(locale);
        add(v, CLASS_COUNTRY, str_c(three), *c, 3);
        for (size_t l = 0; l < ARRAY_LEN(languages); l++) {
            UChar name[100];
            UErrorCode e = U_ZERO_ERROR;
            int32_t n = uloc_getDisplayCountry(locale, languages[l], name, 100, &e);
            if (U_SUCCESS(e))
                add_utf16(v, CLASS_COUNTRY, name, n, *c);
        }
    }
}

static void add_languages(struct vocabulary *v)
{
    static const char *const codes[] = {"en", "fr", "it", "es", "ru", "de", "pt", "nl", "pl", "uk",
                                        "ar", "zh", "ja", "tr", "ro", "el", "ca", "eu", "be", "sv",
                                        "da", "nb", "fi", "cs", "hu", "bg", "he", "ko"};
    for (const char *const *c = uloc_getISOLanguages(); *c; c++)
        if (strlen(*c) == 2)
            add(v, CLASS_LANGUAGE, str_c(*c), *c, 3);
    for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
        for (size_t l = 0; l < 5; l++) {
            UChar name[100];
            UErrorCode e = U_ZERO_ERROR;
            int32_t n = uloc_getDisplayLanguage(codes[c], codes[l], name, 100, &e);
            if (U_SUCCESS(e))
                add_utf16(v, CLASS_LANGUAGE, name, n, codes[c]);
        }
        UChar own[100];
        UErrorCode e = U_ZERO_ERROR;
        int32_t n = uloc_getDisplayLanguage(codes[c], codes[c], own, 100, &e);
        if (U_SUCCESS(e))
            add_utf16(v, CLASS_LANGUAGE, own, n, codes[c]);
    }
}

struct vocabulary *vocabulary_new(void)
{
    struct vocabulary *v = calloc(1, sizeof *v);
    check(v);
    v->arena = arena_new();
    buf_init(&v->folded, 4096);
    add_list(v, CLASS_GENDER, genders_female, GENDER_FEMALE);
    add_list(v, CLASS_GENDER, genders_male, GENDER_MALE);
    add_list(v, CLASS_GENDER, genders_other, GENDER_OTHER);
    add_list(v, CLASS_YES, yes_words, true);
    add_list(v, CLASS_YES, no_words, false);
    for (size_t i = 0; i < ARRAY_LEN(devices); i++)
        add(v, CLASS_DEVICE, str_c(devices[i].word), (const char *)&devices[i].device, 1);
    for (size_t i = 0; i < ARRAY_LEN(label_words); i++)
        add_list(v, CLASS_LABEL, label_words[i], (uint8_t)i);
    add_countries(v);
    add_languages(v);
    return v;
}

void vocabulary_free(struct vocabulary **v)
{
    if (!*v)
        return;
    arena_free(&(*v)->arena);
    buf_free(&(*v)->folded);
    free(*v);
    *v = NULL;
}

static const struct entry *find(struct vocabulary *v, uint8_t of, struct str s)
{
    if (s.n == 0 || s.n > WORD_BYTES_MAX)
        return NULL;
    text_fold_into(&v->folded, s);
    struct str key = str_trim(buf_str(&v->folded));
    struct entry *e = slot_of(v, key.n > 0 ? key : s, of);
    return e->key.n > 0 ? e : NULL;
}

bool vocabulary_gender(struct vocabulary *v, struct str s, uint8_t *ret)
{
    const struct entry *e = find(v, CLASS_GENDER, s);
    if (e)
        *ret = (uint8_t)e->value[0];
    return e;
}

bool vocabulary_yes(struct vocabulary *v, struct str s, bool *ret)
{
    const struct entry *e = find(v, CLASS_YES, s);
    if (e)
        *ret = e->value[0];
    return e;
}

bool vocabulary_device(struct vocabulary *v, struct str s, uint8_t *ret)
{
    const struct entry *e = find(v, CLASS_DEVICE, s);
    if (e)
        *ret = (uint8_t)e->value[0];
    return e;
}

bool vocabulary_label(struct vocabulary *v, struct str s, int *ret)
{
    const struct entry *e = find(v, CLASS_LABEL, s);
    if (e)
        *ret = e->value[0];
    return e;
}

bool vocabulary_country(struct vocabulary *v, struct str s, char ret[static 4])
{
    const struct entry *e = find(v, CLASS_COUNTRY, s);
    if (e)
        memcpy(ret, e->value, 4);
    return e;
}

bool vocabulary_language(struct vocabulary *v, struct str s, char ret[static 4])
{
    if (s.n > 3 && s.n <= 12 && (s.p[2] == '-' || s.p[2] == '_'))
        s.n = 2; /* fr-FR */
    const struct entry *e = find(v, CLASS_LANGUAGE, s);
    if (e)
        memcpy(ret, e->value, 4);
    return e;
}
