/* A ledger of points that anybody can check by reading: plain arrays, everything scanned. It makes
 * up the next step of a random life from a seed and says what must come of it; points_model_test.c
 * does the same step with the real ledger. Threads: one a model. */
#pragma once
#include "src/crm/points/points.h"

enum { MODEL_CUSTOMERS = 3, MODEL_STEPS_MAX = 20000, MODEL_MERGES_MAX = 2 };

enum model_act {
    MODEL_POST,
    MODEL_REVERSE,
    MODEL_RETURN,
    MODEL_MERGE,
    MODEL_UNMERGE,
    MODEL_SETTLE
};
struct model_step {
    enum model_act act;
    int customer, other; /* other: the loser of a merge */
    int64_t amount;      /* of a post; of a return: of the purchase's 1000 */
    enum points_kind kind;
    int cited; /* the step that is reversed, or whose purchase came back */
    int32_t today, usable_day, expires_day;
};
/* What must come of it: a problem code, or NULL and how many points came (more than 0) or went. */
struct model_result {
    const char *code;
    int64_t amount;
};

struct model_lot {
    int account, step;
    int64_t amount, remaining, expired, taken_back, returned;
    int32_t expires_day, usable_day;
};
struct model_draw {
    int lot;
    int64_t amount;
};
struct model_posting {
    bool made, reversed;
    enum points_kind kind;
    int lot; /* -1: it went */
    int first_account;
    struct model_draw *draws;
    int ndraws;
};
struct model {
    struct arena *arena;
    uint64_t random;
    int32_t today;
    int owner[MODEL_CUSTOMERS]; /* of each account: who has it now */
    bool living[MODEL_CUSTOMERS];
    struct {
        int survivor, loser;
        bool moved[MODEL_CUSTOMERS];
    } merges[MODEL_MERGES_MAX]; /* in force, the latest last */
    int nmerges;
    struct model_lot *lots;
    int nlots;
    struct model_posting *postings; /* by step */
    int step;
};
void model_begin(struct model *m, struct arena *a, uint64_t seed);
struct model_step model_next(struct model *m);
/* Does the step; each once, in the order in which they were made. */
struct model_result model_apply(struct model *m, const struct model_step *s);
void model_balance(struct model *m, int customer, int64_t *ret_total, int64_t *ret_usable);
