#pragma once
#include "fidelity.h"
extern const struct db_statement fidelity_secret, fidelity_secret_add, fidelity_next,
    fidelity_customer, fidelity_by_number, fidelity_rows, fidelity_by_serial, fidelity_add,
    fidelity_lose;
