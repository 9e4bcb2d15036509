#include "code.h"
#include "../../base/check.h"
#include <sodium.h>

static const char symbols_of[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Times the element 2 of GF(32), with x^5 + x^2 + 1, which makes it primitive. */
static int doubled(int v)
{
    v <<= 1;
    return v & 32 ? v ^ 0x25 : v;
}

static char check_symbol(const int *values, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) /* Horner: the last value times 2, the first times 2^n */
        sum = doubled(sum ^ values[i]);
    return symbols_of[sum];
}

struct code code_new(int symbols)
{
    struct code c = {{0}};
    int values[CODE_SYMBOLS_MAX];
    check(symbols > 1 && symbols <= CODE_SYMBOLS_MAX);
    for (int i = 0; i < symbols - 1; i++) {
        values[i] = (int)randombytes_uniform(32);
        c.text[i] = symbols_of[values[i]];
    }
    c.text[symbols - 1] = check_symbol(values, symbols - 1);
    return c;
}

/* -1: no symbol; -2: passed over. */
static int value_of(char c)
{
    if (c == ' ' || c == '-' || c == '\t' || c == '_' || c == '.')
        return -2;
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c == 'U' ? 'V' : c;
    const char *at = c ? strchr(symbols_of, c) : NULL;
    return at ? (int)(at - symbols_of) : -1;
}

bool code_read(struct str typed, int symbols, struct code *ret)
{
    int values[CODE_SYMBOLS_MAX], n = 0;
    check(symbols > 1 && symbols <= CODE_SYMBOLS_MAX);
    *ret = (struct code){{0}};
    for (size_t i = 0; i < typed.n; i++) {
        int v = value_of(typed.p[i]);
        if (v == -2)
            continue;
        if (v < 0 || n == symbols)
            return false;
        ret->text[n] = symbols_of[v];
        values[n++] = v;
    }
    return n == symbols && check_symbol(values, n - 1) == ret->text[n - 1];
}

const char *code_shown(struct arena *a, struct str stored)
{
    char *text = arena_alloc(a, stored.n + stored.n / 4 + 1);
    size_t n = 0;
    for (size_t i = 0; i < stored.n; i++) {
        if (i > 0 && i % 4 == 0 && stored.n - i >= 4)
            text[n++] = '-';
        text[n++] = stored.p[i];
    }
    return text;
}
