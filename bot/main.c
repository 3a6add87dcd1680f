/* The program: which subcommand, with which options. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config/config.h"
#include "config/policy_file.h"
#include "locale/gettext.h"
#include "options.h"
#include "util/screen.h"

typedef struct {
    const char *name;
    int (*run)(const cli_options *options);
    unsigned bits;        /* options_bit */
    const char *argument; /* name of the free word, NULL for none */
    const char *summary;
    const char *help;
    const char *json_help; /* NULL without --json */
} subcommand;

static const subcommand SUBCOMMANDS[] = {
    {"run", cli_run, OPTION_CONFIG | OPTION_CLOCK_IS_RIGHT, NULL, "connect and work until SIGTERM",
     "SIGHUP reloads the policy, all or nothing. Exit 2 without a usable configuration.", NULL},
    {"check-config", cli_check_config, OPTION_CONFIG | OPTION_SECRETS | OPTION_JSON, NULL,
     "check configuration and policy, all faults in one run",
     "Faults are told as FILE:LINE:COL: what: fix. Exit 2 when there is one.",
     "--json prints one object: ok, file, policy, policy_version (null when not usable), and faults, each with level "
     "(error or warning), file, line and col (0: the file as a whole) and text."},
    {"doctor", cli_doctor, OPTION_CONFIG | OPTION_JSON, NULL, "try everything the bot needs, and change nothing",
     "Files, secrets, store, disk, names, Slack's and Entra's tokens with what they allow, channels, people and groups "
     "of the "
     "policy, clock. The bot may run. It only reads: nothing is posted and no device is touched. Each answer is waited "
     "for at "
     "most 10 s. Exit 1 when a check failed, 2 without a usable configuration or policy.",
     "--json prints one object: ok, at (ISO 8601, UTC), and checks, each with name, result (ok, failed or skipped), "
     "found, "
     "and fix (null when found says it all)."},
    {"init", cli_init, 0, "policy", "print a commented example configuration, or policy",
     "Redirect it: resetbot init > resetbot.yaml; resetbot init policy > policy.yaml", NULL},
    {"status", cli_status, OPTION_CONFIG | OPTION_JSON, NULL, "the open requests, from the store",
     "Reads the store only; the bot may run.",
     "--json prints one object a line: id, state, since (ISO 8601, UTC), device_id, model, requester (Slack user id)."},
    {"audit", cli_audit, OPTION_CONFIG | OPTION_JSON, "REQUEST", "print the record and verify its chain",
     "Reads the store only; the bot may run. Exit 1 when the record was changed by other means than the bot's.",
     "--json prints one object a line: seq, at (ISO 8601, UTC), at_utc_ms, request, kind, team, user, who_name, text, "
     "hash, is_linked; the last one is about the whole chain: chain (unbroken or broken), records, first_bad_seq (when "
     "broken), head."},
    {"version", cli_version, OPTION_JSON, NULL, "print the version", "", "--json prints one object: name, version."},
};

#define N_SUBCOMMANDS (sizeof SUBCOMMANDS / sizeof SUBCOMMANDS[0])

static void print_usage(FILE *to)
{
    fputs("resetbot: reset device passcodes in Intune from team chat, with approval\n\nusage: resetbot SUBCOMMAND "
          "[OPTIONS]\n\n",
          to);
    for (size_t i = 0; i < N_SUBCOMMANDS; i++) {
        fprintf(to, "  %-13s %s\n", SUBCOMMANDS[i].name, SUBCOMMANDS[i].summary);
    }
    fputc('\n', to);
    rb_screen_prose(
        to, 0,
        "resetbot SUBCOMMAND --help says more about each. Exit codes: 0 done, 1 failed, 2 usage or configuration.");
}

static void print_help(const subcommand *command)
{
    printf("usage: resetbot %s", command->name);
    options_print_usage(stdout, command->bits);
    if (command->argument) {
        printf(" [%s]", command->argument);
    }
    printf("\n\n%s%s.\n\n", (char[]){(char)(command->summary[0] - 'a' + 'A'), '\0'}, command->summary + 1);
    options_print_help(stdout, command->bits);
    if (command->help[0]) {
        putchar('\n');
        rb_screen_prose(stdout, 0, command->help);
    }
    if (command->json_help) {
        putchar('\n');
        rb_screen_prose(stdout, 0, command->json_help);
    }
    if (command->run == cli_run || command->run == cli_check_config) {
        puts("\nConfiguration keys:");
        rb_config_print_help(stdout);
        puts("\nPolicy keys:");
        rb_policy_print_help(stdout);
    }
}

static const subcommand *find(const char *name)
{
    for (size_t i = 0; i < N_SUBCOMMANDS; i++) {
        if (strcmp(SUBCOMMANDS[i].name, name) == 0) {
            return &SUBCOMMANDS[i];
        }
    }
    return NULL;
}

static int refuse(const char *word)
{
    const char *names[N_SUBCOMMANDS];
    for (size_t i = 0; i < N_SUBCOMMANDS; i++) {
        names[i] = SUBCOMMANDS[i].name;
    }
    options_say_unknown(word[0] == '-' ? "a subcommand comes first, not" : "there is no subcommand", word, names,
                        N_SUBCOMMANDS, "resetbot --help lists them");
    return 2;
}

int cli_version(const cli_options *options)
{
    if (options->is_json) {
        puts("{\"name\":\"resetbot\",\"version\":\"" RESETBOT_VERSION "\"}");
    } else {
        puts("resetbot " RESETBOT_VERSION);
    }
    return 0;
}

int cli_init(const cli_options *options)
{
    if (options->argument && strcmp(options->argument, "policy") != 0) {
        static const char *const known[] = {"policy"};
        options_say_unknown("init prints no", options->argument, known, 1, "resetbot init --help says what it prints");
        return 2;
    }
    if (options->argument) {
        rb_policy_print_example(stdout);
    } else {
        rb_config_print_example(stdout);
    }
    return 0;
}

/* What was printed is whole only when all of it could be written: a full disk is no success. */
static int close_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return code;
    }
    fputs("resetbot: the output cannot be written: look at where it goes\n", stderr);
    return code ? code : 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return close_output(0);
    }
    cli_options options = {.config_file = RB_CONFIG_DEFAULT_FILE};
    if (strcmp(argv[1], "--version") == 0) {
        return close_output(cli_version(&options));
    }
    const subcommand *command = find(argv[1]);
    if (!command) {
        return refuse(argv[1]);
    }
    rb_gettext_characters();
    int code = options_read(argc - 1, argv + 1, command->bits, command->argument, &options);
    if (code == 0) {
        print_help(command);
    }
    return close_output(code >= 0 ? code : command->run(&options));
}
