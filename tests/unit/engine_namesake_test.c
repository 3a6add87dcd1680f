/* engine_namesake_test.c - an approver is told when a device's name is no name: its user has another device that bears it. */
#include "engine_story.h"

#define FLAG "its name is used by several devices"

static world w;
static rb_device other;
static char id[RB_REQUEST_ID_CAP];

static void setup(void)
{
    given_world(&w);
    KIT_TEXT(w.phone.name, "IPHONE-AV");
    other = w.phone;
    KIT_TEXT(other.id, "20000000-0000-4000-8000-000000000009");
    KIT_TEXT(other.name, "iphone-av");
    w.namesake = &other;
}

static void teardown(void)
{
    fini_world(&w);
}

static void sends(void)
{
    char value[RB_BOUND_CAP];
    rb_bound bound;

    button(&w, 's', value);
    ck_assert_int_eq(rb_bound_read(rb_str_of(value), &bound), RB_OK);
    KIT_TEXT(id, bound.request);
    press(&w, "U0HANNA", 's');
    pass(&w, 5 * RB_SECOND_MS);
}

/* The card, and line 1 of its thread. */
static bool is_flagged(void)
{
    return strstr(nth_call(&w, false, RB_CHAT_POST, 0)->payload, FLAG) &&
           strstr(nth_call(&w, false, RB_CHAT_POST, 1)->payload, FLAG);
}

START_TEST(a_device_found_by_its_serial_number_has_its_namesakes)
{
    type(&w, "U0HANNA", "reset F2LXK4QQ4F2K locked out");
    need_said(&w, FLAG);
    sends();
    ck_assert(is_flagged());
    rb_request *request = stored(&w, id);
    ck_assert(request->device.is_name_shared);
    free(request);
}
END_TEST

START_TEST(a_name_of_its_own_is_no_flag)
{
    KIT_TEXT(other.name, "IPAD-AV");
    type(&w, "U0HANNA", "reset F2LXK4QQ4F2K locked out");
    ck_assert_ptr_null(said(&w, FLAG));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine_namesake");
    TCase *tests = tcase_create("names");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_device_found_by_its_serial_number_has_its_namesakes);
    tcase_add_test(tests, a_name_of_its_own_is_no_flag);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
