/* The command line: common options, opening the base, saying things in the reader's language.
 * Data goes to standard output, everything said about it to standard error. Exit status: 0 done, 1
 * the answer is no or it was refused, 2 wrong usage. */
#pragma once
#include "../crm/merchant/merchant.h"

enum { CLI_OK = 0, CLI_NO = 1, CLI_USAGE = 2 };

struct cli {
    const char *command;
    struct arena *arena;
    const char *language; /* by LC_ALL, LC_MESSAGES, LANG */
    const char *db_url, *merchant_slug;
    bool json, asks_help;
    bool may_keep; /* the audiences for the next run: the base was not opened as it is */
    int argc;      /* what is left after the options */
    char **argv;
    struct app app;
};

/* One option of a command. `at`: const char *, bool, int64_t, or struct cli_list, zero when absent.
 */
enum cli_type { CLI_TEXT, CLI_FLAG, CLI_INT, CLI_LIST };
struct cli_option {
    const char *name;
    enum cli_type type;
    void *at;
    int64_t min, max; /* CLI_INT */
};
#define CLI_LIST_MAX 100
struct cli_list {
    const char *items[CLI_LIST_MAX];
    int n;
};
/* Reads the command's options (ends with {0}; may be NULL) and the common ones: --db --today
 * --merchant
 * --json --help. Every other command takes `least` to `most` words more. CLI_USAGE was said
 * already; with asks_help set the help was printed and the command is done. */
int cli_options(struct cli *c, int argc, char **argv, const struct cli_option *options, int least,
                int most);
/* Opens the base and brings it up to date; audiences and guard are made. `create`: make the file.
 */
int cli_open(struct cli *c, bool create);
/* Opens it as it is: one that is not up to date is told, CLI_NO. */
int cli_open_as_is(struct cli *c);
void cli_close(struct cli *c);
/* Says what went wrong; returns CLI_NO. */
int cli_fail(struct cli *c, enum err e, const struct problem *p);
/* A text of web/locales/…/cli.json with pairs of name and value, then NULL. */
const char *cli_text(struct cli *c, const char *key, ...) __attribute__((sentinel));
int cli_wrong_usage(struct cli *c, const char *key, const char *what);
/* The merchant of --merchant, or the only one. */
int cli_merchant(struct cli *c, struct merchant *ret);
/* What the environment says about the place: for a first merchant. Pointers live in the arena. */
void cli_place(struct cli *c, struct merchant *ret);
/* The whole file as text in the arena, at most `max` bytes; NULL when it cannot be read. */
const char *cli_read_file(struct cli *c, const char *path, size_t max);

struct cli_command {
    const char *name;
    int (*run)(struct cli *c, int argc, char **argv);
};
int cmd_serve(struct cli *c, int argc, char **argv);
int cmd_demo(struct cli *c, int argc, char **argv);
int cmd_import(struct cli *c, int argc, char **argv);
int cmd_export(struct cli *c, int argc, char **argv);
int cmd_query(struct cli *c, int argc, char **argv);
int cmd_group(struct cli *c, int argc, char **argv);
int cmd_bulk(struct cli *c, int argc, char **argv);
int cmd_duplicates(struct cli *c, int argc, char **argv);
int cmd_segment(struct cli *c, int argc, char **argv);
int cmd_staff(struct cli *c, int argc, char **argv);
int cmd_merchant(struct cli *c, int argc, char **argv);
int cmd_backup(struct cli *c, int argc, char **argv);
int cmd_restore(struct cli *c, int argc, char **argv);
int cmd_check(struct cli *c, int argc, char **argv);
int cmd_migrate(struct cli *c, int argc, char **argv);
