/* slack_seed.h - the people, groups and channels that every test and the demo start from. */
#ifndef SANDBOX_SLACK_SEED_H
#define SANDBOX_SLACK_SEED_H

#include <json-c/json.h>

/* Fills both objects and adds the channels. */
void sk_seed(json_object *users, json_object *groups);

#endif
