#include "image.h"
#include "../../base/check.h"
#include <gd.h>
#include <pthread.h>

enum { QUALITY = 86 };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* libgd tells the terminal of broken files: the person who sent one is told by us. */
static void hush(int priority, const char *format, va_list args)
{
    (void)priority;
    (void)format;
    (void)args;
}

static void set_up(void)
{
    gdSetErrorMethod(hush);
}

static void free_image(gdImagePtr *im)
{
    if (*im)
        gdImageDestroy(*im);
}

static gdImagePtr unpack(enum image_kind kind, struct str bytes)
{
    void *p = (void *)(uintptr_t)bytes.p;
    int n = (int)bytes.n;
    if (kind == IMAGE_JPEG)
        return gdImageCreateFromJpegPtr(n, p);
    return kind == IMAGE_PNG ? gdImageCreateFromPngPtr(n, p) : gdImageCreateFromWebpPtr(n, p);
}

/* The middle square, `side` pixels wide, on white. */
static gdImagePtr square(gdImagePtr from, int side)
{
    int w = gdImageSX(from), h = gdImageSY(from), cut = w < h ? w : h;
    gdImagePtr to = gdImageCreateTrueColor(side, side);
    if (!to)
        return NULL;
    gdImageFilledRectangle(to, 0, 0, side - 1, side - 1, gdTrueColor(255, 255, 255));
    gdImageAlphaBlending(to, 1);
    gdImageCopyResampled(to, from, 0, 0, (w - cut) / 2, (h - cut) / 2, side, side, cut, cut);
    return to;
}

/* A square, turned as its EXIF orientation asks: where each point of the upright one stands. */
static gdImagePtr upright(gdImagePtr from, int orientation)
{
    int n = gdImageSX(from), last = n - 1;
    gdImagePtr to = gdImageCreateTrueColor(n, n);
    if (!to)
        return NULL;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            bool across = orientation >= 5;
            int u = across ? y : x, v = across ? x : y;
            /* mirrored left to right: 2 3 7 8 lie so across or along; top to bottom: 3 4 6 7 */
            bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
            bool down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
            gdImageSetPixel(to, x, y,
                            gdImageGetTrueColorPixel(from, right ? last - u : u,
                                                     down ? last - v : v));
        }
    return to;
}

static enum err pack(struct arena *a, gdImagePtr im, struct str *ret)
{
    int n = 0;
    gdImageInterlace(im, 0);
    void *bytes = gdImageJpegPtr(im, &n, QUALITY);
    if (!bytes)
        return ERR_INVALID;
    *ret = arena_str(a, (struct str){bytes, (size_t)n});
    gdFree(bytes);
    return OK;
}

static enum err make(struct arena *a, const struct image_head *head, struct str bytes,
                     struct str *ret_small, struct str *ret_large)
{
    cleanup(free_image) gdImagePtr whole = unpack(head->kind, bytes);
    if (!whole)
        return ERR_INVALID;
    int side = gdImageSX(whole) < gdImageSY(whole) ? gdImageSX(whole) : gdImageSY(whole);
    cleanup(free_image) gdImagePtr cut = square(whole, side < IMAGE_LARGE ? side : IMAGE_LARGE);
    cleanup(free_image) gdImagePtr large = cut ? upright(cut, head->orientation) : NULL;
    cleanup(free_image) gdImagePtr small =
        large ? square(large, side < IMAGE_SMALL ? side : IMAGE_SMALL) : NULL;
    if (!small)
        return ERR_INVALID;
    enum err e = pack(a, large, ret_large);
    return e == OK ? pack(a, small, ret_small) : e;
}

enum err image_make(struct arena *a, struct str bytes, struct str *ret_small,
                    struct str *ret_large, struct problem *p)
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
    pthread_once(&once, set_up);
    pthread_mutex_lock(&one_at_a_time);
    enum err e = make(a, &head, bytes, ret_small, ret_large);
    pthread_mutex_unlock(&one_at_a_time);
    return e == OK ? OK : problem_set(p, a, ERR_INVALID, "image_broken", NULL, NULL);
}
