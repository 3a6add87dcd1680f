#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "deed.h"
#include "sim.h"

#define DEED_CAP 256
#define ACTIVE_MAX 32
#define OFTEN 20 /* a kind that was planned so often must have hit */

#define IPHONE "d0000001-0000-4000-8000-000000000001"
#define SAMSUNG "d0000005-0000-4000-8000-000000000005"
#define READS "http GET https://127.0.0.1:1/beta/deviceManagement/managedDevices/"

/* until: the deed that ends it, after least to most seconds; "" when it ends by itself, once it has hit or, with most above 0, at
 * that age. shows: how what happens (sim_happened) begins when it changes something. %d is a small number. */
static const struct {
    const char *deed;
    const char *until;
    const char *shows;
    int least_s, most_s;
    int weight;
} FAULTS[] = {
    {"frames drop %d", "", "frame drop", 0, 0, 4},
    {"frames twice %d", "", "frame twice", 0, 0, 4},
    {"frames late %d 2600", "", "frame late", 0, 0, 4},
    {"frames split %d 2000", "", "frame split", 0, 0, 4},
    {"frames cut %d 400", "", "frame cut", 0, 0, 4},
    {"frames swap %d 1500", "", "frame swap", 0, 0, 4},
    {"settings {\"fragment_bytes\":60}", "settings {\"fragment_bytes\":0}", "envelope", 600, 7200, 2},
    {"fault {\"name\":\"slack.envelope.twice\",\"times\":%d}", "", "fault slack.envelope.twice", 0, 0, 3},
    {"drop_sockets {}", "", "socket dropped", 0, 1, 4},
    {"drop_sockets {\"which\":\"newest\",\"reset\":true}", "", "socket dropped", 0, 1, 3},
    {"freeze_sockets {\"which\":\"oldest\"}", "", "socket frozen", 0, 1, 3},
    {"freeze_sockets {}", "", "socket frozen", 0, 1, 2},
    {"fault {\"name\":\"slack.link.status\",\"times\":%d,\"value\":409}", "", "fault slack.link.status", 0, 0, 2},
    {"fault {\"name\":\"slack.link.hang\",\"times\":%d}", "", "fault slack.link.hang", 0, 0, 2},
    {"fault {\"name\":\"slack.hello.delay\",\"times\":%d,\"value\":5000}", "", "fault slack.hello.delay", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.postMessage.500_after\",\"times\":%d}", "", "fault slack.chat.postMessage.500_after",
     0, 0, 4},
    {"fault {\"name\":\"slack.chat.postMessage.500_before\",\"times\":%d}", "",
     "fault slack.chat.postMessage.500_before", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.postMessage.429\",\"times\":%d,\"value\":9}", "", "fault slack.chat.postMessage.429",
     0, 0, 3},
    {"fault {\"name\":\"slack.chat.postMessage.late\",\"times\":%d,\"value\":4000}", "",
     "fault slack.chat.postMessage.late", 0, 0, 2},
    {"fault {\"name\":\"slack.chat.update.429\",\"times\":%d,\"value\":5}", "", "fault slack.chat.update.429", 0, 0, 3},
    {"fault {\"name\":\"slack.chat.update.reset_after\",\"times\":%d}", "", "fault slack.chat.update.reset_after", 0, 0,
     3},
    {"fault {\"name\":\"slack.response_url.hang\",\"times\":%d}", "", "fault slack.response_url.hang", 0, 0, 2},
    {"fault {\"name\":\"slack.response_url.500_before\",\"times\":%d}", "", "fault slack.response_url.500_before", 0, 0,
     2},
    {"fault {\"name\":\"slack.any.hang\",\"times\":%d}", "", "fault slack.any.hang", 0, 0, 3},
    {"fault {\"name\":\"slack.any.reset_after\",\"times\":%d}", "", "fault slack.any.reset_after", 0, 0, 3},
    {"fault {\"name\":\"slack.users.info.error\",\"times\":%d,\"value\":\"internal_error\"}", "",
     "fault slack.users.info.error", 0, 0, 2},
    {"lose request chat.postMessage", "", "lose request chat.postMessage", 0, 0, 4},
    {"lose reply chat.postMessage", "", "lose reply chat.postMessage", 0, 0, 4},
    {"lose reply chat.update", "", "lose reply chat.update", 0, 0, 2},
    {"lose reply resetPasscode", "", "lose reply resetPasscode", 0, 0, 6},
    {"lose request resetPasscode", "", "lose request resetPasscode", 0, 0, 6},
    {"late 12000 resetPasscode", "", "late resetPasscode", 0, 0, 3},
    {"late 40000 resetPasscode", "", "late resetPasscode", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.no_effect\",\"times\":1}", "", "fault graph.reset.no_effect", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.double\",\"times\":1}", "", "fault graph.reset.double", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.429\",\"times\":%d,\"value\":6}", "", "fault graph.reset.429", 0, 0, 5},
    {"fault {\"name\":\"graph.reset.401\",\"times\":%d}", "", "fault graph.reset.401", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.rst_after\",\"times\":1}", "", "fault graph.reset.rst_after", 0, 0, 4},
    {"fault {\"name\":\"graph.reset.rst_before\",\"times\":1}", "", "fault graph.reset.rst_before", 0, 0, 4},
    {"fault {\"name\":\"graph.reset.503_after\",\"times\":1}", "", "fault graph.reset.503_after", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.500_before\",\"times\":1}", "", "fault graph.reset.500_before", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.403_approval\",\"times\":1}", "", "fault graph.reset.403_approval", 0, 0, 2},
    {"fault {\"name\":\"graph.reset.404\",\"times\":1}", "", "fault graph.reset.404", 0, 0, 2},
    {"fault {\"name\":\"graph.get.503\",\"times\":%d}", "", "fault graph.get.503", 0, 0, 3},
    {"fault {\"name\":\"graph.get.empty\",\"times\":%d}", "", "fault graph.get.empty", 0, 0, 2},
    {"fault {\"name\":\"graph.get.garbage\",\"times\":%d}", "", "fault graph.get.garbage", 0, 0, 2},
    {"fault {\"name\":\"graph.beta.close\",\"times\":%d}", "", "fault graph.beta.close", 0, 0, 2},
    {"fault {\"name\":\"graph.list.foreign_row\",\"times\":1,\"value\":\"d0000004-0000-4000-8000-000000000004\"}", "",
     "fault graph.list.foreign_row", 0, 0, 2},
    {"fault {\"name\":\"entra.500\",\"times\":%d}", "", "fault entra.500", 0, 0, 2},
    {"settings {\"graph_result_lag_ms\":120000}", "settings {\"graph_result_lag_ms\":0}", "reset ", 600, 3000, 3},
    {"settings {\"device_checkin_ms\":900000}", "settings {\"device_checkin_ms\":3000}", "reset ", 600, 3000, 4},
    {"settings {\"graph_action_sentinel_start\":1}", "settings {\"graph_action_sentinel_start\":0}", "reset ", 600,
     3000, 2},
    {"settings {\"graph_type_late\":1}", "settings {\"graph_type_late\":0}", "reset ", 600, 3000, 2},
    {"settings {\"deliver_to\":2}", "settings {\"deliver_to\":0}", "envelope", 600, 3000, 1},
    {"weather slack refused", "weather slack up", "weather slack refused", 5, 600, 3},
    {"weather slack silent", "weather slack up", "weather slack silent", 5, 3600, 3},
    {"weather slack no_name", "weather slack up", "weather slack no_name", 60, 7200, 2},
    {"weather slack bad_tls", "weather slack up", "weather slack bad_tls", 60, 1200, 1},
    {"weather graph refused", "weather graph up", "weather graph refused", 5, 1200, 3},
    {"weather graph silent", "weather graph up", "weather graph silent", 5, 1200, 3},
    {"weather graph no_name", "weather graph up", "weather graph no_name", 60, 3600, 2},
    {"weather graph bad_tls", "weather graph up", "weather graph bad_tls", 60, 1200, 1},
    {"weather entra refused", "weather entra up", "weather entra refused", 60, 5400, 2},
    {"fault {\"name\":\"graph.down\",\"times\":-1}", "fault_clear {\"name\":\"graph.down\"}", "fault graph.down", 30,
     1200, 2},
    {"group {\"id\":\"S0APPROVERS\",\"users\":[\"U0AGNES\"]}",
     "group {\"id\":\"S0APPROVERS\",\"users\":[\"U0ARVID\",\"U0AGNES\"]}", "api usergroups.users.list S0APPROVERS", 300,
     2400, 3},
    {"group {\"id\":\"S0HELPDESK\",\"users\":[\"U0HENRY\"]}",
     "group {\"id\":\"S0HELPDESK\",\"users\":[\"U0HANNA\",\"U0HENRY\"]}", "api usergroups.users.list S0HELPDESK", 300,
     2400, 3},
    {"user {\"id\":\"U0ARVID\",\"fields\":{\"deleted\":true}}",
     "user {\"id\":\"U0ARVID\",\"fields\":{\"deleted\":false}}", "api users.info U0ARVID", 300, 2400, 1},
    {"channel {\"id\":\"C0HELPDESK\",\"is_ext_shared\":true}",
     "channel {\"id\":\"C0HELPDESK\",\"is_ext_shared\":false}", "api conversations.info C0HELPDESK", 60, 900, 1},
    {"portal_reset {\"device\":\"" IPHONE "\"}", "", READS IPHONE, 0, 1800, 3},
    {"portal_reset {\"device\":\"" SAMSUNG "\"}", "", READS SAMSUNG, 0, 1800, 3},
    {"stale_done {\"device\":\"" SAMSUNG "\",\"days\":2}", "", READS SAMSUNG, 0, 1800, 2},
    {"fault {\"name\":\"graph.reset.first\",\"value\":{\"verb\":\"portal_reset\",\"arguments\":{\"device\":\"" SAMSUNG
     "\"}}}",
     "", "fault graph.reset.first", 0, 0, 3},
    {"fault {\"name\":\"graph.reset.then\",\"value\":{\"verb\":\"portal_reset\",\"arguments\":{\"device\":\"" IPHONE
     "\"}}}",
     "", "fault graph.reset.then", 0, 0, 3},
    {"device {\"id\":\"" IPHONE "\",\"fields\":{\"owner\":\"lena@contoso.com\"}}",
     "device {\"id\":\"" IPHONE "\",\"fields\":{\"owner\":\"adele@contoso.com\"}}", READS IPHONE, 600, 7200, 3},
    {"device {\"id\":\"" SAMSUNG "\",\"result\":\"failed\"}", "device {\"id\":\"" SAMSUNG "\",\"result\":\"\"}",
     "reset " SAMSUNG, 3600, 14400, 2},
    {"device {\"id\":\"" IPHONE "\",\"result\":\"canceled\"}", "device {\"id\":\"" IPHONE "\",\"result\":\"\"}",
     "reset " IPHONE, 3600, 14400, 2},
    {"device {\"id\":\"" IPHONE "\",\"result\":\"notSupported\"}", "device {\"id\":\"" IPHONE "\",\"result\":\"\"}",
     "reset " IPHONE, 3600, 14400, 2},
    {"settings {\"device_active_ms\":90000}", "settings {\"device_active_ms\":500}", "reset ", 3600, 14400, 4},
    {"policy never {devices: [" IPHONE "]}", "policy never {devices: []}", READS IPHONE, 600, 7200, 3},
    {"offline {\"device\":\"" SAMSUNG "\",\"on\":true}", "offline {\"device\":\"" SAMSUNG "\",\"on\":false}",
     "reset " SAMSUNG, 3600, 20000, 3},
    {"policy expiry_s 1200", "policy expiry_s 1800", "commit", 60, 3600, 3},
    {"policy approvals 2", "policy approvals 1", "commit", 60, 3600, 2},
    {"policy frozen true", "policy frozen false", "commit", 60, 1800, 1},
    {"jump 86400000", "jump -86400000", "commit", 60, 7200, 2},
    {"jump -86400000", "jump 86400000", "commit", 60, 7200, 2},
    {"jump 90000", "", "commit", 0, 0, 1},
    {"kill", "", "kill", 0, 1, 6},
    {"die %d", "", "death at", 0, 0, 8},
    {"die %d0", "", "death at", 0, 0, 8},
    {"die %d00", "", "death at", 0, 0, 6},
    {"stop", "", "stop", 0, 1, 4},
    {"reboot", "", "reboot", 0, 1, 2},
    {"disk full %d", "heal", "store fails", 60, 400, 2},
    {"disk write %d", "heal", "store fails", 60, 400, 2},
    {"disk sync %d", "heal", "store fails", 60, 400, 2},
};
#define N_FAULTS (sizeof FAULTS / sizeof FAULTS[0])
_Static_assert(N_FAULTS <= FAULT_KINDS_MAX, "more kinds than are counted");

