/* timing: sandbox_socket.c - Socket Mode of the stand-in: tickets, greetings, acks in time, planned and unplanned ends. */
#include "support/sandbox_kit.h"

#define COMMAND "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"help\"}"

/* ---- getting in ---------------------------------------------------------------------------------------------------- */

START_TEST(a_ticket_opens_one_connection_once)
{
    char *path = kit_ticket();
    int status = 0;
    int fd = kit_upgrade(path, &status);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_lt(kit_upgrade(path, &status), 0);
    ck_assert_int_eq(status, 408);
    close(fd);
    free(path);
}
END_TEST

START_TEST(an_old_or_unknown_ticket_is_refused_with_408)
{
    int status = 0;
    char *path = kit_ticket();
    kit_do("time", "{\"advance_ms\":31000}");
    ck_assert_int_lt(kit_upgrade(path, &status), 0);
    ck_assert_int_eq(status, 408);
    ck_assert_int_lt(kit_upgrade("/link/?ticket=made-up", &status), 0);
    ck_assert_int_eq(status, 408);
    free(path);
}
END_TEST

START_TEST(an_upgrade_can_be_refused_as_slack_and_proxies_do)
{
    static const int refusals[] = {409, 200, 503};
    for (size_t i = 0; i < 3; i++) {
        char fault[96];
        snprintf(fault, sizeof fault, "{\"name\":\"slack.link.status\",\"value\":%d}", refusals[i]);
        kit_do("fault", fault);
        char *path = kit_ticket();
        int status = 0;
        ck_assert_int_lt(kit_upgrade(path, &status), 0);
        ck_assert_int_eq(status, refusals[i]);
        free(path);
    }
}
END_TEST

START_TEST(hello_counts_the_connections_of_the_app)
{
    int first = kit_socket();
    char *path = kit_ticket();
    int status = 0;
    int second = kit_upgrade(path, &status);
    json_object *hello = kit_message(second);
    ck_assert_str_eq(kit_text(hello, "/num_connections"), "2");
    ck_assert_str_eq(kit_text(hello, "/debug_info/approximate_connection_time"), "18060");
    ck_assert_str_eq(kit_text(hello, "/connection_info/app_id"), "A0RESETBOT");
    json_object_put(hello);
    free(path);
    close(first);
    close(second);
}
END_TEST

START_TEST(the_eleventh_connection_is_sent_away)
{
    int fds[10];
    for (size_t i = 0; i < 10; i++)
        fds[i] = kit_socket();
    char *path = kit_ticket();
    int status = 0;
    int extra = kit_upgrade(path, &status);
    json_object *frame = kit_message(extra);
    ck_assert_str_eq(kit_text(frame, "/reason"), "too_many_websockets");
    json_object_put(frame);
    ck_assert_ptr_null(kit_message(extra));
    for (size_t i = 0; i < 10; i++)
        close(fds[i]);
    close(extra);
    free(path);
}
END_TEST

/* ---- envelopes and acks --------------------------------------------------------------------------------------------- */

START_TEST(a_command_without_a_connection_fails_at_once)
{
    kit_do("command", COMMAND);
    ck_assert(kit_transcript_has("/passcode failed with the error \"dispatch_failed\""));
    ck_assert_uint_eq(kit_journal("undeliverable"), 1);
}
END_TEST

START_TEST(a_command_acked_with_a_text_shows_it_to_the_typist_alone)
{
    int fd = kit_socket();
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/type"), "slash_commands");
    ck_assert_str_eq(kit_text(envelope, "/payload/command"), "/passcode");
    ck_assert_str_eq(kit_text(envelope, "/payload/is_enterprise_install"), "false");
    ck_assert(json_object_get_boolean(kit_at(envelope, "/accepts_response_payload")));
    kit_ack(fd, envelope, "{\"text\":\"only for hanna\"}");
    kit_await("ack");
    kit_answer hers = kit_see("state?user=U0HANNA");
    ck_assert_str_eq(kit_text(hers.json, "/channels/0/private/0/text"), "only for hanna");
    kit_answer_free(&hers);
    kit_answer his = kit_see("state?user=U0HENRY");
    ck_assert_uint_eq(kit_count(his.json, "/channels/0/private"), 0);
    kit_answer_free(&his);
    json_object_put(envelope);
    close(fd);
}
END_TEST

