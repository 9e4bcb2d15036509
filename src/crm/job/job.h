/* Jobs as people see them: one job, its progress as events, cancel. The work itself: src/work/. */
#pragma once
#include "../app.h"

extern const struct db_statement *const job_statements[];
extern const struct http_route job_routes[];

struct job_view {
    int64_t id, subject_id, staff_id;            /* 0 = none */
    int64_t done, total;                         /* total -1 = not known */
    int64_t created_us, started_us, finished_us; /* 0 = not yet */
    const char *kind, *state;                    /* state: waiting running done failed canceled */
    bool failed;                                 /* then `problem` is told */
    struct problem problem;
};
/* ERR_NOT_FOUND. Texts live in `a`. */
enum err must_use job_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                          struct job_view *ret);
/* Writes it as the component schema Job. */
void job_json(struct json *j, struct arena *a, const char *language, const struct job_view *job);
bool job_ended(const struct job_view *job);
