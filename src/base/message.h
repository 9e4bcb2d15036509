/* Texts for people, by key and language, from web/locales/<language>/<feature>.json (embedded).
 * English is the fallback. {name} is replaced by the argument of that name. Threads: any, after
 * message_load() and message_promise() of all languages. */
#pragma once
#include "arena.h"

/* Adds the flat string pairs of one JSON object ("a.b": "text" or nested objects). */
enum err must_use message_load(const char *language, struct str json);
/* The same when somebody first asks for a text of this language, once for each: most processes
 * speak one language. The JSON is right and stays where it is. */
void message_promise(const char *language, struct str json);
/* The text of "problem.<code>" with its arguments filled in; never NULL. */
const char *message_problem(struct arena *a, const char *language, const struct problem *p);
/* Any other text, filled in with the arguments of `args`. */
const char *message_fill(struct arena *a, const char *language, const char *key,
                         const struct problem *args);
const char *message_text(const char *language, const char *key); /* the key itself if unknown */
/* The best of our five languages for an Accept-Language header (RFC 9110, 12.5.4). */
const char *message_language(struct str accept_language);
