/* The OpenAPI 3.1 document, written from the route tables, so that it cannot lag behind them. */
#include <stdlib.h>
#include "../base/check.h"
#include "http.h"
#include "route.h"

#define ID_PATTERN "^[0-9]{1,19}$"

static void write_type(struct json *j, const char *type, bool nullable)
{
    json_key(j, "type");
    if (!nullable) {
        json_text(j, str_c(type));
        return;
    }
    json_list(j);
    json_text(j, str_c(type));
    json_text(j, STR("null"));
    json_end(j);
}

static void write_choices(struct json *j, const struct spec *s, bool nullable)
{
    json_key(j, "enum");
    json_list(j);
    for (int i = 0; s->choices[i]; i++)
        json_text(j, str_c(s->choices[i]));
    if (nullable)
        json_nil(j);
    json_end(j);
}

static void write_range(struct json *j, const struct spec *s, const char *min, const char *max)
{
    if (s->min != 0)
        json_kv_int(j, min, s->min);
    if (s->max != 0)
        json_kv_int(j, max, s->max);
}

static void write_schema(struct json *j, const struct spec *s, bool body)
{
    bool nullable = body && !s->required;
    json_open(j);
    switch (s->type) {
    case SPEC_TEXT:
        write_type(j, "string", nullable);
        write_range(j, s, "minLength", "maxLength");
        break;
    case SPEC_INT:
        write_type(j, "integer", false);
        if (s->min != 0 || s->max != 0) {
            json_kv_int(j, "minimum", s->min);
            json_kv_int(j, "maximum", s->max);
        }
        break;
    case SPEC_BOOL:
        write_type(j, "boolean", false);
        break;
    case SPEC_ID:
        write_type(j, "string", nullable);
        json_kv_cstr(j, "pattern", ID_PATTERN);
        break;
    case SPEC_DAY:
        write_type(j, "string", nullable);
        json_kv_cstr(j, "format", "date");
        break;
    case SPEC_CHOICE:
        write_type(j, "string", nullable);
        write_choices(j, s, nullable);
        break;
    case SPEC_IDS:
        write_type(j, "array", nullable);
        json_key(j, "items");
        json_open(j);
        json_kv_cstr(j, "type", "string");
        json_kv_cstr(j, "pattern", ID_PATTERN);
        json_close(j);
        write_range(j, s, "minItems", "maxItems");
        break;
    case SPEC_JSON:
        break;
    }
    if (s->doc)
        json_kv_cstr(j, "description", s->doc);
    json_close(j);
}

static void write_parameter(struct json *j, const char *name, const char *in, bool required)
{
    json_kv_cstr(j, "name", name);
    json_kv_cstr(j, "in", in);
    json_kv_bool(j, "required", required);
}

/* A second {id} in one path gets a name of its own: {id2}. */
static void write_path_parameters(struct json *j, const char *pattern)
{
    int n = 0;
    for (const char *at = strstr(pattern, "{id}"); at; at = strstr(at + 4, "{id}")) {
        char name[16] = "id";
        if (++n > 1)
            snprintf(name, sizeof name, "id%d", n);
        json_open(j);
        write_parameter(j, name, "path", true);
        json_key(j, "schema");
        json_open(j);
        json_kv_cstr(j, "type", "string");
        json_kv_cstr(j, "pattern", ID_PATTERN);
        json_close(j);
        json_close(j);
    }
}

static void write_header(struct json *j, const char *name, bool required, const char *doc)
{
    json_open(j);
    write_parameter(j, name, "header", required);
    json_kv_cstr(j, "description", doc);
    json_key(j, "schema");
    json_open(j);
    json_kv_cstr(j, "type", "string");
    json_close(j);
    json_close(j);
}

static void write_parameters(struct json *j, const struct http_route *r)
{
    json_key(j, "parameters");
    json_list(j);
    write_path_parameters(j, r->pattern);
    for (const struct spec *s = r->query; s && s->name; s++) {
        json_open(j);
        write_parameter(j, s->name, "query", s->required);
        if (s->type == SPEC_IDS) {
            json_kv_cstr(j, "style", "form");
            json_kv_bool(j, "explode", false);
        }
        json_key(j, "schema");
        write_schema(j, s, false);
        json_close(j);
    }
    if (r->permission != PERM_PUBLIC && strcmp(r->method, "GET") != 0)
        write_header(j, "X-CSRF", false, "the session's csrf, when signed in by cookie");
    if (r->needs_version)
        write_header(j, "If-Match", true, "the version that was read, in quotes");
    if (r->idempotent)
        write_header(j, "Idempotency-Key", true,
                     "made up by the caller, new for each new request: a repetition with the same"
                     " key and content gets the first answer again, and nothing is done twice");
    json_end(j);
}

static void write_body(struct json *j, const struct http_route *r)
{
    if (!r->body && !r->raw_body)
        return;
    json_key(j, "requestBody");
    json_open(j);
    json_kv_bool(j, "required", true);
    json_key(j, "content");
    json_open(j);
    json_key(j, r->raw_body ? "application/octet-stream" : "application/json");
    json_open(j);
    json_key(j, "schema");
    json_open(j);
    if (!r->raw_body) {
        json_kv_cstr(j, "type", "object");
        json_key(j, "properties");
        json_open(j);
        for (const struct spec *s = r->body; s->name; s++) {
            json_key(j, s->name);
            write_schema(j, s, true);
        }
        json_close(j);
        json_key(j, "required");
        json_list(j);
        for (const struct spec *s = r->body; s->name; s++) {
            if (s->required)
                json_text(j, str_c(s->name));
        }
        json_end(j);
        json_kv_bool(j, "additionalProperties", false);
    }
    json_close(j);
    json_close(j);
    json_close(j);
    json_close(j);
}

