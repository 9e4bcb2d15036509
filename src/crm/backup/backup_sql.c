/* Every statement of the backups. */
#include "backup_sql.h"

/* Nothing changes when the day has its backup, or somebody is at it. */
const struct db_statement backup_take = {
    "backup_take",
    "INSERT INTO backup (id, day, state, file, bytes, rows_written, started_us)"
    " VALUES ($1, $2, 'running', $3, 0, 0, $4) ON CONFLICT (day) DO UPDATE SET id = excluded.id,"
    " state = 'running', file = excluded.file, problem = NULL, started_us = excluded.started_us,"
    " finished_us = NULL WHERE backup.state <> 'done' AND backup.started_us < $5",
    "ittii", ""};

const struct db_statement backup_finish = {
    "backup_finish",
    "UPDATE backup SET state = $1, bytes = $2, rows_written = $3, problem = $4, finished_us = $5"
    " WHERE id = $6",
    "tiitii", ""};

const struct db_statement backup_prune = {
    "backup_prune",
    "DELETE FROM backup WHERE id < (SELECT MIN(id) FROM"
    " (SELECT id FROM backup ORDER BY id DESC LIMIT $1) AS newest)",
    "i", ""};

const struct db_statement backup_list = {
    "backup_list",
    "SELECT id, day, state, file, bytes, rows_written, problem, started_us, finished_us FROM backup"
    " ORDER BY id DESC LIMIT $1",
    "i", "itttiitii"};

const struct db_statement backup_forget_running = {
    "backup_forget_running", "DELETE FROM backup WHERE state = 'running'", "", ""};

const struct db_statement backup_end_sessions = {
    "backup_end_sessions", "UPDATE session SET expires_us = $1 WHERE expires_us > $1", "i", ""};

/* What stands beside it is of another base. */
const struct db_statement backup_forget_snapshots = {"backup_forget_snapshots",
                                                     "DELETE FROM audience_snapshot", "", ""};

const struct db_statement *const backup_statements[] = {&backup_take,
                                                        &backup_finish,
                                                        &backup_prune,
                                                        &backup_list,
                                                        &backup_forget_running,
                                                        &backup_end_sessions,
                                                        &backup_forget_snapshots,
                                                        NULL};
