#include "slack_rules.h"

#include <string.h>

/* Limits: docs.slack.dev/reference/block-kit (read 2026-11) and the official node types' comments. Rules of one
 * object stand together. */

#define SELECTS "static_select multi_static_select users_select conversations_select channels_select"
#define PICKERS "datepicker timepicker datetimepicker"
#define INPUTS "plain_text_input email_text_input url_text_input number_input"
#define CHOICES "radio_buttons checkboxes"
#define RICH "text user channel usergroup emoji link broadcast date"
/* clang-format would spread each of these over four lines */
/* clang-format off */
#define BLOCK_ID(object) {object, "block_id", SK_STRING, false, 0, 255, NULL, 0}
#define ACTION_ID(object) {object, "action_id", SK_STRING, false, 0, 255, NULL, 0}
#define CONFIRM(object) {object, "confirm", SK_ONE, false, 0, 0, "confirm", 0}
#define PLACEHOLDER(object) {object, "placeholder", SK_PLAIN, false, 1, 150, NULL, 0}
#define DISPATCH(object) {object, "dispatch_action_config", SK_ONE, false, 0, 0, "dispatch_action_config", 0}
#define FOCUS(object) {object, "focus_on_load", SK_BOOL, false, 0, 0, NULL, 0}
#define FIELD(object, field, kind, max) {object, field, kind, false, 0, max, NULL, 0}
#define MUST(object, field, kind, max) {object, field, kind, true, 1, max, NULL, 0}
/* clang-format on */
#define SELECT_COMMON(object) ACTION_ID(object), CONFIRM(object), PLACEHOLDER(object), FOCUS(object)
#define STYLED(object) FIELD(object, "style", SK_ANY, 0)

