#include "graph_read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_fault.h"
#include "graph_filter.h"
#include "graph_view.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE_DEFAULT 1000 /* the service's own page, also the most $top gives */

static const char offhost_link[] = "https://graph.elsewhere.invalid/v1.0/deviceManagement/managedDevices?$skiptoken=x";

/* ---- query options ---- */

typedef struct {
    char *filter_text;
    graph_filter *filter;
    char *select;
    int64_t top; /* 0: absent */
    int64_t skip;
    bool wants_count;
} options;

static void options_fini(options *query)
{
    free(query->filter_text);
    graph_filter_free(query->filter);
    free(query->select);
}

static void refuse_query(graph_call *call, const char *what, const char *value)
{
    char *message = graph_text_format("Invalid query: %s '%s'.", what, value);
    graph_error(call, 400, "BadRequest", message);
    free(message);
}

bool graph_read_knows_options(graph_call *call, const char *const *allowed, size_t count)
{
    const char *rest = call->request->query;
    while (*rest != '\0') {
        size_t pair_len = strcspn(rest, "&");
        char *name = graph_text_decode(rest, strcspn(rest, "=&"), true);
        bool is_known = *name != '$';
        for (size_t i = 0; i < count; i++)
            is_known = is_known || strcmp(name, allowed[i]) == 0;
        if (!is_known)
            refuse_query(call, "the query option is not supported:", name);
        free(name);
        if (!is_known)
            return false;
        rest += pair_len;
        rest += *rest == '&';
    }
    return true;
}

static bool read_number(graph_call *call, const char *name, int64_t max, int64_t *out_value)
{
    char *text = graph_text_param(call->request->query, name);
    if (text == NULL)
        return true;
    char *end = text;
    long long value = strtoll(text, &end, 10);
    bool is_good = *text != '\0' && *end == '\0' && value >= 0 && value <= max;
    if (is_good)
        *out_value = value;
    else
        refuse_query(call, name, text);
    free(text);
    return is_good;
}

bool graph_read_skip_token(graph_call *call, int64_t *out_skip)
{
    char *token = graph_text_param(call->request->query, "$skiptoken");
    if (token == NULL)
        return true;
    size_t len = 0;
    char *text = graph_text_from_base64url(token, strlen(token), &len);
    bool is_good = text != NULL && strncmp(text, "at ", 3) == 0;
    if (is_good)
        *out_skip = strtoll(text + 3, NULL, 10);
    else
        refuse_query(call, "$skiptoken", token);
    free(text);
    free(token);
    return is_good;
}

static bool read_filter(graph_call *call, options *query)
{
    query->filter_text = graph_text_param(call->request->query, "$filter");
    if (query->filter_text == NULL)
        return true;
    query->filter = graph_filter_new(query->filter_text);
    if (query->filter == NULL)
        refuse_query(call, "invalid filter clause:", query->filter_text);
    return query->filter != NULL;
}

static bool read_list_options(graph_call *call, options *query)
{
    static const char *const allowed[] = {"$filter", "$select",  "$top",    "$skip",  "$skiptoken",
                                          "$count",  "$orderby", "$expand", "$search"};
    query->select = graph_text_param(call->request->query, "$select");
    return graph_read_knows_options(call, allowed, COUNT(allowed)) &&
           read_number(call, "$top", PAGE_DEFAULT, &query->top) &&
           read_number(call, "$skip", INT32_MAX, &query->skip) && graph_read_skip_token(call, &query->skip) &&
           read_filter(call, query);
}

static graph_view view_of(const graph_call *call, const char *select, bool is_list)
{
    const char *prefer = call->request->header(call->request->self, "prefer");
    return (graph_view){.is_beta = call->is_beta,
                        .is_list = is_list,
                        .knows_new_enums = strcasestr(prefer, "include-unknown-enum-members") != NULL,
                        .select = select};
}

bool graph_read_refuse_unknown(graph_call *call, char *take_name, const char *type)
{
    if (take_name == NULL)
        return false;
    char *message = graph_text_format("Parsing OData Select and Expand failed: Could not find a property named '%s' on "
                                      "type 'microsoft.graph.%s'.",
                                      take_name, type);
    graph_error(call, 400, "BadRequest", message);
    free(message);
    free(take_name);
    return true;
}

/* ---- lists ---- */

char *graph_read_context(const graph_call *call, const char *what)
{
    return graph_text_format("https://graph.microsoft.com/%s/$metadata#%s", call->is_beta ? "beta" : "v1.0", what);
}

