/* graph_people_test.c - people found by part of a name, through the Graph session, in a simulated world (design: S2, S5). */
#include "device/graph_people.h"
#include "unit/graph_fake.h"

#define LIST "/v1.0/deviceManagement/managedDevices"
#define PEOPLE(rows) "{\"value\":[" rows "]}"
#define FOUND "/v1.0/users"
#define SOMEBODY(id, name, upn, enabled)                                                                               \
    "{\"id\":\"" id "\",\"displayName\":\"" name "\",\"userPrincipalName\":\"" upn                                     \
    "\",\"department\":\"Ward 7\",\"accountEnabled\":" enabled "}"
#define ADELE_V SOMEBODY(ADELE, "Adele Vance", "adele@contoso.com", "true")
#define ADELE_B SOMEBODY(BERIT, "Adele Bergman", "adele.bergman@contoso.com", "true")

static void search(const char *part)
{
    fake_ask((rb_device_call){.kind = RB_DEVICE_FIND_PEOPLE, .text = part});
}

static void find_people(const char *part, const char *body)
{
    search(part);
    fake_exchange("GET", FOUND, 200, body);
    fake_expect_outcome(RB_DEVICE_OK);
}

static void expect_url_part(const char *part, const char *expected)
{
    search(part);
    const char *url = fake_expect("GET", FOUND)->url;
    ck_assert_msg(strstr(url, expected) != NULL, "%s without %s", url, expected);
    fake_exchange("GET", FOUND, 200, PEOPLE(""));
}

/* ---- asked ------------------------------------------------------------------------------------------------------ */

START_TEST(a_search_goes_with_the_header_that_graph_wants_and_no_other_call_does)
{
    search("adele");
    const fake_request *request = fake_expect("GET", FOUND);
    ck_assert_ptr_nonnull(strstr(request->headers, "ConsistencyLevel: eventual\n"));
    ck_assert(request->secret);
    fake_exchange("GET", FOUND, 200, PEOPLE(ADELE_V));
    fake_ask((rb_device_call){.kind = RB_DEVICE_FIND_BY_USER, .text = "adele@contoso.com"});
    ck_assert_ptr_null(strstr(fake_expect("GET", LIST)->headers, "ConsistencyLevel"));
}
END_TEST

START_TEST(S2_a_part_cannot_end_its_quotes_nor_its_clause)
{
    expect_url_part("o'brien",
                    "?$search=%22displayName:o%27brien%22%20OR%20%22userPrincipalName:o%27brien%22&$select=");
    expect_url_part("a\" OR \"id:", "%22displayName:a%5C%22%20OR%20%5C%22id%3A%22%20OR%20");
    expect_url_part("back\\", "%22displayName:back%5C%5C%22%20OR%20%22userPrincipalName:back%5C%5C%22&");
    expect_url_part("a&$filter=x#y", "%22displayName:a%26%24filter%3Dx%23y%22");
    expect_url_part("\xC3\x85sa \xC3\x96", "%22displayName:%C3%85sa%20%C3%96%22");
}
END_TEST

