#include "duplicate_score.h"
#include "../../audience/audience.h"
#include "../../base/check.h"
#include <math.h>
#include <stdlib.h>

const char *const duplicate_reason_names[REASONS + 1] = {"phone",
                                                         "phone_writing",
                                                         "email",
                                                         "email_writing",
                                                         "email_typo",
                                                         "name",
                                                         "name_script",
                                                         "name_swapped",
                                                         "name_similar",
                                                         "name_short",
                                                         "birthday",
                                                         "address",
                                                         "postcode",
                                                         "city",
                                                         "name_differs",
                                                         "birthday_differs",
                                                         "generation",
                                                         "gender_differs",
                                                         "external_differs",
                                                         NULL};

/* Tenths of a bit. */
enum {
    PRIOR = -200, /* one pair in a million that share anything at all */
    SAME_CONTACT = 200,
    SECOND_CONTACT = 40,
    MAIL_TYPO = 100,
    OTHER_CONTACTS = -20, /* each kind, where no contact speaks for them */
    FIRST_SAME = 60,
    FIRST_NEAR = 40,
    FIRST_INITIAL = 20,
    FIRST_DIFFERS = -160,
    LAST_SAME = 80,
    LAST_NEAR = 50,
    LAST_DIFFERS = -50, /* people marry */
    BIRTHDAY_SAME = 120,
    BIRTHDAY_NO_YEAR = 80,
    BIRTHDAY_NEAR = -10,
    BIRTHDAY_DIFFERS = -90,
    GENERATION = -300,
    POSTCODE_SAME = 80,
    STREET_SAME = 60,
    CITY_SAME = 40,
    GENDER_DIFFERS = -50,
    EXTERNAL_DIFFERS = -30,
    GENERATION_YEARS = 15,
};

/* ---- words ---- */

/* Damerau's distance with adjacent swaps, over bytes of folded text; `most` + 1 when it is more. */
static int distance(struct str a, struct str b, int most)
{
    enum { WORD_MAX = 64 };
    int rows[3][WORD_MAX + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    if (a.n > WORD_MAX || b.n > WORD_MAX || labs((long)a.n - (long)b.n) > most)
        return most + 1;
    for (size_t k = 0; k <= b.n; k++)
        last[k] = (int)k;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = (int)i;
        for (size_t k = 1; k <= b.n; k++) {
            int best = last[k - 1] + (a.p[i - 1] != b.p[k - 1]);
            best = last[k] + 1 < best ? last[k] + 1 : best;
            best = now[k - 1] + 1 < best ? now[k - 1] + 1 : best;
            if (i > 1 && k > 1 && a.p[i - 1] == b.p[k - 2] && a.p[i - 2] == b.p[k - 1] &&
                before[k - 2] + 1 < best)
                best = before[k - 2] + 1;
            now[k] = best;
        }
        int *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b.n] <= most ? last[b.n] : most + 1;
}

static bool near_words(struct str a, struct str b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    int most = shorter >= 8 ? 2 : 1;
    return shorter >= 4 && distance(a, b, most) <= most;
}

