/* Stands in for graph_*.c and entra.c when they are not linked: the Slack half runs alone. */
#include "world.h"

__attribute__((weak)) void graph_init(void)
{
}

__attribute__((weak)) bool graph_handle(const sb_request *request, sb_reply *reply)
{
    (void)request;
    (void)reply;
    return false;
}

__attribute__((weak)) bool graph_control(const char *verb, json_object *arguments, sb_reply *reply)
{
    (void)verb;
    (void)arguments;
    (void)reply;
    return false;
}

__attribute__((weak)) bool entra_handle(const sb_request *request, sb_reply *reply)
{
    (void)request;
    (void)reply;
    return false;
}

__attribute__((weak)) json_object *graph_devices(void)
{
    return json_object_new_array();
}
