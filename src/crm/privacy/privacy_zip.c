/* The ZIP of a customer (APPNOTE 6.3, by libarchive): data.json, page.html, and the pictures
 * that both name. */
#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "privacy_file.h"

enum { PIECE = 1 << 16 };

struct zip {
    struct archive *archive;
    const struct privacy_file *file;
};

static void close_archive(struct archive **archive)
{
    if (*archive)
        archive_write_free(*archive);
}

/* `stored`: pictures are packed already. Sizes are not known before: they follow the content. */
static enum err begin_entry(struct zip *z, const char *name, bool stored)
{
    struct archive_entry *entry = archive_entry_new();
    check(entry);
    if (stored)
        archive_write_zip_set_compression_store(z->archive);
    else
        archive_write_zip_set_compression_deflate(z->archive);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_mtime(entry, z->file->now_us / 1000000, 0);
    int done = archive_write_header(z->archive, entry);
    archive_entry_free(entry);
    return done == ARCHIVE_OK ? OK : ERR_IO;
}

static enum err add_bytes(struct zip *z, struct str bytes)
{
    return bytes.n == 0 || archive_write_data(z->archive, bytes.p, bytes.n) == (la_ssize_t)bytes.n
               ? OK
               : ERR_IO;
}

/* What is written so far goes out when it is enough. */
static enum err take_piece(void *to, struct buf *text)
{
    if (text->failed)
        return ERR_TOO_LARGE;
    if (text->n < PIECE)
        return OK;
    enum err e = add_bytes(to, buf_str(text));
    text->n = 0;
    return e;
}

typedef enum err (*writer)(struct db_tx *tx, const struct privacy_file *file, struct buf *out);

static enum err write_json(struct db_tx *tx, const struct privacy_file *file, struct buf *out)
{
    struct json j;
    json_init(&j, out);
    return privacy_file_json(tx, file, &j);
}

static enum err add_text(struct db_tx *tx, struct zip *z, const char *name, writer write)
{
    struct privacy_file file = *z->file;
    struct buf text cleanup(buf_free);
    buf_init(&text, 16 << 20); /* of one row; the pieces are taken meanwhile */
    file.piece = take_piece;
    file.to = z;
    enum err e = begin_entry(z, name, false);
    if (e == OK)
        e = write(tx, &file, &text);
    if (e == OK && text.failed)
        e = ERR_TOO_LARGE;
    return e == OK ? add_bytes(z, buf_str(&text)) : e;
}

static enum err add_picture(void *to, const char *name, struct str bytes)
{
    enum err e = begin_entry(to, name, true);
    return e == OK ? add_bytes(to, bytes) : e;
}

enum err privacy_file_zip(struct db_tx *tx, const struct privacy_file *file, int fd)
{
    cleanup(close_archive) struct archive *archive = archive_write_new();
    struct privacy_file apart = *file;
    struct zip z = {archive, &apart};
    apart.pictures_apart = true;
    check(archive);
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0) /* a transaction may run again */
        return ERR_IO;
    /* without zip64: not every program opens it, and no customer has 4 GB */
    if (archive_write_set_format_zip(archive) != ARCHIVE_OK ||
        archive_write_set_format_option(archive, "zip", "zip64", NULL) != ARCHIVE_OK ||
        archive_write_open_fd(archive, fd) != ARCHIVE_OK)
        return ERR_IO;
    enum err e = add_text(tx, &z, "data.json", write_json);
    if (e == OK)
        e = add_text(tx, &z, "page.html", privacy_file_html);
    if (e == OK)
        e = privacy_file_pictures(tx, &apart, add_picture, &z);
    if (e == OK && archive_write_close(archive) != ARCHIVE_OK)
        e = ERR_IO;
    return e;
}
