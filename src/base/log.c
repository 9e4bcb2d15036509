#include "log.h"
#include "day.h"
#include "json.h"
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 64 << 10 };
static atomic_int lowest = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&lowest, level);
}

void log_event(enum log_level level, const char *event, ...)
{
    if ((int)level < atomic_load(&lowest))
        return;
    static const char *const names[] = {"debug", "info", "warn", "error"};
    struct buf line;
    buf_init(&line, LINE_MAX_BYTES);
    struct json j;
    json_init(&j, &line);
    json_open(&j);
    json_kv_instant(&j, "at", now_us());
    json_kv_cstr(&j, "level", names[level]);
    json_kv_cstr(&j, "event", event);
    va_list pairs;
    va_start(pairs, event);
    for (const char *key; (key = va_arg(pairs, const char *));)
        json_kv_cstr(&j, key, va_arg(pairs, const char *));
    va_end(pairs);
    json_close(&j);
    buf_addc(&line, '\n');
    if (line.failed) { /* longer than a line may be: its name at least */
        buf_free(&line);
        buf_printf(&line, "{\"level\":\"%s\",\"event\":\"%s\",\"cut\":true}\n", names[level],
                   event);
    }
    /* One write, so that lines of several threads do not mix. Nobody is left to tell if it fails.
     */
    for (size_t done = 0; done < line.n;) {
        ssize_t n = write(STDERR_FILENO, line.p + done, line.n - done);
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0)
            done += (size_t)n;
    }
    buf_free(&line);
}
