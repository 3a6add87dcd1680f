#include "slack_seed.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "json.h"
#include "slack_world.h"
#include "world.h"

enum { GUEST = 1, OUTSIDE = 2, GONE = 4, ADMIN = 8, BOT = 16, SWEDISH = 32 };

static const struct {
    const char *id;
    const char *name;
    const char *real_name;
    const char *title;
    unsigned flags;
} people[] = {{"U0HANNA", "hanna", "Hanna Berg", "Helpdesk", 0},
              {"U0HENRY", "henry", "Henry Ek", "Helpdesk", SWEDISH},
              {"U0ARVID", "arvid", "Arvid Lind", "Mobile approver", 0},
              {"U0AGNES", "agnes", "Agnes Holm", "Mobile approver", 0},
              {"U0AUDRA", "audra", "Audra Sand", "Auditor", 0},
              {"U0ADMIN", "ada", "Ada Norén", "Administrator", ADMIN},
              {"U0ADELE", "adele", "Adele Vance", "Retail Manager", SWEDISH},
              {"U0GUEST", "guest", "Gus Test", "Guest", GUEST},
              {"U0OUTSIDE", "olof", "Olof Utter", "Partner", OUTSIDE},
              {"U0GONE", "gone", "Gunnar One", "Left last year", GONE},
              {SK_BOT_USER, "resetbot", "resetbot", "", BOT}};

static json_object *profile_of(size_t place)
{
    json_object *profile =
        sj_pack("real_name:s real_name_normalized:s display_name:s display_name_normalized:s title:s "
                "status_text:s status_emoji:s team:s",
                people[place].real_name, people[place].real_name, people[place].name, people[place].name,
                people[place].title, "", "", people[place].flags & OUTSIDE ? "T0PARTNER" : SK_TEAM);
    if (people[place].flags & BOT) {
        sj_put(profile, "api_app_id:s bot_id:s always_active:b", SK_APP, SK_BOT_ID, true);
    } else {
        char *email =
            sb_strf("%s@%s", people[place].name, people[place].flags & OUTSIDE ? "partner.example.com" : "contoso.com");
        sj_put(profile, "email:s", email);
        free(email);
    }
    return profile;
}

static json_object *user_of(size_t place)
{
    unsigned flags = people[place].flags;
    return sj_pack(
        "id:s team_id:s name:s deleted:b color:s real_name:s locale:s tz:s tz_label:s tz_offset:d is_admin:b "
        "is_owner:b "
        "is_primary_owner:b is_restricted:b is_ultra_restricted:b is_bot:b is_app_user:b is_email_confirmed:b "
        "updated:i profile:o",
        people[place].id, flags & OUTSIDE ? "T0PARTNER" : SK_TEAM, people[place].name, (flags & GONE) != 0, "4bbe2e",
        people[place].real_name, flags & SWEDISH ? "sv-SE" : SK_LOCALE, "Europe/Stockholm", "Central European Time",
        3600, (flags & ADMIN) != 0, false, false, (flags & GUEST) != 0, false, (flags & BOT) != 0, false,
        (flags & BOT) == 0, (int64_t)1700000000, profile_of(place));
}

static json_object *group_of(const char *id, const char *handle, const char *name, const char *first,
                             const char *second)
{
    json_object *members = json_object_new_array();
    sj_add_text(members, first);
    sj_add_text(members, second);
    return sj_pack(
        "id:s team_id:s is_usergroup:b is_subteam:b name:s description:s handle:s is_external:b date_create:d "
        "date_update:d date_delete:d auto_type:o created_by:s updated_by:s deleted_by:o prefs:o users:o",
        id, SK_TEAM, true, true, name, "", handle, false, 1700000000, 1700000000, 0, NULL, "U0ADMIN", "U0ADMIN", NULL,
        sj_pack("channels:o groups:o", json_object_new_array(), json_object_new_array()), members);
}

static sk_channel *add_channel(const char *id, const char *name, bool with_bot)
{
    sk_channel *channel = sk_channel_add(id, name);
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        bool is_staff = !(people[i].flags & (GUEST | OUTSIDE | GONE | BOT));
        if (is_staff || (with_bot && people[i].flags & BOT))
            sj_add_text(channel->members, people[i].id);
    }
    return channel;
}

void sk_seed(json_object *users, json_object *groups)
{
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        json_object_object_add(users, people[i].id, user_of(i));
    json_object_object_add(groups, "S0APPROVERS",
                           group_of("S0APPROVERS", "mobile-approvers", "Mobile approvers", "U0ARVID", "U0AGNES"));
    json_object_object_add(groups, "S0HELPDESK", group_of("S0HELPDESK", "helpdesk", "Helpdesk", "U0HANNA", "U0HENRY"));
    add_channel("C0HELPDESK", "helpdesk-passcodes", true);
    add_channel("C0RANDOM", "random", false);
    sk_channel *shared = add_channel("C0SHARED", "partner-projects", true);
    shared->is_ext_shared = true;
    sj_add_text(shared->members, "U0OUTSIDE");
    add_channel("C0ARCHIVED", "old", true)->is_archived = true;
}
