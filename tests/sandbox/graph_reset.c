#include "graph_reset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "graph_fault.h"
#include "graph_sim.h"

#define KIND_CAP 48

static void journal_reset(const graph_call *call, const char *id, const char *serial, bool acted, const char *reply)
{
    const char *given = call->request->header(call->request->self, "client-request-id");
    json_object *entry = json_object_new_object();
    json_object_object_add(entry, "attempt", json_object_new_int((int)++graph_tenant()->reset_count));
    graph_json_set_text(entry, "device", id);
    graph_json_set_text(entry, "serial", serial);
    graph_json_set_text(entry, "client_request_id", given);
    graph_json_set_text(entry, "request_id", call->request_id);
    json_object_object_add(entry, "acted", json_object_new_boolean(acted));
    graph_json_set_text(entry, "reply", reply);
    sb_journal("graph.reset", entry);
}

void graph_reset_refused(graph_call *call, const char *device_id, const char *why)
{
    journal_reset(call, device_id, "", false, why);
}

/* 411 is on Graph's list of statuses (intune.md 2.2): an empty POST says so by Content-Length: 0. */
static bool lacks_length(const graph_call *call)
{
    const sb_request *request = call->request;
    return sb_setting("graph_require_length", 1) != 0 && *request->header(request->self, "content-length") == '\0' &&
           *request->header(request->self, "transfer-encoding") == '\0';
}

static void answer_204(graph_call *call)
{
    call->reply->status = 204;
}

/* Answers in one of the ways that leave the device alone; false when it is to be reset. */
static bool ends_before_effect(graph_call *call, const graph_device *device, char out_kind[KIND_CAP])
{
    json_object *value = NULL;
    if (graph_fault_answer(call, "reset", "_before", out_kind) || graph_fault_answer(call, "reset", "", out_kind))
        return true;
    if (graph_fault_taken(call, "reset", "no_effect", &value)) {
        (void)snprintf(out_kind, KIND_CAP, "no_effect");
        answer_204(call);
        return true;
    }
    if (lacks_length(call)) {
        (void)snprintf(out_kind, KIND_CAP, "411");
        graph_error(call, 411, "LengthRequired", "The request has no Content-Length.");
        return true;
    }
    /* clients that cannot send nothing send an empty object */
    if (call->request->body_len > 0 && strcmp(call->request->body, "{}") != 0) {
        (void)snprintf(out_kind, KIND_CAP, "body");
        graph_error(call, 400, "BadRequest", "The action takes no parameters.");
        return true;
    }
    if (!graph_sim_refuses_reset(device))
        return false;
    (void)snprintf(out_kind, KIND_CAP, "unsupported");
    graph_error_intune(call, 400, "BadRequest", "An error has occurred");
    return true;
}

static bool is_held(const graph_call *call)
{
    json_object *value = NULL;
    graph_tenant_state *tenant = graph_tenant();
    if (graph_fault_taken(call, "reset", "hold", &value))
        return true;
    if (tenant->held_resets == 0)
        return false;
    tenant->held_resets -= tenant->held_resets > 0;
    return true;
}

void graph_reset(graph_call *call, graph_device *device)
{
    const char *id = graph_json_text(device->fields, "id");
    const char *serial = graph_json_text(device->fields, "serialNumber");
    char kind[KIND_CAP] = "204";
    json_object *value = NULL;
    if (ends_before_effect(call, device, kind)) {
        journal_reset(call, id, serial, false, kind);
        return;
    }
    (void)graph_sim_queue(device, "resetPasscode", "app");
    if (graph_fault_taken(call, "reset", "double", &value))
        (void)graph_sim_queue(device, "resetPasscode", "app");
    if (!graph_fault_answer(call, "reset", "_after", kind)) {
        answer_204(call);
        if (is_held(call)) {
            (void)snprintf(kind, sizeof kind, "held");
            (void)snprintf(call->reply->hold, sizeof call->reply->hold, "%s", GRAPH_RESET_HOLD);
        }
    }
    journal_reset(call, id, serial, true, kind);
}

/* ---- what the bot never calls ---- */

typedef struct {
    const char *name;
    const char *state; /* managementState afterwards, NULL: unchanged */
} other_action;

static const other_action others[] = {{"wipe", "wipePending"},
                                      {"retire", "retirePending"},
                                      {"remoteLock", NULL},
                                      {"syncDevice", NULL},
                                      {"recoverPasscode", NULL},
                                      {"rebootNow", NULL},
                                      {"shutDown", NULL},
                                      {"disableLostMode", NULL},
                                      {"locateDevice", NULL},
                                      {"bypassActivationLock", NULL},
                                      {"cleanWindowsDevice", NULL},
                                      {"logoutSharedAppleDeviceActiveUser", NULL},
                                      {"deleteUserFromSharedAppleDevice", NULL},
                                      {"windowsDefenderScan", NULL},
                                      {"windowsDefenderUpdateSignatures", NULL},
                                      {"requestRemoteAssistance", NULL},
                                      {"updateWindowsDeviceAccount", NULL}};

static void journal_forbidden(const graph_device *device, const char *action)
{
    json_object *entry = json_object_new_object();
    graph_json_set_text(entry, "action", action);
    graph_json_set_text(entry, "device", graph_json_text(device->fields, "id"));
    sb_journal("graph.forbidden", entry);
}

bool graph_other_action(graph_call *call, graph_device *device, const char *action)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcasecmp(action, others[i].name) != 0)
            continue;
        if (others[i].state != NULL)
            graph_json_set_text(device->fields, "managementState", others[i].state);
        journal_forbidden(device, others[i].name);
        (void)graph_sim_queue(device, others[i].name, "app");
        answer_204(call);
        return true;
    }
    return false;
}

void graph_delete_device(graph_call *call, graph_device *device)
{
    journal_forbidden(device, "delete");
    device->is_removed = true;
    answer_204(call);
}
