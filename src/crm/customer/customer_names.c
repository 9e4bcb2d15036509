#include "customer_sql.h"

const char *const gender_names[4] = {NULL, "female", "male", "other"};
const char *const device_names[5] = {NULL, "ios", "android", "web", "other"};
const char *const consent_names[CONSENT_NAMES] = {"never_asked", "granted", "refused",
                                                  "suppressed"};
const char *const channel_names[CHANNELS] = {"sms", "email", "push"};
const char *const typology_names[TYPES] = {"new", "occasional", "regular", "vip", "at_risk"};
const char *const customer_labels[] = {"mobile", "home", "work", "other", NULL};
const char *const customer_place_kinds[] = {"home", "work", "other", NULL};

int name_index(const char *const *names, int n, struct str name)
{
    for (int i = 1; i < n; i++)
        if (name.n > 0 && names[i][0] == name.p[0] && str_eq(str_c(names[i]), name))
            return i;
    return 0;
}
