/* How likely two customers are one person: a score in percent and the reasons.
 *
 * After Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969): each field that agrees
 * adds log2(m/u) bits, each that differs takes some off, where m and u are the chances that it
 * agrees for the same and for different people; the sum and the prior odds give the probability.
 * The weights are rounded ones for a shop's customers, not estimated anew for each base: a person
 * who sees "same phone" next to "97 %" must find the same tomorrow. Three things are not as in the
 * textbook, since fields are not independent: a second shared contact adds little (couples share
 * both), a name counts by how many customers have it (Winkler 1989, frequency-based matching), and
 * first names that differ or a generation between the birthdays outweigh everything that a
 * household shares. Near names: the distance of Damerau (1964), restricted, and common short forms.
 *
 * Threads: any. */
#pragma once
#include "../../base/arena.h"
#include "../customer/customer.h"

struct duplicate_person {
    int64_t id;
    struct str first, last; /* folded */
    struct str name;        /* all words of the folded name, sorted: swapped names are equal */
    struct str city, street, postcode; /* folded */
    struct str external_id;
    bool other_script; /* the name as typed is not in Latin letters */
    uint8_t gender;
    int32_t birth_year, birth_month, birth_day;
    struct duplicate_contact {
        bool email;
        struct str value, match_key, mailbox; /* mailbox: duplicate_mailbox() */
    } * contacts;
    size_t ncontacts;
};
/* The address that means the same mailbox: a mistyped provider set right, the dots and the +suffix
 * of Gmail's addresses taken out. */
struct str duplicate_mailbox(struct arena *a, struct str match_key);
/* Takes names and place as they are stored. */
void duplicate_person_name(struct arena *a, struct duplicate_person *p, struct str first,
                           struct str last);

enum duplicate_reason {
    REASON_PHONE,
    REASON_PHONE_WRITING, /* the same line, written otherwise */
    REASON_EMAIL,
    REASON_EMAIL_WRITING,
    REASON_EMAIL_TYPO,
    REASON_NAME,
    REASON_NAME_SCRIPT,
    REASON_NAME_SWAPPED,
    REASON_NAME_SIMILAR,
    REASON_NAME_SHORT,
    REASON_BIRTHDAY,
    REASON_ADDRESS,
    REASON_POSTCODE,
    REASON_CITY,
    REASON_NAME_DIFFERS, /* from here on: against */
    REASON_BIRTHDAY_DIFFERS,
    REASON_GENERATION,
    REASON_GENDER_DIFFERS,
    REASON_EXTERNAL_DIFFERS,
    REASONS
};
extern const char *const duplicate_reason_names[REASONS + 1]; /* ends with NULL */
struct duplicate_verdict {
    int percent;             /* 1…99 */
    int16_t tenths[REASONS]; /* of a bit; 0: does not speak */
};
/* `namesakes`: how many customers have this very name, at least 2 when theirs is the same. */
struct duplicate_verdict duplicate_compare(const struct duplicate_person *a,
                                           const struct duplicate_person *b, int64_t namesakes);
