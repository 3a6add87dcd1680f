/* The program: which subcommand, with which options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config/config.h"
#include "config/policy_file.h"

typedef struct {
    const char *name;
    int (*run)(const cli_options *options);
    const char *usage;
    const char *summary;
    const char *help;
} subcommand;

static const subcommand SUBCOMMANDS[] = {
    {"run", cli_run, "[--config FILE] [--clock-is-right]", "connect and work until SIGTERM",
     "SIGHUP reloads the policy, all or nothing.\n--clock-is-right: send again after the wall clock went back over a "
     "reboot."},
    {"check-config", cli_check_config, "[--config FILE] [--secrets]",
     "check configuration and policy, all faults in one run", "--secrets: also load each secret and check its kind."},
    {"init", cli_init, "[policy]", "print a commented example configuration, or policy",
     "Redirect it: resetbot init > resetbot.yaml; resetbot init policy > policy.yaml"},
    {"status", cli_status, "[--config FILE] [--json]", "the open requests, from the store",
     "Reads the store only; the bot may run."},
    {"audit", cli_audit, "[--config FILE] [--json] [REQUEST]", "print the record and verify its chain",
     "Reads the store only; the bot may run. Exit 1 when the record was changed by other means than the bot's."},
    {"version", cli_version, "", "print the version", ""},
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
    fprintf(to, "\n  --config FILE   default %s\n  --help          after a subcommand: more about it\n",
            RB_CONFIG_DEFAULT_FILE);
}

static void print_help(const subcommand *command)
{
    printf("usage: resetbot %s %s\n\n%s.\n%s\n", command->name, command->usage, command->summary, command->help);
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

/* -1: go on; else the exit code. */
static int read_options(int argc, char **argv, const subcommand *command, cli_options *options)
{
    static const struct option LONG[] = {
        {"config", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'},
        {"json", no_argument, NULL, 'j'},         {"clock-is-right", no_argument, NULL, 'k'},
        {"secrets", no_argument, NULL, 's'},      {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "c:h", LONG, NULL)) != -1) {
        switch (option) {
        case 'c': options->config_file = optarg; break;
        case 'h': print_help(command); return 0;
        case 'j': options->is_json = true; break;
        case 'k': options->is_clock_right = true; break;
        case 's': options->with_secrets = true; break;
        default: fprintf(stderr, "resetbot: unknown option: see resetbot %s --help\n", command->name); return 2;
        }
    }
    if (optind < argc) {
        options->argument = argv[optind++];
    }
    if (optind < argc || (options->argument && command->run != cli_audit && command->run != cli_init)) {
        fprintf(stderr, "resetbot: too many arguments: see resetbot %s --help\n", command->name);
        return 2;
    }
    return -1;
}

int cli_version(const cli_options *options)
{
    (void)options;
    puts("resetbot " RESETBOT_VERSION);
    return 0;
}

int cli_init(const cli_options *options)
{
    if (options->argument && strcmp(options->argument, "policy") != 0) {
        fputs("resetbot: init knows only the word policy: see resetbot init --help\n", stderr);
        return 2;
    }
    if (options->argument) {
        rb_policy_print_example(stdout);
    } else {
        rb_config_print_example(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return 0;
    }
    const subcommand *command = find(argv[1]);
    if (!command) {
        fprintf(stderr, "resetbot: no subcommand %s: resetbot --help lists them\n", argv[1]);
        return 2;
    }
    cli_options options = {.config_file = RB_CONFIG_DEFAULT_FILE};
    int code = read_options(argc - 1, argv + 1, command, &options);
    return code >= 0 ? code : command->run(&options);
}
