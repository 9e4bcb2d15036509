#include "movement.h"
#include "../../base/check.h"

/* The typologies there are, as the facet names them. */
static enum err read_types(const struct as_of_use *use, const struct audience_viewer *viewer,
                           struct arena *a, struct movements *m)
{
    const struct audience_ask ask = {.viewer = *viewer, .facets = UINT64_C(1) << FIELD_TYPE};
    struct audience_answer answer;

    enum err err = audience_ask(use->then.audience, &ask, a, &answer);
    if (err != OK)
        return err;
    check(answer.nfacets == 1);
    const struct audience_facet *types = &answer.facets[0];
    if (types->n > MOVEMENT_TYPES_MAX)
        return ERR_TOO_LARGE;
    for (int i = 0; i < types->n; i++) {
        m->types[i] = types->values[i].key;
        m->names[i] = types->values[i].label;
    }
    m->ntypes = types->n;
    return OK;
}

/* The customers of one typology on one day, ascending. */
static enum err ids_of_type(const struct as_of_use *use, const struct audience_viewer *viewer,
                            struct arena *a, struct str type, struct audience_answer *ret)
{
    struct audience_ask ask = {
        .viewer = *viewer, .sort = FIELD_TEXT, .ids_only = true, .only_count = true};
    struct audience_reader reader;
    struct problem p;

    audience_reader(&use->then, viewer->staff_id, &reader);
    struct str text = str_c(arena_printf(a, "type:%.*s", (int)type.n, type.p));
    enum err err = query_parse(a, text, &reader.context, &ask.query, &p);
    return err == OK ? audience_ask(use->then.audience, &ask, a, ret) : err;
}

/* One day: a run of ascending ids for each typology, everybody in one of them. */
struct day {
    struct audience_answer runs[MOVEMENT_TYPES_MAX];
    int64_t at[MOVEMENT_TYPES_MAX];
    int nruns;
    int64_t n;
};

static enum err read_day(const struct as_of_use *use, const struct audience_viewer *viewer,
                         struct arena *a, const struct movements *m, struct day *ret)
{
    ret->nruns = m->ntypes;
    for (int i = 0; i < m->ntypes; i++) {
        enum err err = ids_of_type(use, viewer, a, m->types[i], &ret->runs[i]);
        if (err != OK)
            return err;
        ret->n += ret->runs[i].matching;
    }
    return OK;
}

/* The run that has the lowest id not yet taken; MOVEMENT_NONE: all are at their end. */
static int lowest(const struct day *d, int64_t *ret_id)
{
    int best = MOVEMENT_NONE;

    for (int i = 0; i < d->nruns; i++) {
        if (d->at[i] == d->runs[i].matching)
            continue;
        int64_t id = d->runs[i].ids[d->at[i]];
        if (best == MOVEMENT_NONE || id < *ret_id) {
            best = i;
            *ret_id = id;
        }
    }
    return best;
}

static void merge(struct day *from, struct day *to, struct movements *m)
{
    int64_t x = 0, y = 0;
    int f = lowest(from, &x), t = lowest(to, &y);

    while (f != MOVEMENT_NONE || t != MOVEMENT_NONE) {
        bool has_from = f != MOVEMENT_NONE && (t == MOVEMENT_NONE || x <= y);
        bool has_to = t != MOVEMENT_NONE && (f == MOVEMENT_NONE || y <= x);
        m->ids[m->n] = has_from ? x : y;
        m->from[m->n] = has_from ? (int8_t)f : MOVEMENT_NONE;
        m->to[m->n++] = has_to ? (int8_t)t : MOVEMENT_NONE;
        if (has_from) {
            from->at[f]++;
            f = lowest(from, &x);
        }
        if (has_to) {
            to->at[t]++;
            t = lowest(to, &y);
        }
    }
}

enum err movements_between(const struct as_of_use *from, const struct as_of_use *to,
                           const struct audience_viewer *viewer, struct arena *a,
                           struct movements *ret)
{
    struct movements *m = arena_make(a, struct movements);
    struct day *days = arena_array(a, struct day, 2);

    memset(days, 0, 2 * sizeof *days);
    enum err err = read_types(to, viewer, a, m);
    if (err == OK)
        err = read_day(from, viewer, a, m, &days[0]);
    if (err == OK)
        err = read_day(to, viewer, a, m, &days[1]);
    if (err != OK)
        return err;
    size_t most = (size_t)(days[0].n + days[1].n) + 1;
    m->ids = arena_array(a, int64_t, most);
    m->from = arena_array(a, int8_t, most);
    m->to = arena_array(a, int8_t, most);
    merge(&days[0], &days[1], m);
    *ret = *m;
    return OK;
}