/* Names that people use for one another, folded; each line one person's. */
static const char *const short_forms[] = {
    "alexander alex sasha xander sandro alessandro aleksandr alexandre alejandro",
    "alexandra alex sasha sandra aleksandra alessandra",
    "andrew andy drew andrea andrei andrey andres andre",
    "antonio toni tony antoine anthony anton",
    "benjamin ben benji",
    "catherine cathy kate katie katherine catherina caterina ekaterina katya catalina",
    "charles charlie carlo carlos",
    "christopher chris cristobal christophe",
    "daniel dan danny daniele",
    "dmitry dmitrii dima dimitri",
    "edward eduard ed eddie ted edoardo eduardo",
    "elizabeth liz beth betty eliza elisabeth elisabetta isabel elizaveta liza",
    "emmanuel manu manuel emanuele",
    "evgeny evgenii zhenya eugene eugenio",
    "francesco franco checco francisco paco pancho francois francis frank",
    "francesca fran franca francoise francisca paca",
    "frederic fred federico fede frederick",
    "giovanni gianni nanni john jean juan ivan vanya jack johnny",
    "giuseppe beppe peppe pino joseph jose pepe joe josef iosif",
    "irina ira irene",
    "james jim jimmy jamie jacques jaime giacomo iakov",
    "jennifer jen jenny",
    "katarina katya",
    "luigi gigi louis luis lou",
    "margaret maggie meg peggy margherita marguerite margarita rita margot",
    "maria masha marie mary mariya",
    "michael mike mick michele michel miguel mikhail misha micha",
    "mohamed mohammed muhammad mohammad",
    "natalia natasha natalie nathalie nataliya",
    "nicholas nick nico nicola nicolas nikolai kolya",
    "olga olya",
    "patricia pat patty patrizia",
    "paul paolo pablo pavel pasha",
    "peter pete pietro pierre pedro petr petya",
    "philip phil philippe filippo felipe filipp",
    "rebecca becky becca",
    "richard rick dick ricky riccardo ricardo",
    "robert bob rob bobby roberto bert",
    "salvatore toto salvador",
    "samuel sam sammy samuele",
    "sergei sergey seryozha serge sergio",
    "stephen steve stefano stephane esteban stepan steven",
    "susan sue susanna suzanne susana",
    "svetlana sveta",
    "tatiana tanya tatyana",
    "theresa tess terry teresa therese",
    "thomas tom tommy tommaso tomas foma",
    "victoria vicky vittoria viktoria vika",
    "vincenzo enzo vincent vicente",
    "vladimir volodya vova",
    "william will bill billy guillaume guillermo guglielmo liam",
};

static bool has_word(const char *line, struct str word)
{
    for (const char *p = line; *p;) {
        size_t n = strcspn(p, " ");
        if (str_eq((struct str){p, n}, word))
            return true;
        p += n + (p[n] == ' ');
    }
    return false;
}

static bool short_form(struct str a, struct str b)
{
    struct str small = a.n < b.n ? a : b, large = a.n < b.n ? b : a;
    if (small.n >= 3 && str_starts(large, small))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(short_forms); i++)
        if (has_word(short_forms[i], a) && has_word(short_forms[i], b))
            return true;
    return false;
}

/* ---- a person ---- */

static int compare_words(const void *x, const void *y)
{
    const struct str *a = x, *b = y;
    size_t n = a->n < b->n ? a->n : b->n;
    int order = memcmp(a->p, b->p, n);
    return order ? order : (a->n > b->n) - (a->n < b->n);
}

static struct str sorted_words(struct arena *a, struct str text)
{
    enum { WORDS_MAX = 12 };
    struct str words[WORDS_MAX];
    size_t n = 0, at = 0;
    while (at < text.n && n < WORDS_MAX) {
        const char *end = memchr(text.p + at, ' ', text.n - at);
        size_t length = end ? (size_t)(end - text.p) - at : text.n - at;
        if (length)
            words[n++] = (struct str){text.p + at, length};
        at += length + 1;
    }
    qsort(words, n, sizeof *words, compare_words);
    char *joined = arena_alloc(a, text.n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (used)
            joined[used++] = ' ';
        memcpy(joined + used, words[i].p, words[i].n);
        used += words[i].n;
    }
    return (struct str){joined, used};
}

/* Greek, Cyrillic and everything beyond: U+0370 and above. */
static bool not_latin(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0xCD)
            return true;
    return false;
}

void duplicate_person_name(struct arena *a, struct duplicate_person *p, struct str first,
                           struct str last)
{
    p->first = text_fold(a, first);
    p->last = text_fold(a, last);
    p->other_script = not_latin(first) || not_latin(last);
    p->name = sorted_words(a, str_c(arena_printf(a, "%.*s %.*s", (int)p->first.n, p->first.p,
                                                 (int)p->last.n, p->last.p)));
}

struct str duplicate_mailbox(struct arena *a, struct str match_key)
{
    struct str right = email_suggestion(a, match_key);
    struct str mail = right.n ? right : match_key;
    const char *at = memrchr(mail.p, '@', mail.n);
    if (!at)
        return match_key;
    struct str local = {mail.p, (size_t)(at - mail.p)};
    struct str domain = {at + 1, mail.n - local.n - 1};
    bool google = str_eq(domain, STR("gmail.com")) || str_eq(domain, STR("googlemail.com"));
    if (!google)
        return mail;
    char *text = arena_alloc(a, mail.n + sizeof "gmail.com");
    size_t n = 0;
    for (size_t i = 0; i < local.n && local.p[i] != '+'; i++)
        if (local.p[i] != '.')
            text[n++] = local.p[i];
    memcpy(text + n, "@gmail.com", 10);
    return (struct str){text, n + 10};
}

