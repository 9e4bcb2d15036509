/* Fills a handler's struct from the query string and the JSON body by the route's specs, and
 * gathers everything that is wrong with them. Strict: what is unknown, doubled, of the wrong type
 * or out of range is refused. */
#pragma once
#include "http.h"

#define SPEC_ERRORS_MAX 32
#define SPEC_FIELDS_MAX 64
#define SPEC_TEXT_DEFAULT_MAX 1000
#define SPEC_IDS_DEFAULT_MAX 1000
#define SPEC_DEPTH_MAX 32 /* nesting of a JSON body */

struct spec_errors {
    struct problem list[SPEC_ERRORS_MAX];
    int n;
};
/* What absent fields are: "", 0, false, DAY_NONE, choice -1. */
void spec_defaults(const struct spec *specs, void *args);
/* `query`: still encoded, without '?'. ERR_INVALID: query_bad_encoding; errors by field in
 * `errors`. */
enum err must_use spec_query(struct arena *a, const struct spec *specs, struct str query,
                             void *args, struct spec_errors *errors, struct problem *p);
/* `body` as it came. ERR_INVALID: body_not_utf8, body_too_deep, body_not_json, body_not_object.
 * *ret_root owns the json_t's put into `args`. */
enum err must_use spec_body(struct arena *a, const struct spec *specs, struct str body, void *args,
                            struct spec_errors *errors, json_t **ret_root, struct problem *p);
