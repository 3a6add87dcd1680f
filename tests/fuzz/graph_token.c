/* graph_token.c - fuzz target: a token reply of Entra's, with its status in the first byte. Seeds: corpus/graph_token. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "device/entra.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int status_of(uint8_t byte)
{
    static const int statuses[] = {200, 400, 401, 429, 503, 302};

    return statuses[byte % (sizeof statuses / sizeof *statuses)];
}

static void check_token(const rb_entra_answer *answer)
{
    rb_str token = rb_secret_reveal(answer->token);
    rb_buf roles;

    assert(token.len > 0);
    assert(answer->lifetime_ms > 0);
    /* it becomes a header */
    for (size_t i = 0; i < token.len; i++)
        assert(token.ptr[i] > ' ' && token.ptr[i] < 0x7F);
    rb_buf_init(&roles, 512);
    bool is_read = rb_entra_missing_roles(token, &roles);
    assert(is_read || roles.len == 0);
    assert(!roles.err);
    rb_buf_fini(&roles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    rb_entra_answer answer;

    if (len == 0)
        return 0;
    char *copy = malloc(len);
    assert(copy);
    memcpy(copy, data + 1, len - 1);
    rb_http_reply reply = {.status = status_of(data[0]), .body = {copy, len - 1}, .error = ""};
    size_t n = len - 1 < sizeof reply.retry_after - 1 ? len - 1 : sizeof reply.retry_after - 1;
    memcpy(reply.retry_after, copy, n);
    rb_entra_read(&reply, 0, &answer);
    assert((answer.outcome == RB_ENTRA_TOKEN) == (answer.token != NULL));
    assert(answer.retry_after_ms >= -1);
    if (answer.token)
        check_token(&answer);
    else
        assert(answer.detail[0] != '\0');
    rb_secret_free(answer.token);
    free(copy);
    return 0;
}
