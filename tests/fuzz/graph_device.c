/* graph_device.c - fuzz target: one body of Graph's through every codec that could meet it. Seeds: corpus/graph_device. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "device/graph_code.h"
#include "device/graph_codec.h"
#include "device/graph_fault.h"
#include "device/graph_people.h"
#include "device/scan.h"
#include "device/scrub.h"
#include "resetbot/limits.h"

#define ID "d0000001-0000-4000-8000-000000000001"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What is scrubbed stays JSON, and has nothing left to scrub. */
static void check_scrub(rb_str body)
{
    rb_buf once;
    rb_buf twice;
    rb_str value;

    rb_buf_init(&once, RB_GRAPH_REPLY_MAX);
    rb_buf_init(&twice, RB_GRAPH_REPLY_MAX);
    if (rb_scrub_copy(body, &once) == RB_OK) {
        assert(rb_scan_document(rb_buf_str(&once), &value) == RB_OK);
        assert(rb_scrub_copy(rb_buf_str(&once), &twice) == RB_OK);
        assert(rb_str_equal(rb_buf_str(&once), rb_buf_str(&twice)));
    }
    rb_buf_wipe(&once);
    rb_buf_wipe(&twice);
}

static void check_device(rb_str body)
{
    static rb_action_results results;
    rb_device device;

    if (rb_graph_read_device(body, ID, &device) == RB_OK) {
        assert(rb_str_equal_nocase(rb_str_of(device.id), RB_STR(ID)));
        assert(device.n_owners <= RB_OWNERS_MAX);
        rb_err err = rb_graph_read_kind(body, &device);
        assert((err == RB_OK) == device.is_beta_known);
    }
    if (rb_graph_read_results(body, ID, 1, &results) == RB_OK)
        assert(results.n <= RB_ACTIONS_MAX);
}

static void check_people(rb_str body)
{
    static rb_graph_user users[RB_OWNERS_MAX];
    uint32_t n = 0;

    if (rb_graph_read_user(body, &users[0]) == RB_OK)
        assert(rb_str_is_guid(rb_str_of(users[0].id)));
    if (rb_graph_read_users(body, users, &n) == RB_OK)
        assert(n <= RB_OWNERS_MAX);
}

/* The body is also what was searched for: any bytes are. */
static void check_found(rb_str body)
{
    static rb_graph_people people;

    if (rb_graph_read_people(body, RB_STR("ad le"), &people) != RB_OK)
        people.n = 0;
    assert(people.n <= RB_PEOPLE_FOUND_MAX);
    for (size_t i = 0; i < people.n; i++)
        assert(rb_str_is_guid(rb_str_of(people.items[i].id)) && people.items[i].upn[0] != '\0');
    if (rb_graph_bears_part(body, RB_STR("a@b.c"), body))
        assert(rb_str_trim(body).len > 0);
}

static void check_page(rb_str body)
{
    rb_graph_rows rows = {0};
    rb_buf link;

    rb_buf_init(&link, RB_GRAPH_LINK_MAX);
    if (rb_graph_read_page(body, RB_GRAPH_MATCH_UPN, RB_STR("a@b.c"), &rows, &link) == RB_OK)
        for (size_t i = 0; i < rows.n; i++)
            assert(rb_str_equal_nocase(rb_str_of(rows.items[i].upn), RB_STR("a@b.c")));
    if (rb_graph_link_is_ours("https://graph.example.com", rb_buf_str(&link)))
        assert(rb_str_starts_nocase(rb_buf_str(&link), RB_STR("https://graph.example.com")));
    rb_graph_rows_fini(&rows);
    rb_buf_fini(&link);
}

static void check_code(rb_str body)
{
    const rb_action_key key = {"resetPasscode", "2026-01-15T10:00:00Z"};
    rb_secret *code = NULL;

    rb_err err = rb_graph_take_code(body, ID, &key, &code);
    assert((err == RB_OK) == (code != NULL));
    rb_secret_free(code);
}

static void check_fault(rb_str body)
{
    rb_http_reply reply = {.status = 403, .body = body, .error = ""};
    rb_graph_fault fault;
    char detail[RB_DETAIL_CAP];

    rb_graph_fault_read(&reply, &fault);
    rb_graph_fault_tell(RB_GRAPH_RESET, reply.status, &fault, detail);
    assert(detail[strlen(detail) - 1] == ')');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    /* of exactly that length, so that one byte too many is seen */
    char *copy = malloc(len > 0 ? len : 1);
    assert(copy);
    if (len > 0)
        memcpy(copy, data, len);
    rb_str body = {copy, len};
    check_scrub(body);
    check_device(body);
    check_people(body);
    check_found(body);
    check_page(body);
    check_code(body);
    check_fault(body);
    free(copy);
    return 0;
}
