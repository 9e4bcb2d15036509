/* The file: CSV by hand, XLSX by libxlsxwriter in its mode of constant memory. */
#include "../../base/check.h"
#include "../../base/day.h"
#include "../csv.h"
#include "../file_answer.h"
#include "export_internal.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { PIECE = 1 << 16, CELL_TEXT_MAX = 32767 };

struct export_file {
    const struct export_ask *ask;
    struct export_context context;
    char delimiter, path[64];
    int fd; /* CSV, and the finished XLSX */
    struct buf out;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_row_t row;
    bool failed;
};

char export_delimiter(const char *language)
{
    return strcmp(language, "en") == 0 ? ',' : ';';
}

static enum err flush(struct export_file *f)
{
    for (size_t at = 0; at < f->out.n;) {
        ssize_t n = write(f->fd, f->out.p + at, f->out.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        at += (size_t)n;
    }
    f->out.n = 0;
    return f->out.failed ? ERR_IO : OK;
}

static void headings(struct export_file *f)
{
    const struct export_ask *k = f->ask;
    if (k->format == EXPORT_CSV && k->bom)
        buf_adds(&f->out, CSV_BOM);
    for (int i = 0; i < k->ncolumns; i++) {
        char day[DAY_TEXT_MAX], dated[200];
        const char *text = export_column_heading(k->columns[i], k->language);
        if (k->as_of != DAY_NONE && export_column_dated(k->columns[i])) {
            snprintf(dated, sizeof dated, "%s (%.*s)", text, (int)day_format(k->as_of, day), day);
            text = dated;
        }
        if (k->format == EXPORT_CSV)
            csv_cell(&f->out, str_c(text), f->delimiter, i == 0);
        else
            f->failed |=
                worksheet_write_string(f->sheet, 0, (lxw_col_t)i, text, NULL) != LXW_NO_ERROR;
    }
    buf_adds(&f->out, k->format == EXPORT_CSV ? "\r\n" : "");
    f->row = 1;
}

static enum err open_csv(struct export_file *f)
{
    f->path[0] = 0;
    return file_temporary(&f->fd);
}

static enum err open_xlsx(struct export_file *f)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    int fd = mkstemp(f->path);
    if (fd < 0)
        return ERR_IO;
    close(fd);
    f->book = workbook_new_opt(f->path, &options);
    f->sheet = f->book ? workbook_add_worksheet(f->book, NULL) : NULL;
    if (f->sheet)
        worksheet_freeze_panes(f->sheet, 1, 0);
    return f->sheet ? OK : ERR_IO;
}

enum err export_file_open(const struct export_ask *ask, int currency_decimals,
                          struct export_file **ret)
{
    struct export_file *f = calloc(1, sizeof *f);
    const char *folder = getenv("TMPDIR");
    check(f);
    f->ask = ask;
    f->fd = -1;
    f->context = (struct export_context){arena_new(), currency_decimals};
    f->delimiter = ask->delimiter ? ask->delimiter : export_delimiter(ask->language);
    buf_init(&f->out, 16 * PIECE);
    int n = snprintf(f->path, sizeof f->path, "%s/habitue-XXXXXX", folder ? folder : "/tmp");
    if (n < 0 || (size_t)n >= sizeof f->path)
        snprintf(f->path, sizeof f->path, "/tmp/habitue-XXXXXX");
    enum err e = ask->format == EXPORT_CSV ? open_csv(f) : open_xlsx(f);
    if (e == OK)
        headings(f);
    if (e != OK)
        export_file_close(&f);
    else
        *ret = f;
    return e;
}

static void csv_number(struct export_file *f, const struct export_cell *c, bool first)
{
    int64_t unit = 1;
    for (int i = 0; i < c->decimals; i++)
        unit *= 10;
    uint64_t all = c->number < 0 ? -(uint64_t)c->number : (uint64_t)c->number;
    if (!first)
        buf_addc(&f->out, f->delimiter);
    if (c->decimals == 0)
        buf_int(&f->out, c->number);
    else /* where cells are parted by semicolons, decimals are by commas */
        buf_printf(&f->out, "%s%" PRIu64 "%c%0*" PRIu64, c->number < 0 ? "-" : "",
                   all / (uint64_t)unit, f->delimiter == ';' ? ',' : '.', c->decimals,
                   all % (uint64_t)unit);
}

static void xlsx_cell(struct export_file *f, const struct export_cell *c, int column)
{
    lxw_error e = LXW_NO_ERROR;
    if (c->kind == CELL_NUMBER) {
        double v = (double)c->number;
        for (int i = 0; i < c->decimals; i++)
            v /= 10;
        e = worksheet_write_number(f->sheet, f->row, (lxw_col_t)column, v, NULL);
    } else if (c->kind == CELL_TEXT && c->text.n <= CELL_TEXT_MAX) {
        e = worksheet_write_string(f->sheet, f->row, (lxw_col_t)column,
                                   arena_cstr(f->context.arena, c->text), NULL);
    }
    f->failed |= e != LXW_NO_ERROR;
}

enum err export_file_row(struct export_file *f, const struct export_row *row)
{
    arena_reset(f->context.arena);
    for (int i = 0; i < f->ask->ncolumns; i++) {
        const struct export_column *column = f->ask->columns[i];
        struct export_cell cell;
        column->get(&f->context, row, column->i, &cell);
        if (f->ask->format == EXPORT_XLSX)
            xlsx_cell(f, &cell, i);
        else if (cell.kind == CELL_NUMBER)
            csv_number(f, &cell, i == 0);
        else
            csv_cell(&f->out, cell.kind == CELL_TEXT ? cell.text : STR(""), f->delimiter, i == 0);
    }
    f->row++;
    if (f->ask->format == EXPORT_XLSX)
        return f->failed ? ERR_IO : OK;
    buf_adds(&f->out, "\r\n");
    return f->out.n >= PIECE ? flush(f) : OK;
}

static enum err end_xlsx(struct export_file *f)
{
    lxw_error e = workbook_close(f->book); /* frees it, too */
    f->book = NULL;
    if (e != LXW_NO_ERROR)
        return ERR_IO;
    FILE *done = fopen(f->path, "rbe");
    f->fd = done ? dup(fileno(done)) : -1;
    if (done)
        fclose(done);
    return f->fd >= 0 ? OK : ERR_IO;
}

enum err export_file_end(struct export_file *f, int *ret_fd)
{
    enum err e = f->book ? end_xlsx(f) : flush(f);
    if (e == OK && lseek(f->fd, 0, SEEK_SET) != 0)
        e = ERR_IO;
    if (e != OK)
        return e;
    *ret_fd = f->fd;
    f->fd = -1;
    return OK;
}

void export_file_close(struct export_file **ff)
{
    struct export_file *f = *ff;
    if (!f)
        return;
    if (f->book)
        (void)workbook_close(f->book); /* there is no other way to free it */
    if (f->path[0])
        unlink(f->path);
    if (f->fd >= 0)
        close(f->fd);
    arena_free(&f->context.arena);
    buf_free(&f->out);
    free(f);
    *ff = NULL;
}