/* ---- what hits ------------------------------------------------------------------------------------------------------------- */

/* One that was planned and began. */
typedef struct {
    size_t kind;
    int64_t end_ms; /* INT64_MAX: none */
    bool is_on, has_hit;
} begun;

static struct {
    begun items[ACTIVE_MAX];
    size_t count;
    fault_counts *counts;
} day;

/* One happening is the work of one fault of a kind: of the latest. */
static void hits(size_t kind)
{
    for (size_t i = day.count; i-- > 0;) {
        begun *each = &day.items[i];
        if (each->kind != kind || !each->is_on || each->has_hit || sim_ms() > each->end_ms)
            continue;
        each->has_hit = true;
        __atomic_fetch_add(&day.counts->hit[kind], 1, __ATOMIC_RELAXED);
        return;
    }
}

static bool is_awaited(void)
{
    for (size_t i = 0; i < day.count; i++)
        if (day.items[i].is_on && !day.items[i].has_hit)
            return true;
    return false;
}

void sim_happened(const char *format, ...)
{
    char what[256];
    va_list arguments;
    if (!is_awaited())
        return;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    for (size_t kind = 0; kind < N_FAULTS; kind++)
        if (!strncmp(what, FAULTS[kind].shows, strlen(FAULTS[kind].shows)))
            hits(kind);
    for (size_t i = 0; !strcmp(what, "heal") && i < day.count; i++)
        day.items[i].is_on = false;
}

