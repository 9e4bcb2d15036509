/* Staff: who may sign in, what they may do, their sessions and invitations.
 *
 * A person is invited (a one-time link, 24 hours), gives a name and a password, and then signs in.
 * The secret of a session and of an invitation is stored as its SHA-256 alone. Managers handle the
 * associates of their own stores; the owner everybody; the last owner can neither be removed nor
 * made less. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const staff_statements[];
extern const struct http_route staff_routes[];
extern const struct db_statement *const session_statements[];
extern const struct http_route session_routes[];  /* one's own: signing in, profile, password */
extern const struct http_route sessions_routes[]; /* the list of them, one's own and others' */

#define STAFF_NAME_MAX 100
#define STAFF_EMAIL_MAX 254
#define STAFF_MAX 5000 /* of one merchant */
#define INVITATION_LIFE_US (24LL * 3600 * 1000000)
#define SESSION_LIFE_US (30LL * 86400 * 1000000) /* from the sign-in */
#define SESSION_IDLE_US (12LL * 3600 * 1000000)  /* since the last request */
#define SESSIONS_PER_STAFF 20                    /* the oldest ends when there are more */

/* rights.c */
bool rights_allowed(enum role role, enum permission permission);
const char *role_name(enum role role);     /* "owner" */
enum role role_by_name(struct str name);   /* ROLE_NONE if none */
extern const char *const role_names[];     /* as a choice: associate manager owner, NULL */
extern const char *const language_names[]; /* en fr it es ru, NULL */
/* The stores whose customers the caller may see, as the audience wants them: NULL stores = all. */
struct audience_viewer rights_viewer(const struct caller *c);

struct staff {
    int64_t id, version, created_us, seen_us; /* seen_us 0 = never */
    const char *email, *name, *language;
    enum role role;
    bool active;                   /* has a password */
    int64_t invitation_expires_us; /* 0 = no invitation */
    bool second_step;              /* is asked for a code at sign-in: totp.h */
    const char *password_hash;
    const int64_t *stores;
    const char *const *store_names;
    size_t nstores;
};
/* Everybody, by name; ERR_NOT_FOUND for one. Texts live in `a`. */
enum err must_use staff_get(struct db_tx *tx, int64_t merchant_id, int64_t id, struct arena *a,
                            struct staff *ret);
enum err must_use staff_list(struct db_tx *tx, int64_t merchant_id, struct arena *a,
                             struct staff **ret, size_t *ret_n);
enum err must_use staff_by_email(struct db_tx *tx, int64_t merchant_id, struct str email,
                                 struct arena *a, struct staff *ret);

struct staff_new {
    struct str email, name;
    enum role role;
    const char *language;
    const int64_t *stores;
    size_t nstores;
};
/* Makes a person without a password. The first owner of a merchant may come without an e-mail and
 * gives it with the invitation. An owner works in no particular store; others in at least one as
 * soon as there is one. ERR_INVALID staff_bad_email, staff_needs_store, staff_store_unknown;
 * ERR_CONFLICT staff_email_taken, staff_too_many. Problems' texts live in the transaction's arena
 * or longer, so copy what is kept. */
enum err must_use staff_create(struct db_tx *tx, int64_t merchant_id, const struct staff_new *s,
                               const struct audit_actor *by, int64_t *ret_id, struct problem *p);
/* Writes name, role, language, e-mail and stores as they stand in `s`; the same refusals, and
 * ERR_CONFLICT staff_last_owner. `before`: as it was. */
enum err must_use staff_update(struct db_tx *tx, int64_t merchant_id, const struct staff *before,
                               const struct staff *s, const struct audit_actor *by,
                               struct problem *p);
/* Sets the password of a person, takes the invitation as used and ends their sessions but for the
 * one whose hash is `keep` ("" = none). */
enum err must_use staff_set_password(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                     const char *hash, struct str keep);
enum err must_use staff_end_sessions(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                     struct str keep);
/* Managers act on associates all of whose stores are theirs, the owner on everybody; else
 * ERR_DENIED staff_not_yours. */
enum err must_use staff_check_reach(struct request *r, enum role role, const int64_t *stores,
                                    size_t n);
/* ERR_CONFLICT staff_last_owner. Ends their sessions, frees the e-mail for another account. */
enum err must_use staff_remove(struct db_tx *tx, int64_t merchant_id, int64_t id,
                               const struct audit_actor *by, struct problem *p);
/* Somebody who was removed: ERR_NOT_FOUND when they were not. */
enum err must_use staff_get_removed(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                    struct arena *a, struct staff *ret);
/* Takes the removal back: role, stores, password and a link not yet used are as before, the
 * sessions stay ended. ERR_NOT_FOUND: not removed; ERR_CONFLICT staff_email_taken, staff_too_many.
 */
enum err must_use staff_restore(struct db_tx *tx, int64_t merchant_id, int64_t id,
                                const struct audit_actor *by, struct problem *p);

#define INVITATION_TOKEN_MAX 80
/* A new one-time token, which replaces the one before: "<merchant>.<secret>". */
enum err must_use invitation_make(struct db_tx *tx, int64_t merchant_id, int64_t staff_id,
                                  const struct audit_actor *by,
                                  char ret_token[static INVITATION_TOKEN_MAX],
                                  int64_t *ret_expires_us);

/* The person an invitation is for. ERR_NOT_FOUND: used up, too old, or made up. */
enum err must_use invitation_find(struct db_tx *tx, struct str token, struct arena *a,
                                  int64_t *ret_merchant_id, struct staff *ret);
/* Where it is taken up: <origin>/welcome?token=… */
const char *invitation_url(struct arena *a, const char *origin, const char *token);

/* For struct http_options: finds who is asking by the cookie. */
enum err session_authenticate(void *app, struct request *r);
