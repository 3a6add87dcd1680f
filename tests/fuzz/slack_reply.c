/* slack_reply.c - fuzz target: the first two bytes choose a call and a status, the rest is the reply of the Web API. Whatever
 * it says: an outcome, whole values, and no items but those of a good list. */
#include <stdlib.h>
#include <string.h>

#include "chat/slack_calls.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void check_result(const rb_slack_job *job, const rb_chat_result *result)
{
    need(memchr(result->error, '\0', sizeof result->error) != NULL);
    need(memchr(result->url, '\0', sizeof result->url) != NULL);
    need(memchr(result->person.name, '\0', sizeof result->person.name) != NULL);
    need(result->n_items == 0 || (result->outcome == RB_CHAT_OK && result->n_items <= job->n_items));
    need(result->outcome != RB_CHAT_LATER || result->retry_after_ms >= RB_SECOND_MS);
    need((result->outcome == RB_CHAT_OK) || result->error[0] != '\0');
    /* S1: who exists has a name to be known by, and nobody without a team is inside */
    need(!result->person.exists || result->person.person.user[0] != '\0');
    need(!result->person.exists || result->person.is_outside || result->person.person.team[0] != '\0');
}

static void check_request(const rb_slack_job *job)
{
    rb_slack_request request;

    if (rb_slack_job_next(job, "https://slack.com/api/", &request) == RB_OK)
        rb_slack_request_fini(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const rb_slack_self self = {.team = "T111", .bot_user = "UBOT", .bot_id = "BBOT"};
    static const int statuses[] = {200, 200, 200, 200, 201, 302, 400, 404, 408, 429, 500, 503};
    rb_chat_call call = {.user = "U1", .channel = "C1", .text = "a@b.se", .marker_request = "R-7K3F", .marker_seq = 1};
    rb_slack_job job;
    rb_chat_result result;

    if (len < 2)
        return 0;
    call.kind = (rb_chat_call_kind)(bytes[0] % (RB_CHAT_PERMALINK + 1));
    call.is_secret = (bytes[0] & 0x80) != 0;
    need(rb_slack_job_init(&job, &call) == RB_OK);
    const rb_http_reply reply = {.status = statuses[bytes[1] % (sizeof statuses / sizeof *statuses)],
                                 .body = {(const char *)bytes + 2, len - 2},
                                 .error = ""};
    if (rb_slack_job_reply(&job, &self, &reply, &result))
        check_result(&job, &result);
    else
        check_request(&job);
    rb_slack_job_fini(&job);
    return 0;
}
