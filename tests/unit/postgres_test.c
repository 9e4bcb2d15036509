/* What only PostgreSQL has: connections that are cut, and commits whose answer is lost. Runs when
 * HABITUE_TEST_PG is set. A proxy on a socket of its own stands between and does the cutting. */
#include "test_db.h"
#include "src/base/log.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

enum cut { CUT_NOT, CUT_BEFORE_COMMIT, CUT_AFTER_COMMIT };

struct proxy {
    char folder[64], path[96], real[108];
    int listener;
    atomic_int cut;  /* how the next commit is treated; then CUT_NOT again */
    atomic_int cuts; /* so many were made */
    pthread_t thread;
};

struct pair {
    struct proxy *proxy;
    int client, server;
};

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

/* False: the connection is over. */
static bool pass_on(struct pair *pair, const struct pollfd *polled, int to)
{
    char bytes[8192];
    ssize_t n = read(polled->fd, bytes, sizeof(bytes));
    if (n <= 0)
        return false;
    bool commit = polled->fd == pair->client && memmem(bytes, (size_t)n, "COMMIT", 6);
    int cut = commit ? atomic_exchange(&pair->proxy->cut, CUT_NOT) : CUT_NOT;
    if (cut != CUT_NOT)
        atomic_fetch_add(&pair->proxy->cuts, 1);
    if (cut == CUT_BEFORE_COMMIT)
        return false;
    if (write(to, bytes, (size_t)n) != n)
        return false;
    if (cut == CUT_AFTER_COMMIT) {
        n = read(pair->server, bytes, sizeof(bytes)); /* it is done; nobody shall know */
        return false;
    }
    return true;
}

static void *serve(void *arg)
{
    struct pair *pair = arg;
    struct pollfd fds[] = {{pair->client, POLLIN, 0}, {pair->server, POLLIN, 0}};
    bool open = true;
    while (open && poll(fds, 2, -1) > 0)
        for (int i = 0; i < 2 && open; i++)
            if (fds[i].revents)
                open = pass_on(pair, &fds[i], fds[1 - i].fd);
    close(pair->client);
    close(pair->server);
    free(pair);
    return NULL;
}

static void *accept_all(void *arg)
{
    struct proxy *proxy = arg;
    for (int client; (client = accept(proxy->listener, NULL, NULL)) >= 0;) {
        struct pair *pair = malloc(sizeof(*pair));
        check(pair);
        *pair = (struct pair){proxy, client, connect_to(proxy->real)};
        pthread_t thread;
        check(pthread_create(&thread, NULL, serve, pair) == 0);
        pthread_detach(thread);
    }
    return NULL;
}

static struct proxy proxy;

