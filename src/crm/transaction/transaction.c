#include "transaction.h"
#include "../../base/check.h"
#include <sodium.h>

const char *transaction_kind_name(enum transaction_kind kind)
{
    static const char *const names[] = {"purchase", "return", "cancellation"};
    return names[kind];
}

bool transaction_amount(int64_t quantity_milli, int64_t price_micro, int currency_decimals,
                        int64_t *ret_minor)
{
    check(currency_decimals >= 0 && currency_decimals <= 6);
    __int128 product = (__int128)quantity_milli * price_micro; /* in 10^-9 of the major unit */
    __int128 unit = 1;
    for (int i = currency_decimals; i < 9; i++)
        unit *= 10;
    __int128 sum = product + unit / 2;
    __int128 amount = sum / unit;
    if (sum < 0 && amount * unit != sum)
        amount--; /* C divides towards zero, rounding half up needs the floor */
    if (amount < INT64_MIN / 4 || amount > INT64_MAX / 4)
        return false;
    *ret_minor = (int64_t)amount;
    return true;
}

bool transaction_is_cancellation(struct str invoice)
{
    if (invoice.n < 2 || (invoice.p[0] != 'C' && invoice.p[0] != 'c'))
        return false;
    for (size_t i = 1; i < invoice.n; i++)
        if (invoice.p[i] < '0' || invoice.p[i] > '9')
            return false;
    return true;
}

/* A hash of typed parts: each text goes with its length, so that no two lists of parts are alike.
 */
static void begin(crypto_generichash_state *h, uint8_t form)
{
    crypto_generichash_init(h, NULL, 0, TRANSACTION_IDENTITY_BYTES);
    crypto_generichash_update(h, &form, 1);
}

static void add_int(crypto_generichash_state *h, int64_t v)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
    crypto_generichash_update(h, bytes, sizeof bytes);
}

static void add_text(crypto_generichash_state *h, struct str s)
{
    add_int(h, (int64_t)s.n);
    crypto_generichash_update(h, (const uint8_t *)s.p, s.n);
}

void transaction_identity_of_invoice(int64_t store_id, int32_t day, struct str invoice,
                                     uint8_t ret[static TRANSACTION_IDENTITY_BYTES])
{
    crypto_generichash_state h;
    bool cancellation = transaction_is_cancellation(invoice); /* C1 and c1 are the same */

    begin(&h, cancellation ? 'c' : 'i');
    add_int(&h, store_id);
    add_int(&h, day);
    add_text(&h, cancellation ? (struct str){invoice.p + 1, invoice.n - 1} : invoice);
    crypto_generichash_final(&h, ret, TRANSACTION_IDENTITY_BYTES);
}

void transaction_identity_of_line(int64_t customer_id, int64_t store_id, int64_t at_us,
                                  const struct transaction_line *line, int64_t occurrence,
                                  uint8_t ret[static TRANSACTION_IDENTITY_BYTES])
{
    crypto_generichash_state h;

    begin(&h, 'l');
    add_int(&h, customer_id);
    add_int(&h, store_id);
    add_int(&h, at_us);
    add_text(&h, line->product_code);
    add_text(&h, line->product);
    add_text(&h, line->url);
    add_int(&h, line->category_id);
    add_int(&h, line->size_id);
    add_int(&h, line->quantity_milli);
    add_int(&h, line->price_micro);
    add_int(&h, line->amount_minor);
    add_int(&h, occurrence);
    crypto_generichash_final(&h, ret, TRANSACTION_IDENTITY_BYTES);
}
