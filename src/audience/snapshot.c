/* One function for each structure both writes and reads it: what is plain is copied as it stands,
 * then the arrays that it points to follow, and are given new memory when they are read. */
#include "snapshot.h"
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unicode/uversion.h>
#include <unistd.h>
#include <xxhash.h>
#include "../base/check.h"
#include "internal.h"

/* Of either direction. */
struct tape {
    bool saving;
    bool failed;            /* saving: the file could not be written */
    int fd;                 /* saving */
    struct buf waiting;     /* saving: what is not written yet */
    XXH3_state_t *hash;     /* saving: of all that was put */
    const char *from, *end; /* restoring */
};

enum { WAITING_MAX = 1 << 20, CHUNK = 1 << 16 };

/* ---- the file ---- */

enum { PROGRAM_MAX = 32 };
struct head {
    char magic[16];
    uint8_t program[PROGRAM_MAX], icu[U_MAX_VERSION_LENGTH];
    uint32_t note;
};
struct snapshot {
    const char *p;
    size_t n;
};

/* The build id stands in a note of the program itself, which is the first object told. */
static int find_build_id(struct dl_phdr_info *info, size_t size, void *arg)
{
    uint8_t *ret = arg;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_NOTE)
            continue;
        const char *p = (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
        const char *end = p + info->dlpi_phdr[i].p_memsz;
        while (p + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *note = (const void *)p;
            const char *name = p + sizeof(*note), *value = name + ((note->n_namesz + 3u) & ~3u);
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                memcmp(name, "GNU", 4) == 0 && note->n_descsz <= PROGRAM_MAX)
                memcpy(ret, value, note->n_descsz);
            p = value + ((note->n_descsz + 3u) & ~3u);
        }
    }
    return 1;
}

/* False: this program cannot be told from others. */
static bool head_of(struct head *ret, size_t note)
{
    static const uint8_t none[PROGRAM_MAX];
    *ret = (struct head){.magic = "habitue rows", .note = (uint32_t)note};
    (void)dl_iterate_phdr(find_build_id, ret->program);
    u_getVersion(ret->icu);
    return memcmp(ret->program, none, PROGRAM_MAX) != 0;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        p += written;
        n -= (size_t)written;
    }
    return true;
}

static void flush(struct tape *t)
{
    t->failed = t->failed || !write_all(t->fd, t->waiting.p, t->waiting.n);
    t->waiting.n = 0;
}

static void put(struct tape *t, const void *p, size_t n)
{
    XXH3_64bits_update(t->hash, p, n);
    if (t->waiting.n + n > WAITING_MAX)
        flush(t);
    if (n > WAITING_MAX)
        t->failed = t->failed || !write_all(t->fd, p, n);
    else
        buf_add(&t->waiting, p, n);
    check(!t->waiting.failed);
}

static void bytes(struct tape *t, void *p, size_t n)
{
    if (n == 0)
        return;
    if (t->saving) {
        put(t, p, n);
        return;
    }
    check(n <= (size_t)(t->end - t->from)); /* the hash is right: this was written by put() */
    memcpy(p, t->from, n);
    t->from += n;
}
#define PLAIN(t, x) bytes((t), &(x), sizeof(x))

/* Room for `cap` things, of which n are there. */
static void *array(struct tape *t, void *p, size_t size, size_t n, size_t cap)
{
    check(n <= cap);
    if (!t->saving) {
        p = cap ? malloc(cap * size) : NULL;
        check(p || cap == 0);
    }
    bytes(t, p, n * size);
    return p;
}
#define ARRAY(t, p, n, cap) ((p) = array((t), (p), sizeof(*(p)), (n), (cap)))

/* ---- what the parts point to; they themselves are there already ---- */

static void map_arrays(struct tape *t, struct map *m)
{
    ARRAY(t, m->keys, m->cap, m->cap);
    ARRAY(t, m->values, m->cap, m->cap);
}

static void item_set_arrays(struct tape *t, struct item_set *s)
{
    ARRAY(t, s->items, s->cap, s->cap);
    ARRAY(t, s->tags, s->cap, s->cap);
}

static void posting_arrays(struct tape *t, struct posting *p)
{
    ARRAY(t, p->containers, p->n, p->cap);
    for (uint32_t i = 0; i < p->n; i++) {
        struct container *c = &p->containers[i];
        if (c->cap)
            ARRAY(t, c->list, c->count, c->cap);
        else
            ARRAY(t, c->bits, BLOCK_WORDS, BLOCK_WORDS);
    }
}

static void rowset_arrays(struct tape *t, struct rowset *r)
{
    if (r->cap == ROWSET_MANY) {
        ARRAY(t, r->many, 1, 1);
        posting_arrays(t, r->many);
    } else if (r->cap) {
        ARRAY(t, r->list, r->n, r->cap);
    }
}

