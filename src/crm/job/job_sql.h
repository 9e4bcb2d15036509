#pragma once
#include "job.h"
extern const struct db_statement job_one;
