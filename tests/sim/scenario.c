#include "scenario.h"

#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "sim.h"

#define IPHONE "d0000001-0000-4000-8000-000000000001"
#define PIXEL "d0000002-0000-4000-8000-000000000002"
#define SAMSUNG "d0000005-0000-4000-8000-000000000005"
#define OLD_HUAWEI "d0000009-0000-4000-8000-000000000009"

#define APPLE                                                                                                          \
    .requester = "U0HANNA", .approvers = {"U0ARVID"}, .text = "F2LXK4QQ4F2K locked out INC0012345", .device = IPHONE
#define ANDROID                                                                                                        \
    .requester = "U0HANNA", .approvers = {"U0AGNES"}, .text = "R5CW30ABCDE forgot it", .device = SAMSUNG,              \
    .has_code = true

/* Adele's, so that Henry may go on with it: the phone above is his own */
#define WORK_PROFILE                                                                                                   \
    .requester = "U0HANNA", .approvers = {"U0AGNES"}, .text = "adele@contoso.com forgot it", .device = PIXEL,          \
    .has_code = true

#define DONE_ SIM_BIT(RB_STATE_DONE)
#define UNKNOWN_ SIM_BIT(RB_STATE_UNKNOWN)
#define STALE_ SIM_BIT(RB_STATE_STALE)
#define FAILED_ SIM_BIT(RB_STATE_FAILED)
#define LAPSED_ SIM_BIT(RB_STATE_LAPSED)
#define EXPIRED_ SIM_BIT(RB_STATE_EXPIRED)

#define MINUTES(n) ((n)*RB_MINUTE_MS)
#define SETTLE_MS 15000 /* a new socket within 5 s and a little, then R5's 5 s */

