#pragma once
#include "backup.h"
extern const struct db_statement backup_take, backup_finish, backup_prune, backup_list,
    backup_forget_running, backup_end_sessions, backup_forget_snapshots;