START_TEST(S2_nothing_is_asked_for_what_is_no_part_of_a_name)
{
    char long_part[RB_TARGET_CAP];
    memset(long_part, 'a', sizeof long_part - 1);
    long_part[sizeof long_part - 1] = '\0';
    const char *const parts[] = {"",
                                 "  ",
                                 NULL,
                                 "a",
                                 " a ",
                                 "\xC3\x85",
                                 "a\x01"
                                 "b",
                                 "a\x7F",
                                 long_part};
    const size_t n = sizeof parts / sizeof *parts;

    for (size_t i = 0; i < n; i++)
        search(parts[i]);
    fake_pass(0);

    ck_assert_uint_eq(fake.n_answers, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(fake.answers[i].result.outcome, RB_DEVICE_NOT_FOUND);
    ck_assert_uint_eq(fake.n_requests, 0);
    search("\xC3\x85\xC3\x85"); /* two characters are enough */
    ck_assert_ptr_nonnull(fake_waiting());
}
END_TEST

/* ---- answered --------------------------------------------------------------------------------------------------- */

START_TEST(two_people_of_one_name_are_both_found)
{
    find_people("adele", PEOPLE(ADELE_V "," ADELE_B));

    const fake_answer *answer = fake_only_answer();
    ck_assert_uint_eq(answer->result.n_people, 2);
    ck_assert(!answer->result.has_more);
    ck_assert_str_eq(answer->people[0].id, ADELE);
    ck_assert_str_eq(answer->people[0].name, "Adele Vance");
    ck_assert_str_eq(answer->people[0].upn, "adele@contoso.com");
    ck_assert_str_eq(answer->people[0].department, "Ward 7");
    ck_assert_str_eq(answer->people[1].upn, "adele.bergman@contoso.com");
}
END_TEST

START_TEST(nobody_found_is_an_answer_too)
{
    find_people("adele", PEOPLE(""));
    ck_assert_uint_eq(fake_only_answer()->result.n_people, 0);
    ck_assert(!fake_only_answer()->result.has_more);
}
END_TEST

START_TEST(S2_rows_that_do_not_bear_the_part_are_left_out)
{
    find_people("adele", PEOPLE(SOMEBODY(BERIT, "Berit Berg", "berit@contoso.com",
                                         "true") "," ADELE_V "," SOMEBODY(BERIT, "Ad ele", "ad@ele.com", "true")));

    ck_assert_uint_eq(fake_only_answer()->result.n_people, 1);
    ck_assert_str_eq(fake_only_answer()->people[0].id, ADELE);
}
END_TEST

START_TEST(S2_every_word_of_the_part_must_stand_in_name_or_user_name)
{
    ck_assert(rb_graph_bears_part(RB_STR("Adele Vance"), RB_STR("av@contoso.com"), RB_STR("vance ADELE")));
    ck_assert(rb_graph_bears_part(RB_STR("Adele Vance"), RB_STR("av@contoso.com"), RB_STR("Adele av@")));
    ck_assert(rb_graph_bears_part(RB_STR(""), RB_STR("adele.vance@contoso.com"), RB_STR("vance")));
    ck_assert(!rb_graph_bears_part(RB_STR("Adele Vance"), RB_STR("av@contoso.com"), RB_STR("adele vince")));
    ck_assert(!rb_graph_bears_part(RB_STR("Adele"), RB_STR("Vance@contoso.com"), RB_STR("adelevance")));
    ck_assert(!rb_graph_bears_part(RB_STR("Adele"), RB_STR("a@b.c"), RB_STR("")));
    ck_assert(!rb_graph_bears_part(RB_STR("Adele"), RB_STR("a@b.c"), RB_STR("  ")));
    ck_assert(!rb_graph_bears_part(RB_STR(""), RB_STR(""), RB_STR("adele")));
}
END_TEST

START_TEST(letters_of_many_languages_compare_without_case)
{
    static const char *const same[][2] = {{"\u00c5sa \u00d6berg", "\u00e5SA \u00f6BERG"},
                                          {"\u0141ukasz \u017bak \u0178s", "\u0142ukasz \u017cAK \u00ffs"},
                                          {"\u0391\u03bd\u03bd\u03b1", "\u03b1\u039d\u039d\u0391"},
                                          {"\u0401\u043b\u043a\u0430 \u042f", "\u0451\u041b\u041a\u0410 \u044f"},
                                          {"\u65e5\u672c", "\u65e5\u672c"}};

    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        ck_assert_msg(rb_graph_bears_part(rb_str_of(same[i][0]), RB_STR(""), rb_str_of(same[i][1])), "%s", same[i][0]);
        ck_assert_msg(rb_graph_bears_part(rb_str_of(same[i][1]), RB_STR(""), rb_str_of(same[i][0])), "%s", same[i][1]);
    }
    ck_assert(!rb_graph_bears_part(RB_STR("Asa"), RB_STR(""), RB_STR("\u00c5sa")));
    ck_assert(!rb_graph_bears_part(RB_STR("a\u00d7b"), RB_STR(""), RB_STR("a\u00f7b")));
    /* bytes that are no text never begin to match one another's beginnings */
    ck_assert(!rb_graph_bears_part(RB_STR("\xC3"), RB_STR(""), RB_STR("\xC3\x85")));
}
END_TEST

START_TEST(accounts_that_are_not_enabled_are_left_out)
{
    find_people("adele", PEOPLE(SOMEBODY(BERIT, "Adele Gone", "adele.gone@contoso.com",
                                         "false") "," ADELE_V ",{\"id\":\"" BERIT
                                                  "\",\"displayName\":\"Adele Unsaid\",\"userPrincipalName\":"
                                                  "\"adele.unsaid@contoso.com\"}"));

    ck_assert_uint_eq(fake_only_answer()->result.n_people, 1);
    ck_assert_str_eq(fake_only_answer()->people[0].id, ADELE);
}
END_TEST

START_TEST(a_further_page_is_told_and_never_read)
{
    find_people("adele", "{\"value\":[" ADELE_V "],\"@odata.nextLink\":\"https://evil.example/v1.0/users?a\"}");

    ck_assert(fake_only_answer()->result.has_more);
    ck_assert_uint_eq(fake_only_answer()->result.n_people, 1);
    ck_assert_ptr_null(fake_waiting());
    ck_assert_uint_eq(fake_count("GET", "evil.example"), 0);
}
END_TEST

static void found_so_many(size_t n)
{
    rb_buf body;
    rb_buf_init(&body, 64 * 1024);
    rb_buf_adds(&body, "{\"value\":[");
    for (size_t i = 0; i < n; i++)
        rb_buf_addf(&body,
                    "%s{\"id\":\"00000000-0000-4000-8000-%012zu\",\"displayName\":\"Adele\",\"userPrincipalName\":"
                    "\"a%zu@b.c\",\"accountEnabled\":true}",
                    i ? "," : "", i, i);
    rb_buf_adds(&body, "]}");
    find_people("adele", rb_buf_cstr(&body));
    rb_buf_fini(&body);
    ck_assert_uint_eq(fake_only_answer()->result.n_people, RB_PEOPLE_FOUND_MAX);
}

