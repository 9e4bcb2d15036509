/* The audience said as plainly as possible: an array of rows, every question answered by looking at
 * each. It is what the engine's answers are compared with. Functions as in audience.h. */
#pragma once
#include "../../src/audience/audience.h"

struct naive;
enum err must_use naive_new(const struct audience_options *o, struct naive **ret);
void naive_free(struct naive **a);
enum err must_use naive_put(struct naive *a, const struct audience_row *row);
void naive_remove(struct naive *a, int64_t customer_id);
void naive_set_word(struct naive *a, enum word_kind kind, int64_t id, struct str name);
void naive_set_ladder(struct naive *a, const int64_t *ids, size_t n);
void naive_set_favourite(struct naive *a, int64_t staff_id, int64_t customer_id, bool on);
void naive_set_today(struct naive *a, int32_t today);
void naive_set_typologies(struct naive *a, const struct typology_set *s,
                          const struct query_segments *segments);
enum err must_use naive_ask(struct naive *a, const struct audience_ask *ask, struct arena *arena,
                            struct audience_answer *ret);
enum err must_use naive_get(struct naive *a, const struct audience_viewer *viewer, int64_t id,
                            struct arena *arena, struct audience_hit *ret);
const struct query_words *naive_words(struct naive *a);
