/* Part of a name: the people who bear it are listed, and nobody is picked before somebody presses or types a whole name. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/catalogue.h"
#include "resetbot/text.h"

static bool is_too_short(const rb_intent *intent)
{
    return rb_text_chars(rb_str_of(intent->target)) < RB_PEOPLE_PART_MIN;
}

static bool may_be_serial(const rb_intent *intent)
{
    return rb_grammar_may_be_serial(intent) && !is_too_short(intent);
}

bool engine_need_serial_first(rb_task *task, rb_intent *intent, rb_progress *out_progress)
{
    rb_device_result *list = NULL;
    if (!may_be_serial(intent)) {
        return true;
    }
    rb_device_call call = {.kind = RB_DEVICE_FIND_BY_SERIAL, .text = intent->target};
    *out_progress = RB_WAIT;
    if (!rb_need_device(task, "list", &call, &list)) {
        return false;
    }
    /* a look-up that failed is the serial number's too: nothing is said of people while that is open */
    bool is_nobodys = list->outcome == RB_DEVICE_NOT_FOUND || (list->outcome == RB_DEVICE_OK && list->n_devices == 0);
    if (!is_nobodys) {
        intent->target_kind = RB_TARGET_SERIAL;
    }
    return true;
}

/* ---- the list ---------------------------------------------------------------------------------------------------------- */

static rb_progress nobody(rb_task *task, const rb_people_found *found)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_nobody(&words, found, message);
    rb_task_answer(task, message, false);
    if (!found->is_too_short) {
        rb_task_record(task, "lookup_failed", found->request, RB_T("nobody was found by that part of a name"));
    }
    return RB_FINISHED;
}

/* For a reset they wait in a draft, with reason and ticket: `status` brings the list back. */
static const rb_request *draft_of(rb_task *task, const rb_actor *actor, const rb_intent *intent,
                                  const rb_request *draft)
{
    if (draft) {
        return draft;
    }
    rb_request *made = rb_task_new_request(task);
    engine_fill_draft(task, made, actor, intent);
    return made;
}

static void answer_people(rb_task *task, rb_people_found *found, const rb_device_result *result,
                          const rb_request *draft)
{
    rb_found_person people[RB_PEOPLE_FOUND_MAX];
    char values[RB_PEOPLE_FOUND_MAX][RB_BOUND_CAP];
    char cancel[RB_BOUND_CAP];
    const char *user = task->delivery->who.user;
    assert(result->n_people <= RB_PEOPLE_FOUND_MAX);
    for (size_t i = 0; i < result->n_people; i++) {
        const rb_directory_person *person = &result->people[i];
        rb_task_bind(task, RB_BIND_PERSON, draft, user, person->id, values[i]);
        people[i] = (rb_found_person){person->name, person->upn, person->department, values[i]};
    }
    found->people = people;
    found->n = result->n_people;
    if (draft) {
        rb_task_bind(task, RB_BIND_CANCEL, draft, user, NULL, cancel);
        found->cancel = cancel;
        found->request = draft->id;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_people(&words, found, message);
    rb_task_answer(task, message, draft != NULL);
}

bool engine_need_people(rb_task *task, const rb_intent *intent, rb_people_found *found, rb_device_result **out_result,
                        rb_progress *out_progress)
{
    rb_device_result *result = NULL;
    rb_device_call call = {.kind = RB_DEVICE_FIND_PEOPLE, .text = intent->target};
    found->part = intent->target;
    found->is_too_short = is_too_short(intent);
    found->was_serial_too = may_be_serial(intent);
    if (found->is_too_short) {
        *out_progress = nobody(task, found);
        return false;
    }
    *out_progress = RB_WAIT;
    if (!rb_need_device(task, "people", &call, &result)) {
        return false;
    }
    found->has_more = result->has_more;
    if (result->outcome == RB_DEVICE_NOT_FOUND || (result->outcome == RB_DEVICE_OK && result->n_people == 0)) {
        *out_progress = nobody(task, found);
        return false;
    }
    if (result->outcome != RB_DEVICE_OK) {
        *out_progress = engine_lookup_failed(task, result->outcome, intent, result->detail);
        return false;
    }
    *out_result = result;
    return true;
}

rb_progress engine_list_people(rb_task *task, const rb_actor *actor, const rb_intent *intent, const rb_request *draft,
                               bool is_reset)
{
    rb_people_found found = {.verb = is_reset ? "reset" : "devices", .request = draft ? draft->id : ""};
    rb_device_result *result = NULL;
    rb_progress progress;
    if (!engine_need_people(task, intent, &found, &result, &progress)) {
        return progress;
    }
    answer_people(task, &found, result, is_reset ? draft_of(task, actor, intent, draft) : NULL);
    return RB_FINISHED;
}

/* ---- the devices of somebody ------------------------------------------------------------------------------------------ */

rb_progress rb_flow_show_devices(rb_task *task, const rb_actor *actor, const rb_intent *intent)
{
    rb_intent named = *intent;
    rb_pick *picks = NULL;
    size_t n = 0;
    rb_progress progress;
    if (!engine_need_serial_first(task, &named, &progress)) {
        return progress;
    }
    if (named.target_kind == RB_TARGET_NAME) {
        return engine_list_people(task, actor, &named, NULL, false);
    }
    if (!rb_flow_devices(task, actor, &named, &picks, &n, &progress)) {
        return progress;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_devices(&words, named.target, picks, n, message);
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

bool engine_need_user_name(rb_task *task, const char *entra, const rb_request *draft, rb_intent *out_intent,
                           rb_progress *out_progress)
{
    rb_device_result *user = NULL;
    rb_device_call call = {.kind = RB_DEVICE_USER, .text = entra};
    *out_progress = RB_WAIT;
    if (!rb_need_device(task, "person", &call, &user)) {
        return false;
    }
    *out_intent = (rb_intent){.target_kind = RB_TARGET_USER};
    if (user->outcome == RB_DEVICE_OK && user->upn[0]) {
        rb_copy_fit(out_intent->target, sizeof out_intent->target, user->upn);
        return true;
    }
    *out_progress = RB_FINISHED;
    if (user->outcome == RB_DEVICE_NOT_FOUND || user->outcome == RB_DEVICE_OK) {
        rb_task_say_next(task,
                         "The directory does not know this person any more. Look them up again, or use the device's "
                         "serial number. Nothing was done.",
                         (rb_arg[]){{NULL, NULL}}, draft ? "status" : "devices",
                         draft ? draft->id : "name@example.com");
        rb_task_record(task, "lookup_failed", draft ? draft->id : "", user->detail);
    } else {
        rb_copy_fit(out_intent->target, sizeof out_intent->target, entra);
        *out_progress = engine_lookup_failed(task, user->outcome, out_intent, user->detail);
    }
    return false;
}

rb_progress engine_person_chosen(rb_task *task, const char *entra, const rb_request *draft)
{
    rb_actor actor;
    rb_intent intent;
    rb_progress progress;
    if (!rb_need_actor(task, &task->delivery->who, &actor)) {
        return RB_WAIT;
    }
    rb_denial denial = rb_policy_role_of(task->engine->policy, &actor, RB_ROLE_HELPDESK);
    if (denial != RB_ALLOWED) {
        rb_task_refuse(task, denial, NULL, NULL, draft);
        return RB_FINISHED;
    }
    if (!engine_need_user_name(task, entra, draft, &intent, &progress)) {
        return progress;
    }
    return draft ? rb_flow_find(task, &intent, draft, 0) : rb_flow_show_devices(task, &actor, &intent);
}
