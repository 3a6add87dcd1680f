/* slack_rendered.h - a message, and what became of it: the fixture of the rendering tests. */
#ifndef UNIT_SLACK_RENDERED_H
#define UNIT_SLACK_RENDERED_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/json.h"
#include "chat/slack_render.h"

static rb_message *message;
static rb_buf out;
static rb_json *root;

static __attribute__((unused)) void set_up(void)
{
    message = calloc(1, sizeof *message);
    ck_assert_ptr_nonnull(message);
    rb_message_init(message);
    rb_buf_init(&out, 4 * RB_PAYLOAD_MAX);
    root = NULL;
}

static __attribute__((unused)) void tear_down(void)
{
    rb_json_free(root);
    rb_buf_fini(&out);
    free(message);
}

static __attribute__((unused)) rb_err render(void)
{
    rb_json_free(root);
    rb_buf_clear(&out);
    rb_err err = rb_slack_render(message, &out);
    root = rb_json_parse(rb_buf_str(&out));
    if (err == RB_OK)
        ck_assert_msg(root != NULL, "%s", rb_buf_cstr(&out));
    return err;
}

static __attribute__((unused)) rb_err render_and_forget(void)
{
    rb_err err = render();

    rb_message_init(message);
    return err;
}

/* The whole payload, compact. */
static __attribute__((unused)) const char *rendered(void)
{
    ck_assert_int_eq(render(), RB_OK);
    return rb_buf_cstr(&out);
}

static __attribute__((unused)) const rb_json *block(size_t index)
{
    return rb_json_at(rb_json_get(root, "blocks"), index);
}

static __attribute__((unused)) void check_str(const rb_json *object, const char *name, const char *expected)
{
    rb_str text = rb_json_str(object, name);

    ck_assert_msg(rb_str_equal(text, rb_str_of(expected)), "%s: %.*s", name, (int)text.len, text.ptr);
}

/* A text of n characters, each of two bytes: limits count characters. */
static __attribute__((unused)) const char *chars(size_t n)
{
    static char text[20000];

    ck_assert_uint_lt(2 * n, sizeof text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + 2 * i, "\xc3\xb6", 2);
    text[2 * n] = '\0';
    return text;
}

/* ---- suites ------------------------------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    void (*add)(TCase *tcase);
} rendered_part;

/* Each test with a message of its own. The exit code of the program. */
static int run_rendered(const char *name, const rendered_part *parts, size_t n)
{
    Suite *suite = suite_create(name);

    for (size_t i = 0; i < n; i++) {
        TCase *tcase = tcase_create(parts[i].name);
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        parts[i].add(tcase);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
