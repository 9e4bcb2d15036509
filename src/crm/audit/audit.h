/* The audit log (H2): who, what, when, from where; written in the transaction that it tells of. */
#pragma once
#include "../app.h"
extern const struct db_statement *const audit_statements[];
extern const struct http_route audit_routes[];
struct audit_actor {
    int64_t staff_id;    /* 0 = the program */
    const char *name;    /* "Anna Rossi", "command line", "system" */
    const char *address; /* or NULL */
};
struct audit_actor audit_by_request(const struct request *r);
/* `detail`: a JSON object, {"field": {"from": …, "to": …}} for changes; NULL = {} */
enum err must_use audit_write(struct db_tx *tx, int64_t merchant_id, const struct audit_actor *by,
                              const char *action, const char *entity, int64_t entity_id,
                              const char *detail);

/* Gathers what changed for `detail`: declare it with cleanup(audit_detail_free). */
struct audit_detail {
    struct arena *arena;
    struct buf text;
    struct json json;
    int changes;
};
void audit_detail_begin(struct audit_detail *d, struct arena *a);
void audit_detail_change(struct audit_detail *d, const char *field, struct str from, struct str to);
void audit_detail_flag(struct audit_detail *d, const char *field, bool from, bool to);
/* Nothing when they are the same. */
void audit_detail_number(struct audit_detail *d, const char *field, int64_t from, int64_t to);
/* Lists and objects: `write` writes one of the two. */
void audit_detail_values(struct audit_detail *d, const char *field,
                         void (*write)(struct json *j, const void *value), const void *from,
                         const void *to);
/* A plain value: {"name": "Anna"} */
void audit_detail_value(struct audit_detail *d, const char *field, struct str value);
const char *audit_detail_end(struct audit_detail *d); /* in the arena */
void audit_detail_free(struct audit_detail *d);
