/* Every statement of the import. */
#pragma once
#include "../../db/db.h"

extern const struct db_statement import_insert, import_by_id, import_unfinished, import_advance,
    import_set_reading, import_set_state, import_list, import_delete, import_received, import_stale,
    import_chunk_insert, import_chunk_at, import_chunks_delete, import_bytes,
    import_rejection_insert, import_rejection_count, import_rejections, import_rejections_delete,
    import_customer_number, import_job_of, import_known_lines, import_former_ids,
    import_known_identities;
