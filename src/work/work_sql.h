/* Inside src/work: its statements. */
#pragma once
#include "work.h"
extern const struct db_statement work_insert, work_find, work_claim, work_progress, work_renew,
    work_release, work_finish, work_cancel, work_exists, work_state;
