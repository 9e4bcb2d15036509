/* The file of everything held on a customer: for programs as JSON, for people as a page that stands
 * by itself, and both with their pictures as a ZIP. Whoever was merged into the customer is the
 * same person: what still stands on those cards is told behind it. Threads: none of its own. */
#pragma once
#include "privacy.h"

struct privacy_file {
    int64_t merchant_id, customer_id, now_us;
    const char *merchant_name, *language;
    struct arena *arena;
    bool pictures_apart; /* named instead of written out: privacy_file_pictures() has them */
    /* After each row: takes what is written so far, or leaves it. NULL: all stays. */
    enum err (*piece)(void *to, struct buf *text);
    void *to;
};

/* As the component schema CustomerFile. */
enum err must_use privacy_file_json(struct db_tx *tx, const struct privacy_file *file,
                                    struct json *out);
enum err must_use privacy_file_html(struct db_tx *tx, const struct privacy_file *file,
                                    struct buf *out);
/* Every picture, under the name that it has in the others: "pictures/photo-1.jpg". */
enum err must_use privacy_file_pictures(struct db_tx *tx, const struct privacy_file *file,
                                        enum err (*take)(void *to, const char *name, struct str),
                                        void *to);
/* Writes the ZIP into the file, which is emptied first. ERR_IO; ERR_TOO_LARGE. */
enum err must_use privacy_file_zip(struct db_tx *tx, const struct privacy_file *file, int fd);
