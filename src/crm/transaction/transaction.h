/* Transactions: purchases, returns, cancellations, each a head with its lines (FEATURES B6, I1).
 *
 * What makes one the same when it comes again is its identity: 16 bytes of BLAKE2b over the store,
 * the day and the invoice (tills number anew each year, many each day), or, for files without
 * invoice, over everything in the line and how many such lines came before it. The same invoice in
 * a later import is not a second one: it is left alone. Threads: none of its own. */
#pragma once
#include "../app.h"

extern const struct db_statement *const transaction_statements[];
extern const struct http_route transaction_routes[];

#define TRANSACTION_INVOICE_MAX 64 /* characters; the caller refuses longer ones */
#define TRANSACTION_PRODUCT_MAX 200
#define TRANSACTION_CODE_MAX 64
#define TRANSACTION_URL_MAX 500
#define TRANSACTION_LINES_MAX 10000 /* of one invoice */
#define TRANSACTION_IDENTITY_BYTES 16

enum transaction_kind { TRANSACTION_PURCHASE, TRANSACTION_RETURN, TRANSACTION_CANCELLATION };
const char *transaction_kind_name(enum transaction_kind kind);

struct transaction_line {
    struct str product_code, product, url; /* empty = none */
    int64_t category_id, size_id;          /* words; 0 = none */
    int64_t quantity_milli, price_micro, amount_minor;
};
/* quantity × price, rounded half up (away from minus infinity) to the minor unit. False: overflow.
 */
bool transaction_amount(int64_t quantity_milli, int64_t price_micro, int currency_decimals,
                        int64_t *ret_minor);

/* An invoice that is C or c and then digits is a cancellation. */
bool transaction_is_cancellation(struct str invoice);
void transaction_identity_of_invoice(int64_t store_id, int32_t day, struct str invoice,
                                     uint8_t ret[static TRANSACTION_IDENTITY_BYTES]);
/* Without an invoice: `occurrence` counts from 0 the lines of the file with the same content. */
void transaction_identity_of_line(int64_t customer_id, int64_t store_id, int64_t at_us,
                                  const struct transaction_line *line, int64_t occurrence,
                                  uint8_t ret[static TRANSACTION_IDENTITY_BYTES]);

enum transaction_verdict {
    TRANSACTION_ADDED,
    TRANSACTION_EXTENDED, /* further lines of an invoice that this import opened, or with `extend`
                           */
    TRANSACTION_KNOWN,    /* came in another import: nothing done */
    TRANSACTION_MISMATCH, /* this import opened it for another customer: nothing done */
    TRANSACTION_TOO_LONG, /* more than TRANSACTION_LINES_MAX lines: nothing done */
};
struct transaction_head {
    int64_t customer_id; /* 0: nobody known */
    int64_t store_id;    /* 0: none */
    struct str invoice;  /* empty: none */
    uint8_t identity[TRANSACTION_IDENTITY_BYTES];
    int64_t at_us;
    int32_t day; /* in the merchant's zone; not before 1970: the caller refuses older ones */
    const struct transaction_line *lines; /* at least one */
    size_t nlines;
    bool extend; /* the lines are not there yet: add them, whoever opened the invoice */
    /* out */
    int64_t id;
    enum transaction_kind kind;
    enum transaction_verdict verdict;
};
/* Adds them, each identity once in a call. The kind: a cancellation by its invoice; else a return
 * when every quantity is negative; else a purchase. A cancellation cites the latest purchase of the
 * same digits, store and customer that is not after it and not canceled yet, whichever of the two
 * comes first. Keeps totals, line counts and the customers' facts; the caller notes the change of
 * the customers (change_note). `import_id` 0: no import. Cut batches where the invoice changes, so
 * that a canceled import leaves no invoice half read. */
enum err must_use transactions_add(struct db_tx *tx, int64_t merchant_id, int64_t import_id,
                                   int64_t recorded_us, struct transaction_head *heads, size_t n);
