/* Pictures that people upload, made into what is served: square JPEGs in two sizes, the right way
 * up, without any metadata; or one whole page, for papers. JPEG, PNG and WebP are read, by libgd.
 * What a file says of its size is read first, so that a small file cannot ask for much memory; one
 * picture is unpacked at a time, so that many uploads cannot either. Threads: any. */
#pragma once
#include "../../base/arena.h"

#define IMAGE_BYTES_MAX (12 * 1024 * 1024)
#define IMAGE_PIXELS_MAX (40LL * 1000 * 1000) /* 4 bytes each while it is unpacked */
#define IMAGE_SIDE_MAX 16000
#define IMAGE_SCANS_MAX 64 /* of a progressive JPEG: each goes over all its pixels */
#define IMAGE_LARGE 512    /* pixels a side, or less when the picture has less */
#define IMAGE_SMALL 96
#define IMAGE_PAGE 1800 /* of the longer side: small print of an A4 sheet can still be read */

enum image_kind { IMAGE_UNKNOWN, IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP };
struct image_head {
    enum image_kind kind;
    int64_t width, height;
    int orientation; /* 1…8 as in EXIF (TIFF 6.0, tag 274); 1 = as it stands */
    int scans;       /* of a JPEG */
};
/* What the first bytes tell, without unpacking; IMAGE_UNKNOWN when it is none of these. */
struct image_head image_head(struct str bytes);

/* ERR_INVALID image_unknown, image_too_many_pixels, image_broken; ERR_INTERNAL: libgd is not
 * installed. The pictures live in `a`. */
enum err must_use image_make(struct arena *a, struct str bytes, struct str *ret_small,
                             struct str *ret_large, struct problem *p);
/* The same of a whole picture, nothing cut off. */
enum err must_use image_page(struct arena *a, struct str bytes, struct str *ret, struct problem *p);
