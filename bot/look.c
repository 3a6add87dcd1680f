/* Subcommands that look and change nothing: check-config, status, audit. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "setup.h"
#include "store/sqlite_store.h"

int cli_check_config(const cli_options *options)
{
    rb_config *config = calloc(1, sizeof *config);
    rb_policy *policy = NULL;
    rb_config_secrets secrets = {0};
    rb_err err = config ? setup_load(options->config_file, config, &policy) : RB_E_NOMEM;
    if (err == RB_OK && options->with_secrets) {
        err = setup_secrets(config, &secrets);
    }
    if (err == RB_OK) {
        printf("%s: good; policy %s, version %s\n", options->config_file, config->policy, policy->version);
    }
    rb_config_secrets_fini(&secrets);
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

static void print_request(const rb_request *request, bool is_json)
{
    char since[RB_TIME_CAP];
    rb_time_iso(request->state_utc_ms, since);
    if (!is_json) {
        printf("%-10s %-12s %s  %-30s %s\n", request->id, rb_state_name(request->state), since,
               request->device.model, request->requester.name);
        return;
    }
    json_object *line = json_object_new_object();
    json_object_object_add(line, "id", json_object_new_string(request->id));
    json_object_object_add(line, "state", json_object_new_string(rb_state_name(request->state)));
    json_object_object_add(line, "since", json_object_new_string(since));
    json_object_object_add(line, "device_id", json_object_new_string(request->device.id));
    json_object_object_add(line, "model", json_object_new_string(request->device.model));
    json_object_object_add(line, "requester", json_object_new_string(request->requester.person.user));
    puts(json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
    json_object_put(line);
}

int cli_status(const cli_options *options)
{
    rb_sqlite *store = NULL;
    rb_errbuf errbuf = {""};
    int code = open_reader(options, &store);
    if (code != 0) {
        return code;
    }
    rb_query query = {.kind = RB_QUERY_LIVE, .since_utc_ms = INT64_MAX};
    rb_store_port port = rb_sqlite_port(store);
    rb_err err = port.query(port.self, &query, &errbuf);
    for (size_t i = 0; err == RB_OK && i < query.n_requests; i++) {
        print_request(&query.requests[i], options->is_json);
    }
    if (err == RB_OK && query.n_requests == 0 && !options->is_json) {
        puts("nothing is open");
    }
    if (err != RB_OK) {
        fprintf(stderr, "resetbot: %s\n", errbuf.text);
    }
    rb_query_fini(&query);
    rb_sqlite_close(store);
    return err == RB_OK ? 0 : 1;
}
