#include "status_print.h"

#include <json-c/json.h>

static void print_request(const rb_request *request, bool is_json, FILE *to)
{
    char since[RB_TIME_CAP];
    rb_time_iso(request->state_utc_ms, since);
    if (!is_json) {
        fprintf(to, "%-10s %-12s %s  %-30s %s\n", request->id, rb_state_name(request->state), since,
                request->device.model, request->requester.name);
        return;
    }
    json_object *line = json_object_new_object();
    json_object_object_add(line, "id", json_object_new_string(request->id));
    json_object_object_add(line, "state", json_object_new_string(rb_state_name(request->state)));
    json_object_object_add(line, "since", json_object_new_string(since));
    json_object_object_add(line, "device_id", json_object_new_string(request->device.id));
    json_object_object_add(line, "model", json_object_new_string(request->device.model));
    json_object_object_add(line, "requester", json_object_new_string(request->requester.person.user));
    fprintf(to, "%s\n", json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
    json_object_put(line);
}

rb_err rb_status_print(rb_store_port store, bool is_json, FILE *to, rb_errbuf *errbuf)
{
    rb_query query = {.kind = RB_QUERY_LIVE, .since_utc_ms = INT64_MAX};
    rb_err err = store.query(store.self, &query, errbuf);
    for (size_t i = 0; err == RB_OK && i < query.n_requests; i++) {
        print_request(&query.requests[i], is_json, to);
    }
    if (err == RB_OK && query.n_requests == 0 && !is_json) {
        fputs("nothing is open\n", to);
    }
    rb_query_fini(&query);
    return err;
}
