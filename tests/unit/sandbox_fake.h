/* sandbox_fake.h - a world for the sandbox's Graph and Entra half (sandbox/world.h) without a server: the clock is a
 * variable, timers fire when it is moved, faults and settings are set directly. Included by one .c file a program. */
#ifndef TESTS_SANDBOX_FAKE_H
#define TESTS_SANDBOX_FAKE_H

#include <check.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/graph_auth.h"
#include "sandbox/graph_text.h"
#include "sandbox/graph_world.h"
#include "sandbox/world.h"

#define TIMERS_MAX 64
#define START_MS 1767261600000LL /* 2026-01-01T10:00:00Z */
#define IPHONE "d0000001-0000-4000-8000-000000000001"
#define PIXEL "d0000002-0000-4000-8000-000000000002"

typedef struct {
    int64_t due_ms;
    void (*fire)(void *argument);
    void *argument;
} fake_timer;

static struct {
    int64_t now_ms;
    json_object *faults, *settings, *journal, *headers;
    fake_timer timers[TIMERS_MAX];
    size_t timer_count;
    size_t held;
} fake;

/* What came back; json is NULL when the body is none. */
typedef struct {
    sb_reply raw;
    int status;
    json_object *json;
} response;

/* ---- world.h ---- */

void sb_reply_text(sb_reply *reply, int status, const char *content_type, const char *text)
{
    free(reply->body);
    reply->status = status;
    reply->body = strdup(text);
    reply->body_len = strlen(text);
    snprintf(reply->content_type, sizeof reply->content_type, "%s", content_type);
}

void sb_reply_json(sb_reply *reply, int status, json_object *take_object)
{
    sb_reply_text(reply, status, "application/json; charset=utf-8", json_object_to_json_string(take_object));
    json_object_put(take_object);
}

size_t sb_release(const char *hold)
{
    size_t released = strcmp(hold, "graph.reset") == 0 ? fake.held : 0;
    fake.held -= released;
    return released;
}

int64_t sb_now_ms(void)
{
    return fake.now_ms;
}

void sb_at(int64_t utc_ms, void (*fire)(void *arg), void *arg)
{
    ck_assert(fake.timer_count < TIMERS_MAX);
    fake.timers[fake.timer_count++] = (fake_timer){utc_ms, fire, arg};
}

bool sb_fault_in(const char *name, const char *text, json_object **out_value)
{
    json_object *fault = json_object_object_get(fake.faults, name);
    if (fault == NULL || strstr(text, json_object_get_string(json_object_object_get(fault, "match"))) == NULL)
        return false;
    int times = json_object_get_int(json_object_object_get(fault, "times"));
    if (times == 0)
        return false;
    json_object_object_add(fault, "times", json_object_new_int(times - (times > 0)));
    if (out_value != NULL)
        *out_value = json_object_object_get(fault, "value");
    return true;
}

bool sb_fault(const char *name, json_object **out_value)
{
    return sb_fault_in(name, "", out_value);
}

int64_t sb_setting(const char *name, int64_t fallback)
{
    json_object *value = NULL;
    return json_object_object_get_ex(fake.settings, name, &value) ? json_object_get_int64(value) : fallback;
}

void sb_journal(const char *kind, json_object *take_fields)
{
    graph_json_set_text(take_fields, "kind", kind);
    json_object_array_add(fake.journal, take_fields);
}

/* ---- a test's steps ---- */

static inline void fake_open(void)
{
    fake.now_ms = START_MS;
    fake.faults = json_object_new_object();
    fake.settings = json_object_new_object();
    fake.journal = json_object_new_array();
    fake.headers = json_object_new_object();
    fake.timer_count = 0;
    fake.held = 0;
    graph_init();
}

static inline void fake_close(void)
{
    json_object_put(fake.faults);
    json_object_put(fake.settings);
    json_object_put(fake.journal);
    json_object_put(fake.headers);
    graph_tenant_fini();
}

/* Moves time on in steps to each timer that falls due. */
static inline void pass_ms(int64_t ms)
{
    int64_t end_ms = fake.now_ms + ms;
    for (;;) {
        size_t next = fake.timer_count;
        for (size_t i = 0; i < fake.timer_count; i++) {
            bool is_due = fake.timers[i].due_ms <= end_ms;
            if (is_due && (next == fake.timer_count || fake.timers[i].due_ms < fake.timers[next].due_ms))
                next = i;
        }
        if (next == fake.timer_count)
            break;
        fake_timer timer = fake.timers[next];
        fake.timers[next] = fake.timers[--fake.timer_count];
        fake.now_ms = timer.due_ms > fake.now_ms ? timer.due_ms : fake.now_ms;
        timer.fire(timer.argument);
    }
    fake.now_ms = end_ms;
}

static inline void set(const char *setting, int64_t value)
{
    json_object_object_add(fake.settings, setting, json_object_new_int64(value));
}

/* value: JSON text, NULL for none; match: "" for every path. */
static inline void fault_in(const char *name, int times, const char *value, const char *match)
{
    json_object *fault = json_object_new_object();
    json_object_object_add(fault, "times", json_object_new_int(times));
    json_object_object_add(fault, "value", value == NULL ? NULL : json_tokener_parse(value));
    json_object_object_add(fault, "match", json_object_new_string(match));
    json_object_object_add(fake.faults, name, fault);
}

