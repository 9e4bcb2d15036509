#include "image.h"
#include "../../base/check.h"
#include "image_library.h"
#include <pthread.h>

enum { QUALITY = 86 };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void free_image(gdImagePtr *im)
{
    if (*im)
        gd()->ImageDestroy(*im);
}

static gdImagePtr unpack(enum image_kind kind, struct str bytes)
{
    void *p = (void *)(uintptr_t)bytes.p;
    int n = (int)bytes.n;
    if (kind == IMAGE_JPEG)
        return gd()->ImageCreateFromJpegPtr(n, p);
    return kind == IMAGE_PNG ? gd()->ImageCreateFromPngPtr(n, p)
                             : gd()->ImageCreateFromWebpPtr(n, p);
}

/* A part of it, w × h pixels, on white. */
struct part {
    int x, y, w, h;
};
static gdImagePtr scaled(gdImagePtr from, struct part part, int w, int h)
{
    gdImagePtr to = gd()->ImageCreateTrueColor(w, h);
    if (!to)
        return NULL;
    gd()->ImageFilledRectangle(to, 0, 0, w - 1, h - 1, gdTrueColor(255, 255, 255));
    gd()->ImageAlphaBlending(to, 1);
    gd()->ImageCopyResampled(to, from, 0, 0, part.x, part.y, w, h, part.w, part.h);
    return to;
}

/* The middle square, `side` pixels wide. */
static gdImagePtr square(gdImagePtr from, int side)
{
    int w = gdImageSX(from), h = gdImageSY(from), cut = w < h ? w : h;
    return scaled(from, (struct part){(w - cut) / 2, (h - cut) / 2, cut, cut}, side, side);
}

/* All of it, the longer side `most` pixels or less. */
static gdImagePtr within(gdImagePtr from, int most)
{
    int w = gdImageSX(from), h = gdImageSY(from), longer = w > h ? w : h;
    int side = longer < most ? longer : most;
    int to_w = (int)((int64_t)w * side / longer), to_h = (int)((int64_t)h * side / longer);
    return scaled(from, (struct part){0, 0, w, h}, to_w > 0 ? to_w : 1, to_h > 0 ? to_h : 1);
}

/* Turned as its EXIF orientation asks: where each point of the upright one stands. */
static gdImagePtr upright(gdImagePtr from, int orientation)
{
    bool across = orientation >= 5;
    int from_w = gdImageSX(from), from_h = gdImageSY(from);
    int w = across ? from_h : from_w, h = across ? from_w : from_h;
    /* mirrored left to right: 2 3 7 8 lie so across or along; top to bottom: 3 4 6 7 */
    bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const struct image_library *library = gd(); /* asked once, not for each of millions of points */
    gdImagePtr to = library->ImageCreateTrueColor(w, h);
    if (!to)
        return NULL;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            int u = across ? y : x, v = across ? x : y;
            library->ImageSetPixel(to, x, y,
                                   library->ImageGetTrueColorPixel(from, right ? from_w - 1 - u : u,
                                                                   down ? from_h - 1 - v : v));
        }
    return to;
}

static enum err pack(struct arena *a, gdImagePtr im, struct str *ret)
{
    int n = 0;
    gd()->ImageInterlace(im, 0);
    void *bytes = gd()->ImageJpegPtr(im, &n, QUALITY);
    if (!bytes)
        return ERR_INVALID;
    *ret = arena_str(a, (struct str){bytes, (size_t)n});
    gd()->Free(bytes);
    return OK;
}

/* Made one at a time; ERR_INVALID: it cannot be unpacked. */
typedef enum err (*image_maker)(struct arena *a, const struct image_head *head, gdImagePtr whole,
                                struct str ret[static 2]);

static enum err make_squares(struct arena *a, const struct image_head *head, gdImagePtr whole,
                             struct str ret[static 2])
{
    int side = gdImageSX(whole) < gdImageSY(whole) ? gdImageSX(whole) : gdImageSY(whole);
    cleanup(free_image) gdImagePtr cut = square(whole, side < IMAGE_LARGE ? side : IMAGE_LARGE);
    cleanup(free_image) gdImagePtr large = cut ? upright(cut, head->orientation) : NULL;
    cleanup(free_image) gdImagePtr small =
        large ? square(large, side < IMAGE_SMALL ? side : IMAGE_SMALL) : NULL;
    if (!small)
        return ERR_INVALID;
    enum err e = pack(a, large, &ret[1]);
    return e == OK ? pack(a, small, &ret[0]) : e;
}

static enum err make_page(struct arena *a, const struct image_head *head, gdImagePtr whole,
                          struct str ret[static 2])
{
    cleanup(free_image) gdImagePtr page = within(whole, IMAGE_PAGE);
    cleanup(free_image) gdImagePtr turned = page ? upright(page, head->orientation) : NULL;
    return turned ? pack(a, turned, &ret[0]) : ERR_INVALID;
}

static enum err make_checked(struct arena *a, struct str bytes, image_maker maker,
                             struct str ret[static 2], struct problem *p)
{
    struct image_head head = image_head(bytes);
    check(bytes.n <= IMAGE_BYTES_MAX);
    if (head.kind == IMAGE_UNKNOWN)
        return problem_set(p, a, ERR_INVALID, "image_unknown", NULL, NULL);
    if (head.width > IMAGE_SIDE_MAX || head.height > IMAGE_SIDE_MAX ||
        head.width * head.height > IMAGE_PIXELS_MAX)
        return problem_set(p, a, ERR_INVALID, "image_too_many_pixels", NULL, "limit", "40", NULL);
    if (head.width < 1 || head.height < 1 || head.scans > IMAGE_SCANS_MAX)
        return problem_set(p, a, ERR_INVALID, "image_broken", NULL, NULL);
    if (!gd())
        return ERR_INTERNAL;
    pthread_mutex_lock(&one_at_a_time);
    gdImagePtr whole = unpack(head.kind, bytes);
    enum err e = whole ? maker(a, &head, whole, ret) : ERR_INVALID;
    free_image(&whole);
    pthread_mutex_unlock(&one_at_a_time);
    return e == OK ? OK : problem_set(p, a, ERR_INVALID, "image_broken", NULL, NULL);
}

enum err image_make(struct arena *a, struct str bytes, struct str *ret_small, struct str *ret_large,
                    struct problem *p)
{
    struct str made[2];
    enum err e = make_checked(a, bytes, make_squares, made, p);
    if (e != OK)
        return e;
    *ret_small = made[0];
    *ret_large = made[1];
    return OK;
}

enum err image_page(struct arena *a, struct str bytes, struct str *ret, struct problem *p)
{
    struct str made[2];
    enum err e = make_checked(a, bytes, make_page, made, p);
    if (e == OK)
        *ret = made[0];
    return e;
}
