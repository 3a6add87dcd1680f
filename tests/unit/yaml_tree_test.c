/* yaml_tree_test.c - what our YAML takes, and what it says about the rest. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/yaml_tree.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static rb_faults faults;
static rb_yaml_tree *tree;

static void setup(void)
{
    faults = (rb_faults){0};
    tree = NULL;
}

static void teardown(void)
{
    rb_yaml_free(tree);
    rb_faults_fini(&faults);
}

static rb_err parse(rb_str content)
{
    return rb_yaml_parse(content, "f", &faults, &tree);
}

static const rb_yaml_node *given(const char *content)
{
    ck_assert_int_eq(parse(rb_str_of(content)), RB_OK);
    return rb_yaml_root(tree);
}

/* content is refused, and the only fault begins with `fault`. */
static void expect_fault(rb_str content, const char *fault)
{
    ck_assert_int_eq(parse(content), RB_E_CONFIG);
    ck_assert_uint_eq(faults.n_errors, 1);
    ck_assert_msg(strncmp(rb_faults_line(&faults, 0), fault, strlen(fault)) == 0, "%s\nexpected: %s",
                  rb_faults_line(&faults, 0), fault);
    ck_assert_ptr_null(tree);
    rb_faults_fini(&faults);
}

/* ---- what is taken ------------------------------------------------------------------------------------------------ */

START_TEST(a_tree_knows_its_keys_texts_and_places)
{
    const rb_yaml_node *root = given("a:\n  b: one\n  c: [x, 'y']\n");
    const rb_yaml_node *a = rb_yaml_get(root, RB_STR("a"));
    const rb_yaml_node *b = rb_yaml_get(a, RB_STR("b"));
    const rb_yaml_node *c = rb_yaml_get(a, RB_STR("c"));

    ck_assert_int_eq(a->kind, RB_YAML_MAP);
    ck_assert_uint_eq(a->count, 2);
    ck_assert(rb_str_equal(b->text, RB_STR("one")));
    ck_assert_uint_eq(b->line, 2);
    ck_assert_uint_eq(b->col, 6);
    ck_assert_uint_eq(b->key->col, 3);
    ck_assert_int_eq(c->kind, RB_YAML_LIST);
    ck_assert_uint_eq(c->count, 2);
    ck_assert(!c->first->is_quoted);
    ck_assert(c->first->next->is_quoted);
    ck_assert_ptr_null(c->first->next->next);
    ck_assert_ptr_null(rb_yaml_get(root, RB_STR("b")));
    ck_assert_ptr_null(rb_yaml_get(b, RB_STR("b")));
}
END_TEST

START_TEST(a_file_of_comments_has_no_root)
{
    ck_assert_ptr_null(given("# nothing\n\n   # at all\n"));
    rb_yaml_free(tree);
    ck_assert_ptr_null(given(""));
}
END_TEST

START_TEST(columns_count_characters_not_bytes)
{
    const rb_yaml_node *root = given("{\"\xC3\xA5\xC3\xA4\": x, b: y}");

    ck_assert_uint_eq(rb_yaml_get(root, RB_STR("b"))->col, 14);
}
END_TEST

START_TEST(nothing_tilde_and_null_are_null_unless_quoted)
{
    const rb_yaml_node *node = given("[~, null, '', 'null', x]")->first;

    ck_assert(rb_yaml_is_null(node));
    ck_assert(rb_yaml_is_null(node->next));
    ck_assert(!rb_yaml_is_null(node->next->next));
    ck_assert(!rb_yaml_is_null(node->next->next->next));
    ck_assert(!rb_yaml_is_null(node->next->next->next->next));
}
END_TEST

START_TEST(a_tab_after_text_is_no_fault)
{
    (void)given("a: 1\t# comment\n");
}
END_TEST

/* ---- what is not ---------------------------------------------------------------------------------------------------- */

