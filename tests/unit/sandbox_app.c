/* sandbox_app.c - what the stand-in's people have of the app besides messages: their language, the Home tab, shortcuts, and
 * forms that change while they are filled in. */
#include "support/sandbox_kit.h"

static int fd;

static void setup(void)
{
    kit_start();
    fd = kit_socket();
}

static void teardown(void)
{
    close(fd);
    kit_stop();
}

/* Asserts the text of one field of an answer; "" when it is null or not there. */
static void expect_field(kit_answer answer, const char *pointer, const char *expected)
{
    ck_assert_str_eq(kit_text(answer.json, pointer), expected);
    kit_answer_free(&answer);
}

/* ---- languages ----------------------------------------------------------------------------------------------------------- */

START_TEST(a_locale_comes_only_to_those_who_ask_for_it)
{
    expect_field(kit_form("users.info", "user=U0ADELE"), "/user/locale", "");
    expect_field(kit_form("users.info", "user=U0ADELE&include_locale=true"), "/user/locale", "sv-SE");
    expect_field(kit_form("users.info", "user=U0HANNA&include_locale=true"), "/user/locale", "en-US");
    expect_field(kit_form("users.list", "include_locale=true"), "/members/1/locale", "sv-SE");
    expect_field(kit_form("users.list", ""), "/members/1/locale", "");
    expect_field(kit_form("users.lookupByEmail", "email=adele@contoso.com&include_locale=true"), "/user/locale", "");
}
END_TEST

START_TEST(a_locale_can_be_changed)
{
    kit_do("user", "{\"id\":\"U0HANNA\",\"fields\":{\"locale\":\"fi-FI\"}}");
    expect_field(kit_form("users.info", "user=U0HANNA&include_locale=true"), "/user/locale", "fi-FI");
    kit_do("user", "{\"id\":\"U0NEW\",\"fields\":{\"name\":\"new\"}}");
    expect_field(kit_form("users.info", "user=U0NEW&include_locale=true"), "/user/locale", "en-US");
}
END_TEST

/* ---- the Home tab -------------------------------------------------------------------------------------------------------- */

#define HOME_BLOCKS                                                                                                    \
    "[{\"type\":\"actions\",\"block_id\":\"b\",\"elements\":[{\"type\":\"button\",\"action_id\":\"go\",\"value\":"     \
    "\"v1\","                                                                                                          \
    "\"text\":{\"type\":\"plain_text\",\"text\":\"Go\"}}]}]"
#define HOME "\"view\":{\"type\":\"home\",\"blocks\":" HOME_BLOCKS "}"

static kit_answer publish(const char *user, const char *rest)
{
    char json[1024];
    snprintf(json, sizeof json, "{\"user_id\":\"%s\",%s}", user, rest);
    return kit_call("views.publish", json);
}

/* The person opens the Home tab; the event's envelope, acked. */
static json_object *open_home(const char *user)
{
    char json[64];
    snprintf(json, sizeof json, "{\"user\":\"%s\"}", user);
    kit_do("home", json);
    json_object *envelope = kit_message(fd);
    kit_ack(fd, envelope, NULL);
    return envelope;
}

START_TEST(a_home_tab_is_kept_for_each_person_with_its_own_hash)
{
    expect_field(kit_see("state?user=U0HANNA"), "/home", "");
    kit_answer first = publish("U0HANNA", HOME);
    char *hash = strdup(kit_text(first.json, "/view/hash"));
    char *id = strdup(kit_text(first.json, "/view/id"));
    ck_assert_str_eq(kit_text(first.json, "/view/type"), "home");
    kit_answer_free(&first);
    kit_expect(publish("U0ARVID", HOME), "");
    char rest[512];
    snprintf(rest, sizeof rest, HOME ",\"hash\":\"%s\"", hash);
    expect_field(publish("U0HANNA", rest), "/view/id", id);
    kit_expect(publish("U0HANNA", rest), "hash_conflict");
    kit_expect(publish("U0AGNES", rest), "hash_conflict");
    kit_answer hers = kit_see("state?user=U0HANNA");
    ck_assert_str_eq(kit_text(hers.json, "/home/blocks/0/elements/0/value"), "v1");
    ck_assert_str_ne(kit_text(hers.json, "/home/hash"), hash);
    ck_assert_ptr_nonnull(kit_at(hers.json, "/home/updated_ms"));
    ck_assert_uint_eq(kit_count(hers.json, "/views"), 0);
    kit_answer_free(&hers);
    ck_assert_uint_eq(kit_journal("home_publish"), 3);
    ck_assert(kit_transcript_has("Home tab (only hanna sees this)"));
    free(hash);
    free(id);
}
END_TEST

