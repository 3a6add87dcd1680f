/* keys.c - the one table of keys. See keys.h. */
#include "config/keys.h"

#include "config/config.h"
#include "resetbot/limits.h"
#include "resetbot/policy.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IN(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)
#define LIST_IN(type, field, n_field)                                                                                  \
    .offset = offsetof(type, field), .size = sizeof(((type *)0)->field[0]), .count_offset = offsetof(type, n_field),   \
    .max = RB_LIST_MAX

/* ---- resetbot.yaml ---------------------------------------------------------------------------------------------------- */

static const rb_key CONFIG_KEYS[] = {
    {.name = "chat", .type = RB_KEY_SECTION, .help = "The chat platform."},
    {.name = "chat.slack",
     .type = RB_KEY_SECTION,
     .help = "Slack, by Socket Mode: the bot calls Slack, so it needs no public address."},
    {.name = "chat.slack.app_token",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_SECRET,
     .is_required = true,
     .is_active = true,
     .path_prefix = "file:",
     .sample = "credential:slack_app_token",
     .help = "App-level token (it begins with xapp-) with the scope connections:write. In the app's settings: "
             "Basic Information, App-Level Tokens.",
     IN(rb_config, slack.app_token)},
    {.name = "chat.slack.bot_token",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_SECRET,
     .is_required = true,
     .is_active = true,
     .path_prefix = "file:",
     .sample = "credential:slack_bot_token",
     .help = "Bot token (it begins with xoxb-). In the app's settings: OAuth & Permissions, once the app is "
             "installed.",
     IN(rb_config, slack.bot_token)},
    {.name = "chat.slack.api_url",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_API_URL,
     .fallback = "https://slack.com/api/",
     .help = "Where Slack's Web API answers.",
     IN(rb_config, slack.api_url)},
    {.name = "chat.slack.connections",
     .type = RB_KEY_NUMBER,
     .min = 1,
     .max = RB_CONNECTIONS_MAX,
     .fallback = "2",
     .help = "Live connections to Slack. With two, commands still arrive while one of them is being replaced.",
     IN(rb_config, slack.connections)},
    {.name = "chat.slack.command",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_COMMAND,
     .fallback = "/passcode",
     .help = "The slash command. Change it in the app manifest too.",
     IN(rb_config, slack.command)},

    {.name = "intune", .type = RB_KEY_SECTION, .help = "Microsoft Intune, through Microsoft Graph."},
    {.name = "intune.cloud",
     .type = RB_KEY_CHOICE,
     .choices = "global usgov dod china",
     .fallback = "global",
     .help = "The Microsoft cloud of the tenant: global (with GCC), usgov (GCC High), dod, or china "
             "(21Vianet).",
     IN(rb_config, intune.cloud)},
    {.name = "intune.tenant",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_TENANT,
     .is_required = true,
     .is_active = true,
     .sample = "contoso.onmicrosoft.com",
     .help = "The Entra tenant.",
     IN(rb_config, intune.tenant)},
    {.name = "intune.client_id",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_GUID,
     .is_required = true,
     .is_active = true,
     .sample = "00000000-0000-0000-0000-000000000000",
     .help = "Application (client) id of the app registration.",
     IN(rb_config, intune.client_id)},
    {.name = "intune.credential",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_SECRET,
     .is_required = true,
     .is_active = true,
     .path_prefix = "file:",
     .sample = "credential:intune_client_secret",
     .help = "The app registration's client secret: its value, not its id.",
     IN(rb_config, intune.credential)},
    {.name = "intune.login_url",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_BASE_URL,
     .sample = "https://login.microsoftonline.com",
     .help = "Where tokens are given out. Left out, it is the cloud's own.",
     IN(rb_config, intune.login_url)},
    {.name = "intune.graph_url",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_BASE_URL,
     .sample = "https://graph.microsoft.com",
     .help = "Where Graph answers. Left out, it is the cloud's own.",
     IN(rb_config, intune.graph_url)},

    {.name = "store", .type = RB_KEY_SECTION, .help = "Where requests and their record are kept."},
    {.name = "store.url",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_STORE_URL,
     .path_prefix = "sqlite:",
     .fallback = "sqlite:/var/lib/resetbot/resetbot.db",
     .help = "A local disk, not a network share. One bot a store.",
     IN(rb_config, store_url)},

    {.name = "policy",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_PATH,
     .path_prefix = "",
     .fallback = "policy.yaml",
     .help = "The file that says who may do what. It is read again on SIGHUP.",
     IN(rb_config, policy)},

    {.name = "language",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_LANGUAGE,
     .fallback = "en",
     .help = "Language of the request channel, its threads and the record, such as en or sv. Everybody reads "
             "their private answers in the language that they chose in Slack, where the bot knows it.",
     IN(rb_config, language)},
    {.name = "locale_dir",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_PATH,
     .path_prefix = "",
     .sample = "/usr/local/share/locale",
     .help = "Where the languages are. Left out, they are those that came with the program.",
     IN(rb_config, locale_dir)},

    {.name = "approval", .type = RB_KEY_SECTION, .help = "How approvals are bound to what was shown."},
    {.name = "approval.key",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_SECRET,
     .path_prefix = "file:",
     .sample = "credential:resetbot_approval_key",
     .help = "Key of the cards' buttons: 64 hexadecimal digits, as openssl rand -hex 32 prints them. Left "
             "out, one is made beside the store.",
     IN(rb_config, approval_key)},

    {.name = "net", .type = RB_KEY_SECTION, .help = "The way out."},
    {.name = "net.ca_file",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_PATH,
     .path_prefix = "",
     .sample = "/etc/resetbot/authorities.pem",
     .help = "Certificate authorities to trust, in PEM. Left out, they are the system's.",
     IN(rb_config, net_ca_file)},
    {.name = "net.proxy",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_PROXY_URL,
     .sample = "http://proxy.contoso.com:3128",
     .help = "Proxy for all connections. The environment's proxy settings are not used.",
     IN(rb_config, net_proxy)},

    {.name = "log", .type = RB_KEY_SECTION, .help = "Log lines on standard error; never a token, passcode or message."},
    {.name = "log.level",
     .type = RB_KEY_CHOICE,
     .choices = "error warn info debug",
     .fallback = "info",
     .help = "The least important lines to write.",
     IN(rb_config, log_level)},
};

