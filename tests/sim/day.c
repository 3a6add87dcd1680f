#include "day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "bytes.h"
#include "crash.h"
#include "deed.h"
#include "sim.h"

#define REQUESTS_MIN 20
#define WISHES_MIN 28 /* some are refused: the device has an open request, or is the requester's own */
#define WISHES_MAX 40
#define REFRESHES_MIN 5
#define WORK_MS (8 * RB_HOUR_MS)
#define REST_MAX_MS (9 * RB_DAY_MS)
#define AFTER_REST_MS (8 * RB_MINUTE_MS)
#define DEED_CAP 256

#define IPHONE "d0000001-0000-4000-8000-000000000001"
#define SAMSUNG "d0000005-0000-4000-8000-000000000005"

/* ---- what may go wrong -------------------------------------------------------------------------------------------------- */

/* until: the deed that ends it, after least to most seconds; "" when it ends by itself. %d is a small number. */
static const struct {
    const char *deed;
    const char *until;
    int least_s, most_s;
    int weight;
} FAULTS[] = {
    {"frames drop %d", "", 0, 0, 4},
    {"frames twice %d", "", 0, 0, 4},
    {"frames late %d 2600", "", 0, 0, 4},
    {"fault {\"name\":\"slack.envelope.twice\",\"times\":%d}", "", 0, 0, 3},
    {"drop_sockets {}", "", 0, 0, 4},
    {"drop_sockets {\"which\":\"newest\",\"reset\":true}", "", 0, 0, 3},
    {"freeze_sockets {\"which\":\"oldest\"}", "", 0, 0, 3},
    {"freeze_sockets {}", "", 0, 0, 2},
    {"fault {\"name\":\"slack.link.status\",\"times\":%d,\"value\":409}", "", 0, 0, 2},
    {"fault {\"name\":\"slack.link.hang\",\"times\":%d}", "", 0, 0, 2},
    {"fault {\"name\":\"slack.hello.delay\",\"times\":%d,\"value\":5000}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.postMessage.500_after\",\"times\":%d}", "", 0, 0, 4},
    {"fault {\"name\":\"slack.chat.postMessage.500_before\",\"times\":%d}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.postMessage.429\",\"times\":%d,\"value\":9}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.postMessage.late\",\"times\":%d,\"value\":4000}", "", 0, 0, 2},
    {"fault {\"name\":\"slack.chat.update.429\",\"times\":%d,\"value\":5}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.update.reset_after\",\"times\":%d}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.response_url.hang\",\"times\":%d}", "", 0, 0, 2},
    {"fault {\"name\":\"slack.response_url.500_before\",\"times\":%d}", "", 0, 0, 2},
    {"fault {\"name\":\"slack.any.hang\",\"times\":%d}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.any.reset_after\",\"times\":%d}", "", 0, 0, 3},
    {"fault {\"name\":\"slack.users.info.error\",\"times\":%d,\"value\":\"internal_error\"}", "", 0, 0, 2},
    {"lose request chat.postMessage", "", 0, 0, 4},
    {"lose reply chat.postMessage", "", 0, 0, 4},
    {"lose reply chat.update", "", 0, 0, 2},
    {"lose reply resetPasscode", "", 0, 0, 6},
    {"lose request resetPasscode", "", 0, 0, 6},
    {"late 12000 resetPasscode", "", 0, 0, 3},
    {"late 40000 resetPasscode", "", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.no_effect\",\"times\":1}", "", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.double\",\"times\":1}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.429\",\"times\":%d,\"value\":6}", "", 0, 0, 5},
    {"fault {\"name\":\"graph.reset.401\",\"times\":%d}", "", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.rst_after\",\"times\":1}", "", 0, 0, 4},
    {"fault {\"name\":\"graph.reset.rst_before\",\"times\":1}", "", 0, 0, 4},
    {"fault {\"name\":\"graph.reset.503_after\",\"times\":1}", "", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.500_before\",\"times\":1}", "", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.403_approval\",\"times\":1}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.404\",\"times\":1}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.get.503\",\"times\":%d}", "", 0, 0, 3},
    {"fault {\"name\":\"graph.get.empty\",\"times\":%d}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.get.garbage\",\"times\":%d}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.beta.close\",\"times\":%d}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.list.foreign_row\",\"times\":1,\"value\":\"d0000004-0000-4000-8000-000000000004\"}", "",
     0, 0, 2},
    {"fault {\"name\":\"entra.500\",\"times\":%d}", "", 0, 0, 2},
    {"settings {\"graph_result_lag_ms\":120000}", "settings {\"graph_result_lag_ms\":0}", 600, 3000, 3},
    {"settings {\"device_checkin_ms\":900000}", "settings {\"device_checkin_ms\":3000}", 600, 3000, 4},
    {"settings {\"graph_action_sentinel_start\":1}", "settings {\"graph_action_sentinel_start\":0}", 600, 3000, 2},
    {"settings {\"graph_type_late\":1}", "settings {\"graph_type_late\":0}", 600, 3000, 2},
    {"settings {\"deliver_to\":2}", "settings {\"deliver_to\":0}", 600, 3000, 1},
    {"weather slack refused", "weather slack up", 5, 600, 3},
    {"weather slack silent", "weather slack up", 5, 3600, 3},
    {"weather slack no_name", "weather slack up", 60, 7200, 2},
    {"weather slack bad_tls", "weather slack up", 60, 1200, 1},
    {"weather graph refused", "weather graph up", 5, 1200, 3},
    {"weather graph silent", "weather graph up", 5, 1200, 3},
    {"weather graph no_name", "weather graph up", 60, 3600, 2},
    {"weather graph bad_tls", "weather graph up", 60, 1200, 1},
    {"weather entra refused", "weather entra up", 60, 5400, 2},
    {"fault {\"name\":\"graph.down\",\"times\":-1}", "fault_clear {\"name\":\"graph.down\"}", 30, 1200, 2},
    {"group {\"id\":\"S0APPROVERS\",\"users\":[\"U0AGNES\"]}",
     "group {\"id\":\"S0APPROVERS\",\"users\":[\"U0ARVID\",\"U0AGNES\"]}", 300, 2400, 3},
    {"group {\"id\":\"S0HELPDESK\",\"users\":[\"U0HENRY\"]}",
     "group {\"id\":\"S0HELPDESK\",\"users\":[\"U0HANNA\",\"U0HENRY\"]}", 300, 2400, 3},
    {"user {\"id\":\"U0ARVID\",\"fields\":{\"deleted\":true}}",
     "user {\"id\":\"U0ARVID\",\"fields\":{\"deleted\":false}}", 300, 2400, 1},
    {"channel {\"id\":\"C0HELPDESK\",\"is_ext_shared\":true}",
     "channel {\"id\":\"C0HELPDESK\",\"is_ext_shared\":false}", 60, 900, 1},
    {"portal_reset {\"device\":\"" IPHONE "\"}", "", 0, 0, 3},
    {"portal_reset {\"device\":\"" SAMSUNG "\"}", "", 0, 0, 3},
    {"stale_done {\"device\":\"" SAMSUNG "\",\"days\":2}", "", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.first\",\"value\":{\"verb\":\"portal_reset\",\"arguments\":{\"device\":\"" SAMSUNG
     "\"}}}",
     "", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.then\",\"value\":{\"verb\":\"portal_reset\",\"arguments\":{\"device\":\"" IPHONE
     "\"}}}",
     "", 0, 0, 3},
    {"device {\"id\":\"" IPHONE "\",\"fields\":{\"owner\":\"lena@contoso.com\"}}",
     "device {\"id\":\"" IPHONE "\",\"fields\":{\"owner\":\"adele@contoso.com\"}}", 60, 1200, 3},
    {"device {\"id\":\"" SAMSUNG "\",\"result\":\"failed\"}", "device {\"id\":\"" SAMSUNG "\",\"result\":\"\"}", 600,
     3600, 2},
    {"offline {\"device\":\"" SAMSUNG "\",\"on\":true}", "offline {\"device\":\"" SAMSUNG "\",\"on\":false}", 600,
     20000, 3},
    {"policy expiry_s 1200", "policy expiry_s 1800", 60, 3600, 3},
    {"policy approvals 2", "policy approvals 1", 60, 3600, 2},
    {"policy frozen true", "policy frozen false", 60, 1800, 1},
    {"jump 86400000", "jump -86400000", 60, 7200, 2},
    {"jump -86400000", "jump 86400000", 60, 7200, 2},
    {"jump 90000", "", 0, 0, 1},
    {"kill", "", 0, 0, 6},
    {"die %d", "", 0, 0, 8},
    {"die %d0", "", 0, 0, 8},
    {"die %d00", "", 0, 0, 6},
    {"stop", "", 0, 0, 4},
    {"reboot", "", 0, 0, 2},
    {"disk full %d", "heal", 1, 30, 2},
    {"disk write %d", "heal", 1, 30, 2},
    {"disk sync %d", "heal", 1, 30, 2},
};
#define N_FAULTS (sizeof FAULTS / sizeof FAULTS[0])

