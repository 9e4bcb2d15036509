#include "source.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err memory_read(void *state, int64_t offset, char *p, size_t size, size_t *ret_n)
{
    const struct str *bytes = state;
    size_t from = offset < 0 || (uint64_t)offset > bytes->n ? bytes->n : (size_t)offset;
    size_t n = bytes->n - from < size ? bytes->n - from : size;
    if (n > 0)
        memcpy(p, bytes->p + from, n);
    *ret_n = n;
    return OK;
}

void source_memory(struct source *s, struct str *bytes)
{
    *s = (struct source){memory_read, bytes, (int64_t)bytes->n};
}

static enum err file_read(void *state, int64_t offset, char *p, size_t size, size_t *ret_n)
{
    const int *fd = state;
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(*fd, p + done, size - done, offset + (int64_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *ret_n = done;
    return OK;
}

enum err source_file(struct source *s, int *fd)
{
    struct stat st;
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode))
        return ERR_IO;
    *s = (struct source){file_read, fd, st.st_size};
    return OK;
}
