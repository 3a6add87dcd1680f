/* The form of `reset`: opened, looked up in, sent. The platform keeps what people enter and sends it with each press, so that
 * nothing is kept here: what they chose is looked up anew when they send it (S4). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/internal.h"
#include "resetbot/log.h"
#include "resetbot/mac.h"
#include "resetbot/text.h"

#define SECRET_SAID RB_T("This looks like a passcode or password: leave it out, nobody needs it here.")

/* ---- the pure checks, in the ack ----------------------------------------------------------------------------------------- */

static bool is_left_out(const rb_delivery *delivery, const char *field)
{
    return strstr(rb_delivery_field(delivery, field), RB_SECRET_MARK) != NULL;
}

static rb_str target_of(const rb_delivery *delivery)
{
    return rb_str_trim(rb_str_of(rb_delivery_field(delivery, RB_FIELD_TARGET)));
}

static const char *target_fault(const rb_delivery *delivery)
{
    rb_str target = target_of(delivery);
    rb_intent intent = {0};
    if (is_left_out(delivery, RB_FIELD_TARGET)) {
        return SECRET_SAID;
    }
    if (target.len == 0) {
        return RB_T("A user name (name@example.com), a serial number or a device id is needed.");
    }
    rb_grammar_target(target, &intent);
    if (target.len >= RB_TARGET_CAP || intent.is_target_too_long) {
        return RB_T("That is too long for a user name, serial number or device id.");
    }
    if (intent.target_kind == RB_TARGET_REQUEST) {
        return RB_T("That is a request, not a device: name its user, serial number or device id.");
    }
    return NULL;
}

/* What there is for one target stands in a block of its own: so a choice never outlives its list, and one that was made for
 * another target is seen. */
static void name_block(const char *field, rb_str target, char out_block[RB_ACTION_ID_CAP])
{
    char hash[65];
    rb_sha256_hex(target, hash);
    (void)snprintf(out_block, RB_ACTION_ID_CAP, "%s_%.16s", field, hash);
}

static const rb_field *field_of(const rb_delivery *delivery, const char *name)
{
    for (uint32_t i = 0; i < delivery->n_fields; i++) {
        if (strcmp(delivery->fields[i].name, name) == 0) {
            return &delivery->fields[i];
        }
    }
    return NULL;
}

static bool is_of_another_target(const rb_delivery *delivery)
{
    char block[RB_ACTION_ID_CAP];
    const rb_field *device = field_of(delivery, RB_FIELD_DEVICE);
    name_block(RB_FIELD_DEVICE, target_of(delivery), block);
    return device && device->value[0] && strcmp(device->block, block) != 0;
}

static const char *reset_fault(const rb_delivery *delivery)
{
    const char *fault = target_fault(delivery);
    if (!fault && is_of_another_target(delivery)) {
        return RB_T("This was changed after the look-up: press Look up again, then choose the device.");
    }
    return fault;
}

const char *engine_form_fault(const rb_delivery *delivery, const char **out_field)
{
    rb_str reason = rb_str_trim(rb_str_of(rb_delivery_field(delivery, RB_FIELD_REASON)));
    for (uint32_t i = 0; i < delivery->n_fields; i++) {
        *out_field = delivery->fields[i].name;
        if (is_left_out(delivery, *out_field)) {
            return SECRET_SAID;
        }
    }
    *out_field = RB_FIELD_REASON;
    if (rb_text_chars(reason) > RB_REASON_CHARS_MAX) {
        return RB_T("At most 500 characters.");
    }
    if (strcmp(delivery->callback, RB_FORM_DENY) == 0 && reason.len == 0) {
        return RB_T("Say why, so that the requester knows what to do next.");
    }
    *out_field = RB_FIELD_TARGET;
    return strcmp(delivery->callback, RB_FORM_RESET) == 0 ? reset_fault(delivery) : NULL;
}

/* ---- opening -------------------------------------------------------------------------------------------------------------- */

