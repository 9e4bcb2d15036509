/* For certificate*_http.c. */
#pragma once
#include "certificate.h"
/* Who acts, on which day, where: `store_id` if it is theirs to name, else the only one they work
 * in. ERR_INVALID certificate_store. Not inside a transaction. */
enum err must_use certificate_actor_of(struct request *r, int64_t store_id,
                                       struct certificate_actor *ret);
