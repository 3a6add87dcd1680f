/* slack_contracts_test.c - what Slack really sent, and what its reference says about each method. Read from
 * $RESETBOT_CONTRACTS; without these files the program is skipped (exit 77). */
#include <dirent.h>
#include <unistd.h>

#include "chat/json.h"
#include "chat/slack_calls.h"
#include "chat/slack_codec.h"
#include "chat/slack_method.h"
#include "unit/slack_fake.h"

#define SKIPPED 77
#define FILE_MAX (256 * 1024)

static void contracts_path(char out_path[1024], const char *folder, const char *name)
{
    const char *contracts = getenv("RESETBOT_CONTRACTS");
    const char *source = getenv("RESETBOT_SOURCE");

    (void)snprintf(out_path, 1024, "%s%s/slack/%s/%s",
                   contracts ? contracts
                   : source  ? source
                             : ".",
                   contracts ? "" : "/../shared/contracts", folder, name);
}

/* Borrowed until the next file. */
static rb_str read_file(const char *folder, const char *name)
{
    static char text[FILE_MAX];
    char path[1024];

    contracts_path(path, folder, name);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot read %s", path);
    size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    ck_assert_uint_lt(len, sizeof text);
    return (rb_str){text, len};
}

/* Calls each(name) for every JSON file of a folder, and says how many there were. */
static int each_file(const char *folder, void (*each)(const char *folder, const char *name))
{
    char path[1024];
    int n = 0;

    contracts_path(path, folder, "");
    DIR *dir = opendir(path);
    ck_assert_msg(dir != NULL, "cannot read %s", path);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
            continue;
        each(folder, entry->d_name);
        n++;
    }
    (void)closedir(dir);
    return n;
}

/* ---- frames and payloads ------------------------------------------------------------------------------------------- */

static const rb_slack_self SELF = {.team = "T111", .bot_user = "UBOT", .bot_id = "BBOT"};
static rb_slack_frame frame;

static void decode(rb_str text)
{
    rb_slack_decode(text, &SELF, 1, (rb_now){.utc_ms = 1, .boot_ms = 1}, &frame);
}

/* The sample cut at every byte: less than the whole is never read as anything. */
static void check_cuts(rb_str text)
{
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == ' '))
        text.len--;
    for (size_t len = 0; len < text.len; len++) {
        decode((rb_str){text.ptr, len});
        ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_GARBAGE);
    }
}

static const struct {
    const char *prefix; /* of the file's name */
    rb_slack_frame_kind kind;
} FRAMES[] = {
    {"disconnect.", RB_SLACK_FRAME_DISCONNECT},
    {"envelope.events_api", RB_SLACK_FRAME_IDLE},
    {"envelope.interactive.shortcut", RB_SLACK_FRAME_IDLE},
    {"envelope.slash_commands", RB_SLACK_FRAME_DELIVERY},
    {"hello", RB_SLACK_FRAME_HELLO},
    {"slackgo.EventHello", RB_SLACK_FRAME_HELLO},
    {"slackgo.EventAppMention", RB_SLACK_FRAME_IDLE},
};

static void check_frame(const char *folder, const char *name)
{
    rb_str text = read_file(folder, name);
    bool is_known = false;

    for (size_t i = 0; i < sizeof FRAMES / sizeof *FRAMES; i++) {
        if (strncmp(name, FRAMES[i].prefix, strlen(FRAMES[i].prefix)) != 0)
            continue;
        is_known = true;
        decode(text);
        ck_assert_msg(frame.kind == FRAMES[i].kind, "%s was read as %d", name, (int)frame.kind);
    }
    ck_assert_msg(is_known, "%s is new: say what it should be read as", name);
    check_cuts(text);
}

START_TEST(captured_frames_are_read_as_what_they_are)
{
    ck_assert_int_ge(each_file("samples/socket", check_frame), 8);
}
END_TEST

START_TEST(the_captured_command_is_read_whole)
{
    decode(read_file("samples/socket", "envelope.slash_commands.json"));
    ck_assert_str_eq(frame.delivery.command, "/hello-socket-mode");
    ck_assert_str_eq(frame.delivery.who.user, "U111");
    ck_assert_str_eq(frame.delivery.who.team, "T111");
    ck_assert_str_eq(frame.delivery.channel, "C111");
    ck_assert_str_eq(frame.delivery.key, "slash:111.222.xxx");
    ck_assert(!frame.delivery.is_other_workspace);
    decode(read_file("samples/socket", "slackgo.EventHello.json"));
    ck_assert_uint_eq(frame.num_connections, 4);
    ck_assert_int_eq(frame.life_ms, 18060000);
}
END_TEST

