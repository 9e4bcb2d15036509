/* The migrations in sql/, embedded at build time. */
#pragma once
#include "db.h"
extern const struct db_migration migrations[];
extern const size_t migrations_count;
