#pragma once
#include "staff.h"
extern const struct db_statement session_who, session_stores, session_seen, session_login,
    session_add, session_oldest, session_end, session_end_all, session_confirmed, session_alive;
