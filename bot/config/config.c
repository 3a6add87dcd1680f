/* config.c - see config.h. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "config/key_print.h"
#include "config/key_read.h"
#include "config/yaml_tree.h"
#include "resetbot/str.h"

/* Hosts and scopes of the national clouds: learn.microsoft.com/graph/deployments (domain/intune.md 2.10). */
static const struct {
    const char *login_url;
    const char *graph_url;
    const char *scope;
} CLOUDS[RB_CLOUDS] = {
    [RB_CLOUD_GLOBAL] = {"https://login.microsoftonline.com", "https://graph.microsoft.com",
                         "https://graph.microsoft.com/.default"},
    [RB_CLOUD_USGOV] = {"https://login.microsoftonline.us", "https://graph.microsoft.us",
                        "https://graph.microsoft.us/.default"},
    [RB_CLOUD_DOD] = {"https://login.microsoftonline.us", "https://dod-graph.microsoft.us",
                      "https://dod-graph.microsoft.us/.default"},
    [RB_CLOUD_CHINA] = {"https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn",
                        "https://microsoftgraph.chinacloudapi.cn/.default"},
};

static rb_place place_of(const rb_config *config, const char *name)
{
    const rb_key *key = rb_keys_find(&RB_CONFIG_KEYS, rb_str_of(name));
    rb_key_place at = config->places[key - RB_CONFIG_KEYS.keys];

    return (rb_place){config->file, at.line, at.col};
}

/* ---- paths ------------------------------------------------------------------------------------------------------------ */

/* "prefix" "folder/" "path", with the folder of `file`; what is absolute stays. RB_E_LIMIT when it gets too long. */
static rb_err anchor_path(const rb_key *key, const char *file, char *value)
{
    size_t prefix_len = strlen(key->path_prefix);
    const char *path = value + prefix_len;
    const char *slash = strrchr(file, '/');
    rb_buf out;

    bool is_path = value[0] != '\0' && rb_str_starts(rb_str_of(value), rb_str_of(key->path_prefix));
    if (!is_path || path[0] == '/' || !slash)
        return RB_OK;
    rb_buf_init(&out, RB_CONFIG_REF_CAP + RB_CONFIG_PATH_CAP);
    rb_buf_adds(&out, key->path_prefix);
    rb_buf_add(&out, (rb_str){file, (size_t)(slash - file) + 1});
    rb_buf_adds(&out, path);
    rb_err err = out.err ? out.err : rb_copy(value, key->size, rb_buf_str(&out));
    rb_buf_fini(&out);
    return err;
}

static void anchor_paths(rb_config *config, rb_faults *faults)
{
    for (size_t i = 0; i < RB_CONFIG_KEYS.n; i++) {
        const rb_key *key = &RB_CONFIG_KEYS.keys[i];
        if (key->type == RB_KEY_TEXT && key->path_prefix &&
            anchor_path(key, config->file, (char *)config + key->offset) != RB_OK)
            rb_faults_add(faults, RB_FAULT_ERROR, place_of(config, key->name), "%s becomes too long a path: shorten it",
                          key->name);
    }
}

/* ---- load ------------------------------------------------------------------------------------------------------------- */

static void fill_cloud(rb_config *config)
{
    rb_cloud cloud = config->intune.cloud;

    if (!config->intune.login_url[0])
        rb_copy_fit(config->intune.login_url, sizeof config->intune.login_url, CLOUDS[cloud].login_url);
    if (!config->intune.graph_url[0])
        rb_copy_fit(config->intune.graph_url, sizeof config->intune.graph_url, CLOUDS[cloud].graph_url);
    rb_copy_fit(config->intune.scope, sizeof config->intune.scope, CLOUDS[cloud].scope);
}

static void read_tree(rb_config *config, const rb_yaml_node *root, rb_faults *faults)
{
    rb_err err;

    if (!root) {
        rb_faults_add(faults, RB_FAULT_ERROR, (rb_place){config->file, 1, 1},
                      "the file is empty: begin with the example (config/resetbot.yaml)");
        return;
    }
    rb_keys_set_defaults(&RB_CONFIG_KEYS, config);
    err = rb_keys_read(&RB_CONFIG_KEYS, root, config->file, config, config->places, faults);
    if (err != RB_OK)
        return;
    anchor_paths(config, faults);
    fill_cloud(config);
}

rb_err rb_config_parse(rb_str content, const char *file, rb_config *out_config, rb_faults *faults)
{
    size_t n_errors_before = faults->n_errors;
    rb_yaml_tree *tree = NULL;
    rb_config *config = calloc(1, sizeof *config);

    if (!config || rb_copy(config->file, sizeof config->file, rb_str_of(file)) != RB_OK)
        rb_faults_add(faults, RB_FAULT_ERROR, (rb_place){file, 0, 0}, "no memory, or the path is too long: shorten it");
    else if (rb_yaml_parse(content, file, faults, &tree) == RB_OK)
        read_tree(config, rb_yaml_root(tree), faults);
    rb_err err = faults->n_errors > n_errors_before ? RB_E_CONFIG : RB_OK;
    if (err == RB_OK)
        *out_config = *config;
    rb_yaml_free(tree);
    free(config);
    return err;
}