char *graph_read_next_link(const graph_call *call, int64_t skip)
{
    char *place = graph_text_format("at %lld", (long long)skip);
    char *token = graph_text_to_base64url(place, strlen(place));
    char *kept = graph_text_copy("");
    const char *rest = call->request->query;
    while (*rest != '\0') {
        size_t len = strcspn(rest, "&");
        char *name = graph_text_decode(rest, strcspn(rest, "=&"), true);
        if (strcmp(name, "$skiptoken") != 0 && strcmp(name, "$skip") != 0) {
            char *longer = graph_text_format("%s%.*s&", kept, (int)len, rest);
            free(kept);
            kept = longer;
        }
        free(name);
        rest += len;
        rest += *rest == '&';
    }
    char *link =
        graph_text_format("%s://%s%s?%s$skiptoken=%s", call->request->tls ? "https" : "http",
                          call->request->header(call->request->self, "host"), call->request->path, kept, token);
    free(place);
    free(token);
    free(kept);
    return link;
}

static bool is_of(const graph_device *device, json_object *user)
{
    return user == NULL || strcasecmp(graph_json_text(device->fields, "userId"), graph_json_text(user, "id")) == 0;
}

static bool is_wanted(const graph_device *device, const options *query, json_object *user)
{
    return !device->is_removed && is_of(device, user) &&
           (query->filter == NULL || graph_filter_matches(query->filter, device));
}

/* A row nobody asked for (fault graph.list.foreign_row; value: the device, default the last one that does not match). */
static void add_foreign_row(graph_call *call, const options *query, const graph_view *view, json_object *rows)
{
    json_object *value = NULL;
    if (!graph_fault_taken(call, "list", "foreign_row", &value))
        return;
    graph_device *stranger = value == NULL ? NULL : graph_world_named(json_object_get_string(value));
    for (size_t i = graph_tenant()->device_count; i > 0 && stranger == NULL; i--) {
        graph_device *device = graph_tenant()->devices[i - 1];
        if (!is_wanted(device, query, NULL) && !device->is_removed)
            stranger = device;
    }
    if (stranger != NULL)
        json_object_array_add(rows, graph_view_device(stranger, view));
}

/* Fills rows with one page; returns how many match in all. */
static int64_t add_page(const options *query, json_object *user, const graph_view *view, int64_t page_len,
                        json_object *rows)
{
    int64_t matching = 0;
    for (size_t i = 0; i < graph_tenant()->device_count; i++) {
        const graph_device *device = graph_tenant()->devices[i];
        if (!is_wanted(device, query, user))
            continue;
        if (matching >= query->skip && matching < query->skip + page_len)
            json_object_array_add(rows, graph_view_device(device, view));
        matching++;
    }
    return matching;
}

static char *link_after_page(graph_call *call, const options *query, int64_t page_len, int64_t matching)
{
    json_object *value = NULL;
    if (graph_fault_taken(call, "nextlink", "offhost", &value))
        return graph_text_copy(value == NULL ? offhost_link : json_object_get_string(value));
    if (graph_fault_taken(call, "nextlink", "endless", &value))
        return graph_read_next_link(call, query->skip);
    return query->skip + page_len < matching ? graph_read_next_link(call, query->skip + page_len) : NULL;
}

static void journal_open_filter(const options *query)
{
    if (query->filter == NULL || !graph_filter_is_open(query->filter))
        return;
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "filter", query->filter_text);
    sb_journal("graph.filter_ignored", entry);
}

static void answer_list(graph_call *call, const options *query, json_object *user, const graph_view *view)
{
    int64_t page_len = query->top > 0 ? query->top : PAGE_DEFAULT;
    int64_t page_max = sb_setting("graph_page_max", PAGE_DEFAULT);
    page_len = page_len < page_max ? page_len : page_max;
    json_object *rows = json_object_new_array();
    int64_t matching = add_page(query, user, view, page_len, rows);
    add_foreign_row(call, query, view, rows);
    char *context = graph_read_context(call, "deviceManagement/managedDevices");
    json_object *body = json_object_new_object();
    graph_json_set_text(body, "@odata.context", context);
    json_object_object_add(body, "@odata.count", json_object_new_int64((int64_t)json_object_array_length(rows)));
    char *link = link_after_page(call, query, page_len, matching);
    if (link != NULL)
        graph_json_set_text(body, "@odata.nextLink", link);
    json_object_object_add(body, "value", rows);
    sb_reply_json(call->reply, 200, body);
    free(link);
    free(context);
}

