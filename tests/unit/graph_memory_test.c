/* graph_memory_test.c - S6: after a poll, a showing or a token, the adapter leaves no copy of the secret in memory.
 *
 * The network wipes its own buffers (a request marked secret); here the test does that for it. Needs -z now, as all our
 * programs have: lazy binding saves the vector registers on the stack, and they may hold what memcpy moved last. */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "unit/graph_fake.h"

#define ONE "/v1.0/deviceManagement/managedDevices/" PHONE
#define SECRET_LEN 48
/* Looked for by its end alone: free() writes over the first bytes of what it gets, and the rest would not be found. */
#define TAIL_LEN 16
/* The secret is in clear only where a test puts it: kept here with each byte turned. */
#define TURN 0x5a
/* Larger mappings are a sanitizer's shadow of the address space. */
#define MAPPING_MAX ((uint64_t)128 << 20)

static unsigned char turned[SECRET_LEN];

/* ---- looking -------------------------------------------------------------------------------------------------------- */

static bool is_secret_at(const unsigned char *at)
{
    for (size_t i = 0; i < TAIL_LEN; i++)
        if ((at[i] ^ TURN) != turned[SECRET_LEN - TAIL_LEN + i])
            return false;
    return true;
}

static size_t count_within(int mem_fd, uint64_t from, uint64_t to)
{
    static unsigned char piece[1 << 16];
    size_t n = 0;

    for (uint64_t at = from; at < to; at += sizeof piece - TAIL_LEN) {
        bool is_own = at < (uintptr_t)piece + sizeof piece && (uintptr_t)piece < at + sizeof piece;
        size_t want = to - at < sizeof piece ? (size_t)(to - at) : sizeof piece;
        ssize_t got = is_own ? 0 : pread(mem_fd, piece, want, (off_t)at);
        for (ssize_t i = 0; i + TAIL_LEN <= got; i++)
            n += is_secret_at(piece + i);
        memset(piece, 0, sizeof piece);
    }
    return n;
}

/* Copies of the secret in all that this process may write to. */
static size_t copies(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    char line[512];
    size_t n = 0;

    ck_assert(maps && mem_fd >= 0);
    while (fgets(line, sizeof line, maps)) {
        uint64_t from = 0;
        uint64_t to = 0;
        char rights[5];
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, rights) == 3 && rights[1] == 'w' &&
            to - from <= MAPPING_MAX)
            n += count_within(mem_fd, from, to);
    }
    (void)fclose(maps);
    (void)close(mem_fd);
    return n;
}

/* ---- given ---------------------------------------------------------------------------------------------------------- */

static void given_secret(void)
{
    uint32_t seed = 20260302;

    for (size_t i = 0; i < SECRET_LEN; i++) {
        seed = seed * 1664525u + 1013904223u;
        turned[i] = (unsigned char)(('a' + (seed >> 16) % 26) ^ TURN);
    }
}

/* Heap: the text with each '*' replaced by the secret; free it with forget. */
static char *with_secret(const char *text)
{
    size_t len = strlen(text);
    char *body = calloc(1, len + 8 * SECRET_LEN);
    char *to = body;

    for (; *text; text++) {
        if (*text != '*') {
            *to++ = *text;
            continue;
        }
        for (size_t i = 0; i < SECRET_LEN; i++)
            *to++ = (char)(turned[i] ^ TURN);
    }
    return body;
}

static void forget(char *body)
{
    rb_wipe(body, strlen(body));
    free(body);
}

/* The next request gets this reply; then the network's buffer is wiped. */
static void exchange(const char *path, int status, const char *text)
{
    char *body = with_secret(text);

    ck_assert_uint_ge(copies(), 1);
    fake_exchange("GET", path, status, body);
    forget(body);
}

/* ---- polls and showings --------------------------------------------------------------------------------------------- */

#define RESULTS                                                                                                        \
    "{\"id\":\"" PHONE "\",\"activationLockBypassCode\":\"*\",\"deviceActionResults\":[{\"@odata.type\":"              \
    "\"#microsoft.graph.resetPasscodeActionResult\",\"actionName\":\"resetPasscode\",\"actionState\":\"done\","        \
    "\"startDateTime\":\"2026-01-15T10:00:00Z\",\"passcode\":\"*\"},{\"actionName\":\"remoteLock\",\"unlockPin\":\"*"  \
    "\"}]}"