static inline void fault(const char *name, const char *value)
{
    fault_in(name, 1, value, "");
}

static inline void header(const char *name, const char *value)
{
    graph_json_set_text(fake.headers, name, value);
}

static inline const char *header_of(const void *self, const char *name)
{
    (void)self;
    return graph_json_text(fake.headers, name);
}

static inline response ask(bool (*handle)(const sb_request *request, sb_reply *reply), const char *method,
                           const char *target, const char *body)
{
    char *path = graph_text_copy(target);
    size_t path_len = strcspn(path, "?");
    const char *query = path[path_len] == '?' ? path + path_len + 1 : "";
    path[path_len] = '\0';
    const sb_request request = {
        .method = method, .path = path, .query = query, .body = body, .body_len = strlen(body), .header = header_of};
    response out = {.raw = {.status = 0}};
    ck_assert(handle(&request, &out.raw));
    out.status = out.raw.status;
    out.json = out.raw.body == NULL ? NULL : json_tokener_parse(out.raw.body);
    fake.held += *out.raw.hold != '\0';
    free(path);
    return out;
}

static inline void done_with(response *reply)
{
    free(reply->raw.body);
    json_object_put(reply->json);
    *reply = (response){.status = 0};
}

/* A control verb with JSON text; asserts that it was taken. */
static inline void control(const char *verb, const char *arguments)
{
    json_object *object = json_tokener_parse(arguments);
    sb_reply reply = {.status = 0};
    ck_assert(graph_control(verb, object, &reply));
    ck_assert_msg(reply.status == 200, "%s: %s", verb, reply.body);
    free(reply.body);
    json_object_put(object);
}

/* How many journal entries of this kind have this text (or number, or flag) under key; key NULL: any. */
static inline int journaled(const char *kind, const char *key, const char *value)
{
    int count = 0;
    for (size_t i = 0; i < json_object_array_length(fake.journal); i++) {
        json_object *entry = json_object_array_get_idx(fake.journal, i);
        json_object *found = key == NULL ? NULL : json_object_object_get(entry, key);
        bool is_it = key == NULL || (found != NULL && strcmp(json_object_get_string(found), value) == 0);
        count += strcmp(graph_json_text(entry, "kind"), kind) == 0 && is_it;
    }
    return count;
}

/* The value at a path like "error/message" or "value/0/id"; NULL when there is none. */
static inline json_object *at(json_object *object, const char *path)
{
    while (object != NULL && *path != '\0') {
        size_t len = strcspn(path, "/");
        char *key = graph_text_decode(path, len, false);
        if (json_object_is_type(object, json_type_array))
            object = json_object_array_get_idx(object, (size_t)strtoul(key, NULL, 10));
        else
            object = json_object_object_get(object, key);
        free(key);
        path += len;
        path += *path == '/';
    }
    return object;
}

static inline const char *text_at(json_object *object, const char *path)
{
    json_object *found = at(object, path);
    return found == NULL ? "" : json_object_get_string(found);
}

static inline size_t length_at(json_object *object, const char *path)
{
    json_object *found = at(object, path);
    ck_assert(json_object_is_type(found, json_type_array));
    return json_object_array_length(found);
}

/* ---- Graph's calls ---- */

#define DEVICES "/v1.0/deviceManagement/managedDevices"
#define BETA_DEVICES "/beta/deviceManagement/managedDevices"
#define BY_UPN DEVICES "?$filter=userPrincipalName%20eq%20%27adele@contoso.com%27"
#define RESET DEVICES "/" IPHONE "/resetPasscode"
#define RESET_PIXEL DEVICES "/" PIXEL "/resetPasscode"

static inline void log_in(void)
{
    char *token = graph_auth_token("https://graph.microsoft.com", fake.now_ms, 3600);
    char *value = graph_text_format("Bearer %s", token);
    header("authorization", value);
    free(value);
    free(token);
}

static inline void given_a_tenant(void)
{
    fake_open();
    header("host", "127.0.0.1:8080");
    header("content-length", "0");
    log_in();
}

static inline response get(const char *target)
{
    return ask(graph_handle, "GET", target, "");
}

static inline response post(const char *target)
{
    return ask(graph_handle, "POST", target, "");
}

/* Status of a call whose reply is of no further interest. */
static inline int status_of(response reply)
{
    int status = reply.status;
    done_with(&reply);
    return status;
}

static inline size_t rows_of(const char *target)
{
    response reply = get(target);
    ck_assert_int_eq(reply.status, 200);
    size_t count = length_at(reply.json, "value");
    done_with(&reply);
    return count;
}

/* Asserts the text of one field of a reply; "" when it is null or not there. */
static inline void expect(const char *target, const char *path, const char *expected)
{
    response reply = get(target);
    ck_assert_str_eq(text_at(reply.json, path), expected);
    done_with(&reply);
}

static inline int run_tests(const char *name, const TTest *const *tests, size_t count, const TTest *looped, int turns)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_add_checked_fixture(cases, given_a_tenant, fake_close);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    if (looped != NULL)
        tcase_add_loop_test(cases, looped, 0, turns);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
