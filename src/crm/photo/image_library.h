/* libgd, loaded when a picture is first made. It brings some forty libraries along, video codecs
 * for pictures that we do not read among them: every command would spend a third of its start on
 * them. Threads: any. */
#pragma once
#include <gd.h>

#define IMAGE_LIBRARY(X)                                                                           \
    X(Free)                                                                                        \
    X(ImageAlphaBlending)                                                                          \
    X(ImageArc)                                                                                    \
    X(ImageColorAllocate)                                                                          \
    X(ImageCopyResampled)                                                                          \
    X(ImageCreateFromJpegPtr)                                                                      \
    X(ImageCreateFromPngPtr)                                                                       \
    X(ImageCreateFromWebpPtr)                                                                      \
    X(ImageCreateTrueColor)                                                                        \
    X(ImageDestroy)                                                                                \
    X(ImageFilledArc)                                                                              \
    X(ImageFilledEllipse)                                                                          \
    X(ImageFilledRectangle)                                                                        \
    X(ImageGetTrueColorPixel)                                                                      \
    X(ImageInterlace)                                                                              \
    X(ImageJpegPtr)                                                                                \
    X(ImageSetPixel)                                                                               \
    X(ImageSetThickness)                                                                           \
    X(SetErrorMethod)

/* gd()->ImageArc is gdImageArc(), and so on. */
struct image_library {
#define X(name) __typeof__(gd##name) *name;
    IMAGE_LIBRARY(X)
#undef X
};
/* NULL: it is not installed; logged. */
const struct image_library *gd(void);
