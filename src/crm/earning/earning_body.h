/* Rules as they come in a request's body. */
#pragma once
#include "earning.h"

/* `rules`: the JSON list; `today` is the first day of rules that tell none. ERR_INVALID with the
 * field at fault ("rules.2.points"). */
enum err must_use earning_read_rules(struct request *r, const json_t *rules, int32_t today,
                                     struct earning_plan *ret);
void earning_rule_json(struct json *j, const struct earning_rule *rule);
