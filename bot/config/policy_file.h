/* policy_file.h - the policy file as an rb_policy: all or nothing, with every fault told in one run. */
#ifndef CONFIG_POLICY_FILE_H
#define CONFIG_POLICY_FILE_H

#include <stdio.h>

#include "config/faults.h"
#include "resetbot/err.h"
#include "resetbot/policy.h"
#include "resetbot/str.h"

/* Reads and checks a whole file. On RB_E_CONFIG out_policy is untouched (so a reload keeps the old one) and faults say why.
 * Warnings come with RB_OK: a policy that allows nobody is a good policy, and seldom what was meant.
 * version is the first 16 hex digits of the content's SHA-256. Entra ids are lower case. A person's team is "" where the
 * file gives none: the bot's own. The caller frees the policy with rb_policy_free. */
rb_err rb_policy_load(const char *path, rb_policy **out_policy, rb_faults *faults) RB_MUST_CHECK;
/* The same for content in memory; `file` names it in faults. */
rb_err rb_policy_parse(rb_str content, const char *file, rb_policy **out_policy, rb_faults *faults) RB_MUST_CHECK;
/* With its arrays; NULL is fine. */
void rb_policy_free(rb_policy *policy);

/* Every key with type, range, default and meaning; and the commented example, as in config/policy.yaml. */
void rb_policy_print_help(FILE *to);
void rb_policy_print_example(FILE *to);

#endif
