/* load.c - starts one chat client against a stand-in for Slack, loads it with `/passcode help`, prints what it measured.
 *
 *   resetbot-load [--one-s N] [--many-s N] [--many N] [--commands N] [--limit-s N] [--fill TEMPLATE FILE] -- PROGRAM ...
 *
 * Measured: the first ack after the start; --one-s seconds with 1 command in flight; --many-s with --many (200); memory at
 * rest and after --commands in all, for which it takes --limit-s more at most. --fill writes FILE from TEMPLATE with @URL@ replaced; PROGRAM also finds the address in BENCH_URL. A command is in
 * flight until its ack and its answer (a POST to its response URL) are both here: acks that run ahead of the work are
 * no throughput. Prints one line of name=value; exits 1 with a sentence when the client ended or lost a command. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "sample.h"
#include "sandbox/bytes.h"
#include "sandbox/world.h"

#define S_NS 1000000000u
#define COMMANDS_CAP 2000000u
#define MANY_DEFAULT 200
#define SETTLE_NS S_NS
#define LOST_NS (20 * (uint64_t)S_NS) /* nothing came back for so long */
#define WARM_UP_S 1

typedef struct {
    uint64_t sent_ns;
    bool is_acked;
    bool is_answered;
} command;

typedef struct {
    samples acks, answers;
    size_t n_acked;
} tally;

typedef struct {
    peer *server;
    pid_t client;
    uint64_t one_s, many_s, limit_s;
    uint32_t many, total;
    command *commands;
    uint32_t n_sent;
    uint32_t n_in_flight;
    uint32_t n_refused;
    uint64_t progress_ns;
    tally *counting; /* NULL: not measured */
} bench;

static bench *running; /* for the exit handler alone */

/* http.c dates its replies by this; ours are not sent through it */
int64_t sb_now_ms(void)
{
    return (int64_t)(sample_now_ns() / 1000000);
}

static void stop_client(void)
{
    if (running && running->client > 0) {
        kill(running->client, SIGKILL);
        waitpid(running->client, NULL, 0);
        running->client = 0;
    }
}

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1); /* stop_client */
}

/* ---- commands in flight --------------------------------------------------------------------------------------------- */

static void settle_command(bench *self, const command *item)
{
    self->progress_ns = sample_now_ns();
    if (item->is_acked && item->is_answered)
        self->n_in_flight--;
}

static void on_ack(void *context, uint32_t number, bool has_text)
{
    bench *self = context;
    command *item = number < self->n_sent ? &self->commands[number] : NULL;
    if (!item || item->is_acked)
        return;
    item->is_acked = true;
    if (has_text && !item->is_answered) { /* "nothing was done": no answer follows */
        item->is_answered = true;
        self->n_refused++;
    } else if (self->counting) {
        samples_add(&self->counting->acks, sample_now_ns() - item->sent_ns);
        self->counting->n_acked++;
    }
    settle_command(self, item);
}

static void on_answer(void *context, uint32_t number)
{
    bench *self = context;
    command *item = number < self->n_sent ? &self->commands[number] : NULL;
    if (!item || item->is_answered)
        return;
    item->is_answered = true;
    if (self->counting)
        samples_add(&self->counting->answers, sample_now_ns() - item->sent_ns);
    settle_command(self, item);
}

static void check(bench *self)
{
    int status = 0;
    if (waitpid(self->client, &status, WNOHANG) == self->client) {
        self->client = 0;
        fail("the client ended with status %d after %u commands", status, self->n_sent);
    }
    if (self->n_in_flight > 0 && sample_now_ns() - self->progress_ns > LOST_NS)
        fail("%u of %u commands were not acknowledged and answered", self->n_in_flight, self->n_sent);
}

static void turn(bench *self, int timeout_ms)
{
    peer_turn(self->server, timeout_ms);
    check(self);
}

static void send_one(bench *self)
{
    if (self->n_sent == COMMANDS_CAP)
        fail("more than %u commands", COMMANDS_CAP);
    self->commands[self->n_sent] = (command){.sent_ns = sample_now_ns()};
    peer_send_command(self->server, self->n_sent++);
    if (self->n_in_flight++ == 0)
        self->progress_ns = sample_now_ns();
}

/* Keeps so many in flight until then, or until so many were sent in all. */
static void keep_busy(bench *self, uint32_t in_flight, uint64_t until_ns, uint32_t total)
{
    while (sample_now_ns() < until_ns && self->n_sent < total) {
        while (peer_sockets(self->server) > 0 && self->n_in_flight < in_flight && self->n_sent < total)
            send_one(self);
        turn(self, 10);
    }
}

static void drain(bench *self)
{
    while (self->n_in_flight > 0)
        turn(self, 10);
}

static void rest(bench *self, uint64_t ns)
{
    uint64_t until = sample_now_ns() + ns;
    while (sample_now_ns() < until)
        turn(self, 10);
}

/* ---- what is measured ------------------------------------------------------------------------------------------------- */

static void print_first_ack(bench *self, uint64_t spawned_ns)
{
    tally first = {{0}, {0}, 0};
    while (peer_sockets(self->server) == 0) {
        turn(self, 1);
        if (sample_now_ns() - spawned_ns > LOST_NS)
            fail("the client opened no socket");
    }
    self->counting = &first;
    send_one(self);
    while (!self->commands[0].is_acked)
        turn(self, 1);
    printf("first_ack_ms=%.1f", (double)(sample_now_ns() - spawned_ns) / 1e6);
    drain(self);
    self->counting = NULL;
    rest(self, SETTLE_NS);
    printf(" idle_mib=%.1f", sample_resident_mib(self->client));
    samples_fini(&first.acks);
    samples_fini(&first.answers);
}

