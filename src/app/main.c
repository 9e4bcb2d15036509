/* habitue: finds the command, loads the texts, runs it. */
#include <locale.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include "../base/check.h"
#include "../base/day.h"
#include "../base/log.h"
#include "cli.h"
#include "embedded.h"

static int cmd_version(struct cli *c, int argc, char **argv)
{
    int status = cli_options(c, argc, argv, NULL, 0, 0);
    if (status == CLI_OK && !c->asks_help)
        printf("habitue %s\n", HABITUE_VERSION);
    return status;
}

static int cmd_help(struct cli *c, int argc, char **argv);

static const struct cli_command commands[] = {
    {"serve", cmd_serve},     {"demo", cmd_demo},         {"import", cmd_import},
    {"query", cmd_query},     {"export", cmd_export},     {"segment", cmd_segment},
    {"group", cmd_group},     {"bulk", cmd_bulk},         {"duplicates", cmd_duplicates},
    {"staff", cmd_staff},     {"merchant", cmd_merchant}, {"backup", cmd_backup},
    {"restore", cmd_restore}, {"check", cmd_check},       {"migrate", cmd_migrate},
    {"version", cmd_version}, {"help", cmd_help},         {NULL, NULL},
};

static const struct cli_command *find(const char *name)
{
    for (const struct cli_command *k = commands; k->name; k++) {
        if (strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

static int cmd_help(struct cli *c, int argc, char **argv)
{
    const char *about = argc > 1 ? argv[1] : NULL;
    if (about && !find(about))
        return cli_wrong_usage(c, "cli.no_command", about);
    printf("%s\n",
           cli_text(c, about ? arena_printf(c->arena, "cli.help.%s", about) : "cli.help", NULL));
    return CLI_OK;
}

/* "fr_FR.UTF-8" → fr */
static const char *language_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *v = getenv(names[i]);
        if (v && strlen(v) >= 2)
            return message_language((struct str){v, 2});
    }
    return "en";
}

int main(int argc, char **argv)
{
    check(sodium_init() >= 0);
    for (const struct embedded_locale *l = embedded_locales; l->language; l++)
        message_promise(l->language, l->json);
    struct cli c = {.arena = arena_new(), .language = language_of_environment()};
    c.app.fixed_today = DAY_NONE;
    const char *name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    else if (strcmp(name, "--version") == 0)
        name = "version";
    const struct cli_command *k = find(name);
    c.command = k ? k->name : "";
    int status = k ? k->run(&c, argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv)
                   : cli_wrong_usage(&c, "cli.no_command", name);
    if (argc < 2)
        status = CLI_USAGE;
    arena_free(&c.arena);
    if (fflush(stdout) != 0)
        status = status == CLI_OK ? CLI_NO : status;
    return status;
}
