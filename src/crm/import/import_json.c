#include "import_json.h"
#include "../../base/check.h"
#include "../../base/message.h"

static void columns_json(struct json *j, const struct import *im)
{
    const char *field_of[COLUMNS_MAX] = {0};
    for (int f = 0; f < FIELDS_MAX; f++)
        if (im->reading.column_of[f] >= 0)
            field_of[im->reading.column_of[f]] = import_field_name((enum import_field)f);
    json_list(j);
    for (int i = 0; i < im->reading.columns; i++) {
        json_open(j);
        json_kv_int(j, "index", i);
        json_kv_text(j, "heading", im->columns[i].heading);
        json_key(j, "samples");
        json_list(j);
        for (int k = 0; k < im->columns[i].nsamples; k++)
            json_text(j, im->columns[i].samples[k]);
        json_end(j);
        json_kv_cstr(j, "field", field_of[i]);
        json_close(j);
    }
    json_end(j);
}

static void fields_json(struct json *j, enum import_kind kind)
{
    json_list(j);
    for (int f = 0; f < FIELDS_MAX; f++) {
        if (!import_field_of_kind((enum import_field)f, kind))
            continue;
        json_open(j);
        json_kv_cstr(j, "name", import_field_name((enum import_field)f));
        json_kv_bool(j, "required", f == F_DATE);
        json_close(j);
    }
    json_end(j);
}

static void missing_json(struct json *j, const struct import *im)
{
    const char *missing[4];
    int n = detect_missing(&im->reading, im->kind, missing, 4);
    json_list(j);
    for (int i = 0; i < n; i++)
        json_text(j, str_c(missing[i]));
    json_end(j);
}

void import_json(struct json *j, struct arena *a, const char *language, const struct import_view *v)
{
    const struct import *im = &v->import;
    int64_t kept = IMPORT_REJECTIONS_KEPT;
    json_open(j);
    json_kv_id(j, "id", im->id);
    json_kv_cstr(j, "kind", import_kind_name(im->kind));
    json_kv_cstr(j, "file_name", im->file_name);
    json_kv_int(j, "file_bytes", im->file_bytes);
    json_kv_cstr(j, "state", im->state);
    json_key(j, "reading");
    reading_json(j, &im->reading);
    json_key(j, "columns");
    columns_json(j, im);
    json_key(j, "fields");
    fields_json(j, im->kind);
    json_key(j, "missing");
    missing_json(j, im);
    json_key(j, "job");
    if (v->has_job)
        job_json(j, a, language, &v->job);
    else
        json_nil(j);
    json_key(j, "report");
    report_json(j, &im->report, im->kind, a, language);
    json_kv_int(j, "rejected", im->report.invalid < kept ? im->report.invalid : kept);
    json_kv_instant(j, "created_at", im->created_us);
    json_kv_instant(j, "finished_at", im->finished_us);
    json_close(j);
}

static void problem_json(struct json *j, struct arena *a, const char *language,
                         const struct row_problem *p)
{
    struct problem told = {.err = ERR_INVALID, .code = p->code, .field = p->field};
    if (p->name) {
        told.args[0].name = p->name;
        told.args[0].value = p->value;
        told.nargs = 1;
    }
    json_open(j);
    json_kv_cstr(j, "field", p->field);
    json_kv_cstr(j, "code", p->code);
    json_kv_cstr(j, "detail", message_problem(a, language, &told));
    json_close(j);
}

void import_preview_json(struct json *j, struct arena *a, const char *language,
                         enum import_kind kind, const struct import_preview *p)
{
    static const char *const verdicts[] = {
        [ROW_ADD] = "add", [ROW_UPDATE] = "update", [ROW_SKIP] = "skip", [ROW_INVALID] = "invalid"};
    json_open(j);
    json_key(j, "rows");
    json_list(j);
    for (int i = 0; i < p->nrows; i++) {
        const struct import_preview_row *r = &p->rows[i];
        json_open(j);
        json_kv_int(j, "line", r->line);
        json_kv_cstr(j, "verdict", verdicts[r->verdict]);
        json_key(j, "cells");
        json_list(j);
        for (int k = 0; k < r->ncells; k++)
            json_text(j, r->cells[k]);
        json_end(j);
        json_key(j, "problems");
        json_list(j);
        for (int k = 0; k < r->nproblems; k++)
            problem_json(j, a, language, &r->problems[k]);
        json_end(j);
        json_close(j);
    }
    json_end(j);
    json_key(j, "report");
    report_json(j, &p->report, kind, a, language);
    json_kv_bool(j, "whole", p->whole);
    json_close(j);
}
