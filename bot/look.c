/* Subcommands that look and change nothing: check-config, status, audit. */
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "setup.h"
#include "store/audit_print.h"
#include "store/sqlite_store.h"
#include "store/status_print.h"

int cli_check_config(const cli_options *options)
{
    rb_config *config = calloc(1, sizeof *config);
    rb_policy *policy = NULL;
    rb_gettext *languages = NULL;
    rb_config_secrets secrets = {0};
    rb_err err = config ? setup_load(options->config_file, config, &policy) : RB_E_NOMEM;
    if (err == RB_OK) {
        err = setup_languages(config, &languages);
    }
    if (err == RB_OK && options->with_secrets) {
        err = setup_secrets(config, &secrets);
    }
    if (err == RB_OK) {
        printf("%s: good; policy %s, version %s\n", options->config_file, config->policy, policy->version);
    }
    rb_config_secrets_fini(&secrets);
    rb_gettext_close(languages);
    rb_policy_free(policy);
    free(config);
    return err == RB_OK ? 0 : 2;
}

/* Opens the store of the configuration for reading. */
static int open_reader(const cli_options *options, rb_sqlite **out_store)
{
    rb_config *config = calloc(1, sizeof *config);
    rb_faults faults = {0};
    rb_errbuf errbuf = {""};
    rb_err err = config ? rb_config_load(options->config_file, config, &faults) : RB_E_NOMEM;
    rb_faults_print(&faults, stderr);
    rb_faults_fini(&faults);
    if (err == RB_OK) {
        err = rb_sqlite_open_reader(config->store_url, rb_clock_system(), out_store, &errbuf);
        if (err != RB_OK) {
            fprintf(stderr, "resetbot: %s\n", errbuf.text);
        }
    }
    free(config);
    return err == RB_OK ? 0 : err == RB_E_CONFIG ? 2 : 1;
}

int cli_status(const cli_options *options)
{
    rb_sqlite *store = NULL;
    rb_errbuf errbuf = {""};
    int code = open_reader(options, &store);
    if (code != 0) {
        return code;
    }
    rb_err err = rb_status_print(rb_sqlite_port(store), options->is_json, stdout, &errbuf);
    if (err != RB_OK) {
        fprintf(stderr, "resetbot: %s\n", errbuf.text);
    }
    rb_sqlite_close(store);
    return err == RB_OK ? 0 : 1;
}

int cli_audit(const cli_options *options)
{
    rb_sqlite *store = NULL;
    rb_errbuf errbuf = {""};
    bool is_unbroken = false;
    int code = open_reader(options, &store);
    if (code != 0) {
        return code;
    }
    rb_err err = rb_audit_print(store, options->argument, options->is_json ? RB_AUDIT_JSON : RB_AUDIT_TEXT, stdout,
                                &is_unbroken, &errbuf);
    if (err != RB_OK) {
        fprintf(stderr, "resetbot: %s\n", errbuf.text);
    }
    rb_sqlite_close(store);
    return err == RB_OK && is_unbroken ? 0 : 1;
}