START_TEST(as_many_people_as_allowed_are_all)
{
    found_so_many(RB_PEOPLE_FOUND_MAX);
    ck_assert(!fake_only_answer()->result.has_more);
}
END_TEST

START_TEST(one_person_more_than_allowed_is_said)
{
    found_so_many(RB_PEOPLE_FOUND_MAX + 1);
    ck_assert(fake_only_answer()->result.has_more);
}
END_TEST

START_TEST(an_account_counts_only_when_it_is_said_to_be_enabled)
{
    static const char *const enabled[] = {"\"true\"", "1", "0", "\"false\"", "null", "{}", "[true]"};
    char body[512];
    for (size_t i = 0; i < sizeof enabled / sizeof *enabled; i++) {
        (void)snprintf(body, sizeof body,
                       PEOPLE("{\"id\":\"" ADELE "\",\"displayName\":\"Adele\",\"userPrincipalName\":\"a@b.c\","
                              "\"accountEnabled\":%s}"),
                       enabled[i]);
        search("adele");
        fake_exchange("GET", FOUND, 200, body);
        ck_assert_uint_eq(fake.n_answers, i + 1);
        ck_assert_msg(fake.answers[i].result.n_people == 0, "%s", body);
    }
}
END_TEST

START_TEST(a_row_without_an_id_or_user_name_spoils_the_answer)
{
    static const char *const bodies[] = {
        PEOPLE("{\"displayName\":\"Adele\",\"userPrincipalName\":\"a@b.c\",\"accountEnabled\":true}"),
        PEOPLE("{\"id\":\"x\",\"displayName\":\"Adele\",\"userPrincipalName\":\"a@b.c\",\"accountEnabled\":true}"),
        PEOPLE("{\"id\":\"" ADELE "\",\"displayName\":\"Adele\",\"accountEnabled\":true}"),
        PEOPLE("1"),
        "{}",
        "{\"value\":{}}",
        "[]",
        "{\"value\":[],\"@odata.nextLink\":1}",
        "{\"value\":[" ADELE_V};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        search("adele");
        fake_exchange("GET", FOUND, 200, bodies[i]);
        ck_assert_uint_eq(fake.n_answers, i + 1);
        ck_assert_msg(fake.answers[i].result.outcome == RB_DEVICE_SURPRISE, "%s", bodies[i]);
        ck_assert_uint_eq(fake.answers[i].result.n_people, 0);
    }
}
END_TEST

/* ---- refused ---------------------------------------------------------------------------------------------------- */

START_TEST(a_search_that_graph_slows_down_is_asked_again)
{
    search("adele");
    rb_http_reply reply = fake_reply(429, "");
    rb_copy_fit(reply.retry_after, sizeof reply.retry_after, "2");
    fake_answer_with(fake_expect("GET", FOUND), &reply);
    ck_assert_uint_eq(fake.n_answers, 0);
    fake_pass(1999);
    ck_assert_ptr_null(fake_waiting());
    fake_pass(1);
    fake_exchange("GET", FOUND, 200, PEOPLE(ADELE_V));

    fake_expect_outcome(RB_DEVICE_OK);
    ck_assert_uint_eq(fake_only_answer()->result.n_people, 1);
}
END_TEST

START_TEST(a_search_that_is_refused_says_which_permission_it_lacks)
{
    search("adele");
    fake_exchange("GET", FOUND, 403, "{\"error\":{\"code\":\"Authorization_RequestDenied\"}}");

    fake_expect_outcome(RB_DEVICE_REFUSED);
    ck_assert_ptr_nonnull(strstr(fake_only_answer()->result.detail, "User.Read.All"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_search_goes_with_the_header_that_graph_wants_and_no_other_call_does,
        S2_a_part_cannot_end_its_quotes_nor_its_clause,
        S2_nothing_is_asked_for_what_is_no_part_of_a_name,
        two_people_of_one_name_are_both_found,
        nobody_found_is_an_answer_too,
        S2_rows_that_do_not_bear_the_part_are_left_out,
        S2_every_word_of_the_part_must_stand_in_name_or_user_name,
        letters_of_many_languages_compare_without_case,
        accounts_that_are_not_enabled_are_left_out,
        a_further_page_is_told_and_never_read,
        as_many_people_as_allowed_are_all,
        one_person_more_than_allowed_is_said,
        an_account_counts_only_when_it_is_said_to_be_enabled,
        a_row_without_an_id_or_user_name_spoils_the_answer,
        a_search_that_graph_slows_down_is_asked_again,
        a_search_that_is_refused_says_which_permission_it_lacks,
    };

    return fake_main("graph people", tests, sizeof tests / sizeof *tests);
}