START_TEST(each_trick_of_yaml_is_named_at_its_place)
{
    static const struct {
        const char *content;
        const char *fault;
    } cases[] = {
        {"a: 1\nb: &x 2\n", "f:2:4: anchors (&name) are not used here"},
        {"a: &x [1]\n", "f:1:4: anchors"},
        {"a: &x {b: 1}\n", "f:1:4: anchors"},
        {"a: !!int 3\n", "f:1:4: tags (!name) are not used here"},
        {"a: !x [1]\n", "f:1:4: tags"},
        {"a: 1\nb: 2\na: 3\n", "f:3:1: this key stands here twice, first in line 1"},
        {"a: {x: 1,\n x: 2}\n", "f:2:2: this key stands here twice"},
        {"a: 1\n---\nb: 2\n", "f:2:1: a second document begins"},
        {"[a]: 1\n", "f:1:1: a key is not a word"},
        {"? {b: 1}\n: 2\n", "f:1:3: a key is not a word"},
        {"a:\n\tb: 1\n", "f:2:1: a tab stands before the text: indent with spaces"},
        {"a:\n \t b: 1\n", "f:2:2: a tab stands before the text"},
        {"a: [1\n", "f:2:1: not YAML"},
        {"a: b: c\n", "f:1:5: not YAML"},
        {"a: 'x\n", "f:2:1: not YAML"},
        {"a: \"\\0\"\n", "f:1:4: a NUL character is in the text"},
        {"a: \xFF\n", "f:1:1: not UTF-8"},
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_fault(rb_str_of(cases[i].content), cases[i].fault);
}
END_TEST

START_TEST(an_alias_is_a_fault_beside_its_anchor)
{
    ck_assert_int_eq(parse(RB_STR("a: &x 1\nb: *x\n")), RB_E_CONFIG);
    ck_assert_uint_eq(faults.n_errors, 2);
    ck_assert_str_eq(rb_faults_line(&faults, 1), "f:2:4: aliases (*name) are not used here: write the value itself");
}
END_TEST

START_TEST(every_line_with_a_tab_is_told_once)
{
    ck_assert_int_eq(parse(RB_STR("a:\n\t\tb: 1\n\tc: 2\n")), RB_E_CONFIG);
    ck_assert_uint_eq(faults.n_errors, 2);
}
END_TEST

/* ---- limits ----------------------------------------------------------------------------------------------------------- */

static void add_times(rb_buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rb_buf_adds(out, text);
}

START_TEST(the_deepest_nesting_is_taken_and_one_more_is_not)
{
    rb_buf text;

    rb_buf_init(&text, 1000);
    add_times(&text, "[", RB_YAML_DEPTH_MAX);
    add_times(&text, "]", RB_YAML_DEPTH_MAX);
    ck_assert_int_eq(parse(rb_buf_str(&text)), RB_OK);
    rb_yaml_free(tree);
    tree = NULL;
    rb_buf_clear(&text);
    add_times(&text, "[", RB_YAML_DEPTH_MAX + 1);
    add_times(&text, "]", RB_YAML_DEPTH_MAX + 1);
    expect_fault(rb_buf_str(&text), "f:1:17: nested too deeply");
    rb_buf_fini(&text);
}
END_TEST

START_TEST(the_most_keys_are_taken_and_one_more_is_not)
{
    rb_buf text;

    rb_buf_init(&text, 10000);
    for (int i = 0; i < RB_YAML_KEYS_MAX; i++)
        rb_buf_addf(&text, "k%d: 1\n", i);
    ck_assert_int_eq(parse(rb_buf_str(&text)), RB_OK);
    rb_yaml_free(tree);
    tree = NULL;
    rb_buf_adds(&text, "more: 1\n");
    expect_fault(rb_buf_str(&text), "f:1:1: 129 keys stand here");
    rb_buf_fini(&text);
}
END_TEST

START_TEST(a_hundred_thousand_brackets_are_refused_at_once)
{
    static char text[100000];

    memset(text, '[', sizeof text);
    expect_fault((rb_str){text, sizeof text}, "f:1:17: nested too deeply");
}
END_TEST

START_TEST(every_beginning_of_a_file_is_taken_or_refused)
{
    static const char whole[] =
        "a:\n  - {b: 'x', c: \"\\u00e5\\n\"}\n  - |\n    text\n  - >-\n    more\nd: [~, 1]\n# end\n";

    for (size_t len = 0; len < sizeof whole; len++) {
        /* a copy of its own length, so that the sanitizer sees a step past the end */
        char *part = malloc(len + 1);
        memcpy(part, whole, len);
        rb_err err = parse((rb_str){part, len});
        ck_assert(err == RB_OK ? faults.n_errors == 0 : faults.n_errors > 0);
        rb_yaml_free(tree);
        rb_faults_fini(&faults);
        tree = NULL;
        free(part);
    }
}
END_TEST

/* ---- faults ----------------------------------------------------------------------------------------------------------- */

static char *printed(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);

    rb_faults_print(&faults, to);
    ck_assert_int_eq(fclose(to), 0);
    return text;
}

