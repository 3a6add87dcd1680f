/* Languages from files: which there are, whose is which, and what is said of one that is not there. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "locale/gettext.h"

#define ENGLISH "Approve"
#define SWEDISH "Godkänn"

static char folder[512]; /* the build's */
static char mine[64];    /* a folder with a language more */
static rb_gettext *languages;
static rb_errbuf errbuf;

static void given_languages(const char *from, const char *record)
{
    ck_assert_int_eq(rb_gettext_open(from, record, &languages, &errbuf), RB_OK);
}

static const char *said_to(const char *locale)
{
    rb_languages port = rb_gettext_port(languages);
    rb_catalogue catalogue = port.of(port.self, locale);
    return catalogue.text(catalogue.self, ENGLISH);
}

static void setup(void)
{
    const char *build = getenv("RESETBOT_BUILD");
    (void)snprintf(folder, sizeof folder, "%s/locale", build ? build : "build");
    errbuf.text[0] = '\0';
}

static void teardown(void)
{
    rb_gettext_close(languages);
    languages = NULL;
}

START_TEST(swedish_readers_are_known_by_any_way_to_write_it)
{
    given_languages(folder, "en");
    ck_assert_str_eq(said_to("sv-SE"), SWEDISH);
    ck_assert_str_eq(said_to("sv_SE"), SWEDISH);
    ck_assert_str_eq(said_to("sv"), SWEDISH);
}
END_TEST

START_TEST(two_readers_have_two_languages_in_one_process)
{
    given_languages(folder, "en");
    ck_assert_str_eq(said_to("sv-SE"), SWEDISH);
    ck_assert_str_eq(said_to("en-GB"), ENGLISH);
    ck_assert_str_eq(said_to("sv-SE"), SWEDISH);
}
END_TEST

START_TEST(who_reads_another_language_or_an_unknown_one_reads_the_records)
{
    given_languages(folder, "sv");
    ck_assert_str_eq(said_to(""), SWEDISH);
    ck_assert_str_eq(said_to("fr-FR"), SWEDISH);
    ck_assert_str_eq(said_to("svx"), SWEDISH);
    ck_assert_str_eq(said_to("../../sv"), SWEDISH);
    ck_assert_str_eq(said_to("en-US"), ENGLISH);
    rb_gettext_close(languages);
    given_languages(folder, "en");
    ck_assert_str_eq(said_to("fr-FR"), ENGLISH);
    ck_assert_str_eq(said_to("svx"), ENGLISH);
}
END_TEST

START_TEST(the_environment_chooses_no_language)
{
    ck_assert_int_eq(setenv("LANGUAGE", "de:fr", 1), 0);
    ck_assert_int_eq(setenv("LC_ALL", "POSIX", 1), 0);
    given_languages(folder, "en");
    ck_assert_str_eq(said_to("sv-SE"), SWEDISH);
}
END_TEST

START_TEST(what_has_no_translation_is_said_in_english)
{
    given_languages(folder, "sv");
    rb_languages port = rb_gettext_port(languages);
    rb_catalogue catalogue = port.of(port.self, "sv");
    ck_assert_str_eq(catalogue.text(catalogue.self, "never said anywhere"), "never said anywhere");
    ck_assert_str_eq(catalogue.text(catalogue.self, ""), "");
}
END_TEST

START_TEST(a_record_language_that_is_not_there_is_told_with_those_that_are)
{
    ck_assert_int_eq(rb_gettext_open(folder, "fi", &languages, &errbuf), RB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(errbuf.text, "there is no language fi"));
    ck_assert_ptr_nonnull(strstr(errbuf.text, ": en sv"));
}
END_TEST

START_TEST(without_any_catalogue_there_is_english)
{
    given_languages("/nowhere", "en");
    ck_assert_str_eq(said_to("sv-SE"), ENGLISH);
    ck_assert_int_eq(rb_gettext_open("/nowhere", "sv", &languages, &errbuf), RB_E_CONFIG);
}
END_TEST

/* ---- a language more ------------------------------------------------------------------------------------------------ */

static void copy_as(const char *name)
{
    char command[2048];
    (void)snprintf(
        command, sizeof command,
        "mkdir -p %s/C.UTF-8/LC_MESSAGES && cp %s/C.UTF-8/LC_MESSAGES/resetbot-sv.mo %s/C.UTF-8/LC_MESSAGES/%s", mine,
        folder, mine, name);
    ck_assert_int_eq(system(command), 0);
}

static void remove_mine(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", mine);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(a_third_language_is_a_file)
{
    (void)snprintf(mine, sizeof mine, "/tmp/resetbot-locale-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(mine));
    copy_as("resetbot-nn.mo");
    copy_as("resetbot-pt_BR.mo");
    copy_as("other-fi.mo");
    given_languages(mine, "en");
    ck_assert_str_eq(said_to("nn-NO"), SWEDISH);
    ck_assert_str_eq(said_to("pt-BR"), SWEDISH);
    ck_assert_str_eq(said_to("pt-PT"), ENGLISH); /* that file is Brazil's */
    ck_assert_str_eq(said_to("fi-FI"), ENGLISH);
    remove_mine();
}
END_TEST

/* A language of two sentences: one well translated, one with a name that the program does not fill in. */
static void given_faulty_language(void)
{
    char path[128];
    char command[512];
    (void)snprintf(mine, sizeof mine, "/tmp/resetbot-locale-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(mine));
    (void)snprintf(path, sizeof path, "%s/nn.po", mine);
    FILE *po = fopen(path, "w");
    ck_assert_ptr_nonnull(po);
    fputs("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n"
          "msgid \"Asked by {who}, {ticket}\"\nmsgstr \"{ticket}: {who}\"\n"
          "msgid \"Approved by {who}\"\nmsgstr \"Godkjend av {kven}\"\n",
          po);
    fclose(po);
    (void)snprintf(command, sizeof command,
                   "mkdir -p %s/C.UTF-8/LC_MESSAGES && msgfmt -o %s/C.UTF-8/LC_MESSAGES/resetbot-nn.mo %s", mine, mine,
                   path);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(a_translation_with_a_name_that_nobody_fills_in_is_not_used)
{
    given_faulty_language();
    given_languages(mine, "nn");
    rb_languages port = rb_gettext_port(languages);
    rb_catalogue catalogue = port.of(port.self, "nn-NO");
    ck_assert_str_eq(catalogue.text(catalogue.self, "Asked by {who}, {ticket}"), "{ticket}: {who}");
    ck_assert_str_eq(catalogue.text(catalogue.self, "Approved by {who}"), "Approved by {who}");
    remove_mine();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("locale_gettext");
    TCase *each = tcase_create("languages");
    tcase_add_checked_fixture(each, setup, teardown);
    tcase_add_test(each, swedish_readers_are_known_by_any_way_to_write_it);
    tcase_add_test(each, two_readers_have_two_languages_in_one_process);
    tcase_add_test(each, who_reads_another_language_or_an_unknown_one_reads_the_records);
    tcase_add_test(each, the_environment_chooses_no_language);
    tcase_add_test(each, what_has_no_translation_is_said_in_english);
    tcase_add_test(each, a_record_language_that_is_not_there_is_told_with_those_that_are);
    tcase_add_test(each, without_any_catalogue_there_is_english);
    tcase_add_test(each, a_third_language_is_a_file);
    tcase_add_test(each, a_translation_with_a_name_that_nobody_fills_in_is_not_used);
    suite_add_tcase(all, each);
    return all;
}

int main(void)
{
    SRunner *runner = srunner_create(suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
