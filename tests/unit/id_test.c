#include "test.h"
#include "src/base/day.h"
#include "src/base/id.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, EACH = 100000 };

static void *make(void *arg)
{
    int64_t *ids = arg;
    for (int i = 0; i < EACH; i++)
        ids[i] = id_new();
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void unique_and_growing(void **state)
{
    (void)state;
    static int64_t ids[THREADS * EACH];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++)
        pthread_create(&threads[t], NULL, make, ids + t * EACH);
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int t = 0; t < THREADS; t++)
        for (int i = 1; i < EACH; i++)
            assert_true(ids[t * EACH + i] > ids[t * EACH + i - 1]);
    qsort(ids, ARRAY_LEN(ids), sizeof(int64_t), ascending);
    for (int i = 1; i < THREADS * EACH; i++)
        assert_true(ids[i] > ids[i - 1]);
}

static void grow_with_time(void **state)
{
    (void)state;
    int64_t before = (now_us() - 1577836800000000) / 1000;
    int64_t id = id_new();
    assert_true(id > 0);
    /* the test before may have counted ahead of the clock by some milliseconds at most */
    assert_true((id >> 22) >= before && (id >> 22) < before + 1000);
}

static void a_fork_starts_elsewhere(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        int64_t id = id_new();
        _exit(write(ends[1], &id, sizeof(id)) != sizeof(id));
    }
    int64_t mine = id_new(), theirs;
    assert_int_equal(read(ends[0], &theirs, sizeof(theirs)), sizeof(theirs));
    waitpid(child, NULL, 0);
    assert_true((mine & 0x3FFFFF) != (theirs & 0x3FFFFF));
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unique_and_growing),
        cmocka_unit_test(grow_with_time),
        cmocka_unit_test(a_fork_starts_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
