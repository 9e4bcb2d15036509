#include "image_upload.h"

enum err image_upload(struct request *r, struct buf *out)
{
    char piece[16384];
    size_t n;
    buf_init(out, IMAGE_BYTES_MAX);
    do {
        enum err e = request_read(r, piece, sizeof piece, &n);
        if (e != OK)
            return e;
        buf_add(out, piece, n);
    } while (n > 0 && !out->failed);
    return out->failed
               ? request_fail(r, ERR_TOO_LARGE, "image_too_large", NULL, "limit", "12", NULL)
               : OK;
}

void image_answer(struct request *r, struct str jpeg, const char *etag)
{
    buf_add(&r->out, jpeg.p, jpeg.n);
    r->content_type = "image/jpeg";
    r->etag = etag;
    r->cache = "private, max-age=31536000, immutable";
}