/* The rendered scratch message as a call; key names the fact. */
static bool need_form_call(rb_task *task, const char *key, rb_chat_call call, const rb_chat_result **out_result)
{
    static const rb_chat_result not_rendered = {.outcome = RB_CHAT_REFUSED};
    rb_engine *engine = task->engine;
    rb_buf payload;
    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    rb_err err = engine->config.chat.render(engine->config.chat.self, engine->message, &payload);
    call.payload = rb_buf_str(&payload);
    if (err != RB_OK) {
        rb_log(RB_LOG_ERROR, "event=form_not_rendered error=%s", rb_err_name(err));
        *out_result = &not_rendered;
    }
    bool is_ready = err != RB_OK || rb_need_chat(task, key, &call, out_result);
    rb_buf_fini(&payload);
    return is_ready;
}

static rb_progress not_opened(rb_task *task, const char *value)
{
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    rb_word_say(&words, message,
                "The form could not be opened in time. Nothing was done. Open it here, or type the command whole.",
                (rb_arg[]){{NULL, NULL}});
    rb_word_next(&words, message, "reset name@example.com");
    rb_message_button(message, "form", rb_word_text(&words, "Open the form"), value, RB_BUTTON_PRIMARY);
    rb_task_answer(task, message, false);
    return RB_FINISHED;
}

static void bind_form(rb_task *task, char out_value[RB_BOUND_CAP])
{
    rb_task_bind(task, RB_BIND_FORM, NULL, task->delivery->who.user, task->delivery->channel, out_value);
}

static rb_progress open_form(rb_task *task, const char *target)
{
    char value[RB_BOUND_CAP];
    const rb_chat_result *opened = NULL;
    rb_words words = rb_task_words(task);
    bind_form(task, value);
    rb_reset_form form = {.private_data = value, .target = target};
    rb_word_reset_form(&words, &form, rb_task_message(task));
    rb_chat_call call = {.kind = RB_CHAT_FORM_OPEN, .trigger_id = task->delivery->trigger_id};
    if (!need_form_call(task, "form", call, &opened)) {
        return RB_WAIT;
    }
    return opened->outcome == RB_CHAT_OK ? RB_FINISHED : not_opened(task, value);
}

rb_progress rb_flow_form(rb_task *task)
{
    return open_form(task, NULL);
}

/* ---- bringing it up to date -------------------------------------------------------------------------------------------------- */

/* From here on what would be answered is kept for the form, as the words beside its first field. */
static void begin_note(rb_task *task)
{
    if (!task->note) {
        task->note = malloc(sizeof *task->note);
        assert(task->note && "out of memory for a note");
    }
    rb_message_init(task->note);
    task->is_noting = true;
}

static void say_note(rb_task *task, const char *english)
{
    rb_words words = rb_task_words(task);
    rb_message_say(task->note, rb_word_text(&words, english));
}

/* A refusal may wait for the names of those who can help: then its words are not there yet. */
static bool is_waiting(const rb_task *task, rb_progress progress)
{
    return progress == RB_WAIT || task->is_waiting_for_names;
}

static rb_progress update_form(rb_task *task, const char *view, rb_reset_form *form)
{
    const rb_chat_result *updated = NULL;
    rb_words words = rb_task_words(task);
    task->is_noting = false;
    form->note = task->note;
    rb_word_reset_form(&words, form, rb_task_message(task));
    rb_chat_call call = {.kind = RB_CHAT_FORM_UPDATE, .view_id = view};
    if (!need_form_call(task, "update", call, &updated)) {
        return RB_WAIT;
    }
    if (updated->outcome != RB_CHAT_OK) {
        rb_task_say_next(task,
                         "What I found could not be shown: the form was closed, or Slack did not take it. Nothing was "
                         "done. Start again.",
                         (rb_arg[]){{NULL, NULL}}, "reset", "");
    }
    return RB_FINISHED;
}

/* ---- from a message ---------------------------------------------------------------------------------------------------------- */

