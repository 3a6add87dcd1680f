/* policy_check.c - see policy_check.h. */
#include "config/policy_check.h"

#include <stdlib.h>
#include <string.h>

#include "config/key_read.h"

/* ---- people ----------------------------------------------------------------------------------------------------------- */

typedef struct {
    const rb_policy_person *person;
    rb_key_place place;
} entry;

/* By user, then team, so that an entry without team comes first among those of its user; then by place. */
static int compare_entries(const void *left, const void *right)
{
    const entry *a = left;
    const entry *b = right;
    int order = strcmp(a->person->person.user, b->person->person.user);

    if (order == 0)
        order = strcmp(a->person->person.team, b->person->person.team);
    if (order == 0)
        order = a->place.line != b->place.line ? (a->place.line < b->place.line ? -1 : 1)
                                               : (a->place.col > b->place.col) - (a->place.col < b->place.col);
    return order;
}

/* An entry without team may be the same account as one with any: which team is the bot's own is not known here. */
static bool may_be_same_account(const entry *a, const entry *b)
{
    const rb_person *x = &a->person->person;
    const rb_person *y = &b->person->person;

    return strcmp(x->user, y->user) == 0 && (!x->team[0] || strcmp(x->team, y->team) == 0);
}

static void compare_pair(const entry *first, const entry *second, const char *file, rb_faults *faults)
{
    const entry *earlier = first->place.line <= second->place.line ? first : second;
    const entry *later = earlier == first ? second : first;
    rb_place place = {file, later->place.line, later->place.col};
    const char *user = later->person->person.user;

    if (strcmp(first->person->entra, second->person->entra) != 0)
        rb_faults_add(faults, RB_FAULT_ERROR, place,
                      "people has %s with another Entra id in line %u: keep the right one", user, earlier->place.line);
    else
        rb_faults_add(faults, RB_FAULT_WARNING, place, "people has %s already in line %u: remove one", user,
                      earlier->place.line);
}

static void compare_neighbours(const entry *entries, size_t n, const char *file, rb_faults *faults)
{
    size_t first = 0; /* of its user: the one that may lack a team */

    for (size_t i = 1; i < n; i++) {
        if (strcmp(entries[i].person->person.user, entries[first].person->person.user) != 0)
            first = i;
        else if (may_be_same_account(&entries[i - 1], &entries[i]))
            compare_pair(&entries[i - 1], &entries[i], file, faults);
        else if (may_be_same_account(&entries[first], &entries[i]))
            compare_pair(&entries[first], &entries[i], file, faults);
    }
}

void rb_policy_check_people(const rb_policy *policy, const rb_key_place *places, const char *file, rb_faults *faults)
{
    if (policy->n_people == 0)
        return;
    entry *entries = calloc(policy->n_people, sizeof *entries);
    if (!entries) {
        rb_faults_add(faults, RB_FAULT_ERROR, (rb_place){file, 0, 0}, "no memory to compare people: shorten the list");
        return;
    }
    for (size_t i = 0; i < policy->n_people; i++)
        entries[i] = (entry){&policy->people[i], places[i]};
    qsort(entries, policy->n_people, sizeof *entries, compare_entries);
    compare_neighbours(entries, policy->n_people, file, faults);
    free(entries);
}

/* ---- sense ------------------------------------------------------------------------------------------------------------ */

typedef struct {
    const rb_policy *policy;
    const rb_key_place *places;
    const char *file;
    rb_faults *faults;
} check;

/* At the key; where that is not, at the section it belongs to; else at the beginning. */
static rb_place place_of(const check *c, const char *name)
{
    rb_str part = rb_str_of(name);

    while (part.len > 0) {
        const rb_key *key = rb_keys_find(&RB_POLICY_KEYS, part);
        rb_key_place at = key ? c->places[key - RB_POLICY_KEYS.keys] : (rb_key_place){0, 0};
        if (at.line > 0)
            return (rb_place){c->file, at.line, at.col};
        while (part.len > 0 && part.ptr[part.len - 1] != '.')
            part.len--;
        part.len -= part.len > 0;
    }
    return (rb_place){c->file, 1, 1};
}

