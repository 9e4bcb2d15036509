/* vCards as a table with fixed columns: names, phones, e-mails, birthday, home address.
 * Versions 2.1 (versit), 3.0 (RFC 2426), 4.0 (RFC 6350): folded lines, quoted-printable, backslash
 * escapes, grouped properties; line ends LF, CR LF, CR, and the CR CR LF of some phones. Fax and
 * pager numbers are left out: nobody reads a text message there. Photos, keys and vendors'
 * properties are passed over. */
#pragma once
#include "../../base/arena.h"

enum {
    VCARD_FULL_NAME,
    VCARD_FIRST_NAME,
    VCARD_LAST_NAME,
    VCARD_NICKNAME,
    VCARD_PHONE,                   /* … and the three after it */
    VCARD_EMAIL = VCARD_PHONE + 4, /* … and the two after it */
    VCARD_BIRTHDAY = VCARD_EMAIL + 3,
    VCARD_ADDRESS,
    VCARD_CITY,
    VCARD_POSTCODE,
    VCARD_COUNTRY,
    VCARD_COLUMNS
};
extern const char *const vcard_headings[VCARD_COLUMNS];

struct vcard {
    struct str fields[VCARD_COLUMNS];
    size_t bytes; /* of the card, with the blank lines before it */
    int64_t lines, blank_lines;
};
enum vcard_verdict { VCARD_OK, VCARD_BAD, VCARD_END, VCARD_NEEDS_MORE };
/* The next card of `text`; `last`: nothing follows it. VCARD_BAD: text that is no card, up to the
 * next one. Fields live in `a`; they are UTF-8 if the text was, or if a CHARSET parameter names
 * ISO-8859-1 or Windows-1252. */
enum vcard_verdict vcard_read(struct arena *a, struct str text, bool last, struct vcard *ret);
