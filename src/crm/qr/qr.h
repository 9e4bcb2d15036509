/* QR codes as they are told to clients: two-state pictures of squares (ISO 18004, level M). */
#pragma once
#include "../../base/json.h"

/* A value: {"size": modules, "path": …}. The dark modules are one path of an SVG whose viewBox is
 * 0 0 size size; the reader leaves four modules empty around it. ERR_INTERNAL: no memory, or a text
 * longer than what fits (ours are far shorter). Threads: any. */
enum err must_use qr_json(struct json *j, const char *text);