/* A payload as Socket Mode would bring it. */
static void decode_payload(const char *type, rb_str payload)
{
    rb_buf text;

    rb_buf_init(&text, RB_FRAME_MAX);
    rb_buf_addf(&text, "{\"envelope_id\":\"e-1\",\"type\":\"%s\",\"payload\":%.*s}", type, (int)payload.len,
                payload.ptr);
    decode(rb_buf_str(&text));
    rb_buf_fini(&text);
}

START_TEST(captured_forms_and_commands_are_read)
{
    decode_payload("interactive", read_file("samples/interaction", "view_submission.json"));
    ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_str_eq(frame.delivery.who.user, "W111");
    ck_assert_str_eq(frame.delivery.callback, "view-id");
    ck_assert_str_eq(frame.delivery.private_data, "This is for you!");
    ck_assert_uint_eq(frame.delivery.n_fields, 1);
    ck_assert_str_eq(frame.delivery.fields[0].name, "maBWU");
    ck_assert_str_eq(frame.delivery.fields[0].value, "test");
    ck_assert(!frame.delivery.is_other_workspace);

    decode_payload("interactive", read_file("samples/interaction", "view_submission.response_urls.json"));
    ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_uint_eq(frame.delivery.n_fields, 0);

    decode_payload("interactive", read_file("samples/interaction", "view_closed.json"));
    ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_IDLE);

    decode_payload("slash_commands", read_file("samples/interaction", "slash_command.enterprise_form.json"));
    ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_DELIVERY);
    ck_assert_str_eq(frame.delivery.text, "Hi");
}
END_TEST

static bool is_nobodys(rb_slack_frame_kind kind)
{
    return kind == RB_SLACK_FRAME_IDLE || kind == RB_SLACK_FRAME_UNREADABLE;
}

/* All keys that a recorder ever saw, with empty values: nobody did anything there. */
static void check_empty(const char *folder, const char *name)
{
    rb_str text = read_file(folder, name);

    if (strstr(name, "Payload.json") == NULL)
        return;
    decode_payload("interactive", text);
    ck_assert_msg(is_nobodys(frame.kind), "%s", name);
    decode_payload("slash_commands", read_file(folder, name));
    ck_assert_msg(is_nobodys(frame.kind), "%s", name);
    decode_payload("events_api", read_file(folder, name));
    ck_assert_msg(frame.kind == RB_SLACK_FRAME_IDLE, "%s", name);
}

START_TEST(payloads_of_empty_values_are_nobodys)
{
    ck_assert_int_ge(each_file("samples/java-keys", check_empty), 20);
}
END_TEST

START_TEST(captured_events_are_acked_and_no_more)
{
    decode_payload("events_api", read_file("samples/events", "app_mention.shared_channel.json"));
    ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_IDLE);
    decode_payload("events_api", read_file("samples/events", "tokens_revoked.json"));
    ck_assert_int_eq(frame.kind, RB_SLACK_FRAME_IDLE);
}
END_TEST

/* ---- replies ------------------------------------------------------------------------------------------------------- */

#define N_KINDS (RB_CHAT_PERMALINK + 1)

#define PAYLOAD "{\"text\":\"x\",\"blocks\":[],\"metadata\":{}}"

static const rb_chat_call ANY = {.channel = "C1",
                                 .user = "W012A3CDE",
                                 .thread_ts = "",
                                 .ts = "17.02",
                                 .url = "https://hooks.slack.com/actions/1",
                                 .trigger_id = "1.2.t",
                                 .view_id = "V1",
                                 .group = "S1",
                                 .text = "spengler@ghostbusters.example.com",
                                 .payload = {PAYLOAD, sizeof PAYLOAD - 1},
                                 .since_utc_ms = 1772460130000,
                                 .marker_request = "R-7K3F"};

static rb_chat_outcome outcome_of(rb_chat_call_kind kind, rb_str body, bool *out_is_end, rb_chat_result *out_result)
{
    rb_chat_call call = ANY;
    rb_slack_job job;
    rb_http_reply with = {.status = 200, .body = body, .error = ""};

    call.kind = kind;
    ck_assert_int_eq(rb_slack_job_init(&job, &call), RB_OK);
    *out_is_end = rb_slack_job_reply(&job, &SELF, &with, out_result);
    rb_slack_job_fini(&job);
    return out_result->outcome;
}

