#include "image_library.h"
#include "../../base/check.h"
#include "../../base/log.h"
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct image_library library;
static bool loaded;

/* libgd tells the terminal of broken files: the person who sent one is told by us. */
static void hush(int priority, const char *format, va_list args)
{
    (void)priority;
    (void)format;
    (void)args;
}

static void load(void)
{
    void *symbol, *handle = dlopen("libgd.so.3", RTLD_NOW); /* of all versions since 2.1 */
    loaded = handle != NULL;
#define X(name)                                                                                    \
    symbol = loaded ? dlsym(handle, "gd" #name) : NULL;                                            \
    loaded = symbol != NULL;                                                                       \
    memcpy(&library.name, &symbol, sizeof symbol);
    IMAGE_LIBRARY(X)
#undef X
    if (loaded)
        library.SetErrorMethod(hush);
    else
        log_event(LOG_ERROR, "libgd_missing", "cause", dlerror(), NULL);
}

const struct image_library *gd(void)
{
    pthread_once(&once, load);
    return loaded ? &library : NULL;
}
