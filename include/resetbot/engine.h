/* engine.h - deliveries in, requests through their states, effects out: event -> load -> step -> commit -> effects.
 *
 * One thread. Everything that is acted on was committed before (R1, R2); a failed commit ends the process (fatal). */
#ifndef RESETBOT_ENGINE_H
#define RESETBOT_ENGINE_H

#include "resetbot/catalogue.h"
#include "resetbot/chat_port.h"
#include "resetbot/clock.h"
#include "resetbot/device_port.h"
#include "resetbot/executor.h"
#include "resetbot/mac.h"
#include "resetbot/policy.h"
#include "resetbot/random.h"
#include "resetbot/store_port.h"
#include "resetbot/task.h"

typedef struct rb_engine rb_engine;

typedef struct {
    rb_clock clock;
    rb_random random;
    rb_store_port store;
    rb_executor store_executor;
    rb_chat_port chat;
    rb_device_port device;
    rb_languages languages;
    const char *root;                  /* "/passcode"; borrowed for the engine's life */
    const rb_command *const *commands; /* ends with NULL */
    rb_mac_key keys[2];                /* present, previous */
    size_t n_keys;
    uint64_t boot;         /* of this boot: rb_boot_id() */
    bool is_clock_trusted; /* `run --clock-is-right` */
    void *host;
    void (*timer_set)(void *host, int64_t boot_ms);              /* call rb_engine_timer then; INT64_MAX: none */
    void (*fatal)(void *host, rb_err err, const char *sentence); /* end the process with exit 1 */
} rb_engine_config;

/* policy is borrowed until set_policy replaces it. */
rb_err rb_engine_new(const rb_engine_config *config, const rb_policy *policy, rb_engine **out_engine) RB_MUST_CHECK;
/* Ports that need the engine's events first. */
void rb_engine_connect(rb_engine *engine, rb_chat_port chat, rb_device_port device);
/* Reads the store (blocking; before the loop runs) and takes up what was open. */
rb_err rb_engine_load(rb_engine *engine, rb_errbuf *errbuf) RB_MUST_CHECK;
void rb_engine_free(rb_engine *engine);

rb_chat_events rb_engine_chat_events(rb_engine *engine);
rb_device_events rb_engine_device_events(rb_engine *engine);
void rb_engine_timer(rb_engine *engine);
/* Open requests are evaluated again: still allowed, their buttons are renewed; else STALE. */
void rb_engine_set_policy(rb_engine *engine, const rb_policy *policy);
/* Takes no new deliveries (they are answered "restarting, nothing was done"); is_quiet: nothing is being committed,
 * no POST is under way, and no code is on a screen. */
void rb_engine_stop(rb_engine *engine);
/* From now on it acts on nothing any more: before its workers are closed. */
void rb_engine_halt(rb_engine *engine);
bool rb_engine_is_quiet(const rb_engine *engine);

/* The kernel's boot id as a number; 0 when unreadable. */
uint64_t rb_boot_id(void);

#endif
