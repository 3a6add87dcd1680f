/* The facts of a request, in the order in which every card, message and record has them. */
#include <string.h>
#include <strings.h>

#include "core/wording.h"

/* ---- who, why, how sure -------------------------------------------------------------------------------------------------- */

void word_title(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf_addf(out, "%s · %s · ", request->id, rb_word_action(words, request->support.word));
    rb_word_device(words, &request->device, out);
}

void word_title_para(const rb_words *words, const rb_request *request, rb_message *out)
{
    rb_buf title;
    rb_buf_init(&title, WORD_TEXT_MAX);
    word_title(words, request, &title);
    rb_message_para(out);
    rb_message_bold(out, rb_buf_cstr(&title));
    rb_message_text(out, "\n");
    rb_buf_fini(&title);
}

void word_person(const rb_actor *actor, rb_buf *out)
{
    word_short(out, actor->name, WORD_NAME_CHARS);
    rb_buf_addf(out, " (%s)", actor->person.user);
}

void word_decision(const rb_decision *decision, rb_buf *out)
{
    word_short(out, decision->name, WORD_NAME_CHARS);
    rb_buf_addf(out, " (%s)", decision->person.user);
}

void word_asked_by(const rb_words *words, const rb_request *request, size_t max_chars, word_to to)
{
    rb_buf who;
    rb_buf first;
    rb_buf_init(&who, WORD_TEXT_MAX);
    rb_buf_init(&first, WORD_TEXT_MAX);
    word_person(&request->requester, &who);
    if (request->n_past_requesters) {
        word_decision(&request->past_requesters[0], &first);
    }
    word_put_filled(words, to,
                    request->n_past_requesters ? RB_T("Asked by {first}, now with {who}") : RB_T("Asked by {who}"),
                    (rb_arg[]){{"who", rb_buf_cstr(&who)}, {"first", rb_buf_cstr(&first)}, {NULL, NULL}});
    rb_buf_fini(&who);
    rb_buf_fini(&first);
    if (request->ticket[0]) {
        word_put(to, " · ");
        word_put(to, request->ticket);
    }
    if (request->reason[0]) {
        rb_buf reason;
        rb_buf_init(&reason, WORD_TEXT_MAX);
        word_short(&reason, request->reason, max_chars);
        word_put(to, " · \"");
        word_put(to, rb_buf_cstr(&reason));
        word_put(to, "\"");
        rb_buf_fini(&reason);
    }
}

static const char *verified_text(const rb_words *words, rb_verified verified)
{
    switch (verified) {
    case RB_VERIFIED_CALLED_BACK: return word_tr(words, "Called back on the number on record");
    case RB_VERIFIED_VIDEO: return word_tr(words, "Caller seen on live video with badge");
    case RB_VERIFIED_IN_PERSON: return word_tr(words, "Caller present in person");
    case RB_VERIFIED_UNANSWERED: return word_tr(words, "Caller not verified");
    }
    return "";
}

static void answers(const rb_words *words, const rb_request *request, word_to to)
{
    word_put(to, verified_text(words, request->verified));
    word_put(to, " · ");
    word_put(to, request->holds == RB_HOLDS_YES ? word_tr(words, "owner holds the device")
                                                : word_tr(words, "owner does not surely hold the device"));
    if (request->lock == RB_LOCK_WORK_PROFILE) {
        word_put(to, " · ");
        word_put(to, word_tr(words, "the work profile's lock is stuck"));
    }
}

/* ---- the device -------------------------------------------------------------------------------------------------------------- */

/* Words that Graph may add later are shown as they come. */
const char *word_ownership(const rb_words *words, const char *owner_type)
{
    return strcmp(owner_type, "company") == 0    ? word_tr(words, "company")
           : strcmp(owner_type, "personal") == 0 ? word_tr(words, "personal")
           : strcmp(owner_type, "unknown") == 0  ? word_tr(words, "ownership unknown")
                                                 : owner_type;
}

static const char *compliance_of(const rb_words *words, const char *state)
{
    return strcmp(state, "compliant") == 0       ? word_tr(words, "compliant")
           : strcmp(state, "noncompliant") == 0  ? word_tr(words, "not compliant")
           : strcmp(state, "inGracePeriod") == 0 ? word_tr(words, "not compliant yet (grace period)")
           : strcmp(state, "unknown") == 0       ? word_tr(words, "compliance unknown")
                                                 : state;
}