typedef struct {
    sim_counts counts;
    uint64_t days, days_with_faults, broken;
    uint64_t by_kind[N_FAULTS];
    uint64_t simulated_ms;
} tally;

static tally *shared; /* of all children */

/* ---- one day's plan -------------------------------------------------------------------------------------------------------- */

static void fire_deed(void *arg)
{
    sim_do(arg);
    free(arg);
}

static void plan_fault(size_t kind, int64_t at_ms)
{
    char deed[DEED_CAP];
    int64_t n = sim_between(SIM_PLAN, 1, 4);
    const char *number = strstr(FAULTS[kind].deed, "%d");
    if (number)
        snprintf(deed, sizeof deed, "%.*s%d%s", (int)(number - FAULTS[kind].deed), FAULTS[kind].deed, (int)n,
                 number + 2);
    else
        snprintf(deed, sizeof deed, "%s", FAULTS[kind].deed);
    sim_after(at_ms, fire_deed, sb_strdup(deed));
    if (*FAULTS[kind].until)
        sim_after(at_ms + 1000 * sim_between(SIM_PLAN, FAULTS[kind].least_s, FAULTS[kind].most_s), fire_deed,
                  sb_strdup(FAULTS[kind].until));
    __atomic_fetch_add(&shared->by_kind[kind], 1, __ATOMIC_RELAXED);
}

