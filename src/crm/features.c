/* The list of features: one line each. Adding a feature adds its line here. */
#include "app.h"
#include "audit/audit.h"
#include "change/change.h"
#include "job/job.h"
#include "merchant/merchant.h"
#include "staff/staff.h"
#include "store/store.h"
#include "word/word.h"

const struct feature features[] = {
    {"audit", audit_routes, audit_statements},
    {"change", NULL, change_statements},
    {"job", job_routes, job_statements},
    {"merchant", merchant_routes, merchant_statements},
    {"staff", staff_routes, staff_statements},
    {"session", session_routes, session_statements},
    {"store", store_routes, store_statements},
    {"word", NULL, word_statements},
    {0},
};
