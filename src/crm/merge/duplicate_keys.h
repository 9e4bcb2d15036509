/* The keys by which likely pairs are found, and the customers who have one in common. For
 * duplicate*.c only. Threads: one; inside one transaction. */
#pragma once
#include "../int_list.h"
#include "duplicate_score.h"

enum duplicate_kind {
    KEY_PRINT,   /* of everything compared: whether anything changed at all */
    KEY_MAILBOX, /* where it differs from the address */
    KEY_NAME,
    KEY_NAME_PLACE,
    KEY_BIRTH_LAST, /* birthday and the last name's initial */
    KEY_BIRTH_FIRST,
    KEY_HOME, /* street and postcode */
    KEY_KINDS
};
struct duplicate_key {
    int64_t kind, key;
};
#define DUPLICATE_KEYS_MAX (KEY_KINDS + 2 * CUSTOMER_CONTACTS_MAX)
/* Ascending, each once. */
size_t duplicate_keys_of(const struct duplicate_person *p,
                         struct duplicate_key ret[static DUPLICATE_KEYS_MAX]);

/* Those of `ids` (ascending) who are there, by id. */
struct duplicate_people {
    struct duplicate_person *v;
    size_t n;
};
enum err must_use duplicate_people_read(struct db_tx *tx, int64_t merchant_id,
                                        const struct int_list *ids, struct arena *a,
                                        struct duplicate_people *ret);
struct duplicate_person *duplicate_person_of(const struct duplicate_people *people, int64_t id);

/* A customer that is being looked at; lists of them ascend by id. */
struct duplicate_subject {
    int64_t id;
    struct duplicate_person *person; /* NULL: deleted, merged, erased; then without keys */
    struct duplicate_key *keys;
    size_t nkeys;
    bool changed;            /* of duplicate_keys_keep(): anything differs from what was stored */
    struct int_list sharing; /* of duplicate_sharing(): everybody who shares a key that is not too
                                common, each once, without the customer */
    int64_t namesakes;       /* how many have the same name, as far as they are counted */
};
/* Keeps what is stored of the keys of all of them. */
enum err must_use duplicate_keys_keep(struct db_tx *tx, int64_t merchant_id,
                                      struct duplicate_subject *v, size_t n, struct arena *a);
/* Fills in sharing and namesakes of those that changed. */
enum err must_use duplicate_sharing(struct db_tx *tx, int64_t merchant_id,
                                    struct duplicate_subject *v, size_t n, struct arena *a);
extern const struct db_statement *const duplicate_key_statements[];