START_TEST(a_command_without_an_ack_in_time_shows_operation_timeout)
{
    kit_do("settings", "{\"ack_limit_ms\":100}");
    int fd = kit_socket();
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(fd);
    kit_await("unacked");
    ck_assert(kit_transcript_has("operation_timeout"));
    kit_ack(fd, envelope, "{\"text\":\"too late\"}");
    kit_await("ack_late");
    ck_assert(!kit_transcript_has("too late"));
    json_object_put(envelope);
    close(fd);
}
END_TEST

START_TEST(acks_twice_elsewhere_and_for_nothing_are_told_apart)
{
    int first = kit_socket();
    int second = kit_socket();
    kit_do("settings", "{\"deliver_to\":3}");
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(first);
    kit_ack(second, envelope, "{}");
    kit_await("ack_elsewhere");
    kit_ack(first, envelope, NULL);
    kit_await("ack_again");
    kit_ws_send(first, 1, "{\"envelope_id\":\"of nobody\"}");
    kit_await("ack_unknown");
    json_object_put(envelope);
    close(first);
    close(second);
}
END_TEST

START_TEST(envelopes_go_to_connections_in_turn)
{
    int first = kit_socket();
    int second = kit_socket();
    for (int i = 0; i < 2; i++)
        kit_do("command", COMMAND);
    json_object *one = kit_message(first);
    json_object *other = kit_message(second);
    ck_assert_str_ne(kit_text(one, "/envelope_id"), kit_text(other, "/envelope_id"));
    json_object_put(one);
    json_object_put(other);
    close(first);
    close(second);
}
END_TEST

START_TEST(envelopes_can_be_made_to_go_to_the_newest_or_the_oldest_alone)
{
    int fds[] = {kit_socket(), kit_socket(), kit_socket()};
    static const struct {
        const char *setting;
        size_t expected;
    } cases[] = {{"{\"deliver_to\":1}", 2}, {"{\"deliver_to\":3}", 0}};
    for (size_t i = 0; i < 2; i++) {
        kit_do("settings", cases[i].setting);
        for (int n = 0; n < 2; n++) {
            kit_do("command", COMMAND);
            json_object_put(kit_message(fds[cases[i].expected])); /* waits in vain when it went elsewhere */
        }
    }
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
}
END_TEST

START_TEST(a_message_can_come_in_fragments)
{
    kit_do("settings", "{\"fragment_bytes\":7}");
    int fd = kit_socket();
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/text"), "help");
    json_object_put(envelope);
    close(fd);
}
END_TEST

START_TEST(an_envelope_can_be_sent_again_and_forged)
{
    int fd = kit_socket();
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(fd);
    char again[128];
    snprintf(again, sizeof again, "{\"envelope_id\":\"%s\"}", kit_text(envelope, "/envelope_id"));
    kit_do("deliver", again);
    json_object *repeated = kit_message(fd);
    ck_assert_str_eq(json_object_to_json_string(repeated), json_object_to_json_string(envelope));
    kit_do("deliver", "{\"envelope\":{\"envelope_id\":\"forged\",\"type\":\"interactive\",\"payload\":{}}}");
    json_object *forged = kit_message(fd);
    ck_assert_str_eq(kit_text(forged, "/envelope_id"), "forged");
    json_object_put(envelope);
    json_object_put(repeated);
    json_object_put(forged);
    close(fd);
}
END_TEST

START_TEST(an_event_comes_again_until_it_is_acked)
{
    kit_do("settings", "{\"ack_limit_ms\":50}");
    int fd = kit_socket();
    kit_do("say", "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"hello @resetbot\"}");
    json_object *first = kit_message(fd);
    ck_assert_str_eq(kit_text(first, "/payload/event/type"), "app_mention");
    ck_assert_str_eq(kit_text(first, "/retry_attempt"), "0");
    json_object *second = kit_message(fd);
    ck_assert_str_eq(kit_text(second, "/retry_attempt"), "1");
    ck_assert_str_eq(kit_text(second, "/payload/event_id"), kit_text(first, "/payload/event_id"));
    ck_assert_str_ne(kit_text(second, "/envelope_id"), kit_text(first, "/envelope_id"));
    kit_ack(fd, second, NULL);
    kit_await("ack");
    json_object_put(first);
    json_object_put(second);
    close(fd);
}
END_TEST