/* A form stands there at once, for its trigger lives 3 s and Intune may take longer; a user name that is found follows. */
rb_progress rb_flow_form_named(rb_task *task)
{
    char value[RB_BOUND_CAP];
    const rb_chat_result *opened = NULL;
    rb_progress progress;
    rb_words words = rb_task_words(task);
    rb_intent intent = {0};
    rb_grammar_target(rb_str_of(task->delivery->text), &intent);
    if (intent.target_kind != RB_TARGET_MENTION) {
        bool is_named = intent.target_kind == RB_TARGET_USER && strlen(intent.target) <= RB_FORM_TARGET_CHARS;
        return open_form(task, is_named ? intent.target : NULL);
    }
    bind_form(task, value);
    rb_word_reset_form_opening(&words, value, rb_task_message(task));
    rb_chat_call call = {.kind = RB_CHAT_FORM_OPEN, .trigger_id = task->delivery->trigger_id};
    if (!need_form_call(task, "form", call, &opened)) {
        return RB_WAIT;
    }
    if (opened->outcome != RB_CHAT_OK) {
        return not_opened(task, value);
    }
    begin_note(task);
    bool is_found = engine_need_mentioned(task, &intent, &progress);
    if (!is_found && is_waiting(task, progress)) {
        return RB_WAIT;
    }
    rb_reset_form form = {.private_data = value, .target = is_found ? intent.target : NULL};
    return update_form(task, opened->view_id, &form);
}

/* ---- looking up -------------------------------------------------------------------------------------------------------------- */

/* A form is its person's, for half an hour; where it was asked for stands in it. Else answered. */
static bool is_ours(rb_task *task)
{
    rb_engine *engine = task->engine;
    rb_delivery *delivery = task->delivery;
    rb_bound bound;
    rb_str value = rb_str_of(delivery->private_data);
    bool is_good = rb_bound_read(value, &bound) == RB_OK && bound.kind == RB_BIND_FORM &&
                   rb_bound_check(engine->config.keys, engine->config.n_keys, value, NULL, delivery->who.user,
                                  engine_now(engine).utc_ms) == RB_BOUND_GOOD;
    if (!is_good) {
        rb_task_record(task, "bad_value", "", "form");
        rb_task_say_next(task, "That form is too old or not mine. Nothing was done. Start again.",
                         (rb_arg[]){{NULL, NULL}}, "reset", "");
        return false;
    }
    rb_copy_fit(delivery->channel, sizeof delivery->channel, bound.extra);
    return true;
}

/* A form with what was found; it points into the rest. */
typedef struct {
    rb_intent intent;
    rb_reset_form form;
    rb_people_found people;
    rb_found_person persons[RB_PEOPLE_FOUND_MAX];
    char target_block[RB_ACTION_ID_CAP];
    char device_block[RB_ACTION_ID_CAP];
    char person_block[RB_ACTION_ID_CAP];
} finding;

static bool need_persons(rb_task *task, finding *found, rb_progress *out_progress)
{
    rb_device_result *result = NULL;
    found->people = (rb_people_found){.verb = "reset", .request = ""};
    if (!engine_need_people(task, &found->intent, &found->people, &result, out_progress)) {
        return false;
    }
    found->people.n = result->n_people;
    found->people.people = found->persons;
    for (size_t i = 0; i < result->n_people; i++) {
        const rb_directory_person *person = &result->people[i];
        found->persons[i] = (rb_found_person){person->name, person->upn, person->department, person->id};
    }
    found->form.people = &found->people;
    return true;
}

/* A block that differs from the present one too: else the platform keeps what was typed there. */
static void next_block(const char *user_name, char block[RB_ACTION_ID_CAP])
{
    char named[RB_ACTION_ID_CAP + RB_TARGET_CAP];
    (void)snprintf(named, sizeof named, "%s %s", block, user_name);
    name_block(RB_FIELD_TARGET, rb_str_of(named), block);
}