static size_t draw_fault(void)
{
    int64_t sum = 0;
    for (size_t i = 0; i < N_FAULTS; i++)
        sum += FAULTS[i].weight;
    int64_t at = sim_between(SIM_PLAN, 0, sum - 1);
    size_t kind = 0;
    while (at >= FAULTS[kind].weight)
        at -= FAULTS[kind++].weight;
    return kind;
}

static bool plan_faults(void)
{
    if (!sim_chance(SIM_PLAN, 50))
        return false;
    __atomic_fetch_add(&shared->days_with_faults, 1, __ATOMIC_RELAXED);
    int64_t count = sim_between(SIM_PLAN, 1, 12);
    for (int64_t i = 0; i < count; i++)
        plan_fault(draw_fault(), sim_between(SIM_PLAN, 0, WORK_MS));
    return true;
}

static void plan_refreshes(void)
{
    static const char *const REFRESHES[] = {"refresh {\"reason\":\"warning\"}",
                                            "refresh {\"reason\":\"refresh_requested\"}",
                                            "refresh {\"reason\":\"warning\",\"which\":\"oldest\"}",
                                            "refresh {\"reason\":\"refresh_requested\",\"which\":\"newest\"}"};
    int64_t count = sim_between(SIM_PLAN, REFRESHES_MIN, REFRESHES_MIN + 4);
    for (int64_t i = 0; i < count; i++)
        sim_after(sim_between(SIM_PLAN, 0, WORK_MS), fire_deed, sb_strdup(REFRESHES[sim_between(SIM_PLAN, 0, 3)]));
}

typedef struct {
    sim_wish wish;
    char text[96], device[40];
    sim_job **slot;
} planned;

static void fire_wish(void *arg)
{
    planned *each = arg;
    *each->slot = sim_job_new(&each->wish); /* text and device stay as long as the day */
}

