#include "resetbot/request.h"

#include <assert.h>

static const char *const STATES[RB_STATES] = {
    [RB_STATE_DRAFT] = "draft",
    [RB_STATE_PENDING] = "pending",
    [RB_STATE_APPROVED] = "approved",
    [RB_STATE_INTENT] = "intent",
    [RB_STATE_SENDING] = "sending",
    [RB_STATE_ACCEPTED] = "accepted",
    [RB_STATE_IN_PROGRESS] = "in_progress",
    [RB_STATE_DONE] = "done",
    [RB_STATE_FAILED] = "failed",
    [RB_STATE_NOT_SUPPORTED] = "not_supported",
    [RB_STATE_CANCELED] = "canceled",
    [RB_STATE_UNKNOWN] = "unknown",
    [RB_STATE_DENIED] = "denied",
    [RB_STATE_CANCELLED] = "cancelled",
    [RB_STATE_EXPIRED] = "expired",
    [RB_STATE_LAPSED] = "lapsed",
    [RB_STATE_STALE] = "stale",
    [RB_STATE_NEEDS_TENANT_APPROVAL] = "needs_tenant_approval",
};

static const char *const NOTES[RB_NOTES] = {
    [RB_NOTE_DRAFTED] = "drafted",
    [RB_NOTE_PICKED] = "picked",
    [RB_NOTE_ASKED] = "asked",
    [RB_NOTE_APPROVED_PARTLY] = "approved_partly",
    [RB_NOTE_APPROVED] = "approved",
    [RB_NOTE_DENIED] = "denied",
    [RB_NOTE_CANCELLED] = "cancelled",
    [RB_NOTE_CANCEL_TOO_LATE] = "cancel_too_late",
    [RB_NOTE_EXPIRED] = "expired",
    [RB_NOTE_HALF_TIME] = "half_time",
    [RB_NOTE_LAPSED] = "lapsed",
    [RB_NOTE_STALE] = "stale",
    [RB_NOTE_SNAPSHOT] = "snapshot",
    [RB_NOTE_SENT] = "sent",
    [RB_NOTE_TRY_AGAIN] = "try_again",
    [RB_NOTE_ACCEPTED] = "accepted",
    [RB_NOTE_UNCLEAR] = "unclear",
    [RB_NOTE_RECOVERED] = "recovered",
    [RB_NOTE_IN_PROGRESS] = "in_progress",
    [RB_NOTE_DONE] = "done",
    [RB_NOTE_FAILED] = "failed",
    [RB_NOTE_NOT_SUPPORTED] = "not_supported",
    [RB_NOTE_CANCELED] = "canceled",
    [RB_NOTE_UNKNOWN] = "unknown",
    [RB_NOTE_TENANT_APPROVAL] = "tenant_approval",
    [RB_NOTE_STILL_QUEUED] = "still_queued",
    [RB_NOTE_FOUND_LATER] = "found_later",
    [RB_NOTE_SHOWN] = "shown",
    [RB_NOTE_CODE_UNOPENED] = "code_unopened",
    [RB_NOTE_OWNER_TOLD] = "owner_told",
    [RB_NOTE_CARD_POSTED] = "card_posted",
    [RB_NOTE_RENEWED] = "renewed",
    [RB_NOTE_TAKEN] = "taken_over",
};

const char *rb_state_name(rb_state state)
{
    assert((unsigned)state < RB_STATES);
    return STATES[state];
}

const char *rb_note_name(rb_note note)
{
    assert((unsigned)note < RB_NOTES);
    return NOTES[note];
}

bool rb_state_is_open(rb_state state)
{
    return state >= RB_STATE_PENDING && state <= RB_STATE_IN_PROGRESS;
}

bool rb_state_is_final(rb_state state)
{
    return state >= RB_STATE_DONE;
}
