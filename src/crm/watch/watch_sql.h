/* The statements of the till watch. */
#pragma once
#include "watch.h"

extern const struct db_statement watch_rules_get, watch_rules_put, watch_progress_get,
    watch_progress_put, watch_new_entries, watch_window, watch_told, watch_same_person, watch_names,
    watch_open_alert, watch_alert_add, watch_entry_add, watch_merchants, watch_role,
    watch_alerts_open, watch_alerts_decided, watch_alert_one, watch_alert_decide, watch_entries,
    watch_requests_waiting, watch_requests_decided, watch_request_one, watch_request_add,
    watch_request_decide, watch_request_by_key, watch_request_withdraw, watch_request_entry,
    watch_waiting, watch_open_count, watch_alert_customer, watch_request_customer;