/* ---- policy.yaml ------------------------------------------------------------------------------------------------------ */

#define ROLE_KEYS(word, role, about)                                                                                   \
    {.name = "roles." word, .type = RB_KEY_SECTION, .help = about},                                                    \
        {.name = "roles." word ".users",                                                                               \
         .type = RB_KEY_TEXTS,                                                                                         \
         .form = &RB_FORM_CHAT_USER,                                                                                   \
         .is_active = true,                                                                                            \
         .fallback = "[]",                                                                                             \
         LIST_IN(rb_policy, roles[role].users, roles[role].n_users)},                                                  \
    {                                                                                                                  \
        .name = "roles." word ".groups", .type = RB_KEY_TEXTS, .form = &RB_FORM_CHAT_GROUP, .is_active = true,         \
        .fallback = "[]", LIST_IN(rb_policy, roles[role].groups, roles[role].n_groups)                                 \
    }

static const rb_key POLICY_KEYS[] = {
    {.name = "people",
     .type = RB_KEY_PEOPLE,
     .is_active = true,
     .max = RB_PEOPLE_MAX,
     .fallback = "[]",
     .sample = "- {slack: T0123456789/U0123456789, entra: 00000000-0000-0000-0000-000000000000}",
     .help = "Who is who: the Slack account (TEAM/USER, or USER alone for the bot's own workspace) and the "
             "Entra object id of the same person. Helpdesk staff, approvers and owners are told apart by the "
             "Entra id: somebody with two Slack accounts has two lines with the same id. Who is not here can "
             "neither ask nor approve."},

    {.name = "roles",
     .type = RB_KEY_SECTION,
     .help = "Who may do what, by Slack user id (U...) and user group (S...; needs a paid plan). A group that "
             "cannot be read gives nobody the role."},
    ROLE_KEYS("helpdesk", RB_ROLE_HELPDESK, "Ask for a reset, and look at devices."),
    ROLE_KEYS("approvers", RB_ROLE_APPROVER, "Approve and deny requests of others."),
    ROLE_KEYS("audit", RB_ROLE_AUDIT, "For reading the record; no command asks for it yet."),
    ROLE_KEYS("admins", RB_ROLE_ADMIN, "Are told what needs mending."),

    {.name = "channels", .type = RB_KEY_SECTION, .help = "Where."},
    {.name = "channels.allowed",
     .type = RB_KEY_TEXTS,
     .form = &RB_FORM_CHANNEL,
     .is_active = true,
     .fallback = "[]",
     .sample = "[C0123456789]",
     .help = "Channels in which commands work; they always do in the bot's direct messages.",
     LIST_IN(rb_policy, channels, n_channels)},
    {.name = "channels.request",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_CHANNEL,
     .sample = "C0123456789",
     .help = "The one channel in which requests are posted. Invite the bot to it. Without it nothing can be "
             "asked for.",
     IN(rb_policy, request_channel)},

    {.name = "approvals",
     .type = RB_KEY_NUMBER,
     .min = 1,
     .max = RB_APPROVALS_MAX,
     .is_active = true,
     .fallback = "1",
     .help = "How many different approvers must agree. The first who denies ends it.",
     IN(rb_policy, approvals)},
    {.name = "expiry_s",
     .type = RB_KEY_SECONDS,
     .min = 10,
     .max = 24 * 60 * 60,
     .is_active = true,
     .fallback = "1800",
     .help = "How long a request waits for its approvers.",
     IN(rb_policy, expiry_ms)},
    {.name = "allow_unconfirmed",
     .type = RB_KEY_FLAG,
     .is_active = true,
     .fallback = "false",
     .help = "Also devices of which it is not sure that a reset works there (unknown Android kinds, Windows "
             "10 Mobile).",
     IN(rb_policy, allow_unconfirmed)},
    {.name = "allow_ownerless",
     .type = RB_KEY_FLAG,
     .is_active = true,
     .fallback = "false",
     .help = "Also devices that have no user, or whose users cannot be found out: nobody can then check that "
             "the owner is neither requester nor approver.",
     IN(rb_policy, allow_ownerless)},

    {.name = "never", .type = RB_KEY_SECTION, .help = "What the bot leaves alone, whoever asks and approves."},
    {.name = "never.users",
     .type = RB_KEY_TEXTS,
     .form = &RB_FORM_ENTRA_USER,
     .is_active = true,
     .fallback = "[]",
     .sample = "[ceo@contoso.com]",
     .help = "Devices of these users, by user principal name or, better, Entra object id (a name may change).",
     LIST_IN(rb_policy, never_users, n_never_users)},
    {.name = "never.devices",
     .type = RB_KEY_TEXTS,
     .form = &RB_FORM_DEVICE,
     .is_active = true,
     .fallback = "[]",
     .sample = "[C02XY4F2K]",
     .help = "Devices by serial number or Intune device id.",
     LIST_IN(rb_policy, never_devices, n_never_devices)},

    {.name = "frozen",
     .type = RB_KEY_FLAG,
     .is_active = true,
     .fallback = "false",
     .help = "true stops everything: no request is taken, none is sent.",
     IN(rb_policy, frozen)},

    {.name = "ceilings", .type = RB_KEY_SECTION, .help = "How many resets at most are sent; 0 is none."},
    {.name = "ceilings.device_day",
     .type = RB_KEY_NUMBER,
     .max = 1000,
     .is_active = true,
     .fallback = "1",
     .help = "Of one device in 24 hours.",
     IN(rb_policy, ceiling_device_day)},
    {.name = "ceilings.requester_hour",
     .type = RB_KEY_NUMBER,
     .max = 1000,
     .is_active = true,
     .fallback = "10",
     .help = "Asked for by one person, in an hour.",
     IN(rb_policy, ceiling_requester_hour)},
    {.name = "ceilings.all_hour",
     .type = RB_KEY_NUMBER,
     .max = 10000,
     .is_active = true,
     .fallback = "30",
     .help = "In all, in an hour.",
     IN(rb_policy, ceiling_all_hour)},
};

