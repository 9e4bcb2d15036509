#pragma once
#include "task.h"
extern const struct db_statement task_open, task_done, task_one, task_counts, task_of_customer,
    task_insert, task_change, task_remove;
