#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "../../base/check.h"
#include "../../base/day.h"
#include "../../base/log.h"
#include "backup.h"

#define LOOK_S 30
#define NAME_BEGIN "habitue-"
#define FILES_MAX 10000

struct backup_schedule {
    const struct app *app;
    const char *folder;
    int keep;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    _Atomic bool stopping;
};

/* ---- one day ---- */

/* habitue-2026-03-14.backup and nothing else */
static bool is_ours(const char *name)
{
    static const size_t begin = sizeof NAME_BEGIN - 1, day = 10;
    int32_t parsed;
    return strncmp(name, NAME_BEGIN, begin) == 0 && strlen(name) > begin + day &&
           strcmp(name + begin + day, BACKUP_ENDING) == 0 &&
           day_parse((struct str){name + begin, day}, &parsed);
}

static int newest_first(const void *x, const void *y)
{
    return strcmp(*(const char *const *)y, *(const char *const *)x);
}

static void remove_older(const char *folder, int keep, struct arena *a)
{
    const char **names = arena_array(a, const char *, FILES_MAX);
    size_t n = 0;
    DIR *d = opendir(folder);
    if (!d)
        return;
    for (struct dirent *one; n < FILES_MAX && (one = readdir(d));) {
        if (is_ours(one->d_name))
            names[n++] = arena_cstr(a, str_c(one->d_name));
    }
    closedir(d);
    qsort(names, n, sizeof *names, newest_first);
    for (size_t i = (size_t)keep; i < n; i++) {
        if (unlink(arena_printf(a, "%s/%s", folder, names[i])) != 0)
            log_event(LOG_WARN, "backup_not_removed", "file", names[i], NULL);
    }
}

enum err backup_of_day(const struct app *app, const char *folder, int keep, const char *day,
                       const struct backup_watch *watch)
{
    struct arena *a cleanup(arena_free) = arena_new();
    struct backup_report report;
    struct problem p = {.from = -1};
    const char *path = arena_printf(a, "%s/" NAME_BEGIN "%s" BACKUP_ENDING, folder, day);
    enum err e = backup_make(app, path, day, watch, a, &report, &p);
    if (e == ERR_CONFLICT && !p.code)
        return OK; /* there is one */
    if (e == OK) {
        remove_older(folder, keep, a);
        log_event(LOG_INFO, "backup", "file", path, NULL);
    } else if (e != ERR_CANCELED) {
        log_event(LOG_ERROR, "backup_failed", "file", path, "code", p.code ? p.code : err_name(e),
                  NULL);
    }
    return e;
}

/* ---- the thread ---- */

static bool goes_on(void *arg, const char *table, int64_t rows)
{
    (void)table;
    (void)rows;
    return !((struct backup_schedule *)arg)->stopping;
}

static void look(struct backup_schedule *s)
{
    const struct backup_watch watch = {goes_on, s};
    char day[16];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    /* what went wrong was said, and is tried again */
    (void)!backup_of_day(s->app, s->folder, s->keep, day, &watch);
}

static void *run(void *arg)
{
    struct backup_schedule *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping) {
        pthread_mutex_unlock(&s->lock);
        look(s);
        pthread_mutex_lock(&s->lock);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += LOOK_S;
        while (!s->stopping && pthread_cond_timedwait(&s->woken, &s->lock, &until) != ETIMEDOUT)
            ;
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

enum err backup_schedule_start(const struct app *app, const char *folder, int keep,
                               struct backup_schedule **ret)
{
    struct backup_schedule *s = calloc(1, sizeof *s);
    check(s != NULL);
    s->app = app;
    s->folder = folder;
    s->keep = keep;
    check(pthread_mutex_init(&s->lock, NULL) == 0 && pthread_cond_init(&s->woken, NULL) == 0);
    if (pthread_create(&s->thread, NULL, run, s) != 0) {
        free(s);
        return ERR_INTERNAL;
    }
    *ret = s;
    return OK;
}

void backup_schedule_stop(struct backup_schedule **ss)
{
    struct backup_schedule *s = *ss;
    if (!s)
        return;
    *ss = NULL;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->woken);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->woken);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
