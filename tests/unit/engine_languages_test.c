/* engine_languages_test.c - whose language: everybody reads their own, the channel and the record have the workspace's.
 *
 * The Swedish of these tests is English with a mark before each sentence: whatever is said without the catalogue shows. */
#include "engine_story.h"

#define MARK "[sv]"
#define SAYINGS_MAX 512

static world w;
static char id[RB_REQUEST_ID_CAP];
static char *sayings[SAYINGS_MAX]; /* a translation lives as long as its catalogue */
static size_t n_sayings;
static bool is_record_swedish;

static const char *marked(void *self, const char *english)
{
    (void)self;
    for (size_t i = 0; i < n_sayings; i++)
        if (strcmp(sayings[i] + sizeof MARK - 1, english) == 0)
            return sayings[i];
    ck_assert_uint_lt(n_sayings, SAYINGS_MAX);
    ck_assert_int_gt(asprintf(&sayings[n_sayings], MARK "%s", english), 0);
    return sayings[n_sayings++];
}

static rb_catalogue catalogue_of(void *self, const char *locale)
{
    bool is_swedish = locale[0] ? strcmp(locale, "sv-SE") == 0 : is_record_swedish;

    (void)self;
    return is_swedish ? (rb_catalogue){NULL, marked} : rb_catalogue_english();
}

static const char *hanna_reads_swedish(const char *user)
{
    return strcmp(user, "U0HANNA") == 0 ? "sv-SE" : "en-US";
}

static const char *adele_reads_swedish(const char *user)
{
    return strcmp(user, "U0ADELE") == 0 ? "sv-SE" : "en-US";
}

static const char *berit_reads_swedish(const char *user)
{
    return strcmp(user, "U0BERIT") == 0 ? "sv-SE" : "en-US";
}

static const char *all_read_english(const char *user)
{
    (void)user;
    return "en-US";
}

static void given_readers(const char *(*locale_of)(const char *user), bool is_record)
{
    given_world(&w);
    die(&w, STORE_FAILS);
    is_record_swedish = is_record;
    w.languages = (rb_languages){NULL, catalogue_of};
    w.locale_of = locale_of;
    restart(&w);
}

static void teardown(void)
{
    fini_world(&w);
    for (size_t i = 0; i < n_sayings; i++)
        free(sayings[i]);
    n_sayings = 0;
}

/* ---- looking ------------------------------------------------------------------------------------------------------ */

/* Every message of the kind to the user or channel ("": to any) bears the mark, or none does; and there is one. */
static void expect_marked(int kind, const char *to, bool is_swedish)
{
    size_t n = 0;

    for (size_t i = 0; i < w.n_calls; i++) {
        const seen_call *call = &w.calls[i];
        bool is_theirs = !to[0] || strcmp(call->user, to) == 0 || strcmp(call->channel, to) == 0;
        if (call->is_device || call->kind != kind || !is_theirs)
            continue;
        ck_assert_msg((strstr(call->payload, MARK) != NULL) == is_swedish, "to %s: %s", to, call->payload);
        n++;
    }
    ck_assert_msg(n > 0, "nothing was sent to %s", to);
}

static void expect_record(bool is_swedish)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = ""};

    kit_ask(&w.store, &query);
    ck_assert_uint_gt(query.n_records, 3);
    for (size_t i = 0; i < query.n_records; i++)
        ck_assert_msg((strstr(query.records[i].text, MARK) != NULL) == is_swedish, "%s: %s", query.records[i].kind,
                      query.records[i].text);
    rb_query_fini(&query);
}

static void whole_story(void)
{
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    given_result(&w, RB_ACTION_DONE);
    pass(&w, 2 * RB_MINUTE_MS);
    EXPECT_STATE(&w, id, RB_STATE_DONE);
}

/* ---- everybody's own ---------------------------------------------------------------------------------------------- */

START_TEST(a_requester_reads_their_language_and_the_channel_the_workspaces)
{
    given_readers(hanna_reads_swedish, false);
    whole_story();
    expect_marked(RB_CHAT_RESPOND, "", true); /* preview, and what Send answers */
    expect_marked(RB_CHAT_DIRECT, "U0HANNA", true);
    expect_marked(RB_CHAT_DIRECT, "U0ADELE", false);
    expect_marked(RB_CHAT_POST, CARDS, false);
    expect_marked(RB_CHAT_UPDATE, CARDS, false);
    expect_record(false);
}
END_TEST

START_TEST(an_owner_reads_their_language)
{
    given_readers(adele_reads_swedish, false);
    whole_story();
    expect_marked(RB_CHAT_DIRECT, "U0ADELE", true);
    expect_marked(RB_CHAT_POST, CARDS, false);
    expect_record(false);
}
END_TEST

START_TEST(each_approver_reads_their_language)
{
    given_readers(berit_reads_swedish, false);
    w.n_members = 0; /* of the channel: both are told directly */
    asks_and_card(&w, id);
    expect_marked(RB_CHAT_DIRECT, "U0BERIT", true);
    expect_marked(RB_CHAT_DIRECT, "U0ARVID", false);
}
END_TEST

