/* A profile's fields in one text each: what the audit log tells, and what differs between two. */
#pragma once
#include "profile.h"

enum profile_field {
    /* first the texts, as in enum profile_text */
    PROFILE_FIELD_GENDER = PROFILE_TEXTS,
    PROFILE_FIELD_BIRTHDAY,
    PROFILE_FIELD_STORE,
    PROFILE_FIELD_PHONES,
    PROFILE_FIELD_EMAILS,
    PROFILE_FIELD_ADDRESSES,
    PROFILE_FIELD_DATES,
    PROFILE_FIELDS
};
const char *profile_field_name(int field);
/* "" for what is not known. What is told alike may differ: "1 rue Haute, 69001 Lyon" does not say
 * where the city begins. */
struct str profile_say(struct arena *a, const struct profile *p, int field);
/* "1990-03-14", "--03-14", "1990", or "" */
struct str profile_birthday(struct arena *a, const struct profile *p);
bool profile_differs(const struct profile *a, const struct profile *b, int field);
