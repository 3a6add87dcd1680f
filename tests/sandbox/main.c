/* resetbot-sandbox: one loopback server that stands in for Slack, Entra and Microsoft Graph (README.md). */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "clockwork.h"
#include "control.h"
#include "journal.h"
#include "json.h"
#include "page.h"
#include "server.h"
#include "slack_act.h"
#include "slack_api.h"
#include "slack_response.h"
#include "slack_socket.h"
#include "slack_typing.h"
#include "slack_views.h"
#include "slack_world.h"
#include "tls.h"
#include "world.h"

typedef struct {
    int port;
    bool with_tls;
    const char *tls_dir;
    bool is_fast;
    const char *bot_token;
    const char *app_token;
} start_options;

static const char usage[] =
    "usage: resetbot-sandbox [--port N] [--fast] [--tls] [--tls-dir DIR] [--bot-token T] [--app-token T]\n"
    "  --port N       plain HTTP on 127.0.0.1:N (default: any free port, printed)\n"
    "  --fast         message pacing and rate tiers off or short, for tests\n"
    "  --tls          also HTTPS: a good certificate, an expired one, one for another name, one of another authority\n"
    "  --tls-dir DIR  where ca.pem and the certificates are written (default: a new temporary folder, printed)\n"
    "  --bot-token T, --app-token T  accept only these (default: any xoxb-... and xapp-...)\n";

static void handle(const sb_request *request, sb_reply *reply)
{
    bool is_done = control_handle(request, reply) || sk_api_handle(request, reply) ||
                   sk_response_handle(request, reply) || graph_handle(request, reply) || entra_handle(request, reply) ||
                   page_handle(request, reply);
    if (!is_done)
        sb_reply_json(reply, 404, sj_pack("error:s path:s", "not_found", request->path));
}

static bool read_options(int argc, char **argv, start_options *out)
{
    static const struct option known[] = {{"port", required_argument, NULL, 'p'},
                                          {"fast", no_argument, NULL, 'f'},
                                          {"tls", no_argument, NULL, 't'},
                                          {"tls-dir", required_argument, NULL, 'd'},
                                          {"bot-token", required_argument, NULL, 'b'},
                                          {"app-token", required_argument, NULL, 'a'},
                                          {"strict-tokens", no_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    for (int option = 0; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'p': out->port = (int)strtol(optarg, NULL, 10); break;
        case 'f': out->is_fast = true; break;
        case 't': out->with_tls = true; break;
        case 'd': out->tls_dir = optarg; break;
        case 'b': out->bot_token = optarg; break;
        case 'a': out->app_token = optarg; break;
        case 's':
            out->bot_token = out->bot_token ? out->bot_token : "xoxb-sandbox";
            out->app_token = out->app_token ? out->app_token : "xapp-sandbox";
            break;
        default: return false;
        }
    }
    return optind == argc;
}

/* Limits that would make tests wait; meanings (3 s acks, single-use tickets) stay. */
static void be_fast(void)
{
    world_set_number("post_interval_ms", 20);
    world_set_number("post_burst", 50);
    world_set_number("tier_factor", 1000);
    world_set_number("refresh_close_ms", 1000);
}

static bool listen_on(const start_options *options)
{
    int port = 0;
    if (!server_listen(&(server_listener){.label = "http", .port = options->port}, &port)) {
        fprintf(stderr, "resetbot-sandbox: cannot listen on 127.0.0.1:%d: choose another --port\n", options->port);
        return false;
    }
    char *plain = sb_strf("127.0.0.1:%d", port);
    int tls_port = options->with_tls ? tls_listen(options->tls_dir) : 0;
    char *tls = tls_port > 0 ? sb_strf("127.0.0.1:%d", tls_port) : sb_strdup("");
    sk_socket_listens(plain, tls);
    printf("listening http://%s\n", plain);
    if (tls_port > 0)
        printf("listening https://%s\n", tls);
    fflush(stdout);
    free(plain);
    free(tls);
    return tls_port >= 0;
}

static void on_signal(int number)
{
    (void)number;
    server_stop();
}

static void end(void)
{
    server_end();
    clockwork_fini();
    sk_socket_fini();
    sk_response_fini();
    sk_views_fini();
    sk_typing_fini();
    sk_act_fini();
    sk_api_fini();
    sk_world_fini();
    world_fini();
    tls_fini();
}

int main(int argc, char **argv)
{
    start_options options = {0};
    if (!read_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 2;
    }
    static const server_calls calls = {.handle = handle,
                                       .link_upgrade = sk_link_upgrade,
                                       .link_up = sk_link_up,
                                       .link_message = sk_link_message,
                                       .link_gone = sk_link_gone};
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    signal(SIGPIPE, SIG_IGN);
    sk_world_init();
    sk_set_tokens(options.bot_token, options.app_token);
    if (options.is_fast)
        be_fast();
    graph_init();
    if (!server_start(&calls) || !listen_on(&options))
        return 1;
    server_run();
    end();
    return 0;
}
