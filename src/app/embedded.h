/* What the build puts into the program: texts and the web client. */
#pragma once
#include "../http/http.h"
struct embedded_locale {
    const char *language;
    struct str json;
};
extern const struct embedded_locale embedded_locales[]; /* ends with {0} */
extern const struct http_asset web_assets[];            /* ends with {0} */
