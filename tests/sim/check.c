/* The promises, checked as things happen: what the bot commits and posts against what people did and what Intune did. The
 * first breach is kept, with its time. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "graph_world.h"
#include "heard.h"
#include "json.h"
#include "resetbot/bind.h"
#include "same.h"
#include "sim.h"
#include "slack_socket.h"
#include "slack_world.h"
#include "timely.h"
#include "ways.h"

#define R5_MS 8000 /* design R5: 5 s + 1.3 s for each of two cards, and a little */

/* A request as last committed, and what the world did about it. */
typedef struct {
    rb_request row;
    unsigned posts; /* left the bot */
    unsigned acted; /* Intune did it */
} known;

typedef struct {
    char user[16];
    char kind;
    char request[RB_REQUEST_ID_CAP];
} pressed;

typedef struct {
    char id[RB_ENVELOPE_ID_CAP];
} envelope;

static struct {
    known **requests;
    size_t n_requests;
    pressed *presses;
    size_t n_presses;
    envelope *envelopes; /* that were committed */
    size_t n_envelopes;
    char broken[1024];
    sim_counts counts;
} check;

sim_counts *sim_counted(void)
{
    return &check.counts;
}

const char *sim_check_broken(void)
{
    return check.broken[0] ? check.broken : NULL;
}

void sim_check_fail(const char *format, ...)
{
    va_list arguments;
    char text[900];
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sim_say("BROKEN: %s", text);
    if (!check.broken[0])
        snprintf(check.broken, sizeof check.broken, "at %lld s: %s", (long long)(sim_ms() / 1000), text);
}

static void *grown(void *items, size_t n, size_t size)
{
    if (n & (n - 1))
        return items; /* room for the next power of two is there */
    items = realloc(items, (n ? n * 2 : 1) * size);
    if (!items)
        abort();
    return items;
}

static known *find(const char *id)
{
    for (size_t i = 0; i < check.n_requests; i++)
        if (!strcmp(check.requests[i]->row.id, id))
            return check.requests[i];
    return NULL;
}

static size_t number_of(const known *found)
{
    size_t number = 0;
    while (check.requests[number] != found)
        number++;
    return number;
}

const rb_request *sim_check_request(const char *id)
{
    const known *found = find(id);
    return found ? &found->row : NULL;
}

const rb_request *sim_check_nth(size_t n)
{
    return n < check.n_requests ? &check.requests[n]->row : NULL;
}

static known *by_attempt(const char *client_request_id)
{
    for (size_t i = 0; i < check.n_requests; i++)
        for (uint32_t n = 0; n < check.requests[i]->row.n_attempts; n++)
            if (!strcmp(check.requests[i]->row.attempts[n].client_request_id, client_request_id))
                return check.requests[i];
    return NULL;
}

/* ---- what people did ------------------------------------------------------------------------------------------------------ */

void sim_check_pressed(const char *user, char kind, const char *request)
{
    check.presses = grown(check.presses, check.n_presses, sizeof *check.presses);
    pressed *last = &check.presses[check.n_presses++];
    *last = (pressed){.kind = kind};
    snprintf(last->user, sizeof last->user, "%s", user);
    snprintf(last->request, sizeof last->request, "%s", request);
}

static bool has_pressed(const char *user, char kind, const char *request)
{
    for (size_t i = 0; i < check.n_presses; i++)
        if (check.presses[i].kind == kind && !strcmp(check.presses[i].user, user) &&
            !strcmp(check.presses[i].request, request))
            return true;
    return false;
}

/* ---- commits ----------------------------------------------------------------------------------------------------------------- */

