/* setup.h - configuration, secrets and policy as loaded for one run of a subcommand. */
#ifndef RESETBOT_SETUP_H
#define RESETBOT_SETUP_H

#include "config/config.h"
#include "config/policy_file.h"
#include "locale/gettext.h"

/* No core dumps, no reading by others' debuggers (S6); new files are the bot's alone. */
void setup_harden(void);

/* Loads and checks; prints every fault on stderr. RB_E_CONFIG: exit 2. The caller frees *out_policy. */
rb_err setup_load(const char *file, rb_config *out_config, rb_policy **out_policy) RB_MUST_CHECK;
/* As above for a reload: the old policy stays on a fault. */
rb_err setup_policy(const rb_config *config, rb_policy **out_policy) RB_MUST_CHECK;
rb_err setup_secrets(const rb_config *config, rb_config_secrets *out_secrets) RB_MUST_CHECK;
/* The same, with the faults gathered instead of printed: for subcommands that tell about them in their own way. */
rb_err setup_load_into(const char *file, rb_config *out_config, rb_policy **out_policy,
                       rb_faults *faults) RB_MUST_CHECK;
rb_err setup_languages_into(const rb_config *config, rb_gettext **out_languages, rb_faults *faults) RB_MUST_CHECK;
/* The languages of readers, and that of the record; a language that is not there is told at the place of its key. */
rb_err setup_languages(const rb_config *config, rb_gettext **out_languages) RB_MUST_CHECK;
/* The key of the cards' buttons: from the configuration, else from a file beside the store, made once (0600). A file
 * of the same name with ".previous" holds the key before; its cards work until they end. */
rb_err setup_keys(const rb_config *config, const rb_config_secrets *secrets, rb_mac_key out_keys[2], size_t *out_n,
                  rb_errbuf *errbuf) RB_MUST_CHECK;

#endif
