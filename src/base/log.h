/* Structured logs: one JSON object a line on standard error. Threads: any. A function logs or
 * returns an error, never both. */
#pragma once
#include "str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
void log_set_level(enum log_level level);
/* After `event` come pairs: const char* key, const char* value; then NULL. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));
