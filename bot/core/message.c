#include "resetbot/message.h"

#include <assert.h>
#include <string.h>

/* ---- the pool: offset 0 is "" ------------------------------------------------------------------------------------- */

void rb_message_init(rb_message *message)
{
    message->n_blocks = 0;
    message->n_runs = 0;
    message->n_controls = 0;
    message->n_options = 0;
    message->title = message->submit = message->close = message->callback = message->private_data = 0;
    message->marker_request[0] = '\0';
    message->marker_seq = 0;
    message->is_full = false;
    message->is_home = false;
    message->pool[0] = '\0';
    message->pool_len = 1;
}

static uint32_t keep(rb_message *message, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len == 0) {
        return 0;
    }
    if (len + 1 > sizeof message->pool - message->pool_len) {
        message->is_full = true;
        return 0;
    }
    uint32_t offset = message->pool_len;
    memcpy(message->pool + offset, text, len + 1);
    message->pool_len += (uint32_t)len + 1;
    return offset;
}

const char *rb_message_at(const rb_message *message, uint32_t offset)
{
    assert(offset < message->pool_len);
    return message->pool + offset;
}

/* ---- blocks and runs ------------------------------------------------------------------------------------------------- */

static rb_block *start_block(rb_message *message, rb_block_kind kind, uint32_t first)
{
    if (message->n_blocks == (message->is_home ? RB_HOME_BLOCKS_MAX : RB_MESSAGE_BLOCKS_MAX)) {
        message->is_full = true;
        message->n_blocks--; /* the last one is overwritten; is_full stops it from being shown */
    }
    rb_block *block = &message->blocks[message->n_blocks++];
    *block = (rb_block){kind, first, 0};
    return block;
}

void rb_message_para(rb_message *message)
{
    start_block(message, RB_BLOCK_TEXT, message->n_runs);
}

void rb_message_small(rb_message *message)
{
    start_block(message, RB_BLOCK_SMALL, message->n_runs);
}

void rb_message_copy(rb_message *message)
{
    start_block(message, RB_BLOCK_COPY, message->n_runs);
}

void rb_message_rule(rb_message *message)
{
    start_block(message, RB_BLOCK_RULE, 0);
}

static bool holds_text(rb_block_kind kind)
{
    return kind == RB_BLOCK_TEXT || kind == RB_BLOCK_SMALL || kind == RB_BLOCK_COPY;
}

static bool is_in_text(const rb_message *message)
{
    return message->n_blocks && holds_text(message->blocks[message->n_blocks - 1].kind);
}

static void add_run(rb_message *message, rb_run_kind kind, const char *text, const char *extra)
{
    if (!text || !text[0]) {
        return;
    }
    if (!is_in_text(message)) {
        rb_message_para(message);
    }
    if (message->n_runs == RB_MESSAGE_RUNS_MAX) {
        message->is_full = true;
        return;
    }
    message->runs[message->n_runs++] =
        (rb_run){.kind = kind, .text = keep(message, text), .extra = keep(message, extra)};
    message->blocks[message->n_blocks - 1].n++;
}

void rb_message_text(rb_message *message, const char *text)
{
    add_run(message, RB_RUN_TEXT, text, NULL);
}

void rb_message_bold(rb_message *message, const char *text)
{
    add_run(message, RB_RUN_BOLD, text, NULL);
}

void rb_message_code(rb_message *message, const char *text)
{
    add_run(message, RB_RUN_CODE, text, NULL);
}

void rb_message_user(rb_message *message, const char *user)
{
    add_run(message, RB_RUN_USER, user, NULL);
}

void rb_message_group(rb_message *message, const char *group)
{
    add_run(message, RB_RUN_GROUP, group, NULL);
}

void rb_message_channel(rb_message *message, const char *channel)
{
    add_run(message, RB_RUN_CHANNEL, channel, NULL);
}

void rb_message_link(rb_message *message, const char *url, const char *label)
{
    add_run(message, RB_RUN_LINK, label, url);
}

void rb_message_time_text(int64_t utc_ms, rb_time_form form, char out_text[RB_TIME_CAP])
{
    static const size_t kept[] = {[RB_TIME_SECOND] = 19, [RB_TIME_MINUTE] = 16, [RB_TIME_DAY] = 10};
    rb_time_full(utc_ms, out_text);
    memcpy(out_text + kept[form], " UTC", sizeof " UTC");
}

