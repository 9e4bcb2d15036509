#include "demo_data.h"
#include "../../base/check.h"

/* made by tools/embed.py from data/demo/ */
extern const struct str demo_first_names, demo_surnames, demo_categories, demo_products,
    demo_places, demo_phrases, demo_segments, demo_consents;

const char *const demo_country_codes[DEMO_COUNTRIES] = {"FR", "IT", "ES", "GB", "RU"};
const char *const demo_languages[DEMO_COUNTRIES] = {"fr", "it", "es", "en", "ru"};

uint64_t demo_next(struct demo_random *r)
{
    uint64_t z = (r->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

int64_t demo_below(struct demo_random *r, int64_t n)
{
    return (int64_t)(((unsigned __int128)demo_next(r) * (uint64_t)n) >> 64);
}

int64_t demo_between(struct demo_random *r, int64_t a, int64_t b)
{
    return a + demo_below(r, b - a + 1);
}

bool demo_chance(struct demo_random *r, int percent)
{
    return demo_below(r, 100) < percent;
}

double demo_unit(struct demo_random *r)
{
    return (double)(demo_next(r) >> 11) * 0x1p-53;
}

size_t demo_pick(struct demo_random *r, const int64_t *sums, size_t n)
{
    int64_t at = demo_below(r, sums[n - 1]);
    size_t low = 0, high = n - 1;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sums[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- reading tables ---- */

enum { COLUMNS_MAX = 16 };

/* The next line of `rest`, split at tabs; 0 at the end. */
static int next_line(struct str *rest, struct str columns[static COLUMNS_MAX])
{
    int n = 0;
    size_t at = 0, from = 0;

    if (rest->n == 0)
        return 0;
    for (;; at++) {
        bool end = at == rest->n || rest->p[at] == '\n';
        if (!end && rest->p[at] != '\t')
            continue;
        check(n < COLUMNS_MAX);
        columns[n++] = (struct str){rest->p + from, at - from};
        from = at + 1;
        if (end)
            break;
    }
    size_t used = at < rest->n ? at + 1 : at;
    *rest = (struct str){rest->p + used, rest->n - used};
    return n;
}

static int64_t number(struct str s)
{
    int64_t v;
    check(str_int64(s, &v));
    return v;
}

static enum demo_country country(struct str code)
{
    int i = 0;
    while (!str_eq(code, str_c(demo_country_codes[i])))
        check(++i < DEMO_COUNTRIES);
    return (enum demo_country)i;
}

static size_t lines_in(struct str file)
{
    size_t n = 0;
    for (size_t i = 0; i < file.n; i++)
        n += file.p[i] == '\n';
    return n;
}

static void add_name(struct arena *a, struct demo_names *list, size_t room, struct str name,
                     struct str feminine, const struct str *weights, int nweights)
{
    if (!list->names) {
        list->names = arena_array(a, struct str, room);
        list->feminine = arena_array(a, struct str, room);
        for (int g = 0; g < DEMO_GENERATIONS; g++)
            list->sums[g] = arena_array(a, int64_t, room);
    }
    list->names[list->n] = name;
    list->feminine[list->n] = feminine;
    for (int g = 0; g < DEMO_GENERATIONS; g++)
        list->sums[g][list->n] = number(weights[g < nweights ? g : nweights - 1]) +
                                 (list->n ? list->sums[g][list->n - 1] : 0);
    list->n++;
}

static void read_names(struct arena *a, struct demo_data *d)
{
    struct str c[COLUMNS_MAX], rest = demo_first_names;
    size_t room = lines_in(rest);

    while (next_line(&rest, c))
        add_name(a, &d->first[country(c[0])][str_eq(c[1], STR("M"))], room, c[2], STR(""), c + 3,
                 DEMO_GENERATIONS);
    rest = demo_surnames;
    room = lines_in(rest);
    while (next_line(&rest, c))
        add_name(a, &d->last[country(c[0])], room, c[1], c[2], c + 3, 1);
}

static void read_goods(struct demo_data *d)
{
    struct str c[COLUMNS_MAX], rest = demo_categories;

    while (next_line(&rest, c)) {
        check(d->ncategories < DEMO_CATEGORIES_MAX);
        struct demo_category *category = &d->categories[d->ncategories++];
        category->name = c[0];
        category->sizes = c[1];
        for (int m = 0; m < 12; m++)
            category->months[m] = number(c[2 + m]);
    }
    rest = demo_products;
    while (next_line(&rest, c)) {
        check(d->nproducts < DEMO_PRODUCTS_MAX);
        d->products[d->nproducts++] = (struct demo_product){c[1], c[2], number(c[0]), number(c[3])};
        for (size_t i = (size_t)number(c[0]); i < d->ncategories; i++)
            d->first_product[i + 1] = d->nproducts;
    }
}

static void read_places(struct demo_data *d)
{
    struct str c[COLUMNS_MAX], rest = demo_places;

    while (next_line(&rest, c)) {
        check(d->nplaces < DEMO_PLACES_MAX);
        struct demo_place *place = &d->places[d->nplaces];
        *place = (struct demo_place){country(c[0]), c[1], c[2], c[3], .ntowns = 0};
        d->place_sums[d->nplaces] = number(c[4]) + (d->nplaces ? d->place_sums[d->nplaces - 1] : 0);
        d->nplaces++;
        for (struct str towns = c[5]; towns.n > 0;) {
            const char *comma = memchr(towns.p, ',', towns.n);
            size_t n = comma ? (size_t)(comma - towns.p) : towns.n;
            check(place->ntowns < (int64_t)ARRAY_LEN(place->towns));
            place->towns[place->ntowns++] = (struct str){towns.p, n};
            n += comma != NULL;
            towns = (struct str){towns.p + n, towns.n - n};
        }
    }
}

static void read_phrases(struct arena *a, struct demo_data *d)
{
    static const char *const kinds[DEMO_PHRASES] = {"street", "comment", "nickname",
                                                    "note",   "task",    "date"};
    struct str c[COLUMNS_MAX], rest = demo_phrases;

    while (next_line(&rest, c)) {
        int kind = 0;
        while (!str_eq(c[0], str_c(kinds[kind])))
            check(++kind < DEMO_PHRASES);
        struct demo_phrases *list = &d->phrases[kind][country(c[1])];
        if (!list->texts)
            list->texts = arena_array(a, struct str, lines_in(demo_phrases));
        list->texts[list->n++] = c[2];
    }
}

static void read_segments(struct demo_data *d)
{
    struct str c[COLUMNS_MAX], rest = demo_segments;

    while (next_line(&rest, c)) {
        check(d->nsegments < DEMO_SEGMENTS_MAX);
        d->segments[d->nsegments++] = (struct demo_segment){.role = c[0],
                                                            .shared = str_eq(c[1], STR("yes")),
                                                            .name = c[2],
                                                            .description = c[3],
                                                            .query = c[4]};
    }
}

static void read_consents(struct demo_data *d)
{
    struct str c[COLUMNS_MAX], rest = demo_consents;

    while (next_line(&rest, c)) {
        check(d->nconsents < DEMO_CONSENTS_MAX);
        d->consents[d->nconsents++] = (struct demo_consent){
            .channel = c[0], .language = c[1], .body = c[3], .version = (int)number(c[2])};
    }
}

const struct demo_data *demo_data_read(struct arena *a)
{
    struct demo_data *d = arena_make(a, struct demo_data);

    read_names(a, d);
    read_goods(d);
    read_places(d);
    read_phrases(a, d);
    read_segments(d);
    read_consents(d);
    return d;
}