/* ---- comparing ---- */

struct contacts_verdict {
    bool phone, phone_written, email, email_written, typo;
    bool both_phones, both_emails;
};

static bool mail_typo(struct str a, struct str b)
{
    const char *x = memrchr(a.p, '@', a.n), *y = memrchr(b.p, '@', b.n);
    if (!x || !y)
        return false;
    struct str la = {a.p, (size_t)(x - a.p)}, lb = {b.p, (size_t)(y - b.p)};
    struct str da = {x, a.n - la.n}, db = {y, b.n - lb.n};
    if (str_eq(la, lb))
        return distance(da, db, 1) <= 1;
    return str_eq(da, db) && la.n >= 4 && lb.n >= 4 && distance(la, lb, 1) <= 1;
}

static void compare_contact(const struct duplicate_contact *x, const struct duplicate_contact *y,
                            struct contacts_verdict *v)
{
    if (x->email != y->email)
        return;
    if (!x->email) {
        v->both_phones = true;
        if (str_eq(x->match_key, y->match_key)) {
            v->phone = true;
            v->phone_written |= !str_eq(x->value, y->value);
        }
        return;
    }
    v->both_emails = true;
    if (str_eq(x->match_key, y->match_key))
        v->email = true;
    else if (str_eq(x->mailbox, y->mailbox))
        v->email_written = true;
    else if (mail_typo(x->match_key, y->match_key))
        v->typo = true;
}

static void tell_contacts(const struct duplicate_person *a, const struct duplicate_person *b,
                          int16_t *tenths, int *sum)
{
    struct contacts_verdict v = {0};
    for (size_t i = 0; i < a->ncontacts; i++)
        for (size_t k = 0; k < b->ncontacts; k++)
            compare_contact(&a->contacts[i], &b->contacts[k], &v);
    bool email = v.email || v.email_written;
    if (v.phone)
        tenths[v.phone_written ? REASON_PHONE_WRITING : REASON_PHONE] = SAME_CONTACT;
    if (email)
        tenths[v.email ? REASON_EMAIL : REASON_EMAIL_WRITING] =
            v.phone ? SECOND_CONTACT : SAME_CONTACT;
    else if (v.typo)
        tenths[REASON_EMAIL_TYPO] = v.phone ? SECOND_CONTACT : MAIL_TYPO;
    if (!v.phone && !email && !v.typo)
        *sum += (v.both_phones + v.both_emails) * OTHER_CONTACTS;
}

enum likeness { UNKNOWN, SAME, NEAR, SHORT, INITIAL, DIFFERENT };

static enum likeness like(struct str a, struct str b, bool given, bool genders_differ)
{
    if (a.n == 0 || b.n == 0)
        return UNKNOWN;
    if (str_eq(a, b))
        return SAME;
    if (given && (a.n == 1 || b.n == 1))
        return a.p[0] == b.p[0] ? INITIAL : DIFFERENT;
    if (genders_differ && given) /* Mario and Maria are two */
        return DIFFERENT;
    if (given && short_form(a, b))
        return SHORT;
    return near_words(a, b) ? NEAR : DIFFERENT;
}

static int rarity(int64_t namesakes)
{
    if (namesakes <= 2)
        return 30;
    if (namesakes <= 5)
        return 10;
    return namesakes <= 12 ? -10 : -40;
}

static void tell_same_name(const struct duplicate_person *a, const struct duplicate_person *b,
                           int64_t namesakes, int16_t *tenths)
{
    bool one_word = !memchr(a->name.p, ' ', a->name.n);
    int bits = one_word ? FIRST_SAME : FIRST_SAME + LAST_SAME + rarity(namesakes);
    enum duplicate_reason reason = a->other_script != b->other_script ? REASON_NAME_SCRIPT
                                   : str_eq(a->first, b->first)       ? REASON_NAME
                                                                      : REASON_NAME_SWAPPED;
    tenths[reason] = (int16_t)bits;
}