static void put_part_of_line(word_to to, const char *text)
{
    if (text[0]) {
        word_put(to, " · ");
        word_put(to, text);
    }
}

void word_device_facts(const rb_words *words, const rb_device *device, word_to to)
{
    rb_buf platform;
    rb_buf_init(&platform, WORD_TEXT_MAX);
    word_short(&platform, device->os[0] ? device->os : word_tr(words, "platform unknown"), WORD_VERSION_CHARS);
    rb_buf_adds(&platform, device->os_version[0] ? " " : "");
    word_short(&platform, device->os_version, WORD_VERSION_CHARS);
    word_put(to, rb_buf_cstr(&platform));
    rb_buf_fini(&platform);
    put_part_of_line(to, word_ownership(words, device->ownership));
    put_part_of_line(to, compliance_of(words, device->compliance));
    word_put(to, " · ");
    if (device->last_sync_utc_ms) {
        word_put_when(words, to, "last check-in {when}", (rb_arg[]){{NULL, NULL}}, device->last_sync_utc_ms,
                      RB_TIME_MINUTE);
    } else {
        word_put(to, word_tr(words, "last check-in unknown"));
    }
}

/* ---- what happens ------------------------------------------------------------------------------------------------------------- */

/* On a card: a phone's line long. The whole sentence is in the preview and behind Approve. */
static const char *effect_of(const rb_words *words, const rb_support *support)
{
    switch (support->why) {
    case RB_WHY_APPLE:
    case RB_WHY_APPLE_PERSONAL: return word_tr(words, "the passcode is cleared, nothing is generated");
    case RB_WHY_DEDICATED:
    case RB_WHY_AOSP:
    case RB_WHY_FULLY_MANAGED:
    case RB_WHY_DEVICE_ADMIN_OLD: return word_tr(words, "a temporary passcode replaces the device's own");
    case RB_WHY_CORPORATE_WORK_PROFILE:
    case RB_WHY_PERSONAL_WORK_PROFILE: return word_tr(words, "the work profile's lock gets a temporary passcode");
    case RB_WHY_ANDROID_UNKNOWN: return word_tr(words, "a temporary passcode, perhaps for the work profile alone");
    case RB_WHY_WINDOWS_MOBILE: return word_tr(words, "a new PIN is generated, where Intune still accepts it");
    case RB_WHY_APPLE_USER_ENROLLMENT:
    case RB_WHY_SHARED_IPAD:
    case RB_WHY_TV:
    case RB_WHY_MAC:
    case RB_WHY_LINUX:
    case RB_WHY_CHROME_OS:
    case RB_WHY_WORK_PROFILE_TOO_OLD:
    case RB_WHY_DEVICE_ADMIN_NEW:
    case RB_WHY_WINDOWS_PC:
    case RB_WHY_UNKNOWN_PLATFORM:
    case RB_WHY_KIND_UNREAD:
    case RB_WHY_BEING_REMOVED:
    case RB_WHY_LOST_MODE: return rb_word_support(words, support);
    }
    return "";
}

static void effect(const rb_words *words, const char *what, word_to to)
{
    word_put_filled(words, to, "What happens: {effect}.", (rb_arg[]){{"effect", what}, {NULL, NULL}});
}

void word_whole_effect(const rb_words *words, const rb_request *request, word_to to)
{
    effect(words, rb_word_support(words, &request->support), to);
}

/* ---- what an approver should think about --------------------------------------------------------------------------------------- */

#define OLD_CHECK_IN_MS (7 * RB_DAY_MS) /* the number */

/* A locked Apple device that was restarted joins no Wi-Fi before its first unlock (Apple: RestartDevice; domain/intune.md 1.3),
 * and no field of Intune's says so. Ours to guess from: an Apple device that was not heard of for a day before the request. */
#define SILENT_APPLE_MS RB_DAY_MS

typedef struct {
    const rb_words *words;
    word_to to;
    bool is_first;
} flag_line;

static void start_flag(flag_line *line)
{
    if (line->is_first) {
        word_put(line->to, "\n");
        word_put(line->to, word_tr(line->words, "Attention:"));
        word_put(line->to, " ");
    } else {
        word_put(line->to, " · ");
    }
    line->is_first = false;
}

