/* Pictures in requests and answers. Threads: the request's. */
#pragma once
#include "../app.h"
#include "image.h"

/* Reads the whole body into `out`, which is begun here. ERR_TOO_LARGE image_too_large. */
enum err must_use image_upload(struct request *r, struct buf *out);
/* Answers with a JPEG that never changes under its address. */
void image_answer(struct request *r, struct str jpeg, const char *etag);