void rb_message_time(rb_message *message, int64_t utc_ms, rb_time_form form)
{
    char text[RB_TIME_CAP];
    uint32_t before = message->n_runs;
    rb_message_time_text(utc_ms, form, text);
    add_run(message, RB_RUN_TIME, text, NULL);
    if (message->n_runs > before) {
        message->runs[before].utc_ms = utc_ms;
        message->runs[before].form = form;
    }
}

void rb_message_say(rb_message *message, const char *text)
{
    rb_message_para(message);
    rb_message_text(message, text);
}

void rb_message_append(rb_message *message, const rb_message *other)
{
    message->is_full = message->is_full || other->is_full;
    for (uint32_t i = 0; i < other->n_blocks; i++) {
        const rb_block *block = &other->blocks[i];
        if (!holds_text(block->kind)) {
            continue;
        }
        start_block(message, block->kind, message->n_runs);
        for (uint32_t k = 0; k < block->n; k++) {
            const rb_run *run = &other->runs[block->first + k];
            uint32_t at = message->n_runs;
            add_run(message, run->kind, rb_message_at(other, run->text), rb_message_at(other, run->extra));
            if (message->n_runs > at) {
                message->runs[at].utc_ms = run->utc_ms;
                message->runs[at].form = run->form;
            }
        }
    }
}

/* ---- controls ----------------------------------------------------------------------------------------------------------- */

static rb_control *add_control(rb_message *message, rb_block_kind kind)
{
    bool is_row = kind == RB_BLOCK_BUTTONS && message->n_blocks &&
                  message->blocks[message->n_blocks - 1].kind == RB_BLOCK_BUTTONS;
    if (message->n_controls == RB_MESSAGE_CONTROLS_MAX) {
        message->is_full = true;
        message->n_controls--;
    }
    rb_block *block =
        is_row ? &message->blocks[message->n_blocks - 1] : start_block(message, kind, message->n_controls);
    block->n++;
    rb_control *control = &message->controls[message->n_controls++];
    *control = (rb_control){0};
    return control;
}

rb_control *rb_message_button(rb_message *message, const char *id, const char *label, const char *value,
                              rb_button_style style)
{
    rb_control *control = add_control(message, RB_BLOCK_BUTTONS);
    control->id = keep(message, id);
    control->label = keep(message, label);
    control->value = keep(message, value);
    control->style = style;
    return control;
}

void rb_message_confirm(rb_message *message, rb_control *button, const char *title, const char *text, const char *yes,
                        const char *no)
{
    button->confirm_title = keep(message, title);
    button->confirm_text = keep(message, text);
    button->confirm_yes = keep(message, yes);
    button->confirm_no = keep(message, no);
}

rb_control *rb_message_choice(rb_message *message, const char *id, const char *label, const char *hint,
                              const char *chosen)
{
    rb_control *control = add_control(message, RB_BLOCK_CHOICE);
    control->id = keep(message, id);
    control->label = keep(message, label);
    control->hint = keep(message, hint);
    control->value = keep(message, chosen);
    control->first_option = message->n_options;
    return control;
}

void rb_message_option(rb_message *message, const char *value, const char *label)
{
    if (message->n_options == RB_MESSAGE_OPTIONS_MAX) {
        message->is_full = true;
        return;
    }
    assert(message->n_controls);
    message->options[message->n_options++] = (rb_option){keep(message, value), keep(message, label)};
    message->controls[message->n_controls - 1].n_options++;
}

rb_control *rb_message_input(rb_message *message, const char *id, const char *label, const char *hint,
                             const char *initial, uint32_t max_chars, bool is_multiline, bool is_optional)
{
    rb_control *control = add_control(message, RB_BLOCK_INPUT);
    control->id = keep(message, id);
    control->label = keep(message, label);
    control->hint = keep(message, hint);
    control->value = keep(message, initial);
    control->max_chars = max_chars;
    control->is_multiline = is_multiline;
    control->is_optional = is_optional;
    return control;
}

void rb_message_block(rb_message *message, rb_control *control, const char *block)
{
    control->block = keep(message, block);
}

void rb_message_form(rb_message *message, const char *callback, const char *title, const char *submit,
                     const char *close, const char *private_data)
{
    message->callback = keep(message, callback);
    message->title = keep(message, title);
    message->submit = keep(message, submit);
    message->close = keep(message, close);
    message->private_data = keep(message, private_data);
}

void rb_message_home(rb_message *message)
{
    message->is_home = true;
}
