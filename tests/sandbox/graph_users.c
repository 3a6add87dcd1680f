#include "graph_users.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_people_query.h"
#include "graph_read.h"
#include "graph_view.h"
#include "graph_world.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* learn.microsoft.com/graph/api/user-list: pages of 100 users, of 999 at most */
#define PAGE_DEFAULT 100
#define PAGE_MAX 999

typedef struct {
    char *search, *filter, *select, *order, *count, *top_text;
    int64_t top, skip;
    bool is_eventual; /* the header ConsistencyLevel */
    bool is_advanced; /* and $count=true */
} people_query;

static bool refuse(graph_call *call, const char *message)
{
    graph_error(call, 400, "Request_UnsupportedQuery", message);
    return false;
}

static bool read_top(graph_call *call, people_query *query)
{
    query->top = PAGE_DEFAULT;
    if (query->top_text == NULL)
        return true;
    query->top = strtoll(query->top_text, NULL, 10);
    if (query->top >= 1 && query->top <= PAGE_MAX)
        return true;
    char *message =
        graph_text_format("Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", query->top_text);
    refuse(call, message);
    free(message);
    return false;
}

/* take_fault: of graph_people_query.h. */
static bool is_sound(graph_call *call, char *take_fault)
{
    if (take_fault != NULL)
        refuse(call, take_fault);
    bool is_good = take_fault == NULL;
    free(take_fault);
    return is_good;
}

static bool check(graph_call *call, const people_query *query)
{
    char *fault = NULL;
    if (query->search != NULL && !query->is_eventual)
        return refuse(call, "Request with $search query parameter only works through MSGraph with a special request "
                            "header: 'ConsistencyLevel: eventual'");
    bool is_filtered = query->search != NULL || query->filter != NULL;
    if (query->order != NULL && is_filtered && !query->is_advanced)
        return refuse(call, "Sorting not supported for current query.");
    if (query->search != NULL)
        (void)graph_people_search(query->search, NULL, &fault);
    if (fault == NULL && query->filter != NULL)
        (void)graph_people_filter(query->filter, NULL, query->is_advanced, &fault);
    return is_sound(call, fault);
}

static bool read_query(graph_call *call, people_query *query)
{
    static const char *const allowed[] = {"$search", "$filter", "$select", "$top", "$count", "$orderby", "$skiptoken"};
    const char *text = call->request->query;
    query->search = graph_text_param(text, "$search");
    query->filter = graph_text_param(text, "$filter");
    query->select = graph_text_param(text, "$select");
    query->order = graph_text_param(text, "$orderby");
    query->count = graph_text_param(text, "$count");
    query->top_text = graph_text_param(text, "$top");
    const char *level = call->request->header(call->request->self, "consistencylevel");
    query->is_eventual = strcasecmp(level, "eventual") == 0;
    query->is_advanced = query->is_eventual && query->count != NULL && strcmp(query->count, "true") == 0;
    return graph_read_knows_options(call, allowed, COUNT(allowed)) && read_top(call, query) &&
           graph_read_skip_token(call, &query->skip) && check(call, query);
}

static void query_fini(people_query *query)
{
    free(query->search);
    free(query->filter);
    free(query->select);
    free(query->order);
    free(query->count);
    free(query->top_text);
}

static bool matches(const people_query *query, json_object *user)
{
    char *fault = NULL;
    if (query->search != NULL && !graph_people_search(query->search, user, &fault))
        return false;
    return query->filter == NULL || graph_people_filter(query->filter, user, query->is_advanced, &fault);
}

static int by_name(const void *left, const void *right)
{
    json_object *const *a = left;
    json_object *const *b = right;
    return strcasecmp(graph_json_text(*a, "displayName"), graph_json_text(*b, "displayName"));
}

static json_object *found(const people_query *query)
{
    json_object *people = json_object_new_array();
    for (size_t i = 0; i < json_object_array_length(graph_tenant()->users); i++) {
        json_object *user = json_object_array_get_idx(graph_tenant()->users, i);
        if (matches(query, user))
            json_object_array_add(people, json_object_get(user));
    }
    if (query->order != NULL)
        json_object_array_sort(people, by_name);
    return people;
}

static void answer(graph_call *call, const people_query *query, const graph_view *view)
{
    json_object *people = found(query);
    json_object *rows = json_object_new_array();
    size_t total = json_object_array_length(people);
    size_t end = (size_t)(query->skip + query->top);
    for (size_t i = (size_t)query->skip; i < total && i < end; i++)
        json_object_array_add(rows, graph_view_user(json_object_array_get_idx(people, i), view));
    char *context = graph_read_context(call, "users");
    json_object *body = json_object_new_object();
    graph_json_set_text(body, "@odata.context", context);
    if (query->is_advanced)
        json_object_object_add(body, "@odata.count", json_object_new_int64((int64_t)total));
    if (end < total) {
        char *link = graph_read_next_link(call, (int64_t)end);
        graph_json_set_text(body, "@odata.nextLink", link);
        free(link);
    }
    json_object_object_add(body, "value", rows);
    sb_reply_json(call->reply, 200, body);
    free(context);
    json_object_put(people);
}

void graph_users_list(graph_call *call)
{
    people_query query = {0};
    if (read_query(call, &query)) {
        const graph_view view = {.is_beta = call->is_beta, .is_list = true, .select = query.select};
        if (!graph_read_refuse_unknown(call, graph_view_unknown_user(&view), "user"))
            answer(call, &query, &view);
    }
    query_fini(&query);
}
