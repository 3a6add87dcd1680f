/* Who meets in the walk, and about which phone. */
#include "walk/walk.h"

#define HANNA "a0000000-0000-4000-8000-00000000000a"
#define HANNA_AGAIN "A0000000-0000-4000-8000-00000000000A"
#define ARVID "b0000000-0000-4000-8000-00000000000b"
#define ARVID_AGAIN "B0000000-0000-4000-8000-00000000000B"
#define BERIT "c0000000-0000-4000-8000-00000000000c"
#define ADELE "d0000000-0000-4000-8000-00000000000d"
#define HENRY "f0000000-0000-4000-8000-000000000010"
#define STRANGER "e0000000-0000-4000-8000-00000000000e"

static const struct {
    const char *user, *entra;
} PEOPLE[WHO_MAX] = {
    [WHO_REQUESTER] = {"U0HANNA", HANNA},      [WHO_REQUESTER_AGAIN] = {"U0HANNA2", HANNA_AGAIN},
    [WHO_APPROVER_1] = {"U0ARVID", ARVID},     [WHO_APPROVER_1_AGAIN] = {"U0ARVID2", ARVID_AGAIN},
    [WHO_APPROVER_2] = {"U0BERIT", BERIT},     [WHO_OWNER] = {"U0ADELE", ADELE},
    [WHO_COLLEAGUE] = {"U0HENRY", HENRY},      [WHO_NOBODY] = {"U0NOBODY", ""},
    [WHO_STRANGER] = {"U0STRANGER", STRANGER}, [WHO_ENGINE] = {"", ""},
};

const char *const walk_who_words[WHO_MAX] = {
    [WHO_REQUESTER] = "the requester",
    [WHO_REQUESTER_AGAIN] = "the requester's other account",
    [WHO_APPROVER_1] = "an approver",
    [WHO_APPROVER_1_AGAIN] = "an approver's other account",
    [WHO_APPROVER_2] = "an approver",
    [WHO_OWNER] = "the device's owner",
    [WHO_COLLEAGUE] = "a colleague who took it over",
    [WHO_NOBODY] = "somebody without an Entra id",
    [WHO_STRANGER] = "a stranger",
    [WHO_ENGINE] = "",
};

rb_actor walk_person(walk_who who)
{
    rb_actor actor = {.exists = true};

    WALK_SET(actor.person.team, "T1");
    WALK_SET(actor.person.user, PEOPLE[who].user);
    WALK_SET(actor.name, PEOPLE[who].user);
    WALK_SET(actor.entra, PEOPLE[who].entra);
    return actor;
}

/* Everybody but the stranger has the role, so that it is the three-people rule alone that refuses. */
const rb_policy *walk_policy(void)
{
    static rb_policy_person people[] = {
        {{"T1", "U0HANNA"}, HANNA},        {{"T1", "U0HANNA2"}, HANNA_AGAIN}, {{"T1", "U0ARVID"}, ARVID},
        {{"T1", "U0ARVID2"}, ARVID_AGAIN}, {{"T1", "U0BERIT"}, BERIT},        {{"T1", "U0ADELE"}, ADELE},
        {{"T1", "U0HENRY"}, HENRY},
    };
    static char approvers[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0HANNA2", "U0ARVID",  "U0ARVID2",
                                               "U0BERIT", "U0ADELE",  "U0NOBODY", "U0HENRY"};
    static char helpdesk[][RB_CHAT_ID_CAP] = {"U0HANNA", "U0HANNA2", "U0ARVID", "U0ARVID2", "U0ADELE", "U0HENRY"};
    static rb_policy policy;

    policy.people = people;
    policy.n_people = sizeof people / sizeof *people;
    policy.roles[RB_ROLE_APPROVER] =
        (rb_policy_role){.users = approvers, .n_users = sizeof approvers / sizeof *approvers};
    policy.roles[RB_ROLE_HELPDESK] = (rb_policy_role){.users = helpdesk, .n_users = sizeof helpdesk / sizeof *helpdesk};
    return &policy;
}

void walk_device(walk_phone phone, rb_device *out_device, rb_support *out_support)
{
    *out_support = (rb_support){RB_SUPPORT_YES, RB_WHY_APPLE, RB_SCOPE_DEVICE, RB_WORD_REMOVE, false};
    if (phone == PHONE_WORK)
        *out_support =
            (rb_support){RB_SUPPORT_YES, RB_WHY_PERSONAL_WORK_PROFILE, RB_SCOPE_WORK_PROFILE, RB_WORD_RESET, true};
    if (phone == PHONE_NO)
        *out_support = (rb_support){RB_SUPPORT_NO, RB_WHY_WINDOWS_PC, RB_SCOPE_DEVICE, RB_WORD_RESET, false};
    *out_device = (rb_device){.is_beta_known = true, .are_owners_known = true, .n_owners = 1};
    if (phone == PHONE_NONE)
        return;
    WALK_SET(out_device->id, "20000000-0000-4000-8000-000000000001");
    WALK_SET(out_device->serial, "F2LXK4QQ4F2K");
    WALK_SET(out_device->user_id, phone == PHONE_OWN ? HANNA : ADELE);
    WALK_SET(out_device->upn, "adele@contoso.com");
    WALK_SET(out_device->owners[0], phone == PHONE_OWN ? HANNA_AGAIN : ADELE);
}

void walk_start_draft(walk_phone phone, walk_who requester, uint32_t n_lines, walk_place *out_place)
{
    rb_request *request = &out_place->request;

    *out_place = (walk_place){.now = {WALK_UTC, WALK_BOOT_MS}, .boot = 1};
    request->version = 1;
    request->state = RB_STATE_DRAFT;
    request->requester = walk_person(requester);
    WALK_SET(request->id, "R-7K3F");
    walk_device(phone, &request->device, &request->support);
    request->created_utc_ms = request->state_utc_ms = WALK_UTC;
    request->deadline = (rb_instant){WALK_UTC + RB_DRAFT_LIFE_MS, WALK_BOOT_MS + RB_DRAFT_LIFE_MS, 1};
    request->n_lines = n_lines;
}
