/* Routes of the stamp cards: on a customer, and the programmes. */
#include "../../base/check.h"
#include "../certificate/certificate_http.h"
#include "../customer/customer_view.h"
#include "../idempotency/idempotency.h"
#include "../staff/staff.h"
#include "stamp.h"

enum { ENTRIES_TOLD = 50 };

struct program_args {
    struct str name, description, gift;
    int reward;
    int64_t stamps, per_day, points, certificate_type;
};
#define AT(field) offsetof(struct program_args, field)
static const struct spec program_spec[] = {
    {"name", SPEC_TEXT, AT(name), .required = true, .max = STAMP_NAME_MAX},
    {"description", SPEC_TEXT, AT(description), .max = STAMP_TEXT_MAX},
    {"stamps", SPEC_INT, AT(stamps), .required = true, .min = 2, .max = STAMPS_OF_CARD_MAX,
     .doc = "that fill a card; cards begun before keep theirs"},
    {"per_day", SPEC_INT, AT(per_day), .max = STAMPS_AT_ONCE_MAX,
     .doc = "that a customer gets on one day at most; 0: any number"},
    {"reward", SPEC_CHOICE, AT(reward), .required = true, .choices = reward_kinds},
    {"points", SPEC_INT, AT(points), .max = REWARD_POINTS_MAX, .doc = "of reward points"},
    {"certificate_type", SPEC_ID, AT(certificate_type), .doc = "of reward certificate"},
    {"gift", SPEC_TEXT, AT(gift), .max = REWARD_GIFT_MAX, .doc = "of reward gift: what it is"},
    {0},
};
struct stamp_args {
    int64_t program_id, stamps, store_id;
    struct str reason;
};
static const struct spec apply_spec[] = {
    {"program_id", SPEC_ID, offsetof(struct stamp_args, program_id), .required = true},
    {"stamps", SPEC_INT, offsetof(struct stamp_args, stamps), .required = true, .min = 1,
     .max = STAMPS_AT_ONCE_MAX},
    {"store_id", SPEC_ID, offsetof(struct stamp_args, store_id), .doc = "where"},
    {0},
};
static const struct spec back_spec[] = {
    {"program_id", SPEC_ID, offsetof(struct stamp_args, program_id), .required = true},
    {"stamps", SPEC_INT, offsetof(struct stamp_args, stamps), .required = true, .min = 1,
     .max = STAMPS_AT_ONCE_MAX},
    {"reason", SPEC_TEXT, offsetof(struct stamp_args, reason), .required = true,
     .max = STAMP_REASON_MAX},
    {0},
};

struct stamp_call {
    struct request *r;
    struct certificate_actor who;
    struct stamp_program *all, before, after;
    struct stamp_card *cards;
    struct stamp_entry entries[ENTRIES_TOLD];
    size_t n, ncards, nentries;
    int64_t completed;
    bool is_new, deleted;
};

static enum err read_programs(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    return stamp_programs(tx, c->r->caller.merchant_id, c->r->arena, &c->all, &c->n);
}

static enum err begin(struct request *r, int64_t store_id, struct stamp_call *c)
{
    *c = (struct stamp_call){.r = r};
    return certificate_actor_of(r, store_id, &c->who);
}

/* ---- a customer's ---- */

static enum err read_card(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    struct request *r = c->r;
    int64_t merchant_id = r->caller.merchant_id;
    enum err e = read_programs(tx, c);
    if (e == OK)
        e = stamp_cards(tx, merchant_id, r->ids[0], r->arena, &c->cards, &c->ncards);
    return e == OK ? stamp_entries(tx, merchant_id, r->ids[0], ENTRIES_TOLD, r->arena, c->entries,
                                   &c->nentries)
                   : e;
}

static void card_json(struct json *j, const struct stamp_card *card)
{
    json_open(j);
    json_kv_id(j, "id", card->id);
    json_kv_int(j, "stamps", card->stamps);
    json_kv_int(j, "size", card->size);
    json_kv_instant(j, "begun_at", card->begun_us);
    json_kv_instant(j, "completed_at", card->completed_us);
    json_kv_id(j, "certificate_id", card->certificate_id);
    json_key(j, "reward");
    reward_json(j, &card->reward);
    json_close(j);
}

static void program_json(struct json *j, const struct stamp_program *s)
{
    json_open(j);
    json_kv_id(j, "id", s->id);
    json_kv_text(j, "name", s->name);
    json_kv_text(j, "description", s->description);
    json_kv_int(j, "stamps", s->stamps);
    json_kv_int(j, "per_day", s->per_day);
    json_key(j, "reward");
    reward_json(j, &s->reward);
    json_kv_int(j, "open", s->open);
    json_kv_int(j, "completed", s->completed);
    json_kv_instant(j, "updated_at", s->updated_us);
    json_kv_int(j, "version", s->version);
    json_close(j);
}

