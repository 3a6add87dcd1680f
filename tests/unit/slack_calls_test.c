/* slack_calls_test.c - each call as it leaves for the Web API, and what is made of every kind of reply. */
#include "chat/json.h"
#include "unit/slack_fake.h"

#define PAYLOAD "{\"text\":\"Hi\",\"blocks\":[]}"

static void ready(void)
{
    world_init();
    make_session(1);
    rb_slack_start(world.slack, world.now);
    reply_json(waiting("auth.test"), AUTH_OK);
}

static const rb_chat_call FULL = {.channel = "C1",
                                  .user = "U1",
                                  .thread_ts = "17.01",
                                  .ts = "17.02",
                                  .url = "https://hooks.slack.com/actions/1",
                                  .trigger_id = "1.2.t",
                                  .view_id = "V1",
                                  .group = "S1",
                                  .text = "adele+x@contoso.com",
                                  .payload = {PAYLOAD, sizeof PAYLOAD - 1},
                                  .since_utc_ms = 1772460130000,
                                  .marker_request = "R-7K3F",
                                  .marker_seq = 2};

/* Starts a call and returns what went out. */
static http_kept *start(rb_chat_call call, rb_chat_call_kind kind)
{
    size_t before = world.n_https;

    call.kind = kind;
    world.port.call(world.port.self, 77, &call);
    ck_assert_uint_eq(world.n_https, before + 1);
    return &world.https[before];
}

static http_kept *start_full(rb_chat_call_kind kind)
{
    return start(FULL, kind);
}

static const rb_chat_result *finished(void)
{
    ck_assert_uint_gt(world.n_results, 0);
    ck_assert_uint_eq(world.results[world.n_results - 1].tag, 77);
    return &world.results[world.n_results - 1].result;
}

static const rb_chat_result *answer_with(rb_chat_call_kind kind, const char *json)
{
    size_t before = world.n_results;

    reply_json(start_full(kind), json);
    ck_assert_uint_eq(world.n_results, before + 1);
    return finished();
}

/* ---- what is sent ------------------------------------------------------------------------------------------------ */

#define JSON "application/json; charset=utf-8"
#define FORM "application/x-www-form-urlencoded"
#define INERT "\"link_names\":false,\"parse\":\"none\""
#define NO_UNFURL ",\"mrkdwn\":false,\"unfurl_links\":false,\"unfurl_media\":false"
#define REST ",\"text\":\"Hi\",\"blocks\":[]}"

static const struct {
    rb_chat_call_kind kind;
    const char *method;
    const char *type;
    bool is_once;
    const char *body;
} SENT[] = {
    {RB_CHAT_POST, "chat.postMessage", JSON, true, "{\"channel\":\"C1\",\"thread_ts\":\"17.01\"," INERT NO_UNFURL REST},
    {RB_CHAT_UPDATE, "chat.update", JSON, false, "{\"channel\":\"C1\",\"ts\":\"17.02\"," INERT REST},
    {RB_CHAT_DELETE, "chat.delete", JSON, false, "{\"channel\":\"C1\",\"ts\":\"17.02\"}"},
    {RB_CHAT_PRIVATE, "chat.postEphemeral", JSON, false, "{\"channel\":\"C1\",\"user\":\"U1\"," INERT REST},
    {RB_CHAT_DIRECT, "chat.postMessage", JSON, true,
     "{\"channel\":\"U1\",\"thread_ts\":\"17.01\"," INERT NO_UNFURL REST},
    {RB_CHAT_FIND, "conversations.replies", FORM, false,
     "channel=C1&ts=17.01&oldest=1772459530.000000&inclusive=true&include_all_metadata=true&limit=50"},
    {RB_CHAT_PERSON, "users.info", FORM, false, "user=U1&include_locale=true"},
    {RB_CHAT_BY_EMAIL, "users.lookupByEmail", FORM, false, "email=adele%2Bx%40contoso.com"},
    {RB_CHAT_GROUP, "usergroups.users.list", FORM, false, "usergroup=S1"},
    {RB_CHAT_CHANNEL, "conversations.info", FORM, false, "channel=C1"},
    {RB_CHAT_MEMBERS, "conversations.members", FORM, false, "channel=C1&limit=200"},
    {RB_CHAT_DM_CHANNEL, "conversations.open", JSON, false, "{\"users\":\"U1\"}"},
    {RB_CHAT_FORM_OPEN, "views.open", JSON, false, "{\"trigger_id\":\"1.2.t\",\"view\":" PAYLOAD "}"},
    {RB_CHAT_FORM_UPDATE, "views.update", JSON, false, "{\"view_id\":\"V1\",\"view\":" PAYLOAD "}"},
    {RB_CHAT_HOME, "views.publish", JSON, false, "{\"user_id\":\"U1\",\"view\":" PAYLOAD "}"},
    {RB_CHAT_PERMALINK, "chat.getPermalink", FORM, false, "channel=C1&message_ts=17.02"},
};

