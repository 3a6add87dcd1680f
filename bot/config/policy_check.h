/* policy_check.h - what a policy must not say (errors), and what it probably does not mean to (warnings). */
#ifndef CONFIG_POLICY_CHECK_H
#define CONFIG_POLICY_CHECK_H

#include "config/faults.h"
#include "config/keys.h"
#include "resetbot/policy.h"

/* One Slack account has one Entra id. The other way round is allowed: people have second accounts.
 * places: where each person of the policy stood. */
void rb_policy_check_people(const rb_policy *policy, const rb_key_place *places, const char *file, rb_faults *faults);

/* Warnings alone. places: where each key of RB_POLICY_KEYS stood; line 0: it did not. */
void rb_policy_check_sense(const rb_policy *policy, const rb_key_place *places, const char *file, rb_faults *faults);

#endif
