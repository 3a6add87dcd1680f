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

static Suite *suite(void)
{
    Suite *all = suite_create("sandbox_app");
    TCase *app = tcase_create("app");
    tcase_add_checked_fixture(app, setup, teardown);
    tcase_set_timeout(app, 30);
    tcase_add_test(app, a_locale_comes_only_to_those_who_ask_for_it);
    tcase_add_test(app, a_locale_can_be_changed);
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
