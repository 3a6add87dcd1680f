#include <stdint.h>

#include "commands.h"

#define NEAR_MAX 3

typedef struct {
    const char *ids[NEAR_MAX];
    size_t distances[NEAR_MAX];
    size_t n;
} near_ids;

/* Their own, and what is open to everybody with a role. */
static bool may_see(const rb_actor *actor, const rb_request *request)
{
    bool is_own = rb_person_equal(&request->requester.person, &actor->person);
    bool has_role = actor->roles[RB_ROLE_HELPDESK] || actor->roles[RB_ROLE_APPROVER];
    return is_own || (has_role && rb_state_is_open(request->state));
}

/* Keeps the nearest ones, the nearest first. */
static void keep(near_ids *near, const char *id, size_t distance)
{
    size_t at = near->n;
    while (at > 0 && near->distances[at - 1] > distance) {
        at--;
    }
    if (at == NEAR_MAX) {
        return;
    }
    near->n += near->n < NEAR_MAX;
    for (size_t i = near->n - 1; i > at; i--) {
        near->ids[i] = near->ids[i - 1];
        near->distances[i] = near->distances[i - 1];
    }
    near->ids[at] = id;
    near->distances[at] = distance;
}

static near_ids find_near(const rb_task *task, const rb_actor *actor)
{
    near_ids near = {.n = 0};
    rb_str typed = rb_str_of(rb_task_intent(task)->target);
    for (const rb_request *request = rb_task_each_request(task, NULL); request;
         request = rb_task_each_request(task, request)) {
        size_t distance = rb_grammar_id_distance(typed, request->id);
        if (distance != SIZE_MAX && may_see(actor, request)) {
            keep(&near, request->id, distance);
        }
    }
    return near;
}

/* Nothing is done by itself with a request that was not named: the whole commands are there to copy. */
static void add_near(const rb_words *words, const char *verb, const near_ids *near, rb_message *message)
{
    if (near->n) {
        rb_word_did_you_mean(words, message, verb, near->ids[0]);
    }
    for (size_t i = 1; i < near->n; i++) {
        rb_word_or_next(words, message, verb, near->ids[i]);
    }
    rb_word_next(words, message, "list");
}

bool command_no_such_request(rb_task *task)
{
    const rb_intent *intent = rb_task_intent(task);
    rb_actor actor;
    if (!rb_need_actor(task, rb_task_who(task), &actor)) {
        return false;
    }
    rb_words words = rb_task_words(task);
    rb_message *message = rb_task_message(task);
    near_ids near = find_near(task, &actor);
    if (near.n == 0 && intent->target_kind != RB_TARGET_REQUEST) {
        rb_word_say(
            &words, message,
            "Which request? Name it, such as {root} {verb} R-7K3F. The list has what is open. Nothing was done.",
            (rb_arg[]){{"root", words.root}, {"verb", intent->verb}, {NULL, NULL}});
    } else {
        rb_word_say(&words, message, "I have no request {id}. The list has what is open. Nothing was done.",
                    (rb_arg[]){{"id", intent->target}, {NULL, NULL}});
    }
    add_near(&words, intent->verb, &near, message);
    rb_task_answer(task, message, false);
    return true;
}

bool command_need_request(rb_task *task, const rb_request **out_request, rb_progress *out_progress)
{
    const rb_intent *intent = rb_task_intent(task);
    bool is_id = intent->target_kind == RB_TARGET_REQUEST;
    *out_progress = RB_WAIT;
    if (is_id && !rb_need_request(task, intent->target, out_request)) {
        return false;
    }
    if (is_id && *out_request) {
        return true;
    }
    if (command_no_such_request(task)) {
        *out_progress = RB_FINISHED;
    }
    return false;
}