START_TEST(what_is_no_home_view_is_not_published)
{
    kit_expect(publish("U0NOBODY", HOME), "invalid_arguments");
    kit_expect(publish("U0HANNA", "\"view\":{\"type\":\"modal\",\"title\":{\"type\":\"plain_text\",\"text\":\"T\"},"
                                  "\"blocks\":[]}"),
               "invalid_arguments");
    kit_expect(publish("U0HANNA", "\"view\":{\"type\":\"home\",\"blocks\":[{\"type\":\"section\"}]}"),
               "invalid_arguments");
    kit_do("settings", "{\"home_tab\":0}");
    kit_expect(publish("U0HANNA", HOME), "not_enabled");
    kit_expect(kit_control("home", "{\"user\":\"U0HANNA\"}"), "the app has no Home tab");
}
END_TEST

START_TEST(opening_the_home_tab_is_an_event_with_the_view_once_there_is_one)
{
    json_object *envelope = open_home("U0HANNA");
    ck_assert_str_eq(kit_text(envelope, "/type"), "events_api");
    ck_assert_str_eq(kit_text(envelope, "/payload/event/type"), "app_home_opened");
    ck_assert_str_eq(kit_text(envelope, "/payload/event/user"), "U0HANNA");
    ck_assert_str_eq(kit_text(envelope, "/payload/event/channel"), "D0HANNA");
    ck_assert_str_eq(kit_text(envelope, "/payload/event/tab"), "home");
    ck_assert_ptr_null(kit_at(envelope, "/payload/event/view"));
    json_object_put(envelope);
    kit_expect(publish("U0HANNA", HOME), "");
    envelope = open_home("U0HANNA");
    ck_assert_str_eq(kit_text(envelope, "/payload/event/view/type"), "home");
    ck_assert_str_eq(kit_text(envelope, "/payload/event/view/blocks/0/block_id"), "b");
    json_object_put(envelope);
    ck_assert_uint_eq(kit_journal("home_open"), 2);
}
END_TEST

START_TEST(an_opening_that_nobody_acks_is_told_again)
{
    kit_do("settings", "{\"ack_limit_ms\":50}");
    kit_do("home", "{\"user\":\"U0HANNA\"}");
    json_object *first = kit_message(fd);
    json_object *again = kit_message(fd);
    ck_assert_int_eq(json_object_get_int(kit_at(again, "/retry_attempt")), 1);
    ck_assert_str_eq(kit_text(again, "/payload/event_id"), kit_text(first, "/payload/event_id"));
    ck_assert_str_ne(kit_text(again, "/envelope_id"), kit_text(first, "/envelope_id"));
    kit_ack(fd, again, NULL);
    json_object_put(first);
    json_object_put(again);
}
END_TEST

START_TEST(a_button_of_the_home_tab_is_pressed_in_its_view)
{
    kit_answer published = publish("U0HANNA", HOME);
    char click[160];
    snprintf(click, sizeof click, "{\"user\":\"U0HANNA\",\"view_id\":\"%s\",\"action_id\":\"go\"}",
             kit_text(published.json, "/view/id"));
    kit_do("click", click);
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/type"), "block_actions");
    ck_assert_str_eq(kit_text(envelope, "/payload/container/type"), "view");
    ck_assert_str_eq(kit_text(envelope, "/payload/view/type"), "home");
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/value"), "v1");
    ck_assert_str_ne(kit_text(envelope, "/payload/trigger_id"), "");
    ck_assert_ptr_null(kit_at(envelope, "/payload/response_url"));
    json_object_put(envelope);
    snprintf(click, sizeof click, "{\"user\":\"U0ARVID\",\"view_id\":\"%s\",\"action_id\":\"go\"}",
             kit_text(published.json, "/view/id"));
    kit_expect(kit_control("click", click), "that person has no such form open");
    kit_answer_free(&published);
}
END_TEST

/* ---- message shortcuts ---------------------------------------------------------------------------------------------------- */

#define SHORTCUT "\"callback_id\":\"reset_from_message\""

/* Hanna names adele in the channel; the message's ts, heap. */
static char *say_something(void)
{
    kit_answer said =
        kit_control("say", "{\"user\":\"U0HANNA\",\"channel\":\"C0RANDOM\",\"text\":\"@adele is locked out\"}");
    char *ts = strdup(kit_text(said.json, "/ts"));
    kit_answer_free(&said);
    return ts;
}

static kit_answer shortcut(const char *user, const char *ts, const char *rest)
{
    char json[256];
    snprintf(json, sizeof json, "{\"user\":\"%s\",\"channel\":\"C0RANDOM\",\"ts\":\"%s\",%s}", user, ts, rest);
    return kit_control("shortcut", json);
}