/* ---- the plan --------------------------------------------------------------------------------------------------------------- */

typedef struct {
    size_t kind;
    char deed[DEED_CAP];
    bool is_end;
} turn;

static void fire(void *arg)
{
    turn *now = arg;
    bool ends_by_age = !*FAULTS[now->kind].until && FAULTS[now->kind].most_s;
    for (size_t i = 0; now->is_end && i < day.count; i++)
        if (day.items[i].kind == now->kind)
            day.items[i].is_on = false;
    if (!now->is_end && day.count < ACTIVE_MAX)
        day.items[day.count++] = (begun){
            now->kind, ends_by_age ? sim_ms() + FAULTS[now->kind].most_s * RB_SECOND_MS : INT64_MAX, true, false};
    sim_do(now->deed);
    free(now);
}

static void fire_at(int64_t at_ms, size_t kind, const char *deed, int n, bool is_end)
{
    turn *each = sb_alloc(sizeof *each);
    const char *number = strstr(deed, "%d");
    *each = (turn){.kind = kind, .is_end = is_end};
    if (number)
        snprintf(each->deed, sizeof each->deed, "%.*s%d%s", (int)(number - deed), deed, n, number + 2);
    else
        snprintf(each->deed, sizeof each->deed, "%s", deed);
    sim_after(at_ms, fire, each);
}

