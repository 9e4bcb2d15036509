/* Assertions that are always on: for bugs of ours, never for input. */
#pragma once
#define check(cond) ((cond) ? (void)0 : check_failed(#cond, __FILE__, __LINE__))
_Noreturn void check_failed(const char *cond, const char *file, int line);
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define cleanup(fn) __attribute__((cleanup(fn)))