START_TEST(a_shortcut_carries_the_message_and_ways_to_answer)
{
    char *ts = say_something();
    kit_expect(shortcut("U0ARVID", ts, SHORTCUT), "");
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/type"), "interactive");
    ck_assert_str_eq(kit_text(envelope, "/payload/type"), "message_action");
    ck_assert_str_eq(kit_text(envelope, "/payload/callback_id"), "reset_from_message");
    ck_assert_str_eq(kit_text(envelope, "/payload/user/id"), "U0ARVID");
    ck_assert_str_eq(kit_text(envelope, "/payload/message/user"), "U0HANNA");
    ck_assert_str_eq(kit_text(envelope, "/payload/message/text"), "<@U0ADELE> is locked out");
    ck_assert_str_eq(kit_text(envelope, "/payload/message/ts"), ts);
    ck_assert_str_eq(kit_text(envelope, "/payload/channel/id"), "C0RANDOM");
    ck_assert_str_eq(kit_text(envelope, "/payload/channel/name"), "random");
    ck_assert_str_ne(kit_text(envelope, "/payload/trigger_id"), "");
    char *path = strdup(strchr(strstr(kit_text(envelope, "/payload/response_url"), "://") + 3, '/'));
    kit_answer answer = kit_ask("POST", path, KIT_JSON, "{\"text\":\"for arvid\",\"replace_original\":true}");
    ck_assert_int_eq(answer.status, 200);
    kit_answer_free(&answer);
    ck_assert(kit_transcript_has("is locked out"));
    ck_assert(kit_transcript_has("for arvid"));
    kit_ack(fd, envelope, NULL);
    kit_await("act_done");
    json_object_put(envelope);
    free(path);
    free(ts);
}
END_TEST

START_TEST(a_shortcut_needs_a_message_that_the_person_sees)
{
    char *ts = say_something();
    static const char unseen[] = "that person sees no such message, or it is a private one";
    kit_expect(shortcut("U0GUEST", ts, SHORTCUT), unseen);
    kit_expect(shortcut("U0ARVID", "1.2", SHORTCUT), unseen);
    kit_expect(shortcut("U0ARVID", ts, "\"callback_id\":\"other\""), "the app has no shortcut of that callback_id");
    free(ts);
}
END_TEST

START_TEST(a_shortcut_nobody_acks_shows_trouble)
{
    kit_do("settings", "{\"ack_limit_ms\":50}");
    char *ts = say_something();
    kit_expect(shortcut("U0ARVID", ts, SHORTCUT), "");
    kit_await("unacked");
    ck_assert(kit_transcript_has("We had some trouble connecting"));
    free(ts);
}
END_TEST

/* The text of config/slack-manifest.yaml; heap. */
static char *read_manifest(void)
{
    const char *source = getenv("RESETBOT_SOURCE");
    char path[4096];
    snprintf(path, sizeof path, "%s/config/slack-manifest.yaml", source ? source : ".");
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    char *text = calloc(1, 65536);
    ck_assert(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

START_TEST(the_world_tells_commands_and_shortcuts_as_the_manifest_declares_them)
{
    char *manifest = read_manifest();
    kit_answer world = kit_see("world");
    static const char *const fields[] = {"/commands/0/command", "/commands/0/usage_hint", "/commands/0/description",
                                         "/shortcuts/0/name", "/shortcuts/0/callback_id"};
    bool has_shortcuts = strstr(manifest, "\n  shortcuts:") != NULL;
    for (size_t i = 0; i < (has_shortcuts ? 5 : 3); i++) {
        const char *told = kit_text(world.json, fields[i]);
        ck_assert_msg(*told && strstr(manifest, told), "%s: \"%s\" is not in the manifest", fields[i], told);
    }
    ck_assert_uint_eq(kit_count(world.json, "/shortcuts"), 1);
    kit_answer_free(&world);
    free(manifest);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("sandbox_app");
    TCase *app = tcase_create("app");
    tcase_add_checked_fixture(app, setup, teardown);
    tcase_set_timeout(app, 30);
    tcase_add_test(app, a_locale_comes_only_to_those_who_ask_for_it);
    tcase_add_test(app, a_locale_can_be_changed);
    tcase_add_test(app, a_home_tab_is_kept_for_each_person_with_its_own_hash);
    tcase_add_test(app, what_is_no_home_view_is_not_published);
    tcase_add_test(app, opening_the_home_tab_is_an_event_with_the_view_once_there_is_one);
    tcase_add_test(app, an_opening_that_nobody_acks_is_told_again);
    tcase_add_test(app, a_button_of_the_home_tab_is_pressed_in_its_view);
    tcase_add_test(app, a_shortcut_carries_the_message_and_ways_to_answer);
    tcase_add_test(app, a_shortcut_needs_a_message_that_the_person_sees);
    tcase_add_test(app, a_shortcut_nobody_acks_shows_trouble);
    tcase_add_test(app, the_world_tells_commands_and_shortcuts_as_the_manifest_declares_them);
    suite_add_tcase(all, app);
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
