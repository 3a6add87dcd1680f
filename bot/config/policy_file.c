/* policy_file.c - see policy_file.h. */
#include "config/policy_file.h"

#include <stdlib.h>
#include <string.h>

#include "config/key_print.h"
#include "config/key_read.h"
#include "config/policy_check.h"
#include "config/yaml_tree.h"
#include "resetbot/mac.h"

#define HASH_CAP 65

/* ---- people ----------------------------------------------------------------------------------------------------------- */

/* "T0123456789/U0123456789" or "U0123456789", as RB_FORM_CHAT_PERSON passed it. */
static void split_person(const char *slack, rb_person *out_person)
{
    const char *slash = strchr(slack, '/');
    const char *user = slash ? slash + 1 : slack;
    rb_str team = {slack, slash ? (size_t)(slash - slack) : 0};

    *out_person = (rb_person){{0}, {0}};
    rb_copy_fit(out_person->user, sizeof out_person->user, user);
    if (rb_copy(out_person->team, sizeof out_person->team, team) != RB_OK)
        abort(); /* the form bounds a team as it bounds a user */
}

/* One spelling an id: what compares byte for byte elsewhere then compares well. */
static void copy_lower(char *dst, const char *guid)
{
    size_t i = 0;

    for (; guid[i]; i++)
        dst[i] = guid[i] >= 'A' && guid[i] <= 'Z' ? (char)(guid[i] - 'A' + 'a') : guid[i];
    dst[i] = '\0';
}

static void read_person(rb_policy *policy, const rb_yaml_node *item, const char *file, rb_key_place *places,
                        rb_faults *faults)
{
    rb_person_entry entry = {0};

    if (rb_keys_read(&RB_PERSON_KEYS, item, file, &entry, NULL, faults) != RB_OK)
        return;
    rb_policy_person *person = &policy->people[policy->n_people];
    split_person(entry.slack, &person->person);
    copy_lower(person->entra, entry.entra);
    places[policy->n_people++] = (rb_key_place){item->line, item->col};
}

static void read_people(rb_policy *policy, const rb_yaml_node *list, const char *file, rb_faults *faults)
{
    rb_place place = {file, list->line, list->col};

    if (rb_yaml_is_null(list) || (list->kind == RB_YAML_LIST && list->count == 0))
        return;
    if (list->kind != RB_YAML_LIST || list->count > RB_PEOPLE_MAX) {
        rb_faults_add(faults, RB_FAULT_ERROR, place,
                      "people is not a list of at most %d: write one person a line after a dash", RB_PEOPLE_MAX);
        return;
    }
    rb_key_place *places = calloc(list->count, sizeof *places);
    policy->people = calloc(list->count, sizeof *policy->people);
    if (!places || !policy->people)
        rb_faults_add(faults, RB_FAULT_ERROR, place, "people finds no memory: shorten the list");
    else
        for (const rb_yaml_node *item = list->first; item; item = item->next)
            read_person(policy, item, file, places, faults);
    if (places)
        rb_policy_check_people(policy, places, file, faults);
    free(places);
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static void set_version(rb_policy *policy, rb_str content)
{
    char hash[HASH_CAP];

    rb_sha256_hex(content, hash);
    hash[sizeof policy->version - 1] = '\0';
    rb_copy_fit(policy->version, sizeof policy->version, hash);
}

static rb_err read_tree(rb_policy *policy, const rb_yaml_node *root, const char *file, rb_faults *faults)
{
    rb_key_place places[RB_KEYS_MAX] = {{0, 0}};
    size_t n_errors_before = faults->n_errors;
    const rb_yaml_node *people = rb_yaml_get(root, RB_STR("people"));

    rb_keys_set_defaults(&RB_POLICY_KEYS, policy);
    rb_err err = rb_keys_read(&RB_POLICY_KEYS, root, file, policy, places, faults);
    if (people)
        read_people(policy, people, file, faults);
    if (err != RB_OK || faults->n_errors > n_errors_before)
        return RB_E_CONFIG;
    rb_policy_check_sense(policy, places, file, faults);
    return RB_OK;
}

rb_err rb_policy_parse(rb_str content, const char *file, rb_policy **out_policy, rb_faults *faults)
{
    rb_yaml_tree *tree = NULL;
    rb_policy *policy = calloc(1, sizeof *policy);

    if (!policy) {
        rb_faults_add(faults, RB_FAULT_ERROR, (rb_place){file, 0, 0}, "no memory: stop other programs");
        return RB_E_NOMEM;
    }
    rb_err err = rb_yaml_parse(content, file, faults, &tree);
    if (err == RB_OK)
        err = read_tree(policy, rb_yaml_root(tree), file, faults);
    rb_yaml_free(tree);
    if (err != RB_OK) {
        rb_policy_free(policy);
        return err;
    }
    set_version(policy, content);
    *out_policy = policy;
    return RB_OK;
}

rb_err rb_policy_load(const char *path, rb_policy **out_policy, rb_faults *faults)
{
    rb_buf content;
    rb_err err = rb_yaml_read_file(path, faults, &content);

    if (err != RB_OK)
        return err;
    err = rb_policy_parse(rb_buf_str(&content), path, out_policy, faults);
    rb_buf_fini(&content);
    return err;
}

void rb_policy_free(rb_policy *policy)
{
    if (!policy)
        return;
    rb_keys_free_lists(&RB_POLICY_KEYS, policy);
    free(policy->people);
    free(policy);
}

void rb_policy_print_help(FILE *to)
{
    rb_keys_print_help(&RB_POLICY_KEYS, to);
}

void rb_policy_print_example(FILE *to)
{
    rb_keys_print_example(&RB_POLICY_KEYS, to);
}
