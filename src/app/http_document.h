/* The route tables of all features, and the OpenAPI document as a route of its own. */
#pragma once
#include "../crm/app.h"

/* Ends with NULL; constant once made. */
const struct http_route *const *http_document_tables(void);
/* The document; the caller frees `out`. */
void http_document_write(struct buf *out);
