/* A streaming JSON writer (RFC 8259). It cannot make ill-formed nesting: check() stops a bug.
 * Text that is no UTF-8 is written with U+FFFD. Ids are strings: json_id(). No name of jansson's is
 * used (json_array, json_real, json_null): both live in one program. */
#pragma once
#include "str.h"

struct json {
    struct buf *out;
    uint8_t depth;
    bool first[32];
    char kind[32]; /* '{' or '[' of each level, 0 at the top */
    bool keyed;    /* a key waits for its value */
};
void json_init(struct json *j, struct buf *out);
void json_open(struct json *j);                 /* {  */
void json_close(struct json *j);                /* }  */
void json_list(struct json *j);                 /* [  */
void json_end(struct json *j);                  /* ]  */
void json_key(struct json *j, const char *key); /* key: ASCII, no escaping needed */
void json_text(struct json *j, struct str s);
void json_int(struct json *j, int64_t v);
void json_number(struct json *j, double v); /* shortest round-trip; non-finite = null */
void json_bool(struct json *j, bool v);
void json_nil(struct json *j);
void json_id(struct json *j, int64_t id);      /* "123" */
void json_day(struct json *j, int32_t day);    /* DAY_NONE = null */
void json_instant(struct json *j, int64_t us); /* 0 = null */
void json_raw(struct json *j, struct str s);   /* a value already written */
/* key and value at once */
void json_kv_text(struct json *j, const char *key, struct str s);
void json_kv_cstr(struct json *j, const char *key, const char *s); /* NULL = null */
void json_kv_int(struct json *j, const char *key, int64_t v);
void json_kv_bool(struct json *j, const char *key, bool v);
void json_kv_id(struct json *j, const char *key, int64_t id); /* 0 = null */
void json_kv_day(struct json *j, const char *key, int32_t day);
void json_kv_instant(struct json *j, const char *key, int64_t us);