const sim_scenario SIM_SCENARIOS[] = {
    {"apple", .wishes = {{APPLE}}, .lasts_ms = MINUTES(2), .ends = DONE_},
    {"android, the code is opened", .wishes = {{ANDROID}}, .lasts_ms = MINUTES(2), .ends = DONE_},
    {"work profile, from the list",
     .wishes = {{.requester = "U0HENRY",
                 .approvers = {"U0AGNES"},
                 .text = "adele@contoso.com forgot it",
                 .device = PIXEL,
                 .has_code = true}},
     .lasts_ms = MINUTES(2), .ends = DONE_},
    {"form", .wishes = {{APPLE, .by_form = true}}, .lasts_ms = MINUTES(2), .ends = DONE_},
    {"Home tabs are open", .wishes = {{ANDROID, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 500, "home {\"user\":\"U0HANNA\"}"},
              {RB_STATE_PENDING, 600, "home {\"user\":\"U0ARVID\"}"},
              {RB_STATE_PENDING, 2000, "fault {\"name\":\"slack.views.publish.429\",\"times\":2,\"value\":4}"},
              {RB_STATE_DONE, 0, "home {\"user\":\"U0HANNA\"}"}},
     .lasts_ms = MINUTES(2), .ends = DONE_},
    {"form with a look-up",
     .wishes = {{.requester = "U0HENRY",
                 .approvers = {"U0AGNES"},
                 .text = "adele@contoso.com forgot it",
                 .device = IPHONE,
                 .by_form = true,
                 .by_look_up = true}},
     .lasts_ms = MINUTES(2), .ends = DONE_},
    {"two at once", .wishes = {{APPLE}, {ANDROID}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"denied", .wishes = {{APPLE, .want = WANT_DENIAL}}, .lasts_ms = MINUTES(2), .ends = SIM_BIT(RB_STATE_DENIED)},
    {"cancelled", .wishes = {{APPLE, .want = WANT_CANCEL}}, .lasts_ms = MINUTES(2),
     .ends = SIM_BIT(RB_STATE_CANCELLED)},
    {"cancelled too late", .before = {"settings {\"device_checkin_ms\":40000}"},
     .wishes = {{APPLE, .want = WANT_LATE_CANCEL}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"taken over while it waits, handed over",
     .wishes = {{WORK_PROFILE, .taker = "U0HENRY", .taken_in = RB_STATE_PENDING, .let_by = "U0HANNA"}},
     .lasts_ms = MINUTES(3), .ends = DONE_},
    {"taken over while it is sent, let by an approver", .before = {"settings {\"device_checkin_ms\":40000}"},
     .wishes = {{APPLE, .taker = "U0HENRY", .taken_in = RB_STATE_ACCEPTED, .let_by = "U0AGNES"}},
     .lasts_ms = MINUTES(4), .ends = DONE_},
    {"taken over when it is done, then the code is opened",
     .wishes = {{WORK_PROFILE, .taker = "U0HENRY", .taken_in = RB_STATE_DONE, .let_by = "U0HANNA"}},
     .lasts_ms = MINUTES(3), .ends = DONE_},
    {"nobody decides", .wishes = {{APPLE, .want = WANT_NOTHING}}, .lasts_ms = MINUTES(32), .ends = EXPIRED_},
    {"nobody decides, asked again", .wishes = {{APPLE, .want = WANT_NOTHING, .asks_again = true}},
     .lasts_ms = MINUTES(40), .ends = DONE_},
    {"two approvers", .before = {"policy approvals 2"},
     .wishes = {{.requester = "U0HANNA",
                 .approvers = {"U0ARVID", "U0AGNES"},
                 .text = "F2LXK4QQ4F2K locked out",
                 .device = IPHONE}},
     .lasts_ms = MINUTES(2), .ends = DONE_},
    {"both approve at once, one of them twice",
     .wishes = {{.requester = "U0HANNA",
                 .approvers = {"U0ARVID", "U0AGNES"},
                 .text = "F2LXK4QQ4F2K locked out",
                 .device = IPHONE,
                 .both_press_at_once = true}},
     .lasts_ms = MINUTES(2), .ends = DONE_},
    {"the owner changes before the POST", .wishes = {{APPLE, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 1000, "device {\"id\":\"" IPHONE "\",\"fields\":{\"owner\":\"lena@contoso.com\"}}"}},
     .lasts_ms = MINUTES(2), .ends = STALE_},
    {"somebody resets it in the portal before", .before = {"settings {\"device_checkin_ms\":-1}"},
     .wishes = {{APPLE, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 1000, "portal_reset {\"device\":\"" IPHONE "\"}"}}, .lasts_ms = MINUTES(2),
     .ends = STALE_},
    {"somebody resets it in the portal after", .before = {"settings {\"device_checkin_ms\":20000}"},
     .wishes = {{APPLE}}, .then = {{RB_STATE_ACCEPTED, 0, "portal_reset {\"device\":\"" IPHONE "\"}"}},
     .lasts_ms = MINUTES(3), .ends = UNKNOWN_ | DONE_},
    {"an approver loses the role", .wishes = {{APPLE}},
     .then = {{RB_STATE_APPROVED, 0, "group {\"id\":\"S0APPROVERS\",\"users\":[\"U0AGNES\"]}"}}, .lasts_ms = MINUTES(3),
     .ends = STALE_ | DONE_},
    {"the policy changes and still allows", .wishes = {{APPLE, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 2000, "policy expiry_s 1200"}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"the policy changes and freezes", .wishes = {{APPLE, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 2000, "policy frozen true"}}, .lasts_ms = MINUTES(2), .ends = LAPSED_},
    {"Intune is away until it is too late", .wishes = {{APPLE, .asks_again = true}},
     .then = {{RB_STATE_APPROVED, 0, "weather graph refused"}, {RB_STATE_LAPSED, 20000, "weather graph up"}},
     .lasts_ms = MINUTES(16), .ends = DONE_ | LAPSED_},
    {"the POST's reply is lost", .before = {"lose reply resetPasscode"}, .wishes = {{APPLE}}, .lasts_ms = MINUTES(4),
     .ends = DONE_},
    {"the POST is lost", .before = {"lose request resetPasscode"}, .wishes = {{APPLE}}, .lasts_ms = MINUTES(20),
     .ends = UNKNOWN_},
    {"the POST breaks off after its effect", .before = {"fault {\"name\":\"graph.reset.rst_after\"}"},
     .wishes = {{ANDROID}}, .lasts_ms = MINUTES(4), .ends = DONE_},
    {"the POST is answered 503 after its effect", .before = {"fault {\"name\":\"graph.reset.503_after\"}"},
     .wishes = {{APPLE}}, .lasts_ms = MINUTES(4), .ends = DONE_},
    {"204 and nothing happens", .before = {"fault {\"name\":\"graph.reset.no_effect\"}"}, .wishes = {{APPLE}},
     .lasts_ms = MINUTES(20), .ends = UNKNOWN_},
    {"throttled twice", .before = {"fault {\"name\":\"graph.reset.429\",\"times\":2,\"value\":7}"}, .wishes = {{APPLE}},
     .lasts_ms = MINUTES(3), .ends = DONE_},
    {"throttled without end", .before = {"fault {\"name\":\"graph.reset.429\",\"times\":-1,\"value\":3}"},
     .wishes = {{APPLE}}, .lasts_ms = MINUTES(3), .ends = FAILED_},
    {"the token is refused once", .before = {"fault {\"name\":\"graph.reset.401\"}"}, .wishes = {{APPLE}},
     .lasts_ms = MINUTES(3), .ends = DONE_},
    {"the tenant wants its own approval", .before = {"fault {\"name\":\"graph.reset.403_approval\"}"},
     .wishes = {{APPLE}}, .lasts_ms = MINUTES(2), .ends = SIM_BIT(RB_STATE_NEEDS_TENANT_APPROVAL)},
    {"Intune refuses", .before = {"fault {\"name\":\"graph.reset.409\"}"}, .wishes = {{APPLE}}, .lasts_ms = MINUTES(2),
     .ends = FAILED_},
    {"not supported after all",
     .wishes = {{.requester = "U0HANNA",
                 .approvers = {"U0ARVID"},
                 .text = "9WV4C18A23004567 locked out",
                 .device = OLD_HUAWEI}},
     .before = {"policy allow_unconfirmed true"}, .lasts_ms = MINUTES(50),
     .ends = SIM_BIT(RB_STATE_NOT_SUPPORTED) | SIM_BIT(RB_STATE_DRAFT)},
    {"the device fails", .before = {"device {\"id\":\"" IPHONE "\",\"result\":\"failed\"}"}, .wishes = {{APPLE}},
     .lasts_ms = MINUTES(2), .ends = FAILED_},
    {"canceled in Intune", .before = {"device {\"id\":\"" IPHONE "\",\"result\":\"canceled\"}"}, .wishes = {{APPLE}},
     .lasts_ms = MINUTES(2), .ends = SIM_BIT(RB_STATE_CANCELED)},
    {"the card's post is unclear", .before = {"fault {\"name\":\"slack.chat.postMessage.500_after\",\"times\":2}"},
     .wishes = {{APPLE}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"the card's post is lost, its reply too",
     .before = {"lose request chat.postMessage", "lose reply chat.postMessage"}, .wishes = {{APPLE}},
     .lasts_ms = MINUTES(4), .ends = DONE_},
    {"Slack throttles",
     .before = {"fault {\"name\":\"slack.chat.postMessage.429\",\"times\":3,\"value\":4}",
                "fault {\"name\":\"slack.chat.update.429\",\"times\":2,\"value\":4}"},
     .wishes = {{APPLE}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"Slack goes away while it is sent", .wishes = {{APPLE}},
     .then = {{RB_STATE_SENDING, 0, "weather slack refused"}, {RB_STATE_DONE, 90000, "weather slack up"}},
     .lasts_ms = MINUTES(5), .ends = DONE_},
    {"an approval expires while Slack is away", .wishes = {{APPLE, .want = WANT_NOTHING}},
     .then = {{RB_STATE_PENDING, 20000, "weather slack silent"}, {RB_STATE_EXPIRED, 60000, "weather slack up"}},
     .lasts_ms = MINUTES(34), .ends = EXPIRED_},
    {"sockets are refreshed", .wishes = {{APPLE, .decide_after_ms = 12000}},
     .then = {{RB_STATE_DRAFT, 0, "refresh {\"reason\":\"warning\"}"},
              {RB_STATE_PENDING, 0, "refresh {\"which\":\"oldest\"}"},
              {RB_STATE_SENDING, 0, "drop_sockets {}"}},
     .lasts_ms = MINUTES(3), .ends = DONE_},
    {"frames come in parts, and some not to their end", .before = {"frames split 40 1800"},
     .wishes = {{APPLE, .decide_after_ms = 12000}}, .then = {{RB_STATE_PENDING, 0, "frames cut 2 400"}},
     .lasts_ms = MINUTES(4), .ends = DONE_},
    {"frames overtake each other", .before = {"frames swap 40 900"},
     .wishes = {{.requester = "U0HANNA",
                 .approvers = {"U0ARVID", "U0AGNES"},
                 .text = "F2LXK4QQ4F2K locked out",
                 .device = IPHONE,
                 .both_press_at_once = true}},
     .then = {{RB_STATE_PENDING, 0, "refresh {\"reason\":\"warning\"}"}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"SIGTERM in the middle", .wishes = {{APPLE, .decide_after_ms = 5000}},
     .then = {{RB_STATE_PENDING, 500, "stop"}, {RB_STATE_ACCEPTED, 0, "stop"}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"the clock is set a day forward", .wishes = {{APPLE, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 2000, "jump 86400000"}}, .lasts_ms = MINUTES(3), .ends = EXPIRED_},
    {"the clock is set a day back", .wishes = {{APPLE, .decide_after_ms = 9000}},
     .then = {{RB_STATE_PENDING, 2000, "jump -86400000"}}, .lasts_ms = MINUTES(3), .ends = DONE_},
    {"the machine reboots before it is sent",
     .before = {"late 9000 GET https://127.0.0.1:1/v1.0/deviceManagement/managedDevices/" IPHONE "/users"},
     .wishes = {{APPLE}}, .then = {{RB_STATE_APPROVED, 0, "reboot"}}, .lasts_ms = MINUTES(3), .ends = LAPSED_},
    {"Slack is away for 10 minutes", .wishes = {{APPLE}},
     .then = {{RB_STATE_SENDING, 0, "weather slack refused"},
              {RB_STATE_DONE, MINUTES(10), "weather slack up"},
              {RB_STATE_DONE, MINUTES(10) + SETTLE_MS, "settled"}},
     .lasts_ms = MINUTES(14), .ends = DONE_, .is_long = true},
    {"Slack is away for an hour", .wishes = {{APPLE, .want = WANT_NOTHING, .asks_again = true}},
     .then = {{RB_STATE_PENDING, 20000, "weather slack silent"},
              {RB_STATE_EXPIRED, MINUTES(40), "weather slack up"},
              {RB_STATE_EXPIRED, MINUTES(40) + SETTLE_MS, "settled"}},
     .lasts_ms = MINUTES(90), .ends = DONE_, .is_long = true},
    {"Slack is away for a day", .wishes = {{APPLE}, {ANDROID, .want = WANT_NOTHING}},
     .then = {{RB_STATE_APPROVED, 0, "weather slack no_name"},
              {RB_STATE_APPROVED, RB_DAY_MS, "weather slack up"},
              {RB_STATE_APPROVED, RB_DAY_MS + SETTLE_MS, "settled"}},
     .lasts_ms = RB_DAY_MS + MINUTES(10), .ends = DONE_ | LAPSED_, .is_long = true},
    {"Slack's certificate is bad for an hour", .wishes = {{APPLE}},
     .then = {{RB_STATE_SENDING, 0, "weather slack bad_tls"},
              {RB_STATE_DONE, MINUTES(60), "weather slack up"},
              {RB_STATE_DONE, MINUTES(60) + SETTLE_MS, "settled"}},
     .lasts_ms = MINUTES(70), .ends = DONE_, .is_long = true},
    {"Intune is away for 10 minutes after the POST", .wishes = {{APPLE}},
     .then = {{RB_STATE_ACCEPTED, 0, "weather graph refused"}, {RB_STATE_ACCEPTED, MINUTES(10), "weather graph up"}},
     .lasts_ms = MINUTES(20), .ends = DONE_, .is_long = true},
    {"Intune is away for an hour after the POST", .wishes = {{APPLE}},
     .then = {{RB_STATE_ACCEPTED, 0, "weather graph silent"}, {RB_STATE_ACCEPTED, MINUTES(60), "weather graph up"}},
     .lasts_ms = MINUTES(80), .ends = DONE_, .is_long = true},
    {"Intune's name is gone for a day after the POST", .wishes = {{APPLE}},
     .then = {{RB_STATE_ACCEPTED, 0, "weather graph no_name"}, {RB_STATE_ACCEPTED, RB_DAY_MS, "weather graph up"}},
     .lasts_ms = RB_DAY_MS + RB_HOUR_MS, .ends = DONE_, .is_long = true},
    {"Entra is away for an hour while it is to be sent", .wishes = {{APPLE}},
     .then = {{RB_STATE_APPROVED, 0, "weather entra refused"},
              {RB_STATE_APPROVED, 0, "weather graph bad_tls"},
              {RB_STATE_LAPSED, MINUTES(50), "weather graph up"}},
     .lasts_ms = MINUTES(70), .ends = LAPSED_ | DONE_, .is_long = true},
    {"Slack and Intune are away for an hour", .wishes = {{APPLE}},
     .then = {{RB_STATE_ACCEPTED, 0, "weather graph refused"},
              {RB_STATE_ACCEPTED, 0, "weather slack refused"},
              {RB_STATE_ACCEPTED, MINUTES(60), "weather slack up"},
              {RB_STATE_ACCEPTED, MINUTES(60), "weather graph up"}},
     .lasts_ms = MINUTES(80), .ends = DONE_, .is_long = true},
    {"Slack and Intune are away for 10 minutes", .wishes = {{APPLE}},
     .then = {{RB_STATE_ACCEPTED, 0, "weather graph silent"},
              {RB_STATE_ACCEPTED, 0, "weather slack silent"},
              {RB_STATE_ACCEPTED, MINUTES(10), "weather slack up"},
              {RB_STATE_ACCEPTED, MINUTES(10), "weather graph up"}},
     .lasts_ms = MINUTES(30), .ends = DONE_, .is_long = true},
    {"Slack and Intune are away for a day", .wishes = {{ANDROID}},
     .then = {{RB_STATE_ACCEPTED, 0, "weather graph no_name"},
              {RB_STATE_ACCEPTED, 0, "weather slack no_name"},
              {RB_STATE_ACCEPTED, RB_DAY_MS, "weather slack up"},
              {RB_STATE_ACCEPTED, RB_DAY_MS, "weather graph up"}},
     .lasts_ms = RB_DAY_MS + RB_HOUR_MS, .ends = DONE_, .is_long = true},
    {"still queued after a day", .before = {"offline {\"device\":\"" IPHONE "\",\"on\":true}"}, .wishes = {{APPLE}},
     .then = {{RB_STATE_ACCEPTED, 26 * RB_HOUR_MS, "offline {\"device\":\"" IPHONE "\",\"on\":false}"}},
     .lasts_ms = 27 * RB_HOUR_MS, .ends = DONE_, .is_long = true},
    {"still queued after seven days", .before = {"offline {\"device\":\"" IPHONE "\",\"on\":true}"},
     .wishes = {{APPLE}}, .lasts_ms = 8 * RB_DAY_MS, .ends = UNKNOWN_, .is_long = true},
};

size_t sim_scenarios(void)
{
    return sizeof SIM_SCENARIOS / sizeof SIM_SCENARIOS[0];
}

/* ---- playing ---------------------------------------------------------------------------------------------------------- */

#define START_MS 5000
#define REST_MAX_MS (9 * RB_DAY_MS)
#define AFTER_REST_MS                                                                                                  \
    (8 * RB_MINUTE_MS) /* a code's form is blanked after 5 minutes, an unclear post read back after 5 s */

typedef struct {
    sim_job *jobs[2];
    bool is_triggered[4];
} playing;

static void fire_deed(void *arg)
{
    sim_do(arg);
}

static void look_for_triggers(const sim_scenario *scenario, playing *now)
{
    if (!now->jobs[0] || !sim_job_request(now->jobs[0])[0])
        return;
    rb_state state = sim_job_state(now->jobs[0]);
    for (size_t i = 0; i < 4; i++) {
        if (!scenario->then[i].deed || now->is_triggered[i] || scenario->then[i].when != state)
            continue;
        now->is_triggered[i] = true;
        sim_after(scenario->then[i].after_ms, fire_deed, (void *)(uintptr_t)scenario->then[i].deed);
    }
}

static bool is_at_rest(const playing *now)
{
    for (size_t i = 0; i < 2; i++)
        if (now->jobs[i] && !sim_job_is_over(now->jobs[i]))
            return false;
    for (size_t i = 0; sim_check_nth(i); i++)
        if (!rb_state_is_final(sim_check_nth(i)->state))
            return false;
    return sim_bot_is_up();
}

static void come_to_rest(const playing *now)
{
    int64_t end_ms = sim_ms() + REST_MAX_MS;
    sim_do("heal");
    while (sim_ms() < end_ms && !is_at_rest(now) && !sim_check_broken())
        sim_run(RB_MINUTE_MS);
    sim_run(AFTER_REST_MS);
}

static bool is_disturbed;

void sim_play_disturbed(void)
{
    is_disturbed = true;
}

static void check_end(const sim_scenario *scenario, const playing *now)
{
    for (size_t i = 0; !is_disturbed && i < 4 && scenario->then[i].deed; i++)
        if (!now->is_triggered[i])
            sim_check_fail("it never came to: %s", scenario->then[i].deed);
    sim_check_end();
    rb_state state = sim_job_state(now->jobs[0]);
    const char *taker = scenario->wishes[0].taker;
    const rb_request *request = sim_check_request(sim_job_request(now->jobs[0]));
    if (!is_disturbed && taker && (!request || strcmp(request->requester.person.user, taker) != 0))
        sim_check_fail("%s never took it over", taker);
    if (!is_disturbed && !(SIM_BIT(state) & scenario->ends))
        sim_check_fail("it ended %s", rb_state_name(state));
}

bool sim_play(const sim_scenario *scenario, uint64_t seed)
{
    playing now = {0};
    sim_begin(seed);
    for (size_t i = 0; i < 4 && scenario->before[i]; i++)
        sim_do(scenario->before[i]);
    (void)sim_bot_start();
    sim_run(START_MS);
    for (size_t i = 0; i < 2; i++)
        if (scenario->wishes[i].requester)
            now.jobs[i] = sim_job_new(&scenario->wishes[i]);
    int64_t end_ms = sim_ms() + scenario->lasts_ms;
    while (sim_ms() < end_ms && !sim_check_broken() && sim_step())
        look_for_triggers(scenario, &now);
    come_to_rest(&now);
    check_end(scenario, &now);
    for (size_t i = 0; i < 2 && sim_check_broken(); i++)
        if (now.jobs[i])
            fprintf(stderr, "  %s:%s\n", sim_job_request(now.jobs[i]), sim_job_story(now.jobs[i]));
    return !sim_check_broken();
}
