/* cli.h - the program's subcommands, one function each. Exit codes: 0 done, 1 failed, 2 usage or configuration. */
#ifndef RESETBOT_CLI_H
#define RESETBOT_CLI_H

#include <stdbool.h>

typedef struct {
    const char *config_file;
    bool is_json;
    bool is_clock_right;  /* run --clock-is-right */
    bool with_secrets;    /* check-config --secrets */
    const char *argument; /* the one free word, NULL */
} cli_options;

int cli_run(const cli_options *options);
int cli_check_config(const cli_options *options);
int cli_doctor(const cli_options *options);
int cli_audit(const cli_options *options);
int cli_status(const cli_options *options);
int cli_init(const cli_options *options);
int cli_version(const cli_options *options);

#endif