START_TEST(each_call_leaves_as_its_method_wants_it)
{
    const http_kept *sent = start_full(SENT[_i].kind);

    ck_assert(is_call(sent, SENT[_i].method));
    ck_assert_str_eq(sent->method, "POST");
    ck_assert_str_eq(sent->type, SENT[_i].type);
    ck_assert_str_eq(sent->token, "Bearer xoxb-test");
    ck_assert_str_eq(sent->body, SENT[_i].body);
    ck_assert_int_eq(sent->is_once, SENT[_i].is_once);
    ck_assert(!sent->is_secret);
}
END_TEST

START_TEST(a_channel_message_has_no_thread_and_is_looked_for_in_the_history)
{
    rb_chat_call call = FULL;

    call.thread_ts = "";
    ck_assert_ptr_null(strstr(start(call, RB_CHAT_POST)->body, "thread_ts"));
    call.thread_ts = NULL;
    const http_kept *sent = start(call, RB_CHAT_FIND);
    ck_assert(is_call(sent, "conversations.history"));
    ck_assert_str_eq(sent->body,
                     "channel=C1&oldest=1772459530.000000&inclusive=true&include_all_metadata=true&limit=50");
}
END_TEST

START_TEST(S6_an_answer_by_response_url_carries_no_token)
{
    const http_kept *sent = start_full(RB_CHAT_RESPOND);

    ck_assert_str_eq(sent->url, "https://hooks.slack.com/actions/1");
    ck_assert_str_eq(sent->token, "");
    ck_assert_str_eq(sent->body, "{\"response_type\":\"ephemeral\",\"replace_original\":false" REST);
    rb_chat_call call = FULL;
    call.is_replacing = true;
    ck_assert_ptr_nonnull(strstr(start(call, RB_CHAT_RESPOND)->body, "\"replace_original\":true"));
}
END_TEST