static const sk_rule rules[] = {
    MUST("plain_text", "text", SK_ANY, 0),
    FIELD("plain_text", "emoji", SK_BOOL, 0),
    MUST("mrkdwn", "text", SK_ANY, 0),
    FIELD("mrkdwn", "verbatim", SK_BOOL, 0),

    BLOCK_ID("section"),
    FIELD("section", "text", SK_TEXT, 3000),
    {"section", "fields", SK_TEXTS, false, 1, 10, NULL, 2000},
    {"section", "accessory", SK_TYPED, false, 0, 0, "button overflow image " SELECTS " " PICKERS " " CHOICES, 0},
    FIELD("section", "expand", SK_BOOL, 0),

    BLOCK_ID("header"),
    MUST("header", "text", SK_PLAIN, 150),
    FIELD("header", "level", SK_NUMBER, 0),
    BLOCK_ID("divider"),
    BLOCK_ID("markdown"),
    MUST("markdown", "text", SK_STRING, 12000),
    BLOCK_ID("image"),
    FIELD("image", "image_url", SK_STRING, 3000),
    MUST("image", "alt_text", SK_STRING, 2000),
    FIELD("image", "title", SK_PLAIN, 2000),

    BLOCK_ID("context"),
    {"context", "elements", SK_TYPES, true, 1, 10, "plain_text mrkdwn image", 0},
    BLOCK_ID("actions"),
    {"actions", "elements", SK_TYPES, true, 1, 25, "button overflow " SELECTS " " PICKERS " " CHOICES, 0},

    BLOCK_ID("input"),
    MUST("input", "label", SK_PLAIN, 2000),
    {"input", "element", SK_TYPED, true, 0, 0, INPUTS " " SELECTS " " PICKERS " " CHOICES, 0},
    FIELD("input", "hint", SK_PLAIN, 2000),
    FIELD("input", "optional", SK_BOOL, 0),
    FIELD("input", "dispatch_action", SK_BOOL, 0),

    BLOCK_ID("rich_text"),
    {"rich_text", "elements", SK_TYPES, true, 0, 0,
     "rich_text_section rich_text_list rich_text_preformatted rich_text_quote", 0},
    {"rich_text_section", "elements", SK_TYPES, true, 0, 0, RICH, 0},
    {"rich_text_list", "elements", SK_TYPES, true, 0, 0, "rich_text_section", 0},
    {"rich_text_list", "style", SK_WORD, true, 0, 0, "bullet ordered", 0},
    FIELD("rich_text_list", "indent", SK_NUMBER, 0),
    FIELD("rich_text_list", "offset", SK_NUMBER, 0),
    FIELD("rich_text_list", "border", SK_NUMBER, 0),
    {"rich_text_preformatted", "elements", SK_TYPES, true, 0, 0, RICH, 0},
    FIELD("rich_text_preformatted", "border", SK_NUMBER, 0),
    FIELD("rich_text_preformatted", "language", SK_STRING, 100),
    {"rich_text_quote", "elements", SK_TYPES, true, 0, 0, RICH, 0},
    FIELD("rich_text_quote", "border", SK_NUMBER, 0),
    MUST("text", "text", SK_STRING, 0),
    STYLED("text"),
    MUST("user", "user_id", SK_STRING, 0),
    STYLED("user"),
    MUST("channel", "channel_id", SK_STRING, 0),
    STYLED("channel"),
    MUST("usergroup", "usergroup_id", SK_STRING, 0),
    STYLED("usergroup"),
    MUST("emoji", "name", SK_STRING, 0),
    FIELD("emoji", "unicode", SK_STRING, 0),
    STYLED("emoji"),
    MUST("link", "url", SK_STRING, 3000),
    FIELD("link", "text", SK_STRING, 0),
    FIELD("link", "unsafe", SK_BOOL, 0),
    STYLED("link"),
    {"broadcast", "range", SK_WORD, true, 0, 0, "here channel everyone", 0},
    STYLED("broadcast"),
    MUST("date", "timestamp", SK_NUMBER, 0),
    MUST("date", "format", SK_STRING, 0),
    FIELD("date", "url", SK_STRING, 0),
    FIELD("date", "fallback", SK_STRING, 0),
    STYLED("date"),

    ACTION_ID("button"),
    MUST("button", "text", SK_PLAIN, 75),
    FIELD("button", "value", SK_STRING, 2000),
    FIELD("button", "url", SK_STRING, 3000),
    {"button", "style", SK_WORD, false, 0, 0, "primary danger", 0},
    FIELD("button", "accessibility_label", SK_STRING, 75),
    CONFIRM("button"),
    MUST("confirm", "title", SK_PLAIN, 100),
    MUST("confirm", "text", SK_TEXT, 300),
    MUST("confirm", "confirm", SK_PLAIN, 30),
    MUST("confirm", "deny", SK_PLAIN, 30),
    {"confirm", "style", SK_WORD, false, 0, 0, "primary danger", 0},

    MUST("option", "text", SK_TEXT, 75),
    {"option", "value", SK_STRING, true, 1, 75, NULL, 0},
    FIELD("option", "description", SK_TEXT, 75),
    FIELD("option", "url", SK_STRING, 3000),
    MUST("option_group", "label", SK_PLAIN, 75),
    {"option_group", "options", SK_OPTIONS, true, 1, 100, "option", 0},
    ACTION_ID("overflow"),
    CONFIRM("overflow"),
    {"overflow", "options", SK_OPTIONS, true, 1, 5, "option", 0},

    SELECT_COMMON("static_select"),
    {"static_select", "options", SK_OPTIONS, false, 1, 100, "option", 0},
    {"static_select", "option_groups", SK_OPTIONS, false, 1, 100, "option_group", 0},
    {"static_select", "initial_option", SK_ONE, false, 0, 0, "option", 0},
    SELECT_COMMON("multi_static_select"),
    {"multi_static_select", "options", SK_OPTIONS, false, 1, 100, "option", 0},
    {"multi_static_select", "option_groups", SK_OPTIONS, false, 1, 100, "option_group", 0},
    {"multi_static_select", "initial_options", SK_OPTIONS, false, 1, 100, "option", 0},
    FIELD("multi_static_select", "max_selected_items", SK_NUMBER, 0),
    SELECT_COMMON("users_select"),
    FIELD("users_select", "initial_user", SK_STRING, 0),
    SELECT_COMMON("conversations_select"),
    FIELD("conversations_select", "initial_conversation", SK_STRING, 0),
    FIELD("conversations_select", "default_to_current_conversation", SK_BOOL, 0),
    FIELD("conversations_select", "response_url_enabled", SK_BOOL, 0),
    FIELD("conversations_select", "filter", SK_ANY, 0),
    SELECT_COMMON("channels_select"),
    FIELD("channels_select", "initial_channel", SK_STRING, 0),
    FIELD("channels_select", "response_url_enabled", SK_BOOL, 0),
    ACTION_ID("radio_buttons"),
    CONFIRM("radio_buttons"),
    FOCUS("radio_buttons"),
    {"radio_buttons", "options", SK_OPTIONS, true, 1, 10, "option", 0},
    {"radio_buttons", "initial_option", SK_ONE, false, 0, 0, "option", 0},
    ACTION_ID("checkboxes"),
    CONFIRM("checkboxes"),
    FOCUS("checkboxes"),
    {"checkboxes", "options", SK_OPTIONS, true, 1, 10, "option", 0},
    {"checkboxes", "initial_options", SK_OPTIONS, false, 1, 10, "option", 0},
    SELECT_COMMON("datepicker"),
    FIELD("datepicker", "initial_date", SK_STRING, 10),
    SELECT_COMMON("timepicker"),
    FIELD("timepicker", "initial_time", SK_STRING, 5),
    FIELD("timepicker", "timezone", SK_STRING, 0),
    ACTION_ID("datetimepicker"),
    CONFIRM("datetimepicker"),
    FOCUS("datetimepicker"),
    FIELD("datetimepicker", "initial_date_time", SK_NUMBER, 0),

    ACTION_ID("plain_text_input"),
    PLACEHOLDER("plain_text_input"),
    FOCUS("plain_text_input"),
    FIELD("plain_text_input", "initial_value", SK_STRING, 3000),
    FIELD("plain_text_input", "multiline", SK_BOOL, 0),
    FIELD("plain_text_input", "min_length", SK_NUMBER, 0),
    FIELD("plain_text_input", "max_length", SK_NUMBER, 0),
    DISPATCH("plain_text_input"),
    ACTION_ID("email_text_input"),
    PLACEHOLDER("email_text_input"),
    FOCUS("email_text_input"),
    FIELD("email_text_input", "initial_value", SK_STRING, 0),
    DISPATCH("email_text_input"),
    ACTION_ID("url_text_input"),
    PLACEHOLDER("url_text_input"),
    FOCUS("url_text_input"),
    FIELD("url_text_input", "initial_value", SK_STRING, 0),
    DISPATCH("url_text_input"),
    ACTION_ID("number_input"),
    PLACEHOLDER("number_input"),
    FOCUS("number_input"),
    MUST("number_input", "is_decimal_allowed", SK_BOOL, 0),
    FIELD("number_input", "initial_value", SK_STRING, 0),
    FIELD("number_input", "min_value", SK_STRING, 0),
    FIELD("number_input", "max_value", SK_STRING, 0),
    DISPATCH("number_input"),

    {"dispatch_action_config", "trigger_actions_on", SK_WORDS, false, 1, 2, "on_enter_pressed on_character_entered", 0},

    MUST("modal", "title", SK_PLAIN, 24),
    MUST("modal", "blocks", SK_ANY, 0),
    FIELD("modal", "submit", SK_PLAIN, 24),
    FIELD("modal", "close", SK_PLAIN, 24),
    FIELD("modal", "private_metadata", SK_STRING, 3000),
    FIELD("modal", "callback_id", SK_STRING, 255),
    FIELD("modal", "external_id", SK_STRING, 255),
    FIELD("modal", "clear_on_close", SK_BOOL, 0),
    FIELD("modal", "notify_on_close", SK_BOOL, 0),
    FIELD("modal", "submit_disabled", SK_BOOL, 0),
    MUST("home", "blocks", SK_ANY, 0),
    FIELD("home", "private_metadata", SK_STRING, 3000),
    FIELD("home", "callback_id", SK_STRING, 255),
    FIELD("home", "external_id", SK_STRING, 255)};

#define N_RULES (sizeof rules / sizeof rules[0])

const sk_rule *sk_rules(const char *object, size_t *out_count)
{
    size_t first = 0;
    while (first < N_RULES && strcmp(rules[first].object, object) != 0)
        first++;
    size_t end = first;
    while (end < N_RULES && !strcmp(rules[end].object, object))
        end++;
    *out_count = end - first;
    return rules + first;
}
