/* slack_codec.c - see slack_codec.h. Shapes: docs.slack.dev/apis/events-api/using-socket-mode, reference/interaction-payloads
 * (read 2026-11). */
#include "chat/slack_codec.h"

#include <string.h>

#include "chat/json.h"
#include "chat/slack_text.h"
#include "resetbot/log.h"
#include "resetbot/mac.h"
#include "resetbot/secret.h"
#include "resetbot/text.h"

/* a plain_text section holds 3,000 characters; what is longer goes out as text alone */
#define ACK_BLOCK_CHARS_MAX 3000

static const char TOO_LONG[] = "That was too long: at most 4,000 characters. Nothing was done.";
static const char FIELD_TOO_LONG[] = "This is too long. Nothing was done: please shorten it and send again.";
static const char NOT_OURS[] = "This form cannot be read. Nothing was done: please close it and start again.";

/* ---- what every payload has -------------------------------------------------------------------------------------- */

/* A word for the log out of the peer's text: anything odd becomes '?', what is longer is cut. */
static void copy_word(char dst[RB_WORD_CAP], rb_str text)
{
    size_t len = text.len < RB_WORD_CAP - 1 ? text.len : RB_WORD_CAP - 1;

    for (size_t i = 0; i < len; i++) {
        char c = text.ptr[i];
        dst[i] = rb_slack_is_id((rb_str){&c, 1}) || c == '_' || c == '.' || c == '-' ? c : '?';
    }
    dst[len] = '\0';
}

static void add_what(rb_slack_frame *frame, const char *more)
{
    size_t used = strlen(frame->what);

    copy_word(frame->what + used, (rb_str){"", 0});
    for (size_t i = 0; more[i] != '\0' && used + 1 < sizeof frame->what; i++)
        frame->what[used++] = more[i];
    frame->what[used] = '\0';
}

/* An id that is absent or does not fit is no id: "" and false. */
static bool copy_id(const rb_json *object, const char *name, char *dst, size_t cap)
{
    return rb_json_copy(object, name, dst, cap) == RB_OK && dst[0] != '\0';
}

/* For values that only serve later answers: too long counts as absent, since the engine has other ways to answer. */
static void copy_optional(const rb_json *object, const char *name, char *dst, size_t cap)
{
    if (rb_json_copy(object, name, dst, cap) != RB_OK)
        rb_log(RB_LOG_WARN, "event=slack_value_too_long name=%s", name);
}

