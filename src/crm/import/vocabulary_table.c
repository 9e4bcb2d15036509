/* Run by the build: writes the words of vocabulary.h as C source. Asking ICU for the names of all
 * countries and languages and folding them takes longer than reading a small file. */
#include <stdio.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>
#include "../../audience/audience.h"
#include "../../base/check.h"
#include "../../base/text.h"
#include "vocabulary_made.h"

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

static struct vocabulary_entry entries[VOCABULARY_SLOTS];
static struct buf keys, folded;
static int count;

static void add(uint8_t of, struct str word, const char *value, size_t n)
{
    text_fold_into(&folded, word);
    struct str key = str_trim(buf_str(&folded));
    if (key.n == 0)
        key = word; /* ✓ has no letters */
    struct vocabulary_entry *e = &entries[vocabulary_slot(entries, keys.p, key, of)];
    if (e->key_n > 0)
        return; /* the first meaning stands */
    check(++count < VOCABULARY_SLOTS * 3 / 4 && key.n <= UINT8_MAX);
    e->key = (uint32_t)keys.n;
    e->key_n = (uint8_t)key.n;
    e->of = of;
    memcpy(e->value, value, n);
    buf_add(&keys, key.p, key.n);
}

static void add_list(uint8_t of, const char *const *words, uint8_t value)
{
    for (; *words; words++)
        add(of, str_c(*words), (char *)&value, 1);
}

static void add_utf16(uint8_t of, const UChar *name, int32_t n, const char *code)
{
    char utf8[WORD_BYTES_MAX];
    int32_t bytes = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_strToUTF8(utf8, sizeof utf8, &bytes, name, n, &e);
    if (U_SUCCESS(e))
        add(of, (struct str){utf8, (size_t)bytes}, code, strlen(code) + 1);
}

static void add_countries(void)
{
    static const char *const languages[] = {"en", "fr", "it", "es", "ru"};
    for (size_t i = 0; i < ARRAY_LEN(countries); i++)
        add(CLASS_COUNTRY, str_c(countries[i].word), countries[i].code, 3);
    for (const char *const *c = uloc_getISOCountries(); *c; c++) {
        char locale[8] = {'u', 'n', 'd', '_', (*c)[0], (*c)[1], 0};
        add(CLASS_COUNTRY, str_c(*c), *c, 3);
        const char *three = uloc_getISO3Country(locale);
        add(CLASS_COUNTRY, str_c(three), *c, 3);
        for (size_t l = 0; l < ARRAY_LEN(languages); l++) {
            UChar name[100];
            UErrorCode e = U_ZERO_ERROR;
            int32_t n = uloc_getDisplayCountry(locale, languages[l], name, 100, &e);
            if (U_SUCCESS(e))
                add_utf16(CLASS_COUNTRY, name, n, *c);
        }
    }
}

static void add_languages(void)
{
    static const char *const codes[] = {"en", "fr", "it", "es", "ru", "de", "pt", "nl", "pl", "uk",
                                        "ar", "zh", "ja", "tr", "ro", "el", "ca", "eu", "be", "sv",
                                        "da", "nb", "fi", "cs", "hu", "bg", "he", "ko"};
    for (const char *const *c = uloc_getISOLanguages(); *c; c++)
        if (strlen(*c) == 2)
            add(CLASS_LANGUAGE, str_c(*c), *c, 3);
    for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
        for (size_t l = 0; l < 5; l++) {
            UChar name[100];
            UErrorCode e = U_ZERO_ERROR;
            int32_t n = uloc_getDisplayLanguage(codes[c], codes[l], name, 100, &e);
            if (U_SUCCESS(e))
                add_utf16(CLASS_LANGUAGE, name, n, codes[c]);
        }
        UChar own[100];
        UErrorCode e = U_ZERO_ERROR;
        int32_t n = uloc_getDisplayLanguage(codes[c], codes[c], own, 100, &e);
        if (U_SUCCESS(e))
            add_utf16(CLASS_LANGUAGE, own, n, codes[c]);
    }
}

static void add_all(void)
{
    add_list(CLASS_GENDER, genders_female, GENDER_FEMALE);
    add_list(CLASS_GENDER, genders_male, GENDER_MALE);
    add_list(CLASS_GENDER, genders_other, GENDER_OTHER);
    add_list(CLASS_YES, yes_words, true);
    add_list(CLASS_YES, no_words, false);
    for (size_t i = 0; i < ARRAY_LEN(devices); i++)
        add(CLASS_DEVICE, str_c(devices[i].word), (const char *)&devices[i].device, 1);
    for (size_t i = 0; i < ARRAY_LEN(label_words); i++)
        add_list(CLASS_LABEL, label_words[i], (uint8_t)i);
    add_countries();
    add_languages();
}

int main(void)
{
    buf_init(&keys, 1 << 20);
    buf_init(&folded, 4096);
    add_all();
    printf("#include \"src/crm/import/vocabulary_made.h\"\n"
           "const struct vocabulary_entry vocabulary_entries[VOCABULARY_SLOTS] = {\n");
    for (size_t i = 0; i < VOCABULARY_SLOTS; i++) {
        const struct vocabulary_entry *e = &entries[i];
        if (e->key_n > 0)
            printf("[%zu] = {%u, %d, %d, {%d, %d, %d, %d}},\n", i, e->key, e->key_n, e->of,
                   e->value[0], e->value[1], e->value[2], e->value[3]);
    }
    printf("};\nconst char vocabulary_keys[] = {");
    for (size_t i = 0; i < keys.n; i++)
        printf("%d,", keys.p[i]);
    printf("0};\n");
    buf_free(&keys);
    buf_free(&folded);
    return fflush(stdout) == 0 ? 0 : 1;
}