/* What was typed, or who was chosen: then their user name takes the place of what was typed, in a new block. */
static bool need_target(rb_task *task, finding *found, rb_progress *out_progress)
{
    const rb_delivery *delivery = task->delivery;
    const char *person = rb_delivery_field(delivery, RB_FIELD_PERSON);
    const char *fault = target_fault(delivery);
    *out_progress = RB_FINISHED;
    if (strcmp(delivery->action_id, RB_FIELD_PERSON) == 0 && rb_str_is_guid(rb_str_of(person))) {
        if (!engine_need_user_name(task, person, NULL, &found->intent, out_progress)) {
            return false;
        }
        next_block(found->intent.target, found->target_block);
        found->form.target = found->intent.target;
        return true;
    }
    if (fault) {
        say_note(task, fault);
        return false;
    }
    rb_grammar_target(target_of(delivery), &found->intent);
    return true;
}

/* What stands behind the first field; false: not yet, or why not is in the note. */
static bool need_found(rb_task *task, finding *found, rb_progress *out_progress)
{
    rb_actor actor;
    rb_pick *picks = NULL;
    rb_intent *intent = &found->intent;
    if (!engine_need_helpdesk(task, &actor, out_progress) || !need_target(task, found, out_progress)) {
        return false;
    }
    name_block(RB_FIELD_DEVICE, found->form.target ? rb_str_of(intent->target) : target_of(task->delivery),
               found->device_block);
    name_block(RB_FIELD_PERSON, target_of(task->delivery), found->person_block);
    if (!engine_need_serial_first(task, intent, out_progress)) {
        return false;
    }
    if (intent->target_kind == RB_TARGET_NAME) {
        return need_persons(task, found, out_progress);
    }
    if (!rb_flow_devices(task, &actor, intent, &picks, &found->form.n_picks, out_progress)) {
        found->form.n_picks = 0;
        return false;
    }
    found->form.picks = picks;
    found->form.picks_of = intent->target;
    return true;
}

static rb_progress look_up(rb_task *task)
{
    finding found = {.intent = {.target_kind = RB_TARGET_NONE}};
    rb_progress progress = RB_FINISHED;
    const rb_delivery *delivery = task->delivery;
    const rb_field *target = field_of(delivery, RB_FIELD_TARGET);
    rb_copy_fit(found.target_block, sizeof found.target_block,
                target && target->block[0] ? target->block : RB_FIELD_TARGET);
    found.form = (rb_reset_form){.private_data = delivery->private_data,
                                 .is_reason_secret = is_left_out(delivery, RB_FIELD_REASON),
                                 .target_block = found.target_block,
                                 .device_block = found.device_block,
                                 .person_block = found.person_block};
    begin_note(task);
    if (!need_found(task, &found, &progress) && is_waiting(task, progress)) {
        return RB_WAIT;
    }
    return update_form(task, delivery->view_id, &found.form);
}

bool engine_is_look_up(const rb_delivery *delivery)
{
    return delivery->kind == RB_DELIVERY_CLICK && delivery->view_id[0] &&
           strcmp(delivery->callback, RB_FORM_RESET) == 0;
}

rb_progress rb_flow_form_pressed(rb_task *task)
{
    return is_ours(task) ? look_up(task) : RB_FINISHED;
}

/* ---- sent ---------------------------------------------------------------------------------------------------------------------- */

rb_progress rb_flow_form_sent(rb_task *task)
{
    const rb_delivery *delivery = task->delivery;
    rb_intent intent = {0};
    if (!is_ours(task)) {
        return RB_FINISHED;
    }
    rb_grammar_target(target_of(delivery), &intent);
    rb_text_clip(intent.reason, sizeof intent.reason, rb_str_of(rb_delivery_field(delivery, RB_FIELD_REASON)));
    rb_text_clip(intent.ticket, sizeof intent.ticket, rb_str_of(rb_delivery_field(delivery, RB_FIELD_TICKET)));
    task->answers = (form_answers){.verified = rb_verified_of(rb_delivery_field(delivery, RB_FIELD_VERIFIED)),
                                   .holds = rb_holds_of(rb_delivery_field(delivery, RB_FIELD_HOLDS)),
                                   .lock = rb_lock_of(rb_delivery_field(delivery, RB_FIELD_LOCK))};
    task->answers.device = rb_delivery_field(delivery, RB_FIELD_DEVICE);
    return rb_flow_find(task, &intent, NULL, 0);
}