START_TEST(an_administrator_who_is_alarmed_reads_their_language)
{
    static char admins[][RB_CHAT_ID_CAP] = {"U0BERIT", "U0ARVID"};

    given_readers(berit_reads_swedish, false);
    w.policy.roles[RB_ROLE_ADMIN] = (rb_policy_role){.users = admins, .n_users = 2};
    rb_chat_events events = rb_engine_chat_events(w.engine);
    events.on_gap(events.self, 20 * RB_SECOND_MS);
    settle(&w);
    expect_marked(RB_CHAT_DIRECT, "U0BERIT", true);
    expect_marked(RB_CHAT_DIRECT, "U0ARVID", false);
}
END_TEST

START_TEST(channel_and_record_have_the_workspaces_language_whatever_people_read)
{
    given_readers(all_read_english, true);
    whole_story();
    expect_marked(RB_CHAT_POST, CARDS, true);
    expect_marked(RB_CHAT_UPDATE, CARDS, true);
    expect_record(true);
    expect_marked(RB_CHAT_RESPOND, "", false);
    expect_marked(RB_CHAT_DIRECT, "U0HANNA", false);
}
END_TEST

START_TEST(locales_are_kept_with_the_request)
{
    given_readers(adele_reads_swedish, false);
    asks(&w, id);
    rb_request *request = stored(&w, id);
    ck_assert_str_eq(request->requester.locale, "en-US");
    ck_assert_str_eq(request->owner_locale, "sv-SE");
    free(request);
}
END_TEST

START_TEST(why_it_ended_is_kept_in_english_and_said_in_each_language)
{
    given_readers(hanna_reads_swedish, false);
    asks_and_card(&w, id);
    press_on_card(&w, "U0ARVID", 'a', id);
    w.results.n = 0;
    pass(&w, RB_HOUR_MS);
    EXPECT_STATE(&w, id, RB_STATE_UNKNOWN);
    rb_request *request = stored(&w, id);
    ck_assert_ptr_null(strstr(request->detail, MARK));
    free(request);
    need_said(&w, MARK "no trace: Intune shows no passcode action for it");
}
END_TEST

/* ---- when nobody can be asked any more ------------------------------------------------------------------------------ */

START_TEST(after_a_restart_who_has_an_open_request_is_answered_in_their_language)
{
    given_readers(hanna_reads_swedish, false);
    asks_and_card(&w, id);
    w.is_held[true][RB_DEVICE_FIND_BY_USER] = true;
    type(&w, "U0HANNA", "reset adele@contoso.com again");
    die(&w, STORE_FAILS);
    w.is_held[true][RB_DEVICE_FIND_BY_USER] = false;
    restart(&w);
    settle(&w);
    need_said(&w, MARK "I was restarted while working on that");
}
END_TEST

START_TEST(an_ack_that_says_nothing_was_done_is_in_the_typists_language)
{
    given_readers(hanna_reads_swedish, false);
    type(&w, "U0HANNA", "list");
    w.is_worker_held = true;
    type_only(&w, "U0HANNA", "list");
    pass(&w, RB_ACK_LIMIT_MS);
    w.is_worker_held = false;
    ck_assert_msg(strstr(w.acks[w.n_acks - 1].text, MARK) != NULL, "%s", w.acks[w.n_acks - 1].text);
}
END_TEST

START_TEST(a_fault_at_a_field_is_in_the_readers_language)
{
    given_readers(hanna_reads_swedish, false);
    type(&w, "U0HANNA", "list");
    rb_delivery *form = a_delivery(&w, RB_DELIVERY_FORM, "U0HANNA");
    KIT_TEXT(form->callback, RB_FORM_RESET);
    add_field(form, RB_FIELD_TARGET, "");
    deliver(&w, form);
    settle(&w);
    ck_assert_int_eq(w.acks[w.n_acks - 1].kind, RB_ACK_FORM_ERROR);
    ck_assert_msg(strstr(w.acks[w.n_acks - 1].text, MARK) != NULL, "%s", w.acks[w.n_acks - 1].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_languages");
    TCase *tests = tcase_create("languages");

    tcase_add_checked_fixture(tests, NULL, teardown);
    tcase_add_test(tests, a_requester_reads_their_language_and_the_channel_the_workspaces);
    tcase_add_test(tests, an_owner_reads_their_language);
    tcase_add_test(tests, each_approver_reads_their_language);
    tcase_add_test(tests, an_administrator_who_is_alarmed_reads_their_language);
    tcase_add_test(tests, channel_and_record_have_the_workspaces_language_whatever_people_read);
    tcase_add_test(tests, locales_are_kept_with_the_request);
    tcase_add_test(tests, why_it_ended_is_kept_in_english_and_said_in_each_language);
    tcase_add_test(tests, after_a_restart_who_has_an_open_request_is_answered_in_their_language);
    tcase_add_test(tests, an_ack_that_says_nothing_was_done_is_in_the_typists_language);
    tcase_add_test(tests, a_fault_at_a_field_is_in_the_readers_language);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
