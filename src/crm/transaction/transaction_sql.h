/* Statements of the transactions. */
#pragma once
#include "../batch.h"
#include "transaction.h"

extern const struct db_statement transaction_known, transaction_open_purchases, transaction_uncited,
    transaction_insert, transaction_extend, transaction_cite, transaction_cancel,
    transaction_line_insert, transaction_page, transaction_page_kind, transaction_lines;
#define TRANSACTION_LINES_SHOWN 100
