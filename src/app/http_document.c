#include "http_document.h"

#include <pthread.h>
#include "../base/check.h"

extern const struct str openapi_components; /* src/http/components.json, embedded */

#define TABLES_MAX 60

static enum err document_route(struct request *r)
{
    http_document_write(&r->out);
    return OK;
}

static const struct http_route document_table[] = {
    {"GET", "/api/v1/openapi.json", PERM_PUBLIC, document_route, .summary = "This document",
     .answer = "application/json"},
    {0},
};

static const struct http_route *tables[TABLES_MAX + 2];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void gather(void)
{
    int n = 0;
    for (const struct feature *f = features; f->name; f++) {
        check(n < TABLES_MAX);
        if (f->routes)
            tables[n++] = f->routes;
    }
    tables[n] = document_table;
}

const struct http_route *const *http_document_tables(void)
{
    pthread_once(&once, gather);
    return tables;
}

void http_document_write(struct buf *out)
{
    http_openapi(http_document_tables(), openapi_components, out);
}
