/* slack_args.h - the arguments of a Web API call, from query, form or JSON body, with Slack's errors and warnings. */
#ifndef SANDBOX_SLACK_ARGS_H
#define SANDBOX_SLACK_ARGS_H

#include <json-c/json.h>
#include <stdbool.h>

#include "world.h"

/* Fills args; NULL or an error name. A JSON body to a method that takes none is not read, as at Slack. */
const char *sk_read_args(const sb_request *request, bool takes_json, json_object *args, json_object *warnings);

#endif
