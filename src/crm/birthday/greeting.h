/* Greetings: points and a message for a birthday or another important date, once for each customer,
 * occasion and year, by hand or by themselves (birthday_auto.c).
 *
 * A message is for who has granted a channel at that moment; others get points alone. It is kept
 * with the entry: nothing is sent here. Blocked and deleted customers get nothing. Threads: none of
 * its own. */
#pragma once
#include "birthday.h"

struct job;
extern const struct http_route greeting_routes[];

#define GREETING_MOST 500 /* customers in one transaction */

struct greeting_one {
    int64_t customer_id;
    int32_t year_day; /* 0: the birthday; else YEAR_DAY() of another date */
};
struct greeting_how {
    int32_t day; /* which is greeted */
    int32_t today;
    int64_t points;
    struct str messages[BIRTHDAY_LANGUAGES]; /* as typed; empty: none in that language */
    int fallback;                            /* the merchant's language */
    const struct audit_actor *by;            /* NULL: by itself */
};
struct greeting_outcome {
    int64_t greeted; /* sum of those who got something */
    int64_t points;  /* given to them */
    int64_t told;    /* of the greeted: with a message */
    int64_t waiting; /* of the greeted: their points wait for a second person (crm/watch) */
    int64_t silent;  /* of the greeted: a message was there, but they have granted no channel */
    int64_t already, blocked, absent;
    int64_t nothing; /* no consent, and there were no points to give */
    int64_t act_id;  /* for greeting_undo() */
};
/* Greets up to GREETING_MOST; writes points, activity, the greetings, and the change of the
 * customers. Texts of problems are in `a`. */
enum err must_use greeting_give(struct db_tx *tx, int64_t merchant_id,
                                const struct greeting_how *how, const struct greeting_one *list,
                                size_t n, struct arena *a, struct greeting_outcome *ret,
                                struct problem *p);

/* Takes a giving by hand back, as if it had not been: points by compensating entries, requests that
 * wait withdrawn; who was greeted can be greeted again. `staff_id`: only if it is theirs; 0:
 * anybody's. *ret_undone: of how many greetings; *ret_left: whose points were spent, or taken back
 * already: those stay as they are. ERR_NOT_FOUND not_found: there is no such giving, or it was
 * taken back. */
enum err must_use greeting_undo(struct db_tx *tx, int64_t merchant_id, int64_t act_id,
                                int64_t staff_id, int32_t today, const struct audit_actor *by,
                                struct arena *a, int64_t *ret_undone, int64_t *ret_left,
                                struct problem *p);

/* The points of a greeting that waited were credited. `idempotency`: which it came with. */
enum err must_use greeting_booked(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                  const char *idempotency, int64_t entry_id, int64_t points);

/* ERR_INVALID birthday_field_unknown: a {word} that is no merge field. */
enum err must_use greeting_check(struct str message, const char *field, struct arena *a,
                                 struct problem *p);
/* {first_name} and {points} filled in; without a name the comma and blank before it go too. */
struct str greeting_fill(struct arena *a, struct str message, struct str first_name,
                         int64_t points);
/* The message of that language (may be empty), of the fallback, or the first there is. */
struct str greeting_words(const struct greeting_how *how, struct str language);

/* ---- by themselves ---- */

#define BIRTHDAY_JOB "birthdays"
#define BIRTHDAY_LATE_DAYS 6 /* a day on which nothing ran is made up for that long */
enum err birthday_job(const struct job *job, struct arena *a, void *app, struct problem *p);
extern const struct db_statement birthday_due; /* job/daily.h: when they are to be made */
