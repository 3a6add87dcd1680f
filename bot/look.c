/* Subcommands that look and change nothing: check-config, status, audit. */
#include <stdio.h>
#include <stdlib.h>

#include "chat/json.h"
#include "cli.h"
#include "setup.h"
#include "store/audit_print.h"
#include "store/sqlite_store.h"
#include "store/status_print.h"
#include "util/screen.h"

/* RB_FAULTS_MAX lines of some kB each, escaped */
#define CHECK_JSON_MAX ((size_t)16 * 1024 * 1024)

/* ---- check-config -------------------------------------------------------------------------------------------------------- */

static void add_fault(rb_buf *out, const rb_fault_parts *fault)
{
    rb_buf_addf(out, "{\"level\":\"%s\",\"file\":", fault->level == RB_FAULT_WARNING ? "warning" : "error");
    rb_json_write(out, fault->file);
    rb_buf_addf(out, ",\"line\":%u,\"col\":%u,", fault->line, fault->col);
    rb_json_write_member(out, "text", fault->text);
    rb_buf_adds(out, "}");
}

static void print_check_json(const char *file, const rb_config *config, const rb_policy *policy,
                             const rb_faults *faults)
{
    rb_buf out;
    rb_buf_init(&out, CHECK_JSON_MAX);
    rb_buf_addf(&out, "{\"ok\":%s,", faults->n_errors == 0 ? "true" : "false");
    rb_json_write_member(&out, "file", file);
    rb_buf_adds(&out, ",");
    rb_json_write_member(&out, "policy", config->policy);
    if (policy) {
        rb_buf_adds(&out, ",");
        rb_json_write_member(&out, "policy_version", policy->version);
    } else {
        rb_buf_adds(&out, ",\"policy_version\":null");
    }
    rb_buf_adds(&out, ",\"faults\":[");
    for (size_t i = 0; i < faults->n; i++) {
        rb_fault_parts parts = rb_faults_parts(faults, i);
        rb_buf_adds(&out, i > 0 ? "," : "");
        add_fault(&out, &parts);
    }
    rb_buf_adds(&out, "]}");
    rb_screen_json(stdout, rb_buf_str(&out));
    rb_buf_fini(&out);
}

int cli_check_config(const cli_options *options)
{
    rb_config *config = calloc(1, sizeof *config);
    rb_policy *policy = NULL;
    rb_gettext *languages = NULL;
    rb_config_secrets secrets = {0};
    rb_faults faults = {0};
    if (!config) {
        rb_out_of_memory("the configuration");
    }
    rb_err err = setup_load_into(options->config_file, config, &policy, &faults);
    if (err == RB_OK) {
        err = setup_languages_into(config, &languages, &faults);
    }
    if (config->file[0] && options->with_secrets && rb_config_load_secrets(config, &secrets, &faults) != RB_OK) {
        err = RB_E_CONFIG;
    }
    rb_faults_sort(&faults);
    if (options->is_json) {
        print_check_json(options->config_file, config, policy, &faults);
    } else {
        rb_faults_print(&faults, stderr);
    }
    if (err == RB_OK && !options->is_json) {
        rb_buf line;
        rb_buf_init(&line, 4 * RB_CONFIG_PATH_CAP);
        rb_buf_addf(&line, "%s: good; policy %s, version %s", options->config_file, config->policy, policy->version);
        rb_screen_line(stdout, rb_buf_cstr(&line));
        rb_buf_fini(&line);
    }
    rb_config_secrets_fini(&secrets);
    rb_gettext_close(languages);
    rb_faults_fini(&faults);
    rb_policy_free(policy);
    free(config);
    return err == RB_OK ? 0 : 2;
}

/* ---- status and audit ---------------------------------------------------------------------------------------------------- */

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
            rb_screen_say(stderr, "resetbot: %s", errbuf.text);
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
        rb_screen_say(stderr, "resetbot: %s", errbuf.text);
    }
    rb_sqlite_close(store);
    return err == RB_OK ? 0 : 1;
}

int cli_audit(const cli_options *options)
{
    rb_sqlite *store = NULL;
    rb_errbuf errbuf = {""};
    bool is_unbroken = false;
    rb_working progress = rb_working_on(stderr);
    int code = open_reader(options, &store);
    if (code != 0) {
        return code;
    }
    rb_err err = rb_audit_print(store, options->argument, options->is_json ? RB_AUDIT_JSON : RB_AUDIT_TEXT, stdout,
                                &progress, &is_unbroken, &errbuf);
    if (err != RB_OK) {
        rb_screen_say(stderr, "resetbot: %s", errbuf.text);
    }
    rb_sqlite_close(store);
    return err == RB_OK && is_unbroken ? 0 : 1;
}
