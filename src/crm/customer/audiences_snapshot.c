#include "audiences_snapshot.h"
#include "audiences_sql.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../audience/snapshot.h"
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/log.h"

enum { TOKEN_BYTES = 16, FORGOTTEN_DAYS = 60 };

static const struct db_statement snapshot_seq = {
    "audience_snapshot_seq",
    "SELECT seq FROM audience_snapshot WHERE merchant_id = $1 AND token = $2", "it", "i"};
static const struct db_statement snapshot_add = {
    "audience_snapshot_add",
    "INSERT INTO audience_snapshot (merchant_id, token, seq, saved_us) VALUES ($1, $2, $3, $4)",
    "itii", ""};
/* That of the file that is replaced, and those of files that nobody has replaced for long. */
static const struct db_statement snapshot_end = {
    "audience_snapshot_end",
    "DELETE FROM audience_snapshot WHERE merchant_id = $1 AND (token = $2 OR saved_us < $3)", "iti",
    ""};
static const struct db_statement snapshot_void = {
    "audience_snapshot_void", "DELETE FROM audience_snapshot WHERE merchant_id = $1", "i", ""};

const struct db_statement *const audience_snapshot_statements[] = {
    &snapshot_seq, &snapshot_add, &snapshot_end, &snapshot_void, NULL};

/* What stands at the beginning of the file. */
struct note {
    int64_t merchant_id, seq;
    char language[8], token[TOKEN_BYTES * 2 + 1];
};

/* False: they are kept nowhere. */
static bool path_of(const struct app *app, int64_t merchant_id, const char *ending,
                    char ret[PATH_MAX])
{
    int n = app->snapshots ? snprintf(ret, PATH_MAX, "%s%lld%s", app->snapshots,
                                      (long long)merchant_id, ending)
                           : -1;
    return n > 0 && n < PATH_MAX;
}

static enum err open_file(const char *path, struct snapshot **ret, struct note *note)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    enum err e = ERR_NOT_FOUND;
    if (fd < 0)
        return e;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid()) /* nobody else's */
        e = snapshot_open(fd, ret);
    close(fd);
    if (e == OK && snapshot_note(*ret).n != sizeof(*note)) {
        snapshot_close(ret);
        e = ERR_NOT_FOUND;
    }
    if (e == OK) {
        memcpy(note, snapshot_note(*ret).p, sizeof(*note));
        note->language[sizeof(note->language) - 1] = 0; /* it is not checked yet */
        note->token[sizeof(note->token) - 1] = 0;
    }
    return e;
}

/* ERR_NOT_FOUND: the base does not know it. */
static enum err is_known(struct db_tx *tx, int64_t merchant_id, const struct note *note)
{
    int64_t seq;
    if (note->merchant_id != merchant_id)
        return ERR_NOT_FOUND;
    enum err e = db_query_int(tx, &snapshot_seq, &seq, db_i(merchant_id), db_tc(note->token));
    return e == OK && seq != note->seq ? ERR_NOT_FOUND : e;
}

enum err audience_snapshot_read(struct db_tx *tx, const struct app *app, int64_t merchant_id,
                                const char *language, struct audience **ret, int64_t *ret_seq)
{
    cleanup(snapshot_close) struct snapshot *s = NULL;
    struct note note;
    char path[PATH_MAX];
    if (!path_of(app, merchant_id, "", path) || open_file(path, &s, &note) != OK)
        return ERR_NOT_FOUND;
    enum err e = is_known(tx, merchant_id, &note);
    if (e != OK || strcmp(note.language, language) != 0)
        return e == OK ? ERR_NOT_FOUND : e;
    if (snapshot_restore(s, language, ret) != OK) {
        log_event(LOG_WARN, "snapshot_damaged", "file", path, NULL);
        return ERR_NOT_FOUND;
    }
    *ret_seq = note.seq;
    return OK;
}

