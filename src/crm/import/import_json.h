/* Imports as JSON for people (component schemas Import, ImportPreview). */
#pragma once
#include "../job/job.h"
#include "upload.h"

struct import_view {
    struct import import;
    bool has_job;
    struct job_view job;
};
void import_json(struct json *j, struct arena *a, const char *language,
                 const struct import_view *v);
void import_preview_json(struct json *j, struct arena *a, const char *language,
                         enum import_kind kind, const struct import_preview *p);