void graph_read_list(graph_call *call, json_object *user)
{
    options query = {0};
    if (read_list_options(call, &query)) {
        graph_view view = view_of(call, query.select, true);
        journal_open_filter(&query);
        if (!graph_read_refuse_unknown(call, graph_view_unknown_device(&view), "managedDevice"))
            answer_list(call, &query, user, &view);
    }
    options_fini(&query);
}

/* ---- single entities ---- */

/* Only $select and $expand belong here; false, answered with 400. out_select is heap, NULL when absent. */
static bool read_entity_options(graph_call *call, char **out_select)
{
    static const char *const allowed[] = {"$select", "$expand"};
    *out_select = graph_text_param(call->request->query, "$select");
    return graph_read_knows_options(call, allowed, COUNT(allowed));
}

/* Setting graph_value_wrapper: the documentation's {"value":{...}} instead of the live flat entity (intune.md 2.4). */
static void answer_entity(graph_call *call, const char *what, const char *select, json_object *take_entity)
{
    char *metadata =
        select == NULL ? graph_text_format("%s/$entity", what) : graph_text_format("%s(%s)/$entity", what, select);
    char *context = graph_read_context(call, metadata);
    json_object *body = json_object_new_object();
    if (sb_setting("graph_value_wrapper", 0) != 0) {
        json_object_object_add(body, "value", take_entity);
    } else {
        graph_json_set_text(body, "@odata.context", context);
        json_object_object_foreach(take_entity, key, value) json_object_object_add(body, key, json_object_get(value));
        json_object_put(take_entity);
    }
    sb_reply_json(call->reply, 200, body);
    free(context);
    free(metadata);
}

/* Another device than the one asked for (fault graph.get.other_device, graph.beta.other_device). */
static graph_device *swapped(graph_call *call, graph_device *device, const char *operation)
{
    json_object *value = NULL;
    if (!graph_fault_taken(call, operation, "other_device", &value))
        return device;
    graph_device *other = value == NULL ? NULL : graph_world_named(json_object_get_string(value));
    graph_tenant_state *tenant = graph_tenant();
    if (other == NULL)
        other = tenant->devices[0] == device ? tenant->devices[tenant->device_count - 1] : tenant->devices[0];
    return other;
}

void graph_read_device(graph_call *call, graph_device *device, const char *operation)
{
    char *select = NULL;
    if (read_entity_options(call, &select)) {
        graph_view view = view_of(call, select, false);
        graph_device *shown = swapped(call, device, operation);
        json_object *value = NULL;
        if (!graph_read_refuse_unknown(call, graph_view_unknown_device(&view), "managedDevice")) {
            json_object *row = graph_view_device(shown, &view);
            if (graph_fault_taken(call, operation, "odd_enums", &value)) {
                graph_json_set_text(row, "deviceEnrollmentType", "brandNewEnrollment");
                graph_json_set_text(row, "deviceType", "brandNewType");
            }
            answer_entity(call, "deviceManagement/managedDevices", select, row);
        }
    }
    free(select);
}

void graph_read_owners(graph_call *call, graph_device *device)
{
    static const char *const allowed[] = {"$select",  "$top",    "$filter", "$count",
                                          "$orderby", "$expand", "$search", "$skip"};
    char *select = graph_text_param(call->request->query, "$select");
    graph_view view = view_of(call, select, true);
    if (graph_read_knows_options(call, allowed, COUNT(allowed)) &&
        !graph_read_refuse_unknown(call, graph_view_unknown_user(&view), "user")) {
        json_object *rows = json_object_new_array();
        for (size_t i = 0; i < json_object_array_length(device->owners); i++) {
            const char *id = json_object_get_string(json_object_array_get_idx(device->owners, i));
            json_object *user = graph_world_user(id);
            if (user != NULL)
                json_object_array_add(rows, graph_view_user(user, &view));
        }
        char *context = graph_read_context(call, "users");
        json_object *body = json_object_new_object();
        graph_json_set_text(body, "@odata.context", context);
        json_object_object_add(body, "value", rows);
        sb_reply_json(call->reply, 200, body);
        free(context);
    }
    free(select);
}

void graph_read_user(graph_call *call, json_object *user)
{
    char *select = NULL;
    if (read_entity_options(call, &select)) {
        graph_view view = view_of(call, select, false);
        if (!graph_read_refuse_unknown(call, graph_view_unknown_user(&view), "user"))
            answer_entity(call, "users", select, graph_view_user(user, &view));
    }
    free(select);
}
