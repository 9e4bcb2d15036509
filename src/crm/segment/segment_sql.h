#pragma once
#include "../batch.h"
#include "segment.h"
extern const struct db_statement segment_all, segment_add, segment_change, segment_text,
    segment_remove, segment_back, segment_purge_sizes, segment_purge, segment_unmeasured,
    segment_size_add, segment_size_forget, segment_size_prune, segment_size_since,
    segment_typologies, segment_typology_text, segment_typology_version;
