/* What the walk saw, one row for each (state, event, its words, what is recorded, answer, state after). */
#include <stdlib.h>
#include <string.h>

#include "walk/facts.h"
#include "walk/walk.h"

static bool is_past(const rb_request *request, const rb_event *event, walk_moment_id id)
{
    walk_moment moments[WALK_MOMENTS_MAX];
    size_t n = walk_moments(request, event->boot, moments);

    for (size_t i = 0; i < n; i++)
        if (moments[i].id == id && walk_until(&moments[i], event->now) <= 0)
            return true;
    return false;
}

static bool is_window_over(const rb_request *request, const rb_event *event)
{
    bool is_before_post = request->state == RB_STATE_APPROVED || request->state == RB_STATE_INTENT;
    return is_before_post && (request->deadline.boot != event->boot || event->now.boot_ms >= request->deadline.boot_ms);
}

static bool has_approved(const rb_request *request, const rb_actor *actor)
{
    for (uint32_t i = 0; i < request->n_approvals; i++)
        if (rb_str_equal_nocase(rb_str_of(request->approvals[i].entra), rb_str_of(actor->entra)))
            return true;
    return false;
}

static bool is_not_askable(const rb_request *request)
{
    return !request->device.id[0] || !request->requester.entra[0] || request->support.verdict == RB_SUPPORT_NO ||
           rb_device_is_owned_by(&request->device, request->requester.entra);
}

/* An entry without a date is known by nothing, so that another may take its place. */
static bool is_ours_gone(const rb_request *request, const rb_action_results *results)
{
    int64_t started = 0;

    if (rb_time_parse_iso(rb_str_of(request->ours.started), &started) != RB_OK || rb_time_is_sentinel(started))
        return false;
    for (uint32_t i = 0; i < results->n; i++)
        if (strcmp(results->items[i].started, request->ours.started) == 0)
            return false;
    return true;
}

uint32_t walk_facts(const rb_request *request, const rb_event *event)
{
    const bool facts[WALK_FACTS] = {
        [FACT_DEADLINE] = is_past(request, event, MOMENT_DEADLINE),
        [FACT_HALF] = request->is_reminded || is_past(request, event, MOMENT_HALF),
        [FACT_WINDOW] = event->kind != RB_EV_GO && is_window_over(request, event),
        [FACT_GO_LATE] =
            event->kind == RB_EV_GO && (is_window_over(request, event) || is_past(request, event, MOMENT_WINDOW)),
        [FACT_NO_TRACE] = is_past(request, event, MOMENT_NO_TRACE),
        [FACT_DAY] = !is_past(request, event, MOMENT_WEEK) &&
                     (request->is_told_still_queued || is_past(request, event, MOMENT_DAY)),
        [FACT_WEEK] = is_past(request, event, MOMENT_WEEK),
        [FACT_UNOPENED] = is_past(request, event, MOMENT_UNOPENED),
        [FACT_SHOWING] = is_past(request, event, MOMENT_SHOWING) || is_past(request, event, MOMENT_WATCH),
        [FACT_APPROVED_BEFORE] = event->actor && has_approved(request, event->actor),
        [FACT_LAST_APPROVAL] = request->n_approvals + 1 >= request->approvals_needed,
        [FACT_LAST_ATTEMPT] = request->n_attempts >= RB_POST_ATTEMPTS_MAX,
        [FACT_POSTING] = request->n_attempts && request->attempts[request->n_attempts - 1].outcome == RB_ATTEMPT_OPEN,
        [FACT_CODE] = request->has_code,
        [FACT_NOT_ASKABLE] = is_not_askable(request),
        [FACT_PHONE] = request->state == RB_STATE_DRAFT && request->support.scope == RB_SCOPE_DEVICE,
        [FACT_HAS_IT] = event->kind != RB_EV_SEND && event->actor &&
                        rb_str_equal_nocase(rb_str_of(event->actor->entra), rb_str_of(request->requester.entra)),
        [FACT_HAD_IT] = event->actor && rb_request_had_it(request, &event->actor->person, event->actor->entra),
        [FACT_OURS_GONE] = event->kind == RB_EV_RESULTS && is_ours_gone(request, event->results),
    };
    uint32_t bits = 0;

    for (uint32_t i = 0; i < WALK_FACTS; i++)
        bits |= facts[i] ? 1u << i : 0u;
    return bits;
}

static rb_note recorded(const rb_effects *effects)
{
    for (uint32_t i = 0; i < effects->n; i++)
        if (effects->items[i].kind == RB_FX_RECORD)
            return effects->items[i].note;
    return RB_NOTES;
}

static bool is_row(const walk_row *row, const walk_row *sought)
{
    return row->from == sought->from && row->to == sought->to && row->kind == sought->kind &&
           row->note == sought->note && row->result == sought->result && strcmp(row->words, sought->words) == 0;
}

static size_t hash_of(const walk_row *row)
{
    const unsigned numbers[] = {row->from, row->to, row->kind, row->note, row->result};
    size_t hash = 2166136261u;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        hash = (hash ^ numbers[i]) * 16777619u;
    for (const char *c = row->words; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return hash % WALK_ROWS_MAX;
}

static walk_row *row_of(walk_table *table, const walk_row *sought)
{
    size_t slot = hash_of(sought);

    for (; table->slots[slot]; slot = (slot + 1) % WALK_ROWS_MAX)
        if (is_row(&table->rows[table->slots[slot] - 1], sought))
            return &table->rows[table->slots[slot] - 1];
    if (table->n + 1 == WALK_ROWS_MAX)
        abort();
    table->rows[table->n] = *sought;
    table->slots[slot] = (uint16_t)++table->n;
    return &table->rows[table->n - 1];
}

void walk_table_add(walk_table *table, const walk_step *step)
{
    const rb_request *before = &step->before->request;
    walk_row sought = {.from = before->state,
                       .to = step->after->request.state,
                       .kind = step->event->kind,
                       .note = recorded(step->effects),
                       .result = step->result,
                       .words = walk_case_words(step->one),
                       .always = UINT32_MAX};
    walk_row *row = row_of(table, &sought);
    uint32_t facts = walk_facts(before, step->event);

    row->always &= facts;
    row->ever |= facts;
    row->n++;
}
