/* timing: sandbox_server.c - the stand-in as a server: waiting answers, streams, many connections, broken requests. */
#include "support/sandbox_kit.h"

#include <poll.h>

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sends a GET and does not wait for the answer. */
static int ask_later(const char *target)
{
    int fd = kit_connect();
    char request[512];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", target);
    kit_send(fd, request, (size_t)len);
    return fd;
}

static bool has_bytes_within(int fd, int ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, ms) == 1;
}

/* ---- answers that wait ------------------------------------------------------------------------------------------------ */

START_TEST(a_clock_poll_is_answered_when_time_is_moved)
{
    int fd = ask_later("/_sandbox/clock?offset_not=0&wait_ms=9000");
    ck_assert(!has_bytes_within(fd, 100));
    kit_do("time", "{\"advance_ms\":60000}");
    kit_answer answer = kit_read(fd);
    ck_assert_str_eq(kit_text(answer.json, "/offset_ms"), "60000");
    kit_answer_free(&answer);
}
END_TEST

START_TEST(a_journal_poll_ends_empty_after_its_wait)
{
    int64_t start_ms = now_ms();
    kit_answer answer = kit_see("journal?after=0&wait_ms=200");
    ck_assert_uint_eq(kit_count(answer.json, "/entries"), 0);
    ck_assert_int_ge(now_ms() - start_ms, 190);
    kit_answer_free(&answer);
}
END_TEST

START_TEST(a_journal_poll_for_one_kind_is_not_ended_by_another)
{
    int fd = ask_later("/_sandbox/journal?kind=time&wait_ms=9000");
    kit_do("reload", "{\"user\":\"U0HANNA\"}");
    ck_assert(!has_bytes_within(fd, 100));
    kit_do("time", "{\"advance_ms\":1}");
    kit_answer answer = kit_read(fd);
    ck_assert_uint_eq(kit_count(answer.json, "/entries"), 1);
    kit_answer_free(&answer);
}
END_TEST

START_TEST(the_stream_tells_of_each_change)
{
    int fd = ask_later("/_sandbox/events");
    char text[1024] = {0};
    size_t used = 0;
    while (!strstr(text, "newest number"))
        used += (size_t)recv(fd, text + used, sizeof text - 1 - used, 0);
    kit_do("time", "{\"advance_ms\":1}");
    while (!strstr(text, "data: 1\n\n"))
        used += (size_t)recv(fd, text + used, sizeof text - 1 - used, 0);
    close(fd);
}
END_TEST

START_TEST(who_goes_away_while_waiting_is_forgotten)
{
    for (int i = 0; i < 20; i++)
        close(ask_later("/_sandbox/clock?offset_not=0&wait_ms=9000"));
    kit_do("time", "{\"advance_ms\":1000}");
    kit_do("time", "{\"advance_ms\":1000}");
}
END_TEST

/* ---- answers that do not come ------------------------------------------------------------------------------------------ */

START_TEST(an_answer_that_hangs_holds_nobody_else_up)
{
    kit_do("fault", "{\"name\":\"slack.auth.test.hang\"}");
    int fd = ask_later("/api/auth.test?token=xoxb-1");
    kit_expect(kit_form("auth.test", ""), "");
    ck_assert(!has_bytes_within(fd, 100));
    close(fd);
}
END_TEST

START_TEST(a_slow_answer_comes_after_its_time_and_the_connection_goes_on)
{
    kit_do("fault", "{\"name\":\"slack.auth.test.slow\",\"value\":200}");
    static const char twice[] = "GET /api/auth.test?token=xoxb-1 HTTP/1.1\r\n\r\n"
                                "GET /api/users.info?token=xoxb-1&user=U0ADELE HTTP/1.1\r\nConnection: close\r\n\r\n";
    int fd = kit_connect();
    int64_t start_ms = now_ms();
    kit_send(fd, twice, sizeof twice - 1);
    kit_answer answer = kit_read(fd);
    ck_assert_int_ge(now_ms() - start_ms, 190);
    const char *first = strstr(answer.text, "\"bot_id\"");
    const char *second = strstr(answer.text, "U0ADELE");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert(first < second);
    kit_answer_free(&answer);
}
END_TEST

START_TEST(a_closed_answer_ends_the_connection_without_a_byte)
{
    kit_do("fault", "{\"name\":\"slack.auth.test.close_after\"}");
    kit_answer answer = kit_form("auth.test", "");
    ck_assert_int_eq(answer.status, 0);
    ck_assert_str_eq(answer.text, "");
    kit_answer_free(&answer);
}
END_TEST

/* ---- requests that are none ----------------------------------------------------------------------------------------------- */

START_TEST(what_is_not_http_is_refused)
{
    static const char *const requests[] = {"nonsense\r\n\r\n", "GET noslash HTTP/1.1\r\n\r\n",
                                           "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                                           "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                                           "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        int fd = kit_connect();
        kit_send(fd, requests[i], strlen(requests[i]));
        kit_answer answer = kit_read(fd);
        ck_assert_msg(answer.status == 400, "%s: %d", requests[i], answer.status);
        kit_answer_free(&answer);
    }
}
END_TEST

START_TEST(unknown_paths_verbs_and_methods_are_told)
{
    kit_answer path = kit_ask("GET", "/nowhere", "", "");
    ck_assert_int_eq(path.status, 404);
    kit_answer_free(&path);
    kit_answer verb = kit_control("dance", "{}");
    ck_assert_int_eq(verb.status, 404);
    kit_answer_free(&verb);
    kit_expect(kit_form("chat.dance", ""), "unknown_method");
    kit_answer body = kit_control("time", "not json");
    ck_assert_int_eq(body.status, 400);
    kit_answer_free(&body);
}
END_TEST

START_TEST(two_hundred_connections_are_served)
{
    int fds[200];
    for (size_t i = 0; i < 200; i++)
        fds[i] = ask_later("/_sandbox/clock?offset_not=0&wait_ms=9000");
    kit_do("time", "{\"advance_ms\":5}");
    for (size_t i = 0; i < 200; i++) {
        kit_answer answer = kit_read(fds[i]);
        ck_assert_int_eq(answer.status, 200);
        kit_answer_free(&answer);
    }
}
END_TEST

START_TEST(the_page_is_served)
{
    kit_answer page = kit_ask("GET", "/", "", "");
    ck_assert_int_eq(page.status, 200);
    ck_assert_ptr_nonnull(strstr(page.text, "Content-Type: text/html"));
    kit_answer_free(&page);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("sandbox_server");
    TCase *server = tcase_create("server");
    tcase_add_checked_fixture(server, kit_start, kit_stop);
    tcase_set_timeout(server, 30);
    tcase_add_test(server, a_clock_poll_is_answered_when_time_is_moved);
    tcase_add_test(server, a_journal_poll_ends_empty_after_its_wait);
    tcase_add_test(server, a_journal_poll_for_one_kind_is_not_ended_by_another);
    tcase_add_test(server, the_stream_tells_of_each_change);
    tcase_add_test(server, who_goes_away_while_waiting_is_forgotten);
    tcase_add_test(server, an_answer_that_hangs_holds_nobody_else_up);
    tcase_add_test(server, a_slow_answer_comes_after_its_time_and_the_connection_goes_on);
    tcase_add_test(server, a_closed_answer_ends_the_connection_without_a_byte);
    tcase_add_test(server, what_is_not_http_is_refused);
    tcase_add_test(server, unknown_paths_verbs_and_methods_are_told);
    tcase_add_test(server, two_hundred_connections_are_served);
    tcase_add_test(server, the_page_is_served);
    suite_add_tcase(all, server);
    return all;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
