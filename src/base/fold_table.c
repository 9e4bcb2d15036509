/* Run by the build: writes what text_fold does with single code points, by ICU, as C source.
 * Opening the rules takes ICU longer than all else that a short command does. */
#include "check.h"
#include "fold.h"
#include <stdio.h>
#include <unicode/utf8.h>

/* Between two letters, so that blanks at its own ends are seen. */
static struct folded by_itself(struct buf *scratch, UChar32 c)
{
    char around[8] = {'x'};
    int32_t n = 1;
    U8_APPEND_UNSAFE(around, n, c);
    around[n++] = 'x';
    fold_by_icu(scratch, (struct str){around, (size_t)n});
    struct folded f = {.n = (uint8_t)(scratch->n - 2)};
    check(scratch->n >= 2 && scratch->n - 2 <= sizeof(f.p));
    memcpy(f.p, scratch->p + 1, f.n);
    return f;
}

int main(void)
{
    struct buf scratch;
    buf_init(&scratch, 256);
    printf("#include \"src/base/fold.h\"\nconst struct folded fold_table[FOLD_TABLE_SIZE] = {\n");
    for (UChar32 c = FOLD_LATIN; c < FOLD_NUMERO_END; c++) {
        int at = fold_at(c);
        if (at < 0)
            continue;
        struct folded f = by_itself(&scratch, c);
        printf("[%d] = {%d, {", at, f.n);
        for (uint8_t k = 0; k < f.n; k++)
            printf("%d,", f.p[k]);
        printf("0}},\n");
    }
    printf("};\n");
    buf_free(&scratch);
    return fflush(stdout) == 0 ? 0 : 1;
}
