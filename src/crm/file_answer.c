#include "file_answer.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../base/check.h"

enum { PIECE = 1 << 16 };

enum err file_temporary(int *ret_fd)
{
    const char *folder = getenv("TMPDIR");
    char path[256];
    int n = snprintf(path, sizeof path, "%s/habitue-XXXXXX", folder ? folder : "/tmp");
    if (n < 0 || (size_t)n >= sizeof path)
        snprintf(path, sizeof path, "/tmp/habitue-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0)
        return ERR_IO;
    unlink(path);
    *ret_fd = fd;
    return OK;
}

static bool next_piece(void *state, struct buf *out)
{
    const int *fd = state;
    char *room = buf_reserve(out, PIECE);
    ssize_t n = room ? read(*fd, room, PIECE) : -1;
    if (n < 0 && errno == EINTR)
        return true;
    if (n > 0)
        out->n += (size_t)n;
    return n > 0;
}

static void free_stream(void *state)
{
    int *fd = state;
    close(*fd);
    free(fd);
}

void file_answer(struct request *r, int fd, const char *content_type, const char *name)
{
    int *state = malloc(sizeof *state);
    check(state && lseek(fd, 0, SEEK_SET) == 0);
    *state = fd;
    r->content_type = content_type;
    r->disposition = name;
    request_stream(r, next_piece, free_stream, state);
}