START_TEST(S6_a_poll_leaves_no_code)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = PHONE});
    exchange(ONE, 200, RESULTS);

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert(fake_only_answer()->actions.items[0].has_code);
    ck_assert_uint_eq(copies(), 0);
}
END_TEST

START_TEST(S6_reading_a_device_leaves_no_code)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_READ, .id = PHONE});
    exchange(ONE, 200, RESULTS);
    ck_assert_uint_eq(copies(), 0);
    exchange(ONE "/users", 200, "{\"value\":[{\"passcode\":\"*\"}]}");
    ck_assert_uint_eq(copies(), 0);
}
END_TEST

START_TEST(S6_a_reply_that_cannot_be_read_leaves_no_code)
{
    static const char *const bodies[] = {
        "{\"passcode\":\"*\"", "* is no JSON", "{\"id\":\"" PHONE "\",\"passcode\":\"*\"}",
        "{\"error\":{\"code\":\"x\",\"passcode\":\"*\",\"message\":\"{\\\"passcode\\\":\\\"y\\\"}\"}}"};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        fake_ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = PHONE});
        exchange(ONE, i % 2 ? 400 : 200, bodies[i]);
        ck_assert_msg(copies() == 0, "%s", bodies[i]);
    }
}
END_TEST

START_TEST(S6_a_code_is_gone_with_its_showing)
{
    static const char *const keys[] = {"2026-01-15T10:00:00Z", "2026-01-16T10:00:00Z"};

    for (size_t i = 0; i < 2; i++) {
        rb_action_key key = {.type = "resetPasscode"};
        rb_copy_fit(key.started, sizeof key.started, keys[i]);
        fake_ask((rb_device_call){.kind = RB_DEVICE_CODE, .id = PHONE, .key = &key});
        exchange(ONE, 200, RESULTS);
        ck_assert_uint_eq(strlen(fake.answers[i].code), i == 0 ? SECRET_LEN : 0);
        /* the receiver took it, and forgets it */
        rb_wipe(fake.answers[i].code, sizeof fake.answers[i].code);
        ck_assert_uint_eq(copies(), 0);
    }
}
END_TEST

START_TEST(S6_a_code_that_nobody_takes_any_more_is_wiped)
{
    rb_action_key key = {.type = "resetPasscode", .started = "2026-01-15T10:00:00Z"};

    fake_ask((rb_device_call){.kind = RB_DEVICE_CODE, .id = PHONE, .key = &key});
    ck_assert_ptr_nonnull(fake_expect("GET", ONE));
    rb_graph_free(fake.graph);
    fake.graph = NULL;
    ck_assert_uint_eq(copies(), 0);
}
END_TEST

/* ---- tokens --------------------------------------------------------------------------------------------------------- */

START_TEST(S6_a_token_is_in_one_place_and_then_in_none)
{
    char *body = with_secret("{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"*\"}");
    rb_http_reply reply = fake_reply(200, body);

    fake_ask((rb_device_call){.kind = RB_DEVICE_RESULTS, .id = PHONE});
    fake_answer_with(fake_waiting(), &reply);
    forget(body);
    /* the fake network keeps the header of the request */
    rb_wipe(fake.requests[1].headers, sizeof fake.requests[1].headers);
    ck_assert_uint_eq(copies(), 1);
    rb_graph_free(fake.graph);
    fake.graph = NULL;
    ck_assert_uint_eq(copies(), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        S6_a_poll_leaves_no_code,
        S6_reading_a_device_leaves_no_code,
        S6_a_reply_that_cannot_be_read_leaves_no_code,
        S6_a_code_is_gone_with_its_showing,
        S6_a_code_that_nobody_takes_any_more_is_wiped,
        S6_a_token_is_in_one_place_and_then_in_none,
    };

    given_secret();
    return fake_main("graph memory", tests, sizeof tests / sizeof *tests);
}
