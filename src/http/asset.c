/* The files of the web client, out of the program itself: responses are made once and shared. */
#include <stdlib.h>
#include "../base/check.h"
#include "call.h"

static int by_path(const void *a, const void *b)
{
    const struct asset_entry *x = a, *y = b;
    return strcmp(x->asset->path, y->asset->path);
}

static struct MHD_Response *file(const struct http *h, const struct http_asset *a, struct str bytes,
                                 const char *coding, bool body)
{
    /* the bytes are constants of the program */
    struct MHD_Response *m = MHD_create_response_from_buffer_with_free_callback_cls(
        body ? bytes.n : 0, (void *)(uintptr_t)bytes.p, NULL, NULL);
    check(m != NULL);
    char etag[80];
    snprintf(etag, sizeof etag, "\"%s%s%s\"", a->etag, coding ? "-" : "", coding ? coding : "");
    MHD_add_response_header(m, "ETag", etag);
    MHD_add_response_header(m, "Vary", "Accept-Encoding");
    MHD_add_response_header(m, "Cache-Control",
                            a->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (body)
        MHD_add_response_header(m, "Content-Type", a->content_type);
    if (body && coding)
        MHD_add_response_header(m, "Content-Encoding", coding);
    answer_add_security(m, h, true);
    return m;
}

void assets_init(struct http *h)
{
    const struct http_asset *a = h->o.assets;
    while (a && a[h->nassets].path)
        h->nassets++;
    h->assets = calloc(h->nassets + 1, sizeof *h->assets);
    check(h->assets != NULL);
    for (size_t i = 0; i < h->nassets; i++) {
        struct asset_entry *e = &h->assets[i];
        e->asset = &a[i];
        e->plain = file(h, &a[i], a[i].plain, NULL, true);
        e->same = file(h, &a[i], a[i].plain, NULL, false);
        if (a[i].gzip.n > 0)
            e->gzip = file(h, &a[i], a[i].gzip, "gzip", true);
        if (a[i].brotli.n > 0)
            e->brotli = file(h, &a[i], a[i].brotli, "br", true);
    }
    qsort(h->assets, h->nassets, sizeof *h->assets, by_path);
    h->index = assets_find(h, STR("/index.html"));
}

void assets_free(struct http *h)
{
    for (size_t i = 0; i < h->nassets; i++) {
        struct MHD_Response *all[] = {h->assets[i].plain, h->assets[i].gzip, h->assets[i].brotli,
                                      h->assets[i].same};
        for (size_t k = 0; k < ARRAY_LEN(all); k++) {
            if (all[k])
                MHD_destroy_response(all[k]);
        }
    }
    free(h->assets);
    h->assets = NULL;
    h->nassets = 0;
}

static const struct asset_entry *exact(const struct http *h, struct str path)
{
    size_t from = 0, to = h->nassets;
    while (from < to) {
        size_t mid = (from + to) / 2;
        const char *other = h->assets[mid].asset->path;
        size_t n = strlen(other);
        int cmp = memcmp(path.p, other, path.n < n ? path.n : n);
        if (cmp == 0)
            cmp = path.n < n ? -1 : path.n > n;
        if (cmp == 0)
            return &h->assets[mid];
        if (cmp < 0)
            to = mid;
        else
            from = mid + 1;
    }
    return NULL;
}

/* A path that the client's own router may know: not the API's, and not one that names a file. */
static bool is_page(struct str path)
{
    if (str_starts(path, STR("/api/")) || str_starts(path, STR("/assets/")))
        return false;
    for (size_t i = path.n; i-- > 0 && path.p[i] != '/';) {
        if (path.p[i] == '.')
            return false;
    }
    return true;
}

const struct asset_entry *assets_find(const struct http *h, struct str path)
{
    const struct asset_entry *e = exact(h, path);
    return e ? e : h->index && is_page(path) ? h->index : NULL;
}

/* RFC 9110, 13.1.2: any of the listed tags, weak or strong, with or without our coding's suffix. */
static bool is_known(const char *if_none_match, const char *etag)
{
    const char *at = if_none_match ? strstr(if_none_match, etag) : NULL;
    return at && at > if_none_match && at[-1] == '"';
}

struct MHD_Response *assets_answer(const struct asset_entry *a, struct MHD_Connection *c,
                                   int *ret_status)
{
    const char *known = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "If-None-Match");
    if (is_known(known, a->asset->etag)) {
        *ret_status = 304;
        return a->same;
    }
    *ret_status = 200;
    const char *coding = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Accept-Encoding");
    if (a->brotli && accepts_coding(coding, "br"))
        return a->brotli;
    if (a->gzip && accepts_coding(coding, "gzip"))
        return a->gzip;
    return a->plain;
}