static const rb_key PERSON_KEYS[] = {
    {.name = "slack",
     .type = RB_KEY_TEXT,
     .form = &RB_FORM_CHAT_PERSON,
     .is_required = true,
     IN(rb_person_entry, slack)},
    {.name = "entra", .type = RB_KEY_TEXT, .form = &RB_FORM_GUID, .is_required = true, IN(rb_person_entry, entra)},
};

_Static_assert(COUNT(CONFIG_KEYS) <= RB_KEYS_MAX, "RB_KEYS_MAX holds every row");
_Static_assert(COUNT(POLICY_KEYS) <= RB_KEYS_MAX, "RB_KEYS_MAX holds every row");
_Static_assert(sizeof(rb_cloud) == sizeof(uint32_t) && sizeof(rb_log_level) == sizeof(uint32_t),
               "a choice is kept as uint32_t");
_Static_assert(sizeof(((rb_person_entry *)0)->slack) >= 2 * RB_CHAT_ID_CAP, "team, slash and user fit");
_Static_assert(sizeof(((rb_person_entry *)0)->entra) == RB_GUID_CAP, "a GUID fits");

const rb_key_table RB_CONFIG_KEYS = {
    "Configuration of resetbot. What is behind a # shows the default or an example. Relative paths start "
    "at this file's folder. Check it with: resetbot check-config",
    CONFIG_KEYS, COUNT(CONFIG_KEYS)};
const rb_key_table RB_POLICY_KEYS = {
    "Policy of resetbot: who may do what. As it stands here it allows nobody anything: fill in people, "
    "roles and channels. Check it with: resetbot check-config",
    POLICY_KEYS, COUNT(POLICY_KEYS)};
const rb_key_table RB_PERSON_KEYS = {"", PERSON_KEYS, COUNT(PERSON_KEYS)};
