/* graph_calls_test.c - the compiled-in list of calls and the building of their URLs (design: S5). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "device/graph_calls.h"
#include "resetbot/limits.h"

#define GRAPH "https://graph.example.com"
#define ID "d0000001-0000-4000-8000-000000000001"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static rb_err build(rb_graph_call call, const char *subject, char out_url[2048])
{
    rb_buf url;

    rb_buf_init(&url, 2047);
    rb_err err = rb_graph_call_url(GRAPH, call, rb_str_of(subject), &url);
    rb_copy_fit(out_url, 2048, err ? "" : rb_buf_cstr(&url));
    rb_buf_fini(&url);
    return err;
}

static void expect_url(rb_graph_call call, const char *subject, const char *start)
{
    char url[2048];

    ck_assert_msg(build(call, subject, url) == RB_OK, "refused: %s", subject);
    ck_assert_msg(strncmp(url, start, strlen(start)) == 0, "%s instead of %s", url, start);
}

START_TEST(S5_only_seven_paths_can_be_called_and_one_of_them_acts)
{
    static const struct {
        const char *method;
        const char *path;
    } allowed[] = {{"GET", "/v1.0/deviceManagement/managedDevices"},
                   {"GET", "/v1.0/deviceManagement/managedDevices/{}"},
                   {"GET", "/v1.0/deviceManagement/managedDevices/{}/users"},
                   {"GET", "/v1.0/users/{}"},
                   {"GET", "/v1.0/users"},
                   {"GET", "/beta/deviceManagement/managedDevices/{}"},
                   {"POST", "/v1.0/deviceManagement/managedDevices/{}/resetPasscode"}};
    bool is_used[COUNT(allowed)] = {false};

    for (int call = 0; call < RB_GRAPH_CALLS; call++) {
        bool is_found = false;
        for (size_t i = 0; i < COUNT(allowed); i++) {
            bool is_this = strcmp(rb_graph_call_path((rb_graph_call)call), allowed[i].path) == 0 &&
                           strcmp(rb_graph_call_method((rb_graph_call)call), allowed[i].method) == 0;
            is_found = is_found || is_this;
            is_used[i] = is_used[i] || is_this;
        }
        ck_assert_msg(is_found, "%s %s is not allowed", rb_graph_call_method((rb_graph_call)call),
                      rb_graph_call_path((rb_graph_call)call));
    }
    for (size_t i = 0; i < COUNT(allowed); i++)
        ck_assert_msg(is_used[i], "%s is on the list and cannot be called", allowed[i].path);
}
END_TEST

START_TEST(S5_no_subject_leads_to_another_path)
{
    static const char *const ids[] = {"",        "x",      ID "/wipe", ID "?x", ID "#",       ID " ",
                                      "../" ID,  "%2e%2e", "{" ID "}", ID "\n", ID "')/wipe", "managedDevices",
                                      ID "/../x"};
    static const rb_graph_call calls[] = {RB_GRAPH_DEVICE, RB_GRAPH_RESULTS, RB_GRAPH_DEVICE_USERS, RB_GRAPH_KIND,
                                          RB_GRAPH_RESET};
    char url[2048];

    for (size_t i = 0; i < COUNT(ids); i++)
        for (size_t j = 0; j < COUNT(calls); j++)
            ck_assert_msg(build(calls[j], ids[i], url) == RB_E_REFUSED, "built for %s", ids[i]);
    ck_assert_int_eq(build(RB_GRAPH_USER, "me", url), RB_E_REFUSED);
    ck_assert_int_eq(build(RB_GRAPH_USER, "..", url), RB_E_REFUSED);
    expect_url(RB_GRAPH_USER, "a/../../x?y#z@b.c", GRAPH "/v1.0/users/a%2F..%2F..%2Fx%3Fy%23z%40b.c?");
}
END_TEST

START_TEST(urls_are_what_graph_documents)
{
    expect_url(
        RB_GRAPH_LIST_BY_USER, "adele@contoso.com",
        GRAPH
        "/v1.0/deviceManagement/managedDevices?$filter=userPrincipalName%20eq%20'adele%40contoso.com'&$select=id,");
    expect_url(RB_GRAPH_LIST_BY_SERIAL, "F2LX",
               GRAPH "/v1.0/deviceManagement/managedDevices?$filter=serialNumber%20eq%20'F2LX'&");
    expect_url(RB_GRAPH_DEVICE, ID, GRAPH "/v1.0/deviceManagement/managedDevices/" ID "?$select=id,");
    expect_url(RB_GRAPH_RESULTS, ID,
               GRAPH "/v1.0/deviceManagement/managedDevices/" ID "?$select=id,deviceActionResults");
    expect_url(RB_GRAPH_KIND, ID,
               GRAPH "/beta/deviceManagement/managedDevices/" ID "?$select=id,deviceType,deviceEnrollmentType,");
    expect_url(RB_GRAPH_USER, ID, GRAPH "/v1.0/users/" ID "?$select=id,userPrincipalName,displayName");
    expect_url(RB_GRAPH_PEOPLE, "adele vance",
               GRAPH "/v1.0/users?$search=%22displayName:adele%20vance%22%20OR%20%22userPrincipalName:adele%20vance%22"
                     "&$select=id,displayName,userPrincipalName,department,accountEnabled&$top=");
    expect_url(RB_GRAPH_RESET, ID, GRAPH "/v1.0/deviceManagement/managedDevices/" ID "/resetPasscode");
}
END_TEST

START_TEST(S2_a_literal_cannot_end_its_quotes)
{
    expect_url(RB_GRAPH_LIST_BY_USER, "o'brien@contoso.com",
               GRAPH
               "/v1.0/deviceManagement/managedDevices?$filter=userPrincipalName%20eq%20'o%27%27brien%40contoso.com'&");
    expect_url(RB_GRAPH_LIST_BY_SERIAL, "a'&$filter=x",
               GRAPH "/v1.0/deviceManagement/managedDevices?$filter=serialNumber%20eq%20'a%27%27%26%24filter%3Dx'&");
    expect_url(RB_GRAPH_LIST_BY_USER, "\xC3\xA5sa_x.y#EXT#@contoso.com",
               GRAPH "/v1.0/deviceManagement/"
                     "managedDevices?$filter=userPrincipalName%20eq%20'%C3%A5sa_x.y%23EXT%23%40contoso.com'&");
    /* in a path a quote is no literal's, and stays one */
    expect_url(RB_GRAPH_USER, "o'brien@contoso.com", GRAPH "/v1.0/users/o%27brien%40contoso.com?");
}
END_TEST

