#include "occurrence.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../base/check.h"

enum { SLOTS_FIRST = 4096 };
struct slot {
    uint8_t key[12];
    uint32_t count; /* 0: free */
};
struct table {
    struct slot *slots;
    size_t n; /* a power of two */
};
struct occurrences {
    struct table table;
    size_t used;
};

static enum err table_map(size_t n, struct table *ret)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    size_t length = folder ? strlen(folder) : 0;
    if (length == 0 || length > sizeof path - 40)
        folder = "/tmp", length = 4;
    memcpy(path, folder, length);
    memcpy(path + length, "/habitue-import-XXXXXX", 23);
    int fd = mkstemp(path);
    if (fd < 0)
        return ERR_IO;
    unlink(path);
    size_t bytes = n * sizeof(struct slot);
    void *p = MAP_FAILED;
    if (posix_fallocate(fd, 0, (off_t)bytes) == 0) /* no SIGBUS later when the disk is full */
        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return ERR_IO;
    *ret = (struct table){p, n};
    return OK;
}

static void table_unmap(struct table *t)
{
    if (t->slots)
        munmap(t->slots, t->n * sizeof(struct slot));
    t->slots = NULL;
}

static struct slot *find(const struct table *t, const uint8_t key[static 12])
{
    uint64_t h;
    memcpy(&h, key, sizeof h);
    size_t i = (size_t)h & (t->n - 1);
    while (t->slots[i].count > 0 && memcmp(t->slots[i].key, key, 12) != 0)
        i = (i + 1) & (t->n - 1);
    return &t->slots[i];
}

enum err occurrences_new(struct occurrences **ret)
{
    struct occurrences *o = calloc(1, sizeof *o);
    check(o);
    enum err e = table_map(SLOTS_FIRST, &o->table);
    if (e)
        free(o);
    else
        *ret = o;
    return e;
}

void occurrences_free(struct occurrences **o)
{
    if (!*o)
        return;
    table_unmap(&(*o)->table);
    free(*o);
    *o = NULL;
}

static enum err grow(struct occurrences *o)
{
    struct table larger;
    enum err e = table_map(o->table.n * 2, &larger);
    if (e)
        return e;
    for (size_t i = 0; i < o->table.n; i++)
        if (o->table.slots[i].count > 0)
            *find(&larger, o->table.slots[i].key) = o->table.slots[i];
    table_unmap(&o->table);
    o->table = larger;
    return OK;
}

enum err occurrences_count(struct occurrences *o, const uint8_t key[static 12],
                           uint32_t *ret_before)
{
    if (3 * (o->used + 1) > 2 * o->table.n) {
        enum err e = grow(o);
        if (e)
            return e;
    }
    struct slot *s = find(&o->table, key);
    if (s->count == 0) {
        memcpy(s->key, key, 12);
        o->used++;
    }
    *ret_before = s->count;
    s->count += s->count < UINT32_MAX;
    return OK;
}