/* S3 and "a reset nobody approved": who is named in the row did press, and they are that many different people. */
static void check_approved(const rb_request *row)
{
    const rb_person *asker = row->n_past_requesters ? &row->past_requesters[0].person : &row->requester.person;
    if (!has_pressed(asker->user, 's', row->id))
        sim_check_fail("S3: %s is sent, and %s never sent it for approval", row->id, asker->user);
    if (row->n_approvals < row->approvals_needed || row->n_approvals == 0)
        sim_check_fail("S3: %s is sent with %u of %u approvals", row->id, (unsigned)row->n_approvals,
                       (unsigned)row->approvals_needed);
    for (uint32_t i = 0; i < row->n_approvals; i++) {
        const rb_decision *one = &row->approvals[i];
        if (!has_pressed(one->person.user, 'a', row->id))
            sim_check_fail("S3: %s is sent, and %s never approved it", row->id, one->person.user);
        if (!strcmp(one->entra, row->requester.entra) || rb_device_is_owned_by(&row->device, one->entra))
            sim_check_fail("S3: %s is approved by its requester or owner", row->id);
        for (uint32_t k = 0; k < row->n_past_requesters; k++)
            if (!strcmp(one->entra, row->past_requesters[k].entra))
                sim_check_fail("S3: %s is approved by %s, whose it was", row->id, one->person.user);
        for (uint32_t k = 0; k < i; k++)
            if (!strcmp(one->entra, row->approvals[k].entra))
                sim_check_fail("S3: %s is approved twice by one person", row->id);
    }
}

/* S3 and S6: it changes hands by a press of who may give it away, and a code is opened by who has it then. */
static void check_hands(const rb_request *before, const rb_request *row)
{
    const char *user = row->requester.person.user;
    bool is_new = before->version > 0 && strcmp(before->requester.person.user, user) != 0;
    if (row->n_shown > before->n_shown && !has_pressed(user, 'w', row->id))
        sim_check_fail("S6: the code of %s is shown, and %s never pressed Show", row->id, user);
    if (!is_new)
        return;
    check.counts.taken++;
    const char *let = row->let_by.person.user;
    bool is_own = !strcmp(let, before->requester.person.user);
    bool is_kept = false;
    for (uint32_t i = 0; i < row->n_past_requesters; i++)
        is_kept = is_kept || !strcmp(row->past_requesters[i].person.user, before->requester.person.user);
    if (!has_pressed(let, is_own ? 'h' : 't', row->id))
        sim_check_fail("S3: %s is taken over, and %s never let it be", row->id, let);
    if (!is_kept || !strcmp(let, user))
        sim_check_fail("S3: %s is taken over by %s, and nobody knows whose it was", row->id, user);
}

/* R3: Intune says so: a reset of that device is done, and began after the request's snapshot was read. */
static void check_done(const rb_request *row)
{
    const graph_device *device = graph_world_find(row->device.id);
    for (size_t i = 0; device && i < device->action_count; i++) {
        const graph_action *action = &device->actions[i];
        bool is_new = action->start_ms / 1000 >= row->snapshot_utc_ms / 1000;
        if (action->is_reset && !strcmp(action->state, "done") && is_new)
            return;
    }
    sim_check_fail("R3: %s is said to be done, and Intune has no such result", row->id);
}

static bool is_watched(rb_state state)
{
    return state == RB_STATE_UNKNOWN; /* may be "found later" */
}

static void check_step(const known *before, const rb_request *row, uint32_t n_records)
{
    rb_state from = before->row.state;
    if (row->version != before->row.version + 1)
        sim_check_fail("R1: %s goes from version %llu to %llu", row->id, (unsigned long long)before->row.version,
                       (unsigned long long)row->version);
    if (from == row->state)
        return;
    if (n_records == 0)
        sim_check_fail("A1: %s goes from %s to %s without a record", row->id, rb_state_name(from),
                       rb_state_name(row->state));
    if (rb_state_is_final(from) && !is_watched(from))
        sim_check_fail("R4: %s leaves its final state %s", row->id, rb_state_name(from));
    if (row->state == RB_STATE_INTENT && from == RB_STATE_SENDING) {
        rb_attempt_outcome last = row->attempts[row->n_attempts - 1].outcome;
        if (last == RB_ATTEMPT_OPEN || last == RB_ATTEMPT_UNCLEAR || last == RB_ATTEMPT_ACCEPTED)
            sim_check_fail("R2: %s goes back to be sent again after an attempt that may have acted", row->id);
    }
}

static void remember_envelope(const char *id)
{
    check.envelopes = grown(check.envelopes, check.n_envelopes, sizeof *check.envelopes);
    envelope *last = &check.envelopes[check.n_envelopes++];
    *last = (envelope){.id = ""};
    snprintf(last->id, sizeof last->id, "%s", id);
}