static void flag_if(flag_line *line, bool is_so, const char *english)
{
    if (is_so) {
        start_flag(line);
        word_put(line->to, word_tr(line->words, english));
    }
}

static void check_in_flags(flag_line *line, const rb_request *request)
{
    const rb_device *device = &request->device;
    int64_t silent_ms = request->created_utc_ms - device->last_sync_utc_ms;
    bool is_heard_of = device->last_sync_utc_ms != 0;
    if (is_heard_of && silent_ms > OLD_CHECK_IN_MS) {
        start_flag(line);
        word_put_when(line->words, line->to, RB_T("last check-in on {when}, more than 7 days before the request"),
                      (rb_arg[]){{NULL, NULL}}, device->last_sync_utc_ms, RB_TIME_DAY);
    }
    flag_if(line, !is_heard_of, RB_T("no check-in is known"));
    flag_if(line, request->support.word == RB_WORD_REMOVE && is_heard_of && silent_ms > SILENT_APPLE_MS,
            RB_T("may be waiting for its first unlock after a restart"));
}

static void enroller_flag(flag_line *line, const rb_device *device)
{
    bool is_other = device->enrolled_by[0] && device->upn[0] && strcasecmp(device->enrolled_by, device->upn) != 0;
    if (!is_other) {
        return;
    }
    rb_buf who;
    rb_buf_init(&who, WORD_TEXT_MAX);
    word_short(&who, device->enrolled_by, WORD_UPN_CHARS);
    start_flag(line);
    word_put_filled(line->words, line->to, "enrolled by {who}, not by its user",
                    (rb_arg[]){{"who", rb_buf_cstr(&who)}, {NULL, NULL}});
    rb_buf_fini(&who);
}

void word_flags(const rb_words *words, const rb_request *request, word_to to)
{
    const rb_device *device = &request->device;
    flag_line line = {words, to, true};
    check_in_flags(&line, request);
    flag_if(&line, strcmp(device->ownership, "personal") == 0, RB_T("personal device"));
    flag_if(&line, strcmp(device->compliance, "noncompliant") == 0, RB_T("not compliant"));
    flag_if(&line, device->is_name_shared, RB_T("its name is used by several devices"));
    enroller_flag(&line, device);
    flag_if(&line, request->support.scope == RB_SCOPE_WORK_PROFILE,
            RB_T("work profile only, the phone's own screen lock stays"));
    flag_if(&line, request->support.why == RB_WHY_FULLY_MANAGED, /* domain/intune.md 1.4 */
            RB_T("Microsoft's present table calls this work-profile level"));
    flag_if(&line, request->support.verdict == RB_SUPPORT_MAYBE,
            RB_T("not confirmed to work on this device; the policy allows trying"));
    flag_if(&line, request->owner_told == RB_OWNER_NOT_TOLD,
            RB_T("owner not told (no known chat account, or the message failed)"));
}

/* As rb_state_name has them: only what an earlier request can have come to. */
static const char *state_word(const rb_words *words, rb_str name)
{
    static const char *const SAID[RB_STATES] = {
        [RB_STATE_PENDING] = RB_T("waiting"),
        [RB_STATE_APPROVED] = RB_T("approved"),
        [RB_STATE_INTENT] = RB_T("approved"),
        [RB_STATE_SENDING] = RB_T("being sent"),
        [RB_STATE_ACCEPTED] = RB_T("queued"),
        [RB_STATE_IN_PROGRESS] = RB_T("in progress"),
        [RB_STATE_DONE] = RB_T("done"),
        [RB_STATE_FAILED] = RB_T("failed"),
        [RB_STATE_NOT_SUPPORTED] = RB_T("not supported"),
        [RB_STATE_CANCELED] = RB_T("canceled in Intune"),
        [RB_STATE_UNKNOWN] = RB_T("outcome unknown"),
        [RB_STATE_DENIED] = RB_T("denied"),
        [RB_STATE_CANCELLED] = RB_T("cancelled"),
        [RB_STATE_EXPIRED] = RB_T("expired"),
        [RB_STATE_LAPSED] = RB_T("lapsed"),
        [RB_STATE_STALE] = RB_T("stale"),
        [RB_STATE_NEEDS_TENANT_APPROVAL] = RB_T("waiting for Intune's own approval"),
    };
    for (int state = 0; state < RB_STATES; state++) {
        if (SAID[state] && rb_str_equal(name, rb_str_of(rb_state_name((rb_state)state)))) {
            return word_tr(words, SAID[state]);
        }
    }
    return NULL;
}

