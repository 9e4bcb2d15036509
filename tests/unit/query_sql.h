/* A second evaluator: a checked query as SQL over the tables of sql/0001_foundations.sql. Visits,
 * sums and the like are computed from transactions and activity, not read from customer_facts. */
#pragma once
#include "../../src/audience/query.h"
#include "../../src/base/arena.h"

struct query_sql {
    int64_t merchant_id, staff_id; /* 0: nobody asks */
    int32_t today;
};
/* SELECT id, matching, unknown (0 or 1 each) of every customer, by id. Names, e-mails and cities
 * must be ASCII, for SQL cannot fold. */
const char *query_sql(struct arena *a, const struct query_sql *s, const struct query_node *root);
