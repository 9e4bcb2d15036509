/* For src/crm/features.c: everything that merging registers. */
#pragma once
#include "duplicate.h"
#include "duplicate_keys.h"
#include "merge_profile.h"
#include "merge_run.h"
#include "merge_tables.h"
