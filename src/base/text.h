/* Unicode text by ICU: checking, normalising, folding, collating. Input slices are UTF-8.
 * Threads: all functions are safe from any thread; a struct collation is used by one at a time. */
#pragma once
#include "arena.h"

bool utf8_valid(struct str s); /* RFC 3629: no surrogates, no overlong forms */
/* NFC, control characters (but tab and newline) removed, blanks trimmed. ERR_INVALID: no UTF-8. */
enum err must_use text_clean(struct arena *a, struct str s, struct str *ret);
/* The search form: case, marks and script folded (Иван → ivan, Łódź → lodz, Straße → strasse),
 * runs of anything but letters and digits become one blank. */
struct str text_fold(struct arena *a, struct str s);
/* The same into a reused buffer (cleared first); for loading millions. Fast path for ASCII. */
void text_fold_into(struct buf *out, struct str s);
size_t text_length(struct str s); /* code points */
/* First letter of the name, upper case, folded to Latin ("É" → "E", "Ж" → "Z"); '#' if none. */
char text_initial(struct str s);

struct collation;
enum err must_use collation_open(const char *language, struct collation **ret);
void collation_close(struct collation **c);
int collation_compare(struct collation *c, struct str a, struct str b);
void collation_key(struct collation *c, struct str s, struct buf *out); /* memcmp order; appended */

/* E-mail addresses: RFC 5321/5322 dot-atom local parts (quoted strings accepted), domain names and
 * UTF-8 (RFC 6531), 254 bytes at most. No comments, no folding, no bare IP, at least one dot. */
bool email_valid(struct str s);
struct str email_match_key(struct arena *a, struct str s); /* lower-cased, NFC */
/* The nearest common provider when the domain looks mistyped (gmial.com → gmail.com), or empty. */
struct str email_suggestion(struct arena *a, struct str s);

/* Telephone numbers by libphonenumber. `country`: ISO 3166 alpha-2, the merchant's default. */
enum phone_verdict {
    PHONE_OK,
    PHONE_NOT_A_NUMBER,
    PHONE_BAD_COUNTRY,
    PHONE_TOO_SHORT,
    PHONE_TOO_LONG,
    PHONE_INVALID
};
enum phone_verdict phone_parse(struct str s, const char country[static 3],
                               char ret_e164[static 20]);
/* One key for all writings of one line: Argentine 9, Mexican 1, Brazilian ninth digit. */
void phone_match_key(const char *e164, char ret_key[static 20]);
size_t phone_format(const char *e164, const char *country, char *out,
                    size_t size); /* national or international */