/* ---- the ends of connections ------------------------------------------------------------------------------------------ */

START_TEST(a_ping_is_answered_with_its_payload)
{
    int fd = kit_socket();
    kit_ws_send(fd, 9, "are you there");
    char *text = NULL;
    bool is_final = false;
    ck_assert_int_eq(kit_frame(fd, &text, &is_final), 10);
    ck_assert_str_eq(text, "are you there");
    free(text);
    close(fd);
}
END_TEST

START_TEST(the_server_pings_and_drops_who_does_not_answer)
{
    kit_do("settings", "{\"ping_interval_ms\":50,\"pong_limit_ms\":200}");
    int fd = kit_socket();
    char *text = NULL;
    bool is_final = false;
    ck_assert_int_eq(kit_frame(fd, &text, &is_final), 9);
    free(text);
    while (kit_frame(fd, &text, &is_final) >= 0)
        free(text);
    kit_await("conn_close");
    close(fd);
}
END_TEST

START_TEST(a_refresh_is_announced_and_carried_out)
{
    kit_do("settings", "{\"refresh_close_ms\":100}");
    int fd = kit_socket();
    kit_do("refresh", "{\"reason\":\"warning\",\"which\":\"newest\"}");
    json_object *frame = kit_message(fd);
    ck_assert_str_eq(kit_text(frame, "/type"), "disconnect");
    ck_assert_str_eq(kit_text(frame, "/reason"), "warning");
    json_object_put(frame);
    ck_assert_ptr_null(kit_message(fd));
    close(fd);
}
END_TEST