void sim_check_committed(const rb_change *change)
{
    if (change->delivery_op == RB_DELIVERY_OP_RECEIVE)
        remember_envelope(change->delivery->envelope_id);
    if (!change->request)
        return;
    const rb_request *row = change->request;
    known *found = find(row->id);
    if (!found) {
        check.requests = grown(check.requests, check.n_requests, sizeof(known *));
        found = check.requests[check.n_requests++] = sb_alloc(sizeof *found);
        *found = (known){.row = {.state = RB_STATE_DRAFT}};
        check.counts.requests++;
    } else {
        check_step(found, row, change->n_records);
    }
    sim_happened("commit %s", row->id);
    rb_state from = found->row.state;
    timely_committed(number_of(found), row, from);
    heard_committed(&found->row, row);
    check_hands(&found->row, row);
    if (from != row->state) {
        if (!sim_is_way(from, row->state))
            sim_check_fail("R4: %s goes from %s to %s, which the core's walk never found", row->id, rb_state_name(from),
                           rb_state_name(row->state));
        check.counts.transitions[from][row->state]++;
        if (row->state == RB_STATE_SENDING)
            check_approved(row);
        if (row->state == RB_STATE_DONE)
            check_done(row);
        sim_say("%s: %s -> %s %s", row->id, rb_state_name(from), rb_state_name(row->state), row->detail);
    }
    found->row = *row;
}

/* A commit may have reached the disk without anybody learning it: what the disk holds counts. */
void sim_check_restarted(void)
{
    if (sim_bot_starts() <= 1)
        return;
    for (size_t i = 0; i < check.n_requests; i++) {
        rb_query query = {.kind = RB_QUERY_REQUEST, .id = check.requests[i]->row.id};
        sim_query(&query);
        if (query.n_requests == 1 && query.requests[0].version < check.requests[i]->row.version)
            sim_check_fail("R1: %s was committed as version %llu and is %llu again", check.requests[i]->row.id,
                           (unsigned long long)check.requests[i]->row.version,
                           (unsigned long long)query.requests[0].version);
        if (query.n_requests == 1) {
            if (query.requests[0].version > check.requests[i]->row.version) /* it died before it could tell */
                timely_committed(i, &query.requests[0], check.requests[i]->row.state);
            timely_committed(i, &query.requests[0], check.requests[i]->row.state);
            heard_committed(&check.requests[i]->row, &query.requests[0]);
            check.requests[i]->row = query.requests[0];
        } else if (check.requests[i]->row.version > 0)
            sim_check_fail("R1: %s was committed and is gone", check.requests[i]->row.id);
        rb_query_fini(&query);
    }
}

/* ---- the POST -------------------------------------------------------------------------------------------------------------------- */

void sim_check_post_leaves(const char *device, const char *client_request_id)
{
    known *found = by_attempt(client_request_id);
    check.counts.posts++;
    if (!found) {
        sim_check_fail("R2: a POST for %s leaves that no committed row names", device);
        return;
    }
    const rb_request *row = &found->row;
    found->posts++;
    if (row->state != RB_STATE_SENDING || strcmp(row->device.id, device) != 0)
        sim_check_fail("R2: %s sends while it is %s, for device %s", row->id, rb_state_name(row->state), device);
    if (row->n_attempts == 0 || row->attempts[row->n_attempts - 1].outcome != RB_ATTEMPT_OPEN ||
        strcmp(row->attempts[row->n_attempts - 1].client_request_id, client_request_id) != 0)
        sim_check_fail("R2: %s sends an attempt that is not its newest", row->id);
    for (uint32_t i = 0; i + 1 < row->n_attempts; i++) {
        rb_attempt_outcome outcome = row->attempts[i].outcome;
        if (outcome == RB_ATTEMPT_OPEN || outcome == RB_ATTEMPT_UNCLEAR || outcome == RB_ATTEMPT_ACCEPTED)
            sim_check_fail("R2: %s sends again after an attempt that may have acted", row->id);
    }
}

static void note_reset(json_object *fields)
{
    if (!sj_bool(fields, "acted"))
        return;
    check.counts.acted++;
    sim_happened("reset %s", sj_str(fields, "device"));
    known *found = by_attempt(sj_str(fields, "client_request_id"));
    if (!found)
        sim_check_fail("R2: Intune did a reset that no committed row names");
    else if (++found->acted > 1)
        sim_check_fail("R2: Intune did %s twice", found->row.id);
}

