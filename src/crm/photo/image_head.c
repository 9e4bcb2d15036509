/* The heads of picture files: JPEG (ITU T.81, Annex B), PNG (RFC 2083), WebP (RFC 9649), and the
 * orientation in their EXIF (TIFF 6.0). */
#include "image.h"

static uint32_t big(struct str s, size_t at, int bytes)
{
    uint32_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)s.p[at + (size_t)i];
    return v;
}

static uint32_t little(struct str s, size_t at, int bytes)
{
    uint32_t v = 0;
    for (int i = bytes; i-- > 0;)
        v = v << 8 | (unsigned char)s.p[at + (size_t)i];
    return v;
}

static struct str part(struct str s, size_t from, size_t n)
{
    if (from >= s.n)
        return STR("");
    return (struct str){s.p + from, n < s.n - from ? n : s.n - from};
}

/* Of a TIFF: the first directory's tag 274. */
static int orientation(struct str tiff)
{
    enum { TAG = 274, ENTRY = 12 };
    if (tiff.n < 8 || (tiff.p[0] != 'I' && tiff.p[0] != 'M'))
        return 1;
    uint32_t (*number)(struct str, size_t, int) = tiff.p[0] == 'I' ? little : big;
    size_t at = number(tiff, 4, 4);
    if (at > tiff.n || tiff.n - at < 2)
        return 1;
    size_t n = number(tiff, at, 2);
    for (at += 2; n > 0 && tiff.n - at >= ENTRY; n--, at += ENTRY)
        if (number(tiff, at, 2) == TAG) {
            uint32_t v = number(tiff, at + 8, 2);
            return v >= 1 && v <= 8 ? (int)v : 1;
        }
    return 1;
}

static int count_scans(struct str s)
{
    int n = 0;
    for (size_t i = 0; i + 1 < s.n; i++)
        n += (unsigned char)s.p[i] == 0xFF && (unsigned char)s.p[i + 1] == 0xDA;
    return n;
}

static bool is_frame(uint32_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static void read_jpeg(struct str s, struct image_head *h)
{
    for (size_t at = 2; at + 4 <= s.n && (unsigned char)s.p[at] == 0xFF;) {
        uint32_t marker = (unsigned char)s.p[at + 1];
        if (marker == 0xFF) { /* padding */
            at++;
            continue;
        }
        size_t length = big(s, at + 2, 2);
        struct str body = part(s, at + 4, length - 2);
        if (length < 2 || marker == 0xDA)
            return;
        if (marker == 0xE1 && str_starts(body, STR("Exif\0\0")))
            h->orientation = orientation(part(body, 6, body.n));
        if (is_frame(marker) && body.n >= 5) {
            h->kind = IMAGE_JPEG;
            h->height = big(body, 1, 2);
            h->width = big(body, 3, 2);
            h->scans = count_scans(part(s, at, s.n));
            return;
        }
        at += 2 + length;
    }
}

static void read_png(struct str s, struct image_head *h)
{
    if (s.n < 33 || !str_eq(part(s, 12, 4), STR("IHDR")))
        return;
    h->kind = IMAGE_PNG;
    h->width = big(s, 16, 4);
    h->height = big(s, 20, 4);
    for (size_t at = 8; at + 12 <= s.n;) {
        size_t length = big(s, at, 4);
        if (str_eq(part(s, at + 4, 4), STR("eXIf")))
            h->orientation = orientation(part(s, at + 8, length));
        if (length > s.n - at - 12 || str_eq(part(s, at + 4, 4), STR("IDAT")))
            return;
        at += 12 + length;
    }
}

static void widen(struct image_head *h, int64_t width, int64_t height)
{
    h->kind = IMAGE_WEBP;
    h->width = width > h->width ? width : h->width;
    h->height = height > h->height ? height : h->height;
}

static void read_webp(struct str s, struct image_head *h)
{
    for (size_t at = 12; at + 8 <= s.n;) {
        struct str name = part(s, at, 4);
        size_t length = little(s, at + 4, 4);
        struct str body = part(s, at + 8, length);
        if (str_eq(name, STR("VP8X")) && body.n >= 10)
            widen(h, (int64_t)little(body, 4, 3) + 1, (int64_t)little(body, 7, 3) + 1);
        else if (str_eq(name, STR("VP8 ")) && body.n >= 10)
            widen(h, little(body, 6, 2) & 0x3FFF, little(body, 8, 2) & 0x3FFF);
        else if (str_eq(name, STR("VP8L")) && body.n >= 5)
            widen(h, (int64_t)(little(body, 1, 4) & 0x3FFF) + 1,
                  (int64_t)(little(body, 1, 4) >> 14 & 0x3FFF) + 1);
        else if (str_eq(name, STR("EXIF")))
            h->orientation =
                orientation(str_starts(body, STR("Exif\0\0")) ? part(body, 6, body.n) : body);
        if (length > s.n - at - 8)
            return;
        at += 8 + length + (length & 1);
    }
}

struct image_head image_head(struct str bytes)
{
    struct image_head h = {.orientation = 1};
    if (str_starts(bytes, STR("\xFF\xD8\xFF")))
        read_jpeg(bytes, &h);
    else if (str_starts(bytes, STR("\x89PNG\r\n\x1A\n")))
        read_png(bytes, &h);
    else if (str_starts(bytes, STR("RIFF")) && str_eq(part(bytes, 8, 4), STR("WEBP")))
        read_webp(bytes, &h);
    return h;
}
