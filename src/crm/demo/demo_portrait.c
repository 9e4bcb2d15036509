/* Faces for the demo: flat shapes in a few colours, nobody's picture. */
#include "../../base/check.h"
#include "../photo/image_library.h"
#include "demo_belong.h"

enum { SIDE = 320, QUALITY = 88 };

struct palette {
    int back, coat, skin, hair, dark;
};

static int pick(gdImagePtr im, struct demo_random *r, const int *colours, int n)
{
    int rgb = colours[demo_below(r, n)];
    return gd()->ImageColorAllocate(im, rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
}

static struct palette palette_of(gdImagePtr im, struct demo_random *r)
{
    static const int backs[] = {0xE9E1D6, 0xDDE5E0, 0xE4DDE8, 0xE8DCD8, 0xD9E2EA};
    static const int coats[] = {0x7A2E4D, 0x35536B, 0x4E6B4A, 0x8A6A3B, 0x4A4A55, 0x9A5B4F};
    static const int skins[] = {0xF2D3BC, 0xE3B899, 0xC9946E, 0x9C6B4A, 0x6E4A33};
    static const int hairs[] = {0x2B2420, 0x5A3A26, 0x8C5A2E, 0xC79A5B, 0x9B9B98, 0x7A3324};
    struct palette p;
    p.back = pick(im, r, backs, 5);
    p.coat = pick(im, r, coats, 6);
    p.skin = pick(im, r, skins, 5);
    p.hair = pick(im, r, hairs, 6);
    p.dark = gd()->ImageColorAllocate(im, 0x33, 0x2A, 0x28);
    return p;
}

static void draw(gdImagePtr im, struct demo_random *r)
{
    const struct palette p = palette_of(im, r);
    int middle = SIDE / 2, face = (int)demo_between(r, 112, 128), brow = 128;
    bool is_long = demo_chance(r, 50), smiles = demo_chance(r, 70);
    gd()->ImageFilledRectangle(im, 0, 0, SIDE, SIDE, p.back);
    if (is_long)
        gd()->ImageFilledEllipse(im, middle, brow + 40, face + 56, 200, p.hair);
    gd()->ImageFilledEllipse(im, middle, SIDE + 20, 270, 190, p.coat);
    gd()->ImageFilledRectangle(im, middle - 24, 180, middle + 24, 240, p.skin);
    gd()->ImageFilledEllipse(im, middle, 240, 48, 30, p.skin);
    gd()->ImageFilledEllipse(im, middle, brow + 18, face, 148, p.skin);
    gd()->ImageFilledArc(im, middle, brow, face + 22, 136, 180, 360, p.hair, gdArc);
    gd()->ImageFilledEllipse(im, middle - 26, brow + 22, 11, 12, p.dark);
    gd()->ImageFilledEllipse(im, middle + 26, brow + 22, 11, 12, p.dark);
    gd()->ImageSetThickness(im, 4);
    gd()->ImageArc(im, middle, brow + 50, 44, smiles ? 26 : 8, 20, 160, p.dark);
}

struct str demo_portrait(struct arena *a, uint64_t number)
{
    struct demo_random r = {0x666163656c657373ull ^ number};
    check(gd());
    gdImagePtr im = gd()->ImageCreateTrueColor(SIDE, SIDE);
    int n = 0;
    check(im);
    draw(im, &r);
    void *bytes = gd()->ImageJpegPtr(im, &n, QUALITY);
    gd()->ImageDestroy(im);
    check(bytes);
    struct str copy = arena_str(a, (struct str){bytes, (size_t)n});
    gd()->Free(bytes);
    return copy;
}
