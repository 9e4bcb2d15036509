/* Who may do what. What a role may do at all stands in the table; on whom (their stores, their
 * associates) is for the features, by rights_viewer() and staff_http.c. */
#include "../../base/check.h"
#include "staff.h"

const char *const role_names[] = {"associate", "manager", "owner", NULL};
const char *const language_names[] = {"en", "fr", "it", "es", "ru", NULL};

#define A (1 << ROLE_ASSOCIATE)
#define M (1 << ROLE_MANAGER)
#define O (1 << ROLE_OWNER)
static const int rights[PERMISSIONS] = {
    [PERM_PUBLIC] = 1 << ROLE_NONE | A | M | O,
    [PERM_SIGNED_IN] = A | M | O,
    [PERM_CUSTOMERS_READ] = A | M | O,
    [PERM_CUSTOMERS_WRITE] = A | M | O,
    [PERM_IMPORT] = M | O,
    [PERM_EXPORT] = M | O,
    [PERM_STAFF_READ] = M | O,
    [PERM_STAFF_MANAGE] = M | O,
    [PERM_STORES_MANAGE] = O,
    [PERM_SETTINGS] = O,
    [PERM_AUDIT_READ] = O,
    [PERM_PRIVACY] = M | O,
    [PERM_SEGMENTS_SHARE] = M | O,
    [PERM_CUSTOMERS_DELETE] = M | O,
    [PERM_CUSTOMERS_MERGE] = M | O,
    [PERM_POINTS] = A | M | O,
    [PERM_LOYALTY] = M | O,
};

bool rights_allowed(enum role role, enum permission permission)
{
    check(permission < PERMISSIONS);
    return rights[permission] >> role & 1;
}

const char *role_name(enum role role)
{
    check(role >= ROLE_ASSOCIATE && role <= ROLE_OWNER);
    return role_names[role - ROLE_ASSOCIATE];
}

enum role role_by_name(struct str name)
{
    for (int i = 0; role_names[i]; i++) {
        if (str_eq(name, str_c(role_names[i])))
            return ROLE_ASSOCIATE + i;
    }
    return ROLE_NONE;
}

struct audience_viewer rights_viewer(const struct caller *c)
{
    static const int64_t no_store = 0;
    struct audience_viewer v = {.staff_id = c->staff_id};
    if (!c->sees_chain) {
        v.stores = c->nstores > 0 ? c->stores : &no_store;
        v.nstores = c->nstores;
    }
    return v;
}
