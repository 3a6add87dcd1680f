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

START_TEST(a_private_message_has_no_shortcuts)
{
    kit_answer posted =
        kit_call("chat.postEphemeral", "{\"channel\":\"C0HELPDESK\",\"user\":\"U0ARVID\",\"text\":\"x\"}");
    char json[200];
    snprintf(json, sizeof json, "{\"user\":\"U0ARVID\",\"channel\":\"C0HELPDESK\",\"ts\":\"%s\"," SHORTCUT "}",
             kit_text(posted.json, "/message_ts"));
    kit_expect(kit_control("shortcut", json), "that person sees no such message, or it is a private one");
    kit_answer_free(&posted);
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

/* ---- forms that change ---------------------------------------------------------------------------------------------------- */

#define PLAIN(words) "{\"type\":\"plain_text\",\"text\":\"" words "\"}"
#define OPTION(value) "{\"text\":" PLAIN(value) ",\"value\":\"" value "\"}"
/* who: tells the app on Enter; rest: further blocks, each with a comma before */
#define VIEW(title, rest)                                                                                              \
    "{\"type\":\"modal\",\"title\":" PLAIN(title) ",\"submit\":" PLAIN(                                                \
        "Go") ",\"blocks\":[{\"type\":\"input\","                                                                      \
              "\"block_id\":\"who\",\"dispatch_action\":true,\"label\":" PLAIN(                                        \
                  "Who") ",\"element\":{\"type\":\"plain_text_input\","                                                \
                         "\"action_id\":\"a\"}}" rest "]}"
#define REASON(initial)                                                                                                \
    ",{\"type\":\"input\",\"block_id\":\"why\",\"label\":" PLAIN("Why") ",\"element\":{\"type\":\"plain_text_input\"," \
                                                                        "\"action_id\":\"r\"" initial "}}"
#define DEVICES                                                                                                        \
    ",{\"type\":\"input\",\"block_id\":\"devices\",\"dispatch_action\":true,\"label\":" PLAIN(                         \
        "Device") ",\"element\":{"                                                                                     \
                  "\"type\":\"static_select\",\"action_id\":\"d\",\"options\":[" OPTION("one") "," OPTION("two") "]}}"

/* views.open with the trigger of a fresh command of hanna's; the view's id, heap. */
static char *open_form(const char *view)
{
    kit_do("command", "{\"user\":\"U0HANNA\",\"channel\":\"C0HELPDESK\",\"text\":\"\"}");
    json_object *envelope = kit_message(fd);
    kit_ack(fd, envelope, NULL);
    char *json = NULL;
    ck_assert_int_ge(
        asprintf(&json, "{\"trigger_id\":\"%s\",\"view\":%s}", kit_text(envelope, "/payload/trigger_id"), view), 0);
    kit_answer answer = kit_call("views.open", json);
    ck_assert_str_eq(kit_text(answer.json, "/error"), "");
    char *id = strdup(kit_text(answer.json, "/view/id"));
    kit_answer_free(&answer);
    json_object_put(envelope);
    free(json);
    return id;
}

static kit_answer update_form(const char *id, const char *view)
{
    char *json = NULL;
    ck_assert_int_ge(asprintf(&json, "{\"view_id\":\"%s\",\"view\":%s}", id, view), 0);
    kit_answer answer = kit_call("views.update", json);
    free(json);
    return answer;
}

/* Hanna submits her top form; the envelope is acked with payload. */
static void submit(const char *payload)
{
    kit_do("submit", "{\"user\":\"U0HANNA\",\"values\":{\"who\":\"adele\"}}");
    json_object *envelope = kit_message(fd);
    while (strcmp(kit_text(envelope, "/payload/type"), "view_submission") != 0) {
        json_object_put(envelope);
        envelope = kit_message(fd);
    }
    kit_ack(fd, envelope, payload);
    json_object_put(envelope);
}

/* Waits until hanna's form at that place (0: the lowest) bears this title; "" when none is to be there. */
static void expect_title(int place, const char *title)
{
    char pointer[64];
    snprintf(pointer, sizeof pointer, "/views/%d/title/text", place);
    for (int i = 0; i < 100; i++) {
        kit_answer hers = kit_see("state?user=U0HANNA");
        bool is_it = !strcmp(kit_text(hers.json, pointer), title);
        kit_answer_free(&hers);
        if (is_it)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    }
    expect_field(kit_see("state?user=U0HANNA"), pointer, title);
}

START_TEST(an_ack_updates_pushes_and_clears_forms)
{
    char *id = open_form(VIEW("One", ""));
    submit("{\"response_action\":\"update\",\"view\":" VIEW("Two", "") "}");
    expect_title(0, "Two");
    submit("{\"response_action\":\"push\",\"view\":" VIEW("Three", "") "}");
    expect_title(1, "Three");
    expect_title(0, "Two");
    submit(NULL);
    expect_title(1, "");
    submit("{\"response_action\":\"push\",\"view\":" VIEW("Four", "") "}");
    expect_title(1, "Four");
    submit("{\"response_action\":\"clear\"}");
    expect_title(0, "");
    ck_assert_uint_eq(kit_journal("ack_invalid"), 0);
    free(id);
}
END_TEST

START_TEST(an_ack_with_a_view_that_is_no_form_shows_trouble)
{
    char *id = open_form(VIEW("One", ""));
    submit("{\"response_action\":\"update\",\"view\":{\"type\":\"home\",\"blocks\":[]}}");
    kit_await("ack_invalid");
    expect_field(kit_see("state?user=U0HANNA"), "/views/0/trouble", "invalid_view");
    free(id);
}
END_TEST

START_TEST(enter_tells_the_app_what_was_typed)
{
    char *id = open_form(VIEW("Form", REASON("")));
    kit_expect(kit_control("fill", "{\"user\":\"U0HANNA\",\"values\":{\"why\":\"locked\"},\"dispatch\":true}"),
               "Enter sends nothing there: no dispatch_action");
    kit_do("fill", "{\"user\":\"U0HANNA\",\"values\":{\"who\":\"ade\"}}");
    kit_do("fill", "{\"user\":\"U0HANNA\",\"values\":{\"who\":\"adele\"},\"dispatch\":true}");
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/type"), "block_actions");
    ck_assert_str_eq(kit_text(envelope, "/payload/container/view_id"), id);
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/type"), "plain_text_input");
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/block_id"), "who");
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/action_id"), "a");
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/value"), "adele");
    ck_assert_str_eq(kit_text(envelope, "/payload/view/state/values/why/r/value"), "locked");
    ck_assert_str_ne(kit_text(envelope, "/payload/trigger_id"), "");
    json_object_put(envelope);
    free(id);
}
END_TEST

START_TEST(a_form_may_want_to_know_each_character_instead)
{
    char *id = open_form("{\"type\":\"modal\",\"title\":" PLAIN("T") ",\"submit\":" PLAIN(
        "Go") ",\"blocks\":[{\"type\":\"input\",\"block_id\":\"who\",\"dispatch_action\":true,"
              "\"label\":" PLAIN("L") ",\"element\":{\"type\":\"plain_text_input\",\"action_id\":\"a\","
                                      "\"dispatch_action_config\":{"
                                      "\"trigger_actions_on\":[\"on_character_entered\"]}}}]}");
    kit_do("fill", "{\"user\":\"U0HANNA\",\"values\":{\"who\":\"ad\"}}");
    json_object *envelope = kit_message(fd);
    ck_assert_str_eq(kit_text(envelope, "/payload/actions/0/value"), "ad");
    json_object_put(envelope);
    kit_answer refused = update_form(
        id, "{\"type\":\"modal\",\"title\":" PLAIN("T") ",\"submit\":" PLAIN(
                "Go") ",\"blocks\":[{\"type\":\"input\",\"label\":" PLAIN("L") ",\"element\":{\"type\":"
                                                                               "\"plain_text_input\",\"dispatch_action_"
                                                                               "config\":{\"trigger_actions_on\":[\"on_"
                                                                               "leaving\"]}}}]}");
    ck_assert_str_eq(kit_text(refused.json, "/error"), "invalid_arguments");
    ck_assert_ptr_nonnull(strstr(refused.body, "must be one of: on_enter_pressed on_character_entered"));
    kit_answer_free(&refused);
    free(id);
}
END_TEST

START_TEST(a_field_of_another_type_begins_empty)
{
    char *id = open_form(VIEW("Form", REASON("")));
    kit_do("fill", "{\"user\":\"U0HANNA\",\"values\":{\"why\":\"locked\"}}");
    kit_expect(
        update_form(id, VIEW("Form", ",{\"type\":\"input\",\"block_id\":\"why\",\"label\":" PLAIN(
                                         "Why") ",\"element\":{\"type\":\"email_text_input\",\"action_id\":\"r\"}}")),
        "");
    expect_field(kit_see("state?user=U0HANNA"), "/views/0/state/values/why/r/value", "");
    free(id);
}
END_TEST

START_TEST(a_home_tab_is_no_form_of_the_stack)
{
    kit_answer published = publish("U0HANNA", HOME);
    char *home = strdup(kit_text(published.json, "/view/id"));
    kit_answer_free(&published);
    kit_expect(kit_control("submit", "{\"user\":\"U0HANNA\"}"), "that person has no such form open");
    char *id = open_form(VIEW("One", ""));
    submit("{\"response_action\":\"clear\"}");
    expect_title(0, "");
    expect_field(kit_see("state?user=U0HANNA"), "/home/id", home);
    char json[96];
    snprintf(json, sizeof json, "{\"user\":\"U0HANNA\",\"view_id\":\"%s\"}", home);
    kit_expect(kit_control("close_view", json), "a Home tab cannot be closed");
    kit_expect(update_form(home, VIEW("Two", "")), "not_found");
    kit_expect(publish("U0HANNA", HOME), "");
    free(home);
    free(id);
}
END_TEST

START_TEST(an_update_while_somebody_types_keeps_what_was_entered)
{
    char *id = open_form(VIEW("Form", REASON("")));
    kit_do("fill", "{\"user\":\"U0HANNA\",\"values\":{\"who\":\"adele\"}}");
    kit_expect(update_form(id, VIEW("Form", DEVICES REASON(",\"initial_value\":\"offered\""))), "");
    kit_answer hers = kit_see("state?user=U0HANNA");
    ck_assert_str_eq(kit_text(hers.json, "/views/0/state/values/who/a/value"), "adele");
    /* the field was there before, and empty: Slack does not offer a new initial value (bolt-python#572) */
    ck_assert_str_eq(kit_text(hers.json, "/views/0/state/values/why/r/value"), "");
    kit_answer_free(&hers);
    kit_do("fill", "{\"user\":\"U0HANNA\",\"values\":{\"devices\":\"two\",\"why\":\"locked\"}}");
    kit_expect(update_form(id, VIEW("Form", REASON(""))), "");
    kit_expect(update_form(id, VIEW("Form", DEVICES REASON(""))), "");
    hers = kit_see("state?user=U0HANNA");
    ck_assert_str_eq(kit_text(hers.json, "/views/0/state/values/why/r/value"), "locked");
    ck_assert_ptr_nonnull(kit_at(hers.json, "/views/0/state/values/devices/d"));
    ck_assert_ptr_null(kit_at(hers.json, "/views/0/state/values/devices/d/selected_option"));
    kit_answer_free(&hers);
    free(id);
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
    tcase_add_test(app, an_ack_updates_pushes_and_clears_forms);
    tcase_add_test(app, an_ack_with_a_view_that_is_no_form_shows_trouble);
    tcase_add_test(app, enter_tells_the_app_what_was_typed);
    tcase_add_test(app, a_form_may_want_to_know_each_character_instead);
    tcase_add_test(app, a_field_of_another_type_begins_empty);
    tcase_add_test(app, a_home_tab_is_no_form_of_the_stack);
    tcase_add_test(app, an_update_while_somebody_types_keeps_what_was_entered);
    tcase_add_test(app, a_shortcut_carries_the_message_and_ways_to_answer);
    tcase_add_test(app, a_shortcut_needs_a_message_that_the_person_sees);
    tcase_add_test(app, a_private_message_has_no_shortcuts);
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
