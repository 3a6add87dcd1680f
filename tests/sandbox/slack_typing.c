#include "slack_typing.h"

#include <stdbool.h>
#include <stdint.h>

#include "clockwork.h"
#include "json.h"
#include "slack_act.h"

static struct {
    json_object *command; /* NULL: nobody types */
    int64_t every_ms;
    int64_t due_real_ms;
    bool is_waiting; /* a timer is on its way */
    int64_t latest_ms;
} typing;

static void wait_for_next(void);

/* A sandbox that was late types what it owes: the pace is kept. */
static void type_due(void *arg)
{
    (void)arg;
    typing.is_waiting = false;
    int64_t late_ms = clockwork_real_ms() - typing.due_real_ms;
    if (typing.command && late_ms > typing.latest_ms)
        typing.latest_ms = late_ms;
    while (typing.command && typing.due_real_ms <= clockwork_real_ms()) {
        json_object *out = json_object_new_object();
        (void)sk_act_command(typing.command, out);
        json_object_put(out);
        typing.due_real_ms += typing.every_ms;
    }
    wait_for_next();
}

static void wait_for_next(void)
{
    if (!typing.command || typing.is_waiting)
        return;
    typing.is_waiting = true;
    int64_t wait_ms = typing.due_real_ms - clockwork_real_ms();
    clockwork_after(wait_ms > 0 ? wait_ms : 0, type_due, NULL);
}

const char *sk_keep_typing(json_object *arguments, json_object *out)
{
    sk_typing_fini();
    typing.every_ms = sj_int(arguments, "every_ms", 0);
    if (typing.every_ms <= 0)
        return NULL;
    const char *error = sk_act_command(arguments, out);
    if (error)
        return error;
    typing.command = json_object_get(arguments);
    typing.due_real_ms = clockwork_real_ms() + typing.every_ms;
    wait_for_next();
    return NULL;
}

int64_t sk_typing_latest_ms(void)
{
    return typing.latest_ms;
}

void sk_typing_fini(void)
{
    json_object_put(typing.command);
    typing.command = NULL;
}