static void write_content(struct json *j, const char *media, const char *component)
{
    json_key(j, "content");
    json_open(j);
    json_key(j, media);
    json_open(j);
    json_key(j, "schema");
    json_open(j);
    if (component) {
        char ref[120];
        snprintf(ref, sizeof ref, "#/components/schemas/%s", component);
        json_kv_cstr(j, "$ref", ref);
    } else {
        json_kv_cstr(j, "type", strcmp(media, "application/json") == 0 ? "object" : "string");
    }
    json_close(j);
    json_close(j);
    json_close(j);
}

static void write_responses(struct json *j, const struct http_route *r)
{
    char status[16];
    snprintf(status, sizeof status, "%d", r->status ? r->status : r->answer ? 200 : 204);
    json_key(j, "responses");
    json_open(j);
    json_key(j, status);
    json_open(j);
    json_kv_cstr(j, "description", "All is well");
    if (r->answer && strchr(r->answer, '/'))
        write_content(j, r->answer, NULL);
    else if (r->answer)
        write_content(j, "application/json", r->answer);
    json_close(j);
    json_key(j, "default");
    json_open(j);
    json_kv_cstr(j, "description", "What went wrong");
    write_content(j, "application/problem+json", "Problem");
    json_close(j);
    json_close(j);
}

/* "get_customers_id_favourite" */
static void operation_id(const struct http_route *r, char out[static 200])
{
    size_t n = 0;
    for (const char *m = r->method; *m; m++)
        out[n++] = (char)(*m | 0x20);
    const char *path = r->pattern;
    if (strncmp(path, "/api/v1", 7) == 0)
        path += 7;
    for (; *path && n < 198; path++) {
        bool word = (*path >= 'a' && *path <= 'z') || (*path >= '0' && *path <= '9');
        if (word)
            out[n++] = *path;
        else if (out[n - 1] != '_' && path[1])
            out[n++] = '_';
    }
    if (out[n - 1] == '_')
        n--;
    out[n] = 0;
}

static void write_operation(struct json *j, const struct http_route *r)
{
    static const char *const methods[][2] = {
        {"GET", "get"}, {"POST", "post"}, {"PUT", "put"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
    char id[200];
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (strcmp(methods[i][0], r->method) == 0)
            json_key(j, methods[i][1]);
    }
    operation_id(r, id);
    json_open(j);
    json_kv_cstr(j, "operationId", id);
    json_kv_cstr(j, "summary", r->summary);
    json_kv_cstr(j, "x-permission", permission_name(r->permission));
    json_kv_bool(j, "x-confirm-password", r->confirm_password);
    if (r->permission == PERM_PUBLIC) {
        json_key(j, "security");
        json_list(j);
        json_end(j);
    }
    write_parameters(j, r);
    write_body(j, r);
    write_responses(j, r);
    json_close(j);
}

static void write_path_name(struct json *j, const char *pattern)
{
    char name[300];
    size_t n = 0;
    int ids = 0;
    for (const char *at = pattern; *at && n < sizeof name - 8; at++) {
        if (strncmp(at, "{id}", 4) == 0 && ids++ > 0) {
            n += (size_t)snprintf(name + n, sizeof name - n, "{id%d}", ids);
            at += 3;
        } else {
            name[n++] = *at;
        }
    }
    name[n] = 0;
    json_key(j, name);
}

static bool stands_before(const struct route_table *t, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(t->entries[k].route->pattern, t->entries[i].route->pattern) == 0)
            return true;
    }
    return false;
}

static void write_paths(struct json *j, const struct route_table *t)
{
    json_key(j, "paths");
    json_open(j);
    for (size_t i = 0; i < t->n; i++) {
        if (stands_before(t, i))
            continue;
        const char *pattern = t->entries[i].route->pattern;
        write_path_name(j, pattern);
        json_open(j);
        for (size_t k = i; k < t->n; k++) {
            if (strcmp(t->entries[k].route->pattern, pattern) == 0)
                write_operation(j, t->entries[k].route);
        }
        json_close(j);
    }
    json_close(j);
}

static void write_security(struct json *j)
{
    json_key(j, "security");
    json_list(j);
    json_open(j);
    json_key(j, "session");
    json_list(j);
    json_end(j);
    json_close(j);
    json_end(j);
}

/* The file is {"schemas": {…}}; how to sign in is added beside them. */
static void write_components(struct json *j, struct str components)
{
    json_error_t e;
    json_t *root = json_loadb(components.p, components.n, JSON_REJECT_DUPLICATES, &e);
    check(root != NULL);
    json_t *schemes = json_pack("{s:{s:s,s:s,s:s}}", "session", "type", "apiKey", "in", "cookie",
                                "name", "habitue");
    check(json_object_set_new(root, "securitySchemes", schemes) == 0);
    char *text = json_dumps(root, JSON_COMPACT);
    check(text != NULL);
    json_key(j, "components");
    json_raw(j, str_c(text));
    free(text);
    json_decref(root);
}

void http_openapi(const struct http_route *const *tables, struct str components, struct buf *out)
{
    struct route_table t;
    struct json j;
    route_table_init(&t, tables);
    json_init(&j, out);
    json_open(&j);
    json_kv_cstr(&j, "openapi", "3.1.0");
    json_key(&j, "info");
    json_open(&j);
    json_kv_cstr(&j, "title", "Habitué");
    json_kv_cstr(&j, "version", HABITUE_VERSION);
    json_kv_cstr(&j, "description",
                 "The customer base of a shop. Errors are RFC 9457 problem documents.");
    json_close(&j);
    write_security(&j);
    write_paths(&j, &t);
    write_components(&j, components);
    json_close(&j);
    route_table_free(&t);
}