/* Each device once a day, but for two phones that are asked for again and again. */
static void choose_device(planned *each, int64_t number)
{
    static const struct {
        const char *text, *device;
        bool has_code;
    } PHONES[] = {{"F2LXK4QQ4F2K locked out INC0012345", "d0000001-0000-4000-8000-000000000001", false},
                  {"R5CW30ABCDE forgot it", "d0000005-0000-4000-8000-000000000005", true},
                  {"adele@contoso.com forgot it", "d0000002-0000-4000-8000-000000000002", true},
                  {"R5CT90XYZAB new SIM", "d0000007-0000-4000-8000-000000000007", true}};
    if (sim_chance(SIM_PLAN, 40)) {
        size_t place = (size_t)sim_between(SIM_PLAN, 0, 3);
        snprintf(each->text, sizeof each->text, "%s", PHONES[place].text);
        snprintf(each->device, sizeof each->device, "%s", PHONES[place].device);
        each->wish.has_code = PHONES[place].has_code;
    } else {
        snprintf(each->text, sizeof each->text, "LABSERIAL%03d locked out", (int)number + 1);
        snprintf(each->device, sizeof each->device, "d0000%03x-0000-4000-8000-000000000%03x", 0x100 + (unsigned)number,
                 0x100 + (unsigned)number);
    }
    each->wish.text = each->text;
    each->wish.device = each->device;
}

static sim_want draw_want(void)
{
    int64_t at = sim_between(SIM_PLAN, 1, 100);
    return at <= 72   ? WANT_APPROVAL
           : at <= 79 ? WANT_DENIAL
           : at <= 85 ? WANT_CANCEL
           : at <= 91 ? WANT_LATE_CANCEL
                      : WANT_NOTHING;
}

static size_t plan_wishes(sim_job **jobs)
{
    size_t count = (size_t)sim_between(SIM_PLAN, WISHES_MIN, WISHES_MAX);
    for (size_t i = 0; i < count; i++) {
        planned *each = sb_alloc(sizeof *each);
        bool is_arvid_first = sim_chance(SIM_PLAN, 50);
        *each = (planned){.slot = &jobs[i]};
        each->wish =
            (sim_wish){.requester = sim_chance(SIM_PLAN, 60) ? "U0HANNA" : "U0HENRY",
                       .approvers = {is_arvid_first ? "U0ARVID" : "U0AGNES", is_arvid_first ? "U0AGNES" : "U0ARVID"},
                       .want = draw_want(),
                       .by_form = sim_chance(SIM_PLAN, 10),
                       .both_press_at_once = sim_chance(SIM_PLAN, 12),
                       .asks_again = sim_chance(SIM_PLAN, 50),
                       .decide_after_ms = sim_between(SIM_PLAN, 2000, 600000),
                       .lazy_ms = sim_between(SIM_PLAN, 1500, 6000)};
        choose_device(each, (int64_t)i);
        sim_after(sim_between(SIM_PLAN, 0, WORK_MS), fire_wish, each);
    }
    return count;
}

/* ---- a day --------------------------------------------------------------------------------------------------------------------- */

static bool is_at_rest(sim_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!jobs[i] || !sim_job_is_over(jobs[i]))
            return false;
    for (size_t i = 0; sim_check_nth(i); i++)
        if (!rb_state_is_final(sim_check_nth(i)->state))
            return false;
    return sim_bot_is_up();
}

static void tell_stories(sim_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (jobs[i])
            fprintf(stderr, "  %s %s:%s\n", sim_job_request(jobs[i]), rb_state_name(sim_job_state(jobs[i])),
                    sim_job_story(jobs[i]));
}

static void add_up(void)
{
    const uint64_t *from = (const uint64_t *)sim_counted();
    uint64_t *to = (uint64_t *)&shared->counts;
    for (size_t i = 0; i < sizeof(sim_counts) / sizeof(uint64_t); i++)
        __atomic_fetch_add(&to[i], from[i], __ATOMIC_RELAXED);
    __atomic_fetch_add(&shared->days, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&shared->simulated_ms, (uint64_t)sim_ms(), __ATOMIC_RELAXED);
}