START_TEST(S2_no_filter_is_built_for_what_is_no_name_or_serial)
{
    static const char *const names[] = {"", "adele", "@", "a@", "@b", "a@b@c", "a b@c.d", "a\n@c.d", ID};
    static const char *const serials[] = {"", " ", " A", "A ", "A\tB", "A\x7F"};
    char url[2048];
    char serial[RB_SERIAL_CAP + 1];

    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(build(RB_GRAPH_LIST_BY_USER, names[i], url) == RB_E_REFUSED, "built for %s", names[i]);
    for (size_t i = 0; i < COUNT(serials); i++)
        ck_assert_msg(build(RB_GRAPH_LIST_BY_SERIAL, serials[i], url) == RB_E_REFUSED, "built for '%s'", serials[i]);
    memset(serial, 'A', RB_SERIAL_CAP);
    serial[RB_SERIAL_CAP] = '\0';
    ck_assert_int_eq(build(RB_GRAPH_LIST_BY_SERIAL, serial, url), RB_E_REFUSED);
    ck_assert_int_eq(build(RB_GRAPH_LIST_BY_SERIAL, serial + 1, url), RB_OK);
}
END_TEST

START_TEST(a_url_that_does_not_fit_is_an_error)
{
    rb_buf url;

    rb_buf_init(&url, 40);
    ck_assert_int_eq(rb_graph_call_url(GRAPH, RB_GRAPH_RESET, rb_str_of(ID), &url), RB_E_LIMIT);
    rb_buf_fini(&url);
}
END_TEST

