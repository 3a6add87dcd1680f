/* The world's beginning, and the reader's view of what happens in it. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <sqlite3.h>

#include "journal.h"
#include "resetbot/log.h"
#include "resetbot/mac.h"
#include "slack_api.h"
#include "slack_socket.h"
#include "slack_world.h"
#include "world.h"

/* The policy of the sandbox's workspace, as tests/sandbox/people.mjs has it. */
static const char POLICY[] = "people:\n"
                             "  - {slack: U0HANNA, entra: 00000001-0000-4000-8000-000000000001}\n"
                             "  - {slack: U0HENRY, entra: 00000002-0000-4000-8000-000000000002}\n"
                             "  - {slack: U0ARVID, entra: 00000003-0000-4000-8000-000000000003}\n"
                             "  - {slack: U0AGNES, entra: 00000004-0000-4000-8000-000000000004}\n"
                             "  - {slack: U0ADELE, entra: 00000007-0000-4000-8000-000000000007}\n"
                             "roles:\n"
                             "  helpdesk: {groups: [S0HELPDESK]}\n"
                             "  approvers: {groups: [S0APPROVERS]}\n"
                             "  audit: {users: [U0AUDRA]}\n"
                             "  admins: {users: [U0ADMIN]}\n"
                             "channels: {allowed: [C0HELPDESK], request: C0HELPDESK}\n"
                             "ceilings: {device_day: 20, requester_hour: 60, all_hour: 200}\n"
                             "approvals: 1\n";

static bool is_verbose;

void sim_verbose(bool is_on)
{
    is_verbose = is_on;
    rb_log_set_level(is_on ? RB_LOG_DEBUG : (rb_log_level)-1);
}

bool sim_is_verbose(void)
{
    return is_verbose;
}

void sim_say(const char *format, ...)
{
    va_list arguments;
    if (!is_verbose)
        return;
    fprintf(stderr, "%10.3f  ", (double)sim_ms() / 1000);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* OpenSSL 3.0 keeps a lock when an allocation fails while it sets itself up; the program does that before anything else
 * (net/net_init.h). */
static void set_up_openssl(void)
{
    static const uint8_t key[RB_MAC_KEY_LEN] = {1};
    rb_mac_key mac_key;
    char mac[RB_MAC_TEXT_CAP];
    (void)OPENSSL_init_crypto(
        OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
    rb_mac_key_init(&mac_key, key);
    rb_mac(&mac_key, RB_STR("once"), mac);
}

void sim_begin(uint64_t seed)
{
    if (!is_verbose)
        sim_verbose(false);
    set_up_openssl();
    sim_seed(seed);
    sim_check_begin();
    sk_world_init();
    sk_set_tokens(NULL, NULL);
    graph_init();
    sk_socket_listens("slack.sim", "slack.sim");
    journal_tell(sim_check_journal);
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    disk_install();
    sim_bot_policy(POLICY);
}
