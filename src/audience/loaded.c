/* What is done once for all when the rows are put: ranks, codes, what follows from the calendar.
 * The parts know nothing of each other, so that every processor takes the next one. */
#include <stdatomic.h>
#include <sched.h>
#include "../base/check.h"
#include "internal.h"

enum { THREADS_MAX = 8 };

struct finishing {
    struct audience *a;
    atomic_int next;
};

static void finish_names(struct audience *a)
{
    names_loaded(&a->names);
    column_cut(a, COL_NAME);
}

static void finish_words(struct audience *a)
{
    for (int d = 0; d < DICTS; d++)
        words_loaded(&a->words[d]);
    column_cut(a, COL_CITY);
    column_cut(a, COL_STORE);
    column_cut(a, COL_SOURCE);
}

static void finish_calendar(struct audience *a)
{
    column_cut(a, COL_BIRTH);
    calendar_move(a, a->now.today);
}

static void *finish(void *arg)
{
    static void (*const parts[])(struct audience *) = {
        finish_names, rows_settle_ids, rows_settle_externals, finish_calendar, finish_words};
    static const uint8_t columns[] = {COL_EMAIL,
                                      COL_PHONE,
                                      COL_SPENT,
                                      COL_AVERAGE,
                                      COL_LAST_VISIT,
                                      COL_LAST_PURCHASE,
                                      COL_INTERVAL,
                                      COL_REGISTERED,
                                      COL_VISITS,
                                      COL_OPERATIONS,
                                      COL_BIRTHDAY,
                                      COL_ID,
                                      COL_NUMBER,
                                      COL_POINTS,
                                      COL_TALLY + TALLY_SHARES,
                                      COL_TALLY + TALLY_COMMENTS,
                                      COL_TALLY + TALLY_PUSHES,
                                      COL_TALLY + TALLY_STAMPS,
                                      COL_TALLY + TALLY_REFERRALS};
    const int nparts = (int)ARRAY_LEN(parts), n = nparts + (int)ARRAY_LEN(columns);
    _Static_assert(ARRAY_LEN(columns) + 6 == COLUMNS,
                   "each column once; visits per month are cut when asked for");
    struct finishing *f = arg;
    for (int i; (i = atomic_fetch_add(&f->next, 1)) < n;) {
        if (i < nparts)
            parts[i](f->a);
        else
            column_cut(f->a, (enum column)columns[i - nparts]);
    }
    return NULL;
}

/* Those that this process may use. */
static int processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

void rows_loaded(struct audience *a)
{
    pthread_t threads[THREADS_MAX];
    struct finishing f = {a, 0};
    int started = 0, most = processors();
    a->per_month_today = DAY_NONE; /* its codes are cut when asked for: nobody has one */
    memset(a->cuts[COL_PER_MONTH].count, 0, sizeof(a->cuts[COL_PER_MONTH].count));
    a->cuts[COL_PER_MONTH].count[0] = a->nrows;
    a->own_wait = true;
    for (uint32_t i = 0; i < a->nblocks; i++)
        heap_fit(&a->blocks[i].heap);
    while (a->nblocks > 1 && started + 1 < most && started < THREADS_MAX &&
           pthread_create(&threads[started], NULL, finish, &f) == 0)
        started++;
    finish(&f);
    while (started > 0)
        check(pthread_join(threads[--started], NULL) == 0);
    a->bulk.unlisted = a->nrows;
    a->recut = 0;
    a->own_wait = false;
    if (a->types.nown)
        calendar_new_words(a);
}
