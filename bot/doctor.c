/* doctor.c - see doctor.h: the subcommand, which has everything looked at and says what came of it. */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "net/net_init.h"

static rb_err open_network(doctor *self, rb_errbuf *errbuf)
{
    rb_net_config net = {.ca_file = self->config.net_ca_file, .proxy_url = self->config.net_proxy};
#ifdef RESETBOT_TEST_CLOCK
    net.loopback_only = true;
#endif
    rb_err err = rb_loop_new(rb_clock_system(), &self->loop, errbuf);
    if (err == RB_OK) {
        err = rb_resolver_new(self->loop, NULL, &self->resolver, errbuf);
    }
    if (err == RB_OK) {
        err = rb_http_new(self->loop, self->resolver, &net, &self->http, errbuf);
    }
    return err;
}

static void look(doctor *self, const char *file)
{
    rb_errbuf errbuf = {""};
    doctor_skip_all(self, DOCTOR_POLICY, DOCTOR_CLOCK, DOCTOR_CONFIG);
    rb_working_say(&self->progress, "looking at files and store");
    doctor_look_at_files(self, file);
    if (!self->config.file[0]) {
        return;
    }
    if (open_network(self, &errbuf) != RB_OK) {
        doctor_skip_all(self, DOCTOR_NAMES, DOCTOR_CLOCK, DOCTOR_NAMES);
        doctor_failed(self, DOCTOR_NAMES, "", "%s", errbuf.text);
        return;
    }
    doctor_look_at_names(self);
    doctor_skip_all(self, DOCTOR_BOT_TOKEN, DOCTOR_CLOCK, DOCTOR_SECRETS);
    if (doctor_is_ok(self, DOCTOR_SECRETS)) {
        doctor_look_at_slack(self);
        doctor_look_at_graph(self);
        doctor_look_at_clock(self);
    }
}

static void close_all(doctor *self)
{
    rb_http_free(self->http);
    rb_resolver_free(self->resolver);
    rb_loop_free(self->loop);
    rb_secret_free(self->graph_token);
    rb_config_secrets_fini(&self->secrets);
    rb_gettext_close(self->languages);
    rb_policy_free(self->policy);
    free(self);
}

/* As with run: a configuration or policy that cannot be used is its own kind of failure. */
static int exit_code(const doctor *self, bool is_well)
{
    if (!self->config.file[0] || !self->policy) {
        return 2;
    }
    return is_well ? 0 : 1;
}

int cli_doctor(const cli_options *options)
{
    rb_errbuf errbuf = {""};
    doctor *self = calloc(1, sizeof *self);
    if (!self) {
        rb_out_of_memory("the checks");
    }
    setup_harden();
    rb_log_set_level(RB_LOG_ERROR);      /* findings say it in sentences */
    if (rb_net_init(&errbuf) != RB_OK) { /* before anything touches OpenSSL */
        rb_screen_say(stderr, "resetbot: %s", errbuf.text);
        close_all(self);
        return 1;
    }
    self->progress = rb_working_on(stderr);
    look(self, options->config_file);
    rb_working_clear(&self->progress);
    bool is_well = doctor_tell(self, options->is_json, rb_clock_system().now(NULL).utc_ms);
    int code = exit_code(self, is_well);
    close_all(self);
    return code;
}
