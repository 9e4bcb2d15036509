/* The demo's consent texts, and the channels on which nothing arrives any more. */
#pragma once
#include "demo_person.h"

/* Finds the chain's texts, and makes what is missing. */
enum err must_use demo_consent_texts(struct db_tx *tx, const struct demo_data *d,
                                     struct demo_chain *chain);
/* Some of these customers answered STOP, or their mailbox is no more. */
enum err must_use demo_consent_suppress(struct db_tx *tx, const struct demo_chain *chain,
                                        int64_t from, const struct customer_change *people,
                                        size_t n);