static void buf_arrays(struct tape *t, struct buf *b)
{
    ARRAY(t, b->p, b->n, b->cap);
}

static void lexicon_arrays(struct tape *t, struct lexicon *l)
{
    ARRAY(t, l->text, l->n, l->cap);
    ARRAY(t, l->spare, l->nspare, l->spare_cap);
    ARRAY(t, l->places, l->nplaces, l->places_cap);
    buf_arrays(t, &l->pool);
    item_set_arrays(t, &l->by_text);
}

/* `fixed`: whose texts it ranks, and how, which is not copied. */
static void ranking_arrays(struct tape *t, struct ranking *r, const struct ranking *fixed)
{
    r->collation = fixed->collation;
    r->text = fixed->text;
    r->ctx = fixed->ctx;
    ARRAY(t, r->order, r->n, r->cap);
    ARRAY(t, r->rank, r->items, r->items);
}

static void text_array(struct tape *t, struct str *s)
{
    char *p = (char *)(uintptr_t)s->p;
    s->p = ARRAY(t, p, s->n, s->n + 1);
}

static void words(struct tape *t, struct words *w)
{
    const struct ranking fixed = w->ranking;
    PLAIN(t, *w);
    ranking_arrays(t, &w->ranking, &fixed);
    map_arrays(t, &w->by_id);
    item_set_arrays(t, &w->by_folded);
    ARRAY(t, w->word, w->n, w->cap);
    for (uint32_t i = 0; i < w->n; i++) {
        text_array(t, &w->word[i].name);
        text_array(t, &w->word[i].folded);
        posting_arrays(t, &w->word[i].rows);
    }
}

static void names(struct tape *t, struct names *n)
{
    const struct ranking fixed = n->ranking;
    PLAIN(t, *n);
    ranking_arrays(t, &n->ranking, &fixed);
    lexicon_arrays(t, &n->lexicon);
    ARRAY(t, n->use, n->lexicon.n, n->use_cap);
}

static void tokens(struct tape *t, struct tokens *k)
{
    PLAIN(t, *k);
    lexicon_arrays(t, &k->lexicon);
    ARRAY(t, k->rows, k->rows_cap, k->rows_cap); /* those without a number yet are empty */
    for (uint32_t i = 0; i < k->lexicon.n; i++)
        rowset_arrays(t, &k->rows[i]);
}

static bool is_zero(const char *p, size_t n)
{
    return *p == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* New memory of a block is zero, and much of it stays so. */
static void block(struct tape *t, struct audience *a, uint32_t i)
{
    if (!t->saving)
        block_open(a);
    struct block *b = &a->blocks[i];
    const size_t n = block_size();
    PLAIN(t, b->n);
    for (size_t at = 0; at < n; at += CHUNK) {
        char *p = (char *)b->memory + at;
        size_t some = n - at < CHUNK ? n - at : CHUNK;
        uint8_t filled = t->saving && !is_zero(p, some);
        PLAIN(t, filled);
        if (filled)
            bytes(t, p, some);
    }
    PLAIN(t, b->heap);
    ARRAY(t, b->heap.p, b->heap.n, b->heap.cap);
}

static void rows(struct tape *t, struct audience *a)
{
    uint32_t nblocks = a->nblocks;
    PLAIN(t, nblocks);
    PLAIN(t, a->nrows);
    PLAIN(t, a->ids_ascend);
    PLAIN(t, a->last_id);
    PLAIN(t, a->count);
    if (!t->saving)
        a->expected = a->nrows;
    for (uint32_t i = 0; i < nblocks; i++)
        block(t, a, i);
    PLAIN(t, a->nfree);
    PLAIN(t, a->free_cap);
    ARRAY(t, a->free_rows, a->nfree, a->free_cap);
    PLAIN(t, a->by_id);
    item_set_arrays(t, &a->by_id);
    PLAIN(t, a->by_external);
    item_set_arrays(t, &a->by_external);
    PLAIN(t, a->escapes);
    map_arrays(t, &a->escapes);
}

static void dictionaries(struct tape *t, struct audience *a)
{
    for (int d = 0; d < DICTS; d++)
        words(t, &a->words[d]);
    names(t, &a->names);
    tokens(t, &a->tokens);
    tokens(t, &a->phones);
    PLAIN(t, a->ladder);
    PLAIN(t, a->city_slots);
    PLAIN(t, a->word_slots);
    PLAIN(t, a->code_slots);
}

static void favourites(struct tape *t, struct audience *a)
{
    PLAIN(t, a->nfavourites);
    PLAIN(t, a->favourites_cap);
    ARRAY(t, a->favourites, a->nfavourites, a->favourites_cap);
    PLAIN(t, a->favoured);
    map_arrays(t, &a->favoured);
    PLAIN(t, a->nstaff);
    ARRAY(t, a->staff, a->nstaff, a->nstaff);
    for (size_t i = 0; i < a->nstaff; i++)
        posting_arrays(t, &a->staff[i].rows);
}

/* The trees of the own queries are not kept: audience_set_typologies() reads them anew, as it does
 * whenever own typologies stand in the rules. */
static void typologies(struct tape *t, struct audience *a)
{
    PLAIN(t, a->types);
    for (int i = 0; i < a->types.nown; i++) {
        struct str *texts[] = {&a->types.own[i].name, &a->types.own[i].query};
        for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
            char *p = t->saving ? (char *)(uintptr_t)texts[k]->p
                                : arena_alloc(a->types_arena, texts[k]->n + 1);
            bytes(t, p, texts[k]->n);
            texts[k]->p = p;
        }
    }
}

