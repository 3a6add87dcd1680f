/* config.h - the configuration file: read, checked as a whole, every fault told in one run. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdint.h>
#include <stdio.h>

#include "config/faults.h"
#include "config/keys.h"
#include "resetbot/err.h"
#include "resetbot/limits.h"
#include "resetbot/log.h"
#include "resetbot/mac.h"
#include "resetbot/random.h"
#include "resetbot/secret.h"

#define RB_CONFIG_DEFAULT_FILE "/etc/resetbot/resetbot.yaml"

#define RB_CONFIG_PATH_CAP 1024                     /* ours; the kernel takes 4096 */
#define RB_CONFIG_REF_CAP (RB_CONFIG_PATH_CAP + 16) /* "credential:", "sqlite:" and the like before it */
#define RB_CONFIG_URL_CAP 512
#define RB_CONFIG_TENANT_CAP 256 /* RFC 1035: a domain has 253 */

typedef enum { RB_CLOUD_GLOBAL, RB_CLOUD_USGOV, RB_CLOUD_DOD, RB_CLOUD_CHINA, RB_CLOUDS } rb_cloud;

/* A plain struct of about 15 kB. "" is "not given" where a key is optional. Relative paths are already made those of the
 * configuration file's folder. Secrets stay references here. */
typedef struct {
    char file[RB_CONFIG_PATH_CAP]; /* where it was read from */
    struct {
        char app_token[RB_CONFIG_REF_CAP];
        char bot_token[RB_CONFIG_REF_CAP];
        char api_url[RB_CONFIG_URL_CAP]; /* ends in /api/ */
        uint32_t connections;            /* 1..RB_CONNECTIONS_MAX */
        char command[RB_WORD_CAP];       /* "/passcode" */
    } slack;
    struct {
        rb_cloud cloud;
        char tenant[RB_CONFIG_TENANT_CAP];
        char client_id[RB_GUID_CAP];
        char credential[RB_CONFIG_REF_CAP];
        char login_url[RB_CONFIG_URL_CAP]; /* scheme, host and port: given, or the cloud's */
        char graph_url[RB_CONFIG_URL_CAP]; /* the same */
        char scope[RB_CONFIG_URL_CAP];     /* of the cloud, whatever the URLs are: "https://.../.default" */
    } intune;
    char store_url[RB_CONFIG_REF_CAP];    /* "sqlite:/..." */
    char policy[RB_CONFIG_PATH_CAP];      /* file */
    char language[RB_LOCALE_CAP];         /* of the record: "en" */
    char locale_dir[RB_CONFIG_PATH_CAP];  /* "": the program's own */
    char approval_key[RB_CONFIG_REF_CAP]; /* "": make one beside the store */
    char net_ca_file[RB_CONFIG_PATH_CAP]; /* "": the system's authorities */
    char net_proxy[RB_CONFIG_URL_CAP];    /* "": none */
    rb_log_level log_level;
    rb_key_place places[RB_KEYS_MAX]; /* where each key of RB_CONFIG_KEYS stood; line 0: it did not */
} rb_config;

/* Reads and checks a whole file. On RB_E_CONFIG out_config is untouched and faults say why; warnings may come with RB_OK. */
rb_err rb_config_load(const char *path, rb_config *out_config, rb_faults *faults) RB_MUST_CHECK;
/* The same for content in memory; `file` names it in faults and anchors relative paths. */
rb_err rb_config_parse(rb_str content, const char *file, rb_config *out_config, rb_faults *faults) RB_MUST_CHECK;

/* The path in store_url, within config. */
const char *rb_config_store_path(const rb_config *config);

/* ---- secrets: loaded at the start, and by check-config when asked ------------------------------------------------------ */

typedef struct {
    rb_secret *app_token; /* "xapp-..." */
    rb_secret *bot_token; /* "xoxb-..." */
    rb_secret *credential;
    rb_secret *approval_key; /* NULL when the configuration names none */
} rb_config_secrets;

/* Loads all of them, and tells of every one that is missing or of the wrong kind, at the place of its key.
 * On RB_E_CONFIG out_secrets is untouched. */
rb_err rb_config_load_secrets(const rb_config *config, rb_config_secrets *out_secrets, rb_faults *faults) RB_MUST_CHECK;
void rb_config_secrets_fini(rb_config_secrets *secrets);

/* approval.key as bytes: 64 hexadecimal digits, or the 32 bytes themselves. RB_E_CONFIG else. */
rb_err rb_config_approval_key(const rb_secret *secret, uint8_t out_bytes[RB_MAC_KEY_LEN]) RB_MUST_CHECK;

/* ---- for people: from the same table as the checks --------------------------------------------------------------------- */

/* Every key with type, range, default and meaning. */
void rb_config_print_help(FILE *to);
/* A whole commented example, as in config/resetbot.yaml. */
void rb_config_print_example(FILE *to);

#endif
