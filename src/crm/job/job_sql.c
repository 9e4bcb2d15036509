/* Every statement of the jobs' pages. */
#include "job_sql.h"

const struct db_statement job_one = {"job_one",
                                     "SELECT kind, state, staff_id, subject_id, done, total, "
                                     "problem, created_us, started_us, finished_us"
                                     " FROM job WHERE merchant_id = $1 AND id = $2",
                                     "ii", "ttiiiitiii"};

const struct db_statement *const job_statements[] = {&job_one, NULL};