/* Cut replies are in doubt: never ok, never a refusal. */
static void check_reply_cuts(rb_chat_call_kind kind, rb_str text)
{
    rb_chat_result result;
    bool is_end = false;

    while (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    for (size_t len = 0; len < text.len; len++) {
        rb_chat_outcome outcome = outcome_of(kind, (rb_str){text.ptr, len}, &is_end, &result);
        ck_assert(outcome == RB_CHAT_UNCLEAR || outcome == RB_CHAT_LATER);
    }
}

static void check_reply(const char *folder, const char *name)
{
    rb_str text = read_file(folder, name);
    rb_chat_result result;

    for (int kind = 0; kind < N_KINDS; kind++) {
        const char *method = rb_slack_method_of((rb_chat_call_kind)kind)->name;
        size_t len = strlen(method);
        bool is_end = false;
        if (len == 0 || strncmp(name, method, len) != 0 || name[len] != '.')
            continue;
        rb_chat_outcome outcome = outcome_of((rb_chat_call_kind)kind, text, &is_end, &result);
        /* nobody of that name, no such channel, already deleted: answers. All other errors of the samples are refusals */
        bool is_answer =
            kind == RB_CHAT_PERSON || kind == RB_CHAT_BY_EMAIL || kind == RB_CHAT_CHANNEL || kind == RB_CHAT_DELETE;
        bool is_ok = strstr(name, ".success") != NULL || is_answer;
        ck_assert_msg(outcome == (is_ok ? RB_CHAT_OK : RB_CHAT_REFUSED), "%s gave %d (%s)", name, (int)outcome,
                      result.error);
        check_reply_cuts((rb_chat_call_kind)kind, text);
    }
}

START_TEST(documented_replies_are_read_and_cut_ones_are_in_doubt)
{
    ck_assert_int_ge(each_file("samples/api", check_reply), 40);
}
END_TEST

START_TEST(documented_values_are_taken_from_the_right_place)
{
    rb_chat_result result;
    bool is_end = false;

    (void)outcome_of(RB_CHAT_POST, read_file("samples/api", "chat.postMessage.success.json"), &is_end, &result);
    ck_assert_str_eq(result.ts, "1503435956.000247");
    ck_assert_str_eq(result.channel, "C123ABC456");
    (void)outcome_of(RB_CHAT_FORM_OPEN, read_file("samples/api", "views.open.success.json"), &is_end, &result);
    ck_assert_str_eq(result.view_id, "VMHU10V25");
    (void)outcome_of(RB_CHAT_DM_CHANNEL, read_file("samples/api", "conversations.open.success.json"), &is_end, &result);
    ck_assert_str_eq(result.channel, "D069C7QFK");
    (void)outcome_of(RB_CHAT_MEMBERS, read_file("samples/api", "conversations.members.success.json"), &is_end, &result);
    ck_assert(!is_end); /* its cursor leads on */
    (void)outcome_of(RB_CHAT_PERSON, read_file("samples/api", "users.info.success.json"), &is_end, &result);
    ck_assert_str_eq(result.person.name, "Egon Spengler");
    ck_assert_str_eq(result.person.email, "spengler@ghostbusters.example.com");
    ck_assert(result.person.exists && result.person.is_outside); /* of T012AB3C4, and we are T111 */
    (void)outcome_of(RB_CHAT_CHANNEL, read_file("samples/api", "conversations.info.success.json"), &is_end, &result);
    ck_assert(result.info.exists && !result.info.is_shared_outside && !result.info.is_archived);
}
END_TEST

START_TEST(the_sessions_own_calls_read_their_documented_replies)
{
    rb_http_reply with = {.status = 200, .error = ""};
    rb_slack_self self = {.team = ""};
    rb_chat_result result;
    char url[RB_SLACK_URL_CAP];

    with.body = read_file("samples/api", "auth.test.success_with_bot_token.json");
    ck_assert_int_eq(rb_slack_read_auth(&with, &self, &result), RB_CHAT_OK);
    ck_assert_str_eq(self.team, "T0G9PQBBK");
    ck_assert_str_eq(self.bot_user, "W23456789");
    ck_assert_str_eq(self.bot_id, "BZYBOTHED");
    with.body = read_file("samples/api", "auth.test.error.json");
    ck_assert_int_eq(rb_slack_read_auth(&with, &self, &result), RB_CHAT_REFUSED);
    ck_assert_str_eq(result.error, "invalid_auth");
    ck_assert_str_eq(self.team, "T0G9PQBBK");
    with.body = read_file("samples/api", "apps.connections.open.success.json");
    ck_assert_int_eq(rb_slack_read_open(&with, url, sizeof url, &result), RB_CHAT_OK);
    ck_assert_int_eq(strncmp(url, "wss://", 6), 0);
}
END_TEST

/* ---- requests against the reference --------------------------------------------------------------------------------- */

static bool is_known_argument(const rb_json *docs, const char *name)
{
    return rb_json_get(rb_json_get(rb_json_get(docs, "args"), "properties"), name) != NULL;
}

typedef struct {
    const rb_json *docs;
    const char *method;
    char names[2048]; /* " a b c " */
} arguments;

static bool note_argument(void *arg, const char *name, const rb_json *member)
{
    arguments *to = arg;
    size_t used = strlen(to->names);

    (void)member;
    ck_assert_msg(is_known_argument(to->docs, name), "%s knows no argument %s", to->method, name);
    (void)snprintf(to->names + used, sizeof to->names - used, "%s ", name);
    return true;
}

static void note_form(arguments *to, const char *body)
{
    char name[64];

    while (*body != '\0') {
        size_t len = strcspn(body, "=");
        ck_assert_uint_lt(len, sizeof name);
        memcpy(name, body, len);
        name[len] = '\0';
        (void)note_argument(to, name, NULL);
        body += strcspn(body, "&");
        body += *body == '&';
    }
}

static void check_required(const arguments *given)
{
    const rb_json *required = rb_json_get(rb_json_get(given->docs, "args"), "required");

    ck_assert_uint_gt(rb_json_count(required), 0);
    for (size_t i = 0; i < rb_json_count(required); i++) {
        char name[64];
        ck_assert_int_eq(rb_json_copy_text(rb_json_at(required, i), name, sizeof name), RB_OK);
        char spaced[80];
        (void)snprintf(spaced, sizeof spaced, " %s ", name);
        /* the token travels in the header */
        ck_assert_msg(strcmp(name, "token") == 0 || strstr(given->names, spaced), "%s needs %s", given->method, name);
    }
}

static void check_request(const http_kept *sent)
{
    const char *method = sent->url + strlen(API);
    char file[128];
    arguments given = {.method = method, .names = " "};

    (void)snprintf(file, sizeof file, "%s.json", method);
    rb_json *docs = rb_json_parse(read_file("method-docs", file));
    ck_assert_ptr_nonnull(docs);
    given.docs = docs;
    if (strcmp(sent->type, "application/x-www-form-urlencoded") == 0) {
        note_form(&given, sent->body);
    } else {
        ck_assert_msg(rb_json_true(docs, "json_input_supported"), "%s takes no JSON", method);
        rb_json *body = rb_json_parse(rb_str_of(sent->body));
        ck_assert_ptr_nonnull(body);
        (void)rb_json_each(body, note_argument, &given);
        rb_json_free(body);
    }
    check_required(&given);
    rb_json_free(docs);
}

START_TEST(every_request_fits_the_reference_of_its_method)
{
    make_session(1);
    for (int kind = 0; kind < N_KINDS; kind++) {
        rb_chat_call call = ANY;
        call.kind = (rb_chat_call_kind)kind;
        for (int is_thread = 0; is_thread < 2 && kind != RB_CHAT_RESPOND; is_thread++) {
            call.thread_ts = is_thread ? "17.01" : "";
            world.port.call(world.port.self, 1, &call);
            check_request(&world.https[world.n_https - 1]);
        }
    }
    rb_slack_start(world.slack, world.now);
    check_request(waiting("auth.test"));
    reply_json(waiting("auth.test"), AUTH_OK);
    check_request(waiting("apps.connections.open"));
}
END_TEST

static void add_all(TCase *tcase)
{
    tcase_add_test(tcase, captured_frames_are_read_as_what_they_are);
    tcase_add_test(tcase, the_captured_command_is_read_whole);
    tcase_add_test(tcase, captured_forms_and_commands_are_read);
    tcase_add_test(tcase, payloads_of_empty_values_are_nobodys);
    tcase_add_test(tcase, captured_events_are_acked_and_no_more);
    tcase_add_test(tcase, documented_replies_are_read_and_cut_ones_are_in_doubt);
    tcase_add_test(tcase, documented_values_are_taken_from_the_right_place);
    tcase_add_test(tcase, the_sessions_own_calls_read_their_documented_replies);
    tcase_add_test(tcase, every_request_fits_the_reference_of_its_method);
}

int main(void)
{
    static const suite_part parts[] = {{"contracts", add_all}};
    char path[1024];

    contracts_path(path, "samples", "README.md");
    if (access(path, R_OK) != 0 && !getenv("RESETBOT_NEED_CONTRACTS")) {
        (void)puts("skipped: no contract samples (set RESETBOT_CONTRACTS)");
        return SKIPPED;
    }
    return run_suite("slack_contracts", parts, sizeof parts / sizeof *parts);
}
