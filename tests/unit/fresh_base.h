/* A base with the tables of sql/ for each test. Migrations run once, then copies are taken: on
 * PostgreSQL of a database that the first program to need it leaves in the server, on SQLite of a
 * file that each program keeps in memory. */
#pragma once
#include "src/base/arena.h"

struct fresh_base {
    const char *url, *folder; /* folder: SQLite */
    const char *database;     /* PostgreSQL */
};

/* `postgres`: the address of a server, NULL for SQLite. Texts live in the arena. */
struct fresh_base fresh_base_new(struct arena *a, const char *postgres);
/* Nobody of this process has it open any more. */
void fresh_base_drop(const struct fresh_base *b, struct arena *a, const char *postgres);
