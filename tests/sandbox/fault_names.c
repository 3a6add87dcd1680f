#include "fault_names.h"

#include <stdio.h>
#include <string.h>

#include "graph_fault.h"
#include "slack_api.h"
#include "util/nearest.h"

#define NAME_CAP 96
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What each name is given to; true ends the walk. */
typedef bool (*name_look)(void *arg, const char *name);

static const char *const single[] = {"slack.token",
                                     "slack.down",
                                     "slack.link.status",
                                     "slack.link.hang",
                                     "slack.link.reset",
                                     "slack.hello.delay",
                                     "slack.envelope.twice",
                                     "slack.chat.postMessage.late",
                                     "graph.down",
                                     "graph.slow",
                                     "graph.list.foreign_row",
                                     "graph.nextlink.offhost",
                                     "graph.nextlink.endless",
                                     "graph.reset.no_effect",
                                     "graph.reset.hold",
                                     "graph.reset.double",
                                     "entra.429",
                                     "entra.error",
                                     "entra.down",
                                     "entra.500",
                                     "entra.garbage",
                                     "entra.slow",
                                     "entra.close",
                                     "entra.rst",
                                     "entra.hang"};

static const char *const slack_kinds[] = {"500_before",   "reset_before", "hang_before", "429",
                                          "rate_limited", "error",        "500_after",   "error_after",
                                          "close_after",  "reset_after",  "hang",        "slow"};
static const char *const response_kinds[] = {"500_before", "reset_before", "500_after", "reset_after", "hang"};
static const char *const graph_operations[] = {"list", "get", "beta", "owners", "user", "users", "reset", "action"};
/* besides those of graph_fault.h */
static const char *const graph_kinds[] = {"slow", "first", "then"};
static const char *const read_kinds[] = {"other_device", "odd_enums"};

static bool look_at(name_look look, void *arg, const char *first, const char *second, const char *kind,
                    const char *suffix)
{
    char name[NAME_CAP];
    (void)snprintf(name, sizeof name, "%s.%s.%s%s", first, second, kind, suffix);
    return look(arg, name);
}

static bool walk_kinds(name_look look, void *arg, const char *first, const char *second, const char *const *kinds,
                       size_t n_kinds)
{
    for (size_t i = 0; i < n_kinds; i++)
        if (look_at(look, arg, first, second, kinds[i], ""))
            return true;
    return false;
}

static bool walk_slack(name_look look, void *arg)
{
    for (size_t i = 0; sk_method_name(i); i++)
        if (walk_kinds(look, arg, "slack", sk_method_name(i), slack_kinds, COUNT(slack_kinds)))
            return true;
    return walk_kinds(look, arg, "slack", "any", slack_kinds, COUNT(slack_kinds)) ||
           walk_kinds(look, arg, "slack", "response_url", response_kinds, COUNT(response_kinds));
}

static bool walk_answers(name_look look, void *arg, const char *operation, const char *suffix)
{
    for (size_t i = 0; graph_fault_kind(i); i++)
        if (look_at(look, arg, "graph", operation, graph_fault_kind(i), suffix))
            return true;
    return false;
}

static bool walk_graph(name_look look, void *arg)
{
    for (size_t i = 0; i < COUNT(graph_operations); i++)
        if (walk_answers(look, arg, graph_operations[i], "") ||
            walk_kinds(look, arg, "graph", graph_operations[i], graph_kinds, COUNT(graph_kinds)))
            return true;
    return walk_answers(look, arg, "reset", "_before") || walk_answers(look, arg, "reset", "_after") ||
           walk_kinds(look, arg, "graph", "get", read_kinds, COUNT(read_kinds)) ||
           walk_kinds(look, arg, "graph", "beta", read_kinds, COUNT(read_kinds));
}

static bool walk(name_look look, void *arg)
{
    for (size_t i = 0; i < COUNT(single); i++)
        if (look(arg, single[i]))
            return true;
    return walk_slack(look, arg) || walk_graph(look, arg);
}

static bool is_same(void *arg, const char *name)
{
    const char *asked = arg;
    return strcmp(asked, name) == 0;
}

bool fault_is_known(const char *name)
{
    char asked[NAME_CAP];
    return snprintf(asked, sizeof asked, "%s", name) < NAME_CAP && walk(is_same, asked);
}

typedef struct {
    const char *asked;
    size_t distance;
    char name[NAME_CAP];
} nearest_name;

static bool is_nearer(void *arg, const char *name)
{
    nearest_name *nearest = arg;
    size_t distance = rb_edit_distance(rb_str_of(nearest->asked), rb_str_of(name));
    if (distance < nearest->distance) {
        nearest->distance = distance;
        (void)snprintf(nearest->name, sizeof nearest->name, "%s", name);
    }
    return false;
}

const char *fault_unknown(const char *name)
{
    static char sentence[3 * NAME_CAP];
    nearest_name nearest = {.asked = name, .distance = SIZE_MAX};
    (void)walk(is_nearer, &nearest);
    (void)snprintf(sentence, sizeof sentence, "no fault is called %.*s%s%s%s", NAME_CAP, name,
                   *nearest.name ? ": did you mean " : "", nearest.name, *nearest.name ? "?" : "");
    return sentence;
}