static void calendar(struct tape *t, struct audience *a)
{
    PLAIN(t, a->now);
    PLAIN(t, a->cuts);
    PLAIN(t, a->email_cuts);
    PLAIN(t, a->recut);
    PLAIN(t, a->per_month_today);
    PLAIN(t, a->birth_cut_today);
    PLAIN(t, a->band_born);
    PLAIN(t, a->nwatched);
    PLAIN(t, a->watched_cap);
    ARRAY(t, a->watched, a->nwatched, a->watched_cap);
    PLAIN(t, a->watched_at);
    item_set_arrays(t, &a->watched_at);
}

static void audience(struct tape *t, struct audience *a)
{
    rows(t, a);
    dictionaries(t, a);
    favourites(t, a);
    typologies(t, a);
    calendar(t, a);
}

/* ---- in and out ---- */

enum err audience_save(struct audience *a, struct str note, int fd)
{
    struct tape t = {.saving = true, .fd = fd, .hash = XXH3_createState()};
    struct head head;
    if (!head_of(&head, note.n))
        t.failed = true;
    check(t.hash);
    XXH3_64bits_reset(t.hash);
    buf_init(&t.waiting, WAITING_MAX);
    put(&t, &head, sizeof(head));
    put(&t, note.p, note.n);
    audience_write_lock(a);
    column_recut(a, COL_EMAIL); /* cuts are texts of customers, who may be gone by now */
    pthread_rwlock_unlock(&a->lock);
    pthread_rwlock_rdlock(&a->lock);
    if (!t.failed)
        audience(&t, a);
    pthread_rwlock_unlock(&a->lock);
    XXH64_canonical_t sum;
    XXH64_canonicalFromHash(&sum, XXH3_64bits_digest(t.hash));
    put(&t, &sum, sizeof(sum));
    flush(&t);
    XXH3_freeState(t.hash);
    buf_free(&t.waiting);
    return t.failed ? ERR_IO : OK;
}

static const struct head *head_in(const struct snapshot *s)
{
    return (const struct head *)(const void *)s->p;
}

static bool is_ours(const struct snapshot *s)
{
    struct head ours;
    if (s->n < sizeof(ours) + sizeof(XXH64_canonical_t) || !head_of(&ours, head_in(s)->note))
        return false;
    return memcmp(&ours, s->p, sizeof(ours)) == 0 &&
           ours.note <= s->n - sizeof(ours) - sizeof(XXH64_canonical_t);
}

enum err snapshot_open(int fd, struct snapshot **ret)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size <= 0)
        return ERR_NOT_FOUND;
    struct snapshot *s = malloc(sizeof(*s));
    check(s);
    s->n = (size_t)st.st_size;
    s->p = mmap(NULL, s->n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (s->p != MAP_FAILED && is_ours(s)) {
        *ret = s;
        return OK;
    }
    snapshot_close(&s);
    return ERR_NOT_FOUND;
}

void snapshot_close(struct snapshot **s)
{
    if (!*s)
        return;
    if ((*s)->p != MAP_FAILED)
        munmap((void *)(uintptr_t)(*s)->p, (*s)->n);
    free(*s);
    *s = NULL;
}

struct str snapshot_note(const struct snapshot *s)
{
    return (struct str){s->p + sizeof(struct head), head_in(s)->note};
}

enum err snapshot_restore(const struct snapshot *s, const char *language, struct audience **ret)
{
    const struct audience_options o = {.language = language};
    const struct str note = snapshot_note(s);
    XXH64_canonical_t sum;
    size_t n = s->n - sizeof(sum);
    (void)madvise((void *)(uintptr_t)s->p, s->n, MADV_WILLNEED);
    memcpy(&sum, s->p + n, sizeof(sum));
    if (XXH3_64bits(s->p, n) != XXH64_hashFromCanonical(&sum))
        return ERR_INVALID;
    enum err e = audience_new(&o, ret);
    if (e != OK)
        return e;
    struct tape t = {.from = note.p + note.n, .end = s->p + n};
    pthread_rwlock_wrlock(&(*ret)->lock);
    audience(&t, *ret);
    check(t.from == t.end);
    pthread_rwlock_unlock(&(*ret)->lock);
    return OK;
}
