#include "qr.h"
#include <qrencode.h>

enum err qr_json(struct json *j, const char *text)
{
    QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    struct buf path;
    if (!q)
        return ERR_INTERNAL;
    buf_init(&path, 1 << 20);
    for (int y = 0; y < q->width; y++) {
        for (int x = 0, n; x < q->width; x += n) { /* runs of a row */
            const unsigned char *at = q->data + y * q->width + x;
            for (n = 1; x + n < q->width && ((at[n] ^ at[0]) & 1) == 0; n++)
                ;
            if (at[0] & 1)
                buf_printf(&path, "M%d %dh%dv1h-%dz", x, y, n, n);
        }
    }
    json_open(j);
    json_kv_int(j, "size", q->width);
    json_kv_text(j, "path", buf_str(&path));
    json_close(j);
    buf_free(&path);
    QRcode_free(q);
    return OK;
}
