/* sandbox_graph_users.c - finding people by a part of their name, as the directory does it: not as Intune does. */
#include "sandbox_fake.h"

#define USERS "/v1.0/users"
#define SELECT "$select=id,displayName,userPrincipalName,department,accountEnabled"

/* How many people match; the first one's name into out_name (may be NULL). */
static size_t found(const char *option, const char *text, char out_name[64])
{
    char *value = graph_text_encode(text);
    char *target = graph_text_format(USERS "?%s=%s&" SELECT, option, value);
    response reply = get(target);
    ck_assert_msg(reply.status == 200, "%s: %s", text, reply.raw.body);
    size_t count = length_at(reply.json, "value");
    if (out_name != NULL)
        snprintf(out_name, 64, "%s", text_at(reply.json, "value/0/displayName"));
    done_with(&reply);
    free(target);
    free(value);
    return count;
}

/* Status 400 and that sentence. */
static void expect_refusal(const char *target, const char *part)
{
    response reply = get(target);
    ck_assert_msg(reply.status == 400, "%s: %d", target, reply.status);
    ck_assert_str_eq(text_at(reply.json, "error/code"), "Request_UnsupportedQuery");
    ck_assert_msg(strstr(text_at(reply.json, "error/message"), part) != NULL, "%s", reply.raw.body);
    done_with(&reply);
}

START_TEST(a_search_needs_the_header_consistencylevel)
{
    expect_refusal(USERS "?$search=%22displayName:adele%22",
                   "Request with $search query parameter only works through MSGraph with a special request header");
    header("consistencylevel", "eventual");
    ck_assert_uint_eq(found("$search", "\"displayName:adele\"", NULL), 2);
}
END_TEST

START_TEST(a_search_matches_the_beginnings_of_words_in_any_order)
{
    char name[64];
    header("consistencylevel", "eventual");
    ck_assert_uint_eq(found("$search", "\"displayName:ADE\"", NULL), 2);
    ck_assert_uint_eq(found("$search", "\"displayName:van ade\"", name), 1);
    ck_assert_str_eq(name, "Adele Vance");
    ck_assert_uint_eq(found("$search", "\"displayName:dele\"", NULL), 0);
    ck_assert_uint_eq(found("$search", "\"displayName:obrien\"", name), 1);
    ck_assert_str_eq(name, "Niamh O'Brien");
    ck_assert_uint_eq(found("$search", "\"displayName:sjö\"", NULL), 1);
    ck_assert_uint_eq(found("$search", "\"userPrincipalName:adele.b\"", NULL), 1);
    ck_assert_uint_eq(found("$search", "\"displayName:vance\" OR \"displayName:lind\"", NULL), 2);
    ck_assert_uint_eq(found("$search", "\"displayName:adele\" AND (\"department:Ret\" OR \"department:Ward\")", NULL),
                      1);
}
END_TEST

START_TEST(a_search_that_is_none_is_refused)
{
    static const char *const bad[] = {"displayName:adele",       "%22adele%22",
                                      "%22displayName:%22",      "%22displayName:adele",
                                      "%22noSuchThing:adele%22", "%22displayName:a%22%20or%20%22mail:a%22",
                                      "(%22displayName:adele%22"};
    header("consistencylevel", "eventual");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char *target = graph_text_format(USERS "?$search=%s", bad[i]);
        ck_assert_msg(status_of(get(target)) == 400, "%s", bad[i]);
        free(target);
    }
}
END_TEST

START_TEST(a_filter_finds_beginnings_and_equals)
{
    char name[64];
    ck_assert_uint_eq(
        found("$filter", "startswith(displayName,'adele') or startswith(userPrincipalName,'adele')", NULL), 2);
    ck_assert_uint_eq(found("$filter", "startswith(displayName,'hanna') or startswith(userPrincipalName,'lena')", NULL),
                      2);
    ck_assert_uint_eq(found("$filter", "startswith(displayName,'vance')", NULL), 0);
    ck_assert_uint_eq(found("$filter", "userPrincipalName eq 'o''brien@contoso.com'", name), 1);
    ck_assert_str_eq(name, "Niamh O'Brien");
    ck_assert_uint_eq(found("$filter", "accountEnabled eq false", name), 1);
    ck_assert_str_eq(name, "Gordon Gone");
    ck_assert_uint_eq(
        found("$filter", "(startswith(displayName,'adele') or surname eq 'Lind') and department eq 'IT'", NULL), 1);
}
END_TEST