START_TEST(a_close_frame_is_answered_and_tcp_stays_as_long_as_set)
{
    kit_do("settings", "{\"tcp_after_close_ms\":300}");
    int fd = kit_socket();
    struct timespec start;
    struct timespec end;
    kit_ws_send(fd, 8, "\x03\xe8");
    char *text = NULL;
    bool is_final = false;
    ck_assert_int_eq(kit_frame(fd, &text, &is_final), 8);
    clock_gettime(CLOCK_MONOTONIC, &start);
    char byte;
    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ck_assert_int_ge((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000, 200);
    free(text);
    close(fd);
}
END_TEST

START_TEST(a_frozen_connection_is_silent_and_still_gets_envelopes)
{
    kit_do("settings", "{\"ack_limit_ms\":100}");
    int fd = kit_socket();
    kit_do("freeze_sockets", "{}");
    kit_ws_send(fd, 9, "hello?");
    kit_do("command", COMMAND);
    kit_await("unacked");
    struct timeval soon = {.tv_usec = 100 * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    char byte;
    ck_assert_int_lt(recv(fd, &byte, 1, 0), 0);
    close(fd);
}
END_TEST

START_TEST(sockets_can_be_dropped_without_a_word)
{
    int fd = kit_socket();
    kit_do("drop_sockets", "{\"reset\":true}");
    char byte;
    ck_assert_int_le(recv(fd, &byte, 1, 0), 0);
    kit_await("conn_close");
    close(fd);
}
END_TEST

/* ---- counting -------------------------------------------------------------------------------------------------------- */

/* A number of the counts: "/journal/ack", "/commands_answered". */
static int count_of(const char *pointer)
{
    kit_answer answer = kit_see("counts");
    int count = json_object_get_int(kit_at(answer.json, pointer));
    kit_answer_free(&answer);
    return count;
}

START_TEST(a_person_who_keeps_typing_keeps_the_pace)
{
    kit_do("keep_typing", "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"help\",\"every_ms\":20}");
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (count_of("/journal/undeliverable") < 20)
        ;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t took_ms = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
    ck_assert_int_ge(took_ms, 19 * 20 - 40); /* the first is typed at once */
    kit_do("keep_typing", "{\"every_ms\":0}");
    int typed = count_of("/journal/act");
    kit_do("command", COMMAND);
    ck_assert_int_eq(count_of("/journal/act"), typed + 1);
    kit_expect(kit_control("keep_typing", "{\"user\":\"U0GUEST\",\"channel\":\"C0HELPDESK\",\"every_ms\":20}"),
               "not a member of that channel");
}
END_TEST

START_TEST(a_brief_journal_counts_what_it_does_not_keep)
{
    kit_do("settings", "{\"journal_brief\":1}");
    kit_do("command", COMMAND);
    ck_assert_int_eq(count_of("/journal/act"), 1);
    ck_assert_uint_eq(kit_journal("act"), 0);
    ck_assert_int_eq(count_of("/journal/undeliverable"), 1);
    ck_assert_uint_eq(kit_journal("undeliverable"), 1);
}
END_TEST

START_TEST(a_command_answered_twice_counts_once)
{
    int fd = kit_socket();
    kit_do("command", COMMAND);
    json_object *envelope = kit_message(fd);
    kit_ack(fd, envelope, "{\"text\":\"at once\"}");
    kit_await("ack");
    ck_assert_int_eq(count_of("/commands_answered"), 0);
    ck_assert_int_eq(count_of("/acks_with_payload"), 1);
    const char *path = strstr(kit_text(envelope, "/payload/response_url"), "/response/");
    ck_assert_ptr_nonnull(path);
    for (int i = 0; i < 2; i++) {
        kit_answer answer = kit_ask("POST", path, KIT_JSON, "{\"text\":\"by the address\"}");
        ck_assert_int_eq(answer.status, 200);
        kit_answer_free(&answer);
    }
    ck_assert_int_eq(count_of("/commands_answered"), 1);
    json_object_put(envelope);
    close(fd);
}
END_TEST

START_TEST(a_close_by_the_server_is_in_the_journal)
{
    int fd = kit_socket();
    kit_do("close_sockets", "{\"code\":1001}");
    ck_assert_uint_eq(kit_journal("server_close"), 1);
    close(fd);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("sandbox_socket");
    TCase *links = tcase_create("links");
    tcase_add_checked_fixture(links, kit_start, kit_stop);
    tcase_set_timeout(links, 30);
    tcase_add_test(links, a_ticket_opens_one_connection_once);
    tcase_add_test(links, an_old_or_unknown_ticket_is_refused_with_408);
    tcase_add_test(links, an_upgrade_can_be_refused_as_slack_and_proxies_do);
    tcase_add_test(links, hello_counts_the_connections_of_the_app);
    tcase_add_test(links, the_eleventh_connection_is_sent_away);
    tcase_add_test(links, a_command_without_a_connection_fails_at_once);
    tcase_add_test(links, a_command_acked_with_a_text_shows_it_to_the_typist_alone);
    tcase_add_test(links, a_command_without_an_ack_in_time_shows_operation_timeout);
    tcase_add_test(links, acks_twice_elsewhere_and_for_nothing_are_told_apart);
    tcase_add_test(links, envelopes_go_to_connections_in_turn);
    tcase_add_test(links, envelopes_can_be_made_to_go_to_the_newest_or_the_oldest_alone);
    tcase_add_test(links, a_message_can_come_in_fragments);
    tcase_add_test(links, an_envelope_can_be_sent_again_and_forged);
    tcase_add_test(links, an_event_comes_again_until_it_is_acked);
    tcase_add_test(links, a_ping_is_answered_with_its_payload);
    tcase_add_test(links, the_server_pings_and_drops_who_does_not_answer);
    tcase_add_test(links, a_refresh_is_announced_and_carried_out);
    tcase_add_test(links, a_close_frame_is_answered_and_tcp_stays_as_long_as_set);
    tcase_add_test(links, a_frozen_connection_is_silent_and_still_gets_envelopes);
    tcase_add_test(links, sockets_can_be_dropped_without_a_word);
    tcase_add_test(links, a_person_who_keeps_typing_keeps_the_pace);
    tcase_add_test(links, a_brief_journal_counts_what_it_does_not_keep);
    tcase_add_test(links, a_command_answered_twice_counts_once);
    tcase_add_test(links, a_close_by_the_server_is_in_the_journal);
    suite_add_tcase(all, links);
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