/* By user alone: which team is the bot's own is not known here. NULL when the table lacks them. */
static const char *entra_of(const rb_policy *policy, const char *user)
{
    for (size_t i = 0; i < policy->n_people; i++)
        if (strcmp(policy->people[i].person.user, user) == 0)
            return policy->people[i].entra;
    return NULL;
}

static bool is_empty(const rb_policy_role *role)
{
    return role->n_users == 0 && role->n_groups == 0;
}

static void check_role(const check *c, rb_role role, const char *name, const char *what)
{
    const rb_policy_role *listed = &c->policy->roles[role];

    if (is_empty(listed))
        rb_faults_add(c->faults, RB_FAULT_WARNING, place_of(c, name),
                      "%s is empty, so nobody may %s: list users or groups", name, what);
    for (size_t i = 0; i < listed->n_users; i++)
        if (!entra_of(c->policy, listed->users[i]))
            rb_faults_add(c->faults, RB_FAULT_WARNING, place_of(c, name),
                          "%s lists %s, who has no line in people and is refused: add one", name, listed->users[i]);
}

static int compare_ids(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;

    return strcmp(*a, *b);
}

/* Different people among the approvers by id: second accounts count once. 0 also when there is no memory: a warning too many. */
static size_t count_approvers(const rb_policy *policy)
{
    const rb_policy_role *listed = &policy->roles[RB_ROLE_APPROVER];
    const char **ids = calloc(listed->n_users + 1, sizeof *ids);
    size_t n = 0;
    size_t n_different = 0;

    if (!ids)
        return 0;
    for (size_t i = 0; i < listed->n_users; i++) {
        const char *entra = entra_of(policy, listed->users[i]);
        if (entra)
            ids[n++] = entra;
    }
    qsort(ids, n, sizeof *ids, compare_ids);
    for (size_t i = 0; i < n; i++)
        n_different += i == 0 || strcmp(ids[i - 1], ids[i]) != 0;
    free(ids);
    return n_different;
}

static void check_approvals(const check *c)
{
    const rb_policy_role *approvers = &c->policy->roles[RB_ROLE_APPROVER];

    if (is_empty(approvers) || approvers->n_groups > 0)
        return;
    size_t n = count_approvers(c->policy);
    if (n < c->policy->approvals)
        rb_faults_add(c->faults, RB_FAULT_WARNING, place_of(c, "approvals"),
                      "approvals is %u, but roles.approvers has %zu different people with a line in people: add some",
                      c->policy->approvals, n);
}

static void check_ceiling(const check *c, const char *name, uint32_t ceiling)
{
    if (ceiling == 0)
        rb_faults_add(c->faults, RB_FAULT_WARNING, place_of(c, name),
                      "%s is 0, so nothing is ever sent: write 1 or more", name);
}

void rb_policy_check_sense(const rb_policy *policy, const rb_key_place *places, const char *file, rb_faults *faults)
{
    check c = {policy, places, file, faults};

    check_role(&c, RB_ROLE_HELPDESK, "roles.helpdesk", "ask");
    check_role(&c, RB_ROLE_APPROVER, "roles.approvers", "approve");
    if (!policy->request_channel[0])
        rb_faults_add(faults, RB_FAULT_WARNING, place_of(&c, "channels.request"),
                      "channels.request is missing, so no request can be posted: write its id");
    check_approvals(&c);
    check_ceiling(&c, "ceilings.device_day", policy->ceiling_device_day);
    check_ceiling(&c, "ceilings.requester_hour", policy->ceiling_requester_hour);
    check_ceiling(&c, "ceilings.all_hour", policy->ceiling_all_hour);
}
