/* doctor_net.c - whether the names of Slack, Entra and Graph, or that of the proxy, have addresses. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "net/url.h"

typedef struct {
    doctor *self;
    rb_lookup lookup;
    rb_timer timer;
    bool is_found;
    char error[256];
} question;

static void on_answer(rb_lookup *lookup, const rb_addrs *addrs, const char *error)
{
    question *asked = lookup->owner;
    asked->is_found = addrs != NULL;
    snprintf(asked->error, sizeof asked->error, "%s", addrs ? "" : error);
    rb_loop_stop(asked->self->loop);
}

static void on_time(rb_timer *timer, rb_now now)
{
    question *asked = timer->owner;
    (void)now;
    rb_resolver_cancel(asked->self->resolver, &asked->lookup);
    snprintf(asked->error, sizeof asked->error, "no answer within %d s", (int)(DOCTOR_WAIT_MS / RB_SECOND_MS));
    rb_loop_stop(asked->self->loop);
}

static void ask_for(doctor *self, const char *host, rb_buf *troubles)
{
    question asked = {.self = self};
    rb_addrs addrs;
    if (rb_resolver_knows(self->resolver, host, &addrs)) {
        return;
    }
    asked.lookup = (rb_lookup){.done = on_answer, .owner = &asked};
    asked.timer = (rb_timer){.fire = on_time, .owner = &asked};
    if (rb_resolver_ask(self->resolver, host, &asked.lookup) != RB_OK) {
        doctor_note(troubles, "%s cannot be looked up just now", host);
        return;
    }
    rb_loop_timer_set(self->loop, &asked.timer, rb_loop_now(self->loop).boot_ms + DOCTOR_WAIT_MS);
    rb_loop_run(self->loop);
    rb_loop_timer_set(self->loop, &asked.timer, INT64_MAX);
    if (!asked.is_found) {
        doctor_note(troubles, "%s has no address: %s", host, asked.error);
    }
}

/* Behind a proxy only its own name is looked up here, but for loopback addresses. */
static bool host_of(const doctor *self, const char *text, rb_url *out_url)
{
    if (rb_url_parse(text, out_url, NULL) != RB_OK) {
        return false;
    }
    return self->config.net_proxy[0] == '\0' || out_url->is_loopback ||
           rb_url_parse_proxy(self->config.net_proxy, out_url, NULL) == RB_OK;
}

void doctor_look_up(doctor *self, const char *url, rb_buf *troubles)
{
    rb_url peer;
    if (host_of(self, url, &peer)) {
        ask_for(self, peer.host, troubles);
    } else {
        doctor_note(troubles, "it cannot be read");
    }
}

void doctor_look_at_names(doctor *self)
{
    const char *urls[] = {self->config.slack.api_url, self->config.intune.login_url, self->config.intune.graph_url};
    rb_buf hosts;
    rb_buf troubles;
    rb_working_say(&self->progress, "looking up names");
    rb_buf_init(&hosts, DOCTOR_TEXT_CAP);
    rb_buf_init(&troubles, DOCTOR_TEXT_CAP);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        rb_url url;
        if (!host_of(self, urls[i], &url)) {
            doctor_note(&troubles, "an address of the configuration cannot be read");
        } else if (!strstr(rb_buf_cstr(&hosts), url.host)) {
            rb_buf_addf(&hosts, "%s%s", hosts.len > 0 ? ", " : "", url.host);
            ask_for(self, url.host, &troubles);
        }
    }
    if (troubles.len > 0) {
        doctor_failed(self, DOCTOR_NAMES, "check this machine's DNS, net.proxy, and the addresses in the configuration",
                      "%s", rb_buf_cstr(&troubles));
    } else {
        doctor_ok(self, DOCTOR_NAMES, "%s", rb_buf_cstr(&hosts));
    }
    rb_buf_fini(&hosts);
    rb_buf_fini(&troubles);
}
