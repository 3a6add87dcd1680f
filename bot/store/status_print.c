#include "status_print.h"

#include <errno.h>
#include <string.h>

#include "json_line.h"
#include "util/screen.h"
#include "util/table.h"

static rb_paint paint_of(rb_state state)
{
    switch ((int)state) {
    case RB_STATE_DRAFT: return RB_PAINT_QUIET;
    case RB_STATE_PENDING: return RB_PAINT_WARN;
    default: return RB_PAINT_PLAIN;
    }
}

static void print_row(rb_table *table, const rb_request *request)
{
    char since[RB_TIME_CAP];

    rb_time_full(request->state_utc_ms, since);
    rb_table_add(table, RB_PAINT_HEAD, request->id);
    rb_table_add(table, paint_of(request->state), rb_state_name(request->state));
    rb_table_add(table, RB_PAINT_PLAIN, since);
    rb_table_add(table, RB_PAINT_PLAIN, request->device.model[0] ? request->device.model : "-");
    rb_table_add(table, RB_PAINT_PLAIN, request->requester.name);
}

static void print_table(const rb_query *query, FILE *to)
{
    static const char *const titles[] = {"REQUEST", "STATE", "SINCE", "DEVICE", "WITH"};
    rb_screen screen = rb_screen_of(to);
    rb_table *table = rb_table_new(&screen, titles, sizeof titles / sizeof *titles, false);

    for (size_t i = 0; i < query->n_requests; i++)
        print_row(table, &query->requests[i]);
    rb_table_print(table);
    rb_table_free(table);
    if (query->n_requests == 0)
        (void)fputs("nothing is open\n", to);
}

static bool print_json(const rb_request *request, FILE *to)
{
    rb_json_line line = rb_json_line_start();
    char since[RB_TIME_CAP];

    rb_time_iso(request->state_utc_ms, since);
    rb_json_line_text(&line, "id", request->id);
    rb_json_line_text(&line, "state", rb_state_name(request->state));
    rb_json_line_text(&line, "since", since);
    rb_json_line_text(&line, "device_id", request->device.id);
    rb_json_line_text(&line, "model", request->device.model);
    rb_json_line_text(&line, "requester", request->requester.person.user);
    return rb_json_line_print(&line, to);
}

rb_err rb_status_print(rb_store_port store, bool is_json, FILE *to, rb_errbuf *errbuf)
{
    rb_query query = {.kind = RB_QUERY_LIVE, .since_utc_ms = INT64_MAX};
    bool is_whole = true;

    rb_err err = store.query(store.self, &query, errbuf);
    for (size_t i = 0; err == RB_OK && is_json && i < query.n_requests; i++)
        is_whole = print_json(&query.requests[i], to) && is_whole;
    if (err == RB_OK && !is_json)
        print_table(&query, to);
    rb_query_fini(&query);
    if (err == RB_OK && (fflush(to) != 0 || ferror(to)))
        err = rb_fail(errbuf, RB_E_IO, "the requests cannot be written out: %s: look at where the output goes",
                      strerror(errno));
    if (err == RB_OK && !is_whole)
        err = rb_fail(errbuf, RB_E_NOMEM, "out of memory: not all requests were printed: try again");
    return err;
}
