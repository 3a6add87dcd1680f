/* Commands: who is it, where, may they; then the command itself. */
#include <stdio.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/text.h"

/* ---- commands --------------------------------------------------------------------------------------------------------- */

const rb_command *engine_find_command(const rb_engine *engine, const char *verb)
{
    for (size_t i = 0; engine->config.commands[i]; i++) {
        const rb_command *command = engine->config.commands[i];
        if (strcmp(command->name, verb) == 0) {
            return command;
        }
        for (const char *const *alias = command->aliases; alias && *alias; alias++) {
            if (strcmp(*alias, verb) == 0) {
                return command;
            }
        }
    }
    return NULL;
}

rb_denial engine_may_use(const rb_policy *policy, const rb_actor *actor, const rb_command *command)
{
    rb_denial denial = rb_policy_member(actor);
    bool needs_role = false;
    for (int role = 0; role < RB_ROLES && denial == RB_ALLOWED; role++) {
        needs_role = needs_role || command->roles[role];
        if (command->roles[role] && rb_policy_role_of(policy, actor, (rb_role)role) == RB_ALLOWED) {
            return RB_ALLOWED;
        }
    }
    if (denial != RB_ALLOWED || !needs_role || command->is_for_requester) {
        return denial; /* whose request it is, the command itself looks at */
    }
    for (int role = 0; role < RB_ROLES; role++) {
        if (command->roles[role]) {
            return rb_policy_role_of(policy, actor, (rb_role)role);
        }
    }
    return RB_NO_ROLE;
}

bool engine_is_outside(const rb_task *task)
{
    const rb_delivery *delivery = task->delivery;
    return delivery->is_other_workspace ||
           (task->engine->team[0] && strcmp(delivery->who.team, task->engine->team) != 0);
}

/* Who is it, and where; answers and records a refusal. */
static bool need_member_here(rb_task *task, rb_actor *actor, rb_progress *out_progress)
{
    const rb_delivery *delivery = task->delivery;
    bool is_place_allowed = false;
    *out_progress = RB_FINISHED;
    if (engine_is_outside(task)) {
        rb_task_refuse(task, RB_NO_OUTSIDE, NULL, NULL, NULL);
        return false;
    }
    bool is_ready = rb_need_actor(task, &delivery->who, actor);
    is_ready = rb_need_place(task, delivery->channel, delivery->who.user, &is_place_allowed) && is_ready;
    if (!is_ready) {
        *out_progress = RB_WAIT;
        return false;
    }
    rb_denial denial = rb_policy_member(actor);
    if (denial == RB_ALLOWED && !is_place_allowed) {
        denial = RB_NO_CHANNEL;
    }
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, NULL);
        return false;
    }
    return true;
}

/* From the menu of a message: `reset`, and its form, for those who may use that, where they may. */
rb_progress engine_run_shortcut(rb_task *task)
{
    rb_actor actor;
    rb_progress progress;
    if (!need_member_here(task, &actor, &progress)) {
        return progress;
    }
    rb_denial denial = engine_may_use(task->engine->policy, &actor, engine_find_command(task->engine, "reset"));
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, NULL);
        return RB_FINISHED;
    }
    return rb_flow_form_named(task);
}

/* Nothing was typed after the slash command: the form, for those who may use it; for others, what they may do. */
static const rb_command *without_words(const rb_task *task, const rb_actor *actor)
{
    const rb_command *reset = engine_find_command(task->engine, "reset");
    bool may_reset = engine_may_use(task->engine->policy, actor, reset) == RB_ALLOWED;
    return may_reset ? reset : engine_find_command(task->engine, "help");
}

rb_progress engine_run_command(rb_task *task)
{
    rb_actor actor;
    rb_progress progress;
    if (!need_member_here(task, &actor, &progress)) {
        return progress;
    }
    const rb_command *command = task->intent.verb[0] ? task->command : without_words(task, &actor);
    if (!command) {
        return engine_unknown_command(task, &actor);
    }
    rb_denial denial = engine_may_use(task->engine->policy, &actor, command);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, NULL);
        return RB_FINISHED;
    }
    return command->run(task, &actor);
}