/* A programme on a customer: deleted ones only while a card of theirs is open. */
static void standing_json(struct stamp_call *c, const struct stamp_program *s)
{
    struct json *j = &c->r->json;
    int64_t completed = 0, open = 0;
    for (size_t i = 0; i < c->ncards; i++) {
        bool theirs = c->cards[i].program_id == s->id;
        completed += theirs && c->cards[i].completed_us;
        open += theirs && !c->cards[i].completed_us && c->cards[i].stamps;
    }
    if (s->deleted && !open)
        return;
    json_open(j);
    json_key(j, "program");
    program_json(j, s);
    json_kv_bool(j, "ended", s->deleted);
    json_kv_int(j, "completed", completed);
    json_key(j, "cards");
    json_list(j);
    for (size_t i = 0; i < c->ncards; i++)
        if (c->cards[i].program_id == s->id && (c->cards[i].stamps || c->cards[i].completed_us))
            card_json(j, &c->cards[i]);
    json_end(j);
    json_close(j);
}

static struct str name_of(const struct stamp_call *c, int64_t program_id)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->all[i].id == program_id)
            return c->all[i].name;
    return STR("");
}

static enum err card_json_of(struct request *r, void *arg)
{
    struct stamp_call *c = arg;
    struct json *j = &r->json;
    json_open(j);
    json_key(j, "programs");
    json_list(j);
    for (size_t i = 0; i < c->n; i++)
        standing_json(c, &c->all[i]);
    json_end(j);
    json_key(j, "entries");
    json_list(j);
    for (size_t i = 0; i < c->nentries; i++) {
        const struct stamp_entry *entry = &c->entries[i];
        json_open(j);
        json_kv_text(j, "program", name_of(c, entry->program_id));
        json_kv_int(j, "amount", entry->amount);
        json_kv_instant(j, "at", entry->at_us);
        customer_text_json(j, "store", entry->store);
        customer_text_json(j, "staff", entry->staff_name);
        json_kv_text(j, "reason", entry->reason);
        json_close(j);
    }
    json_end(j);
    json_kv_int(j, "filled", c->completed);
    json_close(j);
    return OK;
}

static enum err begin_customer(struct request *r, int64_t store_id, struct stamp_call *c)
{
    enum err e = customer_allowed(r, NULL);
    return e == OK ? begin(r, store_id, c) : e;
}

static enum err card_route(struct request *r)
{
    const struct app *app = r->app;
    struct stamp_call c;
    enum err e = begin_customer(r, 0, &c);
    if (e == OK)
        e = db_read(app->db, read_card, &c);
    return e == OK ? card_json_of(r, &c) : e;
}

static enum err apply(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    struct request *r = c->r;
    const struct stamp_args *args = r->args;
    enum err e = stamp_apply(tx, r->caller.merchant_id, r->ids[0], args->program_id, args->stamps,
                             &c->who, &c->completed, &r->problem);
    return e == OK ? read_card(tx, c) : e;
}

static enum err take_back(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    struct request *r = c->r;
    const struct stamp_args *args = r->args;
    enum err e = stamp_take_back(tx, r->caller.merchant_id, r->ids[0], args->program_id,
                                 args->stamps, args->reason, &c->who, &r->problem);
    return e == OK ? read_card(tx, c) : e;
}

static enum err change(struct request *r, db_fn fn)
{
    const struct stamp_args *args = r->args;
    struct stamp_call c;
    enum err e = begin_customer(r, args->store_id, &c);
    return e == OK ? idempotent_write(r, fn, &c, card_json_of) : e;
}

static enum err apply_route(struct request *r)
{
    return change(r, apply);
}

static enum err back_route(struct request *r)
{
    return change(r, take_back);
}

/* ---- programmes ---- */

static enum err read_counted(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    enum err e = read_programs(tx, c);
    return e == OK ? stamp_programs_count(tx, c->r->caller.merchant_id, c->all, c->n) : e;
}

static enum err list_route(struct request *r)
{
    const struct app *app = r->app;
    struct json *j = &r->json;
    struct stamp_call c = {.r = r};
    enum err e = db_read(app->db, read_counted, &c);
    if (e != OK)
        return e;
    json_open(j);
    for (int deleted = 0; deleted < 2; deleted++) {
        json_key(j, deleted ? "deleted" : "items");
        json_list(j);
        for (size_t i = 0; i < c.n; i++)
            if (c.all[i].deleted == deleted)
                program_json(j, &c.all[i]);
        json_end(j);
    }
    json_close(j);
    return OK;
}

static enum err read_one(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    enum err e = read_counted(tx, c);
    for (size_t i = 0; e == OK && i < c->n; i++) {
        if (c->all[i].id != c->r->ids[0] || c->all[i].deleted)
            continue;
        c->before = c->all[i];
        return OK;
    }
    return e == OK ? ERR_NOT_FOUND : e;
}

