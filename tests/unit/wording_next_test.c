/* wording_next_test.c - every refusal there is: what, why, who can help, the next command to copy, and that nothing was done
 * (U2); within the limits of the chat, also in a language that needs half as much room again. */
#include "sandbox/slack_blocks.h"
#include "wording_given.h"

static char *long_texts[512];
static size_t n_long_texts;

/* A pseudo-language: every sentence is marked and half as long again; its {names} stay. */
static const char *long_text(void *self, const char *english)
{
    char *text = malloc(strlen(english) * 2 + 16);

    (void)self;
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(n_long_texts, sizeof long_texts / sizeof *long_texts);
    (void)sprintf(text, "[%s%.*s]", english, (int)(strlen(english) / 2),
                  "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
                  "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
                  "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
                  "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
    long_texts[n_long_texts++] = text;
    return text;
}

static void end_long_texts(void)
{
    while (n_long_texts)
        free(long_texts[--n_long_texts]);
}

static void given_reader(bool is_long)
{
    words.catalogue = is_long ? (rb_catalogue){NULL, long_text} : said_catalogue();
}

/* ---- then --------------------------------------------------------------------------------------------------------- */

#define LINES_MAX 3

/* The command that can be copied: the message's last code run; "" when there is none. */
static const char *copied(void)
{
    for (uint32_t i = message->n_runs; i > 0; i--)
        if (message->runs[i - 1].kind == RB_RUN_CODE)
            return rb_message_at(message, message->runs[i - 1].text);
    return "";
}

static size_t lines_of(const char *text)
{
    size_t n = 1;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Nobody is pinged by what one person reads. */
static void expect_no_mention(const char *what)
{
    for (uint32_t i = 0; i < message->n_runs; i++)
        ck_assert_msg(message->runs[i].kind != RB_RUN_USER && message->runs[i].kind != RB_RUN_GROUP, "%s pings", what);
}

static void expect_valid(const char *what)
{
    rb_buf payload;

    rb_buf_init(&payload, RB_PAYLOAD_MAX);
    ck_assert_msg(rb_slack_render(message, &payload) == RB_OK, "%s", what);
    json_object *root = json_tokener_parse(rb_buf_cstr(&payload));
    json_object *faults = json_object_new_array();
    ck_assert_msg(sk_check_blocks(json_object_object_get(root, "blocks"), SK_SURFACE_MESSAGE, faults) == 0, "%s: %s",
                  what, json_object_to_json_string(faults));
    json_object_put(faults);
    json_object_put(root);
    rb_buf_fini(&payload);
}

/* Looks at the message and empties it. nothing: must it say that nothing was done? */
static void expect_answer(const char *what, bool nothing)
{
    char command[RB_DETAIL_CAP];

    rb_copy_fit(command, sizeof command, copied());
    ck_assert_msg(rb_str_starts(rb_str_of(command), RB_STR("/passcode ")) && command[strlen(command) - 1] != ' ',
                  "%s: nothing to copy: \"%s\"", what, command);
    expect_no_mention(what);
    expect_valid(what);
    see();
    bool is_said = rb_str_contains_nocase(rb_str_of(shown), RB_STR("nothing was done"));
    ck_assert_msg(is_said == nothing, "%s: \"%s\"", what, shown);
    ck_assert_msg(lines_of(shown) <= LINES_MAX, "%s has more than %d lines: \"%s\"", what, LINES_MAX, shown);
    ck_assert_msg(strstr(shown, command) != NULL, "%s: the text lacks the command: \"%s\"", what, shown);
}

/* ---- refusals ----------------------------------------------------------------------------------------------------- */

static const char *const TYPED[] = {NULL, "reset adele@contoso.com locked out", "devices adele@contoso.com", ""};

#define N_TYPED (sizeof TYPED / sizeof *TYPED)

START_TEST(U2_every_denial_says_what_why_who_and_the_next_command)
{
    char what[RB_DETAIL_CAP];
    rb_denial denial = (rb_denial)_i;
    rb_role role;
    bool has_names = rb_word_helpers_of(denial, &role);
    words.helpers = "Ada Berg, Olle Ek";
    SET(request.device.os, "iOS");
    for (int n = 0; n < 2 * 2 * 2 * (int)N_TYPED; n++) {
        bool is_long = n % 2;
        const rb_device *device = n / 2 % 2 ? &request.device : NULL;
        const rb_request *about = n / 4 % 2 ? &request : NULL;
        words.typed = TYPED[n / 8];
        given_reader(is_long);
        (void)snprintf(what, sizeof what, "denial %d, way %d", _i, n);
        rb_word_denial(&words, denial, device, device ? &request.support : NULL, about, message);
        expect_answer(what, true);
        ck_assert_msg(strstr(shown, rb_word_denial_short(&words, denial)) != NULL, "%s: no why: %s", what, shown);
        ck_assert_msg(!about || strncmp(shown, "R-7K3F", 6) == 0, "%s: not about what: %s", what, shown);
        ck_assert_msg(!has_names || strstr(shown, "Ada Berg, Olle Ek"), "%s: nobody to ask: %s", what, shown);
        end_long_texts();
    }
}
END_TEST

START_TEST(U2_too_few_approvers_are_named_and_the_preview_can_be_brought_back)
{
    given(RB_STATE_DRAFT);
    words.helpers = "Ada Berg";
    rb_word_too_few(&words, &request, "Arvid (U0ARVID)", "Guest (U0GUEST): a guest", message);
    ck_assert_str_eq(copied(), "/passcode status R-7K3F");
    expect_no_mention("too few");
    see();
    ck_assert_ptr_nonnull(strstr(shown, "Administrators: Ada Berg."));
    ck_assert_ptr_nonnull(strstr(shown, "Nothing was done."));
}
END_TEST

/* What may have left for Intune is not called nothing. */
START_TEST(U2_every_step_without_effect_says_the_state_and_the_next_command)
{
    char what[RB_DETAIL_CAP];
    for (int state = 0; state < RB_STATES; state++) {
        given((rb_state)state);
        for (int is_long = 0; is_long < 2; is_long++) {
            given_reader(is_long);
            bool nothing = _i != RB_STEP_APPLIED && _i != RB_STEP_TOO_LATE_SENT;
            (void)snprintf(what, sizeof what, "step %d in %s", _i, rb_state_name((rb_state)state));
            rb_word_step(&words, (rb_step_result)_i, &request, message);
            expect_answer(what, nothing);
            ck_assert_msg(strstr(shown, "R-7K3F") != NULL, "%s: %s", what, shown);
            end_long_texts();
        }
    }
}
END_TEST

START_TEST(U2_every_look_up_that_failed_says_what_next)
{
    char what[RB_DETAIL_CAP];
    for (int n = 0; n < 2 * 2 * (int)N_TYPED; n++) {
        bool is_user = n / 2 % 2;
        words.typed = TYPED[n / 4];
        given_reader(n % 2);
        (void)snprintf(what, sizeof what, "look-up %d, way %d", _i, n);
        rb_word_lookup(&words, (rb_device_outcome)_i, is_user ? "adele@contoso.com" : "F2LX", is_user, "status 503",
                       message);
        bool is_devices = n / 4 == 2;
        ck_assert_msg(!is_devices || strstr(copied(), " devices "), "%s: %s", what, copied());
        expect_answer(what, true);
        end_long_texts();
    }
}
END_TEST

/* ---- the command itself ------------------------------------------------------------------------------------------- */

START_TEST(U2_a_way_that_may_go_through_later_is_offered_as_it_was_typed)
{
    words.typed = "  reset adele@contoso.com locked out INC0012345 ";
    rb_word_denial(&words, RB_NO_CHANNEL, NULL, NULL, NULL, message);
    ck_assert_str_eq(copied(), "/passcode reset adele@contoso.com locked out INC0012345");
}
END_TEST

START_TEST(S7_a_passcode_that_was_left_out_is_not_offered_again)
{
    words.typed = "reset adele@contoso.com " RB_SECRET_MARK " and more";
    rb_word_denial(&words, RB_NO_CHANNEL, NULL, NULL, NULL, message);
    ck_assert_str_eq(copied(), "/passcode reset adele@contoso.com");
}
END_TEST

START_TEST(U2_what_is_too_long_is_not_repeated)
{
    char typed[RB_COMMAND_TEXT_CAP];
    memset(typed, 'a', 601);
    typed[_i == 0 ? 600 : 601] = '\0';
    words.typed = typed;
    rb_word_denial(&words, RB_NO_CHANNEL, NULL, NULL, NULL, message);
    ck_assert_int_eq(strcmp(copied(), "/passcode help") == 0, _i == 1);
}
END_TEST

START_TEST(U2_the_next_command_uses_the_platforms_word)
{
    SET(request.device.os, _i == 0 ? "iOS" : "Android");
    request.support = _i == 0 ? APPLE : ANDROID;
    rb_word_denial(&words, RB_NO_SELF_OWNER, &request.device, &request.support, NULL, message);
    ck_assert_str_eq(copied(), _i == 0 ? "/passcode remove F2LXK4QQ4F2K" : "/passcode reset F2LXK4QQ4F2K");
}
END_TEST

static TCase *cases(const char *name)
{
    TCase *made = tcase_create(name);
    tcase_add_checked_fixture(made, setup, teardown);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("next commands");
    TCase *refusals = cases("refusals");
    TCase *next = cases("the next command");

    tcase_add_loop_test(refusals, U2_every_denial_says_what_why_who_and_the_next_command, 1, RB_DENIALS);
    tcase_add_test(refusals, U2_too_few_approvers_are_named_and_the_preview_can_be_brought_back);
    tcase_add_loop_test(refusals, U2_every_step_without_effect_says_the_state_and_the_next_command, 0,
                        RB_STEP_NO_MORE + 1);
    tcase_add_loop_test(refusals, U2_every_look_up_that_failed_says_what_next, 0, RB_DEVICE_SURPRISE + 1);
    tcase_add_test(next, U2_a_way_that_may_go_through_later_is_offered_as_it_was_typed);
    tcase_add_test(next, S7_a_passcode_that_was_left_out_is_not_offered_again);
    tcase_add_loop_test(next, U2_what_is_too_long_is_not_repeated, 0, 2);
    tcase_add_loop_test(next, U2_the_next_command_uses_the_platforms_word, 0, 2);
    suite_add_tcase(suite, refusals);
    suite_add_tcase(suite, next);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
