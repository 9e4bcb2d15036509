/* What phone.c needs of libphonenumber, callable from C. No exception leaves it. Threads: any. */
#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
enum shim_verdict {
    SHIM_OK,
    SHIM_NOT_A_NUMBER,
    SHIM_BAD_COUNTRY,
    SHIM_TOO_SHORT,
    SHIM_TOO_LONG,
    SHIM_INVALID,
};
/* `e164` has room for 20 bytes; filled on SHIM_OK. */
enum shim_verdict shim_parse(const char *text, size_t n, const char *country, char *e164);
/* Writes the national form if the number is of `country`, else the international one;
 * NUL-terminated, cut to size. Returns its length, 0: no number. */
size_t shim_format(const char *e164, const char *country, char *out, size_t size);
#ifdef __cplusplus
}
#endif
