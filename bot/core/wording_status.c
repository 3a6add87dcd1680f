/* One request as its requester and those with a role look it up: where it stands, what comes next, what can be pressed. */
#include <string.h>

#include "core/wording.h"

/* ---- what can be pressed ----------------------------------------------------------------------------------------------- */

void word_item_link(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    if (item->link[0]) {
        rb_message_text(out, " · ");
        rb_message_link(out, item->link, word_tr(words, "open the card"));
    }
}

static void button(const rb_words *words, const char *id, const char *english, const char *value, rb_message *out)
{
    if (value) {
        rb_message_button(out, id, word_tr(words, english), value, RB_BUTTON_PLAIN);
    }
}

static void cancel_button(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    if (!item->cancel) {
        return;
    }
    rb_control *cancel = rb_message_button(out, "cancel", word_tr(words, "Cancel"), item->cancel, RB_BUTTON_PLAIN);
    if (item->request->state == RB_STATE_DRAFT) {
        return; /* nobody else knows of it */
    }
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    word_add(words, &text, "{id} ends here, and its card says so.",
             (rb_arg[]){{"id", item->request->id}, {NULL, NULL}});
    rb_message_confirm(out, cancel, word_tr(words, "Cancel this request?"), rb_buf_cstr(&text),
                       word_tr(words, "Cancel it"), word_tr(words, "Keep it"));
    rb_buf_fini(&text);
}

void word_item_buttons(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    bool is_chosen = item->request->device.id[0];
    button(words, "preview", is_chosen ? RB_T("Preview") : RB_T("Choose a device"), item->preview, out);
    button(words, "show", RB_T("Show"), item->show, out);
    button(words, "again", RB_T("Ask again"), item->again, out);
    cancel_button(words, item, out);
}

/* ---- status ------------------------------------------------------------------------------------------------------------ */

#define TARGET_CHARS 60   /* of what was typed, while no device is chosen */
#define STATUS_CHARS 1000 /* title, state, holders, advice and link of an open request at their longest */

bool rb_word_has_room(const rb_message *message)
{
    return word_room_left(message) >= STATUS_CHARS && message->n_blocks < RB_MESSAGE_BLOCKS_MAX - 2 &&
           message->n_controls + 4 < RB_MESSAGE_CONTROLS_MAX;
}

void word_item_title(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_buf text;
    rb_buf target;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_init(&target, WORD_TEXT_MAX);
    if (request->device.id[0]) {
        word_title(words, request, &text);
    } else {
        word_short(&target, request->target, TARGET_CHARS);
        word_add(words, &text, "{id} · choosing a device of {target}",
                 (rb_arg[]){{"id", request->id}, {"target", rb_buf_cstr(&target)}, {NULL, NULL}});
    }
    rb_message_para(out);
    rb_message_bold(out, rb_buf_cstr(&text));
    rb_message_text(out, "\n");
    rb_buf_fini(&target);
    rb_buf_fini(&text);
}

static void add_holders(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_buf text;
    rb_buf_init(&text, WORD_TEXT_MAX);
    rb_buf_adds(&text, "\n");
    word_holders(words, request, &text);
    rb_message_text(out, rb_buf_cstr(&text));
    rb_buf_fini(&text);
}

void rb_word_status_item(const rb_words *words, const rb_home_item *item, rb_message *out)
{
    const rb_request *request = item->request;
    word_item_title(words, request, out);
    word_state(words, request, word_to_message(out));
    const char *advice = word_advice(words, request);
    if (advice[0]) {
        rb_message_text(out, ". ");
        rb_message_text(out, advice);
    }
    if (request->state != RB_STATE_DRAFT) {
        add_holders(words, request, out);
    }
    word_item_link(words, item, out);
    if (request->state == RB_STATE_DRAFT && !item->preview) {
        rb_word_next_filled(words, out, "status", request->id);
    }
    word_item_buttons(words, item, out);
}

void rb_word_status(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_home_item item = {.request = request, .link = ""};
    rb_word_status_item(words, &item, out);
}

/* Several words of a name are one target in quotes alone. */
static void next_target(const rb_words *words, const char *target, rb_message *out)
{
    rb_buf quoted;
    rb_buf_init(&quoted, RB_TARGET_CAP + 2);
    rb_buf_addf(&quoted, "\"%s\"", target);
    rb_word_next_filled(words, out, "reset", strchr(target, ' ') ? rb_buf_cstr(&quoted) : target);
    rb_buf_fini(&quoted);
}

void rb_word_cancelled(const rb_words *words, const rb_request *request, rb_message *out)
{
    const char *said = request->state == RB_STATE_DRAFT ? RB_T("{id} is cancelled. Nothing was done.")
                       : request->n_attempts > 0
                           ? RB_T("{id} is cancelled. Intune took none of the attempts to send it.")
                           : RB_T("{id} is cancelled. Nothing was sent to Intune.");
    word_para(words, out, said, (rb_arg[]){{"id", request->id}, {NULL, NULL}});
    if (request->device.id[0]) {
        word_next_reset(words, &request->device, &request->support, out);
    } else {
        next_target(words, request->target, out);
    }
}
