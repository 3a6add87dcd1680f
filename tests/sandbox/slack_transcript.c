/* The transcript of slack_see.h: everything that happened on screens, sorted by its ts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "json.h"
#include "slack_act.h"
#include "slack_elements.h"
#include "slack_render.h"
#include "slack_see.h"
#include "slack_views.h"
#include "slack_world.h"

typedef enum { LINE_MESSAGE, LINE_PRIVATE, LINE_FORM, LINE_ACT } line_kind;

typedef struct {
    char ts[SK_TS_CAP];
    line_kind kind;
    const sk_message *message;
    const sk_view *view;
    json_object *json; /* the version shown; borrowed */
} story_line;

typedef struct {
    story_line *lines;
    size_t count;
} told_story;

static void add_line(told_story *story, line_kind kind, const char *ts, const story_line *content)
{
    if (!(story->count & (story->count - 1))) {
        story_line *grown = realloc(story->lines, (story->count ? story->count * 2 : 1) * sizeof *grown);
        if (!grown)
            abort();
        story->lines = grown;
    }
    story_line *added = &story->lines[story->count++];
    *added = *content;
    added->kind = kind;
    snprintf(added->ts, sizeof added->ts, "%s", ts);
}

/* ---- gathering --------------------------------------------------------------------------------------------------- */

/* Each content that a private message had, at the time when it was first shown. */
static void add_private(told_story *story, const sk_message *message)
{
    size_t n_old = sj_len(message->versions);
    for (size_t i = 0; i < n_old + !message->is_deleted; i++) {
        json_object *json = i < n_old ? sj_at(message->versions, i) : message->json;
        const char *ts = json_object_get_string(sj_at(message->version_ts, i));
        add_line(story, LINE_PRIVATE, ts, &(story_line){.message = message, .json = json});
    }
}

static void gather_messages(told_story *story, const char *channel, bool with_private)
{
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *each = sk_message_at(i);
        bool is_reply = *each->thread_ts && strcmp(each->thread_ts, each->ts) != 0;
        if (*channel && strcmp(channel, each->channel->id) != 0)
            continue;
        if (!with_private && (each->only_for || (each->channel->im_user && !*channel)))
            continue;
        if (each->only_for)
            add_private(story, each);
        else if (!is_reply && sk_is_visible(each))
            add_line(story, LINE_MESSAGE, each->ts, &(story_line){.message = each, .json = each->json});
    }
}

static void gather_forms_and_acts(told_story *story)
{
    for (size_t i = 0; i < sk_view_count(); i++) {
        const sk_view *each = sk_view_at(i);
        for (size_t j = 0; j < sj_len(each->versions); j++) {
            json_object *version = sj_at(each->versions, j);
            add_line(story, LINE_FORM, sj_str(version, "ts"),
                     &(story_line){.view = each, .json = sj_get(version, "view")});
        }
    }
    for (size_t i = 0; i < sj_len(sk_acts()); i++)
        add_line(story, LINE_ACT, sj_str(sj_at(sk_acts(), i), "ts"), &(story_line){.json = sj_at(sk_acts(), i)});
}

static int by_ts(const void *left, const void *right)
{
    const story_line *a = left;
    const story_line *b = right;
    return strcmp(a->ts, b->ts); /* unique, see sk_next_ts */
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static void clock_of(const char *ts, char out[16])
{
    time_t seconds = (time_t)strtoll(ts, NULL, 10);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(out, 16, "%H:%M:%S", &utc);
}

static const char *author_of(json_object *json)
{
    return sk_name_of(sj_str(json, "user"));
}

static void print_body(sb_bytes *out, json_object *json, json_object *values, const char *indent)
{
    sk_render_message(out, json, values, indent);
}

static void print_replies(sb_bytes *out, const sk_message *parent)
{
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *each = sk_message_at(i);
        bool is_ours = each->channel == parent->channel && !each->only_for && each != parent;
        if (!is_ours || strcmp(each->thread_ts, parent->ts) != 0 || !sk_is_visible(each))
            continue;
        char clock[16];
        clock_of(each->ts, clock);
        sb_bytes_addf(out, "    | %s %s%s\n", clock, author_of(each->json), sj_len(each->versions) ? " (edited)" : "");
        print_body(out, each->json, NULL, "    |   ");
    }
}

static void print_line(sb_bytes *out, const story_line *line)
{
    char clock[16];
    clock_of(line->ts, clock);
    const sk_channel *channel = line->message ? line->message->channel : NULL;
    switch (line->kind) {
    case LINE_MESSAGE:
        if (channel->im_user)
            sb_bytes_addf(out, "%s %s in the direct message of %s (only %s sees this)\n", clock, author_of(line->json),
                          sk_name_of(channel->im_user), sk_name_of(channel->im_user));
        else
            sb_bytes_addf(out, "%s %s in #%s%s\n", clock, author_of(line->json), channel->name,
                          sj_len(line->message->versions) ? " (edited)" : "");
        print_body(out, line->json, NULL, "    ");
        print_replies(out, line->message);
        return;
    case LINE_PRIVATE:
        sb_bytes_addf(out, "%s %s (only %s sees this)\n", clock, author_of(line->json),
                      sk_name_of(line->message->only_for));
        print_body(out, line->json, sj_get(line->message->states, line->message->only_for), "    : ");
        return;
    case LINE_FORM:
        if (line->view->is_home)
            sb_bytes_addf(out, "%s Home tab (only %s sees this)\n", clock, sk_name_of(line->view->user));
        else
            sb_bytes_addf(out, "%s form \"%s\" (only %s sees this)\n", clock,
                          sj_str(sj_get(line->json, "title"), "text"), sk_name_of(line->view->user));
        sk_render_blocks(out, sj_get(line->json, "blocks"), line->view->chosen, "    # ");
        return;
    case LINE_ACT:
        sb_bytes_addf(out, "%s %s %s: %s\n", clock, sk_name_of(sj_str(line->json, "user")), sj_str(line->json, "kind"),
                      sj_str(line->json, "what"));
        if (*sj_str(line->json, "error"))
            sb_bytes_addf(out, "    ! %s (only %s sees this)\n", sj_str(line->json, "error"),
                          sk_name_of(sj_str(line->json, "user")));
        return;
    }
}

char *sk_transcript(const char *channel, bool with_private)
{
    told_story story = {0};
    gather_messages(&story, channel, with_private);
    if (with_private)
        gather_forms_and_acts(&story);
    if (story.count)
        qsort(story.lines, story.count, sizeof *story.lines, by_ts);
    sb_bytes out = {0};
    for (size_t i = 0; i < story.count; i++)
        print_line(&out, &story.lines[i]);
    free(story.lines);
    return sb_bytes_take(&out);
}
