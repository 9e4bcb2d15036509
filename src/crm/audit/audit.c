#include "../../base/day.h"
#include "../../base/id.h"
#include "audit_sql.h"

struct audit_actor audit_by_request(const struct request *r)
{
    return (struct audit_actor){r->caller.staff_id, r->caller.name, r->address};
}

enum err audit_write(struct db_tx *tx, int64_t merchant_id, const struct audit_actor *by,
                     const char *action, const char *entity, int64_t entity_id, const char *detail)
{
    return db_exec(tx, &audit_add, NULL, db_i(merchant_id), db_i(id_new()), db_i(now_us()),
                   db_i_or_null(by->staff_id, 0), db_tc(by->name), db_tc(action), db_tc(entity),
                   db_i_or_null(entity_id, 0), db_tc(by->address), db_tc(detail ? detail : "{}"));
}
