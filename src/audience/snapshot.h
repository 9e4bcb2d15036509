/* An audience in a file, so that a program that begins again need not read the whole base for it.
 *
 * The file is the memory as it stands. So only the program that wrote it reads it (the same build,
 * told by the linker's build id, with the same version of ICU); to every other there is none. A
 * hash of everything stands at its end: what was cut off or changed is refused before anything of
 * it is used. It is no defence against somebody who forges the hash, too: whoever may write it must
 * be allowed to write the base, and whoever may read it learns what stands in the base.
 * Threads: any. */
#pragma once
#include "audience.h"

/* Writes the audience, and a note for whoever opens the file: nothing of customers who were removed
 * before. Who writes to the audience waits, who reads does for a moment. ERR_IO: also when this
 * program has no build id. */
enum err must_use audience_save(struct audience *a, struct str note, int fd);

struct snapshot;
/* ERR_NOT_FOUND: not a whole snapshot of this program. The file may be closed afterwards; it must
 * not be written to. */
enum err must_use snapshot_open(int fd, struct snapshot **ret);
struct str snapshot_note(const struct snapshot *s); /* as it was given; not checked yet */
/* `language` as the saved audience had it. ERR_INVALID: the file is damaged. */
enum err must_use snapshot_restore(const struct snapshot *s, const char *language,
                                   struct audience **ret);
void snapshot_close(struct snapshot **s); /* for cleanup() */
