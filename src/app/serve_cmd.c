/* habitue serve: the server until SIGTERM or SIGINT. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../base/log.h"
#include "../crm/birthday/greeting.h"
#include "../crm/bulk/bulk.h"
#include "../crm/backup/backup.h"
#include "../crm/idempotency/idempotency.h"
#include "../crm/import/import.h"
#include "../crm/job/daily.h"
#include "../crm/merge/duplicate.h"
#include "../crm/merge/merge_run.h"
#include "../crm/points/points.h"
#include "../crm/privacy/privacy.h"
#include "../crm/referral/referral.h"
#include "../crm/segment/segment.h"
#include "../crm/staff/staff.h"
#include "../crm/watch/watch.h"
#include "../crm/tier/tier.h"
#include "../work/work.h"
#include "cli.h"
#include "embedded.h"
#include "first_start.h"
#include "http_document.h"

#define BACKUPS_KEPT 14
#define PEM_MAX (1024 * 1024)

struct serve_options {
    const char *listen, *tls_cert, *tls_key, *public_url, *log;
    const char *backup_dir;
    const char *name, *currency, *time_zone, *country, *language;
    bool behind_proxy;
    int64_t workers, backup_keep;
};

static const struct job_kind job_kinds[] = {
    {IMPORT_JOB, import_job},           {SEGMENT_JOB, segment_job},    {TIER_JOB, tier_job},
    {REFERRAL_JOB, referral_job},       {BULK_JOB, bulk_job},          {BIRTHDAY_JOB, birthday_job},
    {IDEMPOTENCY_JOB, idempotency_job}, {POINTS_JOB, points_job},      {ERASURE_JOB, erasure_job},
    {DUPLICATE_JOB, duplicate_job},     {MERGE_RUN_JOB, merge_run_job}};

/* What the clock brings. */
static void look(void *app)
{
    daily_look(app);
    duplicate_look(app);
    watch_look(app);
}

static int read_serve_options(struct cli *c, int argc, char **argv, struct serve_options *s)
{
    const struct cli_option options[] = {
        {"listen", CLI_TEXT, &s->listen, 0, 0},
        {"tls-cert", CLI_TEXT, &s->tls_cert, 0, 0},
        {"tls-key", CLI_TEXT, &s->tls_key, 0, 0},
        {"public-url", CLI_TEXT, &s->public_url, 0, 0},
        {"behind-proxy", CLI_FLAG, &s->behind_proxy, 0, 0},
        {"log", CLI_TEXT, &s->log, 0, 0},
        {"workers", CLI_INT, &s->workers, 1, 16},
        {"backup-dir", CLI_TEXT, &s->backup_dir, 0, 0},
        {"backup-keep", CLI_INT, &s->backup_keep, 1, 3650},
        {"name", CLI_TEXT, &s->name, 0, 0},
        {"currency", CLI_TEXT, &s->currency, 0, 0},
        {"time-zone", CLI_TEXT, &s->time_zone, 0, 0},
        {"country", CLI_TEXT, &s->country, 0, 0},
        {"language", CLI_TEXT, &s->language, 0, 0},
        {0},
    };
    return cli_options(c, argc, argv, options, 0, 0);
}

static int set_log_level(struct cli *c, const char *level)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    for (int i = 0; i < (int)ARRAY_LEN(names); i++) {
        if (strcmp(level, names[i]) == 0) {
            log_set_level((enum log_level)i);
            return CLI_OK;
        }
    }
    return cli_wrong_usage(c, "cli.bad_value", "log");
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080" */
static int split_listen(struct cli *c, const char *listen, struct http_options *o)
{
    const char *colon = strrchr(listen, ':');
    int64_t port;
    if (!colon || !str_int64(str_c(colon + 1), &port) || port < 0 || port > 65535)
        return cli_wrong_usage(c, "cli.bad_value", "listen");
    struct str host = {listen, (size_t)(colon - listen)};
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = (struct str){host.p + 1, host.n - 2};
    o->address = host.n > 0 ? arena_cstr(c->arena, host) : "0.0.0.0";
    o->port = (int)port;
    return CLI_OK;
}

static int read_tls(struct cli *c, const struct serve_options *s, struct http_options *o)
{
    if (!s->tls_cert != !s->tls_key)
        return cli_wrong_usage(c, "cli.tls_both", "");
    if (!s->tls_cert)
        return CLI_OK;
    o->tls_cert = cli_read_file(c, s->tls_cert, PEM_MAX);
    o->tls_key = cli_read_file(c, s->tls_key, PEM_MAX);
    if (!o->tls_cert || !o->tls_key)
        return cli_wrong_usage(c, "cli.cannot_read", o->tls_cert ? s->tls_key : s->tls_cert);
    return CLI_OK;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct merchant *m = arg;
    enum err e = merchant_get(tx, 0, db_arena(tx), m);
    return e == ERR_NOT_FOUND ? OK : e;
}

/* The database answers. */
static bool is_ready(void *app)
{
    struct merchant m;
    return db_read(((struct app *)app)->db, read_one, &m) == OK;
}

