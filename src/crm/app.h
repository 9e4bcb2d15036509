/* What every feature is handed: the base, the audiences, the jobs. Made by src/app. */
#pragma once
#include "../audience/audience.h"
#include "../db/db.h"
#include "../http/http.h"

struct audiences;   /* src/crm/customer/audiences.h */
struct as_of_cache; /* src/crm/customer/as_of.h */
struct work;        /* src/work/work.h */
struct guard;       /* src/crm/staff/guard.h */
struct demo_login {
    const char *email, *password, *role, *name;
};
struct app {
    struct db *db;
    struct audiences *audiences;
    struct as_of_cache *as_of;
    struct work *work;
    int32_t fixed_today;                  /* DAY_NONE: by the clock, in the merchant's zone */
    bool secure_cookies;                  /* TLS here or in front */
    int64_t demo_merchant_id;             /* the merchant that `habitue demo` made; 0 = none */
    const struct demo_login *demo_logins; /* shown at the door of a demo; ends with {0} */
    struct guard *guard;                  /* throttles logins, bounds password hashing */
    const char *backup_dir; /* where the nightly backups go; NULL = none are made here */
    int backup_keep;
    const char *snapshots;  /* how the names of files of audiences begin; NULL = there are none */
    int64_t snapshot_from;  /* customers from which on there is one: SNAPSHOT_FROM but in tests */
    const char *public_url; /* for links; NULL: what the caller used */
};

/* One line a feature in src/crm/features.c. */
struct feature {
    const char *name;
    const struct http_route *routes;              /* ends with {0}; NULL = none */
    const struct db_statement *const *statements; /* ends with NULL */
};
extern const struct feature features[]; /* ends with {0} */