static _Noreturn void play_day(uint64_t seed, bool is_verbose)
{
    sim_job *jobs[WISHES_MAX] = {NULL};
    sim_verbose(is_verbose);
    sim_begin(seed);
    (void)sim_bot_start();
    sim_run(5000);
    plan_refreshes();
    bool has_faults = plan_faults();
    size_t count = plan_wishes(jobs);
    int64_t end_ms = sim_ms() + WORK_MS + RB_HOUR_MS;
    while (sim_ms() < end_ms && !sim_check_broken())
        sim_run(RB_SECOND_MS);
    sim_do("heal");
    int64_t rest_end_ms = sim_ms() + REST_MAX_MS;
    while (sim_ms() < rest_end_ms && !is_at_rest(jobs, count) && !sim_check_broken())
        sim_run(RB_MINUTE_MS);
    sim_run(AFTER_REST_MS);
    sim_check_end();
    if (!has_faults && (sim_counted()->undeliverable || sim_counted()->unacked))
        sim_check_fail("R6: on a day without faults %llu envelopes found no socket, %llu no ack",
                       (unsigned long long)sim_counted()->undeliverable, (unsigned long long)sim_counted()->unacked);
    if (!has_faults && (sim_counted()->requests < REQUESTS_MIN || sim_counted()->refreshes < REFRESHES_MIN))
        sim_check_fail("a day without faults had %llu requests and %llu refreshes",
                       (unsigned long long)sim_counted()->requests, (unsigned long long)sim_counted()->refreshes);
    add_up();
    if (!sim_check_broken())
        sim_child_ends(NULL);
    char text[1400];
    tell_stories(jobs, count);
    snprintf(text, sizeof text, "seed %llu %s (resetbot-sim days --days 1 --seed %llu --verbose)",
             (unsigned long long)seed, sim_check_broken(), (unsigned long long)seed);
    __atomic_fetch_add(&shared->broken, 1, __ATOMIC_RELAXED);
    sim_child_ends(text);
}

/* ---- many days ------------------------------------------------------------------------------------------------------------------ */

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_kinds(void)
{
    printf("faults by kind (times, what):\n");
    for (size_t i = 0; i < N_FAULTS; i++)
        printf("%8llu  %s\n", (unsigned long long)shared->by_kind[i], FAULTS[i].deed);
}

static unsigned print_ends(void)
{
    unsigned transitions = 0;
    printf("ends:");
    for (int i = 0; i < RB_STATES; i++) {
        if (shared->counts.ended[i])
            printf(" %s %llu", rb_state_name((rb_state)i), (unsigned long long)shared->counts.ended[i]);
        for (int k = 0; k < RB_STATES; k++)
            transitions += shared->counts.transitions[i][k] > 0;
    }
    printf("\n");
    return transitions;
}

bool sim_days(uint64_t seed, int days, int seconds)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        abort();
    bool is_verbose = sim_is_verbose();
    double start_s = now_s();
    uint64_t n = 0;
    while (days > 0 ? n < (uint64_t)days : now_s() - start_s < seconds) {
        n++;
        if (sim_fork())
            play_day(seed + n - 1, is_verbose);
    }
    bool is_well = sim_reap_all();
    double took_s = now_s() - start_s;
    print_kinds();
    unsigned transitions = print_ends();
    const sim_counts *all = &shared->counts;
    printf("days: %llu (%llu with faults), %.0f a minute; %llu requests, %llu POSTs, %llu resets, %llu deaths, %llu "
           "refreshes, "
           "%llu envelopes, %llu undeliverable, %llu unacked, %u transitions, seeds %llu to %llu: %s\n",
           (unsigned long long)shared->days, (unsigned long long)shared->days_with_faults,
           (double)shared->days * 60 / took_s, (unsigned long long)all->requests, (unsigned long long)all->posts,
           (unsigned long long)all->acted, (unsigned long long)all->deaths, (unsigned long long)all->refreshes,
           (unsigned long long)all->envelopes, (unsigned long long)all->undeliverable, (unsigned long long)all->unacked,
           transitions, (unsigned long long)seed, (unsigned long long)(seed + n - 1),
           is_well ? "all promises kept" : "BROKEN");
    return is_well && shared->days == n;
}