static bool differ(const char *a, const char *b)
{
    return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

/* Who did it, in an interactive payload: user.team_id is the person's own workspace, team.id the one it happened in. An
 * outsider of a shared channel shows only there (domain/slack.md 2.2). */
static bool read_actor(const rb_json *payload, const rb_slack_self *self, rb_delivery *out)
{
    const rb_json *user = rb_json_get(payload, "user");
    const rb_json *team = rb_json_get(payload, "team");
    char place[RB_CHAT_ID_CAP];
    char installed[RB_CHAT_ID_CAP];

    if (!copy_id(user, "id", out->who.user, sizeof out->who.user))
        return false;
    bool has_place = copy_id(team, "id", place, sizeof place);
    if (!copy_id(user, "team_id", out->who.team, sizeof out->who.team) && has_place)
        rb_copy_fit(out->who.team, sizeof out->who.team, place);
    if (!copy_id(rb_json_get(payload, "view"), "app_installed_team_id", installed, sizeof installed))
        installed[0] = '\0';
    rb_text_clip(out->user_name, sizeof out->user_name, rb_json_str(user, "name"));
    out->is_other_workspace =
        differ(out->who.team, place) || differ(out->who.team, self->team) || differ(out->who.team, installed);
    return out->who.team[0] != '\0';
}

/* Parts joined by ':'; a key that would be too long is replaced by its hash, which is as unique. */
static void make_key(rb_delivery *out, const char *kind, const char *const parts[], size_t n)
{
    rb_buf key;

    rb_buf_init(&key, 8 * RB_KEY_CAP);
    rb_buf_adds(&key, kind);
    for (size_t i = 0; i < n; i++) {
        rb_buf_adds(&key, ":");
        rb_buf_adds(&key, parts[i]);
    }
    if (rb_copy(out->key, sizeof out->key, rb_buf_str(&key)) != RB_OK) {
        char hash[65];
        rb_sha256_hex(rb_buf_str(&key), hash);
        rb_copy_fit(out->key, sizeof out->key, hash);
    }
    rb_buf_fini(&key);
}

/* ---- slash commands ------------------------------------------------------------------------------------------------ */

static rb_slack_frame_kind refuse_command(rb_slack_frame *frame)
{
    add_what(frame, ".too_long");
    frame->delivery.text[0] = '\0';
    frame->refusal = (rb_ack){.kind = RB_ACK_TEXT, .text = TOO_LONG};
    return RB_SLACK_FRAME_REFUSED;
}

static rb_err read_text(const rb_json *payload, rb_delivery *out)
{
    rb_buf text;

    rb_buf_init(&text, sizeof out->text - 1);
    rb_slack_unescape(&text, rb_json_str(payload, "text"));
    rb_err err = text.err ? text.err : rb_copy(out->text, sizeof out->text, rb_buf_str(&text));
    rb_buf_wipe(&text);
    return err;
}

/* The payload is flat and names one workspace only: the one in which the command was typed. */
static rb_slack_frame_kind read_command(const rb_json *payload, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_delivery *out = &frame->delivery;

    out->kind = RB_DELIVERY_COMMAND;
    if (!copy_id(payload, "user_id", out->who.user, sizeof out->who.user) ||
        !copy_id(payload, "team_id", out->who.team, sizeof out->who.team) ||
        rb_json_copy(payload, "command", out->command, sizeof out->command) != RB_OK) {
        add_what(frame, ".no_actor");
        return RB_SLACK_FRAME_UNREADABLE;
    }
    out->is_other_workspace = differ(out->who.team, self->team);
    rb_text_clip(out->user_name, sizeof out->user_name, rb_json_str(payload, "user_name"));
    copy_optional(payload, "channel_id", out->channel, sizeof out->channel);
    copy_optional(payload, "response_url", out->response_url, sizeof out->response_url);
    copy_optional(payload, "trigger_id", out->trigger_id, sizeof out->trigger_id);
    make_key(out, "slash", (const char *[]){out->trigger_id[0] ? out->trigger_id : out->envelope_id}, 1);
    if (read_text(payload, out) != RB_OK)
        return refuse_command(frame);
    (void)rb_slack_drop_secret(out->text, sizeof out->text);
    return RB_SLACK_FRAME_DELIVERY;
}

/* ---- the state of inputs ------------------------------------------------------------------------------------------- */

typedef struct {
    rb_delivery *delivery;
    char too_long[RB_ACTION_ID_CAP]; /* block of the first value that does not fit */
    const char *block;
    bool is_too_much;
} gathering;

/* What was typed, or the value of what was chosen; NULL for kinds of input that we never make. */
static const rb_json *input_value(const rb_json *input)
{
    rb_str type = rb_json_str(input, "type");

    if (rb_str_equal(type, RB_STR("plain_text_input")))
        return rb_json_get(input, "value");
    return rb_json_get(rb_json_get(input, "selected_option"), "value");
}

/* What each text input is about: "4711" is a ticket or a serial number where one is asked for, and a passcode elsewhere. NULL:
 * not a text of people. */
static const char *about(const char *name)
{
    static const struct {
        const char *name;
        const char *about;
    } inputs[] = {{"reason", ""}, {"ticket", "ticket "}, {"target", "serial "}};

    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        if (strcmp(inputs[i].name, name) == 0)
            return inputs[i].about;
    return NULL;
}

/* S7: what looks like a passcode does not leave the codec. */
static void hide_secret(rb_field *field, const char *before)
{
    rb_buf cleaned;

    rb_buf_init(&cleaned, sizeof field->value + strlen(before));
    rb_buf_adds(&cleaned, before);
    rb_text_clean(&cleaned, rb_str_of(field->value));
    if (cleaned.err || rb_text_looks_secret(rb_buf_str(&cleaned))) {
        rb_wipe(field->value, sizeof field->value);
        rb_copy_fit(field->value, sizeof field->value, RB_SECRET_MARK);
    }
    rb_buf_wipe(&cleaned);
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static bool gather_input(void *arg, const char *name, const rb_json *input)
{
    gathering *to = arg;
    rb_delivery *out = to->delivery;

    /* no id of ours is that long or odd: not our input, or not our form */
    if (strlen(name) >= RB_ACTION_ID_CAP || !is_printable(name) || out->n_fields == RB_FORM_FIELDS_MAX) {
        to->is_too_much = true;
        return false;
    }
    rb_field *field = &out->fields[out->n_fields];
    rb_copy_fit(field->name, sizeof field->name, name);
    bool is_block_ours = strlen(to->block) < sizeof field->block && is_printable(to->block);
    rb_copy_fit(field->block, sizeof field->block, is_block_ours ? to->block : "");
    if (rb_json_copy_text(input_value(input), field->value, sizeof field->value) != RB_OK) {
        to->is_too_much = true;
        if (rb_copy(to->too_long, sizeof to->too_long, rb_str_of(to->block)) != RB_OK)
            to->too_long[0] = '\0';
        return false;
    }
    if (about(name))
        hide_secret(field, about(name));
    out->n_fields++;
    return true;
}

static bool gather_block(void *arg, const char *name, const rb_json *block)
{
    gathering *to = arg;

    to->block = name;
    return rb_json_each(block, gather_input, to);
}

static bool gather(const rb_json *holder, gathering *to)
{
    return rb_json_each(rb_json_get(rb_json_get(holder, "state"), "values"), gather_block, to);
}

/* ---- clicks -------------------------------------------------------------------------------------------------------- */

static bool is_button(const rb_json *action)
{
    return rb_str_equal(rb_json_str(action, "type"), RB_STR("button"));
}

/* What a form tells before it is sent: only where the bot asked for that (dispatch_action). */
static bool is_entry(const rb_json *action)
{
    static const rb_str types[] = {{"plain_text_input", 16}, {"radio_buttons", 13}, {"static_select", 13}};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (rb_str_equal(rb_json_str(action, "type"), types[i]))
            return true;
    return false;
}

/* The button that was pressed; in a form also what was entered or chosen there. */
static const rb_json *find_pressed(const rb_json *payload)
{
    const rb_json *actions = rb_json_get(payload, "actions");
    bool is_form = rb_str_equal(rb_json_str(rb_json_get(payload, "view"), "type"), RB_STR("modal"));

    for (size_t i = 0; i < rb_json_count(actions); i++) {
        const rb_json *action = rb_json_at(actions, i);
        if (is_button(action) || (is_form && is_entry(action)))
            return action;
    }
    return NULL;
}

/* Each says what it is: none can be a button of ours. */
static bool are_choices(const rb_json *actions)
{
    for (size_t i = 0; i < rb_json_count(actions); i++)
        if (rb_json_str(rb_json_at(actions, i), "type").len == 0)
            return false;
    return rb_json_is_array(actions);
}

static bool read_view(const rb_json *view, rb_delivery *out)
{
    return rb_json_copy(view, "id", out->view_id, sizeof out->view_id) == RB_OK &&
           rb_json_copy(view, "callback_id", out->callback, sizeof out->callback) == RB_OK &&
           rb_json_copy(view, "private_metadata", out->private_data, sizeof out->private_data) == RB_OK;
}

static bool read_place(const rb_json *payload, rb_delivery *out)
{
    const rb_json *container = rb_json_get(payload, "container");

    if (!copy_id(container, "message_ts", out->message_ts, sizeof out->message_ts))
        copy_optional(rb_json_get(payload, "message"), "ts", out->message_ts, sizeof out->message_ts);
    if (!copy_id(container, "channel_id", out->channel, sizeof out->channel))
        copy_optional(rb_json_get(payload, "channel"), "id", out->channel, sizeof out->channel);
    out->is_private_message = rb_json_true(container, "is_ephemeral");
    out->is_home = rb_str_equal(rb_json_str(rb_json_get(payload, "view"), "type"), RB_STR("home"));
    return read_view(rb_json_get(payload, "view"), out);
}

/* A button's value is ours. What people entered is among the fields, where S7 is looked after. */
static bool read_pressed(const rb_json *pressed, rb_delivery *out)
{
    return copy_id(pressed, "action_id", out->action_id, sizeof out->action_id) &&
           (!is_button(pressed) || rb_json_copy(pressed, "value", out->value, sizeof out->value) == RB_OK);
}

static rb_slack_frame_kind read_click(const rb_json *payload, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_delivery *out = &frame->delivery;
    const rb_json *pressed = find_pressed(payload);
    const rb_json *view = rb_json_get(payload, "view");
    gathering state = {.delivery = out};
    char action_ts[RB_CHAT_TS_CAP];

    out->kind = RB_DELIVERY_CLICK;
    if (!pressed) {
        add_what(frame, ".choice"); /* the state of choices travels with the button pressed later */
        return are_choices(rb_json_get(payload, "actions")) ? RB_SLACK_FRAME_IDLE : RB_SLACK_FRAME_UNREADABLE;
    }
    if (!read_actor(payload, self, out) || !read_place(payload, out) || !read_pressed(pressed, out) ||
        !gather(view ? view : payload, &state)) {
        add_what(frame, ".not_ours");
        return RB_SLACK_FRAME_UNREADABLE;
    }
    copy_optional(payload, "response_url", out->response_url, sizeof out->response_url);
    copy_optional(payload, "trigger_id", out->trigger_id, sizeof out->trigger_id);
    if (!copy_id(pressed, "action_ts", action_ts, sizeof action_ts))
        action_ts[0] = '\0';
    const char *moment = action_ts[0] ? action_ts : out->trigger_id[0] ? out->trigger_id : out->envelope_id;
    const char *place = out->view_id[0] ? out->view_id : out->message_ts;
    make_key(out, "click", (const char *[]){out->who.user, out->channel, place, moment}, 4);
    return RB_SLACK_FRAME_DELIVERY;
}

/* ---- shortcuts ----------------------------------------------------------------------------------------------------- */

/* Who wrote the message; "" when no person did. */
static void read_author(const rb_json *message, const rb_slack_self *self, char *out, size_t cap)
{
    char user[RB_CHAT_ID_CAP];
    rb_buf mention;

    bool is_person = copy_id(message, "user", user, sizeof user) && strcmp(user, self->bot_user) != 0 &&
                     rb_slack_is_id(rb_str_of(user)) && rb_json_str(message, "bot_id").len == 0;
    rb_buf_init(&mention, RB_WORD_CAP);
    if (is_person)
        rb_buf_addf(&mention, "<@%s>", user);
    if (rb_copy(out, cap, rb_buf_str(&mention)) != RB_OK)
        out[0] = '\0';
    rb_buf_fini(&mention);
}

/* Of the message only whom it names is read. Shape: docs.slack.dev/reference/interaction-payloads/
 * shortcuts-interaction-payload (message_action). */
static rb_slack_frame_kind read_shortcut(const rb_json *payload, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_delivery *out = &frame->delivery;
    const rb_json *message = rb_json_get(payload, "message");
    char action_ts[RB_CHAT_TS_CAP];

    out->kind = RB_DELIVERY_SHORTCUT;
    if (rb_json_copy(payload, "callback_id", out->callback, sizeof out->callback) != RB_OK ||
        strcmp(out->callback, RB_SLACK_SHORTCUT) != 0)
        return RB_SLACK_FRAME_IDLE; /* none of ours */
    if (!read_actor(payload, self, out)) {
        add_what(frame, ".no_actor");
        return RB_SLACK_FRAME_UNREADABLE;
    }
    copy_optional(rb_json_get(payload, "channel"), "id", out->channel, sizeof out->channel);
    copy_optional(payload, "message_ts", out->message_ts, sizeof out->message_ts);
    copy_optional(payload, "response_url", out->response_url, sizeof out->response_url);
    copy_optional(payload, "trigger_id", out->trigger_id, sizeof out->trigger_id);
    rb_slack_named(rb_json_str(message, "text"), self->bot_user, out->text, RB_TARGET_CAP);
    if (out->text[0] == '\0')
        read_author(message, self, out->text, RB_TARGET_CAP);
    if (!copy_id(payload, "action_ts", action_ts, sizeof action_ts))
        action_ts[0] = '\0';
    const char *moment = action_ts[0] ? action_ts : out->trigger_id[0] ? out->trigger_id : out->envelope_id;
    make_key(out, "shortcut", (const char *[]){out->who.user, out->channel, out->message_ts, moment}, 4);
    return RB_SLACK_FRAME_DELIVERY;
}

/* ---- forms --------------------------------------------------------------------------------------------------------- */

static rb_slack_frame_kind refuse_form(rb_slack_frame *frame, const char *text, const char *block)
{
    add_what(frame, ".refused");
    frame->refusal = (rb_ack){.kind = RB_ACK_FORM_ERROR, .text = text, .field = block};
    return RB_SLACK_FRAME_REFUSED;
}

/* A second sending of a form after an error has the same view and hash but a trigger of its own: it is no repetition. */
static rb_slack_frame_kind read_form(const rb_json *payload, const rb_slack_self *self, rb_slack_frame *frame,
                                     gathering *state)
{
    rb_delivery *out = &frame->delivery;
    const rb_json *view = rb_json_get(payload, "view");
    char hash[RB_WORD_CAP];

    out->kind = RB_DELIVERY_FORM;
    if (!read_actor(payload, self, out)) {
        add_what(frame, ".no_actor");
        return RB_SLACK_FRAME_UNREADABLE;
    }
    bool is_whole = gather(view, state);
    if (!read_view(view, out) || (!is_whole && state->too_long[0] == '\0'))
        return refuse_form(frame, NOT_OURS, "");
    if (!is_whole)
        return refuse_form(frame, FIELD_TOO_LONG, state->too_long);
    copy_optional(payload, "trigger_id", out->trigger_id, sizeof out->trigger_id);
    if (!copy_id(view, "hash", hash, sizeof hash))
        hash[0] = '\0';
    const char *moment = out->trigger_id[0] ? out->trigger_id : out->envelope_id;
    make_key(out, "form", (const char *[]){out->view_id, hash, moment}, 3);
    return RB_SLACK_FRAME_DELIVERY;
}

/* ---- frames -------------------------------------------------------------------------------------------------------- */

static rb_slack_frame_kind read_interactive(const rb_json *payload, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_str type = rb_json_str(payload, "type");

    copy_word(frame->what, type);
    if (rb_str_equal(type, RB_STR("block_actions")))
        return read_click(payload, self, frame);
    if (rb_str_equal(type, RB_STR("message_action")))
        return read_shortcut(payload, self, frame);
    if (!rb_str_equal(type, RB_STR("view_submission")))
        return type.len > 0 ? RB_SLACK_FRAME_IDLE : RB_SLACK_FRAME_UNREADABLE;
    gathering state = {.delivery = &frame->delivery};
    rb_slack_frame_kind kind = read_form(payload, self, frame, &state);
    if (kind == RB_SLACK_FRAME_REFUSED) {
        /* the refusal's field must outlive this call */
        rb_copy_fit(frame->delivery.action_id, sizeof frame->delivery.action_id, state.too_long);
        frame->refusal.field = frame->delivery.action_id;
    }
    return kind;
}

/* docs.slack.dev/reference/events/app_home_opened (read 2026-11): sent for both tabs of the app. The event names no workspace of
 * its own, so what counts is which one it was sent to. Slack repeats events, with the same event_id. */
static rb_slack_frame_kind read_event(const rb_json *payload, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_delivery *out = &frame->delivery;
    const rb_json *event = rb_json_get(payload, "event");
    rb_str type = rb_json_str(event, "type");
    char id[RB_WORD_CAP];

    if (!rb_str_equal(type, RB_STR("app_home_opened")) || !rb_str_equal(rb_json_str(event, "tab"), RB_STR("home")))
        return RB_SLACK_FRAME_IDLE;
    copy_word(frame->what, type);
    out->kind = RB_DELIVERY_HOME;
    if (!copy_id(event, "user", out->who.user, sizeof out->who.user) ||
        !copy_id(payload, "team_id", out->who.team, sizeof out->who.team) ||
        !copy_id(payload, "event_id", id, sizeof id)) {
        add_what(frame, ".no_actor"); /* acked all the same: a picture is not worth four more envelopes */
        return RB_SLACK_FRAME_IDLE;
    }
    out->is_other_workspace = differ(out->who.team, self->team);
    if (!copy_id(rb_json_get(event, "view"), "id", out->view_id, sizeof out->view_id))
        out->view_id[0] = '\0';
    make_key(out, "home", (const char *[]){id}, 1);
    return RB_SLACK_FRAME_DELIVERY;
}

static rb_slack_frame_kind read_envelope(const rb_json *root, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_str type = rb_json_str(root, "type");
    const rb_json *payload = rb_json_get(root, "payload");

    rb_copy_fit(frame->delivery.envelope_id, sizeof frame->delivery.envelope_id, frame->envelope_id);
    if (rb_str_equal(type, RB_STR("slash_commands")))
        return read_command(payload, self, frame);
    if (rb_str_equal(type, RB_STR("interactive")))
        return read_interactive(payload, self, frame);
    if (rb_str_equal(type, RB_STR("events_api")))
        return read_event(payload, self, frame);
    return type.len > 0 ? RB_SLACK_FRAME_IDLE : RB_SLACK_FRAME_UNREADABLE;
}

static uint32_t read_count(const rb_json *root)
{
    int64_t count = rb_json_int(root, "num_connections", 0);

    return count > 0 && count < INT32_MAX ? (uint32_t)count : 0;
}

static rb_slack_frame_kind read_hello(const rb_json *root, rb_slack_frame *frame)
{
    int64_t life_s = rb_json_int(rb_json_get(root, "debug_info"), "approximate_connection_time", 0);

    frame->num_connections = read_count(root);
    frame->life_ms = life_s > 0 && life_s < INT32_MAX ? life_s * RB_SECOND_MS : 0;
    return RB_SLACK_FRAME_HELLO;
}

static rb_slack_frame_kind read_disconnect(const rb_json *root, rb_slack_frame *frame)
{
    static const struct {
        rb_str word;
        rb_slack_bye bye;
    } reasons[] = {
        {{"warning", 7}, RB_SLACK_BYE_WARNING},
        {{"refresh_requested", 17}, RB_SLACK_BYE_REFRESH},
        {{"link_disabled", 13}, RB_SLACK_BYE_LINK_DISABLED},
        {{"too_many_websockets", 19}, RB_SLACK_BYE_TOO_MANY},
    };
    rb_str reason = rb_json_str(root, "reason");

    frame->bye = RB_SLACK_BYE_OTHER;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (rb_str_equal(reason, reasons[i].word))
            frame->bye = reasons[i].bye;
    frame->num_connections = read_count(root);
    copy_word(frame->what, reason);
    return RB_SLACK_FRAME_DISCONNECT;
}

static rb_slack_frame_kind read_frame(const rb_json *root, const rb_slack_self *self, rb_slack_frame *frame)
{
    rb_str type = rb_json_str(root, "type");

    if (!rb_json_is_object(root))
        return RB_SLACK_FRAME_GARBAGE;
    copy_word(frame->what, type);
    if (rb_str_equal(type, RB_STR("hello")))
        return read_hello(root, frame);
    if (rb_str_equal(type, RB_STR("disconnect")))
        return read_disconnect(root, frame);
    if (!copy_id(root, "envelope_id", frame->envelope_id, sizeof frame->envelope_id))
        return RB_SLACK_FRAME_UNKNOWN;
    return read_envelope(root, self, frame);
}

void rb_slack_decode(rb_str text, const rb_slack_self *self, uint64_t conn, rb_now now, rb_slack_frame *out_frame)
{
    rb_json *root = rb_json_parse(text);

    memset(out_frame, 0, sizeof *out_frame);
    out_frame->delivery.conn = conn;
    out_frame->delivery.received_boot_ms = now.boot_ms;
    out_frame->delivery.received_utc_ms = now.utc_ms;
    out_frame->kind = read_frame(root, self, out_frame);
    rb_json_free(root);
}

/* ---- acknowledgements ---------------------------------------------------------------------------------------------- */

static void write_text(rb_buf *out, rb_str text)
{
    rb_buf escaped;

    rb_buf_init(&escaped, 5 * text.len);
    rb_slack_escape(&escaped, text);
    rb_buf_adds(out, ",\"payload\":{\"response_type\":\"ephemeral\",\"text\":");
    rb_json_write(out, rb_buf_str(&escaped));
    if (text.len > 0 && rb_text_chars(text) <= ACK_BLOCK_CHARS_MAX) {
        /* the text alone would be formatted: * and _ have no escape (domain/slack.md, escaping) */
        rb_buf_adds(out,
                    ",\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":\"plain_text\",\"emoji\":false,\"text\":");
        rb_json_write(out, text);
        rb_buf_adds(out, "}}]");
    }
    rb_buf_adds(out, "}");
    rb_buf_fini(&escaped);
}

/* Errors are shown at blocks; whose name is no field's is a block's already. */
static const char *block_of(const rb_delivery *delivery, const char *field)
{
    for (uint32_t i = 0; i < delivery->n_fields; i++) {
        const rb_field *each = &delivery->fields[i];
        if (field[0] == '\0' || strcmp(each->name, field) == 0)
            return each->block[0] ? each->block : each->name;
    }
    return field;
}

static void write_form_error(rb_buf *out, const rb_delivery *delivery, const rb_ack *ack)
{
    const char *field = block_of(delivery, ack->field ? ack->field : "");

    if (field[0] == '\0')
        return; /* a form without inputs has no place for an error: it closes */
    rb_buf_adds(out, ",\"payload\":{\"response_action\":\"errors\",\"errors\":{");
    rb_json_write_member(out, field, ack->text ? ack->text : "");
    rb_buf_adds(out, "}}");
}

void rb_slack_write_ack(rb_buf *out, const rb_delivery *delivery, const rb_ack *ack)
{
    rb_buf_adds(out, "{");
    rb_json_write_member(out, "envelope_id", delivery->envelope_id);
    switch (ack->kind) {
    case RB_ACK_PLAIN: break;
    case RB_ACK_TEXT: write_text(out, rb_str_of(ack->text)); break;
    case RB_ACK_FORM_ERROR: write_form_error(out, delivery, ack); break;
    }
    rb_buf_adds(out, "}");
}
