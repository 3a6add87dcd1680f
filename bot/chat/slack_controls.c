/* slack_controls.c - see slack_controls.h. */
#include "chat/slack_controls.h"

#include <string.h>

#include "chat/slack_render.h"

static void add_confirm(rb_slack_writer *to, const rb_control *button)
{
    rb_slack_add(to, ",\"confirm\":{");
    rb_slack_add_plain(to, "title", rb_slack_at(to, button->confirm_title), RB_SLACK_CONFIRM_TITLE_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_plain(to, "text", rb_slack_at(to, button->confirm_text), RB_SLACK_CONFIRM_TEXT_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_plain(to, "confirm", rb_slack_at(to, button->confirm_yes), RB_SLACK_CONFIRM_BUTTON_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_plain(to, "deny", rb_slack_at(to, button->confirm_no), RB_SLACK_CONFIRM_BUTTON_MAX);
    if (button->style == RB_BUTTON_DANGER)
        rb_slack_add(to, ",\"style\":\"danger\"");
    rb_slack_add(to, "}");
}

static void add_action_id(rb_slack_writer *to, const rb_control *control)
{
    const char *id = rb_slack_at(to, control->id);

    if (id[0] == '\0')
        rb_slack_fail(to, RB_E_SYNTAX);
    rb_slack_add_string(to, "action_id", id, RB_ACTION_ID_CAP - 1);
}

static void add_button(rb_slack_writer *to, const rb_control *button)
{
    rb_slack_add(to, "{\"type\":\"button\",");
    add_action_id(to, button);
    rb_slack_add(to, ",");
    rb_slack_add_plain(to, "text", rb_slack_at(to, button->label), RB_SLACK_BUTTON_LABEL_MAX);
    if (rb_slack_at(to, button->value)[0] != '\0') {
        rb_slack_add(to, ",");
        rb_slack_add_string(to, "value", rb_slack_at(to, button->value), RB_SLACK_BUTTON_VALUE_MAX);
    }
    if (button->style == RB_BUTTON_PRIMARY)
        rb_slack_add(to, ",\"style\":\"primary\"");
    if (button->style == RB_BUTTON_DANGER)
        rb_slack_add(to, ",\"style\":\"danger\"");
    if (button->confirm_title != 0)
        add_confirm(to, button);
    rb_slack_add(to, "}");
}

/* Slack refuses two elements of one action id in a block. */
static void check_distinct(rb_slack_writer *to, const rb_control *controls, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(rb_slack_at(to, controls[i].id), rb_slack_at(to, controls[k].id)) == 0)
                rb_slack_fail(to, RB_E_SYNTAX);
}

/* No block id: rows of one kind may repeat, and block ids must not. */
void rb_slack_add_buttons(rb_slack_writer *to, const rb_block *block)
{
    const rb_control *buttons = to->message->controls + block->first;
    bool is_first = true;

    if (block->n > RB_SLACK_BUTTONS_MAX)
        rb_slack_fail(to, RB_E_LIMIT);
    check_distinct(to, buttons, block->n);
    rb_slack_add(to, "{\"type\":\"actions\",\"elements\":[");
    for (uint32_t i = 0; i < block->n; i++) {
        rb_slack_add_comma(to, &is_first);
        add_button(to, &buttons[i]);
    }
    rb_slack_add(to, "]}");
}

static void add_option(rb_slack_writer *to, const rb_option *option)
{
    const char *value = rb_slack_at(to, option->value);

    if (value[0] == '\0')
        rb_slack_fail(to, RB_E_SYNTAX);
    rb_slack_add(to, "{");
    rb_slack_add_plain(to, "text", rb_slack_at(to, option->label), RB_SLACK_OPTION_TEXT_MAX);
    rb_slack_add(to, ",");
    rb_slack_add_string(to, "value", value, RB_SLACK_OPTION_VALUE_MAX);
    rb_slack_add(to, "}");
}

/* initial_option repeats the whole option; a chosen value that is no option is a fault of ours. */
static void add_chosen(rb_slack_writer *to, const rb_control *choice, const rb_option *options)
{
    const char *chosen = rb_slack_at(to, choice->value);

    if (chosen[0] == '\0')
        return;
    for (uint32_t i = 0; i < choice->n_options; i++)
        if (strcmp(rb_slack_at(to, options[i].value), chosen) == 0) {
            rb_slack_add(to, ",\"initial_option\":");
            add_option(to, &options[i]);
            return;
        }
    rb_slack_fail(to, RB_E_SYNTAX);
}

static void add_hint(rb_slack_writer *to, const rb_control *control)
{
    if (rb_slack_at(to, control->hint)[0] == '\0')
        return;
    rb_slack_add(to, ",");
    rb_slack_add_plain(to, "placeholder", rb_slack_at(to, control->hint), RB_SLACK_HINT_MAX);
}

static void add_choice_element(rb_slack_writer *to, const rb_control *choice)
{
    const rb_option *options = to->message->options + choice->first_option;
    bool is_radio = choice->n_options <= RB_SLACK_RADIO_MAX;
    bool is_first = true;

    if (choice->n_options == 0)
        rb_slack_fail(to, RB_E_SYNTAX);
    if (choice->n_options > RB_SLACK_OPTIONS_MAX)
        rb_slack_fail(to, RB_E_LIMIT);
    rb_buf_addf(to->out, "{\"type\":\"%s\",", is_radio ? "radio_buttons" : "static_select");
    add_action_id(to, choice);
    if (!is_radio)
        add_hint(to, choice); /* radio buttons have none */
    rb_slack_add(to, ",\"options\":[");
    for (uint32_t i = 0; i < choice->n_options; i++) {
        rb_slack_add_comma(to, &is_first);
        add_option(to, &options[i]);
    }
    rb_slack_add(to, "]");
    add_chosen(to, choice, options);
    rb_slack_add(to, "}");
}

const char *rb_slack_block_id(const rb_slack_writer *to, const rb_control *control)
{
    return rb_slack_at(to, control->block ? control->block : control->id);
}

static void add_block_id(rb_slack_writer *to, const rb_control *control)
{
    rb_slack_add_string(to, "block_id", rb_slack_block_id(to, control), RB_ACTION_ID_CAP - 1);
}

/* What an input block says before its element. */
static void add_input_head(rb_slack_writer *to, const rb_control *control)
{
    rb_buf_addf(to->out, "\"optional\":%s,", control->is_optional ? "true" : "false");
    if (control->is_told_at_once)
        rb_slack_add(to, "\"dispatch_action\":true,");
    rb_slack_add_plain(to, "label", rb_slack_at(to, control->label), RB_SLACK_INPUT_LABEL_MAX);
}

/* In a form with a Send button the choice is an input, which is answered with the rest; else it stands beside its label. */
void rb_slack_add_choice(rb_slack_writer *to, const rb_block *block)
{
    const rb_control *choice = &to->message->controls[block->first];
    bool is_input = to->is_form && to->message->submit != 0;

    rb_buf_addf(to->out, "{\"type\":\"%s\",", is_input ? "input" : "section");
    add_block_id(to, choice);
    rb_slack_add(to, ",");
    if (is_input) {
        add_input_head(to, choice);
    } else {
        rb_slack_add_plain(to, "text", rb_slack_at(to, choice->label), RB_SLACK_TEXT_MAX);
    }
    rb_slack_add(to, is_input ? ",\"element\":" : ",\"accessory\":");
    add_choice_element(to, choice);
    rb_slack_add(to, "}");
}

void rb_slack_add_input(rb_slack_writer *to, const rb_block *block)
{
    const rb_control *input = &to->message->controls[block->first];

    if (!to->is_form || to->message->submit == 0)
        rb_slack_fail(to, RB_E_SYNTAX);
    if (input->max_chars > RB_SLACK_INPUT_MAX)
        rb_slack_fail(to, RB_E_LIMIT);
    rb_slack_add(to, "{\"type\":\"input\",");
    add_block_id(to, input);
    rb_slack_add(to, ",");
    add_input_head(to, input);
    rb_slack_add(to, ",\"element\":{\"type\":\"plain_text_input\",");
    add_action_id(to, input);
    rb_buf_addf(to->out, ",\"multiline\":%s", input->is_multiline ? "true" : "false");
    if (input->max_chars > 0)
        rb_buf_addf(to->out, ",\"max_length\":%u", (unsigned)input->max_chars);
    if (rb_slack_at(to, input->value)[0] != '\0') {
        rb_slack_add(to, ",");
        rb_slack_add_string(to, "initial_value", rb_slack_at(to, input->value),
                            input->max_chars ? input->max_chars : RB_SLACK_INPUT_MAX);
    }
    add_hint(to, input);
    rb_slack_add(to, "}}");
}