/* ---- acks ------------------------------------------------------------------------------------------------------------------------- */

/* Commands, buttons of ours and forms act; choices in a message do nothing by themselves. */
static bool acts(const char *envelope_id)
{
    json_object *payload = sj_get(sk_envelope_sent(envelope_id), "payload");
    const char *type = sj_str(payload, "type");
    if (!strcmp(type, "view_submission") || *sj_str(payload, "command"))
        return true;
    json_object *action = sj_at(sj_get(payload, "actions"), 0);
    rb_bound bound;
    return !strcmp(sj_str(action, "type"), "button") &&
           rb_bound_read(rb_str_of(sj_str(action, "value")), &bound) == RB_OK;
}

static void note_ack(json_object *fields)
{
    const char *id = sj_str(fields, "envelope_id");
    json_object *payload = sj_get(sk_envelope_sent(id), "payload");
    if (sj_get(fields, "payload"))
        heard_answer(*sj_str(payload, "command") ? sj_str(payload, "user_id") : sj_str(sj_get(payload, "user"), "id"));
    if (sj_get(fields, "payload") || !acts(id))
        return; /* it says why nothing was done */
    for (size_t i = 0; i < check.n_envelopes; i++)
        if (!strcmp(check.envelopes[i].id, id))
            return;
    if (!sk_envelope_sent(id))
        return;
    sim_check_fail("R1: envelope %s is acknowledged and was not saved", id);
}

/* Kinds of fault that show in what the sandbox is asked. */
static void tell_planners(const char *kind, json_object *fields)
{
    json_object *args = sj_get(fields, "args");
    const char *whom = *sj_str(args, "user") ? sj_str(args, "user") : sj_str(args, "usergroup");
    if (!strcmp(kind, "api") && !sj_bool(fields, "ok"))
        timely_trouble();
    if (!strcmp(kind, "fault") && !strncmp(sj_str(fields, "name"), "slack.", 6))
        timely_trouble();
    if (!strcmp(kind, "fault"))
        sim_happened("fault %s", sj_str(fields, "name"));
    else if (!strcmp(kind, "envelope"))
        sim_happened("envelope");
    else if (!strcmp(kind, "api"))
        sim_happened("api %s %s", sj_str(fields, "method"), *whom ? whom : sj_str(args, "channel"));
}

void sim_check_journal(const char *kind, json_object *fields)
{
    heard_journal(kind, fields);
    same_journal(kind, fields);
    tell_planners(kind, fields);
    if (!strcmp(kind, "graph.reset"))
        note_reset(fields);
    else if (!strcmp(kind, "ack") || !strcmp(kind, "ack_elsewhere"))
        note_ack(fields);
    else if (!strcmp(kind, "graph.forbidden"))
        sim_check_fail("S5: a call that is not on the list: %s", sj_str(fields, "action"));
    else if (!strcmp(kind, "envelope"))
        check.counts.envelopes++;
    else if (!strcmp(kind, "unacked"))
        check.counts.unacked++;
    else if (!strcmp(kind, "undeliverable"))
        check.counts.undeliverable++;
    else if (!strcmp(kind, "fault"))
        check.counts.faults++;
    else if (!strcmp(kind, "disconnect"))
        check.counts.refreshes++;
    else if (!strcmp(kind, "ack_invalid"))
        sim_check_fail("U1: Slack does not obey an ack: %s", sj_dump(fields));
    if (sim_is_verbose() && (strstr(kind, "graph.") || !strcmp(kind, "response_url") || !strcmp(kind, "api") ||
                             !strcmp(kind, "act_done") || !strcmp(kind, "unacked") || !strcmp(kind, "fault")))
        sim_say("journal: %s %.160s", kind, sj_dump(fields));
}

void sim_check_begin(void)
{
    memset(&check, 0, sizeof check);
    timely_begin();
}

/* ---- at rest ------------------------------------------------------------------------------------------------------------------------ */

static bool is_marked(const sk_message *message, const char *request, int64_t seq)
{
    json_object *payload = sj_path(message->json, "metadata.event_payload");
    return !message->is_deleted && !message->only_for && !strcmp(sj_str(payload, "request"), request) &&
           sj_int(payload, "seq", -1) == seq;
}

