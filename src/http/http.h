/* HTTP by libmicrohttpd: routes, bodies, answers, problem documents (RFC 9457), static files, event
 * streams. Knows no feature: routes come as tables, who is asking comes from a callback.
 *
 * Threads: a few epoll threads read and write sockets and answer by themselves what cannot wait
 * (files, health, metrics, refusals). Everything else goes through a bounded queue to a pool of
 * worker threads (libmicrohttpd's suspend and resume), where handlers may wait for db_write()
 * without holding up anybody's socket: a thread a connection would tie memory to idle tills,
 * handlers on the epoll threads would let one commit stall hundreds of readers. Streams get a
 * thread each, of a bounded number. A full queue answers 503 at once. */
#pragma once
#include <jansson.h>
#include "../base/json.h"
#include "../base/message.h"

enum permission {
    PERM_PUBLIC,         /* anybody */
    PERM_SIGNED_IN,      /* any staff */
    PERM_CUSTOMERS_READ, /* list and cards; associates: of their stores */
    PERM_CUSTOMERS_WRITE,
    PERM_IMPORT,
    PERM_EXPORT,
    PERM_STAFF_READ,
    PERM_STAFF_MANAGE,
    PERM_STORES_MANAGE,
    PERM_SETTINGS,
    PERM_AUDIT_READ,
    PERM_PRIVACY,        /* the file of a customer, erasure */
    PERM_SEGMENTS_SHARE, /* shared segments: make, change, delete */
    PERM_CUSTOMERS_DELETE,
    PERM_CUSTOMERS_MERGE, /* likely pairs, merging, taking back; managers: of their stores */
    PERM_POINTS,          /* credits and takes points, of customers whom they see */
    PERM_LOYALTY,         /* what points, tiers, certificates and stamps come to; voiding */
    PERMISSIONS
};
enum role { ROLE_NONE, ROLE_ASSOCIATE, ROLE_MANAGER, ROLE_OWNER };

/* Who is asking. Filled by the `authenticate` callback (src/crm/staff). */
struct caller {
    int64_t merchant_id, staff_id;
    enum role role;
    const char *name, *language;
    const int64_t *stores; /* the stores they work in */
    size_t nstores;
    bool sees_chain;      /* may see customers of every store */
    int64_t confirmed_us; /* when they last gave their password */
    const char *barred;   /* a problem code: they must do something first; NULL = free */
    struct str session_hash;
    const char *csrf;
};

/* A body or query field; http fills the handler's struct at `offset` and answers 422 by itself. */
enum spec_type {
    SPEC_TEXT,
    SPEC_INT,
    SPEC_BOOL,
    SPEC_ID,
    SPEC_DAY,
    SPEC_CHOICE,
    SPEC_IDS,
    SPEC_JSON
};
struct spec {
    const char *name;
    enum spec_type type;
    size_t offset; /* struct str, int64_t, bool, int64_t, int32_t, int, struct spec_ids, json_t* */
    bool required;
    int64_t min, max;           /* INT: value; TEXT: characters; IDS: count */
    const char *const *choices; /* CHOICE, NULL-terminated; index stored, -1 = absent */
    size_t present_offset;      /* of a bool "was given" + 1, or 0: for PATCH */
    const char *doc;
};
struct spec_ids {
    int64_t *ids;
    size_t n;
};

struct request;
typedef enum err (*http_handler)(struct request *r);
struct http_route {
    const char *method;  /* GET POST PATCH PUT DELETE */
    const char *pattern; /* /api/v1/customers/{id} : {id} is a 64-bit id, else 404 */
    enum permission permission;
    http_handler handler;
    const struct spec *query; /* ends with {0}; unknown parameters are refused */
    const struct spec *body;
    size_t args_size;      /* of the struct both fill */
    size_t body_max;       /* 0 = 64 KiB */
    bool confirm_password; /* asks for the password if it was not given in the last 5 minutes */
    bool raw_body;         /* the body is read by the handler, request_read(), as it comes */
    bool while_barred;     /* open also to who must do something first */
    bool needs_version;    /* If-Match must be there: 428 without */
    bool idempotent; /* Idempotency-Key must be there: 400 without; crm/idempotency/idempotency.h */
    const char *summary; /* for OpenAPI */
    const char *answer;  /* name of the component schema, or a media type; NULL = 204 */
    int status;          /* when all is well; 0 = 200 */
};

