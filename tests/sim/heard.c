#include "heard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sim.h"
#include "slack_world.h"

typedef struct {
    char user[16];
    int64_t at_ms;  /* of a command: when it was typed; the answer may be there before the ack */
    bool is_answer; /* else a command */
    bool is_matched;
} heard;

static heard *items;
static size_t n_items;

static void hear(const char *user, bool is_answer, int64_t at_ms)
{
    if (!(n_items & (n_items - 1))) { /* room for the next power of two */
        items = realloc(items, (n_items ? n_items * 2 : 1) * sizeof *items);
        if (!items)
            abort();
    }
    heard *last = &items[n_items++];
    *last = (heard){.at_ms = at_ms, .is_answer = is_answer};
    snprintf(last->user, sizeof last->user, "%s", user);
}

void heard_answer(const char *user)
{
    hear(user, true, sim_ms());
}

/* What single people are shown: by the command's own address, privately in the channel, directly, or as a form. */
void heard_journal(const char *kind, json_object *fields)
{
    json_object *args = sj_get(fields, "args");
    json_object *act = sj_get(fields, "act");
    const char *method = sj_str(fields, "method");
    if (!strcmp(kind, "act_done") && !strcmp(sj_str(act, "kind"), "command") && !strcmp(sj_str(act, "state"), "acked"))
        hear(sj_str(act, "user"), false, sim_ms() - (sim_utc_ms() - sj_int(act, "at", 0)));
    if ((!strcmp(kind, "response_url") && !*sj_str(fields, "error")) || !strcmp(kind, "view_open"))
        heard_answer(sj_str(fields, "user"));
    if (strcmp(kind, "api") != 0 || !sj_bool(fields, "ok"))
        return;
    if (!strcmp(method, "chat.postEphemeral"))
        heard_answer(sj_str(args, "user"));
    const sk_channel *channel = sk_channel_find(sj_str(args, "channel"));
    if (!strcmp(method, "chat.postMessage") && channel && channel->im_user)
        heard_answer(channel->im_user);
}

static bool is_answered(size_t command)
{
    for (size_t i = 0; i < n_items; i++) {
        bool is_for_it = items[i].is_answer && !items[i].is_matched && items[i].at_ms >= items[command].at_ms;
        if (!is_for_it || strcmp(items[i].user, items[command].user) != 0)
            continue;
        items[i].is_matched = true;
        return true;
    }
    return false;
}

static size_t unclear_answers(void)
{
    rb_query query = {.kind = RB_QUERY_RECORDS, .id = "", .max = 100000};
    size_t count = 0;
    sim_query(&query);
    for (size_t i = 0; i < query.n_records; i++)
        count += !strcmp(query.records[i].kind, "message_unclear");
    rb_query_fini(&query);
    return count;
}

/* The latest command first: the earlier ones have more answers to choose from. */
void heard_check(void)
{
    /* design 3: what cannot be read back is repeated once when unclear; that it may not have arrived is in the record */
    size_t lost = 0, may_be_lost = unclear_answers();
    for (size_t i = n_items; i-- > 0;)
        if (!items[i].is_answer && !is_answered(i) && ++lost > may_be_lost)
            sim_check_fail("R1: %s typed a command at %lld s, it was acknowledged, and nothing came of it",
                           items[i].user, (long long)(items[i].at_ms / 1000));
}
