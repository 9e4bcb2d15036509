/* What two customers become together, and what is left when one of several is taken out again:
 * rules over values, without the base. For merge*.c only. */
#pragma once
#include "merge_profile.h"

/* The latest act of each channel that grants or refuses, and that suppresses or releases. */
struct merge_act {
    int64_t id, at_us; /* id 0: none */
    int state;         /* CONSENT_ACT_* */
    bool imported;
};
struct merge_acts {
    struct merge_act consent[CHANNELS], suppression[CHANNELS];
};
struct merge_plan {
    struct merge_profile after;
    enum merge_choice taken[MERGE_FIELDS]; /* whose value it is: never MERGE_BY_RULE */
    /* The acts of both, read as one ledger, would say something else: the merge adds one. */
    bool refuses[CHANNELS], suppresses[CHANNELS];
};
/* ERR_CONFLICT merge_lists_long. */
enum err must_use merge_plan_make(const struct merge_profile *survivor,
                                  const struct merge_profile *loser,
                                  const struct merge_acts acts[2],
                                  const enum merge_choice choices[static MERGE_FIELDS],
                                  struct arena *a, struct merge_plan *ret, struct problem *p);

/* A merge into the same survivor that is still in force. */
struct merge_in_force {
    int64_t id, loser_id;
    struct merge_profile before, after, loser;
};
/* Takes the merge `gone` out of what came after it: out of the memory of later ones, and of the
 * survivor as it is now. A value that was changed since stays. A phone or e-mail that one of
 * `others` (by age) brings too is that one's from now on. `left`: the acts that stay the
 * survivor's. */
void merge_plan_undo(const struct merge_in_force *gone, struct merge_in_force *others, size_t n,
                     const struct merge_acts *left, struct merge_profile *survivor);