struct request {
    struct arena *arena;
    struct problem problem; /* filled before returning anything but OK */
    struct caller caller;
    const char *language; /* of the answer's texts */
    const char *address;  /* the peer */
    void *args;           /* the filled struct */
    int64_t ids[4];       /* the {id}s of the pattern, in order */
    struct json json;     /* the answer is written here */
    struct buf out;
    int status;               /* may be changed by the handler */
    const char *content_type; /* NULL = application/json */
    const char *etag;         /* set by the handler: version text without quotes */
    int64_t if_match;         /* version from If-Match, -1 = none */
    const char *idempotency;  /* the Idempotency-Key, on idempotent routes */
    uint8_t fingerprint[32];  /* … and who asked what: the same for the same request alone */
    const char *disposition;  /* file name of a download */
    const char *cache;        /* Cache-Control; NULL = no-store */
    const char *set_cookie, *location;
    void *app; /* struct app of src/crm/app.h */
    const struct http_route *route;
    bool by_cookie; /* set by `authenticate`: unsafe methods then need X-CSRF */
    void *internal;
};

/* For handlers. The answer's JSON is begun for them: call json_open(&r->json) or json_list. */
enum err request_fail(struct request *r, enum err err, const char *code, const char *field, ...)
    __attribute__((sentinel));
/* The thing of the route's first {id} is another one now: 308 to the same address with `id`, told
 * as a problem with that code and args.id. Returns ERR_NOT_FOUND, for the handler to return. */
enum err request_moved(struct request *r, int64_t id, const char *code);
/* raw_body routes: reads the next piece of the body; *ret_n = 0 at the end. Blocks. */
enum err must_use request_read(struct request *r, char *p, size_t size, size_t *ret_n);
const char *request_header(struct request *r, const char *name);
/* Whether the password was given lately: ERR_DENIED confirm_password. For routes that ask for it
 * only now and then; others say .confirm_password. */
enum err must_use request_confirmed(struct request *r);
/* If-Match against the version that is there: ERR_STALE with code stale when they differ. */
enum err must_use request_check_version(struct request *r, int64_t version);
/* scheme://host the caller used, for links; in the request's arena. */
const char *request_origin(struct request *r);
/* Streams: the callback writes a piece into `out` and returns false after the last one. It is
 * called when the connection can take more; for event streams it may wait (timeout inside, a thread
 * each, bounded number). */
typedef bool (*http_stream_fn)(void *state, struct buf *out);
void request_stream(struct request *r, http_stream_fn fn, void (*free_state)(void *), void *state);

struct http_options {
    const char *address; /* 127.0.0.1 */
    int port;            /* 0 = any; see http_port() */
    int threads;
    const char *tls_cert, *tls_key;         /* PEM texts or NULL */
    const struct http_route *const *tables; /* ends with NULL */
    /* Finds who is asking by cookie or bearer token; OK with merchant_id 0 = nobody. */
    enum err (*authenticate)(void *app, struct request *r);
    bool (*allowed)(enum role role, enum permission permission);
    const struct http_asset *assets;             /* ends with {0} */
    bool (*ready)(void *app);                    /* for /readyz; NULL = always */
    void (*metrics)(void *app, struct buf *out); /* more lines for /metrics; NULL = none */
    bool trust_proxy; /* a proxy in front ends TLS and sets X-Forwarded-For */
    void *app;
};
struct http_asset {
    const char
        *path; /* "/assets/app.1a2b3c.js"; "/index.html" also answers every unknown page path */
    const char *content_type, *etag;
    struct str plain, gzip, brotli; /* gzip, brotli may be empty */
    bool immutable;
};
struct http;
enum err must_use http_start(const struct http_options *o, struct http **ret, struct problem *p);
void http_stop(struct http **h); /* no new connections, finishes what runs */
int http_port(const struct http *h);
/* The status of an error, and its problem document (RFC 9457) as a JSON value. */
int http_status(enum err err);
void http_problem_json(struct json *j, struct arena *a, const char *language,
                       const struct problem *p, int status);
/* "customers_read": the permission's public name. */
const char *permission_name(enum permission p);
/* The OpenAPI 3.1 document of the tables, with the component schemas of src/http/components.json.
 */
void http_openapi(const struct http_route *const *tables, struct str components, struct buf *out);
