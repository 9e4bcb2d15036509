/* Files that are made in a temporary place and then sent piece by piece: exports, a customer's ZIP.
 * Threads: any; a file belongs to one request. */
#pragma once
#include "app.h"

/* A new file of nobody's but ours in $TMPDIR, without a name: it goes with its descriptor. ERR_IO.
 */
enum err must_use file_temporary(int *ret_fd);
/* Answers with the file from its first byte, and closes it in the end. */
void file_answer(struct request *r, int fd, const char *content_type, const char *name);
