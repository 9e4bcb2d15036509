/* The engines that the audience is measured beside, with the customers of people.h in two tables.
 */
#pragma once
#include "src/audience/audience.h"

struct sql_engine;
struct sql_engine *sql_open_sqlite(void);                /* a file in $TMPDIR, gone afterwards */
struct sql_engine *sql_open_postgresql(const char *url); /* NULL for NULL */
struct sql_engine *
sql_open_duckdb(const char *library); /* in memory, two threads; NULL: no such library */
void sql_close(struct sql_engine **e);
const char *sql_name(const struct sql_engine *e);
/* Fills, indexes and analyses; types are those that the audience found. Milliseconds of DuckDB's
 * COPY. */
double sql_load(struct sql_engine *e, int64_t customers, struct audience *a);
/* Runs a question to its last row and gives the first number of the first. */
int64_t sql_run(struct sql_engine *e, const char *sql);