START_TEST(a_filter_on_people_does_not_fail_open)
{
    static const char unsupported[] = "Unsupported or invalid query filter clause specified for property";
    expect_refusal(USERS "?$filter=noSuchThing%20eq%20'x'", unsupported);
    expect_refusal(USERS "?$filter=displayName%20ne%20'x'", unsupported);
    expect_refusal(USERS "?$filter=contains(displayName,'x')", "Unsupported Query.");
    expect_refusal(USERS "?$filter=endswith(mail,'x')", "'ConsistencyLevel:eventual' header is missing");
    expect_refusal(USERS "?$filter=startswith(displayName,'x", "");
    expect_refusal(USERS "?$filter=startswith(displayName,'x')%20also", "Syntax error");
    header("consistencylevel", "eventual");
    ck_assert_uint_eq(rows_of(USERS "?$count=true&$filter=endswith(mail,'bergman@contoso.com')"), 1);
    ck_assert_uint_eq(rows_of(USERS "?$count=true&$filter=not%20startswith(department,'IT')"), 8);
}
END_TEST

START_TEST(people_come_in_pages_and_only_sorted_when_asked_the_advanced_way)
{
    response page = get(USERS "?$top=10&$select=id");
    ck_assert_uint_eq(length_at(page.json, "value"), 10);
    ck_assert_ptr_null(at(page.json, "@odata.count"));
    char *next = graph_text_copy(strstr(text_at(page.json, "@odata.nextLink"), "/v1.0/"));
    ck_assert_uint_eq(rows_of(next), 4);
    free(next);
    done_with(&page);
    expect_refusal(USERS "?$top=1000", "Must be between 1 and 999 inclusive.");
    expect_refusal(USERS "?$filter=startswith(displayName,'a')&$orderby=displayName", "Sorting not supported");
    header("consistencylevel", "eventual");
    expect(USERS "?$search=%22displayName:adele%22&$orderby=displayName&$count=true", "value/0/displayName",
           "Adele Bergman");
    expect(USERS "?$search=%22displayName:adele%22&$count=true", "@odata.count", "2");
}
END_TEST

START_TEST(departments_are_told_only_when_selected)
{
    expect(USERS "?$filter=surname%20eq%20'Vance'", "value/0/department", "");
    expect(USERS "?$filter=surname%20eq%20'Vance'&" SELECT, "value/0/department", "Retail");
    expect(USERS "?$filter=surname%20eq%20'Vance'&" SELECT, "value/0/accountEnabled", "true");
    ck_assert_int_eq(status_of(get(USERS "?$select=shoeSize")), 400);
}
END_TEST

START_TEST(searching_people_needs_its_role_fails_on_demand_and_is_journaled)
{
    fault("graph.users.503", NULL);
    ck_assert_int_eq(status_of(get(USERS)), 503);
    ck_assert_int_eq(status_of(get(USERS)), 200);
    ck_assert_int_eq(journaled("graph.call", "operation", "users"), 2);
    ck_assert_int_eq(journaled("graph.call", "allowed", "true"), 2);
    ck_assert_int_eq(status_of(post(USERS)), 400);
    control("app_entra", "{\"roles\":[\"" GRAPH_ROLE_READ "\"]}");
    log_in();
    ck_assert_int_eq(status_of(get(USERS)), 403);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_search_needs_the_header_consistencylevel, a_search_matches_the_beginnings_of_words_in_any_order,
        a_search_that_is_none_is_refused,           a_filter_finds_beginnings_and_equals,
        a_filter_on_people_does_not_fail_open,      people_come_in_pages_and_only_sorted_when_asked_the_advanced_way,
        departments_are_told_only_when_selected,    searching_people_needs_its_role_fails_on_demand_and_is_journaled};
    return run_tests("sandbox_graph_users", tests, sizeof tests / sizeof tests[0], NULL, 0);
}