rb_err rb_config_load(const char *path, rb_config *out_config, rb_faults *faults)
{
    rb_buf content;
    rb_err err = rb_yaml_read_file(path, faults, &content);

    if (err != RB_OK)
        return err;
    err = rb_config_parse(rb_buf_str(&content), path, out_config, faults);
    rb_buf_fini(&content);
    return err;
}

const char *rb_config_store_path(const rb_config *config)
{
    const char *colon = strchr(config->store_url, ':');

    return colon ? colon + 1 : "";
}

/* ---- secrets ---------------------------------------------------------------------------------------------------------- */

/* `begins`: how the right kind of token begins; "" when there is one kind. */
static rb_secret *load_one(const rb_config *config, const char *name, const char *reference, const char *begins,
                           rb_faults *faults)
{
    rb_secret *secret = NULL;
    rb_errbuf errbuf;

    if (rb_secret_load(reference, &secret, &errbuf) != RB_OK) {
        rb_faults_add(faults, RB_FAULT_ERROR, place_of(config, name), "%s: %s", name, errbuf.text);
        return NULL;
    }
    if (!rb_str_starts(rb_secret_reveal(secret), rb_str_of(begins)))
        rb_faults_add(faults, RB_FAULT_ERROR, place_of(config, name),
                      "%s is a token of another kind: put the one there that begins with %s", name, begins);
    return secret;
}

static rb_secret *load_approval_key(const rb_config *config, rb_faults *faults)
{
    uint8_t bytes[RB_MAC_KEY_LEN];

    if (!config->approval_key[0])
        return NULL;
    rb_secret *secret = load_one(config, "approval.key", config->approval_key, "", faults);
    if (secret && rb_config_approval_key(secret, bytes) != RB_OK)
        rb_faults_add(faults, RB_FAULT_ERROR, place_of(config, "approval.key"),
                      "approval.key is not a key: put 64 hexadecimal digits there (openssl rand -hex 32)");
    rb_wipe(bytes, sizeof bytes);
    return secret;
}

rb_err rb_config_load_secrets(const rb_config *config, rb_config_secrets *out_secrets, rb_faults *faults)
{
    size_t n_errors_before = faults->n_errors;
    rb_config_secrets secrets = {
        .app_token = load_one(config, "chat.slack.app_token", config->slack.app_token, "xapp-", faults),
        .bot_token = load_one(config, "chat.slack.bot_token", config->slack.bot_token, "xoxb-", faults),
        .credential = load_one(config, "intune.credential", config->intune.credential, "", faults),
        .approval_key = load_approval_key(config, faults),
    };

    if (faults->n_errors > n_errors_before) {
        rb_config_secrets_fini(&secrets);
        return RB_E_CONFIG;
    }
    *out_secrets = secrets;
    return RB_OK;
}

void rb_config_secrets_fini(rb_config_secrets *secrets)
{
    rb_secret_free(secrets->app_token);
    rb_secret_free(secrets->bot_token);
    rb_secret_free(secrets->credential);
    rb_secret_free(secrets->approval_key);
    *secrets = (rb_config_secrets){0};
}

/* 0 to 15, or -1. */
static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

    return c != '\0' && at ? (int)(at - digits) : -1;
}

rb_err rb_config_approval_key(const rb_secret *secret, uint8_t out_bytes[RB_MAC_KEY_LEN])
{
    rb_str text = rb_secret_reveal(secret);
    uint8_t bytes[RB_MAC_KEY_LEN];

    if (text.len == RB_MAC_KEY_LEN) {
        memcpy(out_bytes, text.ptr, RB_MAC_KEY_LEN);
        return RB_OK;
    }
    if (text.len != (size_t)2 * RB_MAC_KEY_LEN)
        return RB_E_CONFIG;
    for (size_t i = 0; i < RB_MAC_KEY_LEN; i++) {
        int high = hex_value(text.ptr[2 * i]);
        int low = hex_value(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return RB_E_CONFIG;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(out_bytes, bytes, sizeof bytes);
    rb_wipe(bytes, sizeof bytes);
    return RB_OK;
}

/* ---- for people ------------------------------------------------------------------------------------------------------- */

void rb_config_print_help(FILE *to)
{
    rb_keys_print_help(&RB_CONFIG_KEYS, to);
}

void rb_config_print_example(FILE *to)
{
    rb_keys_print_example(&RB_CONFIG_KEYS, to);
}
