/* Pictures: what their heads tell, which way is up, what is refused. */
#include "src/crm/photo/image.h"
#include "test.h"
#include <gd.h>

/* Red, green over blue, white, as a JPEG. */
static struct str jpeg(struct arena *a, int w, int h)
{
    gdImagePtr im = gdImageCreateTrueColor(w, h);
    int n = 0;
    gdImageFilledRectangle(im, 0, 0, w / 2 - 1, h / 2 - 1, gdTrueColor(255, 0, 0));
    gdImageFilledRectangle(im, w / 2, 0, w - 1, h / 2 - 1, gdTrueColor(0, 255, 0));
    gdImageFilledRectangle(im, 0, h / 2, w / 2 - 1, h - 1, gdTrueColor(0, 0, 255));
    gdImageFilledRectangle(im, w / 2, h / 2, w - 1, h - 1, gdTrueColor(255, 255, 255));
    void *bytes = gdImageJpegPtr(im, &n, 95);
    struct str ret = arena_str(a, (struct str){bytes, (size_t)n});
    gdFree(bytes);
    gdImageDestroy(im);
    return ret;
}

/* With an EXIF segment that says nothing but the orientation. */
static struct str turned(struct arena *a, struct str s, int orientation, bool little)
{
    static const char head[] = "\xFF\xE1\x00\x22"
                               "Exif\0\0";
    char tiff[26] = {0};
    memcpy(tiff,
           little ? "II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"
                  : "MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01",
           18);
    tiff[little ? 18 : 19] = (char)orientation;
    char *out = arena_alloc(a, s.n + 38);
    memcpy(out, s.p, 2);
    memcpy(out + 2, head, 10);
    memcpy(out + 12, tiff, 26);
    memcpy(out + 38, s.p + 2, s.n - 2);
    return (struct str){out, s.n + 36};
}

static char colour_at(gdImagePtr im, int x, int y)
{
    int c = gdImageGetTrueColorPixel(im, x, y);
    bool r = gdTrueColorGetRed(c) > 128, g = gdTrueColorGetGreen(c) > 128,
         b = gdTrueColorGetBlue(c) > 128;
    return r && g && b ? 'w' : r ? 'r' : g ? 'g' : b ? 'b' : '?';
}

/* The corners of what comes out: top left, top right, bottom left, bottom right. */
static void corners(struct str bytes, char ret[static 5])
{
    gdImagePtr im = gdImageCreateFromJpegPtr((int)bytes.n, (void *)(uintptr_t)bytes.p);
    assert_non_null(im);
    int last = gdImageSX(im) - 6;
    assert_int_equal(gdImageSX(im), gdImageSY(im));
    ret[0] = colour_at(im, 5, 5);
    ret[1] = colour_at(im, last, 5);
    ret[2] = colour_at(im, 5, last);
    ret[3] = colour_at(im, last, last);
    ret[4] = 0;
    gdImageDestroy(im);
}

static void upright_whatever_the_camera_held(void **state)
{
    (void)state;
    /* TIFF 6.0: where row 0 and column 0 of what is stored stand when seen */
    static const char *const seen[] = {"",     "rgbw", "grwb", "wbgr", "bwrg",
                                       "rbgw", "brwg", "wgbr", "gwrb"};
    struct arena *a = arena_new();
    struct str plain = jpeg(a, 320, 200);
    for (int orientation = 1; orientation <= 8; orientation++)
        for (int little = 0; little < 2; little++) {
            struct str small, large, in = turned(a, plain, orientation, little);
            struct problem p = {0};
            char c[5];
            assert_int_equal(image_head(in).orientation, orientation);
            assert_int_equal(image_make(a, in, &small, &large, &p), OK);
            corners(large, c);
            assert_string_equal(c, seen[orientation]);
            corners(small, c);
            assert_string_equal(c, seen[orientation]);
            assert_null(memmem(large.p, large.n, "Exif", 4));
        }
    arena_free(&a);
}

static void a_page_keeps_its_edges(void **state)
{
    (void)state;
    static const struct {
        int w, h, orientation, to_w, to_h;
    } pages[] = {{320, 200, 1, 320, 200},
                 {320, 200, 6, 200, 320},
                 {3600, 1200, 1, IMAGE_PAGE, 600},
                 {1000, 4000, 3, 450, IMAGE_PAGE},
                 {4000, 1, 1, IMAGE_PAGE, 1}};
    struct arena *a = arena_new();
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct problem p = {0};
        struct str page,
            in = turned(a, jpeg(a, pages[i].w, pages[i].h), pages[i].orientation, true);
        assert_int_equal(image_page(a, in, &page, &p), OK);
        struct image_head head = image_head(page);
        assert_int_equal(head.kind, IMAGE_JPEG);
        assert_int_equal(head.width, pages[i].to_w);
        assert_int_equal(head.height, pages[i].to_h);
        assert_null(memmem(page.p, page.n, "Exif", 4));
    }
    struct problem p = {0};
    struct str page;
    assert_int_equal(image_page(a, STR("GIF89a"), &page, &p), ERR_INVALID);
    assert_string_equal(p.code, "image_unknown");
    arena_free(&a);
}

static void cut_anywhere_nothing_breaks(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct str whole = turned(a, jpeg(a, 64, 48), 6, true), small, large;
    for (size_t n = 0; n < whole.n; n += n < 200 ? 1 : 97) {
        struct problem p = {0};
        char *copy = arena_alloc(a, n + 1);
        memcpy(copy, whole.p, n);
        enum err e = image_make(a, (struct str){copy, n}, &small, &large, &p);
        assert_true(e == OK || e == ERR_INVALID);
    }
    /* every byte of the head changed in turn */
    for (size_t at = 0; at < 200 && at < whole.n; at++) {
        struct problem p = {0};
        char *copy = arena_cstr(a, whole);
        copy[at] = (char)(copy[at] ^ 0xFF);
        enum err e = image_make(a, (struct str){copy, whole.n}, &small, &large, &p);
        assert_true(e == OK || e == ERR_INVALID);
    }
    arena_free(&a);
}

static void heads_of_other_kinds(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        enum image_kind kind;
        int64_t width, height;
    } heads[] = {
        {STR("GIF89a"), IMAGE_UNKNOWN, 0, 0},
        {STR("\xFF\xD8\xFF"), IMAGE_UNKNOWN, 0, 0},
        {STR("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x03\xE8\0\0\x02\x58\x08\x02\0\0\0\0\0\0\0"),
         IMAGE_PNG, 1000, 600},
        {STR("RIFF\x1E\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\xFF\x03\0\x57\x02\0"), IMAGE_WEBP, 1024,
         600},
        {STR("RIFF\x1E\0\0\0WEBPVP8L\x05\0\0\0\x2F\xFF\xC3\x95\0"), IMAGE_WEBP, 1024, 600},
        {STR("RIFF\x1E\0\0\0WEBPEXIF\xFF\xFF\xFF\xFF"
             "II"),
         IMAGE_UNKNOWN, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct image_head h = image_head(heads[i].bytes);
        assert_int_equal(h.kind, heads[i].kind);
        assert_int_equal(h.width, heads[i].width);
        assert_int_equal(h.height, heads[i].height);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(upright_whatever_the_camera_held),
        cmocka_unit_test(a_page_keeps_its_edges),
        cmocka_unit_test(cut_anywhere_nothing_breaks),
        cmocka_unit_test(heads_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