START_TEST(S6_a_secret_form_is_marked_so_that_its_buffers_are_wiped)
{
    rb_chat_call call = FULL;

    call.is_secret = true;
    http_kept *sent = start(call, RB_CHAT_FORM_UPDATE);
    ck_assert(sent->is_secret);
    reply_json(sent, "{\"ok\":true,\"view\":{\"blocks\":[\"4711\"],\"id\":\"V9\"}}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_OK);
    ck_assert_str_eq(finished()->view_id, "V9");
    reply_json(start(call, RB_CHAT_FORM_UPDATE), "{\"error\":\"not_found\",\"ok\":false}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_REFUSED);
    ck_assert_str_eq(finished()->error, "not_found");
    /* it is looked at and not parsed: nonsense further on goes unseen, and no copy of the code is made */
    reply_json(start(call, RB_CHAT_FORM_UPDATE), "{\"ok\":true,\"view\":{\"id\":\"V9\"},\"more\":nonsense,}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_OK);
    /* found by fuzzing: it has no id, and no word said why that is unclear */
    reply_json(start(call, RB_CHAT_FORM_UPDATE), "{\"ok\":true}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_UNCLEAR);
    ck_assert_str_eq(finished()->error, "unexpected_reply");
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused_later_and_not_from_inside)
{
    rb_chat_call call = FULL;

    call.url = "http://hooks.slack.com/actions/1"; /* in the clear */
    call.kind = RB_CHAT_RESPOND;
    world.is_inside = true;
    world.port.call(world.port.self, 77, &call);
    call.kind = RB_CHAT_POST;
    call.channel = "C12345678901234567890123456789012345";
    world.port.call(world.port.self, 77, &call);
    call = FULL;
    call.kind = RB_CHAT_POST;
    call.payload = RB_STR("{}");
    world.port.call(world.port.self, 77, &call);
    world.is_inside = false;
    ck_assert_uint_eq(world.n_results, 0);
    advance(0);
    ck_assert_uint_eq(world.n_results, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(world.results[i].result.outcome, RB_CHAT_REFUSED);
    ck_assert_uint_eq(rb_slack_status_of(world.slack).calls, 0);
}
END_TEST

START_TEST(one_call_more_than_the_limit_is_told_to_wait)
{
    rb_chat_call call = FULL;

    call.kind = RB_CHAT_PERSON;
    for (uint64_t i = 0; i < RB_SLACK_CALLS_MAX; i++)
        world.port.call(world.port.self, i, &call);
    ck_assert_uint_eq(world.n_results, 0);
    ck_assert_uint_eq(rb_slack_status_of(world.slack).calls, RB_SLACK_CALLS_MAX);
    world.port.call(world.port.self, 77, &call);
    ck_assert_uint_eq(world.n_results, 0); /* not from inside */
    advance(0);
    ck_assert_int_eq(finished()->outcome, RB_CHAT_LATER);
    ck_assert_str_eq(finished()->error, "too_many_calls");
    reply_json(waiting("users.info"), "{\"ok\":false,\"error\":\"user_not_found\"}");
    world.port.call(world.port.self, 78, &call);
    ck_assert_uint_eq(rb_slack_status_of(world.slack).calls, RB_SLACK_CALLS_MAX);
}
END_TEST

/* ---- outcomes ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    rb_http_reply reply;
    rb_chat_outcome post;
    rb_chat_outcome read; /* also edits */
    const char *error;
} outcome_row;

#define BODY(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof text - 1                                                                                          \
    }

static const outcome_row OUTCOMES[] = {
    {"never left", {.err = RB_E_IO, .never_left = true, .error = ""}, RB_CHAT_LATER, RB_CHAT_LATER, "no_reply"},
    {"certificate", {.err = RB_E_AUTH, .never_left = true, .error = ""}, RB_CHAT_LATER, RB_CHAT_LATER, "tls_failed"},
    {"time-out", {.err = RB_E_IO, .error = ""}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "no_reply"},
    {"reply too large", {.err = RB_E_LIMIT, .error = ""}, RB_CHAT_UNCLEAR, RB_CHAT_REFUSED, "reply_too_large"},
    {"429",
     {.status = 429, .body = BODY("{\"ok\":false,\"error\":\"ratelimited\"}")},
     RB_CHAT_LATER,
     RB_CHAT_LATER,
     "ratelimited"},
    {"429 without JSON", {.status = 429, .body = BODY("slow down")}, RB_CHAT_LATER, RB_CHAT_LATER, "ratelimited"},
    {"rate_limited",
     {.status = 200, .body = BODY("{\"ok\":false,\"error\":\"rate_limited\"}")},
     RB_CHAT_LATER,
     RB_CHAT_LATER,
     "rate_limited"},
    {"500", {.status = 500, .body = BODY("<html>")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "http_500"},
    {"503", {.status = 503, .body = BODY("")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "http_503"},
    {"fatal_error",
     {.status = 200, .body = BODY("{\"ok\":false,\"error\":\"fatal_error\"}")},
     RB_CHAT_UNCLEAR,
     RB_CHAT_LATER,
     "fatal_error"},
    {"internal_error",
     {.status = 200, .body = BODY("{\"ok\":false,\"error\":\"internal_error\"}")},
     RB_CHAT_UNCLEAR,
     RB_CHAT_LATER,
     "internal_error"},
    {"not_in_channel",
     {.status = 200, .body = BODY("{\"ok\":false,\"error\":\"not_in_channel\"}")},
     RB_CHAT_REFUSED,
     RB_CHAT_REFUSED,
     "not_in_channel"},
    {"missing_scope",
     {.status = 200, .body = BODY("{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"x\"}")},
     RB_CHAT_REFUSED,
     RB_CHAT_REFUSED,
     "missing_scope"},
    {"a proxy's page", {.status = 200, .body = BODY("<html>log in</html>")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "no_json"},
    {"a cut reply", {.status = 200, .body = BODY("{\"ok\":tru")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "no_json"},
    {"ok as a word", {.status = 200, .body = BODY("{\"ok\":\"true\"}")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "no_json"},
    {"a redirect", {.status = 302, .body = BODY("")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "http_302"},
    {"404", {.status = 404, .body = BODY("no")}, RB_CHAT_REFUSED, RB_CHAT_REFUSED, "http_404"},
    {"408", {.status = 408, .body = BODY("")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "http_408"},
    {"empty", {.status = 200, .body = BODY("")}, RB_CHAT_UNCLEAR, RB_CHAT_LATER, "no_json"},
};
#define N_OUTCOMES (int)(sizeof OUTCOMES / sizeof *OUTCOMES)

static void check_outcome(rb_chat_call_kind kind, const outcome_row *row, rb_chat_outcome expected, bool is_secret)
{
    rb_chat_call call = FULL;

    call.is_secret = is_secret;
    reply(start(call, kind), &row->reply);
    ck_assert_msg(finished()->outcome == expected, "%s: kind %d gave %d (%s)", row->name, (int)kind,
                  (int)finished()->outcome, finished()->error);
    ck_assert_str_eq(finished()->error, row->error);
    if (expected == RB_CHAT_LATER)
        ck_assert_int_ge(finished()->retry_after_ms, 1000);
}

START_TEST(a_post_in_doubt_is_unclear)
{
    static const rb_chat_call_kind kinds[] = {RB_CHAT_POST, RB_CHAT_DIRECT, RB_CHAT_PRIVATE, RB_CHAT_FORM_OPEN};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        check_outcome(kinds[i], &OUTCOMES[_i], OUTCOMES[_i].post, false);
        check_outcome(kinds[i], &OUTCOMES[_i], OUTCOMES[_i].post, true);
    }
}
END_TEST

START_TEST(a_read_or_an_edit_in_doubt_is_done_again)
{
    static const rb_chat_call_kind kinds[] = {
        RB_CHAT_UPDATE,  RB_CHAT_DELETE,     RB_CHAT_FIND,     RB_CHAT_PERSON,      RB_CHAT_GROUP, RB_CHAT_CHANNEL,
        RB_CHAT_MEMBERS, RB_CHAT_DM_CHANNEL, RB_CHAT_BY_EMAIL, RB_CHAT_FORM_UPDATE, RB_CHAT_HOME,  RB_CHAT_PERMALINK};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        check_outcome(kinds[i], &OUTCOMES[_i], OUTCOMES[_i].read, false);
        check_outcome(kinds[i], &OUTCOMES[_i], OUTCOMES[_i].read, true);
    }
}
END_TEST

START_TEST(retry_after_is_kept_and_has_a_default_and_a_ceiling)
{
    static const struct {
        const char *header;
        int64_t ms;
    } rows[] = {{"7", 7000}, {" 30 ", 30000}, {"0", 1000}, {"", 5000}, {"soon", 5000}, {"601", 5000}, {"600", 600000}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_http_reply limited = http_reply(429, "");
        (void)snprintf(limited.retry_after, sizeof limited.retry_after, "%s", rows[i].header);
        reply(start_full(RB_CHAT_POST), &limited);
        ck_assert_int_eq(finished()->retry_after_ms, rows[i].ms);
    }
}
END_TEST

START_TEST(a_response_url_answers_in_several_ways)
{
    static const struct {
        int status;
        const char *body;
        rb_chat_outcome outcome;
        const char *error;
    } rows[] = {{200, "ok", RB_CHAT_OK, ""},
                {200, "{\"ok\":true}", RB_CHAT_OK, ""},
                {200, "", RB_CHAT_OK, ""},
                {404, "{\"ok\":false,\"error\":\"used_url\"}", RB_CHAT_REFUSED, "used_url"},
                {404, "expired_url", RB_CHAT_REFUSED, "expired_url"},
                {404, "<html>", RB_CHAT_REFUSED, "http_404"},
                {410, "", RB_CHAT_REFUSED, "http_410"},
                {200, "<html>", RB_CHAT_UNCLEAR, "no_json"},
                {500, "internal_error", RB_CHAT_UNCLEAR, "http_500"},
                {429, "", RB_CHAT_LATER, "ratelimited"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rb_http_reply with = http_reply(rows[i].status, rows[i].body);
        reply(start_full(RB_CHAT_RESPOND), &with);
        ck_assert_int_eq(finished()->outcome, rows[i].outcome);
        ck_assert_str_eq(finished()->error, rows[i].error);
    }
}
END_TEST

START_TEST(a_post_tells_where_it_is)
{
    const rb_chat_result *result = answer_with(RB_CHAT_POST, "{\"ok\":true,\"channel\":\"C9\",\"ts\":\"15.02\"}");

    ck_assert_int_eq(result->outcome, RB_CHAT_OK);
    ck_assert_str_eq(result->channel, "C9");
    ck_assert_str_eq(result->ts, "15.02");
    /* it is there, but nobody knows where */
    ck_assert_int_eq(answer_with(RB_CHAT_POST, "{\"ok\":true,\"channel\":\"C9\"}")->outcome, RB_CHAT_UNCLEAR);
}
END_TEST

START_TEST(simple_answers_are_read)
{
    ck_assert_str_eq(answer_with(RB_CHAT_DM_CHANNEL, "{\"ok\":true,\"channel\":{\"id\":\"D1\"}}")->channel, "D1");
    ck_assert_str_eq(answer_with(RB_CHAT_FORM_OPEN, "{\"ok\":true,\"view\":{\"id\":\"V7\"}}")->view_id, "V7");
    ck_assert_str_eq(answer_with(RB_CHAT_PERMALINK, "{\"ok\":true,\"permalink\":\"https://x.slack.com/a/1\"}")->url,
                     "https://x.slack.com/a/1");
    ck_assert_int_eq(answer_with(RB_CHAT_UPDATE, "{\"ok\":true}")->outcome, RB_CHAT_OK);
    ck_assert_int_eq(answer_with(RB_CHAT_DELETE, "{\"ok\":false,\"error\":\"message_not_found\"}")->outcome,
                     RB_CHAT_OK);
    ck_assert_int_eq(answer_with(RB_CHAT_DM_CHANNEL, "{\"ok\":true}")->outcome, RB_CHAT_REFUSED);
}
END_TEST

/* ---- lists ------------------------------------------------------------------------------------------------------- */

START_TEST(members_are_followed_to_the_last_page)
{
    reply_json(start_full(RB_CHAT_MEMBERS),
               "{\"ok\":true,\"members\":[\"U1\",\"U2\"],\"response_metadata\":{\"next_cursor\":\"dXNlcjo=\"}}");
    ck_assert_uint_eq(world.n_results, 0);
    ck_assert_str_eq(waiting("conversations.members")->body, "channel=C1&limit=200&cursor=dXNlcjo%3D");
    reply_json(waiting("conversations.members"),
               "{\"ok\":true,\"members\":[],\"response_metadata\":{\"next_cursor\":\"x\"}}");
    reply_json(waiting("conversations.members"),
               "{\"ok\":true,\"members\":[\"W3\"],\"response_metadata\":{\"next_cursor\":\"\"}}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_OK);
    ck_assert_uint_eq(world.results[0].n_items, 3);
    ck_assert_str_eq(world.results[0].items[2], "W3");
    ck_assert_uint_eq(rb_slack_status_of(world.slack).calls, 0);
}
END_TEST

START_TEST(a_list_is_never_given_in_part)
{
    reply_json(start_full(RB_CHAT_MEMBERS),
               "{\"ok\":true,\"members\":[\"U1\"],\"response_metadata\":{\"next_cursor\":\"a\"}}");
    reply_json(waiting("conversations.members"), "{\"ok\":false,\"error\":\"fetch_members_failed\"}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_REFUSED);
    ck_assert_uint_eq(finished()->n_items, 0);
    ck_assert_int_eq(answer_with(RB_CHAT_GROUP, "{\"ok\":true}")->outcome, RB_CHAT_REFUSED);
    ck_assert_int_eq(answer_with(RB_CHAT_GROUP, "{\"ok\":true,\"users\":[\"U1\",7]}")->outcome, RB_CHAT_REFUSED);
    ck_assert_uint_eq(finished()->n_items, 0);
}
END_TEST

START_TEST(pages_that_never_end_are_given_up)
{
    http_kept *next = start_full(RB_CHAT_MEMBERS);

    reply_json(next, "{\"ok\":true,\"members\":[],\"response_metadata\":{\"next_cursor\":\"a\"}}");
    reply_json(waiting("conversations.members"),
               "{\"ok\":true,\"members\":[],\"response_metadata\":{\"next_cursor\":\"a\"}}");
    ck_assert_str_eq(finished()->error, "too_many_pages");

    (void)start_full(RB_CHAT_MEMBERS);
    for (int i = 0; world.n_results == 1; i++) {
        char body[128];
        ck_assert_int_lt(i, 200);
        (void)snprintf(body, sizeof body, "{\"ok\":true,\"members\":[],\"response_metadata\":{\"next_cursor\":\"%d\"}}",
                       i);
        reply_json(waiting("conversations.members"), body);
    }
    ck_assert_str_eq(finished()->error, "too_many_pages");
}
END_TEST

START_TEST(a_group_is_its_users)
{
    (void)answer_with(RB_CHAT_GROUP, "{\"ok\":true,\"users\":[\"U060R4BJ4\",\"W123A4BC5\"]}");
    ck_assert_uint_eq(world.results[0].n_items, 2);
    ck_assert_str_eq(world.results[0].items[0], "U060R4BJ4");
    /* S1: a group that cannot be read never allows */
    ck_assert_int_eq(answer_with(RB_CHAT_GROUP, "{\"ok\":false,\"error\":\"plan_upgrade_required\"}")->outcome,
                     RB_CHAT_REFUSED);
}
END_TEST

#define MARKED(user, request, seq, ts)                                                                                 \
    "{\"type\":\"message\",\"user\":\"" user "\",\"ts\":\"" ts                                                         \
    "\",\"metadata\":{\"event_type\":\"resetbot\",\"event_payload\":{"                                                 \
    "\"request\":\"" request "\",\"seq\":" seq "}}}"

START_TEST(R1_only_our_own_message_with_exactly_our_marker_is_found)
{
    reply_json(start_full(RB_CHAT_FIND),
               "{\"ok\":true,\"messages\":[" MARKED("UBOT", "R-7K3F", "2", "1.1") "," MARKED(
                   "UEVIL", "R-7K3F", "2",
                   "1.2") "," MARKED("UBOT", "R-7K3F", "3",
                                     "1.3") "," MARKED("UBOT", "R-7K3G", "2",
                                                       "1.4") ","
                                                              "{\"user\":\"UBOT\",\"ts\":\"1.5\"},{\"user\":\"UBOT\","
                                                              "\"ts\":\"1.6\",\"metadata\":{\"event_type\":\"other\","
                                                              "\"event_payload\":{\"request\":\"R-7K3F\",\"seq\":2}}}],"
                                                              "\"has_more\":true,"
                                                              "\"response_metadata\":{\"next_cursor\":\"n\"}}");
    ck_assert_str_eq(
        waiting("conversations.replies")->body,
        "channel=C1&ts=17.01&oldest=1772459530.000000&inclusive=true&include_all_metadata=true&limit=50&cursor=n");
    reply_json(
        waiting("conversations.replies"),
        "{\"ok\":true,\"messages\":[{\"bot_id\":\"BBOT\",\"ts\":\"1.7\",\"metadata\":{\"event_type\":\"resetbot\","
        "\"event_payload\":{\"request\":\"R-7K3F\",\"seq\":2}}}]}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_OK);
    ck_assert_uint_eq(world.results[0].n_items, 2);
    ck_assert_str_eq(world.results[0].items[0], "1.1");
    ck_assert_str_eq(world.results[0].items[1], "1.7");
}
END_TEST

/* Which messages are ours is known from auth.test on: before, absent is not known. */
START_TEST(U1_nothing_is_found_absent_before_auth_test)
{
    rb_slack_free(world.slack);
    make_session(1);
    reply_json(start_full(RB_CHAT_FIND), "{\"ok\":true,\"messages\":[" MARKED("UBOT", "R-7K3F", "2", "1.1") "]}");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_LATER);
    ck_assert_int_gt(finished()->retry_after_ms, 0);
}
END_TEST

START_TEST(nothing_found_is_an_answer_and_no_list_is_not)
{
    ck_assert_int_eq(answer_with(RB_CHAT_FIND, "{\"ok\":true,\"messages\":[]}")->outcome, RB_CHAT_OK);
    ck_assert_uint_eq(finished()->n_items, 0);
    ck_assert_int_eq(answer_with(RB_CHAT_FIND, "{\"ok\":true}")->outcome, RB_CHAT_REFUSED);
}
END_TEST

/* ---- people ------------------------------------------------------------------------------------------------------ */

static const rb_actor *person_with(const char *more)
{
    char json[1024];

    (void)snprintf(
        json, sizeof json,
        "{\"ok\":true,\"user\":{\"id\":\"U1\",\"team_id\":\"T111\",\"profile\":{\"email\":\"h@x.se\",\"real_name\":"
        "\"Hanna \xe2\x80\xae<b>\"}%s}}",
        more);
    return &answer_with(RB_CHAT_PERSON, json)->person;
}

START_TEST(a_colleague_is_inside_and_none_of_the_rest)
{
    const rb_actor *actor = person_with("");

    ck_assert(actor->exists);
    ck_assert_str_eq(actor->person.team, "T111");
    ck_assert_str_eq(actor->person.user, "U1");
    ck_assert_str_eq(actor->email, "h@x.se");
    ck_assert_str_eq(actor->name, "Hanna <b>"); /* cleaned of what turns text around */
    ck_assert(!actor->is_bot && !actor->is_guest && !actor->is_outside && !actor->is_deactivated);
}
END_TEST

START_TEST(what_somebody_reads_is_known_and_what_is_no_locale_is_not)
{
    ck_assert_str_eq(person_with(",\"locale\":\"sv-SE\"")->locale, "sv-SE");
    ck_assert_str_eq(person_with("")->locale, "");
    ck_assert_str_eq(person_with(",\"locale\":7")->locale, "");
    ck_assert_str_eq(person_with(",\"locale\":\"sv-SE-x-0123456789-0123456789-0123456789\"")->locale, "");
    ck_assert(person_with(",\"locale\":7")->exists);
}
END_TEST

START_TEST(S1_bots_guests_outsiders_and_the_gone_are_known_as_such)
{
    ck_assert(person_with(",\"is_bot\":true")->is_bot);
    ck_assert(person_with(",\"is_workflow_bot\":true")->is_bot);
    ck_assert(!person_with(",\"is_app_user\":true")->is_bot);
    ck_assert(person_with(",\"is_restricted\":true")->is_guest);
    ck_assert(person_with(",\"is_ultra_restricted\":true")->is_guest);
    ck_assert(person_with(",\"deleted\":true")->is_deactivated);
    ck_assert(person_with(",\"is_invited_user\":true")->is_deactivated);
    ck_assert(person_with(",\"is_stranger\":true")->is_outside);
}
END_TEST

START_TEST(S1_a_user_of_another_team_is_outside_although_no_stranger)
{
    ck_assert(
        answer_with(RB_CHAT_PERSON, "{\"ok\":true,\"user\":{\"id\":\"U1\",\"team_id\":\"T999\",\"is_stranger\":false}}")
            ->person.is_outside);
    ck_assert(answer_with(RB_CHAT_PERSON, "{\"ok\":true,\"user\":{\"id\":\"U1\"}}")->person.is_outside);
    /* we are of no enterprise: an enterprise without a name is not ours */
    ck_assert(answer_with(RB_CHAT_PERSON,
                          "{\"ok\":true,\"user\":{\"id\":\"U1\",\"team_id\":\"T999\",\"enterprise_user\":{"
                          "\"enterprise_id\":\"\",\"teams\":[\"T111\"]}}}")
                  ->person.is_outside);
}
END_TEST

START_TEST(slackbot_is_a_bot_although_it_says_no)
{
    rb_chat_call call = FULL;

    call.user = "USLACKBOT";
    reply_json(start(call, RB_CHAT_PERSON),
               "{\"ok\":true,\"user\":{\"id\":\"USLACKBOT\",\"team_id\":\"T111\",\"is_bot\":false}}");
    ck_assert(finished()->person.is_bot);
}
END_TEST

START_TEST(an_unknown_user_is_an_answer_and_somebody_else_is_none)
{
    ck_assert_int_eq(answer_with(RB_CHAT_PERSON, "{\"ok\":false,\"error\":\"user_not_found\"}")->outcome, RB_CHAT_OK);
    ck_assert(!finished()->person.exists);
    ck_assert_int_eq(answer_with(RB_CHAT_PERSON, "{\"ok\":false,\"error\":\"user_not_visible\"}")->outcome, RB_CHAT_OK);
    ck_assert(!finished()->person.exists);
    ck_assert_int_eq(
        answer_with(RB_CHAT_PERSON, "{\"ok\":true,\"user\":{\"id\":\"U2\",\"team_id\":\"T111\"}}")->outcome,
        RB_CHAT_REFUSED);
    ck_assert(!finished()->person.exists);
}
END_TEST

START_TEST(somebody_is_found_by_exactly_their_address)
{
    static const char found[] =
        "{\"ok\":true,\"user\":{\"id\":\"U5\",\"team_id\":\"T111\",\"profile\":{\"email\":\"%s\"}}}";
    char json[256];

    (void)snprintf(json, sizeof json, found, "Adele+X@contoso.com");
    ck_assert_str_eq(answer_with(RB_CHAT_BY_EMAIL, json)->person.person.user, "U5");
    (void)snprintf(json, sizeof json, found, "eve@contoso.com");
    ck_assert_str_eq(answer_with(RB_CHAT_BY_EMAIL, json)->person.person.user, "");
    ck_assert_int_eq(finished()->outcome, RB_CHAT_OK);
    ck_assert_int_eq(answer_with(RB_CHAT_BY_EMAIL, "{\"ok\":false,\"error\":\"users_not_found\"}")->outcome,
                     RB_CHAT_OK);
    ck_assert_str_eq(finished()->person.person.user, "");
}
END_TEST

START_TEST(a_channel_tells_whether_a_card_may_be_posted)
{
    static const struct {
        const char *json;
        rb_channel_info info; /* exists, archived, outside, member */
    } rows[] = {
        {"\"is_member\":true", {true, false, false, true}},
        {"\"is_member\":false", {true, false, false, false}},
        {"\"x\":1", {true, false, false, false}},
        {"\"is_member\":true,\"is_archived\":true", {true, true, false, true}},
        {"\"is_member\":true,\"is_ext_shared\":true", {true, false, true, true}},
        {"\"is_member\":true,\"is_pending_ext_shared\":true", {true, false, true, true}},
        {"\"is_member\":true,\"pending_shared\":[\"T9\"]", {true, false, true, true}},
        {"\"is_member\":true,\"pending_connected_team_ids\":[\"T9\"]", {true, false, true, true}},
        {"\"is_member\":true,\"is_shared\":true", {true, false, true, true}},
        {"\"is_member\":true,\"is_shared\":true,\"is_org_shared\":true", {true, false, false, true}},
        {"\"is_im\":true", {true, false, false, true}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[256];
        (void)snprintf(json, sizeof json, "{\"ok\":true,\"channel\":{\"id\":\"C1\",%s}}", rows[i].json);
        const rb_channel_info *info = &answer_with(RB_CHAT_CHANNEL, json)->info;
        ck_assert_msg(info->exists == rows[i].info.exists && info->is_archived == rows[i].info.is_archived &&
                          info->is_shared_outside == rows[i].info.is_shared_outside &&
                          info->is_bot_member == rows[i].info.is_bot_member,
                      "%s", rows[i].json);
    }
    ck_assert_int_eq(answer_with(RB_CHAT_CHANNEL, "{\"ok\":false,\"error\":\"channel_not_found\"}")->outcome,
                     RB_CHAT_OK);
    ck_assert(!finished()->info.exists);
}
END_TEST

START_TEST(on_grid_a_colleague_of_another_workspace_is_inside)
{
    world_fini();
    world_init();
    make_session(1);
    rb_slack_start(world.slack, world.now);
    reply_json(waiting("auth.test"),
               "{\"ok\":true,\"team_id\":\"T111\",\"user_id\":\"UBOT\",\"enterprise_id\":\"E1\"}");
    static const char grid[] =
        "{\"ok\":true,\"user\":{\"id\":\"U1\",\"team_id\":\"T222\",\"enterprise_user\":{\"enterprise_id\":"
        "\"%s\",\"teams\":[\"T222\",\"%s\"]}}}";
    char json[256];
    (void)snprintf(json, sizeof json, grid, "E1", "T111");
    ck_assert(!answer_with(RB_CHAT_PERSON, json)->person.is_outside);
    (void)snprintf(json, sizeof json, grid, "E1", "T333");
    ck_assert(answer_with(RB_CHAT_PERSON, json)->person.is_outside);
    (void)snprintf(json, sizeof json, grid, "E2", "T111");
    ck_assert(answer_with(RB_CHAT_PERSON, json)->person.is_outside);
}
END_TEST

static void add_sent(TCase *tcase)
{
    tcase_add_loop_test(tcase, each_call_leaves_as_its_method_wants_it, 0, (int)(sizeof SENT / sizeof *SENT));
    tcase_add_test(tcase, a_channel_message_has_no_thread_and_is_looked_for_in_the_history);
    tcase_add_test(tcase, S6_an_answer_by_response_url_carries_no_token);
    tcase_add_test(tcase, S6_a_secret_form_is_marked_so_that_its_buffers_are_wiped);
    tcase_add_test(tcase, what_cannot_be_sent_is_refused_later_and_not_from_inside);
    tcase_add_test(tcase, one_call_more_than_the_limit_is_told_to_wait);
}

static void add_outcomes(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_post_in_doubt_is_unclear, 0, N_OUTCOMES);
    tcase_add_loop_test(tcase, a_read_or_an_edit_in_doubt_is_done_again, 0, N_OUTCOMES);
    tcase_add_test(tcase, retry_after_is_kept_and_has_a_default_and_a_ceiling);
    tcase_add_test(tcase, a_response_url_answers_in_several_ways);
    tcase_add_test(tcase, a_post_tells_where_it_is);
    tcase_add_test(tcase, simple_answers_are_read);
}

static void add_lists(TCase *tcase)
{
    tcase_add_test(tcase, members_are_followed_to_the_last_page);
    tcase_add_test(tcase, a_list_is_never_given_in_part);
    tcase_add_test(tcase, pages_that_never_end_are_given_up);
    tcase_add_test(tcase, a_group_is_its_users);
    tcase_add_test(tcase, R1_only_our_own_message_with_exactly_our_marker_is_found);
    tcase_add_test(tcase, nothing_found_is_an_answer_and_no_list_is_not);
    tcase_add_test(tcase, U1_nothing_is_found_absent_before_auth_test);
}

static void add_people(TCase *tcase)
{
    tcase_add_test(tcase, a_colleague_is_inside_and_none_of_the_rest);
    tcase_add_test(tcase, what_somebody_reads_is_known_and_what_is_no_locale_is_not);
    tcase_add_test(tcase, S1_bots_guests_outsiders_and_the_gone_are_known_as_such);
    tcase_add_test(tcase, S1_a_user_of_another_team_is_outside_although_no_stranger);
    tcase_add_test(tcase, slackbot_is_a_bot_although_it_says_no);
    tcase_add_test(tcase, an_unknown_user_is_an_answer_and_somebody_else_is_none);
    tcase_add_test(tcase, somebody_is_found_by_exactly_their_address);
    tcase_add_test(tcase, a_channel_tells_whether_a_card_may_be_posted);
    tcase_add_test(tcase, on_grid_a_colleague_of_another_workspace_is_inside);
}

int main(void)
{
    static const suite_part parts[] = {
        {"sent", add_sent}, {"outcomes", add_outcomes}, {"lists", add_lists}, {"people", add_people}};
    return run_suite_with("slack_calls", parts, sizeof parts / sizeof *parts, ready);
}