static void tell_name(const struct duplicate_person *a, const struct duplicate_person *b,
                      int64_t namesakes, int16_t *tenths, int *sum)
{
    static const int firsts[] = {0,          FIRST_SAME,    FIRST_NEAR,
                                 FIRST_NEAR, FIRST_INITIAL, FIRST_DIFFERS};
    static const int lasts[] = {0, LAST_SAME, LAST_NEAR, LAST_NEAR, LAST_NEAR, LAST_DIFFERS};
    bool genders = a->gender && b->gender && a->gender != b->gender;
    if (a->name.n && str_eq(a->name, b->name)) {
        tell_same_name(a, b, namesakes, tenths);
        return;
    }
    enum likeness first = like(a->first, b->first, true, genders);
    enum likeness last = like(a->last, b->last, false, false);
    enum likeness crossed_first = like(a->first, b->last, false, genders);
    enum likeness crossed_last = like(a->last, b->first, false, genders);
    bool crossed = (crossed_first == SAME || crossed_first == NEAR) &&
                   (crossed_last == SAME || crossed_last == NEAR);
    if (crossed && first == DIFFERENT) {
        first = crossed_last;
        last = crossed_first;
    }
    int bits = firsts[first] + lasts[last];
    if (first == DIFFERENT || last == DIFFERENT)
        tenths[REASON_NAME_DIFFERS] = (int16_t)bits;
    else if (first == SHORT || first == INITIAL)
        tenths[REASON_NAME_SHORT] = (int16_t)bits;
    else if (first == NEAR || last == NEAR)
        tenths[crossed ? REASON_NAME_SWAPPED : REASON_NAME_SIMILAR] = (int16_t)bits;
    else
        *sum += bits; /* one of the names is not known: no reason to tell */
}

static void tell_birthday(const struct duplicate_person *a, const struct duplicate_person *b,
                          int16_t *tenths)
{
    bool years = a->birth_year && b->birth_year;
    int gap = years ? abs(a->birth_year - b->birth_year) : 0;
    if (gap >= GENERATION_YEARS) {
        tenths[REASON_GENERATION] = GENERATION;
        return;
    }
    if (!a->birth_month || !b->birth_month || !a->birth_day || !b->birth_day)
        return;
    bool month = a->birth_month == b->birth_month, day = a->birth_day == b->birth_day;
    bool swapped = a->birth_month == b->birth_day && a->birth_day == b->birth_month;
    if (month && day)
        tenths[REASON_BIRTHDAY] = !years || gap ? BIRTHDAY_NO_YEAR : BIRTHDAY_SAME;
    else
        tenths[REASON_BIRTHDAY_DIFFERS] =
            years && !gap && (month || day || swapped) ? BIRTHDAY_NEAR : BIRTHDAY_DIFFERS;
}

static void tell_place(const struct duplicate_person *a, const struct duplicate_person *b,
                       int16_t *tenths)
{
    bool postcode = a->postcode.n && str_eq(a->postcode, b->postcode);
    bool city = a->city.n && str_eq(a->city, b->city);
    bool street = a->street.n >= 6 && str_eq(a->street, b->street);
    if (street && (postcode || city))
        tenths[REASON_ADDRESS] = POSTCODE_SAME + STREET_SAME;
    else if (postcode)
        tenths[REASON_POSTCODE] = POSTCODE_SAME;
    else if (city)
        tenths[REASON_CITY] = CITY_SAME;
}

struct duplicate_verdict duplicate_compare(const struct duplicate_person *a,
                                           const struct duplicate_person *b, int64_t namesakes)
{
    struct duplicate_verdict v = {0};
    int sum = PRIOR;
    tell_contacts(a, b, v.tenths, &sum);
    tell_name(a, b, namesakes, v.tenths, &sum);
    tell_birthday(a, b, v.tenths);
    tell_place(a, b, v.tenths);
    if (a->gender && b->gender && a->gender != b->gender)
        v.tenths[REASON_GENDER_DIFFERS] = GENDER_DIFFERS;
    if (a->external_id.n && b->external_id.n && !str_eq(a->external_id, b->external_id))
        v.tenths[REASON_EXTERNAL_DIFFERS] = EXTERNAL_DIFFERS;
    for (int i = 0; i < REASONS; i++)
        sum += v.tenths[i];
    int percent = (int)lround(100 / (1 + exp2(-sum / 10.0)));
    v.percent = percent < 1 ? 1 : percent > 99 ? 99 : percent;
    return v;
}