static void lane_metrics(struct buf *out, const char *lane, const struct db_lane *l)
{
    buf_printf(out,
               "habitue_db_connections{lane=\"%s\"} %d\n"
               "habitue_db_connections_in_use{lane=\"%s\"} %d\n"
               "habitue_db_waiting{lane=\"%s\"} %d\n",
               lane, l->connections, lane, l->in_use, lane, l->waiting);
}

/* Are reads and writes kept waiting for the database? */
static void write_metrics(void *app, struct buf *out)
{
    struct db_load load = db_load(((struct app *)app)->db);
    buf_adds(out, "# TYPE habitue_db_connections gauge\n"
                  "# TYPE habitue_db_connections_in_use gauge\n"
                  "# HELP habitue_db_waiting Transactions that wait for a connection.\n"
                  "# TYPE habitue_db_waiting gauge\n");
    lane_metrics(out, "read", &load.reads);
    lane_metrics(out, "write", &load.writes);
}

static const char *origin_of(struct cli *c, const struct serve_options *s,
                             const struct http_options *o, int port)
{
    if (s->public_url)
        return s->public_url;
    bool any = strcmp(o->address, "0.0.0.0") == 0 || strcmp(o->address, "::") == 0;
    const char *host = any ? "localhost" : o->address;
    bool six = strchr(host, ':') != NULL;
    return arena_printf(c->arena, "%s://%s%s%s:%d", o->tls_cert ? "https" : "http", six ? "[" : "",
                        host, six ? "]" : "", port);
}

static int invite_first(struct cli *c, const struct serve_options *s, const char *origin)
{
    struct merchant m = {0};
    const char *link;
    cli_place(c, &m);
    m.name = s->name ? s->name : cli_text(c, "cli.my_shop", NULL);
    m.currency = s->currency ? s->currency : m.currency;
    m.time_zone = s->time_zone ? s->time_zone : m.time_zone;
    m.country = s->country ? s->country : m.country;
    m.language = s->language ? s->language : m.language;
    int status = first_start(c, &m, origin, &link);
    if (status == CLI_OK && link) {
        printf("%s\n", cli_text(c, "cli.welcome", "link", link, NULL));
        fflush(stdout);
    }
    return status;
}

static void wait_for_signal(const sigset_t *signals)
{
    int which;
    while (sigwait(signals, &which) != 0)
        ;
    log_event(LOG_INFO, "stopping", "signal", which == SIGTERM ? "SIGTERM" : "SIGINT", NULL);
}

static int serve(struct cli *c, const struct serve_options *s, struct http_options *o,
                 const sigset_t *signals)
{
    struct problem p = {.from = -1};
    struct http *http = NULL;
    struct backup_schedule *backups = NULL;
    c->app.public_url = s->public_url;
    c->app.backup_dir = s->backup_dir;
    c->app.backup_keep = s->backup_dir ? (int)s->backup_keep : 0;
    c->app.secure_cookies = o->tls_cert || s->behind_proxy;
    o->tables = http_document_tables();
    o->authenticate = session_authenticate;
    o->allowed = rights_allowed;
    o->assets = web_assets;
    o->ready = is_ready;
    o->metrics = write_metrics;
    o->trust_proxy = s->behind_proxy;
    o->app = &c->app;
    enum err e = work_start(c->app.db, job_kinds, ARRAY_LEN(job_kinds),
                            s->workers ? (int)s->workers : 2, &c->app, &c->app.work);
    if (e == OK)
        work_tick(c->app.work, DAILY_LOOK_MS, look);
    if (e == OK && s->backup_dir)
        e = backup_schedule_start(&c->app, s->backup_dir, (int)s->backup_keep, &backups);
    if (e == OK)
        e = http_start(o, &http, &p);
    int status = e == OK ? CLI_OK : cli_fail(c, e, &p);
    if (status == CLI_OK) {
        const char *origin = origin_of(c, s, o, http_port(http));
        status = invite_first(c, s, origin);
        log_event(LOG_INFO, "serving", "url", origin, "version", HABITUE_VERSION, NULL);
    }
    if (status == CLI_OK)
        wait_for_signal(signals);
    http_stop(&http);
    backup_schedule_stop(&backups);
    work_stop(&c->app.work);
    return status;
}

int cmd_serve(struct cli *c, int argc, char **argv)
{
    struct serve_options s = {
        .listen = "127.0.0.1:8080", .log = "info", .backup_keep = BACKUPS_KEPT};
    struct http_options o = {0};
    sigset_t signals;
    int status = read_serve_options(c, argc, argv, &s);
    if (status != CLI_OK || c->asks_help)
        return status;
    if ((status = set_log_level(c, s.log)) != CLI_OK ||
        (status = split_listen(c, s.listen, &o)) != CLI_OK ||
        (status = read_tls(c, &s, &o)) != CLI_OK)
        return status;
    if (s.backup_dir && access(s.backup_dir, W_OK | X_OK) != 0)
        return cli_wrong_usage(c, "cli.cannot_write", s.backup_dir);
    /* before any thread starts, so that only sigwait() below gets them */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    status = cli_open(c, true);
    if (status == CLI_OK)
        status = serve(c, &s, &o, &signals);
    cli_close(c);
    return status;
}
