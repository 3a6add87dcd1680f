/* slack_envelope.c - fuzz target: any bytes are a frame; a delivery is whole and valid, and its ack is JSON that names it. */
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "chat/slack_codec.h"
#include "util/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void need(bool holds)
{
    if (!holds)
        abort();
}

/* Ends inside its array, and holds no byte that is not UTF-8: a replacement is written as one, never left as a bad byte. */
static void check_text(const char *text, size_t cap)
{
    need(memchr(text, '\0', cap) != NULL);
    rb_str rest = rb_str_of(text);
    while (rest.len > 0) {
        const char *at = rest.ptr;
        uint32_t code = rb_utf8_take(&rest);
        need(code != RB_UTF8_REPLACEMENT || rest.ptr - at == 3);
    }
}

#define CHECK_TEXT(array) check_text((array), sizeof(array))

static void check_delivery(const rb_delivery *delivery)
{
    CHECK_TEXT(delivery->key);
    CHECK_TEXT(delivery->who.team);
    CHECK_TEXT(delivery->who.user);
    CHECK_TEXT(delivery->user_name);
    CHECK_TEXT(delivery->channel);
    CHECK_TEXT(delivery->text);
    CHECK_TEXT(delivery->command);
    CHECK_TEXT(delivery->response_url);
    CHECK_TEXT(delivery->trigger_id);
    CHECK_TEXT(delivery->action_id);
    CHECK_TEXT(delivery->value);
    CHECK_TEXT(delivery->message_ts);
    CHECK_TEXT(delivery->view_id);
    CHECK_TEXT(delivery->callback);
    CHECK_TEXT(delivery->private_data);
    need(delivery->n_fields <= RB_FORM_FIELDS_MAX);
    for (uint32_t i = 0; i < delivery->n_fields; i++) {
        CHECK_TEXT(delivery->fields[i].name);
        CHECK_TEXT(delivery->fields[i].block);
        CHECK_TEXT(delivery->fields[i].value);
    }
    need(delivery->who.user[0] != '\0' && delivery->who.team[0] != '\0' && delivery->key[0] != '\0');
    need(delivery->kind != RB_DELIVERY_CLICK || delivery->action_id[0] != '\0');
}

static void check_ack(const rb_slack_frame *frame, const rb_ack *ack)
{
    rb_buf out;

    rb_buf_init(&out, RB_PAYLOAD_MAX);
    rb_slack_write_ack(&out, &frame->delivery, ack);
    need(out.err == RB_OK);
    rb_json *root = rb_json_parse(rb_buf_str(&out));
    need(rb_str_equal(rb_json_str(root, "envelope_id"), rb_str_of(frame->envelope_id)));
    rb_json_free(root);
    rb_buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const rb_slack_self self = {.team = "T111", .enterprise = "E111", .bot_user = "UBOT", .bot_id = "BBOT"};
    static const rb_ack acks[] = {{.kind = RB_ACK_PLAIN},
                                  {.kind = RB_ACK_TEXT, .text = "<not> done & \"quoted\""},
                                  {.kind = RB_ACK_FORM_ERROR, .text = "Not now."}};
    static rb_slack_frame frame;

    rb_slack_decode((rb_str){(const char *)bytes, len}, &self, 1, (rb_now){.utc_ms = 1, .boot_ms = 1}, &frame);
    CHECK_TEXT(frame.what);
    CHECK_TEXT(frame.envelope_id);
    if (frame.kind == RB_SLACK_FRAME_DELIVERY)
        check_delivery(&frame.delivery);
    if (frame.kind == RB_SLACK_FRAME_REFUSED)
        check_ack(&frame, &frame.refusal);
    if (frame.kind == RB_SLACK_FRAME_DELIVERY || frame.kind == RB_SLACK_FRAME_IDLE)
        for (size_t i = 0; i < sizeof acks / sizeof *acks; i++)
            check_ack(&frame, &acks[i]);
    return 0;
}