struct writing {
    const struct note *note;
    char old[sizeof(((struct note *)0)->token)]; /* empty: there is none */
};

/* ERR_STALE: somebody may have been erased while the file was written. */
static enum err know(struct db_tx *tx, void *arg)
{
    const struct writing *w = arg;
    int64_t now = now_us(), seq;
    enum err e = db_query_int(tx, &audiences_seq, &seq, db_i(w->note->merchant_id));
    if (e != OK || seq != w->note->seq)
        return e == OK ? ERR_STALE : e;
    e = db_exec(tx, &snapshot_end, NULL, db_i(w->note->merchant_id), db_tc(w->old),
                db_i(now - FORGOTTEN_DAYS * US_PER_DAY));
    return e == OK ? db_exec(tx, &snapshot_add, NULL, db_i(w->note->merchant_id),
                             db_tc(w->note->token), db_i(w->note->seq), db_i(now))
                   : e;
}

struct asking {
    int64_t merchant_id;
    const struct note *note;
};

static enum err ask_known(struct db_tx *tx, void *arg)
{
    const struct asking *q = arg;
    return is_known(tx, q->merchant_id, q->note);
}

/* Does the file that is there do? If not, its token is told. */
static bool is_good(const struct app *app, const char *path, const struct note *now,
                    char ret_old[static sizeof(now->token)])
{
    cleanup(snapshot_close) struct snapshot *s = NULL;
    struct note there;
    if (open_file(path, &s, &there) != OK)
        return false;
    memcpy(ret_old, there.token, sizeof(there.token));
    struct asking q = {now->merchant_id, &there};
    return strcmp(there.language, now->language) == 0 && now->seq - there.seq <= SNAPSHOT_BEHIND &&
           db_read(app->db, ask_known, &q) == OK;
}

/* A file of that name which is this program's alone. ERR_DENIED: whoever runs it may not write
 * there.
 */
static enum err write_file(const char *path, const struct note *note, struct audience *audience)
{
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EACCES || errno == EPERM || errno == EROFS ? ERR_DENIED : ERR_IO;
    enum err e = audience_save(audience, (struct str){(const char *)note, sizeof(*note)}, fd);
    return close(fd) == 0 ? e : ERR_IO;
}

void audience_snapshot_write(const struct app *app, int64_t merchant_id, const char *language,
                             struct audience *audience, int64_t seq)
{
    struct note note;
    struct writing w = {.note = &note};
    uint8_t token[TOKEN_BYTES];
    char path[PATH_MAX], fresh[PATH_MAX];
    memset(&note, 0, sizeof(note)); /* as it is written */
    note.merchant_id = merchant_id;
    note.seq = seq;
    snprintf(note.language, sizeof(note.language), "%s", language);
    if (audience_count(audience) < app->snapshot_from || !path_of(app, merchant_id, "", path) ||
        !path_of(app, merchant_id, ".new", fresh) || is_good(app, path, &note, w.old))
        return;
    randombytes_buf(token, sizeof(token));
    sodium_bin2hex(note.token, sizeof(note.token), token, sizeof(token));
    enum err e = write_file(fresh, &note, audience);
    if (e == OK)
        e = db_write(app->db, know, &w);
    if (e == OK && rename(fresh, path) != 0)
        e = ERR_IO;
    if (e != OK)
        (void)unlink(fresh);
    if (e != OK && e != ERR_STALE && e != ERR_DENIED) /* denied: somebody who only asks */
        log_event(LOG_WARN, "snapshot_not_written", "file", path, "cause", err_name(e), NULL);
}

enum err audience_snapshot_void(struct db_tx *tx, int64_t merchant_id)
{
    return db_exec(tx, &snapshot_void, NULL, db_i(merchant_id));
}

void audience_snapshot_remove(const struct app *app, int64_t merchant_id)
{
    static const char *const endings[] = {"", ".new"};
    char path[PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (path_of(app, merchant_id, endings[i], path))
            (void)unlink(path);
}
