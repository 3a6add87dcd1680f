/* What is asked before a reset, in the form and in the preview, and the values of the answers. */
#include "core/wording.h"

#include <string.h>

/* ---- answers and their values ------------------------------------------------------------------------------------------ */

static const char *const VERIFIED[] = {[RB_VERIFIED_UNANSWERED] = "",
                                       [RB_VERIFIED_CALLED_BACK] = "called_back",
                                       [RB_VERIFIED_VIDEO] = "video",
                                       [RB_VERIFIED_IN_PERSON] = "in_person"};
static const char *const HOLDS[] = {
    [RB_HOLDS_UNANSWERED] = "", [RB_HOLDS_YES] = "yes", [RB_HOLDS_NO] = "no", [RB_HOLDS_UNKNOWN] = "unknown"};
static const char *const LOCKS[] = {
    [RB_LOCK_UNANSWERED] = "", [RB_LOCK_WORK_PROFILE] = "work_profile", [RB_LOCK_PHONE] = "phone"};

/* Place of the word; that of "" for one that is not there. */
static int place_of(const char *const *words, int n, int unanswered, const char *word)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    return unanswered;
}

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

const char *rb_verified_value(rb_verified verified)
{
    return VERIFIED[verified];
}

const char *rb_holds_value(rb_holds holds)
{
    return HOLDS[holds];
}

const char *rb_lock_value(rb_stuck_lock lock)
{
    return LOCKS[lock];
}

rb_verified rb_verified_of(const char *value)
{
    return (rb_verified)place_of(VERIFIED, COUNT(VERIFIED), RB_VERIFIED_UNANSWERED, value);
}

rb_holds rb_holds_of(const char *value)
{
    return (rb_holds)place_of(HOLDS, COUNT(HOLDS), RB_HOLDS_UNANSWERED, value);
}

rb_stuck_lock rb_lock_of(const char *value)
{
    return (rb_stuck_lock)place_of(LOCKS, COUNT(LOCKS), RB_LOCK_UNANSWERED, value);
}

/* ---- questions --------------------------------------------------------------------------------------------------------- */

void word_questions(const rb_words *words, const rb_request *draft, rb_message *out)
{
    /* in a form none must be answered: the preview asks for what is left */
    rb_message_choice(out, RB_FIELD_VERIFIED, word_tr(words, "How did you make sure who is calling?"),
                      word_tr(words, "Choose"), rb_verified_value(draft->verified))
        ->is_optional = true;
    rb_message_option(out, "called_back", word_tr(words, "Called back on the number on record"));
    rb_message_option(out, "video", word_tr(words, "Live video with badge"));
    rb_message_option(out, "in_person", word_tr(words, "In person"));
    rb_message_choice(out, RB_FIELD_HOLDS, word_tr(words, "Does the owner hold the device now?"),
                      word_tr(words, "Choose"), rb_holds_value(draft->holds))
        ->is_optional = true;
    rb_message_option(out, "yes", word_tr(words, "Yes"));
    rb_message_option(out, "no", word_tr(words, "No"));
    rb_message_option(out, "unknown", word_tr(words, "I do not know"));
    if (draft->support.scope == RB_SCOPE_WORK_PROFILE) {
        rb_message_choice(out, RB_FIELD_LOCK, word_tr(words, "Which lock is stuck?"), word_tr(words, "Choose"),
                          rb_lock_value(draft->lock))
            ->is_optional = true;
        rb_message_option(out, "work_profile", word_tr(words, "The work profile's"));
        rb_message_option(out, "phone", word_tr(words, "The phone's own screen lock"));
    }
}