static void print_phase(bench *self, const char *name, uint32_t in_flight, uint64_t seconds)
{
    tally counted = {{0}, {0}, 0};
    keep_busy(self, in_flight, sample_now_ns() + WARM_UP_S * (uint64_t)S_NS, UINT32_MAX);
    double ours = sample_cpu_s(getpid());
    double theirs = sample_cpu_s(self->client);
    uint64_t begin = sample_now_ns();
    self->counting = &counted;
    keep_busy(self, in_flight, begin + seconds * S_NS, UINT32_MAX);
    self->counting = NULL;
    double elapsed_s = (double)(sample_now_ns() - begin) / S_NS;
    ours = sample_cpu_s(getpid()) - ours;
    theirs = sample_cpu_s(self->client) - theirs;
    drain(self);
    printf(" %s_acks_s=%.0f %s_p50_ms=%.2f %s_p99_ms=%.2f %s_answer_p50_ms=%.2f %s_load_cpu=%.0f %s_client_cpu=%.0f",
           name, (double)counted.n_acked / elapsed_s, name, samples_ms(&counted.acks, 0.5), name,
           samples_ms(&counted.acks, 0.99), name, samples_ms(&counted.answers, 0.5), name, ours / elapsed_s * 100, name,
           theirs / elapsed_s * 100);
    samples_fini(&counted.acks);
    samples_fini(&counted.answers);
}

static void print_after(bench *self)
{
    keep_busy(self, self->many, sample_now_ns() + self->limit_s * S_NS, self->total);
    drain(self);
    rest(self, SETTLE_NS);
    printf(" commands=%u after_mib=%.1f refused=%u sockets=%zu\n", self->n_sent, sample_resident_mib(self->client),
           self->n_refused, peer_sockets(self->server));
}

/* ---- the client ----------------------------------------------------------------------------------------------------------- */

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "re");
    sb_bytes text = {0};
    char chunk[4096];
    size_t n = 0;
    if (!file)
        fail("%s: %s", path, strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        sb_bytes_add(&text, chunk, n);
    fclose(file);
    return sb_bytes_take(&text);
}

static void fill(const char *template, const char *path, const char *url)
{
    static const char MARK[] = "@URL@";
    char *text = read_whole(template);
    FILE *file = fopen(path, "we");
    if (!file)
        fail("%s: %s", path, strerror(errno));
    const char *at = text;
    for (const char *mark = strstr(at, MARK); mark; mark = strstr(at, MARK)) {
        fprintf(file, "%.*s%s", (int)(mark - at), at, url);
        at = mark + sizeof MARK - 1;
    }
    fputs(at, file);
    if (fclose(file) != 0)
        fail("%s: %s", path, strerror(errno));
    free(text);
}

/* What the client says goes to our stderr. */
static pid_t spawn(char **arguments)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left behind, however we end */
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execvp(arguments[0], arguments);
    fprintf(stderr, "load: %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

static void on_signal(int number)
{
    _exit(128 + number); /* PR_SET_PDEATHSIG ends the client */
}

static uint64_t number_of(const char *text)
{
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    if (!text || *text == '\0' || *end != '\0' || value > COMMANDS_CAP)
        fail("not a number up to %u: %s", COMMANDS_CAP, text ? text : "nothing");
    return value;
}

/* Returns the client's words. */
static char **read_arguments(bench *self, char **at)
{
    for (; *at && strcmp(*at, "--") != 0; at += 2) {
        if (strcmp(*at, "--one-s") == 0) {
            self->one_s = number_of(at[1]);
        } else if (strcmp(*at, "--many-s") == 0) {
            self->many_s = number_of(at[1]);
        } else if (strcmp(*at, "--many") == 0) {
            self->many = (uint32_t)number_of(at[1]);
        } else if (strcmp(*at, "--commands") == 0) {
            self->total = (uint32_t)number_of(at[1]);
        } else if (strcmp(*at, "--limit-s") == 0) {
            self->limit_s = number_of(at[1]);
        } else if (strcmp(*at, "--fill") == 0 && at[1] && at[2]) {
            fill(at[1], at[2], peer_url(self->server));
            at++;
        } else {
            fail("unknown option %s: see the top of load.c", *at);
        }
    }
    if (!*at || !at[1])
        fail("the client to start is missing: -- PROGRAM ARGUMENTS...");
    return at + 1;
}

int main(int argc, char **argv)
{
    bench self = {.one_s = 3, .many_s = 5, .limit_s = 60, .many = MANY_DEFAULT};
    (void)argc;
    running = &self;
    atexit(stop_client);
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    self.server = peer_new((peer_events){&self, on_ack, on_answer});
    self.commands = calloc(COMMANDS_CAP, sizeof *self.commands);
    char **arguments = read_arguments(&self, argv + 1);
    if (!self.commands || setenv("BENCH_URL", peer_url(self.server), 1) != 0)
        fail("out of memory");
    uint64_t spawned_ns = sample_now_ns();
    self.client = spawn(arguments);
    if (self.client < 0)
        fail("fork: %s", strerror(errno));
    print_first_ack(&self, spawned_ns);
    print_phase(&self, "one", 1, self.one_s);
    print_phase(&self, "many", self.many, self.many_s);
    print_after(&self);
    stop_client();
    free(self.commands);
    peer_free(self.server);
    return 0;
}
