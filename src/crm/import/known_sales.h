/* An invoice that came before, by another import or a till, gets only the lines that it lacks: so
 * the corrected file of rejected rows finds its invoices, and the same file again adds nothing. Two
 * lines are the same when product (its code, else its name), quantity and amount are; identical
 * ones are counted. */
#pragma once
#include "../transaction/transaction.h"
#include "batch.h"

/* A transaction as it gathers its lines. */
struct sale {
    struct transaction_head head;
    struct transaction_line *lines; /* head.lines */
    struct batch_row **rows;        /* whose lines they are */
    size_t n, cap;
};
/* Takes the lines that are there already out of these sales and marks their rows as skipped. */
enum err must_use known_sales(struct applying *a, struct sale *sales, size_t n);