START_TEST(faults_are_printed_by_file_and_place)
{
    rb_faults_add(&faults, RB_FAULT_ERROR, (rb_place){"b", 2, 1}, "third");
    rb_faults_add(&faults, RB_FAULT_WARNING, (rb_place){"b", 1, 9}, "second");
    rb_faults_add(&faults, RB_FAULT_ERROR, (rb_place){"b", 2, 1}, "fourth");
    rb_faults_add(&faults, RB_FAULT_ERROR, (rb_place){"a", 0, 0}, "first");
    char *text = printed();
    ck_assert_str_eq(text, "a: first\nb:1:9: warning: second\nb:2:1: third\nb:2:1: fourth\n");
    ck_assert_uint_eq(faults.n_errors, 3);
    free(text);
}
END_TEST

START_TEST(faults_past_the_limit_are_counted)
{
    for (uint32_t i = 0; i < RB_FAULTS_MAX + 3; i++)
        rb_faults_add(&faults, RB_FAULT_ERROR, (rb_place){"f", i + 1, 1}, "x");
    char *text = printed();
    ck_assert_uint_eq(faults.n, RB_FAULTS_MAX);
    ck_assert_uint_eq(faults.n_errors, RB_FAULTS_MAX + 3);
    ck_assert_ptr_nonnull(strstr(text, "\nand 3 more: mend these first\n"));
    free(text);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_a_fault_without_place)
{
    rb_buf content;

    ck_assert_int_eq(rb_yaml_read_file("/nonexistent/f.yaml", &faults, &content), RB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(rb_faults_line(&faults, 0), "/nonexistent/f.yaml: cannot be opened (No such file"));
    ck_assert_int_eq(rb_yaml_read_file("/", &faults, &content), RB_E_CONFIG);
    ck_assert_str_eq(rb_faults_line(&faults, 1), "/: cannot be read: is it a plain file?");
    ck_assert_int_eq(rb_yaml_read_file("/dev/zero", &faults, &content), RB_E_CONFIG);
    ck_assert_str_eq(rb_faults_line(&faults, 2), "/dev/zero: larger than 8388608 bytes: is it the right file?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("yaml_tree");
    TCase *tests = tcase_create("yaml_tree");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_tree_knows_its_keys_texts_and_places);
    tcase_add_test(tests, a_file_of_comments_has_no_root);
    tcase_add_test(tests, columns_count_characters_not_bytes);
    tcase_add_test(tests, nothing_tilde_and_null_are_null_unless_quoted);
    tcase_add_test(tests, a_tab_after_text_is_no_fault);
    tcase_add_test(tests, each_trick_of_yaml_is_named_at_its_place);
    tcase_add_test(tests, an_alias_is_a_fault_beside_its_anchor);
    tcase_add_test(tests, every_line_with_a_tab_is_told_once);
    tcase_add_test(tests, the_deepest_nesting_is_taken_and_one_more_is_not);
    tcase_add_test(tests, the_most_keys_are_taken_and_one_more_is_not);
    tcase_add_test(tests, a_hundred_thousand_brackets_are_refused_at_once);
    tcase_add_test(tests, every_beginning_of_a_file_is_taken_or_refused);
    tcase_add_test(tests, faults_are_printed_by_file_and_place);
    tcase_add_test(tests, faults_past_the_limit_are_counted);
    tcase_add_test(tests, a_file_that_cannot_be_read_is_a_fault_without_place);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
