/* Fidelity cards (FEATURES D8, B13): a number for every customer, as a bar code and a QR code.
 *
 * A number has the 13 digits of an EAN-13: the prefix 29, ten digits, the check digit. Prefixes 20
 * to 29 are the GS1 restricted circulation numbers, for use within a shop (GS1 General
 * Specifications, 2.1.11 and 7.9 for the check digit): every till and scanner reads them, and no
 * product has them. The ten digits are a serial in disguise: a Feistel network over 10^10 (Luby and
 * Rackoff, 1988; as in NIST SP 800-38G) of eight rounds of SipHash with a secret of the merchant's,
 * so that nobody's number tells a neighbour's. The serial of a customer's first card is the
 * customer's number: everybody has a card from the first moment, and nothing is stored for it. A
 * card that is lost is taken out and another one given, with a serial of its own; then both have a
 * row. After a merge the cards of both lead to the survivor. Threads: none of its own. */
#pragma once
#include "../audit/audit.h"

extern const struct db_statement *const fidelity_statements[];
extern const struct http_route fidelity_routes[];

#define FIDELITY_DIGITS 13
#define FIDELITY_PREFIX 29
#define FIDELITY_REASON_MAX 300   /* characters */
#define FIDELITY_REISSUES_MAX 100 /* of a customer */
#define FIDELITY_SHEET_MAX 200    /* cards printed at once */
#define FIDELITY_SECRET_BYTES 16

/* The number of a serial (0 … 9,999,999,999), and back. False: no such number, or its check digit
 * is wrong. */
int64_t fidelity_number(const uint8_t secret[static FIDELITY_SECRET_BYTES], int64_t serial);
bool fidelity_serial(const uint8_t secret[static FIDELITY_SECRET_BYTES], int64_t number,
                     int64_t *ret_serial);
/* The check digit of the twelve digits before it (EAN-13). */
int fidelity_check_digit(int64_t twelve_digits);
/* A value: {"size": modules, "path": …} of the bars of an EAN-13, one module high. */
enum err must_use fidelity_bars_json(struct json *j, int64_t number);

/* Makes the merchant's secret if there is none. */
enum err must_use fidelity_prepare(struct db_tx *tx, int64_t merchant_id);

struct fidelity_card {
    int64_t number, serial, issued_us, lost_us, customer_id; /* issued_us 0: with the customer */
    struct str reason;
};
/* The card that a living customer has now. ERR_NOT_FOUND: no such customer, or nothing is prepared.
 */
enum err must_use fidelity_of(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                              struct fidelity_card *ret);
/* Those that were taken out, the latest first. `ret` has room for FIDELITY_REISSUES_MAX. */
enum err must_use fidelity_former(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                  struct arena *a, struct fidelity_card *ret, size_t *ret_n);
/* Whose card it is. ERR_NOT_FOUND card_unknown, card_mistyped; ERR_CONFLICT card_lost (args day).
 */
enum err must_use fidelity_find(struct db_tx *tx, int64_t merchant_id, int64_t number,
                                struct arena *a, int64_t *ret_customer_id, struct problem *p);
/* Takes the present card out and gives another one. ERR_NOT_FOUND; ERR_CONFLICT card_too_many. */
enum err must_use fidelity_reissue(struct db_tx *tx, int64_t merchant_id, int64_t customer_id,
                                   int32_t today, struct str reason, const struct audit_actor *by,
                                   struct arena *a, struct problem *p);
