#include "test.h"
#include "src/base/log.h"
#include <jansson.h>
#include <unistd.h>

/* What one event writes to standard error. */
static struct str captured(struct arena *a, enum log_level level, const char *event,
                           const char *value)
{
    int ends[2], before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_event(level, event, "key", value, "none", NULL, NULL);
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    char *p = arena_alloc(a, 65536);
    ssize_t n = read(ends[0], p, 65536);
    close(ends[0]);
    return (struct str){p, n > 0 ? (size_t)n : 0};
}

static void one_object_a_line(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct str line = captured(a, LOG_WARN, "slow_write", "a \"b\"\n");
    assert_int_equal(line.p[line.n - 1], '\n');
    assert_ptr_equal(memchr(line.p, '\n', line.n), line.p + line.n - 1);
    json_t *o = json_loadb(line.p, line.n, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(o, "level")), "warn");
    assert_string_equal(json_string_value(json_object_get(o, "event")), "slow_write");
    assert_string_equal(json_string_value(json_object_get(o, "key")), "a \"b\"\n");
    assert_true(json_is_null(json_object_get(o, "none")));
    json_decref(o);
    arena_free(&a);
}

static void levels(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_int_equal(captured(a, LOG_DEBUG, "x", "y").n, 0);
    log_set_level(LOG_DEBUG);
    assert_true(captured(a, LOG_DEBUG, "x", "y").n > 0);
    log_set_level(LOG_ERROR);
    assert_int_equal(captured(a, LOG_WARN, "x", "y").n, 0);
    log_set_level(LOG_INFO);
    arena_free(&a);
}

static void too_long_keeps_its_name(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    char *value = arena_alloc(a, 100001);
    memset(value, 'x', 100000);
    struct str line = captured(a, LOG_ERROR, "big", value);
    assert_str(line, "{\"level\":\"error\",\"event\":\"big\",\"cut\":true}\n");
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_a_line),
        cmocka_unit_test(levels),
        cmocka_unit_test(too_long_keeps_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