static void plan(size_t kind, int64_t at_ms)
{
    int n = (int)sim_between(SIM_PLAN, 1, 4);
    fire_at(at_ms, kind, FAULTS[kind].deed, n, false);
    if (*FAULTS[kind].until)
        fire_at(at_ms + 1000 * sim_between(SIM_PLAN, FAULTS[kind].least_s, FAULTS[kind].most_s), kind,
                FAULTS[kind].until, n, true);
    __atomic_fetch_add(&day.counts->planned[kind], 1, __ATOMIC_RELAXED);
}

static size_t draw(void)
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

void fault_plan_some(fault_counts *counts, int64_t work_ms)
{
    day.counts = counts;
    int64_t count = sim_between(SIM_PLAN, 1, 12);
    for (int64_t i = 0; i < count; i++) {
        size_t kind = draw();
        plan(kind, sim_between(SIM_PLAN, 0, work_ms));
    }
}

bool fault_print(const fault_counts *counts)
{
    bool is_well = true;
    printf("faults by kind (planned, hit, what):\n");
    for (size_t i = 0; i < N_FAULTS; i++) {
        printf("%8llu %8llu  %s\n", (unsigned long long)counts->planned[i], (unsigned long long)counts->hit[i],
               FAULTS[i].deed);
        if (counts->planned[i] < OFTEN || counts->hit[i])
            continue;
        printf("BROKEN  a fault was planned %llu times and never hit: %s\n", (unsigned long long)counts->planned[i],
               FAULTS[i].deed);
        is_well = false;
    }
    return is_well;
}
