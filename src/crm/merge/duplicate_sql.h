#pragma once
#include "../../db/db.h"
extern const struct db_statement duplicate_open_of, duplicate_drop, duplicate_put,
    duplicate_progress_put, duplicate_ids_after, duplicate_feed_oldest, duplicate_feed,
    duplicate_state, duplicate_behind, duplicate_all_behind, duplicate_importing,
    duplicate_job_open, duplicate_rest, duplicate_page, duplicate_page_of, duplicate_page_decided,
    duplicate_say, duplicate_count, duplicate_job_now;
