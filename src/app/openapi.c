/* Prints the OpenAPI document, for the web client's build. */
#include <stdio.h>
#include "http_document.h"

int main(void)
{
    struct buf out;
    buf_init(&out, 4 * 1024 * 1024);
    http_document_write(&out);
    bool well = !out.failed && fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    buf_free(&out);
    return well ? 0 : 1;
}