static void proxy_start(const char *host)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(proxy.folder, sizeof(proxy.folder), "/tmp/habitue-proxy.XXXXXX");
    check(mkdtemp(proxy.folder));
    snprintf(proxy.path, sizeof(proxy.path), "%s/.s.PGSQL.5432", proxy.folder);
    snprintf(proxy.real, sizeof(proxy.real), "%s/.s.PGSQL.5432", host);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", proxy.path);
    proxy.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(bind(proxy.listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    check(listen(proxy.listener, 64) == 0);
    check(pthread_create(&proxy.thread, NULL, accept_all, &proxy) == 0);
}

static void proxy_stop(void)
{
    shutdown(proxy.listener, SHUT_RDWR);
    pthread_join(proxy.thread, NULL);
    close(proxy.listener);
    unlink(proxy.path);
    rmdir(proxy.folder);
}

/* --- the tests --- */

static const struct db_statement insert = {"p_insert", "INSERT INTO thing (id) VALUES ($1)", "i",
                                           ""};
static const struct db_statement highest = {"p_highest", "SELECT COALESCE(MAX(id), 0) FROM thing",
                                            "", "i"};
static const struct db_statement count = {"p_count", "SELECT COUNT(*) FROM thing", "", "i"};
static const struct db_statement suicide = {
    "p_suicide", "SELECT pg_terminate_backend(pg_backend_pid())", "", "i"};

struct call {
    int64_t id;
    int runs, afters;
    int kills; /* its own connection, in so many first runs */
};

static void after(void *arg)
{
    ((struct call *)arg)->afters++;
}

static enum err insert_one(struct db_tx *tx, void *arg)
{
    struct call *c = arg;
    int64_t unused;
    c->runs++;
    enum err err = db_exec(tx, &insert, NULL, db_i(c->id));
    if (!err && c->runs <= c->kills)
        err = db_query_int(tx, &suicide, &unused);
    db_after_commit(tx, after, c);
    return err;
}

static enum err count_all(struct db_tx *tx, void *arg)
{
    return db_query_int(tx, &count, arg);
}

static enum err read_highest(struct db_tx *tx, void *arg)
{
    return db_query_int(tx, &highest, arg);
}

static int64_t how_many(struct db *db)
{
    int64_t n = -1;
    assert_int_equal(db_read(db, count_all, &n), OK);
    return n;
}

static int open_with_table(void **state)
{
    static char sql[] = "CREATE TABLE thing (id BIGINT PRIMARY KEY)";
    static char postgres[] = "PostgreSQL";
    *state = postgres;
    if (test_db_open(state))
        return 1;
    struct test_db *t = *state;
    if (db_write(t->db, test_db_text, sql))
        return 1;
    const char *host = strstr(t->url, "host=");
    const char *end = host ? strchrnul(host, '&') : NULL;
    check(host && host[5] == '/');
    proxy_start(arena_printf(t->arena, "%.*s", (int)(end - host - 5), host + 5));
    db_close(&t->db);
    struct test_db through = *t;
    through.url =
        arena_printf(t->arena, "%.*shost=%s%s", (int)(host - t->url), t->url, proxy.folder, end);
    t->db = test_db_connect(&through);
    log_set_level(LOG_ERROR + 1);
    return 0;
}

static int close_all(void **state)
{
    log_set_level(LOG_INFO);
    int failed = test_db_close(state);
    proxy_stop();
    return failed;
}

static void a_cut_in_the_middle_is_repeated(void **state)
{
    struct test_db *t = *state;
    struct call c = {.id = 1, .kills = 2};
    assert_int_equal(db_write(t->db, insert_one, &c), OK);
    assert_int_equal(c.runs, 3);
    assert_int_equal(c.afters, 1);
    assert_int_equal(how_many(t->db), 1);
    c = (struct call){.id = 2, .kills = 1000}; /* never: it gives up, and nothing happened */
    assert_int_equal(db_write(t->db, insert_one, &c), ERR_IO);
    assert_int_equal(c.afters, 0);
    assert_int_equal(how_many(t->db), 1);
}

static void a_lost_answer_is_asked_for(void **state)
{
    struct test_db *t = *state;
    for (int i = 0; i < 10; i++) {
        bool committed = i % 2;
        int64_t before = how_many(t->db);
        struct call c = {.id = i};
        atomic_store(&proxy.cut, committed ? CUT_AFTER_COMMIT : CUT_BEFORE_COMMIT);
        assert_int_equal(db_write(t->db, insert_one, &c), OK);
        assert_int_equal(atomic_load(&proxy.cuts), i + 1);
        assert_int_equal(c.runs, committed ? 1 : 2); /* never twice what was done */
        assert_int_equal(c.afters, 1);
        assert_int_equal(how_many(t->db), before + 1);
    }
}

/* --- writes that collide --- */

enum { WRITERS = 8, EACH = 25 };

struct numbering {
    struct db *db;
    int done; /* of every five one is refused by us, after its insert, and one by the base */
    int afters, wrong;
    int cuts; /* so often its connection goes, and with it the group's */
};

static void numbered(void *arg)
{
    ((struct numbering *)arg)->afters++;
}

/* Reads what all the others write: under serializable only one at a time can be right. */
static enum err take_a_number(struct db_tx *tx, void *arg)
{
    struct numbering *n = arg;
    int64_t id, unused;
    enum err err = db_query_int(tx, &highest, &id);
    if (!err && n->done % 5 == 3)
        id--; /* is there already */
    if (!err)
        err = db_exec(tx, &insert, NULL, db_i(id + 1));
    if (!err && n->cuts > 0) {
        n->cuts--;
        err = db_query_int(tx, &suicide, &unused);
    }
    if (!err)
        db_after_commit(tx, numbered, n);
    return err ? err : n->done % 5 == 1 ? ERR_INVALID : OK;
}

static void *take_numbers(void *arg)
{
    struct numbering *n = arg;
    for (n->done = 0; n->done < EACH; n->done++) {
        enum err expected = n->done % 5 == 1 ? ERR_INVALID : n->done % 5 == 3 ? ERR_CONFLICT : OK;
        n->wrong += db_write(n->db, take_a_number, n) != expected;
    }
    return NULL;
}

static void colliding_writes_share_transactions(void **state)
{
    struct test_db *t = *state;
    struct numbering all[WRITERS] = {0};
    pthread_t threads[WRITERS];
    struct call first = {.id = 1}; /* so that there is one to collide with */
    assert_int_equal(db_write(t->db, insert_one, &first), OK);
    for (int i = 0; i < WRITERS; i++) {
        all[i] = (struct numbering){.db = t->db, .cuts = i == 2 || i == 5 ? 2 : 0};
        assert_int_equal(pthread_create(&threads[i], NULL, take_numbers, &all[i]), 0);
    }
    int expected = 0;
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(all[i].wrong, 0);
        assert_int_equal(all[i].afters, EACH - 2 * (EACH / 5));
        expected += all[i].afters;
    }
    int64_t last = 0;
    assert_int_equal(how_many(t->db), 1 + expected);
    assert_int_equal(db_read(t->db, read_highest, &last), OK);
    assert_int_equal(last, 1 + expected); /* each number once, none left out */
}

static enum err die(struct db_tx *tx, void *arg)
{
    int64_t unused;
    (void)arg;
    return db_query_int(tx, &suicide, &unused);
}

static void reading_after_a_cut(void **state)
{
    struct test_db *t = *state;
    for (int i = 0; i < 6; i++) { /* more than there are connections */
        assert_int_equal(db_read(t->db, die, NULL), ERR_IO);
        assert_int_equal(how_many(t->db), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cut_in_the_middle_is_repeated, open_with_table,
                                        close_all),
        cmocka_unit_test_setup_teardown(a_lost_answer_is_asked_for, open_with_table, close_all),
        cmocka_unit_test_setup_teardown(colliding_writes_share_transactions, open_with_table,
                                        close_all),
        cmocka_unit_test_setup_teardown(reading_after_a_cut, open_with_table, close_all),
    };
    const char *url = getenv("HABITUE_TEST_PG");
    if (!url ||
        !strstr(url, "host=/")) { /* the proxy knows sockets only, as with-postgres gives them */
        puts("1..0 # SKIP no PostgreSQL on a socket");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
