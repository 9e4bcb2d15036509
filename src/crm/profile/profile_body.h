/* What a request says of a profile, checked field by field and put in place. */
#pragma once
#include "profile.h"

struct profile_args {
    struct str texts[PROFILE_TEXTS], birthday;
    int gender; /* -1 = none */
    int64_t store_id;
    json_t *phones, *emails, *addresses, *dates;
    bool has_texts[PROFILE_TEXTS], has_birthday, has_gender, has_store, has_phones, has_emails,
        has_addresses, has_dates;
};
extern const struct spec profile_spec[]; /* the body: any of them; null and "" take a value away */

/* Puts what was given into `p`. `country`: of phones without one. ERR_INVALID with the field at
 * fault: "phones.1.value". */
enum err must_use profile_read(struct request *r, const struct profile_args *args,
                               const char *country, int32_t today, struct profile *p);
/* A phone in E.164, or ERR_INVALID profile_phone_* at `field`. */
enum err must_use profile_read_phone(struct request *r, struct str value, const char *country,
                                     const char *field, struct profile_contact *ret);
enum err must_use profile_read_email(struct request *r, struct str value, const char *field,
                                     struct profile_contact *ret);
