/* The departure calendar: who turns at risk on which coming day, if they do not come. Answered from
 * the audience; nothing is kept. */
#pragma once
#include "../app.h"
extern const struct http_route departure_routes[];
