#include "day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "bytes.h"
#include "crash.h"
#include "deed.h"
#include "fault.h"
#include "sim.h"
#include "ways.h"

#define REQUESTS_MIN 20
#define WISHES_MIN 28 /* some are refused: the device has an open request, or is the requester's own */
#define WISHES_MAX 40
#define REFRESHES_MIN 5
#define WORK_MS (8 * RB_HOUR_MS)
#define REST_MAX_MS (9 * RB_DAY_MS)
#define AFTER_REST_MS (8 * RB_MINUTE_MS)

typedef struct {
    sim_counts counts;
    uint64_t days, days_with_faults, broken;
    fault_counts faults;
    uint64_t simulated_ms;
} tally;

static tally *shared; /* of all children */

/* ---- one day's plan -------------------------------------------------------------------------------------------------------- */

static void fire_deed(void *arg)
{
    sim_do(arg);
    free(arg);
}

static bool plan_faults(bool always)
{
    if (!sim_chance(SIM_PLAN, 50) && !always)
        return false;
    __atomic_fetch_add(&shared->days_with_faults, 1, __ATOMIC_RELAXED);
    fault_plan_some(&shared->faults, WORK_MS);
    return true;
}

static void plan_refreshes(void)
{
    static const char *const REFRESHES[] = {"refresh {\"reason\":\"warning\"}",
                                            "refresh {\"reason\":\"refresh_requested\"}",
                                            "refresh {\"reason\":\"warning\",\"which\":\"oldest\"}",
                                            "refresh {\"reason\":\"refresh_requested\",\"which\":\"newest\"}"};
    int64_t count = sim_between(SIM_PLAN, REFRESHES_MIN, REFRESHES_MIN + 4);
    for (int64_t i = 0; i < count; i++) {
        int64_t at_ms = sim_between(SIM_PLAN, 0, WORK_MS); /* one draw a statement: their order is not C's to choose */
        sim_after(at_ms, fire_deed, sb_strdup(REFRESHES[sim_between(SIM_PLAN, 0, 3)]));
    }
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
    if (sim_chance(SIM_PLAN, 60)) {
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
    return at <= 70   ? WANT_APPROVAL
           : at <= 72 ? WANT_NO_DRAFT
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
        sim_wish *wish = &each->wish;
        wish->requester = sim_chance(SIM_PLAN, 60) ? "U0HANNA" : "U0HENRY";
        wish->approvers[0] = is_arvid_first ? "U0ARVID" : "U0AGNES";
        wish->approvers[1] = is_arvid_first ? "U0AGNES" : "U0ARVID";
        wish->want = draw_want();
        wish->by_form = sim_chance(SIM_PLAN, 10);
        wish->by_look_up = sim_chance(SIM_PLAN, 50);
        wish->both_press_at_once = sim_chance(SIM_PLAN, 12);
        wish->asks_again = sim_chance(SIM_PLAN, 50);
        wish->decide_after_ms = sim_between(SIM_PLAN, 2000, 600000);
        wish->lazy_ms = sim_between(SIM_PLAN, 1500, 6000);
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

/* Lives it, and checks all; how many wishes there were. */
static size_t live(uint64_t seed, bool always_has_faults, sim_job **jobs)
{
    sim_begin(seed);
    (void)sim_bot_start();
    sim_run(5000);
    plan_refreshes();
    bool has_faults = plan_faults(always_has_faults);
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
    return count;
}

static _Noreturn void play_day(uint64_t seed, bool is_verbose)
{
    sim_job *jobs[WISHES_MAX] = {NULL};
    sim_verbose(is_verbose);
    size_t count = live(seed, false, jobs);
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

bool sim_day(uint64_t seed)
{
    static tally alone;
    sim_job *jobs[WISHES_MAX] = {NULL};
    shared = &alone;
    (void)live(seed, true, jobs);
    return !sim_check_broken();
}

/* ---- many days ------------------------------------------------------------------------------------------------------------------ */

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_ends(void)
{
    printf("ends:");
    for (int i = 0; i < RB_STATES; i++)
        if (shared->counts.ended[i])
            printf(" %s %llu", rb_state_name((rb_state)i), (unsigned long long)shared->counts.ended[i]);
    printf("\n");
}

/* How many of those that the core's walk found were seen; the others are named. */
static unsigned print_ways(void)
{
    unsigned seen = 0;
    printf("transitions not seen:");
    for (size_t i = 0; i < SIM_N_WAYS; i++) {
        if (shared->counts.transitions[SIM_WAYS[i].from][SIM_WAYS[i].to])
            seen++;
        else
            printf(" %s-%s", rb_state_name(SIM_WAYS[i].from), rb_state_name(SIM_WAYS[i].to));
    }
    printf("\n");
    return seen;
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
    is_well = fault_print(&shared->faults) && is_well;
    print_ends();
    unsigned transitions = print_ways();
    const sim_counts *all = &shared->counts;
    printf("days: %llu (%llu with faults), %.0f a minute; %llu requests, %llu POSTs, %llu resets, %llu deaths, %llu "
           "refreshes, "
           "%llu envelopes, %llu undeliverable, %llu unacked, %llu answered, %llu cards in time, %u of %zu "
           "transitions, seeds %llu to "
           "%llu: %s\n",
           (unsigned long long)shared->days, (unsigned long long)shared->days_with_faults,
           (double)shared->days * 60 / took_s, (unsigned long long)all->requests, (unsigned long long)all->posts,
           (unsigned long long)all->acted, (unsigned long long)all->deaths, (unsigned long long)all->refreshes,
           (unsigned long long)all->envelopes, (unsigned long long)all->undeliverable, (unsigned long long)all->unacked,
           (unsigned long long)all->asked, (unsigned long long)all->cards, transitions, SIM_N_WAYS,
           (unsigned long long)seed, (unsigned long long)(seed + n - 1), is_well ? "all promises kept" : "BROKEN");
    return is_well && shared->days == n;
}