static const sk_message *only_post(const char *request, int64_t seq)
{
    const sk_message *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sk_message_count(); i++) {
        const sk_message *message = sk_message_at(i);
        if (!is_marked(message, request, seq))
            continue;
        found = message;
        count++;
    }
    if (count != 1)
        sim_check_fail("U1: %s has %zu posts with number %lld", request, count, (long long)seq);
    return found;
}

static bool has_button(json_object *blocks)
{
    return blocks && strstr(sj_dump(blocks), "\"button\"");
}

static void check_lines(const rb_request *row)
{
    for (uint32_t seq = 1; seq <= row->n_lines; seq++)
        (void)only_post(row->id, seq);
}

static void check_card(const rb_request *row)
{
    const sk_message *card = only_post(row->id, 0);
    if (!card)
        return;
    const char *text = sj_str(card->json, "text");
    if (strcmp(card->ts, row->card_ts) != 0)
        sim_check_fail("U1: %s knows another card than the one in the channel", row->id);
    if (has_button(sj_get(card->json, "blocks")))
        sim_check_fail("R5: the card of %s has buttons after its end", row->id);
    if (!strstr(text, timely_word_of(row->state)))
        sim_check_fail("R5: the card of %s (%s) says: %s", row->id, rb_state_name(row->state), text);
    if (row->state != RB_STATE_DONE && strstr(text, "done: Intune reports"))
        sim_check_fail("R3: the card of %s (%s) says it is done", row->id, rb_state_name(row->state));
}

static void check_left_over(void)
{
    rb_query received = {.kind = RB_QUERY_RECEIVED};
    rb_query outbox = {.kind = RB_QUERY_OUTBOX};
    sim_query(&received);
    sim_query(&outbox);
    if (received.n_deliveries)
        sim_check_fail("R1: %zu deliveries were never worked on", received.n_deliveries);
    if (outbox.n_outs)
        sim_check_fail("R5: %zu rows are left in the outbox; the first is of kind %d, for %s", outbox.n_outs,
                       (int)outbox.outs[0]->kind, outbox.outs[0]->request);
    rb_query_fini(&received);
    rb_query_fini(&outbox);
}

/* S6: a code is nowhere but in Intune and in the form that showed it. */
static void check_codes(void)
{
    const graph_tenant_state *tenant = graph_tenant();
    for (size_t i = 0; i < tenant->device_count; i++) {
        for (size_t k = 0; k < tenant->devices[i]->action_count; k++) {
            const char *code = tenant->devices[i]->actions[k].passcode;
            if (!code || strlen(code) < 6)
                continue;
            if (disk_holds(code, strlen(code)))
                sim_check_fail("S6: a code is on the disk");
            for (size_t n = 0; n < sk_message_count(); n++)
                if (strstr(sj_dump(sk_message_at(n)->json), code))
                    sim_check_fail("S6: a code is in a message");
        }
    }
}

void sim_check_settled(void)
{
    for (size_t i = 0; i < check.n_requests; i++) {
        const rb_request *row = &check.requests[i]->row;
        bool is_due =
            rb_state_is_final(row->state) && rb_instant_age_ms(&row->ended, sim_bot_now(), sim_boot()) >= R5_MS;
        if (is_due && row->card_ts[0])
            check_card(row);
    }
}

void sim_check_end(void)
{
    for (size_t i = 0; i < check.n_requests; i++) {
        const rb_request *row = &check.requests[i]->row;
        bool was_sent = row->card_ts[0] || row->n_lines > 0;
        check.counts.ended[row->state]++;
        if (!rb_state_is_final(row->state))
            sim_check_fail("R4: %s is %s at the end", row->id, rb_state_name(row->state));
        if (was_sent) {
            check_card(row);
            check_lines(row);
        }
        if (check.requests[i]->acted && (row->state == RB_STATE_LAPSED || row->state == RB_STATE_STALE))
            sim_check_fail("R3: %s is %s, and Intune did it", row->id, rb_state_name(row->state));
    }
    check_left_over();
    heard_check();
    check_codes();
    uint64_t first_bad_seq = sim_first_bad_record();
    if (first_bad_seq)
        sim_check_fail("A2: the record is broken from entry %llu on", (unsigned long long)first_bad_seq);
}