static enum err answer_one(struct stamp_call *c)
{
    struct request *r = c->r;
    const struct app *app = r->app;
    enum err e = db_read(app->db, read_one, c);
    if (e != OK)
        return e;
    r->etag = arena_printf(r->arena, "%lld", (long long)c->before.version);
    program_json(&r->json, &c->before);
    return OK;
}

static enum err get_route(struct request *r)
{
    struct stamp_call c = {.r = r};
    return answer_one(&c);
}

static struct stamp_program program_of(const struct program_args *args)
{
    return (struct stamp_program){.name = args->name,
                                  .description = args->description,
                                  .stamps = args->stamps,
                                  .per_day = args->per_day,
                                  .reward = {.kind = (enum reward_kind)args->reward,
                                             .points = args->points,
                                             .type_id = args->certificate_type,
                                             .gift = args->gift}};
}

static enum err save(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    struct stamp_program after = c->after; /* set anew when the transaction is repeated */
    enum err e = stamp_program_save(tx, c->r->caller.merchant_id, c->is_new ? NULL : &c->before,
                                    &after, &c->who, &c->r->problem);
    c->r->ids[0] = after.id;
    return e;
}

static enum err create_route(struct request *r)
{
    const struct app *app = r->app;
    struct stamp_call c;
    enum err e = begin(r, 0, &c);
    if (e != OK)
        return e;
    c.is_new = true;
    c.after = program_of(r->args);
    e = db_write(app->db, save, &c);
    return e == OK ? answer_one(&c) : e;
}

static enum err put_route(struct request *r)
{
    const struct app *app = r->app;
    struct stamp_call c;
    enum err e = begin(r, 0, &c);
    if (e == OK)
        e = db_read(app->db, read_one, &c);
    if (e == OK)
        e = request_check_version(r, c.before.version);
    if (e != OK)
        return e;
    c.after = program_of(r->args);
    c.after.id = c.before.id;
    e = db_write(app->db, save, &c);
    return e == OK ? answer_one(&c) : e;
}

static enum err set_deleted(struct db_tx *tx, void *arg)
{
    struct stamp_call *c = arg;
    return stamp_program_delete(tx, c->r->caller.merchant_id, c->r->ids[0], c->deleted, &c->who,
                                &c->r->problem);
}

static enum err delete_route(struct request *r)
{
    const struct app *app = r->app;
    struct stamp_call c;
    enum err e = begin(r, 0, &c);
    c.deleted = true;
    return e == OK ? db_write(app->db, set_deleted, &c) : e;
}

static enum err restore_route(struct request *r)
{
    const struct app *app = r->app;
    struct stamp_call c;
    enum err e = begin(r, 0, &c);
    if (e == OK)
        e = db_write(app->db, set_deleted, &c);
    return e == OK ? answer_one(&c) : e;
}

const struct http_route stamp_program_routes[] = {
    {"GET", "/api/v1/stamp-programs", PERM_CUSTOMERS_READ, list_route,
     .summary = "The stamp programmes, with how many cards are open and full",
     .answer = "StampProgramList"},
    {"POST", "/api/v1/stamp-programs", PERM_LOYALTY, create_route, .body = program_spec,
     .args_size = sizeof(struct program_args), .summary = "Makes a stamp programme",
     .answer = "StampProgram", .status = 201},
    {"GET", "/api/v1/stamp-programs/{id}", PERM_CUSTOMERS_READ, get_route,
     .summary = "One stamp programme", .answer = "StampProgram"},
    {"PUT", "/api/v1/stamp-programs/{id}", PERM_LOYALTY, put_route, .body = program_spec,
     .args_size = sizeof(struct program_args), .needs_version = true,
     .summary = "Changes a stamp programme", .answer = "StampProgram"},
    {"DELETE", "/api/v1/stamp-programs/{id}", PERM_LOYALTY, delete_route,
     .summary = "Ends a stamp programme; cards stay as they are"},
    {"POST", "/api/v1/stamp-programs/{id}/restore", PERM_LOYALTY, restore_route,
     .summary = "Brings an ended programme back", .answer = "StampProgram"},
    {0},
};
const struct http_route stamp_routes[] = {
    {"GET", "/api/v1/customers/{id}/stamps", PERM_CUSTOMERS_READ, card_route,
     .summary = "A customer's stamp cards", .answer = "CustomerStamps"},
    {"POST", "/api/v1/customers/{id}/stamps", PERM_CUSTOMERS_WRITE, apply_route, .body = apply_spec,
     .args_size = sizeof(struct stamp_args), .idempotent = true,
     .summary = "Gives stamps; a full card gives its reward", .answer = "CustomerStamps"},
    {"POST", "/api/v1/customers/{id}/stamps/take-back", PERM_CUSTOMERS_WRITE, back_route,
     .body = back_spec, .args_size = sizeof(struct stamp_args), .idempotent = true,
     .summary = "Takes stamps back, and the reward of a card that is full no more",
     .answer = "CustomerStamps"},
    {0},
};