START_TEST(S5_links_are_ours_on_the_same_scheme_host_and_port_alone)
{
    const struct {
        const char *base;
        const char *link;
        bool is_ours;
    } links[] = {
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevices?$skiptoken=x", true},
        {GRAPH, "HTTPS://GRAPH.example.com:443/v1.0/devicemanagement/manageddevices?$skiptoken=x", true},
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevices/?$skiptoken=x", true},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/v1.0/deviceManagement/managedDevices?a", true},
        {"http://[::1]:8080", "http://[::1]:8080/v1.0/deviceManagement/managedDevices?a", true},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8081/v1.0/deviceManagement/managedDevices?a", false},
        {"http://127.0.0.1:8080", "http://127.0.0.1/v1.0/deviceManagement/managedDevices?a", false},
        {"http://127.0.0.1:8080", "https://127.0.0.1:8080/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, GRAPH "/beta/deviceManagement/managedDevices?a", false},
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevices", false},
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevicesX?a", false},
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevices/" ID "/wipe?a", false},
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevices? a", false},
        {GRAPH, GRAPH "/v1.0/deviceManagement/managedDevices?a\r\nX: y", false},
        {GRAPH, GRAPH ".evil.example/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, "https://u:p@graph.example.com/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, GRAPH ":443@evil.example/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, GRAPH "\\@evil.example/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, GRAPH ":/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, GRAPH ":99999/v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, "https:///v1.0/deviceManagement/managedDevices?a", false},
        {GRAPH, "https://", false},
        {GRAPH, "", false},
    };
    char link[RB_GRAPH_LINK_MAX + 2];

    for (size_t i = 0; i < COUNT(links); i++)
        ck_assert_msg(rb_graph_link_is_ours(links[i].base, rb_str_of(links[i].link)) == links[i].is_ours, "%s",
                      links[i].link);
    memset(link, 'a', sizeof link);
    memcpy(link, links[0].link, strlen(links[0].link));
    ck_assert(rb_graph_link_is_ours(GRAPH, (rb_str){link, RB_GRAPH_LINK_MAX}));
    ck_assert(!rb_graph_link_is_ours(GRAPH, (rb_str){link, RB_GRAPH_LINK_MAX + 1}));
}
END_TEST

START_TEST(plain_http_is_sound_to_loopback_alone)
{
    static const struct {
        const char *url;
        bool is_sound;
    } bases[] = {{GRAPH, true},
                 {"https://graph.example.com:8443", true},
                 {"http://127.0.0.1:80", true},
                 {"http://localhost:1", true},
                 {"http://[::1]:1", true},
                 {"http://127.0.0.1.evil.example", false},
                 {"http://10.0.0.1", false},
                 {GRAPH "/", false},
                 {GRAPH "?a", false},
                 {"https://a b", false},
                 {"https://a@b", false},
                 {"", false},
                 {NULL, false}};

    for (size_t i = 0; i < COUNT(bases); i++)
        ck_assert_msg(rb_graph_base_is_sound(bases[i].url) == bases[i].is_sound, "%s",
                      bases[i].url ? bases[i].url : "NULL");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph calls");
    TCase *cases = tcase_create("graph calls");

    tcase_add_test(cases, S5_only_seven_paths_can_be_called_and_one_of_them_acts);
    tcase_add_test(cases, S5_no_subject_leads_to_another_path);
    tcase_add_test(cases, urls_are_what_graph_documents);
    tcase_add_test(cases, S2_a_literal_cannot_end_its_quotes);
    tcase_add_test(cases, S2_no_filter_is_built_for_what_is_no_name_or_serial);
    tcase_add_test(cases, a_url_that_does_not_fit_is_an_error);
    tcase_add_test(cases, S5_links_are_ours_on_the_same_scheme_host_and_port_alone);
    tcase_add_test(cases, plain_http_is_sound_to_loopback_alone);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