static void put_str(word_to to, rb_str text)
{
    rb_buf copy;
    rb_buf_init(&copy, WORD_TEXT_MAX);
    rb_buf_add(&copy, text);
    word_put(to, rb_buf_cstr(&copy));
    rb_buf_fini(&copy);
}

/* "2026-03-02 13:58:00 UTC", as rb_time_full says it. */
static bool read_time(rb_str text, int64_t *out_utc_ms)
{
    char iso[RB_TIME_CAP];
    rb_buf date;
    if (text.len != sizeof "2026-03-02 13:58:00 UTC" - 1) {
        return false;
    }
    rb_buf_init(&date, sizeof iso - 1);
    rb_buf_add(&date, (rb_str){text.ptr, 10});
    rb_buf_adds(&date, "T");
    rb_buf_add(&date, (rb_str){text.ptr + 11, 8});
    rb_buf_adds(&date, "Z");
    rb_copy_fit(iso, sizeof iso, rb_buf_cstr(&date));
    rb_buf_fini(&date);
    return rb_time_parse_iso(rb_str_of(iso), out_utc_ms) == RB_OK;
}

/* One of "R-7K3F done 2026-03-02 13:58:00 UTC; R-..." (engine: rb_need_earlier), its state in words and its time as readers have
 * theirs; what is not like that stands there as it is. */
static void put_one_earlier(const rb_words *words, rb_str item, word_to to)
{
    int64_t utc_ms = 0;
    rb_str rest = item;
    rb_str id = rb_str_word(&rest);
    const char *said = state_word(words, rb_str_word(&rest));
    if (!said || !read_time(rb_str_trim(rest), &utc_ms)) {
        put_str(to, item);
        return;
    }
    put_str(to, id);
    word_put(to, " ");
    word_put(to, said);
    word_put(to, " ");
    word_put_time(to, utc_ms, RB_TIME_MINUTE);
}

static void put_all_earlier(const rb_words *words, const char *text, word_to to)
{
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ";");
        put_one_earlier(words, rb_str_trim((rb_str){at, len}), to);
        at += len;
        at += strspn(at, "; ");
        word_put(to, *at ? "; " : "");
    }
}

void word_earlier(const rb_words *words, const rb_request *request, word_to to)
{
    static const char mark[] = "{earlier}";
    if (!request->earlier[0]) {
        return;
    }
    const char *sentence = word_tr(words, "Earlier, within 7 days: {earlier}");
    const char *at = strstr(sentence, mark);
    word_put(to, "\n");
    put_str(to, (rb_str){sentence, at ? (size_t)(at - sentence) : strlen(sentence)});
    put_all_earlier(words, request->earlier, to);
    word_put(to, at ? at + sizeof mark - 1 : "");
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------------ */

void word_facts(const rb_words *words, const rb_request *request, word_to to)
{
    word_asked_by(words, request, WORD_WHOLE_CHARS, to);
    word_put(to, "\n");
    answers(words, request, to);
    word_put(to, "\n");
    word_device_facts(words, &request->device, to);
    word_put(to, "\n");
    effect(words, effect_of(words, &request->support), to);
    word_flags(words, request, to);
    word_earlier(words, request, to);
}

void rb_word_facts(const rb_words *words, const rb_request *request, rb_buf *out)
{
    rb_buf lines;
    rb_buf_init(&lines, WORD_TEXT_MAX);
    word_title(words, request, &lines);
    rb_buf_adds(&lines, "\n");
    word_facts(words, request, word_to_text(&lines));
    for (size_t i = 0; i < lines.len; i++) {
        rb_buf_add(out, lines.ptr[i] == '\n' ? RB_STR("; ") : (rb_str){lines.ptr + i, 1});
    }
    word_add(words, out, "; device id {id}, serial {serial}",
             (rb_arg[]){{"id", request->device.id}, {"serial", request->device.serial}, {NULL, NULL}});
    rb_buf_fini(&lines);
}
